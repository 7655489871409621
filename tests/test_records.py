"""Every record of a real determination is read and determined without error, and its report renders."""

from __future__ import annotations

from pathlib import Path

import pytest

from reasoner.case import read_case
from reasoner.door import Determination, determine
from reasoner.layout import as_markdown
from reasoner.library import Library
from reasoner.report import sections_of, title_of

FILES = sorted((Path(__file__).parent / "records").glob("*.ttl"))


@pytest.fixture(scope="module")
def library() -> Library:
    """The knowledge, read once for all records."""
    return Library.read()


def determined(library: Library, path: Path) -> Determination:
    """What is determined on a record."""
    return determine(library, read_case(path.read_bytes(), schema=library.schema, name=path.name))


def test_there_are_records() -> None:
    assert FILES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_record_is_determined(library: Library, path: Path) -> None:
    assert determined(library, path).data["items"]


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_report_on_a_record_renders(library: Library, path: Path) -> None:
    found = determined(library, path)
    assert as_markdown(title_of(found.data), sections_of(found))
