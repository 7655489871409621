"""A batch on its way: taken apart by a worker, so that the server itself never opens what came from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.problems import Refusal
from api.tasks.batches import TYPES
from api.workers.frames import Job, Reply

if TYPE_CHECKING:
    from api.house import House


Entry = tuple[str, str | None, bytes]
"""Name, media type and bytes of one case."""


async def cases_of(here: House, kind: str, body: bytes) -> Reply | list[Entry]:
    """The cases of a batch in the order sent; where it cannot be taken apart, the reply that says why."""
    if kind not in TYPES:
        raise Refusal("media.unsupported", "A batch of this kind is not read.", mend=f"Send {', '.join(TYPES)}.")
    reply = await here.cases.run(Job("split", {"kind": kind, "most": here.settings.batch_cases}, body))
    if "cases" not in reply.facts:
        return reply
    return [
        (name, media_type, reply.parts[str(index)]) for index, (name, media_type) in enumerate(reply.facts["cases"])
    ]
