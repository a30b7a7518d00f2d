"""A city as ``cityledger up`` starts it: the bodies of the installation, and those that a story admits to it.

All of it is asked through ``ledger.client``, as another platform would. Signatures are made by a tool that knows EIP-712 and nothing of
this project.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak
from support.both_schemes import sm2_json, sm2_public_key, sm2_signature
from support.live_service import LiveService
from support.participant_service import application_body
from support.participants import BANK_CODE, OFFICE_CODE, address_of, key_of, report

from ledger.client import accounts, acts, participant_acts, participants
from ledger.client.calls import Call, RemoteObject, RemotePage
from ledger.client.runners import Client
from ledger.domain.records import to_json

T = TypeVar("T")
Json = Mapping[str, Any]

WAIT_S = 120.0
SIGNERS = ("operator", "regulator", "trading_platform", "authorisation_platform", "price_authority", "arbitrator")
REASONS = "as the papers say"
AGREEMENT = "DigitalContractRegistry.Agreement"
"""The act that bodies sign by SM2 too."""


@dataclass
class LiveCity:
    """The service as its bodies use it. ``clients``: who asks, at first the installation's roles; private keys are the signers' own."""

    service: LiveService
    clients: dict[str, Client] = field(default_factory=dict)
    private_keys: dict[str, bytes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for role, api_key in self.service.connection["api_keys"].items():
            self.seat(role, api_key)
        for role in SIGNERS:
            name = f"{role.replace('_', '-')}-business.key"
            key = bytes.fromhex((self.service.folder / "keys" / "bodies" / name).read_text())
            self.private_keys[Account.from_key(key).address.lower()] = key
        for code in (BANK_CODE, OFFICE_CODE):
            for purpose in ("business", "finance", "new"):
                self.private_keys[address_of(f"{code} {purpose}")] = key_of(f"{code} {purpose}").secret

    def seat(self, who: str, api_key: str) -> None:
        """From now on ``who`` asks with this API key."""
        self.clients[who] = Client(self.service.connection["api_url"], api_key)

    def close(self) -> None:
        for client in self.clients.values():
            client.close()

    def run(self, who: str, call: Call[T]) -> T:
        """Asks as this body; a refusal raises."""
        return self.clients[who].run(call)

    def read(self, who: str, call: Call[RemoteObject]) -> Json:
        """The object that is answered."""
        return self.run(who, call).value

    def items(self, who: str, call: Call[RemotePage]) -> list[Json]:
        """The first page of a list."""
        return self.run(who, call).items

    def code_of(self, who: str) -> str:
        """Subject code of the body on whose behalf ``who`` asks."""
        return str(self.read(who, accounts.get_me())["participant"])

    def wait(self, is_so: Callable[[], bool], what: Callable[[], Any]) -> None:
        deadline = time.monotonic() + WAIT_S
        while not is_so():
            assert time.monotonic() < deadline, what()
            time.sleep(0.2)

    def participant(self, code: str = BANK_CODE) -> Json:
        return self.read("operator", participants.get_participant(code))

    def act(
        self, who: str, act: Callable[..., Call[RemoteObject]], *said: Any, code: str = BANK_CODE, **named: Any
    ) -> Json:
        """An act of ``ledger.client.participant_acts`` on the newest revision of a participant."""
        revision = int(self.participant(code)["revision"])
        return self.read(who, act(code, *said, revision=revision, **named))

    def apply_and_review(self, code: str = BANK_CODE, **changes: Any) -> None:
        """What comes before the chain: one platform reviews, the other one approves."""
        self.run("consumer", participants.apply_for_admission(application_body(code, **changes)))
        for accept in (participant_acts.accept_identity, participant_acts.accept_role):
            self.act("operator", accept, code=code, reasons=REASONS)
        self.act("authorisation_platform", participant_acts.approve, to_json(report()), code=code)

    def sign(self, act_id: str, sent_by: Mapping[str, str] | None = None) -> None:
        """Every signer that has not yet signs the typed data that the service shows; ``sent_by`` has body -> who asks, else the operator relays."""
        deadline = int(time.time()) + 3_600
        shown = self.read("operator", acts.get_act(act_id))
        for signer in shown["signers"]:
            if signer["signed"]:
                continue
            who = (sent_by or {}).get(signer["participant"], "operator")
            place = signer["place"]
            document = dict(self.read(who, acts.get_typed_data(act_id, place=place, deadline=deadline)))
            address = next(key for key in signer["keys"] if key in self.private_keys)
            beside = sm2_beside(signer["participant"], document) if shown["act"] == AGREEMENT else {}
            signed = Account.sign_message(encode_typed_data(full_message=document), self.private_keys[address])
            given: dict[str, Any] = {
                "key": address,
                "deadline": deadline,
                "signature": "0x" + bytes(signed.signature).hex(),
            }
            self.run(who, acts.sign_act(act_id, place=place, **given, **beside))

    def sign_step(self, code: str = BANK_CODE) -> None:
        """Every signer of the step that a participant waits for signs it."""
        self.sign(self.participant(code)["open_step"]["act_id"])

    def wait_for_state(self, state: str, code: str = BANK_CODE) -> Json:
        """The participant, once the chain has decided."""

        def is_there() -> bool:
            found = self.participant(code)
            return found["state"] == state and found["open_step"] is None

        self.wait(is_there, lambda: self.participant(code))
        return self.participant(code)

    def admit_provider(self, folder: Path) -> None:
        """A body that applied, was reviewed and is on the chain, with an account and an API key of its own: ``provider``."""
        self.admit_body(folder, BANK_CODE, "provider", "provider")

    def admit_body(self, folder: Path, code: str, role: str, who: str) -> str:
        """Likewise in a role; from now on ``who`` asks as this body. Gives its API key."""
        self.apply_and_review(code, roles=[role], sm2_keys=[sm2_public_key(sm2_secret_of(code)).hex()])
        self.act("operator", participant_acts.admit, code=code)
        self.sign_step(code)
        self.wait_for_state("active", code)
        granted = accounts.grant_account(
            participant=code,
            issuer="https://identity.example",
            subject=f"clerk of {who}",
            level="handler",
            roles=[role],
        )
        account_id = self.read("operator", granted)["account_id"]
        of_account = ["--role", role, "--submitter", who, "--account", account_id]
        made = self.service.run(["keys", "add", *of_account, "--json"], cwd=folder)
        assert made.returncode == 0, made.stderr
        api_key = str(json.loads(made.stdout)["api_key"])
        self.seat(who, api_key)
        return api_key


def sm2_secret_of(code: str) -> bytes:
    """The SM2 key of a body that a story admits."""
    return key_of(f"{code} sm2").secret


def sm2_beside(code: str, document: dict[str, Any]) -> Json:
    """The body's SM2 signature of a document, whose digest the document says from then on; as the request brings it."""
    message = encode_typed_data(full_message=document)
    sm2 = sm2_signature(sm2_secret_of(code), keccak(b"\x19" + message.version + message.header + message.body))
    document["message"] = {**document["message"], "sm2SignatureDigest": "0x" + sm2.digest.hex()}
    return sm2_json(sm2)
