"""The one call to pySHACL: nothing is inferred, run or fetched because a graph asks for it."""

from __future__ import annotations

from typing import Any

import pyshacl
from rdflib import Graph

from reasoner.errors import GuidelineMalformed


def report_on(data: Graph, shapes: Graph, *, depth: int | None = None, warnings_pass: bool = False) -> Graph:
    """The validation report of a graph; `depth` bounds how deep shapes may nest, `warnings_pass` lets warnings conform.

    Raises GuidelineMalformed where the engine gives up, which it tells instead of raising.

    >>> len(report_on(Graph(), Graph()))
    2
    """
    bounds: dict[str, Any] = {} if depth is None else {"max_validation_depth": depth}
    _, report, text = pyshacl.validate(
        data,
        shacl_graph=shapes,
        inference="none",
        advanced=False,
        js=False,
        do_owl_imports=False,
        meta_shacl=False,
        allow_warnings=warnings_pass,
        **bounds,
    )
    if not isinstance(report, Graph):
        raise GuidelineMalformed("judges.failed", f"The engine gave up: {text[:200]}.")
    return report
