"""The REST source against a real server that misbehaves."""

import gzip
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from connectors.errors import DeadlineError, KntcError, SourceError, TransientError
from connectors.sources.base import (
    Deadline,
    RawBatch,
    RestAt,
    RestStream,
    SourceSpec,
    Stream,
)
from connectors.sources.rest.reader import RestSource
from expectations.frames import LOCATOR, REJECT
from tests.certificates import authority
from tests.http_server import Answer, Asked, Decide, as_json, serving

TOKEN = "canary-token-81723"
READ = RestStream("/api/don", "data.items", page_size=3)


def read_all(
    decide: Decide,
    read: RestStream = READ,
    *,
    attempts: int = 3,
    batch_rows: int = 100,
    seconds: float = 60,
    timeout_s: float = 5,
    waits: list[float] | None = None,
    since: datetime | None = None,
    max_body_mib: int = 64,
) -> list[RawBatch]:
    with serving(decide) as server:
        spec = SourceSpec(
            "quang_tri",
            "qt_web",
            "rest",
            RestAt(server.url, lambda: TOKEN, max_body_mib=max_body_mib),
            (),
            timeout_s=timeout_s,
            attempts=attempts,
            batch_rows=batch_rows,
        )
        note: Callable[[float], None] = ([] if waits is None else waits).append
        source = RestSource(spec, sleep=note)
        stream = Stream("don", read)
        return list(source.extract(stream, since, None, Deadline.after(seconds)))


def pages(rows: list[object], size: int = 3, **more: object) -> Decide:
    def decide(asked: Asked) -> Answer:
        start = (int(asked.query["page"]) - 1) * size
        return as_json({"data": {"items": rows[start : start + size]}, **more})

    return decide


def failing_once(first: Answer, then: Decide) -> Decide:
    left = [first]
    return lambda asked: left.pop() if left else then(asked)


def test_values_keep_the_digits_and_the_signs_they_were_written_with() -> None:
    body = (
        '{"data":{"items":[{"so":0.10,"to":123456789012345678901234567890,"mu":1e5,'
        '"co":true,"khong":false,"rong":null,"chuoi":" 007 ","trong":"",'
        '"ds":[{"b":1.50,"a":"Đơn"}]},{"moi":"x"}]}}'
    )
    (batch,) = read_all(lambda _: Answer(body.encode()))
    first, second = batch.frame.rows(named=True)
    assert first["so"] == "0.10"
    assert first["to"] == "123456789012345678901234567890"
    assert (first["mu"], first["co"], first["khong"]) == ("1e5", "true", "false")
    assert (first["rong"], first["chuoi"], first["trong"]) == (None, " 007 ", "")
    assert first["ds"] == '[{"a":"Đơn","b":1.50}]'
    assert second["moi"] == "x"
    assert second["so"] is None
    assert first[LOCATOR] == "page 1 item 1"


def test_pages_are_gathered_into_batches() -> None:
    rows: list[object] = [{"id": str(i)} for i in range(8)]
    batches = read_all(pages(rows), batch_rows=5)
    assert [b.frame.height for b in batches] == [5, 3]
    assert [v for b in batches for v in b.frame["id"]] == [str(i) for i in range(8)]
    assert batches[1].frame[LOCATOR].to_list()[0] == "page 2 item 3"


def test_an_empty_first_page_gives_no_batch() -> None:
    assert read_all(pages([])) == []


def test_without_size_param_pages_are_read_until_an_empty_one() -> None:
    rows: list[object] = [{"id": str(i)} for i in range(4)]
    batches = read_all(pages(rows, 3), replace(READ, size_param=None))
    assert sum(b.frame.height for b in batches) == 4


def test_a_short_page_is_not_the_end_while_the_total_says_more() -> None:
    parts: dict[str, list[object]] = {"1": [{"id": "1"}], "2": [{"id": "2"}]}
    decide: Decide = lambda a: as_json(  # noqa: E731
        {"data": {"items": parts.get(a.query["page"], []), "total": 2}}
    )
    (batch,) = read_all(decide, replace(READ, total="data.total"))
    assert batch.frame["id"].to_list() == ["1", "2"]


