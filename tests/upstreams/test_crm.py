"""BottleCRM behind the gateway: each tenant of ours is an organisation of its own there, by a token of its own."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy.engine import make_url

from bizosaas_app.gateway import systems
from bizosaas_app.gateway.contracts.systems import ListContacts, ListDeals
from bizosaas_app.kernel.embedded import postgres
from bizosaas_app.kernel.errors import AppError
from tests.support.engines import TestEngines
from tests.support.servers import free_port
from tests.support.upstreams import ADMIN, Front, gateway
from tests.support.world import World
from tests.upstreams.environments import FOLDER, Program, program

pytestmark = pytest.mark.skipif(
    "EVERY_UPSTREAM" not in os.environ, reason="the CRM's migrations take minutes: make test-upstreams runs it"
)

DUMP = FOLDER / "crm-1.35.0.dump"
"""Its migrations take minutes; what they and the seed have made is kept beside the environment."""
PEOPLE = """
from common.models import Profile
admins = Profile.objects.filter(is_active=True, role="ADMIN").order_by("org__created_at")
for profile in admins.select_related("user", "org"):
    print("FOUND", profile.user.email, profile.org.id)
"""


@dataclass(frozen=True)
class Crm:
    """The running CRM: its address, and a token for each of its organisations."""

    url: str
    tokens: list[str]


@pytest.fixture(scope="module")
def crm(engines: TestEngines, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crm]:
    name, port = f"crm_{uuid.uuid4().hex[:12]}", free_port()
    engines.create_database(name)
    owner = make_url(engines.admin_url(name))
    value = program(
        "crm",
        tmp_path_factory.mktemp("crm"),
        DJANGO_SETTINGS_MODULE="crm.settings",
        DBNAME=name,
        DBUSER=owner.username or "",
        DBPASSWORD=owner.password or "",
        DBHOST=str(owner.query.get("host") or owner.host),
        DBPORT=str(owner.query.get("port") or owner.port or 5432),
        SECRET_KEY=secrets.token_urlsafe(48),
        ENV_TYPE="dev",
        DEBUG="true",
        CELERY_BROKER_URL="memory://",
    )
    try:
        fill(value, engines.superuser_url(name))
        found = re.findall(r"FOUND (\S+) (\S+)", value.run("python", "-m", "django", "shell", "-c", PEOPLE))
        by_org = {org: email for email, org in reversed(found)}
        printed = [
            value.run("python", "-m", "django", "devlogin", email, "--org", org) for org, email in by_org.items()
        ]
        tokens = [match[1] for text in printed if (match := re.search(r"access_token:\s+(\S+)", text))]
        with value.serving("gunicorn", "-b", f"127.0.0.1:{port}", "crm.wsgi", url=f"http://127.0.0.1:{port}/healthz/"):
            yield Crm(f"http://127.0.0.1:{port}", tokens)
    finally:
        engines.drop_database(name)


def fill(crm: Program, superuser_url: str) -> None:
    """Load what an earlier run has kept, or migrate and seed and keep that. It goes by its own rights, not ours."""
    if DUMP.exists():
        tool("pg_restore", superuser_url, "--no-privileges", str(DUMP))
        return
    crm.run("python", "-m", "django", "migrate", "--verbosity", "0", timeout_seconds=900)
    crm.run("python", "-m", "django", "seed_data", "--orgs", "2", "--no-input", timeout_seconds=300)
    draft = DUMP.with_suffix(f".{os.getpid()}")
    tool("pg_dump", superuser_url, "--format=custom", f"--file={draft}")
    draft.rename(DUMP)


def tool(name: str, superuser_url: str, *options: str) -> None:
    url = make_url(superuser_url)
    where = [f"--host={url.query['host']}", f"--port={url.query.get('port', '5432')}"]
    done = subprocess.run(
        [str(postgres.program(name)), *where, f"--username={url.username}", f"--dbname={url.database}", *options],
        env={**os.environ, "PGPASSWORD": url.password or ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture
async def front(world: World, crm: Crm) -> AsyncIterator[Front]:
    for slug, token in zip(("acme-corp", "globex"), crm.tokens, strict=True):
        await world.resources.secrets.put(f"crm/{world.tenants[slug]}/token", token)
    async with gateway(world, crm_url=f"{crm.url}/api") as value:
        yield value


async def test_each_tenant_sees_its_own_organisation(front: Front, crm: Crm) -> None:
    globex = await front.world.sign_in("admin@globex.example")
    mine = await front.get("/crm/leads/")
    theirs = await front.get("/crm/leads/", headers={**globex.headers, "org": "anything"})
    assert (mine.status_code, theirs.status_code) == (200, 200)
    direct = httpx.get(
        f"{crm.url}/api/leads/", headers={"Authorization": f"Bearer {crm.tokens[0]}"}, trust_env=False, timeout=30
    )
    assert mine.json() == direct.json()
    assert leads(mine)
    assert leads(theirs)
    assert not leads(mine) & leads(theirs)


def leads(answer: httpx.Response) -> set[str]:
    return {item["id"] for item in answer.json()["open_leads"]["open_leads"]}


async def test_a_tenant_without_a_token_is_no_guest_of_the_others(front: Front) -> None:
    acme = front.world.tenants["acme-corp"]
    await front.world.resources.secrets.put(f"crm/{acme}/token", "no-such-token")
    given = await front.get("/crm/leads/")
    assert given.status_code == 403  # its word for credentials that it does not know
    assert "open_leads" not in given.json()


async def test_a_lead_is_made_and_read(front: Front) -> None:
    lead = {"first_name": "Ada", "last_name": "Byron", "title": "Engine", "email": "ada@byron.example"}
    made = await front.client.post("/crm/leads/", json=lead)
    assert made.status_code in (200, 201), made.text
    found = await front.get("/crm/leads/?search=Byron")
    assert "Byron" in found.text


async def test_the_platform_reads_each_tenants_contacts_and_deals_page_by_page(front: Front) -> None:
    acme = await front.world.actor(ADMIN)
    first = await systems.list_contacts(acme, ListContacts(limit=3))
    second = await systems.list_contacts(acme, ListContacts(limit=3, cursor=first.next_cursor))
    assert (len(first.items), first.next_cursor) == (3, "3")
    assert not {item.id for item in first.items} & {item.id for item in second.items}
    whole = await systems.list_contacts(acme, ListContacts(limit=100))
    one = whole.items[0]
    found = await systems.list_contacts(acme, ListContacts(search=one.email or ""))
    assert [item.email for item in found.items] == [one.email]

    deals = await systems.list_deals(acme, ListDeals(limit=100))
    still_open = await systems.list_deals(acme, ListDeals(limit=100, is_open=True))
    assert deals.total == len(deals.items) > 0
    assert {item.stage_kind for item in still_open.items} <= {"open"}
    assert any(item.amount for item in deals.items)

    globex = await front.world.actor("admin@globex.example")
    theirs = await systems.list_contacts(globex, ListContacts(limit=100))
    assert theirs.items
    assert not {item.id for item in whole.items} & {item.id for item in theirs.items}


async def test_a_token_that_it_does_not_know_is_told_as_ours(front: Front) -> None:
    acme = front.world.tenants["acme-corp"]
    await front.world.resources.secrets.put(f"crm/{acme}/token", "no-such-token")
    with pytest.raises(AppError) as caught:
        await systems.list_deals(await front.world.actor(ADMIN), ListDeals())
    assert caught.value.code == "upstream_refused_us"


async def test_a_large_document_passes_whole(front: Front, crm: Crm) -> None:
    async with gateway(front.world, crm_url=crm.url) as root:
        given = await root.get("/crm/schema/", headers={"Accept": "application/json"})
    assert given.status_code == 200
    assert len(given.content) > 500_000
