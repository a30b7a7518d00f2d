"""Requests to a node over connections that are kept open: the anchor service asks several times a second."""

import itertools
import json
import threading
from collections.abc import Sequence
from typing import Any

import requests

from ledger.adapters.proxies import requests_proxies


class NodeConnections(threading.local):
    """Those of each thread to one node.

    Args:
        rpc_url: JSON-RPC over HTTP.
        timeout_s: for the connection, and for each part of an answer.
    """

    def __init__(self, rpc_url: str, timeout_s: float) -> None:
        self._url, self._timeout_s = rpc_url, timeout_s
        self._proxies = requests_proxies(rpc_url)
        self._session = requests.Session()
        self._numbers = itertools.count(1)

    def post(self, method: str, parameters: Sequence[Any]) -> Any:
        """The JSON that is answered, whatever it is.

        Raises:
            OSError: no answer, or an HTTP error (``requests.RequestException``).
            ValueError: the answer is no JSON.
        """
        request = {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": list(parameters)}
        answer = self._session.post(
            self._url,
            data=json.dumps(request).encode(),
            headers={"Content-Type": "application/json"},
            timeout=self._timeout_s,
            proxies=self._proxies,
        )
        answer.raise_for_status()
        return json.loads(answer.content)
