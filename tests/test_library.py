"""The knowledge is read once, checked, and known by its hash."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from reasoner.answers import Answer
from reasoner.errors import GuidelineMalformed, GuidelineUnknown
from reasoner.library import Library, bundled, guideline_name, knowledge_files
from reasoner.terms import Graph, Literal
from reasoner.vocabulary import CASE, GUIDELINE, POLICY, SH, SPINE, Nec
from tests.generated import library

ROOM: Final = "setting-of-care"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the knowledge that a test may spoil."""
    for folder in ("ontology", "shapes"):
        shutil.copytree(
            bundled() / folder, tmp_path / folder, ignore=shutil.ignore_patterns("cases", "*.md", "*.tsv", "*.json*")
        )
    return tmp_path


def spoil(root: Path, old: str, new: str, room: str = ROOM) -> None:
    """Change one piece of a guideline's text."""
    path = root / "shapes" / room / "guideline.ttl"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_every_room_and_ontology_file_is_read() -> None:
    rooms = {path.parent.name for path in (bundled() / "shapes").glob("*/guideline.ttl")}
    assert {guideline_name(one.iri) for one in library().recommendations} <= rooms
    assert {f"shapes/{room}/guideline.ttl" for room in rooms} <= set(library().files)
    assert "ontology/anatomy.ttl" in library().files
    assert not [name for name in library().files if "/cases/" in name]


def test_the_case_shapes_and_the_house_style_are_not_knowledge() -> None:
    assert not {"shapes/case.ttl", "shapes/house.ttl"} & set(library().files)


def test_a_second_reading_has_the_same_hash_and_another_byte_another(copy: Path) -> None:
    assert Library.read().hash == library().hash == Library.read(copy).hash
    path = copy / "shapes" / ROOM / "guideline.ttl"
    path.write_text(path.read_text() + "\n")
    assert Library.read(copy).hash != library().hash


def test_a_renamed_file_is_other_knowledge(copy: Path) -> None:
    (copy / "ontology" / "anatomy.ttl").rename(copy / "ontology" / "anatomies.ttl")
    assert Library.read(copy).hash != library().hash


def test_files_are_read_in_one_order() -> None:
    names = [path.relative_to(bundled()).as_posix() for path in knowledge_files(bundled())]
    parts = [[n for n in names if n.startswith("ontology/")], [n for n in names if n.count("/") == 2]]
    assert all(part == sorted(part) for part in parts)


def test_a_file_that_does_not_parse_is_named(copy: Path) -> None:
    path = copy / "shapes" / ROOM / "guideline.ttl"
    path.write_text(path.read_text() + "\nthis is no Turtle")
    with pytest.raises(GuidelineMalformed) as refused:
        Library.read(copy)
    assert refused.value.code == "guideline.syntax"
    assert ROOM in str(refused.value.where)


def test_a_recommendation_that_names_an_unwritten_criterion_is_refused(copy: Path) -> None:
    spoil(copy, "nec:indications (", "nec:indications ( :nowhere")
    with pytest.raises(GuidelineMalformed) as refused:
        Library.read(copy)
    assert refused.value.code == "guideline.criterion-missing"


def test_an_advisory_that_no_criterion_raises_is_refused(copy: Path) -> None:
    room = next(one.guideline for one in library().advisories).removeprefix(GUIDELINE)
    spoil(copy, "nec:raisedWhen :", "nec:raisedWhen :not-", room)
    with pytest.raises(GuidelineMalformed) as refused:
        Library.read(copy)
    assert refused.value.code == "guideline.advisory"


def test_an_unknown_policy_is_refused_with_those_there_are() -> None:
    with pytest.raises(GuidelineUnknown) as refused:
        library().policy("none-such")
    assert "default" in refused.value.mend


def test_a_policy_is_found_by_name_and_by_iri_and_one_is_the_default() -> None:
    assert library().policy("default") is library().policy(POLICY + "default") is library().policy(None)
    assert [one.iri for one in library().policies.values() if one.is_default] == [POLICY + "default"]


def test_every_policy_names_what_is_written() -> None:
    guidelines = {one.guideline for one in library().recommendations}
    for policy in library().policies.values():
        assert guidelines & policy.counts
        assert policy.requires | policy.considers <= library().criteria.compiled.keys()
        assert policy.effective_from is None or isinstance(policy.effective_from, date)


def test_every_waiver_waives_a_criterion_and_is_one() -> None:
    for prerequisite, exceptions in library().waivers.items():
        assert prerequisite in library().criteria.compiled
        assert set(exceptions) <= library().criteria.compiled.keys()


def test_no_exception_is_open_on_a_record_that_says_nothing() -> None:
    criteria = library().criteria
    exceptions = {one for several in library().waivers.values() for one in several}
    answers = {one: criteria.judge(Graph(), "item", one, {}).answer for one in sorted(exceptions)}
    assert set(answers.values()) == {Answer.NOT_MET}, answers


def test_every_leaf_asks_about_a_class_that_is_declared() -> None:
    unknown = {leaf.shape.genus for leaf in library().criteria.leaves.values()} - library().ancestors.keys()
    assert not unknown


def test_every_path_of_a_leaf_is_a_bearing_property() -> None:
    graph = library().graph
    strange = {
        leaf.path for leaf in library().criteria.leaves.values() if Nec.BearingProperty not in graph.types(leaf.path)
    }
    assert not strange


def test_a_class_is_itself_and_everything_above_it() -> None:
    lib = library()
    assert lib.is_a(SPINE + "ForaminalStenosis", SPINE + "Evidence")
    assert lib.is_a(SPINE + "ForaminalStenosis", SPINE + "ForaminalStenosis")
    assert not lib.is_a(SPINE + "SpinalStenosis", SPINE + "ForaminalStenosis")
    assert SPINE + "ForaminalStenosis" in lib.descendants[SPINE + "SpinalStenosis"]


def test_what_a_procedure_amounts_to_is_inherited_from_the_nearest_class_that_says_it() -> None:
    procedures = library().procedures
    assert procedures[SPINE + "TransforaminalInterbodyFusion"].is_construct
    assert procedures[SPINE + "TransforaminalInterbodyFusion"].grain == Nec.BySegment
    assert not procedures[SPINE + "Allograft"].is_principal
    assert procedures[SPINE + "Kyphoplasty"].grain == Nec.ByVertebra


def test_a_kind_of_report_inherits_what_its_kind_would_show() -> None:
    kinds = library().document_kinds
    lumbar, general = kinds[CASE + "LumbarMriReport"], kinds[CASE + "MriReport"]
    assert lumbar.would_show >= general.would_show
    assert (lumbar.covers_from, lumbar.covers_to) == (SPINE + "T12", SPINE + "S2")
    assert general.covers_from is None
    assert kinds[CASE + "ClinicNote"].rank < lumbar.rank < kinds[CASE + "PathologyReport"].rank


def test_every_number_in_the_shapes_is_a_number() -> None:
    graph = library().graph
    for kind in ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive"):
        for subject in graph.subjects(SH + kind):
            assert all(isinstance(v, Literal) and v.number is not None for v in graph.objects(subject, SH + kind))


def test_a_guideline_is_named_by_its_room() -> None:
    assert (
        guideline_name(GUIDELINE + "lumbar-fusion#a") == guideline_name(GUIDELINE + "lumbar-fusion") == "lumbar-fusion"
    )
