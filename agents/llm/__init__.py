"""The models: the embedded engine, the providers behind CrewAI, and what meters them.

`switches`, `models`, `policy`, `breaker`, `patience` and `failures` know no CrewAI; the other modules import it, and
are imported through `switches.load` only, at the first run.
"""
