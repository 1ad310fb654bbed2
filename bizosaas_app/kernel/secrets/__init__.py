"""Secrets: where they are kept (Vault or an owner-only file) and the key rings made of them."""

from bizosaas_app.kernel.secrets.file import FileSecrets
from bizosaas_app.kernel.secrets.keyrings import KeyRing, KeyState, RingKey, keep_fresh
from bizosaas_app.kernel.secrets.opening import open_secrets
from bizosaas_app.kernel.secrets.peppers import Mac, Pepper, PepperRing
from bizosaas_app.kernel.secrets.signing import SigningKey, SigningKeys
from bizosaas_app.kernel.secrets.source import Health, SecretSource, SecretsUnavailable, SecretsUnsafe
from bizosaas_app.kernel.secrets.vault import VaultSecrets
from bizosaas_app.kernel.secrets.vault_lease import AppRole, Token

__all__ = [
    "AppRole",
    "FileSecrets",
    "Health",
    "KeyRing",
    "KeyState",
    "Mac",
    "Pepper",
    "PepperRing",
    "RingKey",
    "SecretSource",
    "SecretsUnavailable",
    "SecretsUnsafe",
    "SigningKey",
    "SigningKeys",
    "Token",
    "VaultSecrets",
    "keep_fresh",
    "open_secrets",
]
