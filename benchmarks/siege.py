"""A server under siege: hostile and honest callers at once, slow queries, readers beside writers, and words to be looked for.

Run it from a checkout with the tests' requirements installed: `PYTHONPATH=. python benchmarks/siege.py [--minutes 1] [--json]`.
A server is started in a process of its own, on this machine alone, with its settings as they come. Five things are
measured, each for its share of the time:

1. `soak`: honest requests with hostile ones between them (every tenth), sizes and open files from beginning to end.
2. `slow`: the time of /health/live and of a validation while 24 queries that never end are asked over and over.
3. `commits`: writers keep determinations while readers count them in SPARQL; each count must be a whole number of
   determinations, none fewer than were acknowledged before it was asked, and none fewer than a reader saw before.
4. `words`: words that were put into every fifth honest request, looked for in the log, the metrics, the files and the store.
5. `after`: whether the server is alive, its first process the same, and what it says of itself.

The exit code is 1 if anything fails that must not.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from rich.console import Console
from rich.table import Table

from tests.doors import EXAMPLES, Server, serving
from tests.hostile_requests import ELSEWHERE, Sent, requests

Json = dict[str, Any]

SLOW: Final = b"SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
SLOW_AT_ONCE: Final = 24
READERS: Final = 16
WRITERS: Final = 4
WORD: Final = "siegecanary"
_OF_EACH: Final = (
    ("", "nec:accordingTo"),
    ("/case", "case:hasPatient"),
    ("/closed", "nec:hasRequest"),
    ("/provenance", "prov:wasGeneratedBy"),
)
"""What stands once in each graph of a kept determination."""
COUNT: Final = (
    "SELECT "
    + " ".join(f"(COUNT(?v{number}) AS ?n{number})" for number in range(len(_OF_EACH)))
    + " { "
    + " UNION ".join(
        f"{{ GRAPH ?g {{ ?s {path} ?v{number} }} "
        f'FILTER(REGEX(STR(?g), "^https://w3id.org/spine-reasoner/determination/[0-9a-f]{{64}}{graph}$")) }}'
        for number, (graph, path) in enumerate(_OF_EACH)
    )
    + " }"
)
QUERY: Final = {"Content-Type": "application/sparql-query", "Accept": "application/sparql-results+json"}
PAGE: Final = 4096


@dataclass(slots=True)
class Tally:
    """What came back, and how long it took."""

    statuses: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def note(self, what: str, status: int, seconds: float, *, is_fit: bool = True) -> None:
        """Note one answer."""
        self.statuses[str(status)] += 1
        self.seconds.append(seconds)
        if not is_fit or (status >= 500 and status != 503):  # noqa: PLR2004  the one that is declared
            self.failures.append(f"{what}: {status} after {seconds:.1f} s")


def main(arguments: Sequence[str] | None = None) -> None:
    """Besiege, and print a table or JSON."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder) / "data") as server:
        share = options.minutes * 60 / 3
        found = {
            "soak": _soak(server, share, options),
            "slow": _slow(server, share),
            "commits": _commits(server, share),
        }
        found["words"] = _words(server)
        found["after"] = _after(server)
    failures = [failure for part in found.values() for failure in part.pop("failures", [])]
    if options.json:
        print(json.dumps({**found, "failures": failures}, indent=2))
    else:
        _show(found, failures)
    sys.exit(1 if failures else 0)


def ask(server: Server, sent: Sent) -> tuple[int, bytes]:
    """One request on a connection of its own."""
    port = int(server.origin.rsplit(":", 1)[1])
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.putrequest(sent.method, sent.path, skip_host="Host" in sent.headers, skip_accept_encoding=True)
        for name, value in sent.headers.items():
            connection.putheader(name, value)
        if sent.body or sent.method == "POST":
            connection.putheader("Content-Length", str(len(sent.body)))
        connection.endheaders()
        with suppress(OSError):  # It may have heard enough, and answered.
            connection.send(sent.body)
        answer = connection.getresponse()
        return answer.status, answer.read()


