"""Signed acts as contract calls: the call data of the function that takes an act, filled from the act and its signatures. No I/O."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar, get_args

from ledger.adapters.chain.abi import AbiStruct, Field
from ledger.adapters.chain.bindings.shared import PartySignature
from ledger.adapters.chain.suite_events import BINDINGS
from ledger.domain.typed_acts import Act
from ledger.errors import MisuseError
from ledger.services.acts import ActSignature

FormT = TypeVar("FormT", bound=AbiStruct)
_ONE: Final = PartySignature
_SEVERAL: Final = tuple[PartySignature, ...]


def encode_act_call(
    act: Act,
    function: str,
    signatures: Mapping[str, Sequence[ActSignature]],
    arguments: Mapping[str, bytes] | None = None,
) -> bytes:
    """Call data of ``function`` of the act's contract.

    Args:
        act: what was signed; a parameter of the function is a field of it, or the whole act as a struct.
        function: the function's name as the generated module has it, for example ``admit``.
        signatures: parameter that takes signatures -> those signatures, in the order in which the contract wants them.
        arguments: parameter -> what it takes, where the act does not say it; no bytes for a struct of which nothing is looked at.

    Raises:
        MisuseError: the function takes what is neither in the act nor among the signatures.
    """
    encode = getattr(BINDINGS[act.CONTRACT], f"encode_{function}")
    parameters = inspect.signature(encode).parameters
    given = dict(arguments or {})
    unused = {*signatures, *given} - set(parameters)
    if unused:
        raise MisuseError(f"{act.CONTRACT}.{function} takes no signatures and no arguments called {sorted(unused)}")
    taken = {name: _argument(act, each, signatures) for name, each in parameters.items() if name not in given}
    call: bytes = encode(**taken, **{name: _given(parameters[name], value) for name, value in given.items()})
    return call


def form(kind: type[FormT], source: Any) -> FormT:
    """The struct of this class, filled from the equally named attributes of ``source``.

    A struct that has no attribute of its own is filled from the same source: acts state three weights one by one.
    """
    names: Sequence[str] = kind.__slots__
    return kind(*(_filled(part, getattr(source, name, source)) for name, part in zip(names, kind.FIELDS, strict=True)))


def blank(kind: type[FormT]) -> FormT:
    """The struct of this class with nothing in it: zeroes, no bytes, no items."""
    return kind(*(_blank_part(part) for part in kind.FIELDS))


def _given(parameter: inspect.Parameter, value: bytes) -> Any:
    kind = parameter.annotation
    is_struct = isinstance(kind, type) and issubclass(kind, AbiStruct)
    if is_struct and value:
        raise MisuseError(f"{parameter.name} is a struct: it is given by the act, or is blank")
    return blank(kind) if is_struct else value


def _blank_part(part: Field) -> Any:
    if part.kind.endswith("[]"):
        return ()
    if part.part is not None and issubclass(part.part, AbiStruct):
        return blank(part.part)
    if part.kind.startswith("bytes"):
        return bytes(int(part.kind.removeprefix("bytes") or 0))
    if part.kind == "address":
        return bytes(20)
    return False if part.kind == "bool" else 0


def _argument(act: Act, parameter: inspect.Parameter, signatures: Mapping[str, Sequence[ActSignature]]) -> Any:
    kind = parameter.annotation
    if kind in (_ONE, _SEVERAL):
        given = tuple(_party_signature(one) for one in signatures.get(parameter.name, ()))
        if kind == _SEVERAL:
            return given
        if len(given) != 1:
            raise MisuseError(f"{parameter.name} takes one signature, not {len(given)}")
        return given[0]
    if isinstance(kind, type) and issubclass(kind, AbiStruct):
        return form(kind, act)
    [item, *_] = get_args(kind) or [None]
    if isinstance(item, type) and issubclass(item, AbiStruct):  # several structs beside the act, as its components
        return tuple(form(item, one) for one in getattr(act, parameter.name))
    name = parameter.name.removesuffix("_")  # the module spells `act` so, because it would hide something else
    if not hasattr(act, name):
        raise MisuseError(f"{type(act).__name__} has nothing for the parameter {parameter.name}")
    return getattr(act, name)


def _party_signature(one: ActSignature) -> PartySignature:
    return PartySignature(one.signer, one.key, one.sm2_signature_digest, one.deadline, one.signature)


def _filled(part: Field, value: Any) -> Any:
    if part.part is None or not issubclass(part.part, AbiStruct):
        return value
    if part.kind.endswith("[]"):
        return tuple(form(part.part, item) for item in value)
    return form(part.part, value)
