"""Envelopes, tokens, content hashes and staged files under attack."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.canonical import netstrings, read_netstrings
from connectors.errors import KntcError, SourceError
from connectors.seal import (
    CONTENT_HASH,
    HEAD_BYTES,
    PERSONAL_TOKEN,
    SEALED,
    SEALED_DENOUNCER,
    Sealer,
    identify_key,
)
from connectors.sources.base import RawBatch
from connectors.staging import MANIFEST, Stage, open_stage
from expectations.frames import LOCATOR, RECORD_ID, REJECT, ROW, schema
from expectations.records import BY_NAME, Privacy, record_ids

SEALER = Sealer(b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)
NAME, NUMBER, PHONE = "Khuất Lệ Thử", "010099000001", "0869990001"
ADDRESS = "bản Rừng Vầu 1, xã Đèo Mây"
SECRETS = (NAME, NUMBER, PHONE, ADDRESS)


def petitions(*kinds: str | None) -> pl.DataFrame:
    """One petition a kind, all from the same sender."""
    ids = record_ids("thu_so", "petition", [f"D-{n}" for n in range(len(kinds))])
    values: dict[str, object] = {
        "kind": list(kinds),
        RECORD_ID: ids,
        "source_id": [f"D-{n}" for n in range(len(kinds))],
    } | {
        name: [value] * len(kinds)
        for name, value in {
            "received_date": date(2026, 3, 2),
            "sender_name": NAME,
            "sender_id_number": NUMBER,
            "sender_contact": PHONE,
            "sender_address": ADDRESS,
            "respondent_org": "BHXH huyện Mẫu",
        }.items()
    }
    columns = schema("petition")
    missing = {name: [None] * len(kinds) for name in columns if name not in values}
    return pl.DataFrame(values | missing, schema_overrides=columns).select(*columns)


def sealed(sealer: Sealer, *kinds: str | None) -> pl.DataFrame:
    return sealer.seal("petition", sealer.fingerprint("petition", petitions(*kinds)))


def envelope(frame: pl.DataFrame, row: int) -> tuple[bytes, str]:
    """The one envelope of a petition, and whose it is."""
    both = (frame[SEALED][row], frame[SEALED_DENOUNCER][row])
    [found] = [e for e in both if e is not None]
    return bytes(found), str(frame[RECORD_ID][row])


def test_an_envelope_opens_for_its_own_record_alone() -> None:
    frame = sealed(SEALER, "khieu_nai", "khieu_nai", "to_cao")
    for row in range(frame.height):
        found, record = envelope(frame, row)
        assert SEALER.open(found, record)["sender_name"] == NAME
        for other in frame[RECORD_ID].to_list():
            if other != record:
                with pytest.raises(KntcError, match="altered, moved"):
                    SEALER.open(found, other)


@pytest.mark.parametrize("kind", ["to_cao", "nhieu_noi_dung", None])
def test_a_denouncer_opens_under_the_denouncers_key_alone(kind: str | None) -> None:
    frame = sealed(SEALER, kind)
    assert frame[SEALED].to_list() == [None]
    found, record = envelope(frame, 0)
    assert found[1:9] == identify_key(SEALER.denouncer_key)
    clerk = replace(SEALER, denouncer_key=b"\x09" * 32)
    with pytest.raises(KntcError, match="does not open"):
        clerk.open(found, record)
    steward = replace(SEALER, seal_key=b"\x09" * 32)
    assert steward.open(found, record)["sender_id_number"] == NUMBER


def test_any_bit_that_is_turned_in_an_envelope_is_found() -> None:
    found, record = envelope(sealed(SEALER, "khieu_nai"), 0)
    # The version byte (0) is not authenticated: it says how to read the rest.
    for place in range(1, len(found)):
        turned = bytearray(found)
        turned[place] ^= 1 << (place % 8)
        with pytest.raises(KntcError) as refused:
            SEALER.open(bytes(turned), record)
        assert not any(secret in str(refused.value) for secret in SECRETS)


@pytest.mark.parametrize("size", [0, 1, 8, HEAD_BYTES, HEAD_BYTES + 15])
def test_a_cut_envelope_is_refused_not_crashed_on(size: int) -> None:
    found, record = envelope(sealed(SEALER, "khieu_nai"), 0)
    with pytest.raises(KntcError, match="does not open"):
        SEALER.open(found[:size], record)


def test_no_clear_value_is_left_beside_the_envelopes() -> None:
    frame = sealed(SEALER, "khieu_nai", "to_cao")
    closed = {f.name for f in BY_NAME["petition"].fields if f.privacy != Privacy.OPEN}
    assert closed
    assert not closed & set(frame.columns)
    written = "\n".join(str(row) for row in frame.rows())
    assert not any(secret in written for secret in SECRETS)


def test_equal_records_have_different_envelopes_and_the_same_tokens() -> None:
    one, two = (sealed(SEALER, "khieu_nai") for _ in range(2))
    assert one[SEALED][0] != two[SEALED][0]
    assert one[PERSONAL_TOKEN].to_list() == two[PERSONAL_TOKEN].to_list()
    assert one[CONTENT_HASH].to_list() == two[CONTENT_HASH].to_list()


@pytest.mark.parametrize("kind", ["khieu_nai", "to_cao"])
def test_the_content_hash_knows_the_token_key_and_no_other(kind: str) -> None:
    def hash_of(sealer: Sealer) -> str:
        return str(sealed(sealer, kind)[CONTENT_HASH][0])

    base = hash_of(SEALER)
    assert hash_of(replace(SEALER, seal_key=b"\x07" * 32)) == base
    assert hash_of(replace(SEALER, denouncer_key=b"\x07" * 32)) == base
    assert hash_of(replace(SEALER, token_key=b"\x07" * 32)) != base


def test_the_content_hash_moves_with_each_field() -> None:
    frame = petitions("khieu_nai")
    base = SEALER.fingerprint("petition", frame)[CONTENT_HASH][0]
    for name in ("sender_name", "sender_contact", "respondent_org", "handler_org"):
        changed = frame.with_columns(pl.lit("khác").alias(name))
        assert SEALER.fingerprint("petition", changed)[CONTENT_HASH][0] != base, name


def test_no_token_is_a_plain_hash_of_what_it_stands_for() -> None:
    frame = sealed(SEALER, "khieu_nai", "to_cao")
    tokens = [
        value
        for name in frame.columns
        if name.endswith("_token")
        for value in frame[name].drop_nulls()
    ]
    assert len(tokens) >= 4
    for token in tokens:
        assert token not in set(plain_hashes(SECRETS))


def plain_hashes(values: tuple[str, ...]) -> Iterator[str]:
    """What somebody with a list of names and numbers would try."""
    for value in values:
        for text in (value, value.lower(), value.strip(), value.replace(" ", "")):
            for name in ("md5", "sha1", "sha256", "sha512", "blake2b"):
                digest = hashlib.new(name, text.encode()).hexdigest()
                yield from (digest[:32], digest)


def test_tokens_of_different_purpose_do_not_meet() -> None:
    [one], [two] = SEALER.tokens("id", [NUMBER]), SEALER.tokens("phone", [NUMBER])
    assert one != two
    assert SEALER.tokens("id", [None, ""]) == [None, None]


def test_keys_are_not_shown() -> None:
    assert repr(SEALER) == "Sealer()"


fields = BY_NAME["petition"].having(Privacy.SENDER)
texts = st.text(st.characters(codec="utf-8"), max_size=20)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.none() | texts, min_size=len(fields), max_size=len(fields)))
def test_canonical_text_gives_back_what_went_in(values: list[str | None]) -> None:
    named = dict(zip((f.name for f in fields), values, strict=True))
    columns = {
        f.name: pl.Series([named[f.name]], dtype=schema("petition")[f.name])
        for f in fields
        if schema("petition")[f.name] == pl.String
    }
    chosen = tuple(f for f in fields if f.name in columns)
    assert len(chosen) >= 4
    text = pl.DataFrame(columns).select(netstrings(chosen)).to_series()[0]
    expected = {f.name: named[f.name] for f in chosen if named[f.name] is not None}
    assert read_netstrings(text.encode()) == expected


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=40))
def test_text_that_is_not_canonical_is_refused_in_one_way(text: bytes) -> None:
    """With ValueError and nothing else, so that verify can call it altered."""
    with suppress(ValueError):
        read_netstrings(text)


STAGING_KEY = b"\x04" * 32


def staged(folder: Path) -> tuple[Path, RawBatch]:
    """A stage with one batch; its folder and what was staged."""
    frame = pl.DataFrame(
        {
            "Người viết đơn": [NAME] * 50,
            "Số CCCD": [NUMBER] * 50,
            ROW: pl.Series(range(50), dtype=pl.UInt32),
            LOCATOR: [f"so.csv!L{n}" for n in range(50)],
            REJECT: pl.Series([None] * 50, dtype=pl.String),
        }
    )
    batch = RawBatch("don", frame)
    stage = open_stage(folder, "mau", "mau_so", "20261122", STAGING_KEY)
    stage.add(batch)
    stage.complete()
    return stage.folder, batch


def test_a_staged_batch_comes_back_and_lies_on_disk_sealed(tmp_path: Path) -> None:
    folder, batch = staged(tmp_path)
    stored = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert set(stored) == {"raw-00000", MANIFEST}
    for value in SECRETS:
        for form in (value.encode(), value.encode("utf-16-le")):
            assert not any(form in content for content in stored.values())
    assert folder.stat().st_mode & 0o077 == 0
    again = _reopened(folder)
    [line] = again.lines()
    assert again.is_complete()
    assert line.sha256 == hashlib.sha256(stored["raw-00000"]).hexdigest()
    assert again.batch(line).frame.equals(batch.frame)


def _reopened(folder: Path, key: bytes = STAGING_KEY) -> Stage:
    return Stage(folder, key)


def test_a_turned_bit_in_a_staged_file_is_named(tmp_path: Path) -> None:
    folder, _ = staged(tmp_path)
    path = folder / "raw-00000"
    whole = path.read_bytes()
    stage = _reopened(folder)
    for place in range(0, len(whole), max(1, len(whole) // 60)):
        turned = bytearray(whole)
        turned[place] ^= 1 << (place % 8)
        path.write_bytes(bytes(turned))
        with pytest.raises(SourceError, match="raw-00000 does not open: altered"):
            stage.read("raw-00000")
    path.write_bytes(whole[:-1])
    with pytest.raises(SourceError, match="does not open"):
        stage.read("raw-00000")


def test_a_staged_file_under_another_name_or_key_does_not_open(tmp_path: Path) -> None:
    folder, _ = staged(tmp_path)
    (folder / "raw-00001").write_bytes((folder / "raw-00000").read_bytes())
    with pytest.raises(SourceError, match="raw-00001 does not open"):
        _reopened(folder).read("raw-00001")
    with pytest.raises(SourceError, match="KNTC_STAGING_KEY"):
        _reopened(folder, b"\x05" * 32).read("raw-00000")


def test_a_manifest_line_cut_by_a_crash_is_no_line(tmp_path: Path) -> None:
    folder, _ = staged(tmp_path)
    text = (folder / MANIFEST).read_bytes()
    (folder / MANIFEST).write_bytes(text[: text.rindex(b"complete")])
    stage = _reopened(folder)
    assert len(stage.lines()) == 1
    assert not stage.is_complete()
