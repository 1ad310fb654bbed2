"""A page is served at its own address, without a redirect to the folder that it is built into."""

from __future__ import annotations

import pytest

from bizosaas_app.gateway.http.page_addresses import PageAddresses
from tests.gateway.asgi import Recorder, ask, http_scope


@pytest.mark.parametrize(
    ("path", "method", "reached"),
    [
        ("/login", "GET", "/login/"),
        ("/login", "HEAD", "/login/"),
        ("/login", "POST", "/login"),
        ("/login/", "GET", "/login/"),
        ("/", "GET", "/"),
        ("/logins", "GET", "/logins"),
        ("/api/v1/agents", "GET", "/api/v1/agents"),
    ],
)
async def test_only_reading_a_page_leads_into_its_folder(path: str, method: str, reached: str) -> None:
    app = Recorder()
    await ask(PageAddresses(app, ["/", "/login", "/portal"]), http_scope(path, method=method))
    assert app.reached == [reached]
    assert app.scopes[0]["raw_path"] == reached.encode()
