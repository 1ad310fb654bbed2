"""The policy by which models are asked. Knows no CrewAI."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """How models are asked: seconds and tokens of one answer, in pieces or at once, and whether the chain ends in
    the embedded engine."""

    timeout_seconds: float
    max_tokens: int
    is_streamed: bool
    ends_embedded: bool
