"""The answer to one question, and the bound on the work for it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal as Kind
from typing import NamedTuple

from tracklint.model import Category, Hop


class Reach(NamedTuple):
    """open: can be reached before any choice; gated: cannot; dead: cannot ever; unknown: cannot be told."""

    state: Kind["open", "gated", "dead", "unknown"]
    mechanism: str = "none"
    category: Category | None = None
    at: tuple[str, int] | None = None
    why: str = ""
    hops: tuple[Hop, ...] = ()
    implied: str = ""  # what stands in for consent on the way and is none: "scroll", "banner seen" …

    def through(self, hop: Hop) -> Reach:
        return self._replace(hops=(hop, *self.hops))


OPEN = Reach("open")
_LONGEST_WAY = 120


@dataclass
class Budget:
    """The work that one question may cost, over all scripts that it leads through; and how often a way was cut short."""

    left: int = 0
    cuts: int = 0
    # The places whose ways are being followed, in whatever analysis of their script: one that is met again adds nothing.
    asking: set[Hashable] = field(default_factory=set)
    cut_at: set[Hashable] = field(default_factory=set)  # those of them into which a way led back
    # What was found where a way was cut short, and at which places: whoever comes by again while those are still being
    # asked for need not follow the same ways.
    _partial: dict[Hashable, tuple[Reach | None, frozenset[Hashable]]] = field(default_factory=dict)

    def begin(self, steps: int) -> None:
        """Another question."""
        self.left = steps
        self._partial = {}

    def cut(self, place: Hashable) -> None:
        """A way leads back into a place that is being asked for."""
        self.cuts += 1
        self.cut_at.add(place)

    @contextmanager
    def asks(self, place: Hashable) -> Iterator[set[Hashable]]:
        """While the ways to a place are followed; gives, when they have been, at which other places some were cut."""
        outer, self.cut_at = self.cut_at, set()
        self.asking.add(place)
        cut: set[Hashable] = set()
        try:
            yield cut
        finally:
            self.asking.discard(place)
            cut |= self.cut_at - {place}
            self.cut_at = outer | cut

    def keep(self, question: Hashable, found: Reach | None, cut: Iterable[Hashable]) -> None:
        """An answer that lacks the ways which were cut."""
        self._partial[question] = (found, frozenset(cut))

    def kept(self, question: Hashable) -> tuple[Reach | None] | None:
        """Such an answer, if its ways would be cut at the same places again."""
        found, cut = self._partial.get(question, (None, None))
        if cut is None or not cut <= self.asking:
            return None
        self.cuts += 1
        self.cut_at |= cut
        return (found,)

    @contextmanager
    def apart(self, steps: int) -> Iterator[None]:
        """A question in the course of another."""
        left, partial = self.left, self._partial
        self.begin(steps)
        try:
            yield
        finally:
            self.left, self._partial = left, partial

    def spend(self) -> bool:
        """Take one more step; False when there are no more, or when the way to here is as long as one may be."""
        self.left -= 1
        enough = self.left >= 0 and len(self.asking) <= _LONGEST_WAY
        if not enough:
            self.cuts += 1
        return enough


def switched_off(at: tuple[str, int], condition: str) -> Reach:
    """What constants or settings of the site keep from every page as they are; who sets them otherwise need not touch the load."""
    return Reach("dead", "off", None, at, f"as the site is set, `{condition}` keeps it off every page")


def any_of(ways: Sequence[Reach]) -> Reach | None:
    """The verdict over alternative ways in: open when one is."""
    for state in ("open", "unknown", "gated", "dead"):
        for way in ways:
            if way.state == state:
                if state == "dead":
                    return next((other for other in ways if other.mechanism == "off"), way)
                if state == "gated":
                    categories = {other.category for other in ways if other.state == "gated"}
                    return way if len(categories) == 1 else way._replace(category=None)
                return way
    return None
