"""The pages, one module each: a router that asks the desk and renders a template."""
