"""Why a message of a negotiation is refused. The protocol answers each of them with 400 and a ``ContractNegotiationError``."""

from ledger.errors import ConflictError, InputError


class InvalidNegotiationMessageError(InputError):
    """Not a message of the protocol; ``facts`` has the place, never what stood there."""

    code = "invalid_negotiation_message"
    title = "Invalid negotiation message"

    def __init__(self, place: str, detail: str) -> None:
        super().__init__(f"{place} {detail}", place=place)


class InvalidCallbackAddressError(InvalidNegotiationMessageError):
    """No address that messages could be sent to; the protocol calls this unrecoverable."""

    code = "invalid_callback_address"
    title = "Invalid callback address"


class OtherNegotiationError(InputError):
    """The message names other process ids than those of the negotiation that it came to."""

    code = "other_negotiation"
    title = "Message of another negotiation"


class TermsDifferError(InputError):
    """An offer is about another dataset than the negotiation, or an agreement says something else than the offer it ends."""

    code = "terms_differ"
    title = "Terms differ"


class MessageIdReusedError(ConflictError):
    """Another message of this negotiation had the same ``@id``."""

    code = "message_id_reused"
    title = "Message id reused"


class TooManyRoundsError(ConflictError):
    """Offers went to and fro so often that the negotiation can only be agreed or terminated."""

    code = "too_many_rounds"
    title = "Too many rounds"
