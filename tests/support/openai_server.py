"""A server that speaks OpenAI's chat API over a real socket, and does what a test tells it.

`python -m tests.support.openai_server` serves a helpful model on a free port, to try `LLM_BASE_URL` by hand.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import islice
from typing import Any, TypeVar

Asked = dict[str, Any]
CHARACTERS_PER_TOKEN = 4
"""As OpenAI tells people to reckon."""


@dataclass(frozen=True)
class Say:
    """A text."""

    text: str


@dataclass(frozen=True)
class Call:
    """Tool calls: (name, arguments as JSON text)."""

    calls: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Fail:
    """An error with its HTTP status."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "no"


@dataclass(frozen=True)
class Raw:
    """A body that is no answer, with status 200."""

    body: bytes


@dataclass(frozen=True)
class Silence:
    """No answer before the server is closed, and then a late one; `is_dripping` sends a space now and then, so that
    no read ever times out."""

    is_dripping: bool = False
    late: str = "late"


@dataclass(frozen=True)
class Cut:
    """A stream that ends after its first piece."""

    reply: Say | Call


Reply = Say | Call | Fail | Raw | Silence | Cut
Script = Callable[[Asked, int], Reply]
"""Gives the reply to a request; the number counts from 0."""


def helpful(asked: Asked, _: int = 0) -> Reply:
    """A good model: calls each tool that it is offered once, then says what the request's stored text says."""
    if "tools" in asked:
        done = {call["function"]["name"] for message in asked["messages"] for call in message.get("tool_calls") or ()}
        names = [tool["function"]["name"] for tool in asked["tools"]]
        left = tuple((name, "{}") for name in names if name not in done)
        return Call(left) if left else Say("DONE")
    return Say(json.dumps(stored_in(asked)))


def stored_in(asked: Asked) -> dict[str, Any]:
    """Give the stored text that a request for words carries."""
    request = next(message for message in asked["messages"] if message["role"] == "user")
    words: dict[str, Any] = json.loads(request["content"])["stored"]
    return words


def in_turn(*replies: Reply | Script) -> Script:
    """Give the replies in turn; the last one again and again."""

    def script(asked: Asked, number: int) -> Reply:
        reply = replies[min(number, len(replies) - 1)]
        return reply(asked, number) if callable(reply) else reply

    return script


def words_as(change: Callable[[dict[str, Any]], object]) -> Script:
    """A model whose words are the stored ones after a change, and which is helpful otherwise."""

    def script(asked: Asked, number: int) -> Reply:
        if "tools" in asked:
            return helpful(asked, number)
        words = stored_in(asked)
        change(words)
        return Say(json.dumps(words))

    return script


