"""What else stands on the page of a load, and in which order.

A page is put together from files: a place in a partial stands, in the layout that includes it, at the line of the
include. Two places are on one page if they stand in a common file; which comes first is read off there.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import ahocorasick_rs

from tracklint import lazy_re
from tracklint.consent.element import automatic_blocking
from tracklint.detect.load import ElementPlace
from tracklint.model import Hop, SourceFile
from tracklint.ruleset import Manager, Ruleset, glob_matches

if TYPE_CHECKING:
    from tree_sitter import Node

    from tracklint.consent.reach import Reach
    from tracklint.markup import Document, Element
    from tracklint.project import Project
    from tracklint.script import Script

_EXTENDS = lazy_re.compile(
    r"\{%-?\s*(?:extends|layout)\s+['\"](?P<tag>[^'\"]+)['\"]|^layout:\s*['\"]?(?P<front>[\w./-]+)|@extends\(['\"](?P<blade>[\w./-]+)['\"]",
    re.MULTILINE,
)


class Standing(NamedTuple):
    """Where a place stands: in its own file, then in each file that leads to it, as (line, offset in that file)."""

    places: Mapping[str, tuple[int, int]]

    def before(self, other: Standing) -> bool | None:
        """Whether this place comes first; None if the two are not on one page."""
        for path, place in self.places.items():
            if path in other.places:
                return place < other.places[path]
        return None


def standing(path: str, line: int, offset: int, hops: Iterable[Hop], project: Project | None = None) -> Standing:
    """`hops` are the steps of the reasoning that led to the place, from the inside out."""
    places = {path: (line, offset)}
    for hop in hops:
        if hop.text.endswith("is used here"):
            places[hop.path] = (hop.line, 0)  # the outermost step in a file is the one that runs
    if project is not None:
        for around in list(places):
            for layout in _layouts(project, around):
                places.setdefault(layout, (1 << 30, 0))  # what a page adds stands after the head of its layout
    return Standing(places)


def file_standing(project: Project, path: str, line: int, offset: int) -> Standing:
    """Like `standing`, for a place at the outermost level of its file."""
    reach = project.file_reach(path)
    return standing(path, line, offset, reach.hops if reach is not None else (), project)


def _layouts(project: Project, path: str) -> list[str]:
    file = project.tree.text_file(path)
    if not isinstance(file, SourceFile) or file.language not in ("html", "markdown", "indent"):
        return []
    match = _EXTENDS.search(file.text[:4000])
    if match is None:
        return []
    name = next(value for value in match.groups() if value)
    stem = posixpath.basename(name.replace(".", "/") if match["blade"] else name).split(".")[0]
    return _facts(project).layouts(project, stem)


# ---------------------------------------------------------------------------------------------- managers in the project


@dataclass
class _Facts:
    """What is known of one project, found when it is first asked for."""

    stems: dict[str, list[str]] | None = None
    managers: dict[str, list[tuple[str, int]]] = field(default_factory=dict)  # path -> (slug, offset)
    shared: list[str] | None = None  # files that are no whole pages: their managers may stand on any page

    def layouts(self, project: Project, stem: str) -> list[str]:
        if self.stems is None:
            self.stems = {}
            for path in project.tree.paths:
                if re.search(
                    r"(?:^|/)(?:_?layouts?|templates?|views?|_includes|theme)(?:/|\.)|(?:^|/)(?:base|layout)\b", path
                ):
                    self.stems.setdefault(posixpath.basename(path).split(".")[0], []).append(path)
        return self.stems.get(stem, [])[:4]


_PROJECTS: WeakKeyDictionary[Project, _Facts] = WeakKeyDictionary()


def _facts(project: Project) -> _Facts:
    if project not in _PROJECTS:
        _PROJECTS[project] = _Facts()
    return _PROJECTS[project]


@lru_cache(maxsize=8)
def _signs(ruleset: Ruleset) -> tuple[ahocorasick_rs.AhoCorasick, tuple[str, ...], Mapping[str, tuple[str, ...]]]:
    """Texts that stand where a consent manager is loaded or set up, each with its slug; the addresses that some are part of."""
    found: dict[str, set[str]] = {}
    addresses: dict[str, tuple[str, ...]] = {}
    for manager in ruleset.managers.values():
        if manager.type != "cmp":
            continue
        names = list(manager.hosts)
        for url in manager.urls:
            piece = max(url.split("*"), key=len).strip("/")
            addresses[piece] = (*addresses.get(piece, ()), url)
            names.append(piece)
        names += [quote + package + quote for package in manager.packages for quote in "'\""]
        names += [name for callback in manager.callbacks for name in callback.within if "." in name]
        names += [name for name in manager.globals if len(name) >= 6]
        for name in names:
            if len(name) >= 6:
                found.setdefault(name, set()).add(manager.slug)
    own = {text: next(iter(slugs)) for text, slugs in found.items() if len(slugs) == 1}
    for name in [name for manager in ruleset.managers.values() for name in (*manager.hosts, *manager.globals)]:
        addresses.pop(name, None)
    automaton = ahocorasick_rs.AhoCorasick(list(own), matchkind=ahocorasick_rs.MatchKind.LeftmostLongest)
    return automaton, tuple(own.values()), addresses


def managers_of(project: Project, places: Iterable[str] = ()) -> Mapping[str, list[tuple[str, int]]]:
    """Where consent managers are loaded or set up: path -> (slug, offset), the first of each in a file.

    Looked for in the files `places` and in all that are no whole pages.
    """
    facts = _facts(project)
    if facts.shared is None:
        facts.shared = [path for path in project.paths_with(()) if not project.is_whole_page(path)]
    found = {}
    for path in dict.fromkeys((*places, *facts.shared)):
        if path not in facts.managers:
            facts.managers[path] = _managers_in(project, path)
        if facts.managers[path]:
            found[path] = facts.managers[path]
    return found


_ADDRESS = lazy_re.compile(r"[^\s\"'`<>(),;]*")
_USED = lazy_re.compile(r"\s*(?:[.=([]|\?\.)")


def _managers_in(project: Project, path: str) -> list[tuple[str, int]]:
    automaton, slugs, addresses = _signs(project.ruleset)
    text = project.text_of(path)
    seen: dict[str, int] = {}
    for index, start, end in automaton.find_matches_as_indexes(text):
        if slugs[index] in seen or re.search(r"[\w-]", text[start - 1 : start] + text[end : end + 1]):
            continue
        name = text[start:end]
        if name.isidentifier() and (not _USED.match(text, end) or "//" in _before(text, start)):
            continue  # a word of the text, or of an address, and no object that is used
        if name.isidentifier() and _is_of_the_sites_own(text, start, name):
            continue
        if name in addresses and not _is_address(text, start, end, addresses[name]):
            continue
        seen[slugs[index]] = start
    return list(seen.items())


_MEMBER = lazy_re.compile(r"(?P<object>[\w$]*)[)\]]?\??\.\Z")
_GLOBALS = frozenset({"window", "self", "globalThis", "top", "parent", "w", "win"})


def _is_of_the_sites_own(text: str, start: int, name: str) -> bool:
    """Whether what bears a manager's name is a member of something else, or made by the site: `cookies.CookieControl`."""
    member = _MEMBER.search(text, max(0, start - 80), start)
    if member is not None:
        return member["object"] not in _GLOBALS
    made = rf"\b(?:class|function)\s+{name}\b|\b(?:const|let|var)\s+{name}\s*=\s*new\b|\bimport\s[^;'\"]{{0,400}}\b{name}\b[^;'\"]{{0,400}}from\s*['\"][.~]"
    return re.search(made, text) is not None


