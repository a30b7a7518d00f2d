"""An answer that a dying server cut off is no answer: nobody is blamed for what was never said."""

from http.client import IncompleteRead

import pytest
from support.http_double import CUT, Answer, http_double

from anchor.monitor_main import LogFiles
from ledger.adapters.chain.errors import ChainUnavailableError
from ledger.adapters.chain.json_rpc import JsonRpc
from ledger.adapters.http_answers import read_whole
from ledger.adapters.proxies import open_directly
from ledger.errors import UnavailableError


def test_answer_that_ends_early_is_refused() -> None:
    with http_double(CUT) as double, open_directly(double.url, 10) as answer, pytest.raises(IncompleteRead):
        read_whole(answer, 10_000)


def test_answer_is_read_up_to_the_limit() -> None:
    with http_double(Answer(200, b"x" * 100)) as double:
        for limit, expected in ((99, 99), (100, 100), (101, 100)):
            with open_directly(double.url, 10) as answer:
                assert len(read_whole(answer, limit)) == expected


def test_chain_node_that_dies_while_it_answers_is_unavailable() -> None:
    with http_double(CUT) as double, pytest.raises(ChainUnavailableError, match="does not answer eth_chainId"):
        JsonRpc(double.url).call("eth_chainId")


def test_log_that_dies_while_it_serves_a_tile_is_unanswered_and_no_alarm() -> None:
    with http_double(CUT) as double, pytest.raises(UnavailableError, match="does not answer tile/0/000"):
        LogFiles(double.url).fetch("tile/0/000")
