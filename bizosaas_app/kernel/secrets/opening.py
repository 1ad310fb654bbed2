"""Which store of secrets this process uses."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from bizosaas_app.kernel.secrets.file import FileSecrets
from bizosaas_app.kernel.secrets.source import SecretSource, SecretsUnsafe
from bizosaas_app.kernel.secrets.vault import VaultSecrets
from bizosaas_app.kernel.secrets.vault_lease import AppRole, Token
from bizosaas_app.kernel.settings import Settings


async def open_secrets(settings: Settings) -> SecretSource:
    """Give the Vault of `vault_addr`, started, or else the file in `<data_dir>/secrets`.

    A Vault that is down does not raise here: the first `get` does. Raises SecretsUnsafe when Vault is named
    without credentials, or when production would talk to a distant one in clear text.
    """
    if not settings.vault_addr:
        return FileSecrets(settings.data_dir / "secrets")
    if settings.is_production and not _is_private(settings.vault_addr):
        raise SecretsUnsafe("VAULT_ADDR must be https in production: secrets would travel in clear text")
    vault = VaultSecrets(settings.vault_addr, settings.vault_mount, settings.vault_path, _auth(settings))
    await vault.start()
    return vault


def _auth(settings: Settings) -> AppRole | Token:
    """AppRole wins over a token: it can sign in again."""
    if settings.vault_role_id and settings.vault_secret_id:
        return AppRole(settings.vault_role_id, settings.vault_secret_id)
    if settings.vault_token:
        return Token(settings.vault_token)
    raise SecretsUnsafe("VAULT_ADDR needs VAULT_ROLE_ID with VAULT_SECRET_ID, or VAULT_TOKEN")


def _is_private(addr: str) -> bool:
    """Whether nobody on a network can listen: TLS, this machine itself (an agent beside us), or a container beside us.

    A name of one word is one that a network of containers answers; no other private address is believed.
    """
    parts = urlsplit(addr)
    host = parts.hostname or ""
    if parts.scheme == "https":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host != "" and "." not in host
