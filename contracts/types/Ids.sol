// SPDX-License-Identifier: UNLICENSED
pragma solidity 0.8.37;

// Every id has a type of its own, so that the compiler refuses to take an order for an agreement. "Salted" ids are made
// off chain as digests with a secret salt and say nothing to whoever does not know the thing already; "computed" ids
// follow from other facts and cannot be chosen.

/// @dev A body (never a natural person). Salted.
type BodyId is bytes32;
/// @dev A data product, over all its versions. Salted.
type ProductId is bytes32;
/// @dev An order. Salted.
type OrderId is bytes32;
/// @dev An agreement. Salted.
type AgreementId is bytes32;
/// @dev A connector. Salted.
type ConnectorId is bytes32;
/// @dev The usage of one agreement through one connector. Computed.
type StreamId is bytes32;
/// @dev One usage statement of a stream. Computed.
type StatementId is bytes32;
/// @dev A settlement rule in one wording: the hash of its content. Computed, so it can never change.
type RuleVersion is bytes32;
/// @dev The weights of one agreement, component, period and revision. Computed.
type WeightsId is bytes32;
/// @dev One settlement line. Computed.
type LineId is bytes32;
/// @dev An objection against a line. Computed.
type ObjectionId is bytes32;
/// @dev A dispute. Computed.
type DisputeId is bytes32;
/// @dev A payee's account in one version. Computed.
type PayeeAccountId is bytes32;
/// @dev What one payee may receive of one table in one currency. Computed.
type ClaimId is bytes32;
/// @dev A payout instruction. Chosen by the instructing platform: its own idempotency key.
type PayoutId is bytes32;
/// @dev A distribution table, counted from 1.
type TableId is uint32;
/// @dev Version of a distribution table, counted from 1.
type TableVersion is uint16;
/// @dev An accounting month as decimal YYYYMM, from its first to the next first, Asia/Shanghai.
type PeriodId is uint32;
/// @dev ISO 4217 code in ASCII.
type Currency is bytes3;

using {_eqBody as ==, _neBody as !=} for BodyId global;
using {_neAgreement as !=} for AgreementId global;
using {_neLine as !=} for LineId global;
using {_neAccount as !=} for PayeeAccountId global;
using {_eqPeriod as ==, _ltPeriod as <} for PeriodId global;
using {_neCurrency as !=} for Currency global;
using {_neVersion as !=} for TableVersion global;

function _eqBody(BodyId a, BodyId b) pure returns (bool) {
    return BodyId.unwrap(a) == BodyId.unwrap(b);
}

function _neBody(BodyId a, BodyId b) pure returns (bool) {
    return BodyId.unwrap(a) != BodyId.unwrap(b);
}

function _neAgreement(AgreementId a, AgreementId b) pure returns (bool) {
    return AgreementId.unwrap(a) != AgreementId.unwrap(b);
}

function _neLine(LineId a, LineId b) pure returns (bool) {
    return LineId.unwrap(a) != LineId.unwrap(b);
}

function _neAccount(PayeeAccountId a, PayeeAccountId b) pure returns (bool) {
    return PayeeAccountId.unwrap(a) != PayeeAccountId.unwrap(b);
}

function _eqPeriod(PeriodId a, PeriodId b) pure returns (bool) {
    return PeriodId.unwrap(a) == PeriodId.unwrap(b);
}

function _ltPeriod(PeriodId a, PeriodId b) pure returns (bool) {
    return PeriodId.unwrap(a) < PeriodId.unwrap(b);
}

function _neCurrency(Currency a, Currency b) pure returns (bool) {
    return Currency.unwrap(a) != Currency.unwrap(b);
}

function _neVersion(TableVersion a, TableVersion b) pure returns (bool) {
    return TableVersion.unwrap(a) != TableVersion.unwrap(b);
}
