// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../contracts/interfaces/IParticipantRegistry.sol";
import {IPartyActs} from "../../contracts/interfaces/IPartyActs.sol";
import {PartyActsHarness} from "../../contracts/mocks/PartyActsHarness.sol";
import {BodyRoles} from "../../contracts/types/BodyRoles.sol";
import {BodyId} from "../../contracts/types/Ids.sol";
import {PartySignature} from "../../contracts/types/Parties.sol";
import {PartiesFixture} from "./helpers/Parties.sol";
import {deployed} from "./helpers/Deployed.sol";

/// @notice A wallet that agrees to one digest, signed by a word.
contract Wallet {
    bytes32 public agreed;

    function agree(bytes32 digest) external {
        agreed = digest;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        return
            digest == agreed && keccak256(signature) == keccak256("word") ? this.isValidSignature.selector : bytes4(0);
    }
}

/// @title What every signed act has in common
contract PartyActsTest is PartiesFixture {
    string private constant _DOMAIN = "CityLedger Harness";
    bytes32 private constant _NOTE = keccak256(
        "Note(bytes32 content,bytes32 signer,bytes32 sm2SignatureDigest,uint256 deadline)"
    );

    PartyActsHarness private _harness;

    function setUp() public override {
        super.setUp();
        _harness = PartyActsHarness(deployed("PartyActsHarness", abi.encode(registry())));
        admit("auditor", BodyRoles.AUDITOR);
    }

    function test_act_signedByTheRightKey_isAcceptedAndTold() public {
        PartySignature memory party = _signed("content");
        bytes32 digest = actDigest(_DOMAIN, address(_harness), _head("content"), party);
        vm.expectEmit(address(_harness));
        emit IPartyActs.PartySigned(party.signer, digest, party.key, party.sm2SignatureDigest);
        _harness.note("content", party, BodyRoles.AUDITOR | BodyRoles.BANK, BUSINESS);
        vm.assertEq(_harness.participants(), address(stub));
    }

    function test_act_otherContentSm2DigestOrContract_isRefused() public {
        PartySignature memory party = _signed("content");
        _expectInvalid("other", party);
        _harness.note("other", party, 0, BUSINESS);
        party.sm2SignatureDigest = keccak256("another SM2 signature");
        _expectInvalid("content", party);
        _harness.note("content", party, 0, BUSINESS);
        party = sign("CityLedger Other", address(_harness), _head("content"), "auditor", BUSINESS);
        _expectInvalid("content", party);
        _harness.note("content", party, 0, BUSINESS);
    }

    function test_act_onAnotherChain_isRefused() public {
        PartySignature memory party = _signed("content");
        bytes32 separator = _harness.domainSeparator();
        vm.chainId(99);
        vm.assertTrue(separator != _harness.domainSeparator());
        _expectInvalid("content", party);
        _harness.note("content", party, 0, BUSINESS);
    }

    function test_act_afterItsDeadline_isRefused() public {
        PartySignature memory party = _signed("content");
        vm.warp(IN_TIME);
        _harness.note("content", party, 0, BUSINESS);
        vm.warp(IN_TIME + 1);
        vm.expectRevert(abi.encodeWithSelector(IPartyActs.PartyActExpired.selector, IN_TIME, IN_TIME + 1));
        _harness.note("content", party, 0, BUSINESS);
    }

    function test_actOfOneBody_signedByAnother_isRefused() public {
        PartySignature memory party = _signed("content");
        BodyId other = idOf("other");
        vm.expectRevert(abi.encodeWithSelector(IPartyActs.PartyActWrongSigner.selector, other, party.signer));
        _harness.noteOf(other, "content", party, BUSINESS);
        suspend("auditor");
        _harness.noteOf(party.signer, "content", party, BUSINESS);
    }

    function test_act_ofAContractKey_isAcceptedByItsAnswer() public {
        Wallet wallet = new Wallet();
        BodyId bodyId = idOf("auditor");
        stub.setKey(bodyId, address(wallet), BUSINESS);
        PartySignature memory party = PartySignature(bodyId, address(wallet), 0, IN_TIME, "word");
        _expectInvalid("content", party);
        _harness.note("content", party, 0, BUSINESS);
        wallet.agree(actDigest(_DOMAIN, address(_harness), _head("content"), party));
        _harness.note("content", party, 0, BUSINESS);
    }

    function test_act_ofAKeyThatBecameAContract_staysWithTheKey() public {
        PartySignature memory party = _signed("content");
        Wallet wallet = new Wallet();
        vm.etch(party.key, address(wallet).code);
        _harness.note("content", party, 0, BUSINESS);
    }

    function _expectInvalid(bytes32 content, PartySignature memory party) private {
        bytes32 digest = actDigest(_DOMAIN, address(_harness), _head(content), party);
        vm.expectRevert(
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryInvalidSignature.selector,
                party.signer,
                party.key,
                digest
            )
        );
    }

    function _signed(bytes32 content) private view returns (PartySignature memory) {
        return sign(_DOMAIN, address(_harness), _head(content), "auditor", BUSINESS);
    }

    function _head(bytes32 content) private pure returns (bytes memory) {
        return abi.encode(_NOTE, content);
    }
}
