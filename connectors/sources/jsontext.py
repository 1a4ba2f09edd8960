"""JSON whose numbers keep the digits they were written with, and its values as text."""

import json
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias, cast

from connectors.errors import SourceError

Json: TypeAlias = "bool | str | Sequence[Json] | Mapping[str, Json] | None"


class Number(str):
    """A number as it was written."""

    __slots__ = ()


class Doubled(dict[str, "Json"]):
    """An object in which a key stands twice."""

    __slots__ = ()


# Deeper than any document of a case; Python's own recursion ends not far beyond.
MAX_DEPTH = 100

ABSENT: Final = Doubled()  # what `at` gives when the path leads nowhere

_strings = json.JSONEncoder(ensure_ascii=False).encode


def parse(where: str, body: bytes) -> Json:
    """The value of a body; SourceError, naming its shape only, when it is not JSON."""
    try:
        value: object = json.loads(
            body,
            parse_float=Number,
            parse_int=Number,
            parse_constant=_refuse,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError):
        raise SourceError(
            f"{where}: expected JSON, found {body_shape(body)}; check base_url and "
            "path, or ask the API's owner"
        ) from None
    return cast("Json", value)


def _refuse(name: str) -> object:
    raise ValueError(name)  # NaN and Infinity are no JSON


def _object(pairs: "list[tuple[str, Json]]") -> "dict[str, Json]":
    held = dict(pairs)
    return held if len(held) == len(pairs) else Doubled(held)


def body_shape(body: bytes) -> str:
    """What a body looks like, never what it says."""
    head = body[:256].lstrip().lower()
    if not body:
        return "an empty body"
    kind = "HTML" if head.startswith((b"<!doctype html", b"<html")) else "text"
    kind = "XML" if head.startswith(b"<?xml") else kind
    return f"{kind} of {len(body)} bytes"


def at(value: Json, path: str) -> Json:
    """What stands at a dotted path ("" is the value itself), or ABSENT."""
    for key in path.split(".") if path else ():
        if not isinstance(value, dict) or key not in value:
            return ABSENT
        value = value[key]
    return value


def plain(value: Json) -> str | None:
    """A value as a cell: scalars as written, the rest as canonical JSON."""
    if value is None:
        return None
    if isinstance(value, str):
        return str(value)
    return canonical(value)


def canonical(value: Json) -> str:
    """JSON without blanks, keys sorted, letters as they are."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return _strings(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        pairs = (f"{_strings(k)}:{canonical(value[k])}" for k in sorted(value))
        return "{" + ",".join(pairs) + "}"
    return "[" + ",".join(map(canonical, value)) + "]"


def fault(item: Json) -> str | None:
    """Why an item is no row, or None."""
    if isinstance(item, Doubled):
        return "an object in which a key stands twice"
    if not isinstance(item, dict):
        return f"{shape(item)}, expected an object"
    if _is_deep(item, MAX_DEPTH):
        return f"an object nested more than {MAX_DEPTH} levels deep"
    if any(_has_doubled(value) for value in item.values()):
        return "an object inside it in which a key stands twice"
    try:
        "".join((*item, *(plain(value) or "" for value in item.values()))).encode()
    except UnicodeEncodeError:
        return "text that is not Unicode (half of a surrogate pair)"
    return None


def _is_deep(value: Json, left: int) -> bool:
    if isinstance(value, str) or not isinstance(value, Mapping | Sequence):
        return False
    inner = value.values() if isinstance(value, Mapping) else value
    return left == 0 or any(_is_deep(part, left - 1) for part in inner)


def _has_doubled(value: Json) -> bool:
    if isinstance(value, Doubled):
        return True
    if isinstance(value, str) or not isinstance(value, Mapping | Sequence):
        return False
    inner = value.values() if isinstance(value, Mapping) else value
    return any(_has_doubled(part) for part in inner)


def shape(value: Json) -> str:
    """What kind of value it is; only a code of at most 4 ASCII signs is shown."""
    if value is ABSENT:
        return "nothing"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        if value.isascii() and value.isalnum() and len(value) <= 4:
            return f'"{value}"'
        kind = "a number" if isinstance(value, Number) else "text"
        return f"{kind} of {len(value)} characters"
    if isinstance(value, Mapping):
        return f"an object of {len(value)} keys"
    return f"a list of {len(value)}"
