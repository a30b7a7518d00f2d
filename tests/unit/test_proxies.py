"""A proxy of the environment that answers nothing: this machine's own services are reached all the same."""

import json
from collections.abc import Callable, Iterator

import pytest
from support.http_double import Answer, HttpDouble, Seen, http_double

from anchor.monitor_main import LogFiles
from ledger.adapters.chain.gateway import ChainGateway
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.chain.sender import TransactionSender
from ledger.adapters.proxies import is_this_machine, open_directly, requests_proxies

DEAD_PROXY = "http://127.0.0.1:9"
CHAIN_ID = 31337


def answer(request: Seen) -> Answer:
    asked = json.loads(request.body) if request.body else {}
    value = {"jsonrpc": "2.0", "id": asked.get("id"), "result": hex(CHAIN_ID)}
    return Answer(200, json.dumps(value).encode(), {"Content-Type": "application/json"})


@pytest.fixture
def behind_a_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpDouble]:
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, DEAD_PROXY)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with http_double(answer) as double:
        yield double


@pytest.mark.parametrize(
    "ask",
    [
        lambda url: JsonRpc(url).call("eth_chainId"),
        lambda url: ChainGateway(url, CHAIN_ID, bytes(20)).call("eth_chainId"),
        lambda url: hex(TransactionSender(url, bytes(31) + b"\1").chain_id),
        lambda url: json.loads(LogFiles(url).fetch("checkpoint"))["result"],
        lambda url: json.loads(open_directly(url, 5).read())["result"],
    ],
    ids=["json_rpc", "gateway", "sender", "monitor", "stack"],
)
def test_loopback_behind_a_dead_proxy_is_asked_directly(
    behind_a_proxy: HttpDouble, ask: Callable[[str], object]
) -> None:
    assert ask(behind_a_proxy.url) == hex(CHAIN_ID)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8545", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:8545/", True),
        ("http://localhost:8080", True),
        ("http://0.0.0.0:8080", True),
        ("https://node.example", False),
        ("http://10.0.0.1:8545", False),
        ("http://127.0.0.1.example", False),
    ],
)
def test_other_machines_keep_the_proxy(url: str, expected: bool) -> None:
    assert is_this_machine(url) is expected
    assert bool(requests_proxies(url)) is expected
