"""A signed-in connection to Vault (or OpenBao): AppRole or token, kept alive in the background."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, TypeVar

import hvac
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest, Unauthorized, VaultError

from bizosaas_app.kernel.log import get_logger
from bizosaas_app.kernel.secrets.source import Health, SecretsUnavailable
from bizosaas_app.kernel.secrets.vault_lease import AppRole, Lease, Token, sign_in
from bizosaas_app.kernel.secrets.vault_reach import Reach
from bizosaas_app.kernel.tasks import end

T = TypeVar("T")
_log = get_logger(__name__)

_THREADS: Final = 4
"""hvac blocks: so many requests at once, apart from the default pool that hashes passwords."""
_FIRST_PAUSE_SECONDS: Final = 1.0
_LAST_PAUSE_SECONDS: Final = 30.0
"""Retries double between these two: quick after a hiccup, gentle with a Vault that starts up."""
_AWAY: Final = "Vault does not answer; it is left alone for some seconds before it is asked again"


class VaultSession:
    """Runs hvac requests in threads, signs in when needed, renews the token at 2/3 of its lease.

    A Vault that does not answer is asked by one call at a time; all others raise SecretsUnavailable at once.
    """

    def __init__(
        self,
        addr: str,
        auth: AppRole | Token,
        *,
        timeout_seconds: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        # An empty token, because None makes hvac take VAULT_TOKEN or ~/.vault-token of whoever started us.
        self._client: Any = hvac.Client(url=addr, token="", timeout=timeout_seconds)
        self._client.session.trust_env = False  # neither ambient proxies nor netrc may see a secret
        self._auth = auth
        self._timeout_seconds = timeout_seconds
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="vault")
        self._signing_in = asyncio.Lock()
        self._lease: Lease | None = None
        self._problems: dict[str, str] = {}
        self._reach = Reach(2 * timeout_seconds, now=now)
        self._troubled = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Sign in and keep the token alive from now on; a Vault that is down only makes `health` degraded."""
        if self._keeper is None:
            with suppress(SecretsUnavailable):
                await self._sign_in(None)
            self._keeper = asyncio.create_task(self._keep_alive(), name="vault-keeper")

    async def close(self) -> None:
        """Stop the keeper and revoke the token that AppRole gave us, when Vault answers."""
        if self._keeper:
            await end(self._keeper)
            self._keeper = None
        if self._lease and isinstance(self._auth, AppRole) and not self._problems:
            with suppress(SecretsUnavailable, VaultError):
                await self._ask(lambda client: client.auth.token.revoke_self())
        self._lease = None
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._client.adapter.close()

    def health(self) -> Health:
        """Say whether Vault answers and the token lives."""
        if self._problems:
            return Health("degraded", "; ".join(self._problems.values()))
        return Health("ok", "Vault") if self._lease else Health("degraded", "not signed in to Vault yet")

    async def call(self, request: Callable[[Any], T]) -> T:
        """Run a request with the hvac client; signs in again once when the token has died.

        Raises SecretsUnavailable, and hvac's InvalidPath and InvalidRequest for the caller to read.
        """
        try:
            answer = await self._signed_in(request)
        except (Forbidden, Unauthorized):
            raise self._failed("policy", "Vault's policy does not allow this request") from None
        self._problems.pop("policy", None)
        return answer

    async def attempt(self, request: Callable[[Any], object]) -> bool:
        """Run a request that we can do without; False when the policy does not allow it, which is no problem then.

        Raises as `call` does.
        """
        try:
            await self._signed_in(request)
        except (Forbidden, Unauthorized):
            return False
        return True

    async def _signed_in(self, request: Callable[[Any], T]) -> T:
        if self._reach.is_closed():  # else one without a token would wait for the sign-in that is the probe
            raise SecretsUnavailable(_AWAY)
        lease = self._lease or await self._sign_in(None)
        try:
            return await self._ask(request)
        except (Forbidden, Unauthorized):
            if await self._is_token_alive():
                raise
        await self._sign_in(lease)
        return await self._ask(request)

    async def _ask(self, request: Callable[[Any], T]) -> T:
        """Run a request in a thread; what is neither an answer nor a refusal raises SecretsUnavailable."""
        loop = asyncio.get_running_loop()
        ticket = self._reach.enter()
        if ticket is None:
            raise SecretsUnavailable(_AWAY)
        try:
            # requests limits each step (connect, every read); this limits the sum of a trickling answer.
            async with asyncio.timeout(2 * self._timeout_seconds):
                answer = await loop.run_in_executor(self._threads, self._run, request, ticket)
        except (Forbidden, Unauthorized, InvalidPath, InvalidRequest):
            self._problems.pop("reach", None)
            raise
        except (VaultError, OSError) as error:  # errors of requests are OSErrors, TimeoutError is one too
            if isinstance(error, TimeoutError):  # its thread still waits, and has not told
                self._reach.lost(ticket)
            # Only the kind: an error of hvac holds the answer, one of requests the whole request.
            raise self._failed("reach", f"Vault does not answer ({type(error).__name__})") from None
        self._problems.pop("reach", None)
        return answer

    def _run(self, request: Callable[[Any], T], ticket: int) -> T:
        """Run a request in this thread and tell how it went, whether or not anybody still waits for it.

        Those that queued for a thread while Vault fell silent are not sent any more.
        """
        if not self._reach.is_current(ticket):
            raise SecretsUnavailable(_AWAY)
        try:
            answer = request(self._client)
        except OSError:
            self._reach.lost(ticket)
            raise
        except Exception:
            self._reach.answered(ticket)
            raise
        self._reach.answered(ticket)
        return answer

    async def _sign_in(self, stale: Lease | None) -> Lease:
        """Take a token unless somebody replaced the stale one meanwhile; raises SecretsUnavailable."""
        async with self._signing_in:
            if self._lease and self._lease is not stale:
                return self._lease
            try:
                self._lease = await self._ask(lambda client: sign_in(client, self._auth))
            except (VaultError, KeyError, TypeError):
                method = type(self._auth).__name__
                raise self._failed("token", f"Vault refused the {method} given to us") from None
            self._problems.pop("token", None)
            _log.info("vault_signed_in", method=type(self._auth).__name__, lease_seconds=self._lease.seconds)
            return self._lease

    async def _is_token_alive(self) -> bool:
        try:
            await self._ask(lambda client: client.auth.token.lookup_self())
        except VaultError:
            return False
        return True

    async def _renew(self) -> None:
        """Keep the token alive: renew it, or take another when that fails or gives less than a full lease."""
        lease = self._lease
        if lease is None or not (lease.is_endless or lease.is_renewable):
            await self._sign_in(lease)
        elif lease.is_endless:  # only see whether Vault answers and still takes it
            if not await self._is_token_alive():
                await self._sign_in(lease)
        else:
            renewed = await self._renewed(lease)
            if renewed is None:
                await self._sign_in(lease)
                return
            self._lease = renewed
            self._problems.pop("token", None)
            if renewed.is_nearly_used_up:
                await self._sign_in(renewed)

    async def _renewed(self, lease: Lease) -> Lease | None:
        try:
            return lease.renewed(await self._ask(lambda client: client.auth.token.renew_self()))
        except (VaultError, SecretsUnavailable, KeyError, TypeError):
            # SecretsUnavailable too: past the role's maximum OpenBao answers 500, as a broken server does.
            return None

    async def _keep_alive(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            await self._wait(pause)
            with suppress(SecretsUnavailable):
                await self._renew()
            pause = min(2 * pause, _LAST_PAUSE_SECONDS) if self._problems else _FIRST_PAUSE_SECONDS

    async def _wait(self, pause: float) -> None:
        """Sleep until the token should be renewed, or for the pause when there is a problem."""
        if not self._problems and self._lease:
            self._troubled.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._troubled.wait(), self._lease.renew_in_seconds)
                await asyncio.sleep(pause)
        else:
            await asyncio.sleep(self._reach.rest_seconds() or pause)

    def _failed(self, kind: str, reason: str) -> SecretsUnavailable:
        if kind not in self._problems:
            _log.warning("vault_degraded", reason=reason)
        self._problems[kind] = reason
        self._troubled.set()
        return SecretsUnavailable(reason)
