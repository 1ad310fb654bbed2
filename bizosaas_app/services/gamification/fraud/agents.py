"""User agents: programs that say so, browsers that cannot exist, and a short name for all others."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import ua_parser

Kind = Literal["browser", "automation", "inconsistent", "empty"]

_LONGEST: Final = 512

AUTOMATION: Final = re.compile(
    r"headless|phantomjs|selenium|webdriver|puppeteer|playwright|cypress|slimerjs|python|curl/|wget|libwww|scrapy"
    r"|go-http-client|java/|apache-httpclient|node-fetch|axios|httpie|postman|insomnia|mechanize|aiohttp|httpx"
    r"|\bbot\b|(?<!cu)bot[/;)]|spider|crawler|zgrab|masscan",
    re.IGNORECASE,
)
"""Words by which automated clients call themselves. Libraries of mobile apps (okhttp, CFNetwork, Dalvik) are people,
and Cubot makes phones."""

IMPOSSIBLE: Final[dict[str, re.Pattern[str]]] = {
    "Chrome's own engine does not run on iPhones": re.compile(r"\((?:iPhone|iPad|iPod)[^)]*\).* Chrome/"),
    "Safari left Windows with version 5": re.compile(
        r"Windows NT(?!.*(?:Chrome|Chromium|Edg|OPR)/).*Version/(?:[6-9]|\d\d).* Safari/"
    ),
    "Internet Explorer runs on Windows only": re.compile(
        r"(?=.*(?:MSIE |Trident/))(?=.*(?:Macintosh|X11|Android|iPhone))"
    ),
    "one system cannot be two": re.compile(
        r"(?=.*Windows NT)(?=.*(?:Android|iPhone OS|CPU OS))|(?=.*Macintosh)(?=.*Android)"
    ),
}
"""What no released browser sends, with the reason."""


@dataclass(frozen=True, slots=True)
class Agent:
    """What a user agent tells: `key` is shared by everybody with the same browser and system."""

    key: str
    kind: Kind
    why: str = ""


@lru_cache(maxsize=1024)
def read(user_agent: str) -> Agent:
    """Read a user agent."""
    text = user_agent.strip()[:_LONGEST]
    if not text:
        return Agent("none", "empty", "no user agent was sent")
    key = _key(text)
    if match := AUTOMATION.search(text):
        return Agent(key, "automation", f"it calls itself {match[0].strip(' /;)')}")
    for why, pattern in IMPOSSIBLE.items():
        if pattern.search(text):
            return Agent(key, "inconsistent", why)
    return Agent(key, "browser")


def _key(text: str) -> str:
    parsed = ua_parser.parse(text)
    browser = " ".join(filter(None, (parsed.user_agent.family, parsed.user_agent.major))) if parsed.user_agent else ""
    system = " ".join(filter(None, (parsed.os.family, parsed.os.major))) if parsed.os else ""
    model = parsed.device.family if parsed.device else ""
    return " / ".join(filter(None, (browser or text[:60], system, model)))[:120]
