"""From a job to a determination: the options that every task about a case shares."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from reasoner import Determination, determine
from reasoner.case import read_case
from reasoner.report import Audience

if TYPE_CHECKING:
    from api.tasks.bench import Bench
    from api.workers.frames import Job

Json = dict[str, Any]


def determined(bench: Bench, job: Job) -> Determination:
    """The determination of the case that a job carries, under the policy and the dates it names."""
    arguments = job.arguments
    case = read_case(job.body, schema=bench.library.schema, media_type=arguments.get("media_type"), name="case")
    return determine(
        bench.library,
        case,
        policy=arguments.get("policy"),
        policy_date=day(arguments.get("as_of")),
        evidence_until=day(arguments.get("evidence_until")),
    )


def day(text: str | None) -> date | None:
    """A date that a route has checked already."""
    return date.fromisoformat(text) if text else None


def audience(arguments: Json) -> Audience:
    """Who reads what is written; a reviewer if nobody is named."""
    return Audience(arguments.get("audience") or Audience.REVIEWER)
