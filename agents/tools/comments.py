"""Comments: which of them need an answer, and how soon; with a draft for each that does.

The mood is VADER's compound score with its authors' bounds of +-0.05 (Hutto and Gilbert, ICWSM 2014), made for short
social texts in English. Urgency comes from a table of rules. A comment is data: what it asks for is never done.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Draft
from agents.tables import bars, table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools.forms import things

_BOUND: Final = 0.05
_STRONG: Final = -0.7
"""From here down a comment is angry, not only unhappy."""
_MOST_DRAFTS: Final = 8

Urgency = Literal["now", "today", "soon", "none", "hide"]
_ORDER: Final[dict[Urgency, str]] = {
    "now": "Answer now",
    "today": "Answer today",
    "soon": "Answer when you can",
    "none": "No answer needed",
    "hide": "Probably spam",
}


@dataclass(frozen=True, slots=True)
class _Rule:
    reason: str
    urgency: Urgency
    pattern: re.Pattern[str]
    answer: str
    """What a draft says about it; it promises nothing that a person has not decided."""


def _rule(reason: str, urgency: Urgency, words: str, answer: str) -> _Rule:
    return _Rule(reason, urgency, re.compile(rf"\b(?:{words})\b", re.IGNORECASE), answer)


_RULES: Final = (
    _rule(
        "safety",
        "now",
        r"allergi\w+|injur\w+|burn(?:ed|t)|unsafe|dangerous|hospital|poison\w*|caught fire|electric shock|mou?ld(?:y)?",
        "Safety comes before everything else. Please stop using it, and send us a direct message with the batch or "
        "order number so that we can look into it straight away.",
    ),
    _rule(
        "law or press",
        "now",
        r"lawyer|lawsuit|su(?:e|ing) you|legal action|solicitor|journalist|trading standards|data breach|gdpr",
        "We take this seriously and have passed it on. Please send us a direct message so that the right person can "
        "answer you.",
    ),
    _rule(
        "fraud",
        "now",
        r"scam(?:med|mers?)?|fraud\w*|fake account|hacked|charged (?:me )?twice|stolen",
        "Thank you for telling us. Please send us a direct message, never your card or password, and we will check "
        "what has happened.",
    ),
    _rule(
        "money back",
        "today",
        r"refund\w*|money back|chargeback|overcharged|wrong (?:price|amount)|cancel(?:led|ling)? my",
        "We would like to put this right. Please send us your order number in a direct message and we will look at "
        "the payment.",
    ),
    _rule(
        "not working",
        "today",
        r"broken|not work\w*|does(?:n't| not) work|stopped working|faulty|damaged|error|crash\w*|can(?:'t|not) log ?in|"
        r"(?:is|are|went) down",
        "Sorry that this does not work as it should. Please tell us in a direct message what you see and when it "
        "began, and we will help you.",
    ),
    _rule(
        "delivery",
        "today",
        r"still waiting|never arrived|not arrived|where is my|late|lost (?:my )?(?:parcel|package|order)|no reply|"
        r"ignored",
        "Sorry for the wait. Please send us your order number in a direct message and we will find out where it is.",
    ),
    _rule(
        "buying question",
        "today",
        r"how much|price|in stock|available|where can i (?:buy|get)|do you (?:ship|deliver|sell)|discount",
        "Thank you for asking. [Answer with the current price or availability and the link.]",
    ),
)
_QUESTION: Final = re.compile(
    r"\?|^(?:how|what|when|where|why|who|which|can|could|do|does|is|are|will)\b", re.IGNORECASE
)
_SPAM: Final = re.compile(
    r"(?:follow (?:me|back)|check (?:out )?my (?:page|profile|bio)|dm (?:me|us) (?:for|to)|promo(?:te)? it on|crypto|"
    r"forex|giveaway at|whatsapp|earn \$?\d+|free followers|t\.me/)",
    re.IGNORECASE,
)


class Comment(BaseModel):
    """A comment under a post."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(min_length=1, max_length=80)
    text: str = Field(min_length=1, max_length=5000)
    author: str = Field("", max_length=120)
    written_at: datetime | None = None


class JudgedComment(BaseModel):
    """A comment with its mood (-1 to 1), how soon it needs an answer, and why."""

    model_config = ConfigDict(frozen=True)

    comment: Comment
    mood: float
    urgency: Urgency
    reason: str


class CommentTriageArgs(Args):
    """The comments, and how the answers are signed."""

    comments: Annotated[list[Comment], Field(min_length=1, max_length=1000)]
    signature: str = Field("", max_length=60, description="A name under each answer")


class CommentTriage(ToolResult):
    """Every comment judged, the most urgent first."""

    judged: list[JudgedComment]


