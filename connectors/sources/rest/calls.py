"""The calls of a list: its address, parameters and body."""

from collections.abc import Mapping
from typing import cast

from connectors.sources.rest.http import Call
from connectors.sources.rest.letting_in import under
from connectors.sources.rest.paging import Place
from connectors.sources.rest.spec import RestStream


def list_url(base_url: str, read: RestStream) -> str:
    """The address of the list without parameters."""
    return under(base_url, read.path)


def list_call(
    base_url: str, read: RestStream, place: Place, bounds: Mapping[str, object]
) -> Call:
    """The call for one page; an address that the API gave is asked as it is."""
    if place.url is not None and read.method == "GET":
        return Call(place.url)
    said = {**read.parameters, **bounds, **place.parameters}
    url = place.url or list_url(base_url, read)
    if read.method == "POST":
        return Call(url, "POST", json=_nested(said))
    return Call(url, query=said)


def _nested(said: Mapping[str, object]) -> dict[str, object]:
    """Parameters as a JSON body: `filter.from` stands in the object `filter`."""
    body: dict[str, object] = {}
    for name, value in said.items():
        *outer, last = name.split(".")
        inside = body
        for key in outer:
            held = inside.get(key)
            fresh = (
                dict(cast("dict[str, object]", held)) if isinstance(held, dict) else {}
            )
            inside[key] = fresh
            inside = fresh
        inside[last] = value
    return body
