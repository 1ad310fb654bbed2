"""Fixtures of the ledger's tests."""

from tests.support.boards import arena, running_relay

__all__ = ["arena", "running_relay"]
