"""Fraud detection: what a tenant chooses."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from bizosaas_app.gateway.contracts.base import Command, View, YesNo


class ReadFraudSettings(Command):
    """The tenant's own choices."""


class ChooseFraudSettings(Command):
    """What holds a conversion and what rejects it, over all programmes; null leaves each programme its own.

    `shares_signals` opts in to, or out of, signals between tenants; who opts out takes back what was told. What is left
    out stays; the thresholds come together.
    """

    review_threshold: int | None = Field(None, ge=1, le=101)
    block_threshold: int | None = Field(None, ge=1, le=101)
    shares_signals: YesNo = False

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("Choose the thresholds, or whether signals are shared")
        is_half_given = ("review_threshold" in self.model_fields_set) != ("block_threshold" in self.model_fields_set)
        if is_half_given or (self.review_threshold is None) != (self.block_threshold is None):
            raise ValueError("Choose both thresholds or none")
        return self


class FraudSettingsView(View):
    """The choices in force; thresholds are null where each programme's own count. 101 never rejects."""

    review_threshold: int | None
    block_threshold: int | None
    shares_signals: bool
    model_version: str
