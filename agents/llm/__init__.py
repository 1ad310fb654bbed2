"""The models: the embedded engine, the providers behind CrewAI, and what meters them.

`switches`, `models` and `patience` know no CrewAI; the other modules import it, and are imported by `agents.runtime`
at the first run only.
"""
