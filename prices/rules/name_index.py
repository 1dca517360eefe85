"""Finding items, categories, places and shops by name. Pure rules, no I/O.

English and Burmese names and aliases, any capitals, any numerals, words together or apart, letters that look alike.
Every word must be found: whole names come first, then beginnings, then the rest. What is called only nearly so is
found by :meth:`Index.near`: its distance is the number of letters put in, left out, changed or swapped with their
neighbour (optimal string alignment), bounded by the length of the word.

The names of an index stand in one text, a line for each way to call one, in the order in which they shall be found:
a search is a search of that text, and ends with the line that makes it enough.
"""

import re
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from potato.text.zawgyi import folded
from prices.types import Name

MAX_LENGTH = 100
"""Characters of a question that count; the rest is cut off."""
MOST_GUESSED_WORDS = 6
"""A question of more words is no name with a slip in it."""
SHORTEST_TOGETHER = 4
SHORTEST_BEGUN = 5

_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), 0x2060, 0xFEFF, 0xAD])
_BREAKS = re.compile(r"[\s,;/()\"'.\u104a\u104b·–-]+")
_SIGNS = re.compile("[\u102b-\u103e]")


@dataclass(frozen=True, slots=True)
class Haystack:
    """A name ready to be searched: each way to call it, and the names of where it is."""

    name: Name
    ways: tuple[str, ...]
    around: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A name that was found. ``rank``, the better the lower: how it was found, or how far it is from what was asked."""

    name: Name
    rank: int


def normal(text: str) -> str:
    """A text as it is compared: composed, folded, Latin digits, nothing invisible, single spaces."""
    text = unicodedata.normalize("NFKC", text).translate(_INVISIBLE).casefold()
    if not text.isascii():
        text = folded("".join(char for char in text if char.isprintable() or char.isspace()))
        text = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    return _BREAKS.sub(" ", "".join(char for char in text if char.isprintable() or char.isspace())).strip()


def words_of(question: str) -> tuple[str, ...]:
    """The words of a question, as they are compared, each once."""
    return tuple(dict.fromkeys(normal(question[:MAX_LENGTH]).split()))


def haystack(name: Name, *, around: Iterable[Name] = ()) -> Haystack:
    """Prepare a name, its other name and its aliases; and the names of the places around it."""
    ways = [name.name_en, name.name_my, *name.facts.get("aliases", ())]
    places = [way for place in around for way in (place.name_en, place.name_my)]
    return Haystack(name, tuple(filter(None, map(normal, ways))), normal(" ".join(places)))


class Index:
    """Names to be searched, by position and English name."""

    def __init__(self, haystacks: Iterable[Haystack]) -> None:
        hays = sorted(
            haystacks, key=lambda hay: (hay.name.facts.get("position", 0), hay.name.name_en, hay.name.id)
        )
        self._names = [hay.name for hay in hays]
        self._lines = [f" {way}" for hay in hays for way in hay.ways]
        self._owner = [number for number, hay in enumerate(hays) for _ in hay.ways]
        self._apart = _Text(self._lines)
        self._together = _Text([line.replace(" ", "") for line in self._lines])
        self._around = _Text([f" {' '.join(hay.ways)} {hay.around}" for hay in hays if hay.around])
        self._around_owner = [number for number, hay in enumerate(hays) if hay.around]
        self._own = [f" {' '.join(hay.ways)}" for hay in hays if hay.around]
        pieces: dict[str, set[int]] = defaultdict(set)
        for number, line in enumerate(self._lines):
            for piece in (*line.split(), line.replace(" ", "")):
                pieces[piece].add(number)
        self._pieces = dict(pieces)
        self._by_length: dict[int, list[str]] = defaultdict(list)
        self._by_start: dict[str, list[str]] = defaultdict(list)
        for piece in pieces:
            self._by_length[len(piece)].append(piece)
            self._by_start[piece[0]].append(piece)

    def find(self, words: Sequence[str], *, limit: int, by_place: bool = False) -> list[Match]:
        """The names that hold every word, the best first.

        :param by_place: also what is only somewhere that is called so; else some word must be of its own name.
        """
        found: dict[int, int] = {}
        for rank, owners in enumerate(self._tiers(words, by_place=by_place) if words else ()):
            for owner in owners:
                found.setdefault(owner, rank)
                if len(found) == limit:
                    break
            if len(found) == limit:
                break
        return [Match(self._names[owner], rank) for owner, rank in found.items()]

    def near(self, words: Sequence[str], *, limit: int) -> list[Match]:
        """The names that are called nearly so: the nearest ones alone, by how far they are."""
        lines: dict[int, int] = self._near_lines("".join(words))
        if 1 < len(words) <= MOST_GUESSED_WORDS:
            apart = [self._near_lines(word, begun=True) for word in words]
            for line in set.intersection(*(set(one) for one in apart)):
                rank = sum(one[line] for one in apart)
                lines[line] = min(lines.get(line, rank), rank)
        nearest = min(lines.values(), default=0)
        owners = sorted({self._owner[line] for line, rank in lines.items() if rank == nearest})
        return [Match(self._names[owner], nearest) for owner in owners[:limit]]

    def _tiers(self, words: Sequence[str], *, by_place: bool) -> Iterator[Iterator[int]]:
        """Who is found, the best way to be found first."""
        asked = " ".join(words)
        yield self._owners(self._apart.lines(f"\n {asked}\n"))
        yield self._owners(self._apart.lines(f"\n {asked}"))
        yield self._owners(self._apart.with_all([f" {word}" for word in words]))
        # Burmese puts no spaces between words, so a word may stand anywhere; a single Latin letter says too little.
        long = [word for word in words if len(word) > 1 or not word.isascii()]
        if len(long) == len(words):
            yield self._owners(self._apart.with_all(words))
        together = "".join(words)
        if len(together) >= SHORTEST_TOGETHER:
            yield self._owners(self._together.lines(together))
        if long and (len(words) > 1 or by_place):
            yield self._somewhere([word if word in long else f" {word}" for word in words], by_place=by_place)

    def _owners(self, lines: Iterator[int]) -> Iterator[int]:
        return (self._owner[line] for line in lines)

    def _somewhere(self, words: Sequence[str], *, by_place: bool) -> Iterator[int]:
        for line in self._around.with_all(words):
            if by_place or any(word in self._own[line] for word in words):
                yield self._around_owner[line]

    def _near_lines(self, word: str, *, begun: bool = False) -> dict[int, int]:
        """How far each line that has something like this word in it is from it; twice that, one more if only begun.

        :param begun: the word itself may be the beginning of one.
        """
        lines: dict[int, int] = {}

        def take(pieces: Iterable[str], rank: int) -> None:
            for piece in pieces:
                for line in self._pieces[piece]:
                    lines[line] = min(lines.get(line, rank), rank)

        if begun:
            take((piece for piece in self._by_start.get(word[0], ()) if piece.startswith(word)), 0)
        slips = _slips_allowed(word)
        if not slips:
            return lines
        like = [piece for n in range(-slips, slips + 1) for piece in self._by_length.get(len(word) + n, ())]
        for piece, slipped, _ in process.extract(
            word, like, scorer=OSA.distance, score_cutoff=slips, limit=None
        ):
            if _is_plausible(word, piece, slipped):
                take([piece], 2 * slipped)
        if len(word) >= SHORTEST_BEGUN:
            longer = [piece for piece in self._by_start.get(word[0], ()) if len(piece) > len(word)]
            starts = [piece[: len(word)] for piece in longer]
            for start, slipped, at in process.extract(
                word, starts, scorer=OSA.distance, score_cutoff=1, limit=None
            ):
                if _is_plausible(word, start, slipped):
                    take([longer[at]], 2 * slipped + 1)
        return lines


class _Text:
    """Lines in one text."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._text = "\n" + "".join(f"{line}\n" for line in lines)
        self._starts: list[int] = []
        at = 0
        for line in lines:
            self._starts.append(at)
            at += len(line) + 1

    def lines(self, piece: str) -> Iterator[int]:
        """The numbers of the lines with this in it; a line break at its start stands for that of the line."""
        at = self._text.find(piece)
        while at >= 0:
            line = bisect_right(self._starts, at) - 1
            yield line
            if line + 1 == len(self._starts):
                return
            at = self._text.find(piece, self._starts[line + 1])

    def with_all(self, pieces: Sequence[str]) -> Iterator[int]:
        """The numbers of the lines with all of these in them."""
        rarest, fewest = "", 0
        for piece in pieces:
            n = self._text.count(piece)
            if not n:
                return
            if not rarest or n < fewest:
                rarest, fewest = piece, n
        others = [piece for piece in pieces if piece != rarest]
        for line in self.lines(rarest):
            start = self._starts[line] + 1
            end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self._text)
            if all(self._text.find(piece, start, end) >= 0 for piece in others):
                yield line


def _slips_allowed(word: str) -> int:
    """How many letters may be wrong: none in what is short, or in a number."""
    if len(word) < 4 or any(char.isdecimal() for char in word):
        return 0
    return 1 if len(word) < (7 if word.isascii() else 10) else 2


def _is_plausible(word: str, piece: str, slipped: int) -> bool:
    """Whether somebody who wrote one may have meant the other."""
    if word.isascii():
        # Few slip twice and at the first letter, too.
        return slipped < 2 or word[0] == piece[0]
    # A Burmese word of a few letters is another with one of them changed; its signs are what people get wrong.
    return len(word) >= 8 or _SIGNS.sub("", word) == _SIGNS.sub("", piece)
