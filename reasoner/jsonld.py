"""A strict front for JSON-LD: nothing that the author wrote is dropped, guessed or fetched.

The keys and names are checked against the schema, numbers keep the digits they were written with,
and only then does the JSON-LD parser see the text, with the needed part of the bundled context.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final, NoReturn

from reasoner.choices import mended
from reasoner.errors import CaseUnreadable
from reasoner.lexical import BOOLEAN, DATES, date_type
from reasoner.likeness import plain_word
from reasoner.schema import CONTEXT_IRI, PREFIXES, CaseSchema, Property, definition, local_name
from reasoner.vocabulary import CODE, RECORD, SPINE

if TYPE_CHECKING:
    from reasoner.problems import Collector

_REFERENCE: Final = re.compile(r"#[^\s#]+|_:[A-Za-z0-9_]+|(?:urn:|https?://)\S+")
_RANGE: Final = re.compile(r"((?:[CTLS][0-9]{1,2}|Occiput))\s?[-/\u2013]\s?([CTLS]?[0-9]{1,2}|Pelvis)")
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9.+/\u2013-]{0,39}|[0-9][0-9A-Za-z.]{0,9}")


class _Number(str):
    """A JSON number by its digits."""

    __slots__ = ()


def prepare(text: str, schema: CaseSchema, collector: Collector) -> tuple[str, int]:
    """The text for a JSON-LD parser, and how many statements it must yield.

    What is wrong goes to the collector; the text is of use only if nothing was.
    """
    value = _load(text, collector.name)
    if not isinstance(value, dict):
        raise CaseUnreadable(
            "case.syntax", "A JSON case is one object.", where=collector.name, mend="Begin with { and the case itself."
        )
    front = _Front(schema, collector)
    body = front.case(value)
    return json.dumps({"@context": front.context(), **body}, ensure_ascii=False), len(front.statements)


class _Front:
    """Walks the JSON tree once; every statement met is noted, so that a lost one shows."""

    def __init__(self, schema: CaseSchema, collector: Collector) -> None:
        self.schema = schema
        self.collector = collector
        self.used: set[str] = set()
        self.statements: set[tuple[str, str, str]] = set()
        self.nodes = 0

    def context(self) -> dict[str, object]:
        """The part of the bundled context that this case uses."""
        return {"@version": 1.1, **PREFIXES, **{name: definition(self.schema, name) for name in sorted(self.used)}}

    def case(self, value: dict[str, object]) -> dict[str, object]:
        """The outermost object: the case itself, under the record's own IRI unless it names another."""
        stated = value.get("@context", CONTEXT_IRI)
        if stated != CONTEXT_IRI:
            self._add(
                "case.context",
                "The @context is not the bundled one; no other is read, and none is ever fetched.",
                f'Leave it out, or write "{CONTEXT_IRI}".',
                near=("@context",),
            )
        inner = {key: one for key, one in value.items() if key != "@context"}
        if not {"id", "@id"} & inner.keys():
            inner = {"@id": "", **inner}
        if not {"type", "@type"} & inner.keys():
            inner["@type"] = "Case"
        return self._node(inner)[0]

    def _node(self, value: dict[str, object]) -> tuple[dict[str, object], str]:
        node: dict[str, object] = {}
        key = self._identifier(value, node)
        for word, stated in value.items():
            if word in {"id", "@id"}:
                continue
            if word in {"type", "@type"}:
                node["@type"] = self._types(stated, key)
                continue
            known = self._property(word)
            if known is None:
                continue
            self.used.add(word)
            many = stated if isinstance(stated, list) else [stated]
            kept = [found for one in many if (found := self._value(one, word, known, key)) is not None]
            plain = [one for one in kept if isinstance(one, str)]
            if len(set(plain)) < len(plain):
                code = "case.duplicate-level" if known.takes_level else "case.duplicate"
                self._add(code, f"'{known.label}' has the same value twice.", "Give each once.", near=(word,))
            node[word] = kept
        return node, key

    def _identifier(self, value: dict[str, object], node: dict[str, object]) -> str:
        stated = [value[word] for word in ("id", "@id") if word in value]
        if not stated:
            self.nodes += 1
            return f"?{self.nodes}"
        one = stated[0]
        if len(stated) > 1 or not isinstance(one, str) or not (one == "" or _REFERENCE.fullmatch(one)):
            self._add(
                "case.id",
                "The id of a node is no name.",
                'Write it once, like "#mri-of-march".',
                near=("id",) if "id" in value else ("@id",),
            )
            return "?"
        node["@id"] = one
        return RECORD + one if one.startswith("#") else one or RECORD

    def _types(self, stated: object, key: str) -> list[str]:
        kept = []
        for one in stated if isinstance(stated, list) else [stated]:
            name = self._resolve(one) if isinstance(one, str) else None
            if name is None or name.startswith(("#", "_:")):
                self._unknown("case.term-unknown", "class", one, self._class_names())
                continue
            self.statements.add((key, "@type", self._iri(name)))
            kept.append(name)
        return kept

    def _property(self, word: str) -> Property | None:
        schema = self.schema
        expanded = schema.names.get(word, "")
        known = schema.properties.get(expanded)
        if known is None:
            near = self.collector.suggest(word, (local_name(iri) for iri in schema.properties))
            shown = f" '{word}'" if near or expanded else ""
            self._add(
                "case.term-unknown",
                f"There is no property{shown}." if not word.startswith("@") else "A JSON-LD keyword is not used here.",
                f"Did you mean '{near}'?" if near else "Use a property of the case vocabulary.",
                near=(word,),
            )
        return known

    def _value(self, stated: object, word: str, known: Property, key: str) -> object:
        """One value as the parser shall see it; None if it is refused."""
        if isinstance(stated, dict):
            if known.datatypes:
                self._misfit(word, known)
                return None
            node, inner = self._node(stated)
            self.statements.add((key, known.iri, inner))
            return node
        if stated is None or isinstance(stated, list):
            self._add(
                "case.empty-value",
                f"'{word}' holds {'a list in a list' if isinstance(stated, list) else 'null'}.",
                "Leave out what is not known.",
                near=(word,),
            )
            return None
        if known.datatypes:
            return self._literal(stated, word, known, key)
        text = str(stated) if isinstance(stated, str) else ""
        name = self._resolve(text)
        if name is None:
            self._unknown_value(text, word, known)
            return None
        self.statements.add((key, known.iri, self._iri(name)))
        return name

    def _literal(self, stated: object, word: str, known: Property, key: str) -> object:
        if isinstance(stated, bool):
            text, fits = str(stated).lower(), BOOLEAN in known.datatypes
        else:
            text, fits = str(stated), not (isinstance(stated, _Number) and known.is_text)
        if not fits:
            self._misfit(word, known)
            return None
        self.statements.add((key, known.iri, text))
        if len(known.datatypes) > 1 and set(known.datatypes) <= set(DATES):
            return {"@value": text, "@type": date_type(text) or known.datatypes[0]}
        return text

    def _resolve(self, word: str) -> str | None:
        """A value as a context term or an IRI; None if it is neither."""
        schema = self.schema
        name = schema.level_spellings.get(word, word)
        if name in schema.names:
            self.used.add(name)
            return name
        prefix, colon, rest = word.partition(":")
        if colon and prefix in PREFIXES and rest and not re.search(r"\s", rest):
            return word
        return word if _REFERENCE.fullmatch(word) else None

    def _iri(self, name: str) -> str:
        if name.startswith("#"):
            return RECORD + name
        prefix, colon, rest = name.partition(":")
        if colon and prefix in PREFIXES:
            return PREFIXES[prefix] + rest
        return self.schema.names.get(name, name)

    def _class_names(self) -> list[str]:
        return [local_name(one) for one in self.schema.assertable]

    def _unknown_value(self, stated: str, word: str, known: Property) -> None:
        span = _RANGE.fullmatch(stated)
        if known.takes_level and span:
            above, below = span[1], span[2] if not span[2].isdigit() else span[1][:1] + span[2]
            if {SPINE + above, SPINE + below} <= self.schema.rank.keys():
                self._add(
                    "case.level",
                    f"{above}-{below} is a range, not a level.",
                    f'Write "fromLevel": "{above}", "toLevel": "{below}".',
                    near=(word, stated),
                )
                return
        code, what = "case.term-unknown", f"value of '{word}'"
        if known.takes_level:
            code, what = "case.level", "level"
        elif any(one.startswith(CODE) for one in known.values):
            code, what = "case.code-unknown", "code"
        self._unknown(code, what, stated, [local_name(one) for one in known.values], word, known=known)

    def _unknown(
        self, code: str, what: str, stated: object, names: list[str], *around: str, known: Property | None = None
    ) -> None:
        """Name a misspelt word only where it is near a known one or has the form of a level or a code."""
        word = stated if isinstance(stated, str) else ""
        may_be_said = _NAME.fullmatch(word) or plain_word(word) in self.schema.synonyms
        near = self.collector.suggest(word, names, self.schema) if may_be_said else ""
        known_form = code in {"case.level", "case.code-unknown"} and _NAME.fullmatch(word)
        shown = f"There is no {what} '{word}'." if near or known_form else f"There is no such {what}."
        mend = mended(self.schema, known, near) if known else f"Did you mean '{near}'?" if near else ""
        mend = mend or "Use a name of the vocabulary, or '#name' for a node of this case."
        self._add(code, shown, mend, near=(*around, word) if word else around)

    def _misfit(self, word: str, known: Property) -> None:
        code = "case.text" if known.is_text else "case.value-misplaced"
        wanted = "text in quotation marks" if known.is_text else "a plain value"
        self._add(code, f"'{word}' must be {wanted}.", near=(word,))

    def _add(self, code: str, what: str, mend: str = "", *, near: tuple[str, ...] = ()) -> None:
        self.collector.add(code, what, mend, near=near)


def _load(text: str, name: str) -> object:
    """Strict JSON: no repeated key, no NaN, numbers by their digits."""

    def pairs(found: list[tuple[str, object]]) -> dict[str, object]:
        made = dict(found)
        if len(made) != len(found):
            what, mend = "An object has the same key twice.", "Put the values in one list."
            raise CaseUnreadable("case.duplicate-key", what, where=name, mend=mend)
        return made

    def constant(_: str) -> NoReturn:
        raise CaseUnreadable("case.number", "NaN and Infinity are no numbers.", where=name, mend="Leave it out.")

    try:
        value: object = json.loads(
            text, object_pairs_hook=pairs, parse_constant=constant, parse_int=_Number, parse_float=_Number
        )
    except json.JSONDecodeError as error:
        raise CaseUnreadable(
            "case.syntax",
            "This is no JSON.",
            where=f"{name}, line {error.lineno}, column {error.colno}",
            mend="Look at this place and just before it.",
        ) from None
    if _SURROGATE.search(text):
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise CaseUnreadable("case.encoding", "A character is escaped by half.", where=name) from None
    return value
