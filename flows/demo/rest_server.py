"""The case systems' JSON APIs on loopback: `python -m flows.demo.rest_server`.

One process serves each folder below `--data` under its name, with a bearer token of its
own: `/<system>/api/<list>`. It pages, filters by `updatedSince` (inclusive) and
`updatedUntil` (exclusive), and takes up a night's new files when it sees them. Prints
its port; ends when its standard input does, so that it cannot outlive the estate.
"""

import argparse
import json
import os
import sys
import threading
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

MAX_SIZE = 1000
TOKENS_VARIABLE = "KNTC_DEMO_TOKENS"


@dataclass(frozen=True, slots=True)
class Documents:
    """One list, ordered by its change times, and the files it came from."""

    files: tuple[str, ...] = ()
    lines: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    changed_at: list[datetime] = field(default_factory=list)

    def page(self, asked: dict[str, str]) -> str:
        """The answer to one question, as JSON text; ValueError when it is senseless."""
        since, until = asked.get("updatedSince"), asked.get("updatedUntil")
        first = bisect_left(self.changed_at, _time(since)) if since else 0
        last = bisect_left(self.changed_at, _time(until)) if until else len(self.lines)
        page = int(asked.get("page", "1"))
        size = min(int(asked.get("size", "100")), MAX_SIZE)
        if page < 1 or size < 1:
            raise ValueError("page and size start at 1")
        start = first + (page - 1) * size
        items = ",".join(self.lines[start : max(start, min(start + size, last))])
        counts = f'"page":{page},"size":{size},"total":{max(0, last - first)}'
        return f'{{{counts},"items":[{items}]}}'


def with_file(held: Documents, path: Path) -> Documents:
    """The list with a file's documents in place of the older ones of their ids."""
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    read = [(*_head(line), line) for line in lines]
    replaced = {id_ for _, id_, _ in read} - {""}
    found = [
        (at, id_, line)
        for at, id_, line in zip(held.changed_at, held.ids, held.lines, strict=True)
        if id_ not in replaced
    ]
    found += [(at, id_, line) for at, id_, line in read if at is not None]
    # The files' order is not trusted.
    found.sort(key=lambda document: document[0])
    return Documents(
        (*held.files, path.name),
        [line for _, _, line in found],
        [id_ for _, id_, _ in found],
        [at for at, _, _ in found],
    )


def _head(line: str) -> tuple[datetime | None, str]:
    """A document's change time, None when it is deleted, and its id."""
    document = json.loads(line)
    is_deleted = document.get("deleted", False)
    at = None if is_deleted else datetime.fromisoformat(document["updatedAt"])
    return at, document["id"]


class Shelf:
    """The lists of one folder, read when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lists: dict[str, Documents] = {}
        self._lock = threading.Lock()

    def documents(self, name: str) -> Documents | None:
        """The list as its files say now; None when there is none of that name."""
        paths = sorted(self._folder.glob(f"{name}-[0-9]*.jsonl"))
        names = tuple(path.name for path in paths)
        with self._lock:
            held = self._lists.get(name, Documents())
            if names[: len(held.files)] != held.files:
                held = Documents()
            for path in paths[len(held.files) :]:
                held = with_file(held, path)
            self._lists[name] = held
        return held if names else None


def server(folder: Path, port: int, tokens: Mapping[str, str]) -> ThreadingHTTPServer:
    """A server that is bound, not yet serving; port 0 takes a free one.

    `tokens` has one for each system: a folder of that name.
    """
    shelves = {system: Shelf(folder / system) for system in tokens}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body are two writes: without this each page waits 40 ms.
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            status, body = self._answer()
            content = body.encode("utf-8")
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _answer(self) -> tuple[HTTPStatus, str]:
            address = urlsplit(self.path)
            _, system, *path = address.path.split("/")
            given = self.headers.get("Authorization", "").encode("latin-1", "replace")
            wanted = f"Bearer {tokens[system]}" if system in tokens else ""
            if not compare_digest(given, wanted.encode()) or not wanted:
                return HTTPStatus.UNAUTHORIZED, '{"error":"unauthorized"}'
            known = len(path) == 2 and path[0] == "api" and path[1].isalpha()
            documents = shelves[system].documents(path[1]) if known else None
            if documents is None:
                return HTTPStatus.NOT_FOUND, '{"error":"no such list"}'
            asked = {name: v[-1] for name, v in parse_qs(address.query).items()}
            try:
                return HTTPStatus.OK, documents.page(asked)
            except ValueError:
                return HTTPStatus.BAD_REQUEST, '{"error":"bad parameter"}'

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: an address may hold what nobody should keep."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


def _time(text: str) -> datetime:
    # A "+" that was not escaped arrives as a space.
    at = datetime.fromisoformat(text.replace(" ", "+"))
    if at.tzinfo is None:
        raise ValueError("a time needs its zone")
    return at


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    tokens = json.loads(os.environ[TOKENS_VARIABLE])
    serving = server(given.data, given.port, tokens)
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    sys.stdout.write(f"{serving.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    serving.shutdown()


if __name__ == "__main__":
    main()
