"""Acts that wait for signatures in a running API, and the bodies that sign them with keys of their own."""

import os
from dataclasses import dataclass
from typing import Any

import httpx
from coincurve import PrivateKey
from support import sm2_reference
from support.a_log import ALog

from api.container import Container
from ledger.adapters.sql import api_keys
from ledger.adapters.sql.accounts import SqlAccounts
from ledger.adapters.sql.unit_of_work import SqlUnitOfWork
from ledger.domain.acts.kinds import KeyPurpose
from ledger.domain.acts.product_registry import ProductReview
from ledger.domain.participant import OnChain, Organisation, Participant, Sm2Key, participant_to_json
from ledger.domain.typed_acts import Domain, Tail, act_signing_digest, act_sm2_message, sm2_signature_digest
from ledger.log.signatures import SM2_SIGNER_ID
from ledger.log.typed_data import address_of_public_key, keccak256
from ledger.services.accounts import WantedAccount
from ledger.services.acts import Signer, propose_act
from ledger.services.business import Actor

OPERATOR = Actor("key:operator", None, frozenset({"operator"}))
CONTRACTS = {"ProductRegistry": keccak256(b"product registry")[:20]}
STEP = "test.reviewed"
SM2_KEY = 7
FAR = 1_900_000_000
"""A deadline for documents that nobody signs."""


@dataclass(frozen=True)
class Body:
    """A platform with an account: its code, its id on the chain, the key that signs its acts, the API key of its account."""

    code: str
    body_id: bytes
    key: PrivateKey
    api_key: str
    key_id: str

    @property
    def address(self) -> bytes:
        return address_of_public_key(self.key.public_key.format(compressed=False))

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.api_key}"}


class SignedActs:
    """Acts of reviews that two platforms sign, in the order ``trading``, ``authorisation``; ``stranger`` is none of them."""

    def __init__(self, log: ALog, container: Container, client: httpx.Client) -> None:
        self.log = log
        self.client = client
        self._container = container
        container.__dict__["contracts"] = CONTRACTS  # what a manifest would say
        self.trading = self.new_body("91310000MA0000001X", "trading_platform", 1)
        self.authorisation = self.new_body("91310000MA0000002X", "authorisation_platform", 2)
        self.stranger = self.new_body("91310000MA0000003X", "provider", 3)

    def propose(self, name: str | None = None) -> str:
        """A new act; returns its id."""
        with self.log.engine.begin() as connection:
            uow = SqlUnitOfWork(connection, self.log.preparer, OPERATOR, contracts=CONTRACTS)
            name = name or os.urandom(6).hex()
            subject = uow.create("product", name, state="registered", parties=("x",), document={}, act="register")
            signers = [
                Signer("platforms", body.code, body.body_id, KeyPurpose.BUSINESS, (body.address,))
                for body in (self.trading, self.authorisation)
            ]
            act = self.review(name)
            return propose_act(uow, subject, act, function="review", step=STEP, signers=signers).object_id

    @staticmethod
    def review(name: str) -> ProductReview:
        return ProductReview(
            product_id=keccak256(name.encode()),
            version=1,
            provider=keccak256(b"provider"),
            content_digest=keccak256(b"metadata"),
            price_rule_digest=keccak256(b"price"),
            public_weight=1_000_000,
            enterprise_weight=0,
            personal_weight=0,
            currency=b"CNY",
            unit_price=1,
            approved=True,
            review_digest=bytes(32),
        )

    def signature(
        self, act_id: str, body: Body, place: int, *, sm2: bool = False, hours: float = 24, **changes: Any
    ) -> dict[str, Any]:
        """The request that brings a body's signature of an act."""
        with self.log.engine.connect() as connection:
            uow = SqlUnitOfWork(connection, self.log.preparer, OPERATOR, contracts=CONTRACTS)
            subject = uow.get("act", act_id).document["subject"]
            domain: Domain = uow.domain_of("ProductRegistry")
        act = self.review(subject["object_id"])
        deadline = int(self.log.preparer.clock.now().timestamp() + hours * 3600)
        tail, given = Tail(body.body_id, deadline), None
        if sm2:
            message = act_sm2_message(act, tail, domain)
            signed = sm2_reference.sign(SM2_KEY, 11, message, SM2_SIGNER_ID)
            public_key = sm2_reference.public_key(SM2_KEY)
            tail = Tail(body.body_id, deadline, sm2_signature_digest(public_key[1:], signed))
            given = {"public_key": public_key.hex(), "signature": signed.hex()}
        raw = body.key.sign_recoverable(act_signing_digest(act, tail, domain), hasher=None)
        value = {
            "place": place,
            "key": "0x" + body.address.hex(),
            "deadline": deadline,
            "signature": "0x" + (raw[:64] + bytes([raw[64] + 27])).hex(),
        }
        return value | ({} if given is None else {"sm2": given}) | changes

    def new_body(self, code: str, role: str, number: int) -> Body:
        """A body with an account; ``number`` is its private key."""
        body_id, key = keccak256(b"body id of " + code.encode()), PrivateKey(bytes([number]) * 32)
        with self.log.engine.begin() as connection:
            self._record(
                SqlUnitOfWork(connection, self.log.preparer, OPERATOR, contracts=CONTRACTS), code, role, body_id
            )
            wanted = WantedAccount(code, "https://issuer.invalid", f"{role} {os.urandom(4).hex()}", "handler", (role,))
            account = SqlAccounts(connection, self.log.preparer).add(wanted, "key:test")
            made = api_keys.create(
                connection,
                self.log.preparer,
                role=role,
                submitter=role.replace("_", "-"),
                account_id=account.account_id,
            )
        return Body(code, body_id, key, made.api_key, made.key_id)

    @staticmethod
    def _record(uow: SqlUnitOfWork, code: str, role: str, body_id: bytes) -> None:
        """The body as a participant with one SM2 key on file, unless it is there."""
        if uow.find("participant", code) is None:
            made = Participant(
                Organisation(code, f"{role} of the city", "0", "上海市", role),
                (role,),
                "council",
                "",
                documents=(),
                keys=(),
                sm2_keys=(Sm2Key(sm2_reference.public_key(SM2_KEY).hex(), "2026-11-01T00:00:00Z"),),
                chain=OnChain("0x" + body_id.hex(), 0, FAR),
            )
            document = participant_to_json(made)
            uow.create("participant", code, state="active", parties=(code,), document=document, act="record")
