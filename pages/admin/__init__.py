"""Pages of a tenant's administrators."""