def test_fewer_items_than_the_total_is_an_error() -> None:
    with pytest.raises(SourceError, match="1 items came, the API said 9"):
        read_all(pages([{"id": "1"}], total=9), replace(READ, total="total"))


def test_the_same_page_for_ever_ends() -> None:
    same = as_json({"data": {"items": [{"id": "1"}, {"id": "2"}, {"id": "3"}]}})
    with pytest.raises(SourceError, match="pages 1 and 2 are the same 3 items"):
        read_all(lambda _: same)


def test_an_item_that_is_no_object_is_a_rejected_row() -> None:
    body = b'{"data":{"items":[{"id":"1"},"Nguyen Van Canary",{"id":"\\ud800"}]}}'
    (batch,) = read_all(failing_once(Answer(body), pages([])))
    assert batch.frame.height == 3
    assert batch.frame["id"].to_list() == ["1", None, None]
    first, second, third = batch.frame[REJECT].to_list()
    assert first is None
    assert second == "text of 17 characters, expected an object"
    assert third.startswith("text that is not Unicode")


def test_a_key_that_stands_twice_rejects_the_row() -> None:
    body = b'{"data":{"items":[{"id":"1","id":"2"}]}}'
    (batch,) = read_all(lambda _: Answer(body))
    assert "twice" in batch.frame[REJECT][0]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(b"<html><body>Dang nhap canary-body</body></html>"), "HTML of"),
        (Answer(b""), "an empty body"),
        (Answer(b'{"data":{"items":'), "text of 17 bytes"),
        (Answer(b'{"data":{"items":[{"a":NaN}]}}'), "expected JSON"),
        (as_json({"rows": []}), "found nothing in an object of 1 keys"),
        (as_json({"data": {"items": {"a": 1}}}), "found an object of 1 keys"),
        (as_json({"data": {"items": ["canary-body"]}}), "text of 11 characters"),
        (as_json({"data": {"items": []}, "error": "canary-body"}), "error is text"),
        (Answer(b"", 401), "the token is wrong"),
        (Answer(b"", 403), "HTTP 403"),
        (Answer(b"", 404), "HTTP 404"),
        (Answer(b"", 418), "HTTP 418"),
        (Answer(b"", 302, {"Location": "http://127.0.0.1:1/"}), "HTTP 302"),
    ],
)
def test_a_wrong_answer_is_said_by_its_shape(answer: Answer, says: str) -> None:
    waits: list[float] = []
    with pytest.raises(SourceError, match=says) as caught:
        read_all(lambda _: answer, replace(READ, error="error"), waits=waits)
    assert "canary" not in str(caught.value)
    assert waits == []


def test_an_error_envelope_that_says_ok_is_read() -> None:
    decide = pages([{"id": "1"}], error={"code": 0})
    read = replace(READ, error="error.code", error_ok=("0",))
    assert read_all(decide, read)[0].frame.height == 1


@pytest.mark.parametrize(
    "first",
    [
        Answer(b"", 429),
        Answer(b"", 500),
        Answer(b"", 503),
        Answer(b'{"data":{"items":[]}}', cut_after=5),
    ],
)
def test_what_may_pass_is_tried_again(first: Answer) -> None:
    waits: list[float] = []
    batches = read_all(failing_once(first, pages([{"id": "1"}])), waits=waits)
    assert batches[0].frame.height == 1
    assert len(waits) == 1


def test_the_last_attempt_raises_the_transient_error() -> None:
    waits: list[float] = []
    with pytest.raises(TransientError, match="HTTP 503") as caught:
        read_all(lambda _: Answer(b"", 503), attempts=4, waits=waits)
    assert len(waits) == 3
    assert waits[0] < waits[1] < waits[2]
    assert TOKEN not in str(caught.value)


