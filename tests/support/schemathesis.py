"""Schemathesis against a running server: calls made of our own OpenAPI document, right ones and wrong ones.

It lives in an environment of its own (`tests/contract/schemathesis.txt`, made by `make`), since its pins are not ours.
"""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from typing import Final

import httpx

from tests.support.servers import ROOT

PROGRAM: Final = ROOT / ".tools" / "schemathesis" / "bin" / "st"

CHECKS: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
)
ENDS_THE_SESSION: Final = r"/auth/(logout|logout-all|sessions/\{session_id\})$"
"""Calls that would make every further one a 401."""

_GENERATED: Final = re.compile(r"(\d+) generated")
_TESTED: Final = re.compile(r"Tested: (\d+)")


@dataclass(frozen=True, slots=True)
class Finding:
    """What a run found: `report` names each breach with a command that repeats it."""

    is_clean: bool
    operations: int
    cases: int
    report: str


def sign_in(server: str, email: str, password: str) -> str:
    """Give an access token."""
    answer = httpx.post(f"{server}/api/v1/auth/login", json={"email": email, "password": password}, timeout=30)
    token: str = answer.json()["access_token"]
    return token


def run(server: str, token: str, *, examples: int) -> Finding:
    """Try every operation with at most so many made-up requests beside the corner cases, always the same ones."""
    command = [
        str(PROGRAM),
        *("--config-file", str(ROOT / "tests" / "contract" / "schemathesis.toml")),
        "run",
        f"{server}/api/openapi.json",
        "--no-color",
        *("--header", f"Authorization: Bearer {token}"),
        *("--phases", "examples,coverage,fuzzing,stateful"),
        *("--checks", ",".join(CHECKS)),
        *("--max-examples", str(examples)),
        *("--exclude-path-regex", ENDS_THE_SESSION),
        *("--generation-with-security-parameters", "false"),
        *("--warnings", "off"),
        "--generation-deterministic",
        "--continue-on-failure",
        "--no-shrink",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROGRAM.parents[1])
    tested, generated = (pattern.search(done.stdout) for pattern in (_TESTED, _GENERATED))
    return Finding(
        is_clean=done.returncode == 0,
        operations=int(tested[1]) if tested else 0,
        cases=int(generated[1]) if generated else 0,
        report=done.stdout + done.stderr,
    )
