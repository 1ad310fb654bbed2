"""Achievements: triggers over the ledger, counted as events come, and what is unlocked, shown and next."""
