"""Sandboxes: small servers that answer as outside services document it, for tests and for trying things out.

Each says in every answer, by the header `X-Sandbox: bizosaas`, that it is one. A module (or package) here has a
function `build()` that gives its ASGI application; `python -m bizosaas_app.sandboxes <name> --port N` serves it.
"""
