"""Determinations: made, made in batches, kept, told again, rechecked, and supposed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Header, Path, Query, Request
from fastapi.responses import Response, StreamingResponse

from api import contract, media
from api.batches import cases_of
from api.house import House, house_of
from api.keeping import kept_of, told
from api.problems import Refusal
from api.routes.examples import BATCH, CASE_EXAMPLES, CHANGES
from api.store import Kept
from api.tasks import forms, validation
from api.workers.frames import Job, Reply
from reasoner.report import Audience

Json = dict[str, Any]
TheHouse = Annotated[House, Depends(house_of)]
Accept = Annotated[str | None, Header(include_in_schema=False)]
ContentType = Annotated[str | None, Header(include_in_schema=False)]
Name = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="The hash that names a determination.")]

_FORMS: Final = (*forms.FORMS, media.HTML)
_NEEDS_TEXT: Final = "A case is read as Turtle, TriG, N-Triples or JSON-LD."

router = APIRouter(prefix="/v1", tags=["Determinations"])


class Options:
    """Under which policy, as of which day, on which evidence, and for whom."""

    def __init__(
        self,
        policy: Annotated[
            str | None,
            Query(
                pattern="^[a-z0-9-]{1,100}$",
                description="Name of a policy or of one of its editions; the default policy if not given.",
                examples=["aetna-cpb-0743"],
            ),
        ] = None,
        as_of: Annotated[date | None, Query(alias="asOf", description="Date by which policies are in force.")] = None,
        evidence_until: Annotated[
            date | None, Query(alias="evidenceUntil", description="Set aside what is dated later.")
        ] = None,
        audience: Annotated[Audience, Query(description="Who reads a text, a page or Markdown.")] = Audience.REVIEWER,
    ) -> None:
        self.arguments: Json = {
            "policy": policy,
            "as_of": as_of.isoformat() if as_of else None,
            "evidence_until": evidence_until.isoformat() if evidence_until else None,
            "audience": audience.value,
        }


Asked = Annotated[Options, Depends()]


def sent(reply: Reply, **headers: str) -> Response:
    """A worker's reply as it goes out."""
    return Response(reply.body, reply.status, {**reply.headers, **headers}, reply.media_type)


@router.post(
    "/validate",
    summary="Say whether a case can be read, and what is unusual about it",
    response_class=Response,
    responses=contract.declared(
        *contract.ALWAYS, ok=contract.answers(validation.FORMS, "What is to be said of the case.")
    ),
    openapi_extra=contract.body(CASE_EXAMPLES, _NEEDS_TEXT),
)
async def validate(
    request: Request, here: TheHouse, accept: Accept = None, content_type: ContentType = None
) -> Response:
    """Validate a case without determining it."""
    form = media.choose(accept, validation.FORMS)
    job = Job("validate", {"form": form, "media_type": content_type}, await request.body())
    return sent(await here.cases.run(job))


@router.post(
    "/determinations",
    summary="Determine a case",
    response_class=Response,
    responses=contract.declared(
        *contract.ALWAYS,
        507,
        ok=contract.answers(_FORMS, "The explained determination."),
        created=contract.answers(_FORMS, "The explained determination, which is now kept."),
    ),
    openapi_extra=contract.body(CASE_EXAMPLES, _NEEDS_TEXT),
)
async def determine(
    request: Request,
    here: TheHouse,
    asked: Asked,
    further: Annotated[bool, Query(description="Say also what would change it, and what other policies say.")] = True,  # noqa: FBT002  a query parameter
    keep: Annotated[bool, Query(description="Keep the determination with its proof.")] = False,  # noqa: FBT002  as above
    accept: Accept = None,
    content_type: ContentType = None,
) -> Response:
    """Determine a case; nothing of it is kept unless that is asked for."""
    form = media.choose(accept, _FORMS)
    arguments = {**asked.arguments, "form": form, "media_type": content_type, "further": further, "keep": keep}
    task = "page" if form == media.HTML else "determine"
    reply = await here.cases.run(Job(task, arguments, await request.body()))
    if not keep or reply.status != 200:  # noqa: PLR2004  a problem
        return sent(reply, **_named(reply))
    name = reply.facts["id"]
    receipt = await asyncio.to_thread(here.store.keep, kept_of(name, reply.parts))
    reply = replace(reply, status=200 if receipt.before else 201)
    return sent(reply, Location=f"/v1/determinations/{name}", **_named(reply))


def _named(reply: Reply) -> dict[str, str]:
    return {"Determination-Id": reply.facts["id"]} if "id" in reply.facts else {}


