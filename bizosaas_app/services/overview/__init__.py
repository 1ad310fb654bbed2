"""Figures of the home pages, each counted from the truth when asked."""
