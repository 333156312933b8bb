"""The tables of the index. All of it can be made again from the series (law 3), except the index's own id.

``data`` columns hold the canonical JSON of the archive_schema type; the other columns are there to ask by. ``pos`` is a record's
position in the series (1-based over all segments), so it is the same wherever the series is replayed; ``first`` that of the first
record of its key.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

#: version of these tables; another one in a database means: make the index anew from the store
SCHEMA = "2"

meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", Text, nullable=False))

lease = Table(
    "lease",
    metadata,
    Column("name", String, primary_key=True),
    Column("token", String, nullable=False),
    Column("host", String, nullable=False),
    Column("pid", BigInteger, nullable=False),
    Column("started", Float, nullable=False),
    Column("holder", Text, nullable=False),
    Column("heartbeat", Float, nullable=False),
)

#: law 4: what a commit is about to write. Never asked for anything: a staged row is not known.
staged = Table(
    "staged",
    metadata,
    Column("run", String, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

evidence = Table(
    "evidence",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("volatile", Boolean, nullable=False),
    Column("pos", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

source = Table(
    "source",
    metadata,
    Column("folder", String, primary_key=True),
    Column("path", String, primary_key=True),
    Column("sha256", String(64), primary_key=True),
    Column("unit", String, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("mtime_ns", BigInteger, nullable=False),
    Column("present", Boolean, nullable=False),
    Column("pos", BigInteger, nullable=False),
    Column("first", BigInteger, nullable=False, index=True),
    Column("data", LargeBinary, nullable=False),
    Index("source_sha256", "sha256", "unit"),
)

#: a PlacementRecord as it came
proposal = Table(
    "proposal",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("unit", String, primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

#: its placements, for counting
placement = Table(
    "placement",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("unit", String, primary_key=True),
    Column("item", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("status", String, nullable=False),
)

#: a FindingRecord as it came
finding = Table(
    "finding",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("origin", String, primary_key=True),
    Column("rules", String, nullable=False),
    Column("settings", String, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

#: its outcomes, for counting
outcome = Table(
    "outcome",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("origin", String, primary_key=True),
    Column("n", Integer, primary_key=True),
    Column("code", String, nullable=False),
    Column("outcome", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("unit", String, nullable=False),
    Column("item", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("waived", Boolean, nullable=False),
)

decision = Table(
    "decision",
    metadata,
    Column("id", String, primary_key=True),
    Column("pos", BigInteger, nullable=False, index=True),
    Column("data", LargeBinary, nullable=False),
)

#: events about runs; those about single files stay in the series only
event = Table(
    "event",
    metadata,
    Column("pos", BigInteger, primary_key=True, autoincrement=False),
    Column("run", String, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

#: quarantine notices in force
quarantine = Table(
    "quarantine",
    metadata,
    Column("folder", String, primary_key=True),
    Column("path", String, primary_key=True),
    Column("pos", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

supersede = Table(
    "supersede", metadata, Column("sha256", String(64), primary_key=True), Column("by_sha256", String(64), nullable=False)
)

withdrawal = Table(
    "withdrawal",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("unit", String, primary_key=True),
    Column("destroyed", Boolean, nullable=False),
    Column("data", LargeBinary, nullable=False),
)

#: digests of the objects in force: cycle, catalogue, settings, units
config = Table("config", metadata, Column("name", String, primary_key=True), Column("digest", String(64), nullable=False))

#: everything that replaying the series fills
HELD = (
    evidence,
    source,
    proposal,
    placement,
    finding,
    outcome,
    decision,
    event,
    quarantine,
    supersede,
    withdrawal,
    config,
)
