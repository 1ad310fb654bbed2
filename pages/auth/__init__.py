"""Pages of a visitor who has not signed in."""
