"""Every fault of a drop folder: said with the file's name, nobody else's trouble."""

import os
import re
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import NightOutcome, OfficeOutcome, Verdict
from tests.demo import query
from tests.small import Installation, csv_text, install, petition

ROWS = 30
REGISTER = "so_don_thu_2026.csv"
SECOND = "so_don_thu_2027.csv"
WHOLE = csv_text([petition(n) for n in range(ROWS)]).encode("utf-8-sig")
OTHER = csv_text([petition(n) for n in range(ROWS, 2 * ROWS)]).encode("utf-8-sig")


def gone(drop: Path) -> None:
    """A share that is not mounted."""
    drop.rmdir()


def folder_is_a_file(drop: Path) -> None:
    drop.rmdir()
    drop.write_bytes(WHOLE)


def folder_is_a_dead_link(drop: Path) -> None:
    drop.rmdir()
    drop.symlink_to(drop.parent / "nowhere")


def link_to_nothing(drop: Path) -> None:
    (drop / SECOND).symlink_to(drop / "nowhere")


def link_to_itself(drop: Path) -> None:
    (drop / SECOND).symlink_to(drop / SECOND)


def folder_of_that_name(drop: Path) -> None:
    (drop / SECOND).mkdir()


def pipe(drop: Path) -> None:
    """Opening one for reading waits for ever."""
    os.mkfifo(drop / SECOND)


def unreadable(drop: Path) -> None:
    """EIO, as a share gives whose server is gone; permissions do not hold for root."""
    (drop / SECOND).symlink_to("/proc/self/mem")


def forbidden(drop: Path) -> None:
    (drop / SECOND).write_bytes(OTHER)
    (drop / SECOND).chmod(0)


def of_zeros(drop: Path) -> None:
    """What a copy leaves that lost its power: the right size, and nothing in it."""
    (drop / SECOND).write_bytes(b"\0" * len(OTHER))


def half_of_zeros(drop: Path) -> None:
    half = len(OTHER) // 2
    (drop / SECOND).write_bytes(OTHER[:half] + b"\0" * half)


def empty(drop: Path) -> None:
    (drop / SECOND).write_bytes(b"")


def no_text(drop: Path) -> None:
    (drop / SECOND).write_bytes(os.urandom(4096))


def cut_in_quotes(drop: Path) -> None:
    """The file ends inside a quoted cell."""
    cell = {"Nội dung": 'một\n"hai"'}
    text = csv_text([petition(n, **cell) for n in range(ROWS, 2 * ROWS)])
    at = text.rindex('"hai""')
    (drop / SECOND).write_bytes(text[:at].encode("utf-8-sig"))


@dataclass(frozen=True, slots=True)
class Case:
    """What is done to the folder, and what may become of the office."""

    spoil: Callable[[Path], None]
    has_register: bool = True
    words: tuple[str, ...] = (SECOND,)
    # The rows that it may have when it is published all the same.
    rows: int | None = None


# Where a file can be read in part, each row that came is in the equations.
CASES = {
    "gone": Case(gone, False, ("drop folder",)),
    "folder_is_a_file": Case(folder_is_a_file, False, ("drop folder",)),
    "folder_is_a_dead_link": Case(folder_is_a_dead_link, False, ("drop folder",)),
    "link_to_nothing": Case(link_to_nothing),
    "link_to_itself": Case(link_to_itself),
    "folder_of_that_name": Case(folder_of_that_name),
    "pipe": Case(pipe),
    "unreadable": Case(unreadable),
    "of_zeros": Case(of_zeros),
    "half_of_zeros": Case(half_of_zeros),
    "empty": Case(empty),
    "no_text": Case(no_text),
}
if os.geteuid() != 0:
    CASES["forbidden"] = Case(forbidden)
ADVICE = re.compile(
    r"kntc sync --failed|[Mm]end |[Cc]heck |[Aa]sk |see docs/|[Tt]ake |[Ss]ave "
    r"|[Cc]opy |[Rr]emove |kntc accept"
)


@dataclass(frozen=True, slots=True)
class Seen:
    """The night with the spoilt folders, and the one after they were mended."""

    place: Installation
    night: NightOutcome
    mended: NightOutcome

    def office(self, stem: str, night: NightOutcome | None = None) -> OfficeOutcome:
        """The outcome of that office."""
        return next(o for o in (night or self.night).offices if o.province == stem)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    place = install(tmp_path_factory.mktemp("drops"))
    for stem in ("sound", *CASES):
        drop = place.add_office(stem, office="deadline_s = 60")
        case = CASES.get(stem)
        if case is None or case.has_register:
            (drop / REGISTER).write_bytes(WHOLE)
        if case is not None:
            case.spoil(drop)
    night = run_night(place.settings, NightRequest())
    for stem in CASES:
        mend(place.folder / "drop" / stem)
    return Seen(place, night, run_night(place.settings, NightRequest(failed_only=True)))


