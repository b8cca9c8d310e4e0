"""What an element says itself: markup that a browser leaves alone until somebody has agreed."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from tracklint.consent import words
from tracklint.consent.flow import OPEN, Reach
from tracklint.consent.mechanisms import Mechanisms
from tracklint.detect.markup import deferred_address, runs
from tracklint.markup import Document, Element
from tracklint.model import Category, Hop
from tracklint.ruleset import Manager, Markup

_CONSENT_ATTRIBUTE = re.compile(r"consent|cookie|gdpr|categor|purpose|klaro|tarteaucitron|privacy|block|opt-?in|cmp", re.I)
_LAZY = re.compile(r"lazy|lozad|unveil|defer|async|swiper|slick|lightbox|carousel", re.I)
_PLACEHOLDER = re.compile(r"facade|placeholder|consent|cookie|gdpr|privacy|two-?click|click-?to|poster|gate|optin|blocked", re.I)


def own_gate(document: Document, element: Element, mechanisms: Mechanisms) -> Reach:
    """The verdict that the element alone allows. OPEN when nothing about it holds it back."""
    at = (document.file.path, document.file.position(element.span.start).line)
    broken = ""
    found = _markup_gate(document, element, mechanisms, at)
    if found is not None:
        if found.state == "gated":
            return found
        broken = found.why
    for ancestor in _around(element):
        if ancestor.tag == "template" and not ancestor.live_template:
            line = document.file.position(ancestor.span.start).line
            why = "it stands in a <template>, which a browser leaves alone"
            return Reach("gated", "template", None, (at[0], line), why, (Hop(at[0], line, why),))
        outer = _markup_gate(document, ancestor, mechanisms, at) if element.tag != "noscript" else None
        if outer is not None and outer.state == "gated":
            return outer
    if element.tag == "script":
        running = runs(element)
        if running is None:
            return Reach("unknown", "computed-type", None, at, "a template computes the type, which decides whether the script runs")
        if running is False:
            why = f'type="{element.value("type")}" is not run by a browser'
            return Reach("gated", "inert-type", _category(element), at, why, (Hop(*at, why),))
    elif element.value("src") in (None, "", "about:blank") and element.tag in ("iframe", "img", "div", "source", "embed"):
        deferred = deferred_address(element)
        if deferred is not None:
            return _deferred(document, element, deferred, at)
    if _behind_no_script(element):
        return Reach("open", "noscript", None, at, "<noscript> is what runs where script is off, and no consent manager reaches it")
    if _has_blocker_before(document, element, mechanisms):
        manager = _blocker(document, element, mechanisms)
        if manager is not None:
            why = f"{manager.name} in automatic blocking mode comes before it"
            return Reach("gated", manager.slug, None, at, why, (Hop(*at, why),))
    return replace(OPEN, at=at, why=broken, mechanism="broken-gate") if broken else OPEN


def _around(element: Element) -> list[Element]:
    found = []
    ancestor = element.parent
    while ancestor is not None and len(found) < 200:
        found.append(ancestor)
        ancestor = ancestor.parent
    return found


def _behind_no_script(element: Element) -> bool:
    return any(tag == "noscript" for tag in element.inside)


def _markup_gate(document: Document, element: Element, mechanisms: Mechanisms, at: tuple[str, int]) -> Reach | None:
    """A manager's markup on this element: gated, open with the reason why the gate is broken, or None."""
    names = frozenset(element.attributes)
    broken: Reach | None = None
    for manager in mechanisms.ruleset.managers.values():
        for rule in manager.markup:
            if _needed(rule.selector) <= names | {f".{c}" for c in (element.value("class") or "").split()} and (
                element in document.select(rule.selector)
            ):
                verdict = _judge(manager, rule, element, at)
                if verdict is not None and verdict.state == "gated":
                    return verdict
                broken = broken or verdict
            elif rule.lookalike and _needed(rule.lookalike) <= names and element in document.select(rule.lookalike):
                if not _opens(rule, element):
                    broken = broken or Reach("open", manager.slug, None, at, rule.broken or "its consent markup is incomplete")
    return broken


@lru_cache(maxsize=4096)
def _needed(selector: str) -> frozenset[str]:
    """Attributes and classes without which an element cannot match; empty when the selector is a list."""
    if "," in selector:
        return frozenset()
    last = re.split(r"\s+|>", re.sub(r":not\([^)]*\)", "", selector).strip())[-1]
    return frozenset(re.findall(r"\[\s*([\w-]+)", last)) | {f".{name}" for name in re.findall(r"\.([\w-]+)", re.sub(r"\[[^\]]*\]", "", last))}


def _values(rule: Markup, element: Element) -> list[str]:
    if rule.category_attribute is None:
        return []
    return [value.lower() for value in re.split(r"[\s,;|]+", element.value(rule.category_attribute) or "") if value]


def _opens(rule: Markup, element: Element) -> bool:
    values = _values(rule, element)
    return bool(values) and all(value in {entry.lower() for entry in rule.open} for value in values)


def _judge(manager: Manager, rule: Markup, element: Element, at: tuple[str, int]) -> Reach | None:
    values = _values(rule, element)
    if _opens(rule, element):
        return Reach("open", manager.slug, None, at, f'`{", ".join(values)}` is a category that {manager.name} never blocks')
    mapping = {key.lower(): category for key, category in rule.categories.items()}
    categories = {mapping[value] for value in values if value in mapping}
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
        return replace(OPEN, at=at, why="it is only loaded lazily, when it scrolls into view")
    if element.tag == "iframe":
        why = f"it has no src, only {name}: a browser loads nothing until a script puts it there"
        return Reach("gated", "markup", None, at, why, (Hop(*at, why),))
    return OPEN


def _has_blocker_before(document: Document, element: Element, mechanisms: Mechanisms) -> bool:
    return any(manager.auto_blocking for manager in mechanisms.ruleset.managers.values()) and element.tag in (
        "script",
        "iframe",
        "img",
        "embed",
        "object",
        "video",
    )


def _blocker(document: Document, element: Element, mechanisms: Mechanisms) -> Manager | None:
    """The consent manager that blocks by itself what follows its own tag in the same document."""
    text = document.file.text
    for manager in mechanisms.ruleset.managers.values():
        for selector in manager.auto_blocking:
            needed = _needed(selector)
            if needed and not all(name.lstrip(".") in text for name in needed):
                continue
            for blocker in document.select(selector):
                if blocker.index < element.index and blocker is not element:
                    return manager
    return None
