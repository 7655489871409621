"""The task that judges a proof again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from api import media
from api.workers.frames import Job, Reply
from reasoner.proof import recheck

if TYPE_CHECKING:
    from api.tasks.bench import Bench


Json = dict[str, Any]

SHAPE: Final[Json] = {
    "type": "object",
    "required": ["holds", "judged", "answers", "differences", "tampered", "hashes", "triples"],
    "properties": {
        "holds": {"type": "boolean", "description": "Whether every answer agrees and every graph is as it was."},
        "judged": {"type": "integer", "description": "How many answers were judged again."},
        "answers": {"type": "object", "additionalProperties": {"type": "integer"}},
        "differences": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["item", "criterion", "recorded", "judged"],
                "properties": {
                    **{name: {"type": "string"} for name in ("item", "criterion", "recorded")},
                    "judged": {"type": ["string", "null"]},
                },
            },
        },
        "tampered": {"type": "array", "items": {"type": "string"}, "description": "Graphs that are not as they were."},
        "hashes": {"type": "object", "additionalProperties": {"type": "string"}},
        "triples": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}
"""The JSON of a judgement, as the contract tells it."""


def recheck_proof(_bench: Bench, job: Job) -> Reply:
    """Judge a proof with pySHACL from what it carries alone."""
    report = recheck(job.body)
    told = {
        "holds": report.holds,
        "judged": report.judged,
        "answers": {word.value: count for word, count in report.counts.items()},
        "differences": [
            {
                "item": one.item,
                "criterion": one.criterion,
                "recorded": str(one.recorded),
                "judged": str(one.judged) if one.judged else None,
            }
            for one in report.differences
        ],
        "tampered": list(report.tampered),
        "hashes": report.hashes,
        "triples": report.triples,
    }
    return Reply(200, media.JSON, orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n")
