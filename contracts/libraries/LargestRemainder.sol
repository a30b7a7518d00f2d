// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

import {BodyId, LineId} from "../types/Ids.sol";

/// @title Splitting a sum by weights, to the last minor unit
/// @notice Every recipient gets the floor of its exact share; the units that are left go one each to the recipients
/// with the largest remainders. Equal remainders are ordered by keccak256(abi.encode(lineId, recipient)), smallest
/// first, which nobody can choose and everybody can compute; the same recipient twice (in two parts) by its place.
/// The parts always sum to the total, and no part is further than one unit from its exact share.
/// The Python counterpart is `ledger/domain/split.py`, on exact rationals.
library LargestRemainder {
    /// @notice Most recipients a sum may be split among.
    uint256 internal constant MAX_RECIPIENTS = 250;
    /// @notice Greatest sum of weights: products with a 64-bit total stay far below 2^256.
    uint256 internal constant MAX_TOTAL_WEIGHT = type(uint64).max;

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
                uint256 product = total * weights[i];
                uint256 part = product / totalWeight;
                parts[i] = uint64(part);
                remainders[i] = product - part * totalWeight;
                left -= part;
            }
        }
        if (left != 0) {
            _giveUnits(parts, remainders, left, _tiesOf(lineId, recipients));
        }
    }

    /// @dev Adds one unit to each of the `units` parts with the largest remainders. `units` is below the number of
    /// recipients with a remainder, because the remainders sum to `units` times the total weight.
    function _giveUnits(
        uint64[] memory parts,
        uint256[] memory remainders,
        uint256 units,
        bytes32[] memory ties
    ) private pure {
        uint256 count = parts.length;
        for (; units != 0; --units) {
            uint256 best = 0;
            uint256 bestRemainder = remainders[0];
            for (uint256 i = 1; i < count; ++i) {
                uint256 remainder = remainders[i];
                if (remainder < bestRemainder) {
                    continue;
                }
                if (remainder > bestRemainder || ties[i] < ties[best]) {
                    best = i;
                    bestRemainder = remainder;
                }
            }
            // No overflow: the part is the floor of a share of a 64-bit total and the parts sum to that total.
            unchecked {
                ++parts[best];
            }
            // Served: a remainder of zero never wins again while others are left.
            remainders[best] = 0;
        }
    }

    function _tiesOf(LineId lineId, BodyId[] memory recipients) private pure returns (bytes32[] memory ties) {
        ties = new bytes32[](recipients.length);
        for (uint256 i = 0; i < recipients.length; ++i) {
            ties[i] = Hashes.efficientKeccak256(LineId.unwrap(lineId), BodyId.unwrap(recipients[i]));
        }
    }

    function _sum(uint256[] memory weights) private pure returns (uint256 totalWeight) {
        for (uint256 i = 0; i < weights.length; ++i) {
            uint256 weight = weights[i];
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
