"""Tasks that make pages of the workbench."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from api import media
from api.pages.compare import Wanted, compared_page
from api.pages.determination import determination_page
from api.pages.offers import policies_of, seed_text, seeds_of
from api.problems import Refusal
from api.tasks import forms
from api.tasks.reading import day, determined
from api.workers.frames import Job, Reply
from reasoner.answering import with_answers
from reasoner.case import read_case
from reasoner.comparison import comparison_of
from reasoner.openings import questions_of
from reasoner.why import tree_of

if TYPE_CHECKING:
    from api.tasks.bench import Bench

Json = dict[str, Any]


def determined_page(bench: Bench, job: Job) -> Reply:
    """The page of a determination; with answers, of the case in which they are stated, and what they changed."""
    before: Json | None = None
    arguments = job.arguments
    if arguments.get("answers"):
        before = determined(bench, job).data
        case, media_type = with_answers(bench.library, job.body, arguments.get("media_type"), arguments["answers"])
        job = Job(job.task, {**arguments, "media_type": media_type}, case)
    found = determined(bench, job)
    name = forms.name_of(found)
    keep = bool(arguments.get("keep"))
    page = determination_page(
        found.full,
        case_text=job.body.decode("utf-8-sig"),
        case_media=job.arguments.get("media_type") or "",
        policies=policies_of(bench.library),
        kept=name if keep else None,
        tree=tree_of(found.decision),
        questions=questions_of(found.decision),
        before=before,
        chosen=arguments.get("policy") or "",
    )
    parts = forms.kept_parts(found) if keep else {}
    return Reply(200, media.HTML, page.encode(), facts={"id": name}, parts=parts)


def compared(bench: Bench, job: Job) -> Reply:
    """The page of a case under several policies."""
    library, given = bench.library, job.arguments
    seed = given["seed"]
    data = job.body if job.body.strip() else (seed_text(library, seed) or "").encode()
    if not data:
        raise Refusal("compare.case", "No case is given.", mend="Paste one, or choose a published one.")
    wanted = Wanted(
        job.body.decode(), seed, tuple(given["policies"]), given["as_of"] or "", given["evidence_until"] or ""
    )
    found = comparison_of(
        library,
        read_case(data, schema=library.schema, name="case"),
        given["policies"],
        policy_date=day(given["as_of"]),
        evidence_until=day(given["evidence_until"]),
    )
    page = compared_page(library, found, seeds=seeds_of(library), wanted=wanted)
    return Reply(200, media.HTML, page.encode())
