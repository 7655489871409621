"""A determination in every form that a caller may ask for, and in the parts that are kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson
import pyoxigraph as ox

from api import media
from reasoner.case import n_triples
from reasoner.dataset import decision_quads, kept_graphs
from reasoner.layout import as_markdown, as_text
from reasoner.report import Audience, sections_of, title_of
from reasoner.statement import identity_of
from reasoner.vocabulary import RECORD
from reasoner.why import tree_of

if TYPE_CHECKING:
    from reasoner import Case, Determination

FORMS: Final = (
    media.JSON,
    media.TURTLE,
    media.JSON_LD,
    media.TRIG,
    media.MARKDOWN,
    media.PLAIN,
)


CASE: Final = "case"
"""Under this name the case is kept as it was read, in N-Triples that can be read again."""
_GIVEN: Final = RECORD + "#_"
"""How the names begin that reading gives to nodes without one."""
TREE: Final = "tree"
"""Under this name the tree of why and why not is kept."""


def written(found: Determination, form: str, audience: Audience, *, further: bool) -> bytes:
    """A determination as the bytes of one media type."""
    match form:
        case media.TURTLE:
            return found.to_turtle()
        case media.JSON_LD:
            return found.to_json_ld()
        case media.TRIG:
            return found.to_proof()
        case media.MARKDOWN:
            return as_markdown(title_of(found.data), sections_of(found, audience)).encode()
        case media.PLAIN:
            lines = as_text(title_of(found.data), sections_of(found, audience))
            return ("\n".join(line.text for line in lines) + "\n").encode()
        case _:
            return found.to_json(further=further) + b"\n"


def name_of(found: Determination) -> str:
    """The hash that names a determination: of case, knowledge, policy, dates and engine."""
    return identity_of(found.decision)


def kept_parts(found: Determination) -> dict[str, bytes]:
    """All that is kept of a determination, so that it can be told again when knowledge has moved on."""
    quads = decision_quads(kept_graphs(name_of(found)), found.decision)
    told = {
        rendition(form, audience): written(found, form, audience, further=True)
        for form in (media.MARKDOWN, media.PLAIN)
        for audience in Audience
    }
    return {
        "determination": orjson.dumps(found.full, option=orjson.OPT_SORT_KEYS),
        "proof": found.to_proof(),
        "graphs": ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b"",
        media.TURTLE: found.to_turtle(),
        media.JSON_LD: found.to_json_ld(),
        CASE: _readable(found.decision.case),
        TREE: orjson.dumps(tree_of(found.decision), option=orjson.OPT_SORT_KEYS),
        **told,
    }


def _readable(case: Case) -> bytes:
    """The case as N-Triples in which nodes that had no name have none again: a case may not use the names given to them."""
    lines = []
    for one in ox.parse(n_triples(case), format=ox.RdfFormat.N_TRIPLES):
        value = one.object if isinstance(one.object, ox.Literal) else _as_sent(one.object)
        lines.append(f"{_as_sent(one.subject)} {one.predicate} {value} .\n")
    return "".join(lines).encode()


def _as_sent(node: object) -> object:
    if isinstance(node, ox.NamedNode) and node.value.startswith(_GIVEN):
        return ox.BlankNode(node.value.removeprefix(_GIVEN))
    return node


def rendition(form: str, audience: Audience) -> str:
    """The name under which a text for one audience is kept.

    >>> rendition("text/markdown", Audience.PATIENT)
    'text/markdown; for=patient'
    """
    return f"{form}; for={audience.value}"
