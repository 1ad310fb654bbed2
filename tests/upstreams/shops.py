"""The GraphQL shop as a program, and its token in a tenant's hands."""

from __future__ import annotations

import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.servers import free_port
from tests.support.world import World
from tests.upstreams.environments import program

TOKEN = secrets.token_urlsafe(16)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Have a shop serve; gives its process and its URL."""
    port, here = free_port(), str(Path(__file__).parent)
    shop = program("shop", folder, SHOP_TOKEN=TOKEN)
    command = ("uvicorn", "shop_schema:app", "--app-dir", here, "--host", "127.0.0.1", "--port", str(port))
    url = f"http://127.0.0.1:{port}"
    with shop.serving(*command, url=f"{url}/graphql/") as process:
        yield process, url


async def connect(world: World) -> None:
    """Give Acme the token with which the shop tells costs and takes changes."""
    await world.resources.secrets.put(f"ecommerce/{world.tenants['acme-corp']}/token", TOKEN)
