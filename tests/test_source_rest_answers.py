"""What an API may answer: odd, torn, huge or thin lists, and what becomes of them."""

import gzip
import json
import time
import zlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest

from connectors.errors import SourceError, TransientError
from connectors.sources.base import Bound, Deadline, RestAt, RestStream
from connectors.sources.rest.details import FIRST
from connectors.sources.rest.http_pace import Pace
from connectors.sources.rest.reader import RestSource
from connectors.sources.rest.spec import Detail
from expectations.frames import LOCATOR, RAW, REJECT
from tests.http_server import Answer, Asked, Decide, Server, as_json, serving
from tests.rest_kinds import spec_for

READ = RestStream("/don", "items", paging="none")
NAME = "Nguyễn Thị Thử Đặng"


def read_all(
    decide: Decide,
    read: RestStream = READ,
    *,
    since: Bound | None = None,
    until: datetime | None = None,
    attempts: int = 1,
    waits: list[float] | None = None,
    max_body_mib: int = 64,
) -> tuple[pl.DataFrame, Server]:
    with serving(decide) as server:
        at = RestAt(server.url, max_body_mib=max_body_mib)
        spec = replace(spec_for(server.url, read, at), attempts=attempts)
        source = RestSource(spec, sleep=([] if waits is None else waits).append)
        batches = source.extract(spec.streams[0], since, until, Deadline.after(60))
        frames = [batch.frame for batch in batches]
        whole = pl.concat(frames, how="diagonal") if frames else pl.DataFrame()
        return whole, server


def frame_of(answer: Answer, read: RestStream = READ) -> pl.DataFrame:
    return read_all(lambda _: answer, read)[0]


# Charsets and encodings of the body

TEXT = json.dumps({"items": [{"id": "1", "ten": NAME}]}, ensure_ascii=False)


def typed(body: bytes, kind: str) -> Answer:
    return Answer(body, 200, {"Content-Type": kind})


@pytest.mark.parametrize(
    "answer",
    [
        Answer(TEXT.encode()),
        Answer(TEXT.encode("utf-8-sig")),
        Answer(TEXT.encode("utf-16")),
        Answer(TEXT.encode("utf-16-le")),
        Answer(TEXT.encode("utf-32")),
        # A default charset that the body does not follow: UTF-8 all the same.
        typed(TEXT.encode(), "application/json; charset=iso-8859-1"),
        typed(TEXT.encode(), 'application/json; charset="no-such"'),
    ],
)
def test_a_body_is_read_in_the_charset_it_is_in(answer: Answer) -> None:
    assert frame_of(answer)["ten"][0] == NAME


def test_a_charset_that_content_type_tells_is_used_for_what_is_no_utf8() -> None:
    body = TEXT.replace(NAME, "Đơn thư").encode("cp1258")
    told = typed(body, "application/json; charset=windows-1258")
    assert frame_of(told)["ten"][0] == "Đơn thư"


def test_a_preset_can_say_the_charset() -> None:
    body = TEXT.replace(NAME, "Đơn thư").encode("tcvn3")
    assert (
        frame_of(Answer(body), replace(READ, encoding="tcvn3"))["ten"][0] == "Đơn thư"
    )
    with pytest.raises(SourceError, match="is not ascii"):
        frame_of(Answer(body), replace(READ, encoding="ascii"))
    marked = Answer(TEXT.encode("utf-8-sig"))
    assert frame_of(marked, replace(READ, encoding="cp1258"))["ten"][0] == NAME


def test_one_torn_name_rejects_its_row_and_a_wrong_charset_the_list() -> None:
    rows = [{"id": str(n), "ten": "x"} for n in range(5)]
    body = json.dumps({"items": rows}).encode()
    torn = body.replace(b'"ten": "x"', b'"ten": "\xe6\xe6"', 1)
    frame = frame_of(Answer(torn))
    assert frame["id"].to_list() == [None, "1", "2", "3", "4"]
    assert "not Unicode" in frame[REJECT][0]
    assert json.loads(frame[RAW][0])["id"] == "0"
    with pytest.raises(SourceError, match="say which charset"):
        frame_of(Answer(body.replace(b'"x"', b'"\xe6"')))


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_packed_answer_is_unpacked(encoding: str) -> None:
    body = TEXT.encode()
    packed = gzip.compress(body) if encoding == "gzip" else zlib.compress(body)
    answer = Answer(packed, 200, {"Content-Encoding": encoding})
    assert frame_of(answer)["ten"][0] == NAME
    torn = replace(answer, body=answer.body[:-12])
    with pytest.raises((SourceError, TransientError)):
        frame_of(torn)


