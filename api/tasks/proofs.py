"""The task that judges a proof again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from api import media
from api.workers.frames import Job, Reply
from reasoner.proof import recheck

if TYPE_CHECKING:
    from api.tasks.bench import Bench


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
