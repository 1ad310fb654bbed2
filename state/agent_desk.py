"""The page of one agent: what it does, the form of a run, and the run as it goes on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any
from uuid import UUID

import reflex as rx
from pydantic import ValidationError

from bizosaas_app.gateway import agents
from bizosaas_app.gateway.contracts.agents import AgentRunView, AgentView, ReadAgent, RunId, StartRun
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError, InputInvalid, NotFound
from state import agent_files, agent_forms, agent_panel, agent_words, notices, words
from state.agent_panel import NO_RUN
from state.agent_rows import FactRow, FieldRow, RunPanel
from state.agents import MANAGE, USE
from state.area import AreaState, Next
from state.policy import policy
from state.session import SessionState
from state.watching import while_open

NO_AGENT = "There is no such agent"


class AgentDeskState(AreaState, SessionState):
    """The agent that the address names (`?agent=`), or the one of the run that it names (`?run=`)."""

    agent_name: str = ""
    area_label: str = ""
    role: str = ""
    goal: str = ""
    tools: list[str] = []
    limits: list[FactRow] = []
    form: list[FieldRow] = []
    form_key: str = ""
    """Changes when the fields are to be filled anew."""
    longest: int = agent_forms.MOST_TYPED
    form_error: str = ""
    is_starting: bool = False
    run: RunPanel = NO_RUN

    _agent: AgentView | None = None
    _fillings: int = 0
    _shown: str = ""
    _sent: dict[str, Any] = {}
    _refused: dict[str, str] = {}
    """What was wrong with what was sent: a look at the same text, which can arrive later, must not wipe it away."""
    """What the page shows: what it reads again stays in sight meanwhile."""

    @rx.event
    @policy(MANAGE, page_load=True)
    def load_for_admin(self) -> Next:
        """Open the administrators' page; members have one of their own."""
        return AgentDeskState.load

    @rx.event(background=True, supersedes=True)
    @policy(USE, page_load=True)
    async def load(self) -> None:
        """Read the agent, and its run where the address names one; follow a run until it has ended."""
        async with self:
            actor, asked = await self._actor(), dict(self.router.url.query_parameters)
            self._begin(asked.get("run", asked.get("agent", "")))
        run: AgentRunView | None = None
        async with self, self._showing():
            run = await _read_run(actor, asked["run"]) if "run" in asked else None
            await self._open(actor, run, run.agent_id if run else asked.get("agent", ""))
        if run is not None and run.status in agent_words.ACTIVE:
            await self._keep_up(actor, run.run_id)

    @rx.event
    @policy(USE)
    def check_field(self, name: str, text: str) -> None:
        """Say beside a field of rows or JSON what is wrong with it, and how its rows are read."""
        if self._agent is not None:
            self.form = agent_forms.look(self._agent.input_schema, self.form, str(name), str(text))
            if str(text) == self._sent.get(str(name)):
                self.form = agent_forms.tell(self.form, str(name), self._refused.get(str(name), ""))

    @rx.event
    @policy(USE)
    def take_file(self, name: str, data: str, size: int) -> None:
        """Put the text of a file into a field; one that cannot be taken leaves the field as it is, and says why."""
        if self._agent is None:
            return
        try:
            text = agent_files.read(data, size, self.longest)
        except ValueError as error:
            self.form = agent_forms.tell(self.form, str(name), str(error))
        else:
            self.form = agent_forms.put(self._agent.input_schema, self.form, str(name), text)

    @rx.event
    @policy(USE)
    def fill_example(self) -> None:
        """Fill the form with the agent's example."""
        if self._agent is not None:
            self._fill(self._agent.example_input)

    @rx.event
    @policy(USE)
    def empty_form(self) -> None:
        """Empty the form."""
        self._fill({})

    @rx.event
    @policy(USE)
    async def start(self, sent: dict[str, Any]) -> AsyncIterator[Next]:
        """Run the agent on what the form says, and open the run's own address."""
        if self._agent is None or self.is_starting:
            return
        self.is_starting, self.form_error, self._sent, self._refused = True, "", dict(sent), {}
        yield
        try:
            given, errors = agent_forms.read(self._agent.input_schema, sent)
            self._complain(errors, "")
            if not errors:
                command = StartRun(agent_id=self._agent.id, input=given)
                run = await agents.start_run(await self._actor(), command)
                self.run, self._shown = agent_panel.panel(run, self._agent), str(run.run_id)
                yield rx.redirect(f"{self.router.url.path.rstrip('/')}?run={run.run_id}")
        except InputInvalid as error:
            self._complain(*agent_forms.place(error.fields, self.form))
        except AppError as error:
            self.form_error = words.sentence(error.message)
        finally:
            self.is_starting = False

    @rx.event
    @policy(USE)
    async def cancel(self) -> Next:
        """Ask the run to stop."""
        try:
            view = await agents.cancel_run(await self._actor(), RunId(run_id=notices.id_of(self.run["id"])))
        except AppError as error:
            return rx.toast.error(words.sentence(error.message))
        self.run = agent_panel.panel(view, self._agent)
        return None

    def _begin(self, shown: str) -> None:
        """Forget what another address has shown; a run that was just started stays with its agent's form."""
        if shown == self._shown:
            return
        self._shown, self.run, self.area = shown, NO_RUN, "loading"
        self._agent, self.agent_name, self.goal = None, "", ""

    async def _open(self, actor: Actor, run: AgentRunView | None, agent_id: str) -> None:
        agent = await _read_agent(actor, agent_id)
        self._agent, self.agent_name, self.role, self.goal = agent, agent.title, agent.role, agent.goal
        self.area_label = agent_words.area_label(agent.area)
        self.tools = [agent_words.spoken(tool) for tool in agent.tools]
        self.limits = agent_words.limits(agent.limits)
        self.run = agent_panel.panel(run, agent) if run else NO_RUN
        self._fill(run.input if run else agent.example_input)
        self._succeed()

    async def _keep_up(self, actor: Actor, run_id: UUID) -> None:
        """Show the run each time it has come further, until it has ended."""
        try:
            watched = agents.watch_run(actor, RunId(run_id=run_id))
            async with aclosing(while_open(watched, self.router.session.client_token)) as views:
                async for view in views:
                    actor = replace(actor, is_following=True)
                    async with self:
                        if not self._belongs_to(actor) or self.run["id"] != str(run_id):
                            return
                        self.run = agent_panel.panel(view, self._agent)
        except Exception as error:  # noqa: BLE001  # the UI's edge: every failure becomes a designed state
            async with self:
                if self._belongs_to(actor):
                    self._fail(error)

    def _fill(self, values: dict[str, Any]) -> None:
        if self._agent is not None:
            self.form = agent_forms.fields(self._agent.input_schema, values)
            self.longest, self.form_error = agent_forms.share(self.form), ""
            self._fillings += 1
            self.form_key = f"{self._agent.id}-{self._fillings}"

    def _complain(self, errors: dict[str, str], rest: str) -> None:
        self._refused = errors
        self.form = agent_forms.with_errors(self.form, errors)
        count = words.counted(len(errors), "field needs", "fields need") if errors else ""
        self.form_error = f"{count} a correction. {rest}".strip() if count else rest


async def _read_run(actor: Actor, run_id: str) -> AgentRunView:
    return await agents.read_run(actor, RunId(run_id=notices.id_of(run_id)))


async def _read_agent(actor: Actor, agent_id: str) -> AgentView:
    try:
        command = ReadAgent(agent_id=agent_id)
    except ValidationError:
        raise NotFound(NO_AGENT) from None
    return await agents.read_agent(actor, command)
