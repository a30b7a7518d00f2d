"""What is signed, as lines for a terminal: facts that were computed here are told from what the service says of them."""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ledger.cli.sign_papers import Opening
from ledger.domain.act_explained import Statement, explain, time_text, title_of
from ledger.domain.act_json import act_name
from ledger.domain.signing_request import SigningRequest
from ledger.log.typed_data import to_checksum_address

SAID: Final = "服务方所称 as the service says"
CHECKED: Final = "已核对 checked"
UNCHECKED: Final = "未核对 NOT checked"


def lines_of(
    request: SigningRequest,
    openings: Sequence[Opening],
    *,
    now: float,
    is_chain_known: bool,
    has_manifest: bool,
) -> Iterator[str]:
    """The whole act in words.

    Args:
        request: the act.
        openings: what its digests and ids may stand for.
        now: Unix seconds.
        is_chain_known: whether the signer named the chain.
        has_manifest: whether the signer gave a manifest of the contracts.

    Raises:
        UnexplainedActError: something in it has no words.
    """
    known = {opening.digest: opening for opening in openings}
    title, domain = title_of(request.act), request.domain
    yield f"将要签署 You are asked to sign: {title.chinese} - {title.english}"
    yield f"  行为类型 act: {act_name(request.act)}"
    yield from _who(request, known)
    address = to_checksum_address(domain.verifying_contract)
    yield f"  合约 contract: {domain.contract} {address} ({_state(is_known=has_manifest)}: 清单 manifest)"
    yield f"  链 chain id: {domain.chain_id} ({_state(is_known=is_chain_known)})"
    yield f"  截止时间 deadline: {time_text(request.tail.deadline)} ({_left(request.tail.deadline - now)})"
    yield "内容 What it says:"
    statements = explain(request.act)
    names = {signer.body_id: printable(signer.participant) for signer in request.signers}
    for statement in statements:
        yield _line(statement, known, names)
    yield from _papers(statements, known)
    yield f"摘要 digest (EIP-712, without an SM2 signature): 0x{request.digest.hex()}"


def _who(request: SigningRequest, known: Mapping[bytes, Opening]) -> Iterator[str]:
    signer = request.tail.signer
    who = known.get(signer)
    named = f" = {printable(who.title)} ({CHECKED})" if who is not None else ""
    yield f"  签署方 signed by the body 0x{signer.hex()}{named}"
    if request.signer is None or request.subject is None:
        yield "  此文件未说明由谁以何密钥签署 this document alone does not say who it is, nor whose keys may sign"
        return
    yield f"    {printable(request.signer.participant)}, {printable(request.signer.purpose)} key ({SAID})"
    yield f"    第 {request.place} 位 place {request.place} of 0 to {len(request.signers) - 1} ({SAID})"
    kind, name = request.subject
    yield f"  涉及 about: {printable(kind)} {printable(name)} ({SAID})"


def _line(statement: Statement, known: Mapping[bytes, Opening], names: Mapping[bytes, str]) -> str:
    """One field; an id or digest with what it stands for, and a body that signs too under the name that the service gives it."""
    label = f"{'  ' * (statement.depth + 1)}{statement.words.chinese} {statement.words.english}:"
    stands_for = known.get(statement.paper or statement.identifier or b"")
    note = ""
    if stands_for is not None:
        note = f" = {printable(stands_for.title)} ({CHECKED})"
    elif statement.paper is not None:
        note = f" 未见原件 PAPER NOT SEEN ({statement.field})"
    elif statement.identifier is not None and statement.identifier in names:
        note = f" = {names[statement.identifier]} ({SAID})"
    return f"{label} {statement.value}{note}".rstrip()


def _papers(statements: Sequence[Statement], known: Mapping[bytes, Opening]) -> Iterator[str]:
    """The content of every paper whose digest is inside, once."""
    for digest in dict.fromkeys(statement.paper for statement in statements):
        opening = known.get(digest or b"")
        if opening is not None:
            yield f"附件 Paper, its digest is inside: {printable(opening.title)}"
            yield from (f"  {line}" for line in _content(opening.content))


def _content(content: Any) -> list[str]:
    """All of the paper's content, every character of it visible: what was not shown would not have been seen."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False, indent=1)
    return [printable(line) for line in text.split("\n")]


def _state(*, is_known: bool) -> str:
    return CHECKED if is_known else UNCHECKED


def _left(seconds: float) -> str:
    if seconds <= 0:
        return "已过期 over"
    minutes = int(seconds // 60)
    return f"剩余 left: {minutes // 1440} d {minutes // 60 % 24} h {minutes % 60} min"


def printable(text: str) -> str:
    """One line of it, with everything spelled out that a terminal would obey or that would pass for another line."""
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def say(line: str) -> None:
    """Prints a line as it is; what the terminal has no letters for is spelled out."""
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding))
