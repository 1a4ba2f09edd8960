"""A table into a proposal: record type, fields, codes, key, and what is left over."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from expectations import records
from expectations.declaring import Field, Need, Type
from flows.engine.discover import coding, mapping, report_forms
from flows.engine.discover.choosing import Choice, choose
from flows.engine.discover.composite import Part, extracted, parts_of
from flows.engine.discover.dates import dates_of
from flows.engine.discover.evidence import Fit, Seen
from flows.engine.discover.keys import KeyChoice, key_of
from flows.engine.discover.leftover import leftovers, row_filters
from flows.engine.discover.marks import MarkGroup, mark_group
from flows.engine.discover.proposal import (
    Codes,
    ColumnLine,
    Line,
    Proposal,
    Toml,
    Variant,
)
from flows.engine.discover.shapes import profile

FEW_FIELDS = 3  # a table with fewer fields and many numbers is one of counts


@dataclass(frozen=True, slots=True)
class Sample:
    """A table with what else is known of the file."""

    columns: tuple[Seen, ...]
    titles: tuple[str, ...]
    preset: dict[str, Line]
    stream: dict[str, Line]
    is_workbook: bool = False
    record: dict[str, Line] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Draft:
    """What is gathered while the columns are gone through."""

    record_type: str
    fields: dict[str, Line] = field(default_factory=dict)
    codes: dict[str, Codes] = field(default_factory=dict)
    lines: dict[str, ColumnLine] = field(default_factory=dict)
    by_column: dict[str, str] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)


def propose(sample: Sample, wanted: str | None = None) -> Proposal:
    """The proposal for a sample; `wanted` is a record type that a person knows."""
    cells = report_forms.numbered(sample.columns)
    plain = [one for one in sample.columns if one.name not in cells]
    choice, choices = choose(plain, sample.titles, wanted)
    if wanted is None and not cells and len(choice.fits) < FEW_FIELDS:
        cells = _counts(sample.columns)
    if cells and wanted in (None, "periodic_report"):
        plain = [one for one in sample.columns if one.name not in cells]
        choice, _ = choose(plain, sample.titles, "periodic_report")
    usual = _usual_formats(plain, choice)
    draft = _Draft(choice.record_type)
    group = mark_group(choice.record_type, plain)
    _put_composites(draft, plain, choice, usual)
    _put_fields(draft, plain, choice, usual, sample, group)
    if choice.record_type == "periodic_report":
        _put_cells(draft, cells, sample.titles)
    variants = _variants(draft, group)
    return _finished(sample, draft, plain, choices, usual, variants)


def _counts(columns: Sequence[Seen]) -> list[str]:
    found = report_forms.counts(columns)
    return found if len(found) >= 3 and len(found) >= len(columns) / 2 else []


def _usual_formats(columns: Sequence[Seen], choice: Choice) -> tuple[str, ...]:
    counted: Counter[str] = Counter()
    for place in choice.fits:
        found = dates_of(columns[place].profile)
        if choice.fits[place].field.type is Type.DATE and found is not None:
            for form in mapping.day_formats(found):
                counted[form] += columns[place].profile.count
    return tuple(form for form, _ in counted.most_common())


def _put_fields(
    draft: _Draft,
    columns: Sequence[Seen],
    choice: Choice,
    usual: tuple[str, ...],
    sample: Sample,
    group: MarkGroup | None,
) -> None:
    ticked = group.codes if group else {}
    for place, fit in sorted(choice.fits.items()):
        one = columns[place]
        is_marked = group is not None and fit.field.name == group.field.name
        if one.name in draft.lines or one.name in ticked:
            continue
        if is_marked and one.profile.marks > 0.5:
            continue
        if fit.field.name not in draft.fields:
            _put(draft, one, fit, usual, sample)


def _put(
    draft: _Draft, one: Seen, fit: Fit, usual: tuple[str, ...], sample: Sample
) -> None:
    scale = mapping.scale_of(one.name, sample.titles)
    table = mapping.entry(
        fit.field,
        one.name,
        one.profile,
        usual,
        scale,
        sample.is_workbook,
    )
    why = fit.why
    if mapping.needs_codes(fit.field):
        _put_codes(draft, fit.field, one, table)
    _refer(fit.field, table)
    draft.fields[fit.field.name] = mapping.line(table, _said(fit.confidence, why))
    draft.lines[one.name] = ColumnLine(one.name, fit.field.name, fit.confidence, why)
    draft.by_column[one.name] = fit.field.name


def _put_codes(draft: _Draft, field: Field, one: Seen, table: dict[str, Toml]) -> None:
    found = mapping.coded(draft.record_type, field, one.profile)
    if coding.is_plain(field, found):
        return
    name = mapping.codes_name(field)
    held = draft.codes.get(name)
    of = f"{held.of}, {one.name}" if held else one.name
    whole = mapping.merged(held.found, found) if held else found
    draft.codes[name] = Codes(whole, of)
    table["codes"] = name


def _refer(field: Field, table: dict[str, Toml]) -> None:
    if field.type in (Type.REFERENCE, Type.REFERENCES) and len(field.refers_to) > 1:
        table["refers_to"] = "complaint_case"


def _put_composites(
    draft: _Draft,
    columns: Sequence[Seen],
    choice: Choice,
    usual: tuple[str, ...],
) -> None:
    by_field = {fit.field.name: place for place, fit in choice.fits.items()}
    for place, one in enumerate(columns):
        parts = parts_of(draft.record_type, one)
        free = all(
            by_field.get(part.field.name, place) == place
            and part.field.name not in draft.fields
            for part in parts
        )
        if not parts or not free:
            continue
        for part in parts:
            _put_part(draft, one, part, usual)
        names = " + ".join(part.field.name for part in parts)
        sure = min(part.confidence for part in parts)
        draft.lines[one.name] = ColumnLine(one.name, names, sure, parts[0].why)
        draft.used.add(one.name)


def _put_part(draft: _Draft, one: Seen, part: Part, usual: tuple[str, ...]) -> None:
    cells = profile(extracted(part, one.column.cells))
    table: dict[str, Toml] = {"column": one.name, "extract": part.extract}
    if part.field.type is Type.DATE:
        found = dates_of(cells)
        formats = mapping.day_formats(found) if found else ()
        if formats and formats != usual[: len(formats)]:
            table["formats"] = list(formats)
    if mapping.needs_codes(part.field):
        found_codes = mapping.coded(draft.record_type, part.field, cells)
        draft.codes[mapping.codes_name(part.field)] = Codes(found_codes, one.name)
        table["codes"] = mapping.codes_name(part.field)
    _refer(part.field, table)
    draft.fields[part.field.name] = Line(table, _said(part.confidence, part.why))


def _put_cells(draft: _Draft, cells: list[str], titles: Sequence[str]) -> None:
    if cells:
        names: list[Toml] = list(cells)
        pivot: Toml = {"key": "col", "value": "value", "columns": names}
        draft.fields["cells"] = Line({"pivot": pivot}, "the numbers, side by side")
        for name in cells:
            line = ColumnLine(name, "cells", 0.9, "a number of the form")
            draft.lines[name] = line
    found = report_forms.form_code(titles)
    if found and "form_code" not in draft.fields:
        draft.fields["form_code"] = Line({"constant": found[0]}, found[1])


def _variants(draft: _Draft, group: MarkGroup | None) -> list[Variant]:
    """One record mapping, or one for each column that is ticked."""
    if group is None:
        return [Variant()]
    name = group.field.name
    written = draft.fields.pop(name, None)
    found = []
    for column, code in group.codes.items():
        constant = Line({"constant": code}, "the column is ticked")
        when: dict[str, Toml] = {"column": column, "is_blank": False}
        found.append(Variant(when, {name: constant}))
        why = f"ticked: {name} = {code}"
        draft.lines[column] = ColumnLine(column, name, group.confidence, why)
        draft.used.add(column)
    if written is not None:
        value = written.value
        column = str(value["column"] if isinstance(value, dict) else value)
        found.append(Variant({"column": column, "is_blank": False}, {name: written}))
    return found


def _finished(
    sample: Sample,
    draft: _Draft,
    columns: Sequence[Seen],
    choices: Sequence[Choice],
    usual: tuple[str, ...],
    variants: list[Variant],
) -> Proposal:
    filters, filtered = row_filters(columns, set(draft.lines))
    draft.lines |= filtered
    key = key_of(columns, draft.by_column)
    _put_key(draft, key)
    rest = leftovers(columns, draft.lines)
    draft.lines |= rest.lines
    _settle_references(draft)
    nulls = _null_tokens(columns, draft)
    preset = dict(sample.preset)
    if usual:
        preset["date_formats"] = Line(
            [*usual], rest.order_note(columns, draft.by_column)
        )
    if rest.time_formats:
        preset["time_formats"] = Line([*rest.time_formats], "of the change time")
    if nulls:
        preset["null_tokens"] = Line(["", *nulls], "seen in the cells")
    used = {*draft.by_column, *draft.used, *key.columns}
    stream = _filled_down(sample.stream, used) | rest.stream
    return Proposal(
        preset,
        draft.codes,
        stream,
        filters,
        draft.record_type,
        key,
        draft.fields,
        variants,
        _not_provided(draft, variants),
        [draft.lines[one.name] for one in sample.columns if one.name in draft.lines],
        [*sample.notes, *_doubts(choices, draft.record_type), *rest.notes],
        sample.record,
    )


def _filled_down(stream: dict[str, Line], used: set[str]) -> dict[str, Line]:
    """The stream, only columns that are read filled down."""
    line = stream.get("fill_down")
    if line is None or not isinstance(line.value, list):
        return dict(stream)
    kept: Toml = [name for name in line.value if name in used]
    return {k: v for k, v in stream.items() if k != "fill_down"} | (
        {"fill_down": Line(kept, line.comment)} if kept else {}
    )


def _put_key(draft: _Draft, key: KeyChoice) -> None:
    for column in key.columns:
        held = draft.lines.get(column)
        why = f"key: {key.why}"
        if held is None:
            draft.lines[column] = ColumnLine(column, "key", key.confidence, why)
        else:
            draft.lines[column] = ColumnLine(
                column,
                f"{held.proposed} (and key)",
                held.confidence,
                f"{held.why}; {why}",
            )


def _settle_references(draft: _Draft) -> None:
    """A mapped case_type chooses among record types; refers_to is then not said."""
    if "case_type" not in draft.fields:
        return
    for name, line in draft.fields.items():
        if isinstance(line.value, dict) and "refers_to" in line.value:
            table = {k: v for k, v in line.value.items() if k != "refers_to"}
            draft.fields[name] = mapping.line(table, line.comment)


def _null_tokens(columns: Sequence[Seen], draft: _Draft) -> list[str]:
    """Signs for nothing that stand in columns which are read."""
    found: dict[str, None] = {}
    coded = {value for codes in draft.codes.values() for value in codes.found.known}
    for one in columns:
        if draft.by_column.get(one.name) or one.name in draft.used:
            found |= dict.fromkeys(one.profile.nulls)
            said_no = [v for v in one.profile.counted if v.lower() == "không"]
            if said_no and not any(v.lower() == "không" for v in coded):
                found |= dict.fromkeys(said_no)
    return [token for token in found if token not in coded]


def _not_provided(draft: _Draft, variants: Sequence[Variant]) -> list[tuple[str, str]]:
    given = {*draft.fields, *(name for v in variants for name in v.fields)}
    notes = {Need.MANDATORY: "mandatory", Need.CONDITIONAL: "conditional"}
    return [
        (f.name, f"{f.term} ({notes[f.need]})")
        for f in records.BY_NAME[draft.record_type].fields
        if f.need in notes and f.name not in given
    ]


def _doubts(choices: Sequence[Choice], record_type: str) -> list[str]:
    if len(choices) < 2 or choices[0].score == 0:
        return []
    second = choices[1]
    if second.record_type == record_type or second.score < 0.8 * choices[0].score:
        return []
    return [
        f"the columns fit {second.record_type} nearly as well: give --type "
        f"{second.record_type} if the rows are that"
    ]


def _said(confidence: float, why: str) -> str:
    return f"{confidence:.2f} {why}"
