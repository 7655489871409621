"""What the worked questions answer is what the knowledge and the determinations say, read by other means."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable

import pytest

from reasoner import Library
from reasoner.anatomy import local
from reasoner.answers import Answer
from reasoner.case import read_case
from reasoner.dataset import graph_name
from reasoner.determination import Outcome
from reasoner.determine import Decision, decide
from reasoner.questions import answer, store_of, text_of
from reasoner.statement import answers_of
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import CASE, CITO, DCTERMS, GUIDELINE, NECESSITY, ROOT, SH, SPINE, Case, Nec
from reasoner.worked import case_files, read_worked, room_names

Row = dict[str, str]
Ask = Callable[[str], list[Row]]

CITES = (CITO + "citesAsEvidence", CITO + "citesAsAuthority")


@pytest.fixture(scope="module")
def library() -> Library:
    """The bundled knowledge."""
    return Library.read()


@pytest.fixture(scope="module")
def ask(library: Library) -> Ask:
    """Asks a worked question by its name."""
    store = store_of(library)

    def asked(name: str) -> list[Row]:
        return list(csv.DictReader(io.StringIO(answer(store, text_of(name) or "", "csv").decode())))

    return asked


@pytest.fixture(scope="module")
def decisions(library: Library) -> dict[str, Decision]:
    """Every example, determined, by its label."""
    found = {}
    for path in sorted((library.root / "examples").glob("*.ttl")):
        case = read_case(path.read_bytes(), schema=library.schema)
        found[case.graph.text(case.iri, Case.label)] = decide(library, case)
    return found


@pytest.fixture(scope="module")
def expected(library: Library) -> list[tuple[str, str, str]]:
    """What every worked case expects of a criterion: case, criterion, answer."""
    return [
        (f"{room}/{path.name}", one.criterion, one.word)
        for room in room_names(library)
        for path in case_files(library, room)
        for one in read_worked(library, path).expectations
        if one.criterion
    ]


def room_of(iri: str) -> str:
    """The room that a criterion or claim is of."""
    return iri.removeprefix(GUIDELINE).split("#")[0] if iri.startswith(GUIDELINE) else ""


def criteria(library: Library) -> list[str]:
    """All criteria."""
    return library.graph.subjects(RDF_TYPE, Nec.Criterion)


def verdict(library: Library, claim: str) -> str:
    """The verdict on a claim or reference."""
    appraisals = library.graph.nodes(claim, Nec.hasAppraisal)
    return next((found for one in appraisals if (found := library.graph.node(one, Nec.verdict))), "")


def cited(library: Library, claim: str) -> set[str]:
    """The works that a claim cites."""
    return {work for relation in CITES for work in library.graph.nodes(claim, relation)}


def necessary(decision: Decision) -> set[str]:
    """The items that were found necessary."""
    return {one.item.iri for one in decision.items if one.outcome is Outcome.NECESSARY}


def test_criteria_on_unverified_claims(library: Library, ask: Ask) -> None:
    """Those that rest on something, and on nothing that was verified."""
    resting = {one: library.graph.nodes(one, Nec.restsOn) for one in criteria(library)}
    found = {
        (room_of(one), library.label(one), str(len(claims)))
        for one, claims in resting.items()
        if claims and not any(verdict(library, claim) == Nec.Verified for claim in claims)
    }
    assert {
        (row["guideline"], row["criterion"], row["claims"]) for row in ask("criteria-on-unverified-claims")
    } == found


def test_claims_that_disagree(library: Library, ask: Ask) -> None:
    """Every pair that a claim states."""
    found = {
        (library.label(one), library.label(other))
        for one in library.graph.subjects(CITO + "disagreesWith")
        for other in library.graph.nodes(one, CITO + "disagreesWith")
    }
    assert {(row["claim"], row["disagreesWith"]) for row in ask("claims-that-disagree")} == found


def test_values_near_a_threshold(ask: Ask, decisions: dict[str, Decision]) -> None:
    """The value is on record, the line within a quarter of it, and the answer the one that was given."""
    rows = ask("values-near-a-threshold")
    for row in rows:
        value, line = float(row["value"]), float(row["threshold"])
        assert abs(value - line) <= abs(line) / 4
        decision = decisions[row["case"]]
        given = {
            one.value
            for _, criterion, one, _ in answers_of(decision)
            if decision.library.label(criterion) == row["criterion"]
        }
        assert row["answer"].replace(" ", "-") in given
    assert len({row["case"] for row in rows}) > 1


def test_diseased_levels_left_out(ask: Ask, decisions: dict[str, Decision]) -> None:
    """No level that an item covers is among them."""
    rows = ask("diseased-levels-left-out")
    for title, decision in decisions.items():
        covered = {
            local(place) for one in decision.items for place in decision.record.graph.nodes(one.item.iri, Nec.hasLevel)
        }
        assert not covered & {row["level"] for row in rows if row["case"] == title}
    assert {row["case"] for row in rows} <= decisions.keys()


def test_thresholds_that_differ(library: Library, ask: Ask) -> None:
    """Beside the lines of the files: each bound that stands next to its path."""
    written: dict[tuple[str, str], set[float]] = {}
    for file in library.files:
        if file.endswith("/guideline.ttl"):
            text = (library.root / file).read_text()
            for prefix, path, bounds in re.findall(r"\[ sh:path (case|nec):(\w+) ;([^\[\]]*)\]", text):
                name = library.label((CASE if prefix == "case" else NECESSITY) + path)
                for bound, value in re.findall(r"sh:(m\w+clusive) (-?[\d.]*\d)", bounds):
                    written.setdefault((name, bound), set()).add(float(value))
    rows = {(row["property"], row["bound"]): row for row in ask("thresholds-that-differ")}
    compared = 0
    for key, values in written.items():
        if len(values) > 1:
            compared += 1
            assert float(rows[key]["lowest"]) <= min(values) <= max(values) <= float(rows[key]["highest"]), key
            assert int(rows[key]["values"]) >= len(values), key
    assert compared >= 10
    slip = rows["translation in millimetres", "minInclusive"]
    assert (slip["lowest"], slip["highest"], slip["values"]) == ("3", "5", "3")
    assert "lumbar-fusion" in slip["guidelines"]


def test_guidelines_and_their_sources(library: Library, ask: Ask) -> None:
    """Counted over the compiled knowledge."""
    rows = {row["guideline"]: row for row in ask("guidelines-and-their-sources")}
    assert len(rows) == len(room_names(library))
    for room in room_names(library):
        row = rows[library.label(GUIDELINE + room)]
        claims = [one for one in library.graph.subjects(RDF_TYPE, Nec.Claim) if room_of(one) == room]
        works = set().union(*(cited(library, claim) for claim in claims))
        years = sorted(text[:4] for work in works if (text := library.graph.text(work, DCTERMS + "issued")))
        verified = sum(verdict(library, claim) == Nec.Verified for claim in claims)
        assert (row["claims"], row["verified"]) == (str(len(claims)), str(verified)), room
        assert (row["references"], row["oldest"], row["newest"]) == (str(len(works)), years[0], years[-1]), room
        assert abs(float(row["share"]) - 100 * verified / len(claims)) <= 0.5


def test_worked_cases_of_criteria(library: Library, ask: Ask, expected: list[tuple[str, str, str]]) -> None:
    """As the runner of worked cases reads them."""
    columns = {"met": "met", "not-met": "notMet", "not-documented": "notDocumented", "disputed": "disputed"}
    counted = Counter((criterion, word) for _, criterion, word in {*expected})
    found = {
        (row["guideline"], row["criterion"], *(int(row[column]) for column in columns.values()))
        for row in ask("worked-cases-of-criteria")
    }
    assert found == {
        (room_of(one), library.label(one), *(counted[one, word] for word in columns))
        for one in {criterion for _, criterion, _ in expected}
    }


def test_criteria_never_met(
    library: Library, ask: Ask, decisions: dict[str, Decision], expected: list[tuple[str, str, str]]
) -> None:
    """Neither in an example nor in a worked case."""
    met = {criterion for _, criterion, word in expected if word == "met"}
    for decision in decisions.values():
        met |= {criterion for _, criterion, given, _ in answers_of(decision) if given is Answer.MET}
    found = {(row["guideline"], row["criterion"]) for row in ask("criteria-never-met")}
    assert found == {(room_of(one), library.label(one)) for one in criteria(library) if one not in met}


def test_outcomes_by_policy(ask: Ask, decisions: dict[str, Decision]) -> None:
    """All under the policy that holds by default."""
    rows = ask("outcomes-by-policy")
    assert {(row["policy"], row["edition"]) for row in rows} == {("Professional guidance", "2026-11-21")}
    counted = Counter(decision.outcome.value for decision in decisions.values())
    assert {row["outcome"].replace(" ", "-"): int(row["determinations"]) for row in rows} == counted


def test_evidence_behind_refusals(library: Library, ask: Ask, decisions: dict[str, Decision]) -> None:
    """For refused items alone, what was answered from evidence against them."""
    found = set()
    for title, decision in decisions.items():
        refused = {one.item.iri for one in decision.items if one.outcome is Outcome.NOT_NECESSARY}
        for item, criterion, given, evidence in answers_of(decision):
            against = given is Answer.NOT_MET or (
                given is Answer.MET and Nec.Contraindication in library.graph.types(criterion)
            )
            if item in refused and against and any(decision.case.graph.types(one) for one in evidence):
                found.add((title, local(item), library.label(criterion), given.value))
    rows = ask("evidence-behind-refusals")
    assert found
    assert {(row["case"], row["item"], row["criterion"], row["answer"].replace(" ", "-")) for row in rows} == found


def test_claims_not_borne_out(library: Library, ask: Ask) -> None:
    """Each with the number of criteria that name it."""
    resting = Counter(claim for one in criteria(library) for claim in library.graph.nodes(one, Nec.restsOn))
    bad = (Nec.Misquoted, Nec.Contradicted, Nec.PopulationMismatch)
    found = {
        (library.label(claim), library.label(verdict(library, claim)), resting[claim])
        for claim in library.graph.subjects(RDF_TYPE, Nec.Claim)
        if verdict(library, claim) in bad
    }
    assert {(row["claim"], row["verdict"], int(row["criteria"])) for row in ask("claims-not-borne-out")} == found


def test_populations(library: Library, ask: Ask) -> None:
    """Works, the claims that cite them, and the criteria on those."""
    rows = {row["population"]: row for row in ask("populations")}
    works = set(library.graph.subjects(Nec.population, SPINE + "SpinalMetastasis"))
    works &= {*library.graph.subjects(RDF_TYPE, Nec.Reference)}
    claims = {one for one in library.graph.subjects(RDF_TYPE, Nec.Claim) if cited(library, one) & works}
    resting = {one for one in criteria(library) if claims & {*library.graph.nodes(one, Nec.restsOn)}}
    row = rows["spinal metastasis"]
    assert (row["references"], row["claims"], row["criteria"]) == (str(len(works)), str(len(claims)), str(len(resting)))


def test_criteria_on_scores(library: Library, ask: Ask) -> None:
    """Of SINS: those that read its result themselves are all there, with their cut-offs."""
    rows = [row for row in ask("criteria-on-scores") if row["score"] == "Spinal instability neoplastic score"]
    direct = {
        (room_of(one), library.label(one))
        for one in criteria(library)
        for shape in library.graph.nodes(one, SH + "qualifiedValueShape")
        if SPINE + "SinsResult" in library.graph.nodes(shape, SH + "class")
    }
    assert len(direct) >= 3
    assert direct <= {(row["guideline"], row["criterion"]) for row in rows}
    between = next(row for row in rows if row["criterion"] == "Instability score of 7 to 12")
    assert {*between["bounds"].split(", ")} == {"minInclusive 7", "maxInclusive 12"}


def test_codes_and_procedures(library: Library, ask: Ask) -> None:
    """The codes of a family are those that say they are in it."""
    rows = ask("codes-and-procedures")
    row = next(row for row in rows if row["family"] == "front neck fusion with disc decompression together")
    assert (row["procedure"], row["firstCodes"], row["furtherCodes"]) == (
        "anterior cervical discectomy and fusion", "22551", "22552",
    )  # fmt: skip
    families = {library.label(one) for one in library.graph.subjects(ROOT + "necessity#reports") if "Family" in one}
    assert {row["family"] for row in rows} == families


def test_from_evidence_to_reference(library: Library, ask: Ask, decisions: dict[str, Decision]) -> None:
    """Each link of each chain is stated, and no chain begins at anything but a criterion met for a necessary item."""
    rows = ask("from-evidence-to-reference")
    links = {
        (library.label(criterion), library.label(claim), library.label(work))
        for criterion in criteria(library)
        for claim in library.graph.nodes(criterion, Nec.restsOn)
        if verdict(library, claim) == Nec.Verified
        for work in cited(library, claim)
    }
    met = {
        (title, library.label(criterion))
        for title, decision in decisions.items()
        for item, criterion, given, evidence in answers_of(decision)
        if given is Answer.MET and evidence and item in necessary(decision)
    }
    assert {(row["criterion"], row["claim"], row["reference"]) for row in rows} <= links
    assert {(row["case"], row["criterion"]) for row in rows} <= met
    assert len({row["case"] for row in rows}) >= 3


def test_terms_without_mapping(library: Library, ask: Ask) -> None:
    """None that a table matches; those that are left are asked for as often as the shapes name them."""
    tables = (library.root / "ontology" / "mappings").glob("*.tsv")
    mapped = {
        line.split("\t")[1] for path in tables for line in path.read_text().splitlines() if line.startswith("spine:")
    }
    rows = {row["term"]: int(row["criteria"]) for row in ask("terms-without-mapping")}
    assert "discitis" in mapped
    assert not mapped & rows.keys()
    asking = {
        one
        for one in criteria(library)
        for shape in library.graph.nodes(one, SH + "qualifiedValueShape")
        if SPINE + "Spondylolisthesis" in library.graph.nodes(shape, SH + "class")
    }
    assert rows["spondylolisthesis"] == len(asking)


def test_graphs(library: Library, ask: Ask) -> None:
    """All files, the case shapes and the mappings, with their versions."""
    rows = {row["graph"]: row for row in ask("graphs")}
    tables = {
        f"{ROOT}mappings/{path.name.split('.')[0]}" for path in (library.root / "ontology/mappings").glob("*.tsv")
    }
    assert rows.keys() == {graph_name(file) for file in (*library.files, "shapes/case.ttl")} | tables
    assert all(rows[GUIDELINE + room]["version"] for room in room_names(library))


def test_what_was_used(library: Library, ask: Ask, decisions: dict[str, Decision]) -> None:
    """The hash of this knowledge, and every file of it."""
    rows = ask("what-was-used")
    assert {row["case"] for row in rows} == decisions.keys()
    assert {(row["knowledge"], row["graphs"]) for row in rows} == {(library.hash, str(len(library.files)))}
    assert {row["day"] for row in rows} == {str(one.policy_date or "no day stated") for one in decisions.values()}