@router.post(
    "/determinations/batch",
    summary="Determine many cases",
    response_class=StreamingResponse,
    responses=contract.declared(
        *contract.ALWAYS, ok=contract.answers((media.NDJSON,), "One line for each case, in the order sent.")
    ),
    openapi_extra=contract.body(BATCH, "NDJSON of cases, a zip of case files, or TriG with one case in each graph."),
)
async def batch(
    request: Request,
    here: TheHouse,
    asked: Asked,
    further: Annotated[bool, Query(description="Say also what would change each.")] = False,  # noqa: FBT002  a query parameter
    accept: Accept = None,
    content_type: ContentType = None,
) -> Response:
    """Determine the cases of a batch; each answers for itself, and one that cannot be read never ends the batch."""
    media.choose(accept, (media.NDJSON,))
    cases = await cases_of(here, media.kind_of(content_type), await request.body())
    if isinstance(cases, Reply):
        return sent(cases)
    arguments = {**asked.arguments, "further": further}

    async def one(index: int, name: str, media_type: str | None, data: bytes) -> bytes:
        job = Job("batch-line", {**arguments, "index": index, "name": name, "media_type": media_type}, data)
        while True:
            try:
                return (await here.cases.run(job)).body
            except Refusal as refusal:
                if refusal.problem.code == "server.busy":  # A batch waits its turn; it is not turned away half done.
                    await asyncio.sleep(0.1)
                    continue
                problem = refusal.problem
                line = {"index": index, "name": name, "status": problem.status, "problem": problem.to_json()}
                return orjson.dumps(line, option=orjson.OPT_SORT_KEYS) + b"\n"

    async def answers() -> AsyncIterator[bytes]:
        ahead: list[asyncio.Task[bytes]] = []
        width = here.settings.workers + 1
        try:
            for index, (name, media_type, data) in enumerate(cases):
                ahead.append(asyncio.create_task(one(index, name, media_type, data)))
                if len(ahead) >= width:
                    yield await ahead.pop(0)
            while ahead:
                yield await ahead.pop(0)
        finally:
            for task in ahead:
                task.cancel()

    return StreamingResponse(answers(), media_type=media.NDJSON)


@router.post(
    "/recheck",
    summary="Judge a proof again",
    response_class=Response,
    responses=contract.declared(
        *contract.ALWAYS, ok=contract.answers((media.JSON,), "Whether the proof holds, and where it does not.")
    ),
    openapi_extra=contract.body({media.TRIG: "# a proof, as a determination is given as TriG"}, "A proof as TriG."),
)
async def recheck(
    request: Request, here: TheHouse, accept: Accept = None, content_type: ContentType = None
) -> Response:
    """Judge a proof again with pySHACL, from what it carries alone."""
    media.choose(accept, (media.JSON,))
    if media.kind_of(content_type) not in ("", media.TRIG):
        raise Refusal("media.unsupported", "A proof is read as TriG.", mend="Send application/trig.")
    return sent(await here.proofs.run(Job("recheck", {}, await request.body())))


@router.post(
    "/changes",
    summary="Suppose that more were on record",
    response_class=Response,
    responses=contract.declared(
        *contract.ALWAYS,
        ok=contract.answers((media.JSON, media.MARKDOWN), "The determination it would be, and what differs."),
    ),
    openapi_extra=contract.body({media.JSON: CHANGES}, "A case and the facts to suppose, both as JSON-LD or as text."),
)
async def changes(
    request: Request, here: TheHouse, asked: Asked, accept: Accept = None, content_type: ContentType = None
) -> Response:
    """Determine a case again with hypothetical facts, and say what they would change."""
    form = media.choose(accept, (media.JSON, media.MARKDOWN))
    if media.kind_of(content_type) not in ("", media.JSON):
        raise Refusal("media.unsupported", "This is read as JSON.", mend="Send application/json.")
    job = Job("changes", {**asked.arguments, "form": form}, await request.body())
    return sent(await here.cases.run(job))


_TOLD: Final = (media.JSON, media.TRIG, media.TURTLE, media.MARKDOWN, media.PLAIN, media.HTML)


@router.get(
    "/determinations/{name}",
    summary="Tell a kept determination again",
    response_class=Response,
    responses=contract.declared(
        400, 401, 404, 406, 421, 422, 429, 503, ok=contract.answers(_TOLD, "The determination as it was kept.")
    ),
)
async def kept(here: TheHouse, name: Name, accept: Accept = None) -> Response:
    """Tell a kept determination in the form asked for; TriG is its proof."""
    form = media.choose(accept, _TOLD)
    found = await _found(here, name)
    return Response(told(found, form, Audience.REVIEWER), media_type=form)


@router.get(
    "/determinations/{name}/explanation",
    summary="Tell why a kept determination came out as it did",
    response_class=Response,
    responses=contract.declared(
        400,
        401,
        404,
        406,
        421,
        422,
        429,
        503,
        ok=contract.answers((media.MARKDOWN, media.PLAIN, media.HTML), "The explanation for one audience."),
    ),
)
async def explanation(
    here: TheHouse,
    name: Name,
    audience: Annotated[Audience, Query(description="Who reads it.")] = Audience.REVIEWER,
    accept: Accept = None,
) -> Response:
    """Tell the explanation of a kept determination for one audience."""
    form = media.choose(accept, (media.MARKDOWN, media.PLAIN, media.HTML))
    found = await _found(here, name)
    return Response(told(found, form, audience), media_type=form)


async def _found(here: House, name: str) -> Kept:
    found = await asyncio.to_thread(here.store.get, name)
    if found is None:
        raise Refusal(
            "determination.unknown",
            "No determination of this name is kept here.",
            mend="Determine the case again with keep=true.",
        )
    return found
