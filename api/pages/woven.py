"""A room's woven page as HTML: its anchors on its headings, its appraisals as marks, its tables in boxes that scroll.

The only HTML that the woven Markdown holds is its anchors and a remark to whoever edits it; of anything
else nothing is let through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from api.linked.addresses import address_of
from reasoner.library import Library
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import GUIDELINE, NECESSITY, Nec
from reasoner.weave import page

_ANCHOR: Final = re.compile(r'<a id="([\w-]+)">(?:</a>)?\s*')
_OTHER_PAGE: Final = re.compile(r"\.\./([\w-]+)/README\.md(#[\w-]+)?")
_WORKED: Final = re.compile(r"cases/([\w.-]+)\.ttl")
_TONES: Final = {
    Nec.Verified: "good",
    Nec.Unverified: "open",
    NECESSITY + "PopulationMismatch": "open",
    NECESSITY + "NotCheckable": "silent",
    Nec.Unresolvable: "silent",
}
_SAID_OF_SOURCE: Final = re.compile(r"\((?P<word>[\w -]+)\)$")
_SAID_IN_CELL: Final = re.compile(r"^(?P<word>[\w -]+): ")
_DEEPEST: Final = 6


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the page, with those below it that have a name of their own."""

    anchor: str
    text: str
    below: tuple[Heading, ...] = ()


@dataclass(frozen=True, slots=True)
class Woven:
    """A page: its title, its body as HTML, and its contents."""

    title: str
    body: Markup
    contents: tuple[Heading, ...]


@lru_cache(maxsize=64)
def woven(library: Library, room: str) -> Woven:
    """The page of a room.

    >>> found = woven(Library.read(), "setting-of-care")
    >>> found.title, found.contents[-1].text
    ('Setting of care', 'Thresholds')
    """
    tokens = _reader().parse(page(library, room))
    _place_anchors(tokens)
    _even_levels(tokens)
    _mark(tokens, marks(library))
    _lead(tokens, room)
    title = tokens[1].content
    body = tokens[3:]
    return Woven(_said(title), Markup(_reader().renderer.render(body, _reader().options, {})), _contents(body))  # noqa: S704  made by the rules below


def marks(library: Library) -> dict[str, str]:
    """The word of each verdict, and the tone of its mark: what is neither verified nor merely unread is a warning.

    >>> marks(Library.read())["verified"]
    'good'
    """
    verdicts = library.graph.subjects(RDF_TYPE, NECESSITY + "Verdict")
    return {library.label(one): _TONES.get(one, "bad") for one in verdicts}


@lru_cache(maxsize=1)
def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": True, "typographer": False}).enable("table")
    for name, rule in (
        ("html_block", _html),
        ("html_inline", _html),
        ("appraisal", _appraisal),
        ("table_open", _table_open),
        ("table_close", _table_close),
    ):
        reader.add_render_rule(name, rule)
    return reader


def _html(_: object, tokens: Sequence[Token], place: int, *_rest: object) -> str:
    """An anchor that could not be laid on a heading; of anything else nothing."""
    found = _ANCHOR.fullmatch(tokens[place].content)
    return f'<span id="{found[1]}"></span>' if found else ""


def _appraisal(_: object, tokens: Sequence[Token], place: int, *_rest: object) -> str:
    one = tokens[place]
    return f'<span class="badge tone-{one.info}">{escape(one.content)}</span>'


def _table_open(_: object, tokens: Sequence[Token], place: int, *_rest: object) -> str:
    name = escape(tokens[place].meta.get("name", "Table"))
    return f'<div class="table-box" role="region" tabindex="0" aria-label="{name}"><table>\n'


def _table_close(*_: object) -> str:
    return "</table></div>\n"


def _place_anchors(tokens: list[Token]) -> None:
    """Each heading bears its anchor: the one woven before it, or one made from its words."""
    waiting, taken, kept, left_out = "", set[str](), list[Token](), 0
    for place, token in enumerate(tokens):
        if left_out or token.type == "html_block":
            left_out = max(left_out - 1, 0)
            continue
        found = _ANCHOR.fullmatch(tokens[place + 1].content) if token.type == "paragraph_open" else None
        if found:
            waiting, left_out = found[1], 2
            continue
        if token.type == "heading_open":
            words = re.sub(r"\W+", "-", _said(tokens[place + 1].content).casefold()).strip("-")
            anchor = waiting or f"part-{words}"
            while anchor in taken:
                anchor += "-more"
            taken.add(anchor)
            token.attrSet("id", anchor)
            token.meta = {"own": bool(waiting)}
            waiting = ""
        if token.type == "th_open":
            token.attrSet("scope", "col")
        kept.append(token)
    tokens[:] = kept


