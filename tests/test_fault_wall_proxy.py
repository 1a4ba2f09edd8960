"""Every fault of the line, on every kind that has one: said, bounded, nothing lost.

One night: an API, a PostgreSQL and a MariaDB behind sound proxies and behind proxies
that delay, drip, cut, reset, lose, corrupt, swallow and replay, early (while the
reader connects) and late (among the rows).
"""

import os
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import psycopg
import pytest

from connectors.breaker import BREAKER
from connectors.errors import SourceError
from connectors.sources.base import Deadline
from flows.demo import mariadb, postgres
from flows.engine.night import NightRequest, run_night
from flows.engine.outcome import NightOutcome, OfficeOutcome, Verdict
from tests.demo import query
from tests.http_server import Answer, Asked, as_json, serving
from tests.proxies import Fault, Proxy, always, misbehaving
from tests.small import COLUMNS, Installation, install, petition
from tests.test_fault_wall import presets

ROWS = 60
PAGE = 20
DEADLINE_S = 4.0
GRACE_S = 5.0  # how long past it an office may take to notice
SECRET = "KNTC_TEST_LINE_SECRET"  # a variable's name
SECRET_VALUE = "token-of-the-line"
KINDS = ("rest", "pg", "maria")
CLOSE = {"Connection": "close"}  # a page a connection

# What a kind's reader is answered: `early` and `late` are bytes of that answer.
EARLY = {"rest": 40, "pg": 60, "maria": 600}

# Faults that an office survives, and those after which it must be tried again. For
# the rest (a byte lost or turned) either is right: see `SURE`.
HARMLESS = ("delay",)
FATAL = ("drip", "cut", "reset", "black_hole")
UNSURE = ("lose", "corrupt")
PLACES = ("early", "late")
CASES = [
    f"{kind}_{fault}_{place}"
    for kind in KINDS
    for fault in (*HARMLESS, *FATAL, *UNSURE)
    for place in PLACES
]
ADVICE = re.compile(r"kntc sync --failed|mend |check |ask |see docs/")


def decide(asked: Asked) -> Answer:
    """A page of the list; the last one is empty."""
    first = (int(asked.query["page"]) - 1) * PAGE
    items = [petition(n) for n in range(first, min(first + PAGE, ROWS))]
    answer = as_json({"items": items})
    return Answer(answer.body, headers={**answer.headers, **CLOSE})


def fill_postgres(cluster: postgres.Cluster, database: str) -> None:
    cluster.create_database(database)
    names = ", ".join(f'"{name}" text' for name in COLUMNS)
    marks = ", ".join(["%s"] * len(COLUMNS))
    with psycopg.connect(cluster.url(database).replace("+psycopg", "")) as pg:
        pg.execute(f"CREATE TABLE so_don_thu ({names})".encode())
        rows = [[petition(n)[c] for c in COLUMNS] for n in range(ROWS)]
        with pg.cursor() as cursor:
            insert = f"INSERT INTO so_don_thu VALUES ({marks})"
            cursor.executemany(insert.encode(), rows)


def fill_mariadb(server: mariadb.Server, database: str, folder: Path) -> None:
    """Fill it; its columns are c0, c1...: see odbc_mariadb."""
    server.create_database(database)
    names = ", ".join(f"c{n} text" for n in range(len(COLUMNS)))
    rows = ",\n".join(
        "(" + ", ".join(f"'{petition(n)[c]}'" for c in COLUMNS) + ")"
        for n in range(ROWS)
    )
    path = folder / "fill.sql"
    path.write_text(
        f"CREATE TABLE so_don_thu ({names});\nINSERT INTO so_don_thu VALUES {rows};",
        encoding="utf-8",
    )
    server.run_sql_file(database, path)


