"""Finding items, categories, places and shops by name. Pure rules, no I/O.

English and Burmese names and aliases, any capitals, any numerals, either spelling of "market"; every word must
be found, at the start of a word better than inside.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from prices.types import Name

MAX_LENGTH = 100
"""Characters of a question that count; the rest is cut off."""

_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xAD])
_BREAKS = re.compile(r"[\s,;/()\"'.\u104a\u104b·–-]+")
# Two letters that look alike and are both in use for the same word.
_SPELLINGS = (("စျ", "ဈ"),)


@dataclass(frozen=True, slots=True)
class Haystack:
    """A name ready to be searched."""

    name: Name
    words: tuple[tuple[str, ...], ...]
    """The words of each way to call it."""


def normal(text: str) -> str:
    """A text as it is compared: composed, folded, Latin digits, nothing invisible, single spaces."""
    text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE).casefold()
    for seen, meant in _SPELLINGS:
        text = text.replace(seen, meant)
    digits = (str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    return _BREAKS.sub(" ", "".join(char for char in digits if char.isprintable())).strip()


def haystack(name: Name) -> Haystack:
    """Prepare a name, its other name and its aliases."""
    ways = [name.name_en, name.name_my, *name.facts.get("aliases", ())]
    return Haystack(name, tuple(tuple(normal(way).split()) for way in ways if way))


def find(question: str, haystacks: Iterable[Haystack], *, limit: int) -> list[Name]:
    """The names that hold every word of a question, the best first: whole names, then beginnings, then the rest."""
    words = normal(question[:MAX_LENGTH]).split()
    if not words:
        return []
    found = []
    for hay in haystacks:
        score = min((_score(words, way) for way in hay.words), default=_MISS)
        if score < _MISS:
            found.append((score, hay.name.facts.get("position", 0), hay.name.name_en, hay.name.id, hay.name))
    found.sort(key=lambda match: match[:4])
    return [match[4] for match in found[:limit]]


_MISS = 9


def _score(words: Sequence[str], way: Sequence[str]) -> int:
    """0: the whole name; 1: it begins so; 2: each word begins one of its words; 3: all are in it; else a miss."""
    if tuple(words) == tuple(way):
        return 0
    whole, asked = " ".join(way), " ".join(words)
    if whole.startswith(asked):
        return 1
    if all(any(part.startswith(word) for part in way) for word in words):
        return 2
    # Burmese puts no spaces between words, so a word may stand anywhere; a single Latin letter says too little.
    if all(word in whole and (len(word) > 1 or not word.isascii()) for word in words):
        return 3
    return _MISS
