"""The guard of outgoing requests: what it refuses, and what it lets through."""

from __future__ import annotations

from ipaddress import ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bizosaas_app.kernel.addresses import LONGEST_URL, AddressRefused, check_url, is_public

HOSTILE = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.0.0.1./",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::127.0.0.1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:7f00:1::1]/",
    "http://[2a00:1450::5efe:7f00:1]/",
    "http://[fe80::1%25eth0]/",
    "http://[fd00:ec2::254]/",
    "http://[ff02::1]/",
    "http://[::]/",
    "http://0.0.0.0/",
    "http://0/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.1.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.64.0.1/",
    "http://100.100.100.200/latest/meta-data/",
    "http://168.63.129.16/",
    "http://192.0.0.192/",
    "http://224.0.0.1/",
    "http://240.0.0.1/",
    "http://255.255.255.255/",
    "http://198.18.0.1/",
    "http://localhost/",
    "http://localhost./",
    "http://LOCALHOST/",
    "http://shop.localhost/",
    "http://metadata.google.internal/",
    "http://printer.local/",
    "http://intranet/",
    "http://127。0。0。1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://ⓛocalhost/",
    "http://user@example.com/",
    "http://user:pass@example.com/",
    "http://example.com@127.0.0.1/",
    "http://@example.com/",
    "http://127.0.0.1\\@example.com/",
    "http://example.com\\.evil.com/",
    "http://exa mple.com/",
    "http://example.com/\r\nHost: inner",
    "http://example.com:22/",
    "http://example.com:0/",
    "http://example.com:6379/",
    "http://example.com:99999/",
    "https://[::1",
    "ftp://example.com/",
    "file:///etc/passwd",
    "gopher://example.com/",
    "javascript:alert(1)",
    "data:text/html,hello",
    "//example.com/",
    "example.com",
    "http:///path",
    "http://",
    "http:example.com",
    "https:/x",
    "http:/user@example.com",
    "https:",
    "",
    "http://-example-.com/",
    "http://example.com%2f@127.0.0.1/",
    "http://example.com/" + "a" * LONGEST_URL,
]


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        check_url(url)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("https://example.com/a?b=c#d", "example.com", 443),
        ("http://Example.COM./", "example.com", 80),
        ("https://bücher.example.de/", "xn--bcher-kva.example.de", 443),
        ("http://93.184.216.34/", "93.184.216.34", 80),
        ("https://[2606:2800:220:1:248:1893:25c8:1946]/", "2606:2800:220:1:248:1893:25c8:1946", 443),
        ("https://example.com:443/mail@site", "example.com", 443),
    ],
)
def test_an_address_of_the_public_web_passes(url: str, host: str, port: int) -> None:
    place = check_url(url)

    assert (place.host, place.port) == (host, port)


def test_a_further_port_passes_only_when_it_is_named() -> None:
    place = check_url("http://example.com:8080/", ports={80, 443, 8080})

    assert place.authority == "example.com:8080"


def test_an_allowed_address_is_allowed_at_its_port_only() -> None:
    assert check_url("http://127.0.0.1:9999/", allowed=[("127.0.0.1", 9999)]).port == 9999
    with pytest.raises(AddressRefused):
        check_url("http://127.0.0.1:9998/", ports={9998}, allowed=[("127.0.0.1", 9999)])


@given(st.ip_addresses(v=4, network="127.0.0.0/8") | st.ip_addresses(v=4, network="10.0.0.0/8"))
def test_no_form_of_ipv6_smuggles_an_inner_ipv4_address(inner: object) -> None:
    number = int(ip_address(str(inner)))
    forms = [
        0xFFFF << 32 | number,
        number,
        (0x0064_FF9B << 96) | number,
        (0x2002 << 112) | (number << 80) | 1,
        (0x2A00_1450 << 96) | (0x5EFE << 32) | number,
    ]

    assert not any(is_public(ip_address(form.to_bytes(16, "big"))) for form in forms)
