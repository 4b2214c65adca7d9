"""The panel: deaths per area, month and kind, with what is covered kept apart from what is zero."""

from tocsin.panel.panel import Level, Panel

__all__ = ["Level", "Panel"]
