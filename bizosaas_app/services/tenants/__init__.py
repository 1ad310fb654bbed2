"""Tenants: the organisations that share the platform."""
