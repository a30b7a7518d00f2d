"""Writes the vectors of the split: tests/vectors/split/*.json, 10,000 random cases and the corners, by exact rationals.

Solidity (``tests/contracts/Split.vectors.t.sol``) and Python (``tests/conformance/test_split_vectors.py``) read the same files. A file
is flat, so that a contract test reads it in a few calls: every case takes ``counts`` entries of ``parts``, ``recipients``, ``shares``
and ``amounts`` and three of ``part_weights``; case number n has the line id ``first_line + n``; ids are these numbers as 32 bytes.
``amounts`` are split(gross) - split(base_gross), which for a base of 0 is the plain split.

Usage: ``python scripts/split_vectors.py [--check]``; ``--check`` writes nothing and fails on any difference.
"""

import json
import sys
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ledger.domain.split import MAX_GROSS, WHOLE, Part, Recipient, flatten, split_correction

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "tests" / "vectors" / "split"
FILES = 10
CASES = 1000
BODIES = 300
COLUMNS = ("counts", "gross", "base_gross", "part_weights", "parts", "recipients", "shares", "amounts")


class Draw:
    """Numbers that anybody can draw again: SHA-256 of a label and a counter, reduced."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._drawn = 0

    def below(self, bound: int) -> int:
        """A number from 0 to ``bound`` - 1; the bias of the reduction does not matter here."""
        self._drawn += 1
        return int.from_bytes(sha256(f"{self._label} {self._drawn}".encode()).digest()) % bound

    def between(self, low: int, high: int) -> int:
        """A number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)


@dataclass(frozen=True)
class Case:
    """One case: what is split, what until now, by which weights, among whom."""

    gross: int
    base_gross: int
    part_weights: tuple[int, int, int]
    entries: list[tuple[Part, int, int]]

    def amounts(self, line: int) -> list[int]:
        """The answer of the exact rationals."""
        recipients = [Recipient(identifier(body), part, share) for part, body, share in self.entries]
        weights = flatten(self.part_weights, recipients)
        ids = [entry.recipient for entry in recipients]
        return split_correction(self.gross, self.base_gross, weights, identifier(line), ids)


def identifier(number: int) -> bytes:
    """A number as the 32 bytes of an id."""
    return number.to_bytes(32, "big")


def random_case(draw: Draw) -> Case:
    """Mostly a few recipients, now and then 250; small, usual and very large sums; a third of them corrections."""
    low, high = ((1, 4), (1, 4), (1, 4), (5, 10), (5, 10), (11, 30))[draw.below(6)] if draw.below(200) else (31, 250)
    count = draw.between(low, high)
    sizes = _cut(draw, count, draw.between(1, 3))
    weights = _cut(draw, WHOLE, sum(size != 0 for size in sizes))
    part_weights = [weights.pop(0) if size else 0 for size in sizes]
    entries = []
    for part, size in zip(Part, sizes, strict=True):
        bodies = sorted(_sample(draw, size))
        shares = _equal(size) if draw.below(3) == 0 else _cut(draw, WHOLE, size)[:size]
        entries += [(part, body, share) for body, share in zip(bodies, shares, strict=True)]
    bound = (100, 10**6, 10**9, MAX_GROSS + 1)[draw.below(4)]
    base = draw.below(bound) if draw.below(3) == 0 else 0
    return Case(draw.below(bound), base, (part_weights[0], part_weights[1], part_weights[2]), entries)