def test_the_size_limit_counts_unpacked_bytes_and_stops_early() -> None:
    bomb = gzip.compress(gzip.compress(b" " * (300 << 20)))
    headers = {"Content-Encoding": "gzip, gzip"}
    started = time.monotonic()
    with pytest.raises(SourceError, match="larger than 2 MiB"):
        read_all(lambda _: Answer(bomb, 200, headers), max_body_mib=2)
    assert time.monotonic() - started < 10


# Whole or cut


@pytest.mark.parametrize("frame", ["length", "chunks", "close"])
def test_a_body_comes_whole_however_it_is_framed(frame: str) -> None:
    answer = Answer(TEXT.encode(), frame=frame)  # type: ignore[arg-type]
    assert frame_of(answer)["ten"][0] == NAME


@pytest.mark.parametrize("frame", ["length", "chunks", "close"])
@pytest.mark.parametrize("cut", [0, 1, 20])
def test_a_cut_body_is_tried_again(frame: str, cut: int) -> None:
    first = [Answer(TEXT.encode(), cut_after=cut, frame=frame)]  # type: ignore[arg-type]
    waits: list[float] = []
    found, _ = read_all(
        lambda _: first.pop() if first else Answer(TEXT.encode()),
        attempts=2,
        waits=waits,
    )
    assert found["ten"][0] == NAME
    assert len(waits) == 1


def test_204_is_a_list_without_items() -> None:
    assert frame_of(Answer(b"", 204)).height == 0
    read = RestStream("/don", "items", page_size=1)
    decide: Decide = lambda a: (  # noqa: E731
        as_json({"items": [{"id": "1"}]})
        if a.query["page"] == "1"
        else Answer(b"", 204)
    )
    assert read_all(decide, read)[0].height == 1


def test_a_partial_content_is_read() -> None:
    assert frame_of(replace(as_json({"items": [{"id": "1"}]}), status=206)).height == 1


# Forms of the list


def test_lines_of_json_are_a_list() -> None:
    body = b'{"id":1}\n\n{"id":2}\r\n{"id":\n"x"\n'
    read = replace(READ, items="")
    frame = frame_of(typed(body, "application/x-ndjson; charset=utf-8"), read)
    assert frame["id"].to_list() == ["1", "2", None, None]
    assert frame[REJECT].to_list()[2] == "text of 6 characters, expected an object"
    with pytest.raises(SourceError, match="a cut would"):
        frame_of(replace(typed(body, "application/jsonl"), frame="close"), read)


def test_an_object_of_objects_is_a_list_with_its_names() -> None:
    answer = as_json({"items": {"17": {"a": "x"}, "18": "y", "19": {"ma": "20"}}})
    frame = frame_of(answer, replace(READ, keyed="ma"))
    assert frame["ma"].to_list() == ["17", None, "20"]
    assert frame[REJECT].is_null().to_list() == [True, False, True]
    with pytest.raises(SourceError, match="expected a list at items"):
        frame_of(answer)


# Envelopes that say 200 and hold an error


@pytest.mark.parametrize(
    ("said", "ok", "is_read"),
    [
        (0, ("0",), True),
        (1, ("0", "1"), True),
        (None, ("",), True),
        ("", ("",), True),
        ([], ("",), True),
        ({}, ("",), True),
        (True, ("true",), True),
        (-1, ("0",), False),
        (None, ("0",), False),
        ([], ("0",), False),
        (False, ("true",), False),
        ("Không tìm thấy Nguyễn Canary", ("",), False),
    ],
)
def test_an_error_under_200_is_an_error(
    said: object, ok: tuple[str, ...], is_read: bool
) -> None:
    answer = as_json({"Status": said, "items": [{"id": "1"}]})
    read = replace(READ, error="Status", error_ok=ok)
    if is_read:
        assert frame_of(answer, read).height == 1
        return
    with pytest.raises(SourceError, match="the API answered an error: Status") as found:
        frame_of(answer, read)
    assert "Canary" not in str(found.value)


