"""From a checked batch to what the loader takes: lines, held rows, findings. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from connectors.national import holding, incoming
from connectors.national.ledger import Known
from expectations.frames import (
    CURSOR,
    LOCATOR,
    RAW,
    RECORD_ID,
    ROW,
    SOURCE_ID,
    VERSION,
)
from flows.engine.prepared import Prepared
from flows.engine.repeats import Repeats

Check = Callable[[str, pl.DataFrame, pl.DataFrame], "CheckedFrames"]
Lookup = Callable[[str, pl.DataFrame], Known]
Tokens = Callable[[list[str]], list[str]]

DISPOSITION = "disposition"
CONFLICT = "key_conflict"


@dataclass(frozen=True, slots=True)
class CheckedFrames:
    """What check gave: accepted, quarantined (with `rules`), findings."""

    accepted: pl.DataFrame
    quarantined: pl.DataFrame
    findings: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Assembled:
    """The parts of load.Batch that come from one prepared batch."""

    lines: pl.DataFrame
    accepted: Mapping[str, pl.DataFrame]
    held: pl.DataFrame
    findings: pl.DataFrame
    set_aside: pl.DataFrame
    conflicts: list[str]


def assemble(
    prepared: Prepared,
    repeats: Repeats,
    raw: pl.DataFrame,
    check: Check,
    known: Lookup,
    tokens: Tokens,
) -> Assembled:
    """Check each record type and number every line of the batch.

    What is stored already as it was read is not checked again.
    """
    start = 0
    parts = []
    for record_type, frame in prepared.frames.items():
        parts.append(_part(record_type, frame, start, prepared, repeats, check, known))
        start += frame.height
    texts = row_texts(raw)
    held = _held(parts, texts, tokens)
    aside = _set_aside(prepared, texts, tokens)
    aside_lines = _aside_lines(aside, start)
    lines = [part.lines for part in parts]
    # A blank key has no id: the held row's token is its subject.
    blank = dict(zip(held["n"], held["subject"], strict=True))
    record_lines = pl.concat(lines) if lines else pl.DataFrame(schema=incoming.LINES)
    record_lines = record_lines.with_columns(
        subject=pl.coalesce(
            "subject",
            pl.col("n").replace_strict(blank, default=None, return_dtype=pl.String),
        )
    )
    return Assembled(
        lines=pl.concat([record_lines, aside_lines]),
        accepted={part.record_type: part.accepted for part in parts},
        held=held,
        findings=_findings(parts, record_lines),
        set_aside=aside.select(holding.SET_ASIDE.keys()),
        conflicts=[s for part in parts for s in part.conflicts],
    )


@dataclass(frozen=True, slots=True)
class _Part:
    record_type: str
    lines: pl.DataFrame
    accepted: pl.DataFrame
    quarantined: pl.DataFrame
    findings: pl.DataFrame
    conflicts: list[str]

    @property
    def places(self) -> pl.DataFrame:
        """Where the records stand of which findings are said: not the duplicates."""
        where = ["n", ROW, LOCATOR, RECORD_ID]
        both = (self.accepted.select(where), self.quarantined.select(where))
        named = pl.lit(self.record_type).alias("record_type")
        return pl.concat(both).with_columns(named)


def _part(
    record_type: str,
    frame: pl.DataFrame,
    start: int,
    prepared: Prepared,
    repeats: Repeats,
    check: Check,
    known: Lookup,
) -> _Part:
    numbered = _numbered(frame, start, prepared.seq, repeats)
    unique = numbered.filter(~pl.col("is_duplicate"))
    prior = prepared.findings.filter(pl.col("record_type") == record_type)
    checked = _check_new(record_type, unique, prior, check, known(record_type, unique))
    in_conflict = checked.accepted.filter("is_conflict").with_columns(
        rules=pl.lit([CONFLICT])
    )
    with_rules = checked.quarantined.with_columns(
        rules=pl.when("is_conflict")
        .then(pl.concat_list("rules", pl.lit([CONFLICT])))
        .otherwise("rules")
    )
    quarantined = pl.concat([with_rules, in_conflict.select(with_rules.columns)])
    accepted = checked.accepted.filter(~pl.col("is_conflict")).with_columns(
        wave=pl.int_range(pl.len()).over(RECORD_ID, order_by=[CURSOR, VERSION, ROW])
    )
    dispositions = {
        incoming.ACCEPTED: accepted,
        incoming.QUARANTINED: quarantined,
        incoming.DUPLICATE: numbered.filter("is_duplicate"),
    }
    lines = pl.concat(
        _lines(record_type, part, name) for name, part in dispositions.items()
    )
    assert lines.height == frame.height, "check lost or doubled a record"
    conflicts = quarantined.filter("is_conflict")[RECORD_ID].to_list()
    return _Part(
        record_type,
        lines,
        accepted,
        quarantined,
        checked.findings,
        [c for c in conflicts if c is not None],
    )


def _check_new(
    record_type: str,
    frame: pl.DataFrame,
    prior: pl.DataFrame,
    check: Check,
    known: Known,
) -> CheckedFrames:
    """Check what is new; what is stored as read keeps the answer it has."""
    same = [RECORD_ID, "content_hash"]
    published = frame.join(known.published, on=same, how="semi")
    rest = frame.join(known.published, on=same, how="anti")
    answers = known.held.unique(same).with_columns(pl.col("rules").str.split(","))
    told = rest.join(
        answers, on=same, how="left", nulls_equal=True, maintain_order="left"
    )
    # A conflict that is gone must be checked: its record was held for that alone.
    stands = pl.col("rules").is_not_null() & (
        pl.col("is_conflict") | ~pl.col("rules").list.contains(CONFLICT)
    )
    held = told.filter(stands).with_columns(
        pl.col("rules").list.set_difference([CONFLICT])
    )
    rest = told.filter(~stands).drop("rules")
    where = [ROW, LOCATOR]
    # What could not be read of a stored record is handed on, too: it leaves no trace in
    # the content, and the loader knows what was said before.
    of_known = prior.join(published, on=where, how="semi")
    if rest.height == 0:
        return CheckedFrames(published, held, of_known)
    checked = check(record_type, rest, prior.join(rest, on=where, how="semi"))
    return CheckedFrames(
        pl.concat([checked.accepted, published]),
        pl.concat([checked.quarantined.select(held.columns), held]),
        pl.concat([checked.findings, of_known]),
    )


def _numbered(
    frame: pl.DataFrame, start: int, seq: int, repeats: Repeats
) -> pl.DataFrame:
    """The frame with `n` and the marks of repeats.find_repeats."""

    def rows(places: pl.DataFrame) -> pl.DataFrame:
        return places.filter(pl.col("seq") == seq).select("key", "place", marked=True)

    keyed = (
        frame.with_row_index("place")
        .with_row_index("n", start)
        .with_columns(pl.col("n").cast(pl.Int64), key=pl.col(RECORD_ID).hash())
    )
    for name, places in (
        ("is_duplicate", repeats.duplicates),
        ("is_conflict", repeats.conflicts),
        ("is_superseded", repeats.superseded),
    ):
        keyed = keyed.join(
            rows(places).rename({"marked": name}),
            on=["key", "place"],
            how="left",
            maintain_order="left",
        ).with_columns(pl.col(name).fill_null(value=False))
    return keyed.drop("key", "place")


def _lines(record_type: str, part: pl.DataFrame, disposition: str) -> pl.DataFrame:
    wave = pl.col("wave") if "wave" in part.columns else pl.lit(0)
    return part.select(
        "n",
        row_no=pl.col(ROW).cast(pl.Int64),
        record_type=pl.lit(record_type),
        subject=RECORD_ID,
        content_hash="content_hash",
        changed_at=CURSOR,
        disposition=pl.lit(disposition),
        wave=wave.cast(pl.Int64),
        is_superseded="is_superseded",
    )


def row_texts(raw: pl.DataFrame) -> pl.DataFrame:
    """Each raw row as JSON text, with its number and place: what quarantine seals."""
    columns = [c for c in raw.columns if not c.startswith("kntc:")]
    text = pl.struct(columns).struct.json_encode() if columns else pl.lit("{}")
    said = pl.col(RAW) if RAW in raw.columns else pl.lit(None, pl.String)
    return raw.select(ROW, row_text=pl.coalesce(said, text), row_at=LOCATOR)


def _held(parts: list[_Part], texts: pl.DataFrame, tokens: Tokens) -> pl.DataFrame:
    frames = [
        part.quarantined.select(
            "n",
            ROW,
            pl.lit(part.record_type).alias("record_type"),
            pl.col(RECORD_ID).alias("subject"),
            SOURCE_ID,
            LOCATOR,
            pl.col("rules").list.unique().list.sort().list.join(",").alias("rules"),
            "content_hash",
        )
        for part in parts
    ]
    if not frames:
        return pl.DataFrame(schema=holding.HELD)
    held = pl.concat(frames).join(texts, on=ROW, how="left", maintain_order="left")
    # Objects inside one row differ by their place in it, wherever the row stands.
    inside = pl.col(LOCATOR).str.strip_prefix(pl.col("row_at"))
    held = held.with_columns(told_by=pl.concat_str("row_text", inside))
    return _with_subjects(held, tokens).select(holding.HELD.keys())


def _with_subjects(rows: pl.DataFrame, tokens: Tokens) -> pl.DataFrame:
    """Fill blank subjects with "row:" and a token of what tells the row from others
    (`told_by`)."""
    blank = rows.filter(pl.col("subject").is_null())
    if blank.height == 0:
        return rows
    texts = blank["told_by"].unique(maintain_order=True).to_list()
    names = {t: f"row:{token}" for t, token in zip(texts, tokens(texts), strict=True)}
    named = pl.col("told_by").replace_strict(
        names, default=None, return_dtype=pl.String
    )
    return rows.with_columns(subject=pl.coalesce("subject", named))


def _set_aside(prepared: Prepared, texts: pl.DataFrame, tokens: Tokens) -> pl.DataFrame:
    frames = [
        frame.select(
            ROW,
            "subject",
            record_type="record_type",
            **{LOCATOR: LOCATOR},
            rule=pl.lit(rule),
            reason="reason",
        )
        for rule, frame in (
            ("row_filtered", prepared.filtered),
            ("row_rejected", prepared.rejected),
        )
    ]
    aside = pl.concat(frames).join(texts, on=ROW, how="left", maintain_order="left")
    # Equal texts are told apart by their turn, not by their place: a row that is added
    # above them makes no new rows of them.
    turn = pl.int_range(pl.len()).over("row_text", "rule").cast(pl.String)
    is_rejected = pl.col("rule") == "row_rejected"
    told_by = pl.concat_str("row_text", pl.when(is_rejected).then(turn).fill_null(""))
    return _with_subjects(aside.with_columns(told_by=told_by), tokens)


def _aside_lines(aside: pl.DataFrame, start: int) -> pl.DataFrame:
    return aside.with_row_index("n", start).select(
        pl.col("n").cast(pl.Int64),
        row_no=pl.col(ROW).cast(pl.Int64),
        record_type="record_type",
        subject="subject",
        content_hash=pl.lit(None, pl.String),
        changed_at=pl.lit(None, pl.Datetime("us", "UTC")),
        disposition=pl.when(pl.col("rule") == "row_filtered")
        .then(pl.lit(incoming.FILTERED))
        .otherwise(pl.lit(incoming.REJECTED)),
        wave=pl.lit(0, pl.Int64),
        is_superseded=pl.lit(False),
    )


def _findings(parts: list[_Part], lines: pl.DataFrame) -> pl.DataFrame:
    """Findings with the line they speak of; a duplicate's are said of its first."""
    said = [
        part.findings.with_columns(record_type=pl.lit(part.record_type))
        for part in parts
        if part.findings.height
    ]
    conflicts = [
        part.quarantined.filter("is_conflict").select(
            ROW,
            LOCATOR,
            pl.lit(part.record_type).alias("record_type"),
            RECORD_ID,
            pl.lit(CONFLICT).alias("rule"),
            pl.lit(None, pl.String).alias("field"),
            pl.lit("same key, other content, no time to order them").alias("shape"),
        )
        for part in parts
    ]
    frames = [f for f in (*said, *conflicts) if f.height]
    if not frames:
        return pl.DataFrame(schema=holding.FINDINGS)
    columns = [ROW, LOCATOR, "record_type", RECORD_ID, "rule", "field", "shape"]
    findings = pl.concat([f.select(columns) for f in frames])
    placed = pl.concat(part.places for part in parts).join(
        lines.select("n", "subject"), on="n", how="left"
    )
    same = [ROW, LOCATOR, "record_type", RECORD_ID]
    told = findings.join(placed, on=same, how="inner", nulls_equal=True)
    return told.select(holding.FINDINGS.keys()).unique(maintain_order=True)
