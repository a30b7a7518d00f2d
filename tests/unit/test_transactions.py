"""Signed transactions against eth-account's, byte for byte."""

import pytest
from eth_account import Account
from hypothesis import given
from hypothesis import strategies as st

from ledger.adapters.chain.transactions import TransactionAccount
from ledger.log.typed_data import SECP256K1_ORDER, to_checksum_address

KEYS = st.integers(1, SECP256K1_ORDER - 1).map(lambda number: number.to_bytes(32))
NUMBERS = st.integers(0, 2**63)


@given(
    key=KEYS,
    chain_id=st.integers(1, 2**40),
    to=st.none() | st.binary(min_size=20, max_size=20),
    data=st.binary(max_size=200),
    nonce=NUMBERS,
    gas=NUMBERS,
    gas_price=NUMBERS,
)
def test_signed_transaction_is_that_of_eth_account(
    *, key: bytes, chain_id: int, to: bytes | None, data: bytes, nonce: int, gas: int, gas_price: int
) -> None:
    account = TransactionAccount(key, chain_id)
    fields = {"chainId": chain_id, "data": data, "gas": gas, "gasPrice": gas_price, "nonce": nonce, "value": 0}
    expected = Account.sign_transaction(fields | ({"to": to_checksum_address(to)} if to else {}), key)

    raw, tx_hash = account.sign(to, data, nonce=nonce, gas=gas, gas_price=gas_price)

    assert to_checksum_address(account.address) == Account.from_key(key).address
    assert raw.hex() == bytes(expected.raw_transaction).hex()
    assert tx_hash == bytes(expected.hash)


def test_other_key_or_chain_signs_other_bytes() -> None:
    of_one = TransactionAccount(bytes(31) + b"\1", 1)
    said = {"nonce": 0, "gas": 21_000, "gas_price": 0}
    signed = {
        account.sign(bytes(20), b"", **said)
        for account in (of_one, TransactionAccount(bytes(31) + b"\2", 1), TransactionAccount(bytes(31) + b"\1", 2))
    }
    assert len(signed) == 3


@pytest.mark.parametrize("key", [bytes(32), SECP256K1_ORDER.to_bytes(32), b""])
def test_what_is_no_key_is_refused(key: bytes) -> None:
    with pytest.raises(ValueError, match=r"secret|key|scalar"):
        TransactionAccount(key, 1)