def timed(server: Server, tally: Tally, what: str, sent: Sent, is_fit: Callable[[int, bytes], bool]) -> bytes:
    """One request, noted."""
    begun = time.perf_counter()
    try:
        status, body = ask(server, sent)
    except (OSError, http.client.HTTPException) as error:
        tally.failures.append(f"{what}: {type(error).__name__}")
        return b""
    tally.note(what, status, time.perf_counter() - begun, is_fit=is_fit(status, body))
    return body


def _soak(server: Server, seconds: float, options: argparse.Namespace) -> Json:
    """Honest requests with hostile ones between them, from several callers."""
    hostile = [(name, sent.towards(ELSEWHERE)) for name, sent in requests().items()]
    random.Random(options.seed).shuffle(hostile)  # noqa: S311  the mixture is no secret
    order, honest = itertools.cycle(hostile), _honest()
    for _ in range(2):  # Until every cache is filled, growth says nothing.
        for name, sent in hostile[:100] + [(sent.path, sent) for sent in honest[:100]]:
            timed(server, Tally(), name, sent, lambda _status, _body: True)
    tally, hurt = Tally(), Tally()
    ended = threading.Event()
    sizes = [_size(server)]
    lock = threading.Lock()

    def call(number: int) -> None:
        chance = random.Random(options.seed + number)  # noqa: S311  as above
        while not ended.is_set():
            if chance.random() < options.hostile:
                with lock:
                    name, sent = next(order)
                timed(server, hurt, name, sent, lambda _status, _body: True)
            else:
                sent = chance.choice(honest)
                timed(server, tally, sent.path, sent, lambda status, _body: status in {200, 503})

    _run([partial(call, number) for number in range(options.callers)], ended, seconds, sizes, server)
    middle = len(sizes) // 2
    before, after = statistics.median(s for s, _ in sizes[:middle]), statistics.median(s for s, _ in sizes[middle:])
    return {
        "requests": sum(tally.statuses.values()) + sum(hurt.statuses.values()),
        "perSecond": (sum(tally.statuses.values()) + sum(hurt.statuses.values())) / seconds,
        "hostile": sum(hurt.statuses.values()),
        "honestStatuses": dict(tally.statuses),
        "hostileStatuses": dict(hurt.statuses),
        "honestP50Ms": 1000 * _quantile(tally.seconds, 0.5),
        "honestP99Ms": 1000 * _quantile(tally.seconds, 0.99),
        "hostileMostMs": 1000 * max(hurt.seconds, default=0.0),
        "megabytesFirstHalf": before / 1e6,
        "megabytesSecondHalf": after / 1e6,
        "growthPercent": 100 * (after - before) / before,
        "filesAtFirst": sizes[0][1],
        "filesAtLast": sizes[-1][1],
        "failures": tally.failures + hurt.failures,
    }


def _slow(server: Server, seconds: float) -> Json:
    """Health and validation, first alone and then beside queries that never end."""
    case = (EXAMPLES / "l2-burst-metastasis.ttl").read_bytes()
    looks = {
        "health": Sent("GET", "/health/live"),
        "validate": Sent("POST", "/v1/validate", {"Content-Type": "text/turtle"}, case),
    }
    idle = {name: Tally() for name in looks}
    busy = {name: Tally() for name in looks}
    slow, ended = Tally(), threading.Event()

    def look(tallies: dict[str, Tally], until: float) -> None:
        while time.monotonic() < until:
            for name, sent in looks.items():
                timed(server, tallies[name], name, sent, lambda status, _body: status == 200)  # noqa: PLR2004  fine
            time.sleep(0.01)

    def hinder() -> None:
        sent = Sent("POST", "/sparql", QUERY, SLOW)
        while not ended.is_set():
            timed(server, slow, "slow query", sent, lambda status, _body: status in {422, 503})

    look(idle, time.monotonic() + seconds / 4)
    callers = [threading.Thread(target=hinder, daemon=True) for _ in range(SLOW_AT_ONCE)]
    for caller in callers:
        caller.start()
    time.sleep(1)
    look(busy, time.monotonic() + seconds * 3 / 4)
    ended.set()
    for caller in callers:
        caller.join()
    turned = [one for one in slow.seconds if one < 4]  # noqa: PLR2004  what takes longer was worked on
    return {
        "healthIdleP99Ms": 1000 * _quantile(idle["health"].seconds, 0.99),
        "healthBusyP99Ms": 1000 * _quantile(busy["health"].seconds, 0.99),
        "validateIdleP95Ms": 1000 * _quantile(idle["validate"].seconds, 0.95),
        "validateBusyP95Ms": 1000 * _quantile(busy["validate"].seconds, 0.95),
        "slowStatuses": dict(slow.statuses),
        "turnedAwayP95Ms": 1000 * _quantile(turned, 0.95),
        "failures": [one for each in (*idle.values(), *busy.values(), slow) for one in each.failures],
    }


