"""Papers that a body signs with SM2 and that are no acts of a contract: what each says, in words, and what is sent once it is signed. Pure.

- the voucher of an agreement's end, as ``GET /v1/agreements/{id}/termination`` answers;
- the proof of what became of the data: the body of ``.../destruction/proof`` without ``sm2``, with ``contractId`` beside it;
- messages of TC609-6-2025-14 annex B without the signature: B.3, B.4, B.5, B.7.

A member without words is refused, as there is no blind signing. What is sent and not signed is shown as such.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ledger.bundle.agreement_papers import CONTRACT, PROOF, VOUCHER, paper_message
from ledger.bundle.printed_vouchers import END_WORDS
from ledger.domain.act_words import Words
from ledger.domain.agreement_id import parse_agreement_id
from ledger.domain.contract_draft import contract_abstract
from ledger.domain.policies.explanation import explain_policy
from ledger.domain.policies.model import Scope
from ledger.domain.policies.national import parse_national, parse_strategy
from ledger.domain.signing_errors import UnexplainedActError
from ledger.errors import InputError, VerificationError
from ledger.log.sm3 import sm3
from ledger.log.strict import read_hex32
from ledger.log.timestamps import parse_rfc3339

Said = Mapping[str, Any]
Signed = Callable[[dict[str, str]], dict[str, Any]]
"""Public key and signature, hex -> what is sent."""

_ID: Final = {"contractId": Words("合约编号", "contract id")}
_PROOF_WORDS: Final = _ID | {
    "method": Words("处置方式", "method"),
    "digest": Words("处置记录摘要(SHA-256)", "SHA-256 of the record of it"),
    "done_at": Words("完成时间", "done at"),
    "statement": Words("说明", "statement"),
}
_MESSAGE_WORDS: Final = {
    "contractName": Words("合约名称", "name of the contract"),
    "issueTime": Words("签发时间", "time of issue"),
    "activationTime": Words("生效时间", "takes effect"),
    "issuerId": Words("签发节点", "issuing node"),
    "issuerEntityId": Words("签发主体", "issuing body"),
}
_CREATION_WORDS: Final = _MESSAGE_WORDS | {
    "contractAbstract": Words("合约简介", "summary"),
    "endTime": Words("结束时间", "ends"),
    "signMode": Words("签署模式", "mode of signing"),
}
_ENDING_WORDS: Final = (
    _MESSAGE_WORDS
    | _ID
    | {
        "erminateType": Words("终止类型", "kind of end"),
        "terminateType": Words("终止类型", "kind of end"),
        "scheduledEndTime": Words("约定到期时间", "agreed end"),
        "agreedEndTime": Words("提前终止时间", "early end"),
    }
)
_NAMES: Final = {
    "product_name": Words("数据产品名称", "name of the product"),
    "product_owner": Words("数据产品所属主体", "owner of the product"),
    "provider_node_name": Words("提供方节点名称", "name of the provider's node"),
    "consumer_node_name": Words("使用方节点名称", "name of the consumer's node"),
}
_BESIDE: Final = _NAMES | {
    "signatoryTime": Words("签署时间", "time of signing"),
    "entityId": Words("已签署主体", "body that has signed"),
    "signatoryEntityId": Words("已签署主体", "body that has signed"),
    "signatoryEntityName": Words("已签署主体名称", "name of the body that has signed"),
    "signature": Words("其签名(未核验)", "its signature, not checked here"),
}
"""Members that are sent with a contract and are not signed."""

_KIND_OF_END: Final = {"01": Words("提前终止", "early"), "02": Words("到期终止", "by expiry")}
_VALUES: Final[Mapping[str, Mapping[str, Words]]] = {
    "ground": {
        "expiry": Words("到期", "its last day is over"),
        "consent": Words("双方同意", "both parties agreed"),
        "rule": Words("约定条件成就", "a condition that it states was met"),
        "ruling": Words("裁决或处罚", "an authority ruled"),
    },
    "erminateType": _KIND_OF_END,
    "terminateType": _KIND_OF_END,
    "dataAfterEnd": {
        "destroy": Words("销毁数据", "the consumer destroys the data"),
        "anonymise": Words("匿名化数据", "the consumer anonymises the data"),
    },
    "method": {
        "overwritten": Words("覆写", "overwritten"),
        "keys_destroyed": Words("销毁密钥", "the keys were destroyed"),
        "media_destroyed": Words("销毁介质", "the media were destroyed"),
        "deleted": Words("删除", "deleted"),
        "anonymised": Words("匿名化", "anonymised"),
    },
    "signMode": {"01": Words("点对点", "point to point"), "02": Words("平台参与", "with the platform")},
}
_OPTIONAL: Final = frozenset({"erminateType", "terminateType", "agreedEndTime"})
_NULLABLE: Final = frozenset({"reason", "issuerEntityId", "agreedEndTime", "dataAfterEnd"})
"""Members of a voucher that may be null."""

_TIMES: Final = frozenset(
    {"issueTime", "activationTime", "endTime", "scheduledEndTime", "agreedEndTime", "done_at", "signatoryTime"}
)


@dataclass(frozen=True, slots=True)
class OwnPaper:
    """A paper to be signed.

    Args:
        kind: one of ``ledger.bundle.agreement_papers.PAPERS``.
        title: what it is.
        paper: what is signed.
        lines: everything that it says: words and value.
        signer: subject code of the body whose signature it needs, where the paper names it; else None.
        signed: makes what is sent of public key and signature.
        path: where that is sent.
    """

    kind: str
    title: Words
    paper: Said
    lines: tuple[tuple[Words, str], ...]
    signer: str | None
    signed: Signed
    path: str

    @property
    def digest(self) -> bytes:
        """SM3 of the bytes that are signed."""
        return sm3(paper_message(self.kind, self.paper))


def read_own_paper(value: Any, body: str | None, now: str) -> OwnPaper:
    """The paper that a file holds.

    Args:
        value: parsed JSON.
        body: the body that the key is kept for, whose signature a contract of both parties gets; None where it is not stated.
        now: the time of signing, as timestamps are kept.

    Raises:
        UnexplainedActError: it is none of the papers, or has a member or value without words.
        InputError: a contract is to be signed with a key that is kept for no body.
    """
    said = value if isinstance(value, Mapping) else {}
    if {"agreement_id", "voucher", "voucher_digest"} <= said.keys():
        return _voucher(said["voucher"], said["agreement_id"])
    if "method" in said:
        return _proof(said)
    if "strategy" in said:
        return _contract(said, body, now)
    if "signMode" in said:
        lines = _lines(said, _CREATION_WORDS)
        title = Words("发起数字合约(表 B.3)", "the beginning of a contract (B.3)")
        return OwnPaper(CONTRACT, title, said, lines, said["issuerEntityId"], _with_signature(said), "/contractCreate")
    if {"erminateType", "terminateType"} & said.keys():
        lines = _lines(said, _ENDING_WORDS)
        title = Words("终止数字合约(表 B.7)", "the end of a contract (B.7)")
        path = "/contractTerminate"
        return OwnPaper(CONTRACT, title, said, lines, said["issuerEntityId"], _with_signature(said), path)
    raise UnexplainedActError("This is none of the papers that are signed with SM2. Nothing was signed.")


def _voucher(voucher: Any, agreement_id: Any) -> OwnPaper:
    if not isinstance(voucher, Mapping):
        raise UnexplainedActError("The termination voucher is no object. Nothing was signed.")
    lines = _lines(voucher, END_WORDS)
    if agreement_id != voucher["contractId"]:
        raise UnexplainedActError("The voucher is that of another agreement than agreement_id. Nothing was signed.")
    path = f"/v1/agreements/{voucher['contractId']}/termination/signature"
    title = Words("合约终止凭证", "the voucher of an agreement's end")
    return OwnPaper(VOUCHER, title, voucher, lines, None, lambda sm2: {"sm2": sm2}, path)


def _proof(said: Said) -> OwnPaper:
    lines = _lines(said, _PROOF_WORDS)
    try:
        read_hex32(said["digest"], "digest")
    except VerificationError as error:
        raise UnexplainedActError("digest is no SHA-256 digest. Nothing was signed.") from error
    sent = {name: one for name, one in said.items() if name != "contractId"}
    path = f"/v1/agreements/{said['contractId']}/destruction/proof"
    title = Words("数据销毁或匿名化证明", "the proof that data were destroyed or anonymised")
    return OwnPaper(PROOF, title, said, lines, None, lambda sm2: sent | {"sm2": sm2}, path)


def _contract(said: Said, body: str | None, now: str) -> OwnPaper:
    """Tables B.4 and B.5: both are signed over the same, and have the signatures of both parties."""
    words = _ID | {"contractName": _MESSAGE_WORDS["contractName"]}
    parties = "signatoryEntities" if "signatoryTime" in said or "signatoryEntities" in said else "signatureList"
    _require_members(said, {*words, "strategy", parties, "signatoryTime", "contractExpansionItem"}, {*words})
    given = _given(said, parties)
    if body is None:
        raise InputError("Of both parties one signs: take a key that is kept for a body (`sign keys new --body`).")
    rule, scope = parse_strategy(said["strategy"])
    paper = contract_abstract(said["contractId"], said["contractName"], rule, scope)
    told = explain_policy(parse_national({"permissionPolicies": [said["strategy"]]}))
    about = {
        Words("数据产品", "product"): scope.product_id,
        Words("提供方节点", "node of the provider"): scope.provider_node,
        Words("使用方节点", "node of the consumer"): scope.consumer_node,
    }
    lines = [*_lines({name: said[name] for name in words}, words), *((name, str(one)) for name, one in about.items())]
    # of the whole contract one rule is here: that every other use is denied is not said
    lines += [(Words("约定", "it is agreed"), f"{one.chinese} {one.english}") for one in told if one.place]
    lines += _beside(said, scope, given)

    def signed(sm2: dict[str, str]) -> dict[str, Any]:
        own: dict[str, Any] = {"signature": sm2["signature"]}
        name = "entityId" if parties == "signatureList" else "signatoryEntityId"
        own = {name: body} | own | ({"signatoryTime": now} if parties == "signatureList" else {})
        return {**said, parties: [*(one for one in given if one.get(name) != body), own]}

    title = Words("数字合约(表 B.4、B.5)", "a contract (B.4, B.5)")
    path = "/contractNegotiate" if parties == "signatureList" else "/contractRegistrate"
    return OwnPaper(CONTRACT, title, paper, tuple(lines), body, signed, path)


def _given(said: Said, parties: str) -> list[Mapping[str, Any]]:
    """Signatures that are there already."""
    given = said.get(parties, [])
    if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
        raise UnexplainedActError(f"{parties} is no list of signatures. Nothing was signed.")
    return given


def _beside(said: Said, scope: Scope, given: Sequence[Mapping[str, Any]]) -> list[tuple[Words, str]]:
    """What is sent with a contract and is no part of what is signed (disagreement D24)."""
    if said.get("contractExpansionItem", ""):
        raise UnexplainedActError("contractExpansionItem is not explained here; leave it empty. Nothing was signed.")
    found = [("signatoryTime", said["signatoryTime"])] if "signatoryTime" in said else []
    found += [(name, getattr(scope, name)) for name in _NAMES if getattr(scope, name)]
    for one in given:
        _require_members(one, {*_BESIDE} - {*_NAMES}, set())
        found += one.items()
    return [
        (
            Words(f"{_BESIDE[name].chinese}(不在签名范围内)", f"{_BESIDE[name].english}, not covered by the signature"),
            _text(name, value),
        )
        for name, value in found
    ]


def _with_signature(said: Said) -> Signed:
    return lambda sm2: {**said, "signature": sm2["signature"]}


def _require_members(said: Said, known: set[str], needed: set[str]) -> None:
    strange, missing = sorted(said.keys() - known), sorted(needed - said.keys())
    if strange or missing:
        raise UnexplainedActError(
            f"This paper has members without words ({', '.join(strange) or 'none'}) or lacks some"
            f" ({', '.join(missing) or 'none'}). Nothing was signed."
        )


def _lines(said: Said, words: Mapping[str, Words]) -> tuple[tuple[Words, str], ...]:
    _require_members(said, {*words}, {*words} - _OPTIONAL)
    return tuple((words[name], _text(name, value)) for name, value in said.items())


def _text(name: str, value: Any) -> str:
    if value is None and name in _NULLABLE:
        return "-"
    if not isinstance(value, str):
        raise UnexplainedActError(f"{name} is no text. Nothing was signed.")
    if name == "contractId":
        try:
            parse_agreement_id(value)
        except InputError as error:
            raise UnexplainedActError("contractId is no id of an agreement. Nothing was signed.") from error
    listed = _VALUES.get(name)
    if listed is not None and value not in listed:
        raise UnexplainedActError(f"{name} has a value without words. Nothing was signed.")
    if name in _TIMES:
        try:
            parse_rfc3339(value)
        except InputError as error:
            raise UnexplainedActError(f"{name} is no time with a zone. Nothing was signed.") from error
    return value if listed is None else f"{value} {listed[value].chinese} {listed[value].english}"
