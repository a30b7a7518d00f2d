// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

import {TradeActs} from "./access/TradeActs.sol";
import {IDigitalContractRegistry} from "./interfaces/IDigitalContractRegistry.sol";
import {IParticipantRegistry} from "./interfaces/IParticipantRegistry.sol";
import {IProductRegistry} from "./interfaces/IProductRegistry.sol";
import {ISettlementRules} from "./interfaces/ISettlementRules.sol";
import {AgreementActsTypedData} from "./libraries/AgreementActsTypedData.sol";
import {AgreementTypedData} from "./libraries/AgreementTypedData.sol";
import {ComponentChecks} from "./libraries/ComponentChecks.sol";
import {BodyRoles} from "./types/BodyRoles.sol";
import {AgreementId, BodyId, OrderId, ProductId, RuleVersion} from "./types/Ids.sol";
import {KeyPurposes} from "./types/KeyPurposes.sol";
import {PartySignature} from "./types/Parties.sol";
import {BookingTerms, ComponentTerms, Recipient} from "./types/Terms.sol";

/// @title Digital contract registry
/// @notice See {IDigitalContractRegistry}.
contract DigitalContractRegistry is IDigitalContractRegistry, TradeActs {
    /// @dev The record of {IDigitalContractRegistry} in eight slots; deliveries read the first three, bookings the
    /// fourth.
    struct State {
        BodyId provider;
        BodyId consumer;
        AgreementStatus status;
        uint64 validFrom;
        uint64 validUntil;
        uint32 answerSeconds;
        bool silenceAccepts;
        uint32 productVersion;
        bytes32 bookingTermsHash;
        ProductId productId;
        OrderId orderId;
        bytes32 contractDigest;
        bytes32 filingDigest;
    }

    uint256 private constant _MIN_PARTIES = 2;
    uint256 private constant _MAX_PARTIES = 16;

    IProductRegistry private immutable _PRODUCTS;
    ISettlementRules private immutable _RULES;
    uint32 private immutable _MIN_ANSWER_SECONDS;

    mapping(AgreementId agreementId => State state) private _agreements;
    /// @dev Under the provider's id: what provider and consumer signed together.
    mapping(AgreementId agreementId => mapping(BodyId signer => uint256 count)) private _terminations;

    /// @notice Deploys the registry.
    /// @param participants_ The `ParticipantRegistry`.
    /// @param products_ The `ProductRegistry`.
    /// @param rules_ The `SettlementRules`.
    /// @param minAnswerSeconds_ Least time to answer a usage statement.
    constructor(
        IParticipantRegistry participants_,
        IProductRegistry products_,
        ISettlementRules rules_,
        uint32 minAnswerSeconds_
    ) TradeActs(participants_, "CityLedger DigitalContractRegistry") {
        _requireCode(address(participants_));
        _requireCode(address(products_));
        _requireCode(address(rules_));
        _PRODUCTS = products_;
        _RULES = rules_;
        _MIN_ANSWER_SECONDS = minAnswerSeconds_;
    }

    /// @inheritdoc IDigitalContractRegistry
    function conclude(
        Agreement calldata agreement,
        ComponentTerms[] calldata components,
        PartySignature[] calldata parties
    ) external {
        _requireNew(agreement);
        _requireParties(agreement.parties, parties.length);
        _requireTimes(agreement);
        _requireComponents(agreement.componentsHash, components);
        BookingTerms memory terms = _bookingTermsOf(agreement);
        _requireReplaceable(agreement);
        _requireAllSigned(agreement, parties);
        _store(agreement, AgreementTypedData.hashBookingTerms(terms));
        emit AgreementConcluded(agreement.agreementId, agreement.parties[0], agreement.parties[1], agreement, terms);
        if (AgreementId.unwrap(agreement.replaces) != 0) {
            _end(agreement.replaces, 0, agreement.contractDigest);
        }
    }

    /// @inheritdoc IDigitalContractRegistry
    function file(AgreementId agreementId, bytes32 filingDigest, PartySignature calldata platform) external {
        State storage state = _known(agreementId);
        if (state.status != AgreementStatus.CONCLUDED) {
            revert DigitalContractRegistryWrongStatus(agreementId, state.status);
        }
        _requireNotZero(filingDigest);
        _requireSigned(
            AgreementActsTypedData.headOfFiling(agreementId, state.contractDigest, filingDigest),
            platform,
            BodyRoles.PLATFORMS,
            KeyPurposes.BUSINESS,
            false
        );
        state.status = AgreementStatus.FILED;
        state.filingDigest = filingDigest;
        emit AgreementFiled(agreementId, platform.signer, filingDigest);
    }

    /// @inheritdoc IDigitalContractRegistry
    function terminate(
        AgreementId agreementId,
        uint64 effectiveAt,
        bytes32 reasonDigest,
        uint256 nonce,
        PartySignature[] calldata signers
    ) external {
        State storage state = _known(agreementId);
        // An end that was agreed keeps no earlier one away.
        if (state.status == AgreementStatus.TERMINATED && _endOf(effectiveAt) >= state.validUntil) {
            revert DigitalContractRegistryWrongStatus(agreementId, state.status);
        }
        if (effectiveAt > state.validUntil) {
            revert DigitalContractRegistryWrongValidity(state.validFrom, effectiveAt);
        }
        bytes memory head = AgreementActsTypedData.headOfTermination(agreementId, effectiveAt, reasonDigest, nonce);
        if (signers.length == _MIN_PARTIES) {
            _takeNonce(agreementId, state.provider, nonce);
            _requireSignedBy(state.provider, head, signers[0], KeyPurposes.BUSINESS, true);
            _requireSignedBy(state.consumer, head, signers[1], KeyPurposes.BUSINESS, true);
        } else if (signers.length == 1) {
            _takeNonce(agreementId, signers[0].signer, nonce);
            uint32 roles = BodyRoles.ARBITRATOR | BodyRoles.REGULATOR;
            _requireSigned(head, signers[0], roles, KeyPurposes.BUSINESS, false);
        } else {
            revert DigitalContractRegistryTerminationSignatures(signers.length);
        }
        _end(agreementId, effectiveAt, reasonDigest);
    }

    /// @inheritdoc IDigitalContractRegistry
    function terminationCount(AgreementId agreementId, BodyId signer) external view returns (uint256) {
        return _terminations[agreementId][signer];
    }

    /// @inheritdoc IDigitalContractRegistry
    function products() external view returns (address) {
        return address(_PRODUCTS);
    }

    /// @inheritdoc IDigitalContractRegistry
    function rules() external view returns (address) {
        return address(_RULES);
    }

    /// @inheritdoc IDigitalContractRegistry
    function minAnswerSeconds() external view returns (uint32) {
        return _MIN_ANSWER_SECONDS;
    }

    /// @inheritdoc IDigitalContractRegistry
    function agreementOf(AgreementId agreementId) external view returns (AgreementRecord memory) {
        State storage state = _known(agreementId);
        return
            AgreementRecord({
                status: state.status,
                provider: state.provider,
                consumer: state.consumer,
                productId: state.productId,
                productVersion: state.productVersion,
                orderId: state.orderId,
                contractDigest: state.contractDigest,
                bookingTermsHash: state.bookingTermsHash,
                filingDigest: state.filingDigest,
                validFrom: state.validFrom,
                validUntil: state.validUntil
            });
    }

    /// @inheritdoc IDigitalContractRegistry
    function deliveryTerms(AgreementId agreementId) external view returns (DeliveryTerms memory) {
        State storage state = _known(agreementId);
        return
            DeliveryTerms({
                provider: state.provider,
                consumer: state.consumer,
                validFrom: state.validFrom,
                validUntil: state.validUntil,
                answerSeconds: state.answerSeconds,
                silenceAccepts: state.silenceAccepts
            });
    }

    /// @inheritdoc IDigitalContractRegistry
    function bookingTermsHash(AgreementId agreementId) external view returns (bytes32 hash) {
        hash = _agreements[agreementId].bookingTermsHash;
        if (hash == 0) {
            revert DigitalContractRegistryUnknownAgreement(agreementId);
        }
    }

    /// @inheritdoc IDigitalContractRegistry
    function partiesOf(AgreementId agreementId) external view returns (BodyId provider, BodyId consumer) {
        State storage state = _known(agreementId);
        return (state.provider, state.consumer);
    }

    /// @dev Whether that body signed at all is for its signature to show.
    function _takeNonce(AgreementId agreementId, BodyId signer, uint256 nonce) private {
        uint256 count = _terminations[agreementId][signer];
        if (nonce != count) {
            revert DigitalContractRegistryWrongNonce(count, nonce);
        }
        _terminations[agreementId][signer] = count + 1;
    }

    function _requireAllSigned(Agreement calldata agreement, PartySignature[] calldata parties) private {
        bytes memory head = AgreementActsTypedData.headOfAgreement(agreement);
        for (uint256 i = 0; i < parties.length; ++i) {
            uint32 roles =
                i == 0
                    ? BodyRoles.PROVIDERS
                    : i == 1
                        ? BodyRoles.CONSUMER
                        : 0;
            _requireSignedAs(agreement.parties[i], roles, head, parties[i], KeyPurposes.BUSINESS);
        }
    }

    function _store(Agreement calldata agreement, bytes32 termsHash) private {
        State storage state = _agreements[agreement.agreementId];
        state.provider = agreement.parties[0];
        state.consumer = agreement.parties[1];
        state.status = AgreementStatus.CONCLUDED;
        state.validFrom = agreement.validFrom;
        state.validUntil = agreement.validUntil;
        state.answerSeconds = agreement.answerSeconds;
        state.silenceAccepts = agreement.silenceAccepts;
        state.productVersion = agreement.productVersion;
        state.bookingTermsHash = termsHash;
        state.productId = agreement.productId;
        state.orderId = agreement.orderId;
        state.contractDigest = agreement.contractDigest;
    }

    /// @dev Ends an agreement then, or now when that is past, but never later than it would have ended.
    function _end(AgreementId agreementId, uint64 effectiveAt, bytes32 reasonDigest) private {
        State storage state = _agreements[agreementId];
        uint64 last = _endOf(effectiveAt);
        if (last > state.validUntil) {
            last = state.validUntil;
        }
        state.status = AgreementStatus.TERMINATED;
        state.validUntil = last;
        emit AgreementTerminated(agreementId, last, reasonDigest);
    }

    /// @dev The product and the rule that the agreement names may be agreed upon, and what that makes of its terms.
    function _bookingTermsOf(Agreement calldata agreement) private view returns (BookingTerms memory terms) {
        IProductRegistry.ProductRecord memory product = _PRODUCTS.requireTradable(
            agreement.productId,
            agreement.productVersion
        );
        (BodyId provider, , , ) = _PRODUCTS.product(agreement.productId);
        _requireParty(provider, agreement.parties[0]);
        _requireApproved(agreement.ruleVersion);
        bool isPublic = product.weights.publicWeight != 0;
        if (isPublic && agreement.priceRuleDigest != product.priceRuleDigest) {
            revert DigitalContractRegistryWrongPriceRule(product.priceRuleDigest, agreement.priceRuleDigest);
        }
        terms = BookingTerms({
            ruleVersion: agreement.ruleVersion,
            priceRuleDigest: agreement.priceRuleDigest,
            silenceAccepts: agreement.silenceAccepts,
            payBasis: agreement.payBasis,
            isPublic: isPublic,
            ceilingUnitPrice: product.ceilingUnitPrice,
            ceilingCurrency: product.currency,
            componentsHash: agreement.componentsHash
        });
    }

    /// @dev The state of an agreement that was concluded; a status other than UNKNOWN says that it was.
    function _known(AgreementId agreementId) private view returns (State storage state) {
        state = _agreements[agreementId];
        if (state.status == AgreementStatus.UNKNOWN) {
            revert DigitalContractRegistryUnknownAgreement(agreementId);
        }
    }

    /// @dev Zero is no id: it means "none" wherever an agreement is named.
    function _requireNew(Agreement calldata agreement) private view {
        AgreementStatus status = _agreements[agreement.agreementId].status;
        if (status != AgreementStatus.UNKNOWN) {
            revert DigitalContractRegistryWrongStatus(agreement.agreementId, status);
        }
        _requireNotZero(AgreementId.unwrap(agreement.agreementId));
        _requireNotZero(agreement.contractDigest);
        _requireNotZero(agreement.priceRuleDigest);
    }

    function _requireTimes(Agreement calldata agreement) private view {
        // A second more or less of a term of days changes nothing.
        // solhint-disable-next-line not-rely-on-time
        bool isPast = agreement.validUntil < block.timestamp;
        if (isPast || agreement.validUntil < agreement.validFrom) {
            revert DigitalContractRegistryWrongValidity(agreement.validFrom, agreement.validUntil);
        }
        if (agreement.answerSeconds < _MIN_ANSWER_SECONDS) {
            revert DigitalContractRegistryAnswerTimeTooShort(agreement.answerSeconds, _MIN_ANSWER_SECONDS);
        }
    }

    function _requireApproved(RuleVersion ruleVersion) private view {
        (ISettlementRules.RuleStatus status, ) = _RULES.ruleOf(ruleVersion);
        if (status != ISettlementRules.RuleStatus.APPROVED) {
            revert DigitalContractRegistryRuleNotApproved(ruleVersion);
        }
    }

    /// @dev These are the components that the parties signed, a line can be split by each of them, and each pays only
    /// who may be paid.
    function _requireComponents(bytes32 expected, ComponentTerms[] calldata components) private view {
        ComponentChecks.requireShown(expected, components);
        for (uint256 i = 0; i < components.length; ++i) {
            ComponentChecks.requireUnique(components, i);
            ComponentChecks.requireSplittable(components[i].recipients, i);
            _requireRecipients(components[i].recipients);
        }
    }

    /// @dev Who is to come could be anybody, and who has left signs no account that it is paid to.
    function _requireRecipients(Recipient[] calldata recipients) private view {
        for (uint256 place = 0; place < recipients.length; ++place) {
            BodyId recipient = recipients[place].recipient;
            _RULES.requireRecipient(recipient);
            if (_PARTICIPANTS.bodyOf(recipient).status == IParticipantRegistry.BodyStatus.LEFT) {
                revert DigitalContractRegistryRecipientLeft(recipient);
            }
        }
    }

    /// @dev What is replaced is in life and has the same two parties.
    function _requireReplaceable(Agreement calldata agreement) private view {
        if (AgreementId.unwrap(agreement.replaces) == 0) {
            return;
        }
        State storage replaced = _known(agreement.replaces);
        _requireInLife(agreement.replaces, replaced);
        _requireParty(replaced.provider, agreement.parties[0]);
        _requireParty(replaced.consumer, agreement.parties[1]);
    }

    /// @dev The end that is asked for, or now when that is past.
    function _endOf(uint64 effectiveAt) private view returns (uint64) {
        // A second more or less of a term of days changes nothing; the clock fits 64 bits for ever.
        // solhint-disable-next-line not-rely-on-time
        uint64 present = uint64(block.timestamp);
        return effectiveAt < present ? present : effectiveAt;
    }

    function _requireInLife(AgreementId agreementId, State storage state) private view {
        if (state.status == AgreementStatus.TERMINATED) {
            revert DigitalContractRegistryWrongStatus(agreementId, state.status);
        }
    }

    /// @dev Checked at deployment only.
    function _requireCode(address account) private view {
        if (account.code.length == 0) {
            revert DigitalContractRegistryNoCode(account);
        }
    }

    /// @dev All different: the first two may be in any order, and neither is among the others, which ascend.
    function _requireParties(BodyId[] calldata parties, uint256 signatures) private pure {
        uint256 count = parties.length;
        bool isRight =
            count >= _MIN_PARTIES && count <= _MAX_PARTIES && count == signatures && parties[0] != parties[1];
        for (uint256 i = _MIN_PARTIES; isRight && i < count; ++i) {
            bool ascends = i == _MIN_PARTIES || BodyId.unwrap(parties[i - 1]) < BodyId.unwrap(parties[i]);
            isRight = ascends && parties[i] != parties[0] && parties[i] != parties[1];
        }
        if (!isRight) {
            revert DigitalContractRegistryWrongParties(count, signatures);
        }
    }

    function _requireParty(BodyId expected, BodyId actual) private pure {
        if (expected != actual) {
            revert DigitalContractRegistryWrongParty(expected, actual);
        }
    }

    function _requireNotZero(bytes32 value) private pure {
        if (value == 0) {
            revert DigitalContractRegistryZeroDigest();
        }
    }
}
