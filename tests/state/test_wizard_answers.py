"""What a tab sends of a step, and which of its controls take their text anew."""

from __future__ import annotations

from state import wizard_answers

KINDS = {"name": "text", "goal": "choice", "start": "moment", "people": "rows", "logo": "file"}
SHOWN = {"name": "Spring", "goal": "sales", "start": None, "people": [{"email": "a@x.example"}, {}], "logo": None}


def test_a_form_sends_only_what_differs_from_what_the_tab_was_shown() -> None:
    form = {"name": "Spring", "goal": "leads", "people.0.email": "a@x.example", "people.1.email": "b", "stranger": "x"}
    assert wizard_answers.changed(form, SHOWN, KINDS) == {
        "goal": "leads",
        "people": [{"email": "a@x.example"}, {"email": "b"}],
    }


def test_rows_that_nobody_has_touched_are_not_sent_with_the_step() -> None:
    """Else an agent's rows would count as typed as soon as the step is left."""
    form = {"people.0.email": "a@x.example", "people.0.name": "", "people.1.email": ""}
    assert wizard_answers.changed(form, SHOWN, KINDS) == {}
    assert wizard_answers.changed({**form, "people.0.email": ""}, SHOWN, KINDS) == {"people": [{"email": ""}, {}]}


def test_time_and_zone_of_a_moment_are_sent_together() -> None:
    form = {"start": "2026-12-01T09:00", "start.zone": "UTC"}
    assert wizard_answers.changed(form, SHOWN, KINDS) == {"start": {"at": "2026-12-01T09:00", "zone": "UTC"}}


def test_a_cell_of_a_row_that_is_not_there_is_written_nowhere() -> None:
    rows = [{"email": "a"}]
    assert wizard_answers.with_cells({"people.5.email": "b", "people.x.email": "c", "people.0.": "d"}, rows) == rows


def test_a_control_takes_its_text_anew_where_somebody_else_has_written() -> None:
    """Else the tab would send its old text with the step, as if it had been typed over what it had never shown."""
    after = SHOWN | {"goal": "leads", "name": "Summer"}
    assert wizard_answers.news(SHOWN, after, {"name": "Summer"}) == {"goal"}
    assert wizard_answers.news(SHOWN, after, {"name": "Autumn"}) == {"goal", "name"}
    assert wizard_answers.news({}, SHOWN, {}) == set(SHOWN)
