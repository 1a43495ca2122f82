"""The plugin's executable: ``python -m rehearsal.plugins.aws <engine address>``."""

from __future__ import annotations

import importlib.metadata

from rehearsal.plugins.aws.account import Account
from rehearsal.plugins.aws.catalog import FUNCTIONS, KINDS
from rehearsal.plugins.host import serve
from rehearsal.plugins.provider import StandIn

if __name__ == "__main__":
    serve(StandIn(KINDS, FUNCTIONS, Account), importlib.metadata.version("pulumi-aws"))