def _before(text: str, start: int) -> str:
    """What of an address stands before a place in it."""
    before = _ADDRESS.match(text[max(0, start - 300) : start][::-1])
    return before[0][::-1] if before else ""


def _is_address(text: str, start: int, end: int, globs: Iterable[str]) -> bool:
    """Whether the address around a piece of text is one of the `globs`; a path without its begin is, too."""
    after = _ADDRESS.match(text, end, end + 300)
    whole = _before(text, start) + text[start:end] + (after[0] if after else "")
    address = re.sub(r"^(?:https?:)?//", "", whole).partition("?")[0].partition("#")[0]
    return any(glob_matches(glob, one) for glob in globs for one in (address, "/" + address))


def beside(project: Project, here: Standing) -> tuple[Manager, str, int] | None:
    """(manager, path, line) of a consent manager on the same page as a place; None when there is none."""
    managers = managers_of(project, here.places)
    if not managers:
        return None
    nearest = sorted(managers, key=lambda path: (path not in here.places, path))
    for path in nearest:
        file = project.tree.text_file(path)
        if not isinstance(file, SourceFile) or file.language not in ("html", "indent", "script"):
            continue
        for slug, offset in managers[path]:
            line = file.position(offset).line
            if path not in here.places:
                there = file_standing(project, path, line, offset)
                if there.before(here) is None:
                    continue
            if _is_commented(project, file, offset):
                continue
            return project.ruleset.managers[slug], path, line
    return None


def _is_commented(project: Project, file: SourceFile, offset: int) -> bool:
    if file.language == "script":
        script = project.script(file.path)
        return script is not None and script.in_comment(offset)
    document = project.document(file.path)
    if document is None:
        return False
    region = document.masked.region_at(offset)
    return (region is not None and region.kind == "comment") or any(
        comment.start <= offset < comment.end for comment in document.comments
    )


