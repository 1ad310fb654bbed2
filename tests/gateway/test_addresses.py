"""Whose address counts, and which bucket it falls into."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from bizosaas_app.gateway.http.addresses import address_bucket, client_address, peer_is_trusted
from tests.gateway.asgi import http_scope

PROXIES = tuple(map(ip_network, ("10.0.0.0/8", "fd00::/8", "127.0.0.1/32")))


def seen_from(peer: str, *lines: str) -> str:
    headers = [(b"x-forwarded-for", line.encode("latin-1")) for line in lines]
    return client_address(http_scope(client=(peer, 1), headers=headers), PROXIES)


def test_a_stranger_cannot_choose_an_address() -> None:
    assert seen_from("203.0.113.9", "198.51.100.1") == "203.0.113.9"


def test_nobody_is_trusted_unless_configured() -> None:
    scope = http_scope(client=("127.0.0.1", 1), headers=[(b"x-forwarded-for", b"198.51.100.1")])
    assert client_address(scope, ()) == "127.0.0.1"


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (["198.51.100.1"], "198.51.100.1"),
        (["6.6.6.6, 198.51.100.1"], "198.51.100.1"),
        (["6.6.6.6, 198.51.100.1, 10.2.2.2, 10.3.3.3"], "198.51.100.1"),
        (["6.6.6.6", "198.51.100.1", "10.2.2.2"], "198.51.100.1"),
        (["10.9.9.9, 10.2.2.2"], "10.9.9.9"),
        (["198.51.100.1:4711"], "198.51.100.1"),
        (["[2001:DB8:0::1]:4711"], "2001:db8::1"),
        (["::ffff:198.51.100.1"], "198.51.100.1"),
        (["6.6.6.6, ::ffff:10.2.2.2"], "6.6.6.6"),
        ([], "10.1.1.1"),
    ],
)
def test_the_first_hop_from_the_right_that_is_not_ours_is_the_client(lines: list[str], address: str) -> None:
    assert seen_from("10.1.1.1", *lines) == address


@pytest.mark.parametrize(
    "entry", ["", "unknown", "_hidden", "1.2.3", "999.1.1.1", "2001:db8::1%eth0", "\x00", "\xe9", "01.2.3.4"]
)
def test_an_entry_that_is_no_address_ends_the_walk_at_our_own_hop(entry: str) -> None:
    assert seen_from("10.1.1.1", f"6.6.6.6, {entry}, 10.2.2.2") == "10.2.2.2"
    assert seen_from("10.1.1.1", entry) == "10.1.1.1"


def test_the_peer_is_normalised() -> None:
    assert seen_from("::ffff:203.0.113.9") == "203.0.113.9"
    assert seen_from("::ffff:10.1.1.1", "198.51.100.1") == "198.51.100.1"
    assert seen_from("fe80::1%eth0") == "fe80::1"


def test_a_peer_without_an_address_is_unknown() -> None:
    scope = http_scope(client=None, headers=[(b"x-forwarded-for", b"198.51.100.1")])
    assert client_address(scope, PROXIES) == "unknown"
    assert not peer_is_trusted(scope, PROXIES)


@pytest.mark.parametrize(
    ("address", "bucket"),
    [
        ("198.51.100.7", "198.51.100.7/32"),
        ("::ffff:198.51.100.7", "198.51.100.7/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("unknown", "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_limits_count_an_ipv4_address_and_an_ipv6_network(address: str, bucket: str) -> None:
    assert address_bucket(address) == bucket
