"""docs/records.md and docs/rules.md, written from the declarations they describe.

`python -m expectations.describe` writes both; a test fails when they are not current.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from expectations.records import RECORD_TYPES, Field, Privacy, RecordType
from expectations.rule import Rule, Where
from expectations.rules import NORMALISE_MESSAGES_VI, PATH_MESSAGES_VI, RULES
from expectations.rules_reference import PARENT_MISSING

DOCS = Path(__file__).parent.parent / "docs"
_NOTE = "Written by `python -m expectations.describe`; change the declarations instead."
_SEALED = {
    Privacy.OPEN: "",
    Privacy.PERSONAL: "personal",
    Privacy.DENOUNCER: "denouncer",
    Privacy.SENDER: "denouncer or personal, by kind",
}


def _row(*cells: str) -> str:
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"


def _table(heads: tuple[str, ...], rows: list[str]) -> str:
    return "\n".join([_row(*heads), _row(*("---" for _ in heads)), *rows])


def _allowed(field: Field) -> str:
    if field.items:
        return "; ".join(f"`{f.name}` {f.term} ({f.type})" for f in field.items)
    if field.refers_to:
        return "→ " + ", ".join(field.refers_to)
    return ", ".join(f"`{code}`" for code in field.codes)


def _field(field: Field) -> str:
    return _row(
        f"`{field.name}`",
        field.term,
        field.type,
        field.need,
        _SEALED[field.privacy],
        _allowed(field),
        field.source,
    )


def _record(record_type: RecordType) -> str:
    event = record_type.event_date
    law = f"`{event}` chooses the law." if event else "No event date."
    heads = ("field", "term", "type", "need", "sealed", "codes, items", "source")
    fields = [_field(field) for field in record_type.fields]
    title = f"## {record_type.name} ({record_type.term})"
    return "\n\n".join([title, f"{record_type.law}. {law}", _table(heads, fields)])


def records() -> str:
    """The record types as Markdown."""
    head = (
        "# Records\n\n" + _NOTE + "\n\nNeed: M mandatory, C conditional, O optional. "
        "Sealed: the envelope that holds the field; empty means it is stored open. "
        "Amounts are whole đồng."
    )
    return "\n\n".join([head, *map(_record, RECORD_TYPES)]) + "\n"


def _where(where: Where) -> str:
    match where.op:
        case "null" | "not null":
            return f"`{where.column}` is {where.op}"
        case "in":
            assert isinstance(where.value, tuple)
            return f"`{where.column}` in {', '.join(map(str, where.value))}"
        case _:
            return f"`{where.column}` {where.op} {where.value}"


def _expected(rule: Rule) -> str:
    """What is demanded; long lists (mandatory fields, all texts) are counted."""
    columns = rule.expectation.columns
    many = f"{len(columns)} fields" if len(columns) > 6 else ""
    named = many or ", ".join(f"`{column}`" for column in columns)
    texts = ("texts", "value_set", "regex", "shape", "sums")
    given = (
        f"{k}={v}" for k, v in rule.expectation.arguments.items() if k not in texts
    )
    return " ".join([rule.expectation.name, named, *given])


def _rule(rule: Rule) -> str:
    through = (f"`{rule.through}`",) if rule.through else ()
    return _row(
        rule.id,
        *through,
        rule.message_vi,
        _expected(rule),
        "; ".join(map(_where, rule.conditions)),
        rule.weight,
        rule.action,
        f"{rule.because} [{rule.certainty}]",
    )


_HEADS = ("rule", "message", "expectation", "when", "weight", "action", "because")
_LINK_NOTE = (
    "Along a link, whose columns are `<field>.<name>` of the record that is named; a "
    "finding closes when either record is mended."
)
_NO_RULE_NOTE = (
    "The reader, normalise and the loader find these, no rule does; `"
    + PARENT_MISSING
    + "` is found along every link."
)


def _rules_of(kind: RecordType) -> str:
    """A record type's rules, then those along its links."""
    mine = [r for r in RULES if r.record_type == kind.name and r.id != PARENT_MISSING]
    own = [_rule(rule) for rule in mine if not rule.through]
    linked = [_rule(rule) for rule in mine if rule.through]
    parts = [f"## {kind.name} ({kind.term})", _table(_HEADS, own)]
    if linked:
        heads = (_HEADS[0], "link", *_HEADS[1:])
        parts += [_LINK_NOTE, _table(heads, linked)]
    return "\n\n".join(parts)


def _found_on_the_way() -> str:
    """The findings that are not a rule's, with what stewards read."""
    parent = next(r for r in RULES if r.id == PARENT_MISSING)
    messages = NORMALISE_MESSAGES_VI | PATH_MESSAGES_VI
    found = messages | {PARENT_MISSING: parent.message_vi}
    rows = [_row(f"`{name}`", text) for name, text in found.items()]
    heads = ("finding", "message")
    return "\n\n".join(["## Found on the way", _NO_RULE_NOTE, _table(heads, rows)])


def rules() -> str:
    """RULES as Markdown."""
    head = (
        "# Rules\n\n" + _NOTE + "\n\nWeight: the law's, E breach of a duty, W a doubt. "
        "Action: `quarantine` withholds the record, `publish` lets it through with a "
        "finding. Certainty: V read in the source, T tested, M from memory, I inferred."
    )
    return (
        "\n\n".join([head, *map(_rules_of, RECORD_TYPES), _found_on_the_way()]) + "\n"
    )


PAGES: Mapping[str, Callable[[], str]] = {"records.md": records, "rules.md": rules}


def write(folder: Path = DOCS) -> None:
    """Write every page."""
    folder.mkdir(exist_ok=True)
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write()
