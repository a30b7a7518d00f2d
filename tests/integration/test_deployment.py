"""Deployment against a real development chain: deterministic, idempotent, resumable, with and without the canonical factory."""

import socket
from pathlib import Path
from typing import Any

import pytest
import requests
from coincurve import PrivateKey
from support.anchor_rig import Anvil, running_anvil

from ledger.adapters.chain import deployment as module
from ledger.adapters.chain.artifact import load_artifact
from ledger.adapters.chain.deployment import CANONICAL_FACTORY, DeploymentError, deploy, open_log
from ledger.adapters.chain.errors import ChainUnavailableError
from ledger.adapters.chain.sender import TransactionSender
from ledger.errors import MisuseError
from ledger.log.typed_data import LogIdentity, address_of_public_key, checkpoint_signing_digest, keccak256

CHECKPOINT_KEY = keccak256(b"checkpoint key")
ORIGIN = "deployment.cityledger.invalid/2026"


def key(name: str) -> bytes:
    return keccak256(name.encode())


def address(private_key: bytes) -> bytes:
    return address_of_public_key(PrivateKey(private_key).public_key.format(compressed=False))


DEPLOYER = key("deployer")
BODIES = [key("body one"), key("body two"), key("body three")]
ANCHOR = address(key("anchor"))


@pytest.fixture
def rpc_url(chain: Anvil) -> str:
    return chain.url


def rpc(url: str, method: str, *parameters: Any) -> Any:
    answer = requests.post(url, json={"jsonrpc": "2.0", "id": 1, "method": method, "params": parameters}, timeout=10)
    body = answer.json()
    assert "error" not in body, body
    return body["result"]


def deploy_here(url: str, **changes: Any) -> module.Deployment:
    options: dict[str, Any] = {
        "deployer_key": DEPLOYER,
        "bodies": [address(body) for body in BODIES],
        "threshold": 2,
    } | changes
    return deploy(url, **options)


def open_here(url: str, where: module.Deployment, **changes: Any) -> bytes:
    options: dict[str, Any] = {
        "body_keys": BODIES[:2],
        "origin": ORIGIN,
        "checkpoint_key": CHECKPOINT_KEY,
        "anchor_address": ANCHOR,
    } | changes
    return open_log(url, DEPLOYER, where, **options)


def test_deploy_fresh_chain_then_again_changes_nothing(rpc_url: str) -> None:
    first = deploy_here(rpc_url)
    assert first.factory == CANONICAL_FACTORY
    assert all(first.mined.values())
    height = rpc(rpc_url, "eth_blockNumber")

    second = deploy_here(rpc_url, deployer_key=key("somebody else"), bodies=[address(body) for body in BODIES[::-1]])

    assert rpc(rpc_url, "eth_blockNumber") == height
    assert second.mined == {"Council": None, "EvidenceLog": None}
    assert (second.council, second.evidence_log) == (first.council, first.evidence_log)
    assert second.code_hashes == first.code_hashes
    code = TransactionSender(rpc_url, DEPLOYER).code(first.evidence_log)
    assert keccak256(code) == first.code_hashes["EvidenceLog"]
    assert first.council in code


def test_deploy_lost_chain_gets_the_same_addresses_back(tmp_path: Path) -> None:
    found = []
    for life in ("first", "second"):
        with running_anvil(tmp_path / life) as anvil:
            found.append(deploy_here(anvil.url))
    assert found[0].evidence_log == found[1].evidence_log
    assert found[0].code_hashes == found[1].code_hashes


def test_deploy_other_bodies_or_threshold_other_addresses(rpc_url: str) -> None:
    first = deploy_here(rpc_url)
    assert deploy_here(rpc_url, threshold=3).council != first.council
    assert deploy_here(rpc_url, bodies=[address(body) for body in BODIES[:2]]).evidence_log != first.evidence_log


def test_deploy_without_canonical_factory_makes_and_keeps_an_own_one(rpc_url: str) -> None:
    rpc(rpc_url, "anvil_setCode", "0x" + CANONICAL_FACTORY.hex(), "0x")
    first = deploy_here(rpc_url)
    assert first.factory not in {CANONICAL_FACTORY, b""}
    second = deploy_here(rpc_url)
    assert second.mined == {"Council": None, "EvidenceLog": None}
    assert second.evidence_log == first.evidence_log


def test_deploy_without_any_factory_and_a_used_account_is_refused(rpc_url: str) -> None:
    rpc(rpc_url, "anvil_setCode", "0x" + CANONICAL_FACTORY.hex(), "0x")
    rpc(rpc_url, "anvil_setNonce", "0x" + address(DEPLOYER).hex(), "0x1")
    with pytest.raises(DeploymentError, match="account that never sent"):
        deploy_here(rpc_url)


