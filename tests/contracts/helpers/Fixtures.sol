// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {Council} from "../../../contracts/Council.sol";
import {EvidenceLog} from "../../../contracts/EvidenceLog.sol";
import {IEvidenceLog} from "../../../contracts/interfaces/IEvidenceLog.sol";
import {Test} from "./Vm.sol";
import {deployed} from "./Deployed.sol";

/// @title A council of three bodies, two of which must sign
abstract contract CouncilFixture is Test {
    uint256 internal constant DEADLINE = 2_000_000_000;

    Council internal council;
    /// @dev Ascending by address.
    uint256[] internal bodyKeys;

    function setUp() public virtual {
        vm.warp(1_800_000_000);
        bodyKeys = sortedKeys(3, "body");
        council = Council(deployed("Council", abi.encode(addressesOf(bodyKeys), 2)));
    }

    /// @notice n keys, ascending by address.
    function sortedKeys(uint256 n, string memory name) internal pure returns (uint256[] memory keys) {
        keys = new uint256[](n);
        for (uint256 i = 0; i < n; ++i) {
            uint256 key = uint256(keccak256(abi.encode(name, i)));
            uint256 place = i;
            for (; place > 0 && vm.addr(keys[place - 1]) > vm.addr(key); --place) {
                keys[place] = keys[place - 1];
            }
            keys[place] = key;
        }
    }

    function addressesOf(uint256[] memory keys) internal pure returns (address[] memory addresses) {
        addresses = new address[](keys.length);
        for (uint256 i = 0; i < keys.length; ++i) {
            addresses[i] = vm.addr(keys[i]);
        }
    }

    function signDigest(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }

    /// @notice EIP-712 digest of an act, spelled out from the standard.
    function actDigest(
        address target,
        bytes memory data,
        uint256 nonce,
        uint256 deadline
    ) internal view returns (bytes32) {
        bytes32 separator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("CityLedger Council"),
                keccak256("1"),
                block.chainid,
                address(council)
            )
        );
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Act(address target,bytes data,uint256 nonce,uint256 deadline)"),
                target,
                keccak256(data),
                nonce,
                deadline
            )
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    /// @notice Signatures of the first n bodies over the next act.
    function actSignatures(
        uint256 n,
        address target,
        bytes memory data
    ) internal view returns (bytes[] memory signatures) {
        bytes32 digest = actDigest(target, data, council.nonce(), DEADLINE);
        signatures = new bytes[](n);
        for (uint256 i = 0; i < n; ++i) {
            signatures[i] = signDigest(bodyKeys[i], digest);
        }
    }

    /// @notice Whoever's key made this signature, were it over this digest.
    function recovered(bytes32 digest, bytes memory signature) internal pure returns (address) {
        (bytes32 r, bytes32 s) = abi.decode(bytes.concat(signature, new bytes(31)), (bytes32, bytes32));
        return ecrecover(digest, uint8(signature[64]), r, s);
    }

    /// @notice Has the council call the target.
    function act(address target, bytes memory data) internal returns (bytes memory) {
        return council.execute(target, data, DEADLINE, actSignatures(2, target, data));
    }
}

/// @title One open log with an empty head
abstract contract LogFixture is CouncilFixture {
    string internal constant ORIGIN = "fixture.cityledger.invalid/2026";
    bytes32 internal constant CHECKPOINT_KEY = keccak256("checkpoint key");
    uint256 internal constant ANCHOR_KEY = uint256(keccak256("anchor key"));

    EvidenceLog internal evidenceLog;
    bytes32 internal logId;

    function setUp() public virtual override {
        super.setUp();
        evidenceLog = EvidenceLog(deployed("EvidenceLog", abi.encode(address(council))));
        logId = openLog(ORIGIN);
    }

    /// @notice Opens a log with the fixture's keys.
    function openLog(string memory origin) internal returns (bytes32) {
        bytes memory call_ = abi.encodeCall(IEvidenceLog.openLog, (origin, CHECKPOINT_KEY, vm.addr(ANCHOR_KEY)));
        return abi.decode(act(address(evidenceLog), call_), (bytes32));
    }

    function closeLog(bytes32 successor) internal {
        act(address(evidenceLog), abi.encodeCall(IEvidenceLog.closeLog, (logId, successor)));
    }

    /// @notice EIP-712 digest of a head, spelled out from formats.md section 5.
    function headDigest(bytes32 logId_, uint64 treeSize, bytes32 rootHash) internal view returns (bytes32) {
        bytes32 separator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("CityLedger EvidenceLog"),
                keccak256("1"),
                block.chainid,
                address(evidenceLog)
            )
        );
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256("Checkpoint(bytes32 logId,uint64 treeSize,bytes32 rootHash)"),
                logId_,
                treeSize,
                rootHash
            )
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    function signHead(uint64 treeSize, bytes32 rootHash) internal view returns (bytes memory) {
        return signDigest(ANCHOR_KEY, headDigest(logId, treeSize, rootHash));
    }

    function signedHead(uint64 treeSize, bytes32 rootHash) internal view returns (IEvidenceLog.SignedHead memory) {
        return IEvidenceLog.SignedHead(treeSize, rootHash, signHead(treeSize, rootHash));
    }

    /// @notice Anchors a head signed by the log's key.
    function anchor(
        uint64 oldSize,
        uint64 newSize,
        bytes32 newRoot,
        bytes32[] memory path
    ) internal returns (IEvidenceLog.Outcome) {
        return evidenceLog.anchor(logId, oldSize, newSize, newRoot, path, signHead(newSize, newRoot));
    }

    function noPath() internal pure returns (bytes32[] memory) {
        return new bytes32[](0);
    }
}
