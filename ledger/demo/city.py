"""The bodies of the story at the running service: each with an API key and private keys of its own, which never leave this process."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, TypeVar

from ledger.adapters.files.keys import secp256k1_address
from ledger.adapters.signing_keys import sign_request
from ledger.client import acts
from ledger.client.calls import RemoteObject
from ledger.client.runners import Client
from ledger.client.transport import RetryPolicy
from ledger.demo.memory import Memory
from ledger.domain.act_json import act_from_json
from ledger.domain.signing_request import SigningRequest
from ledger.domain.typed_acts import Domain, Tail
from ledger.errors import ConflictError, UnavailableError

T = TypeVar("T")

SIGNATURE_S: Final = 3_600
POLL_S: Final = 0.1
GIVE_UP_S: Final = 600.0
REQUEST_GIVE_UP_S: Final = 120.0
NO_FIELDS: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, repr=False)
class Desk:
    """A body at its desk.

    Args:
        name: what the story calls it.
        code: its subject code.
        client: acts with its API key.
        keys: its private keys by address, 20 bytes each.
    """

    name: str
    code: str
    client: Client
    keys: Mapping[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the story is played.

    Args:
        api_url: of the service.
        rpc_url: a node of its chain.
        chain_id: of its chain.
        contracts: address of every contract, 20 bytes, by name: from the installation, not from the API that asks for signatures.
    """

    api_url: str
    rpc_url: str
    chain_id: int
    contracts: Mapping[str, bytes]


class City:
    """The desks, and how they sign and wait.

    Args:
        place: the service and its contracts.
        memory: the story's folder.
        say: takes a line for a person.
        look: called while something is waited for; raises when the person wants to stop, or a part of the service has failed.

    ``sm2_secrets``: subject code -> SM2 key of a body that signs by both algorithms.
    """

    def __init__(self, place: Place, memory: Memory, say: Callable[[str], None], look: Callable[[], None]) -> None:
        self.place, self.memory, self.say, self.look = place, memory, say, look
        self.sm2_secrets: dict[str, bytes] = {}
        self._desks: dict[str, Desk] = {}

    def seat(self, name: str, code: str, api_key: str, private_keys: list[bytes]) -> Desk:
        """Opens a desk."""
        keys = {secp256k1_address(key): key for key in private_keys}
        self._desks[name] = Desk(name, code, self.client_of(self.place.api_url, api_key), keys)
        return self._desks[name]

    def client_of(self, api_url: str, api_key: str) -> Client:
        """A client that lets a part which ended start again before it repeats a request."""
        return Client(api_url, api_key, retry=RetryPolicy(give_up_after_s=REQUEST_GIVE_UP_S, sleep=self._pause))

    def desk(self, name: str) -> Desk:
        """The desk of that name."""
        return self._desks[name]

    def desk_of(self, code: str) -> Desk:
        """The desk of a body by its subject code."""
        return next(desk for desk in self._desks.values() if desk.code == code)

    def close(self) -> None:
        """Closes the connections."""
        for desk in self._desks.values():
            desk.client.close()

    def sign(
        self, act_id: str, *, asked_by: Desk, act: str, subject: str, fields: Mapping[str, Any] = NO_FIELDS
    ) -> None:
        """Every body whose signature an act waits for signs it with its own key and brings it itself.

        Args:
            act_id: the act.
            asked_by: who knows of it.
            act: what it must be, for example ``ProductRegistry.ProductReview``.
            subject: the object that it must be about.
            fields: what its message must say, as the signers know it from elsewhere: EIP-712 name -> value as JSON.

        Raises:
            ConflictError: the service shows another act than the one that was agreed on.
        """
        for signer in asked_by.client.run(acts.get_act(act_id)).value["signers"]:
            if signer["signed"] and not signer["lapsed"]:
                continue
            desk = self.desk_of(signer["participant"])
            shown = desk.client.run(acts.get_act(act_id)).value  # each reads it with its own eyes
            if (shown["act"], shown["subject"]["object_id"]) != (act, subject):
                raise ConflictError(f"{desk.name} was to sign {act} about {subject} and is shown another act")
            for name, value in fields.items():
                if shown["message"][name] != value:
                    raise ConflictError(
                        f"{desk.name} computed {name} {value} and is shown {shown['message'][name]}; it does not sign {act}"
                    )
            desk.client.run(self._signature(desk, shown, signer["place"]))

    def settle(
        self,
        read: Callable[[], RemoteObject],
        *,
        asked_by: Desk,
        act: str,
        subject: str,
        fields: Mapping[str, Any] = NO_FIELDS,
    ) -> RemoteObject:
        """What an object waits for is signed, and the chain decides; gives the object after that.

        Args:
            read: the object, whose ``waiting`` names the act.
            asked_by: who knows of it.
            act: what it must be.
            subject: the object.
            fields: what the act's message must say.

        Raises:
            ConflictError: the chain refuses it, or another act is shown.
        """
        waiting = read().value["waiting"]
        if waiting is not None:
            self.sign(waiting["act_id"], asked_by=asked_by, act=act, subject=subject, fields=fields)
        settled = self.wait_for(read, lambda found: found.value["waiting"] is None, f"the chain's answer to {act}")
        if settled.value["refused"] is not None:
            raise ConflictError(f"the chain refuses {act} about {subject}: {settled.value['refused']['reason']}")
        return settled

    def wait_for(self, read: Callable[[], T], is_so: Callable[[T], bool], what: str) -> T:
        """Reads again and again until it is so.

        Raises:
            UnavailableError: it is not so in ten minutes.
        """
        give_up = time.monotonic() + GIVE_UP_S
        while not is_so(found := read()):
            self.look()
            if time.monotonic() > give_up:
                raise UnavailableError(f"{what} does not come in {GIVE_UP_S:.0f} s")
            time.sleep(POLL_S)
        return found

    def _pause(self, wait_s: float) -> None:
        self.look()
        time.sleep(wait_s)

    def _signature(self, desk: Desk, shown: Mapping[str, Any], place: int) -> Any:
        act = act_from_json(shown["act"], shown["message"])
        signer = shown["signers"][place]
        offered = (bytes.fromhex(key.removeprefix("0x")) for key in signer["keys"])
        address = next(key for key in offered if key in desk.keys)
        deadline = int(time.time()) + SIGNATURE_S
        domain = Domain(act.CONTRACT, self.place.chain_id, self.place.contracts[act.CONTRACT])
        tail = Tail(bytes.fromhex(signer["body_id"].removeprefix("0x")), deadline)
        request = SigningRequest(act, tail, domain, shown["act_id"], place)
        signed = sign_request(request, desk.keys[address], self.sm2_secrets.get(desk.code))
        return acts.sign_act(shown["act_id"], **signed)
