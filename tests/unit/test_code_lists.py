"""Code lists: every code of the sources is there, in their order, named in both languages, and nothing else is read."""

import pytest

from ledger.domain.agreement import PartyType, SignMode
from ledger.domain.agreement_status import AgreementStatus
from ledger.domain.catalogue_codes import (
    Classification,
    DataSource,
    DeliveryForm,
    QualityLevel,
    Scene,
    SecurityLevel,
    ServiceType,
    Topic,
    TopicGroup,
    UpdateFrequency,
    scene_of,
    topic_of,
)
from ledger.domain.code_defects import CodeAlphabetError, CodeLengthError, UnlistedCodeError
from ledger.domain.code_list import CodeList, parse_listed
from ledger.domain.dispute import Category
from ledger.domain.identity_codes import (
    AuthLevel,
    AuthorizationType,
    ConnectorJoinType,
    ConnectorType,
    EnterpriseAuthStatus,
    EnterpriseAuthType,
    EnterpriseType,
    IdentityStatus,
    PersonAuthType,
)
from ledger.domain.policies.vocabulary import (
    Action,
    DeliveryMethod,
    EncryptMode,
    ExecutionEnvironment,
    LeftOperand,
    Operator,
)

# as the tables of the two drafts and of TC609-6-2025-14 print them; "use" and "purpose" are ODRL's
PRINTED = {
    Classification: "001 002 003 004",
    DataSource: "001 002 003 004",
    DeliveryForm: "001 002 003 004 005 006",
    UpdateFrequency: "001 002 003 004 005 006 007 008 009",
    QualityLevel: "001 002 003 004",
    SecurityLevel: "001 002 003 004 005",
    ServiceType: "001 002 003 004 005",
    TopicGroup: "A B C D",
    Topic: "A0100 A0200 A0300 A0400 A0500 B0100 B0200 B0300 B0400 B0500 C0100 C0200 C0300 C0400 C0500 D0100 D0200 D0300 D0400 D0500",
    Scene: "S T U V",
    EnterpriseType: "0 1 2 3 4",
    EnterpriseAuthType: "0 1 2 3",
    EnterpriseAuthStatus: "0 1",
    IdentityStatus: "0 1",
    AuthLevel: "0 1 2",
    PersonAuthType: "1 2 3",
    AuthorizationType: "1 2 3",
    ConnectorJoinType: "1 2 3 4 5",
    ConnectorType: "1 2",
    Action: "transform anonymize desensitize access read reproduce storage download process jointDevelop distribute compute grantUse plicyTransmit delivery sell logRecordSend delete alert compensate use",
    LeftOperand: "time timeWindow region networkAddress physicalAddress count frequency dataSize dateRecord dataField valueExpression application algorithm machineLearningModels executionEnv encryptMode deliveryMethod payAmount purpose",
    Operator: "eq gt gteq hasPart isA isAllOf isAnyOf isNoneOf isPartOf lt lteq neq",
    ExecutionEnvironment: "01 02 03 04 05 06 07",
    EncryptMode: "01 02 03",
    DeliveryMethod: "01 02 03 04",
    PartyType: "01 02 03 04",
    SignMode: "01 02",
    AgreementStatus: "01 02 03 0301 0302 05 06",
}
OWN = (Category,)
"""The source has a list of it in words, and no codes."""
KEYWORDS = {
    UpdateFrequency: "realTime daily weekly monthly quarterly semiannual annual irregular historical",
    QualityLevel: "levelA levelB levelC levelD",
    SecurityLevel: "level1 level2 level3 level4 level5",
    ServiceType: "catalogService apiService fileService databaseService analyticsService",
    Operator: "01 02 03 04 05 06 07 08 09 10 11 12",
}


def test_every_list_is_compared() -> None:
    assert set(CodeList.__subclasses__()) == {*PRINTED, *OWN}


@pytest.mark.parametrize("code_list", PRINTED)
def test_list_holds_the_printed_codes_in_order(code_list: type[CodeList]) -> None:
    assert " ".join(code_list) == PRINTED[code_list]
    assert " ".join(member.keyword for member in code_list).strip() == KEYWORDS.get(code_list, "")


@pytest.mark.parametrize("code_list", [*PRINTED, *OWN])
def test_list_names_its_members_in_both_languages(code_list: type[CodeList]) -> None:
    for member in code_list:
        assert any("\u4e00" <= character <= "\u9fff" for character in member.chinese), member
        assert member.english.isascii(), member
    for names in ([member.chinese for member in code_list], [member.english for member in code_list]):
        assert len(set(names)) == len(names)


@pytest.mark.parametrize("code_list", [*PRINTED, *OWN])
def test_list_reads_its_codes_and_refuses_all_others(code_list: type[CodeList]) -> None:
    for member in code_list:
        assert parse_listed(code_list, member.value) is member
        for text in (f" {member.value}", f"{member.value}0", member.chinese, member.name):
            with pytest.raises(UnlistedCodeError) as caught:
                parse_listed(code_list, text)
            assert caught.value.code == "invalid_code"
            assert caught.value.facts["listed"] == tuple(code_list)


def test_list_is_named_in_words() -> None:
    with pytest.raises(UnlistedCodeError, match="not a valid connector join type code: the list has 1, 2, 3, 4, 5"):
        parse_listed(ConnectorJoinType, "6")


def test_connector_type_of_the_other_reading_is_refused() -> None:
    with pytest.raises(UnlistedCodeError):
        parse_listed(ConnectorType, "0")


def test_topics_belong_to_the_group_of_their_letter() -> None:
    assert {topic.group.name: [each.value[1:3] for each in Topic if each.group is topic.group] for topic in Topic} == {
        name: ["01", "02", "03", "04", "05"] for name in ("BASIC", "INDUSTRY", "LIVELIHOOD", "GOVERNMENT")
    }


def test_topic_code_of_the_third_level_belongs_to_its_topic() -> None:
    assert topic_of("B0500") is Topic.FINANCE
    assert topic_of("B0517") is Topic.FINANCE
    assert scene_of("V0000") is Scene.SAFETY
    assert scene_of("S0102") is Scene.GOVERNMENT


@pytest.mark.parametrize(
    ("text", "defect"),
    [
        ("", CodeLengthError),
        ("B", CodeLengthError),
        ("B05000", CodeLengthError),
        ("B05OO", CodeAlphabetError),
        ("B050\u0661", CodeAlphabetError),
        ("b0500", UnlistedCodeError),
        ("B0600", UnlistedCodeError),
        ("A0000", UnlistedCodeError),
        ("S0100", UnlistedCodeError),
    ],
)
def test_topic_code_with_a_defect_names_its_kind(text: str, defect: type[Exception]) -> None:
    with pytest.raises(defect):
        topic_of(text)


@pytest.mark.parametrize(
    ("text", "defect"), [("S01", CodeLengthError), ("S01O0", CodeAlphabetError), ("A0100", UnlistedCodeError)]
)
def test_scene_code_with_a_defect_names_its_kind(text: str, defect: type[Exception]) -> None:
    with pytest.raises(defect):
        scene_of(text)
