// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {IParticipantRegistry} from "../../../contracts/interfaces/IParticipantRegistry.sol";
import {IPartyActs} from "../../../contracts/interfaces/IPartyActs.sol";
import {BodyRoles} from "../../../contracts/types/BodyRoles.sol";
import {BodyId} from "../../../contracts/types/Ids.sol";
import {PartySignature} from "../../../contracts/types/Parties.sol";
import {TradeFixture} from "../helpers/Trade.sol";

/// @title What every signed act refuses, one row a signature
/// @notice A row is one signature of one function. `prepare` makes objects of its own for it, up to the state in which
/// the act is due; `callOf` builds the call with the given signature in the row's place and right ones in the others.
abstract contract TradeActsBehaviour is TradeFixture {
    /// @param name What a failed assertion is called.
    /// @param signer Name of the body that signs.
    /// @param isNamed Whether no other body may.
    /// @param roles Roles that it takes, zero for none.
    /// @param isDefence Whether a suspended or unqualified body may.
    /// @param head What is signed, without the tail.
    struct Row {
        string name;
        string signer;
        bool isNamed;
        uint32 roles;
        bool isDefence;
        bytes head;
    }

    uint256 private constant _OTHER_CHAIN = 99;

    function test_rows_signedRightly_areAccepted() public {
        for (uint256 i = 0; i < rows(); ++i) {
            Row memory row = prepare(i);
            _accept(i, row, _signed(row));
        }
    }

    function test_rows_signedByAnotherKeyOrOverOtherContent_areRefused() public {
        for (uint256 i = 0; i < rows(); ++i) {
            Row memory row = prepare(i);
            PartySignature memory signed = _signed(row);
            bytes memory right = signed.signature;
            signed.signature = signatureOf(keyOf("thief", BUSINESS), _digest(row, signed));
            _refuse(i, row, signed, _invalid(row, signed));
            signed.signature = right;
            --signed.deadline;
            _refuse(i, row, signed, _invalid(row, signed));
            signed.signature = "";
            _refuse(i, row, signed, _invalid(row, signed));
        }
    }

    function test_rows_signedByAKeyForOtherPurposes_areRefused() public {
        for (uint256 i = 0; i < rows(); ++i) {
            Row memory row = prepare(i);
            PartySignature memory signed = sign(domain(), target(), row.head, who(row.signer), METERING);
            _refuse(
                i,
                row,
                signed,
                abi.encodeWithSelector(
                    IParticipantRegistry.ParticipantRegistryKeyNotValid.selector,
                    signed.signer,
                    signed.key,
                    BUSINESS
                )
            );
        }
    }

    function test_rows_signedByABodyWithoutTheRole_areRefused() public {
        for (uint256 i = 0; i < rows(); ++i) {
            Row memory row = prepare(i);
            if (row.roles == 0) {
                continue;
            }
            BodyId body = party(row.signer);
            uint32 right = stub.bodyOf(body).roles;
            stub.setBody(body, IParticipantRegistry.BodyStatus.ACTIVE, BodyRoles.BANK);
            bytes4 error_ = IParticipantRegistry.ParticipantRegistryMissingRole.selector;
            _refuse(i, row, _signed(row), abi.encodeWithSelector(error_, body, BodyRoles.BANK, row.roles));
            stub.setBody(body, IParticipantRegistry.BodyStatus.ACTIVE, right);
        }
    }

    function test_rows_signedByAnotherBody_areRefused() public {
        for (uint256 i = 0; i < rows(); ++i) {
            Row memory row = prepare(i);
            if (!row.isNamed) {
                continue;
            }
            PartySignature memory signed = sign(domain(), target(), row.head, who("both"), BUSINESS);
            _refuse(i, row, signed, errorForAnother(i, row, signed.signer));
        }
    }

    function test_rows_afterTheDeadline_areRefused() public {
        for (uint256 i = 0; i < rows(); ++i) {
            Row memory row = prepare(i);
            uint256 deadline = block.timestamp - 1;
            PartySignature memory signed = signUntil(domain(), target(), row.head, who(row.signer), BUSINESS, deadline);
            bytes4 error_ = IPartyActs.PartyActExpired.selector;
            _refuse(i, row, signed, abi.encodeWithSelector(error_, deadline, block.timestamp));
            signed = signUntil(domain(), target(), row.head, who(row.signer), BUSINESS, block.timestamp);
            _accept(i, row, signed);
        }
    }

    function test_rows_signedForAnotherChain_areRefused() public {
        uint256 chain = block.chainid;
        for (uint256 i = 0; i < rows(); ++i) {
            Row memory row = prepare(i);
            vm.chainId(_OTHER_CHAIN);
            PartySignature memory signed = _signed(row);
            vm.chainId(chain);
            _refuse(i, row, signed, _invalid(row, signed));
        }
    }

    function test_rows_ofASuspendedOrUnqualifiedBody_areDefenceOnly() public {
        for (uint256 i = 0; i < rows(); ++i) {
            Row memory row = prepare(i);
            PartySignature memory signed = _signed(row);
            uint32 roles = stub.bodyOf(signed.signer).roles;
            uint64 past = uint64(block.timestamp - 1);
            suspend(who(row.signer));
            if (row.isDefence) {
                stub.setQualifiedUntil(signed.signer, past);
                _accept(i, row, signed);
            } else {
                bytes4 error_ = IParticipantRegistry.ParticipantRegistryWrongStatus.selector;
                IParticipantRegistry.BodyStatus suspended = IParticipantRegistry.BodyStatus.SUSPENDED;
                _refuse(i, row, signed, abi.encodeWithSelector(error_, signed.signer, suspended));
                stub.setBody(signed.signer, IParticipantRegistry.BodyStatus.ACTIVE, roles);
                stub.setQualifiedUntil(signed.signer, past);
                error_ = IParticipantRegistry.ParticipantRegistryNotQualified.selector;
                _refuse(i, row, signed, abi.encodeWithSelector(error_, signed.signer, past));
            }
            stub.setBody(signed.signer, IParticipantRegistry.BodyStatus.ACTIVE, roles);
        }
    }

    function test_rows_aSecondTime_areRefused() public {
        for (uint256 i = 0; i < rows(); ++i) {
            Row memory row = prepare(i);
            PartySignature memory signed = _signed(row);
            _accept(i, row, signed);
            _refuse(i, row, signed, errorOfReplay(i));
        }
    }

    /// @notice Number of rows.
    function rows() internal pure virtual returns (uint256);

    /// @notice The contract under test.
    function target() internal view virtual returns (address);

    /// @notice Name of its domain.
    function domain() internal pure virtual returns (string memory);

    /// @notice Makes what the row's act needs.
    function prepare(uint256 row) internal virtual returns (Row memory);

    /// @notice The row's call with this signature in its place.
    function callOf(uint256 row, PartySignature memory signed) internal view virtual returns (bytes memory);

    /// @notice What the same call answers a second time.
    function errorOfReplay(uint256 row) internal view virtual returns (bytes memory);

    /// @notice What is answered when another body signs.
    function errorForAnother(uint256, Row memory row, BodyId signer) internal view virtual returns (bytes memory) {
        return abi.encodeWithSelector(IPartyActs.PartyActWrongSigner.selector, party(row.signer), signer);
    }

    function _accept(uint256 i, Row memory row, PartySignature memory signed) private {
        (bool success, bytes memory answer) = target().call(callOf(i, signed));
        vm.assertTrue(success, string.concat(row.name, " was refused: ", string(answer)));
    }

    function _refuse(uint256 i, Row memory row, PartySignature memory signed, bytes memory expected) private {
        (bool success, bytes memory answer) = target().call(callOf(i, signed));
        vm.assertFalse(success);
        vm.assertTrue(keccak256(answer) == keccak256(expected), string.concat(row.name, ": another error"));
    }

    function _signed(Row memory row) private view returns (PartySignature memory) {
        return sign(domain(), target(), row.head, who(row.signer), BUSINESS);
    }

    function _digest(Row memory row, PartySignature memory signed) private view returns (bytes32) {
        return actDigest(domain(), target(), row.head, signed);
    }

    function _invalid(Row memory row, PartySignature memory signed) private view returns (bytes memory) {
        return
            abi.encodeWithSelector(
                IParticipantRegistry.ParticipantRegistryInvalidSignature.selector,
                signed.signer,
                signed.key,
                _digest(row, signed)
            );
    }
}
