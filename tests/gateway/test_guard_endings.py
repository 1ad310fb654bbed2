"""How the guard streams, and how it ends what goes wrong."""

from __future__ import annotations

from typing import Any

import structlog
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from bizosaas_app.gateway.http.guard import guard
from tests.gateway.asgi import Recorder, ask, broken, chunked_post, header, http_scope, policy


async def test_answers_stream_and_files_sent_by_path_are_passed_on() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        delivered.append(b"first")
        await send({"type": "http.response.pathsend", "path": "/tmp/file"})  # noqa: S108  # never opened

    delivered: list[bytes] = []
    answer = await ask(guard(app, policy()), http_scope())
    kinds = [message["type"] for message in answer.messages]
    assert kinds == ["http.response.start", "http.response.body", "http.response.pathsend"]


async def test_a_body_reaches_the_application_chunk_by_chunk() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        chunks.append((await receive())["body"])
        chunks.append((await receive())["body"])
        await Recorder()(scope, receive, send)

    chunks: list[bytes] = []
    await ask(guard(app, policy()), chunked_post(), [b"one", b"two", b"three"])
    assert chunks == [b"one", b"two"]


async def test_a_body_that_grows_too_large_is_413_whatever_the_application_makes_of_it() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            while (await receive())["more_body"]:
                pass
        except Exception:  # noqa: BLE001  # as frameworks do while they parse a body
            await send({"type": "http.response.start", "status": 400, "headers": []})
            await send({"type": "http.response.body", "body": b"cannot parse"})
        else:
            finished.append(True)

    finished: list[bool] = []
    answer = await ask(guard(app, policy()), chunked_post(), [b"x" * 600, b"x" * 600])
    assert (answer.status, answer.json()["code"], finished) == (413, "body_too_large", [])


async def test_an_application_that_reads_on_after_the_refusal_gets_nothing() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(3):
            try:
                got.append((await receive())["body"])
            except Exception as error:  # noqa: BLE001  # a stubborn reader
                got.append(type(error).__name__)

    got: list[Any] = []
    await ask(guard(app, policy()), chunked_post(), [b"x" * 1001, b"rest"])
    assert got == ["BodyRefused"] * 3


async def test_a_refused_body_is_no_bug() -> None:
    with capture_logs() as logs:
        await ask(guard(Recorder(), policy()), chunked_post(), [b"x" * 1001])
    assert [(entry["event"], entry["code"]) for entry in logs] == [("request_refused", "body_too_large")]


async def test_a_request_that_went_well_is_not_worth_a_line() -> None:
    with capture_logs() as logs:
        await ask(guard(Recorder(), policy()), chunked_post(), [b"one", b"two"])
    assert logs == []


async def test_an_answer_under_way_is_torn_when_the_body_turns_out_too_large() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        await receive()
        await send({"type": "http.response.body", "body": b"b"})

    answer = await ask(guard(app, policy()), chunked_post(), [b"x" * 1001])
    assert (answer.status, answer.body, len(answer.messages)) == (200, b"a", 2)


async def test_a_client_that_asks_before_sending_is_refused_without_reading() -> None:
    async def receive() -> Message:
        raise AssertionError("the body was asked for")

    async def send(message: Message) -> None:
        sent.append(message)

    sent: list[Message] = []
    headers = [header("content-length", "5000"), header("expect", "100-continue")]
    await guard(Recorder(), policy())(http_scope(method="POST", headers=headers), receive, send)
    assert sent[0]["status"] == 413


async def test_a_bug_is_a_neutral_500_and_logged_once_with_the_request_id() -> None:
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as logs:
        answer = await ask(guard(broken, policy()), http_scope(headers=[header("x-request-id", "mine")]))
    assert (answer.status, answer.json()["code"]) == (500, "internal_error")
    assert b"hunter2" not in answer.body
    (entry,) = logs
    assert (entry["event"], entry["request_id"], entry["log_level"]) == ("unhandled_error", "mine", "error")


async def test_a_bug_in_the_middle_of_an_answer_leaves_it_torn() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a", "more_body": True})
        raise RuntimeError("late")

    with capture_logs() as logs:
        answer = await ask(guard(app, policy()), http_scope())
    assert (answer.status, answer.body, len(answer.messages)) == (200, b"a", 2)
    assert [entry["event"] for entry in logs] == ["unhandled_error"]


async def test_an_application_that_answers_nothing_is_a_bug() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        return

    with capture_logs() as logs:
        answer = await ask(guard(app, policy()), http_scope())
    assert answer.status == 500
    assert [entry["event"] for entry in logs] == ["no_answer"]


async def test_a_client_that_leaves_during_its_body_is_no_bug() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert (await receive())["type"] == "http.disconnect"
        raise RuntimeError("client disconnected")

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        raise AssertionError("nobody is there")

    with capture_logs() as logs:
        await guard(app, policy())(chunked_post(), receive, send)
    assert [entry["event"] for entry in logs] == ["client_left"]


async def test_the_lifespan_passes_untouched() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def unused(*_: Any) -> Any:
        raise AssertionError

    seen: list[Scope] = []
    await guard(app, policy())({"type": "lifespan"}, unused, unused)
    assert seen == [{"type": "lifespan"}]
