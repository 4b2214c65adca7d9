"""The desk: what a page or an answer shows, read from results on disk and kept in memory.

snapshot         one watch, read whole, replaced when its folder is
atlas            the world as paths of an SVG
situation        the ranking as table and map
area, fan        one country; its chart
memory           what is kept, until the files it was made from change
telling          why its forecast says what it says, in a process of its own
warnings         the warnings, and what a reader may do
ledger           entries found, proved and recorded
scores           how the method and the rules did, and hindsight
replay, then     a past crisis; one month of it as it stood
sources          what data are at hand
"""

from tocsin.desk.area import Area, Asked, area, delay
from tocsin.desk.atlas import Atlas, Place, atlas
from tocsin.desk.fan import Fan, fan
from tocsin.desk.situation import MEASURES, ORDERS, Situation, direction, situation
from tocsin.desk.snapshot import Desk, Line, Snapshot
from tocsin.desk.sources import Inventory, inventory
from tocsin.desk.telling import Teller

__all__ = [
    "MEASURES",
    "ORDERS",
    "Area",
    "Asked",
    "Atlas",
    "Desk",
    "Fan",
    "Inventory",
    "Line",
    "Place",
    "Situation",
    "Snapshot",
    "Teller",
    "area",
    "atlas",
    "delay",
    "direction",
    "fan",
    "inventory",
    "situation",
]
