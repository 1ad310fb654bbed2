"""The list of calls in docs/calls.md, each with a curl command: `python -m tests.contract.calls` writes it anew.

Made of our own OpenAPI document, so that no call can be missing and no field can be wrong.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bizosaas_app.gateway.http.app import build_api
from bizosaas_app.kernel.settings import Settings
from tests.contract.examples import example
from tests.support.servers import ROOT

GUIDE: Final = ROOT / "docs" / "calls.md"

HEAD: Final = """\
# Every call, with curl

Written by `python -m tests.contract.calls` from the API's own description (`/api/openapi.json`); what the calls mean
is told in [the API guide](api.md). The commands need these variables:

```sh
BIZ=https://app.example.com          # where your installation is
TOKEN=...                            # "access_token" of the sign-in, or an API key (bzk1_...)
TENANT=...                           # "user.tenant_id" of the sign-in
ID=...                               # the thing that the call is about; further ones have names of their own
WIZARD=campaign                      # or sourcing, onboarding, payments, social
```
"""

_METHODS: Final = ("get", "post", "put", "patch", "delete")
_OWN_VARIABLES: Final = {"tenant_id": "TENANT"}
_EVERY_QUERY: Final = frozenset({"limit", "cursor"})


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of the document."""

    method: str
    path: str
    title: str
    description: str
    tag: str
    body: Any
    content_type: str | None
    queries: tuple[str, ...]
    needed: tuple[str, ...]
    is_public: bool

    @property
    def command(self) -> str:
        """Give the curl command, line by line."""
        lines = [f'curl -sS{self._verb} "$BIZ{self._address}"']
        if not self.is_public:
            lines.append('-H "Authorization: Bearer $TOKEN"')
        if self.content_type == "application/json":
            lines.append("-H 'Content-Type: application/json'")
            lines.append(f"-d {_quoted(json.dumps(self.body, ensure_ascii=False))}")
        elif self.content_type is not None:
            lines.append(f"-H 'Content-Type: {self.content_type}' --data-binary @file")
        return " \\\n  ".join(lines)

    @property
    def _verb(self) -> str:
        implied = "post" if self.content_type == "application/json" else "get"
        return "" if self.method == implied else f" -X {self.method.upper()}"

    @property
    def _address(self) -> str:
        ids = [name for name in re.findall(r"\{(\w+)\}", self.path) if name not in _OWN_VARIABLES]

        def variable(match: re.Match[str]) -> str:
            name = match[1]
            if name in _OWN_VARIABLES:
                return f"${_OWN_VARIABLES[name]}"
            is_about = name == ids[-1] and (name.endswith("_id") or name == "id")
            return "$ID" if is_about else f"${name.upper()}"

        asked = "&".join(f"{name}=${name.upper()}" for name in self.needed)
        return re.sub(r"\{(\w+)\}", variable, self.path) + (f"?{asked}" if asked else "")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def calls() -> Iterator[Call]:
    """Give every call that the document describes, in its order."""
    document = build_api(Settings()).openapi()
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield _call(document, path, method, item[method])


def _call(document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]) -> Call:
    content: Mapping[str, Any] = operation.get("requestBody", {}).get("content", {})
    kind = next(iter(content), None)
    is_json = kind == "application/json"
    queries = [item for item in operation.get("parameters", ()) if item["in"] == "query"]
    needed = tuple(item["name"] for item in queries if item.get("required"))
    return Call(
        method=method,
        path=path,
        title=operation["summary"],
        description=operation.get("description", "").partition("\n\n")[0].replace("\n", " "),
        tag=operation.get("tags", ["other"])[0],
        body=example(document, content[kind]["schema"], f"{method} {path}") if is_json else None,
        content_type=kind,
        queries=tuple(item["name"] for item in queries if item["name"] not in {*_EVERY_QUERY, *needed}),
        needed=needed,
        is_public="security" not in operation,
    )


def text() -> str:
    """Give the whole page."""
    groups: dict[str, list[Call]] = {}
    for call in calls():
        groups.setdefault(call.tag, []).append(call)
    parts = [HEAD]
    for tag, members in groups.items():
        parts.append(f"\n## {tag.replace('-', ' ').capitalize()}\n")
        parts += map(_section, members)
    return "".join(parts)


def _section(call: Call) -> str:
    queries = f" May be narrowed by {', '.join(f'`{name}`' for name in call.queries)}." if call.queries else ""
    return f"\n### {call.title}\n{call.description}{queries}\n\n```sh\n{call.command}\n```\n"


if __name__ == "__main__":
    GUIDE.write_text(text())
