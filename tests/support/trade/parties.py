"""The bodies of the story: what each signs, and with which key. None has an account on the chain; none ever sends anything."""

from collections.abc import Mapping
from dataclasses import dataclass

from support import sm2_reference
from support.suite import address, body_id, body_keys, key
from support.trade.market import DAY, Market, Outcome

from ledger.adapters.chain.act_calls import form
from ledger.adapters.chain.bindings import participant_registry
from ledger.adapters.chain.bindings.shared import PartySignature
from ledger.adapters.chain.deployment import sign_digest
from ledger.domain.acts.kinds import KeyPurpose
from ledger.domain.acts.participant_registry import Admission, KeyGrant
from ledger.domain.typed_acts import Act, Tail, act_signing_digest, act_sm2_message, sm2_signature_digest
from ledger.log.signatures import SM2_SIGNER_ID
from ledger.log.typed_data import keccak256

BUSINESS, METERING, FINANCE = KeyPurpose.BUSINESS, KeyPurpose.METERING, KeyPurpose.FINANCE
QUALIFIED_UNTIL = 4_000_000_000


@dataclass(frozen=True)
class Party:
    """One body.

    Args:
        market: where it signs for.
        name: for people.
        body_id: its salted id, 32 bytes.
        keys: its private keys, by purpose.
    """

    market: Market
    name: str
    body_id: bytes
    keys: Mapping[KeyPurpose, bytes]

    def signs(self, act: Act, purpose: KeyPurpose = BUSINESS, *, sm2: bool = False) -> PartySignature:
        """Its signature of an act, to be relayed within a week; with the digest of an SM2 signature of the same act if ``sm2``."""
        return self._sign(act, self.body_id, purpose, sm2=sm2)

    def signs_in_the_name_of(self, other: "Party", act: Act, purpose: KeyPurpose = BUSINESS) -> PartySignature:
        """What a thief makes: an act of another body, signed with the thief's own key."""
        return self._sign(act, other.body_id, purpose, sm2=False)

    def sm2_beside(self, act: Act, signed: PartySignature) -> dict[str, str]:
        """The SM2 signature whose digest the other signature names, as the service shows it."""
        domain = self.market.domain_of(act.CONTRACT)
        message = act_sm2_message(act, Tail(signed.signer, signed.deadline), domain)
        public_key, signature = self._sm2_signature(message)
        return {"public_key": public_key.hex(), "signature": signature.hex()}

    def grants(self) -> tuple[KeyGrant, ...]:
        """Its keys, as an ordinary body is admitted with them."""
        return tuple(KeyGrant(address(private_key), purpose) for purpose, private_key in self.keys.items())

    def possesses(self, admission: Admission) -> tuple[PartySignature, ...]:
        """A signature of each of its keys over its admission."""
        return tuple(self.signs(admission, purpose) for purpose in self.keys)

    def _sign(self, act: Act, signer: bytes, purpose: KeyPurpose, *, sm2: bool) -> PartySignature:
        domain, tail = self.market.domain_of(act.CONTRACT), Tail(signer, self.market.now + 7 * DAY)
        if sm2:
            public_key, sm2_signature = self._sm2_signature(act_sm2_message(act, tail, domain))
            tail = Tail(signer, tail.deadline, sm2_signature_digest(public_key[1:], sm2_signature))
        signing_key = self.keys[purpose]
        _, signature = sign_digest(signing_key, act_signing_digest(act, tail, domain))
        return PartySignature(signer, address(signing_key), tail.sm2_signature_digest, tail.deadline, signature)

    def _sm2_signature(self, message: bytes) -> tuple[bytes, bytes]:
        """Public key and signature of the body's SM2 key; a message has one."""
        private_key, nonce = (
            int.from_bytes(keccak256(label), "big") % (sm2_reference.N - 1) + 1
            for label in (b"sm2 key of " + self.name.encode(), b"sm2 nonce " + message)
        )
        signature = sm2_reference.sign(private_key, nonce, message, SM2_SIGNER_ID)
        return sm2_reference.public_key(private_key), signature


def reserved_body(market: Market, role: str) -> Party:
    """A body that the deployment admitted: one key for business and metering, one for finance."""
    business, finance = body_keys(role)
    return Party(market, role.lower(), body_id(role), {BUSINESS: business, METERING: business, FINANCE: finance})


def new_body(market: Market, name: str) -> Party:
    """A body that nobody has admitted yet, with three keys."""
    keys = {purpose: key(f"{name} {purpose.name}") for purpose in (BUSINESS, METERING, FINANCE)}
    return Party(market, name, keccak256(b"salted id of " + name.encode()), keys)


@dataclass(frozen=True)
class Bodies:
    """Everybody in the story."""

    operator: Party
    trading: Party
    authorisation: Party
    regulator: Party
    auditor: Party
    arbitrator: Party
    bank: Party
    price: Party
    provider: Party
    consumer: Party
    holder: Party
    developer: Party
    trustee: Party

    @property
    def ordinary(self) -> tuple[Party, ...]:
        """Those whom the operator admits."""
        return self.provider, self.consumer, self.holder, self.developer, self.trustee

    @property
    def recipients(self) -> tuple[Party, ...]:
        """Those who share the usage."""
        return self.holder, self.provider, self.developer, self.trustee

    @property
    def payees(self) -> tuple[Party, ...]:
        """Those who are paid anything."""
        return (*self.recipients, self.trading)

    @property
    def everybody(self) -> tuple[Party, ...]:
        """All of them."""
        return tuple(vars(self).values())


def bodies_of(market: Market) -> Bodies:
    """The bodies with reserved roles as they are on the chain, and five that have yet to be admitted."""
    platforms = ("OPERATOR", "TRADING_PLATFORM", "AUTHORISATION_PLATFORM")
    roles = (*platforms, "REGULATOR", "AUDITOR", "ARBITRATOR", "BANK", "PRICE_AUTHORITY")
    names = ("provider", "consumer", "holder", "developer", "trustee")
    return Bodies(
        *(reserved_body(market, role) for role in roles),
        *(new_body(market, name) for name in names),
    )


def admit(market: Market, party: Party, role: int, operator: Party) -> Outcome:
    """The operator admits a body with one role; each of its keys has signed."""
    papers = keccak256(b"profile of " + party.name.encode()), keccak256(b"qualification of " + party.name.encode())
    admission = Admission(party.body_id, role, *papers, QUALIFIED_UNTIL, party.grants())
    return market.relay(
        "ParticipantRegistry",
        "admit",
        admission=form(participant_registry.Admission, admission),
        key_signatures=party.possesses(admission),
        operator=operator.signs(admission),
    )
