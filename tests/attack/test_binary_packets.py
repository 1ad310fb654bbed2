"""A socket that announces attachments and sends them: nothing of it is held, and the worker goes on serving."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

import httpx
import psutil
import pytest

from tests.support.servers import Server
from tests.support.tabs import Tab, log_in, open_tab

ENTER: Final = "reflex___state____state.state___session____session_state.enter"
MIB: Final = 1024 * 1024
EVENT: Final = '-/_event,["event",{"_placeholder":true,"num":0}]'
ACK: Final = '-/_event,1["event",{"_placeholder":true,"num":0}]'


def binary_packets(head: str, frames: int, size: int) -> Iterator[str | bytes]:
    """Give a packet that announces more attachments than ever come, and those that do."""
    yield head
    for _ in range(frames):
        yield bytes(size)


def counted(server: Server) -> int:
    """Say how many frames the server has dropped because they are no packet of a tab."""
    for line in httpx.get(f"{server.url}/metrics", timeout=30).text.splitlines():
        if line.startswith('bizosaas_ui_events_refused_total{reason="no_packet"}'):
            return int(float(line.rpartition(" ")[2]))
    return 0


async def answered(tab: Tab) -> str:
    """Give what the socket answers to a ping, which comes behind all that it was sent before."""
    pongs: asyncio.Queue[str] = asyncio.Queue()
    tab.client.on("ping", pongs.put, namespace="/_event")
    await tab.client.emit("ping", namespace="/_event")
    return await asyncio.wait_for(pongs.get(), 60)


@pytest.mark.parametrize(
    ("head", "frames", "size"),
    [
        (f"59999999{EVENT}", 20_000, 16),
        (f"59999999{EVENT}", 1_000, 60_000),
        (f"69999999{ACK}", 1_000, 60_000),
        (f"\N{FULLWIDTH DIGIT FIVE}9999999{EVENT}", 1_000, 60_000),
    ],
    ids=["many", "large", "acknowledgement", "another_digit"],
)
async def test_attachments_are_dropped_as_they_come_and_the_page_goes_on(
    server: Server, head: str, frames: int, size: int
) -> None:
    (worker,) = server.workers()
    cookie, _ = log_in(server, "client@acme.demo")
    dropped = counted(server)
    async with open_tab(server, cookie=cookie) as tab:
        held = []
        for _ in range(2):  # the first time a worker takes so many frames it comes to hold room for them
            for frame in binary_packets(head, frames, size):
                await tab.client.eio.send(frame)
            assert await answered(tab) == "pong"
            held.append(psutil.Process(worker.pid).memory_info().rss)
        assert held[1] - held[0] < 32 * MIB
        tab.forget()
        await tab.send(ENTER)
        assert "client@acme.demo" in tab.text()
    assert counted(server) - dropped == 2 * (frames + 1)
    assert httpx.get(f"{server.url}/health", timeout=30).status_code == 200


async def test_what_is_no_packet_of_a_tab_stops_no_worker_and_is_not_logged(server: Server) -> None:
    before = len(server.log.read_text(errors="replace"))
    async with open_tab(server) as tab:
        for message in ("event", "unheard_of", "ping"):
            await tab.client.emit(message, b"overheard", namespace="/_event")
            await tab.client.emit(message, (b"overheard", 7, 7), namespace="/_event")
        for frame in ("", "x", "7", "4{}", b"", b"overheard", f"51{EVENT}", "51-/elsewhere,[]"):
            await tab.client.eio.send(frame)
        assert await answered(tab) == "pong"
    logged = server.log.read_text(errors="replace")[before:]
    assert "overheard" not in logged
    assert "Traceback" not in logged
