// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";

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
import {IDirectory} from "../../../contracts/interfaces/IDirectory.sol";
import {IEvidenceLog} from "../../../contracts/interfaces/IEvidenceLog.sol";
import {IParticipantRegistry} from "../../../contracts/interfaces/IParticipantRegistry.sol";
import {DisputeHarness} from "../../../contracts/mocks/DisputeHarness.sol";
import {LineBooking} from "../../../contracts/settlement/LineBooking.sol";
import {BodyRoles} from "../../../contracts/types/BodyRoles.sol";
import {Currency} from "../../../contracts/types/Ids.sol";
import {KeyGrant, PartySignature} from "../../../contracts/types/Parties.sol";
import {CouncilFixture} from "./Fixtures.sol";
import {Heads, SuiteActs} from "./SuiteActs.sol";
import {deployed} from "./Deployed.sol";

/// @title All contracts of the suite, wired as they are deployed
/// @notice A council of three (two sign) governs a real access manager; reserved bodies are admitted by its acts, the
/// others by the operator. As in a deployment, the governor's delay is set last.
abstract contract RealSuite is CouncilFixture, SuiteActs {
    uint64 internal constant GOVERNOR = 1;
    uint64 internal constant EMERGENCY = 2;
    uint32 internal constant GOVERNOR_DELAY = 2 days;
    uint32 internal constant ANSWER_SECONDS = 1 days;
    uint32 internal constant WINDOW_FLOOR = 3 days;
    uint32 internal constant OBJECTION_ANSWER = 5 days;
    uint32 internal constant REVIEW_REQUEST = 3 days;
    uint32 internal constant COOLING = 7 days;
    uint64 internal constant MAX_FREEZE = 30 days;
    uint64 internal constant QUALIFIED_UNTIL = 1_990_000_000;
    Currency internal constant CNY = Currency.wrap("CNY");

    function setUp() public virtual override {
        super.setUp();
        vm.roll(1000);
        (heads, disputeHeads) = (new Heads(), DisputeHarness(deployed("DisputeHarness", "")));
        suite.council = council;
        suite.evidenceLog = EvidenceLog(deployed("EvidenceLog", abi.encode(address(council))));
        suite.manager = AccessManager(deployed("AccessManager", abi.encode(address(council))));
        suite.directory = Directory(deployed("Directory", abi.encode(address(suite.manager))));
        suite.participants = ParticipantRegistry(deployed("ParticipantRegistry", abi.encode(address(suite.manager))));
        _deployTrade();
        _deploySettlement();
        _govern();
        _admitReserved();
        join("provider", BodyRoles.PROVIDER);
        join("consumer", BodyRoles.CONSUMER);
        join("holder", BodyRoles.DATA_HOLDER);
        act(
            address(suite.manager),
            abi.encodeCall(AccessManager.grantRole, (GOVERNOR, address(council), GOVERNOR_DELAY))
        );
    }

    /// @notice Admits a body with a reserved role, by an act of the council.
    function joinReserved(string memory name, uint32 role) internal {
        (IParticipantRegistry.Admission memory admission, PartySignature[] memory keys) = admissionOf(name, role);
        act(address(suite.participants), abi.encodeCall(IParticipantRegistry.admitReserved, (admission, keys)));
    }

    /// @notice Admits a body with ordinary roles, by the operator.
    function join(string memory name, uint32 roles) internal {
        (IParticipantRegistry.Admission memory admission, PartySignature[] memory keys) = admissionOf(name, roles);
        bytes memory head = heads.headOfAdmission(admission);
        suite.participants.admit(admission, keys, signed(suite.participants, head, "operator", BUSINESS));
    }

    /// @notice An admission with one key for each purpose, and the signatures of these keys.
    function admissionOf(
        string memory name,
        uint32 roles
    ) internal view returns (IParticipantRegistry.Admission memory admission, PartySignature[] memory signatures) {
        KeyGrant[] memory keys = new KeyGrant[](3);
        for (uint256 i = 0; i < 3; ++i) {
            keys[i] = KeyGrant(vm.addr(keyOf(name, uint8(1 << i))), uint8(1 << i));
        }
        bytes32 digest = keccak256(bytes(name));
        admission = IParticipantRegistry.Admission(idOf(name), roles, digest, digest, QUALIFIED_UNTIL, keys);
        bytes memory head = heads.headOfAdmission(admission);
        signatures = new PartySignature[](3);
        for (uint256 i = 0; i < 3; ++i) {
            signatures[i] = signed(suite.participants, head, name, uint8(1 << i));
        }
    }

    /// @notice Opens a log for this anchor key, by an act of the council.
    function openLog(string memory origin, address anchorKey) internal returns (bytes32 logId) {
        bytes memory call_ = abi.encodeCall(IEvidenceLog.openLog, (origin, keccak256(bytes(origin)), anchorKey));
        return abi.decode(act(address(suite.evidenceLog), call_), (bytes32));
    }

    function _deployTrade() private {
        suite.products = ProductRegistry(deployed("ProductRegistry", abi.encode(suite.participants)));
        suite.rules = SettlementRules(deployed("SettlementRules", abi.encode(suite.participants)));
        suite.agreements = DigitalContractRegistry(
            deployed(
                "DigitalContractRegistry",
                abi.encode(suite.participants, suite.products, suite.rules, ANSWER_SECONDS)
            )
        );
        suite.orders = Orders(deployed("Orders", abi.encode(suite.participants, suite.products, suite.agreements)));
        suite.receipts = DeliveryReceipts(
            deployed("DeliveryReceipts", abi.encode(suite.participants, suite.agreements, suite.products))
        );
        suite.disputes = Disputes(
            deployed("Disputes", abi.encode(suite.participants, suite.agreements, suite.receipts, MAX_FREEZE))
        );
    }

    function _deploySettlement() private {
        Currency[] memory currencies = new Currency[](1);
        currencies[0] = CNY;
        suite.book = RevenueSettlement(
            deployed(
                "RevenueSettlement",
                abi.encode(
                    suite.participants,
                    LineBooking.Sources(suite.agreements, suite.rules, suite.receipts, suite.disputes),
                    currencies
                )
            )
        );
        suite.tables = DistributionTables(
            deployed(
                "DistributionTables",
                abi.encode(
                    suite.participants,
                    suite.agreements,
                    suite.book,
                    WINDOW_FLOOR,
                    OBJECTION_ANSWER,
                    REVIEW_REQUEST
                )
            )
        );
        suite.payouts = Payouts(
            deployed("Payouts", abi.encode(suite.participants, suite.book, suite.tables, suite.disputes, COOLING))
        );
    }

    function _govern() private {
        bytes4[] memory governed = new bytes4[](4);
        governed[0] = IParticipantRegistry.admitReserved.selector;
        governed[1] = IParticipantRegistry.renewReservedQualification.selector;
        governed[2] = IParticipantRegistry.reinstateReserved.selector;
        governed[3] = IParticipantRegistry.recoverKey.selector;
        _setRole(address(suite.participants), governed, GOVERNOR);
        bytes4[] memory single = new bytes4[](1);
        single[0] = IParticipantRegistry.suspendReserved.selector;
        _setRole(address(suite.participants), single, EMERGENCY);
        single[0] = IDirectory.list.selector;
        _setRole(address(suite.directory), single, GOVERNOR);
        act(address(suite.manager), abi.encodeCall(AccessManager.grantRole, (GOVERNOR, address(council), 0)));
        act(address(suite.manager), abi.encodeCall(AccessManager.grantRole, (EMERGENCY, address(council), 0)));
    }

    function _setRole(address target, bytes4[] memory selectors, uint64 role) private {
        bytes memory call_ = abi.encodeCall(AccessManager.setTargetFunctionRole, (target, selectors, role));
        act(address(suite.manager), call_);
    }

    function _admitReserved() private {
        joinReserved("operator", BodyRoles.OPERATOR);
        joinReserved("trading", BodyRoles.TRADING_PLATFORM);
        joinReserved("authorisation", BodyRoles.AUTHORISATION_PLATFORM);
        joinReserved("price", BodyRoles.PRICE_AUTHORITY);
        joinReserved("regulator", BodyRoles.REGULATOR);
        joinReserved("auditor", BodyRoles.AUDITOR);
        joinReserved("arbitrator", BodyRoles.ARBITRATOR);
        joinReserved("bank", BodyRoles.BANK);
    }
}
