"""Sends the few transactions of a deployment: one at a time, waited for, judged by what the chain then says.

Not the anchor's sender, which persists signed bytes first: here every step is checked on the chain before it is taken, so a run
that was interrupted anywhere is simply run again.
"""

import time
from typing import Any, cast

import requests
from eth_account import Account
from eth_account.signers.local import LocalAccount
from web3 import HTTPProvider, Web3
from web3.contract import Contract
from web3.exceptions import TimeExhausted, Web3Exception
from web3.middleware import ExtraDataToPOAMiddleware
from web3.types import RPCEndpoint, TxParams, TxReceipt

from ledger.adapters.chain.errors import ChainUnavailableError
from ledger.adapters.proxies import requests_proxies
from ledger.log.typed_data import to_checksum_address

GAS_MARGIN_NUMERATOR, GAS_MARGIN_DENOMINATOR = 5, 4
"""An estimate may miss what a neighbour in the same block changes: send five quarters of it."""

POLL_S = 0.02


class TransactionSender:
    """One account on one chain. Legacy transactions at the node's own price (0 on a free-gas network)."""

    def __init__(self, rpc_url: str, key: bytes, *, mining_timeout_s: float = 120.0) -> None:
        proxies = requests_proxies(rpc_url)
        self._w3 = Web3(
            HTTPProvider(
                rpc_url,
                request_kwargs={"timeout": 30.0, "proxies": proxies},
                # web3 asks for the chain's id twice before every call; one account is on one chain
                cache_allowed_requests=True,
                cacheable_requests={RPCEndpoint("eth_chainId")},
            )
        )
        # consortium chains keep seals in extraData, which is then longer than the 32 bytes web3 expects
        self._w3.middleware_onion.inject(ExtraDataToPOAMiddleware, layer=0)
        self._account: LocalAccount = Account.from_key(key)
        self._mining_timeout_s = mining_timeout_s
        try:
            self.chain_id = int(self._w3.eth.chain_id)
        except (requests.RequestException, OSError, Web3Exception) as error:
            raise ChainUnavailableError(f"The chain's node does not answer at {rpc_url}.") from error

    @property
    def address(self) -> bytes:
        """The account's address, 20 bytes."""
        return bytes.fromhex(self._account.address[2:])

    def code(self, address: bytes) -> bytes:
        """Byte code at the address in the newest block; empty when there is none."""
        return bytes(self._w3.eth.get_code(self._w3.to_checksum_address(address)))

    def transaction_count(self) -> int:
        """Next nonce of the account, waiting transactions included."""
        return int(self._w3.eth.get_transaction_count(self._account.address, "pending"))

    def chain_time_s(self) -> int:
        """The later of the newest block's time and this machine's: an idle development chain lags behind."""
        return max(int(self._w3.eth.get_block("latest")["timestamp"]), int(time.time()))

    def contract(self, address: bytes, abi: list[dict[str, Any]]) -> Contract:
        """The contract at the address, for calls and for encoding."""
        return self._w3.eth.contract(address=self._w3.to_checksum_address(to_checksum_address(address)), abi=abi)

    def send(self, to: bytes | None, data: bytes) -> TxReceipt:
        """Signs, sends and waits until it is mined. A receipt with status 0 is returned, not raised.

        Raises:
            ChainUnavailableError: the node went away, or did not mine it in time; run the step again.
            Web3Exception: the node refuses it, for instance because the call would revert now.
        """
        try:
            fields: dict[str, Any] = {
                "chainId": self.chain_id,
                "data": data,
                "from": self._account.address,
                "gasPrice": self._w3.eth.gas_price,
                "nonce": self.transaction_count(),
                "value": 0,
            }
            if to is not None:
                fields["to"] = to_checksum_address(to)
            estimate = self._w3.eth.estimate_gas(cast("TxParams", fields))
            fields["gas"] = estimate * GAS_MARGIN_NUMERATOR // GAS_MARGIN_DENOMINATOR
            del fields["from"]
            signed = self._account.sign_transaction(fields)
            tx_hash = self._w3.eth.send_raw_transaction(signed.raw_transaction)
            return self._w3.eth.wait_for_transaction_receipt(
                tx_hash, timeout=self._mining_timeout_s, poll_latency=POLL_S
            )
        except TimeExhausted as error:
            raise ChainUnavailableError("The chain did not mine a transaction in time.") from error
        except (requests.RequestException, OSError) as error:
            raise ChainUnavailableError("The chain's node stopped answering.") from error
