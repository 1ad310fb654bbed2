"""How one showcase reads on its page: story, figures, consents, texts for networks and search engines. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import quote, urlsplit

from bizosaas_app.gateway.contracts.portfolios import FigureView, ShowcaseView, SocialView, SourceView
from bizosaas_app.gateway.contracts.showcase_previews import PieceView, PreviewView
from bizosaas_app.kernel import number_guard
from state import acts, showcase_words, words
from state.showcase_rows import (
    ChipRow,
    ConsentRow,
    FigureRow,
    LineRow,
    PieceRow,
    SectionRow,
    SeoRow,
    ShownRow,
    SocialRow,
)

CONSENTS: Final = {"client_name": "the name", "figures": "the figures", "quote": "the quote"}
"""The consents as a sentence names them."""
TITLE_LIMIT: Final = 60
DESCRIPTION_LIMIT: Final = 160
_PERSON: Final = "person"
_OPEN: Final = {
    "LinkedIn": "https://www.linkedin.com/sharing/share-offsite/?url={link}",
    "X": "https://x.com/intent/post?text={text}&url={link}",
    "Facebook": "https://www.facebook.com/sharer/sharer.php?u={link}",
    "WhatsApp": "https://wa.me/?text={text}%0A%0A{link}",
}
"""Where a network takes a post: LinkedIn and Facebook take the link alone, the text is pasted."""

NOTHING: Final = ShownRow(
    id="", title="", kind="", template="", status="", status_label="", tone="neutral", purpose="", byline="",
    period="", baseline="", written_by="", public_url="", image_url="", failure="", missing="", consent_by="",
    quote_text="", quote_author="", published_at="", as_of="", run_id="", note="", is_cancel_asked=False,
    is_public=False, can_consent=False,
)  # fmt: skip
"""Before a showcase was read."""
NO_SEO: Final = SeoRow(title="", title_length="", description="", description_length="", address="", keywords=[])


def shown(view: ShowcaseView, preview: PreviewView | None, *, user_id: str) -> ShownRow:
    """Give what stands around the story; `user_id` is the reader's."""
    label, tone = showcase_words.STATUSES[view.status]
    kind, days = showcase_words.TEMPLATES[view.template], showcase_words.period(view.begins, view.ends)
    whose = "the whole organisation" if view.scope == "tenant" else view.owner_name
    return ShownRow(
        id=str(view.id),
        title=view.title,
        kind=kind,
        template=view.template,
        status=view.status,
        status_label=label,
        tone=tone,
        purpose=f"{kind} of {whose}, {days}.",
        byline=preview.byline if preview else "",
        period=preview.period if preview else days,
        baseline=preview.baseline if preview else "",
        written_by=preview.written_by if preview else "",
        public_url=view.public_url or "",
        image_url=f"{view.public_url}/image.png" if view.public_url else "",
        failure=words.sentence(view.failure or ""),
        missing=_missing(view),
        consent_by=view.owner_name,
        quote_text=view.quote.text if view.quote else "",
        quote_author=view.quote.author if view.quote else "",
        published_at=words.moment(view.published_at) if view.published_at else "",
        as_of=words.moment(view.as_of) if view.as_of else "",
        run_id=str(view.run_id or ""),
        note=showcase_words.note(view.progress),
        is_cancel_asked=view.progress is not None and view.progress.is_cancel_asked,
        is_public=view.public_url is not None,
        can_consent=view.scope == "tenant" or str(view.owner_user_id) == user_id,
    )


def sections(
    view: ShowcaseView, preview: PreviewView, *, open_keys: Collection[str], faults: Mapping[str, str]
) -> list[SectionRow]:
    """Give the parts of the story; those of `open_keys` are being edited."""
    known = {item.key: item for item in view.sections}
    return [
        SectionRow(
            key=part.key,
            heading=part.heading,
            pieces=pieces(part.pieces),
            text=known[part.key].text,
            by="Edited by a person" if known[part.key].by == _PERSON else "",
            chips=_chips(view.figures, known[part.key].text),
            is_open=part.key in open_keys,
            error=faults.get(part.key, ""),
        )
        for part in preview.parts
    ]


def pieces(given: Iterable[PieceView]) -> list[PieceRow]:
    """Give a text cut at its numbers."""
    return [PieceRow(key=str(number), text=item.text, figure=item.figure) for number, item in enumerate(given)]


