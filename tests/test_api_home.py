"""The first page keeps what was sent, says what is wrong with it and where, and lets no text of a case become markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route

from api.pages import STATIC
from api.pages.home import home_page
from api.pages.offers import offer_named, policies_of, seed_text, seeds_of
from api.problems import problem_of
from reasoner import SpineReasonerError, determine, read_case
from reasoner.anatomy import local
from reasoner.vocabulary import Nec
from tests.browser import DESK, PHONE, axe, overhang, watched
from tests.examples import NAMES, library

Json = dict[str, Any]

ORIGIN: Final = "http://workbench.test"
POLICY: Final = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; object-src 'none'"
TYPES: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
HOSTILE: Final = '"><script>alert(1)</script><img src=x onerror=alert(1)></textarea>\u202e'


class Parts(HTMLParser):
    """The tags of a page with their attributes, and the text of its box."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.box = ""
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))
        self._inside = tag == "textarea" or (self._inside and tag != "p")

    def handle_endtag(self, tag: str) -> None:
        """The box ends."""
        self._inside = self._inside and tag != "textarea"

    def handle_data(self, data: str) -> None:
        """Note the text of the box."""
        if self._inside:
            self.box += data


def refused(text: str) -> Json:
    """The problem that a case has."""
    with pytest.raises(SpineReasonerError) as error:
        determine(library(), text.encode())
    return problem_of(error.value).to_json()


def page_of(text: str = "", **more: Any) -> str:
    """The page with a case in it."""
    return home_page(library(), seeds=seeds_of(library()), case_text=text, **more)


def hostile_case() -> str:
    """A case whose free text would be markup, and which is refused."""
    case = json.loads((library().root / "examples" / "minimal.jsonld").read_bytes())
    case["label"] = HOSTILE
    case["records"][0]["atLevel"] = HOSTILE
    case[HOSTILE] = HOSTILE
    return json.dumps(case, indent=1, ensure_ascii=False)


def is_safe(page: str) -> bool:
    """Whether a page has no script, style or handler of its own and no address that is neither ours nor http(s)."""
    for tag, attributes in Parts(page).tags:
        if tag == "script" and not str(attributes.get("src", "")).startswith("/static/"):
            return False
        if any(name.startswith("on") or name == "style" for name in attributes):
            return False
        for name in ("href", "src", "action", "formaction"):
            if name in attributes and not re.match(r"[/#]|https?://", str(attributes[name])):
                return False
    return "\u202e" not in re.sub(r"(?s)<textarea.*?</textarea>", "", page)


def test_every_published_case_is_offered_and_can_be_determined() -> None:
    assert [one.name for one in seeds_of(library())] == sorted(NAMES)
    for one in seeds_of(library()):
        assert f'href="/seeds/{one.name}"' in page_of()
        assert read_case((seed_text(library(), one.name) or "").encode(), schema=library().schema)
        assert one.label != one.name
    assert seed_text(library(), "../pyproject") is None


def test_every_policy_is_offered_once_the_default_first() -> None:
    offers = [one for group in policies_of(library()) for one in group.offers]
    names = [one.name for one in offers]
    assert names[0] == local(library().policy(None).iri)
    assert len(set(names)) == len(names)
    known = {local(iri) for iri in library().policies} | {local(one.series) for one in library().policies.values()}
    assert {one.name for one in offers if one.can_be_chosen} == known
    for one in offers:
        assert one.about
        assert bool(one.verdict) <= bool(one.reason)
    assert [one for one in offers if one.verdict == "unverified" and "ummar" in one.reason]


def test_every_policy_that_has_a_text_says_how_it_was_read() -> None:
    offers = {one.name: one for group in policies_of(library()) for one in group.offers}
    for iri in library().policies:
        if library().graph.nodes(iri, Nec.hasAppraisal):
            assert offers[local(iri)].verdict
            assert offers[local(iri)].reason in page_of().replace("&#39;", "'").replace("&#34;", '"')


def test_what_cannot_be_chosen_falls_back_to_the_default() -> None:
    for name in ("", "mcg", HOSTILE):
        assert offer_named(library(), name).name == "default"


def test_what_was_chosen_is_kept() -> None:
    page = page_of("x", policy="nice-ng59-2016", as_of="2019-05-01", evidence_until='"><b>')
    assert '<option value="nice-ng59-2016" selected>' in page
    assert 'value="2019-05-01"' in page
    assert is_safe(page)


def test_a_refused_case_is_kept_and_each_problem_leads_to_its_line() -> None:
    text = (seed_text(library(), "t12-destructive-mass") or "").replace("spine:T12 ", "spine:L6 ")
    problem = refused(text)
    page = page_of(text, problem=problem)
    assert Parts(page).box.strip() == text.strip()
    lines = [one["line"] for one in problem["problems"]]
    assert lines
    for line in lines:
        assert f'data-line="{line}"' in page
    assert f"{len(lines)} things to mend" in page
    assert page.count("There is no level") == 1


def test_a_problem_of_the_policy_leads_to_the_policy() -> None:
    with pytest.raises(SpineReasonerError) as error:
        determine(library(), (seed_text(library(), NAMES[0]) or "").encode(), policy="mcg")
    page = page_of("x", problem=problem_of(error.value).to_json())
    assert 'href="#policy"' in page
    assert "This policy cannot be used" in page


