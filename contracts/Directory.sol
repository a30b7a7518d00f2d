// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IDirectory} from "./interfaces/IDirectory.sol";

/// @title Directory
/// @notice See {IDirectory}. It only grows, and no contract of the suite asks it anything.
contract Directory is IDirectory, AccessManaged {
    mapping(bytes32 name => Entry[] versions) private _entries;
    bytes32[] private _names;

    /// @notice Places the directory under an access manager.
    /// @param authority_ The `AccessManager`.
    constructor(address authority_) AccessManaged(authority_) {
        _requireCode(authority_);
    }

    /// @inheritdoc IDirectory
    function list(bytes32 name, address location) external restricted returns (uint256 version) {
        if (name == 0) {
            revert DirectoryEmptyName();
        }
        _requireCode(location);
        Entry[] storage versions = _entries[name];
        version = versions.length + 1;
        if (version == 1) {
            _names.push(name);
        } else if (versions[version - 2].location == location) {
            revert DirectoryAlreadyCurrent(name, location);
        }
        bytes32 codeHash = location.codehash;
        // No chain comes to block 2^64.
        versions.push(Entry(location, uint64(block.number), codeHash));
        emit ContractListed(name, version, location, codeHash);
    }

    /// @inheritdoc IDirectory
    function current(bytes32 name) external view returns (Entry memory entry, uint256 version) {
        version = _entries[name].length;
        if (version == 0) {
            revert DirectoryUnknownEntry(name, 0);
        }
        entry = _entries[name][version - 1];
    }

    /// @inheritdoc IDirectory
    function entryOf(bytes32 name, uint256 version) external view returns (Entry memory) {
        if (version == 0 || version > _entries[name].length) {
            revert DirectoryUnknownEntry(name, version);
        }
        return _entries[name][version - 1];
    }

    /// @inheritdoc IDirectory
    function names() external view returns (bytes32[] memory) {
        return _names;
    }

    function _requireCode(address location) private view {
        if (location.code.length == 0) {
            revert DirectoryNoCode(location);
        }
    }
}
