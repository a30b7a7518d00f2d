// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {BodyId, Currency} from "../types/Ids.sol";
import {Component, ComponentTerms, Part, Recipient} from "../types/Terms.sol";
import {AgreementTypedData} from "./AgreementTypedData.sol";
import {LargestRemainder} from "./LargestRemainder.sol";
import {SplitVector} from "./SplitVector.sol";

/// @title Whether a line can ever be split by what the parties agree
/// @notice Held against components when they are agreed, so that none of them fails only when it is charged.
library ComponentChecks {
    /// @dev What the recipients of one part sum to, in millionths.
    struct Sums {
        uint256 share;
        uint256 least;
        uint256 greatest;
        bool isBounded;
    }

    /// @notice Nobody is paid by a component, or more than 250 are.
    /// @param place Place of the component.
    /// @param recipients Number of its recipients.
    error ComponentChecksRecipientCount(uint256 place, uint256 recipients);

    /// @notice Recipients of a component are not strictly ascending by (part, recipient).
    /// @param place Place of the component.
    /// @param recipient Place of the first recipient out of order.
    error ComponentChecksNotAscending(uint256 place, uint256 recipient);

    /// @notice Neither the agreed shares of a part nor any within their bounds sum to 1,000,000.
    /// @param place Place of the component.
    /// @param part The part.
    /// @param share What the agreed shares sum to, in millionths.
    error ComponentChecksShareSum(uint256 place, Part part, uint256 share);

    /// @notice An agreement names a component twice in one currency.
    /// @param place Place of the second one.
    /// @param component The component.
    /// @param currency The currency.
    error ComponentChecksRepeated(uint256 place, Component component, Currency currency);

    /// @notice Reverts unless these are the components that the parties signed, all of them and in order.
    /// @param expected EIP-712 hash of the array that they signed.
    /// @param components The components.
    function requireShown(bytes32 expected, ComponentTerms[] calldata components) internal pure {
        bytes32[] memory hashes = new bytes32[](components.length);
        for (uint256 i = 0; i < components.length; ++i) {
            hashes[i] = AgreementTypedData.hashComponentTerms(components[i]);
        }
        bytes32 shown = keccak256(abi.encodePacked(hashes));
        if (shown != expected) {
            revert AgreementTypedData.AgreementTermsMismatch(expected, shown);
        }
    }

    /// @notice Reverts unless no component before this one is the same in the same currency.
    /// @param components All of them.
    /// @param place Place of this one.
    function requireUnique(ComponentTerms[] calldata components, uint256 place) internal pure {
        (Component component, Currency currency) = (components[place].component, components[place].currency);
        for (uint256 i = 0; i < place; ++i) {
            if (
                components[i].component == component &&
                Currency.unwrap(components[i].currency) == Currency.unwrap(currency)
            ) {
                revert ComponentChecksRepeated(place, component, currency);
            }
        }
    }

    /// @notice Reverts unless there are 1 to 250 recipients in order, and the shares of each part that is named can be
    /// the whole: as agreed, or by shares for a period within the bounds.
    /// @param recipients The recipients of the component.
    /// @param place Place of the component.
    function requireSplittable(Recipient[] calldata recipients, uint256 place) internal pure {
        uint256 count = recipients.length;
        if (count == 0 || count > LargestRemainder.MAX_RECIPIENTS) {
            revert ComponentChecksRecipientCount(place, count);
        }
        Sums memory sums;
        sums.isBounded = true;
        for (uint256 i = 0; i < count; ++i) {
            Recipient calldata entry = recipients[i];
            if (i != 0 && !_ascends(recipients[i - 1], entry)) {
                revert ComponentChecksNotAscending(place, i);
            }
            // At most 250 numbers of 32 bits each.
            unchecked {
                sums.share += entry.share;
                sums.least += entry.minShare;
                sums.greatest += entry.maxShare;
            }
            sums.isBounded = sums.isBounded && entry.minShare <= entry.maxShare;
            if (i + 1 == count || recipients[i + 1].part != entry.part) {
                _requireWhole(sums, place, entry.part);
                (sums.share, sums.least, sums.greatest, sums.isBounded) = (0, 0, 0, true);
            }
        }
    }

    function _ascends(Recipient calldata previous, Recipient calldata entry) private pure returns (bool) {
        if (previous.part != entry.part) {
            return previous.part < entry.part;
        }
        return BodyId.unwrap(previous.recipient) < BodyId.unwrap(entry.recipient);
    }

    function _requireWhole(Sums memory sums, uint256 place, Part part) private pure {
        uint256 whole = SplitVector.WHOLE;
        bool isWithinBounds = sums.isBounded && sums.least <= whole && sums.greatest >= whole;
        if (sums.share != whole && !isWithinBounds) {
            revert ComponentChecksShareSum(place, part, sums.share);
        }
    }
}
