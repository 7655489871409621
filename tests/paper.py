"""What stands on the pages of a PDF that Chromium has printed: enough of the format to read its text, and no more."""

from __future__ import annotations

import re
import zlib
from typing import Final
from unicodedata import normalize

_OBJECT: Final = re.compile(rb"(?s)(\d+) 0 obj\s*(.*?)\s*endobj")
_STREAM: Final = re.compile(rb"(?s)stream\r?\n(.*?)\r?\nendstream")
_FONTS: Final = re.compile(rb"/Font\s*<<(.*?)>>", re.DOTALL)
_NAMED: Final = re.compile(rb"/(\w+) (\d+) 0 R")
_SINGLE: Final = re.compile(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4,})>\n")
_RANGE: Final = re.compile(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4})> <([0-9A-Fa-f]{4})>")
_MARKS: Final = re.compile(rb"/(\w+) [\d.-]+ Tf|<([0-9A-Fa-f]+)>")


def letters_of(pdf: bytes) -> str:
    """The letters of all pages in their order, without spaces: a printed line is set letter by letter."""
    objects = {int(number): body for number, body in _OBJECT.findall(pdf)}
    told: list[str] = []
    for body in objects.values():
        if b"/Type /Page\n" not in body and b"/Type /Page " not in body:
            continue
        fonts: dict[bytes, dict[int, str]] = {}
        for inside in _FONTS.findall(body):
            fonts |= {name: _letters(objects, int(number)) for name, number in _NAMED.findall(inside)}
        content = re.search(rb"/Contents (\d+) 0 R", body)
        assert content
        told.append(_text(_stream(objects[int(content[1])]), fonts))
    return "".join(normalize("NFKC", "".join(told)).split())  # "fi" may be one glyph


def _letters(objects: dict[int, bytes], font: int) -> dict[int, str]:
    """What each glyph of a font stands for."""
    named = re.search(rb"/ToUnicode (\d+) 0 R", objects[font])
    if not named:
        return {}
    table = _stream(objects[int(named[1])])
    found: dict[int, str] = {}
    for part in re.findall(rb"(?s)beginbfchar\n(.*?)endbfchar", table):
        for glyph, letters in _SINGLE.findall(part):
            found[int(glyph, 16)] = bytes.fromhex(letters.decode()).decode("utf-16-be")
    for part in re.findall(rb"(?s)beginbfrange\n(.*?)endbfrange", table):
        for first, last, letter in _RANGE.findall(part):
            start = int(first, 16)
            found |= {glyph: chr(int(letter, 16) + glyph - start) for glyph in range(start, int(last, 16) + 1)}
    return found


def _text(content: bytes, fonts: dict[bytes, dict[int, str]]) -> str:
    told: list[str] = []
    letters: dict[int, str] = {}
    for mark in _MARKS.finditer(content):
        if mark[1]:
            letters = fonts.get(mark[1], {})
        else:
            told += [letters.get(int(mark[2][at : at + 4], 16), "") for at in range(0, len(mark[2]), 4)]
    return "".join(told)


def _stream(body: bytes) -> bytes:
    found = _STREAM.search(body)
    assert found
    return zlib.decompress(found[1]) if b"/FlateDecode" in body else found[1]