def test_an_error_under_200_that_may_pass_is_tried_again() -> None:
    read = replace(READ, error="Status", error_ok=("0",), error_transient=("-5",))
    first = [as_json({"Status": -5})]
    sound = as_json({"Status": 0, "items": [{"id": "1"}]})
    waits: list[float] = []
    found, _ = read_all(
        lambda _: first.pop() if first else sound, read, attempts=2, waits=waits
    )
    assert (found.height, len(waits)) == (1, 1)
    with pytest.raises(TransientError, match='Status is "-5"'):
        read_all(lambda _: as_json({"Status": -5}), read, attempts=2)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_status_that_may_pass_is_tried_again(status: int) -> None:
    first = [Answer(b"", status, {"Retry-After": "2"})]
    waits: list[float] = []
    sound = as_json({"items": [{"id": "1"}]})
    read_all(lambda _: first.pop() if first else sound, attempts=2, waits=waits)
    assert len(waits) == 1
    assert waits[0] >= 2


@pytest.mark.parametrize(
    "asked", ["-5", "1e9", "soon", "9" * 400, f"Fri, 31 Dec {10**20} 23:59:59 GMT"]
)
def test_an_absurd_retry_after_never_breaks_the_reading(asked: str) -> None:
    with pytest.raises(TransientError, match="HTTP 429"):
        read_all(lambda _: Answer(b"", 429, {"Retry-After": asked}), attempts=2)


# Details


def thin(count: int, details: Decide, **more: object) -> Decide:
    items = [{"id": str(n), "ten": "list", **more} for n in range(count)]

    def decide(asked: Asked) -> Answer:
        return as_json({"items": items}) if asked.path == "/don" else details(asked)

    return decide


DETAIL = replace(READ, detail=Detail("/api/don/{id}", "data"))


def number(asked: Asked) -> int:
    return int(asked.path.rpartition("/")[2])


def test_a_detail_is_laid_over_its_item() -> None:
    decide = thin(
        3, lambda a: as_json({"data": {"ten": f"detail {number(a)}", "so": 1.50}})
    )
    frame, server = read_all(decide, DETAIL)
    assert frame["ten"].to_list() == ["detail 0", "detail 1", "detail 2"]
    assert frame["id"].to_list() == ["0", "1", "2"]
    assert [a.path for a in server.asked[1:]] == [f"/api/don/{n}" for n in range(3)]


@pytest.mark.parametrize(
    "answer",
    [
        Answer(b"", 404),
        Answer(b"", 403),
        Answer(b"", 410),
        Answer(b"", 500),
        Answer(b"<html>"),
        Answer(b"", 204),
        as_json({"data": None}),
        as_json({"data": ["Canary"]}),
        Answer(b'{"data":{"a":"\\ud800"}}'),
        Answer(b'{"data":{"a":1,"a":2}}'),
        as_json({"Status": -1, "data": {}}),
    ],
)
def test_a_detail_that_cannot_be_read_rejects_its_row_only(answer: Answer) -> None:
    sound = as_json({"data": {"ten": "detail"}})
    decide = thin(4, lambda a: answer if number(a) == 1 else sound)
    frame, _ = read_all(
        decide, replace(DETAIL, error="Status", error_ok=("0",)), attempts=2
    )
    assert frame["ten"].to_list() == ["detail", None, "detail", "detail"]
    assert frame[REJECT].is_null().to_list() == [True, False, True, True]
    assert "its detail" in frame[REJECT][1]
    assert "Canary" not in frame[REJECT][1]
    assert json.loads(frame[RAW][1]) == {"id": "1", "ten": "list"}
    assert frame[LOCATOR][1] == "page 1 item 2"


def test_details_that_all_fail_are_the_presets_fault() -> None:
    with pytest.raises(SourceError, match="none of the first 10 details"):
        read_all(thin(FIRST, lambda _: Answer(b"", 404)), DETAIL)
    frame, _ = read_all(thin(FIRST - 1, lambda _: Answer(b"", 404)), DETAIL)
    assert frame[REJECT].null_count() == 0


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_that_fails_every_detail_is_transient(status: int) -> None:
    with pytest.raises(TransientError, match=f"HTTP {status}"):
        read_all(thin(9, lambda _: Answer(b"", status)), DETAIL)


def test_details_that_break_the_server_now_and_then_cost_only_their_rows() -> None:
    def details(asked: Asked) -> Answer:
        broken = number(asked) % 2 == 1
        return Answer(b"", 500) if broken else as_json({"data": {"so": "1"}})

    frame, _ = read_all(thin(12, details), DETAIL)
    assert frame["so"].null_count() == 6
    assert frame[REJECT].null_count() == 6


def test_a_detail_refused_for_want_of_a_token_ends_the_reading() -> None:
    with pytest.raises(SourceError, match="HTTP 401"):
        read_all(thin(3, lambda _: Answer(b"", 401)), DETAIL)


