"""Replay: any past crisis month by month from what was known then, and what people said beside it.

case, lines, country   what is replayed: a checked file, or a country and a span
tracks, sources        what could be known on a day, and what that knowledge is called
outlook, walk          one month, and all of them in order, resumable
record                 the replay ledger
findings, replay       lead times and scores, and the verb that makes it all
account, timeline,     the five pages: figure and tables
numbers, ground, people,
moved
folder                 what is written, and where
"""

from tocsin.replay.account import account
from tocsin.replay.case import Case, TurningPoint, check_compiled, load, read, shipped_cases
from tocsin.replay.country import case_of
from tocsin.replay.findings import Before, Verdict
from tocsin.replay.folder import check_folder, produce, write
from tocsin.replay.outlook import Outlook, Settings, look
from tocsin.replay.replay import Replay, replay
from tocsin.replay.screen import screen
from tocsin.replay.sources import DATA, Sources, newest, readings, source_panel, sources
from tocsin.replay.tracks import Label, Track, lagged, vaulted, vintaged
from tocsin.replay.walk import Step, reveal, walk

__all__ = [
    "DATA",
    "Before",
    "Case",
    "Label",
    "Outlook",
    "Replay",
    "Settings",
    "Sources",
    "Step",
    "Track",
    "TurningPoint",
    "Verdict",
    "account",
    "case_of",
    "check_compiled",
    "check_folder",
    "lagged",
    "load",
    "look",
    "newest",
    "produce",
    "read",
    "readings",
    "replay",
    "reveal",
    "screen",
    "shipped_cases",
    "source_panel",
    "sources",
    "vaulted",
    "vintaged",
    "walk",
    "write",
]
