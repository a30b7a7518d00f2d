"""Why a signing tool does not sign, each by name. Pure.

They contradict what the signer knows (``ConflictError``, ``AccessError``) or cannot be read at all (``InputError``).
"""

from ledger.errors import AccessError, ConflictError, InputError


class UnexplainedActError(InputError):
    """A document has a type, a contract or a member that cannot be explained, or none that it must have. It is never signed."""

    code = "unexplained_act"
    title = "Act cannot be explained"


class WrongChainError(ConflictError):
    """The act is for another chain than the one that the signer named."""

    code = "wrong_chain"
    title = "Another chain"


class WrongContractError(ConflictError):
    """The act is for an address that is not the contract of this name in the signer's manifest."""

    code = "wrong_contract"
    title = "Another contract"


class DeadlineOverError(ConflictError):
    """The signature could not be relayed any more."""

    code = "deadline_over"
    title = "Deadline over"


class KeyNotSignerError(ConflictError):
    """The key is none that may sign at this place of the act."""

    code = "key_not_signer"
    title = "Key is not among the signers"


class OtherBodyError(ConflictError):
    """The signature that is asked for is another body's."""

    code = "other_body"
    title = "Another body's act"


class DocumentChangedError(ConflictError):
    """The document is not the one that was shown."""

    code = "document_changed"
    title = "Document changed"


class PaperUnseenError(ConflictError):
    """The act holds the digest of a paper that the signer has neither attached nor named as not seen."""

    code = "paper_unseen"
    title = "Paper not seen"


class ForeignPaperError(ConflictError):
    """A paper's digest is none of those in the act."""

    code = "paper_not_in_act"
    title = "Paper is not in the act"


class WrongPasswordError(AccessError):
    """The password does not open the key."""

    code = "wrong_password"
    title = "Wrong password"


class KeystoreDamagedError(InputError):
    """A file of the keystore is no key file, or was changed."""

    code = "keystore_damaged"
    title = "Keystore file damaged"
