// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title Purposes of keys
/// @notice Bits of a set; numbers are part of the interface and never change.
library KeyPurposes {
    /// @notice Orders, agreements, tables, objections, disputes, the body's own keys: acts of its representatives.
    uint8 internal constant BUSINESS = 1;
    /// @notice Usage statements and their acknowledgement: acts of its connector.
    uint8 internal constant METERING = 2;
    /// @notice Payee accounts and reports of payments. Never together with another purpose in one key.
    uint8 internal constant FINANCE = 4;
}
