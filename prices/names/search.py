"""Searching the names that this process holds in memory: no database is asked.

A question is read as Unicode or as Zawgyi, whichever is likelier first. Only where nothing is called as it says is it
taken for a slip, and what is called nearly so is found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from potato.text import zawgyi
from prices.names import cache as names
from prices.rules.name_index import MAX_LENGTH, Haystack, Index, Match, haystack, words_of
from prices.types import Name, NameKind

KINDS: tuple[NameKind, ...] = ("item", "category", "region", "township", "shop")


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, by kind, the best of each first."""

    matches: Mapping[NameKind, list[Match]] = field(default_factory=dict)
    is_guess: bool = False
    """Nothing is called as was asked; these are called nearly so."""
    read_as: str = ""
    """The question in Unicode, where it was understood as Zawgyi."""

    @property
    def is_empty(self) -> bool:
        return not any(self.matches.values())

    def names(self, kind: NameKind) -> list[Name]:
        return [match.name for match in self.matches.get(kind, ())]


@dataclass(frozen=True, slots=True)
class _Prepared:
    edition: object = None
    haystacks: Mapping[tuple[str, int], tuple[tuple[Name, ...], Haystack]] = field(default_factory=dict)
    indexes: Mapping[NameKind, Index] = field(default_factory=dict)


_prepared = _Prepared()


def answer(question: str, *, limits: Mapping[NameKind, int], by_place: bool = False) -> Answer:
    """What a question may mean: at most so many of each kind, and of kinds without a limit none.

    :param by_place: also shops of whose own name no word is, but only of their place's.
    """
    indexes = {kind: index for kind, index in _indexes().items() if limits.get(kind)}
    readings = zawgyi.readings(question[:MAX_LENGTH].strip())
    for reading in readings:
        words = words_of(reading.text)
        matches = {
            kind: index.find(words, limit=limits[kind], by_place=by_place) for kind, index in indexes.items()
        }
        if any(matches.values()):
            return Answer(matches, read_as=reading.text if reading.was_zawgyi else "")
    # Of the less likely reading, what nearly fits means nothing.
    likeliest = readings[0]
    words = words_of(likeliest.text)
    matches = {kind: index.near(words, limit=limits[kind]) for kind, index in indexes.items()}
    nearest = min((match.rank for some in matches.values() for match in some), default=0)
    matches = {kind: [match for match in some if match.rank == nearest] for kind, some in matches.items()}
    return Answer(matches, is_guess=True, read_as=likeliest.text if likeliest.was_zawgyi else "")


def _indexes() -> Mapping[NameKind, Index]:
    """An index of each kind; made anew when a name has changed, from what is still the same of the last."""
    global _prepared
    before, edition = _prepared, names.edition()
    if before.edition is edition:
        return before.indexes
    known: dict[tuple[str, Any], Name] = {
        (kind, name.id): name for kind in KINDS for name in names.all_of(kind)
    }
    haystacks: dict[tuple[str, int], tuple[tuple[Name, ...], Haystack]] = {}
    for key, name in known.items():
        if not name.facts.get("active", True):
            continue
        places = (known.get((kind, name.facts.get(kind))) for kind in ("township", "region"))
        parts = (name, *(place for place in places if place and name.kind == "shop"))
        prepared = before.haystacks.get(key)
        if prepared is None or not _same(prepared[0], parts):
            prepared = parts, haystack(name, around=parts[1:])
        haystacks[key] = prepared
    indexes = {kind: Index(hay for (a, _), (_, hay) in haystacks.items() if a == kind) for kind in KINDS}
    _prepared = _Prepared(edition, haystacks, indexes)
    return indexes


def _same(some: tuple[Name, ...], others: tuple[Name, ...]) -> bool:
    return len(some) == len(others) and all(a is b for a, b in zip(some, others, strict=True))
