// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

/// @title Directory: which contract is which
/// @notice Lists every contract of the suite by name, with the hash of its code as found on the chain when it was
/// listed. A new version is put beside the old ones; nothing is ever taken away or changed. No contract of the suite
/// reads the directory to decide anything: it is for people and programs that look for an address.
interface IDirectory {
    /// @notice One version of a contract.
    /// @param location Its address.
    /// @param listedAt Block in which it was listed.
    /// @param codeHash keccak256 of its code in that block.
    struct Entry {
        address location;
        uint64 listedAt;
        bytes32 codeHash;
    }

    /// @notice A contract was listed and is the current one of its name.
    /// @param name Name, for instance `RevenueSettlement`, ASCII, padded with zeros on the right.
    /// @param version Number of the version, counted from 1.
    /// @param location Its address.
    /// @param codeHash keccak256 of its code.
    event ContractListed(bytes32 indexed name, uint256 indexed version, address indexed location, bytes32 codeHash);

    /// @notice No contract of this name, or no such version.
    /// @param name The name.
    /// @param version The version, zero for the current one.
    error DirectoryUnknownEntry(bytes32 name, uint256 version);

    /// @notice A contract needs a name.
    error DirectoryEmptyName();

    /// @notice There is no code at the address.
    /// @param location The address.
    error DirectoryNoCode(address location);

    /// @notice The address is the current version already.
    /// @param name The name.
    /// @param location The address.
    error DirectoryAlreadyCurrent(bytes32 name, address location);

    /// @notice Lists a contract as the current version of its name. Governor role (the council, after its delay).
    /// @dev Emits {ContractListed}. Requirements: a name; code at the address; not the current version already.
    /// @param name Name.
    /// @param location Address.
    /// @return version Number of the new version.
    function list(bytes32 name, address location) external returns (uint256 version);

    /// @notice The current version of a contract. Reverts with {DirectoryUnknownEntry}.
    /// @param name Name.
    /// @return entry The entry.
    /// @return version Its number.
    function current(bytes32 name) external view returns (Entry memory entry, uint256 version);

    /// @notice One version of a contract. Reverts with {DirectoryUnknownEntry}.
    /// @param name Name.
    /// @param version Number, counted from 1.
    /// @return The entry.
    function entryOf(bytes32 name, uint256 version) external view returns (Entry memory);

    /// @notice All names, in the order of their first listing.
    /// @return The names.
    function names() external view returns (bytes32[] memory);
}
