// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDeliveryReceipts} from "../../contracts/interfaces/IDeliveryReceipts.sol";
import {ConnectorId, StatementId, StreamId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {PartiesFixture} from "./helpers/Parties.sol";
import {SignedActs} from "./helpers/SignedActs.sol";
import {UsageFixture} from "./helpers/Usage.sol";

/// @title Every signature that DeliveryReceipts takes, against everything that it must refuse
contract DeliveryReceiptsActsTest is UsageFixture, SignedActs {
    ConnectorId private constant _OTHER_CONNECTOR = ConnectorId.wrap(keccak256("other connector"));
    uint256 private constant _OPEN_PROVIDER = 0;
    uint256 private constant _OPEN_CONSUMER = 1;
    uint256 private constant _STATE = 2;
    uint256 private constant _STATE_ACKNOWLEDGED_PROVIDER = 3;
    uint256 private constant _STATE_ACKNOWLEDGED_CONSUMER = 4;
    uint256 private constant _ANSWER_ALL = 5;
    uint256 private constant _ANSWER_PART = 6;
    uint256 private constant _VOID_PROVIDER = 7;
    uint256 private constant _VOID_CONSUMER = 8;

    StreamId private _streamId;
    StatementId private _claimed;
    /// @dev The claim of the tests; fixed, so that a replay is the same call again.
    IDeliveryReceipts.UsageClaim private _claim;

    function setUp() public override(PartiesFixture, UsageFixture) {
        super.setUp();
        domainName = RECEIPTS_DOMAIN;
        target = address(receipts);
        _streamId = openStream(AGREEMENT, CONNECTOR);
        _claimed = stateNext(_streamId);
        _claim = nextClaim(_streamId);
    }

    function test_openStream_provider() public {
        checkAct(_OPEN_PROVIDER);
    }

    function test_openStream_consumer() public {
        checkAct(_OPEN_CONSUMER);
    }

    function test_state() public {
        checkAct(_STATE);
    }

    function test_stateAcknowledged_provider() public {
        checkAct(_STATE_ACKNOWLEDGED_PROVIDER);
    }

    function test_stateAcknowledged_consumer() public {
        checkAct(_STATE_ACKNOWLEDGED_CONSUMER);
    }

    function test_answer_ofAllUnits() public {
        checkAct(_ANSWER_ALL);
    }

    function test_answer_ofAPart_alsoWhileSuspended() public {
        checkAct(_ANSWER_PART);
    }

    function test_voidGap_provider() public {
        checkAct(_VOID_PROVIDER);
    }

    function test_voidGap_consumer() public {
        checkAct(_VOID_CONSUMER);
    }

    function callOf(uint256 number, PartySignature memory party) internal view override returns (bytes memory) {
        bool isProvider =
            number == _OPEN_PROVIDER || number == _STATE_ACKNOWLEDGED_PROVIDER || number == _VOID_PROVIDER;
        PartySignature memory other = metered(isProvider ? "consumer" : "provider", _otherHead(number));
        (PartySignature memory provider, PartySignature memory consumer) = isProvider ? (party, other) : (other, party);
        if (number <= _OPEN_CONSUMER) {
            return
                abi.encodeCall(
                    IDeliveryReceipts.openStream,
                    (AGREEMENT, _OTHER_CONNECTOR, FIRST_SEQUENCE, provider, consumer)
                );
        }
        if (number == _STATE) {
            return abi.encodeCall(IDeliveryReceipts.state, (_claim, party));
        }
        if (number <= _STATE_ACKNOWLEDGED_CONSUMER) {
            return abi.encodeCall(IDeliveryReceipts.stateAcknowledged, (_claim, provider, consumer));
        }
        if (number <= _ANSWER_PART) {
            return abi.encodeCall(IDeliveryReceipts.answer, (_streamId, 0, _accepted(number), _grounds(number), party));
        }
        uint64 from = _claim.firstSequence;
        return
            abi.encodeCall(
                IDeliveryReceipts.voidGap,
                (_streamId, from, from + 5, keccak256("reason"), provider, consumer)
            );
    }

    function actOf(uint256 number) internal view override returns (Act memory act) {
        bool isConsumer =
            number == _OPEN_CONSUMER ||
                (number >= _STATE_ACKNOWLEDGED_CONSUMER && number <= _ANSWER_PART) ||
                number == _VOID_CONSUMER;
        act.signer = isConsumer ? "consumer" : "provider";
        act.purpose = METERING;
        act.isDefence = number == _ANSWER_PART;
        act.head =
            number == _STATE_ACKNOWLEDGED_CONSUMER
                ? acknowledgementHead(claimHashOf(_claim), UNITS, 0)
                : _headOf(number);
        act.replayError = _replayError(number);
    }

    /// @dev What the other party of the same call signs; the same, but for a claim that is acknowledged at once.
    function _otherHead(uint256 number) private view returns (bytes memory) {
        return
            number == _STATE_ACKNOWLEDGED_PROVIDER
                ? acknowledgementHead(claimHashOf(_claim), UNITS, 0)
                : _headOf(number);
    }

    function _headOf(uint256 number) private view returns (bytes memory) {
        if (number <= _OPEN_CONSUMER) {
            return streamHead(AGREEMENT, _OTHER_CONNECTOR, FIRST_SEQUENCE);
        }
        if (number <= _STATE_ACKNOWLEDGED_CONSUMER) {
            return claimHead(_claim);
        }
        if (number <= _ANSWER_PART) {
            bytes32 claimHash = receipts.statementOf(_streamId, 0).claimHash;
            return acknowledgementHead(claimHash, _accepted(number), _grounds(number));
        }
        return gapHead(_streamId, _claim.firstSequence, _claim.firstSequence + 5, keccak256("reason"));
    }

    function _replayError(uint256 number) private view returns (bytes memory) {
        if (number <= _OPEN_CONSUMER) {
            bytes memory words = abi.encode(keccak256("cityledger/v1/stream"), AGREEMENT, _OTHER_CONNECTOR);
            return
                abi.encodeWithSelector(
                    IDeliveryReceipts.DeliveryReceiptsAlreadyOpened.selector,
                    StreamId.wrap(keccak256(words))
                );
        }
        if (number <= _STATE_ACKNOWLEDGED_CONSUMER) {
            return
                abi.encodeWithSelector(
                    IDeliveryReceipts.DeliveryReceiptsWrongIndex.selector,
                    _streamId,
                    _claim.index + 1,
                    _claim.index
                );
        }
        if (number <= _ANSWER_PART) {
            return
                abi.encodeWithSelector(
                    IDeliveryReceipts.DeliveryReceiptsWrongStatus.selector,
                    _claimed,
                    number == _ANSWER_ALL
                        ? IDeliveryReceipts.StatementStatus.ACKNOWLEDGED
                        : IDeliveryReceipts.StatementStatus.DISPUTED
                );
        }
        uint64 from = _claim.firstSequence;
        return abi.encodeWithSelector(IDeliveryReceipts.DeliveryReceiptsOverlap.selector, _streamId, from + 5, from);
    }

    function _accepted(uint256 number) private pure returns (uint64) {
        return number == _ANSWER_ALL ? UNITS : UNITS / 2;
    }

    function _grounds(uint256 number) private pure returns (bytes32) {
        return number == _ANSWER_ALL ? bytes32(0) : keccak256("grounds");
    }
}
