"""Determinations: made, made in batches, kept, told again, rechecked, and supposed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import Response, StreamingResponse
from starlette.convertors import register_url_convertor

from api import contract, media
from api.batches import cases_of, instead, unpacked
from api.house import House, house_of
from api.keeping import kept_of, told
from api.problems import MEDIA_TYPE, Refusal, refusal_of
from api.routes.examples import BATCH, CASE_EXAMPLES, CHANGES
from api.routes.options import Asked, AskedFor, AskedOfBatch, AskedOfCase, Filled, Known, NameConvertor
from api.store import Kept
from api.tasks import forms, proofs, validation
from api.tasks.batches import Entry
from api.workers.frames import Job, Reply
from reasoner.report import Audience

Json = dict[str, Any]
TheHouse = Annotated[House, Depends(house_of)]
Name = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="The hash that names a determination.")]

_FORMS: Final = (*forms.FORMS, media.HTML)
_KEPT: Final = "keptDetermination"
_EXPLANATION: Final = "explanationOfKept"
_NAME: Final = {"Determination-Id": "The hash that names it."}
_DIFFERENCES: Final = contract.record(differences="object", determination=contract.DETERMINATION)
_CASE_AND_FACTS: Final = contract.record(case={"type": ["object", "string"]}, facts={"type": ["object", "string"]})
_WOULD_BE: Final = "The determination it would be, and what differs."
_NEEDS_TEXT: Final = "A case is read as Turtle, TriG, N-Triples or JSON-LD."

register_url_convertor("determination", NameConvertor())
router = APIRouter(prefix="/v1", tags=["Determinations"], dependencies=[Known, Filled])


def sent(reply: Reply, **headers: str) -> Response:
    """A worker's reply as it goes out; a problem is raised, and so told and noted as every other."""
    if reply.media_type == MEDIA_TYPE:
        wait = reply.headers.get("Retry-After")
        raise refusal_of(orjson.loads(reply.body), int(wait) if wait else None)
    return Response(reply.body, reply.status, {**reply.headers, **headers}, reply.media_type)


@router.post(
    "/validate",
    summary="Say whether a case can be read, and what is unusual about it",
    response_class=Response,
    responses=contract.declared(
        *contract.ALWAYS,
        ok=contract.answers(validation.FORMS, "What is to be said of the case.", json=validation.SHAPE),
    ),
    openapi_extra=contract.body(CASE_EXAMPLES, _NEEDS_TEXT),
)
async def validate(request: Request, here: TheHouse) -> Response:
    """Validate a case without determining it."""
    form = media.choose(request.headers.get("accept"), validation.FORMS)
    job = Job("validate", {"form": form, "media_type": request.headers.get("content-type")}, await request.body())
    return sent(await here.cases.run(job))


@router.post(
    "/determinations",
    summary="Determine a case",
    response_class=Response,
    responses=contract.declared(
        *contract.ALWAYS,
        *(409, 507),
        ok=contract.answers(_FORMS, "The explained determination.", json=contract.DETERMINATION, headers=_NAME),
        created=contract.answers(
            _FORMS,
            "The explained determination, which is now kept.",
            json=contract.DETERMINATION,
            headers=_NAME | {"Location": "Where it can be read again."},
            links={"determination": _KEPT, "explanation": _EXPLANATION},
        ),
    ),
    openapi_extra=contract.body(CASE_EXAMPLES, _NEEDS_TEXT),
)
async def determine(
    request: Request,
    here: TheHouse,
    asked: AskedOfCase,
) -> Response:
    """Determine a case; nothing of it is kept unless that is asked for."""
    form = media.choose(request.headers.get("accept"), _FORMS)
    arguments = {
        **asked.arguments,
        "audience": asked.audience.value,
        "further": asked.further,
        "keep": asked.keep,
        "form": form,
        "media_type": request.headers.get("content-type"),
    }
    task = "page" if form == media.HTML else "determine"
    reply = await here.cases.run(Job(task, arguments, await request.body()))
    if not asked.keep or reply.status != 200:  # noqa: PLR2004  a problem
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
    asked: AskedOfBatch,
) -> Response:
    """Determine the cases of a batch; each answers for itself, and one that cannot be read never ends the batch."""
    media.choose(request.headers.get("accept"), (media.NDJSON,))
    cases = await cases_of(here, media.kind_of(request.headers.get("content-type")), await request.body())
    if isinstance(cases, Reply):
        return sent(cases)
    arguments = {**asked.arguments, "further": asked.further}

    async def one(index: int, entry: Entry) -> bytes:
        job = Job(
            "batch-line", {**arguments, "index": index, "name": entry.name, "media_type": entry.media_type}, entry.data
        )
        while True:
            try:
                unpacked(entry)
                return (await here.cases.run(job)).body
            except Refusal as refusal:
                if refusal.problem.code == "server.busy":  # A batch waits its turn; it is not turned away half done.
                    await asyncio.sleep(0.1)
                    continue
                return instead(index, entry, refusal.problem)

    async def answers() -> AsyncIterator[bytes]:
        ahead: list[asyncio.Task[bytes]] = []
        width = here.settings.workers + 1
        try:
            for index, entry in enumerate(cases):
                ahead.append(asyncio.create_task(one(index, entry)))
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
        *contract.ALWAYS,
        ok=contract.answers((media.JSON,), "Whether the proof holds, and where it does not.", json=proofs.SHAPE),
    ),
    openapi_extra=contract.body({media.TRIG: None}, "A proof: a determination as it is given in TriG."),
)
async def recheck(request: Request, here: TheHouse) -> Response:
    """Judge a proof again with pySHACL, from what it carries alone."""
    media.choose(request.headers.get("accept"), (media.JSON,))
    if media.kind_of(request.headers.get("content-type")) not in ("", media.TRIG):
        raise Refusal("media.unsupported", "A proof is read as TriG.", mend="Send application/trig.")
    return sent(await here.proofs.run(Job("recheck", {}, await request.body())))


