"""A proposal as TOML with its comments, and as the table that TOML reads."""

import json
import tomllib
from collections.abc import Iterator

from flows.engine.discover.proposal import Codes, Line, Proposal, Toml, Variant

WIDTH = 88
BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def table_of(proposal: Proposal) -> dict[str, object]:
    """The preset as TOML reads it."""
    return tomllib.loads(text_of(proposal))


def text_of(proposal: Proposal) -> str:
    """The preset file."""
    return "\n".join(_lines(proposal)).rstrip() + "\n"


def _lines(proposal: Proposal) -> Iterator[str]:
    yield "# Proposed by `kntc provinces discover`; the numbers say how surely (1.00 is"
    yield "# certain). Decide what is marked “?”, then kntc provinces check and"
    yield "# kntc sync --dry-run. What each key means stands in docs/presets.md."
    for note in proposal.notes:
        yield from _comment(f"? {note}")
    yield from _keys(proposal.preset)
    for name, codes in proposal.codes.items():
        yield from _codes(name, codes)
    yield ""
    yield "[[streams]]"
    yield from _keys(proposal.stream, _reasons(proposal))
    for one in proposal.filters:
        yield ""
        yield "[[streams.filters]]"
        if one.comment:
            yield from _comment(one.comment)
        yield f"reason = {quoted(one.reason)}"
        yield f"when = {inline(one.when)}"
    for part in (proposal, *proposal.more):
        for variant in part.variants:
            yield from _record(part, variant)


def _record(proposal: Proposal, variant: Variant) -> Iterator[str]:
    yield ""
    yield "[[streams.records]]"
    yield f"type = {quoted(proposal.record_type)}"
    yield from _keys(proposal.record)
    key: list[Toml] = list(proposal.key.columns)
    yield f"key = {inline(key)}  # {proposal.key.confidence:.2f} {proposal.key.why}"
    if proposal.key.is_personal:
        yield "personal_key = true  # the key may name a person: stored as its token"
    if variant.when is not None:
        yield f"when = {inline(variant.when)}"
    if proposal.not_provided:
        yield "not_provided = [  # no column was found for these"
        for name, why in proposal.not_provided:
            yield f"  {quoted(name)},  # {why}"
        yield "]"
    yield ""
    yield "[streams.records.fields]"
    yield from _keys(variant.fields | proposal.fields)


def _codes(name: str, codes: Codes) -> Iterator[str]:
    yield ""
    yield from _comment(f"of: {codes.of}")
    yield f"[codes.{name}]"
    for value, (code, confidence) in codes.found.known.items():
        doubt = f"  # {confidence:.2f}" if confidence < 0.95 else ""
        yield f"{quoted(value)} = {quoted(code)}{doubt}"
    for value, number in codes.found.unknown.items():
        yield f'# {quoted(value)} = "?"  # in {number} rows; decide'
    if codes.found.hidden:
        hidden = codes.found.hidden
        yield f"# {hidden} more values are not shown: rare, long, or a person's"


def _keys(
    lines: dict[str, Line], reasons: dict[str, str] | None = None
) -> Iterator[str]:
    for name, line in lines.items():
        if (
            isinstance(line.value, list)
            and line.value
            and reasons
            and name == "ignored"
        ):
            yield f"{key(name)} = [  # {line.comment}"
            for item in line.value:
                yield f"  {inline(item)},  # {_one_line(reasons.get(str(item), ''))}"
            yield "]"
            continue
        whole = f"{key(name)} = {inline(line.value)}"
        if not line.comment:
            yield whole
        elif len(whole) + len(line.comment) + 4 <= WIDTH:
            yield f"{whole}  # {_one_line(line.comment)}"
        else:
            yield from _comment(line.comment)
            yield whole


def _reasons(proposal: Proposal) -> dict[str, str]:
    return {line.column: line.why for line in proposal.columns}


def _comment(text: str) -> Iterator[str]:
    yield f"# {_one_line(text)}"


def _one_line(text: str) -> str:
    """Without line breaks and control characters, which no TOML comment may hold."""
    return "".join(c if c.isprintable() else " " for c in text)


def key(name: str) -> str:
    """A TOML key."""
    return name if name and set(name) <= BARE else quoted(name)


def quoted(text: str) -> str:
    """A TOML string; one in single quotes where that spares backslashes."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def inline(value: Toml) -> str:
    """A value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(inline(item) for item in value)}]"
    if isinstance(value, dict):
        pairs = (f"{key(name)} = {inline(item)}" for name, item in value.items())
        return f"{{ {', '.join(pairs)} }}"
    return str(value)
