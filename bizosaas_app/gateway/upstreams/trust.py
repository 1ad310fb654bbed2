"""Whose certificates the connected systems are believed by, and what is told of one that does not hold."""

from __future__ import annotations

import ssl
from typing import Final

import httpx

from bizosaas_app.kernel.errors import AppError
from bizosaas_app.kernel.settings import Settings

_SETTING: Final = "BIZOSAAS_UPSTREAM_CA_FILE"
_EXPIRED: Final = 10
_OTHER_NAME: Final = frozenset({62, 64})
"""OpenSSL's numbers (x509_vfy.h): certificate expired, host name mismatch, IP address mismatch."""


class AuthorityUnfit(AppError):
    """The file of one's own authority cannot be used; calls could only fail, so nothing starts."""

    code = "authority_unfit"
    title = "The authority's certificates cannot be used"


def tls_of(settings: Settings) -> ssl.SSLContext:
    """Give what certificates are checked by: the public authorities, and the operator's own where one is set.

    Raises `AuthorityUnfit`, which names the setting and the file.
    """
    check(settings)
    context = httpx.create_ssl_context(trust_env=False)
    if settings.upstream_ca_file is not None:
        context.load_verify_locations(cafile=settings.upstream_ca_file)
    return context


def check(settings: Settings) -> None:
    """Pass when the authority of one's own can be read, or none is set; raises `AuthorityUnfit`."""
    file = settings.upstream_ca_file
    if file is None:
        return
    alone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        # Read by us, so that an error of the file can be told; between certificates anything may stand.
        alone.load_verify_locations(cadata=file.read_bytes().decode("ascii", "ignore"))
    except ssl.SSLError:
        raise AuthorityUnfit(f"{_SETTING}: {file} holds no certificate in PEM form, or a damaged one") from None
    except OSError as error:
        raise AuthorityUnfit(f"{_SETTING}: {file} cannot be read ({error.strerror})") from None


def reason_of(error: Exception | None) -> str:
    """Say why there is no connection, with nothing of what the certificate says of its owner."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code == _EXPIRED:
            return "its certificate has expired"
        if error.verify_code in _OTHER_NAME:
            return "its certificate is for another name"
        return "its certificate is not of an authority that is trusted here"
    if isinstance(error, ssl.SSLError):
        return "it does not speak TLS as it should"
    return type(error).__name__
