// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IPayouts} from "../interfaces/IPayouts.sol";

/// @title What a claim has left, and what its payee owes
/// @notice Amounts in minor units. Claims are changed in memory; the caller stores them. Always
/// paid + pending + held <= finalized, so nothing here underflows.
library ClaimAmounts {
    /// @notice Adds an amount, less what the payee owes.
    /// @param claim The claim; changed in place.
    /// @param amount The amount.
    /// @param owed What the payee owes.
    /// @return What it owes afterwards.
    function add(IPayouts.Claim memory claim, uint64 amount, uint64 owed) internal pure returns (uint64) {
        uint64 setOff = least(owed, amount);
        claim.finalized += amount - setOff;
        return owed - setOff;
    }

    /// @notice Takes an amount off, as far as the claim has it.
    /// @param claim The claim; changed in place.
    /// @param amount The amount.
    /// @param owed What the payee owes.
    /// @return What it owes afterwards.
    function takeOff(IPayouts.Claim memory claim, uint64 amount, uint64 owed) internal pure returns (uint64) {
        uint64 taken = least(amount, available(claim));
        claim.finalized -= taken;
        return owed + amount - taken;
    }

    /// @notice What is neither paid, pending nor held.
    /// @param claim The claim.
    /// @return The amount.
    function available(IPayouts.Claim memory claim) internal pure returns (uint64) {
        return claim.finalized - claim.paid - claim.pending - claim.held;
    }

    /// @notice What of an amount is left when only a part of its line's gross is. In proportion, so one minor unit more
    /// or less than the split gives, whose remainders it does not know.
    /// @param amount The amount in the line as it was booked; at most `whole`.
    /// @param left What is left of the line's gross.
    /// @param whole The line's gross as it was booked.
    /// @return At most the amount.
    function part(uint64 amount, uint64 left, uint64 whole) internal pure returns (uint64) {
        return left < whole ? uint64((uint256(amount) * left) / whole) : amount;
    }

    /// @notice The smaller one of two amounts.
    /// @param a One.
    /// @param b The other.
    /// @return The smaller.
    function least(uint64 a, uint64 b) internal pure returns (uint64) {
        return a < b ? a : b;
    }
}
