"""Wagtail behind the gateway: its API, its pages and its redirects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from bizosaas_app.gateway import systems
from bizosaas_app.gateway.contracts.systems import ListPages
from tests.support.servers import free_port
from tests.support.upstreams import ADMIN, Front, gateway
from tests.support.world import World
from tests.upstreams.environments import program

SETTINGS = """
from .dev import *
INSTALLED_APPS += ["wagtail.api.v2", "rest_framework"]
ROOT_URLCONF = "mysite.with_api"
ALLOWED_HOSTS = ["127.0.0.1"]
"""
URLS = """
from django.urls import path
from wagtail.api.v2.router import WagtailAPIRouter
from wagtail.api.v2.views import PagesAPIViewSet
from .urls import urlpatterns as site
api = WagtailAPIRouter("wagtailapi")
api.register_endpoint("pages", PagesAPIViewSet)
urlpatterns = [path("api/v2/", api.urls), *site]
"""
PAGES = """
from home.models import HomePage
home = HomePage.objects.first()
for number in range(1, 6):
    home.add_child(instance=HomePage(title=f"Page {number}", slug=f"page-{number}"))
"""


@pytest.fixture(scope="module")
def cms_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, folder = free_port(), tmp_path_factory.mktemp("cms")
    cms = program("cms", folder, DJANGO_SETTINGS_MODULE="mysite.settings.with_api")
    cms.run("wagtail", "start", "mysite", ".")
    (folder / "mysite" / "settings" / "with_api.py").write_text(SETTINGS)
    (folder / "mysite" / "with_api.py").write_text(URLS)
    cms.run("python", "manage.py", "migrate", "--verbosity", "0")
    cms.run("python", "manage.py", "shell", "-c", PAGES)
    command = ("python", "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}")
    with cms.serving(*command, url=f"http://127.0.0.1:{port}/api/v2/pages/"):
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
async def front(world: World, cms_url: str) -> AsyncIterator[Front]:
    async with gateway(world, cms_url=f"{cms_url}/") as value:
        yield value


async def test_the_api_answers_as_it_does_without_us(front: Front, cms_url: str) -> None:
    path = "/api/v2/pages/?type=home.HomePage&fields=title,slug&order=title&limit=3"
    given = await front.get(f"/cms{path}")
    direct = httpx.get(f"{cms_url}{path}", trust_env=False, timeout=60)
    assert (given.status_code, given.json()) == (200, direct.json())
    assert [item["title"] for item in given.json()["items"]] == ["Home", "Page 1", "Page 2"]
    one = given.json()["items"][1]["id"]
    assert (await front.get(f"/cms/api/v2/pages/{one}/")).json()["title"] == "Page 1"


async def test_its_refusals_are_its_own(front: Front) -> None:
    unknown = await front.get("/cms/api/v2/pages/999/")
    assert (unknown.status_code, unknown.json()) == (404, {"message": "No Page matches the given query."})
    assert (await front.get("/cms/api/v2/pages/?nonsense=1")).status_code == 400
    assert (await front.client.post("/cms/api/v2/pages/", json={})).status_code in (403, 405)


async def test_its_pages_are_downloads_in_a_sandbox(front: Front) -> None:
    given = await front.get("/cms/page-1/")
    assert (given.status_code, b"Page 1" in given.content) == (200, True)
    assert given.headers["content-disposition"] == "attachment"
    assert "sandbox; default-src 'none'" in given.headers["content-security-policy"]
    style = await front.get("/cms/static/css/mysite.css")
    assert (style.status_code, style.headers["content-type"]) == (200, "application/octet-stream")


async def test_its_redirects_stay_under_our_prefix_and_its_cookies_with_it(front: Front) -> None:
    given = await front.get("/cms/admin/")
    assert (given.status_code, given.headers["location"]) == (302, "/api/v1/cms/admin/login/?next=/admin/")
    form = await front.get("/cms/admin/login/")
    assert form.status_code == 200
    assert "set-cookie" not in form.headers
    moved = await front.get("/cms/page-1")
    assert (moved.status_code, moved.headers["location"]) == (301, "/api/v1/cms/page-1/")


async def test_the_platform_reads_its_pages_part_by_part(front: Front, cms_url: str) -> None:
    actor = await front.world.actor(ADMIN)
    found, cursor = [], None
    for _ in range(3):
        part = await systems.list_pages(actor, ListPages(limit=2, cursor=cursor))
        assert part.total == 6
        found += part.items
        cursor = part.next_cursor
    assert cursor is None
    assert [page.title for page in found[1:]] == [f"Page {number}" for number in range(1, 6)]
    assert {page.kind for page in found} == {"home.HomePage"}
    assert found[1].slug == "page-1"
