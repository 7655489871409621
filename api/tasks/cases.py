"""Tasks about cases: validate, determine, determine again with what is added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from api import media
from api.problems import problem_of
from api.tasks import forms, validation
from api.tasks.members import members
from api.tasks.reading import audience, day, determined
from api.workers.frames import Job, Reply
from reasoner import SpineReasonerError, appeal
from reasoner.layout import as_markdown
from reasoner.letter import appeal_sections, appeal_title

if TYPE_CHECKING:
    from api.tasks.bench import Bench

Json = dict[str, Any]


def determine_case(bench: Bench, job: Job) -> Reply:
    """Determine a case; where it is to be kept, with the parts that are."""
    found = determined(bench, job)
    arguments = job.arguments
    body = forms.written(found, arguments["form"], audience(arguments), further=arguments["further"])
    facts = {"id": forms.name_of(found), "outcome": found.decision.outcome.value}
    parts = forms.kept_parts(found) if arguments.get("keep") else {}
    return Reply(200, arguments["form"], body, facts=facts, parts=parts)


def batch_line(bench: Bench, job: Job) -> Reply:
    """One case of a batch as one line of JSON: its determination, or the problem that it has."""
    line: Json = {"index": job.arguments["index"], "name": job.arguments["name"]}
    try:
        found = determined(bench, job)
        told = found.full if job.arguments["further"] else found.data
        line |= {"status": 200, "id": forms.name_of(found), "determination": told}
    except SpineReasonerError as error:
        problem = problem_of(error)
        line |= {"status": problem.status, "problem": problem.to_json()}
    return Reply(200, media.NDJSON, orjson.dumps(line, option=orjson.OPT_SORT_KEYS) + b"\n")


def validate_case(bench: Bench, job: Job) -> Reply:
    """Say whether a case can be read, and what is unusual about it."""
    report = validation.report_of(bench.library, job.body, job.arguments.get("media_type"))
    return Reply(200, job.arguments["form"], validation.written(report, job.arguments["form"]))


def changes(bench: Bench, job: Job) -> Reply:
    """Determine a case again as if more were on record, and say what that changes."""
    given = members(job.body, ("case", "facts"))
    found = appeal(
        bench.library,
        given["case"],
        given["facts"],
        policy=job.arguments.get("policy"),
        policy_date=day(job.arguments.get("as_of")),
        evidence_until=day(job.arguments.get("evidence_until")),
        names=("case", "facts"),
    )
    if job.arguments["form"] == media.MARKDOWN:
        body = as_markdown(appeal_title(found.data), appeal_sections(found.data)).encode()
        return Reply(200, media.MARKDOWN, body)
    told = {"differences": found.data, "determination": found.after.data}
    return Reply(200, media.JSON, orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n")
