"""Drills: something is taken away from a server under load, and nothing that was promised may be lost by it."""
