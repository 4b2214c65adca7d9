"""The guard: who may write, how often, and a line for each write.

tokens   named secrets with a role, kept as digests, and the sessions begun with them
limits   how often one client may ask
audit    one line for each write, also for those that were refused
"""

from tocsin.guard.audit import Audit
from tocsin.guard.limits import Limit
from tocsin.guard.tokens import ROLES, Identity, Role, Session, Tokens

__all__ = ["ROLES", "Audit", "Identity", "Limit", "Role", "Session", "Tokens"]
