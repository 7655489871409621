"""The frame of the pages, the woven guidelines as HTML, the search over them, and the query page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest

from api.linked.worked import written
from api.pages import FOLDER, STATIC, render
from api.pages.asking import Question, docs_page, message_page, questions, sparql_page
from api.pages.guidelines import MOST, guideline_page, guidelines_page, rooms, search
from api.pages.woven import _reader, marks, woven
from reasoner.library import Library
from reasoner.sourcing import claims_of
from reasoner.vocabulary import ROOT
from reasoner.worked import room_names

OWN_FILES = sorted(path for path in STATIC.glob("*") if path.suffix in {".js", ".css"})
TEMPLATES = sorted((FOLDER / "templates").glob("*.html"))
ACTIVE = re.compile(r"""\sstyle\s*=|<style|\son\w+\s*=\s*["']|<script(?![^>]*\ssrc=)|javascript:""", re.IGNORECASE)


@lru_cache(maxsize=1)
def library() -> Library:
    """The knowledge, read once."""
    return Library.read()


class _Seen(HTMLParser):
    """What a page holds: its names, where it leads, the levels of its headings."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.levels: list[int] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element."""
        said = dict(attrs)
        if name := said.get("id"):
            self.ids.append(name)
        if tag == "a":
            self.links.append(said.get("href") or "")
        if re.fullmatch(r"h[1-6]", tag):
            self.levels.append(int(tag[1]))


@lru_cache(maxsize=64)
def seen(room: str) -> _Seen:
    """The page of a room, taken apart."""
    return _Seen(guideline_page(library(), room) or "")


# The frame


def test_the_frame_names_the_open_door_and_says_who_decides() -> None:
    page = render("base.html", page="terms")
    assert re.findall(r'<a href="([^"]+)" aria-current="page">', page) == ["/terms"]
    assert "Decision support: a person decides." in page
    assert '<a class="skip" href="#main">' in page
    assert '<main id="main"' in page


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_script_or_style(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not ACTIVE.findall(text)


@pytest.mark.parametrize("path", OWN_FILES, ids=lambda path: path.name)
def test_no_file_of_ours_leads_elsewhere(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"""(?:https?:)?//[a-z][\w.-]+\.[a-z]{2,}[^\s"')]*""", text)
    assert [one for one in found if "//www.w3.org/" not in one] == []


def _colours() -> Iterator[tuple[str, dict[str, str]]]:
    text = (STATIC / "workbench.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\n\s*\}", text, re.DOTALL)
    light = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[0]))
    yield "light", light
    yield "dark", light | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[1]))
    yield "paper", light | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[2]))


def _luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("light", "colours"), list(_colours()), ids=lambda one: one if isinstance(one, str) else "")
def test_every_colour_can_be_read_on_what_it_stands_on(light: str, colours: dict[str, str]) -> None:
    grounds = ("paper", "surface", "raised")
    pairs = [(ink, ground) for ink in ("ink", "muted", "accent") for ground in grounds]
    for tone in ("good", "bad", "open", "silent", "note"):
        pairs += [(tone, ground) for ground in (*grounds, f"{tone}-soft")]
        pairs.append(("ink", f"{tone}-soft"))
    pairs += [("accent-ink", "accent"), ("ink", "accent-soft"), ("accent", "accent-soft")]
    assert [pair for pair in pairs if _contrast(colours[pair[0]], colours[pair[1]]) < 4.5] == [], light
    assert [ground for ground in grounds if _contrast(colours["edge"], colours[ground]) < 3] == [], light


# Guidelines


@pytest.mark.parametrize("room", room_names(library()))
def test_a_woven_page_is_whole(room: str) -> None:
    page = guideline_page(library(), room) or ""
    found = seen(room)
    assert len(found.ids) == len(set(found.ids))
    assert found.levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(found.levels))
    assert "&lt;a id" not in page
    assert "Woven by" not in page
    assert not ACTIVE.findall(page)
    for target in found.links:
        address, _, anchor = target.partition("#")
        if not address:
            assert anchor in found.ids, target
        elif address.startswith("/guidelines/"):
            assert address.removeprefix("/guidelines/") in room_names(library()), target
            assert not anchor or anchor in seen(address.removeprefix("/guidelines/")).ids, target
        elif "/cases/" in address:
            assert ROOT + address.removeprefix("/id/") in written(library()), target


