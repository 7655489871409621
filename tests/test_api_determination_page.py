"""The page of a determination: the report's words, the drawing, the trees, the forms, and nothing of a case that bites."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from playwright.sync_api import Browser
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from api.pages import STATIC
from api.pages.answer_form import answers_of
from api.pages.determination import determination_page
from api.pages.offers import policies_of
from reasoner import determine
from reasoner.answering import with_answers
from reasoner.layout import Fact, Line, plain
from reasoner.openings import questions_of
from reasoner.report import Audience, sections_of, title_of
from reasoner.why import tree_of
from tests.browser import PHONE, axe, overhang, served, watched
from tests.examples import NAMES, found, library

Json = dict[str, Any]


class Reader(HTMLParser):
    """Keeps what a test looks at: ids, links within the page, tied words, elements with attributes, and the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.ids: list[str] = []
        self.links: list[str] = []
        self.ties: dict[str, set[str]] = {}
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep one element."""
        given = dict(attrs)
        self.elements.append((tag, given))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if str(given.get("href", "")).startswith("#"):
            self.links.append(str(given["href"])[1:])
        for kind in ("level", "evidence", "criterion", "claim"):
            self.ties.setdefault(kind, set()).update(str(given.get(f"data-{kind}") or "").split())

    def handle_data(self, data: str) -> None:
        """Keep text."""
        self.text.append(data)


def read(page: str) -> Reader:
    """A page as it is read."""
    reader = Reader()
    reader.feed(page)
    return reader


def page_of(text: bytes, **more: Any) -> str:
    """The whole page of a case, with trees and forms."""
    determination = determine(library(), text)
    return determination_page(
        determination.full,
        case_text=text.decode(),
        case_media="text/turtle",
        policies=policies_of(library()),
        kept=None,
        tree=tree_of(determination.decision),
        questions=questions_of(determination.decision),
        **more,
    )


@cache
def page(name: str) -> str:
    """The page of an example."""
    return page_of((library().root / "examples" / f"{name}.ttl").read_bytes())


def words(text: str) -> str:
    """Text without its line breaks."""
    return " ".join(text.split())


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_the_text_report_says(name: str) -> None:
    """Every line of the report stands on the page in the same words; item by item the facts are set apart from heads."""
    told = words("".join(read(page(name)).text))
    for section in sections_of(found(name), Audience.REVIEWER):
        apart = section.title in ("Item by item", "Claims and sources")
        assert section.title in told
        for part in section.parts:
            if isinstance(part, Fact) or (isinstance(part, Line) and not (apart and part.depth == 2)):
                text = part.text.split(" (", 1)[0] if apart else part.text
                assert words(plain(text)) in told, section.title
    assert title_of(found(name).data) in told
    assert "a person decides" in told


@pytest.mark.parametrize("name", NAMES)
def test_every_link_within_the_page_leads_somewhere_and_every_name_is_given_once(name: str) -> None:
    reader = read(page(name))
    assert len(reader.ids) == len(set(reader.ids))
    assert not set(reader.links) - set(reader.ids) - {"main"}


@pytest.mark.parametrize("name", NAMES)
def test_levels_evidence_criteria_and_claims_are_tied(name: str) -> None:
    reader = read(page(name))
    assert all(reader.ties[kind] for kind in ("level", "evidence", "criterion", "claim"))
    rows = {row["level"] for row in found(name).data["spine"]["rows"]}
    assert reader.ties["level"] <= rows
    targets = {f"level-{level}" for level in reader.ties["level"]}
    assert targets <= set(reader.ids)
    assert {f"claim-{claim}" for claim in reader.ties["claim"]} <= set(reader.ids)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_inline_and_everything_is_labelled(name: str) -> None:
    """No inline script, style or handler; every field of a form has a name for people."""
    reader = read(page(name))
    labelled = {given.get("for") for tag, given in reader.elements if tag == "label"}
    for tag, given in reader.elements:
        assert "style" not in given
        assert tag != "style"
        assert not any(key.startswith("on") for key in given)
        assert tag != "script" or given.get("src")
        if tag in ("select", "textarea") or (
            tag == "input" and given.get("type") not in ("hidden", "radio", "checkbox")
        ):
            assert given.get("id") in labelled or given.get("aria-label"), given


def test_the_drawing_is_there_with_its_table() -> None:
    told = page("degenerative-t12-s2")
    reader = read(told)
    names = [str(given.get("aria-label")) for tag, given in reader.elements if tag == "a" and given.get("aria-label")]
    assert any(name.startswith("L4-L5: Asked for: laminectomy L1-S1, undetermined") for name in names)
    assert '<tr id="level-L4-L5"' in told


def test_a_tree_goes_down_to_evidence_and_claim() -> None:
    told = page("degenerative-t12-s2")
    tree = told[told.index('id="why-posterior-fusion-t12-l1"') :]
    tree = tree[: tree.index('class="why"')]
    assert "Curve of 45 degrees or more" in tree
    assert "Very subtle thoracolumbar curve" in tree
    assert "falls short on" in tree
    assert 'href="#claim-k' in tree


def test_a_case_cannot_write_into_the_page() -> None:
    """Labels with markup, quotes and characters that turn the direction of writing are shown as what they are."""
    nasty = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>\u202e\u2066"
    text = (library().root / "examples" / "l1-sarcoma-second-stage.ttl").read_text(encoding="utf-8")
    quoted = nasty.replace("\\", "\\\\").replace('"', '\\"')
    spoiled = re.sub(r'case:label "(?:[^"\\]|\\.)*"', lambda _: f'case:label "{quoted}"', text)
    assert spoiled != text
    told = page_of(spoiled.encode())
    reader = read(told)
    assert all(given.get("src") for tag, given in reader.elements if tag == "script")
    assert not any(tag == "img" and given.get("src") == "x" for tag, given in reader.elements)
    shown = told.replace(next(given["value"] or "" for _, given in reader.elements if given.get("name") == "case"), "")
    without_case = re.sub(r'<input type="hidden" name="case" value="[^"]*">', "", shown)
    assert "\u202e" not in without_case
    assert "&lt;script&gt;" in without_case
    assert "&lt;U+202E&gt;" in without_case


def test_the_case_comes_back_as_it_was_sent() -> None:
    text = (library().root / "examples" / "degenerative-t12-s2.ttl").read_text(encoding="utf-8")
    reader = read(page("degenerative-t12-s2"))
    assert next(given["value"] for tag, given in reader.elements if given.get("name") == "case") == text


def test_a_form_filled_in_is_an_answer_that_changes_the_page() -> None:
    """What the page's own fields send is read as an answer, and what it changed is marked."""
    text = (library().root / "examples" / "degenerative-t12-s2.ttl").read_bytes()
    reader = read(page("degenerative-t12-s2"))
    sent = [
        (str(given["name"]), unescape(str(given.get("value") or "")))
        for tag, given in reader.elements
        if tag == "input" and given.get("type") == "hidden" and str(given.get("name")).startswith("q")
    ]
    pain = next(name.partition(".")[0] for name, value in sent if value.endswith("#back-pain"))
    answers = answers_of([*sent, (f"{pain}.says", "yes")])
    assert len(answers) == 1
    assert answers[0]["levels"]
    answered, media_type = with_answers(library(), text, None, answers)
    told = page_of(answered, before=found("degenerative-t12-s2").full)
    assert media_type == "application/n-triples"
    assert "What changed" in told
    assert "Answered here, not on paper." in told
    assert re.search(r"Back pain.* was not documented, is now <strong>met", told)


