"""A batch on its way: taken apart by a worker, so that the server itself never opens what came from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from api.problems import Problem, Refusal
from api.tasks.batches import TYPES, Entry, entries_of
from api.workers.frames import Job, Reply

if TYPE_CHECKING:
    from api.house import House


async def cases_of(here: House, kind: str, body: bytes) -> Reply | list[Entry]:
    """The cases of a batch in the order sent; where it cannot be taken apart, the reply that says why."""
    if kind not in TYPES:
        raise Refusal("media.unsupported", "A batch of this kind is not read.", mend=f"Send {', '.join(TYPES)}.")
    reply = await here.cases.run(Job("split", {"kind": kind, "most": here.settings.batch_cases}, body))
    return list(entries_of(reply)) if "entries" in reply.parts else reply


def instead(index: int, entry: Entry, problem: Problem) -> bytes:
    """The line of a case that no worker has answered for."""
    line = {"index": index, "name": entry.name, "status": problem.status, "problem": problem.to_json()}
    return orjson.dumps(line, option=orjson.OPT_SORT_KEYS) + b"\n"


def unpacked(entry: Entry) -> None:
    """Refuse a case that could not be unpacked."""
    if not entry.whole:
        raise Refusal(
            "batch.file",
            "This file cannot be unpacked.",
            where="case",
            mend="Pack it again, without a password.",
        )
