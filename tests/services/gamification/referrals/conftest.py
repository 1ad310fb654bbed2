"""Fixtures of the tests of referrals."""

from tests.support.referrals import arena, shop

__all__ = ["arena", "shop"]
