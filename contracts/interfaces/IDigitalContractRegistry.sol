// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {AgreementId, BodyId, OrderId, ProductId, RuleVersion} from "../types/Ids.sol";
import {PartySignature} from "../types/Parties.sol";
import {BookingTerms, ComponentTerms, PayBasis} from "../types/Terms.sol";
import {IPartyActs} from "./IPartyActs.sol";

/// @title Digital contract registry: agreements as their parties signed them
/// @notice An agreement is concluded in one act by the signatures of all its parties over the same content; nobody else
/// can make, change or end one. Content stays off chain: here are digests, and the hashes against which every later
/// booking is held. Domain name: "CityLedger DigitalContractRegistry".
interface IDigitalContractRegistry is IPartyActs {
    /// @notice Life of an agreement. UNKNOWN -> CONCLUDED -> FILED; CONCLUDED, FILED -> TERMINATED. Numbers never
    /// change. Before `validFrom` and after `validUntil` it stands where it stands, but nothing is delivered under it.
    enum AgreementStatus {
        UNKNOWN,
        CONCLUDED,
        FILED,
        TERMINATED
    }

    /// @notice What the parties sign. EIP-712 `Agreement(bytes32 agreementId,bytes32 orderId,bytes32 productId,
    /// uint32 productVersion,bytes32[] parties,bytes32 contractDigest,bytes32 ruleVersion,bytes32 priceRuleDigest,
    /// bool silenceAccepts,uint32 answerSeconds,uint8 payBasis,uint64 validFrom,uint64 validUntil,bytes32 replaces,
    /// ComponentTerms[] components,` and the tail `)ComponentTerms(...)Recipient(...)`, see `types/Terms.sol`.
    /// @param agreementId Salted id.
    /// @param orderId Order it was made from; zero for a framework agreement, under which orders are called off.
    /// @param productId The product.
    /// @param productVersion Its version.
    /// @param parties Provider, consumer, then all other parties strictly ascending; at most 16.
    /// @param contractDigest Salted digest of the whole contract.
    /// @param ruleVersion The settlement rule.
    /// @param priceRuleDigest The price rule.
    /// @param silenceAccepts Whether an unanswered usage statement counts as accepted.
    /// @param answerSeconds Time to answer a usage statement.
    /// @param payBasis When money counts as distributable.
    /// @param validFrom First second, Unix time.
    /// @param validUntil Last second, Unix time.
    /// @param replaces Agreement of the same provider and consumer that ends with this one; zero for none.
    /// @param componentsHash EIP-712 hash of the array `components`; its terms are shown when something is booked.
    struct Agreement {
        AgreementId agreementId;
        OrderId orderId;
        ProductId productId;
        uint32 productVersion;
        BodyId[] parties;
        bytes32 contractDigest;
        RuleVersion ruleVersion;
        bytes32 priceRuleDigest;
        bool silenceAccepts;
        uint32 answerSeconds;
        PayBasis payBasis;
        uint64 validFrom;
        uint64 validUntil;
        AgreementId replaces;
        bytes32 componentsHash;
    }

    /// @notice An agreement on record.
    /// @param status Where it stands.
    /// @param provider The provider.
    /// @param consumer The consumer.
    /// @param productId The product.
    /// @param productVersion Its version.
    /// @param orderId Its order, or zero.
    /// @param contractDigest Digest of the contract.
    /// @param bookingTermsHash Hash of its {BookingTerms}.
    /// @param filingDigest Digest of its filing, or zero.
    /// @param validFrom First second, Unix time.
    /// @param validUntil Last second, Unix time; a termination brings it nearer, nothing moves it away.
    struct AgreementRecord {
        AgreementStatus status;
        BodyId provider;
        BodyId consumer;
        ProductId productId;
        uint32 productVersion;
        OrderId orderId;
        bytes32 contractDigest;
        bytes32 bookingTermsHash;
        bytes32 filingDigest;
        uint64 validFrom;
        uint64 validUntil;
    }