def _commits(server: Server, seconds: float) -> Json:
    """Writers keep, readers count; what is counted lies on the boundary between two commits."""
    case = json.loads((EXAMPLES / "minimal.jsonld").read_bytes())
    numbers, lock, ended = itertools.count(), threading.Lock(), threading.Event()
    writing, reading = Tally(), Tally()
    acknowledged = 0
    start = max(_counted(ask(server, Sent("POST", "/sparql", QUERY, COUNT.encode()))[1]))

    def write() -> None:
        nonlocal acknowledged
        while not ended.is_set():
            told = json.dumps({**case, "label": f"Case {next(numbers)}"}).encode()
            kept = Sent(
                "POST", "/v1/determinations?keep=true&further=false", {"Content-Type": "application/json"}, told
            )
            body = timed(server, writing, "write", kept, lambda status, _body: status in {201, 503})
            if body and b'"server.busy"' not in body:
                with lock:
                    acknowledged += 1

    def read() -> None:
        seen = start
        sent = Sent("POST", "/sparql", QUERY, COUNT.encode())
        while not ended.is_set():
            least = max(seen, start + acknowledged)
            body = timed(server, reading, "read", sent, lambda status, _body: status in {200, 503})
            if b"bindings" not in body:
                continue
            counts = _counted(body)
            seen = min(counts)
            if seen < least or max(counts) != seen:
                reading.failures.append(f"read: {counts} in the graphs, after {least}")

    _run([write] * WRITERS + [read] * READERS, ended, seconds)
    last = min(_counted(ask(server, Sent("POST", "/sparql", QUERY, COUNT.encode()))[1]))
    failures = writing.failures + reading.failures
    if last < start + acknowledged:
        failures.append(f"{acknowledged} acknowledged, {last - start} found")
    return {
        "kept": acknowledged,
        "reads": reading.statuses["200"],
        "keptPerSecond": acknowledged / seconds,
        "readsPerSecond": reading.statuses["200"] / seconds,
        "turnedAway": reading.statuses["503"] + writing.statuses["503"],
        "writeP99Ms": 1000 * _quantile(writing.seconds, 0.99),
        "failures": failures,
    }


def _words(server: Server) -> Json:
    """Where any of the words was found that honest callers sent without asking to keep anything."""
    found: list[str] = []
    if WORD in "".join(server.log):
        found.append("log")
    for path in ("/metrics", "/health/ready", "/openapi.json"):
        if WORD.encode() in ask(server, Sent("GET", path))[1]:
            found.append(path)
    found += [f"file {path.name}" for path in server.data.rglob("*") if path.is_file() and _is_in(path)]
    text = f'SELECT (COUNT(*) AS ?n) {{ ?s ?p ?o FILTER(CONTAINS(STR(?o), "{WORD}")) }}'
    _, body = ask(server, Sent("POST", "/sparql", QUERY, text.encode()))
    if b'"value":"0"' not in body.replace(b" ", b""):
        found.append("store")
    return {"looked": 5, "found": len(found), "failures": [f"a word was found: {place}" for place in found]}


