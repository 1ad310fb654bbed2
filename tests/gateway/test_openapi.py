"""The API's description tells the truth about errors and credentials."""

from __future__ import annotations

from typing import Any

import pytest

from bizosaas_app.gateway.http.app import build_api
from bizosaas_app.kernel.settings import Settings

OTHERWISE = {
    ("/health", "503"),
    ("/showcase/{slug}", "404"),
    *(("/approve/{token}", status) for status in ("404", "409", "422", "429")),
}
"""The report of health is the same when it is bad, and people see a page where there is no showcase, or no link."""


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return build_api(Settings()).openapi()


def test_it_is_openapi_3_1_and_every_error_is_a_problem(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert "HTTPValidationError" not in document["components"]["schemas"]
    for path, item in document["paths"].items():
        for operation in item.values():
            for status, answer in operation["responses"].items():
                if int(status) >= 400 and (path, status) not in OTHERWISE:
                    assert list(answer["content"]) == ["application/problem+json"], (path, status)


def test_whatever_is_not_public_names_its_credentials(document: dict[str, Any]) -> None:
    open_paths = {
        path
        for path, item in document["paths"].items()
        if any("security" not in operation for operation in item.values())
    }
    assert "/api/v1/auth/login" in open_paths
    others = {path for path in open_paths if path.startswith("/api/v1/") and not path.startswith("/api/v1/auth/")}
    assert others == {"/api/v1/notifications/unsubscribe"}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}

    def references(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
            return own.union(*(references(item) for item in value.values()))
        if isinstance(value, list):
            return set().union(*(references(item) for item in value))
        return set()

    assert references(document) <= known


def test_a_run_is_described_whether_it_has_ended_or_goes_on(document: dict[str, Any]) -> None:
    answers = document["paths"]["/api/v1/agents/{agent_id}/runs"]["post"]["responses"]
    schemas = [answers[status]["content"]["application/json"]["schema"] for status in ("200", "202")]
    assert schemas == [{"$ref": "#/components/schemas/AgentRunView"}] * 2
    run = document["components"]["schemas"]["AgentRunView"]
    assert {"run_id", "status", "output", "usage", "tool_calls", "engine", "error"} <= set(run["required"])


def test_fixed_names_are_not_taken_for_agents(document: dict[str, Any]) -> None:
    paths = [path for path in document["paths"] if path.startswith("/api/v1/agents/")]
    assert paths.index("/api/v1/agents/runs") < paths.index("/api/v1/agents/{agent_id}")
    assert paths.index("/api/v1/agents/budget") < paths.index("/api/v1/agents/{agent_id}")
