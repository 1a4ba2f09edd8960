"""Offices that wait for a dead source take no place from those that work."""

import os
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from unittest import mock

import pytest

from config.settings import load_settings
from connectors.errors import ConfigError
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import NightOutcome, Verdict
from flows.engine.places import IDLE_S, Place, Places
from flows.nightly import THREADS
from tests.http_server import Answer, serving
from tests.proxies import proxying
from tests.small import install, petition
from tests.test_fault_wall import presets

AT_ONCE = 2
SOUND = 6
DEADLINE_S = 15.0
SECRET = "KNTC_TEST_SHARE_SECRET"  # a variable's name


def work(seconds: float) -> None:
    """Use the processor."""
    ends_at = time.thread_time() + seconds
    while time.thread_time() < ends_at:
        pass


class Office(threading.Thread):
    """Takes a place, works or waits, and gives it back."""

    def __init__(self, places: Places, *, works: bool) -> None:
        super().__init__(daemon=True)
        self.places, self.works = places, works
        self.has_begun, self.may_end = threading.Event(), threading.Event()

    def run(self) -> None:
        with self.places.one(1) as place:
            place.begin()
            self.has_begun.set()
            while not self.may_end.wait(0.01):
                if self.works:
                    work(0.05)

    def end(self) -> None:
        self.may_end.set()
        self.join(10)


def test_work_is_seen_by_the_processors_clock() -> None:
    place = Place(0.0)
    assert place.is_working(100.0)  # it has not begun: somebody opens its files
    place.begin()
    work(0.1)
    assert place.is_working(200.0)
    assert place.is_working(200.0 + IDLE_S / 2)
    assert not place.is_working(200.0 + IDLE_S)
    work(0.1)
    assert place.is_working(300.0)


def test_a_thread_that_has_ended_does_not_work() -> None:
    place = Place(0.0)
    thread = threading.Thread(target=place.begin)
    thread.start()
    thread.join()
    assert not place.is_working(IDLE_S)


def test_who_works_keeps_the_place() -> None:
    places = Places()
    first, second = Office(places, works=True), Office(places, works=True)
    first.start()
    assert first.has_begun.wait(10)
    second.start()
    assert not second.has_begun.wait(IDLE_S / 2)
    first.end()
    assert second.has_begun.wait(10)
    second.end()


def test_who_waits_lends_the_place_to_the_next_one() -> None:
    places = Places()
    waiting = [Office(places, works=False) for _ in range(3)]
    for office in waiting:
        office.start()
    for office in waiting:
        assert office.has_begun.wait(10 * IDLE_S)
    for office in waiting:
        office.end()


def test_those_who_came_first_are_served_first() -> None:
    places, order = Places(), list[int]()
    holder = Office(places, works=True)
    holder.start()
    assert holder.has_begun.wait(10)

    def come(number: int) -> None:
        with places.one(1):
            order.append(number)

    threads = []
    for number in range(8):
        threads.append(threading.Thread(target=come, args=(number,)))
        threads[-1].start()
        time.sleep(0.02)
    holder.end()
    for thread in threads:
        thread.join(30)
    assert order == sorted(order)
    assert len(order) == len(threads)


def test_a_place_is_given_back_whatever_happens() -> None:
    places = Places()
    with pytest.raises(ZeroDivisionError), places.one(1):
        raise ZeroDivisionError
    with places.one(1):
        pass


def test_the_flow_has_a_thread_for_each_office_that_waits() -> None:
    """Prefect sleeps in the thread until the next try: five minutes of four threads
    would be five minutes of everybody."""
    assert THREADS >= 63 * 2


@pytest.mark.parametrize("text", ["0", "-1", "four", "1000", "٤"])
def test_a_limit_that_is_no_number_is_refused(tmp_path: Path, text: str) -> None:
    env = {"KNTC_HOME": str(tmp_path / "home")}
    assert load_settings(env).offices_at_once == 4
    assert load_settings(env | {"KNTC_OFFICES_AT_ONCE": "8"}).offices_at_once == 8
    with pytest.raises(ConfigError, match="KNTC_OFFICES_AT_ONCE"):
        load_settings(env | {"KNTC_OFFICES_AT_ONCE": text})


def night(folder: Path, broken: int) -> tuple[NightOutcome, float]:
    """A night with that many broken offices, first in order, and when the last of the
    sound ones was done."""
    place = install(folder)
    presets(folder / "config" / "systems")
    done: dict[str, float] = {}
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, {SECRET: "x"}))
        drips = Answer(b'{"items": [' + b" " * 4000, drip_s=0.5)
        slow = stack.enter_context(serving(lambda _: drips)).url
        silent = stack.enter_context(proxying(1, 0)).port
        for number in range(broken):
            urls = [f"http://127.0.0.1:{silent}", slow]
            path = folder / "config" / "provinces" / f"a_broken{number}.toml"
            path.write_text(
                f'name = "BHXH"\nprovince_code = "44"\ncode_scheme = "QD19-2025"\n'
                f'deadline_s = {DEADLINE_S}\n[[sources]]\nsystem = "broken{number}"\n'
                f'product = "so_rest"\n[sources.rest]\nbase_url = "{urls[number % 2]}"'
                f'\ntoken_env = "{SECRET}"\n',
                encoding="utf-8",
            )
        for number in range(SOUND):
            place.add_office(f"sound{number}")
            place.write(f"sound{number}", [petition(n) for n in range(40)])
        began = time.monotonic()
        outcome = run_night(
            place.settings,
            NightRequest(),
            lambda office: done.update({office.province: time.monotonic() - began}),
            workers=AT_ONCE,
        )
    return outcome, max(at for stem, at in done.items() if stem.startswith("sound"))


def test_sound_offices_do_not_wait_for_the_deadline_of_silent_ones(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Four that hang come first, and there are places for two: were those held, the
    others would begin at the deadline."""
    night(tmp_path_factory.mktemp("alone"), 0)  # the imports are not the silent ones'
    outcome, last_s = night(tmp_path_factory.mktemp("beside"), 4)
    for office in outcome.offices:
        is_sound = office.province.startswith("sound")
        expected = Verdict.PUBLISHED if is_sound else Verdict.FAILED
        assert office.verdict is expected, office
    assert last_s < DEADLINE_S
