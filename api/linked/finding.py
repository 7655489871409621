"""What is said of an address that shows nothing: where the nearest thing is, or where it stands instead."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from api.linked.addresses import LONGEST, PLACE, address_of, iris_at
from api.linked.graphs import files
from api.linked.uses import known
from api.problems import Refusal
from reasoner.anatomy import local
from reasoner.library import Library
from reasoner.likeness import nearest
from reasoner.vocabulary import ROOT

_DETERMINATION: Final = re.compile(r"determination/([0-9a-f]{64})")
_LISTS: Final = "The lists under /v1/guidelines, /v1/criteria and so on hold everything that has an address."


def absent(library: Library, path: str) -> Refusal:
    """The refusal of a path that shows nothing, with the nearest address that does; nothing of the path is repeated.

    >>> absent(Library.read(), "spine/Spondylolistesis").problem.mend
    'Did you mean /id/spine/Spondylolisthesis?'
    """
    near = _near(library, path) if len(path) <= LONGEST else ""
    mend = f"Did you mean {near}?" if near else _LISTS
    return Refusal("resource.unknown", "Nothing is known by this name.", mend=mend)


def moved(library: Library, path: str) -> str:
    """Where a thing stands that has a name and no page: a determination, or a graph that is only given whole.

    >>> moved(Library.read(), "mappings/icd10"), moved(Library.read(), "spine/L4-L5")
    ('/v1/knowledge/mappings/icd10', '')
    """
    if found := _DETERMINATION.fullmatch(path):
        return f"/v1/determinations/{found[1]}"
    graphs = _graphs(library)
    named = (iri.partition("#")[0] for iri in iris_at(path))
    return next((f"/v1/knowledge/{graph.removeprefix(ROOT)}" for graph in named if graph in graphs), "")


def _near(library: Library, path: str) -> str:
    documents = known(library).documents
    space = iris_at(path)[-1].partition("#")[0]
    name = local(path.rstrip("/"))
    if space in documents:
        members = {local(iri): iri for iri in documents[space]}
        if meant := nearest(name, members):
            return address_of(members[meant])
    named = _documents(library)
    meant = nearest(path.strip("/"), named) or nearest(space.removeprefix(ROOT), named)
    return f"{PLACE}{meant}" if meant else ""


@lru_cache(maxsize=2)
def _graphs(library: Library) -> frozenset[str]:
    """The graphs of which nothing is shown thing by thing."""
    return frozenset(files(library).values()) - known(library).kinds.keys()


@lru_cache(maxsize=2)
def _documents(library: Library) -> tuple[str, ...]:
    return tuple(iri.removeprefix(ROOT) for iri in known(library).documents)
