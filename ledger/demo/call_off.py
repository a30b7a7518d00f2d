"""Sixth part of the story: one framework agreement under which an order is called off, and another one that both parties dissolve."""

import time
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from ledger.adapters.signing_keys import sign_paper
from ledger.bundle.agreement_papers import PROOF
from ledger.client import agreement_life, agreements
from ledger.client.calls import Call, RemoteObject
from ledger.demo import dealings
from ledger.demo.agreement import conclude, name_of_act
from ledger.demo.city import City
from ledger.demo.offices import BANK, DATA_COMPANY, Papers
from ledger.demo.sm2 import sm2_secret
from ledger.demo.trade import FIRST
from ledger.domain.acts.digital_contract_registry import Termination
from ledger.domain.records import to_json
from ledger.domain.termination import DestructionProof
from ledger.errors import ConflictError
from ledger.log.timestamps import format_time

ENDED: Final = "terminated"


def agree_framework(city: City, papers: Papers, name: str, rule_version: str) -> str:
    """A framework agreement, filed; gives its contract id."""

    def generate(sealed: Any, write_name: str) -> Call[RemoteObject]:
        return agreements.generate_framework(
            product_code=city.memory.get("product_code"),
            product_version=FIRST,
            consumer=BANK.code,
            terms=dealings.terms(papers, dealings.TITLES[name], rule_version),
            confidential=sealed,
            idempotency_key=write_name,
        )

    return conclude(city, name, generate)


def dissolve(city: City, agreement_id: str) -> None:
    """Both parties sign the end of an agreement, on the chain; its voucher is there at once."""
    company = city.desk(DATA_COMPANY.name)
    read = partial(company.client.run, agreements.get_agreement(agreement_id))
    if (found := read()).state != ENDED:
        if found.state != "ending":
            ended = agreements.dissolve_agreement(agreement_id, effective_at=int(time.time()), text=dealings.ENDED)
            company.client.run(ended)
        found = city.settle(read, asked_by=company, act=name_of_act(Termination), subject=agreement_id)
        city.say("  both parties sign the end of the trial; final on the chain, with its termination voucher")
    if found.state != ENDED:
        raise ConflictError(f"the agreement is {found.state}; somebody else went on with it")


def prove_destruction(city: City, papers: Papers, agreement_id: str) -> None:
    """The bank proves that it deleted the data, signed by an SM2 key of its own, and the company accepts the proof."""
    bank, company = city.desk(BANK.name), city.desk(DATA_COMPANY.name)
    if bank.client.run(agreement_life.get_destruction(agreement_id)).state == "owed":
        proof = DestructionProof("deleted", dealings.deletion_record(papers).digest, _now(), dealings.STATEMENT)
        paper = to_json(proof)
        sm2 = sign_paper(PROOF, {"contractId": agreement_id, **paper}, sm2_secret(city, BANK))
        bank.client.run(agreement_life.hand_in_proof(agreement_id, **paper, sm2=sm2))
    if bank.client.run(agreement_life.get_destruction(agreement_id)).state == "handed_in":
        company.client.run(agreement_life.accept_proof(agreement_id))
        city.say("  the bank proves that it deleted the data, by its SM2 key; the company accepts the proof")


def _now() -> str:
    return format_time(datetime.now(UTC))
