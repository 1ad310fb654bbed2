"""Exports: everything about a person, or of a tenant, as files that can be taken elsewhere."""
