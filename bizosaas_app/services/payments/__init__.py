"""Accounts at payment providers: set up, tried out, activated; what signs us in is in the store of secrets."""