@router.post(
    "/changes",
    summary="Suppose that more were on record",
    response_class=Response,
    responses=contract.declared(
        *contract.ALWAYS,
        ok=contract.answers((media.JSON, media.MARKDOWN), _WOULD_BE, json=_DIFFERENCES),
    ),
    openapi_extra=contract.body(
        {media.JSON: CHANGES}, "A case and the facts to suppose, both as JSON-LD or as text.", json=_CASE_AND_FACTS
    ),
)
async def changes(request: Request, here: TheHouse, asked: Asked) -> Response:
    """Determine a case again with hypothetical facts, and say what they would change."""
    form = media.choose(request.headers.get("accept"), (media.JSON, media.MARKDOWN))
    if media.kind_of(request.headers.get("content-type")) not in ("", media.JSON):
        raise Refusal("media.unsupported", "This is read as JSON.", mend="Send application/json.")
    job = Job("changes", {**asked.arguments, "form": form}, await request.body())
    return sent(await here.cases.run(job))


_TOLD: Final = (media.JSON, media.TURTLE, media.JSON_LD, media.TRIG, media.MARKDOWN, media.PLAIN, media.HTML)


@router.get(
    "/determinations/{name:determination}",
    summary="Tell a kept determination again",
    operation_id=_KEPT,
    response_class=Response,
    responses=contract.declared(
        *(404, 406, 422),
        ok=contract.answers(_TOLD, "The determination as it was kept.", json=contract.DETERMINATION),
    ),
)
async def kept(request: Request, here: TheHouse, name: Name) -> Response:
    """Tell a kept determination in the form asked for; TriG is its proof."""
    form = media.choose(request.headers.get("accept"), _TOLD)
    found = await _found(here, name)
    return Response(told(found, form, Audience.REVIEWER), media_type=form)


@router.get(
    "/determinations/{name:determination}/explanation",
    summary="Tell why a kept determination came out as it did",
    operation_id=_EXPLANATION,
    response_class=Response,
    responses=contract.declared(
        *(404, 406, 422), ok=contract.answers((media.MARKDOWN, media.PLAIN), "The explanation for one audience.")
    ),
)
async def explanation(request: Request, here: TheHouse, name: Name, asked: AskedFor) -> Response:
    """Tell the explanation of a kept determination for one audience."""
    form = media.choose(request.headers.get("accept"), (media.MARKDOWN, media.PLAIN))
    found = await _found(here, name)
    return Response(told(found, form, asked.audience), media_type=form)


async def _found(here: House, name: str) -> Kept:
    found = await asyncio.to_thread(here.store.get, name)
    if found is None:
        raise Refusal(
            "determination.unknown",
            "No determination of this name is kept here.",
            mend="Determine the case again with keep=true.",
        )
    return found
