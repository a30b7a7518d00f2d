"""What each state-changing function of the contract suite refuses, and the Solidity test that shows it.

Functions that take signatures of bodies are in ``tests/vectors/signers.json``, a row a signature: ``behaviours/SignedActs.sol`` tries each
row with every role, as a stranger, by other keys, over other content, late, on another chain, without standing, and a second time.
What that behaviour cannot know, the state in which a function refuses, is named here. A test is ``<file without .t.sol>:<name>``.
"""

from typing import NamedTuple

CASES = ("wrong role", "wrong state", "wrong signature", "replay", "expired deadline", "wrong chain id", "suspended")
"""What every function must have a test for, or a reason why the case does not exist."""

WRONG_STATE = {
    "ParticipantRegistry.admit": "ParticipantRegistry.acts:test_act_asItShouldBe_isDoneOnce",
    "ParticipantRegistry.renewQualification": "ParticipantRegistry.acts:test_act_ofABodyThatLeft_isRefused",
    "ParticipantRegistry.changeRoles": "ParticipantRegistry.acts:test_act_ofABodyThatLeft_isRefused",
    "ParticipantRegistry.suspend": "ParticipantRegistry.acts:test_act_ofABodyThatLeft_isRefused",
    "ParticipantRegistry.reinstate": "ParticipantRegistry.acts:test_act_ofABodyThatLeft_isRefused",
    "ParticipantRegistry.depart": "ParticipantRegistry.acts:test_act_ofABodyThatLeft_isRefused",
    "ParticipantRegistry.addKey": "ParticipantRegistry.acts:test_act_ofABodyThatLeft_isRefused",
    "ParticipantRegistry.revokeKey": "ParticipantRegistry.acts:test_act_ofABodyThatLeft_isRefused",
    "ProductRegistry.register": "ProductRegistry:test_register_outOfOrderOrByAnotherProvider_isRefused",
    "ProductRegistry.review": "ProductRegistry:test_acts_areAllowedInTheStatesOfTheTableOnly",
    "ProductRegistry.file": "ProductRegistry:test_acts_areAllowedInTheStatesOfTheTableOnly",
    "ProductRegistry.act": "ProductRegistry:test_acts_areAllowedInTheStatesOfTheTableOnly",
    "ProductRegistry.setFrozen": "ProductRegistry:test_setFrozen_withAnotherNonceOrOfAnUnknownProduct_isRefused",
    "SettlementRules.approveRule": "SettlementRules:test_approveRule_happensOnce",
    "SettlementRules.retireRule": "SettlementRules:test_retireRule_refusesAnUnknownRule",
    "SettlementRules.signWeights": "SettlementRules:test_signWeights_goesOnUnderARetiredRuleButNotUnderAnUnknownOne",
    "DigitalContractRegistry.conclude": "DigitalContractRegistry:test_conclude_underARuleThatIsNotApproved_isRefused",
    "DigitalContractRegistry.file": "DigitalContractRegistry:test_file_isRecordedOnce_withADigest",
    "DigitalContractRegistry.terminate": "DigitalContractRegistry:test_unknownAgreements_areRefusedEverywhere",
    "Orders.place": "Orders:test_placeAndConfirm_ofAProductThatIsNotOnSale_areRefused",
    "Orders.confirm": "Orders:test_placeAndConfirm_ofAProductThatIsNotOnSale_areRefused",
    "Orders.close": "Orders:test_close_asTheTableSays_andNotOtherwise",
    "DeliveryReceipts.openStream": "DeliveryReceipts:test_openStream_outsideTheTermUnknownOrFrozen_isRefused",
    "DeliveryReceipts.state": "DeliveryReceipts:test_state_numbersAndRangesOutOfOrder_areRefused",
    "DeliveryReceipts.stateAcknowledged": "DeliveryReceipts.acts:test_stateAcknowledged_outOfOrder_isRefused",
    "DeliveryReceipts.answer": "DeliveryReceipts:test_answer_ofNoClaim_isRefused",
    "DeliveryReceipts.voidGap": "DeliveryReceipts:test_voidGap_elsewhereOrEmpty_isRefused",
    "Disputes.open": "Disputes:test_open_ofAStatementElsewhere_isRefused",
    "Disputes.extendFreeze": "Disputes:test_extendFreeze_withoutFreezeOrOutOfBounds_isRefused",
    "Disputes.resolve": "Disputes:test_resolveExtendWithdraw_ofACaseThatIsNotOpen_areRefused",
    "Disputes.withdraw": "Disputes:test_resolveExtendWithdraw_ofACaseThatIsNotOpen_areRefused",
    "RevenueSettlement.openTable": "RevenueSettlement:test_openTable_refusesNoncesOutOfOrder",
    "RevenueSettlement.bookLine": "RevenueSettlement:test_bookLine_refusesUnknownTablesAndTheirWrongVersions",
    "RevenueSettlement.bookCorrection": "RevenueSettlement.corrections:test_correction_ofWhatWasNotBookedSo_isRefused",
    "DistributionTables.propose": "DistributionTables:test_propose_ofTheNextVersion_takesBothSignaturesOfTheOneBefore",
    "DistributionTables.sign": "DistributionTables:test_sign_ofWhatWasNotProposed_isRefused",
    "DistributionTables.recordPublication": (
        "DistributionTables:test_publication_ofAnotherProposalOrAnUnsignedOne_isRefused"
    ),
    "DistributionTables.object": "Objections:test_object_onlyWhileTheWindowIsOpen",
    "DistributionTables.answerObjection": "Objections:test_acts_outOfTurn_areRefused",
    "DistributionTables.requestReview": "Objections:test_acts_outOfTurn_areRefused",
    "DistributionTables.decideReview": "Objections:test_acts_outOfTurn_areRefused",
    "DistributionTables.withdrawObjection": "Objections:test_acts_outOfTurn_areRefused",
    "Payouts.signAccount": "PayeeAccounts:test_signAccount_outOfTurnWithoutDigestOrWithOtherSignatures_isRefused",
    "Payouts.cancelAccount": "PayeeAccounts:test_cancel_ofWhatHoldsOrIsUnknown_isRefused",
    "Payouts.recordCollection": "Payouts.acts:test_recordCollection",
    "Payouts.instruct": "Payouts:test_instruct_ofMoreThanIsLeftOrNothing_isRefused",
    "Payouts.report": "Payouts:test_report_everyOtherTransition_isRefused",
    "Payouts.fixRewards": "Payouts:test_rewards_areFixedOnceWithinTheClaim",
}
"""Of each function that takes signatures: a state in which it refuses good ones."""


