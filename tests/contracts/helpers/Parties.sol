// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../contracts/interfaces/IParticipantRegistry.sol";
import {StubParticipants} from "../../../contracts/mocks/StubParticipants.sol";
import {BodyId} from "../../../contracts/types/Ids.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {Test} from "./Vm.sol";
import {deployed} from "./Deployed.sol";

/// @title Bodies with keys, and their signatures spelled out from EIP-712
/// @notice A body is its name: its id and its three keys (business, metering, finance) follow from it.
abstract contract PartiesFixture is Test {
    uint256 internal constant IN_TIME = 2_000_000_000;
    uint8 internal constant BUSINESS = 1;
    uint8 internal constant METERING = 2;
    uint8 internal constant FINANCE = 4;

    StubParticipants internal stub;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        stub = StubParticipants(deployed("StubParticipants", ""));
    }

    function registry() internal view returns (IParticipantRegistry) {
        return IParticipantRegistry(address(stub));
    }

    /// @notice Makes a body known, active and qualified, with its three keys.
    function admit(string memory name, uint32 roles) internal returns (BodyId bodyId) {
        bodyId = idOf(name);
        stub.setBody(bodyId, IParticipantRegistry.BodyStatus.ACTIVE, roles);
        stub.setKey(bodyId, vm.addr(keyOf(name, BUSINESS)), BUSINESS);
        stub.setKey(bodyId, vm.addr(keyOf(name, METERING)), METERING);
        stub.setKey(bodyId, vm.addr(keyOf(name, FINANCE)), FINANCE);
    }

    function suspend(string memory name) internal {
        BodyId bodyId = idOf(name);
        stub.setBody(bodyId, IParticipantRegistry.BodyStatus.SUSPENDED, stub.bodyOf(bodyId).roles);
    }

    /// @notice What `name` signs for an act of `target`: `head` is the type hash and the fields before the tail.
    function sign(
        string memory domainName,
        address target,
        bytes memory head,
        string memory name,
        uint8 purpose
    ) internal view returns (PartySignature memory) {
        return signUntil(domainName, target, head, name, purpose, IN_TIME);
    }

    function signUntil(
        string memory domainName,
        address target,
        bytes memory head,
        string memory name,
        uint8 purpose,
        uint256 deadline
    ) internal view returns (PartySignature memory party) {
        uint256 key = keyOf(name, purpose);
        party = PartySignature(idOf(name), vm.addr(key), keccak256(bytes(name)), deadline, "");
        party.signature = signatureOf(key, actDigest(domainName, target, head, party));
    }

    /// @notice The call must revert with exactly this.
    function requireRefused(address called, bytes memory call_, bytes memory expected) internal {
        (bool success, bytes memory answer) = called.call(call_);
        vm.assertFalse(success);
        vm.assertEq(answer, expected);
    }

    function signatureOf(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    function actDigest(
        string memory domainName,
        address target,
        bytes memory head,
        PartySignature memory party
    ) internal view returns (bytes32) {
        bytes32 separator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256(bytes(domainName)),
                keccak256("1"),
                block.chainid,
                target
            )
        );
        bytes32 structHash = keccak256(
            abi.encodePacked(head, BodyId.unwrap(party.signer), party.sm2SignatureDigest, party.deadline)
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    function idOf(string memory name) internal pure returns (BodyId) {
        return BodyId.wrap(keccak256(abi.encode("body", name)));
    }

    function keyOf(string memory name, uint8 purpose) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("key", name, purpose)));
    }
}
