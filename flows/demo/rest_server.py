"""A case system's JSON API on loopback: `python -m flows.demo.rest_server`.

Reads JSON lines, checks a bearer token, pages, filters by `updatedSince` (inclusive)
and `updatedUntil` (exclusive). Prints its port; ends when its standard input does, so
that it cannot outlive the estate.
"""

import argparse
import json
import os
import sys
import threading
from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

MAX_SIZE = 1000
TOKEN_VARIABLE = "KNTC_DEMO_TOKEN"  # noqa: S105 - the variable's name


@dataclass(frozen=True, slots=True)
class Documents:
    """One list, ordered by its change times."""

    lines: list[str]
    changed_at: list[datetime]

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


def load(path: Path) -> Documents:
    """The documents of one file; their order is checked, not trusted."""
    lines = path.read_text(encoding="utf-8").split("\n")[:-1]
    times = [datetime.fromisoformat(json.loads(line)["updatedAt"]) for line in lines]
    order = sorted(range(len(lines)), key=times.__getitem__)
    return Documents([lines[i] for i in order], [times[i] for i in order])


def server(folder: Path, port: int, token: str) -> ThreadingHTTPServer:
    """A server that is bound, not yet serving; port 0 takes a free one."""
    lists = {f"/api/{p.stem}": load(p) for p in sorted(folder.glob("*.jsonl"))}

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
            given = self.headers.get("Authorization", "").encode("latin-1", "replace")
            if not compare_digest(given, f"Bearer {token}".encode()):
                return HTTPStatus.UNAUTHORIZED, '{"error":"unauthorized"}'
            address = urlsplit(self.path)
            documents = lists.get(address.path)
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
    serving = server(given.data, given.port, os.environ[TOKEN_VARIABLE])
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    sys.stdout.write(f"{serving.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()
    serving.shutdown()


if __name__ == "__main__":
    main()
