"""Weaves a room's page: the guideline and its worked cases as text that a clinician can read and sign.

The page prints the demand itself in words, so that a changed number changes the page. Clauses
stand in the order of the guideline's list; each criterion is told once, where it is first
asked for, and linked wherever it is asked again.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from reasoner.anatomy import local
from reasoner.criteria import Leaf
from reasoner.library import Library, Recommendation, guideline_name
from reasoner.markdown import link, plain, sentence, table
from reasoner.sourcing import (
    cited,
    claims_of,
    claims_table,
    references_table,
    unused_claims,
    verified_share,
)
from reasoner.terms import RDF_TYPE
from reasoner.thresholds import read_thresholds, value_words
from reasoner.vocabulary import GUIDELINE, OWL, SH, SKOS, Nec
from reasoner.words import demand, judged_words
from reasoner.worked import WorkedCase, case_files, folder_of, read_worked, room_names

PAGE: Final = "README.md"
_CRITERIA: Final = "Criteria"
_EXCEPTIONS: Final = "Exceptions"
_ADVISORIES: Final = "Advisories"
_HEADINGS: Final = (_CRITERIA, _EXCEPTIONS, _ADVISORIES)
_FOLDS: Final = {"and": "all of these", "or": "any one of these", "not": "not this"}
_GROUPS: Final = (
    (Nec.indications, "Indications", "any one of these"),
    (Nec.prerequisites, "Prerequisites", "all of these"),
    (Nec.exclusions, "Exclusions", "none of these"),
    (Nec.considerations, "Considerations", "shown beside the answer, never in its way"),
)
_CHANGES: Final = {
    Nec.Documentable: "yes, if the fact exists and is documented",
    Nec.Obtainable: "yes, by a test or a treatment that can be obtained",
    Nec.Waitable: "yes, with time",
    Nec.Fixed: "no",
}


def weave(library: Library, *, write: bool) -> list[Path]:
    """The pages whose text is not what their room now says; with `write` they are written."""
    stale = []
    for room in room_names(library):
        path = folder_of(library, room) / PAGE
        text = page(library, room)
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path)
            if write:
                path.write_text(text, encoding="utf-8")
    return stale


def page(library: Library, room: str) -> str:
    """The whole page of a room.

    >>> page(Library.read(), "setting-of-care").splitlines()[0]
    '# Setting of care'
    """
    return "\n".join(_Weaver(library, room).page()).rstrip() + "\n"


def coverage(library: Library) -> Iterator[str]:
    """What each room holds, and which of its claims no rule is made of, with the reason."""
    rooms = room_names(library)
    for room in rooms:
        folder = folder_of(library, room)
        criteria = [iri for iri in library.criteria.compiled if guideline_name(iri) == room]
        leaves = [iri for iri in criteria if iri in library.criteria.leaves]
        claims = claims_of(library, room)
        references = {reference for claim in claims for reference in cited(library, claim)}
        said = sum(one.guideline == GUIDELINE + room for one in library.recommendations)
        yield (
            f"{room}: {said} recommendations, {len(criteria)} criteria ({len(leaves)} leaves), {len(claims)} claims "
            f"({verified_share(library, claims)} % verified), {len(references)} references, "
            f"{len(case_files(library, room))} worked cases, {len(read_thresholds(folder))} threshold rows"
        )
        for claim, reason in unused_claims(library, claims):
            yield f"  not encoded as a rule: {library.label(claim)}, because {reason}"
    every = library.graph.subjects(RDF_TYPE, Nec.Claim)
    references = {reference for claim in every for reference in cited(library, claim)}
    own = [claim for claim in every if guideline_name(claim) not in rooms]
    yield (
        f"policies: {len(library.policies)} policies, {len(own)} claims of their own "
        f"({verified_share(library, own)} % verified)"
    )
    for claim, reason in unused_claims(library, own):
        yield f"  not encoded as a rule: {library.label(claim)}, because {reason}"
    yield (
        f"in all {len(rooms)} rooms: {len(library.recommendations)} recommendations, {len(library.criteria.compiled)} "
        f"criteria, {len(every)} claims ({verified_share(library, every)} % verified), {len(references)} references"
    )


class _Weaver:
    """One page in the making: remembers which criteria have been told."""

    def __init__(self, library: Library, room: str) -> None:
        self.library = library
        self.graph = library.graph
        self.room = room
        self.iri = GUIDELINE + room
        self.told: set[str] = set()
        self.recommendations = {one.iri: one for one in library.recommendations}

    def page(self) -> Iterator[str]:
        graph, guideline = self.graph, self.iri
        yield f"# {plain(self.library.label(guideline))}"
        yield ""
        yield "<!-- Woven by `spine weave` from guideline.ttl and cases/. Mend those, not this page. -->"
        yield ""
        yield plain(self.library.definition(guideline))
        yield ""
        yield from self._notes(guideline)
        version = graph.node(guideline, OWL + "versionIRI") or ""
        yield f"Edition {plain(local(version))}."
        yield ""
        clauses = [one for one in graph.list(graph.node(guideline, Nec.clauses) or "") if isinstance(one, str)]
        for together in self._runs(clauses):
            yield from self._clauses(together)
        left = [c for c in self.library.criteria.compiled if guideline_name(c) == self.room and c not in self.told]
        if left:
            yield from ("## Criteria that other rooms and policies ask", "")
            for criterion in left:
                yield from self._told(criterion)
        yield from self._sources()
        yield from self._cases()
        yield from self._thresholds()

    def _runs(self, clauses: list[str]) -> Iterator[list[str]]:
        """The clauses in their order, in runs that stand under one heading; a recommendation is a heading of its own."""
        shared = {_CRITERIA, _ADVISORIES}

        def kind(clause: str) -> str:
            found = self._kind(clause)
            return " ".join(sorted(shared)) if found in shared else found or clause

        for _, run in groupby(clauses, key=kind):
            yield list(run)

    def _kind(self, clause: str) -> str:
        """Under which heading a clause stands; none for a recommendation."""
        if clause in self.recommendations:
            return ""
        types = self.graph.types(clause)
        return _ADVISORIES if Nec.Advisory in types else _EXCEPTIONS if Nec.Exception in types else _CRITERIA

    def _clauses(self, clauses: list[str]) -> Iterator[str]:
        if clauses[0] in self.recommendations:
            yield from self._recommendation(self.recommendations[clauses[0]])
            return
        told = {
            clause: list(self._advisory(clause) if self._kind(clause) == _ADVISORIES else self._untold((clause,)))
            for clause in clauses
        }
        # What was told where it was first asked for makes no heading.
        kinds = sorted({self._kind(clause) for clause, lines in told.items() if lines}, key=_HEADINGS.index)
        if kinds:
            yield from (f"## {' and '.join(kinds).capitalize()}", "")
        for lines in told.values():
            yield from lines

    def _recommendation(self, one: Recommendation) -> Iterator[str]:
        yield from _anchored(f"## {self._title(one.iri)}", one.iri)
        yield plain(self.library.definition(one.iri))
        yield ""
        yield from self._notes(one.iri)
        for word, terms in (
            ("Speaks for" if one.speaks_for else "Speaks against", one.concerns),
            ("In", one.regions),
            ("For patients who are", {one.population} - {None}),
            ("Instead of it", one.alternatives),
        ):
            names = sorted(self.library.label(str(term)) for term in terms)
            if names:
                yield f"- **{word}:** {plain(', '.join(names))}"
        if one.needs_support:
            yield "- **Support:** neighbouring levels may be asked for to hold what is done here"
        yield from self._source_lines(one.iri)
        yield ""
        members = (one.indications, one.prerequisites, one.exclusions, one.considerations)
        for (_, title, how), criteria in zip(_GROUPS, members, strict=True):
            if criteria:
                yield from self._group(title, how, criteria)

    def _group(self, title: str, how: str, criteria: tuple[str, ...]) -> Iterator[str]:
        yield f"### {title}: {how}"
        yield ""
        drawn: set[str] = set()
        for criterion in criteria:
            yield from self._tree(criterion, 0, drawn)
        yield ""
        yield from self._untold(criteria)

    def _untold(self, criteria: tuple[str, ...]) -> Iterator[str]:
        """What these criteria are made of and has not been told yet, in the order of the file."""
        inside = {inner for criterion in criteria for inner in self.library.criteria.within(criterion)}
        for inner in self.library.criteria.compiled:
            if inner in inside and guideline_name(inner) == self.room and inner not in self.told:
                yield from self._told(inner)

    def _tree(self, criterion: str, depth: int, drawn: set[str]) -> Iterator[str]:
        """A criterion and what it is made of, as a nested list; what a branch is made of is drawn once in a list."""
        one = self.library.criteria.compiled[criterion]
        lead = f"{'  ' * depth}- {self._link(criterion)}"
        if isinstance(one, Leaf):
            yield f"{lead}{self._unless(criterion, depth)}"
            return
        if criterion in drawn:
            yield f"{lead}: *as above*{self._unless(criterion, depth)}"
            return
        drawn.add(criterion)
        yield f"{lead}: *{_FOLDS[one.fold]}*{self._unless(criterion, depth)}"
        for member in one.members:
            yield from self._tree(member, depth + 1, drawn)

    def _unless(self, criterion: str, depth: int) -> str:
        waivers = self.library.waivers.get(criterion, ())
        if depth or not waivers:
            return ""
        return f", *unless* {', '.join(self._link(waiver) for waiver in waivers)}"

    def _told(self, criterion: str) -> Iterator[str]:
        """One criterion in full: statement, reading, demand, silence, change, message, sources."""
        self.told.add(criterion)
        graph, library = self.graph, self.library
        one = library.criteria.compiled[criterion]
        yield from _anchored(f"#### {self._title(criterion)}", criterion)
        yield plain(library.definition(criterion))
        yield ""
        yield from self._notes(criterion)
        if isinstance(one, Leaf):
            yield f"- **Asks for** {plain(demand(library, one))}."
            yield from (f"- **Judged, not measured:** {plain(sentence(note))}" for note in judged_words(library, one))
        else:
            how = "if this does not hold" if one.fold == "not" else f"with {_FOLDS[one.fold]}"
            yield f"- **Holds {how}:** {'; '.join(self._link(member) for member in one.members)}."
        if waived := graph.nodes(criterion, Nec.waives):
            yield f"- **Waives** {', '.join(self._link(other) for other in waived)}."
        if wider := graph.nodes(criterion, Nec.narrows):
            yield f"- **Narrows** {', '.join(self._link(other) for other in wider)}: what waives that waives this too."
        if graph.node(criterion, Nec.silence) == Nec.Absent:
            yield "- **Silence:** an empty record means no."
        if example := graph.text(criterion, SKOS + "example"):
            yield f"- **Examples.** {plain(example)}"
        if (kind := graph.node(criterion, Nec.changeKind)) in _CHANGES:
            wanted = graph.text(criterion, Nec.asksFor)
            yield f"- **May change:** {_CHANGES[str(kind)]}{f'; ask for {plain(wanted)}' if wanted else ''}."
        if goals := graph.nodes(criterion, Nec.setsGoal):
            yield f"- **Goal:** {plain(', '.join(library.label(goal) for goal in goals))}."
        yield f"- **If it is not met:** {plain(graph.text(criterion, SH + 'message'))}"
        yield from self._source_lines(criterion)
        yield ""

    def _advisory(self, advisory: str) -> Iterator[str]:
        graph = self.graph
        yield from _anchored(f"### {self._title(advisory)}", advisory)
        yield plain(self.library.definition(advisory))
        yield ""
        yield from self._notes(advisory)
        when = graph.node(advisory, Nec.raisedWhen) or ""
        answer = self.library.label(graph.node(advisory, Nec.raisedOn) or Nec.Met).lower()
        concerned = ", ".join(sorted(self.library.label(cls) for cls in graph.nodes(advisory, Nec.concerns)))
        yield f"- **Raised** for {plain(concerned)} when {self._link(when)} is {plain(answer)}."
        yield f"- **Importance:** {plain(graph.text(advisory, Nec.importance))} of 9, 1 being the highest."
        yield from self._source_lines(advisory)
        yield ""
        yield from self._untold((when,))

    def _notes(self, term: str) -> Iterator[str]:
        for predicate in (SKOS + "editorialNote", SKOS + "scopeNote"):
            for note in self.graph.objects(term, predicate):
                if not isinstance(note, str):
                    yield f"> {plain(note.lexical)}"
                    yield ""

    def _source_lines(self, term: str) -> Iterator[str]:
        claims = self.graph.nodes(term, Nec.restsOn)
        if claims:
            yield "- **Rests on**"
            yield from (f"  - {self._link(claim)}: {source_of(self.library, claim)}" for claim in claims)

    def _title(self, iri: str) -> str:
        number = self.graph.text(iri, SKOS + "notation")
        return plain(f"{number} {self.library.label(iri)}".strip())

    def _link(self, iri: str) -> str:
        room = guideline_name(iri)
        if not iri.startswith(GUIDELINE):  # A policy has no page of its own.
            return link(self.library.label(iri), "../policies.ttl")
        target = f"#{local(iri)}" if room == self.room else f"../{room}/{PAGE}#{local(iri)}"
        return link(f"{self.graph.text(iri, SKOS + 'notation')} {self.library.label(iri)}".strip(), target)

    def _sources(self) -> Iterator[str]:
        claims = claims_of(self.library, self.room)
        yield from ("## Claims", "")
        yield from claims_table(self.library, claims, self._link)
        yield from ("", "## References", "")
        yield from references_table(self.library, claims)
        yield ""

    def _cases(self) -> Iterator[str]:
        worked = [read_worked(self.library, path) for path in case_files(self.library, self.room)]
        if worked:
            yield from ("## Worked cases", "")
            yield from table(
                ("Case", "Story", "Expected", "Decided by"),
                [
                    (link(one.name, f"cases/{one.path.name}"), plain(one.story), _expected(one), self._deciding(one))
                    for one in worked
                ],
            )
            yield ""

    def _deciding(self, worked: WorkedCase) -> str:
        told = []
        for word in dict.fromkeys(one.word for one in worked.expectations if one.criterion):
            named = dict.fromkeys(one.criterion for one in worked.expectations if one.criterion and one.word == word)
            told.append(f"{plain(word.replace('-', ' '))}: {', '.join(self._short(criterion) for criterion in named)}")
        return "; ".join(told)

    def _short(self, criterion: str) -> str:
        room = guideline_name(criterion)
        target = f"#{local(criterion)}" if room == self.room else f"../{room}/{PAGE}#{local(criterion)}"
        return link(self.graph.text(criterion, SKOS + "notation") or local(criterion), target)

    def _thresholds(self) -> Iterator[str]:
        rows = read_thresholds(folder_of(self.library, self.room))
        found: dict[tuple[str, str], list[str]] = {}
        for row in rows:
            said = f"{value_words(self.library, row.value)}: {row.answer.value.replace('-', ' ')}"
            found.setdefault((row.criterion, row.path), []).append(said)
        if found:
            yield from ("## Thresholds", "")
            yield from table(
                ("Criterion", "Value", "Answers"),
                [
                    (self._link(criterion), plain(self._property(name)), plain("; ".join(said)))
                    for (criterion, name), said in found.items()
                ],
            )

    def _property(self, name: str) -> str:
        from_case = next(
            (iri for iri in self.library.graph.index if local(iri) == name and iri.endswith(f"#{name}")), name
        )
        return self.library.label(from_case)


def source_of(library: Library, claim: str) -> str:
    """Where a claim stands, in one line: its references, locator and appraisal."""
    graph = library.graph
    works = ", ".join(library.label(reference) for reference in cited(library, claim)) or "no reference"
    place = graph.text(claim, Nec.locator)
    appraisal = graph.node(claim, Nec.hasAppraisal) or ""
    verdict = library.label(graph.node(appraisal, Nec.verdict) or Nec.Unverified)
    return plain(f"{works}{', ' + place if place else ''} ({verdict.lower()})")


def _anchored(heading: str, iri: str) -> Iterator[str]:
    yield f'<a id="{local(iri)}"></a>'
    yield ""
    yield heading
    yield ""


def _expected(worked: WorkedCase) -> str:
    outcomes = [one for one in worked.expectations if one.criterion is None]
    return plain("; ".join(f"{one.word.replace('-', ' ')}{f' ({one.item})' if one.item else ''}" for one in outcomes))