    /// @notice What deliveries ask for. Three storage slots.
    /// @param provider The provider.
    /// @param consumer The consumer.
    /// @param validFrom First second, Unix time.
    /// @param validUntil Last second, Unix time.
    /// @param answerSeconds Time to answer a usage statement.
    /// @param silenceAccepts Whether an unanswered usage statement counts as accepted.
    struct DeliveryTerms {
        BodyId provider;
        BodyId consumer;
        uint64 validFrom;
        uint64 validUntil;
        uint32 answerSeconds;
        bool silenceAccepts;
    }

    /// @notice An agreement was concluded.
    /// @param agreementId The agreement.
    /// @param provider The provider.
    /// @param consumer The consumer.
    /// @param agreement What was signed.
    /// @param bookingTerms What bookings are held against.
    event AgreementConcluded(
        AgreementId indexed agreementId,
        BodyId indexed provider,
        BodyId indexed consumer,
        Agreement agreement,
        BookingTerms bookingTerms
    );
    /// @notice An agreement was filed.
    /// @param agreementId The agreement.
    /// @param by The platform that filed it.
    /// @param filingDigest Digest of the filing.
    event AgreementFiled(AgreementId indexed agreementId, BodyId indexed by, bytes32 filingDigest);
    /// @notice An agreement ends.
    /// @param agreementId The agreement.
    /// @param effectiveAt Last second of delivery under it, Unix time.
    /// @param reasonDigest Digest of the reason or of the ruling.
    event AgreementTerminated(AgreementId indexed agreementId, uint64 effectiveAt, bytes32 reasonDigest);

    /// @notice There is no contract at an address that the constructor was given.
    /// @param account The address.
    error DigitalContractRegistryNoCode(address account);
    /// @notice No such agreement.
    /// @param agreementId The agreement.
    error DigitalContractRegistryUnknownAgreement(AgreementId agreementId);
    /// @notice The agreement's state does not allow this.
    /// @param agreementId The agreement.
    /// @param status Where it stands.
    error DigitalContractRegistryWrongStatus(AgreementId agreementId, AgreementStatus status);
    /// @notice An id or a digest that must be there is zero.
    error DigitalContractRegistryZeroDigest();
    /// @notice Parties are 2 to 16, all different, the third and later ones strictly ascending, with one signature each
    /// in the same order.
    /// @param parties Number of parties.
    /// @param signatures Number of signatures.
    error DigitalContractRegistryWrongParties(uint256 parties, uint256 signatures);
    /// @notice The validity ends before it begins, or in the past, or a termination would move its end away.
    /// @param validFrom First second.
    /// @param validUntil Last second.
    error DigitalContractRegistryWrongValidity(uint64 validFrom, uint64 validUntil);
    /// @notice Less time to answer than the consortium allows.
    /// @param answerSeconds The time.
    /// @param minimum The least time.
    error DigitalContractRegistryAnswerTimeTooShort(uint32 answerSeconds, uint32 minimum);
    /// @notice The rule is not approved, or is retired.
    /// @param ruleVersion The rule.
    error DigitalContractRegistryRuleNotApproved(RuleVersion ruleVersion);
    /// @notice A product with public data is sold by its own price rule only.
    /// @param expected The product's price rule.
    /// @param priceRuleDigest The agreement's.
    error DigitalContractRegistryWrongPriceRule(bytes32 expected, bytes32 priceRuleDigest);
    /// @notice The product is another body's, or the agreement that is replaced has other parties.
    /// @param expected The body that must be it.
    /// @param actual The body that is named.
    error DigitalContractRegistryWrongParty(BodyId expected, BodyId actual);
    /// @notice The signature to end it is neither both parties' nor an arbitrator's or regulator's.
    /// @param signatures Number of signatures.
    error DigitalContractRegistryTerminationSignatures(uint256 signatures);
    /// @notice The end was signed with another number than is its signers' turn.
    /// @param expected Number of times that they ended the agreement.
    /// @param nonce The number that was signed.
    error DigitalContractRegistryWrongNonce(uint256 expected, uint256 nonce);

    /// @notice A component pays a body that has left, which signs no account any more.
    /// @param recipient The body.
    error DigitalContractRegistryRecipientLeft(BodyId recipient);

