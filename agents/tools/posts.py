"""Posts: a text that is about to be published, checked against each network's limits and for who cannot see it.

The accessibility rules follow WCAG 2.2 (1.1.1 text alternatives, 3.1.5 reading level is left to the writer) and the
advice of the UK Government Communication Service on accessible social media: capital letters inside hashtags, few
emoji, no letters that only look like letters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import Field

from agents import facts
from agents.facts import Fact
from agents.parts import Cell, Checklist, Draft, Item
from agents.tables import table
from agents.tooling import Args, ToolContext, ToolResult, tool
from agents.tools import networks
from agents.tools.forms import things
from agents.tools.networks import EMOJI, LINK, NETWORKS, Network, NetworkName

_LONG_TAG: Final = 12
"""Letters from which a hashtag without a capital is almost always several words."""
_RUN: Final = re.compile(rf"(?:{EMOJI.pattern}\s*){{3,}}")
_LOOKALIKES: Final = re.compile("[\U0001d400-\U0001d7ff\U0001f130-\U0001f189]")
_SHOUTING: Final = re.compile(r"(?:\b[A-Z]{3,}\b[\s,!]*){4,}")
_EMPTY_ALT: Final = re.compile(r"^\s*(image|picture|photo|graphic|screenshot)( of)?\s*\d*\s*$", re.IGNORECASE)
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+")

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class _Finding:
    severity: Severity
    text: str
    why: str


class PostCheckArgs(Args):
    """The text, where it is to appear, and the descriptions of its images."""

    text: str = Field(min_length=1, max_length=70_000, description="The post as it would be published")
    networks: Annotated[list[NetworkName], Field(min_length=1, max_length=10)]
    images: int = Field(0, ge=0, le=20, description="How many images go with it")
    alt_texts: list[str] = Field(default_factory=list, max_length=20, description="Their descriptions, in order")


class PostCheck(ToolResult):
    """Whether the post fits, network by network."""

    fits: list[NetworkName]


@tool(
    facts={
        "networks_checked": "count",
        "networks_failed": "count",
        "errors": "count",
        "warnings": "count",
        "tightest_network": "text",
        "tightest_length": "count",
        "tightest_limit": "count",
        "tightest_use": "percent",
        "over_by": "count",
        "hashtag_count": "count",
        "missing_alt": "count",
        "main_finding": "text",
    },
    parts={"by_network": "table", "findings": "checklist", "shortened": "draft"},
)
def post_check(context: ToolContext, args: PostCheckArgs) -> PostCheck:
    """Check a post against each network's length, hashtag and link rules, and for accessibility."""
    del context
    chosen = {name: NETWORKS[name] for name in dict.fromkeys(args.networks)}
    general = list(_general(args))
    by_network = {name: list(_for_network(args, item)) for name, item in chosen.items()}
    all_found = [*general, *(finding for found in by_network.values() for finding in found)]
    all_found.sort(key=lambda finding: finding.severity != "error")
    failed = [name for name, found in by_network.items() if any(item.severity == "error" for item in found)]
    tightest = max(chosen.values(), key=lambda item: networks.length(args.text, item) / item.limit)
    parts: dict[str, object] = {
        "by_network": table(
            "The post on each network",
            [_row(args.text, NETWORKS[name], found) for name, found in by_network.items()],
            network="Network",
            length=("Characters", "number"),
            limit=("Limit", "number"),
            use=("Of the limit", "percent"),
            result="Result",
            source="Limit stated by",
        ),
        "findings": Checklist(
            title="What to put right", items=[Item(text=item.text, why=item.why) for item in all_found]
        ),
    }
    if networks.length(args.text, tightest) > tightest.limit:
        shorter = _shorten(args.text, tightest)
        parts["shortened"] = Draft(title=f"Cut to fit {tightest.name}", text=shorter)
    return PostCheck(
        source="input",
        fits=[name for name in chosen if name not in failed],
        facts=_facts(args, tightest, all_found, len(chosen), len(failed)),
        parts=parts,
    )


def _facts(args: PostCheckArgs, tightest: Network, found: list[_Finding], checked: int, failed: int) -> list[Fact]:
    size = networks.length(args.text, tightest)
    made = [
        things("networks_checked", "Networks checked", checked, "network"),
        things("networks_failed", "Networks that would refuse it", failed, "network"),
        things("errors", "Errors", sum(item.severity == "error" for item in found), "error"),
        things("warnings", "Warnings", sum(item.severity == "warning" for item in found), "warning"),
        facts.text("tightest_network", "Tightest network", tightest.name),
        facts.count("tightest_length", "Length there", size),
        facts.count("tightest_limit", "Limit there", tightest.limit),
        facts.percent("tightest_use", "Of the limit there", size / tightest.limit * 100),
        things("hashtag_count", "Hashtags", len(networks.hashtags(args.text)), "hashtag"),
        things("missing_alt", "Images without a description", _missing(args), "image"),
    ]
    if size > tightest.limit:
        made.append(things("over_by", "Over the limit by", size - tightest.limit, "character"))
    if found:
        made.append(facts.text("main_finding", "First thing to put right", found[0].text))
    return made


