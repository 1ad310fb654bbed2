"""The administrators' overview: the success metrics of a period, how they moved, and what they are made of."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

import reflex as rx
from pydantic import ValidationError

from bizosaas_app.gateway import overview, overview_watching
from bizosaas_app.gateway.contracts.analytics import DayFigures
from bizosaas_app.gateway.contracts.overview import FiguresView, ReadFigures
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError, InputInvalid
from state import overview_figures, words
from state.agent_rows import FactRow
from state.area import Next
from state.following import FollowingState
from state.form import messages
from state.overview_figures import DEFAULT_PERIOD, PERIODS, RUNNING, SLOTS
from state.overview_rows import MeasureRow, MetricRow, PointRow, SeriesRow, StepRow
from state.policy import policy
from state.session import SessionState

SEE: Final = "view_analytics"
OWN: Final = "own"
PAUSE_SECONDS: Final = 5.0
"""Between two readings of the figures while events flow in: as often as an answer is made anew."""


class AdminFiguresState(FollowingState, SessionState):
    """The figures of the chosen period, which the page's address names."""

    GUARD: ClassVar[str] = SEE

    period: str = DEFAULT_PERIOD
    first: str = ""
    last: str = ""
    span: str = ""
    date_errors: dict[str, str] = {}
    is_busy: bool = False
    """Whether another period is being read while the present one stands there."""

    metrics: list[MetricRow] = []
    accuracy: list[MetricRow] = []
    """One metric, or none yet."""
    fraud: list[FactRow] = []
    steps: list[StepRow] = []
    measures: list[MeasureRow] = overview_figures.choices(("events", "active_members"))
    series: list[SeriesRow] = []
    points: list[PointRow] = []
    summary: str = ""
    trend_hint: str = ""
    daily_file: str = ""
    members_file: str = ""
    conversions_file: str = ""

    _shown: list[str] = ["events", "active_members"]
    _days: list[DayFigures] = []

    @rx.event(background=True, supersedes=True)
    @policy("access_admin", page_load=True)
    async def load(self) -> None:
        """Read the period that the address names, and again as things happen, until the page is left."""
        async with self:
            self._take_address(dict(self.router.url.query_parameters))
            self.is_busy = self.area == "full"
        await self._follow(PAUSE_SECONDS)

    @rx.event
    @policy(SEE)
    async def choose_period(self, period: str) -> Next:
        """Show another period; own dates are read once both are given."""
        self.period = period if period in PERIODS else DEFAULT_PERIOD
        self.date_errors = {}
        if self.period == OWN:
            return
        self.is_busy = True
        yield
        await self._reread()
        yield self._write_address()

    @rx.event
    @policy(SEE)
    async def choose_dates(self, sent: dict[str, Any]) -> Next:
        """Show the days from one date to another."""
        self.date_errors, self.is_busy = {}, True
        yield
        await self._read_dates(str(sent.get("from", "")), str(sent.get("to", "")))
        self.is_busy = False
        if not self.date_errors:
            yield self._write_address()

    @rx.event
    @policy(SEE)
    def toggle_measure(self, key: str) -> None:
        """Show a measure in the chart, or take it away; one always stays, and no more than can be told apart."""
        if key in self._shown and len(self._shown) > 1:
            self._shown = [other for other in self._shown if other != key]
        elif key in overview_figures.MEASURES and key not in self._shown and len(self._shown) < len(SLOTS):
            self._shown = [*self._shown, key]
        self._draw()

    def _news(self, actor: Actor) -> AsyncGenerator[object, None]:
        return overview_watching.watch_overview(actor)

    async def _read(self, actor: Actor) -> None:
        own = {"first": self.first or None, "last": self.last or None} if self.period == OWN else {}
        asked = {"period": self.period, **own}
        self._show(await overview.read_figures(actor, ReadFigures.model_validate(asked)), actor)

    async def _read_dates(self, first: str, last: str) -> None:
        asked = {"period": OWN, "first": first or None, "last": last or None}
        try:
            actor = await self._actor()
            self._show(await overview.read_figures(actor, ReadFigures.model_validate(asked)), actor)
        except ValidationError as error:
            self.date_errors = {"from" if name == "first" else "to": text for name, text in messages(error).items()}
        except InputInvalid as error:
            self.date_errors = {name: words.sentence(text) for name, text in error.fields.items()}
        except AppError as error:
            self._fail(error)

    def _show(self, view: FiguresView, actor: Actor) -> None:
        now, before = view.now, view.before
        self.first, self.last, self.span = str(now.first), str(now.last), overview_figures.span_words(now)
        self.metrics = overview_figures.metrics(now, before)
        self.accuracy = [overview_figures.fraud_metric(now, before)]
        self.fraud = overview_figures.fraud_facts(now)
        self.steps = overview_figures.steps(view.funnel)
        self._days = now.series
        self.trend_hint = f"By day{', today so far' if self.period in RUNNING else ''}; each line has its own scale"
        self._draw()
        self.daily_file, self.members_file, self.conversions_file = (
            f"/api/v1/gamification/analytics/{actor.tenant_id}/export.csv?"
            + urlencode({"from": self.first, "to": self.last, "kind": kind})
            for kind in ("daily", "members", "conversions")
        )
        self.is_busy = False
        self._succeed(is_empty=overview_figures.is_quiet(now, before) and self.period == DEFAULT_PERIOD)

    def _draw(self) -> None:
        self.measures = overview_figures.choices(self._shown)
        self.series = overview_figures.series(self._days, self._shown)
        self.points = overview_figures.points(self._days, self._shown)
        self.summary = overview_figures.summary(self._days, self._shown) if self._days else ""

    def _take_address(self, asked: dict[str, str]) -> None:
        """Take the period from the address: what is no period there is the usual one."""
        self.period = asked.get("period", DEFAULT_PERIOD)
        self.first, self.last = asked.get("from", ""), asked.get("to", "")
        wanted = {"period": self.period, "first": self.first or None, "last": self.last or None}
        try:
            ReadFigures.model_validate(wanted)
        except ValidationError:
            self.period = DEFAULT_PERIOD
        if self.period == OWN and not (self.first and self.last):
            self.period = DEFAULT_PERIOD

    def _write_address(self) -> Any:
        """Put the period into the address, without a new entry in the browser's history."""
        asked = {"period": self.period}
        if self.period == OWN:
            asked |= {"from": self.first, "to": self.last}
        # Only names of periods and days stand in it: nothing that somebody typed reaches the script.
        return rx.call_script(f"history.replaceState(history.state, '', '/admin?{urlencode(asked)}')")
