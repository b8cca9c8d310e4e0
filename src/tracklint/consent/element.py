"""What an element says itself: markup that a browser leaves alone until somebody has agreed."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from tracklint import lazy_re
from tracklint.consent import words
from tracklint.consent.mechanisms import Mechanisms
from tracklint.consent.reach import OPEN, Reach
from tracklint.detect.markup import deferred_address, runs
from tracklint.markup import Document, Element
from tracklint.model import Category, Hop
from tracklint.ruleset import Manager, Markup, Ruleset, glob_matches

_CONSENT_ATTRIBUTE = lazy_re.compile(r"consent|cookie|gdpr|categor|purpose|privacy|block|opt-?in|cmp", re.I)
_LAZY = lazy_re.compile(r"lazy|lozad|unveil|defer|async|swiper|slick|lightbox|carousel", re.I)
_PLACEHOLDER = lazy_re.compile(
    r"facade|placeholder|consent|cookie|gdpr|privacy|two-?click|click-?to|poster|gate|optin|blocked", re.I
)


def own_gate(document: Document, element: Element, mechanisms: Mechanisms) -> Reach:
    """The verdict that the element alone allows. OPEN when nothing about it holds it back."""
    at = (document.file.path, document.file.position(element.span.start).line)
    meant = OPEN  # a gate that does not hold
    found = _markup_gate(document, element, mechanisms, at)
    if found is not None:
        if found.state == "gated":
            return found
        meant = found
    for ancestor in _around(element):
        if ancestor.tag == "template" and not ancestor.live_template:
            line = document.file.position(ancestor.span.start).line
            why = "it stands in a <template>, which a browser leaves alone"
            outer = _markup_gate(document, ancestor, mechanisms, (at[0], line))
            if outer is not None and outer.state == "gated":
                return outer
            return Reach("gated", "template", None, (at[0], line), why, (Hop(at[0], line, why),))
    if meant.mechanism == "released":
        return _broken(meant)
    kept = _kept_for_a_click(document, element)
    if kept is not None:
        line = document.file.position(kept.span.start).line
        why = "the markup is kept in an attribute of what the visitor clicks on"
        return Reach("gated", "facade", None, (at[0], line), why, (Hop(at[0], line, why),))
    if element.tag == "script":
        running = runs(element)
        if running is None:
            return Reach(
                "unknown",
                "computed-type",
                None,
                at,
                "a template computes the type, which decides whether the script runs",
            )
        if running is False:
            why = f'type="{element.value("type")}" is not run by a browser'
            return Reach("gated", "inert-type", _category(element), at, why, (Hop(*at, why),))
    elif element.value("src") in (None, "", "about:blank") and element.tag in (
        "iframe",
        "img",
        "div",
        "source",
        "embed",
    ):
        deferred = deferred_address(element)
        if deferred is not None:
            return _deferred(document, element, deferred, at)
    if element.index in document.inside("noscript"):
        return Reach("open", "noscript", None, at, NO_SCRIPT)
    if element.tag in _BLOCKED:
        blocking = automatic_blocking(document, element.index, mechanisms, at)
        if blocking is not None and (blocking.state == "gated" or meant is OPEN):
            return blocking
    return OPEN if meant is OPEN else _broken(meant)


def _kept_for_a_click(document: Document, element: Element) -> Element | None:
    """The button or link in whose data attribute alone a template prints the variable that the element is written into."""
    if _ENDS_CAPTURE.search(document.file.text) is None:
        return None
    name = ""
    for region in document.masked.regions:
        if region.span.start > element.span.start:
            break
        if region.kind == "block":
            opened = _CAPTURE.fullmatch(region.text)
            closed = _ENDS_CAPTURE.match(region.text) is not None
            name = opened["name"] if opened is not None else "" if closed else name
    keeper: Element | None = None
    for region in document.masked.regions if name else ():
        if region.kind == "comment" or not re.search(rf"(?<![\w.]){name}(?!\w)", region.text):
            continue
        if region.kind == "block" and _CAPTURE.fullmatch(region.text):
            continue
        keeper = document.at(region.span.start)
        if keeper is None or keeper.tag not in ("button", "a"):
            return None
        if not any(
            attribute.span.contains(region.span) and attribute.name.startswith("data-")
            for attribute in keeper.attributes.values()
        ):
            return None
    return keeper


_CAPTURE = lazy_re.compile(r"(?:set|capture)\s+(?P<name>\w{1,60})\s*")
_ENDS_CAPTURE = lazy_re.compile(r"\bend(?:set|capture)\b")

NO_SCRIPT = "<noscript> is what runs where script is off, and no consent manager reaches it"
_BLOCKED = frozenset({"script", "iframe", "img", "embed", "object", "video"})


def _broken(meant: Reach) -> Reach:
    return meant if meant.implied else meant._replace(mechanism="broken-gate")


def _around(element: Element) -> list[Element]:
    found: list[Element] = []
    ancestor = element.parent
    while ancestor is not None and len(found) < 200:
        found.append(ancestor)
        ancestor = ancestor.parent
    return found


def _markup_gate(document: Document, element: Element, mechanisms: Mechanisms, at: tuple[str, int]) -> Reach | None:
    """A manager's markup on this element: gated, open with the reason why the gate is broken, or None.

    Several managers use the same attributes. Then the one that is in the document counts, or that knows the value.
    """
    best: tuple[tuple[bool, bool, bool], Reach] | None = None
    broken: Reach | None = None
    for manager in mechanisms.ruleset.managers.values():
        for rule in manager.markup:
            if document.matches(element, rule.selector):
                verdict = _judge(manager, rule, element, mechanisms, at)
                knows = any(_known(rule, value) for value in _values(rule, element))
                rank = (_has_sign(document, manager), knows, verdict.state == "gated")
                if best is None or rank > best[0]:
                    best = (rank, verdict)
            elif rule.lookalike and broken is None and document.matches(element, rule.lookalike):
                values = ", ".join(_values(rule, element))
                why = rule.broken or "its consent markup is incomplete"
                if _opens(rule, element):
                    why = f"`{values}` is a category that {manager.name} never blocks"
                broken = Reach("open", manager.slug, None, at, why)
    return best[1] if best is not None else broken


@lru_cache(maxsize=64)
def _has_sign(document: Document, manager: Manager) -> bool:
    """Whether the document speaks of the manager by name."""
    text = document.file.text
    return any(name in text for name in (*manager.hosts, *manager.globals, *manager.packages)) or any(
        max(url.split("*"), key=len) in text for url in manager.urls
    )


def _values(rule: Markup, element: Element) -> list[str]:
    """The words of the attribute that names the category; of a class list those that the selector asks for."""
    if rule.category_attribute is None:
        return []
    values = [value.lower() for value in re.split(r"[\s,;|]+", element.value(rule.category_attribute) or "") if value]
    if rule.category_attribute == "class":
        wanted = [piece.lower() for piece in re.findall(r"class[*^~|$]?=['\"]?([^'\"\]]+)", rule.selector)]
        values = [value for value in values if any(piece in value for piece in wanted)] or values
    return values


def _known(rule: Markup, value: str) -> bool:
    return any(glob_matches(entry.lower(), value) for entry in (*rule.open, *rule.categories))


def _opens(rule: Markup, element: Element) -> bool:
    values = _values(rule, element)
    return bool(values) and all(any(glob_matches(entry.lower(), value) for entry in rule.open) for value in values)


def _judge(manager: Manager, rule: Markup, element: Element, mechanisms: Mechanisms, at: tuple[str, int]) -> Reach:
    values = _values(rule, element)
    if _opens(rule, element):
        return Reach(
            "open", "released", None, at, f"`{', '.join(values)}` is a category that {manager.name} never blocks"
        )
    setting = mechanisms.permits(manager.slug)
    if setting:
        why = f"{manager.name} releases it before any choice: `{setting}`"
        return Reach("open", manager.slug, None, at, why, implied=f"`{setting}`")
    categories = {
        category for value in values for key, category in rule.categories.items() if glob_matches(key.lower(), value)
    }
    guessed = {found for value in values if (found := words.category(value)) is not None}
    category: Category | None = None
    for candidates in (categories, guessed):
        if len(candidates) == 1:
            category = next(iter(candidates))
            break
    why = f"{manager.name} keeps it back until the visitor agrees" + (f" to {', '.join(values)}" if values else "")
    return Reach("gated", manager.slug, category, at, why, (Hop(*at, why),))


def _category(element: Element) -> Category | None:
    texts = [attribute.value for name, attribute in element.attributes.items() if _CONSENT_ATTRIBUTE.search(name)]
    texts += [element.value("class") or ""]
    return words.category(*texts)


def _deferred(document: Document, element: Element, name: str, at: tuple[str, int]) -> Reach:
    marks = " ".join([*element.attributes, element.value("class") or "", element.value("id") or ""])
    around = " ".join((a.value("class") or "") + " " + " ".join(a.attributes) for a in _around(element)[:3])
    if _CONSENT_ATTRIBUTE.search(marks.replace(name, "")) or _PLACEHOLDER.search(f"{marks} {around}"):
        why = f"it has no src, only {name}, until somebody agrees"
        return Reach("gated", "markup", _category(element), at, why, (Hop(*at, why),))
    if _LAZY.search(marks.replace(name, "")) or element.tag in ("img", "source"):
        return OPEN._replace(at=at, why="it is only loaded lazily, when it scrolls into view")
    if element.tag == "iframe":
        why = f"it has no src, only {name}: a browser loads nothing until a script puts it there"
        return Reach("gated", "markup", None, at, why, (Hop(*at, why),))
    return OPEN


def automatic_blocking(document: Document, index: int, mechanisms: Mechanisms, at: tuple[str, int]) -> Reach | None:
    """What a consent manager that blocks by itself does to the element number `index` of the document.

    It holds what comes after its own tag, if that tag itself is not put off. None: there is no such manager.
    """
    late: Reach | None = None
    for blocker in _blockers(document, mechanisms.ruleset):
        name = blocker.manager.name
        if blocker.holds_from is not None and blocker.holds_from < index:
            why = f"{name} in automatic blocking mode comes before it"
            return Reach("gated", blocker.manager.slug, None, at, why, (Hop(*at, why),))
        if index in blocker.tags:
            return None
        if blocker.first > index:
            why = f"{name} blocks only what comes after its own tag, and this comes before it"
        else:
            why = f"{name} can only block what comes after it when its own tag is neither async nor defer"
        late = late or Reach("open", "broken-gate", None, at, why)
    return late


class _Blocker(NamedTuple):
    """A manager that blocks by itself, on one page."""

    manager: Manager
    tags: frozenset[int]  # the elements that load it
    first: int
    holds_from: int | None  # the first of them that is not put off


@lru_cache(maxsize=8)
def _blockers(document: Document, ruleset: Ruleset) -> tuple[_Blocker, ...]:
    text = document.file.text
    found = []
    for manager in ruleset.managers.values():
        for selector in manager.auto_blocking:
            tags = document.select(selector) if all(word in text for word in _words(selector)) else ()
            if tags:
                indexes = frozenset(tag.index for tag in tags)
                at_once = (tag.index for tag in tags if not tag.attributes.keys() & {"async", "defer"})
                found.append(_Blocker(manager, indexes, min(indexes), min(at_once, default=None)))
    return tuple(found)


def _words(selector: str) -> list[str]:
    """Texts that stand in every document with a match: fewer pages have them than have the selector's names."""
    return re.findall(r"['\"]([^'\"]+)['\"]", selector)
