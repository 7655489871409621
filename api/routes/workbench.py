"""The workbench: pages for people, over the same workers as the answers for machines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from api import media
from api.access import COOKIE, entry, is_key
from api.house import House, house_of
from api.keeping import kept_of
from api.linked.sending import answer as tagged
from api.pages import render
from api.pages.answer_form import answers_of
from api.pages.asking import docs_page, message_page
from api.pages.case_form import form_bytes, form_page, found_terms
from api.pages.compare import Wanted, compare_page
from api.pages.guidelines import guideline_page, guidelines_page
from api.pages.home import home_page
from api.pages.offers import policies_of, seed_text, seeds_of
from api.problems import MEDIA_TYPE, Problem, Refusal
from api.workers.frames import Job, Reply

Json = dict[str, Any]
TheHouse = Annotated[House, Depends(house_of)]
Words = Annotated[str, Query(max_length=200)]

_FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 4_000
_LONGEST_NAME: Final = 100
_DOWNLOADS: Final = {
    "json": (media.JSON, "json"),
    "turtle": (media.TURTLE, "ttl"),
    "jsonld": (media.JSON_LD, "jsonld"),
    "trig": (media.TRIG, "trig"),
    "markdown": (media.MARKDOWN, "md"),
    "text": (media.PLAIN, "txt"),
}

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


def refused(request: Request, problem: Problem) -> Response | None:
    """A refusal as a page, for a browser that asked for one; None for everybody else."""
    accept = request.headers.get("accept", "")
    if "text/html" not in accept:
        return None
    if problem.code == "access.key" and request.method == "GET":
        return RedirectResponse("/enter", 303)
    headers = {"Retry-After": str(problem.retry_after)} if problem.retry_after else {}
    said = [one for one in (problem.what, problem.where) if one]
    title = problem.to_json()["title"]
    page = message_page(
        title,
        said,
        mend=problem.mend,
        code=problem.code,
        links=[("/", "To the workbench"), ("/docs", "What the interface answers")],
    )
    return HTMLResponse(page, problem.status, headers)


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent: its fields, and of them what every form about a case has."""

    fields: tuple[tuple[str, str], ...]

    def one(self, name: str) -> str:
        """The last value of a field; empty if it is not there."""
        return next((value for key, value in reversed(self.fields) if key == name), "")

    def all(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for key, value in self.fields if key == name]

    @property
    def case(self) -> bytes:
        """The case, as it stood in its field; a browser sends every line break as two characters."""
        return self.one("case").replace("\r\n", "\n").encode()

    def arguments(self) -> Json:
        """Policy and dates, for a worker."""
        return {
            "policy": self.one("policy")[:_LONGEST_NAME] or None,
            "as_of": _day(self.one("asOf"), "asOf"),
            "evidence_until": _day(self.one("evidenceUntil"), "evidenceUntil"),
            "media_type": self.one("media")[:_LONGEST_NAME] or None,
        }


def _day(text: str, name: str) -> str | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise Refusal("option.date", "This is no date.", where=name, mend="Write it as 2026-01-31.") from None


async def sent_form(request: Request) -> Sent:
    """The fields of the form that a request carries; Refusal for anything else."""
    if media.kind_of(request.headers.get("content-type")) != _FORM:
        raise Refusal("media.unsupported", "This address takes a form.", mend="Use the page that it belongs to.")
    body = await request.body()
    try:
        fields = await asyncio.to_thread(
            parse_qsl, body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
        )
    except ValueError:
        raise Refusal("request.form", "The form cannot be read.", mend="Send it from its page again.") from None
    return Sent(tuple(fields))


Form = Annotated[Sent, Depends(sent_form)]


@router.get("/")
async def home(here: TheHouse) -> HTMLResponse:
    """The page on which a case is dropped, pasted or chosen."""
    return HTMLResponse(home_page(here.library, seeds=seeds_of(here.library)))


@router.get("/seeds/{name}")
async def seed(request: Request, here: TheHouse, name: str) -> Response:
    """The determination of a published case, made once: the knowledge does not change while a server runs."""
    text = seed_text(here.library, name)
    if text is None:
        raise Refusal("address.unknown", "There is no published case of this name.", mend="Choose one at /.")
    state = request.app.state
    if not hasattr(state, "seeds"):
        state.seeds = {}
    made: dict[str, Reply] = state.seeds
    if name not in made:
        reply = await here.cases.run(Job("page", {}, text.encode()))
        if reply.media_type == MEDIA_TYPE:
            return _page(reply, lambda problem: _home(here, Sent((("case", text),)), problem=problem))
        made[name] = reply
    return _page(made[name], lambda _: "")


@router.post("/workbench/determine")
async def determine(here: TheHouse, form: Form) -> Response:
    """Determine the case of a form; what is wrong with it is said beside it."""
    keep = form.one("keep") == "true"
    reply = await here.cases.run(Job("page", {**form.arguments(), "keep": keep}, form.case))
    if keep and reply.status == 200:  # noqa: PLR2004  anything else is a problem
        await asyncio.to_thread(here.store.keep, kept_of(reply.facts["id"], reply.parts))
    return _page(reply, lambda problem: _home(here, form, problem=problem))


@router.post("/workbench/answer")
async def answer(here: TheHouse, form: Form) -> Response:
    """Determine a case again with the answers that were given on its page."""
    arguments = {**form.arguments(), "answers": answers_of(form.fields)}
    reply = await here.cases.run(Job("page", arguments, form.case))
    return _page(reply, lambda problem: _home(here, form, problem=problem))


