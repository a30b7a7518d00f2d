"""Bearer tokens in one worker process: keys are fetched beside the event loop, one fetch an issuer at a time, and shared by all who wait.

A token under a known key needs no network. One that names an unknown key waits for one fetch, which the issuer's limits may forbid.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from ledger.adapters.oidc.keys import IssuerKeys
from ledger.adapters.oidc.tokens import SM2, TokenIdentity, TokenVerifier
from ledger.adapters.settings import Settings
from ledger.errors import UnauthenticatedError, UnavailableError
from ledger.services.ports import Clock

FETCH_THREADS: Final = 2


class Tokens:
    """Lives on one event loop."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._issuers = [IssuerKeys(issuer) for issuer in settings.oidc_issuers]
        self._verifier = TokenVerifier(self._issuers, clock, settings.oidc_clock_skew_s)
        self._threads = ThreadPoolExecutor(FETCH_THREADS, "issuers")
        self._fetches: dict[str, asyncio.Future[None]] = {}

    def close(self) -> None:
        """Lets go of the threads; a fetch under way ends by its own time limit."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def identify(self, token: str) -> TokenIdentity:
        """Whom a token names.

        Raises:
            UnauthenticatedError: it is not valid here.
            UnavailableError: it may be, and its issuer's keys cannot be had now.
        """
        unverified = self._verifier.read(token)
        keys = unverified.keys
        if unverified.algorithm == SM2:
            return self._verifier.check_sm2(unverified)
        key = keys.find(unverified.kid, unverified.algorithm)
        if key is None:
            await asyncio.shield(self._fetch(keys))
            key = keys.find(unverified.kid, unverified.algorithm)
        elif not keys.is_fresh and keys.may_fetch:
            self._fetch(keys)  # for those who come later
        if key is None and keys.failure is not None:
            raise UnavailableError(
                "The keys of the token's issuer cannot be had now, so the token cannot be checked. Nothing was written. Retry later;"
                " an API key works meanwhile. Operator: see whether the issuer answers, and CITYLEDGER_OIDC_ISSUERS."
            )
        if key is None:
            raise UnauthenticatedError("The bearer token names a key that its issuer does not have. Get a new one.")
        return self._verifier.check(unverified, key)

    def _fetch(self, keys: IssuerKeys) -> "asyncio.Future[None]":
        issuer = keys.settings.issuer
        fetch = self._fetches.get(issuer)
        if fetch is None or fetch.done():
            fetch = asyncio.get_running_loop().run_in_executor(self._threads, keys.fetch)
            self._fetches[issuer] = fetch
        return fetch
