"""Anthropic's own protocol over a real socket: its requests, and a key that is ours alone.

What holds whatever the protocol is in `test_protocols.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bizosaas_app.kernel.secrets import FileSecrets
from tests.agents.conftest import AskClaude
from tests.support.runs import Watch, order


async def test_the_request_is_one_of_the_messages_api(claude: AskClaude) -> None:
    runtime, server = claude(llm_max_tokens=500)
    await runtime.run(order(), Watch())
    first, second, last = server.bodies[0], server.bodies[1], server.bodies[-1]
    assert (first["model"], first["max_tokens"]) == ("claude-test", 500)
    assert [tool["name"] for tool in first["tools"]] == ["invoice_ageing"]
    assert first["tools"][0]["input_schema"]["properties"] == {}
    used = [block for message in second["messages"] for block in message["content"] if isinstance(block, dict)]
    assert [block["type"] for block in used if block["type"] != "text"] == ["tool_use", "tool_result"]
    assert "tools" not in last


async def test_the_key_and_the_address_are_ours_whatever_the_environment_says(
    claude: AskClaude, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "ANTHROPIC_API_KEY": "key-of-the-environment",
        "ANTHROPIC_AUTH_TOKEN": "token-of-the-environment",
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
    }.items():
        monkeypatch.setenv(name, value)
    secrets = FileSecrets(tmp_path / "secrets")
    runtime, server = claude(secrets=secrets)
    await runtime.run(order(), Watch())
    await secrets.put("llm/anthropic", "from-the-store")
    await runtime.run(order(), Watch())
    assert (server.keys[0], server.keys[-1]) == ("none", "from-the-store")
    assert "of-the-environment" not in str(server.headers)
    assert [headers for headers in server.headers if "authorization" in headers] == []
