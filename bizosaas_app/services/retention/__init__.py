"""Retention: how long what is kept about people and their work, and what happens to it then."""
