// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDigitalContractRegistry} from "../../contracts/interfaces/IDigitalContractRegistry.sol";
import {IDistributionTables} from "../../contracts/interfaces/IDistributionTables.sol";
import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IRevenueSettlement} from "../../contracts/interfaces/IRevenueSettlement.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {TableId, TableVersion} from "../../contracts/types/Ids.sol";
import {LineProof} from "../../contracts/types/Lines.sol";
import {SettlementFixture} from "./helpers/Settlement.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @title Versions of tables: proposed, signed by a second, published twice
contract DistributionTablesTest is SettlementFixture {
    LineProof private _proof;

    function setUp() public override {
        super.setUp();
        _proof = usageLine(TABLE_1, V1, 0, 1000);
        bookLine(_proof, false);
    }

    function test_propose_isRecordedAndTold() public {
        IDistributionTables.Proposal memory proposal = proposalOf(TABLE_1, V1);
        vm.assertTrue(proposal.lineCount == 1 && tables.windowFloor() == FLOOR);
        IDistributionTables.VersionRecord memory record = tables.versionOf(TABLE_1, V1);
        vm.assertTrue(record.status == IDistributionTables.VersionStatus.UNKNOWN);
        bytes memory call_ = abi.encodeCall(
            IDistributionTables.propose,
            (proposal, signTable(headOfTable(proposal), "trading"))
        );
        vm.expectEmit(address(tables));
        emit IDistributionTables.TableProposed(TABLE_1, V1, idOf("trading"), proposal);
        _do(call_);
        record = tables.versionOf(TABLE_1, V1);
        vm.assertEq(record.proposalHash, keccak256(abi.encode(proposal)));
        vm.assertTrue(record.status == IDistributionTables.VersionStatus.PROPOSED);
        vm.assertTrue(record.lineCount == 1 && record.windowSeconds == FLOOR && record.windowEnds == 0);
        vm.assertEq(record.proposedAt, block.timestamp);
        vm.assertEq(TableVersion.unwrap(tables.signedVersion(TABLE_1)), 0);
    }

    function test_propose_ofAnUnknownTable_isRefused() public {
        IDistributionTables.Proposal memory proposal = proposalOf(TABLE_1, V1);
        proposal.tableId = TableId.wrap(9);
        _refusePropose(
            proposal,
            abi.encodeWithSelector(IRevenueSettlement.RevenueSettlementUnknownTable.selector, TableId.wrap(9))
        );
    }

    function test_propose_outOfTurn_isRefused() public {
        IDistributionTables.Proposal memory proposal = proposalOf(TABLE_1, V1);
        for (uint16 version = 0; version < 3; version += 2) {
            proposal.tableVersion = TableVersion.wrap(version);
            _refusePropose(
                proposal,
                abi.encodeWithSelector(
                    IDistributionTables.DistributionTablesWrongVersion.selector,
                    TABLE_1,
                    V1,
                    TableVersion.wrap(version)
                )
            );
        }
    }

    function test_propose_ofTheNextVersion_takesBothSignaturesOfTheOneBefore() public {
        IDistributionTables.Proposal memory first = proposalOf(TABLE_1, V1);
        propose(first, "trading");
        bookLine(usageLine(TABLE_1, V2, 0, 900), false);
        IDistributionTables.Proposal memory proposal = proposalOf(TABLE_1, V2);
        bytes4 wrongVersion = IDistributionTables.DistributionTablesWrongVersion.selector;
        _refusePropose(proposal, abi.encodeWithSelector(wrongVersion, TABLE_1, V1, V2));
        tables.sign(first, signTable(headOfTable(first), "authorisation"));
        propose(proposal, "trading");
        _refusePropose(first, abi.encodeWithSelector(wrongVersion, TABLE_1, V2, V1));
    }

    function test_propose_ofOtherLinesThanBooked_isRefused() public {
        IDistributionTables.Proposal memory proposal = proposalOf(TABLE_1, V1);
        bytes memory refusal = abi.encodeWithSelector(
            IDistributionTables.DistributionTablesWrongLines.selector,
            proposal.lineCount,
            proposal.linesDigest
        );
        proposal.lineCount = 2;
        _refusePropose(proposal, refusal);
        proposal.lineCount = 1;
        proposal.linesDigest = "other lines";
        _refusePropose(proposal, refusal);
    }

    function test_propose_ofNoLine_isRefused() public {
        IDistributionTables.Proposal memory proposal = proposalOf(TABLE_2, V1);
        _refusePropose(
            proposal,
            abi.encodeWithSelector(
                IDistributionTables.DistributionTablesWrongLines.selector,
                0,
                bytes28(keccak256(abi.encode(TABLE_2)))
            )
        );
    }

    function test_propose_withAWindowBelowTheFloorOrAbove60Days_isRefused() public {
        IDistributionTables.Proposal memory proposal = proposalOf(TABLE_1, V1);
        uint32[2] memory windows = [FLOOR - 1, 60 days + 1];
        for (uint256 i = 0; i < 2; ++i) {
            proposal.windowSeconds = windows[i];
            _refusePropose(
                proposal,
                abi.encodeWithSelector(IDistributionTables.DistributionTablesWrongWindow.selector, windows[i], FLOOR)
            );
        }
        proposal.windowSeconds = 60 days;
        propose(proposal, "trading");
    }

    function test_propose_again_replacesWhatIsNotSignedButNeverRepeats() public {
        IDistributionTables.Proposal memory first = proposalOf(TABLE_1, V1);
        propose(first, "trading");
        vm.warp(block.timestamp + 1 hours);
        IDistributionTables.Proposal memory second = proposalOf(TABLE_1, V1);
        second.calendarDigest = "another calendar";
        propose(second, "trading");
        IDistributionTables.VersionRecord memory record = tables.versionOf(TABLE_1, V1);
        vm.assertEq(record.proposalHash, keccak256(abi.encode(second)));
        vm.assertEq(record.proposedAt, block.timestamp);
        // whoever relays the first one again, while its deadline lasts, cannot put it back
        _refusePropose(
            first,
            abi.encodeWithSelector(
                IDistributionTables.DistributionTablesWrongStatus.selector,
                TABLE_1,
                V1,
                IDistributionTables.VersionStatus.PROPOSED
            )
        );
        _refuse(
            abi.encodeCall(IDistributionTables.sign, (first, signTable(headOfTable(first), "authorisation"))),
            abi.encodeWithSelector(
                IDistributionTables.DistributionTablesWrongProposal.selector,
                keccak256(abi.encode(second)),
                keccak256(abi.encode(first))
            )
        );
    }

    function test_sign_ofWhatWasNotProposed_isRefused() public {
        IDistributionTables.Proposal memory proposal = proposalOf(TABLE_1, V1);
        _refuse(
            abi.encodeCall(IDistributionTables.sign, (proposal, signTable(headOfTable(proposal), "authorisation"))),
            _wrongStatus(IDistributionTables.VersionStatus.UNKNOWN)
        );
    }

    function test_sign_isRecordedAndTold() public {
        IDistributionTables.Proposal memory proposal = proposalOf(TABLE_1, V1);
        propose(proposal, "trading");
        bytes memory call_ = abi.encodeCall(
            IDistributionTables.sign,
            (proposal, signTable(headOfTable(proposal), "authorisation"))
        );
        vm.expectEmit(address(tables));
        emit IDistributionTables.TableSigned(TABLE_1, V1, idOf("authorisation"));
        _do(call_);
        vm.assertTrue(tables.versionOf(TABLE_1, V1).second == idOf("authorisation"));
        vm.assertFalse(tables.signedVersion(TABLE_1) != V1);
    }

    function test_sign_withoutPublicData_takesAnAuditorToo() public {
        IDistributionTables.Proposal memory proposal = proposalOf(TABLE_1, V1);
        propose(proposal, "trading");
        uint32 needed = BodyRoles.AUTHORISATION_PLATFORM | BodyRoles.AUDITOR;
        string[4] memory others = ["trading", "operator", "regulator", "provider"];
        for (uint256 i = 0; i < others.length; ++i) {
            _refuse(
                abi.encodeCall(IDistributionTables.sign, (proposal, signTable(headOfTable(proposal), others[i]))),
                abi.encodeWithSelector(
                    IParticipantRegistry.ParticipantRegistryMissingRole.selector,
                    idOf(others[i]),
                    stub.bodyOf(idOf(others[i])).roles,
                    needed
                )
            );
        }
        tables.sign(proposal, signTable(headOfTable(proposal), "auditor"));
        publish(proposal, "auditor");
        publish(proposal, "trading");
        vm.assertTrue(tables.versionOf(TABLE_1, V1).status == IDistributionTables.VersionStatus.PUBLISHED);
    }

    function test_sign_proposedByTheAuthorisationPlatform_takesTheTradingPlatform() public {
        TableId table = TableId.wrap(3);
        openTable(table, "authorisation");
        bookLine(usageLine(table, V1, 3, 1000), true);
        IDistributionTables.Proposal memory proposal = proposalOf(table, V1);
        propose(proposal, "authorisation");
        _refuse(
            abi.encodeCall(IDistributionTables.sign, (proposal, signTable(headOfTable(proposal), "authorisation"))),
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryMissingRole.selector,
                idOf("authorisation"),
                BodyRoles.AUTHORISATION_PLATFORM,
                BodyRoles.TRADING_PLATFORM
            )
        );
        tables.sign(proposal, signTable(headOfTable(proposal), "trading"));
    }

    function test_publication_opensTheWindowWithTheSecondReceipt() public {
        IDistributionTables.Proposal memory proposal = signedTable(TABLE_1, V1);
        _expectPublished("trading", 0);
        publish(proposal, "trading");
        vm.assertTrue(tables.versionOf(TABLE_1, V1).publishedByProposer);
        vm.warp(block.timestamp + 1 days);
        uint48 windowEnds = uint48(block.timestamp + FLOOR);
        _expectPublished("authorisation", windowEnds);
        publish(proposal, "authorisation");
        IDistributionTables.VersionRecord memory record = tables.versionOf(TABLE_1, V1);
        vm.assertTrue(record.publishedBySecond && record.windowEnds == windowEnds);
        vm.assertTrue(record.status == IDistributionTables.VersionStatus.PUBLISHED);
        _refuse(
            abi.encodeCall(
                IDistributionTables.recordPublication,
                (proposal, "publication", signTable(headOfPublication(proposal), "trading"))
            ),
            _wrongStatus(IDistributionTables.VersionStatus.PUBLISHED)
        );
    }

    function test_publication_ofAnotherProposalOrAnUnsignedOne_isRefused() public {
        IDistributionTables.Proposal memory proposal = proposalOf(TABLE_1, V1);
        propose(proposal, "trading");
        bytes memory call_ = abi.encodeCall(
            IDistributionTables.recordPublication,
            (proposal, "publication", signTable(headOfPublication(proposal), "trading"))
        );
        _refuse(call_, _wrongStatus(IDistributionTables.VersionStatus.PROPOSED));
        bytes32 signed = keccak256(abi.encode(proposal));
        tables.sign(proposal, signTable(headOfTable(proposal), "authorisation"));
        proposal.windowSeconds = FLOOR + 1;
        call_ = abi.encodeCall(
            IDistributionTables.recordPublication,
            (proposal, "publication", signTable(headOfPublication(proposal), "trading"))
        );
        _refuse(
            call_,
            abi.encodeWithSelector(
                IDistributionTables.DistributionTablesWrongProposal.selector,
                signed,
                keccak256(abi.encode(proposal))
            )
        );
    }

    function test_construction_withoutContractsOrWithTooLongAFloor_isRefused() public {
        address nobody = address(0xdead);
        (IParticipantRegistry bodies, address contracts, address lines) = (
            registry(),
            address(agreements),
            address(book)
        );
        bytes memory refusal = abi.encodeWithSelector(IDistributionTables.DistributionTablesNoCode.selector, nobody);
        _refuseConstruction(refusal, nobody, contracts, lines, FLOOR);
        _refuseConstruction(refusal, address(bodies), nobody, lines, FLOOR);
        _refuseConstruction(refusal, address(bodies), contracts, nobody, FLOOR);
        refusal = abi.encodeWithSelector(
            IDistributionTables.DistributionTablesWrongWindow.selector,
            60 days,
            60 days + 1
        );
        _refuseConstruction(refusal, address(bodies), contracts, lines, 60 days + 1);
        (uint32 answerSeconds, uint32 reviewSeconds) = tables.objectionPeriods();
        vm.assertTrue(answerSeconds == ANSWER && reviewSeconds == REVIEW);
        vm.assertEq(tables.participants(), address(bodies));
    }

    function _refuseConstruction(
        bytes memory refusal,
        address bodies,
        address contracts,
        address lines,
        uint32 floor
    ) private {
        vm.expectRevert(refusal);
        deployed(
            "DistributionTables",
            abi.encode(
                IParticipantRegistry(bodies),
                IDigitalContractRegistry(contracts),
                IRevenueSettlement(lines),
                floor,
                ANSWER,
                REVIEW
            )
        );
    }

    function _expectPublished(string memory by, uint48 windowEnds) private {
        vm.expectEmit(address(tables));
        emit IDistributionTables.TablePublished(TABLE_1, V1, idOf(by), "publication", windowEnds);
    }

    function _refusePropose(IDistributionTables.Proposal memory proposal, bytes memory refusal) private {
        bytes memory head = headOfTable(proposal);
        _refuse(abi.encodeCall(IDistributionTables.propose, (proposal, signTable(head, "trading"))), refusal);
    }

    function _do(bytes memory call_) private {
        (bool success, ) = address(tables).call(call_);
        vm.assertTrue(success);
    }

    function _refuse(bytes memory call_, bytes memory refusal) private {
        (bool success, bytes memory answer) = address(tables).call(call_);
        vm.assertFalse(success);
        vm.assertEq(answer, refusal);
    }

    function _wrongStatus(IDistributionTables.VersionStatus status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IDistributionTables.DistributionTablesWrongStatus.selector, TABLE_1, V1, status);
    }
}
