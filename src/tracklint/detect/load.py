"""A load before it is judged: what is contacted, how, and the place whose reachability decides consent."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

from tree_sitter import Node

from tracklint import lazy_re
from tracklint.markup import Document, Element
from tracklint.model import Consent, SourceFile, Span, Technique
from tracklint.ruleset import Ruleset, Service
from tracklint.script import UNKNOWN, Script

_URL = lazy_re.compile(
    r"^\s*(?:(?P<scheme>[a-z][a-z0-9+.-]*):)?(?P<slashes>//)?(?P<rest>.*)$", re.IGNORECASE | re.DOTALL
)
_HOST = lazy_re.compile(r"^(?:[^/?#@]*@)?(?P<host>[^/?#:\\]+)")
_SUBDOMAIN = lazy_re.compile(r"(?<=//)\{[\w:,-]{1,40}\}(?=\.)")  # one of several servers of map tiles
_DOMAIN = lazy_re.compile(
    r"^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z][a-z0-9-]*[a-z0-9]$|^\[[0-9a-f:]+\]$|^\d+(?:\.\d+){3}$", re.I
)
# git+https://, ssh://: no browser follows them
_OTHER_SCHEME = lazy_re.compile(r"(?!https?:|wss?:)[a-z][a-z0-9+.-]*://")
_ICONS = lazy_re.compile(r"icon|lucide|feather|fontawesome", re.IGNORECASE)  # modules of drawings: a vendor's logo
# Hosts that documents use as stand-ins (RFC 2606, RFC 6761) or that only name a format.
_NO_HOSTS = lazy_re.compile(
    r"(?:^|\.)(?:example\.(?:com|org|net|edu)|w3\.org|schema\.org|xmlns\.com|purl\.org|ogp\.me)$"
    r"|\.(?:example|test|invalid|local|localhost)$|^localhost$|^127\.|^0\.0\.0\.0$|^\[?::1\]?$|^10\.|^192\.168\.",
    re.IGNORECASE,
)


# What a page shows of a service in a frame of its own.
EMBEDDED = frozenset({"video", "map", "social", "widget", "survey", "comments"})
# What `rel` says of a <link> that opens a connection, or fetches what is not run yet.
HINTS = frozenset({"preconnect", "dns-prefetch", "preload", "modulepreload", "prefetch", "prerender"})


@dataclass(frozen=True)
class ElementPlace:
    """The load happens when the browser meets the element."""

    document: Document
    element: Element
    kept_in: str = ""  # the attribute out of which a script has to take the address first


@dataclass(frozen=True)
class ScriptPlace:
    """The load happens when control reaches one of the nodes."""

    script: Script
    nodes: tuple[Node, ...]
    # for each node the calls that bring the address there, outermost first, each with the function that it calls
    through: tuple[tuple[tuple[Node, Node], ...], ...] = ()
    written: Node | None = None  # the string that holds the address


@dataclass(frozen=True)
class CallPlace:
    """The load happens when control reaches a call, and from there one of the nodes, in another file.

    They stand in the function that is called, or at the outermost level of the module that is imported.
    """

    script: Script
    call: Node
    other: Script
    function: Node | None
    nodes: tuple[Node, ...]


@dataclass(frozen=True)
class TextPlace:
    """The load happens when the template prints what stands at the offset."""

    document: Document
    offset: int


@dataclass(frozen=True)
class CodePlace:
    """The load happens when the server's code at the offset runs."""

    file: SourceFile
    offset: int
    hint: bool = False


@dataclass(frozen=True)
class RelayPlace:
    """The load happens when a page asks for a path of the site that is passed on: globs, none where they cannot be told."""

    file: SourceFile
    paths: tuple[str, ...]


@dataclass(frozen=True)
class LibraryPlace:
    """The load happens when a page gets a library of a theme or module of Drupal, named `theme/library`."""

    name: str


@dataclass(frozen=True)
class FixedPlace:
    """The verdict does not depend on control flow: settings, dependencies."""

    consent: Consent


Place = ElementPlace | ScriptPlace | CallPlace | TextPlace | CodePlace | RelayPlace | LibraryPlace | FixedPlace


