"""What is kept of a determination, on its way into the store and out of it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import orjson
import pyoxigraph as ox

from api import media
from api.pages.determination import determination_page
from api.store import Kept, Knowledge, RemoteAddresses, Store, open_store
from api.tasks.forms import CASE, TREE, rendition
from reasoner.dataset import dataset_quads

if TYPE_CHECKING:
    from api.settings import Settings
    from reasoner import Library
    from reasoner.report import Audience

_OWN: Final = ("determination", "proof", "graphs")


def kept_of(name: str, parts: Mapping[str, bytes]) -> Kept:
    """A determination as the store keeps it, from the parts that a worker made."""
    texts = {part: data.decode() for part, data in parts.items()}
    own = {part: texts.pop(part) for part in _OWN}
    return Kept(name, renditions=texts, **own)


def told(kept: Kept, form: str, audience: Audience) -> bytes:
    """A kept determination in one form; text and Markdown as they were written for one audience."""
    match form:
        case media.JSON:
            data = orjson.loads(kept.determination)
            return orjson.dumps(data, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"
        case media.TRIG:
            return kept.proof.encode()
        case media.TURTLE | media.JSON_LD:
            return kept.renditions[form].encode()
        case media.HTML:
            return _page(kept).encode()
        case _:
            return kept.renditions[rendition(form, audience)].encode()


def _page(kept: Kept) -> str:
    """The page of a kept determination, as it was; its case stands in it, to be determined again."""
    return determination_page(
        orjson.loads(kept.determination),
        case_text=kept.renditions[CASE],
        case_media=media.N_TRIPLES,
        policies=(),
        kept=kept.name,
        tree=orjson.loads(kept.renditions[TREE]),
    )


def knowledge_of(library: Library) -> Knowledge:
    """What can be asked about besides what is kept, made only when the index has not got it."""
    return Knowledge(library.hash, lambda: ox.serialize(dataset_quads(library), format=ox.RdfFormat.N_QUADS) or b"")


def open_for(library: Library, settings: Settings) -> Store:
    """The store that the settings name."""
    return open_store(settings.data, knowledge_of(library), remote_of(settings))


def remote_of(settings: Settings) -> RemoteAddresses | None:
    """The SPARQL server that holds the index, if the settings name one."""
    if not settings.store:
        return None
    return RemoteAddresses(
        settings.store,
        settings.store_update or settings.store,
        settings.store_graphs,
        settings.store_user,
        settings.store_password.get_secret_value(),
        settings.store_digest,
    )
