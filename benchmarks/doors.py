"""What the doors add: a determination and a query over HTTP beside the same calls without it, and health under load.

Run it from a checkout with the project installed: `python benchmarks/doors.py [--json]`. A server is started in a
process of its own, on this machine alone, with one worker of each kind; the calls over HTTP and the calls without it
are timed in turns within every round.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import http.client
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pyoxigraph as ox
from rich.console import Console
from rich.progress import track
from rich.table import Table

from reasoner import Library, determine

ROOT: Final = Path(__file__).resolve().parent.parent
ROWS: Final = "SELECT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } } LIMIT 10000"
SLOW: Final = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SLOW_AT_ONCE: Final = 24
_SERVE: Final = (
    *(sys.executable, "-m", "api.shell", "serve"),
    *("--port", "0", "--workers", "1", "--query-workers", "1"),
)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Server:
    """A server that was started for the measurement: its port, and the folder of its index."""

    port: int
    data: Path

    def connect(self) -> http.client.HTTPConnection:
        """A connection that is kept open between requests."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print tables or JSON."""
    options = _options(arguments)
    with _server() as server:
        found = {
            "determinations": _determinations(server, options.rounds),
            "sparql": _sparql(server, options.rounds),
            "health": _health(server, options.seconds),
        }
    if options.json:
        print(json.dumps(found, indent=2))
        return
    _show(found)


def _determinations(server: Server, rounds: int) -> list[Json]:
    """For each example: p50 of the call in this process, of the same over HTTP, and of the difference within a round."""
    library = Library.read()
    gc.collect()
    gc.freeze()
    connection = server.connect()
    found = []
    for path in track(sorted((ROOT / "examples").glob("*.ttl")), console=Console(stderr=True), transient=True):
        data = path.read_bytes()

        def inside(data: bytes = data) -> bytes:
            return determine(library, data).to_json(further=False)

        def outside(data: bytes = data) -> bytes:
            return _post(connection, "/v1/determinations?further=false", data, "text/turtle")

        assert json.loads(inside()) == json.loads(outside())  # noqa: S101  the same answer, or nothing is compared
        times = _in_turns((inside, outside), rounds)
        differences = [b - a for a, b in zip(*times, strict=True)]
        found.append(
            {
                "example": path.stem,
                "insideMs": _p50(times[0]),
                "overHttpMs": _p50(times[1]),
                "overheadMs": _p50(differences),
                "bytes": len(inside()),
            }
        )
    connection.close()
    return found


def _sparql(server: Server, rounds: int) -> Json:
    """A result of ten thousand rows as JSON: pyoxigraph called directly on the same folder, and over HTTP."""
    store = ox.Store.read_only(str(server.data / "index"))
    connection = server.connect()
    address = f"/sparql?query={quote(ROWS)}"

    def inside() -> bytes:
        found = store.query(ROWS)
        assert isinstance(found, ox.QuerySolutions)  # noqa: S101  a SELECT
        into = io.BytesIO()
        found.serialize(into, format=ox.QueryResultsFormat.JSON)
        return into.getvalue()

    def outside() -> bytes:
        return _get(connection, address, "application/sparql-results+json")

    assert len(json.loads(outside())["results"]["bindings"]) == len(json.loads(inside())["results"]["bindings"])  # noqa: S101  as above
    times = _in_turns((inside, outside), rounds)
    connection.close()
    ratios = [b / a for a, b in zip(*times, strict=True)]
    return {
        "insideMs": _p50(times[0]),
        "overHttpMs": _p50(times[1]),
        "times": round(statistics.median(ratios), 2),
        "bytes": len(inside()),
    }