@dataclass(frozen=True)
class Load:
    service: Service | None  # None: no rule knows it, the host names it
    technique: Technique
    span: Span
    place: Place = field(compare=False)
    host: str | None = None
    url: str | None = None
    ids: tuple[str, ...] = ()
    hint: bool = False  # preconnect, dns-prefetch, preload: a connection, not yet the thing itself
    click: bool = False  # cannot happen without the visitor's own click
    dynamic: bool = False  # the address is not in the repository
    mere: bool = False  # a value alone, which counts only where nothing else of the service is in the file
    noscript: bool = False  # stands in a <noscript> of HTML that a string holds
    matched: str = (
        ""  # the selector of a style sheet's rule, without whose elements nothing is fetched; "" for any page
    )


def host_of(url: str) -> str | None:
    """The host that a URL names, lower-cased; None for relative URLs, data: and hosts that cannot be told.

    Where only the end of the host is known (`//{{ name }}.disqus.com/`), that end.
    """
    match = _URL.match(_SUBDOMAIN.sub(UNKNOWN, url.replace("…", UNKNOWN)))
    if match is None or not match["slashes"]:
        return None
    if (
        match["scheme"]
        and match["scheme"].lower() not in ("http", "https", "ws", "wss")
        and UNKNOWN not in match["scheme"]
    ):
        return None
    found = _HOST.match(match["rest"].lstrip("/"))
    if found is None:
        return None
    host = found["host"].strip().lower().rstrip(".")
    if UNKNOWN in host:
        tail = host.rsplit(UNKNOWN, 1)[1]
        if not tail.startswith(".") or tail.count(".") < 2:
            return None
        host = tail[1:]
    host = re.sub(r"[%$#{<].*$", "", host)
    return host if _DOMAIN.match(host) else None


def is_placeholder(host: str) -> bool:
    """Whether the host stands for no real one."""
    return _NO_HOSTS.search(host) is not None


def loads_itself(url: str) -> bool:
    """Whether a browser makes a request for this URL at all."""
    start = url.lstrip().lower()
    if not start or _OTHER_SCHEME.match(start):
        return False
    return not start.startswith(("data:", "javascript:", "about:", "mailto:", "tel:", "#", "blob:", "cid:"))


def find_ids(service: Service | None, *texts: str | None) -> tuple[str, ...]:
    """The account ids of a service in the first text that holds any."""
    if service is None:
        return ()
    return next((found for text in texts if text and (found := _ids_in(service, text))), ())


# A variable as templates print it: `{{ id|e }}`, `<%= id %>`, `<?= $id ?>`, `@id`; and one set to a text.
_PRINTS = lazy_re.compile(
    r"(?:\{\{-?|<%[-=]|<\?(?:=|php\s{1,9}echo\b))\s{0,9}[$@]?(?P<name>[A-Za-z_]\w{0,60})\s{0,9}(?:\|[^{}%?]{0,60})?(?:-?\}\}|-?%>|;|\?>)"
    r"|@(?P<razor>[A-Za-z_]\w{0,60})\b"
)
_GIVES = lazy_re.compile(
    r"(?:\b(?:set|assign|var|let|const|string)\s{1,9}|[$@]|<%-?\s{1,9})(?P<name>[A-Za-z_]\w{0,60})\s{0,9}:?=\s{0,9}"
    r"(?P<quote>[\"'])(?P<value>[^\"'\n]{4,80})(?P=quote)"
)


def ids_of_variables(file: SourceFile, load: Load) -> tuple[str, ...]:
    """The account ids among the texts that a template gives to the variables it prints in a load."""
    if load.service is None or not load.service.id_patterns or not file.dialect:
        return ()
    printed = {match["name"] or match["razor"] for match in _PRINTS.finditer(file.text, *load.span)}
    given = _GIVES.finditer(file.text, 0, load.span.start) if printed else ()
    return tuple(
        sorted({one for match in given if match["name"] in printed for one in find_ids(load.service, match["value"])})
    )


