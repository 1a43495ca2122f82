"""Taking over a migrations folder and a live database as they are; reads only."""

from fleetify.database.migrations.adopt.history import Applied, History, read_applied
from fleetify.database.migrations.adopt.report import Adoption, adopt

__all__ = ["Adoption", "Applied", "History", "adopt", "read_applied"]
