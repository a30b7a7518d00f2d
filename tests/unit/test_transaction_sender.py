"""A node that goes away in the middle of sending is the chain's fault, whatever was asked of it last."""

import json
from collections.abc import Callable

import pytest
from support.http_double import DROP, Answer, Seen, http_double

from ledger.adapters.chain.errors import ChainUnavailableError
from ledger.adapters.chain.sender import TransactionSender

METHODS = (
    "eth_gasPrice",
    "eth_getTransactionCount",
    "eth_estimateGas",
    "eth_sendRawTransaction",
    "eth_getTransactionReceipt",
)
CHAIN_ID = ("eth_chainId", "eth_chainId")
"""By the account, and once by web3."""

KEY = bytes(31) + b"\1"


def node(asked: list[str]) -> Callable[[Seen], Answer]:
    def answer(request: Seen) -> Answer:
        sent = json.loads(request.body)
        asked.append(sent["method"])
        value = {
            "jsonrpc": "2.0",
            "id": sent["id"],
            "result": "0x" + "01" * (32 if sent["method"] == METHODS[3] else 1),
        }
        return Answer(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    return answer


@pytest.mark.parametrize("calls", range(len(METHODS)), ids=METHODS)
def test_node_that_goes_away_is_named(calls: int) -> None:
    asked: list[str] = []
    answer = node(asked)
    with http_double(*[answer] * (len(CHAIN_ID) + calls), DROP) as double:
        sender = TransactionSender(double.url, KEY)
        with pytest.raises(ChainUnavailableError):
            sender.send(bytes(20), b"")
    assert asked == [*CHAIN_ID, *METHODS[:calls]]
