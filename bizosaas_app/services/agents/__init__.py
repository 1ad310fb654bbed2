"""Agents: their runs as rows, what they may use, and what they propose. What an agent does is a higher floor's."""