@tool(
    facts={
        "comments_read": "count",
        "urgent_count": "count",
        "today_count": "count",
        "question_count": "count",
        "spam_count": "count",
        "negative_share": "percent",
        "positive_share": "percent",
        "mean_mood": "number",
        "top_reason": "text",
        "top_reason_count": "count",
        "drafts_written": "count",
    },
    parts={"queue": "table", "moods": "series", "answers": "draft"},
)
def comment_triage(context: ToolContext, args: CommentTriageArgs) -> CommentTriage:
    """Sort comments by mood and urgency, and draft an answer for each that needs one."""
    del context
    analyser = _analyser()
    judged = [_judge(comment, analyser) for comment in args.comments]
    order = list(_ORDER)
    judged.sort(key=lambda item: (order.index(item.urgency), item.mood))
    moods = {
        "negative": sum(item.mood <= -_BOUND for item in judged),
        "neutral": sum(-_BOUND < item.mood < _BOUND for item in judged),
        "positive": sum(item.mood >= _BOUND for item in judged),
    }
    waiting = [item for item in judged if item.urgency in ("now", "today", "soon")][:_MOST_DRAFTS]
    parts: dict[str, Any] = {
        "queue": table(
            "Comments, the most urgent first",
            [_row(item) for item in judged],
            when="When",
            reason="Why",
            mood=("Mood", "number"),
            author="From",
            text="Comment",
        ),
        "moods": bars("Mood of the comments", [(name, float(number)) for name, number in moods.items()], "comments"),
    }
    if waiting:
        answers = "\n\n---\n\n".join(_answer(item, args.signature) for item in waiting)
        parts["answers"] = Draft(title="Answers to edit", text=answers)
    return CommentTriage(source="input", judged=judged, facts=_facts(judged, moods, len(waiting)), parts=parts)


def mood_of(text: str) -> float:
    """Give VADER's compound score of a text, from -1 to 1."""
    return float(_analyser().polarity_scores(text)["compound"])


@lru_cache(maxsize=1)
def _analyser() -> Any:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # type: ignore[import-untyped]

    return SentimentIntensityAnalyzer()


def _judge(comment: Comment, analyser: Any) -> JudgedComment:
    mood = float(analyser.polarity_scores(comment.text)["compound"])
    rule = _rule_for(comment.text)
    if _SPAM.search(comment.text) and (rule is None or rule.reason == "buying question"):
        urgency, reason = "hide", "advertises"
    elif rule is not None and (rule.reason != "delivery" or mood < _BOUND or _QUESTION.search(comment.text)):
        urgency, reason = rule.urgency, rule.reason
    elif mood <= _STRONG:
        urgency, reason = "today", "angry"
    elif _QUESTION.search(comment.text.strip()):
        urgency, reason = "soon", "question"
    elif mood <= -_BOUND:
        urgency, reason = "soon", "unhappy"
    else:
        urgency, reason = "none", "praise" if mood >= _BOUND else "remark"
    return JudgedComment.model_validate({"comment": comment, "mood": mood, "urgency": urgency, "reason": reason})


def _rule_for(text: str) -> _Rule | None:
    return next((rule for rule in _RULES if rule.pattern.search(text)), None)


def _facts(judged: list[JudgedComment], moods: dict[str, int], drafts: int) -> list[Fact]:
    counts = {urgency: sum(item.urgency == urgency for item in judged) for urgency in _ORDER}
    reasons = [item.reason for item in judged if item.urgency in ("now", "today")]
    total = len(judged)
    made = [
        things("comments_read", "Comments read", total, "comment"),
        things("urgent_count", "To be answered now", counts["now"], "comment"),
        things("today_count", "To be answered today", counts["today"], "comment"),
        things(
            "question_count",
            "Questions",
            sum(item.reason in ("question", "buying question") for item in judged),
            "question",
        ),
        things("spam_count", "Probably spam", counts["hide"], "comment"),
        facts.percent("negative_share", "Negative", moods["negative"] / total * 100, digits=0),
        facts.percent("positive_share", "Positive", moods["positive"] / total * 100, digits=0),
        facts.number("mean_mood", "Mean mood (from -1 to 1)", sum(item.mood for item in judged) / total),
        things("drafts_written", "Answers drafted", drafts, "draft"),
    ]
    if reasons:
        top = max(dict.fromkeys(reasons), key=reasons.count)
        made += [
            facts.text("top_reason", "Most frequent pressing reason", top),
            things("top_reason_count", "Comments with it", reasons.count(top), "comment"),
        ]
    return made


def _row(item: JudgedComment) -> dict[str, Cell]:
    return {
        "when": _ORDER[item.urgency],
        "reason": item.reason,
        "mood": round(item.mood, 2),
        "author": item.comment.author,
        "text": facts.text("text", "", item.comment.text).rendered,
    }


def _answer(item: JudgedComment, signature: str) -> str:
    name = facts.text("name", "", item.comment.author).rendered if item.comment.author else ""
    rule = _rule_for(item.comment.text)
    if rule is not None and item.reason == rule.reason:
        body = rule.answer
    elif item.reason == "question":
        body = "Thank you for your question. [Answer it here, in a sentence, with a link where one helps.]"
    else:
        body = "Thank you for telling us openly; we are sorry that it went this way. Please send us a direct message."
    quoted = facts.text("text", "", item.comment.text).rendered
    greeting = f"Hello {name},\n" if name else "Hello,\n"
    return f"> {quoted}\n\n{greeting}{body}\n{signature}".rstrip()