@dataclass(slots=True)
class Line:
    """The installation, its servers, and a proxy before each office's source."""

    place: Installation
    ports: dict[str, int]
    connections: dict[str, str]  # by kind, with the server's own port
    proxies: dict[str, Proxy] = field(default_factory=dict)

    def office(self, stack: ExitStack, stem: str, fault: Fault | None) -> Proxy:
        """An office whose source stands behind a proxy with that fault."""
        kind = stem.split("_")[0]
        proxy = stack.enter_context(misbehaving(self.ports[kind], always(fault)))
        self.proxies[stem] = proxy
        if kind == "rest":
            lines = (
                f'[sources.rest]\nbase_url = "http://127.0.0.1:{proxy.port}"\n'
                f'token_env = "{SECRET}"'
            )
        else:
            name = f"KNTC_TEST_LINE_{stem.upper()}"
            given = self.connections[kind]
            os.environ[name] = given.replace(
                f"Port={self.ports[kind]}", f"Port={proxy.port}"
            )
            lines = f'[sources.odbc]\nconnection_env = "{name}"'
        product = {"rest": "so_rest", "pg": "so_odbc", "maria": "so_maria"}[kind]
        path = self.place.folder / "config" / "provinces" / f"{stem}.toml"
        is_whole = fault is None or fault.kind in HARMLESS
        deadline = "" if is_whole else f"deadline_s = {DEADLINE_S}\n"
        path.write_text(
            f'name = "BHXH {stem}"\nprovince_code = "44"\n'
            f'code_scheme = "QD19-2025"\n{deadline}\n[[sources]]\n'
            f'system = "{stem}_so"\nproduct = "{product}"\nattempts = 2\n'
            f"timeout_s = 2\n{lines}\n",
            encoding="utf-8",
        )
        return proxy

    def fault(self, stem: str) -> Fault:
        """What the case of that name says."""
        kind, name, place = stem.replace("black_hole", "hole").split("_")
        said = len(self.proxies[f"{kind}_sound"].answers[0])
        at = EARLY[kind] if place == "early" else said - said // 4
        seconds = {"delay": 0.3, "drip": 0.5}.get(name, 0.0)
        kinds = {"hole": "black_hole"}
        return Fault(kinds.get(name, name), at, seconds)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Seen:
    """The night, and how long it took."""

    line: Line
    night: NightOutcome
    seconds: float

    def office(self, stem: str) -> OfficeOutcome:
        """The outcome of that office."""
        return next(o for o in self.night.offices if o.province == stem)

    def stored(self, stem: str) -> int:
        """The records that stand in the national database."""
        sql = f"SELECT COUNT(*) FROM petition WHERE source_system = '{stem}_so'"
        return int(str(query(self.line.place.settings.national_url, sql)[0][0]))


@pytest.fixture(scope="module")
def seen(
    tmp_path_factory: pytest.TempPathFactory, cluster: postgres.Cluster
) -> Iterator[Seen]:
    folder = tmp_path_factory.mktemp("line")
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, {SECRET: SECRET_VALUE}))
        # Not below pytest's folder: the server's own user may not enter there.
        apart = Path(stack.enter_context(TemporaryDirectory(prefix="kntc-maria-")))
        apart.chmod(0o755)
        server = stack.enter_context(mariadb.running(apart))
        http = stack.enter_context(serving(decide))
        fill_postgres(cluster, "line_source")
        fill_mariadb(server, "line_source", folder)
        place = install(folder)
        systems = folder / "config" / "systems"
        presets(systems)
        text = (systems / "so_odbc.toml").read_text(encoding="utf-8")
        text = text.replace('product = "so_odbc"', 'product = "so_maria"')
        for number, name in enumerate(COLUMNS):
            text = text.replace(f'"{name}"', f'"c{number}"')
        (systems / "so_maria.toml").write_text(text, encoding="utf-8")
        ports = {
            "rest": int(http.url.rpartition(":")[2]),
            "pg": cluster.port,
            "maria": server.port,
        }
        connections = {k: s.odbc("line_source") for k, s in servers(cluster, server)}
        line = Line(place, ports, connections)
        for kind in KINDS:
            line.office(stack, f"{kind}_sound", None)
        warm = run_night(place.settings, NightRequest())
        assert {o.verdict for o in warm.offices} == {Verdict.PUBLISHED}, [
            o.error for o in warm.offices
        ]
        for stem in CASES:
            line.office(stack, stem, line.fault(stem))
        began = time.monotonic()
        night = run_night(place.settings, NightRequest(), workers=4)
        yield Seen(line, night, time.monotonic() - began)


def servers(
    cluster: postgres.Cluster, server: mariadb.Server
) -> tuple[tuple[str, postgres.Cluster | mariadb.Server], ...]:
    return (("pg", cluster), ("maria", server))


@pytest.mark.parametrize("kind", KINDS)
def test_the_sound_ones_are_published_beside_them(seen: Seen, kind: str) -> None:
    office = seen.office(f"{kind}_sound")
    assert office.verdict is Verdict.PUBLISHED, office
    assert office.counts.unchanged == ROWS