    /// @notice Concludes an agreement. Signed by all parties, purpose BUSINESS; the first has the role PROVIDER or
    /// DEVELOPER or DATA_HOLDER and provides the product, the second the role CONSUMER.
    /// @dev Requires a tradable product (`IProductRegistry.requireTradable`), an approved rule, and recipients that may
    /// be paid (`ISettlementRules.requireRecipient`) and have not left: somebody yet to come would hold up the weights
    /// of its component, and would be whoever is admitted under its id. Each component is there once per currency, and
    /// a line can be split by it: 1 to 250 recipients in order, whose shares of each part can be the whole
    /// (`ComponentChecks`). Emits {AgreementConcluded}, and {AgreementTerminated} for the one that it replaces.
    /// @param agreement What they signed.
    /// @param components The components whose hash they signed, all of them and in its order.
    /// @param parties `Agreement`, signed by each party in the order of `agreement.parties`.
    function conclude(
        Agreement calldata agreement,
        ComponentTerms[] calldata components,
        PartySignature[] calldata parties
    ) external;

    /// @notice Records that an agreement is filed. A platform, purpose BUSINESS.
    /// @dev `AgreementFiling(bytes32 agreementId,bytes32 contractDigest,bytes32 filingDigest,` tail.
    /// Emits {AgreementFiled}.
    /// @param agreementId The agreement.
    /// @param filingDigest Digest of the filing, not zero.
    /// @param platform The platform's signature.
    function file(AgreementId agreementId, bytes32 filingDigest, PartySignature calldata platform) external;

    /// @notice Ends an agreement: provider and consumer together, or an arbitrator or regulator alone. What was used
    /// before is settled all the same.
    /// @dev `Termination(bytes32 agreementId,uint64 effectiveAt,bytes32 reasonDigest,uint256 nonce,` tail. Emits
    /// {AgreementTerminated}. Each end that its signers agree on outdates what they signed before, so that no draft
    /// comes back; nobody outdates what another one signed.
    /// @param agreementId The agreement.
    /// @param effectiveAt Last second of delivery, Unix time; not after `validUntil`; taken as now when it is in the
    /// past.
    /// @param reasonDigest Digest of the reason or of the ruling.
    /// @param nonce Number of times that these signers have ended the agreement, see {terminationCount}.
    /// @param signers Provider and consumer, or one arbitrator or regulator.
    function terminate(
        AgreementId agreementId,
        uint64 effectiveAt,
        bytes32 reasonDigest,
        uint256 nonce,
        PartySignature[] calldata signers
    ) external;

    /// @notice Number of times that an end of the agreement was signed: the nonce of the next one.
    /// @param agreementId The agreement.
    /// @param signer The arbitrator or regulator; the provider for those that provider and consumer signed together.
    /// @return The number.
    function terminationCount(AgreementId agreementId, BodyId signer) external view returns (uint256);

    /// @notice The registry of products. Fixed at deployment.
    /// @return The address of the `ProductRegistry`.
    function products() external view returns (address);

    /// @notice The registry of settlement rules. Fixed at deployment.
    /// @return The address of `SettlementRules`.
    function rules() external view returns (address);

    /// @notice Least time to answer a usage statement that an agreement may name. Fixed at deployment.
    /// @return Seconds.
    function minAnswerSeconds() external view returns (uint32);

    /// @notice An agreement on record. Reverts for an unknown one.
    /// @param agreementId The agreement.
    /// @return The record.
    function agreementOf(AgreementId agreementId) external view returns (AgreementRecord memory);

    /// @notice What deliveries ask for. Reverts for an unknown agreement.
    /// @param agreementId The agreement.
    /// @return The terms.
    function deliveryTerms(AgreementId agreementId) external view returns (DeliveryTerms memory);

    /// @notice Hash of what bookings are held against; one storage slot. Reverts for an unknown agreement.
    /// @param agreementId The agreement.
    /// @return keccak256(abi.encode(BookingTerms)).
    function bookingTermsHash(AgreementId agreementId) external view returns (bytes32);

    /// @notice Provider and consumer. Reverts for an unknown agreement.
    /// @param agreementId The agreement.
    /// @return provider The provider.
    /// @return consumer The consumer.
    function partiesOf(AgreementId agreementId) external view returns (BodyId provider, BodyId consumer);
}
