"""What a name in a template stands for: loop variables, `with`, assignments, and keys that are looked up."""

from __future__ import annotations

import re

from tracklint import lazy_re
from tracklint.template import Masked

_MAX_STEPS = 6
_MAX_LENGTH = 400  # of an expression
_MAX_BEFORE = 500  # constructs among which an assignment is looked for
_INDEX = lazy_re.compile(
    r"\(?\s*\bindex\s+(?P<of>[\w.$]+|\([\w.$ ]{1,200}\))(?P<keys>(?:\s+(?:\"[^\"\n]{1,80}\"|[\w.$-]+))+)\s*\)?"
)
_SUBSCRIPT = lazy_re.compile(r"\[\s*(?:[\"'](?P<key>[\w./-]{1,80})[\"']|[^\]\n]{1,80})\s*\]")
_DOTTED = lazy_re.compile(r"[$.]?[\w-]*(?:(?:\.|->)(?:[\w-]+|\*))*")
_HEAD = lazy_re.compile(r"[$]?[\w-]+|\.")
_IN = lazy_re.compile(r"\s*(?:\w+\s*,\s*)?(?P<name>\w+)\s+in\s+(?P<of>.+)$", re.DOTALL)
_AS = lazy_re.compile(r"\s*(?P<of>.+?)\s+as\s+(?:\$?\w+\s*=>\s*)?(?P<name>\$?\w+)\s*$", re.DOTALL)
_GO = lazy_re.compile(r"\s*(?:\$\w+\s*,\s*)?(?:(?P<name>\$\w+)\s*:=\s*)?(?P<of>.+)$", re.DOTALL)
_ASSIGNED = lazy_re.compile(
    r"\s*(?:(?:set|assign|let|var)\s+)?(?P<name>\$?[A-Za-z_]\w*)\s*:?=(?!=)\s*(?P<of>.+)$", re.DOTALL
)


def spelled_out(masked: Masked, offset: int, expression: str) -> str:
    """The dotted name for which an expression at a place stands, `*` for any item of a list; "" for anything else.

    `s.src` within `for s in site.data.scripts` is `site.data.scripts.*.src`.
    """
    name = _dotted(expression)
    for _ in range(_MAX_STEPS):
        head = _HEAD.match(name)
        if head is None or name.lower().startswith((".site.", "site.", "$.site.")):
            break
        found = _bound(masked, offset, head[0])
        if found is None:
            break
        of, offset = found
        rest = name[head.end() :]
        name = of + (rest if not rest or rest.startswith(".") else "." + rest)
    return name.lstrip("$.")


def _bound(masked: Masked, offset: int, head: str) -> tuple[str, int] | None:
    """(what a name is bound to at a place, where that is written)."""
    for condition in masked.conditions(offset):
        if condition.keyword not in ("for", "with") or not condition.holds:
            continue
        item = ".*" if condition.keyword == "for" else ""
        go = condition.dialect == "go"
        said = condition.expression[:_MAX_LENGTH]
        match = _GO.match(said) if go else _IN.match(said) or _AS.match(said)
        if match is not None and (head == match["name"] or (go and head == ".")):
            return _dotted(match["of"]) + item, condition.span.start
    index = masked.index(offset)
    for region in reversed(masked.regions[max(0, index - _MAX_BEFORE) : index]):
        assigned = _ASSIGNED.match(region.text[:_MAX_LENGTH]) if region.kind != "comment" else None
        if assigned is not None and assigned["name"] == head:
            return _dotted(assigned["of"]), region.span.start
    return None


def _dotted(expression: str) -> str:
    text = expression[:_MAX_LENGTH]
    looked_up = _INDEX.search(text)
    if looked_up is not None:
        keys = re.findall(r"\"([^\"]*)\"|([\w.$-]+)", looked_up["keys"])
        steps = [quoted or "*" for quoted, _ in keys]
        return ".".join([looked_up["of"].strip("() "), *steps])
    text = _SUBSCRIPT.sub(lambda found: "." + (found["key"] or "*"), text.strip().lstrip("(").strip())
    match = _DOTTED.match(text)
    return match[0].replace("->", ".") if match is not None else ""
