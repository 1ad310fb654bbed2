"""Gamification: the ledger of events and what is derived from it."""