def blocked_on_the_way(project: Project, here: Standing, path: str) -> Reach | None:
    """A manager's automatic blocking that stands, in a file which includes this one, before the include."""
    for around, (line, _) in here.places.items():
        if around == path:
            continue
        document = project.document(around)
        if document is None or line > len(document.file.line_starts):
            continue
        start = document.file.line_starts[line - 1]
        index = next(
            (element.index for element in document.elements if element.span.start >= start), len(document.elements)
        )
        found = automatic_blocking(document, index, project.mechanisms, (around, line))
        if found is not None and found.state == "gated":
            return found
    return None


# ------------------------------------------------------------------------------------------------- second copies

_GLOBAL = r"(?:(?:window|self|globalThis)\s*\.\s*)?(?P<name>[A-Za-z_$][\w$]*(?:\s*\.\s*[\w$]+)*)(?:\s*\(\s*\))?(?P<rest>(?:\.\w+)*)"
_NOTHING = r"(?:undefined|null|void 0|['\"]undefined['\"])"
# What is asked before a second copy is fetched: true while the first is missing, or while it is there.
_MISSING = lazy_re.compile(
    rf"!\s*{_GLOBAL}|typeof\s*\(?\s*{_GLOBAL.replace('?P<name>', '?P<typed>').replace('?P<rest>', '?P<more>')}\s*\)?\s*===?\s*{_NOTHING}"
)
_THERE = lazy_re.compile(_GLOBAL)
_VERSION = lazy_re.compile(
    r"[-.@_]?v?\d[\w.]*$|[-.](?:min|slim|full|all|bundle|core|umd|global|prod|production|packed|pack|dev)$"
)


def second_copy(project: Project, script: Script, node: Node, url: str) -> tuple[str, str, int] | None:
    """(first copy, path, line) where a script fetches a library only if the page's own tag for it has failed.

    That is `<script src="jquery.js"></script><script>window.jQuery || document.write(…)</script>` and a tag's `onerror`.
    """
    origin = script.origin
    if not isinstance(origin, ElementPlace):
        return None
    document, element = origin.document, origin.element
    failing = element.attributes.get("onerror")
    if failing is not None and failing.value_span.start <= script.base <= failing.value_span.end:
        first = element.value("src") or element.value("href") or ""
        return None if re.match(r"(?:\w+:|//)", first) else _first_copy(project, document, element, first)
    wanted = _library(url)
    asked = [
        found for condition, holds in project.flow(script).asked_before(node) if (found := _asks_for(condition, holds))
    ]
    if not wanted or not any(_named_alike(name, wanted) for name in asked):
        return None
    for other in document.elements[: element.index]:
        source = other.value("src") if other.tag == "script" and not other.conditional_comment else None
        waits = other.attributes.keys() & {"async", "defer"} or other.value("type") not in (None, "", "text/javascript")
        if source and not waits and _library(source) == wanted:
            return _first_copy(project, document, other, source)
    return None


def _first_copy(project: Project, document: Document, element: Element, address: str) -> tuple[str, str, int] | None:
    """None where the file is missing, so that the second copy is what the page fetches."""
    name = posixpath.basename(address.split("?")[0].split("#")[0])
    remote = re.match(r"(?:https?:)?//", address) is not None
    if not name or not (remote or project.named(name)):
        return None
    return name, document.file.path, document.file.position(element.span.start).line


def _asks_for(condition: str, holds: bool) -> str:
    """The global that a condition asks for and that has to be missing; "" for any other condition."""
    text = condition.strip() if len(condition) < 300 else ""
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    match = _MISSING.fullmatch(text) if holds else _THERE.fullmatch(text)
    if match is None:
        return ""
    return match["name"] or match.groupdict().get("typed") or ""


def _library(address: str) -> str:
    """The name of a library in its address: "jquery" for `…/jquery-3.7.1.min.js?x`."""
    name = posixpath.basename(address.split("?")[0].split("#")[0]).lower()
    if not name.endswith((".js", ".mjs")):
        return ""
    name = name.rpartition(".")[0]
    for _ in range(5):
        name = _VERSION.sub("", name)
    return name


def _named_alike(name: str, library: str) -> bool:
    """`$.fn.modal` may be any plugin's."""
    first, *rest = re.sub(r"\s", "", name).lower().split(".")
    plain = re.sub(r"\W", "", library)
    return first in plain or plain in first or (first in ("$", "jquery") and bool(rest))


__all__ = ["Standing", "beside", "blocked_on_the_way", "file_standing", "managers_of", "second_copy", "standing"]