@pytest.mark.parametrize("stem", CASES)
def test_all_of_it_or_nothing_of_it(seen: Seen, stem: str) -> None:
    """A turned byte inside a value cannot be told without TLS: then the record differs,
    but none is missing."""
    office = seen.office(stem)
    counts = office.counts
    assert counts.rows_balance()
    assert counts.records_balance()
    if office.verdict is Verdict.PUBLISHED:
        assert counts.rows_read == ROWS
        assert counts.read == ROWS
        assert seen.stored(stem) + counts.quarantined + counts.duplicates == ROWS
    else:
        assert office.verdict in (Verdict.FAILED, Verdict.HELD), office
        assert counts.rows_read == 0
        assert seen.stored(stem) == 0


@pytest.mark.parametrize("stem", CASES)
def test_a_fault_says_what_where_and_what_to_do(seen: Seen, stem: str) -> None:
    office = seen.office(stem)
    name = stem.split("_", 1)[1].rpartition("_")[0]
    if name in HARMLESS:
        assert office.verdict is Verdict.PUBLISHED, office
    if name in FATAL:
        assert office.verdict is Verdict.FAILED, office
    if office.verdict is Verdict.PUBLISHED:
        assert office.error is None
        return
    error = str(office.error)
    assert stem in error
    assert ADVICE.search(error), error
    for hidden in (SECRET_VALUE, "Uid=", "Nguyễn", "unforeseen", "Traceback"):
        assert hidden not in error, error


@pytest.mark.parametrize("stem", [s for s in CASES if "delay" not in s])
def test_trap_33_every_call_ends_in_time(seen: Seen, stem: str) -> None:
    """Bounded at five times; the offices share two processors with one another."""
    assert seen.office(stem).seconds < 5 * (DEADLINE_S + GRACE_S)


def test_the_night_is_as_long_as_its_work_not_as_its_deadlines(seen: Seen) -> None:
    """Some 25 offices wait for their deadline; one after another that is minutes."""
    assert seen.seconds < 5 * (DEADLINE_S + GRACE_S)


def test_what_breaks_off_may_be_tried_again(seen: Seen) -> None:
    for stem in CASES:
        if "cut" in stem or "reset" in stem:
            assert seen.office(stem).retryable, seen.office(stem)


@pytest.mark.parametrize("of", [0, 1])
def test_an_answer_that_is_given_again_is_noticed(
    tmp_path: Path, cluster: postgres.Cluster, of: int
) -> None:
    """Of four pages the third is said to be the first, or the second, again."""
    place = install(tmp_path)
    presets(tmp_path / "config" / "systems")
    with ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, {SECRET: SECRET_VALUE}))
        http = stack.enter_context(serving(decide))
        ports = {"rest": int(http.url.rpartition(":")[2]), "pg": cluster.port}
        line = Line(place, ports, {})
        proxy = line.office(stack, "rest_replay", None)
        proxy.program = lambda n: Fault("replay", of=of) if n == 2 else None
        night = run_night(place.settings, NightRequest())
    office = night.offices[0]
    assert office.verdict is Verdict.FAILED, office
    assert "same" in str(office.error)
    assert office.counts.rows_read == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_turned_byte_anywhere_loses_no_row_silently(seen: Seen, kind: str) -> None:
    """The reader alone, at many bytes; each reading gives all rows or an error."""
    from config.office import load_office
    from connectors.errors import TransientError
    from connectors.sources.registry import open_source

    settings, proxy = seen.line.place.settings, seen.line.proxies[f"{kind}_sound"]
    office = load_office(settings.config_dir, f"{kind}_sound")
    spec = office.sources[0].spec
    said = len(proxy.answers[0])
    faults, whole = 0, 0
    for at in range(said // 40, said, said // 20):
        BREAKER.forget()
        proxy.program = always(Fault("corrupt", at, mask=0x20))
        try:
            batches = open_source(spec).extract(
                spec.streams[0], None, None, Deadline.after(DEADLINE_S)
            )
            rows = sum(batch.frame.height for batch in batches)
        except (SourceError, TransientError):
            faults += 1
            continue
        assert rows == ROWS, at
        whole += 1
    proxy.program = always(None)
    assert faults + whole >= 19
