"""Judging a proof with what a server knows: what its node does not say is "not checked", and never passed."""

import socket
from collections.abc import Callable
from threading import Thread

import pytest
from support.formats import chain_of, proofs, trust
from support.http_double import Answer, http_double

from ledger.adapters.chain.errors import ChainUnavailableError, RpcRejectedError
from ledger.adapters.chain.facts import read_chain_facts, read_contract_head
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.bundle.chain_facts import ChainFacts
from ledger.bundle.contract_head import ContractHead
from ledger.bundle.verifier import Verdict, VerificationReport
from ledger.errors import LedgerError, MalformedEvidenceError
from ledger.log.proof_file import AnchorFacts, ProofFile, parse_proof
from ledger.services.verification import verify_as_known

DIRECT = "anchored directly, full"
FAILURES = [ChainUnavailableError("away"), RpcRejectedError("no such method"), MalformedEvidenceError("nonsense")]


def head(_: ProofFile) -> ContractHead:
    return chain_of(DIRECT).contract_head()


def facts(anchor: AnchorFacts) -> ChainFacts:
    return chain_of(DIRECT).facts_for(parse_proof(proofs()[DIRECT])._replace(anchor=anchor))


def failing(error: LedgerError) -> Callable[[object], object]:
    def read(_: object) -> object:
        raise error

    return read


def judged(read_facts, read_head) -> VerificationReport:
    return verify_as_known(proofs()[DIRECT], trust(), read_facts, read_head, lambda _: {})


def test_anchor_and_contract_that_both_answer_pass_the_last_step() -> None:
    report = judged(facts, head)
    assert (report.verdict, report.steps[-1].outcome) == (Verdict.VALID, "passed")


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: error.code)
def test_contract_that_was_not_asked_leaves_the_last_step_not_checked(error: LedgerError) -> None:
    report = judged(facts, failing(error))
    assert (report.verdict, report.steps[-1].outcome) == (Verdict.VALID, "not_checked")
    assert "the contract was not asked" in report.steps[-1].detail
    assert "as claimed" in report.steps[-2].detail


@pytest.mark.parametrize("error", FAILURES, ids=lambda error: error.code)
def test_chain_that_was_not_asked_leaves_the_last_step_not_checked(error: LedgerError) -> None:
    report = judged(failing(error), head)
    assert (report.verdict, report.steps[-1].outcome) == (Verdict.VALID, "not_checked")


def test_chain_that_denies_the_anchor_is_heard_though_the_contract_cannot_be_read() -> None:
    def denying(anchor: AnchorFacts) -> ChainFacts:
        return facts(anchor._replace(tx_hash=bytes(32)))

    assert judged(denying, failing(FAILURES[1])).verdict is Verdict.INVALID


@pytest.mark.parametrize(
    "answer", [Answer(200, b'{"error":{"code":-32601,"message":"no such method"}}'), Answer(500), Answer(200, b"x")]
)
def test_node_that_answers_with_an_error_says_nothing_about_the_proof(answer: Answer) -> None:
    with http_double(answer) as node:
        rpc = JsonRpc(node.url)
        report = judged(
            lambda anchor: read_chain_facts(rpc, anchor), lambda parsed: read_contract_head(rpc, parsed, trust())
        )
    assert (report.verdict, report.steps[-1].detail) == (Verdict.VALID, "the chain was not asked")


def test_node_that_speaks_no_http_is_one_that_does_not_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            with listener.accept()[0] as connection:
                connection.recv(65_536)
                connection.sendall(b"SSH-2.0-another-service\r\n")

        thread = Thread(target=answer)
        thread.start()
        with pytest.raises(ChainUnavailableError):
            JsonRpc(f"http://127.0.0.1:{listener.getsockname()[1]}").call("eth_chainId")
        thread.join()
