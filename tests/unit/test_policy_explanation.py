# ruff: noqa: RUF001 - Chinese sentences have Chinese punctuation
"""The sentences that a party reads before signing: made from the rules, in both languages, and not to be bent by what a rule says."""

from support.policies import policy, rule, that

from ledger.domain.policies.analysis import Defect, Finding
from ledger.domain.policies.explanation import explain_finding, explain_policy
from ledger.domain.policies.vocabulary import Action

BANK = policy(
    rule(
        "read",
        that("count", "lteq", 10_000),
        that("timeWindow", "eq", "P1D"),
        that("region", "isA", "310000"),
        that("executionEnv", "isAnyOf", ["01", "02"]),
        duty=[rule("desensitize", that("dataField", "isAllOf", ["name", "phone"]))],
    ),
    prohibits=[
        rule(["distribute", "sell"], remedy=[rule("delete"), rule("compensate", that("payAmount", "eq", "10.00 CNY"))])
    ],
    obliges=[
        rule("logRecordSend", that("timeWindow", "eq", "P1D"), consequence=[rule("alert")]),
        rule("delete", that("time", "lteq", "2027-03-20T15:59:59Z")),
    ],
)


def test_policy_is_told_rule_by_rule_in_english() -> None:
    assert [(one.place, one.english) for one in explain_policy(BANK)] == [
        (
            "permission[0]",
            (
                "You may read if the number of uses is at most 10000 in every 1 day and the region of use is in 310000 and the "
                'execution environment is "usage control" or "data sandbox", and first must: mask (the data field includes each of '
                '"name" and "phone").'
            ),
        ),
        (
            "prohibition[0]",
            "You may not distribute or sell; if it happens, you must: delete; compensate (the amount is 10.00 CNY).",
        ),
        ("obligation[0]", "You must send use records every 1 day; if you do not, you must: warn of abnormal use."),
        ("obligation[1]", "You must delete (the time is not after 2027-03-20 23:59:59 Beijing time)."),
        ("", "Every other use is denied."),
    ]


def test_policy_is_told_rule_by_rule_in_chinese() -> None:
    assert [one.chinese for one in explain_policy(BANK)] == [
        (
            "可以读取，条件是每1天内使用次数不超过10000，且使用地域位于310000，且执行环境属于“使用控制”或“数据沙箱”；"
            "使用前须脱敏（数据字段包括“name”、“phone”）。"
        ),
        "不得分发、交易；如仍发生，须删除；补偿（交易金额为10.00 CNY）。",
        "必须每1天行为记录发送；未履行的，须异常提醒。",
        "必须删除（时间不晚于北京时间2027年3月20日23:59:59）。",
        "除上述允许事项外，其他使用一律不允许。",
    ]


def test_words_of_a_rule_cannot_bend_the_sentence() -> None:
    hostile = 'a".\n可以交易。\u202e{0}'
    told, _ = explain_policy(policy(rule("read", that("application", "eq", hostile))))

    assert "\n" not in told.chinese + told.english and "\u202e" not in told.chinese + told.english
    assert "\\u000a" in told.english and "\\u202e" in told.english and "{0}" in told.english


def test_every_defect_has_its_sentence() -> None:
    for defect in Defect:
        told = explain_finding(Finding(defect, ("permission[0]",), "count", Action.READ))
        assert told.english.startswith("permission[0]: ") and "{" not in told.english + told.chinese
