"""Each way of paging against a real server: whole, in order, and to its end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest

from connectors.errors import SourceError
from connectors.sources.base import Deadline, RestStream, SourceSpec
from connectors.sources.rest.reader import RestSource
from expectations.frames import LOCATOR
from tests.http_server import Answer, Asked, Decide, Server, as_json, serving
from tests.rest_kinds import CHANGED, KINDS, Row, rest_source, spec_for

START = datetime(2026, 1, 2, tzinfo=UTC)
NUMBERED = ["page", "page_total", "offset", "offset_total"]


def made(count: int) -> list[Row]:
    return [
        {"id": str(n), CHANGED: (START + timedelta(minutes=n)).isoformat()}
        for n in range(count)
    ]


def ids(
    spec: SourceSpec, since: datetime | None = None, until: datetime | None = None
) -> list[str | None]:
    batches = RestSource(spec, sleep=lambda _: None).extract(
        spec.streams[0], since, until, Deadline.after(60)
    )
    return [value for batch in batches for value in batch.frame["id"]]


def read_from(decide: Decide, read: RestStream) -> list[str | None]:
    with serving(decide) as server:
        return ids(spec_for(server.url, read))


@pytest.fixture(params=sorted(KINDS))
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7, 9])
def test_every_row_comes_once_and_in_order(kind: str, count: int) -> None:
    """Empty, one row, and the exact multiples of a page of three among them."""
    with rest_source(kind, made(count), size=3, identity=("id",)) as (spec, server):
        assert ids(spec) == [str(n) for n in range(count)]
        assert len(server.asked) <= count // 3 + 2


def test_a_reading_resumes_from_its_bound_inclusively(kind: str) -> None:
    since, until = START + timedelta(minutes=4), START + timedelta(minutes=9)
    with rest_source(kind, made(12), size=3) as (spec, server):
        assert ids(spec, since, until) == ["4", "5", "6", "7", "8"]
        assert all("since" in asked.query for asked in server.asked)


def test_rows_that_are_there_twice_come_twice(kind: str) -> None:
    rows = [*made(5), *made(5)]
    with rest_source(kind, rows, size=2, identity=("id",)) as (spec, _):
        assert ids(spec) == [str(n) for n in (*range(5), *range(5))]


def test_locators_differ_also_after_a_second_reading(kind: str) -> None:
    rows = [*made(5), made(5)[0]]
    with rest_source(kind, rows, size=2, identity=("id",)) as (spec, _):
        source = RestSource(spec)
        (batch,) = source.extract(spec.streams[0], None, None, Deadline.after(60))
        assert batch.frame[LOCATOR].n_unique() == 6


def test_one_source_reads_its_stream_again_from_the_start(kind: str) -> None:
    with rest_source(kind, made(5), size=2) as (spec, _):
        assert ids(spec) == ids(spec)


# The end of a list


def capped(most: int, rows: list[Row], **more: object) -> Decide:
    """A server that gives at most so many rows, whatever is asked."""

    def decide(asked: Asked) -> Answer:
        if "offset" in asked.query:
            start = int(asked.query["offset"])
        else:
            start = (int(asked.query["page"]) - 1) * most
        return as_json({"items": rows[start : start + most], **more})

    return decide


@pytest.mark.parametrize("paging", ["page", "offset"])
def test_a_server_that_caps_the_page_size_loses_nothing(paging: str) -> None:
    """Asked for 500, it gives 3: a short page without a total is no end."""
    read = RestStream("/don", "items", paging=paging)  # type: ignore[arg-type]
    assert len(read_from(capped(3, made(8)), read)) == 8
    with_total = replace(read, total="total")
    assert len(read_from(capped(3, made(8), total=8), with_total)) == 8


def test_a_total_that_stops_counting_is_not_believed() -> None:
    """Search engines count to 10,000; this one to 6."""
    read = RestStream("/don", "items", page_size=3, total="total")
    assert len(read_from(capped(3, made(11), total=6), read)) == 11


def test_pages_of_uneven_length_are_all_read() -> None:
    """Rows that this account may not see are cut out after paging."""
    parts = [made(9)[:3], made(9)[3:4], made(9)[4:7], made(9)[7:]]

    def decide(asked: Asked) -> Answer:
        at = int(asked.query["page"]) - 1
        return as_json({"items": parts[at] if at < len(parts) else []})

    assert len(read_from(decide, RestStream("/don", "items", page_size=3))) == 9


def test_an_empty_page_with_a_next_one_is_no_end() -> None:
    pages: dict[str, tuple[list[Row], str | None]] = {
        "": (made(2)[:1], "a"),
        "a": ([], "b"),
        "b": (made(2)[1:], None),
    }

    def decide(asked: Asked) -> Answer:
        items, following = pages[asked.query.get("cursor", "")]
        return as_json({"items": items, "next": following})

    read = RestStream("/don", "items", paging="cursor")
    assert read_from(decide, read) == ["0", "1"]


@pytest.mark.parametrize("status", [400, 404, 416])
@pytest.mark.parametrize("count", [4, 6])
def test_a_page_beyond_the_last_may_be_refused(status: int, count: int) -> None:
    def decide(asked: Asked) -> Answer:
        said = capped(3, made(count))(asked)
        return said if b"id" in said.body else Answer(b"{}", status)

    assert len(read_from(decide, RestStream("/don", "items", page_size=3))) == count


def test_a_gateway_that_loses_the_api_is_not_the_end_of_the_list() -> None:
    answers = [capped(3, made(9))] * 2

    def decide(asked: Asked) -> Answer:
        return answers.pop()(asked) if answers else Answer(b"", 404)

    with pytest.raises(SourceError, match="HTTP 404"):
        read_from(decide, RestStream("/don", "items", page_size=3))


def test_a_refused_page_is_no_end_while_the_total_says_more() -> None:
    def decide(asked: Asked) -> Answer:
        if asked.query["page"] == "2":
            return Answer(b"", 404)
        return capped(3, made(9), total=9)(asked)

    read = RestStream("/don", "items", page_size=3, total="total")
    with pytest.raises(SourceError, match="HTTP 404"):
        read_from(decide, read)


@pytest.mark.parametrize("count", [2, 5, 6, 7])
def test_a_server_that_gives_the_last_page_again_is_at_its_end(count: int) -> None:
    def decide(asked: Asked) -> Answer:
        last = -(-count // 3)
        page = min(int(asked.query["page"]), last)
        return as_json({"items": made(count)[(page - 1) * 3 : page * 3]})

    assert len(read_from(decide, RestStream("/don", "items", page_size=3))) == count


@pytest.mark.parametrize("paging", ["page", "offset"])
@pytest.mark.parametrize("beyond", ["rows", "nothing", "refusal"])
def test_a_page_that_a_cache_gives_in_place_of_the_next_is_no_end(
    paging: Literal["page", "offset"], beyond: str
) -> None:
    """Page 2 again for page 3; the page after the lost one is what tells."""

    def decide(asked: Asked) -> Answer:
        said = asked.query
        page = int(said["page"]) if paging == "page" else int(said["offset"]) // 3 + 1
        if page > 3 and beyond == "refusal":
            return Answer(b"", 404)
        count = 12 if beyond == "rows" else 9
        at = (2 if page == 3 else page) - 1
        return as_json({"items": made(count)[at * 3 : at * 3 + 3]})

    read = RestStream("/don", "items", paging=paging, page_size=3)
    with pytest.raises(SourceError, match="pages 2 and 3 are the same, and page 4"):
        read_from(decide, read)


def test_what_a_total_says_is_all_asks_for_no_page_beyond_the_last_again() -> None:
    def decide(asked: Asked) -> Answer:
        page = min(int(asked.query["page"]), 2)
        return as_json({"items": made(6)[(page - 1) * 3 : page * 3], "total": 6})

    read = RestStream("/don", "items", page_size=3, total="total")
    with serving(decide) as server:
        assert len(ids(spec_for(server.url, read))) == 6
        assert len(server.asked) == 3


def test_a_total_in_a_header_is_checked() -> None:
    def decide(asked: Asked) -> Answer:
        said = capped(3, made(5))(asked)
        return replace(said, headers={"X-Total-Count": "5", "Content-Range": "0-2/7"})

    read = RestStream("/don", "items", page_size=3, total_header="X-Total-Count")
    assert len(read_from(decide, read)) == 5
    with pytest.raises(SourceError, match="5 items came, the API said 7"):
        read_from(decide, replace(read, total_header="Content-Range"))


def test_a_total_that_only_the_first_page_says_is_kept() -> None:
    def decide(asked: Asked) -> Answer:
        more = {"total": 9} if asked.query["page"] == "1" else {"total": None}
        return capped(3, made(7), **more)(asked)

    with pytest.raises(SourceError, match="7 items came, the API said 9"):
        read_from(decide, RestStream("/don", "items", page_size=3, total="total"))


@pytest.mark.parametrize("name", ["cursor", "link", "none"])
def test_a_total_is_checked_without_page_numbers_too(name: str) -> None:
    kind = KINDS[name]
    read = replace(kind.read, page_size=3, total_header="X-Total")

    def decide(asked: Asked) -> Answer:
        said = kind.answer(made(7), asked, 3)
        return replace(said, headers={**said.headers, "X-Total": "8"})

    with pytest.raises(SourceError, match="7 items came, the API said 8"):
        read_from(decide, read)


# Loops


def test_a_cursor_that_comes_again_ends_the_reading() -> None:
    """A, B, A, B: each page is sound, and there is no last one."""
    count = [0]

    def decide(asked: Asked) -> Answer:
        count[0] += 1
        following = "A" if asked.query.get("cursor") == "B" else "B"
        return as_json({"items": [{"id": str(count[0])}], "next": following})

    with pytest.raises(SourceError, match="a cursor that it gave before"):
        read_from(decide, RestStream("/don", "items", paging="cursor"))
    assert count[0] <= 3


def test_a_link_to_itself_ends_the_reading() -> None:
    def decide(asked: Asked) -> Answer:
        said = as_json([{"id": asked.query.get("n", "0")}])
        return replace(said, headers={"Link": "</don?n=1>; rel=next"})

    read = RestStream("/don", "", paging="link")
    with pytest.raises(SourceError, match="a cursor that it gave before"):
        read_from(decide, read)


def test_two_pages_that_take_turns_are_a_loop() -> None:
    def decide(asked: Asked) -> Answer:
        odd = int(asked.query["page"]) % 2
        return as_json({"items": made(6)[:3] if odd else made(6)[3:]})

    with pytest.raises(SourceError, match="pages 1 and 3 are the same 3 items"):
        read_from(decide, RestStream("/don", "items", page_size=3))


def test_an_api_that_does_not_heed_offset_is_a_loop() -> None:
    read = RestStream("/don", "items", paging="offset", page_size=3)
    with pytest.raises(SourceError, match="does not heed offset"):
        read_from(lambda _: as_json({"items": made(3)}), read)


# Where a next address may lead


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:1/don?token=canary",
        "https://{host}/don?x=1",
        "http://canary@{host}/don",
        "http://evil.example/don",
        "http://127.0.0.1:99999999/don",
    ],
)
def test_a_next_page_elsewhere_is_not_followed(target: str) -> None:
    for read in (
        RestStream("/don", "items", paging="cursor"),
        RestStream("/don", "items", paging="link"),
    ):

        def decide(asked: Asked) -> Answer:
            address = target.replace("{host}", asked.headers["Host"])
            said = as_json({"items": made(1), "next": address})
            return replace(said, headers={"Link": f'<{address}>; rel="next"'})

        with pytest.raises(SourceError, match="not followed") as caught:
            read_from(decide, read)
        assert "canary" not in str(caught.value)


def test_an_address_without_a_host_stays_on_the_apis_own() -> None:
    """`//evil.example/x` in the body is a cursor like any other; in Link it is not."""
    seen: list[str] = []

    def decide(asked: Asked) -> Answer:
        seen.append(asked.query.get("cursor", ""))
        more = {} if seen[-1] else {"next": "//evil.example/x"}
        return as_json({"items": [{"id": str(len(seen))}], **more})

    read = RestStream("/don", "items", paging="cursor")
    assert read_from(decide, read) == ["1", "2"]
    assert seen == ["", "//evil.example/x"]


@pytest.mark.parametrize("form", ["/don?n={n}", "?n={n}", "http://{host}/don?n={n}"])
def test_a_next_address_is_followed_however_it_is_written(form: str) -> None:
    def decide(asked: Asked) -> Answer:
        n = int(asked.query.get("n", "0"))
        target = form.format(n=n + 1, host=asked.headers["Host"])
        return as_json({"items": [{"id": str(n)}], "next": target if n < 3 else ""})

    read = RestStream("/don", "items", paging="cursor")
    assert read_from(decide, read) == ["0", "1", "2", "3"]


def test_the_last_items_key_can_be_the_cursor() -> None:
    """Keyset paging: `after` the last id; the list in the answer gives it."""

    def decide(asked: Asked) -> Answer:
        after = int(asked.query.get("after", "-1"))
        return as_json({"data": made(7)[after + 1 : after + 4]})

    read = RestStream(
        "/don", "data", paging="cursor", cursor_param="after", next="data.-1.id"
    )
    assert read_from(decide, read) == [str(n) for n in range(7)]


# A list that moves while it is read


@pytest.fixture(params=["page_total", "offset_total"])
def moving(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


Change = Callable[[list[Row]], None]


def goes(rows: list[Row]) -> None:
    rows.pop(0)


def comes(rows: list[Row]) -> None:
    rows.append({"id": f"new{len(rows)}{rows[0]['id']}"})


def moves(rows: list[Row]) -> None:
    rows.append({**rows.pop(0), CHANGED: f"2026-02-01T00:00:{len(rows):02}+07:00"})


def read_while(
    name: str, rows: list[Row], changes: dict[int, Change], size: int = 3
) -> tuple[list[str | None], Server]:
    """What is read when the list changes after the n-th call."""
    kind = KINDS[name]
    calls = [0]

    def decide(asked: Asked) -> Answer:
        said = kind.answer(list(rows), asked, size)
        calls[0] += 1
        if (change := changes.get(calls[0])) is not None:
            change(rows)
        return said

    read = replace(kind.read, page_size=size, identity=("id",))
    with serving(decide) as server:
        return ids(spec_for(server.url, read)), server


def test_a_row_deleted_while_reading_hides_no_other(moving: str) -> None:
    """Without a second reading row 3 is never seen: it moved to a page we had."""
    found, _ = read_while(moving, made(9), {1: goes})
    assert sorted({str(n) for n in found}) == [str(n) for n in range(9)]
    assert len(found) == 9


def test_a_row_changed_while_reading_hides_no_other(moving: str) -> None:
    """It goes to the end, where lists by change time have it; the total stays."""

    found, _ = read_while(moving, made(9), {1: moves})
    assert {str(n) for n in range(9)} <= set(found)


def test_a_row_added_while_reading_hides_no_other(moving: str) -> None:
    found, _ = read_while(
        moving, made(9), {1: lambda rows: rows.insert(0, {"id": "x"})}
    )
    assert {str(n) for n in range(9)} <= set(found)


def test_one_added_and_one_deleted_hide_no_other(moving: str) -> None:
    """Between different calls, that is: see connectors.sources.rest.census."""
    found, _ = read_while(moving, made(9), {1: comes, 2: goes})
    assert {str(n) for n in range(9)} <= set(found)


@pytest.mark.parametrize("changes", [(goes, comes), (goes,), (moves,), (comes, moves)])
def test_a_list_that_never_stands_still_is_read_all_the_same(
    moving: str, changes: tuple[Change, ...]
) -> None:
    """Something happens after each call; what stays is never lost."""
    stays = made(12)
    rows: list[Row] = [*({"id": f"old{n}"} for n in range(40)), *stays]
    plan = {n: changes[n % len(changes)] for n in range(1, 30)}
    found, server = read_while(moving, rows, plan)
    assert {str(row["id"]) for row in stays} <= set(found)
    assert len(server.asked) < 100


def test_a_list_without_a_total_that_moves_is_noticed_by_its_keys() -> None:
    for name in ("page", "offset"):
        found, _ = read_while(name, made(9), {1: moves})
        assert {str(n) for n in range(9)} <= set(found)


def test_a_quiet_list_is_read_once(moving: str) -> None:
    found, server = read_while(moving, made(8), {})
    assert len(found) == 8
    assert len(server.asked) == 3


def test_a_cursor_is_not_disturbed_by_a_total_that_grows() -> None:
    kind, rows = KINDS["cursor"], made(7)

    def decide(asked: Asked) -> Answer:
        said = kind.answer(list(rows), asked, 3)
        rows.append({"id": f"new{len(rows)}"}) if len(rows) < 9 else None
        return replace(said, headers={**said.headers, "X-Total": str(len(rows) + 5)})

    with pytest.raises(SourceError, match="the API said"):
        read_from(decide, replace(kind.read, page_size=3, total_header="X-Total"))
    with serving(lambda asked: kind.answer(list(rows), asked, 3)) as server:
        assert len(ids(spec_for(server.url, replace(kind.read, page_size=3)))) == 9
