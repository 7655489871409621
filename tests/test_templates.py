"""What a template writes can be used as it stands; only its placeholders are complained of."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from reasoner.case import read_case
from reasoner.determination import Outcome
from reasoner.determine import decide
from reasoner.errors import CaseUnreadable, GuidelineMalformed
from reasoner.library import Library, bundled
from reasoner.rooms import check
from reasoner.templates import write_case, write_room
from reasoner.weave import weave


@pytest.fixture(scope="module")
def library() -> Library:
    """The knowledge, read once."""
    return Library.read()


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the knowledge that a room can be added to."""
    for part in ("ontology", "shapes"):
        shutil.copytree(bundled() / part, tmp_path / part)
    return tmp_path


@pytest.mark.parametrize("name", ["case.ttl", "case.trig", "case.jsonld", "case.json"])
def test_a_new_case_is_determined_as_it_stands(library: Library, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    write_case(path)
    decision = decide(library, read_case(path.read_bytes(), schema=library.schema, name=name))
    assert decision.outcome is Outcome.NECESSARY


def test_both_syntaxes_state_one_case(library: Library, tmp_path: Path) -> None:
    facts = []
    for name in ("case.ttl", "case.jsonld"):
        write_case(tmp_path / name)
        case = read_case((tmp_path / name).read_bytes(), schema=library.schema, name=name)
        facts.append(sorted(case.labels.values()))
    assert facts[0] == facts[1]


def test_a_case_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "case.ttl"
    write_case(path)
    with pytest.raises(CaseUnreadable, match="already"):
        write_case(path)


def test_a_case_names_its_syntax(tmp_path: Path) -> None:
    with pytest.raises(CaseUnreadable, match="no syntax"):
        write_case(tmp_path / "case.rdf")


def test_a_new_room_lacks_its_titles_and_nothing_else(house: Path) -> None:
    written = write_room(house, "a-new-room")
    assert [path.name for path in written] == [
        "guideline.ttl",
        "met.slip-of-3-mm.ttl",
        "not-met.slip-of-2-9-mm.ttl",
        "thresholds.tsv",
    ]
    faults = check(Library.read(house), "a-new-room")
    assert len(faults) == 3
    assert all("TITLE OF" in fault for fault in faults)


def test_a_room_with_titles_and_a_page_is_in_order(house: Path) -> None:
    guideline = write_room(house, "a-new-room")[0]
    text = guideline.read_text(encoding="utf-8")
    guideline.write_text(text.replace("TITLE OF THE", "On the"), encoding="utf-8")
    library = Library.read(house)
    assert [fault.split(":")[0] for fault in check(library, "a-new-room")] == ["README.md"]
    weave(library, write=True)
    assert check(library, "a-new-room") == []


@pytest.mark.parametrize("name", ["Not Kebab", "../outside", "lumbar-fusion"])
def test_a_room_has_a_name_of_its_own(house: Path, name: str) -> None:
    with pytest.raises(GuidelineMalformed):
        write_room(house, name)
