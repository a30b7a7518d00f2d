"""The settlement rule that agreements name: approved at its contract by both platforms and the regulator.

The one act of the story that does not go over the API, which takes no rules yet: the three sign, and the regulator sends it to a node.
"""

import time
from hashlib import sha256
from typing import Final

from web3.exceptions import Web3Exception

from ledger.adapters.chain.bindings import settlement_rules
from ledger.adapters.chain.bindings.settlement_rules import RuleStatus
from ledger.adapters.chain.bindings.shared import PartySignature
from ledger.adapters.chain.deployment import sign_digest
from ledger.adapters.chain.json_rpc import JsonRpc, read_bytes
from ledger.adapters.chain.rule_content import rule_content
from ledger.adapters.chain.sender import TransactionSender
from ledger.client import participants
from ledger.demo.city import SIGNATURE_S, City, Desk
from ledger.demo.dealings import settlement_rule
from ledger.demo.offices import Papers
from ledger.domain.acts.settlement_rules import Rule
from ledger.domain.price import WHOLE
from ledger.domain.roles import AUTHORISATION_PLATFORM, REGULATOR, TRADING_PLATFORM
from ledger.domain.typed_acts import Domain, Tail, act_signing_digest
from ledger.errors import ConflictError
from ledger.log.typed_data import to_checksum_address

PUBLIC_MAX: Final = 800_000
PERSONAL_MAX: Final = 500_000
SIGNERS: Final = (TRADING_PLATFORM, AUTHORISATION_PLATFORM, REGULATOR)


def approve_rule(city: City, papers: Papers) -> str:
    """Gives the version of the rule, 64 hex digits; one that an earlier run had approved is left as it is.

    Raises:
        ConflictError: the contract does not take it, or it was retired.
        ChainUnavailableError: the node does not answer.
    """
    rule = _rule(papers)
    asked = settlement_rules.encode_rule_version_of(content=rule_content(rule))
    version = settlement_rules.decode_rule_version_of(_ask(city, asked))
    if _status(city, version) is RuleStatus.UNKNOWN:
        _send(city, rule)
        _require_approved(city, version)
        city.say("  both platforms and the regulator approve the settlement rule, on the chain")
    _require_approved(city, version)
    return version.hex()


def _rule(papers: Papers) -> Rule:
    """Public data get four fifths at most, personal data half, from the month on in which the story began."""
    formula, filing, text = (
        sha256(f"{what} {settlement_rule(papers).digest}".encode()).digest() for what in ("formula", "filing", "text")
    )
    first = papers.begun_on.year * 100 + papers.begun_on.month
    return Rule(formula, filing, text, 0, PUBLIC_MAX, 0, WHOLE, 0, PERSONAL_MAX, first)


def _require_approved(city: City, version: bytes) -> None:
    if _status(city, version) is not RuleStatus.APPROVED:
        raise ConflictError(f"the settlement rule {version.hex()} is not approved")


def _status(city: City, version: bytes) -> RuleStatus:
    return settlement_rules.decode_rule_of(_ask(city, settlement_rules.encode_rule_of(rule_version=version)))[0]


def _ask(city: City, data: bytes) -> bytes:
    to = to_checksum_address(city.place.contracts[Rule.CONTRACT])
    return read_bytes(JsonRpc(city.place.rpc_url).call("eth_call", {"to": to, "data": "0x" + data.hex()}, "latest"))


def _send(city: City, rule: Rule) -> None:
    signed = {role: _signature(city, city.desk(role), rule) for role in SIGNERS}
    [regulators_key] = city.desk(REGULATOR).keys.values()
    data = settlement_rules.encode_approve_rule(content=rule_content(rule), **signed)
    try:
        TransactionSender(city.place.rpc_url, regulators_key).send(city.place.contracts[Rule.CONTRACT], data)
    except Web3Exception as error:
        raise ConflictError(f"the contract does not take the settlement rule: {error}") from error


def _signature(city: City, desk: Desk, rule: Rule) -> PartySignature:
    body = desk.client.run(participants.get_participant(desk.code)).value
    body_id = bytes.fromhex(body["chain"]["body_id"].removeprefix("0x"))
    [(address, key)] = desk.keys.items()
    tail = Tail(body_id, int(time.time()) + SIGNATURE_S)
    domain = Domain(Rule.CONTRACT, city.place.chain_id, city.place.contracts[Rule.CONTRACT])
    _, signature = sign_digest(key, act_signing_digest(rule, tail, domain))
    return PartySignature(tail.signer, address, tail.sm2_signature_digest, tail.deadline, signature)
