// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {TypedActsHarness} from "../../../contracts/mocks/TypedActsHarness.sol";
import {BodyId} from "../../../contracts/types/Ids.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {VectorCases} from "./VectorCases.sol";
import {deployed} from "./Deployed.sol";

/// @title Reads `tests/vectors/acts/<Contract>.json`
/// @notice Every case of a file is checked as far as all acts are alike: type string, tail, domain, digest, signature.
/// A test of a contract's own library compares heads in `headOf`.
abstract contract ActVectors is VectorCases {
    TypedActsHarness internal harness;

    function setUp() public virtual {
        harness = TypedActsHarness(deployed("TypedActsHarness", ""));
    }

    /// @notice Checks every case of the contract's file and answers their number.
    function checkAll(string memory contract_) internal returns (uint256 count) {
        json = vm.readFile(string.concat("./tests/vectors/acts/", contract_, ".json"));
        bytes32 separator = harness.domainSeparator(
            vm.parseJsonString(json, ".domain.name"),
            vm.parseJsonUint(json, ".domain.chainId"),
            vm.parseJsonAddress(json, ".domain.verifyingContract")
        );
        vm.assertEq(separator, vm.parseJsonBytes32(json, ".domainSeparator"));
        for (; ; ++count) {
            prefix = string.concat(".acts[", vm.toString(count), "]");
            if (!vm.keyExistsJson(json, string.concat(prefix, ".name"))) {
                break;
            }
            _checkOne(separator);
        }
    }

    /// @notice What the contract's own library builds from the case's fields.
    function headOf(string memory primaryType) internal view virtual returns (bytes memory);

    function _checkOne(bytes32 separator) private view {
        string memory name = vm.parseJsonString(json, string.concat(prefix, ".name"));
        bytes memory head = _bytes(".head");
        string memory primaryType = vm.parseJsonString(json, string.concat(prefix, ".primaryType"));
        vm.assertTrue(keccak256(headOf(primaryType)) == keccak256(head), string.concat("head of ", name));
        bytes memory typeString = bytes(vm.parseJsonString(json, string.concat(prefix, ".type")));
        vm.assertEq(bytes32(head), keccak256(typeString), string.concat("type of ", name));
        PartySignature memory party = PartySignature(
            BodyId.wrap(vm.parseJsonBytes32(json, string.concat(prefix, ".signer"))),
            vm.parseJsonAddress(json, string.concat(prefix, ".key")),
            vm.parseJsonBytes32(json, string.concat(prefix, ".sm2SignatureDigest")),
            vm.parseJsonUint(json, string.concat(prefix, ".deadline")),
            _bytes(".signature")
        );
        bytes32 digest = harness.signingDigest(separator, head, party);
        vm.assertEq(digest, vm.parseJsonBytes32(json, string.concat(prefix, ".digest")), name);
        vm.assertTrue(harness.isSignedBy(party.key, digest, party.signature), name);
        party.sm2SignatureDigest = 0;
        digest = harness.signingDigest(separator, head, party);
        vm.assertEq(digest, vm.parseJsonBytes32(json, string.concat(prefix, ".sm2Message")), name);
    }

    function _bytes(string memory name) private view returns (bytes memory) {
        return vm.parseJsonBytes(json, string.concat(prefix, name));
    }
}
