"""Where a request's path leads at the upstream, without the guard before it."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bizosaas_app.gateway.upstreams.faults import RequestUnfit
from bizosaas_app.gateway.upstreams.paths import target_of
from bizosaas_app.gateway.upstreams.table import Base

CRM = Base("crm", "http", "crm.internal", 80, "/api")


@pytest.mark.parametrize(
    ("raw", "query", "target"),
    [
        (b"/api/v1/crm", b"", b"/api"),
        (b"/api/v1/crm/", b"", b"/api/"),
        (b"/api/v1/crm/leads/7", b"a=%2e%2e/&b=[1]", b"/api/leads/7?a=%2e%2e/&b=[1]"),
        (b"/api/v1/crm/%E2%82%AC/a%20b;v=1", b"", b"/api/%E2%82%AC/a%20b;v=1"),
        (b"/api/v1/crm/100%25", b"", b"/api/100%25"),
        (b"/api/v1/crm/a..b/...", b"", b"/api/a..b/..."),
    ],
)
def test_a_plain_path_is_put_behind_the_base_as_it_is(raw: bytes, query: bytes, target: bytes) -> None:
    assert target_of(CRM, raw, query) == target


def test_an_upstream_without_a_path_has_a_root() -> None:
    assert target_of(Base("crm", "http", "crm", 80, ""), b"/api/v1/crm", b"") == b"/"


REFUSED = [
    b"/api/v1/crm/..",
    b"/api/v1/crm/../cms",
    b"/api/v1/crm/./a",
    b"/api/v1/crm/%2e%2e/a",
    b"/api/v1/crm/%2E./a",
    b"/api/v1/crm/..;x=1/a",
    b"/api/v1/crm/%252e%252e/a",
    b"/api/v1/crm/%25252e%25252e/a",
    b"/api/v1/crm/a%2fb",
    b"/api/v1/crm/a%252Fb",
    b"/api/v1/crm/a%5cb",
    b"/api/v1/crm/a\\b",
    b"/api/v1/crm/a%00",
    b"/api/v1/crm/a%0d%0aX: y",
    b"/api/v1/crm/a%7f",
    b"/api/v1/crm/%c0%ae%c0%ae/a",
    b"/api/v1/crm//evil.example/a",
    b"/api/v1/crm/a//b",
    b"/api/v1/crmx/a",
    b"/api/v1/%63rm/a",
    b"//evil.example/api/v1/crm/a",
    b"http://evil.example/api/v1/crm/a",
    b"/api/v1/crm/a b",
    b"/api/v1/crm/a%",
    b"/api/v1/crm/a%zz",
    b"/api/v1/crm/\xc3\xa9",
    b"/api/v1/crm/a?b",
    b"/api/v1/crm/a#b",
    b"/api/v1/crm/a\r\nHost: evil",
    b"/api/v1/cms/a",
    b"",
    b"*",
]


@pytest.mark.parametrize("raw", REFUSED)
def test_a_path_that_could_lead_elsewhere_is_refused(raw: bytes) -> None:
    with pytest.raises(RequestUnfit):
        target_of(CRM, raw, b"")


@pytest.mark.parametrize("query", [b"a b", b"a#b", b"a\r\nb", b"\xff", b"a\0"])
def test_a_query_with_other_signs_than_visible_ones_is_refused(query: bytes) -> None:
    with pytest.raises(RequestUnfit):
        target_of(CRM, b"/api/v1/crm/a", query)


@given(st.lists(st.sampled_from([b"/", b".", b"%2e", b"%25", b"2e", b"%2f", b"a", b"\\", b";", b"%00"]), max_size=9))
@example([b"/", b"%25", b"2e", b".", b"/", b"a"])
def test_whatever_is_let_through_stays_under_the_base_however_often_it_is_decoded(parts: list[bytes]) -> None:
    try:
        target = target_of(CRM, b"/api/v1/crm" + b"".join(parts), b"")
    except RequestUnfit:
        return
    while True:
        names = [part.split(b";")[0] for part in target.split(b"/")]
        assert target.startswith(b"/api")
        assert not {b".", b".."} & set(names)
        assert b"\\" not in target
        assert b"//" not in target
        if unquote_to_bytes(target) == target:
            return
        assert unquote_to_bytes(target).count(b"/") == target.count(b"/")
        target = unquote_to_bytes(target)
