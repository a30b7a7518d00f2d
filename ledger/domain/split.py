"""How a line's gross is split among its recipients, on exact rationals.

The reading of the rule against which ``contracts/libraries/SplitVector.sol`` and ``LargestRemainder.sol`` are tested: part weight times
share for every (part, recipient) is one vector, which is split once. Everybody gets the floor of the exact share; the units that are
left go one each to the largest remainders. Equal remainders are ordered by the first 23 bytes of
keccak256(line id || recipient), smallest first, then by place. Amounts are minor units (fen), weights and shares millionths.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from itertools import pairwise
from math import floor
from typing import Final

from Crypto.Hash import keccak

from ledger.errors import SplitError

WHOLE: Final = 1_000_000
MAX_RECIPIENTS: Final = 250
MAX_TOTAL: Final = 2**64 - 1
MAX_TOTAL_WEIGHT: Final = 2**64 - 1
MAX_GROSS: Final = 2**47 - 1
ID_BYTES: Final = 32
TIE_BYTES: Final = 23


class Part(IntEnum):
    """Which data a share is paid for; the numbers of ``types/Terms.sol``."""

    PUBLIC = 0
    ENTERPRISE = 1
    PERSONAL = 2


@dataclass(frozen=True)
class Recipient:
    """One body's share of one part, as the parties of the agreement signed it.

    Args:
        recipient: body id, 32 bytes.
        part: the part that it has a share of.
        share: in millionths of the part.
        min_share: least share that signed period weights may set instead.
        max_share: greatest share that signed period weights may set instead.
    """

    recipient: bytes
    part: Part
    share: int
    min_share: int = 0
    max_share: int = WHOLE


def flatten(
    part_weights: tuple[int, int, int], recipients: Sequence[Recipient], period_shares: Sequence[int] = ()
) -> list[int]:
    """Part weights and shares as one vector that sums to 10^12.

    Args:
        part_weights: of public, enterprise and personal data; they sum to 1,000,000.
        recipients: strictly ascending by (part, recipient).
        period_shares: one share for each recipient instead of the agreed ones; empty when those hold.

    Raises:
        SplitError: weights or shares do not sum up, recipients are out of order, or a period share is out of its bounds.
    """
    if sum(part_weights) != WHOLE or min(part_weights) < 0:
        raise SplitError(f"part weights sum to {sum(part_weights)}, not {WHOLE}")
    if period_shares and len(period_shares) != len(recipients):
        raise SplitError(f"{len(period_shares)} shares for {len(recipients)} recipients")
    keys = [(entry.part, entry.recipient) for entry in recipients]
    if any(one >= next_one for one, next_one in pairwise(keys)):
        raise SplitError("recipients are not strictly ascending by part and id")
    shares = [entry.share for entry in recipients]
    if period_shares:
        shares = list(period_shares)
        for place, (entry, share) in enumerate(zip(recipients, shares, strict=True)):
            if not entry.min_share <= share <= entry.max_share:
                raise SplitError(f"share {share} of recipient {place} is outside what the parties signed")
    for part, weight in zip(Part, part_weights, strict=True):
        total = sum(share for entry, share in zip(recipients, shares, strict=True) if entry.part == part)
        if weight and total != WHOLE:
            raise SplitError(f"the shares of part {part.name} sum to {total}, not {WHOLE}")
    return [part_weights[entry.part] * share for entry, share in zip(recipients, shares, strict=True)]


def split(total: int, weights: Sequence[int], line_id: bytes, recipients: Sequence[bytes]) -> list[int]:
    """Splits a total to the last unit.

    Args:
        total: what is split, never negative.
        weights: one for each recipient; zero gives nothing.
        line_id: 32 bytes; with the recipient it orders equal remainders.
        recipients: body ids, 32 bytes each, 1 to 250.

    Returns:
        One part for each recipient, in their order; they sum to ``total`` and none is a unit away from its exact share.

    Raises:
        SplitError: a number or length that the contract refuses.
    """
    total_weight = _check(total, weights, line_id, recipients)
    exact = [Fraction(total * weight, total_weight) for weight in weights]
    parts = [floor(share) for share in exact]
    units = total - sum(parts)

    def rank(place: int) -> tuple[Fraction, bytes, int]:
        return parts[place] - exact[place], _tie(line_id, recipients[place]), place

    for place in sorted(range(len(parts)), key=rank)[:units]:
        parts[place] += 1
    return parts


def split_correction(
    gross: int, base_gross: int, weights: Sequence[int], original_line_id: bytes, recipients: Sequence[bytes]
) -> list[int]:
    """What a correction moves: the split of the corrected gross minus the split of the gross until now.

    Args:
        gross: what the corrected line's gross becomes.
        base_gross: what it was until now.
        weights: of the original line.
        original_line_id: 32 bytes, so that equal remainders fall as they fell then.
        recipients: of the original line.

    Returns:
        One signed amount for each recipient; they sum to ``gross - base_gross``.

    Raises:
        SplitError: as ``split``, or a gross beyond what amounts can store.
    """
    if max(gross, base_gross) > MAX_GROSS:
        raise SplitError(f"a gross is at most {MAX_GROSS}")
    corrected = split(gross, weights, original_line_id, recipients)
    base = split(base_gross, weights, original_line_id, recipients)
    return [new - old for new, old in zip(corrected, base, strict=True)]


def _check(total: int, weights: Sequence[int], line_id: bytes, recipients: Sequence[bytes]) -> int:
    """The sum of the weights, when the contract would take these arguments."""
    if not 0 < len(recipients) <= MAX_RECIPIENTS:
        raise SplitError(f"{len(recipients)} recipients; there are 1 to {MAX_RECIPIENTS}")
    if len(weights) != len(recipients):
        raise SplitError(f"{len(weights)} weights for {len(recipients)} recipients")
    if any(len(one) != ID_BYTES for one in (line_id, *recipients)):
        raise SplitError(f"an id has {ID_BYTES} bytes")
    if not 0 <= total <= MAX_TOTAL:
        raise SplitError(f"a total is from 0 to {MAX_TOTAL}")
    total_weight = sum(weights)
    if min(weights) < 0 or not 0 < total_weight <= MAX_TOTAL_WEIGHT:
        raise SplitError(f"weights sum to {total_weight}; they sum to 1 to {MAX_TOTAL_WEIGHT}, none below zero")
    return total_weight


def _tie(line_id: bytes, recipient: bytes) -> bytes:
    return keccak.new(digest_bits=256, data=line_id + recipient).digest()[:TIE_BYTES]
