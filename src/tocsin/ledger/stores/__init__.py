"""Stores: where a ledger's tables lie. SQLite for one machine, PostgreSQL for a team; one small protocol."""

from tocsin.ledger.stores.places import Place, locate, open_store
from tocsin.ledger.stores.store import Flaw, Session, Store

__all__ = ["Flaw", "Place", "Session", "Store", "locate", "open_store"]
