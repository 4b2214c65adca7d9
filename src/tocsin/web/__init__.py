"""The pages and the programs' door: one FastAPI application over the desk.

app         the application and its settings
rendering   templates, languages, theme
security    headers, and who may do what
pages       one module a page
"""

from tocsin.web.app import Settings, create_app

__all__ = ["Settings", "create_app"]