@pytest.mark.parametrize("step", range(4))
def test_deploy_and_open_interrupted_after_any_transaction_resumes(
    rpc_url: str, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """The canonical factory is missing, so there are four transactions: factory, council, evidence log, opening."""
    rpc(rpc_url, "anvil_setCode", "0x" + CANONICAL_FACTORY.hex(), "0x")
    send = TransactionSender.send
    sent = 0

    def interrupted(self: TransactionSender, to: bytes | None, data: bytes) -> Any:
        nonlocal sent
        receipt = send(self, to, data)
        sent += 1
        if sent == step + 1:
            raise KeyboardInterrupt
        return receipt

    monkeypatch.setattr(TransactionSender, "send", interrupted)
    with pytest.raises(KeyboardInterrupt):
        open_here(rpc_url, deploy_here(rpc_url))
    where = deploy_here(rpc_url)
    log_id = open_here(rpc_url, where)

    assert sent == 4
    assert head(rpc_url, where, log_id)[0] == 0


def head(url: str, where: module.Deployment, log_id: bytes) -> Any:
    contract = TransactionSender(url, DEPLOYER).contract(where.evidence_log, load_artifact("EvidenceLog").abi)
    return contract.functions.head(log_id).call()


def test_open_log_twice_sends_once_and_gives_the_id_python_computes(rpc_url: str) -> None:
    where = deploy_here(rpc_url)
    log_id = open_here(rpc_url, where)
    height = rpc(rpc_url, "eth_blockNumber")

    assert open_here(rpc_url, where) == log_id
    assert rpc(rpc_url, "eth_blockNumber") == height
    assert log_id == LogIdentity(31337, where.evidence_log, ORIGIN, CHECKPOINT_KEY, ANCHOR).log_id


def test_open_log_lost_race_is_success(rpc_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between our look and our act, another run of ours opens the log: our act is refused, the log is open, all is well."""
    where = deploy_here(rpc_url)
    execute = module._execute

    def outrun(*arguments: Any) -> Any:
        monkeypatch.setattr(module, "_execute", execute)
        open_here(rpc_url, where)
        return execute(*arguments)

    monkeypatch.setattr(module, "_execute", outrun)
    log_id = open_here(rpc_url, where)
    assert head(rpc_url, where, log_id)[0] == 0


def test_open_log_signed_by_a_stranger_is_refused(rpc_url: str) -> None:
    where = deploy_here(rpc_url)
    with pytest.raises(DeploymentError, match="failed"):
        open_here(rpc_url, where, body_keys=[BODIES[0], key("stranger")])


def test_open_log_with_too_few_keys_is_misuse(rpc_url: str) -> None:
    with pytest.raises(MisuseError, match="needs 2 signatures"):
        open_here(rpc_url, deploy_here(rpc_url), body_keys=BODIES[:1])


def test_deploy_other_code_at_the_address_is_refused(rpc_url: str) -> None:
    where = deploy_here(rpc_url)
    rpc(rpc_url, "anvil_setCode", "0x" + where.evidence_log.hex(), "0x00")
    with pytest.raises(DeploymentError, match="other code"):
        deploy_here(rpc_url)


def test_deploy_impossible_threshold_is_refused(rpc_url: str) -> None:
    with pytest.raises(DeploymentError, match="no code"):
        deploy_here(rpc_url, threshold=4)


def test_deploy_node_away_says_so() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        with pytest.raises(ChainUnavailableError):
            deploy_here(f"http://127.0.0.1:{closed.getsockname()[1]}")


def test_anchor_head_signed_as_python_computes_it_is_accepted(rpc_url: str) -> None:
    """The digest of ``ledger.log.typed_data`` and the contract's are the same."""
    where = deploy_here(rpc_url)
    log_id = open_here(rpc_url, where)
    identity = LogIdentity(where.chain_id, where.evidence_log, ORIGIN, CHECKPOINT_KEY, ANCHOR)
    root_hash = keccak256(b"any first root")
    _signer, signature = module.sign_digest(key("anchor"), checkpoint_signing_digest(identity, 5, root_hash))
    sender = TransactionSender(rpc_url, DEPLOYER)
    contract = sender.contract(where.evidence_log, load_artifact("EvidenceLog").abi)
    call = contract.encode_abi("anchor", [log_id, 0, 5, root_hash, [], signature])

    receipt = sender.send(where.evidence_log, bytes.fromhex(call[2:]))

    assert receipt["status"] == 1
    assert head(rpc_url, where, log_id) == [5, root_hash, False, False]
