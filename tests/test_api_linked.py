"""Everything the library knows has an address, is described, and says truly who names it."""

from __future__ import annotations

import csv
import io
from html.parser import HTMLParser
from typing import Final

import pyoxigraph as ox
import pytest

from api.linked import lists, views
from api.linked.addresses import PLACE, address_of, iris_at
from api.linked.graphs import about, everything, files_by_name, one_graph
from api.linked.naming import Group
from api.linked.resources import Resource, describe
from api.linked.uses import find, graph_of, known
from api.linked.worked import written
from api.media import CSV, JSON_LD, N_QUADS, N_TRIPLES, TRIG, TURTLE
from api.problems import Refusal
from reasoner import Library
from reasoner.dataset import knowledge_quads
from reasoner.sourcing import cited
from reasoner.terms import RDF_TYPE
from reasoner.vocabulary import CITO, GUIDELINE, OWL, POLICY, REFERENCE, ROOT, SPINE, Nec

LUMBAR: Final = GUIDELINE + "lumbar-fusion"
VOID: Final = frozenset(["meta", "link", "img", "input", "br", "hr"])


@pytest.fixture(scope="module")
def library() -> Library:
    """The bundled knowledge."""
    return Library.read()


def described(library: Library, iri: str) -> Resource:
    found = describe(library, iri)
    assert found is not None, iri
    return found


def groups(library: Library, iri: str) -> dict[str, list[str]]:
    """Who names a thing, by the key of the group."""
    return {group.key: [link.iri for link in group.links] for group in described(library, iri).groups}


class Page(HTMLParser):
    """A page read strictly: every element is closed, and links and anchors are kept."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.links: list[str] = []
        self.anchors: list[str] = []
        self.faults: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"{tag} is not closed" for tag in self.stack]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where it leads, and what no page may hold."""
        said = dict(attrs)
        if tag not in VOID:
            self.stack.append(tag)
        if tag == "a" and said.get("href"):
            self.links.append(said["href"] or "")
        if said.get("id"):
            self.anchors.append(said["id"] or "")
        self.faults += [f"{tag} {name}" for name in said if name == "style" or name.startswith("on")]
        if tag == "style" or (tag == "script" and not said.get("src")):
            self.faults.append(f"inline {tag}")

    def handle_endtag(self, tag: str) -> None:
        """Close what was opened last."""
        if not self.stack or self.stack.pop() != tag:
            self.faults.append(f"{tag} is closed and was not open")


def page_of(library: Library, iri: str) -> Page:
    return Page(views.resource_page(library, iri))


# Addresses


def test_the_mapping_goes_both_ways_for_everything(library: Library) -> None:
    """The address of every term leads back to it, and no two terms share one."""
    kinds = known(library).kinds
    addresses = {iri: address_of(iri) for iri in kinds}
    assert len(set(addresses.values())) == len(kinds)
    for iri, address in addresses.items():
        assert find(library, address.removeprefix(PLACE)) == iri


def test_every_term_of_the_graph_is_known(library: Library) -> None:
    """Subjects and objects alike, editions by their documents."""
    graph, there = library.graph, known(library)
    named = {one for triple in graph for one in (triple.subject, triple.object) if isinstance(one, str)}
    strangers = {one for one in named if one.startswith(ROOT) and one not in there.kinds and one not in there.editions}
    assert not strangers


def test_an_edition_is_shown_by_its_document(library: Library) -> None:
    """The address of a version leads to the document that it is a version of."""
    version = library.graph.node(LUMBAR, OWL + "versionIRI") or ""
    assert find(library, address_of(version).removeprefix(PLACE)) == LUMBAR


@pytest.mark.parametrize("path", ["", "spine/L6", "../ontology/case.ttl", "spine\x00", "ä/ö", "#", "a" * 10_000])
def test_a_path_that_means_nothing_finds_nothing(library: Library, path: str) -> None:
    """Nothing is guessed, and nothing is opened."""
    assert find(library, path) is None
    assert all(iri.startswith(ROOT) for iri in iris_at(path))


# Everything


def test_everything_is_described_and_its_page_is_sound(library: Library) -> None:
    """No thing is left out; every page closes what it opens, has one anchor of a name and nothing inline."""
    for iri in known(library).kinds:
        found = described(library, iri)
        assert found.label, iri
        page = page_of(library, iri)
        assert not page.faults, (iri, page.faults[:3])
        assert len(page.anchors) == len(set(page.anchors)), iri
        assert "#" not in page.links, iri


