"""Pass three: what records must be to one another, once all of a source is loaded.

A parent may come in a later batch, or a later night: so links are looked at when both
ends had their chance, in a closing batch of their own, and again when either changes.
"""

from datetime import date

import polars as pl

from connectors.national import holding, incoming, ledger, linking
from connectors.national.ledger import Watermark
from connectors.national.linking import LinkFindings, Page
from connectors.national.load import Batch, load
from connectors.sources.base import Deadline
from expectations.check import check_links
from expectations.frames import RECORD_ID
from expectations.records import REFERENCES, Reference
from flows.engine.loading import EMPTY_DIGEST, Loading
from flows.engine.outcome import Counts

# One and the same finding of one version of a record.
SAME = [RECORD_ID, linking.VERSION, "rule", "field", "link"]


def look_at_links(work: Loading, deadline: Deadline) -> Counts:
    """Evaluate the links that this and earlier readings touched; one closing batch.

    Nothing changed, nothing is read or written. A dry run has loaded nothing that
    links could be looked at. With other rules than then all are looked at.
    """
    national, system = work.night.national, work.source.spec.system
    provided = _provided(work)
    references = [
        reference
        for reference in REFERENCES
        if reference.field in provided.get(reference.record_type, frozenset())
    ]
    if work.night.dry_run or not references:
        return Counts()
    mark = linking.links_mark(national, system)
    since = mark.batch_id if mark.checked_with == work.version else 0
    # Only after a succession may a parent stand in another system.
    parents = None if work.source.succession else system
    if since and not linking.has_changed(national, parents, since):
        return Counts()
    found = []
    for reference in references:
        known = _columns_given(reference, provided)
        for page in linking.pages(national, system, reference, since, parents):
            found.append(_differences(reference, page, known, work.night.night_on))
            deadline.check(f"{work.office.stem}: links of {reference.record_type}")
    opened = pl.concat([pl.DataFrame(schema=linking.OPENED), *(o for o, _ in found)])
    closed = [number for _, numbers in found for number in numbers]
    if since == 0:
        closed += linking.forgotten(national, system, references)
    return _close(work, LinkFindings(opened, closed), deadline)


def _provided(work: Loading) -> dict[str, frozenset[str]]:
    """Record type -> the fields that the source maps, in any of its streams."""
    fields: dict[str, frozenset[str]] = {}
    for stream in work.source.preset.streams:
        for mapping in stream.records:
            before = fields.get(mapping.type, frozenset())
            fields[mapping.type] = before | frozenset(mapping.fields)
    return fields


def _columns_given(
    reference: Reference, provided: dict[str, frozenset[str]]
) -> frozenset[str]:
    """The columns of the link frame that the source can fill."""
    parents = provided.get(reference.target, frozenset()) | {RECORD_ID}
    theirs = frozenset(f"{reference.field}.{name}" for name in parents)
    return provided[reference.record_type] | theirs | {RECORD_ID}


def _differences(
    reference: Reference, page: Page, provided: frozenset[str], today: date
) -> tuple[pl.DataFrame, list[int]]:
    """What is found now and not open, and what is open and not found any more."""
    lines = page.lines.drop(linking.VERSION)
    versions = page.lines.select(RECORD_ID, linking.VERSION).unique()
    found = (
        check_links(reference.name, lines, provided, today)
        .join(versions, on=RECORD_ID, how="left", maintain_order="left")
        .with_columns(link=pl.lit(reference.name))
        .select(linking.OPENED.keys())
    )
    stale = page.open.join(found, on=SAME, how="anti")
    return found.join(page.open, on=SAME, how="anti"), stale["finding_id"].to_list()


def _close(work: Loading, links: LinkFindings, deadline: Deadline) -> Counts:
    night = work.night
    counts = load(
        night.national,
        night.sealer,
        Batch(
            run=night.run,
            province=work.office.stem,
            system=work.source.spec.system,
            stage=work.attempt,
            seq=work.next_seq,
            is_last=True,
            is_full=work.reading.is_full,
            source_digest=EMPTY_DIGEST,
            rows_read=0,
            lines=pl.DataFrame(schema=incoming.LINES),
            accepted={},
            derived=pl.DataFrame(schema={"n": pl.Int64, RECORD_ID: pl.String}),
            held=pl.DataFrame(schema=holding.HELD),
            findings=pl.DataFrame(schema=holding.FINDINGS),
            set_aside=pl.DataFrame(schema=holding.SET_ASIDE),
            links=links,
            checked_with=work.version,
            watermarks=[Watermark(ledger.LINKS, None, None, work.version)],
        ),
        night.now(),
        deadline,
    )
    return Counts(**counts)
