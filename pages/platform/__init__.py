"""Pages of the platform's own administrators."""
