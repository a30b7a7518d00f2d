"""The tables of the authorisation platform's own database, as SQLAlchemy Core; its migrations make them, a test compares the two.

``copy_revisions`` holds what was seen first under each revision and is never changed; ``copies`` says which is the newest. The text of a
usage token is sealed under the platform's own keyring. ``kept_answers`` has what the first copy of a request was answered.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

VERSION_TABLE: Final = "platform_version"
"""Of its own, so that neither chain of migrations takes the other's database for its own."""

metadata = MetaData()
_TIME = DateTime(timezone=True)

book = Table(
    "book",
    metadata,
    Column("one", SmallInteger, primary_key=True),
    Column("owner", Text, nullable=False),
    CheckConstraint("one = 1", name="book_one_check"),
)

copies = Table(
    "copies",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("object_id", Text, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("first_seen", _TIME, nullable=False),
    Column("last_seen", _TIME, nullable=False),
    Column("spent", BigInteger),
)

copy_revisions = Table(
    "copy_revisions",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("object_id", Text, primary_key=True),
    Column("revision", BigInteger, primary_key=True),
    Column("state", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("document", JSONB, nullable=False),
    Column("seen_at", _TIME, nullable=False),
    ForeignKeyConstraint(["kind", "object_id"], ["copies.kind", "copies.object_id"]),
)

acts = Table(
    "acts",
    metadata,
    Column("number", BigInteger, Identity(always=True), nullable=False),
    Column("act_id", Text, primary_key=True),
    Column("act", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("request", JSONB, nullable=False),
    Column("sealed_month", Integer),
    Column("sealed_generation", BigInteger),
    Column("sealed_text", LargeBinary),
    Column("state", Text, nullable=False),
    Column("revision", BigInteger, nullable=False),
    Column("facts", JSONB, nullable=False),
    Column("problem_code", Text),
    Column("problem_detail", Text),
    Column("account", Text, nullable=False),
    Column("created_at", _TIME, nullable=False),
    Column("changed_at", _TIME, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("instance", BigInteger, nullable=False),
)

differences = Table(
    "differences",
    metadata,
    Column("difference_id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("object_id", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("here", Text),
    Column("there", Text),
    Column("first_seen", _TIME, nullable=False),
    Column("last_seen", _TIME, nullable=False),
    Column("ended_at", _TIME),
)

positions = Table(
    "positions",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("cursor", Text),
    Column("sweep_started_at", _TIME),
    Column("swept_at", _TIME),
    Column("succeeded_at", _TIME),
    Column("failure", Text),
    Column("changed_until", _TIME),
)

kept_answers = Table(
    "kept_answers",
    metadata,
    Column("account", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_digest", LargeBinary, nullable=False),
    Column("act_id", Text, ForeignKey("acts.act_id"), nullable=False),
    Column("answer", LargeBinary),
)
