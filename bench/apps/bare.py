"""Bare FastAPI: no authentication, no quota, no guard, no Reflex; the same read, and a greeting."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import UUID

from fastapi import FastAPI

from bench.apps import trivial
from bizosaas_app.kernel import resources
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.settings import get_settings

PATH: Final = "/tenant"
HELLO: Final = "/hello"


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with resources.start(get_settings()):
        yield


def tenant() -> FastAPI:
    """Give an application that reads one tenant's row (`BENCH_TENANT` says whose) and greets."""
    actor = Actor.system(UUID(os.environ["BENCH_TENANT"]))
    app = FastAPI(lifespan=_lifespan)
    _add_greeting(app)

    @app.get(PATH)
    async def read() -> trivial.TenantView:
        return await trivial.read(actor)

    return app


def hello() -> FastAPI:
    """Give an application that only greets."""
    app = FastAPI()
    _add_greeting(app)
    return app


def _add_greeting(app: FastAPI) -> None:
    @app.get(HELLO)
    async def greet() -> dict[str, str]:
        return {"hello": "world"}