def _health(server: Server, seconds: float) -> Json:
    """Milliseconds of `/health/ready` while two dozen queries that never end are asked for again and again."""
    ends = time.monotonic() + seconds
    statuses: dict[int, int] = {}
    lock = threading.Lock()

    def ask() -> None:
        while time.monotonic() < ends:
            connection = server.connect()
            connection.request("GET", f"/sparql?query={quote(SLOW)}", headers={"Accept": "text/csv"})
            status = connection.getresponse().status
            connection.close()
            with lock:
                statuses[status] = statuses.get(status, 0) + 1
            time.sleep(0.05)

    callers = [threading.Thread(target=ask, daemon=True) for _ in range(SLOW_AT_ONCE)]
    connection = server.connect()
    idle = _beats(connection, time.monotonic() + 2)
    for caller in callers:
        caller.start()
    busy = _beats(connection, ends)
    for caller in callers:
        caller.join()
    connection.close()
    return {
        "idleP99Ms": _p99(idle),
        "busyP50Ms": _p50(busy),
        "busyP99Ms": _p99(busy),
        "busyMaxMs": round(max(busy) * 1000, 1),
        "beats": len(busy),
        "slowQueriesByStatus": {str(status): count for status, count in sorted(statuses.items())},
    }


def _beats(connection: http.client.HTTPConnection, until: float) -> list[float]:
    found = []
    while time.monotonic() < until:
        begun = time.perf_counter()
        _get(connection, "/health/ready", "application/json")
        found.append(time.perf_counter() - begun)
        time.sleep(0.01)
    return found


def _in_turns(calls: Sequence[Callable[[], object]], rounds: int) -> list[list[float]]:
    for call in calls:
        for _ in range(3):
            call()
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for place, call in enumerate(calls):
            begun = time.perf_counter()
            call()
            times[place].append(time.perf_counter() - begun)
    return times


def _post(connection: http.client.HTTPConnection, path: str, data: bytes, media_type: str) -> bytes:
    connection.request("POST", path, body=data, headers={"Content-Type": media_type, "Accept": "application/json"})
    return _read(connection)


def _get(connection: http.client.HTTPConnection, path: str, accept: str) -> bytes:
    connection.request("GET", path, headers={"Accept": accept})
    return _read(connection)


def _read(connection: http.client.HTTPConnection) -> bytes:
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:  # noqa: PLR2004  anything else is no measurement
        raise SystemExit(f"the server answered {answer.status}: {body[:300].decode(errors='replace')}")
    return body


@contextlib.contextmanager
def _server() -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "SPINE_LOG_LEVEL": "error", "SPINE_WARM": "0"}
        process = subprocess.Popen(
            [*_SERVE, "--data", folder],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stderr is not None  # noqa: S101  it was asked for
            line = process.stderr.readline()
            threading.Thread(target=process.stderr.read, daemon=True).start()
            server = Server(int(line.split("//")[1].split("/")[0].rsplit(":", 1)[1]), Path(folder))
            for _ in range(600):
                with contextlib.suppress(OSError, SystemExit):
                    connection = server.connect()
                    _get(connection, "/health/ready", "application/json")
                    connection.close()
                    break
                time.sleep(0.1)
            yield server
        finally:
            process.terminate()
            process.wait(60)


def _p50(times: Sequence[float]) -> float:
    return round(statistics.median(times) * 1000, 2)


def _p99(times: Sequence[float]) -> float:
    return round(sorted(times)[int(len(times) * 0.99) - 1] * 1000, 2)


def _show(found: Json) -> None:
    console = Console()
    table = Table("example", "in process ms", "over HTTP ms", "overhead ms (p50)", "kB")
    for row in found["determinations"]:
        table.add_row(
            row["example"],
            f"{row['insideMs']:.1f}",
            f"{row['overHttpMs']:.1f}",
            f"{row['overheadMs']:.2f}",
            f"{row['bytes'] / 1000:.0f}",
        )
    console.print(table)
    rows, health = found["sparql"], found["health"]
    console.print(
        f"10,000 rows as JSON: {rows['insideMs']:.1f} ms direct, {rows['overHttpMs']:.1f} ms over HTTP, "
        f"{rows['times']:.2f} times"
    )
    console.print(
        f"health with {SLOW_AT_ONCE} slow queries: p50 {health['busyP50Ms']:.1f} ms, p99 {health['busyP99Ms']:.1f} ms, "
        f"most {health['busyMaxMs']:.1f} ms of {health['beats']}; idle p99 {health['idleP99Ms']:.1f} ms; "
        f"the queries by status: {health['slowQueriesByStatus']}"
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=100, help="how often each pair of calls is timed")
    parser.add_argument("--seconds", type=float, default=15, help="how long health is asked for under load")
    parser.add_argument("--json", action="store_true", help="print data instead of tables")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
