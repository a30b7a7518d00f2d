"""A body is admitted, and a product is listed: told over a service that fails on the way (``KilledService`` and its like)."""

from typing import Any, cast

from support.killed_writes import KilledService
from support.participant_service import ParticipantService
from support.participants import BANK_CODE, RESERVED_CODES, key_of
from support.product_http import Bodies, HttpLife
from support.product_world import KEYS


class KilledParticipants(ParticipantService):
    """As its base; signatures go through the servers that fail, and the chain's part is played by the anchor service."""

    def sign(self, code: str = BANK_CODE) -> None:
        cast("KilledService", self.service).sign(self.act_id(code))

    def complete(self, code: str = BANK_CODE) -> None:
        cast("KilledService", self.service).complete(self.act_id(code))


class KilledBodies(Bodies):
    """As its base, with the same difference."""

    service: KilledService

    def settle(self) -> None:
        query = (
            "SELECT object_id FROM objects WHERE kind = 'act' AND state = 'open' AND document->>'step' LIKE 'product.%'"
        )
        [(act_id,)] = self.service.world.rows(query)
        self.service.sign(act_id)
        self.service.complete(act_id)


def tell_admission(service: KilledService) -> None:
    """A bank is admitted."""
    names = [
        f"{code} {purpose}" for code in (BANK_CODE, *RESERVED_CODES.values()) for purpose in ("business", "finance")
    ]
    service.know(*map(key_of, names))
    city = KilledParticipants(cast("Any", service), dict(service.keys))
    for role in ("trading_platform", "authorisation_platform"):
        city.tenant(f"{role} account", role, RESERVED_CODES[role])
    use(service, city.keys)
    city.reset()
    city.admit()
    bank = city.get(f"/v1/participants/{BANK_CODE}", "operator").json()
    assert (bank["state"], bank["open_step"]) == ("active", None)
    assert {key["state"] for key in bank["keys"]} == {"valid"}


def tell_listing(service: KilledService) -> None:
    """A product comes from its draft to the catalog."""
    service.know(*KEYS.values())
    bodies = KilledBodies(service.log)
    bodies.service = service
    bodies.admit()
    use(service, bodies.keys)
    life = HttpLife(cast("Any", service.client), bodies)
    life.until_listed()
    version = life.ask("provider", "GET", life.path).json()
    assert version["state"] == "listed"


def use(service: KilledService, keys: dict[str, str]) -> None:
    """The first use of a key in a day is a transaction and an event of its own, which are not these stories'."""
    for client in service.clients:
        for key in keys.values():
            assert client.get("/v1/me", headers={"Authorization": f"Bearer {key}"}).status_code == 200
