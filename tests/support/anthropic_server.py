"""A server that speaks Anthropic's Messages API over a real socket, and does what a test tells it.

It takes the same scripts as the one of OpenAI's API: a request is shown to them in OpenAI's form. What the Messages API
would refuse is refused here too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.support.openai_server import Asked, Call, Fail, Handler, OpenAiServer, Reply, Say, Script, helpful

_ROOM = {"type": "message", "role": "assistant", "model": "claude-test", "stop_sequence": None}


class AnthropicServer(OpenAiServer):
    """As `OpenAiServer`: `asked` keeps the requests in OpenAI's form, `bodies` as they came, `headers` theirs."""

    def __init__(self, script: Script = helpful, surplus: int = 0) -> None:
        super().__init__(script, surplus, handler=_Handler)
        self.bodies: list[Asked] = []
        self.headers: list[dict[str, str]] = []

    @property
    def url(self) -> str:
        return super().url.removesuffix("/v1")


def fault_of(body: Asked, headers: dict[str, str]) -> str | None:
    """Say what the Messages API would refuse in a request."""
    if "anthropic-version" not in headers:
        return "anthropic-version: header is required"
    if "max_tokens" not in body:
        return "max_tokens: Field required"
    roles = [message["role"] for message in body["messages"]]
    if not roles or roles[0] != "user" or set(roles) > {"user", "assistant"}:
        return "messages: first message must use the user role"
    if any(tool.keys() - {"name", "description", "input_schema", "strict"} for tool in body.get("tools", ())):
        return "tools: Extra inputs are not permitted"
    open_calls: set[str] = set()
    for message in body["messages"]:
        blocks = _blocks(message)
        answered = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
        if answered != open_calls:
            return "messages: `tool_use` ids were found without `tool_result` blocks immediately after"
        open_calls = {block["id"] for block in blocks if block["type"] == "tool_use"}
    return None


class _Handler(Handler):
    server: AnthropicServer

    def read(self) -> Asked:
        body = super().read()
        self.server.bodies.append(body)
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        return _as_openai(body)

    def key(self) -> str:
        return str(self.headers.get("x-api-key", ""))

    def reply_to(self, asked: Asked, number: int) -> Reply:
        if self.path != "/v1/messages":
            return Fail(404)
        fault = fault_of(self.server.bodies[number], self.server.headers[number])
        return Fail(400, message=fault) if fault else super().reply_to(asked, number)

    def failure(self, reply: Fail) -> dict[str, Any]:
        kind = {400: "invalid_request_error", 401: "authentication_error", 429: "rate_limit_error"}
        error = {"type": kind.get(reply.status, "api_error"), "message": reply.message}
        return {"type": "error", "error": error, "request_id": "req_1"}

    def answer(self, reply: Say | Call, usage: dict[str, int]) -> dict[str, Any]:
        reason = "end_turn" if isinstance(reply, Say) else "tool_use"
        return {**_ROOM, "id": "msg_1", "content": _content(reply), "stop_reason": reason, "usage": _usage(usage)}

    def pieces(self, reply: Say | Call, usage: dict[str, int]) -> Iterator[str]:
        for event in _events(self.answer(reply, usage)):
            yield f"event: {event['type']}\ndata: {json.dumps(event)}\n\n"

    def ending(self) -> str:
        return ""


def _usage(usage: dict[str, int]) -> dict[str, int]:
    return {"input_tokens": usage.get("prompt_tokens", 0), "output_tokens": usage.get("completion_tokens", 0)}


def _content(reply: Say | Call) -> list[dict[str, Any]]:
    if isinstance(reply, Say):
        return [{"type": "text", "text": reply.text}] if reply.text else []
    return [
        {"type": "tool_use", "id": f"toolu_{place}", "name": name, "input": json.loads(arguments)}
        for place, (name, arguments) in enumerate(reply.calls)
    ]


def _events(message: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the events of a streamed message."""
    yield {"type": "message_start", "message": {**message, "content": [], "stop_reason": None}}
    for index, block in enumerate(message["content"]):
        is_text = block["type"] == "text"
        whole = block["text"] if is_text else json.dumps(block["input"])
        blank = {"text": ""} if is_text else {"input": {}}
        yield {"type": "content_block_start", "index": index, "content_block": {**block, **blank}}
        for start in range(0, len(whole), 40):
            part = whole[start : start + 40]
            delta = (
                {"type": "text_delta", "text": part} if is_text else {"type": "input_json_delta", "partial_json": part}
            )
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    ending = {"stop_reason": message["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": ending, "usage": message["usage"]}
    yield {"type": "message_stop"}


def _blocks(message: dict[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _as_openai(body: Asked) -> Asked:
    """Give the request as OpenAI's chat API would have it."""
    messages = [message for given in body["messages"] for message in _messages(given)]
    if system := body.get("system"):
        text = system if isinstance(system, str) else "\n".join(block["text"] for block in system)
        messages.insert(0, {"role": "system", "content": text})
    asked: Asked = {"model": body["model"], "messages": messages, "stream": body.get("stream", False)}
    if "tools" in body:
        asked["tools"] = [
            {"type": "function", "function": {"name": tool["name"], "parameters": tool["input_schema"]}}
            for tool in body["tools"]
        ]
    return asked


def _messages(given: dict[str, Any]) -> Iterator[dict[str, Any]]:
    blocks = _blocks(given)
    for block in blocks:
        if block["type"] == "tool_result":
            yield {"role": "tool", "tool_call_id": block["tool_use_id"], "content": block["content"]}
    if text := "\n".join(block["text"] for block in blocks if block["type"] == "text"):
        yield {"role": given["role"], "content": text}
    calls = [
        {"id": block["id"], "function": {"name": block["name"], "arguments": json.dumps(block["input"])}}
        for block in blocks
        if block["type"] == "tool_use"
    ]
    if calls:
        yield {"role": "assistant", "content": None, "tool_calls": calls}
