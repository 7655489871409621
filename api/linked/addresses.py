"""Which address of ours shows which term, both ways: the one place where the mapping is stated.

A term `https://w3id.org/spine-reasoner/<path>` is shown at `/id/<path>`. What follows a hash never
reaches a server, so every thing within a document also has an address of its own, in which a slash
stands for the hash: the document is at `/id/guideline/lumbar-fusion`, its criterion `#slip-at-level`
at `/id/guideline/lumbar-fusion/slip-at-level`.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from reasoner.anatomy import local
from reasoner.vocabulary import GUIDELINE, ROOT

PLACE: Final = "/id/"
LONGEST: Final = 300
"""Characters of a path; the longest term is a third of that."""


def address_of(iri: str) -> str:
    """The address that shows a term; a term of others is its own address.

    >>> address_of("https://w3id.org/spine-reasoner/guideline/lumbar-fusion#slip-at-level")
    '/id/guideline/lumbar-fusion/slip-at-level'
    >>> address_of("http://purl.org/spar/fabio/JournalArticle")
    'http://purl.org/spar/fabio/JournalArticle'
    """
    if not iri.startswith(ROOT):
        return iri
    return PLACE + quote(iri.removeprefix(ROOT).replace("#", "/", 1), safe="/")


def iris_at(path: str) -> tuple[str, ...]:
    """The terms that a path below `/id/` can mean, of which the first that is known is shown.

    >>> iris_at("spine/L4-L5")
    ('https://w3id.org/spine-reasoner/spine/L4-L5', 'https://w3id.org/spine-reasoner/spine#L4-L5')
    """
    document, _, name = path.rpartition("/")
    return (ROOT + path, f"{ROOT}{document}#{name}") if document and name else (ROOT + path,)


def short(iri: str) -> str:
    """The name by which a list is filtered: of what stands in a room with the room before it, else the last part.

    >>> short("https://w3id.org/spine-reasoner/guideline/lumbar-fusion#slip-at-level")
    'lumbar-fusion/slip-at-level'
    >>> short("https://w3id.org/spine-reasoner/policy#nice-ng59")
    'nice-ng59'
    """
    if iri.startswith(GUIDELINE):
        return iri.removeprefix(GUIDELINE).replace("#", "/", 1)
    return local(iri)


def room_of(iri: str) -> str:
    """The room in which a term stands, or an empty string.

    >>> room_of("https://w3id.org/spine-reasoner/guideline/infection#drain-it"), room_of("urn:other")
    ('infection', '')
    """
    return short(iri).partition("/")[0] if iri.startswith(GUIDELINE) else ""
