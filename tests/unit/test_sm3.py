"""SM3 against the two examples of GB/T 32905-2016 annex A, and its two implementations against each other."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log import sm3 as module
from ledger.log.sm3 import sm3

IMPLEMENTATIONS = [sm3, module._sm3_gmssl] + ([module._sm3_openssl] if module.OPENSSL_HAS_SM3 else [])


@pytest.mark.parametrize("implementation", IMPLEMENTATIONS)
def test_sm3_of_the_standards_examples_is_the_standards_digest(implementation: Callable[[bytes], bytes]) -> None:
    assert implementation(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert implementation(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


@given(st.binary(max_size=300))
def test_sm3_of_any_bytes_is_the_same_in_both_implementations(data: bytes) -> None:
    assert {implementation(data) for implementation in IMPLEMENTATIONS} == {sm3(data)}


def test_sm3_without_openssls_falls_back_to_gmssl(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "OPENSSL_HAS_SM3", False)
    monkeypatch.delattr(module, "_sm3_openssl")
    assert sm3(b"abc").hex().startswith("66c7f0f4")
