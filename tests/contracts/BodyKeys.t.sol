// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IPartyActs} from "../../contracts/interfaces/IPartyActs.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {BodyId} from "../../contracts/types/Ids.sol";
import {KeyGrant, PartySignature, Requirement} from "../../contracts/types/Parties.sol";
import {RegistryFixture} from "./helpers/Registry.sol";

/// @notice A wallet that takes any signature which is its word.
contract WordWallet {
    function isValidSignature(bytes32, bytes calldata signature) external pure returns (bytes4) {
        return keccak256(signature) == keccak256("word") ? this.isValidSignature.selector : bytes4(0);
    }
}

/// @notice A wallet that, when asked for its signature, tries to relay an act that its body has signed as well.
contract ReenteringWallet {
    address private _target;
    bytes private _call;
    bool public hasTried;

    error NotDone();

    function prepare(address target, bytes calldata call_) external {
        (_target, _call) = (target, call_);
    }

    function isValidSignature(bytes32, bytes calldata) external returns (bytes4) {
        // A static call lets neither this note nor the act through.
        try this.tryIt() {
            hasTried = true;
        } catch {}
        return this.isValidSignature.selector;
    }

    function tryIt() external {
        (bool success, ) = _target.call(_call);
        if (!success) {
            revert NotDone();
        }
    }
}