def test_every_local_link_leads_somewhere(library: Library) -> None:
    """On every twentieth page."""
    for iri in list(known(library).kinds)[::20]:
        for link in page_of(library, iri).links:
            if link.startswith(PLACE):
                assert find(library, link.removeprefix(PLACE).partition("?")[0]), (iri, link)


def test_a_document_has_an_anchor_for_each_of_its_things(library: Library) -> None:
    """So a name with a hash leads to its place in the page of the document."""
    page = page_of(library, LUMBAR)
    for iri in known(library).documents[LUMBAR]:
        assert iri.partition("#")[2] in page.anchors


def test_everything_is_told_as_rdf_in_each_form(library: Library) -> None:
    """Every fortieth thing: each form can be read again, says the same, and holds what the graph says of it."""
    for iri in list(known(library).kinds)[::40]:
        told = [set(_triples(about(library, iri, form), form)) for form in (TURTLE, N_TRIPLES, JSON_LD)]
        assert len({len(one) for one in told}) == 1, iri
        own = {(t.predicate.value, str(t.object)) for t in told[0] if t.subject == ox.NamedNode(iri)}
        for cls in library.graph.types(iri):
            assert (RDF_TYPE, f"<{cls}>") in own, iri


def _triples(data: bytes, form: str) -> list[ox.Quad]:
    names = {TURTLE: ox.RdfFormat.TURTLE, N_TRIPLES: ox.RdfFormat.N_TRIPLES, JSON_LD: ox.RdfFormat.JSON_LD}
    return list(ox.parse(data, format=names[form]))


# Who names what


def test_a_reference_shows_all_of_its_claims(library: Library) -> None:
    """Every claim of every reference, and no other."""
    for reference in library.graph.subjects(RDF_TYPE, Nec.Reference):
        found = groups(library, reference)
        shown = {iri for key, iris in found.items() if key.startswith("cites") for iri in iris}
        assert shown == {c for c in library.graph.subjects(RDF_TYPE, Nec.Claim) if reference in cited(library, c)}


def test_a_claim_shows_its_criteria(library: Library) -> None:
    """Those that rest on it, named apart from recommendations and policies."""
    found = groups(library, LUMBAR + "#meyerding-bands")
    assert LUMBAR + "#high-grade-slip" in found["restsOn:criterion"]
    assert set(found["restsOn:recommendation"]) == {LUMBAR + "#fuse-gross-instability"}


def test_a_disagreement_is_shown_from_both_sides(library: Library) -> None:
    """Whoever wrote it down."""
    for claim in library.graph.subjects(CITO + "disagreesWith"):
        for other in library.graph.nodes(claim, CITO + "disagreesWith"):
            assert other in groups(library, claim)["disagreesWith:claim"]
            assert claim in groups(library, other)["disagreesWith:claim"]


def test_a_criterion_shows_recommendations_parents_and_worked_cases(library: Library) -> None:
    """Through branches too, with what is expected of it."""
    found = {group.key: group for group in described(library, LUMBAR + "#slip-at-level").groups}
    above = {link.iri: link.note for link in found["recommendations"].links}
    assert "within an indication" in above[LUMBAR + "#fuse-stenosis-that-is-unstable"]
    assert LUMBAR + "#stenosis-with-slip" in {link.iri for link in found["and:criterion"].links}
    cases = {link.iri: link.note for link in found["worked-cases"].links}
    assert cases[f"{LUMBAR}/cases/not-necessary.arch-defect-without-slip"] == "expected: not met"


def test_a_class_shows_its_kinds_the_criteria_and_the_properties(library: Library) -> None:
    """What is below it, who asks about it, and what is said of it."""
    slip = groups(library, SPINE + "Spondylolisthesis")
    assert SPINE + "Anterolisthesis" in slip["subClassOf:class"]
    assert LUMBAR + "#slip-at-level" in slip["asked:criterion"]
    assert ROOT + "case#atLevel" in groups(library, SPINE + "Evidence")["domain:property"]


def test_a_policy_shows_guidelines_and_demands(library: Library) -> None:
    """Those that count, and what it asks beyond them."""
    policy = library.policies[POLICY + "aetna-cpb-0743-2016"]
    assert set(groups(library, policy.iri)["counts"]) == policy.counts
    demanded = next(p for p in described(library, policy.iri).properties if p.iri == Nec.requires)
    assert {value.iri for value in demanded.values} == policy.requires


