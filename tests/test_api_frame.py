"""The frame in a real browser: the query page, the interface and the guidelines, under a strict policy and held to one origin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from playwright.sync_api import Browser, Page, expect
from starlette.middleware.base import RequestResponseEndpoint

from api.pages import STATIC
from api.pages.asking import docs_page, message_page, sparql_page
from api.pages.guidelines import guideline_page, guidelines_page
from reasoner.library import Library
from tests.browser import DESK, PHONE, axe, overhang, served, watched

POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
ANSWER: Final = """{"head": {"vars": ["term", "word"]}, "results": {"bindings": [
    {"term": {"type": "uri", "value": "https://w3id.org/spine-reasoner/necessity#hasOutcome"},
     "word": {"type": "literal", "value": "has outcome", "xml:lang": "en"}},
    {"term": {"type": "uri", "value": "https://w3id.org/spine-reasoner/necessity#Met"},
     "word": {"type": "literal", "value": "met"}}]}}"""
HOSTILE: Final = """{"head": {"vars": ["word", "term"]}, "results": {"bindings": [
    {"word": {"type": "literal", "value": "<img src=x onerror=alert(1)>", "xml:lang": "en"},
     "term": {"type": "uri", "value": "javascript:alert(2)"}}]}}"""
REFUSAL: Final = (
    '{"title": "The query cannot be read", "detail": "at line 1", "mend": "Mend it there.", "code": "query.syntax"}'
)


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """The pages of the frame behind a small server that answers every question alike."""
    library, app = Library.read(), FastAPI(docs_url=None, redoc_url=None)
    app.mount("/static", StaticFiles(directory=STATIC))

    @app.middleware("http")
    async def guarded(request: Request, following: RequestResponseEndpoint) -> Response:
        response = await following(request)
        response.headers["Content-Security-Policy"] = POLICY
        return response

    @app.post("/sparql")
    async def answer(request: Request) -> Response:
        asked = (await request.body()).decode()
        if "nonsense" in asked:
            return Response(REFUSAL, status_code=400, media_type="application/problem+json")
        return Response(HOSTILE if "hostile" in asked else ANSWER, media_type="application/sparql-results+json")

    @app.get("/sparql")
    def sparql(worked: str = "") -> Response:
        return HTMLResponse(sparql_page(worked))

    @app.get("/docs")
    def docs() -> Response:
        return HTMLResponse(docs_page())

    @app.get("/guidelines")
    def guidelines(q: str = "") -> Response:
        return HTMLResponse(guidelines_page(library, q))

    @app.get("/guidelines/{room}")
    def guideline(room: str) -> Response:
        return HTMLResponse(guideline_page(library, room))

    @app.get("/{path:path}")
    def nowhere(path: str) -> Response:
        return HTMLResponse(message_page("Not here", [f"There is no page {path}."]))

    with served(app) as found:
        yield found


def _run(page: Page) -> None:
    page.locator(".yasqe_queryButton").first.click()
    expect(page.locator(".yasr_results :is(table, .errorResult)").first).to_be_visible()


def _write(page: Page, text: str) -> None:
    page.get_by_label("Query, in SPARQL").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(
    "path", ["/sparql", "/docs", "/guidelines", "/guidelines?q=fusion", "/guidelines/procedure-coding", "/nowhere"]
)
def test_a_page_breaks_no_rule_of_access_and_asks_nobody_else(
    browser: Browser, origin: str, path: str, size: dict[str, int]
) -> None:
    with watched(browser, origin, size=size) as one:
        page = one.open(path)
        assert overhang(page) == 0
        assert axe(page) == []
        page.emulate_media(color_scheme="dark")
        assert axe(page) == []


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_worked_question_is_chosen_and_run_by_keyboard_alone(
    browser: Browser, origin: str, size: dict[str, int]
) -> None:
    with watched(browser, origin, size=size) as one:
        page = one.open("/sparql")
        page.locator("[data-worked=thresholds]").focus()
        page.keyboard.press("Enter")
        expect(page.locator(".yasqe_queryButton").first).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator(".yasr_results table tbody tr")).to_have_count(2)
        assert "worked=thresholds" in page.url
        assert axe(page) == []
        assert overhang(page) == 0


def test_the_editor_lets_the_keyboard_out(browser: Browser, origin: str) -> None:
    with watched(browser, origin) as one:
        page = one.open("/sparql")
        field = page.get_by_label("Query, in SPARQL")
        for key in ("Tab", "Escape"):
            field.focus()
            page.keyboard.press(key)
            expect(page.locator(".yasqe_queryButton").first).to_be_focused()


def test_a_word_is_completed_from_here_and_from_nowhere_else(browser: Browser, origin: str) -> None:
    with watched(browser, origin) as one:
        page = one.open("/sparql")
        _write(page, "SELECT * WHERE { ?s nec:hasO")
        page.keyboard.press("Control+Space")
        expect(page.locator(".CodeMirror-hint").first).to_have_text("nec:hasOutcome")


def test_a_term_of_ours_is_read_here(browser: Browser, origin: str) -> None:
    with watched(browser, origin) as one:
        page = one.open("/sparql")
        _run(page)
        with page.expect_popup() as opened:
            page.locator(".yasr_results a", has_text="hasOutcome").first.click()
        assert opened.value.url == f"{origin}/id/necessity/hasOutcome"


def test_what_a_question_brings_back_is_text(browser: Browser, origin: str) -> None:
    with watched(browser, origin) as one:
        page = one.open("/sparql")
        page.on("dialog", lambda dialog: one.elsewhere.append(dialog.message))
        _write(page, "SELECT * WHERE { ?hostile ?p ?o }")
        _run(page)
        expect(page.locator(".yasr_results tbody")).to_contain_text("<img src=x onerror=alert(1)>")
        assert page.locator(".yasr_results img").count() == 0
        assert page.locator(".yasr_results a[href^=javascript]").count() == 0
        # The cleaner reads what is to be sorted in a document that runs nothing; Chromium still notes the handlers there.
        one.complaints[:] = [said for said in one.complaints if "inline event handler" not in said]


def test_a_refusal_is_told_as_the_server_tells_it(browser: Browser, origin: str) -> None:
    with watched(browser, origin) as one:
        page = one.open("/sparql")
        _write(page, "SELECT nonsense")
        _run(page)
        expect(page.locator(".problem")).to_contain_text("Mend it there.")
        one.complaints.clear()  # The browser writes every status of 400 to its console.


def test_without_script_a_question_is_asked_by_the_plain_form(browser: Browser, origin: str) -> None:
    with watched(browser, origin, java_script_enabled=False) as one:
        page = one.open("/sparql?worked=outcomes")
        page.get_by_label("Result as").select_option("json")
        page.get_by_role("button", name="Run query").click()
        assert "hasOutcome" in page.content()


def test_an_operation_can_be_opened_and_breaks_no_rule(browser: Browser, origin: str) -> None:
    with watched(browser, origin, color_scheme="dark") as one:
        page = one.open("/docs")
        page.locator(".opblock-summary-control").first.click()
        expect(page.locator(".opblock-body").first).to_be_visible()
        assert axe(page) == []


def test_a_slash_goes_to_the_search(browser: Browser, origin: str) -> None:
    with watched(browser, origin) as one:
        page = one.open("/guidelines/setting-of-care")
        page.keyboard.press("/")
        expect(page.get_by_label("Search all guidelines")).to_be_focused()
        page.keyboard.type("hindsight")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="found for")).to_be_visible()
