"""How the time of a determination grows with the rooms that do not concern it.

Run it from a checkout: `python benchmarks/rooms.py [--json]`. The knowledge is copied, and every room
is repeated under other names, speaking of a procedure that no case here asks for. If a determination
took its time from all of `shapes/`, it would take as many times longer as there are rooms.
"""

from __future__ import annotations

import argparse
import gc
import json
import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from reasoner import Library, determine

ROOT: Final = Path(__file__).resolve().parent.parent
TIMES: Final = (1, 2, 4, 8)
ELSEWHERE: Final = "spine:Coccygectomy"

Json = dict[str, Any]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a table or JSON."""
    options = _options(arguments)
    found = measure(options.case or sorted((ROOT / "examples").glob("*.ttl")), options.rounds)
    if options.json:
        print(json.dumps(found, indent=2))
        return
    console = Console()
    table = Table("rooms", "criteria", "recommendations", "median ms of all cases", "times one set of rooms")
    for row in found["rows"]:
        table.add_row(
            str(row["rooms"]),
            str(row["criteria"]),
            str(row["recommendations"]),
            f"{row['medianMs']:.1f}",
            f"{row['timesOneSet']:.2f}",
        )
    console.print(table)


def measure(cases: Sequence[Path], rounds: int) -> Json:
    """The median time of determining all cases, with every set of rooms timed in turns within each round."""
    data = [path.read_bytes() for path in cases]
    with tempfile.TemporaryDirectory() as folder:
        libraries = {times: Library.read(repeated(Path(folder) / str(times), times)) for times in TIMES}
        gc.collect()
        gc.freeze()  # As a server would after reading its library.
        taken: dict[int, list[float]] = {times: [] for times in TIMES}
        for turn in track(range(rounds + 1), description="Timing", console=Console(stderr=True), transient=True):
            for times, library in libraries.items():
                start = time.perf_counter()
                for one in data:
                    determine(library, one).to_json(further=False)
                if turn:  # The first turn warms up.
                    taken[times].append(time.perf_counter() - start)
    medians = {times: statistics.median(all_of) for times, all_of in taken.items()}
    return {
        "rows": [
            {
                "rooms": len({one.guideline for one in library.recommendations}),
                "criteria": len(library.criteria.compiled),
                "recommendations": len(library.recommendations),
                "medianMs": round(medians[times] * 1000, 2),
                "timesOneSet": round(medians[times] / medians[1], 3),
            }
            for times, library in libraries.items()
        ]
    }


def repeated(folder: Path, times: int) -> Path:
    """A copy of the knowledge whose rooms stand there several times, the repeated ones about another procedure."""
    for part in ("ontology", "shapes"):
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("cases", "*.md"))
    for guideline in sorted((ROOT / "shapes").glob("*/guideline.ttl")):
        text = guideline.read_text("utf-8")
        text = re.sub(r"nec:concerns [^;]+;", f"nec:concerns {ELSEWHERE} ;", text)
        text = text.replace("a nec:Advisory ;", f"a nec:Advisory ; nec:concerns {ELSEWHERE} ;")
        text = re.sub(r"nec:waives [^;]+;", "", text)
        for number in range(1, times):
            copy = re.sub(r"(/guideline/[a-z-]+)", rf"\1-{number}", text)
            target = folder / "shapes" / f"{guideline.parent.name}-{number}"
            target.mkdir()
            (target / "guideline.ttl").write_text(copy, "utf-8")
    return folder


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--rounds", type=int, default=15, help="how often each set of rooms is timed")
    parser.add_argument("case", type=Path, nargs="*", help="cases to determine; the examples by default")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
