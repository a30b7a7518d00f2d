// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

import {Council} from "../../../contracts/Council.sol";
import {DeliveryReceipts} from "../../../contracts/DeliveryReceipts.sol";
import {DigitalContractRegistry} from "../../../contracts/DigitalContractRegistry.sol";
import {Directory} from "../../../contracts/Directory.sol";
import {Disputes} from "../../../contracts/Disputes.sol";
import {DistributionTables} from "../../../contracts/DistributionTables.sol";
import {EvidenceLog} from "../../../contracts/EvidenceLog.sol";
import {Orders} from "../../../contracts/Orders.sol";
import {ParticipantRegistry} from "../../../contracts/ParticipantRegistry.sol";
import {Payouts} from "../../../contracts/Payouts.sol";
import {ProductRegistry} from "../../../contracts/ProductRegistry.sol";
import {RevenueSettlement} from "../../../contracts/RevenueSettlement.sol";
import {SettlementRules} from "../../../contracts/SettlementRules.sol";
import {IPartyActs} from "../../../contracts/interfaces/IPartyActs.sol";
import {AgreementHarness} from "../../../contracts/mocks/AgreementHarness.sol";
import {DisputeHarness} from "../../../contracts/mocks/DisputeHarness.sol";
import {LineHarness} from "../../../contracts/mocks/LineHarness.sol";
import {ParticipantHarness} from "../../../contracts/mocks/ParticipantHarness.sol";
import {PayoutTypedDataHarness} from "../../../contracts/mocks/PayoutTypedDataHarness.sol";
import {ReceiptHarness} from "../../../contracts/mocks/ReceiptHarness.sol";
import {RuleHarness} from "../../../contracts/mocks/RuleHarness.sol";
import {TableTypedDataHarness} from "../../../contracts/mocks/TableTypedDataHarness.sol";
import {TypedActsHarness} from "../../../contracts/mocks/TypedActsHarness.sol";
import {BodyId} from "../../../contracts/types/Ids.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {Test} from "./Vm.sol";

/// @notice What signatures are made over, of every contract. The libraries behind it are held against type strings that
/// are spelled out anew, and against Python's vectors, in tests of their own.
contract Heads is
    AgreementHarness,
    LineHarness,
    ParticipantHarness,
    PayoutTypedDataHarness,
    ReceiptHarness,
    RuleHarness,
    TableTypedDataHarness,
    TypedActsHarness
{}

/// @notice The whole suite as it stands on a chain: nothing here is a stand-in.
struct Suite {
    Council council;
    AccessManager manager;
    EvidenceLog evidenceLog;
    Directory directory;
    ParticipantRegistry participants;
    ProductRegistry products;
    SettlementRules rules;
    DigitalContractRegistry agreements;
    Orders orders;
    DeliveryReceipts receipts;
    Disputes disputes;
    RevenueSettlement book;
    DistributionTables tables;
    Payouts payouts;
}

/// @title Bodies with keys, and their signatures for acts of the real suite
/// @notice A body is its name: its id and its three keys follow from it.
abstract contract SuiteActs is Test {
    uint256 internal constant IN_TIME = 2_000_000_000;
    uint8 internal constant BUSINESS = 1;
    uint8 internal constant METERING = 2;
    uint8 internal constant FINANCE = 4;
    /// @dev Anchor key of a log, which the thief has.
    uint256 internal constant ANCHOR_KEY = uint256(keccak256("anchor key"));

    Suite internal suite;
    Heads internal heads;
    DisputeHarness internal disputeHeads;

    /// @notice What the named body signs with its own key.
    function signed(
        IPartyActs target,
        bytes memory head,
        string memory name,
        uint8 purpose
    ) internal view returns (PartySignature memory) {
        return signedAs(target, head, idOf(name), keyOf(name, purpose));
    }

    /// @notice What a key signs in the name of a body, its own or another's.
    function signedAs(
        IPartyActs target,
        bytes memory head,
        BodyId signer,
        uint256 key
    ) internal view returns (PartySignature memory party) {
        party = PartySignature(signer, vm.addr(key), keccak256(abi.encode("SM2", signer)), IN_TIME, "");
        bytes32 structHash = keccak256(
            abi.encodePacked(head, BodyId.unwrap(signer), party.sm2SignatureDigest, party.deadline)
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(
            key,
            keccak256(abi.encodePacked(hex"1901", target.domainSeparator(), structHash))
        );
        party.signature = abi.encodePacked(r, s, v);
    }

    function one(PartySignature memory first) internal pure returns (PartySignature[] memory parties) {
        parties = new PartySignature[](1);
        parties[0] = first;
    }

    function two(
        PartySignature memory first,
        PartySignature memory second
    ) internal pure returns (PartySignature[] memory parties) {
        parties = new PartySignature[](2);
        (parties[0], parties[1]) = (first, second);
    }

    function idOf(string memory name) internal pure returns (BodyId) {
        return BodyId.wrap(keccak256(abi.encode("body", name)));
    }

    function keyOf(string memory name, uint8 purpose) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode("key", name, purpose)));
    }

    function isSame(string memory a, string memory b) internal pure returns (bool) {
        return keccak256(bytes(a)) == keccak256(bytes(b));
    }
}
