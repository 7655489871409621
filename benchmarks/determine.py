"""How fast a determination is, beside plain pySHACL on the same questions and plain parsing of the same bytes.

Run it from a checkout: `python benchmarks/determine.py [--json]`. What is measured, and what is
not, stands in benchmarks/README.md. Absolute numbers depend on the machine; the ratios are the
result, and each comes from one run.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pyoxigraph
import pyshacl
from rdflib import Graph, URIRef

from reasoner import Determination, Library, determine
from reasoner.advice import alternatives_of
from reasoner.changes import outlook_of
from reasoner.judges import Reading, reachable
from reasoner.ledger import ledger_of
from reasoner.statement import answers_of, closed_case, judge_shapes
from reasoner.vocabulary import RECORD, SH

ROOT: Final = Path(__file__).resolve().parent.parent
TURTLE: Final = pyoxigraph.RdfFormat.TURTLE
WARM_UP: Final = 3
MEMORY: Final = """
import resource, sys
from pathlib import Path
from reasoner import Library, determine
library = Library.read()
for _ in range(20):
    for name in sys.argv[1:]:
        determine(library, Path(name).read_bytes()).to_json(further=False)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""

Json = dict[str, Any]
Step = Callable[[str], None]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table or JSON."""
    options = _options(arguments)
    paths = options.case or sorted((ROOT / "examples").glob("*.ttl"))
    with _progress(len(paths) + 2) as step:
        found = measure(paths, step, rounds=options.rounds, judged=options.judged, starts=options.starts)
    print(json.dumps(found, indent=2) if options.json else table(found))


def measure(paths: Sequence[Path], step: Step, *, rounds: int, judged: int, starts: int) -> Json:
    """Everything this benchmark knows about some cases, as the data that `--json` prints."""
    step("cold start")
    cold, imports = cold_start(paths[0], starts)
    step("memory")
    peak = peak_memory(paths)
    library = Library.read()
    cases = []
    for path in paths:
        step(path.stem)
        cases.append(measure_case(library, path, rounds, judged))
    return {
        "cases": cases,
        "casesPerSecond": round(1000 * len(cases) / sum(case["meanMs"] for case in cases), 1),
        "coldStartSeconds": round(cold, 3),
        "importSeconds": round(imports, 3),
        "timesImport": round(cold / imports, 2),
        "peakMb": round(peak, 1),
    }


def measure_case(library: Library, path: Path, rounds: int, judged: int) -> Json:
    """One case: the timed call, what is left out of it, and the two yardsticks."""
    data = path.read_bytes()
    whole = samples(lambda: determine(library, data).to_json(further=False), rounds)
    parse = samples(lambda: list(pyoxigraph.parse(data, format=TURTLE, base_iri=RECORD)), rounds)
    found = determine(library, data)
    beside = {
        "changesMs": lambda: outlook_of(found.decision),
        "ledgerMs": lambda: ledger_of(found.decision),
        "alternativesMs": lambda: alternatives_of(found.decision),
    }
    extra = {name: _round(samples(call, 1, warm_up=0)[0]) for name, call in beside.items()}
    case = closed_case(found.decision)
    shapes, questions = certain_question(found)
    leaves, _ = certain_question(found, only=library.criteria.leaves.keys())
    engine = statistics.median(samples(lambda: plain_pyshacl(case, shapes), judged, warm_up=0))
    least = statistics.median(samples(lambda: plain_pyshacl(case, leaves), judged, warm_up=0))
    middle = statistics.median(whole)
    return {
        "name": path.stem,
        "p50Ms": _round(middle),
        "p99Ms": _round(percentile(whole, 99)),
        "meanMs": _round(statistics.fmean(whole)),
        "timesPyshacl": _round(engine / middle),
        "timesParse": _round(middle / statistics.median(parse)),
        "pyshaclMs": _round(engine),
        "timesPyshaclLeaves": _round(least / middle),
        "parseMs": round(statistics.median(parse), 3),
        "questions": questions,
        **extra,
    }


def certain_question(found: Determination, only: Collection[str] | None = None) -> tuple[Graph, int]:
    """The certain shapes, targeted at exactly the items that were asked about them, and how many questions that is."""
    decision = found.decision
    shapes = judge_shapes(decision)
    asked = [
        (item, criterion)
        for item, criterion, _, _ in answers_of(decision)
        if criterion in (shapes.criteria if only is None else only)
    ]
    graph = reachable(shapes, {criterion for _, criterion in asked})
    for item, criterion in asked:
        graph.add((Reading.CERTAIN.of(criterion), URIRef(SH + "targetNode"), URIRef(item)))
    return graph, len(asked)


def plain_pyshacl(case: Graph, shapes: Graph) -> None:
    """Judge with pySHACL as it comes: both graphs are in memory already, nothing is inferred or fetched."""
    _, report, text = pyshacl.validate(case, shacl_graph=shapes, inference="none", max_validation_depth=128)
    if not isinstance(report, Graph):
        raise TypeError(text)


def cold_start(path: Path, starts: int) -> tuple[float, float]:
    """Seconds from nothing to one determination on the screen, and to the two imports alone; in turns."""
    ours = (sys.executable, "-m", "reasoner", "determine", str(path))
    theirs = (sys.executable, "-c", "import rdflib, pyshacl")
    pairs = [(_seconds(ours), _seconds(theirs)) for _ in range(starts)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def peak_memory(paths: Sequence[Path]) -> float:
    """The largest resident size, in megabytes, of a process that determines all cases many times."""
    command = (sys.executable, "-c", MEMORY, *(str(path.resolve()) for path in paths))
    said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    kilobytes = int(said)
    return kilobytes / 1024 if sys.platform != "darwin" else kilobytes / 1024**2


def samples(call: Callable[[], object], rounds: int, *, warm_up: int = WARM_UP) -> list[float]:
    """Milliseconds of each of some calls; what is on the heap already is not walked by the garbage collector."""
    for _ in range(warm_up):
        call()
    gc.collect()
    gc.freeze()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - start))
    return taken


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that a share of all values does not exceed.

    >>> percentile([1.0, 2.0, 3.0, 4.0], 50)
    2.0
    """
    return sorted(values)[max(-(-len(values) * percent // 100) - 1, 0)]


def table(found: Json) -> str:
    """The measurements as lines of text."""
    head = (
        "case",
        "p50 ms",
        "p99 ms",
        "x pySHACL",
        "x leaves",
        "x parse",
        "pySHACL ms",
        "questions",
        "changes ms",
        "ledger ms",
    )
    keys = (
        "p50Ms",
        "p99Ms",
        "timesPyshacl",
        "timesPyshaclLeaves",
        "timesParse",
        "pyshaclMs",
        "questions",
        "changesMs",
        "ledgerMs",
    )
    lines = ["".join((f"{head[0]:<34}", *(f"{word:>12}" for word in head[1:])))]
    lines += ["".join((f"{case['name']:<34}", *(f"{case[key]:>12}" for key in keys))) for case in found["cases"]]
    return "\n".join(
        (
            *lines,
            "",
            f"{found['casesPerSecond']} cases per second on one core",
            f"cold start {found['coldStartSeconds']} s, {found['timesImport']} times importing rdflib and pySHACL",
            f"peak memory {found['peakMb']} MB",
        )
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", nargs="*", type=Path, help="case files in Turtle; by default the examples")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--rounds", type=int, default=100, help="timed calls for each case")
    parser.add_argument("--judged", type=int, default=1, help="timed pySHACL runs for each case")
    parser.add_argument("--starts", type=int, default=5, help="timed cold starts")
    return parser.parse_args(arguments)


def _round(milliseconds: float) -> float:
    return round(milliseconds, 2)


def _seconds(command: Sequence[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start


@contextmanager
def _progress(steps: int) -> Iterator[Step]:
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415  a bar is for terminals only
    from rich.progress import Progress  # noqa: PLC0415  as above

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=steps)
        done = -1

        def step(words: str) -> None:
            nonlocal done
            done += 1
            progress.update(task, completed=done, description=words)

        yield step


if __name__ == "__main__":
    main()
