"""Maps: values by country, province or grid cell, drawn from boundaries that ship with the package."""

from tocsin.maps.crossings import spillover_cells_map, spillover_map
from tocsin.maps.frame import Frame, country_frame, region_frame
from tocsin.maps.legend import CHANCES, Class, Legend, Scale, States, chances, scale
from tocsin.maps.map import Level, Map, draw, known_level
from tocsin.maps.views import control_class, control_legend, control_map, places_map, risk_map

__all__ = [
    "CHANCES",
    "Class",
    "Frame",
    "Legend",
    "Level",
    "Map",
    "Scale",
    "States",
    "chances",
    "control_class",
    "control_legend",
    "control_map",
    "country_frame",
    "draw",
    "known_level",
    "places_map",
    "region_frame",
    "risk_map",
    "scale",
    "spillover_cells_map",
    "spillover_map",
]
