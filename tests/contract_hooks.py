"""What schemathesis needs to know of bodies that are no JSON: how they are sent, and what to send in them.

Named by SCHEMATHESIS_HOOKS. Half of what is sent is broken: pieces are cut from examples, doubled, or put elsewhere.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

import orjson
import schemathesis
from hypothesis import strategies as st

from api import media
from api.routes.examples import BATCH, CASE_EXAMPLES
from api.routes.sparql import QUERY
from tests.doors import EXAMPLES

_MOST = 400


def _bytes(example: object) -> bytes:
    return example.encode() if isinstance(example, str) else orjson.dumps(example)


def _zipped(cases: list[bytes]) -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as archive:
        for number, case in enumerate(cases):
            archive.writestr(f"{number}.ttl", case)
    return found.getvalue()


@st.composite
def _broken(draw: st.DrawFn, whole: bytes) -> bytes:
    """A text from which a piece was taken, or into which one was put."""
    start = draw(st.integers(0, len(whole)))
    end = draw(st.integers(start, min(len(whole), start + _MOST)))
    piece = draw(st.one_of(st.binary(max_size=20), st.text(max_size=20).map(lambda text: text.encode(errors="ignore"))))
    again = whole[start:end] if draw(st.booleans()) else b""
    return whole[:start] + piece + again + whole[end:] if draw(st.booleans()) else whole[:end] + piece + again


_NAMES: list[str] = []


def _sent(name: str, *wholes: bytes) -> None:
    whole = st.sampled_from(wholes)
    schemathesis.openapi.media_type(name, st.one_of(whole, whole.flatmap(_broken), st.binary(min_size=1, max_size=200)))
    _NAMES.append(name)


_TURTLE = (EXAMPLES / "l1-sarcoma-second-stage.ttl").read_bytes()
_sent(media.TURTLE, _bytes(CASE_EXAMPLES[media.TURTLE]), _TURTLE)
_sent(media.TRIG, _bytes(CASE_EXAMPLES[media.TRIG]), _bytes(BATCH[media.TRIG]))
_sent(media.N_TRIPLES, _bytes(CASE_EXAMPLES[media.N_TRIPLES]))
_sent(media.NDJSON, _bytes(BATCH[media.NDJSON]))
_sent(media.ZIP, _zipped([_bytes(CASE_EXAMPLES[media.TURTLE]), b"x", _TURTLE]))
_sent(QUERY, b"SELECT ?a WHERE { ?a a ?b } LIMIT 5", b"ASK { ?a ?b ?c }", b"DESCRIBE <https://w3id.org/x>")


@schemathesis.hook
def before_load_schema(_: Any, raw_schema: dict[str, Any]) -> None:
    """Leave out the examples that are texts: here such bodies are bytes, and the examples are among them."""
    for operations in raw_schema["paths"].values():
        for operation in operations.values():
            for name, told in operation.get("requestBody", {}).get("content", {}).items():
                if name in _NAMES:
                    told.pop("example", None)
