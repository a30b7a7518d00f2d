// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @notice The cheat code that makes a contract's address and slots cold again, as for the next transaction.
interface Cooling {
    function cool(address target) external;
}