def test_a_text_that_is_no_case_at_all_is_told_where_it_breaks() -> None:
    page = page_of("{\n nonsense", problem=refused("{\n nonsense"))
    assert 'data-line="2"' in page


def test_remarks_of_a_readable_case_are_told_without_alarm() -> None:
    report = {
        "readable": True,
        "results": [
            {"severity": "Warning", "what": "No date.", "where": "MRI"},
            {"severity": "Warning", "what": "No date.", "where": HOSTILE},
            {"severity": "Info", "what": "Fine.", "where": ""},
        ],
    }
    page = page_of("x", report=report)
    assert "The case can be read; 3 remarks" in page
    assert page.count("No date.") == 1
    assert is_safe(page)
    assert "nothing about it is unusual" in page_of("x", report={"readable": True, "results": []})


def test_no_text_of_a_case_becomes_markup() -> None:
    text = hostile_case()
    page = page_of(text, problem=refused(text))
    assert is_safe(page)
    assert Parts(page).box.strip() == text.strip()


def test_nothing_is_said_of_a_case_that_was_not_sent() -> None:
    assert 'id="findings"' not in page_of()
    assert is_safe(page_of())


# In a browser.


class Served:
    """The page in a browser, every address of its server answered here."""

    def __init__(self, page: Page) -> None:
        self.sent: list[tuple[str, dict[str, list[str]]]] = []
        page.route(f"{ORIGIN}/**", self.answer)

    def answer(self, route: Route) -> None:
        """Answer as the server would; what is sent is refused, and kept."""
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            file = STATIC / path.removeprefix("/static/")
            route.fulfill(body=file.read_text(encoding="utf-8"), content_type=TYPES[file.suffix])
            return
        body = page_of()
        if path.startswith("/workbench/"):
            fields = parse_qs(route.request.post_data or "", keep_blank_values=True)
            self.sent.append((path, fields))
            text = fields["case"][0]
            body = page_of(text, problem=refused(text))
        headers = {"Content-Security-Policy": POLICY}
        route.fulfill(body=body, content_type="text/html; charset=utf-8", headers=headers)


@pytest.fixture
def opened(browser: Browser) -> Iterator[tuple[Page, Served]]:
    """The page in a browser that fails on any complaint."""
    with watched(browser, ORIGIN) as one:
        served = Served(one.page)
        one.open("/")
        yield one.page, served


def test_a_file_is_read_by_the_page_and_sent_only_when_asked(opened: tuple[Page, Served]) -> None:
    page, served = opened
    text = (seed_text(library(), NAMES[1]) or "").replace("case:hasSeverity ", "case:hasSeveritty ")
    page.set_input_files("#file", {"name": "case.ttl", "mimeType": "text/turtle", "buffer": text.encode()})
    page.wait_for_function("() => document.getElementById('case').value.length > 100")
    assert page.input_value("#case") == text
    assert not served.sent
    page.click("button.primary")
    page.wait_for_selector("#findings")
    (path, fields), *_ = served.sent
    assert path == "/workbench/determine"
    assert set(fields) == {"case", "policy", "asOf", "evidenceUntil"}
    assert fields["case"][0].replace("\r\n", "\n") == text
    assert page.evaluate("() => document.activeElement.id") == "findings"


def test_a_problem_selects_its_line(opened: tuple[Page, Served]) -> None:
    page, _ = opened
    page.fill("#case", "{\n nonsense")
    page.click("text=Check only")
    page.click("a[data-line]")
    chosen = page.evaluate(
        "() => { const b = document.activeElement; return b.value.slice(b.selectionStart, b.selectionEnd); }"
    )
    assert chosen == " nonsense"


def test_a_file_that_is_no_text_or_too_large_is_not_taken(opened: tuple[Page, Served]) -> None:
    page, served = opened
    for data in (b"\xff\xfe\x00", b"x" * 2_000_001):
        page.set_input_files("#file", {"name": "case.ttl", "mimeType": "text/turtle", "buffer": data})
        page.wait_for_selector("[data-case-said].over")
        assert page.input_value("#case") == ""
    assert not served.sent


def test_what_the_chosen_policy_is_stands_under_it(opened: tuple[Page, Served]) -> None:
    page, _ = opened
    page.select_option("#policy", "evicore-cmm-609")
    assert offer_named(library(), "evicore-cmm-609").reason in page.inner_text("[data-policy-said]")


@pytest.mark.parametrize(("size", "scheme"), [(DESK, "light"), (DESK, "dark"), (PHONE, "light")])
def test_the_page_is_for_everybody(browser: Browser, size: dict[str, int], scheme: str) -> None:
    with watched(browser, ORIGIN, size=size, color_scheme=scheme) as one:
        Served(one.page)
        page = one.open("/")
        assert axe(page) == []
        page.fill("#case", hostile_case())
        page.click("button.primary")
        page.wait_for_selector("#findings")
        page.evaluate("() => { document.getElementById('policies').open = true; }")
        assert axe(page) == []
        assert overhang(page) == 0


def test_the_page_works_without_a_script(browser: Browser) -> None:
    with watched(browser, ORIGIN, java_script_enabled=False) as one:
        served = Served(one.page)
        page = one.open("/")
        assert not page.is_visible("#file")
        page.fill("#case", "{\n nonsense")
        page.click("button.primary")
        assert "Line 2" in page.inner_text("#findings")
        assert served.sent
