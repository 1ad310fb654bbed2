"""Background jobs: what a transaction leaves to be done later, exactly once in effect."""
