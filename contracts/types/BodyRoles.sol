// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title Roles of bodies
/// @notice Bits of a set; numbers are part of the interface and never change.
library BodyRoles {
    uint32 internal constant PROVIDER = 1 << 0;
    uint32 internal constant CONSUMER = 1 << 1;
    uint32 internal constant DEVELOPER = 1 << 2;
    uint32 internal constant SERVICE_PARTY = 1 << 3;
    uint32 internal constant DATA_HOLDER = 1 << 4;
    uint32 internal constant PLATFORM_SERVICE = 1 << 5;
    uint32 internal constant OPERATOR = 1 << 16;
    uint32 internal constant TRADING_PLATFORM = 1 << 17;
    uint32 internal constant AUTHORISATION_PLATFORM = 1 << 18;
    uint32 internal constant LINE_AUTHORITY = 1 << 19;
    uint32 internal constant PRICE_AUTHORITY = 1 << 20;
    uint32 internal constant REGULATOR = 1 << 21;
    uint32 internal constant AUDITOR = 1 << 22;
    uint32 internal constant ARBITRATOR = 1 << 23;
    uint32 internal constant BANK = 1 << 24;

    /// @notice Roles that the operator may give. A body may have several of them.
    uint32 internal constant ORDINARY = 0x3f;
    /// @notice Roles that only the council gives. Such a body has exactly one role: the checks that one body makes of
    /// another are worth nothing when both are the same.
    uint32 internal constant RESERVED = 0x01ff0000;
    /// @notice Roles any one of which lets a body offer a product.
    uint32 internal constant PROVIDERS = PROVIDER | DEVELOPER | DATA_HOLDER;
    /// @notice The two platforms of a distribution table.
    uint32 internal constant PLATFORMS = TRADING_PLATFORM | AUTHORISATION_PLATFORM;
}
