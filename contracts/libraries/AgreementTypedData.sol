// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {StreamId, AgreementId, ConnectorId, LineId, StatementId} from "../types/Ids.sol";
import {BookingTerms, ComponentProof, ComponentTerms, LineKey, Recipient} from "../types/Terms.sol";

/// @title The hashes by which contracts recognise what the parties of an agreement signed
/// @notice An agreement stores hashes, not terms: whoever books, disputes or pays presents the terms again, and they
/// count only when they hash to what was signed.
library AgreementTypedData {
    /// @notice EIP-712 type hash of a recipient.
    bytes32 internal constant RECIPIENT_TYPE_HASH = keccak256(
        "Recipient(bytes32 recipient,uint8 part,uint32 share,uint32 minShare,uint32 maxShare)"
    );
    /// @notice EIP-712 type hash of a component's terms.
    bytes32 internal constant COMPONENT_TERMS_TYPE_HASH = keccak256(
        "ComponentTerms(uint8 component,uint8 bases,bytes3 currency,uint64 maxUnitPrice,uint64 fixedAmount,"
        "uint32 firstPeriod,uint32 lastPeriod,Recipient[] recipients)"
        "Recipient(bytes32 recipient,uint8 part,uint32 share,uint32 minShare,uint32 maxShare)"
    );
    bytes32 private constant _STREAM_DOMAIN = keccak256("cityledger/v1/stream");
    bytes32 private constant _STATEMENT_DOMAIN = keccak256("cityledger/v1/statement");
    bytes32 private constant _LINE_DOMAIN = keccak256("cityledger/v1/line");

    /// @notice The presented terms are not among those that the agreement's parties signed.
    /// @param expected Hash that is on record.
    /// @param actual Hash of what was presented.
    error AgreementTermsMismatch(bytes32 expected, bytes32 actual);

    /// @notice EIP-712 hash of an array of recipients.
    /// @dev A recipient is five words of call data, exactly as EIP-712 encodes it: hashing them in place is a tenth of
    /// the gas of encoding each anew. The words are not checked for stray bits here; whoever signed them signed the
    /// bits too, and whoever reads a field has the compiler's check. Tested against the plain form.
    /// @param recipients The recipients.
    /// @return hash The hash: keccak256 over the concatenated struct hashes.
    function hashRecipients(Recipient[] calldata recipients) internal pure returns (bytes32 hash) {
        bytes32 typeHash = RECIPIENT_TYPE_HASH;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let hashes := mload(0x40)
            let end := add(hashes, mul(recipients.length, 0x20))
            // The struct being hashed stands behind the hashes; free memory ends nowhere, so nothing is reserved.
            mstore(end, typeHash)
            let source := recipients.offset
            for {
                let target := hashes
            } lt(target, end) {
                target := add(target, 0x20)
                source := add(source, 0xa0)
            } {
                calldatacopy(add(end, 0x20), source, 0xa0)
                mstore(target, keccak256(end, 0xc0))
            }
            hash := keccak256(hashes, sub(end, hashes))
        }
    }

    /// @notice EIP-712 struct hash of one component's terms.
    /// @param terms The terms.
    /// @return The struct hash.
    function hashComponentTerms(ComponentTerms calldata terms) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    COMPONENT_TERMS_TYPE_HASH,
                    terms.component,
                    terms.bases,
                    terms.currency,
                    terms.maxUnitPrice,
                    terms.fixedAmount,
                    terms.firstPeriod,
                    terms.lastPeriod,
                    hashRecipients(terms.recipients)
                )
            );
    }

    /// @notice Reverts unless the presented component is one of the agreement's.
    /// @dev An EIP-712 array of structs hashes to keccak256 over the struct hashes, so their list proves each of them.
    /// @param componentsHash Hash of the array that the parties signed.
    /// @param proof The terms, and the struct hashes of all components.
    function requireComponent(bytes32 componentsHash, ComponentProof calldata proof) internal pure {
        bytes32 all = keccak256(abi.encodePacked(proof.componentHashes));
        if (all != componentsHash) {
            revert AgreementTermsMismatch(componentsHash, all);
        }
        bytes32 one = hashComponentTerms(proof.terms);
        if (proof.place >= proof.componentHashes.length || proof.componentHashes[proof.place] != one) {
            revert AgreementTermsMismatch(componentsHash, one);
        }
    }

    /// @notice Hash of what bookings are held against.
    /// @param terms The terms.
    /// @return The hash that the agreement stores.
    function hashBookingTerms(BookingTerms memory terms) internal pure returns (bytes32) {
        return keccak256(abi.encode(terms));
    }

    /// @notice The same hash of terms that are shown in call data, without a copy in memory.
    /// @param terms The terms.
    /// @return Their hash.
    function hashShownTerms(BookingTerms calldata terms) internal pure returns (bytes32) {
        return keccak256(abi.encode(terms));
    }

    /// @notice Id of a line.
    /// @param key What names it.
    /// @return The id.
    function lineIdOf(LineKey calldata key) internal pure returns (LineId) {
        return LineId.wrap(keccak256(abi.encode(_LINE_DOMAIN, key)));
    }

    /// @notice Id of a stream.
    /// @param agreementId The agreement.
    /// @param connectorId The connector that delivers.
    /// @return The id.
    function streamIdOf(AgreementId agreementId, ConnectorId connectorId) internal pure returns (StreamId) {
        return StreamId.wrap(keccak256(abi.encode(_STREAM_DOMAIN, agreementId, connectorId)));
    }

    /// @notice Id of a usage statement: keccak256(abi.encode(domain, stream, index)).
    /// @dev Every booking asks for one a statement. Writing the words where free memory begins, without reserving it,
    /// puts a line of ten recipients over four statements under its bar. Tested against the plain form.
    /// @param streamId The stream.
    /// @param index Place of the statement in its stream, from 0.
    /// @return id The id.
    function statementIdOf(StreamId streamId, uint64 index) internal pure returns (StatementId id) {
        bytes32 domain = _STATEMENT_DOMAIN;
        // solhint-disable-next-line no-inline-assembly
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, domain)
            mstore(add(words, 0x20), streamId)
            mstore(add(words, 0x40), and(index, 0xffffffffffffffff))
            id := keccak256(words, 0x60)
        }
    }
}
