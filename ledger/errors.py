"""One tree of errors, to be read whole. Every class has a stable ``code``; whoever shows an error shows the code.

Groups say whose fault it is: the caller's (``InputError``, ``AccessError``, ``ConflictError``), untrusted evidence
(``VerificationError``), the moment's (``UnavailableError``), the operator's store (``IntegrityError``).
Calling our own code in the wrong order is ``MisuseError`` and never the answer to bad input.
"""

from typing import Any, ClassVar


class LedgerError(Exception):
    """Root of the tree.

    Args:
        detail: one or two sentences for a person: what happened, what was kept, what to do next.
        **facts: machine-readable values that a problem document or a log line may carry; never secrets or event content.
    """

    code: ClassVar[str] = "ledger_error"
    title: ClassVar[str] = "Ledger error"

    def __init__(self, detail: str = "", **facts: Any) -> None:
        self.detail = detail or self.title
        self.facts = facts
        super().__init__(self.detail)


class MisuseError(RuntimeError):
    """Our own code was called in the wrong order or with impossible arguments: a defect, not bad input."""


# --- the caller's fault -------------------------------------------------------------------------------------------


class InputError(LedgerError):
    """What was sent cannot be accepted; nothing was written."""

    code = "invalid_input"
    title = "Invalid input"


class MalformedJsonError(InputError):
    """Not one strict JSON value in UTF-8 (formats.md section 1)."""

    code = "malformed_json"
    title = "Malformed JSON"


class DuplicateKeyError(InputError):
    """A JSON object names the same key twice."""

    code = "duplicate_key"
    title = "Duplicate key"


class LoneSurrogateError(InputError):
    """A JSON string holds half of a surrogate pair."""

    code = "lone_surrogate"
    title = "Lone surrogate"


class NumberNotExactError(InputError):
    """NaN, an infinity, an integral value beyond 2^53 - 1, or a number whose decimal value changes in canonical form."""

    code = "number_not_exact"
    title = "Number not exact"


class TooDeepError(InputError):
    """Nesting above 32 levels."""

    code = "too_deep"
    title = "Nested too deeply"


class TooLargeError(InputError):
    """A body, a batch or an event is above its stated limit."""

    code = "too_large"
    title = "Too large"


class InvalidEventError(InputError):
    """Not a CloudEvents 1.0 event as formats.md section 1 takes it."""

    code = "invalid_event"
    title = "Invalid event"


class UnsupportedMediaTypeError(InputError):
    """The content type is none that this endpoint takes."""

    code = "unsupported_media_type"
    title = "Unsupported media type"


class SplitError(InputError):
    """A sum cannot be split like this: weights, shares or recipients are not what the contracts take."""

    code = "invalid_split"
    title = "Invalid split"


class InvalidCodeError(InputError):
    """An identifier or a listed code is not one; the fact ``defect`` says why, and what was sent is never repeated.

    One subclass a kind of defect stands in ``ledger.domain.code_defects``; all of them keep this code and title.
    """

    code = "invalid_code"
    title = "Invalid code"


class CalendarNotPublishedError(InputError):
    """Working days were asked for beyond the last published official calendar; names what to update."""

    code = "calendar_not_published"
    title = "Calendar not published"


class InvalidActSignatureError(InputError):
    """A body's signature of an act is not by a key that may give it, or not over this act."""

    code = "invalid_act_signature"
    title = "Invalid act signature"


class SignerKeyEndedError(InvalidActSignatureError):
    """The key might sign when the act was proposed, and was revoked since: the step is taken back and asked for anew."""

    code = "signer_key_ended"
    title = "Signer's key ended"


class Sm2SignatureMissingError(InvalidActSignatureError):
    """The act is signed by EIP-712 and by SM2, and the second signature was not sent."""

    code = "sm2_signature_missing"
    title = "SM2 signature missing"


class Sm2KeyMissingError(InvalidActSignatureError):
    """The act is signed by EIP-712 and by SM2, and the body has no valid SM2 key on file."""

    code = "sm2_key_missing"
    title = "No SM2 key on file"


class ActDeadlineError(InputError):
    """A signature lapses too soon to be relayed, has lapsed already, or would hold for too long."""

    code = "act_deadline_out_of_range"
    title = "Deadline of a signature out of range"


class IdempotencyKeyMissingError(InputError):
    """A write came without an Idempotency-Key, or with one that is none."""

    code = "idempotency_key_missing"
    title = "Idempotency-Key missing"


class PreconditionRequiredError(InputError):
    """An edit came without the revision that it is based on."""

    code = "precondition_required"
    title = "Precondition required"


class SubmitterSignatureError(InputError):
    """The submitter's detached signature is malformed, by an unknown key, or wrong."""

    code = "invalid_submitter_signature"
    title = "Invalid submitter signature"