/// @title Keys of bodies: given, revoked, recovered; who could sign at which block
contract BodyKeysTest is RegistryFixture {
    bytes32 private constant _REASON = keccak256("reason");
    bytes32 private constant _DIGEST = keccak256("any act of any contract");
    uint256 private constant _NEW = uint256(keccak256("new key"));

    BodyId private _body;

    function setUp() public override {
        super.setUp();
        _body = join("body", BodyRoles.PROVIDER | BodyRoles.CONSUMER);
    }

    function test_addKey_signedByBoth_isAKeyFromThen() public {
        KeyGrant memory grant = KeyGrant(vm.addr(_NEW), BUSINESS);
        bytes memory head = headOfKeyAddition(_body, grant, 0);
        PartySignature memory party = signed(head, "body", BUSINESS);
        PartySignature memory possession = possessionBy(_NEW, _body, head);
        vm.expectEmit(address(participants));
        emit IPartyActs.PartySigned(_body, digestOf(head, party), party.key, party.sm2SignatureDigest);
        vm.expectEmit(address(participants));
        emit IPartyActs.PartySigned(_body, digestOf(head, possession), grant.key, 0);
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.KeyAdded(_body, grant.key, BUSINESS, false);
        participants.addKey(_body, grant, 0, party, possession);
        vm.assertTrue(participants.ownerOfKey(grant.key) == _body);
        vm.assertEq(nonceOf("body"), 1);
        participants.requireSignature(_DIGEST, _signedBy(_NEW), Requirement(BodyRoles.CONSUMER, BUSINESS, false));
    }

    function test_addKey_withPurposesThatTheGiverLacks_isRefused() public {
        KeyGrant memory grant = KeyGrant(vm.addr(_NEW), FINANCE);
        bytes memory head = headOfKeyAddition(_body, grant, 0);
        PartySignature memory possession = possessionBy(_NEW, _body, head);
        _refuseAddition(grant, signed(head, "body", BUSINESS), possession, _notValid(BUSINESS, FINANCE));
        grant.purposes = BUSINESS | METERING;
        head = headOfKeyAddition(_body, grant, 0);
        possession = possessionBy(_NEW, _body, head);
        _refuseAddition(grant, signed(head, "body", BUSINESS), possession, _notValid(BUSINESS, BUSINESS | METERING));
        grant.purposes = FINANCE | BUSINESS;
        bytes4 notAllowed = IParticipantRegistry.ParticipantRegistryPurposesNotAllowed.selector;
        _refuseAddition(
            grant,
            signed(head, "body", BUSINESS),
            possession,
            abi.encodeWithSelector(notAllowed, grant.key, grant.purposes)
        );
    }

    function test_addKey_thatIsOrWasAKey_isRefused() public {
        KeyGrant memory grant = KeyGrant(vm.addr(keyOf("operator", METERING)), BUSINESS);
        bytes memory head = headOfKeyAddition(_body, grant, 0);
        PartySignature memory possession = possessionBy(keyOf("operator", METERING), _body, head);
        bytes4 taken = IParticipantRegistry.ParticipantRegistryKeyTaken.selector;
        _refuseAddition(
            grant,
            signed(head, "body", BUSINESS),
            possession,
            abi.encodeWithSelector(taken, grant.key, idOf("operator"))
        );
        _revoke(METERING, METERING, 0);
        grant.key = vm.addr(keyOf("body", METERING));
        head = headOfKeyAddition(_body, grant, 1);
        PartySignature memory party = signed(head, "body", BUSINESS);
        possession = signed(head, "body", METERING);
        vm.expectRevert(abi.encodeWithSelector(taken, grant.key, _body));
        participants.addKey(_body, grant, 1, party, possession);
    }

    function test_addKey_withoutTheNewKeysOwnSignature_isRefused() public {
        KeyGrant memory grant = KeyGrant(vm.addr(_NEW), BUSINESS);
        bytes memory head = headOfKeyAddition(_body, grant, 0);
        PartySignature memory party = signed(head, "body", BUSINESS);
        bytes4 invalid = IParticipantRegistry.ParticipantRegistryInvalidSignature.selector;
        _refuseAddition(grant, party, party, abi.encodeWithSelector(invalid, _body, grant.key, digestOf(head, party)));
        PartySignature memory foreign = possessionBy(_NEW, idOf("operator"), head);
        bytes4 wrongSigner = IPartyActs.PartyActWrongSigner.selector;
        _refuseAddition(grant, party, foreign, abi.encodeWithSelector(wrongSigner, _body, idOf("operator")));
        grant.key = address(0);
        head = headOfKeyAddition(_body, grant, 0);
        party = signed(head, "body", BUSINESS);
        PartySignature memory nobody = PartySignature(_body, address(0), 0, IN_TIME, new bytes(65));
        _refuseAddition(
            grant,
            party,
            nobody,
            abi.encodeWithSelector(invalid, _body, address(0), digestOf(head, nobody))
        );
    }

    function test_contractAsKey_signsByItsAnswerForEver() public {
        WordWallet wallet = new WordWallet();
        KeyGrant memory grant = KeyGrant(address(wallet), BUSINESS);
        bytes memory head = headOfKeyAddition(_body, grant, 0);
        PartySignature memory word = PartySignature(_body, address(wallet), 0, IN_TIME, "word");
        participants.addKey(_body, grant, 0, signed(head, "body", BUSINESS), word);
        vm.assertTrue(participants.keyOf(_body, address(wallet)).isContract);
        Requirement memory any = Requirement(0, BUSINESS, false);
        participants.requireSignature(_DIGEST, word, any);
        word.signature = "lie";
        bytes memory refused = abi.encodeWithSelector(
            IParticipantRegistry.ParticipantRegistryInvalidSignature.selector,
            _body,
            address(wallet),
            _DIGEST
        );
        vm.expectRevert(refused);
        participants.requireSignature(_DIGEST, word, any);
        vm.etch(address(wallet), "");
        word.signature = "word";
        vm.expectRevert(refused);
        participants.requireSignature(_DIGEST, word, any);
    }

    /// @notice Whatever a contract does that is asked for its signature, nothing happens besides the act itself.
    function test_contractAsKey_cannotDoAnythingWhileItIsAsked() public {
        ReenteringWallet wallet = new ReenteringWallet();
        KeyGrant memory grant = KeyGrant(address(wallet), BUSINESS);
        PartySignature memory word = PartySignature(_body, address(wallet), 0, IN_TIME, "");
        // its turn has come once the act that asks the wallet has taken number 1
        address key = vm.addr(keyOf("body", METERING));
        PartySignature memory other = signed(headOfKeyRevocation(_body, key, _REASON, 2), "body", METERING);
        bytes memory revocation = abi.encodeCall(participants.revokeKey, (_body, key, _REASON, 2, other));
        wallet.prepare(address(participants), revocation);
        bytes memory head = headOfKeyAddition(_body, grant, 0);
        participants.addKey(_body, grant, 0, signed(head, "body", BUSINESS), word);
        key = vm.addr(keyOf("body", BUSINESS));
        participants.revokeKey(_body, key, _REASON, 1, word);
        vm.assertFalse(wallet.hasTried());
        vm.assertEq(nonceOf("body"), 2);
        vm.assertEq(participants.keyOf(_body, key).validUntil, block.number);
        vm.assertEq(participants.keyOf(_body, vm.addr(keyOf("body", METERING))).validUntil, 0);
        (bool success, ) = address(participants).call(revocation);
        vm.assertTrue(success); // now it is done
    }

    function test_revokedKey_signsNoMore() public {
        address key = vm.addr(keyOf("body", BUSINESS));
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.KeyRevoked(_body, key, _REASON);
        _revoke(BUSINESS, BUSINESS, 0);
        PartySignature memory party = _signedBy(keyOf("body", BUSINESS));
        vm.expectRevert(_notValid(BUSINESS, BUSINESS));
        participants.requireSignature(_DIGEST, party, Requirement(0, BUSINESS, true));
        bytes memory head = headOfKeyRevocation(_body, key, _REASON, 1);
        party = signed(head, "body", METERING);
        vm.expectRevert(_notValid(BUSINESS, BUSINESS));
        participants.revokeKey(_body, key, _REASON, 1, party);
    }

    function test_revokeKey_thatIsNoKeyOrOfOtherPurposes_isRefused() public {
        address key = vm.addr(keyOf("operator", BUSINESS));
        PartySignature memory party = signed(headOfKeyRevocation(_body, key, _REASON, 0), "body", BUSINESS);
        bytes4 notValid = IParticipantRegistry.ParticipantRegistryKeyNotValid.selector;
        vm.expectRevert(abi.encodeWithSelector(notValid, _body, key, 0));
        participants.revokeKey(_body, key, _REASON, 0, party);
        key = vm.addr(keyOf("body", FINANCE));
        party = signed(headOfKeyRevocation(_body, key, _REASON, 0), "body", BUSINESS);
        vm.expectRevert(_notValid(BUSINESS, FINANCE));
        participants.revokeKey(_body, key, _REASON, 0, party);
    }

    function test_recoverKey_replacesLostKeys() public {
        KeyGrant memory grant = KeyGrant(vm.addr(_NEW), BUSINESS | METERING);
        address[] memory lost = new address[](2);
        lost[0] = vm.addr(keyOf("body", BUSINESS));
        lost[1] = vm.addr(keyOf("body", METERING));
        participants.suspendReserved(_body, _REASON);
        PartySignature memory possession = possessionBy(_NEW, _body, headOfKeyRecovery(_body, grant, 0));
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.KeyRevoked(_body, lost[0], _REASON);
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.KeyRevoked(_body, lost[1], _REASON);
        vm.expectEmit(address(participants));
        emit IParticipantRegistry.KeyAdded(_body, grant.key, grant.purposes, true);
        participants.recoverKey(_body, lost, grant, _REASON, possession);
        vm.assertEq(participants.keyOf(_body, lost[1]).validUntil, block.number);
        vm.assertEq(participants.keyOf(_body, grant.key).purposes, 3);
        vm.assertEq(nonceOf("body"), 0);
        vm.assertEq(participants.bodyOf(_body).revision, 2);
        vm.assertEq(participants.bodyOf(_body).recoveries, 1);
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryKeyTaken.selector, grant.key, _body)
        );
        participants.recoverKey(_body, lost, grant, _REASON, possession);
    }

    function test_recoverKey_whatDoesNotFit_isRefused() public {
        KeyGrant memory grant = KeyGrant(vm.addr(_NEW), BUSINESS);
        address[] memory foreign = new address[](1);
        foreign[0] = vm.addr(keyOf("operator", BUSINESS));
        PartySignature memory possession = possessionBy(_NEW, _body, headOfKeyRecovery(_body, grant, 0));
        participants.suspendReserved(_body, _REASON);
        bytes4 notValid = IParticipantRegistry.ParticipantRegistryKeyNotValid.selector;
        vm.expectRevert(abi.encodeWithSelector(notValid, _body, foreign[0], 0));
        participants.recoverKey(_body, foreign, grant, _REASON, possession);
        bytes32 digest = digestOf(headOfKeyRecovery(_body, grant, 0), possession);
        bytes4 invalid = IParticipantRegistry.ParticipantRegistryInvalidSignature.selector;
        bytes[2] memory heads = [headOfKeyRecovery(_body, grant, 7), headOfKeyAddition(_body, grant, 0)];
        for (uint256 i = 0; i < heads.length; ++i) {
            possession = possessionBy(_NEW, _body, heads[i]);
            vm.expectRevert(abi.encodeWithSelector(invalid, _body, grant.key, digest));
            participants.recoverKey(_body, new address[](0), grant, _REASON, possession);
        }
        possession.signer = idOf("nobody");
        vm.expectRevert(
            abi.encodeWithSelector(IParticipantRegistry.ParticipantRegistryUnknownBody.selector, possession.signer)
        );
        participants.recoverKey(possession.signer, new address[](0), grant, _REASON, possession);
        grant.purposes = 0;
        bytes4 notAllowed = IParticipantRegistry.ParticipantRegistryPurposesNotAllowed.selector;
        vm.expectRevert(abi.encodeWithSelector(notAllowed, grant.key, 0));
        participants.recoverKey(_body, new address[](0), grant, _REASON, possession);
    }

    function test_requireSignature_asksForAnyOfTheRolesAndThePurpose() public {
        PartySignature memory party = _signedBy(keyOf("body", METERING));
        participants.requireSignature(
            _DIGEST,
            party,
            Requirement(BodyRoles.CONSUMER | BodyRoles.BANK, METERING, false)
        );
        participants.requireSignature(_DIGEST, party, Requirement(0, METERING, false));
        vm.expectRevert(_notValid(METERING, BUSINESS));
        participants.requireSignature(_DIGEST, party, Requirement(0, BUSINESS, false));
        bytes4 missing = IParticipantRegistry.ParticipantRegistryMissingRole.selector;
        vm.expectRevert(
            abi.encodeWithSelector(missing, _body, BodyRoles.PROVIDER | BodyRoles.CONSUMER, BodyRoles.BANK)
        );
        participants.requireSignature(_DIGEST, party, Requirement(BodyRoles.BANK, METERING, false));
        party.signer = idOf("nobody");
        bytes4 unknown = IParticipantRegistry.ParticipantRegistryUnknownBody.selector;
        vm.expectRevert(abi.encodeWithSelector(unknown, party.signer));
        participants.requireSignature(_DIGEST, party, Requirement(0, METERING, false));
        party.signer = idOf("operator"); // a key signs for its own body only
        bytes4 notValid = IParticipantRegistry.ParticipantRegistryKeyNotValid.selector;
        vm.expectRevert(abi.encodeWithSelector(notValid, party.signer, party.key, METERING));
        participants.requireSignature(_DIGEST, party, Requirement(0, METERING, false));
    }

    function test_requireSignature_asksForNoPurpose_stillWantsAKeyOfTheBody() public {
        PartySignature memory party = _signedBy(_NEW);
        bytes4 notValid = IParticipantRegistry.ParticipantRegistryKeyNotValid.selector;
        vm.expectRevert(abi.encodeWithSelector(notValid, _body, party.key, 0));
        participants.requireSignature(_DIGEST, party, Requirement(0, 0, false));
    }

    function test_signingStateAt_answersForEveryBlockThatIsOver() public {
        address key = vm.addr(keyOf("body", BUSINESS));
        vm.roll(1010);
        participants.suspendReserved(_body, _REASON);
        participants.reinstateReserved(_body, _REASON); // same block: the last one counts
        participants.suspendReserved(_body, _REASON);
        vm.roll(1020);
        _revoke(BUSINESS, BUSINESS, 0);
        vm.roll(1021);
        _requireState(key, 999, 0, IParticipantRegistry.BodyStatus.UNKNOWN);
        _requireState(key, 1000, BUSINESS, IParticipantRegistry.BodyStatus.ACTIVE);
        _requireState(key, 1009, BUSINESS, IParticipantRegistry.BodyStatus.ACTIVE);
        _requireState(key, 1010, BUSINESS, IParticipantRegistry.BodyStatus.SUSPENDED);
        _requireState(key, 1019, BUSINESS, IParticipantRegistry.BodyStatus.SUSPENDED);
        _requireState(key, 1020, 0, IParticipantRegistry.BodyStatus.SUSPENDED);
        _requireState(vm.addr(_NEW), 1020, 0, IParticipantRegistry.BodyStatus.SUSPENDED);
        bytes4 future = IParticipantRegistry.ParticipantRegistryFutureBlock.selector;
        vm.expectRevert(abi.encodeWithSelector(future, 1021));
        participants.signingStateAt(_body, key, 1021);
    }

    function test_signingStateAt_afterDeparture_isNothing() public {
        bytes memory head = headOfStanding("Departure", _body, _REASON, 0);
        vm.roll(1010);
        PartySignature memory operator = signed(head, "operator", BUSINESS);
        participants.depart(_body, _REASON, 0, signed(head, "body", BUSINESS), operator);
        vm.roll(1011);
        address key = vm.addr(keyOf("body", METERING));
        _requireState(key, 1009, METERING, IParticipantRegistry.BodyStatus.ACTIVE);
        _requireState(key, 1010, 0, IParticipantRegistry.BodyStatus.LEFT);
    }

    /// @dev The search against a plain walk through what was done.
    function testFuzz_signingStateAt_isWhatWasThen(uint256 random, uint8 changes, uint16 asked) public {
        uint256 count = changes % 24;
        uint256[] memory blocks = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            vm.roll(block.number + ((random >> (i * 4)) & 3));
            blocks[i] = block.number;
            participants.renewReservedQualification(_body, _REASON, uint64(QUALIFIED_UNTIL + i + 1));
        }
        uint256 then_ = 995 + (asked % (block.number - 990));
        vm.roll(block.number + 10);
        uint64 expected = then_ < 1000 ? 0 : QUALIFIED_UNTIL;
        for (uint256 i = 0; i < count && blocks[i] <= then_; ++i) {
            expected = uint64(QUALIFIED_UNTIL + i + 1);
        }
        (, IParticipantRegistry.Body memory body) = participants.signingStateAt(_body, address(0), then_);
        vm.assertEq(body.qualifiedUntil, expected);
    }

    function _requireState(
        address key,
        uint256 blockNumber,
        uint8 purposes,
        IParticipantRegistry.BodyStatus status
    ) private view {
        (uint8 found, IParticipantRegistry.Body memory body) = participants.signingStateAt(_body, key, blockNumber);
        vm.assertEq(found, purposes);
        vm.assertTrue(body.status == status);
    }

    /// @dev Revokes the body's key for one purpose by its key for another.
    function _revoke(uint8 purpose, uint8 by, uint256 nonce) private {
        address key = vm.addr(keyOf("body", purpose));
        bytes memory head = headOfKeyRevocation(_body, key, _REASON, nonce);
        participants.revokeKey(_body, key, _REASON, nonce, signed(head, "body", by));
    }

    function _refuseAddition(
        KeyGrant memory grant,
        PartySignature memory party,
        PartySignature memory possession,
        bytes memory error_
    ) private {
        vm.expectRevert(error_);
        participants.addKey(_body, grant, 0, party, possession);
    }

    function _signedBy(uint256 key) private view returns (PartySignature memory) {
        return PartySignature(_body, vm.addr(key), 0, IN_TIME, signatureOf(key, _DIGEST));
    }

    function _notValid(uint8 purposeOfKey, uint8 purpose) private view returns (bytes memory) {
        address key = vm.addr(keyOf("body", purposeOfKey));
        bytes4 notValid = IParticipantRegistry.ParticipantRegistryKeyNotValid.selector;
        return abi.encodeWithSelector(notValid, _body, key, purpose);
    }
}
