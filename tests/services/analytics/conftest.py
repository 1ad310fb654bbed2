"""Fixtures of the analytics' tests."""

from tests.support.boards import arena

__all__ = ["arena"]
