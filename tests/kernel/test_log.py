"""Logs are blind to secrets: by the name of a field, and by what a credential looks like inside free text."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from uuid import UUID

import pytest

from bizosaas_app.kernel import token_prefixes
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.log import (
    LONGEST,
    RedactingFilter,
    _hide,
    carrying,
    configure_logging,
    get_logger,
    redact,
    redact_text,
)
from tests.support.logs import as_before

TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJtaWEifQ.c2lnbmF0dXJl"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"refused {TOKEN} twice", "refused [hidden] twice"),
        ("key bzk1_AAAAAAAAAAAAAAAA.BBBB used", "key [hidden] used"),
        ("/register?invite=bzt1_AAAAAAAAAAAAAAAA.BBBB", "/register?invite=[hidden]"),
        ("GET /_event?token=abc123&transport=websocket", "GET /_event?token=[hidden]&transport=websocket"),
        ("postgresql://app:hunter2@db/x", "postgresql://[hidden]@db/x"),
        ("postgresql://app:hun@ter2@db/x", "postgresql://[hidden]@db/x"),
        ("redis://:hunter2@cache:6379/0", "redis://[hidden]@cache:6379/0"),
        ("Cookie: bz_access=hunter2; theme=dark", "Cookie: [hidden]"),
        ("Authorization: Basic aHVudGVyMg==", "Authorization: [hidden]"),
        ("{'cookie': 'a=hunter2; b=c', 'n': 1}", "{'cookie': '[hidden]', 'n': 1}"),
        ("{'authorization': 'Bearer hunter2'}", "{'authorization': '[hidden]'}"),
        ("[(b'cookie', b'a=hunter2'), (b'host', b'x')]", "[(b'cookie', b'[hidden]'), (b'host', b'x')]"),
        ('{"new_password":"hunter2","name":"Mia"}', '{"new_password":"[hidden]","name":"Mia"}'),
        ("{'password': 'it\\'s hunter2', 'n': 1}", "{'password': '[hidden]', 'n': 1}"),
        ("connect host=db password=hunter2 user=app", "connect host=db password=[hidden] user=app"),
        ("No such key: sk_test_4eC39HqLyjWDarjtT1zdp7dc", "No such key: [hidden]"),
        ("signed by whsec_wRNftLajMZNeslQOP6vEPm4i", "signed by [hidden]"),
        ("X-API-Key: hunter2", "X-API-Key: [hidden]"),
    ],
)
def test_a_credential_inside_free_text_is_hidden_and_the_rest_kept(text: str, told: str) -> None:
    assert redact_text(text) == told


@pytest.mark.parametrize("prefix", token_prefixes.ALL)
def test_every_token_of_ours_is_hidden(prefix: str) -> None:
    assert redact_text(f"GET /approve/{prefix}AAAAAAAAAAAAAAAA.BBBB twice") == "GET /approve/[hidden] twice"


@pytest.mark.parametrize(
    "text",
    [
        "the password is too short",
        "http://localhost:3000/login?next=/portal",
        "token_type: bearer",
        "secrets are in the file",
        "mail to mia@acme.example at 10:15",
        "https://app.example.com/a:b/c@d",
    ],
)
def test_plain_words_stay_as_they_are(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{'password': 'hunter2", "{'password': '[hidden]'"),
        ('{"password":"hunter2 \\', '{"password":"[hidden]"'),
        ("{'cookie': 'a=1\\", "{'cookie': '[hidden]'"),
        (f"refused {TOKEN.rpartition('.')[0]}", "refused [hidden]"),
        (f"refused {TOKEN.partition('.')[0]}", "refused [hidden]"),
    ],
)
def test_a_credential_of_which_the_end_is_missing_is_hidden(text: str, told: str) -> None:
    assert redact_text(text) == told


_HOSTILE = [
    "password='" + "\\a" * 30,
    "password='" + "\\a" * 30 + "\n",
    "password='" + "\\" * 1_000_001,
    "password='" + "\\a" * 500_000,
    "password=\"'" * 100_000,
    "password='\\'" * 80_000,
    "password='\npassword=\"\n" * 40_000,
    "password" + " " * 1_000_000,
    "password " * 110_000,
    "password=" * 110_000,
    "password=b" * 100_000,
    "cookie: " * 120_000,
    "cookie: '" * 120_000,
    "eyJa" * 250_000,
    "eyJaaaaaaaa." * 80_000,
    "eyJaaaaaaaa.." * 80_000,
    "eyJaaaaaaaa.eyJaaaaaaaa." + "eyJa" * 250_000,
    "://" * 300_000,
    "://a:" * 200_000,
    "://" + "a:" * 500_000,
    "://" + "a" * 1_000_000,
    "token=" * 160_000 + " ",
    "bzk1_" * 200_000,
    "sk_test_" * 120_000,
    "bz_access=" * 100_000,
    " " * 1_000_000,
    "\n" * 1_000_000,
]
"""Texts for which a careless pattern reads the same again and again: a megabyte would take it minutes or for ever."""


@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", range(len(_HOSTILE)))
def test_a_text_made_to_be_read_again_and_again_is_read_once(number: int) -> None:
    # Not by `redact_text`, which looks at the ends alone: each pattern has to bear the whole.
    assert _hide(f"{_HOSTILE[number]}\nrefused {TOKEN} twice").endswith("\nrefused [hidden] twice")


@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", range(len(_HOSTILE)))
def test_a_long_text_is_cut_and_says_so(number: int) -> None:
    text = _HOSTILE[number] * (1 + LONGEST // len(_HOSTILE[number]))
    told = redact_text("it was said so: " + text)
    assert told.startswith("it was said")
    assert "characters left out]" in told
    assert len(told) < 3 * LONGEST


def test_of_a_long_text_neither_cut_leaves_half_a_credential() -> None:
    quoted = "{'password': 'hunter2 " + "hunter2 " * LONGEST + "', 'n': 1}"
    for text in (TOKEN * LONGEST, f"at {'x' * 12_270} {TOKEN} " + "y " * LONGEST, quoted, f"{quoted}\nthe end"):
        told = redact_text(text)
        assert "hunter2" not in told
        assert "eyJ" not in told
        assert TOKEN[-10:] not in told


def test_of_a_long_traceback_the_first_and_the_last_lines_stay() -> None:
    told = redact_text("Traceback:\n" + '  File "x.py", line 1\n' * LONGEST + "ValueError: the end")
    assert told.startswith("Traceback:\n")
    assert told.endswith("\nValueError: the end")


def test_nested_data_is_hidden_by_names_and_by_looks() -> None:
    told = redact(
        {
            "headers": {"Cookie": "a=b", "X-CSRF-Token": "c", "host": "x"},
            "tokens": ["d"],
            "token_type": "bearer",
            "notes": (TOKEN, [TOKEN], {TOKEN}, TOKEN.encode()),
            "number": 7,
        }
    )
    assert told == {
        "headers": {"Cookie": "[hidden]", "X-CSRF-Token": "[hidden]", "host": "x"},
        "tokens": "[hidden]",
        "token_type": "bearer",
        "notes": ("[hidden]", ["[hidden]"], ["[hidden]"], "[hidden]"),
        "number": 7,
    }


def test_the_libraries_records_lose_their_secrets_in_message_arguments_and_traceback() -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.addFilter(RedactingFilter())
    logger = logging.Logger("library")
    logger.addHandler(handler)
    logger.error("event %s by %d", {"headers": {"cookie": "a=hunter2"}}, 7)
    try:
        raise ValueError("cannot reach postgresql://app:hunter2@db/x")
    except ValueError:
        logger.exception("broken %s", TOKEN)
    text = written.getvalue()
    assert "by 7" in text
    assert "Traceback" in text
    assert "hunter2" not in text
    assert TOKEN not in text


@pytest.fixture
def _structlog_as_before() -> Iterator[None]:
    with as_before():
        yield


@pytest.mark.usefixtures("_structlog_as_before")
def test_our_own_lines_are_json_in_production_and_hide_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(as_json=True)
    log = get_logger("test_log")
    try:
        raise ValueError("redis://:hunter2@cache/0")
    except ValueError:
        log.exception("broken", password="hunter2", address="198.51.100.7", detail=f"token {TOKEN}")
    line = capsys.readouterr().err
    record = json.loads(line)
    assert (record["event"], record["level"], record["address"]) == ("broken", "error", "198.51.100.7")
    assert record["password"] == "[hidden]"
    assert "hunter2" not in line
    assert TOKEN not in line


@pytest.mark.usefixtures("_structlog_as_before")
def test_the_libraries_lines_are_json_with_our_ids_and_hide_the_same(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [])
    monkeypatch.setattr(logging.root, "level", logging.WARNING)
    talker = logging.getLogger("a-library-of-others")
    talker.addHandler(logging.StreamHandler())
    talker.propagate = False
    configure_logging(as_json=True)
    actor = Actor(tenant_id=UUID(int=1), user_id=UUID(int=2), request_id="mine", email="mia@acme.example")
    try:
        with carrying(actor):
            raise ValueError("redis://:hunter2@cache/0")
    except ValueError:
        with carrying(actor):
            talker.exception("event %s with %s", {"cookie": "a=hunter2"}, TOKEN)
    (line,) = capsys.readouterr().err.splitlines()
    record = json.loads(line)
    assert (record["logger"], record["level"], record["request_id"]) == ("a-library-of-others", "error", "mine")
    assert (record["tenant_id"], record["user_id"]) == (str(UUID(int=1)), str(UUID(int=2)))
    assert "ValueError" in record["exception"]
    assert "hunter2" not in line
    assert TOKEN not in line
    assert "mia@acme" not in line