def _is_in(path: Path) -> bool:
    try:
        return WORD.encode() in path.read_bytes()
    except OSError:
        return False


def _after(server: Server) -> Json:
    """What the server says of itself at the end."""
    failures = [] if server.process.poll() is None else ["the server died"]
    metrics = ask(server, Sent("GET", "/metrics"))[1].decode()
    ended = {
        name: float(value) for name, value in re.findall(r'spine_workers_ended_total\{how="([^"]+)"\} (\S+)', metrics)
    }
    unforeseen = float(re.findall(r"^spine_failures_total (\S+)$", metrics, re.MULTILINE)[0])
    if unforeseen:
        failures.append(f"{unforeseen:.0f} failures that nobody foresaw")
    return {"workersEnded": ended, "unforeseen": unforeseen, "failures": failures}


def _honest() -> list[Sent]:
    """What callers who mean well ask: determinations in every form, lists, pages and questions; every fifth with a word."""
    found: list[Sent] = []
    forms = ("application/json", "text/turtle", "application/trig", "text/markdown", "text/html", "application/ld+json")
    for number, (path, form) in enumerate(itertools.product(sorted(EXAMPLES.glob("*.ttl")), forms)):
        data = path.read_bytes() + (f"\n# {WORD}\n<> case:note '{WORD}' .".encode() if number % 5 == 0 else b"")
        found.append(
            Sent("POST", "/v1/determinations?further=false", {"Content-Type": "text/turtle", "Accept": form}, data)
        )
        found.append(Sent("POST", "/v1/validate", {"Content-Type": "text/turtle"}, data))
    for text in ("ASK {}", "SELECT ?c { ?c a nec:Criterion } LIMIT 20", "SELECT * { ?s ?p ?o } LIMIT 100"):
        found.append(Sent("POST", "/sparql", QUERY, text.encode()))
        found.append(Sent("GET", f"/sparql?query={quote(text, safe='')}"))
    for page in ("/", "/v1/criteria?limit=5", "/guidelines", "/form", "/health/ready", "/metrics", "/terms?q=stenosis"):
        found += [Sent("GET", page)] * 3
    return found


def _run(
    acts: Sequence[Callable[[], None]],
    ended: threading.Event,
    seconds: float,
    sizes: list[tuple[int, int]] | None = None,
    server: Server | None = None,
) -> None:
    """Everything at once for so long; the size of the server is noted once a second."""
    callers = [threading.Thread(target=act, daemon=True) for act in acts]
    for caller in callers:
        caller.start()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        time.sleep(min(1.0, max(0.0, until - time.monotonic())))
        if sizes is not None and server is not None:
            sizes.append(_size(server))
    ended.set()
    for caller in callers:
        caller.join()


def _size(server: Server) -> tuple[int, int]:
    """Bytes in memory and open files of the server's first process."""
    place = Path(f"/proc/{server.process.pid}")
    pages = int((place / "statm").read_text(encoding="ascii").split()[1])
    return pages * PAGE, sum(1 for _ in (place / "fd").iterdir())


def _counted(body: bytes) -> tuple[int, ...]:
    (row,) = json.loads(body)["results"]["bindings"]
    return tuple(int(row[f"n{number}"]["value"]) for number in range(len(_OF_EACH)))


def _quantile(values: Sequence[float], share: float) -> float:
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else 0.0


def _show(found: dict[str, Json], failures: Sequence[str]) -> None:
    table = Table("part", "measured", "figure")
    for part, figures in found.items():
        for name, value in figures.items():
            table.add_row(part, name, f"{value:,.1f}" if isinstance(value, float) else str(value))
    Console().print(table)
    for failure in failures[:40]:
        print(f"! {failure}")
    print(f"{len(failures)} failures")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=1.0, help="how long in all; a soak as it should be takes 60")
    parser.add_argument("--callers", type=int, default=4, help="how many call at once in the soak")
    parser.add_argument("--hostile", type=float, default=0.1, help="share of hostile requests in the soak")
    parser.add_argument("--seed", type=int, default=7, help="of the lot that mixes requests")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
