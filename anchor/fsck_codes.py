"""The codes of ``fsck``'s findings: a closed list. mypy refuses any other; a test holds README and tests against it."""

from typing import Literal

# fmt: off
FindingCode = Literal[
    # entries
    "entry_missing", "entry_altered", "entry_beyond_head", "envelope_altered", "envelope_wrong",
    "body_missing", "body_altered", "seal_broken", "keyring_incomplete",
    # identities, outbox, API keys, accounts, search index
    "identity_missing", "identity_wrong", "identity_altered", "identity_dangling", "erasure_unlogged",
    "outbox_gap", "outbox_altered", "api_key_unlogged", "api_key_altered", "api_key_missing",
    "account_unlogged", "account_altered", "account_missing", "conflict_unrecorded",
    "index_altered",
    # tree, tiles, checkpoints, journal
    "head_altered", "root_mismatch", "tile_missing", "tile_altered", "bundle_altered",
    "checkpoint_unsigned", "checkpoint_altered", "checkpoint_missing",
    "journal_ahead", "journal_behind", "journal_disordered", "journal_unreadable",
    "tile_ahead", "tile_behind", "database_behind", "marks_wrong",
    # chain
    "anchor_missing_on_chain", "anchor_altered", "anchor_unrecorded", "chain_block_missing", "chain_block_altered",
    "job_altered", "foreign_head_on_chain", "log_equivocated", "contracts_missing", "halted", "halt_altered",
    # business objects
    "object_altered", "private_unreadable", "call_altered", "deadline_altered", "feed_altered", "catalog_altered",
    "quota_altered",
    # times
    "time_contradicted",
    # the log as such
    "log_altered", "log_missing",
]
# fmt: on
