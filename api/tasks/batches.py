"""The task that takes a batch apart into cases, whatever it came in."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import pyoxigraph as ox

from api import media
from api.problems import Refusal
from api.workers.frames import Job, Reply
from reasoner.intake import MAX_BYTES, check_depth

if TYPE_CHECKING:
    from api.tasks.bench import Bench

TYPES: Final = (media.NDJSON, media.ZIP, media.TRIG)

_Found = Iterator[tuple[str, str | None, bytes]]


def split(_bench: Bench, job: Job) -> Reply:
    """Take a batch apart: a part for each case, and for each its name and media type, in the order sent."""
    readers = {media.NDJSON: _lines, media.ZIP: _files, media.TRIG: _graphs}
    names: list[tuple[str, str | None]] = []
    parts: dict[str, bytes] = {}
    for name, media_type, data in readers[job.arguments["kind"]](job.body):
        if len(names) >= job.arguments["most"]:
            raise _refused("too-many", f"The batch holds more than {job.arguments['most']:,} cases.", "Send fewer.")
        parts[str(len(names))] = data
        names.append((name, media_type))
    if not names:
        raise _refused("empty", "The batch holds no case.", "Send at least one.")
    return Reply(200, media.JSON, b"", facts={"cases": names}, parts=parts)


def _lines(data: bytes) -> _Found:
    """Each line that is not empty is a case as JSON-LD."""
    for number, line in enumerate(data.splitlines(), 1):
        if line.strip():
            yield f"line {number}", media.JSON_LD, line


def _files(data: bytes) -> _Found:
    """Each file of an archive is a case; what unpacks to more than a case may hold is not unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                if entry.is_dir():
                    continue
                with archive.open(entry) as file:
                    # One byte more than a case may have: the reader of cases says that it is too large.
                    yield entry.filename, None, file.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
        raise _refused("archive", "The archive cannot be unpacked.", "Send a plain zip without a password.") from error


def _graphs(data: bytes) -> _Found:
    """Each graph is a case."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refused("encoding", "The batch is not UTF-8.", "Save it as UTF-8.") from None
    check_depth(text, json=False, name="batch")
    graphs: dict[str, list[ox.Triple]] = {}
    try:
        for quad in ox.parse(text, format=ox.RdfFormat.TRIG):
            name = "default graph" if isinstance(quad.graph_name, ox.DefaultGraph) else quad.graph_name.value
            graphs.setdefault(name, []).append(ox.Triple(quad.subject, quad.predicate, quad.object))
    except SyntaxError as error:
        line = f"batch, line {error.lineno}, column {error.offset}"
        raise Refusal("case.syntax", "This does not parse.", where=line, line=error.lineno) from None
    for name, triples in graphs.items():
        yield name, media.N_TRIPLES, ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""


def _refused(code: str, what: str, mend: str) -> Refusal:
    return Refusal(f"batch.{code}", what, where="batch", mend=mend)
