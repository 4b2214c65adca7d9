"""Feeds: warnings as situation rooms receive them.

cap       CAP 1.2 XML, an info block for each language
atom      an Atom feed (RFC 4287)
places    GeoJSON (RFC 7946), one point a warning
table     CSV with a row of HXL tags
plain     JSON, and whose the data of messages are
folder    all of them in one folder
outbox    what is to be sent to whom, kept until it is sent
mail, hook, sending   SMTP, webhooks, and the round that sends what waits
"""

from tocsin.feeds.atom import atom
from tocsin.feeds.cap import cap
from tocsin.feeds.folder import NAMES, write_feeds
from tocsin.feeds.outbox import Delivery, Outbox
from tocsin.feeds.places import geojson
from tocsin.feeds.plain import attribution_of, plain, values
from tocsin.feeds.sending import (
    GIVE_UP_DAYS,
    Recipient,
    Sent,
    check,
    drop,
    recipient,
    send,
    server,
    withdraw,
)
from tocsin.feeds.table import COLUMNS, table

__all__ = [
    "COLUMNS",
    "GIVE_UP_DAYS",
    "NAMES",
    "Delivery",
    "Outbox",
    "Recipient",
    "Sent",
    "atom",
    "attribution_of",
    "cap",
    "check",
    "drop",
    "geojson",
    "plain",
    "recipient",
    "send",
    "server",
    "table",
    "values",
    "withdraw",
    "write_feeds",
]