@pytest.mark.parametrize(
    ("value", "target"),
    [
        ("025/BHXH-KN", "/api/don/025%2FBHXH-KN"),
        ("a b?c#d&e=f", "/api/don/a%20b%3Fc%23d%26e%3Df"),
        ("Đơn", "/api/don/%C4%90%C6%A1n"),
        ("../bi-mat", "/api/don/..%2Fbi-mat"),
        ("{id}", "/api/don/%7Bid%7D"),
        ("50%", "/api/don/50%25"),
    ],
)
def test_a_key_in_a_path_is_no_path(value: str, target: str) -> None:
    def decide(asked: Asked) -> Answer:
        if asked.path == "/don":
            return as_json({"items": [{"id": value}]})
        return as_json({"data": {"ten": "detail"}})

    frame, server = read_all(decide, DETAIL)
    assert server.asked[1].target == target
    assert frame["ten"].to_list() == ["detail"]


@pytest.mark.parametrize("value", [None, "", " ", ".", "..", [], {"a": 1}])
def test_a_key_that_no_address_can_carry_rejects_its_row(value: object) -> None:
    items = [{"id": value}, {"id": "7"}, {"khac": 1}]

    def decide(asked: Asked) -> Answer:
        if asked.path == "/don":
            return as_json({"items": items})
        return as_json({"data": {"ten": "detail"}})

    frame, server = read_all(decide, DETAIL)
    assert frame["ten"].to_list() == [None, "detail", None]
    assert len(server.asked) == 2
    assert "cannot be asked for: id" in frame[REJECT][0]


def test_a_key_in_a_detail_address_is_in_no_message() -> None:
    with pytest.raises(TransientError) as caught:
        read_all(thin(1, lambda _: Answer(b"", 503), id="079canary"), DETAIL)
    assert "canary" not in str(caught.value)
    assert "/api/don/{id}" in str(caught.value)


# Parameters, bounds, bodies

MOMENT = datetime(2026, 1, 1, 18, 30, 15, 999_999, tzinfo=UTC)  # 02/01 01:30 in Vietnam


@pytest.mark.parametrize(
    ("form", "since", "until"),
    [
        ("iso", "2026-01-01T18:30:15.999999Z", "2026-01-01T18:30:15.999999Z"),
        ("date", "2026-01-02", "2026-01-03"),
        ("epoch", "1767292215", "1767292216"),
        ("epoch_ms", "1767292215999", "1767292216000"),
        ("%d/%m/%Y", "02/01/2026", "03/01/2026"),
        ("%Y%m%d%H%M%S", "20260102013015", "20260102013016"),
        ("%d/%m/%Y %H:%M", "02/01/2026 01:30", "02/01/2026 01:31"),
        ("%Y-%m", "2026-01", "2026-02"),
        ("%Y", "2026", "2027"),
    ],
)
def test_bounds_are_written_so_that_no_row_is_lost(
    form: str, since: str, until: str
) -> None:
    read = replace(READ, since_param="tu", until_param="den", since_format=form)
    _, server = read_all(
        lambda _: as_json({"items": []}), read, since=MOMENT, until=MOMENT
    )
    assert server.asked[0].query == {"tu": since, "den": until}


@pytest.mark.parametrize("form", ["iso", "date", "epoch", "%d/%m/%Y %H:%M:%S"])
def test_a_bound_that_a_format_can_say_is_not_rounded(form: str) -> None:
    midnight = datetime(2026, 1, 1, 17, tzinfo=UTC)
    read = replace(READ, since_param="tu", until_param="den", since_format=form)
    _, server = read_all(
        lambda _: as_json({"items": []}), read, since=midnight, until=midnight
    )
    assert server.asked[0].query["tu"] == server.asked[0].query["den"]


def test_a_bound_before_1970_is_rounded_down_too() -> None:
    read = replace(READ, since_param="tu", since_format="epoch")
    early = datetime(1969, 12, 31, 23, 59, 58, 500_000, tzinfo=UTC)
    _, server = read_all(lambda _: as_json({"items": []}), read, since=early)
    assert server.asked[0].query["tu"] == "-2"


def test_a_version_is_sent_as_it_is() -> None:
    read = replace(READ, since_param="tu", version=("rv",), since_format="date")
    _, server = read_all(lambda _: as_json({"items": []}), read, since=(2**62,))
    assert server.asked[0].query == {"tu": str(2**62)}