@router.post("/workbench/validate")
async def validate(here: TheHouse, form: Form) -> Response:
    """Say what is unusual about the case of a form."""
    job = Job("validate", {"form": media.JSON, "media_type": form.arguments()["media_type"]}, form.case)
    reply = await here.cases.run(job)
    told = orjson.loads(reply.body)
    if reply.media_type == MEDIA_TYPE:
        return HTMLResponse(_home(here, form, problem=told), reply.status)
    return HTMLResponse(_home(here, form, report=told))


@router.post("/workbench/download")
async def download(here: TheHouse, form: Form) -> Response:
    """A determination as a file."""
    kind, suffix = _DOWNLOADS.get(form.one("format"), _DOWNLOADS["json"])
    reply = await here.cases.run(Job("determine", {**form.arguments(), "form": kind, "further": True}, form.case))
    if reply.media_type == MEDIA_TYPE:
        return _page(reply, lambda problem: _home(here, form, problem=problem))
    headers = {"Content-Disposition": f'attachment; filename="determination.{suffix}"'}
    return Response(reply.body, reply.status, headers, reply.media_type)


@router.post("/workbench/edit")
async def edit(here: TheHouse, form: Form) -> HTMLResponse:
    """The case of a determination in the box again, to be changed."""
    return HTMLResponse(_home(here, form))


@router.post("/workbench/choose")
async def choose(here: TheHouse, form: Form) -> HTMLResponse:
    """The case of a determination on the page of comparison, its policy ticked beside the default."""
    default = policies_of(here.library)[0].offers[0].name
    asked = form.arguments()
    wanted = Wanted(
        form.one("case"),
        policies=tuple(dict.fromkeys([default, asked["policy"] or default])),
        as_of=asked["as_of"] or "",
        evidence_until=asked["evidence_until"] or "",
    )
    return HTMLResponse(compare_page(here.library, seeds=seeds_of(here.library), wanted=wanted))


@router.get("/compare")
async def compare(here: TheHouse) -> HTMLResponse:
    """The page on which a case and some policies are chosen."""
    return HTMLResponse(compare_page(here.library, seeds=seeds_of(here.library)))


@router.post("/workbench/compare")
async def compared(here: TheHouse, form: Form) -> Response:
    """A case under several policies, side by side."""
    asked = form.arguments()
    policies = [name[:_LONGEST_NAME] for name in form.all("policy")]
    reply = await here.cases.run(Job("compare", {**asked, "policies": policies, "seed": form.one("seed")}, form.case))
    wanted = Wanted(
        form.one("case"), form.one("seed"), tuple(policies), asked["as_of"] or "", asked["evidence_until"] or ""
    )
    return _page(
        reply,
        lambda problem: compare_page(here.library, seeds=seeds_of(here.library), problem=problem, wanted=wanted),
    )


@router.get("/form")
async def form(here: TheHouse) -> HTMLResponse:
    """The form in which a case is written."""
    return HTMLResponse(form_page(here.library))


@router.get("/form/description.json")
def description(request: Request, here: TheHouse) -> Response:
    """What the form is made of: every class and property that a case may state."""
    return tagged(request, form_bytes(here.library), media.JSON)


@router.post("/terms/search")
async def terms(here: TheHouse, form: Form) -> Response:
    """The terms that words of a note may mean; what is asked stands in the body, never in an address."""
    found = await asyncio.to_thread(found_terms, here.library, form.one("q"), form.one("of")[:_LONGEST_NAME])
    return Response(orjson.dumps(found), media_type=media.JSON)


@router.get("/guidelines")
def guidelines(here: TheHouse, q: Words = "") -> HTMLResponse:
    """Every guideline, or the clauses in which some words stand."""
    return HTMLResponse(guidelines_page(here.library, q))


@router.get("/guidelines/{room}")
def guideline(here: TheHouse, room: str) -> HTMLResponse:
    """One guideline, as its woven page."""
    page = guideline_page(here.library, room)
    if page is None:
        raise Refusal("address.unknown", "There is no guideline of this name.", mend="See /guidelines.")
    return HTMLResponse(page)


@router.get("/docs")
async def docs() -> HTMLResponse:
    """The contract of the interface."""
    return HTMLResponse(docs_page())


@router.get("/enter")
async def enter() -> HTMLResponse:
    """The page on which a browser shows the key."""
    return HTMLResponse(render("enter.html", page="", wrong=False))


@router.post("/enter")
async def entered(here: TheHouse, form: Form) -> Response:
    """Take the key, and let the browser in."""
    key = here.settings.key.get_secret_value()
    if not key or not is_key(form.one("key"), key):
        return HTMLResponse(render("enter.html", page="", wrong=True), 401)
    answer = RedirectResponse("/", 303)
    answer.set_cookie(COOKIE, entry(key), httponly=True, samesite="strict", path="/")
    return answer


def _home(here: House, form: Sent, *, problem: Json | None = None, report: Json | None = None) -> str:
    return home_page(
        here.library,
        seeds=seeds_of(here.library),
        problem=problem,
        report=report,
        case_text=form.one("case"),
        policy=form.one("policy"),
        as_of=form.one("asOf"),
        evidence_until=form.one("evidenceUntil"),
    )


def _page(reply: Reply, again: Callable[[Json], str]) -> Response:
    """A page that a worker made, or the page that the form came from with what was wrong."""
    if reply.media_type == MEDIA_TYPE:
        return HTMLResponse(again(orjson.loads(reply.body)), reply.status)
    return Response(reply.body, reply.status, media_type=reply.media_type)
