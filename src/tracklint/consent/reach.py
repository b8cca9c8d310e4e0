"""The answer to one question, and the bound on the work for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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


@dataclass
class Budget:
    """The work that one question may cost, over all scripts that it leads through; and how often a way was cut short."""

    left: int = 0
    cuts: int = 0
    # What was found where a way was cut short, so that it holds for this question alone: whoever comes by again need not
    # follow the same ways, since where they were cut the question is being answered already.
    partial: dict[tuple[object, ...], Reach | None] = field(default_factory=dict)

    def begin(self, steps: int) -> None:
        """Another question."""
        self.left = steps
        self.partial = {}

    @contextmanager
    def apart(self, steps: int) -> Iterator[None]:
        """A question in the course of another."""
        left, partial = self.left, self.partial
        self.begin(steps)
        try:
            yield
        finally:
            self.left, self.partial = left, partial

    def spend(self) -> bool:
        self.left -= 1
        if self.left < 0:
            self.cuts += 1
        return self.left >= 0


def any_of(ways: Sequence[Reach]) -> Reach | None:
    """The verdict over alternative ways in: open when one is."""
    for state in ("open", "unknown", "gated", "dead"):
        for way in ways:
            if way.state == state:
                if state == "gated":
                    categories = {other.category for other in ways if other.state == "gated"}
                    return way if len(categories) == 1 else way._replace(category=None)
                return way
    return None