# --- access -------------------------------------------------------------------------------------------------------


class AccessError(LedgerError):
    """The caller may not do this."""

    code = "forbidden"
    title = "Forbidden"


class UnauthenticatedError(AccessError):
    """No key, or a key that is unknown, revoked or expired."""

    code = "unauthenticated"
    title = "Unauthenticated"


class InvalidRequestSignatureError(UnauthenticatedError):
    """The request's own signature is malformed, missing where it must be, out of its time, or wrong."""

    code = "invalid_request_signature"
    title = "Invalid request signature"


class SourceNotBoundError(AccessError):
    """The event's source begins with none of the prefixes bound to this submitter."""

    code = "source_not_bound"
    title = "Source not bound to submitter"


# --- state --------------------------------------------------------------------------------------------------------


class ConflictError(LedgerError):
    """The request contradicts what is recorded."""

    code = "conflict"
    title = "Conflict"


class IllegalTransitionError(ConflictError):
    """The object's state does not allow this act; ``facts``: ``state`` and ``allowed``, the acts that it does allow."""

    code = "illegal_transition"
    title = "Illegal transition"


class IdempotencyKeyReusedError(ConflictError):
    """The Idempotency-Key was used for another request."""

    code = "idempotency_key_reused"
    title = "Idempotency-Key reused"


class RevisionMismatchError(ConflictError):
    """The object was changed since the caller read it."""

    code = "precondition_failed"
    title = "Precondition failed"


class RequestReplayedError(ConflictError):
    """A signed request came a second time."""

    code = "request_replayed"
    title = "Request replayed"


class EventConflictError(ConflictError):
    """The same identity (source, id) was recorded with other canonical bytes."""

    code = "event_conflict"
    title = "Event conflict"


class EventErasedError(ConflictError):
    """The event was erased; a resubmission stays refused."""

    code = "event_erased"
    title = "Event erased"


class NotFoundError(LedgerError):
    """Nothing is recorded under that name."""

    code = "not_found"
    title = "Not found"


# --- untrusted evidence -------------------------------------------------------------------------------------------


class VerificationError(LedgerError):
    """Evidence does not verify; the message names what was expected and what was got."""

    code = "verification_failed"
    title = "Verification failed"


class NotCanonicalError(VerificationError):
    """Bytes differ from their own canonical re-encoding."""

    code = "not_canonical"
    title = "Not canonical"


class MalformedEvidenceError(VerificationError):
    """A proof, receipt, checkpoint or tile cannot be parsed."""

    code = "malformed_evidence"
    title = "Malformed evidence"


class RootMismatchError(VerificationError):
    """A recomputed root differs; carries both roots."""

    code = "root_mismatch"
    title = "Root mismatch"


class InvalidPathError(VerificationError):
    """A Merkle path has the wrong length, or an index or size is out of range."""

    code = "invalid_path"
    title = "Invalid Merkle path"


class SignatureError(VerificationError):
    """A signature is missing, malformed or wrong."""

    code = "invalid_signature"
    title = "Invalid signature"


class InconsistentCheckpointError(VerificationError):
    """Two checkpoints of one log cannot both be true; carries both notes, ready to be filed as an exhibit."""

    code = "inconsistent_checkpoint"
    title = "Inconsistent checkpoint"


# --- the moment ---------------------------------------------------------------------------------------------------


class UnavailableError(LedgerError):
    """A part that is needed does not answer now; retry later."""

    code = "unavailable"
    title = "Unavailable"


class OverloadedError(UnavailableError):
    """Too much work is outstanding; retry after the stated time."""

    code = "overloaded"
    title = "Too much outstanding work"


class RefusedByServiceError(LedgerError):
    """The service answered a request of the client with a problem; ``facts`` has its ``problem_code`` and ``status``."""

    code = "refused_by_service"
    title = "Refused by the service"

    @property
    def problem_code(self) -> str:
        """The stable code inside the service's problem document."""
        return str(self.facts.get("problem_code", self.code))


# --- the operator's store -----------------------------------------------------------------------------------------


class IntegrityError(LedgerError):
    """The operator's own stores contradict each other; nothing is repaired silently."""

    code = "integrity"
    title = "Stores contradict each other"


class SealBrokenError(IntegrityError):
    """A sealed body cannot be opened: its key is gone or its bytes were altered."""

    code = "seal_broken"
    title = "Sealed body cannot be opened"


# --- the operator's machine ---------------------------------------------------------------------------------------


class SettingsError(LedgerError):
    """A setting, a key file or a folder of this installation is missing or wrong; names what to change."""

    code = "settings"
    title = "Settings missing or wrong"


class EmbeddedError(LedgerError):
    """An embedded part (PostgreSQL, development chain, a child program) cannot be started or stopped; names its log."""

    code = "embedded_part"
    title = "Embedded part failed"