class OpenAiServer(ThreadingHTTPServer):
    """Listens on a free port of the loopback address.

    `asked` keeps the requests' bodies, `keys` their keys, `paths` where they went, and `used` what the server says
    that its answers have used: tokens in and out, `surplus` more than it should.
    """

    daemon_threads = True

    def __init__(self, script: Script, surplus: int = 0, handler: type[BaseHTTPRequestHandler] | None = None) -> None:
        super().__init__(("127.0.0.1", 0), handler or Handler)
        self.script = script
        self.asked: list[Asked] = []
        self.keys: list[str] = []
        self.paths: set[str] = set()
        self.used: list[tuple[int, int]] = []
        self.surplus = surplus
        self.closing = threading.Event()
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error here."""


Server = TypeVar("Server", bound=OpenAiServer)


@contextmanager
def serving(script: Script = helpful, surplus: int = 0) -> Iterator[OpenAiServer]:
    """Serve for as long as the block runs."""
    with running(OpenAiServer(script, surplus)) as server:
        yield server


@contextmanager
def running(server: Server) -> Iterator[Server]:
    """Run a server for as long as the block runs."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    """OpenAI's form of the answers; another API's handler has its own."""

    server: OpenAiServer
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_POST(self) -> None:
        with self.server.lock:
            asked, number = self.read(), len(self.server.asked)
            self.server.asked.append(asked)
            self.server.paths.add(self.path)
            self.server.keys.append(self.key())
        reply = self.reply_to(asked, number)
        if isinstance(reply, Silence):
            self._keep_silent(reply)
            return
        if isinstance(reply, Fail):
            self._send(reply.status, json.dumps(self.failure(reply)).encode(), reply.headers)
        elif isinstance(reply, Raw):
            self._send(200, reply.body, {})
        elif isinstance(reply, Cut):
            self._stream(reply.reply, {}, pieces=1)
        elif asked.get("stream"):
            self._stream(reply, self._usage(asked, reply))
        else:
            self._send(200, json.dumps(self.answer(reply, self._usage(asked, reply))).encode(), {})

    def read(self) -> Asked:
        """Give the request in OpenAI's form."""
        asked: Asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        return asked

    def key(self) -> str:
        """Give the key that came with the request."""
        return str(self.headers.get("authorization", "")).removeprefix("Bearer ")

    def reply_to(self, asked: Asked, number: int) -> Reply:
        """Ask the script."""
        return self.server.script(asked, number)

    def failure(self, reply: Fail) -> dict[str, Any]:
        """Give the body of an error."""
        return {"error": {"message": reply.message}}

    def answer(self, reply: Say | Call, usage: dict[str, int]) -> dict[str, Any]:
        """Give the body of an answer."""
        return _completion(reply, usage)

    def pieces(self, reply: Say | Call, usage: dict[str, int]) -> Iterator[str]:
        """Give the pieces of a streamed answer."""
        for piece in _pieces(reply, usage):
            yield f"data: {json.dumps(piece)}\n\n"

    def ending(self) -> str:
        """Give what ends a stream."""
        return "data: [DONE]\n\n"

    def _usage(self, asked: Asked, reply: Say | Call) -> dict[str, int]:
        tokens_in = len(json.dumps(asked)) // CHARACTERS_PER_TOKEN
        tokens_out = len(json.dumps(_message(reply))) // CHARACTERS_PER_TOKEN + self.server.surplus
        self.server.used.append((tokens_in, tokens_out))
        total = tokens_in + tokens_out
        return {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, "total_tokens": total}

    def _keep_silent(self, reply: Silence) -> None:
        if reply.is_dripping:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("transfer-encoding", "chunked")
            self.end_headers()
            while not self.server.closing.wait(0.05):
                self.wfile.write(b"1\r\n \r\n")
            return
        self.server.closing.wait()
        self._send(200, json.dumps(self.answer(Say(reply.late), {})).encode(), {})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, reply: Say | Call, usage: dict[str, int], pieces: int | None = None) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True
        for piece in islice(self.pieces(reply, usage), pieces):
            self._chunk(piece)
        if pieces is None:
            if ending := self.ending():
                self._chunk(ending)
            self._chunk("")

    def _chunk(self, text: str) -> None:
        body = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(body), body))


def _frame(kind: str, **more: Any) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": kind, "created": int(time.time()), "model": "test", **more}


def _message(reply: Say | Call) -> dict[str, Any]:
    if isinstance(reply, Say):
        return {"role": "assistant", "content": reply.text}
    calls = [
        {"id": f"call_{place}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for place, (name, arguments) in enumerate(reply.calls)
    ]
    return {"role": "assistant", "content": None, "tool_calls": calls}


def _completion(reply: Say | Call, usage: dict[str, int]) -> dict[str, Any]:
    finish = "stop" if isinstance(reply, Say) else "tool_calls"
    choice = {"index": 0, "message": _message(reply), "finish_reason": finish}
    return _frame("chat.completion", choices=[choice], **({"usage": usage} if usage else {}))


def _pieces(reply: Say | Call, usage: dict[str, int]) -> Iterator[dict[str, Any]]:
    def delta(**more: Any) -> dict[str, Any]:
        return _frame("chat.completion.chunk", choices=[{"index": 0, "delta": more, "finish_reason": None}])

    if isinstance(reply, Say):
        for start in range(0, len(reply.text), 40):
            yield delta(content=reply.text[start : start + 40])
    else:
        for place, call in enumerate(_message(reply)["tool_calls"]):
            first = {"name": call["function"]["name"], "arguments": ""}
            yield delta(tool_calls=[{"index": place, "id": call["id"], "type": "function", "function": first}])
            rest = {"arguments": call["function"]["arguments"]}
            yield delta(tool_calls=[{"index": place, "function": rest}])
    yield _frame("chat.completion.chunk", choices=[{"index": 0, "delta": {}, "finish_reason": "stop"}])
    yield _frame("chat.completion.chunk", choices=[], usage=usage)


if __name__ == "__main__":
    served = OpenAiServer(helpful)
    print(f"LLM_MODEL=openai/test LLM_BASE_URL={served.url}", flush=True)  # noqa: T201
    served.serve_forever()
