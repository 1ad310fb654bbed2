"""Every answer of a real server is one that its own OpenAPI document describes, and none is a 5xx."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from bizosaas_app.services.demo.cast import PASSWORD
from tests.support import schemathesis
from tests.support.servers import Server

MEMBER, ADMIN = "client@acme.demo", "admin@acme.demo"
EXAMPLES = 8
"""Beside the corner cases that are derived from the document; `python -m bench schema` makes many more."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    value = Server(tmp_path_factory.mktemp("schema") / "data", BIZOSAAS_RATE_LIMIT_PER_HOUR="10000000")
    value.start()
    # Made at its first request, which takes seconds; Schemathesis waits ten for it.
    httpx.get(f"{value.url}/api/openapi.json", timeout=120).raise_for_status()
    yield value
    value.stop()


@pytest.fixture(scope="module")
def tokens(server: Server) -> dict[str, str]:
    """Both before the first run: it tries so many sign-ins that the address must wait afterwards."""
    assert schemathesis.PROGRAM.exists(), "make schemathesis"
    return {email: schemathesis.sign_in(server.url, email, PASSWORD) for email in (MEMBER, ADMIN)}


@pytest.mark.timeout(1200)  # some 200 operations with a few dozen requests each
@pytest.mark.parametrize("email", [MEMBER, ADMIN])  # the administrator last, who might suspend the member
def test_no_request_is_answered_against_the_description(server: Server, tokens: dict[str, str], email: str) -> None:
    found = schemathesis.run(server.url, tokens[email], examples=EXAMPLES)
    assert found.is_clean, found.report[-20_000:]
    described = sum(len(item) for item in httpx.get(f"{server.url}/api/openapi.json").json()["paths"].values())
    assert found.operations == described - 3
    assert found.cases > 10 * found.operations
    me = httpx.get(f"{server.url}/api/v1/auth/me", headers={"Authorization": f"Bearer {tokens[email]}"})
    assert me.status_code == 200
