"""What runs inside a worker: every task by its name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from api import media
from api.tasks import batches, cases, pages, proofs, sparql
from api.tasks.bench import Bench, Task, work_of
from api.workers.frames import Job, Reply
from reasoner import Library

TASKS: Final[dict[str, Task]] = {
    "batch-line": cases.batch_line,
    "changes": cases.changes,
    "compare": pages.compared,
    "determine": cases.determine_case,
    "page": pages.determined_page,
    "query": sparql.asked,
    "recheck": proofs.recheck_proof,
    "split": batches.split,
    "validate": cases.validate_case,
}


def work(root: Path) -> Callable[[Job], Reply]:
    """What a worker does with a job: the library below a folder is read, and all that workers share is made, once."""
    done = work_of(TASKS, Bench(Library.read(root), sparql.Asker()))
    case = min((root / "examples").glob("*.ttl"), key=lambda path: path.stat().st_size).read_bytes()
    for task in ("determine", "page", "validate"):
        done(Job(task, {"form": media.JSON, "further": False}, case))
    return done