@lru_cache(maxsize=16)  # a set of images asks for the text of its element with each of them
def _ids_in(service: Service, text: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for pattern in service.id_patterns:
        for match in pattern.finditer(text):
            value = next((group for group in match.groups() if group), None) if match.groups() else match[0]
            if value and UNKNOWN not in value:
                found[value] = None
    return tuple(sorted(found))


def name_url(ruleset: Ruleset, url: str) -> tuple[Service | None, str | None]:
    """(the service that a URL belongs to, its host)."""
    host = host_of(url)
    service = ruleset.service_for_url(url.replace("…", UNKNOWN))
    if service is None and host is not None:
        package = _package_on_cdn(url)
        if package is not None:
            service = ruleset.package("npm", package)
    elif service is not None and service.kind == "cdn":
        package = _package_on_cdn(url)
        if package is not None:
            service = ruleset.package("npm", package) or service
    return service, host


_CDN_PACKAGE = lazy_re.compile(
    r"(?:cdn\.jsdelivr\.net/(?:npm|combine/npm)/|unpkg\.com/|esm\.sh/|cdn\.skypack\.dev/|esm\.run/|ga\.jspm\.io/npm:|"
    r"cdnjs\.cloudflare\.com/ajax/libs/)(?P<name>(?:@[\w.-]+/)?[\w.-]+)",
    re.IGNORECASE,
)


def component_services(ruleset: Ruleset, name: str, text: str) -> list[tuple[Service, str | None]]:
    """(service, package it must come from) that a component of this name loads in a file of this text."""
    found = [
        (service, package) for service, package in ruleset.components.get(name, ()) if not package or package in text
    ]
    imported = found and re.search(
        rf"\bimport\b[^;'\"]{{0,2000}}\b{re.escape(name)}\b[^;'\"]{{0,2000}}\bfrom\s*['\"](?P<module>[^'\"]+)", text
    )
    return [] if imported and _ICONS.search(imported["module"]) else found


def _package_on_cdn(url: str) -> str | None:
    match = _CDN_PACKAGE.search(url)
    return match["name"] if match else None


_WORDS = lazy_re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_TRACKING = lazy_re.compile(r"track(?:ing|er)|analytics|tag_?manager|pixel|metrics|telemetry|statistics", re.IGNORECASE)
_COMMON_WORDS = frozenset("cdn web the pro new campaign site app".split())


@lru_cache(maxsize=4)
def _common_words(ruleset: Ruleset) -> frozenset[str]:
    """Words that name no one service: of everyday speech, and companies with several services."""
    heads = Counter(slug.split("-")[0] for slug in ruleset.services)
    return _COMMON_WORDS | {head for head, count in heads.items() if count > 1}


def service_by_name(ruleset: Ruleset, expression: str) -> Service | None:
    """The service that an expression is named after: `site.params.umami.url`, `adobeTrackingUrl`; None when none."""
    words = [word.lower() for word in _WORDS.findall(expression)]
    present = set(words) | {first + second for first, second in itertools.pairwise(words)}
    common = _common_words(ruleset)
    best: tuple[int, Service] | None = None
    for service in ruleset.services.values():
        if service.slug.startswith("cdn:"):
            continue
        parts = service.slug.split("-")
        matched = sum(part in present for part in parts)
        if matched == len(parts) and not (len(parts) == 1 and (parts[0] in common or len(parts[0]) < 4)):
            score = 2 * matched
        elif "".join(parts) in present:
            score = 2 * len(parts)
        elif (
            parts[0] in present
            and len(parts) > 1
            and _TRACKING.search(expression)
            and service.category in ("analytics", "marketing")
        ):
            score = 1
        else:
            continue
        if (
            best is None
            or score > best[0]
            or (score == best[0] and _first(words, parts) < _first(words, best[1].slug.split("-")))
        ):
            best = (score, service)
    return best[1] if best else None


def _first(words: list[str], parts: list[str]) -> int:
    return min((words.index(part) for part in parts if part in words), default=len(words))


def speaks_of_tracking(expression: str) -> bool:
    return _TRACKING.search(expression) is not None
