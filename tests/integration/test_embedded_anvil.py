"""The embedded development chain: what survives which way of ending it, and where its binary comes from."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from ledger.adapters.chain.json_rpc import JsonRpc, read_quantity
from ledger.adapters.embedded import anvil as anvil_module
from ledger.adapters.embedded import node_binary
from ledger.adapters.embedded.anvil import CHAIN_ID, EmbeddedAnvil
from ledger.adapters.embedded.chain_state import without_stray_genesis
from ledger.adapters.embedded.node_binary import ANVIL_VERSION, anvil_binary
from ledger.adapters.embedded.ports import free_port
from ledger.adapters.embedded.processes import is_running
from ledger.errors import EmbeddedError

START_AND_SLEEP = """
import sys, time
from pathlib import Path
from ledger.adapters.embedded.anvil import EmbeddedAnvil
node = EmbeddedAnvil(Path(sys.argv[1]), int(sys.argv[2]))
node.start()
print(node.pid, flush=True)
time.sleep(300)
"""


def mine(node, blocks):
    rpc = JsonRpc(node.rpc_url)
    for _ in range(blocks):
        rpc.call("evm_mine")
    return rpc.call("eth_getBlockByNumber", "latest", False)["hash"]


def block_hash(node, number):
    block = JsonRpc(node.rpc_url).call("eth_getBlockByNumber", hex(number), False)
    return None if block is None else block["hash"]


def test_chain_has_the_stated_id_and_asks_no_gas_price(anvil):
    rpc = JsonRpc(anvil.rpc_url)
    assert read_quantity(rpc.call("eth_chainId")) == CHAIN_ID
    assert read_quantity(rpc.call("eth_gasPrice")) == 0
    # Berlin rules: blocks have no base fee
    assert "baseFeePerGas" not in rpc.call("eth_getBlockByNumber", "latest", False)


def test_chain_stopped_and_started_keeps_what_was_dumped(anvil):
    genesis = block_hash(anvil, 0)
    dumped = mine(anvil, 3)
    anvil.dump_state()
    mine(anvil, 2)
    anvil.stop()
    anvil.start()
    assert block_hash(anvil, 0) == genesis
    assert block_hash(anvil, 3) == dumped
    assert block_hash(anvil, 4) is None


def test_chain_started_again_and_again_keeps_its_genesis(anvil):
    """Each start leaves a block 0 of its own in the next dump; whichever place it has there, it is not taken for the chain's."""
    genesis = block_hash(anvil, 0)
    mine(anvil, 2)
    anvil.dump_state()
    anvil.stop()
    state = json.loads(anvil.state_path.read_bytes())
    [own] = [block for block in state["blocks"] if block["header"]["number"] == "0x0"]
    strays = [{**own, "header": {**own["header"], "timestamp": timestamp}} for timestamp in ("0x1", "0x7fffffff")]
    state["blocks"] = [strays[0], *state["blocks"], strays[1]]
    anvil.state_path.write_text(json.dumps(state))
    anvil.start()
    assert block_hash(anvil, 0) == genesis
    parent = JsonRpc(anvil.rpc_url).call("eth_getBlockByNumber", "0x1", False)["parentHash"]
    assert parent == genesis


def test_chain_without_blocks_keeps_the_genesis_of_its_first_start(anvil):
    anvil.dump_state()
    anvil.stop()
    state = json.loads(anvil.state_path.read_bytes())
    [own] = state["blocks"]
    state["blocks"] = [{**own, "header": {**own["header"], "timestamp": "0x7fffffff"}}, own]
    assert json.loads(without_stray_genesis(json.dumps(state).encode()))["blocks"] == [own]
    assert without_stray_genesis(json.dumps({**state, "blocks": [own]}).encode()) is None
    anvil.start()


def test_chain_killed_restarts_with_what_was_dumped(anvil):
    dumped = mine(anvil, 1)
    anvil.dump_state()
    os.kill(anvil.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while anvil.is_alive() and time.monotonic() < deadline:
        time.sleep(0.01)
    anvil.start()
    assert block_hash(anvil, 1) == dumped


def test_chain_of_a_killed_supervisor_is_replaced(tmp_path):
    folder, port = tmp_path / "a path" / "chain", free_port()
    arguments = [sys.executable, "-c", START_AND_SLEEP, str(folder), str(port)]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE) as killed:
        left_behind = int(killed.stdout.readline())
        killed.kill()
    node = EmbeddedAnvil(folder, port)
    node.start()
    try:
        assert not is_running(left_behind)
        assert node.pid != left_behind
    finally:
        node.stop()


def test_torn_state_stops_the_start_and_is_kept(anvil):
    anvil.dump_state()
    anvil.stop()
    torn = anvil.state_path.read_bytes()[:-100]
    anvil.state_path.write_bytes(torn)
    with pytest.raises(EmbeddedError, match="cannot be read"):
        anvil.start()
    assert anvil.state_path.read_bytes() == torn


def test_taken_port_is_said(anvil, tmp_path):
    port = int(anvil.rpc_url.rpartition(":")[2])
    with pytest.raises(EmbeddedError, match=f"port {port}"):
        EmbeddedAnvil(tmp_path / "second", port).start()
    assert anvil.is_alive()


@pytest.mark.parametrize(
    ("script", "told"), [("exec sleep 60", "does not answer eth_chainId"), ("exit 7", "ended with code 7")]
)
def test_node_that_says_nothing_and_does_not_start_is_explained(tmp_path, monkeypatch, script, told):
    silent = tmp_path / "silent"
    silent.write_text(f"#!/bin/sh\n{script}\n")
    silent.chmod(0o755)
    monkeypatch.setattr(anvil_module, "anvil_binary", lambda _: silent)
    monkeypatch.setattr(anvil_module, "START_TIMEOUT_S", 0.5)
    with pytest.raises(EmbeddedError, match=f"it logged nothing .*{told}"):
        EmbeddedAnvil(tmp_path / "chain", free_port()).start()


def test_binary_is_the_pinned_version():
    shown = subprocess.run([anvil_binary(print), "--version"], capture_output=True, text=True, check=True)
    assert ANVIL_VERSION in shown.stdout


@pytest.mark.long
def test_binary_is_fetched_where_there_is_no_checkout(tmp_path, monkeypatch):
    """Needs the network, as the first start of an installed wheel does."""
    monkeypatch.setenv("CITYLEDGER_CACHE_DIR", str(tmp_path / "the cache"))
    monkeypatch.setattr(node_binary, "__file__", str(tmp_path / "a" / "b" / "c" / "d" / "node_binary.py"))
    lines = []
    fetched = anvil_binary(lines.append)
    assert fetched.is_relative_to(tmp_path / "the cache")
    assert ANVIL_VERSION in subprocess.run([fetched, "--version"], capture_output=True, text=True, check=True).stdout
    assert len(lines) == 2
    assert anvil_binary(lines.append) == fetched
    assert len(lines) == 2
