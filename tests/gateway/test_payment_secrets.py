"""Credentials and signing secrets are in the store of secrets and nowhere else: no table, no log, no answer."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import structlog
from sqlalchemy import Connection, create_engine, text
from structlog.testing import capture_logs

from bizosaas_app.gateway.contracts.payments import NewCredentials
from tests.support.engines import TestEngines
from tests.support.payments import CREDENTIALS, ROTATED, WRONG, Till, open_till
from tests.support.world import World


@pytest.fixture(params=["stripe", "paypal", "razorpay"])
async def till(world: World, request: pytest.FixtureRequest) -> AsyncIterator[Till]:
    async with open_till(world, request.param) as made:
        yield made


@pytest.fixture
def written(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[[], str]]:
    """What was logged or printed; our own lines wherever an earlier test sends them, and before they are redacted."""
    caplog.set_level(logging.DEBUG)
    with capture_logs(processors=[structlog.processors.format_exc_info]) as events:
        yield lambda: caplog.text + "".join(capfd.readouterr()) + repr(events)


async def test_no_secret_is_found_outside_of_the_store(
    till: Till,
    engines: TestEngines,
    database_name: str,
    written: Callable[[], str],
) -> None:
    answers: list[str] = []
    till.client.event_hooks["response"].append(_reading(answers))
    account = await till.tried_out()
    await till.done("POST", f"/{account}/activate")
    await till.call("PUT", f"/{account}/credentials", {"fields": WRONG[till.provider][0]})
    await till.call("PUT", f"/{account}/credentials", {"fields": {"nothing": "sk_live_" + "q" * 30}})
    await till.done("PUT", f"/{account}/credentials", {"fields": ROTATED[till.provider]})
    till.part.till.failures = [500, 500]
    await till.call("POST", f"/{account}/checks/payment")
    await till.run_jobs()
    structlog.get_logger("test").info("the end of the story")

    given = [CREDENTIALS[till.provider], WRONG[till.provider][0], ROTATED[till.provider]]
    words = {value for fields in given for value in fields.values()} | {"sk_live_" + "q" * 30}
    store = till.world.resources.secrets
    kept = [json.loads(await store.get(name) or "{}") for name in await store.names() if name.startswith("payments/")]
    webhook = [document["secret"] for document in kept if document.get("secret")]
    assert len(webhook) == (0 if till.provider == "paypal" else 1)

    rows = _dump(engines, database_name)
    logs = written()
    assert "the end of the story" in logs
    assert not [word for word in (*words, *webhook) if word in rows]
    assert not [word for word in (*words, *webhook) if word in logs]
    assert not [word for word in words if word in "".join(answers)]
    shown = [answer for answer in answers if any(secret in answer for secret in webhook)]
    # Razorpay's dashboard needs it: it is shown to whoever sets it up, by the one call that says so.
    assert [sorted(json.loads(answer)) for answer in shown] == (
        [["secret", "url"]] if till.provider == "razorpay" else []
    )


def test_credentials_are_not_written_out_by_a_command() -> None:
    command = NewCredentials.model_validate({"fields": {"secret_key": "sk_test_hidden"}})
    assert "sk_test_hidden" not in repr(command) + str(command.model_dump()) + command.model_dump_json()


def _reading(answers: list[str]):  # type: ignore[no-untyped-def]  # httpx's hook
    async def read(response):  # type: ignore[no-untyped-def]
        answers.append((await response.aread()).decode(errors="replace"))

    return read


def _dump(engines: TestEngines, database_name: str) -> str:
    """Give every row of every table as text, whatever the schema."""
    engine = create_engine(engines.admin_url(database_name).replace("postgresql://", "postgresql+psycopg://"))
    try:
        with engine.connect() as connection:
            tables = connection.execute(
                text(
                    "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c JOIN pg_namespace n"
                    " ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')"
                    " AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
                )
            ).scalars()
            found = [_rows(connection, name) for name in list(tables)]
    finally:
        engine.dispose()
    assert any("payments.activated" in part for part in found)
    return " ".join(found)


def _rows(connection: Connection, table: str) -> str:
    # The owner sees no row of a tenant's either, unless the force is taken away.
    connection.execute(text(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY"))
    query = f"SELECT coalesce(string_agg(t::text, ' '), '') FROM {table} t"  # noqa: S608  # a name of the catalogue
    return str(connection.execute(text(query)).scalar_one())