def test_a_field_with_a_unit_is_read_in_it() -> None:
    fields = [
        ("q3.criterion", "urn:c"),
        ("q3.says", "yes"),
        ("q3.value.durationInDays", " 6 "),
        ("q3.unit.durationInDays", "durationInWeeks"),
        ("q3.value.hasResponse", ""),
        ("case", "..."),
        ("q101.says", "yes"),
        ("qx.says", "yes"),
    ]
    assert answers_of(fields) == [{"criterion": "urn:c", "says": "yes", "values": {"durationInWeeks": "6"}}]


def test_a_kept_determination_needs_no_tree_and_no_questions() -> None:
    """From its JSON alone the page still tells everything that the report tells."""
    told = determination_page(
        found("t12-destructive-mass").full,
        case_text="",
        case_media="text/turtle",
        policies=policies_of(library()),
        kept="0123abcd",
    )
    assert "/v1/determinations/0123abcd" in told
    assert 'class="why"' not in told
    assert "Keep this determination" not in told


def test_ties_light_up_under_the_pointer_and_by_keyboard(browser: Browser) -> None:
    """Level, evidence, criterion and claim light one another; a level of the drawing opens its row of the table."""

    def told(_: Request) -> HTMLResponse:
        return HTMLResponse(page("degenerative-t12-s2"), headers={"Content-Security-Policy": "default-src 'self'"})

    app = Starlette(routes=[Route("/", told), Mount("/static", StaticFiles(directory=STATIC))])
    with served(app) as origin, watched(browser, origin) as seen:
        shown = seen.open("/")
        assert axe(shown) == []
        assert overhang(shown) == 0
        shown.focus('.level[data-level="L4-L5"] a')
        assert shown.locator('.fact.lit[data-level="L4-L5"]').count() > 0
        assert shown.locator('.fact.lit[data-level="L1-L2"]').count() == 0
        shown.keyboard.press("Enter")
        assert shown.locator("#level-L4-L5").is_visible()
        shown.hover(".entry >> nth=1")
        assert shown.locator('.level.lit[data-level="L3-L4"]').count() == 1
        assert shown.locator(".claims-list > li.lit").count() > 0
        shown.keyboard.press("Escape")
        assert shown.locator(".lit").count() == 0


def test_a_phone_sees_it_in_one_column(browser: Browser) -> None:
    """Everything opened, nothing is wider than the window; the drawing scrolls in its own box."""

    def told(_: Request) -> HTMLResponse:
        return HTMLResponse(page("l1-sarcoma-second-stage"))

    app = Starlette(routes=[Route("/", told), Mount("/static", StaticFiles(directory=STATIC))])
    with served(app) as origin, watched(browser, origin, size=PHONE, color_scheme="dark") as seen:
        shown = seen.open("/")
        shown.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        assert overhang(shown) == 0
        assert axe(shown) == []
