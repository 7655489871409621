"""Killing the store in the middle of keeping, over and over: what was acknowledged is there, and all of it whole.

Run it from a checkout: `python benchmarks/crash.py [--rounds 200] [--acks 50000] [--threads 4] [--json]`. A process
keeps determinations and says each name once it is acknowledged; it is killed (KILL, every fourth time TERM) after a
number of them drawn by lot. Then the folder is opened, which is timed, and everything acknowledged is read and
compared, in the files and in the index. The end is one more opening that hashes every file.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final

import pyoxigraph as ox
import structlog
from rich.console import Console
from rich.progress import track
from rich.table import Table

from api.store import Kept, Knowledge, Store, StoreError, open_store

QUADS: Final = 12
KNOWLEDGE: Final = Knowledge("of the benchmark", lambda: b"<urn:a> <urn:is> <urn:known> <urn:knowledge> .\n")

Json = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Kill and look, and print a table or JSON; the exit code is 1 if anything was lost."""
    options = _options(arguments)
    # What the store says of each opening goes beside the figures, not among them.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    if options.write:
        write(options.write, options.threads, options.first, options.size)
        return
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        found = rounds(Path(folder) / "data", options)
    if options.json:
        print(json.dumps(found, indent=2))
    else:
        table = Table("measured", "figure")
        for name, value in found.items():
            table.add_row(name, f"{value:,.3f}" if isinstance(value, float) else f"{value:,}")
        Console().print(table)
    if found["lost"] or found["partial"]:
        sys.exit(1)


def rounds(folder: Path, options: argparse.Namespace) -> Json:
    """All rounds on one folder."""
    chance = random.Random(options.seed)  # noqa: S311  when to kill is no secret
    acknowledged: set[str] = set()
    openings: list[float] = []
    rates: list[float] = []
    found = dict.fromkeys(("lost", "partial", "adopted", "leftovers", "torn", "rebuilt"), 0)
    for number in track(range(options.rounds), disable=options.json):
        least = -(-(options.acks - len(acknowledged)) // (options.rounds - number))
        sign = signal.SIGTERM if number % 4 == 3 else signal.SIGKILL  # noqa: PLR2004  every fourth
        told, rate = _round(folder, options, 1_000_000 * number, chance.randint(max(1, least), max(2, 2 * least)), sign)
        rates.append(rate)
        begun = time.perf_counter()
        store = open_store(folder, KNOWLEDGE)
        openings.append(time.perf_counter() - begun)
        try:
            _look(store, told, found, options.size)
        finally:
            store.close()
        acknowledged |= told
    store = open_store(folder, KNOWLEDGE)
    try:
        _look(store, acknowledged, found, options.size)
        kept = len(store.ids())
    finally:
        store.close()
    return {
        "rounds": options.rounds,
        "acknowledged": len(acknowledged),
        "kept": kept,
        **found,
        "acknowledgedPerSecond": statistics.median(rates),
        "openingSecondsMedian": statistics.median(openings),
        "openingSecondsMost": max(openings),
    }


def _round(
    folder: Path, options: argparse.Namespace, first: int, until: int, sign: signal.Signals
) -> tuple[set[str], float]:
    """Start a writer and kill it after so many acknowledgements; those that were said, and how many in a second."""
    command = [sys.executable, __file__, "--write", str(folder), "--first", str(first)]
    command += ["--threads", str(options.threads), "--size", str(options.size)]
    told: set[str] = set()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        if writer.stdout is None:  # pragma: no cover  it was asked for
            raise RuntimeError
        begun = time.perf_counter()
        for line in writer.stdout:
            if not told:
                begun = time.perf_counter()
            if line.endswith("\n"):
                told.add(line.strip())
            if len(told) == until:
                seconds = time.perf_counter() - begun
                os.kill(writer.pid, sign)
        writer.wait()
    if len(told) < until:
        raise RuntimeError(f"the writer ended by itself after {len(told)}")
    return told, until / max(seconds, 1e-9)


def _look(store: Store, told: set[str], found: dict[str, int], size: int) -> None:
    opened = store.opened
    found["adopted"] += len(opened.adopted)
    found["leftovers"] += opened.leftovers
    found["torn"] += opened.torn
    found["rebuilt"] += opened.index == "rebuilt"
    snapshot = store.snapshot()
    index = ox.Store.read_only(str(snapshot.path))
    for name in told:
        kept = store.get(name)
        if kept is None:
            found["lost"] += 1
        elif kept != record(int(json.loads(kept.determination)["number"]), size) or not _indexed(index, name):
            found["partial"] += 1


def _indexed(index: ox.Store, name: str) -> bool:
    return sum(1 for _ in index.quads_for_pattern(None, None, None, ox.NamedNode(f"urn:kept:{name}"))) == QUADS


def write(folder: Path, threads: int, first: int, size: int) -> None:
    """Keep one after the other in some threads, and say each name once it is acknowledged, until killed."""
    numbers = count(first)
    store = open_store(folder, KNOWLEDGE, thorough=False)

    def work() -> None:
        while True:
            receipt = store.keep(record(next(numbers), size))
            os.write(1, f"{receipt.name}\n".encode())

    workers = [threading.Thread(target=work, daemon=True) for _ in range(threads)]
    for worker in workers:
        worker.start()
    try:
        workers[0].join()
    except StoreError as error:  # pragma: no cover  seen on standard error
        print(error, file=sys.stderr)


def record(number: int, size: int) -> Kept:
    """A determination of about this many bytes that anyone can make again from its number."""
    name = hashlib.sha256(f"determination {number}".encode()).hexdigest()
    graph = f"<urn:kept:{name}>"
    quads = [f'<urn:d:{name}#{one}> <urn:says> "{number} {one}" {graph} .\n' for one in range(QUADS)]
    filler = "".join(hashlib.sha256(f"{number} {one}".encode()).hexdigest() for one in range(size // 64))
    return Kept(name, json.dumps({"number": number}), filler, "".join(quads), {"markdown": f"# {number}\n"})


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=200, help="how often to kill")
    parser.add_argument("--acks", type=int, default=50_000, help="how many acknowledgements at least, in all rounds")
    parser.add_argument("--threads", type=int, default=4, help="how many keep at once")
    parser.add_argument("--size", type=int, default=2_000, help="bytes of each determination, before compression")
    parser.add_argument("--seed", type=int, default=7, help="of the lot that draws when to kill")
    parser.add_argument(
        "--folder", type=Path, help="where to make the data folder; the system's temporary one if not given"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--write", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--first", type=int, default=0, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
