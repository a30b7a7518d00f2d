// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDeliveryReceipts} from "../../contracts/interfaces/IDeliveryReceipts.sol";
import {ConnectorId, StatementId, StreamId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {SignedActs} from "./behaviours/SignedActs.sol";
import {PartiesFixture} from "./helpers/Parties.sol";
import {UsageFixture} from "./helpers/Usage.sol";

/// @title Every signature that DeliveryReceipts takes, against everything that it must refuse
contract DeliveryReceiptsActsTest is UsageFixture, SignedActs {
    ConnectorId private constant _OTHER_CONNECTOR = ConnectorId.wrap(keccak256("other connector"));

    enum Rows {
        OPEN_PROVIDER,
        OPEN_CONSUMER,
        STATE,
        STATE_ACKNOWLEDGED_PROVIDER,
        STATE_ACKNOWLEDGED_CONSUMER,
        ANSWER_ALL,
        ANSWER_PART,
        VOID_PROVIDER,
        VOID_CONSUMER
    }

    Rows private _row;
    StreamId private _streamId;
    StatementId private _claimed;
    /// @dev The claim of the tests; fixed, so that a replay is the same call again.
    IDeliveryReceipts.UsageClaim private _claim;

    function setUp() public override(PartiesFixture, UsageFixture) {
        super.setUp();
        target = address(receipts);
        _streamId = openStream(AGREEMENT, CONNECTOR);
        _claimed = stateNext(_streamId);
        _claim = nextClaim(_streamId);
    }

    function test_openStream_provider() public {
        _check(Rows.OPEN_PROVIDER, "DeliveryReceipts.openStream.provider");
    }

    function test_openStream_consumer() public {
        _check(Rows.OPEN_CONSUMER, "DeliveryReceipts.openStream.consumer");
    }

    function test_state() public {
        _check(Rows.STATE, "DeliveryReceipts.state.provider");
    }

    function test_stateAcknowledged_provider() public {
        _check(Rows.STATE_ACKNOWLEDGED_PROVIDER, "DeliveryReceipts.stateAcknowledged.provider");
    }

    function test_stateAcknowledged_consumer() public {
        _check(Rows.STATE_ACKNOWLEDGED_CONSUMER, "DeliveryReceipts.stateAcknowledged.consumer");
    }

    function test_answer_ofAllUnits() public {
        _check(Rows.ANSWER_ALL, "DeliveryReceipts.answer.all");
    }

    function test_answer_ofAPart_alsoWhileSuspended() public {
        _check(Rows.ANSWER_PART, "DeliveryReceipts.answer.part");
    }

    function test_voidGap_provider() public {
        _check(Rows.VOID_PROVIDER, "DeliveryReceipts.voidGap.provider");
    }

    function test_voidGap_consumer() public {
        _check(Rows.VOID_CONSUMER, "DeliveryReceipts.voidGap.consumer");
    }

    function test_stateAcknowledged_outOfOrder_isRefused() public {
        _claim.index = 5;
        bytes4 wrongIndex = IDeliveryReceipts.DeliveryReceiptsWrongIndex.selector;
        requireRefused(_acknowledgedCall(), abi.encodeWithSelector(wrongIndex, _streamId, 1, 5));
        _claim.index = 1;
        uint64 next = _claim.firstSequence;
        (_claim.firstSequence, _claim.nextSequence) = (next + 1, next + 2);
        bytes4 gap = IDeliveryReceipts.DeliveryReceiptsGap.selector;
        requireRefused(_acknowledgedCall(), abi.encodeWithSelector(gap, _streamId, next, next + 1));
        _claim.streamId = StreamId.wrap(keccak256("unknown"));
        bytes4 unknown = IDeliveryReceipts.DeliveryReceiptsUnknownStream.selector;
        requireRefused(_acknowledgedCall(), abi.encodeWithSelector(unknown, _claim.streamId));
    }

    function test_lapse_ofWhatIsNoClaim_isRefused() public {
        vm.warp(block.timestamp + ANSWER_SECONDS + 1);
        bytes memory call_ = abi.encodeCall(IDeliveryReceipts.lapse, (_streamId, 0));
        (bool success, ) = target.call(call_);
        vm.assertTrue(success);
        bytes4 wrongStatus = IDeliveryReceipts.DeliveryReceiptsWrongStatus.selector;
        IDeliveryReceipts.StatementStatus lapsed = IDeliveryReceipts.StatementStatus.LAPSED;
        requireRefused(call_, abi.encodeWithSelector(wrongStatus, _claimed, lapsed));
        call_ = abi.encodeCall(IDeliveryReceipts.lapse, (_streamId, 1));
        bytes32 none = keccak256(abi.encode(keccak256("cityledger/v1/statement"), _streamId, uint256(1)));
        requireRefused(call_, abi.encodeWithSelector(wrongStatus, none, IDeliveryReceipts.StatementStatus.UNKNOWN));
    }

    function _acknowledgedCall() private view returns (bytes memory) {
        PartySignature memory provider = metered("provider", claimHead(_claim));
        PartySignature memory consumer = metered("consumer", acknowledgementHead(claimHashOf(_claim), UNITS, 0));
        return abi.encodeCall(IDeliveryReceipts.stateAcknowledged, (_claim, provider, consumer));
    }

    function _check(Rows row, string memory name) private {
        _row = row;
        bool isConsumer =
            row == Rows.OPEN_CONSUMER ||
                (row >= Rows.STATE_ACKNOWLEDGED_CONSUMER && row <= Rows.ANSWER_PART) ||
                row == Rows.VOID_CONSUMER;
        bytes memory head =
            row == Rows.STATE_ACKNOWLEDGED_CONSUMER ? acknowledgementHead(claimHashOf(_claim), UNITS, 0) : _headOf(row);
        string memory signer = isConsumer ? "consumer" : "provider";
        checkAct(Act(name, RECEIPTS_DOMAIN, target, head, signer, _callOf, _replayError(row)));
    }

    function _callOf(PartySignature memory party) private view returns (bytes memory) {
        Rows row = _row;
        bool isProvider =
            row == Rows.OPEN_PROVIDER || row == Rows.STATE_ACKNOWLEDGED_PROVIDER || row == Rows.VOID_PROVIDER;
        PartySignature memory other = metered(isProvider ? "consumer" : "provider", _otherHead(row));
        (PartySignature memory provider, PartySignature memory consumer) = isProvider ? (party, other) : (other, party);
        if (row <= Rows.OPEN_CONSUMER) {
            return
                abi.encodeCall(
                    IDeliveryReceipts.openStream,
                    (AGREEMENT, _OTHER_CONNECTOR, FIRST_SEQUENCE, provider, consumer)
                );
        }
        if (row == Rows.STATE) {
            return abi.encodeCall(IDeliveryReceipts.state, (_claim, party));
        }
        if (row <= Rows.STATE_ACKNOWLEDGED_CONSUMER) {
            return abi.encodeCall(IDeliveryReceipts.stateAcknowledged, (_claim, provider, consumer));
        }
        if (row <= Rows.ANSWER_PART) {
            return abi.encodeCall(IDeliveryReceipts.answer, (_streamId, 0, _accepted(row), _grounds(row), party));
        }
        uint64 from = _claim.firstSequence;
        return
            abi.encodeCall(
                IDeliveryReceipts.voidGap,
                (_streamId, from, from + 5, keccak256("reason"), provider, consumer)
            );
    }

    /// @dev What the other party of the same call signs; the same, but for a claim that is acknowledged at once.
    function _otherHead(Rows row) private view returns (bytes memory) {
        return
            row == Rows.STATE_ACKNOWLEDGED_PROVIDER ? acknowledgementHead(claimHashOf(_claim), UNITS, 0) : _headOf(row);
    }

    function _headOf(Rows row) private view returns (bytes memory) {
        if (row <= Rows.OPEN_CONSUMER) {
            return streamHead(AGREEMENT, _OTHER_CONNECTOR, FIRST_SEQUENCE);
        }
        if (row <= Rows.STATE_ACKNOWLEDGED_CONSUMER) {
            return claimHead(_claim);
        }
        if (row <= Rows.ANSWER_PART) {
            bytes32 claimHash = receipts.statementOf(_streamId, 0).claimHash;
            return acknowledgementHead(claimHash, _accepted(row), _grounds(row));
        }
        return gapHead(_streamId, _claim.firstSequence, _claim.firstSequence + 5, keccak256("reason"));
    }

    function _replayError(Rows row) private view returns (bytes memory) {
        if (row <= Rows.OPEN_CONSUMER) {
            bytes memory words = abi.encode(keccak256("cityledger/v1/stream"), AGREEMENT, _OTHER_CONNECTOR);
            return
                abi.encodeWithSelector(
                    IDeliveryReceipts.DeliveryReceiptsAlreadyOpened.selector,
                    StreamId.wrap(keccak256(words))
                );
        }
        if (row <= Rows.STATE_ACKNOWLEDGED_CONSUMER) {
            return
                abi.encodeWithSelector(
                    IDeliveryReceipts.DeliveryReceiptsWrongIndex.selector,
                    _streamId,
                    _claim.index + 1,
                    _claim.index
                );
        }
        if (row <= Rows.ANSWER_PART) {
            return
                abi.encodeWithSelector(
                    IDeliveryReceipts.DeliveryReceiptsWrongStatus.selector,
                    _claimed,
                    row == Rows.ANSWER_ALL
                        ? IDeliveryReceipts.StatementStatus.ACKNOWLEDGED
                        : IDeliveryReceipts.StatementStatus.DISPUTED
                );
        }
        uint64 from = _claim.firstSequence;
        return abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsOverlap.selector, _streamId, from + 5, from);
    }

    function _accepted(Rows row) private pure returns (uint64) {
        return row == Rows.ANSWER_ALL ? UNITS : UNITS / 2;
    }

    function _grounds(Rows row) private pure returns (bytes32) {
        return row == Rows.ANSWER_ALL ? bytes32(0) : keccak256("grounds");
    }
}