def _row(text: str, network: Network, found: list[_Finding]) -> dict[str, Cell]:
    size = networks.length(text, network)
    is_refused = any(item.severity == "error" for item in found)
    return {
        "network": network.name,
        "length": size,
        "limit": network.limit,
        "use": round(size / network.limit * 100, 1),
        "result": "does not fit" if is_refused else "fits, with warnings" if found else "fits",
        "source": network.source,
    }


def _general(args: PostCheckArgs) -> Iterator[_Finding]:
    """Give what holds on every network."""
    for tag in dict.fromkeys(networks.hashtags(args.text)):
        if len(tag) > _LONG_TAG and tag == tag.lower():
            yield _Finding("warning", f"Write {tag} with a capital for each word", "A screen reader can then say it.")
    if _RUN.search(args.text):
        yield _Finding("warning", "Break up the row of emoji", "A screen reader reads out the name of each.")
    if _LOOKALIKES.search(args.text):
        yield _Finding(
            "error", "Use plain letters instead of decorative ones", "They are read as symbols or not at all."
        )
    if _SHOUTING.search(args.text):
        yield _Finding("warning", "Write the passage in capitals in small letters", "Capitals are slow to read.")
    if missing := _missing(args):
        yield _Finding("error", "Describe each image", f"{missing} without a text: who cannot see them gets nothing.")
    if any(_EMPTY_ALT.match(item) for item in args.alt_texts):
        yield _Finding("warning", "Say what an image shows, not that it is an image", "The kind is announced anyway.")
    if re.search(r"http://", args.text, re.IGNORECASE):
        yield _Finding("warning", "Link to the https address", "Browsers warn of an address without it.")
    if len(LINK.findall(args.text)) > 1:
        yield _Finding("warning", "Keep to a single link", "Readers follow the clearest; more links share its clicks.")


def _for_network(args: PostCheckArgs, network: Network) -> Iterator[_Finding]:
    """Give what holds on one network."""
    size, name = networks.length(args.text, network), network.name
    tags = networks.hashtags(args.text)
    if size > network.limit:
        yield _Finding("error", f"{name}: shorten the text", f"{size} characters; it takes {network.limit}.")
    if network.most_hashtags is not None and len(tags) > network.most_hashtags:
        yield _Finding(
            "error", f"{name}: use fewer hashtags", f"There are {len(tags)}; it takes {network.most_hashtags}."
        )
    elif len(tags) > network.good_hashtags:
        yield _Finding(
            "warning", f"{name}: use fewer hashtags", f"{len(tags)} read as noise; keep to {network.good_hashtags}."
        )
    if LINK.search(args.text) and not network.links_work:
        yield _Finding("warning", f"{name}: move the link to the profile", "A link in this text cannot be followed.")
    first_line = args.text[: network.fold] if network.fold else args.text
    if network.fold and size > network.fold and (link := LINK.search(args.text)) and link.start() > len(first_line):
        yield _Finding("warning", f"{name}: bring the link forward", 'It stands behind "more".')
    if network.alt_text_limit and any(len(item) > network.alt_text_limit for item in args.alt_texts):
        yield _Finding("error", f"{name}: shorten the description of an image", f"It takes {network.alt_text_limit}.")
    if name == "X" and args.text.lstrip().startswith("@"):
        yield _Finding("warning", "X: do not begin with a name", "It is then shown as a reply, to few people.")


def _missing(args: PostCheckArgs) -> int:
    return max(args.images - sum(bool(item.strip()) for item in args.alt_texts), 0)


def _shorten(text: str, network: Network) -> str:
    """Keep whole sentences, or failing that whole words, as long as they fit."""
    for pieces, joint, end in ((_SENTENCE_END.split(text), " ", ""), (text.split(), " ", "\N{HORIZONTAL ELLIPSIS}")):
        kept = list(pieces)
        while kept and networks.length(joint.join(kept) + end, network) > network.limit:
            kept.pop()
        if kept:
            return joint.join(kept) + end
    return text[: network.limit // 2]
