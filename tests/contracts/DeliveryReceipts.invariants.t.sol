// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IDeliveryReceipts} from "../../contracts/interfaces/IDeliveryReceipts.sol";
import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {StreamId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {Test} from "./helpers/Vm.sol";
import {UsageFixture} from "./helpers/Usage.sol";

/// @notice Provider and consumer, each of whom signs some claims; and everybody else, who has every key but their two
/// metering keys, sees every signature that was ever made, and relays whatever it likes.
contract EveryMeter is UsageFixture {
    struct Signed {
        IDeliveryReceipts.UsageClaim claim;
        PartySignature provider;
        PartySignature consumer;
    }

    StreamId public streamId;
    mapping(bytes32 claimHash => bool byProvider) public claimed;
    mapping(bytes32 claimHash => bool byConsumer) public acknowledged;
    mapping(uint256 index => bytes32 words) public settledAs;
    mapping(string action => uint256 count) public done;

    Signed[] private _seen;
    string[6] private _others = ["stranger", "operator", "platform", "regulator", "provider", "consumer"];

    constructor() {
        super.setUp();
        admit("operator", BodyRoles.OPERATOR);
        admit("platform", BodyRoles.TRADING_PLATFORM);
        admit("regulator", BodyRoles.REGULATOR);
        streamId = openStream(AGREEMENT, CONNECTOR);
    }

    error AlreadySetUp();

    /// @dev The constructor did it; a second time would begin another history.
    function setUp() public pure override {
        revert AlreadySetUp();
    }

    /// @notice The provider states the next usage.
    function providerStates(uint64 units) external {
        if (!_isActive("provider")) {
            return;
        }
        IDeliveryReceipts.UsageClaim memory claim = _claim(units);
        PartySignature memory provider = metered("provider", claimHead(claim));
        claimed[claimHashOf(claim)] = true;
        PartySignature memory none;
        _seen.push(Signed(claim, provider, none));
        if (_try(abi.encodeCall(IDeliveryReceipts.state, (claim, provider)))) {
            ++done["providerStates"];
        }
    }

    /// @notice Both sign the next usage; somebody relays it, or keeps it for later.
    function bothSign(uint64 units, bool isRelayed) external {
        IDeliveryReceipts.UsageClaim memory claim = _claim(units);
        bytes32 claimHash = claimHashOf(claim);
        PartySignature memory provider = metered("provider", claimHead(claim));
        PartySignature memory consumer = consumed(acknowledgementHead(claimHash, claim.units, 0));
        claimed[claimHash] = true;
        acknowledged[claimHash] = true;
        _seen.push(Signed(claim, provider, consumer));
        if (isRelayed && _try(abi.encodeCall(IDeliveryReceipts.stateAcknowledged, (claim, provider, consumer)))) {
            ++done["bothSign"];
        }
    }

    /// @notice The consumer answers some statement, wholly or in part.
    function consumerAnswers(uint64 index, uint64 accepted) external {
        index = _place(index);
        IDeliveryReceipts.Statement memory statement = receipts.statementOf(streamId, index);
        accepted = statement.units == 0 ? 0 : accepted % (statement.units + 1);
        bytes32 grounds = accepted == statement.units ? bytes32(0) : keccak256("grounds");
        PartySignature memory consumer = consumed(acknowledgementHead(statement.claimHash, accepted, grounds));
        if (grounds == 0) {
            acknowledged[statement.claimHash] = true;
        }
        if (_try(abi.encodeCall(IDeliveryReceipts.answer, (streamId, index, accepted, grounds, consumer)))) {
            ++done["consumerAnswers"];
        }
    }

    /// @notice Somebody relays signatures that were made earlier, in whatever combination.
    function relaysAgain(uint256 first, uint256 second) external {
        if (_seen.length == 0) {
            return;
        }
        Signed memory one = _seen[first % _seen.length];
        Signed memory other = _seen[second % _seen.length];
        uint64 units = other.claim.units;
        bool isNew = _try(abi.encodeCall(IDeliveryReceipts.state, (one.claim, one.provider)));
        isNew =
            _try(abi.encodeCall(IDeliveryReceipts.stateAcknowledged, (one.claim, one.provider, other.consumer))) ||
            isNew;
        isNew =
            _try(abi.encodeCall(IDeliveryReceipts.stateAcknowledged, (one.claim, other.provider, one.consumer))) ||
            isNew;
        isNew =
            _try(abi.encodeCall(IDeliveryReceipts.answer, (streamId, one.claim.index, units, 0, other.consumer))) ||
            isNew;
        if (isNew) {
            ++done["relaysAgain"];
        }
    }

    /// @notice Everybody else forges: any body, any purpose of key, in its own name or the parties'. Never accepted.
    function othersForge(uint256 who, uint8 purpose, uint64 units, uint64 index, bool inTheirName) external {
        string memory forger = _others[who % _others.length];
        // of the parties themselves, everything but the metering key is in foreign hands
        bool isParty = who % _others.length >= 4;
        purpose = isParty ? (purpose % 2 == 0 ? BUSINESS : FINANCE) : uint8(1 << (purpose % 3));
        IDeliveryReceipts.UsageClaim memory claim = _claim(units);
        PartySignature memory provider = _forged(forger, purpose, claimHead(claim), inTheirName ? "provider" : forger);
        bytes memory head = acknowledgementHead(claimHashOf(claim), claim.units, 0);
        PartySignature memory consumer = _forged(forger, purpose, head, inTheirName ? "consumer" : forger);
        _mustFail(abi.encodeCall(IDeliveryReceipts.state, (claim, provider)));
        _mustFail(abi.encodeCall(IDeliveryReceipts.stateAcknowledged, (claim, provider, consumer)));
        PartySignature memory honest = metered("provider", claimHead(claim));
        _mustFail(abi.encodeCall(IDeliveryReceipts.stateAcknowledged, (claim, honest, consumer)));
        index = _place(index);
        IDeliveryReceipts.Statement memory statement = receipts.statementOf(streamId, index);
        head = acknowledgementHead(statement.claimHash, statement.units, 0);
        consumer = _forged(forger, purpose, head, inTheirName ? "consumer" : forger);
        _mustFail(abi.encodeCall(IDeliveryReceipts.answer, (streamId, index, statement.units, 0, consumer)));
    }

    /// @notice Time passes; somebody lets a statement lapse.
    function timePasses(uint32 seconds_, uint64 index) external {
        vm.warp(block.timestamp + (seconds_ % (2 * ANSWER_SECONDS)));
        _try(abi.encodeCall(IDeliveryReceipts.lapse, (streamId, _place(index))));
    }

    /// @notice The operator suspends and reinstates as it likes.
    function operatorSuspends(bool isProvider, bool isSuspended) external {
        string memory name = isProvider ? "provider" : "consumer";
        uint32 roles = isProvider ? BodyRoles.PROVIDER : BodyRoles.CONSUMER;
        stub.setBody(idOf(name), IParticipantRegistry.BodyStatus.ACTIVE, roles);
        if (isSuspended) {
            stub.suspendBy(idOf(name), IParticipantRegistry.Suspender.OPERATOR);
        }
    }

    function statementAt(uint64 index) external view returns (IDeliveryReceipts.Statement memory) {
        return receipts.statementOf(streamId, index);
    }

    function streamNow() external view returns (IDeliveryReceipts.Stream memory) {
        return receipts.streamOf(streamId);
    }

    /// @notice Remembers how an answered statement reads, and says whether it still reads so.
    function remember(uint64 index) external returns (bool) {
        IDeliveryReceipts.Statement memory now_ = receipts.statementOf(streamId, index);
        if (now_.status == IDeliveryReceipts.StatementStatus.CLAIMED) {
            return settledAs[index] == 0;
        }
        bytes32 words = keccak256(abi.encode(now_));
        bool isSame = settledAs[index] == 0 || settledAs[index] == words;
        settledAs[index] = words;
        return isSame;
    }

    function _mustFail(bytes memory call_) private {
        vm.assertFalse(_try(call_));
    }

    function _try(bytes memory call_) private returns (bool success) {
        (success, ) = address(receipts).call(call_);
    }

    function _claim(uint64 units) private view returns (IDeliveryReceipts.UsageClaim memory claim) {
        claim = nextClaim(streamId);
        claim.units = units % 1_000_000;
    }

    function _place(uint64 index) private view returns (uint64) {
        uint64 statements = receipts.streamOf(streamId).statements;
        return statements == 0 ? 0 : index % statements;
    }

    function _isActive(string memory name) private view returns (bool) {
        return stub.isInGoodStanding(idOf(name));
    }

    /// @dev Signed by the forger's key over what the named body would sign; shown as its own or as the forger's key.
    function _forged(
        string memory forger,
        uint8 purpose,
        bytes memory head,
        string memory name
    ) private view returns (PartySignature memory party) {
        uint256 key = keyOf(forger, purpose);
        party = PartySignature(idOf(name), vm.addr(key), 0, IN_TIME, "");
        if (uint256(keccak256(head)) % 2 == 0) {
            party.key = vm.addr(keyOf(name, METERING));
        }
        // a forger in its own name uses its own key, which is a right signature of the wrong body
        bool isOwn = keccak256(bytes(forger)) == keccak256(bytes(name));
        if (isOwn) {
            party.key = vm.addr(key);
        }
        party.signature = signatureOf(key, actDigest(RECEIPTS_DOMAIN, address(receipts), head, party));
    }
}

/// @title Only the two parties' keys can produce an acknowledged statement
contract DeliveryReceiptsInvariantsTest is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    EveryMeter private _meter;

    function setUp() public {
        vm.warp(1_800_000_000);
        _meter = new EveryMeter();
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_meter);
    }

    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](7);
        selectors[0] = EveryMeter.providerStates.selector;
        selectors[1] = EveryMeter.bothSign.selector;
        selectors[2] = EveryMeter.consumerAnswers.selector;
        selectors[3] = EveryMeter.relaysAgain.selector;
        selectors[4] = EveryMeter.othersForge.selector;
        selectors[5] = EveryMeter.timePasses.selector;
        selectors[6] = EveryMeter.operatorSuspends.selector;
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(address(_meter), selectors);
    }

    /// @notice Every act succeeds in a long life, and statements end in every way: otherwise the invariants hold of
    /// nothing.
    function test_aLongLife_doesEverything() public {
        for (uint256 i = 0; i < 80; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            bool isEven = seed % 2 == 0;
            _meter.operatorSuspends(isEven, seed % 16 == 0);
            _meter.providerStates(uint64(seed));
            _meter.bothSign(uint64(seed), isEven);
            _meter.consumerAnswers(uint64(seed >> 8), uint64(seed >> 64));
            _meter.relaysAgain(seed, seed >> 128);
            _meter.othersForge(seed, uint8(seed >> 8), uint64(seed >> 16), uint64(seed >> 80), isEven);
            _meter.timePasses(uint32(seed), uint64(seed >> 32));
            invariant_answered_neverChanges();
        }
        string[4] memory names = ["providerStates", "bothSign", "consumerAnswers", "relaysAgain"];
        for (uint256 i = 0; i < names.length; ++i) {
            vm.assertTrue(_meter.done(names[i]) != 0, string.concat("never done: ", names[i]));
        }
        uint256 seen;
        for (uint64 index = 0; index < _meter.streamNow().statements; ++index) {
            seen |= 1 << uint256(_meter.statementAt(index).status);
        }
        // CLAIMED, ACKNOWLEDGED, DISPUTED, and one of LAPSED and UNANSWERED as the terms say
        vm.assertTrue(seen == 0x1e || seen == 0x2e, "statements did not end in every way");
        invariant_acknowledged_onlyWhatBothMeteringKeysSigned();
        invariant_sequence_isCoveredOnce();
    }

    function invariant_acknowledged_onlyWhatBothMeteringKeysSigned() public view {
        uint64 statements = _meter.streamNow().statements;
        for (uint64 index = 0; index < statements; ++index) {
            IDeliveryReceipts.Statement memory statement = _meter.statementAt(index);
            vm.assertTrue(_meter.claimed(statement.claimHash));
            if (statement.status == IDeliveryReceipts.StatementStatus.ACKNOWLEDGED) {
                vm.assertTrue(_meter.acknowledged(statement.claimHash));
                vm.assertEq(statement.acceptedUnits, statement.units);
            }
            vm.assertTrue(statement.acceptedUnits <= statement.units);
        }
    }

    function invariant_answered_neverChanges() public {
        uint64 statements = _meter.streamNow().statements;
        for (uint64 index = 0; index < statements; ++index) {
            vm.assertTrue(_meter.remember(index));
        }
    }

    /// @dev Claims are ten numbers long here: the stream stands where its statements end, without overlap or hole.
    function invariant_sequence_isCoveredOnce() public view {
        IDeliveryReceipts.Stream memory stream = _meter.streamNow();
        vm.assertEq(stream.nextSequence, 1000 + 10 * uint256(stream.statements));
    }
}
