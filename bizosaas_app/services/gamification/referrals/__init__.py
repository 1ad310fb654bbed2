"""Referrals: programmes, codes, clicks, conversions, and the rewards that come of them."""
