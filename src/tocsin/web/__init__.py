"""The pages and the programs' door: one FastAPI application over the desk.

app         the application and its settings
rendering   templates, languages, theme
charts      figures of Plotly
assets      styles, scripts and the chart library
security    headers, and who may do what
refusal     a request that is not answered
pages       one module a page
api         the programs' door
pictures    the pages as pictures, for the documentation
"""

from tocsin.web.app import Settings, create_app

__all__ = ["Settings", "create_app"]
