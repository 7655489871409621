"""Reports are aligned, no wider than they should be, and nothing in a case's text can hide, turn or command."""

from __future__ import annotations

import unicodedata
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reasoner.layout import WIDTH, Drawing, Fact, Line, Section, Table, as_markdown, as_text, keys_of, plain, safe

HIDDEN: Final = ("\x1b[31m", "\x07", "\u202e", "\u2066", "\u200b", "\ufeff", "\x00", "\u2028", "\r\n", "\x9b", "\ue000")


def printed(*parts: Line | Fact | Table | Drawing, title: str = "Title") -> list[str]:
    """The text of one section."""
    return [line.text for line in as_text(title, (Section("Section", parts),))][5:]


@pytest.mark.parametrize("mark", HIDDEN)
def test_what_is_hidden_is_spelled_out(mark: str) -> None:
    """No control, format or private character reaches a terminal or a page."""
    for text in (
        *printed(
            Line(f"a{mark}b"),
            Fact("x", f"a{mark}b"),
            Table(("a", "b"), ((f"a{mark}b", mark),)),
            Drawing((f"a{mark}b",)),
        ),
        *as_markdown(f"a{mark}b", (Section(mark, (Line(mark), Fact("x", mark), Drawing((mark,)))),)).split("\n"),
    ):
        assert not [c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Co", "Zl", "Zp")]


@given(st.text())
def test_plain_text_is_one_line_in_which_everything_shows(text: str) -> None:
    told = plain(text)
    assert "\n" not in told
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") for c in told)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[click](http://a.example)", r"\[click\](http\://a.example)"),
        ("<script>", r"\<script\>"),
        ("# Approved", r"\# Approved"),
        ("**yes**", r"\*\*yes\*\*"),
        ("a | b", r"a \| b"),
        ("- item", r"\- item"),
        ("1. item", r"1\. item"),
        ("```", r"\`\`\`"),
        ("&lt;", r"\&lt;"),
        ("www.a.example", r"www\.a.example"),
        ("me@a.example", r"me\@a.example"),
        ("~~no~~ _yes_", r"\~\~no\~\~ \_yes\_"),
        ("![x](y)", r"\!\[x\](y)"),
    ],
)
def test_markdown_finds_no_mark(text: str, shown: str) -> None:
    assert safe(text) == shown


def test_a_fence_cannot_be_broken_out_of() -> None:
    page = as_markdown("t", (Section("s", (Drawing(("```", "# out")),)),))
    assert page.count("```") == 2


def test_long_lines_are_folded_under_themselves() -> None:
    told = printed(Line("word " * 60, 1, "good"), Line("x" * 300, 2))
    assert max(map(len, told)) <= WIDTH
    assert told[0].startswith("  + word")
    assert told[1].startswith("    word")


def test_facts_stand_in_two_columns_and_say_their_label_once() -> None:
    assert printed(Fact("Outcome", "yes", "good"), Fact("Refuse", "a"), Fact("Refuse", "b")) == [
        "+ Outcome      yes",
        "  Refuse       a",
        "               b",
    ]


def test_tables_are_aligned_and_their_widest_column_is_folded() -> None:
    told = printed(Table(("name", "n", "why"), (("long name", "1", "because " * 20), ("b", "22", "-"))))
    assert told[0] == "  name       n   why"
    assert told[1].startswith("  ---------  --  ----")
    assert told[2].startswith("  long name  1   because")
    assert told[3].startswith(" " * 17 + "because")
    assert max(map(len, told)) <= WIDTH


def test_a_drawing_keeps_its_columns_when_it_is_folded() -> None:
    told = printed(Drawing(("L1        +      disease    " + "finding, " * 20,)))
    assert told[1].startswith(" " * 28 + "finding")


def test_keys_are_kept_and_not_printed() -> None:
    section = Section("s", (Line("a", keys=("verdict a",)), Fact("b", "c", keys=("need d",)), Line("e")))
    assert keys_of((section,)) == {"verdict a", "need d"}
    assert "verdict" not in "".join(line.text for line in as_text("t", (section,)))


def test_an_empty_line_stays_empty() -> None:
    assert printed(Line("")) == [""]
