"""Departures: a tenant leaves the platform, and nothing of it stays."""