@pytest.mark.parametrize("room", room_names(library()))
def test_every_claim_bears_its_appraisal(room: str) -> None:
    body = str(woven(library(), room).body)
    table = body[body.index('aria-label="Claims"') : body.index('aria-label="References"')]
    claims = claims_of(library(), room)
    assert len(re.findall(r'<td><span class="badge tone-\w+">', table)) == len(claims)
    (one,) = [one for one in rooms(library()) if one.name == room]
    assert sum(share.count for share in one.shares) == one.claims == len(claims)


def test_every_verdict_has_a_tone_and_a_quotation_that_is_wrong_is_a_warning() -> None:
    known = marks(library())
    assert known["verified"] == "good"
    assert known["misquoted"] == known["contradicted"] == "bad"
    assert set(known.values()) <= {"good", "open", "silent", "bad"}


def test_of_html_in_markdown_nothing_but_anchors_is_let_through() -> None:
    text = 'a <img src=x onerror=alert(1)> <a id="here"></a> <a href="javascript:alert(1)">b</a>\n\n<script>alert(1)</script>\n'
    shown = _reader().render(text)
    assert '<span id="here"></span>' in shown
    assert re.findall(r"<(?!/?p>|/?span)[^>]*>", shown) == []


def test_a_guideline_that_is_not_there_has_no_page() -> None:
    assert guideline_page(library(), "../settings") is None


def test_the_list_tells_what_each_guideline_holds() -> None:
    page = guidelines_page(library())
    assert [one.address for one in rooms(library()) if f'href="{one.address}"' not in page] == []


# Search


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("translation over 2 mm", "1.l Translation over 2 mm"),
        ("TRANSLATIONS over 2 mm", "1.l Translation over 2 mm"),
        ("1.zh one segment", "1.zh One segment only"),
    ],
)
def test_the_search_finds_by_name_whatever_the_ending(asked: str, first: str) -> None:
    assert search(library(), asked)[0].title == first


def test_the_search_finds_claims_and_leads_to_where_they_stand() -> None:
    found = search(library(), "what came after is hindsight")
    assert found[0].kind == "claim"
    assert found[0].anchor in seen(found[0].room).ids


def test_every_result_leads_to_an_anchor_of_its_page() -> None:
    for word in ("fusion", "stenosis", "exercise", "tumour"):
        assert [one.address for one in search(library(), word) if one.anchor not in seen(one.room).ids] == []


def test_a_search_says_how_many_there_are_and_cuts_nothing_silently() -> None:
    count = len(search(library(), "fusion"))
    assert count > MOST
    page = guidelines_page(library(), "fusion")
    assert f"{count} found" in page
    assert f"The first {MOST} are shown" in page


def test_a_search_without_a_result_says_so_and_prints_what_was_asked_as_text() -> None:
    page = guidelines_page(library(), '<script>alert("x")</script> \u202e zzzz')
    assert "0 found" in page
    assert "<script>alert" not in page
    assert "&lt;U+202E&gt;" in page


def test_an_overlong_search_is_cut() -> None:
    assert "z" * 121 not in guidelines_page(library(), "z" * 10_000)


# Questions, the interface, messages


@pytest.mark.parametrize("question", questions(), ids=lambda one: one.name)
def test_a_worked_question_can_be_asked_anywhere(question: Question) -> None:
    ox.Store().query(question.text)  # Without the prefixes that our endpoint knows.


def test_the_query_page_holds_the_chosen_question_and_a_form_that_needs_no_script() -> None:
    page = sparql_page("outcomes")
    assert re.search(r'<form[^>]*method="post" action="/sparql"', page)
    (chosen,) = [one for one in questions() if one.name == "outcomes"]
    assert f"<h3>{chosen.title}</h3>" in page
    assert re.search(r'<a [^>]*data-worked="outcomes"[^>]*aria-current="true"', page)
    assert page.count("data-worked=") == len(questions())


def test_a_question_of_no_known_name_chooses_none() -> None:
    page = sparql_page("</textarea><script>")
    assert "<script>" not in page
    assert re.search(r'id="worked-now"[^>]* hidden>', page)


def test_the_page_of_the_interface_leads_to_its_description_without_script() -> None:
    assert "<noscript>" in docs_page()
    assert 'href="/openapi.json"' in docs_page()


def test_a_message_is_text_and_its_links_stay_here() -> None:
    page = message_page("Not here", ["<b>bold</b>"], code="address.unknown", links=[("javascript:alert(1)", "Back")])
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert 'href="#"' in page