def test_retry_after_is_heeded_in_seconds_and_as_a_date() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    for asked, least in (("17", 17.0), (soon, 30.0)):
        waits: list[float] = []
        first = Answer(b"", 429, {"Retry-After": asked})
        read_all(failing_once(first, pages([{"id": "1"}])), waits=waits)
        assert waits[0] >= least


def test_a_wait_that_would_pass_the_deadline_is_not_begun() -> None:
    waits: list[float] = []
    first = Answer(b"", 429, {"Retry-After": "3600"})
    with pytest.raises(TransientError, match="HTTP 429"):
        read_all(lambda _: first, waits=waits)
    assert waits == []


def test_a_server_that_drips_cannot_hold_us_beyond_the_deadline() -> None:
    slow = Answer(b'{"data":{"items":[]}}' + b" " * 400, drip_s=0.1)
    start = time.monotonic()
    with pytest.raises(DeadlineError):
        read_all(lambda _: slow, seconds=0.4)
    assert time.monotonic() - start < 4


def test_a_page_over_the_cap_is_refused() -> None:
    bomb = Answer(gzip.compress(b" " * (2 << 20)), headers={"Content-Encoding": "gzip"})
    for answer in (Answer(b" " * (2 << 20)), bomb):
        with pytest.raises(SourceError, match="larger than 1 MiB"):
            read_all(lambda _, answer=answer: answer, max_body_mib=1)  # type: ignore[misc]


def test_a_certificate_nobody_vouches_for_is_refused_at_once(tmp_path: Path) -> None:
    ours = authority(tmp_path, "ours")
    certificate = ours.issue(tmp_path / "server.pem")
    empty = as_json({"data": {"items": []}})
    with serving(lambda _: empty, certificate) as server:
        waits: list[float] = []
        for ca_file in (None, ours.file):
            at = RestAt(server.url, ca_file=ca_file)
            spec = SourceSpec("quang_tri", "qt_web", "rest", at, (), attempts=3)
            source = RestSource(spec, sleep=waits.append)
            batches = source.extract(
                Stream("don", READ), None, None, Deadline.after(20)
            )
            if ca_file:
                assert list(batches) == []
                continue
            with pytest.raises(SourceError, match="certificate is not trusted"):
                list(batches)
        assert waits == []


def test_a_server_that_says_nothing_is_a_transient_error() -> None:
    def silent(asked: Asked) -> Answer:
        time.sleep(1)
        return Answer(b"")

    with pytest.raises(TransientError, match="no answer"):
        read_all(silent, attempts=1, timeout_s=0.2)


def test_a_closed_port_is_a_transient_error_without_the_query() -> None:
    spec = SourceSpec(
        "quang_tri",
        "qt_web",
        "rest",
        RestAt("http://user:canary-password@127.0.0.1:9", lambda: TOKEN),
        (),
        attempts=1,
    )
    stream = Stream("don", replace(READ, since_param="since"))
    source = RestSource(spec)
    with pytest.raises(KntcError) as caught:
        list(source.extract(stream, None, None, Deadline.after(5)))
    assert isinstance(caught.value, TransientError)
    assert "canary" not in str(caught.value) + repr(source)
    assert "127.0.0.1:9/api/don" in str(caught.value)
    assert caught.value.__cause__ is None


def test_the_bounds_and_the_token_are_sent() -> None:
    asked: list[Asked] = []

    def decide(one: Asked) -> Answer:
        asked.append(one)
        return as_json({"data": {"items": []}})

    zone = datetime(2026, 1, 2, 7, tzinfo=UTC)
    read_all(decide, replace(READ, since_param="tu"), since=zone)
    assert asked[0].query == {"page": "1", "size": "3", "tu": "2026-01-02T07:00:00Z"}
    assert asked[0].headers["Authorization"] == f"Bearer {TOKEN}"