def test_a_scoring_system_shows_components_with_their_points(library: Library) -> None:
    """In the order in which it is printed."""
    found = {group.key: group for group in described(library, SPINE + "SinsScore").groups}
    assert [link.number for link in found["components"].links] == ["1", "2", "3", "4", "5", "6"]
    assert found["components"].links[0].note == "0 to 3 points"
    assert found["bands"].links[-1].note == "13 to 18"


def test_a_guideline_shows_its_worked_cases_and_a_case_its_text(library: Library) -> None:
    """Each case with the outcome that is expected of it."""
    cases = groups(library, LUMBAR)["worked-cases"]
    assert len(cases) == sum(case.guideline == LUMBAR for case in written(library).values())
    case = described(library, cases[0])
    assert "case:hasRequest" in case.source
    assert case.text


def test_a_demand_stands_in_words_and_no_shape_is_shown(library: Library) -> None:
    """The page says what is asked, as the woven page does."""
    found = described(library, LUMBAR + "#translation-over-2-mm")
    assert found.demand == "evidence at its level: dynamic translation of more than 2 millimetres"
    assert not any("qualified" in one.iri for one in found.properties)


def test_what_stands_in_a_node_without_a_name_is_shown_inside(library: Library) -> None:
    """An appraisal with its verdict and reason; a definition with its restrictions."""
    claim = described(library, LUMBAR + "#meyerding-bands")
    appraisal = next(one for one in claim.properties if one.iri == Nec.hasAppraisal).values[0]
    assert {one.iri for one in appraisal.nested} >= {Nec.verdict, Nec.reason}
    assert claim.appraisal == "verified"
    text = views.resource_page(library, SPINE + "AlignmentFinding")
    assert "has alignment" in text


def test_groups_of_a_thing_are_never_empty(library: Library) -> None:
    """A heading always has something under it."""
    every: list[Group] = [one for iri in list(known(library).kinds)[::7] for one in described(library, iri).groups]
    assert all(one.links and one.title for one in every)


# Lists


@pytest.mark.parametrize("name", lists.LISTS)
def test_a_list_holds_everything_of_its_kinds_once(library: Library, name: str) -> None:
    """In an order that does not change."""
    found = lists.entries(library, name)
    wanted = {iri for iri, kind in known(library).kinds.items() if kind in lists.LISTS[name]}
    assert {one.iri for one in found} == wanted
    assert len(found) == len(wanted)
    lists.entries.cache_clear()
    assert [one.iri for one in lists.entries(library, name)] == [one.iri for one in found]


def test_filters_and_words_narrow_together(library: Library) -> None:
    """Each alone gives more than both."""
    unread = lists.select(library, "claims", "", {"appraisal": "unverified", "guideline": "lumbar-fusion"})
    assert unread
    assert all("unverified" in one.keys["appraisal"] and one.iri.startswith(LUMBAR) for one in unread)
    fewer = lists.select(library, "claims", "disc WORN", {"appraisal": "unverified", "guideline": "lumbar-fusion"})
    assert 0 < len(fewer) < len(unread)


@pytest.mark.parametrize(
    "value",
    [
        "meyerding-bands",
        "lumbar-fusion/meyerding-bands",
        LUMBAR + "#meyerding-bands",
        "/id/guideline/lumbar-fusion/meyerding-bands",
    ],
)
def test_a_filter_takes_a_name_an_iri_or_an_address(library: Library, value: str) -> None:
    """All of them mean the same; the bare name of what stands in a room is not enough."""
    if "/" not in value:
        with pytest.raises(Refusal):
            lists.select(library, "criteria", "", {"claim": value})
        return
    found = {one.iri for one in lists.select(library, "criteria", "", {"claim": value})}
    assert LUMBAR + "#high-grade-slip" in found


def test_a_filter_that_knows_nothing_of_the_kind_names_the_nearest(library: Library) -> None:
    """What was sent is not repeated."""
    with pytest.raises(Refusal) as refused:
        lists.select(library, "claims", "", {"guideline": "lumbar-fusio"})
    assert refused.value.problem.status == 422
    assert refused.value.problem.mend == "Did you mean lumbar-fusion?"
    assert "fusio)" not in refused.value.problem.what