def corner_cases() -> list[Case]:
    """Nothing to split, one recipient, all remainders equal, one body in every part, the greatest sums, 250 recipients."""
    enterprise = Part.ENTERPRISE
    three = [(Part.PUBLIC, 7, WHOLE), (Part.ENTERPRISE, 7, WHOLE), (Part.PERSONAL, 7, WHOLE)]
    many = [(enterprise, body, WHOLE // 250) for body in range(1, 251)]
    lopsided = [(enterprise, body, 1) for body in range(1, 250)] + [(enterprise, 250, WHOLE - 249)]
    cases = [Case(gross, 0, (0, WHOLE, 0), [(enterprise, 1, WHOLE)]) for gross in (0, 1, MAX_GROSS)]
    cases += [Case(gross, 0, (333_333, 333_333, 333_334), three) for gross in (0, 1, 2, 3, 10, MAX_GROSS)]
    cases += [Case(gross, 0, (0, WHOLE, 0), many) for gross in (0, 1, 125, 249, 250, 251, 499, MAX_GROSS)]
    cases += [Case(gross, 0, (0, WHOLE, 0), lopsided) for gross in (1, 249, 250, 999_999, WHOLE, MAX_GROSS)]
    cases += [Case(0, MAX_GROSS, (0, WHOLE, 0), many), Case(MAX_GROSS, MAX_GROSS - 1, (0, WHOLE, 0), many)]
    cases += [Case(1, 2, (333_333, 333_333, 333_334), three), Case(249, 250, (0, WHOLE, 0), lopsided)]
    # a part without weight, whose shares sum to nothing in particular
    return [
        *cases,
        Case(11, 4, (0, WHOLE, 0), [(Part.PUBLIC, 1, 5), (enterprise, 1, WHOLE // 2), (enterprise, 2, WHOLE // 2)]),
    ]


def render() -> dict[Path, str]:
    """Every file and its text."""
    files = {FOLDER / "corners.json": _text(corner_cases(), FILES * CASES)}
    for number in range(FILES):
        draw = Draw(f"split vectors {number}")
        cases = [random_case(draw) for _ in range(CASES)]
        files[FOLDER / f"random-{number}.json"] = _text(cases, number * CASES)
    return files


def main(arguments: list[str]) -> int:
    """Writes the files, or with ``--check`` compares them."""
    rendered = render()
    if arguments == ["--check"]:
        differing = [path for path, text in rendered.items() if not path.exists() or path.read_text() != text]
        for path in differing:
            print(f"{path.relative_to(ROOT)} is not what scripts/split_vectors.py makes")
        return 1 if differing else 0
    if arguments:
        print("usage: split_vectors.py [--check]")
        return 2
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path, text in rendered.items():
        path.write_text(text, encoding="utf-8")
    print(f"{len(rendered)} files in {FOLDER.relative_to(ROOT)}")
    return 0


def _text(cases: list[Case], first_line: int) -> str:
    columns: dict[str, list[int]] = {name: [] for name in COLUMNS}
    for number, case in enumerate(cases):
        columns["counts"].append(len(case.entries))
        columns["gross"].append(case.gross)
        columns["base_gross"].append(case.base_gross)
        columns["part_weights"] += case.part_weights
        columns["parts"] += [int(part) for part, _, _ in case.entries]
        columns["recipients"] += [body for _, body, _ in case.entries]
        columns["shares"] += [share for _, _, share in case.entries]
        columns["amounts"] += case.amounts(first_line + number)
    lines = [f' "{name}": {json.dumps(values, separators=(",", ":"))}' for name, values in columns.items()]
    return "{\n" + ",\n".join([*lines, f' "first_line": {first_line}']) + "\n}\n"


def _cut(draw: Draw, total: int, pieces: int) -> list[int]:
    """A total in this many random pieces, some of them zero; filled up to three with zeros."""
    if pieces == 0:
        return [0, 0, 0]
    cuts = sorted(draw.below(total + 1) for _ in range(pieces - 1))
    sizes = [high - low for low, high in zip([0, *cuts], [*cuts, total], strict=True)]
    return sizes + [0] * (3 - pieces)


def _equal(size: int) -> list[int]:
    """The whole in equal shares; what does not divide is the first one's."""
    return [WHOLE // size + (WHOLE % size if place == 0 else 0) for place in range(size)]


def _sample(draw: Draw, size: int) -> set[int]:
    bodies: set[int] = set()
    while len(bodies) < size:
        bodies.add(draw.between(1, BODIES))
    return bodies


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
