// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Arrays} from "@openzeppelin/contracts/utils/Arrays.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

import {BodyId, LineId} from "../types/Ids.sol";

/// @title Splitting a sum by weights, to the last minor unit
/// @notice Every recipient gets the floor of its exact share; the units that are left go one each to the recipients
/// with the largest remainders. Equal remainders are ordered by the first 23 bytes of keccak256(abi.encode(lineId,
/// recipient)), smallest first, which nobody can choose and everybody can compute; the same recipient twice (in two
/// parts) by its place.
/// The parts always sum to the total, and no part is further than one unit from its exact share.
/// The Python counterpart is `ledger/domain/split.py`, on exact rationals.
library LargestRemainder {
    using Arrays for uint256[];

    /// @notice Most recipients a sum may be split among.
    uint256 internal constant MAX_RECIPIENTS = 250;
    /// @notice Greatest sum of weights: products with a 64-bit total stay far below 2^256.
    uint256 internal constant MAX_TOTAL_WEIGHT = type(uint64).max;

    // What decides who gets a unit is one number, so that one comparison does: remainder (64 bits), hash (184 bits),
    // place (8 bits); hash and place with their bits turned, because there the smaller comes first.
    uint256 private constant _REMAINDER_SHIFT = 192;
    uint256 private constant _HASH_SHIFT = 72;
    uint256 private constant _PLACE_BITS = 8;
    uint256 private constant _PLACE_MASK = 2 ** _PLACE_BITS - 1;

    /// @notice Nobody to give to, or more than 250.
    /// @param recipients How many there are.
    error LargestRemainderRecipientCount(uint256 recipients);

    /// @notice Weights and recipients are not equally many.
    /// @param weights Number of weights.
    /// @param recipients Number of recipients.
    error LargestRemainderLengthMismatch(uint256 weights, uint256 recipients);

    /// @notice The weights sum to zero or to more than 2^64 - 1.
    /// @param totalWeight Their sum.
    error LargestRemainderTotalWeight(uint256 totalWeight);

    /// @notice Splits a total.
    /// @dev Requires 1 to 250 recipients, as many weights, and a sum of weights from 1 to 2^64 - 1.
    /// @param total What is split, in minor units; never negative (a correction is the difference of two splits).
    /// @param weights One weight for each recipient; zero gives nothing.
    /// @param lineId The line, which orders equal remainders.
    /// @param recipients The recipients.
    /// @return parts One part for each recipient, in their order; they sum to `total`.
    function split(
        uint64 total,
        uint256[] memory weights,
        LineId lineId,
        BodyId[] memory recipients
    ) internal pure returns (uint64[] memory parts) {
        uint256 count = recipients.length;
        if (count == 0 || count > MAX_RECIPIENTS) {
            revert LargestRemainderRecipientCount(count);
        }
        if (weights.length != count) {
            revert LargestRemainderLengthMismatch(weights.length, count);
        }
        uint256 totalWeight = _sum(weights);
        parts = new uint64[](count);
        uint256[] memory remainders = new uint256[](count);
        uint256 left = total;
        for (uint256 i = 0; i < count; ++i) {
            // Both factors have at most 64 bits, and the floors sum to at most the total.
            unchecked {
                uint256 product = total * weights.unsafeMemoryAccess(i);
                uint256 part = product / totalWeight;
                parts[i] = uint64(part);
                remainders[i] = product - part * totalWeight;
                left -= part;
            }
        }
        if (left != 0) {
            _rank(remainders, lineId, recipients);
            _giveUnits(parts, remainders, left);
        }
    }

    /// @dev Turns remainders into the numbers that decide, in place.
    function _rank(uint256[] memory remainders, LineId lineId, BodyId[] memory recipients) private pure {
        uint256 count = remainders.length;
        // A remainder is below the total weight, which has 64 bits; a place is below 250.
        unchecked {
            for (uint256 i = 0; i < count; ++i) {
                bytes32 hash = Hashes.efficientKeccak256(LineId.unwrap(lineId), BodyId.unwrap(recipients[i]));
                uint256 tie = uint256(~hash) >> _HASH_SHIFT;
                remainders[i] = (remainders[i] << _REMAINDER_SHIFT) | (tie << _PLACE_BITS) | (_PLACE_MASK - i);
            }
        }
    }

    /// @dev Adds one unit to each of the `units` parts with the greatest ranks. `units` is below the number of
    /// recipients with a remainder, because the remainders sum to `units` times the total weight. A heap, because 250
    /// recipients may leave 249 units: one pass over all for each unit cost 10 million gas. When more than half get a
    /// unit, everybody gets one and those with the least ranks give theirs back: fewer steps of the heap.
    function _giveUnits(uint64[] memory parts, uint256[] memory ranks, uint256 units) private pure {
        uint256 count = ranks.length;
        bool isMost = units > count / 2;
        if (isMost) {
            for (uint256 i = 0; i < count; ++i) {
                // No overflow: more units are left than half of the recipients, so no part is all of the total.
                unchecked {
                    ++parts[i];
                }
                // The least rank is the greatest with its bits turned.
                ranks[i] = ~ranks[i];
            }
            units = count - units;
        }
        for (uint256 i = count / 2; i != 0; --i) {
            _siftDown(ranks, i - 1, count);
        }
        for (; units != 0; --units) {
            uint256 place = ranks[0] & _PLACE_MASK;
            // No overflow: the part is the floor of a share of a 64-bit total and the parts sum to that total; no
            // underflow: what is given back was given, and there are fewer units than ranks.
            unchecked {
                if (isMost) {
                    --parts[place];
                } else {
                    ++parts[_PLACE_MASK - place];
                }
                --count;
            }
            ranks[0] = ranks[count];
            _siftDown(ranks, 0, count);
        }
    }

    /// @dev Lets the rank at `place` sink until none of the two below it (2 i + 1 and 2 i + 2) is greater.
    function _siftDown(uint256[] memory ranks, uint256 place, uint256 count) private pure {
        uint256 rank = ranks[place];
        // Places stay below twice 250, and what is read without a check is below `count`.
        unchecked {
            for (uint256 below = 2 * place + 1; below < count; below = 2 * place + 1) {
                uint256 greater = ranks.unsafeMemoryAccess(below);
                if (below + 1 < count) {
                    uint256 other = ranks.unsafeMemoryAccess(below + 1);
                    if (other > greater) {
                        (greater, below) = (other, below + 1);
                    }
                }
                if (greater <= rank) {
                    break;
                }
                ranks[place] = greater;
                place = below;
            }
        }
        ranks[place] = rank;
    }

    function _sum(uint256[] memory weights) private pure returns (uint256 totalWeight) {
        for (uint256 i = 0; i < weights.length; ++i) {
            uint256 weight = weights.unsafeMemoryAccess(i);
            if (weight > MAX_TOTAL_WEIGHT) {
                revert LargestRemainderTotalWeight(weight);
            }
            // At most 250 numbers of 64 bits.
            unchecked {
                totalWeight += weight;
            }
        }
        if (totalWeight == 0 || totalWeight > MAX_TOTAL_WEIGHT) {
            revert LargestRemainderTotalWeight(totalWeight);
        }
    }
}