class Unsigned(NamedTuple):
    """A function that takes no row of ``signers.json``: tests of the cases that exist, and why the others do not."""

    tests: dict[str, str]
    reason: str


NOBODY_SIGNS = "Nobody signs it: anyone may write down what signatures and time have decided already."
COUNCIL_CALLS = (
    "The council calls it through the AccessManager: the caller counts, no body signs. Signatures, nonce, deadline and chain are "
    "those of the council's own act (`Council`, with tests of its own)."
)
KEY_SHOWS = (
    COUNCIL_CALLS + " The new key only shows that it is the body's; it is nobody's yet, so no standing is asked."
)
MANAGER_CALLS = (
    "OpenZeppelin's own: only the manager itself may call it, no body signs, and the same authority again is the same. "
    "The one state that it refuses is an authority without code."
)
COUNCIL = "ParticipantRegistry.council"

UNSIGNED = {
    "Orders.attachAgreement": Unsigned(
        {
            "wrong state": "Orders:test_attachAgreement_ofTheOrder_contractsItOnce",
            "replay": "Orders:test_attachAgreement_ofTheOrder_contractsItOnce",
        },
        NOBODY_SIGNS,
    ),
    "DeliveryReceipts.lapse": Unsigned(
        {
            "wrong state": "DeliveryReceipts:test_lapse_followsTheAgreement",
            "replay": "DeliveryReceipts.acts:test_lapse_ofWhatIsNoClaim_isRefused",
            "suspended": "DeliveryReceipts:test_lapse_whileSuspended_acceptsNothingAndComesLater",
        },
        NOBODY_SIGNS,
    ),
    "DistributionTables.finalizeLine": Unsigned(
        {
            "wrong state": "DistributionTables.finality:test_finalizeLine_inEveryEarlierStatus_isRefused",
            "replay": "DistributionTables.finality:test_finalizeLine_afterTheWindow_byAnyone",
        },
        NOBODY_SIGNS,
    ),
    "DistributionTables.advanceObjection": Unsigned(
        {
            "wrong state": "Objections:test_acts_outOfTurn_areRefused",
            "replay": "Objections:test_noAnswerInTime_goesIntoReview",
        },
        NOBODY_SIGNS,
    ),
    "Payouts.credit": Unsigned(
        {
            "wrong state": "Payouts.credit:test_credit_ofWhatIsNotFinalHere_isRefused",
            "replay": "Payouts.credit:test_credit_byAnyone_once",
        },
        NOBODY_SIGNS,
    ),
    "Payouts.setOff": Unsigned(
        {
            "wrong state": "AuditMoney:test_setOff_takesOnlyWhatIsOwedAndFree",
            "replay": "AuditMoney:test_setOff_takesOnlyWhatIsOwedAndFree",
        },
        f"{NOBODY_SIGNS} It refuses nothing: where nothing is owed, or nothing is free, it changes nothing.",
    ),
    "Payouts.updateHold": Unsigned(
        {
            "wrong state": "Payouts.credit:test_updateHold_ofWhatIsNotFinalNotCreditedOrNobodys_isRefused",
            "replay": "Payouts.credit:test_updateHold_followsTheDispute_butNeverTakesWhatIsPaidOrPending",
        },
        NOBODY_SIGNS,
    ),
    "Directory.list": Unsigned(
        {
            "wrong role": "Directory:test_list_byAnybodyElse_isRefused",
            "wrong state": "Directory:test_list_whatIsNoContractOrNoNews_isRefused",
            "replay": "Directory:test_list_unscheduledTooEarlyOrTwice_isRefused",
        },
        COUNCIL_CALLS,
    ),
    "ParticipantRegistry.admitReserved": Unsigned(
        {
            "wrong role": "ParticipantRegistry:test_councilsFunctions_byAnybodyElse_areRefused",
            "wrong state": f"{COUNCIL}:test_everything_ofABodyThatLeft_isRefused",
            "wrong signature": f"{COUNCIL}:test_admitReserved_withoutTheKeysOwnSignatures_isRefused",
            "replay": f"{COUNCIL}:test_admitReserved_aSecondTime_isRefused",
            "expired deadline": f"{COUNCIL}:test_admitReserved_withoutTheKeysOwnSignatures_isRefused",
            "wrong chain id": "ParticipantRegistry:test_admitReserved_onAnotherChain_isRefused",
        },
        KEY_SHOWS,
    ),
    "ParticipantRegistry.recoverKey": Unsigned(
        {
            "wrong role": "ParticipantRegistry:test_councilsFunctions_byAnybodyElse_areRefused",
            "wrong state": "AuditRegistry:test_recoverKey_ofABodyThatTheCouncilHasNotSuspended_isRefused",
            "wrong signature": f"{COUNCIL}:test_recoverKey_withoutTheKeysOwnSignature_isRefused",
            "replay": "BodyKeys:test_recoverKey_replacesLostKeys",
            "expired deadline": f"{COUNCIL}:test_recoverKey_afterItsDeadline_isRefused",
            "wrong chain id": f"{COUNCIL}:test_recoverKey_withoutTheKeysOwnSignature_isRefused",
        },
        KEY_SHOWS,
    ),
    "ParticipantRegistry.suspendReserved": Unsigned(
        {
            "wrong role": "ParticipantRegistry:test_councilsFunctions_byAnybodyElse_areRefused",
            "wrong state": f"{COUNCIL}:test_everything_ofABodyThatLeft_isRefused",
            "replay": f"{COUNCIL}:test_suspendReserved_ofASuspendedBody_isRefused",
        },
        COUNCIL_CALLS,
    ),
    "ParticipantRegistry.reinstateReserved": Unsigned(
        {
            "wrong role": "ParticipantRegistry:test_councilsFunctions_byAnybodyElse_areRefused",
            "wrong state": f"{COUNCIL}:test_everything_ofABodyThatLeft_isRefused",
            "replay": f"{COUNCIL}:test_reinstateReserved_ofAnActiveBody_isRefused",
        },
        COUNCIL_CALLS,
    ),
    "ParticipantRegistry.renewReservedQualification": Unsigned(
        {
            "wrong role": "ParticipantRegistry:test_councilsFunctions_byAnybodyElse_areRefused",
            "wrong state": f"{COUNCIL}:test_everything_ofABodyThatLeft_isRefused",
        },
        COUNCIL_CALLS + " Recorded twice, the same qualification is the same.",
    ),
    "Directory.setAuthority": Unsigned(
        {
            "wrong role": "Directory:test_setAuthority_byAnybodyElse_isRefused",
            "wrong state": "Directory:test_setAuthority_toWhatIsNoContract_isRefused",
        },
        MANAGER_CALLS,
    ),
    "ParticipantRegistry.setAuthority": Unsigned(
        {
            "wrong role": f"{COUNCIL}:test_setAuthority_byAnybodyElse_isRefused",
            "wrong state": f"{COUNCIL}:test_setAuthority_toWhatIsNoContract_isRefused",
        },
        MANAGER_CALLS,
    ),
}
"""Every function without a row of ``signers.json``; cases that are not named do not exist for the reason given."""

