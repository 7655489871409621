"""What a worker works with, and the one place where what went wrong becomes a problem."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from api.problems import MEDIA_TYPE, problem_of
from api.tasks.sparql import Asker
from api.workers.frames import Job, Reply
from reasoner import Library

Task = Callable[["Bench", Job], Reply]


@dataclass(frozen=True, slots=True)
class Bench:
    """The library, read once, and the asker that holds the index open."""

    library: Library
    asker: Asker


def work_of(tasks: Mapping[str, Task], bench: Bench) -> Callable[[Job], Reply]:
    """The function that a worker runs for every job; whatever is refused or fails is answered as a problem.

    Running out of memory is not caught: it ends the worker, as its limits would.
    """

    def work(job: Job) -> Reply:
        try:
            return tasks[job.task](bench, job)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  the one map decides what is told
            problem = problem_of(error)
            facts = {"code": problem.code}
            if problem.code == "server.failed":
                facts |= {"failed": type(error).__name__, "at": _place(error)}
            headers = {"Retry-After": str(problem.retry_after)} if problem.retry_after else {}
            return Reply(problem.status, MEDIA_TYPE, problem.to_bytes(), headers, facts)

    return work


def _place(error: BaseException) -> str:
    """Where in our own code something failed: file and line, and nothing of what was being read."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if {"api", "reasoner"} & set(Path(frame.filename).parts)]
    last = (ours or frames)[-1]
    return f"{Path(last.filename).name}:{last.lineno}"
