"""Accounts: who may come in, with what, for how long."""
