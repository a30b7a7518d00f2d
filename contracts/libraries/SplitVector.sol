// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {BodyId} from "../types/Ids.sol";
import {Part, PartWeights, Recipient} from "../types/Terms.sol";

/// @title Parts and shares as one vector
/// @notice Part weight times share, for every (part, recipient): one vector that sums to 10^12 and is split once, so
/// that a line is rounded once.
library SplitVector {
    /// @notice What part weights, and the shares within one part, sum to.
    uint256 internal constant WHOLE = 1_000_000;

    /// @notice Part weights do not sum to 1,000,000.
    /// @param sum What they sum to.
    error SplitVectorPartWeightSum(uint256 sum);

    /// @notice The shares of a part that has a weight do not sum to 1,000,000.
    /// @param part The part.
    /// @param sum What they sum to.
    error SplitVectorShareSum(Part part, uint256 sum);

    /// @notice Recipients are not strictly ascending by (part, recipient).
    /// @param place Place of the first one out of order.
    error SplitVectorNotAscending(uint256 place);

    /// @notice A period share is outside what the parties allowed.
    /// @param place Place of the recipient.
    /// @param share The share.
    error SplitVectorShareOutOfBounds(uint256 place, uint256 share);

    /// @notice There are period shares, but not one for each recipient.
    /// @param shares Number of shares.
    /// @param recipients Number of recipients.
    error SplitVectorShareCount(uint256 shares, uint256 recipients);

    /// @notice Flattens part weights and shares.
    /// @param partWeights Weights of the three parts; they sum to 1,000,000.
    /// @param entries Recipients as the parties signed them.
    /// @param shares Shares for this period instead of the agreed ones; empty when the agreed ones hold.
    /// @return weights One weight for each entry; they sum to 10^12.
    /// @return recipients The recipients in their order.
    function flatten(
        PartWeights memory partWeights,
        Recipient[] calldata entries,
        uint32[] calldata shares
    ) internal pure returns (uint256[] memory weights, BodyId[] memory recipients) {
        uint256[3] memory byPart = [
            uint256(partWeights.publicWeight),
            partWeights.enterpriseWeight,
            partWeights.personalWeight
        ];
        if (byPart[0] + byPart[1] + byPart[2] != WHOLE) {
            revert SplitVectorPartWeightSum(byPart[0] + byPart[1] + byPart[2]);
        }
        if (shares.length != 0 && shares.length != entries.length) {
            revert SplitVectorShareCount(shares.length, entries.length);
        }
        weights = new uint256[](entries.length);
        recipients = new BodyId[](entries.length);
        uint256[3] memory sums;
        uint256 previousPart = 0;
        bytes32 previous = 0;
        for (uint256 i = 0; i < entries.length; ++i) {
            Recipient calldata entry = entries[i];
            uint256 part = uint256(entry.part);
            bytes32 recipient = BodyId.unwrap(entry.recipient);
            if (i != 0 && (part < previousPart || (part == previousPart && recipient <= previous))) {
                revert SplitVectorNotAscending(i);
            }
            uint256 share = shares.length == 0 ? entry.share : _boundedShare(entry, shares[i], i);
            // Shares and part weights have 32 bits each.
            unchecked {
                sums[part] += share;
                weights[i] = byPart[part] * share;
            }
            recipients[i] = BodyId.wrap(recipient);
            (previousPart, previous) = (part, recipient);
        }
        for (uint256 part = 0; part < 3; ++part) {
            if (byPart[part] != 0 && sums[part] != WHOLE) {
                revert SplitVectorShareSum(Part(part), sums[part]);
            }
        }
    }

    function _boundedShare(Recipient calldata entry, uint256 share, uint256 place) private pure returns (uint256) {
        if (share < entry.minShare || share > entry.maxShare) {
            revert SplitVectorShareOutOfBounds(place, share);
        }
        return share;
    }
}