def test_constant_parameters_go_with_each_call() -> None:
    read = RestStream(
        "/don",
        "items",
        page_size=1,
        parameters={"donVi": "025", "full": True, "loai": ["KN", "TC"]},
    )
    _, server = read_all(
        lambda a: as_json(
            {"items": [{"a": a.query["page"]}] if a.query["page"] < "3" else []}
        ),
        read,
    )
    assert len(server.asked) == 3
    assert all("donVi=025&full=true&loai=KN&loai=TC" in a.target for a in server.asked)


def test_a_post_sends_parameters_as_a_json_body() -> None:
    read = RestStream(
        "/tra-cuu",
        "items",
        method="POST",
        page_param="paging.page",
        size_param="paging.size",
        page_size=2,
        since_param="loc.tuNgay",
        since_format="date",
        parameters={"loc": {"donVi": "025"}, "chiTiet": True},
    )

    def decide(asked: Asked) -> Answer:
        page = asked.json["paging"]
        assert isinstance(page, dict)
        return as_json(
            {"items": [{"id": "1"}, {"id": "2"}][: 2 if page["page"] == 1 else 0]}
        )

    _, server = read_all(decide, read, since=MOMENT)
    assert [asked.method for asked in server.asked] == ["POST", "POST"]
    assert server.asked[0].json == {
        "paging": {"page": 1, "size": 2},
        "loc": {"donVi": "025", "tuNgay": "2026-01-02"},
        "chiTiet": True,
    }
    assert read.parameters == {"loc": {"donVi": "025"}, "chiTiet": True}


def test_calls_keep_their_pace_details_and_retries_among_them() -> None:
    first = [Answer(b"", 503)]

    def decide(asked: Asked) -> Answer:
        if first:
            return first.pop()
        if asked.path == "/don":
            return as_json({"items": [{"id": "1"}, {"id": "2"}]})
        return as_json({"data": {}})

    with serving(decide) as server:
        at = RestAt(server.url, calls_per_s=10)
        spec = replace(spec_for(server.url, DETAIL, at), attempts=2)
        waits: list[float] = []

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            if seconds <= 0.1:  # the pace's, not a back-off's
                time.sleep(seconds)

        source, started = RestSource(spec, sleep=sleep), time.monotonic()
        for _ in range(2):
            list(source.extract(spec.streams[0], None, None, Deadline.after(60)))
        assert len(server.asked) == 7
        assert time.monotonic() - started >= 0.6


def test_the_pace_is_kept_by_all_who_call() -> None:
    now, slept = [100.0], list[float]()
    pace = Pace(2.0, slept.append, clock=lambda: now[0])
    for _ in range(3):
        pace.wait("x", Deadline.after(60))
    assert slept == [0.5, 1.0]
    now[0] = 110.0
    pace.wait("x", Deadline.after(60))
    assert len(slept) == 2


def test_a_pace_that_would_pass_the_deadline_ends_at_it() -> None:
    with serving(lambda _: as_json({"items": [{"id": "1"}, {"id": "2"}]})) as server:
        at = RestAt(server.url, calls_per_s=0.01)
        spec = spec_for(server.url, replace(READ, detail=Detail("/don/{id}")), at)
        source, started = RestSource(spec), time.monotonic()
        with pytest.raises(SourceError, match="deadline has passed"):
            list(source.extract(spec.streams[0], None, None, Deadline.after(0.3)))
        assert time.monotonic() - started < 5


def test_a_long_list_is_held_a_batch_at_a_time() -> None:
    """10,000 rows in batches of 100: no batch is larger, whatever a page holds."""
    items = [{"id": str(n)} for n in range(2_500)]

    def decide(asked: Asked) -> Answer:
        page = int(asked.query["page"])
        rows = [{**item, "page": page} for item in items]
        return as_json({"items": rows if page <= 4 else []})

    with serving(decide) as server:
        spec = spec_for(server.url, RestStream("/don", "items", page_size=2_500))
        source = RestSource(spec)
        heights = [
            batch.frame.height
            for batch in source.extract(spec.streams[0], None, None, Deadline.after(60))
        ]
    assert heights == [100] * 100


def test_the_bound_is_the_instant_whatever_its_zone() -> None:
    vietnam = timezone(timedelta(hours=7))
    read = replace(READ, since_param="tu")
    _, server = read_all(
        lambda _: as_json({"items": []}),
        read,
        since=datetime(2026, 1, 2, 1, 30, tzinfo=vietnam),
    )
    assert server.asked[0].query["tu"] == "2026-01-01T18:30:00Z"
