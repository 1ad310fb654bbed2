"""The editor of one board: what it is, who would lead by it, and the seasons that it has closed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, ClassVar, Final

import reflex as rx
from pydantic import ValidationError

from bizosaas_app.gateway import board_keeping
from bizosaas_app.gateway.contracts.board_drafts import (
    BoardChange,
    ChangeBoard,
    CreateBoard,
    DefinitionView,
    ReadDefinition,
    ReadResets,
    SuggestKey,
)
from bizosaas_app.kernel.actor import Actor
from bizosaas_app.kernel.errors import AppError, InputInvalid
from state import board_forms, board_places, board_words, words
from state.area import AreaState, Next
from state.board_forms import BLANK, COUNTED, AudienceRow, BoardForm
from state.board_places import PlaceRow
from state.board_prizes import PrizesState
from state.boards import MANAGE
from state.policy import policy
from state.rule_editor import RuleEditorState
from state.session import SessionState

LIST: Final = "/admin/leaderboards"
METRIC: Final = {"event": "*", "aggregate": "sum", "field": "value"}
"""What a new board counts until another thing is chosen: points."""


class BoardEditorState(RuleEditorState, PrizesState, AreaState, SessionState):
    """The board that the address names (`?board=`), or a new one."""

    GUARD: ClassVar[str] = MANAGE
    RULE_ROOT: ClassVar[str] = "metric"

    is_new: bool = True
    board_title: str = ""
    status: str = ""
    form: BoardForm = BLANK
    filling: int = 0
    """Tells the text fields to start afresh."""
    operators: list[dict[str, str]] = []
    """The ways that go with what is counted."""
    audience: list[AudienceRow] = []
    errors: dict[str, str] = {}
    form_error: str = ""
    is_saving: bool = False
    is_asking: bool = False
    """Whether it is asked if the board may be counted anew."""
    resets_text: str = ""
    upcoming: list[str] = []
    timezone: str = ""
    places: list[PlaceRow] = []
    places_title: str = ""
    places_note: str = ""
    is_counting: bool = False

    _saved: dict[str, Any] = {}
    """The definition as it is saved; empty for a new board."""
    _recounts: list[str] = []
    _filled_in: int = 0
    """The visit for which the editor was filled."""

    @rx.event
    @policy(MANAGE, page_load=True)
    async def load(self) -> Next:
        """Read the board that the address names, or begin a new one; a connection that comes back changes nothing."""
        if self.area == "full" and self._filled_in == self._visit:
            return None
        self._filled_in = self._visit
        self.area = "loading"
        async with self._showing():
            actor = await self._actor()
            await self._learn_events(actor)
            key = self.router.url.query_parameters.get("board", "")
            if key:
                self._open(await board_keeping.read_definition(actor, ReadDefinition(key=key)))
            else:
                self._begin()
            await self._read_resets(actor)
            self._succeed()
            return BoardEditorState.count_preview
        return None

    @rx.event
    @policy(MANAGE)
    async def put(self, name: str, value: str) -> Next:
        """Put a value into a field."""
        before = self.form
        self._put_field(str(name), str(value))
        if before == self.form:
            return None
        self.errors = {path: text for path, text in self.errors.items() if path != board_forms.place_of(str(name))}
        actor = await self._actor()
        if name == "title" and self.is_new and not self.form["key"]:
            await self._suggest_key(actor)
        if name in ("resets", "cron"):
            await self._read_resets(actor)
        return BoardEditorState.count_preview if name in COUNTED else None

    @rx.event
    @policy(MANAGE)
    def choose_audience(self, value: str, is_on: bool) -> None:
        """Let somebody see the board, or not."""
        self.audience = [{**row, "is_on": bool(is_on)} if row["value"] == value else row for row in self.audience]

    @rx.event
    @policy(MANAGE)
    async def save(self, sent: dict[str, Any]) -> AsyncIterator[Next]:
        """Save the board; one that would be counted anew is asked for first."""
        self._take(sent)
        self.is_saving = True
        yield
        if self._is_counted_anew():
            self.is_saving, self.is_asking = False, True
            return
        yield await self._store()

    @rx.event
    @policy(MANAGE)
    async def save_anew(self) -> AsyncIterator[Next]:
        """Save the board after all, and count it anew."""
        self.is_asking, self.is_saving = False, True
        yield
        yield await self._store()

    @rx.event
    @policy(MANAGE)
    def leave_unsaved(self, _is_open: bool = False) -> None:
        """Go back to the editor without saving."""
        self.is_asking = False

    @rx.event(background=True, supersedes=True)
    @policy(MANAGE)
    async def count_preview(self) -> None:
        """Count who would lead by what the editor holds now."""
        async with self:
            actor, draft = await self._actor(), self._draft()
            self.is_counting = True
        places, title, note = await board_places.count(actor, draft)
        async with self:
            if self._belongs_to(actor):
                self.places, self.places_title, self.places_note = places, title, note
                self.is_counting = False

    def _rule_changed(self) -> Next:
        self._fit_operators()
        return BoardEditorState.count_preview

    def _fit_operators(self) -> None:
        """Offer the ways that go with what is counted; of one that does not, the usual one takes the place."""
        fitting = board_keeping.OPERATORS[self._metric()["aggregate"]]
        self.operators = [item for item in board_words.OPERATORS if item["value"] in fitting]
        if self.form["operator"] not in fitting:
            self.form = board_forms.put(self.form, "operator", fitting[0])

    def _begin(self) -> None:
        self.is_new, self.board_title, self.status, self._saved, self._recounts = True, "", "", {}, []
        self._fill(BLANK, None, [])
        self._show_rule(METRIC)
        self._fit_operators()

    def _open(self, board: DefinitionView) -> None:
        self.is_new, self.board_title, self.status = False, board.title, board.status
        self._fill(board_forms.read(board), board.visibility, board.prizes)
        self._recounts = list(board.recounts)
        self._show_rule(board.metric)
        self._fit_operators()
        self._saved = self._draft()

    def _fill(self, form: BoardForm, visibility: list[str] | None, prizes: list[dict[str, Any]]) -> None:
        self.form, self.filling = form, self.filling + 1
        self.audience, self.prizes = board_forms.audience(visibility), board_forms.prizes(prizes)
        self.errors, self.form_error, self.is_saving, self.is_asking = {}, "", False, False
        self.places, self.places_title, self.places_note = [], "", ""

    def _take(self, sent: Mapping[str, Any]) -> None:
        """Take over what was typed last and has not been heard of."""
        for name, value in sent.items():
            if isinstance(value, str):
                self._put_field(name, value)
        self._take_rule(sent)
        self._take_prizes(sent)

    def _put_field(self, name: str, value: str) -> None:
        """Put a value into a field; a board that there is keeps its key."""
        if name != "key" or self.is_new:
            self.form = board_forms.put(self.form, name, value)

    def _draft(self) -> dict[str, Any]:
        return board_forms.write(self.form, self._metric(), self.audience, self.prizes)

    def _is_counted_anew(self) -> bool:
        draft = self._draft()
        return bool(self._saved) and any(draft[name] != self._saved[name] for name in self._recounts)

    async def _store(self) -> Next:
        self.errors, self.form_error = {}, ""
        try:
            actor, draft = await self._actor(), self._draft()
            return await (self._create(actor, draft) if self.is_new else self._change(actor, draft))
        except (InputInvalid, ValidationError) as error:
            self._tell(board_forms.faults(error))
        except AppError as error:
            if error.code == board_keeping.TAKEN:
                self.errors = {"key": "Another board has this key. Archived boards keep theirs."}
            self.form_error = words.sentence(error.message)
        finally:
            self.is_saving = False
        return None

    async def _create(self, actor: Actor, draft: Mapping[str, Any]) -> Next:
        board = await board_keeping.create_board(
            actor, CreateBoard.model_validate({**draft, "key": self.form["key"].strip()})
        )
        return [rx.toast.success(f"{board.title} is open, counted from all that is recorded"), rx.redirect(LIST)]

    async def _change(self, actor: Actor, draft: Mapping[str, Any]) -> Next:
        change = BoardChange.model_validate(draft)
        await board_keeping.change_board(actor, ChangeBoard(key=self.form["key"], change=change))
        self._open(await board_keeping.read_definition(actor, ReadDefinition(key=self.form["key"])))
        return [rx.toast.success("Saved"), BoardEditorState.count_preview]

    def _tell(self, found: dict[str, str]) -> None:
        """Put each refusal beside its field, and say above the form that there are some."""
        self._tell_rule(found)
        self.errors = {path.replace(".", "_"): text for path, text in found.items()}
        self.prizes = board_forms.tell_prizes(self.prizes, found)
        self.form_error = "Not saved yet: look at what is marked below."

    async def _suggest_key(self, actor: Actor) -> None:
        try:
            found = await board_keeping.suggest_key(actor, SuggestKey(title=self.form["title"]))
        except (AppError, ValidationError):
            return
        self.form = {**self.form, "key": found.key}

    async def _read_resets(self, actor: Actor) -> None:
        """Say when seasons begin."""
        self.resets_text, self.upcoming = "", []
        line = board_forms.line_of(self.form)
        if line is None:
            return
        try:
            found = await board_keeping.read_resets(actor, ReadResets(line=line))
        except (InputInvalid, ValidationError) as error:
            self.errors = {**self.errors, "resets": next(iter(board_forms.faults(error).values()))}
            return
        self.resets_text, self.timezone = found.text, found.timezone
        self.upcoming = [board_words.moment(moment, found.timezone) for moment in found.upcoming]
