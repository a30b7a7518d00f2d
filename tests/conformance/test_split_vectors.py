"""The split by exact rationals gives what the vectors say, which the contracts read too; and what plain integers say."""

import json
from pathlib import Path
from typing import Any

import pytest
from Crypto.Hash import keccak

from ledger.domain.split import WHOLE, Part, Recipient, flatten, split_correction

FOLDER = Path(__file__).resolve().parents[1] / "vectors" / "split"
FILES = sorted(FOLDER.glob("*.json"))


def cases_of(columns: dict[str, Any]) -> list[tuple[int, list[int], list[Recipient], tuple[int, int], list[int]]]:
    cases, start = [], 0
    for number, count in enumerate(columns["counts"]):
        entries = [
            Recipient(body.to_bytes(32), Part(part), share)
            for part, body, share in zip(
                *(columns[name][start : start + count] for name in ("parts", "recipients", "shares")), strict=True
            )
        ]
        weights = columns["part_weights"][3 * number : 3 * number + 3]
        sums = (columns["gross"][number], columns["base_gross"][number])
        amounts = columns["amounts"][start : start + count]
        cases.append((columns["first_line"] + number, weights, entries, sums, amounts))
        start += count
    assert start == len(columns["amounts"])
    return cases


def split_by_integers(total: int, weights: list[int], line_id: bytes, entries: list[Recipient]) -> list[int]:
    """The same rule a second time, without fractions: quotients, remainders, one unit after the other."""
    parts = [total * weight // sum(weights) for weight in weights]
    left = [total * weight % sum(weights) for weight in weights]
    ties = [keccak.new(digest_bits=256, data=line_id + entry.recipient).hexdigest() for entry in entries]
    for _ in range(total - sum(parts)):
        best = min(range(len(parts)), key=lambda place: (-left[place], ties[place], place))
        parts[best] += 1
        left[best] = 0
    return parts


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_split_vectors_give_the_amounts_of_exact_rationals_and_of_integers(path):
    for line, part_weights, entries, (gross, base_gross), amounts in cases_of(json.loads(path.read_text())):
        weights = flatten(tuple(part_weights), entries)
        assert sum(weights) == WHOLE**2
        line_id, bodies = line.to_bytes(32), [entry.recipient for entry in entries]
        assert split_correction(gross, base_gross, weights, line_id, bodies) == amounts
        by_integers = [split_by_integers(total, weights, line_id, entries) for total in (gross, base_gross)]
        assert [new - old for new, old in zip(*by_integers, strict=True)] == amounts


def test_split_vectors_are_ten_thousand_and_the_corners():
    counts = {path.stem: len(json.loads(path.read_text())["counts"]) for path in FILES}
    assert counts.pop("corners") > 20
    assert sum(counts.values()) == 10_000
