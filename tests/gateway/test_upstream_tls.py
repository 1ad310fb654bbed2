"""Connected systems behind https: whose certificate is believed, and what is told of one that is not."""

from __future__ import annotations

import asyncio
import logging
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bizosaas_app.gateway.upstreams import running, trust
from bizosaas_app.gateway.upstreams.trust import AuthorityUnfit
from bizosaas_app.kernel.settings import Settings
from tests.support.authorities import Authority
from tests.support.upstreams import Front, gateway, raw_upstream
from tests.support.world import World

OWNER = "intranet.customer.example"
"""Whom a certificate names; no caller of the gateway has to know it."""
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def test_a_certificate_of_the_authority_that_was_set_is_believed(world: World, authority: Authority) -> None:
    async with (
        raw_upstream(tls=authority.server()) as crm,
        gateway(world, crm_url=crm.url, upstream_ca_file=authority.file) as front,
    ):
        for _ in range(3):
            given = await front.get("/crm/leads")
            assert (given.status_code, given.json()) == (200, {"id": "a"})
        assert (await front.client.post("/crm/leads", content=b"x" * 200_000)).status_code == 200
        assert (crm.seen[-1].body, crm.connections) == (b"x" * 200_000, 1)


REFUSED: list[tuple[str, Callable[[Authority], ssl.SSLContext]]] = [
    (
        "its certificate is not of an authority that is trusted here",
        lambda ours: Authority(ours.folder, "Another authority").server(owner=OWNER),
    ),
    ("its certificate is for another name", lambda ours: ours.server("127.0.0.2", owner=OWNER)),
    ("its certificate has expired", lambda ours: ours.server(owner=OWNER, is_expired=True)),
]
"""What is told of a certificate, and what makes a server with one like that."""


@pytest.mark.parametrize(("told", "server_of"), REFUSED, ids=["authority", "name", "expired"])
async def test_a_certificate_that_does_not_hold_is_the_systems_failure(
    world: World,
    authority: Authority,
    told: str,
    server_of: Callable[[Authority], ssl.SSLContext],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with capture_logs() as logged, caplog.at_level(logging.DEBUG):
        async with (
            raw_upstream(tls=server_of(authority)) as crm,
            gateway(world, crm_url=crm.url, upstream_ca_file=authority.file) as front,
        ):
            said = await refusals(front)
            assert crm.seen == []
    assert said == f"The connected system did not answer as it should: no connection ({told})"
    assert OWNER not in f"{said} {logged} {caplog.text}"


async def test_a_server_that_speaks_plain_http_behind_an_https_address_is_told_so(
    world: World, authority: Authority
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server, gateway(world, crm_url=url, upstream_ca_file=authority.file) as front:
        said = await refusals(front)
    assert (
        said == "The connected system did not answer as it should: no connection (it does not speak TLS as it should)"
    )


async def refusals(front: Front) -> str:
    """Give what is told of a call that fails for want of a connection, once so many of them have opened the breaker."""
    told = set()
    for _ in range(5):
        given = await front.client.post("/crm/leads")
        problem = given.json()
        assert (given.status_code, problem["code"]) == (502, "upstream_failed")
        assert given.headers["content-type"] == "application/problem+json"
        told.add(problem["detail"])
    refused = await front.client.post("/crm/leads")
    assert (refused.status_code, refused.json()["code"]) == (503, "upstream_unavailable")
    assert running.get("crm")[0].state() == "open"
    (said,) = told
    return str(said)


def test_the_public_authorities_stay_trusted_beside_ones_own(authority: Authority) -> None:
    public, both = (trust.tls_of(Settings(upstream_ca_file=file)).get_ca_certs() for file in (None, authority.file))
    assert len(public) > 50
    (own,) = (one for one in both if one not in public)
    assert own["subject"] == ((("commonName", authority.name),),)
    assert len(both) == len(public) + 1


def test_an_authoritys_name_beside_its_certificate_may_be_in_any_script(authority: Authority, tmp_path: Path) -> None:
    named = tmp_path / "named.pem"
    named.write_bytes("# Müller GmbH\n".encode("latin-1") + authority.file.read_bytes())
    trust.check(Settings(upstream_ca_file=named))


def private_key(folder: Path) -> Path:
    """Give a PEM that holds a key and no certificate."""
    Authority(folder).server()
    (with_key,) = (file for file in folder.glob("*.pem") if b"PRIVATE KEY" in file.read_bytes())
    path = folder / "key.pem"
    path.write_bytes(with_key.read_bytes().partition(b"-----BEGIN CERT")[0])
    return path


def text_file(folder: Path) -> Path:
    path = folder / "authority.txt"
    path.write_text("hunter2 is no certificate")
    return path


def torn(folder: Path) -> Path:
    path = folder / "torn.pem"
    path.write_bytes(Authority(folder).file.read_bytes()[:200])
    return path


UNFIT: list[tuple[Callable[[Path], Path], str]] = [
    (lambda folder: folder / "missing.pem", "cannot be read (No such file or directory)"),
    (lambda folder: folder, "cannot be read (Is a directory)"),
    (text_file, "holds no certificate in PEM form, or a damaged one"),
    (private_key, "holds no certificate in PEM form, or a damaged one"),
    (torn, "holds no certificate in PEM form, or a damaged one"),
]


@pytest.mark.parametrize(("file_of", "why"), UNFIT, ids=["missing", "folder", "text", "key", "torn"])
async def test_an_authority_that_cannot_be_read_refuses_the_start_by_the_settings_name(
    world: World, tmp_path: Path, file_of: Callable[[Path], Path], why: str
) -> None:
    file = file_of(tmp_path)
    settings: Settings = world.resources.settings.model_copy(update={"upstream_ca_file": file})
    with pytest.raises(AuthorityUnfit) as refused:
        async with running.running(settings, world.resources.secrets):
            pass
    assert str(refused.value) == f"BIZOSAAS_UPSTREAM_CA_FILE: {file} {why}"


@pytest.mark.parametrize("words", [["serve", "--api-only"], ["work"]], ids=["serve", "work"])
def test_the_commands_that_need_it_end_before_they_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    monkeypatch.setenv("BIZOSAAS_UPSTREAM_CA_FILE", str(tmp_path / "missing.pem"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    done = subprocess.run(
        [sys.executable, "-m", "bizosaas_app", *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    told = f"BIZOSAAS_UPSTREAM_CA_FILE: {tmp_path}/missing.pem cannot be read (No such file or directory)\n"
    assert (done.returncode, done.stderr) == (1, told)
    assert not (tmp_path / "data").exists()