def test_a_procedure_is_spoken_of_by_what_speaks_of_its_kinds(library: Library) -> None:
    """A recommendation on fusion speaks of a fusion from behind."""
    found = {one.iri for one in lists.select(library, "recommendations", "", {"procedure": "PosteriorFusion"})}
    assert LUMBAR + "#fuse-stenosis-that-is-unstable" in found


def test_key_facts_are_those_of_the_knowledge(library: Library) -> None:
    """Of a claim its value and grade, of a reference its identifiers, of a policy its dates and how it was read."""
    claims = {one.iri: dict(one.facts) for one in lists.entries(library, "claims")}
    assert claims[LUMBAR + "#meyerding-bands"]["value"] == "25"
    references = {one.iri: dict(one.facts) for one in lists.entries(library, "references")}
    assert references[REFERENCE + "koslosky-2020-meyerding"]["year"] == "2020"
    policies = {one.iri: dict(one.facts) for one in lists.entries(library, "policies")}
    bulletin = policies[POLICY + "aetna-cpb-0743-2016"]
    assert (bulletin["effectiveFrom"], bulletin["effectiveUntil"]) == ("2016-11-01", "2025-12-31")
    assert bulletin["reading"]


def test_a_table_is_square_and_holds_no_formula(library: Library) -> None:
    """Every row is as long as the head."""
    for name in lists.LISTS:
        found = lists.select(library, name, "", {})
        rows = list(csv.reader(io.StringIO(views.list_csv(found, 0, len(found)))))
        assert len(rows) == len(found) + 1
        assert {len(row) for row in rows} == {len(rows[0])}
        assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert CSV == "text/csv"


def test_every_page_of_a_list_is_sound(library: Library) -> None:
    """With the form and without inline parts."""
    asked = {"q": "", "limit": 200, "offset": 0}
    for name in lists.LISTS:
        filters = tuple(lists.entries(library, name)[0].keys)
        found = lists.select(library, name, "", {})
        page = Page(views.list_page(library, name, name, found, {**asked, **dict.fromkeys(filters, "")}, filters))
        assert not page.faults, (name, page.faults[:3])


# Dumps


def test_the_whole_is_what_sparql_is_asked_of(library: Library) -> None:
    """The same statements in the same graphs, blank nodes by the same names; merged where a form has no graphs."""
    quads = set(ox.parse(everything(library, N_QUADS), format=ox.RdfFormat.N_QUADS))
    assert quads == set(knowledge_quads(library))
    assert set(ox.parse(everything(library, TRIG), format=ox.RdfFormat.TRIG)) == quads
    merged = {quad.triple for quad in quads}
    for form in (TURTLE, N_TRIPLES, JSON_LD):
        assert {quad.triple for quad in _triples(everything(library, form), form)} == merged


def test_one_thing_uses_the_names_of_the_whole(library: Library) -> None:
    """Its statements are among those of the dump, blank nodes included."""
    merged = {quad.triple for quad in knowledge_quads(library)}
    for iri in (LUMBAR + "#translation-over-2-mm", SPINE + "AlignmentFinding", POLICY + "default"):
        assert {quad.triple for quad in _triples(about(library, iri, TURTLE), TURTLE)} <= merged


def test_a_dump_is_the_same_bytes_each_time(library: Library) -> None:
    """Whoever reads the knowledge, and when."""
    again = Library.read()
    for form in (TRIG, JSON_LD):
        assert one_graph(library, "ontology/anatomy.ttl", form) == one_graph(again, "ontology/anatomy.ttl", form)
    assert about(library, LUMBAR, TURTLE) == about(again, LUMBAR, TURTLE)


def test_a_graph_goes_by_room_by_name_and_by_file(library: Library) -> None:
    """All lead to the same file, and its dump holds what the file says."""
    named = files_by_name(library)
    file = "shapes/lumbar-fusion/guideline.ttl"
    assert {named[name] for name in ("lumbar-fusion", "guideline/lumbar-fusion", file)} == {file}
    told = list(ox.parse(one_graph(library, file, TURTLE), format=ox.RdfFormat.TURTLE))
    assert len(told) == len(graph_of(library, file))


def test_text_that_looks_like_markup_stays_text(library: Library) -> None:
    """On the page of terms, where words come from outside."""
    text = views.words_page(library, '"><script>alert(1)</script>', codes=False)
    assert "<script>alert" not in text
    assert not Page(text).faults
