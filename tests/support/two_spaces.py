"""Two spaces: two services with a database and keys each, in both of which the same bodies are admitted, as bodies of the other would be."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from support.a_service import Service, running_service
from support.product_http import CONTRACTS, Bodies
from support.product_world import CODES, ROLES

from anchor.messages import MessageSender
from ledger.adapters.outgoing import Destinations, post_json
from ledger.adapters.sql import api_keys
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.services.accounts import WantedAccount

NETWORKS = ["127.0.0.0/8"]


@dataclass
class Space:
    """One of them, and what its anchor service does with messages."""

    service: Service
    bodies: Bodies
    admins: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Where its connectors take messages."""
        return f"{self.service.url}/dsp/2025-1"

    def ask(self, who: str, method: str, path: str, body: Any = None, *, admin: bool = False) -> httpx.Response:
        key = (self.admins if admin else self.bodies.keys)[who]
        headers = {"Authorization": f"Bearer {key}"} | (
            {} if method == "GET" else {"Idempotency-Key": os.urandom(8).hex()}
        )
        return self.service.client.request(method, path, headers=headers, **({} if body is None else {"json": body}))

    def done(self, who: str, method: str, path: str, body: Any = None, *, admin: bool = False) -> dict[str, Any]:
        answer = self.ask(who, method, path, body, admin=admin)
        assert answer.status_code in {200, 201}, answer.text
        return dict(answer.json())

    def deliver(self) -> int:
        log = self.service.log
        lease = self.service.publisher.publisher._lease
        post = partial(post_json, destinations=Destinations(NETWORKS))
        return MessageSender(log.engine, log.preparer, lease, post).deliver()

    def give_admin(self, who: str) -> None:
        with self.service.log.engine.begin() as connection:
            roles = tuple(ROLES[who])
            wanted = WantedAccount(CODES[who], "https://identity.example", f"{who} admin", "admin", roles)
            account = SqlAccounts(connection, self.service.log.preparer).add(wanted, "key:test")
            made = api_keys.create(
                connection,
                self.service.log.preparer,
                role=roles[0],
                submitter=f"{who}-admin",
                account_id=account.account_id,
            )
            self.admins[who] = made.api_key


@contextmanager
def running_space(database_url: str, folder: Path) -> Iterator[Space]:
    """With the bodies ``provider`` and ``bank``, each with an administrator."""
    with running_service(database_url, folder, dsp_networks=NETWORKS) as service:
        bodies = Bodies(service.log)
        bodies.admit()
        vars(service.container)["contracts"] = CONTRACTS
        space = Space(service, bodies)
        for who in ("provider", "bank"):
            space.give_admin(who)
        yield space
