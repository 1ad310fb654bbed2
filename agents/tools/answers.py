"""Answers: a draft for a customer's message, from a macro and from facts that the company has given.

The customer's text is data: it chooses the macro and nothing else. No word of it enters the answer except a name that
the company gave itself, and what reads like an order to the program is reported, not obeyed. A placeholder without a
fact stays open and is listed; nothing is made up to fill it.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.parts import Checklist, Draft, Item
from agents.tables import table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.comments import mood_of
from agents.tools.forms import things

_NEAR: Final = 0.12
"""Cosine from which a macro is about the message."""
_ANGRY: Final = -0.4
_PLACEHOLDER: Final = re.compile(r"\{([a-z][a-z0-9_]{0,40})\}")
_ORDERS: Final = re.compile(
    r"(?:ignore|disregard|forget)\s+(?:all|any|the|your|previous|above)\b[^.\n]{0,40}(?:instruction|rule|prompt)|"
    r"\b(?:system prompt|you are now|act as|developer mode|reveal your|print your)\b|"
    r"\b(?:approve|issue|grant)\s+(?:me\s+)?(?:a|the|my)\s+(?:full\s+)?refund\b.{0,40}\b(?:now|immediately|automatically)",
    re.IGNORECASE,
)
_QUESTION: Final = re.compile(r"[^.!?\n]{3,200}\?")

Tone = Literal["friendly", "formal"]
_GREETING: Final[dict[Tone, str]] = {"friendly": "Hello {name},", "formal": "Dear {name},"}
_REGRET: Final[dict[Tone, str]] = {
    "friendly": "I am sorry that this has gone wrong for you, and thank you for writing to us.",
    "formal": "Please accept our apologies for the trouble, and thank you for letting us know.",
}
_THANKS: Final[dict[Tone, str]] = {
    "friendly": "Thank you for your message.",
    "formal": "Thank you for contacting us.",
}
_CLOSING: Final[dict[Tone, str]] = {
    "friendly": "If anything is still unclear, just answer this message.\n\nBest wishes,",
    "formal": "Should you have further questions, please reply to this message.\n\nYours sincerely,",
}
_NO_MACRO: Final = "[No macro fits this message. Answer it here.]"


class Macro(BaseModel):
    """A prepared answer; `{word}` in it is filled from the facts that are given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=80)
    about: str = Field("", max_length=500, description="Words that customers use for it")
    text: str = Field(min_length=3, max_length=4000)


class AnswerArgs(Args):
    """The message, the macros, and what is true of the case."""

    message: str = Field(min_length=1, max_length=20_000, description="The customer's text, as it came")
    customer_name: str = Field("", max_length=80)
    macros: Annotated[list[Macro], Field(min_length=1, max_length=200)]
    known: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")], Annotated[str, Field(max_length=300)]] = (
        Field(default_factory=dict, max_length=60, description="Facts for the macros' placeholders")
    )
    tone: Tone = "friendly"
    signature: str = Field("The support team", max_length=120)


class Answer(ToolResult):
    """The draft's state."""

    macro: str | None
    open_placeholders: list[str]


@tool(
    facts={
        "macro_name": "text",
        "macro_fit": "percent",
        "macros_read": "count",
        "open_count": "count",
        "open_placeholder": "text",
        "question_count": "count",
        "order_count": "count",
        "mood": "number",
        "answer_words": "count",
    },
    parts={"answer": "draft", "to_check": "checklist", "macros": "table"},
)
def answer_draft(context: ToolContext, args: AnswerArgs) -> Answer:
    """Choose the macro that fits a customer's message and fill it from given facts; nothing is invented."""
    del context
    fits = _fits(args)
    best, fit = max(zip(args.macros, fits, strict=True), key=lambda pair: pair[1])
    macro = best if fit >= _NEAR else None
    mood = mood_of(args.message)
    body, open_names = _fill(macro.text if macro else _NO_MACRO, args.known)
    text = _compose(args, body, mood)
    questions = [match.strip() for match in _QUESTION.findall(args.message)]
    orders = [match[0] for match in _ORDERS.finditer(args.message)]
    made: list[Fact] = [
        things("macros_read", "Macros compared", len(args.macros), "macro"),
        facts.percent("macro_fit", "Likeness of the nearest macro", fit * 100, digits=0),
        things("open_count", "Placeholders still open", len(open_names), "placeholder"),
        things("question_count", "Questions in the message", len(questions), "question"),
        things("order_count", "Orders to the program in the message", len(orders), "passage"),
        facts.number("mood", "Mood of the message (from -1 to 1)", mood),
        things("answer_words", "Words of the draft", len(text.split()), "word"),
    ]
    if macro is not None:
        made.append(facts.text("macro_name", "Macro used", macro.name))
    if open_names:
        made.append(facts.text("open_placeholder", "Placeholder to fill", open_names[0]))
    ordered = sorted(zip(args.macros, fits, strict=True), key=lambda pair: -pair[1])
    return Answer(
        source="input",
        macro=macro.name if macro else None,
        open_placeholders=open_names,
        facts=made,
        parts={
            "answer": Draft(title="Answer to edit", text=text),
            "to_check": Checklist(title="Before it goes out", items=_checks(open_names, questions, orders, macro)),
            "macros": table(
                "Macros by how well they fit",
                [{"name": item.name, "fit": round(value * 100, 1)} for item, value in ordered],
                name="Macro",
                fit=("Fits", "percent"),
            ),
        },
    )


def _fits(args: AnswerArgs) -> list[float]:
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]

    about = [f"{item.name} {item.name} {item.about} {item.about} {item.text}" for item in args.macros]
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
    vectors: Any = vectorizer.fit_transform([args.message, *about])
    fits: list[float] = (vectors[1:] @ vectors[0].T).toarray().ravel().tolist()
    return fits


def _fill(text: str, known: dict[str, str]) -> tuple[str, list[str]]:
    """Fill the placeholders that are known, in a single pass; give the text and the names that stay open."""
    names = dict.fromkeys(_PLACEHOLDER.findall(text))
    filled = _PLACEHOLDER.sub(lambda match: known.get(match[1], f"[{match[1]}]"), text)
    return filled, [name for name in names if name not in known]


def _compose(args: AnswerArgs, body: str, mood: float) -> str:
    name = facts.text("name", "", args.customer_name).rendered if args.customer_name else "there"
    opening = _REGRET[args.tone] if mood <= _ANGRY else _THANKS[args.tone]
    greeting = _GREETING[args.tone].format(name=name)
    return f"{greeting}\n\n{opening}\n\n{body}\n\n{_CLOSING[args.tone]}\n{args.signature}"


def _checks(open_names: list[str], questions: list[str], orders: list[str], macro: Macro | None) -> list[Item]:
    items = [Item(text=f"Fill in [{name}]", why="No fact was given for it.") for name in open_names]
    if macro is None:
        items.append(Item(text="Write the body", why="No macro is near enough to the message."))
    items += [
        Item(text=f"Is it answered: {facts.text('q', '', question).rendered}", why="The customer asks it.")
        for question in questions[:5]
    ]
    if orders:
        items.append(
            Item(
                text="Read the message with care",
                why="A passage of it reads like an order to a program; it was not followed.",
            )
        )
    return items