def mend(drop: Path) -> None:
    """A folder with the two registers, whatever stood there."""
    second = drop / SECOND
    if drop.is_symlink() or drop.is_file():
        drop.unlink()
    drop.mkdir(exist_ok=True)
    if second.is_dir() and not second.is_symlink():
        second.rmdir()
    second.unlink(missing_ok=True)
    (drop / REGISTER).write_bytes(WHOLE)
    second.write_bytes(OTHER)


def test_the_sound_office_is_published(seen: Seen) -> None:
    office = seen.office("sound")
    assert office.verdict is Verdict.PUBLISHED, office
    assert office.counts.inserted == ROWS


@pytest.mark.parametrize("stem", CASES)
def test_nothing_is_passed_over_without_a_word(seen: Seen, stem: str) -> None:
    """A file that bears the register's name is read, or the office says why not."""
    office = seen.office(stem)
    assert office.verdict in (Verdict.FAILED, Verdict.HELD), office
    error = str(office.error)
    for word in (stem, *CASES[stem].words):
        assert word in error, error
    assert ADVICE.search(error), error
    for hidden in ("unforeseen", "Traceback", "Nguyễn"):
        assert hidden not in error
    assert office.counts.rows_read == 0


@pytest.mark.parametrize("stem", CASES)
def test_what_is_mended_is_published_the_next_time(seen: Seen, stem: str) -> None:
    office = seen.office(stem, seen.mended)
    assert office.verdict is Verdict.PUBLISHED, office
    assert office.counts.inserted == 2 * ROWS


def read_once(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> tuple[OfficeOutcome, Installation]:
    place = install(tmp_path)
    drop = place.add_office("office")
    (drop / REGISTER).write_bytes(WHOLE)
    spoil(drop)
    return run_night(place.settings, NightRequest()).offices[0], place


def test_a_file_that_ends_inside_a_cell_loses_no_row_silently(tmp_path: Path) -> None:
    office, _ = read_once(tmp_path, cut_in_quotes)
    if office.verdict is Verdict.PUBLISHED:
        counts = office.counts
        assert counts.rows_balance()
        assert counts.rows_rejected + counts.quarantined >= 1
        assert counts.rows_read >= 2 * ROWS - 1
    else:
        assert SECOND in str(office.error)


def test_a_file_that_grows_while_it_is_read_is_read_whole_or_not_at_all(
    tmp_path: Path,
) -> None:
    place = install(tmp_path)
    drop = place.add_office("office")
    rows = csv_text([petition(n) for n in range(4000)]).encode("utf-8-sig")
    path = drop / REGISTER
    path.write_bytes(rows[: len(rows) // 2])
    stop = threading.Event()

    def write() -> None:
        with path.open("ab") as file:
            at = len(rows) // 2
            while at < len(rows) and not stop.is_set():
                file.write(rows[at : at + 4000])
                file.flush()
                at += 4000
                stop.wait(0.005)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        office = run_night(place.settings, NightRequest()).offices[0]
    finally:
        stop.set()
        writer.join()
    if office.verdict is Verdict.PUBLISHED:
        assert office.counts.rows_read == 4000
    else:
        assert office.verdict is Verdict.FAILED
        assert office.retryable
        assert REGISTER in str(office.error)
        assert office.counts.rows_read == 0


def test_a_folder_that_vanishes_while_it_is_read_is_an_error_not_a_short_register(
    tmp_path: Path,
) -> None:
    """Files of many rows, taken away one after another while the office is read."""
    place = install(tmp_path)
    drop = place.add_office("office")
    for number in range(12):
        rows = [petition(number * 500 + n) for n in range(500)]
        (drop / f"so_don_thu_{number:02d}.csv").write_text(csv_text(rows), "utf-8-sig")

    def unmount() -> None:
        with suppress(OSError):
            for path in sorted(drop.iterdir(), reverse=True):
                path.unlink()
            drop.rmdir()

    timer = threading.Timer(0.05, unmount)
    timer.start()
    office = run_night(place.settings, NightRequest()).offices[0]
    timer.join()
    if office.verdict is Verdict.PUBLISHED:
        assert office.counts.rows_read == 12 * 500
    else:
        assert office.verdict is Verdict.FAILED
        assert "unforeseen" not in str(office.error)
        count = query(place.settings.national_url, "SELECT COUNT(*) FROM petition")
        assert int(str(count[0][0])) == 0