BY_THE_COUNCIL = (
    "The council calls it: the caller counts, and signatures, nonce, deadline and chain are those of `Council.execute`."
)
BY_A_LOGS_KEY = "A log's anchor key signs it and nothing else, without nonce or deadline: an old head is told from the present one by its size."
LOG_AND_COUNCIL = {
    "EvidenceLog.openLog": Unsigned(
        {
            "wrong role": "EvidenceLog:test_fuzz_anyoneElse_isRefused",
            "wrong state": "EvidenceLog:test_openingAClosedLogAgain_isRefused",
            "replay": "EvidenceLog:test_openingTwice_isRefusedAndTellsTheCouncil",
        },
        BY_THE_COUNCIL,
    ),
    "EvidenceLog.closeLog": Unsigned(
        {
            "wrong role": "EvidenceLog:test_fuzz_anyoneElse_isRefused",
            "wrong state": "EvidenceLog:test_closedSuccessor_isRefused",
            "replay": "EvidenceLog:test_closingTwice_isRefused",
        },
        BY_THE_COUNCIL,
    ),
    "EvidenceLog.anchor": Unsigned(
        {
            "wrong signature": "EvidenceLog.anchor:test_fuzz_otherKey_isRefused",
            "wrong state": "EvidenceLog.anchor:test_closedLog_isRefused",
            "replay": "EvidenceLog.anchor:test_fuzz_sameHeadAgain_isRepeatedWhateverTheRest",
            "wrong chain id": "EvidenceLog.anchor:test_signatureFromBeforeAChainSplit_isRefused",
        },
        BY_A_LOGS_KEY,
    ),
    "EvidenceLog.reportFork": Unsigned(
        {
            "wrong signature": "EvidenceLog:test_headNotSignedByTheLog_isRefused",
            "wrong state": "EvidenceLog:test_sizesInTheWrongOrder_areRefused",
            "replay": "EvidenceLog:test_reportedTwice_isReportedTwice",
            "wrong chain id": "EvidenceLog:test_headsOfAnotherChain_areRefused",
        },
        f"{BY_A_LOGS_KEY} Anyone reports.",
    ),
    "Council.execute": Unsigned(
        {
            "wrong role": "Council:test_fuzz_strangersSignature_isRefused",
            "wrong signature": "Council:test_malformedSignature_isRefused",
            "wrong state": "Council:test_targetWithoutCode_isRefused",
            "replay": "Council:test_sameSignaturesAgain_areRefused",
            "expired deadline": "Council:test_secondAfter_isTooLate",
            "wrong chain id": "Council:test_signaturesFromBeforeAChainSplit_areRefused",
        },
        "Bodies of the council are addresses, which nobody suspends: they are replaced by `changeMembership`.",
    ),
    "Council.changeMembership": Unsigned(
        {
            "wrong role": "Council:test_fuzz_anyoneElse_isRefused",
            "wrong state": "Council:test_impossibleMembership_changesNothing",
        },
        BY_THE_COUNCIL,
    ),
}
"""The same of the two contracts that every deployment adopts, whose tests name what they try by themselves."""
