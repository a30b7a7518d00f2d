"""Why a confidential part is not sealed or not opened, each by name. Pure.

They contradict what the party knows (``ConflictError``) or cannot be read at all (``InputError``). None tells any of the content.
"""

from ledger.errors import ConflictError, InputError


class RecipientKeyError(InputError):
    """A file is no public encryption key."""

    code = "no_recipient_key"
    title = "No encryption key"


class SealedPartMalformedError(InputError):
    """There is no ciphertext in the one form that is read, or what it held is no confidential part."""

    code = "sealed_part_malformed"
    title = "Sealed part cannot be read"


class SealedForOthersError(ConflictError):
    """The part was not encrypted to this key."""

    code = "sealed_for_others"
    title = "Sealed for other keys"


class CiphertextChangedError(ConflictError):
    """The ciphertext was changed after it was made, or was made for another key under this key's name."""

    code = "ciphertext_changed"
    title = "Ciphertext changed"


class SealMismatchError(ConflictError):
    """What was opened is not what the agreement's digest covers."""

    code = "seal_mismatch"
    title = "Not the agreed part"
