"""The application: routes, the layers around them, and one way in which every refusal is told."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import Response
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount
from starlette.staticfiles import StaticFiles

from api import contract
from api.access import Turnstile, check_host, check_key, check_origin
from api.framing import Framing
from api.house import House, house
from api.pages import STATIC
from api.problems import MEDIA_TYPE, Problem, Refusal, problem_of
from api.routes import determinations, health, linked, problems, sparql, workbench
from reasoner.errors import SpineReasonerError
from reasoner.explanation import engine_version

if TYPE_CHECKING:
    from api.settings import Settings
    from api.store import Store
    from reasoner import Library

Json = dict[str, Any]

_ABOUT: Final = """Explained determinations of medical necessity for spine surgery, with provenance to references.

It is decision support: a person decides, and nothing is ever refused automatically. Cases are sent in bodies, never
in addresses, and nothing of a case is kept unless `keep=true` asks for it."""


def create_app(library: Library, store: Store, settings: Settings) -> FastAPI:
    """The application over one library and one store; it starts its workers when it is started."""
    here = house(library, store, settings)
    turnstile = Turnstile(settings.rate, time.monotonic)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with here.open():
            yield

    app = FastAPI(
        title="spine-reasoner",
        version=engine_version(),
        description=_ABOUT,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.state.house = here

    async def refused(request: Request, error: Exception) -> Response:
        if isinstance(error, RequestValidationError):
            error = _unprocessable(error)
        elif isinstance(error, HTTPException):
            error = _of_status(error.status_code, request)
        problem = problem_of(error)
        request.state.code = problem.code
        answer = told(request, problem)
        if problem.code == "address.method":
            answer.headers["Allow"] = ", ".join(_methods(request))
        return answer

    for kind in (Refusal, RequestValidationError, HTTPException, SpineReasonerError):
        app.add_exception_handler(kind, refused)
    for module in (determinations, health, problems, sparql, workbench):
        app.include_router(module.router)
    app.include_router(linked.router(library))
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    guards = (
        lambda request: check_host(request, settings),
        check_origin,
        lambda request: turnstile.admit(request.client.host if request.client else ""),
        lambda request: check_key(request, settings),
    )
    app.add_middleware(Framing, settings=settings, noted=here.log.request, guards=guards, told=told)
    app.openapi = lambda: _contract(app)  # type: ignore[method-assign]  # FastAPI's own way to extend it
    return app


def told(request: Request, problem: Problem) -> Response:
    """A problem as it is answered: as a page to a browser that asked for one, else as JSON."""
    headers = {"Retry-After": str(problem.retry_after)} if problem.retry_after else {}
    return workbench.refused(request, problem) or Response(problem.to_bytes(), problem.status, headers, MEDIA_TYPE)


def _unprocessable(error: RequestValidationError) -> Refusal:
    """Which parameters cannot stand, and what they must be; never what was sent."""
    told = []
    for one in error.errors():
        place = ".".join(str(part) for part in one["loc"][1:]) or str(one["loc"][0])
        told.append(f"{place}: {one['msg'].partition(', input')[0]}")
    return Refusal(
        "request.unprocessable",
        "A parameter cannot stand.",
        where="; ".join(told[:5]),
        mend="The contract at /docs says what each may be.",
    )


def _of_status(status: int, request: Request) -> Refusal:
    if status == 405:  # noqa: PLR2004  the one status that a router gives beside 404
        return Refusal("address.method", f"This address does not answer {request.method[:10]}.")
    return Refusal("address.unknown", "There is nothing at this address.", mend="See /docs for what there is.")


def _methods(request: Request) -> list[str]:
    """The methods that some route answers at this address; HEAD is answered wherever GET is."""
    routes = request.app.routes
    scope = {**request.scope, "root_path": request.scope.get("app_root_path", "")}  # A mount has moved the root.
    found = [
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(
            route.matches({**scope, "method": method})[0] is Match.FULL
            for route in routes
            if method == "GET" or not isinstance(route, Mount)  # Files are only read.
        )
    ]
    return [*found, "HEAD"] if "GET" in found else found


def _contract(app: FastAPI) -> Json:
    if app.openapi_schema is None:
        found = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        app.openapi_schema = contract.completed(found)
    return app.openapi_schema


__all__ = ["House", "create_app"]
