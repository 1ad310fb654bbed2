"""The letter that asks a client for an approval: who asks, for what, the link, and when it ends.

In the tenant's name and colour. Whatever our people have typed is one line of text in it, never a piece of its page.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bizosaas_app.kernel.mail import Letter
from bizosaas_app.services.social.approval_mails import DueMail
from bizosaas_app.services.tenants import palettes

_FOLDER: Final = Path(__file__).parent / "http" / "templates"
_environment: Final = Environment(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)

_TEXT: Final = """Hello {client},

{company} asks you to look at {posts} of "{campaign}" before they go out. Read everything, then approve it or say what
should be changed:

{link}

You need no account. The link works until {until}. Whoever has it can answer in your name, so pass it on only to people
who may decide.

If you did not expect this, you can ignore it.
"""


def compose(due: DueMail, link: str) -> Letter:
    """Write the letter; sent again after a crash it is the same one."""
    shades = palettes.make(due.accent or palettes.STANDARD)["light"]
    words = {
        "client": _line(due.approval.client_name),
        "company": _line(due.company),
        "campaign": _line(due.campaign),
        "posts": "1 post" if due.posts == 1 else f"{due.posts} posts",
        "link": link,
        "until": f"{due.approval.expires_at:%Y-%m-%d %H:%M} UTC",
    }
    html = _environment.get_template("approval_mail.html").render(
        **words, button=shades.button, on_button=shades.contrast, accent=shades.text
    )
    subject = f"{words['company']} asks for your approval: {words['campaign']}"
    return Letter(due.to, subject, _TEXT.format(**words), key=str(due.approval.id), html=html)


def _line(text: str) -> str:
    return " ".join(text.split())