def lines(preview: PreviewView) -> list[LineRow]:
    """Give the figures at the head of the page."""
    return [
        LineRow(key=item.key, label=item.label, value=item.rendered, moved=item.moved, direction=item.direction)
        for item in preview.headlines
    ]


def figures(given: Sequence[FigureView]) -> list[FigureRow]:
    """Give every figure with its period and where it comes from."""
    return [
        FigureRow(
            key=item.key,
            label=item.label,
            value=item.rendered,
            period=showcase_words.period(item.begins, item.ends),
            source=source(item.source),
            event_ids=item.source.event_ids,
            ids_note=_ids_note(item.source),
        )
        for item in given
    ]


def source(given: SourceView) -> str:
    """Say of which events a figure is made, and of how many."""
    if not given.events:
        return f"By the {given.aggregate}" if given.aggregate == "calendar" else given.aggregate.capitalize()
    kinds = ["all verified actions" if name == "*" else acts.describe_event(name).title for name in given.types]
    return f"{given.aggregate.capitalize()} of {words.counted(given.events, 'event', 'events')}: {', '.join(kinds)}"


def consents(view: ShowcaseView, byline: str) -> list[ConsentRow]:
    """Give the consents that the page needs, with what each of them shows."""
    texts = {
        "client_name": ("Name", f"The page says whose work it is: {byline}."),
        "figures": ("Figures", "The page shows the numbers, their period and how they were counted."),
    }
    if view.quote:
        texts["quote"] = ("Quote", f"The page shows the words of {view.quote.author}, under that name.")
    return [
        ConsentRow(
            key=key,
            label=label,
            text=text,
            is_on=view.consents.get(key) is True,
            is_missing=key in view.missing_consents,
        )
        for key, (label, text) in texts.items()
    ]


def social(given: Sequence[SocialView]) -> list[SocialRow]:
    """Give the texts for the networks."""
    return [_post(item) for item in given]


def seo(view: ShowcaseView) -> SeoRow:
    """Give the page as a search result."""
    if view.seo is None:
        return NO_SEO
    return SeoRow(
        title=view.seo.title,
        title_length=f"{len(view.seo.title)} of {TITLE_LIMIT} characters",
        description=view.seo.description,
        description_length=f"{len(view.seo.description)} of {DESCRIPTION_LIMIT} characters",
        address=_address(view),
        keywords=view.seo.keywords,
    )


def _post(item: SocialView) -> SocialRow:
    text, link = quote(item.text, safe=""), quote(item.link, safe="")
    return SocialRow(
        key=item.network.casefold(),
        network=item.network,
        text=item.text,
        link=item.link,
        length=f"{words.number(item.length)} of {words.number(item.limit)} characters",
        percent=min(100, round(100 * item.length / item.limit)),
        full=f"{item.text}\n\n{item.link}",
        open_url=_OPEN.get(item.network, "{link}").format(text=text, link=link),
    )


def _address(view: ShowcaseView) -> str:
    """Write the address as search engines do; the links of the networks name the host already."""
    host = urlsplit(view.social[0].link).netloc if view.social else ""
    return " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} ".join(filter(None, (host, "showcase", view.slug)))


def _missing(view: ShowcaseView) -> str:
    """Say which consents publishing lacks; nothing while there is nothing to publish."""
    if not view.missing_consents or not view.sections:
        return ""
    *most, last = [CONSENTS[name] for name in view.missing_consents]
    named = f"{', '.join(most)} and {last}" if most else last
    return f"Not published yet: the consent to show {named} is missing."


def _chips(given: Sequence[FigureView], text: str) -> list[ChipRow]:
    """Give the figures beside a text, first those that it names."""
    named = {word for _, word, _ in number_guard.cut(text)}
    rows = [
        ChipRow(key=item.key, label=item.label, value=item.rendered, is_bound=item.rendered in named) for item in given
    ]
    return sorted(rows, key=lambda row: not row["is_bound"])


def _ids_note(given: SourceView) -> str:
    shown_ids = len(given.event_ids)
    if not shown_ids:
        return ""
    return "Event ids" if shown_ids == given.events else f"{shown_ids} of the event ids"
