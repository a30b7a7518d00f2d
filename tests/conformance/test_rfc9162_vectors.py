"""Every inclusion and consistency case of transparency-dev/merkle is judged as its ``wantErr`` says."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import InvalidPathError, VerificationError
from ledger.log.verify import verify_consistency, verify_inclusion

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "rfc9162"
INCLUSION = sorted((VECTORS / "inclusion").rglob("*.json"))
CONSISTENCY = sorted((VECTORS / "consistency").rglob("*.json"))

# Marked as valid, but its roots are the 12-byte texts "dont care 2". A hash here is 32 bytes, so it is refused for that.
DUMMY_ROOTS = "additional/sizes-are-equal-one-and-proof-is-empty.json"


def _name(path: Path) -> str:
    return str(path.relative_to(VECTORS))


def _load(path: Path) -> dict[str, Any]:
    case = json.loads(path.read_bytes())
    for key in ("root", "leafHash", "root1", "root2"):
        if key in case:
            case[key] = base64.b64decode(case[key] or "", validate=True)
    case["proof"] = [base64.b64decode(node or "", validate=True) for node in case["proof"] or []]
    return case


def test_vectors_are_all_there() -> None:
    assert (len(INCLUSION), len(CONSISTENCY)) == (98, 98)


@pytest.mark.parametrize("path", INCLUSION, ids=_name)
def test_inclusion_vector_is_judged_as_marked(path: Path) -> None:
    case = _load(path)
    arguments = (case["leafHash"], case["leafIdx"], case["treeSize"], case["proof"], case["root"])
    if case["wantErr"]:
        with pytest.raises(VerificationError):
            verify_inclusion(*arguments)
    else:
        verify_inclusion(*arguments)


@pytest.mark.parametrize("path", CONSISTENCY, ids=_name)
def test_consistency_vector_is_judged_as_marked(path: Path) -> None:
    case = _load(path)
    arguments = (case["size1"], case["size2"], case["proof"], case["root1"], case["root2"])
    if _name(path).endswith(DUMMY_ROOTS):
        assert not case["wantErr"]
        with pytest.raises(InvalidPathError, match="12 bytes, expected 32"):
            verify_consistency(*arguments)
    elif case["wantErr"]:
        with pytest.raises(VerificationError):
            verify_consistency(*arguments)
    else:
        verify_consistency(*arguments)


def test_dummy_root_vector_with_real_roots_is_valid() -> None:
    root_hash = bytes(range(32))
    verify_consistency(1, 1, [], root_hash, root_hash)