def _even_levels(tokens: Sequence[Token]) -> None:
    """No heading is more than one level below the one before it; a table is named by the heading above it."""
    before, name = 0, ""
    opened: list[Token] = []
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            level = min(int(token.tag[1]), before + 1, _DEEPEST)
            before, token.tag = level, f"h{level}"
            opened.append(token)
            name = _said(tokens[place + 1].content)
        elif token.type == "heading_close":
            token.tag = opened.pop().tag
        elif token.type == "table_open":
            token.meta = {"name": name}


def _mark(tokens: Sequence[Token], words: Mapping[str, str]) -> None:
    """What is said of a source becomes a mark; a cell of a table is one only under the heading Appraisal."""
    column, heads = 0, list[str]()
    for place, token in enumerate(tokens):
        if token.type == "table_open":
            heads = []
        elif token.type == "tr_open":
            column = 0
        elif token.type in {"th_open", "td_open"}:
            column += 1
        elif token.type == "inline" and token.children:
            before = tokens[place - 1].type
            if before == "th_open":
                heads.append(token.content)
            elif before == "td_open":
                if heads[column - 1 : column] == ["Appraisal"]:
                    token.children = list(_marked(token.children, _SAID_IN_CELL, words, first=True))
            else:
                token.children = list(_marked(token.children, _SAID_OF_SOURCE, words, first=False))


def _marked(
    children: Sequence[Token], pattern: re.Pattern[str], words: Mapping[str, str], *, first: bool
) -> Iterator[Token]:
    chosen = 0 if first else len(children) - 1
    for place, token in enumerate(children):
        found = pattern.search(token.content) if place == chosen and token.type == "text" else None
        if not found or found["word"] not in words:
            yield token
            continue
        mark = Token("appraisal", "", 0, content=found["word"], info=words[found["word"]])
        before, after = token.content[: found.start()], token.content[found.end() :]
        if before:
            yield Token("text", "", 0, content=before)
        yield mark
        if after:
            yield Token("text", "", 0, content=f" {after}")


def _lead(tokens: Sequence[Token], room: str) -> None:
    """Links lead to our own pages: other rooms, worked cases; what has no page here is said without a link."""
    for token in tokens:
        children = token.children or []
        closed = False
        for child in children:
            if child.type == "link_open":
                target = str(child.attrGet("href") or "")
                address = _address(target, room)
                closed = not address
                if closed:
                    child.type = "text"
                    child.content = ""
                else:
                    child.attrSet("href", address)
            elif child.type == "link_close" and closed:
                child.type, child.content, closed = "text", "", False


def _address(target: str, room: str) -> str:
    if target.startswith(("#", "https://", "http://")):
        return target
    if other := _OTHER_PAGE.fullmatch(target):
        return f"/guidelines/{other[1]}{other[2] or ''}"
    if worked := _WORKED.fullmatch(target):
        return worked_address(room, worked[1])
    return ""


def worked_address(room: str, name: str) -> str:
    """Where a worked case is shown: beside the guideline whose case it is.

    >>> worked_address("setting-of-care", "necessary.a-stay")
    '/id/guideline/setting-of-care/cases/necessary.a-stay'
    """
    return f"{address_of(GUIDELINE + room)}/cases/{name}"


def _contents(tokens: Sequence[Token]) -> tuple[Heading, ...]:
    found: list[Heading] = []
    below: list[Heading] = []
    for place, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        one = Heading(str(token.attrGet("id")), _said(tokens[place + 1].content))
        if token.tag == "h2":
            _close(found, below)
            found.append(one)
        elif token.meta["own"]:
            below.append(one)
    _close(found, below)
    return tuple(found)


def _close(found: list[Heading], below: list[Heading]) -> None:
    if found:
        found[-1] = Heading(found[-1].anchor, found[-1].text, tuple(below))
    below.clear()


def _said(text: str) -> str:
    """The words of a heading without the signs that kept Markdown from reading them."""
    return re.sub(r"\\(\W)", r"\1", text)
