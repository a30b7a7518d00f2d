"""Nobody in the story signs what it did not check: the act is the one that was agreed on, and holds the digest that the signer computed."""

from pathlib import Path
from typing import Any

import pytest
from support.demo_play import PlayedCity, PlayedService

from ledger.adapters.files.keys import secp256k1_address
from ledger.demo.agreement import DIGEST, name_of_act
from ledger.domain.act_json import act_to_json
from ledger.domain.acts.digital_contract_registry import AgreementFiling
from ledger.errors import ConflictError

KEY = bytes(31) + b"\1"
COMPUTED, OTHER = bytes([1]) * 32, bytes([2]) * 32
CODE, AGREEMENT_ID = "body", "agreement"
FILING = name_of_act(AgreementFiling)


class Shown:
    """A service that shows one act with one signer."""

    def __init__(self, digest: bytes = COMPUTED, *, is_signed: bool = False, is_lapsed: bool = False) -> None:
        self.message = act_to_json(AgreementFiling(bytes(32), digest, bytes(32)))
        signer = {
            "participant": CODE,
            "place": 0,
            "body_id": "0x" + "07" * 32,
            "signed": is_signed,
            "lapsed": is_lapsed,
        }
        self.signer = {**signer, "keys": ["0x" + secp256k1_address(KEY).hex()]}
        self.signatures = 0

    def __call__(self, who: str, asked: str, sent: Any) -> Any:
        if asked.startswith("POST"):
            self.signatures += 1
            return {}
        subject = {"object_id": AGREEMENT_ID}
        return {"act_id": "act", "act": FILING, "subject": subject, "message": self.message, "signers": [self.signer]}


def sign(shown: Shown, folder: Path, **fields: Any) -> int:
    city = PlayedCity(PlayedService(shown), folder, contracts={AgreementFiling.CONTRACT: bytes(20)})
    city.sign("act", asked_by=city.take_seat("desk", CODE, KEY), act=FILING, subject=AGREEMENT_ID, fields=fields)
    return shown.signatures


def test_act_with_the_digest_that_was_computed_is_signed(tmp_path: Path) -> None:
    assert sign(Shown(), tmp_path, **{DIGEST: "0x" + COMPUTED.hex()}) == 1


def test_act_with_another_digest_is_not_signed(tmp_path: Path) -> None:
    shown = Shown(OTHER)
    with pytest.raises(ConflictError, match="does not sign"):
        sign(shown, tmp_path, **{DIGEST: "0x" + COMPUTED.hex()})
    assert shown.signatures == 0


@pytest.mark.parametrize(("is_lapsed", "signatures"), [(False, 0), (True, 1)], ids=["standing", "lapsed"])
def test_signature_is_given_again_once_it_lapsed(tmp_path: Path, signatures: int, *, is_lapsed: bool) -> None:
    assert sign(Shown(is_signed=True, is_lapsed=is_lapsed), tmp_path) == signatures
