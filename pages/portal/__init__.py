"""Pages of the client portal."""
