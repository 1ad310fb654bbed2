"""Fixtures of the ledger's tests."""

from tests.support.awards import hall
from tests.support.boards import arena, running_relay

__all__ = ["arena", "hall", "running_relay"]
