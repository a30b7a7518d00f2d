// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {BodyRoles} from "../../../contracts/types/BodyRoles.sol";
import {KeyPurposes} from "../../../contracts/types/KeyPurposes.sol";
import {Test} from "./Vm.sol";

/// @title Who may sign what: the rows of `tests/vectors/signers.json`
/// @notice A row is one signature of one function, `<Contract>.<function>.<signature>`. `contracts/SUITE.md` shows the
/// same rows as a table, and the Python tests hold both against the functions that the contracts have.
abstract contract Signers is Test {
    /// @param isNamed Whether nobody but this one body may, whatever its roles.
    /// @param roles Roles any one of which it needs; zero for none.
    /// @param purpose Purpose of the key.
    /// @param isDefence Whether it may sign while suspended or unqualified.
    struct Signer {
        bool isNamed;
        uint32 roles;
        uint8 purpose;
        bool isDefence;
    }

    uint32 internal constant HIGHEST_ROLE = BodyRoles.BANK;

    /// @notice A row; reverts when there is none of this name.
    function signerOf(string memory row) internal view returns (Signer memory signer) {
        string memory json = vm.readFile("./tests/vectors/signers.json");
        string memory path = string.concat(".", row);
        signer.isNamed = vm.parseJsonBool(json, string.concat(path, ".named"));
        signer.isDefence = vm.parseJsonBool(json, string.concat(path, ".defence"));
        signer.purpose = _purposeOf(vm.parseJsonString(json, string.concat(path, ".key")));
        string[] memory roles = vm.parseJsonStringArray(json, string.concat(path, ".roles"));
        for (uint256 i = 0; i < roles.length; ++i) {
            signer.roles |= _roleOf(roles[i]);
        }
    }

    /// @notice Whether this single bit is a role at all.
    function isRole(uint32 bit) internal pure returns (bool) {
        return (BodyRoles.ORDINARY | BodyRoles.RESERVED) & bit != 0;
    }

    function _purposeOf(string memory name) private pure returns (uint8) {
        uint8[3] memory purposes = [KeyPurposes.BUSINESS, KeyPurposes.METERING, KeyPurposes.FINANCE];
        string[3] memory names = ["BUSINESS", "METERING", "FINANCE"];
        for (uint256 i = 0; i < names.length; ++i) {
            if (keccak256(bytes(name)) == keccak256(bytes(names[i]))) {
                return purposes[i];
            }
        }
        revert(string.concat("no purpose is called ", name));
    }

    function _roleOf(string memory name) private pure returns (uint32 bit) {
        string[9] memory reserved = [
            "OPERATOR",
            "TRADING_PLATFORM",
            "AUTHORISATION_PLATFORM",
            "LINE_AUTHORITY",
            "PRICE_AUTHORITY",
            "REGULATOR",
            "AUDITOR",
            "ARBITRATOR",
            "BANK"
        ];
        string[6] memory ordinary = [
            "PROVIDER",
            "CONSUMER",
            "DEVELOPER",
            "SERVICE_PARTY",
            "DATA_HOLDER",
            "PLATFORM_SERVICE"
        ];
        for (uint256 i = 0; i < reserved.length; ++i) {
            if (keccak256(bytes(name)) == keccak256(bytes(reserved[i]))) {
                return uint32(uint256(BodyRoles.OPERATOR) << i);
            }
        }
        for (uint256 i = 0; i < ordinary.length; ++i) {
            if (keccak256(bytes(name)) == keccak256(bytes(ordinary[i]))) {
                return uint32(uint256(1) << i);
            }
        }
        revert(string.concat("no role is called ", name));
    }
}
