"""Reads `rulesets/` (the format is in docs/rulesets.md) and answers questions about it.

`load` gives a `Ruleset`: services and consent managers as plain values, and indexes for the detectors, each built on
its first use. What we ship is checked by the tests, not at every start; an organisation's own folder is always checked,
and one `RulesetError` then names every problem of it.
"""

from __future__ import annotations

import contextlib
import copy
import gc
import hashlib
import json
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

import tomli

from tracklint import __version__, lazy_re
from tracklint.model import CATEGORIES, TECHNIQUES, Category

KINDS: tuple[str, ...] = (
    "analytics",
    "tag-manager",
    "advertising",
    "session-replay",
    "monitoring",
    "survey",
    "chat",
    "video",
    "map",
    "social",
    "font",
    "comments",
    "ab-testing",
    "captcha",
    "payment",
    "email-tracking",
    "cdn",
    "widget",
    "consent",
)
ECOSYSTEMS: tuple[str, ...] = ("npm", "pypi", "rubygems", "composer", "nuget")
TAG_MANAGERS: tuple[str, ...] = ("gtm", "launch", "matomo", "tealium")
ManagerType = Literal["cmp", "signal", "vendor-native"]
BeforeChoice = Literal["deny", "allow", "unknown"]
Proves = Literal["consent", "answer"]
HoldEffect = Literal["silent", "cookieless"]


class RulesetError(Exception):
    """Rules that cannot be used. One line for each problem: file, line if known, what is wrong, what is allowed."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


# --------------------------------------------------------------------------------------------------- call patterns


@dataclass(frozen=True)
class AnyValue:
    """`*`: any one argument."""


@dataclass(frozen=True)
class Rest:
    """`...`: any number of further arguments."""


class Exact(NamedTuple):
    """A quoted word, in which `*` is any run of characters, or a bare number, `true`, `false`."""

    text: str


class Array(NamedTuple):
    items: tuple[Pattern, ...]


class Object(NamedTuple):
    """`{}` or `{key: pattern, …}`: an object that has at least these keys."""

    entries: tuple[tuple[str, Pattern], ...] = ()


Pattern: TypeAlias = AnyValue | Rest | Exact | Array | Object

_PATTERN_TOKEN = lazy_re.compile(
    r"\s*(?:(?P<rest>\.\.\.)|(?P<any>\*)|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\"|(?P<number>-?\d+(?:\.\d+)?)"
    r"|(?P<word>[A-Za-z_$][\w$]*)|(?P<mark>[\[\]{}(),:]))"
)
_CALLEE = lazy_re.compile(r"\s*(?P<new>new\s+)?(?P<callee>[A-Za-z_$][\w$]*(?:\.(?:[A-Za-z_$][\w$]*|\*))*)\s*\(")
_METHOD = lazy_re.compile(r"[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)+(?<!\.html)")
_GLOBAL_OBJECT = lazy_re.compile(r"^(?:window|self|globalThis|top)\.")
_MAX_PATTERN_DEPTH = 8


class _PatternReader:
    def __init__(self, text: str, position: int) -> None:
        self.text = text
        self.position = position

    def token(self) -> tuple[str, str]:
        found = _PATTERN_TOKEN.match(self.text, self.position)
        if found is None or found.lastgroup is None:
            rest = self.text[self.position :].strip()
            raise ValueError(f"cannot read {rest!r}" if rest else "it ends too soon")
        self.position = found.end()
        kind, value = found.lastgroup, found.group(found.lastgroup)
        return (value, value) if kind == "mark" else (kind, value)

    def peek(self) -> str:
        position = self.position
        kind, _ = self.token()
        self.position = position
        return kind

    def values(self, closing: str, depth: int) -> tuple[Pattern, ...]:
        values: list[Pattern] = []
        if self.peek() == closing:
            self.token()
            return ()
        while True:
            values.append(self.value(depth))
            if isinstance(values[-1], Rest) and self.peek() != closing:
                raise ValueError("`...` must come last")
            kind, value = self.token()
            if kind == closing:
                return tuple(values)
            if kind != ",":
                raise ValueError(f"expected `,` or `{closing}`, not {value!r}")

    def value(self, depth: int) -> Pattern:
        if depth > _MAX_PATTERN_DEPTH:
            raise ValueError(f"nested deeper than {_MAX_PATTERN_DEPTH}")
        kind, text = self.token()
        if kind == "any":
            return AnyValue()
        if kind == "rest":
            return Rest()
        if kind in ("single", "double", "number") or text in ("true", "false"):
            return Exact(text)
        if kind == "[":
            return Array(self.values("]", depth + 1))
        if kind == "{":
            return Object(self.entries(depth + 1))
        raise ValueError(f"{text!r} is no argument: write '…', *, ..., […], {{…}}, a number, true or false")

    def entries(self, depth: int) -> tuple[tuple[str, Pattern], ...]:
        entries: list[tuple[str, Pattern]] = []
        while True:
            kind, key = self.token()
            if kind == "}":
                return tuple(entries)
            if kind == "rest" and self.peek() == "}":
                continue
            if kind not in ("single", "double", "word"):
                raise ValueError(f"{key!r} is no key of an object")
            kind, mark = self.token()
            if kind != ":":
                raise ValueError(f"expected `:` after {key!r}, not {mark!r}")
            entries.append((key, self.value(depth)))
            if self.peek() == ",":
                self.token()


class CallPattern(NamedTuple):
    """A call that starts a service, such as `_paq.push(['setTrackerUrl', *])`. `window.` is implied."""

    service: str
    callee: str
    arguments: tuple[Pattern, ...]
    weak: bool = False  # counts only beside another sign of the service in the same file
    new: bool = False
    manager: bool = False  # a consent manager's own queue (`Push`); service is then "cmp:<slug>"

    @classmethod
    def parse(cls, text: str, service: str = "", *, weak: bool = False, manager: bool = False) -> CallPattern:
        """Reads one pattern; raises ValueError with one sentence if it is malformed."""
        head = _CALLEE.match(text)
        if head is None:
            raise ValueError("expected `name(…)`, `object.name(…)` or `new Name(…)`")
        reader = _PatternReader(text, head.end())
        arguments = reader.values(")", 0)
        if text[reader.position :].strip():
            raise ValueError(f"unexpected {text[reader.position :].strip()!r} after the closing bracket")
        callee = _GLOBAL_OBJECT.sub("", head["callee"])
        return cls(service, callee, arguments, weak=weak, new=head["new"] is not None, manager=manager)

    @property
    def head(self) -> str:
        return self.callee.partition(".")[0]

    @property
    def last(self) -> str:
        return self.callee.rpartition(".")[2]

    def names(self, path: str, package: str = "", *, of_service: bool = False) -> bool:
        """Whether a call by this path may be meant; `package`: of which all but its first name is, `of_service`: the service's own."""
        if self.callee.startswith("*."):
            return path.endswith(self.callee[1:])
        if path == self.callee:
            return True
        rest = self.callee.partition(".")[2]
        return bool(package and rest) and rest == path.partition(".")[2] and (of_service or package == self.head)

    def matches_arguments(self, arguments: Sequence[object]) -> bool:
        """True if the arguments are known to be these. A str is a literal, None unknown, a list an array, a dict an
        object; numbers and booleans may be given as themselves. An unknown value satisfies `*` and `...` only."""
        return _matches_all(self.arguments, arguments)


def _matches_all(patterns: Sequence[Pattern], values: Sequence[object]) -> bool:
    if patterns and isinstance(patterns[-1], Rest):
        patterns = patterns[:-1]
        if len(values) < len(patterns):
            return False
    elif len(values) != len(patterns):
        return False
    return all(_matches(pattern, value) for pattern, value in zip(patterns, values, strict=False))


def _matches(pattern: Pattern, value: object) -> bool:
    if isinstance(pattern, AnyValue | Rest):
        return True
    if isinstance(pattern, Exact):
        if isinstance(value, bool):
            return pattern.text == str(value).lower()
        if isinstance(value, int | float):
            return pattern.text == f"{value:g}"
        return isinstance(value, str) and glob_matches(pattern.text, value)
    if isinstance(pattern, Array):
        return isinstance(value, list | tuple) and _matches_all(pattern.items, value)
    return isinstance(value, dict) and all(
        key in value and _matches(entry, value[key]) for key, entry in pattern.entries
    )


def glob_matches(glob: str, text: str) -> bool:
    """Whether all of `text` is matched, where `*` is any run of characters, also none. Linear, unlike a regex."""
    head, *pieces = glob.split("*")
    if not pieces:
        return glob == text
    tail = pieces.pop()
    if not text.startswith(head) or not text.endswith(tail) or len(text) < len(head) + len(tail):
        return False
    position, end = len(head), len(text) - len(tail)
    for piece in pieces:
        found = text.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True


# ---------------------------------------------------------------------------------------------------------- values
# A service, a key of a configuration and a manager is each itself and equal to nothing else (eq=False): they are keys.

_NONE: Mapping[str, Any] = MappingProxyType({})


class Match(NamedTuple):
    hosts: tuple[str, ...] = ()
    first_host: str = ""  # that a browser asks first, where it is not the first of `hosts`
    schemes: tuple[str, ...] = ()  # of addresses that its own library takes to `first_host`
    urls: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    weak_calls: tuple[str, ...] = ()
    elements: tuple[str, ...] = ()
    facades: Mapping[str, str] = _NONE  # selector of an element that waits for a click -> host of the picture it shows
    facade_packages: Mapping[str, str] = _NONE  # npm package that makes such elements -> that host
    attributes: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    shortcodes: tuple[str, ...] = ()
    template_calls: tuple[str, ...] = ()
    embed_helpers: tuple[str, ...] = ()  # helpers that show what an address names, whoever serves it
    link_embedders: tuple[str, ...] = ()  # packages with which a link alone on its line becomes an embed
    bundle_markers: tuple[str, ...] = ()
    event_calls: tuple[str, ...] = ()  # calls that send their arguments to the service
    calls_back: tuple[str, ...] = ()  # functions of the page that its script calls once it is there
    starts: tuple[str, ...] = ()  # "name from package": what of a package starts it, which does nothing until then
    quiet_with: tuple[str, ...] = ()  # globs of npm packages or parts: beside one in a file, its imports contact nobody
    mask_attributes: tuple[str, ...] = ()  # selectors of elements that a session recorder leaves out
    unmask_attributes: tuple[str, ...] = ()  # selectors of fields that it records where it leaves out all others
    mask_settings: tuple[str, ...] = ()  # settings, "key: value", with which it leaves out every input
    cookieless: tuple[str, ...] = ()  # what an address, or the code around it, holds that asks it to set no cookie
    ids: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()  # ids that nothing else looks like
    accounts_unless: tuple[str, ...] = ()  # keys beside one that make it a setting of something else
    packages: Mapping[str, tuple[str, ...]] = _NONE
    tag_types: Mapping[str, tuple[str, ...]] = _NONE  # tag manager -> its types of tags


@dataclass(frozen=True, eq=False)
class ConfigKey:
    """A key of a site's configuration that switches a service on."""

    tool: str
    files: tuple[str, ...]
    key: str
    when: str | None = None
    components: tuple[str, ...] = ()  # which load what the key chooses, "Name from package"

    @cached_property
    def pattern(self) -> re.Pattern[str] | None:
        return re.compile(self.when) if self.when is not None else None

    def matches_path(self, path: str) -> bool:
        """Whether the last parts of a POSIX path match one of the file globs."""
        return _matches_path(self.files, path)


def _matches_path(globs: Sequence[str], path: str) -> bool:
    parts = path.split("/")
    for glob in globs:
        wanted = glob.split("/")
        if len(wanted) <= len(parts) and all(
            glob_matches(one, part) for one, part in zip(wanted, parts[-len(wanted) :], strict=True)
        ):
            return True
    return False


class Cookie(NamedTuple):
    name: str  # `*` at the end is a prefix
    lifetime: str = ""
    purpose: str = ""


class Example(NamedTuple):
    """Source that must (example) or must not (counterexample) be found; a manager's states the verdict."""

    source: str
    path: str = "page.html"
    technique: str | None = None
    ids: tuple[str, ...] = ()
    why: str = ""
    state: str | None = None
    mechanism: str | None = None
    category: Category | None = None


class _Examples(NamedTuple):
    good: tuple[Example, ...]
    bad: tuple[Example, ...]


@dataclass(frozen=True, eq=False)
class Service:
    slug: str
    name: str
    company: str | None
    country: str | None
    category: Category | None  # None only in the long tail
    kind: str
    summary: str = ""
    privacy_url: str | None = None
    self_hosted: bool = False  # usually on a host of the site's own
    match: Match = field(default_factory=Match)
    config: tuple[ConfigKey, ...] = ()
    cookies: tuple[Cookie, ...] = ()
    file: Path | None = None

    @cached_property
    def first_host(self) -> str | None:
        """The host that a browser would contact first, as far as the rule tells it."""
        if self.self_hosted:
            return None
        if self.match.first_host or self.match.hosts:
            return self.match.first_host or self.match.hosts[0]
        heads = (pattern.split("/")[0] for pattern in self.match.urls)
        return next((head for head in heads if "*" not in head and "." in head), None)

    @cached_property
    def id_patterns(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(pattern) for pattern in self.match.ids)

    @cached_property
    def _examples(self) -> _Examples:
        return _read_examples(self.file)

    @property
    def examples(self) -> tuple[Example, ...]:
        """Read from the file when asked for: only tests and `explain` need them."""
        return self._examples.good

    @property
    def counterexamples(self) -> tuple[Example, ...]:
        return self._examples.bad


class Markup(NamedTuple):
    """An element that the browser leaves alone until the manager rewrites it."""

    selector: str
    category_attribute: str | None = None
    categories: Mapping[str, Category] = _NONE
    open: tuple[str, ...] = ()  # values of that attribute with which the manager runs it at once
    source_attributes: tuple[str, ...] = ()  # where the real URL waits; first the usual one
    lookalike: str | None = None
    broken: str = ""


class Rewrite(NamedTuple):
    """How `--fix` writes a gate of the manager: a `[[fix]]` table."""

    elements: tuple[str, ...]
    set: Mapping[str, str]  # attribute -> value; "{value}" is the manager's word for the category
    rename: Mapping[str, str] = _NONE
    own_type: str | None = None  # the attribute that keeps the script's own type
    values: Mapping[str, Sequence[str]] = _NONE  # category -> words, first the usual one
    free: bool = False  # the site chooses the words: one that its configuration of the manager holds is right


class Api(NamedTuple):
    expression: str
    category: Category | None = None


class Callback(NamedTuple):
    name: str
    within: tuple[str, ...] = ()  # `in` in the file
    category_from: str | None = None
    category: Category | None = None
    proves: Proves = "consent"
    choice: int = 0  # which parameter holds what was chosen, from 1; 0: none
    unless: tuple[str, ...] = ()  # sibling settings, "key: value", with which it runs before any choice
    job: str | None = None  # sibling key that holds the name under which it is pushed; unpushed it never runs


class Event(NamedTuple):
    name: str
    category: Category | None = None
    proves: Proves = "answer"
    choice: str | None = None  # the event's property that holds what was chosen


class Push(NamedTuple):
    """A queue or job list that the manager runs after consent."""

    call: str
    services: Mapping[str, str] = _NONE
    unless: tuple[str, ...] = ()  # settings with which the queue runs before any choice
    open: tuple[str, ...] = ()  # arguments that run at once …
    open_unless: tuple[str, ...] = ()  # … but for these settings
    open_with: Mapping[str, str] = _NONE  # argument -> setting with which it runs at once …
    open_with_unless: tuple[str, ...] = ()  # … but for these
    ids_from: Mapping[str, str] = _NONE  # argument -> assignment that holds the id
    host_from: Mapping[str, str] = _NONE  # argument -> assignment that holds the address
    pattern: CallPattern | None = None


class Hold(NamedTuple):
    """What makes loaded trackers wait, or go without cookies. Their script is still fetched."""

    call: str | None = None
    assignment: str | None = None  # a global that is set to true: "ga-disable-G-*"
    services: tuple[str, ...] = ()
    effect: HoldEffect = "silent"
    denied: Mapping[str, str] = _NONE  # key of the call's object -> category
    value: str = "denied"  # what such a key must be
    late_after: tuple[str, ...] = ()  # calls that must not come before it
    release: tuple[str, ...] = ()  # calls that end it, so they are consent only where a choice leads to them
    pattern: CallPattern | None = None


class Setting(NamedTuple):
    """A key of a site's configuration that puts what other keys switch on behind consent."""

    tool: str
    files: tuple[str, ...]
    key: str
    holds: tuple[str, ...]  # those keys, with all below them
    unless: tuple[str, ...] = ()

    def matches_path(self, path: str) -> bool:
        return _matches_path(self.files, path)


@dataclass(frozen=True, eq=False)
class Manager:
    slug: str
    name: str
    type: ManagerType
    company: str | None = None
    hosts: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    globals: tuple[str, ...] = ()
    cookies: tuple[str, ...] = ()
    answered: tuple[str, ...] = ()
    before_choice: BeforeChoice = "unknown"
    auto_blocking: tuple[str, ...] = ()
    permissive: tuple[str, ...] = ()  # settings, "key: value", with which it agrees before any choice
    requires: tuple[str, ...] = ()  # settings without which its word is no consent
    markup: tuple[Markup, ...] = ()
    api: tuple[Api, ...] = ()
    callbacks: tuple[Callback, ...] = ()
    events: tuple[Event, ...] = ()
    pushes: tuple[Push, ...] = ()
    holds: tuple[Hold, ...] = ()
    settings: tuple[Setting, ...] = ()
    fixes: tuple[Rewrite, ...] = ()
    file: Path | None = None

    @cached_property
    def service(self) -> Service:
        """The load of the manager's own script, as a service."""
        match = Match(hosts=self.hosts, urls=self.urls, packages={"npm": self.packages} if self.packages else {})
        cookies = tuple(Cookie(name, purpose="Remembers what the visitor has agreed to.") for name in self.cookies)
        slug = f"cmp:{self.slug}"
        return Service(slug, self.name, self.company, None, "essential", "consent", match=match, cookies=cookies)

    @cached_property
    def _examples(self) -> _Examples:
        return _read_examples(self.file)

    @property
    def examples(self) -> tuple[Example, ...]:
        return self._examples.good

    @property
    def counterexamples(self) -> tuple[Example, ...]:
        return self._examples.bad


# --------------------------------------------------------------------------------------------------------- ruleset

_UNKNOWN = lazy_re.compile("[\ue000\u2026]+")
_NO_HOST_SCHEME = lazy_re.compile(
    r"(?:data|blob|javascript|mailto|tel|sms|about|file|chrome-extension):", re.IGNORECASE
)
_AUTHORITY = lazy_re.compile(r"[^/?#]*//")


class _Url(NamedTuple):
    host: str  # lower case, without port; unknown parts are "."; "" for a path
    path: str  # with the leading "/", the query and unknown parts as "…"
    whole: str  # both, unknown parts as "…", for globs that begin with `*`


def _split_url(url: str) -> _Url | None:
    url = re.sub(r"[\t\r\n]", "", url.strip())
    if "\\" in url:
        url = url.replace("\\/", "/").replace("\\", "/")
    if _NO_HOST_SCHEME.match(url):
        return None
    url = _UNKNOWN.sub("\u2026", url.partition("#")[0])
    if url.startswith("/") and not url.startswith("//"):
        return _Url("", url, url)
    scheme = _AUTHORITY.match(url)
    if scheme is not None:
        url = url[scheme.end() :]
    end = re.search(r"[/?]", url)
    authority, rest = (url[: end.start()], url[end.start() :]) if end else (url, "")
    authority = authority.rpartition("@")[2].partition(":")[0]
    host = authority.lower().replace("\u2026", ".").strip(".")
    return _Url(host, rest if rest.startswith("/") else "/" + rest, (authority.lower() if scheme else authority) + rest)


class _UrlGlobs:
    """Finds the longest of many `host/path` globs that matches a URL."""

    def __init__(self, globs: Iterable[tuple[str, Service]]) -> None:
        self.by_host: dict[str, list[tuple[str, str, Service]]] = {}  # host -> (glob, glob of the path, service)
        self.anywhere: list[tuple[str, str, Service]] = []  # (longest literal, glob, service)
        for glob, service in globs:
            host, slash, path = glob.partition("/")
            if "*" in host:
                literal = max(glob.removeprefix("*/").split("*"), key=len)
                self.anywhere.append((literal, glob, service))
            else:
                self.by_host.setdefault(host.lower(), []).append((glob, slash + path or "/*", service))
        for entries in self.by_host.values():
            entries.sort(key=lambda entry: -len(entry[0]))
        self.anywhere.sort(key=lambda entry: -len(entry[1]))

    def find(self, url: _Url) -> Service | None:
        best: tuple[int, Service | None] = (0, None)
        for glob, path, service in self.by_host.get(url.host, ()):
            if _matches_url(path, url.path):
                best = (len(glob), service)
                break
        # A script beside the page has no slash, and after an unknown part a path may begin: u + 'matomo.js'.
        path, asked, query = url.whole.partition("?")
        rooted = "/" + path.replace("\u2026", "/") + asked + query
        for literal, glob, service in self.anywhere:
            if len(glob) <= best[0]:
                break
            if literal in rooted and _matches_url(glob, rooted if glob.startswith("*/") else url.whole):
                return service
        return best[1]


def _matches_url(glob: str, text: str) -> bool:
    """A glob that says nothing of a query matches with any query."""
    if glob_matches(glob, text):
        return True
    return "?" not in glob and "?" in text and glob_matches(glob, text.partition("?")[0])


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9.:]+", "-", name.strip().lower()).strip("-")


def _host_suffixes(host: str) -> Iterator[str]:
    while host:
        yield host
        host = host.partition(".")[2]


class Ruleset:
    """All rules. Read-only; every index is built when it is first asked for."""

    def __init__(
        self,
        version: str,
        services: Mapping[str, Service],
        managers: Mapping[str, Manager],
        long_tail: Sequence[str] = (),  # lines of hosts.tsv, later ones win
    ) -> None:
        self.version = version
        self.services = services
        self.managers = managers
        self._long_tail_lines = long_tail
        self._long_tail_services: dict[str, Service] = {}
        self._urls: dict[str, Service | None] = {}
        self.relays: Sequence[tuple[str, Service]] = ()

    def relaying(self, relays: Sequence[tuple[str, Service]]) -> Ruleset:
        """These rules on a site that passes requests on: globs of its own paths, each with the service behind it."""
        ordered = sorted(relays, key=lambda relay: -len(relay[0]))
        if ordered == list(self.relays):
            return self
        other = copy.copy(self)
        other.relays = ordered
        other._urls = {}
        return other

    @cached_property
    def all_services(self) -> Mapping[str, Service]:
        """The services and, as `cmp:<slug>`, the consent managers."""
        return {**self.services, **{one.service.slug: one.service for one in self.managers.values()}}

    @cached_property
    def slugs(self) -> frozenset[str]:
        """Every service that a detection can be of."""
        return frozenset(self.all_services) | {_slug(line.split("\t")[1]) for line in self._long_tail.values()}

    # -- URLs

    def service_for_url(self, url: str) -> Service | None:
        """The service that a URL belongs to: `https://Host/path?q`, `//host/x`, `host/path` or a path alone.

        U+E000 and "…" stand for parts that are not known. None if nobody claims it, or if it has no host at all.
        """
        if url not in self._urls:
            if len(self._urls) > 50_000:
                self._urls.clear()
            self._urls[url] = self._find_url(url)
        return self._urls[url]

    def in_full(self, url: str) -> str:
        """A URL as the browser asks for it: of `mapbox://styles/…` a service's own library makes `https://api.mapbox.com/…`."""
        scheme, separator, rest = url.partition("://")
        host = self._schemes.get(scheme) if separator else None
        return f"https://{host}/{rest}" if host is not None else url

    @cached_property
    def _schemes(self) -> Mapping[str, str]:
        return {scheme: host for service, scheme in self._listed("schemes") if (host := service.first_host) is not None}

    def service_for_host(self, host: str) -> Service | None:
        return self.service_for_url(f"//{host}/")

    def _find_url(self, text: str) -> Service | None:
        url = _split_url(text)
        if url is None:
            return None
        found = self._globs.find(url) or _by_suffix(self._hosts, url.host) or self.relayed(url.path, url.host)
        found = found or self._by_query(url.path)
        if found is not None:
            return found
        for host in _host_suffixes(url.host):
            line = self._long_tail.get(host)
            if line is not None:
                return self._long_tail_service(line)
        return None

    def relayed(self, path: str, host: str = "") -> Service | None:
        """The service to which the site passes on a request for one of its paths."""
        if host or not path.startswith("/"):
            return None
        return next((service for glob, service in self.relays if _matches_url(glob, path)), None)

    def _by_query(self, path: str) -> Service | None:
        """The service that alone is asked with such parameters, whatever host it is behind."""
        query = path.partition("?")[2]
        if "&" not in query:
            return None
        given = [pair for pair in re.split(r"&(?:amp;)?", query[:4000]) if pair]
        return next(
            (service for shape, service in self._queries
             if all(any(glob_matches(part, pair) for pair in given) for part in shape)),
            None,
        )  # fmt: skip

    @cached_property
    def _queries(self) -> Sequence[tuple[Sequence[str], Service]]:
        return [(text.split("&"), service) for service, text in self._listed("queries")]

    def _loads(self) -> Iterator[Service]:
        """Managers' own scripts and services; of two equal signs the later, a service's, wins."""
        yield from (manager.service for manager in self.managers.values())
        yield from self.services.values()

    @cached_property
    def _globs(self) -> _UrlGlobs:
        return _UrlGlobs({glob: service for service in self._loads() for glob in service.match.urls}.items())

    @cached_property
    def _hosts(self) -> dict[str, Service]:
        return {host.lower(): service for service in self._loads() for host in service.match.hosts}

    @cached_property
    def _long_tail(self) -> dict[str, str]:
        return {
            line[: line.index("\t")].lower(): line
            for line in self._long_tail_lines
            if "\t" in line and not line.startswith(("#", "host\t"))
        }

    def _long_tail_service(self, line: str) -> Service:
        if line not in self._long_tail_services:
            _, slug, company, category, kind = ([part.strip() for part in line.split("\t")] + [""] * 4)[:5]
            self._long_tail_services[line] = self.services.get(slug) or Service(
                slug=_slug(slug),
                name=slug,
                company=company or None,
                country=None,
                category=_category(category),
                kind=kind or "widget",
            )
        return self._long_tail_services[line]

    # -- scripts

    def calls(self, callee_last: str) -> Sequence[CallPattern]:
        """The patterns whose callee ends with this name: `init` for `posthog.init(…)`."""
        return self._calls.get(callee_last, ())

    @cached_property
    def _calls(self) -> dict[str, list[CallPattern]]:
        index: dict[str, list[CallPattern]] = {}
        for pattern in self._patterns():
            index.setdefault(pattern.last, []).append(pattern)
        return index

    @cached_property
    def event_calls(self) -> Mapping[str, Sequence[CallPattern]]:
        """Last name of the callee -> the calls that send their arguments to a service."""
        index: dict[str, list[CallPattern]] = {}
        for slug, service in self.services.items():
            for text in service.match.event_calls:
                pattern = CallPattern.parse(text, slug)
                index.setdefault(pattern.last, []).append(pattern)
        return index

    @cached_property
    def calls_back(self) -> Mapping[str, Sequence[Service]]:
        """Function of a page -> the services whose scripts call it."""
        index: dict[str, list[Service]] = {}
        for service in self.services.values():
            for name in service.match.calls_back:
                index.setdefault(name, []).append(service)
        return index

    def _patterns(self) -> Iterator[CallPattern]:
        for slug, service in self.services.items():
            for text in service.match.calls:
                yield CallPattern.parse(text, slug)
            for text in service.match.weak_calls:
                yield CallPattern.parse(text, slug, weak=True)
        for manager in self.managers.values():
            for push in manager.pushes:
                if push.pattern is not None:
                    yield push.pattern

    def is_meant(self, pattern: CallPattern, paths: Iterable[str], package: str) -> bool:
        """Whether a call by one of these paths, of a package of npm or "", is that of a pattern; what it is given is not looked at."""
        own = self.package("npm", package) if package else None
        return any(
            pattern.names(path, package, of_service=own is not None and own.slug == pattern.service) for path in paths
        )

    def package(self, ecosystem: str, name: str) -> Service | None:
        """The service whose package this is; sub-paths of npm packages belong to the package."""
        known = self.packages.get(ecosystem, {})
        if ecosystem == "npm":
            name = name.removeprefix("npm:")
            while name:
                if name in known:
                    return known[name]
                name = name.rpartition("/")[0]
            return None
        return known.get(_package_name(ecosystem, name))

    def facade_host(self, name: str) -> str | None:
        """The host of the picture that what an npm package makes shows until a click; None if it does not wait for one."""
        service = self.package("npm", name)
        while service is not None and name:
            if name in service.match.facade_packages:
                return service.match.facade_packages[name]
            name = name.rpartition("/")[0]
        return None

    def starts(self, name: str) -> frozenset[str]:
        """The exports of an npm package that start it; empty where its import may do so by itself."""
        while name:
            if name in self._starts:
                return self._starts[name]
            name = name.rpartition("/")[0]
        return frozenset()

    @cached_property
    def _starts(self) -> Mapping[str, frozenset[str]]:
        index: dict[str, frozenset[str]] = {}
        for _, text in self._listed("starts"):
            export, _, package = text.partition(" from ")
            index[package] = index.get(package, frozenset()) | {export}
        return index

    @cached_property
    def packages(self) -> Mapping[str, Mapping[str, Service]]:
        """Ecosystem -> package name -> service. Names of pypi are normalised, of composer and nuget lower-case."""
        index: dict[str, dict[str, Service]] = {ecosystem: {} for ecosystem in ECOSYSTEMS}
        for service in self._loads():
            for ecosystem, names in service.match.packages.items():
                for name in names:
                    index[ecosystem][_package_name(ecosystem, name)] = service
        return index

    @cached_property
    def components(self) -> Mapping[str, Sequence[tuple[Service, str | None]]]:
        """Component name -> (service, prefix of the package that it must come from)."""
        index: dict[str, list[tuple[Service, str | None]]] = {}
        for service in self.services.values():
            for text in service.match.components:
                name, _, package = text.partition(" from ")
                index.setdefault(name.strip(), []).append((service, package.strip() or None))
        return index

    @cached_property
    def chosen_components(self) -> Mapping[str, Sequence[tuple[str, Service, ConfigKey]]]:
        """Package -> (its component, the service that this shows where the key is set)."""
        index: dict[str, list[tuple[str, Service, ConfigKey]]] = {}
        for service, key in self.config_keys:
            for text in key.components:
                name, _, package = text.partition(" from ")
                index.setdefault(package.strip(), []).append((name.strip(), service, key))
        return index

    @cached_property
    def bundle_markers(self) -> Sequence[tuple[Service, str]]:
        return self._listed("bundle_markers")

    # -- markup and templates

    @cached_property
    def elements(self) -> Sequence[tuple[Service, str, str | None]]:
        """(service, selector, the host that the element asks at once)."""
        return [
            *((service, selector, service.first_host) for service, selector in self._listed("elements")),
            *(
                (service, selector, host)
                for service in self.services.values()
                for selector, host in service.match.facades.items()
            ),
        ]

    @cached_property
    def attributes(self) -> Sequence[tuple[Service, str]]:
        return self._listed("attributes")

    @cached_property
    def shortcodes(self) -> Mapping[str, Service]:
        return {name: service for service, name in self._listed("shortcodes")}

    @cached_property
    def template_calls(self) -> Mapping[str, Service]:
        return {name: service for service, name in self._listed("template_calls")}

    @cached_property
    def code_calls(self) -> Mapping[str, Service]:
        """The same as code names them: with dots, also between a class and its method."""
        return {name.replace("::", "."): service for name, service in self.template_calls.items()}

    @cached_property
    def embed_helpers(self) -> Mapping[str, tuple[Service, str]]:
        """Helper -> (the service that stands for any embed, what the file must hold for the name to mean this helper)."""
        parts = [(service, *text.partition(" from ")) for service, text in self._listed("embed_helpers")]
        return {name: (service, library) for service, name, _, library in parts}

    @cached_property
    def link_embedders(self) -> Mapping[str, str]:
        """Package -> the slug of the one service whose links it embeds, "" for any."""
        parts = (name.partition(" for ") for _, name in self._listed("link_embedders"))
        return {name: slug for name, _, slug in parts}

    @cached_property
    def accounts(self) -> Sequence[tuple[Service, re.Pattern[str]]]:
        return [(service, re.compile(text)) for service, text in self._listed("accounts")]

    @cached_property
    def config_keys(self) -> Sequence[tuple[Service, ConfigKey]]:
        return [(service, key) for service in self.services.values() for key in service.config]

    def _listed(self, matcher: str) -> list[tuple[Service, str]]:
        return [(service, text) for service in self.services.values() for text in getattr(service.match, matcher)]

    @cached_property
    def printing_calls(self) -> Mapping[str, Sequence[tuple[CallPattern, Service]]]:
        """Last name of the callee -> the helpers that scripts, too, can call for the markup of a load: methods, no templates.

        Only those of an object whose name tells the service, whatever the script calls it.
        """
        index: dict[str, list[tuple[CallPattern, Service]]] = {}
        for service, name in self._listed("template_calls"):
            if _METHOD.fullmatch(name) is not None and name.index(".") >= _TELLING:
                pattern = CallPattern(service.slug, name, (Rest(),))
                index.setdefault(pattern.last, []).append((pattern, service))
        return index

    # -- prefilter

    def keywords(self) -> Sequence[str]:
        """Lower-case literals, at least one of which stands in every file that has a load named by a service's rule.

        Left out, because other signs decide there: weak calls (they need another sign anyway), configuration keys
        (their files are chosen by name), the long tail of hosts (its loads have `//`).
        """
        return self._keywords

    @cached_property
    def _keywords(self) -> tuple[str, ...]:
        words: set[str] = set()
        for service in self._loads():
            match = service.match
            words.update(host.lower().removeprefix("www.") for host in match.hosts)
            words.update(_glob_keyword(glob) for glob in match.urls)
            words.update(_query_keyword(query) for query in match.queries)
            for selector in (*match.elements, *match.facades, *match.attributes):
                words.update(_selector_keywords(selector))
            for text in match.components:
                name, _, package = text.partition(" from ")
                words.update(_package_keywords(package.strip()) if package else (f"<{name}", f"<{_kebab(name)}"))
            for name in match.shortcodes:
                words.update(start + name for start in ("{{< ", "{{<", "{{% ", "{% ", "{%- ", "["))
            words.update(name.rpartition("/")[2] for name in match.template_calls)
            words.update(name.partition(" from ")[2] or name for name in match.embed_helpers)
            words.update(match.bundle_markers)
            for name in (name for names in match.packages.values() for name in names):
                if name.startswith(_PLUGINS):
                    words.add(name.replace(_PLUGINS, _SAME_PLUGINS))
                words.update(_package_keywords(name))
        words.update(pattern.head for calls in self.printing_calls.values() for pattern, _ in calls)
        for pattern in self._patterns():
            if not pattern.weak:
                words.update(_call_keywords(pattern))
        return tuple(sorted({word.lower() for word in words if word}))


def _package_keywords(name: str) -> Iterable[str]:
    return (name,) if len(name) > 5 else (quote + name for quote in "'\"`")


def _query_keyword(query: str) -> str:
    """Of the parameters that a query must have the longest name."""
    return max((part.partition("=")[0] for part in query.split("&")), key=len) + "="


def _by_suffix(hosts: Mapping[str, Service], host: str) -> Service | None:
    for suffix in _host_suffixes(host):
        if suffix in hosts:
            return hosts[suffix]
    return None


def _category(text: str) -> Category | None:
    return text if text in CATEGORIES else None


# Two registries of the same plugins of WordPress.
_PLUGINS = "wpackagist-plugin/"
_SAME_PLUGINS = "wp-plugin/"


def _package_name(ecosystem: str, name: str) -> str:
    if ecosystem == "pypi":
        return re.sub(r"[-_.]+", "-", name).lower()
    if ecosystem == "composer" and name.startswith(_SAME_PLUGINS):
        name = _PLUGINS + name.removeprefix(_SAME_PLUGINS)
    return name.lower() if ecosystem in ("composer", "nuget") else name


def _kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()


# Words too common to tell a file by.
_PLAIN = frozenset(
    {
        "script",
        "iframe",
        "img",
        "div",
        "link",
        "amp-ad",
        "type",
        "src",
        "href",
        "class",
        "id",
        "name",
        "rel",
        "data",
        "async",
        "google",
        "window",
        "document",
        "microsoft",
        "visitor",
        "service",
        "element",
        "initialize",
        "configure",
        "getinstance",
        "createinstance",
        "pageview",
        "buttons",
        "conversion",
        "createclient",
        "createbrowserclient",
        "initsession",
    }
)
_TELLING = 7  # letters of a word that stands in few texts by chance


def _glob_keyword(glob: str) -> str:
    host, _, path = glob.partition("/")
    if "*" not in host:
        return host.removeprefix("www.")
    # The query may be built elsewhere, and a relative URL has no leading slash.
    pieces = [piece.strip("./") for part in (host, path.partition("?")[0]) for piece in part.split("*")]
    return max(pieces, key=len)


def _selector_keywords(selector: str) -> Iterator[str]:
    for one in selector.split(","):
        names = re.findall(r"[A-Za-z_][\w-]{2,}", re.sub(r":not\([^)]*\)", "", one))
        told = [name for name in names if name.lower() not in _PLAIN]
        if names:
            yield max(told or names, key=len)


def _call_keywords(pattern: CallPattern) -> Iterable[str]:
    pieces = [name for name in pattern.callee.split(".") if name != "*"]
    pair = (".".join(pieces[-2:]), "?.".join(pieces[-2:])) if len(pieces) > 1 else ()
    if len(pieces[0]) >= 5 and pieces[0].lower() not in _PLAIN:
        # a short word stands within others, as "line" does in "baseline"
        return pair if pair and len(pieces[0]) < _TELLING else (pieces[0],)
    literals = [piece for text in _exact_texts(pattern.arguments) for piece in text.split("*")]
    longest = max((word for word in (*pieces, *literals) if word.lower() not in _PLAIN), key=len, default="")
    if len(longest) >= _TELLING:
        return (longest,)
    return pair or (pieces[-1] + "(",)


def _exact_texts(patterns: Iterable[Pattern]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, Exact):
            yield pattern.text
        elif isinstance(pattern, Array):
            yield from _exact_texts(pattern.items)
        elif isinstance(pattern, Object):
            yield from (key for key, _ in pattern.entries)
            yield from _exact_texts(value for _, value in pattern.entries)


# --------------------------------------------------------------------------------------------------------- loading


def builtin_folder() -> Path:
    """The rules that are shipped: package data of a wheel, or the folder of a checkout."""
    here = Path(__file__).resolve().parent
    for folder in (here / "rulesets", here.parents[1] / "rulesets"):
        if folder.is_dir():
            return folder
    raise RulesetError([f"{here / 'rulesets'}: the rules are missing; install tracklint again"])


def _of_libraries(name: str) -> dict[str, Any]:
    return tomli.loads((builtin_folder() / "libraries" / f"{name}.toml").read_text("utf-8"))


class Lightboxes(NamedTuple):
    marks: tuple[str, ...]  # in the attributes of a link
    functions: tuple[str, ...]  # to which a script hands links


@lru_cache(maxsize=1)
def lightboxes() -> Lightboxes:
    """The libraries that show within the page what a link leads to, of `rulesets/libraries/lightboxes.toml`."""
    listed = _of_libraries("lightboxes")
    return Lightboxes(tuple(listed["marks"]), tuple(listed["functions"]))


class Dialogs(NamedTuple):
    shown_by: Mapping[str, str]  # "Component from package" -> the property that says whether it is open
    keeps: tuple[str, ...]  # properties with which its content is there while it is closed


@lru_cache(maxsize=1)
def dialogs() -> Dialogs:
    """The components that show what stands in them only while they are open, of `rulesets/libraries/dialogs.toml`."""
    listed = _of_libraries("dialogs")
    return Dialogs(listed["shown_by"], tuple(listed["keeps"]))


class Pictures(NamedTuple):
    by_server: tuple[str, ...]  # "Component from package"
    by_build: tuple[str, ...]
    as_it_is: tuple[str, ...]  # properties with which browsers fetch the address themselves


@lru_cache(maxsize=1)
def pictures() -> Pictures:
    """The components whose pictures the site itself fetches, of `rulesets/libraries/pictures.toml`."""
    listed = _of_libraries("pictures")
    return Pictures(tuple(listed["by_server"]), tuple(listed["by_build"]), tuple(listed["as_it_is"]))


@lru_cache(maxsize=1)
def desks() -> tuple[str, ...]:
    """The commands that run a desk for a site's editors, of `rulesets/libraries/desks.toml`."""
    listed = _of_libraries("desks")
    return tuple(listed["commands"])


class Servers(NamedTuple):
    needed: re.Pattern[str]  # a package that no browser has
    imports: re.Pattern[str]  # an import, in the text of a script, that tells a server's


@lru_cache(maxsize=1)
def servers() -> Servers:
    """The packages that run on a server, of `rulesets/libraries/servers.toml`."""
    listed = _of_libraries("servers")

    def any_of(*kinds: str) -> str:
        return "|".join(re.escape(name).replace(r"\*", r"[\w./-]+") for kind in kinds for name in listed[kind])

    imported = rf"""(?:require\(\s*|from\s+|import\s+)['"](?:{any_of("only", "mostly")})['"]"""
    return Servers(re.compile(any_of("only", "left_out")), re.compile(imported))


def load(extra: Sequence[Path] = (), folder: Path | None = None, *, validate: bool = False) -> Ruleset:
    """Reads the shipped rules (or `folder`), then each extra folder, whose services replace those of the same slug.

    An extra folder is laid out like ours, or holds service files directly; it is always checked. Ours are checked if
    `validate` is true, and then each file must have an example and a counterexample. Raises RulesetError.
    """
    collecting = gc.isenabled()
    gc.disable()  # nothing here is garbage, and looking for it takes a fifth of the time
    try:
        return _load(extra, folder, validate)
    finally:
        if collecting:
            gc.enable()


def _load(extra: Sequence[Path], folder: Path | None, validate: bool) -> Ruleset:
    builtin = folder if folder is not None else builtin_folder()
    kept = _Kept.of(builtin) if folder is None and not extra and not validate else None
    known = kept.read() if kept is not None else None
    if known is not None:
        return known
    digest = hashlib.sha256()
    parsed: list[tuple[str, str, Mapping[str, Any]]] = []
    services: dict[str, Service] = {}
    managers: dict[str, Manager] = {}
    lines: list[str] = []
    problems: list[str] = []
    for root in (builtin, *extra):
        own = root is not builtin
        found: dict[tuple[str, str], Path] = {}
        owners: dict[str, str] = {}
        try:
            files = list(_rule_files(root))
        except OSError as error:
            problems.append(f"{root}: cannot be read: {error.strerror or error}")
            continue
        if own and not files and not (root / "hosts.tsv").is_file():
            problems.append(f"{root}: holds no rules (expected services/*.toml, consent/*.toml, *.toml or hosts.tsv)")
        for kind, path in files:
            try:
                data = path.read_bytes()
                text = data.decode("utf-8")
                check = validate or own
                tables = tomli.loads(text) if check else _parse_head(text)
            except OSError as error:
                problems.append(f"{path}: cannot be read: {error.strerror or error}")
                continue
            except UnicodeDecodeError:
                problems.append(f"{path}: is not UTF-8")
                continue
            except tomli.TOMLDecodeError as error:
                problems.append(f"{path}: is not valid TOML: {error}")
                continue
            digest.update(path.name.encode() + b"\0" + data)
            kind = kind or ("manager" if "manager" in tables else "service")
            if not check:
                try:
                    _add(kind, tables, path, services, managers)
                    parsed.append((kind, str(path), tables))
                    continue
                except (TypeError, ValueError, AttributeError, KeyError):
                    tables = tomli.loads(text)
            here = _Checker(path, text, kind).check(tables, examples=not own)
            problems += here
            if here:
                continue
            slug = tables[kind]["slug"]
            if (kind, slug) in found:
                problems.append(f"{path}: {kind} {slug!r} is already in {found[kind, slug]}")
                continue
            found[kind, slug] = path
            if kind == "service":
                for host in tables.get("match", {}).get("hosts", ()):
                    if owners.setdefault(host, slug) != slug:
                        problems.append(
                            f"{path}: host {host!r} also belongs to {owners[host]!r}; tell them apart by `urls`"
                        )
            _add(kind, tables, path, services, managers)
        table = root / "hosts.tsv"
        if table.is_file():
            try:
                data = table.read_bytes()
                rows = data.decode("utf-8").splitlines()
            except (OSError, UnicodeDecodeError) as error:
                problems.append(f"{table}: cannot be read: {error}")
                continue
            digest.update(b"hosts.tsv\0" + data)
            lines += rows
            if validate or own:
                problems += _check_hosts(table, rows)
    if problems:
        raise RulesetError(problems)
    version = digest.hexdigest()[:12]
    if kept is not None and len(parsed) == len(services) + len(managers):
        kept.write(version, parsed, lines)
    return Ruleset(version, services, managers, lines)


class _Kept(NamedTuple):
    """The shipped rules as parsed before, in the user's cache folder: TOML takes most of the time of a short run."""

    file: Path  # one for each folder of rules: two installations do not drive out each other's
    stamp: str

    @classmethod
    def of(cls, folder: Path) -> _Kept | None:
        """None where there is no place for it, or TRACKLINT_NO_CACHE says not to."""
        if os.environ.get("TRACKLINT_NO_CACHE"):
            return None
        states = [__version__]
        try:
            for place in (folder, folder / "services", folder / "consent"):
                with os.scandir(place) as entries:
                    for entry in sorted(entries, key=lambda entry: entry.name):
                        state = entry.stat()
                        states.append(f"{entry.name} {state.st_size} {state.st_mtime_ns}")
            home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        except (OSError, RuntimeError):  # an odd rules folder, or a user without a home
            return None
        name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
        return cls(home / "tracklint" / f"rules-{name}.json", "\n".join(states))

    def read(self) -> Ruleset | None:
        """None if there is nothing yet, or it is spoilt or of other rules: they are then read anew."""
        try:
            stamp, version, parsed, lines = json.loads(self.file.read_bytes())
            if stamp != self.stamp:
                return None
            services: dict[str, Service] = {}
            managers: dict[str, Manager] = {}
            for kind, path, tables in parsed:
                _add(kind, tables, Path(path), services, managers)
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None
        return Ruleset(version, services, managers, lines)

    def write(self, version: str, parsed: Sequence[tuple[str, str, Mapping[str, Any]]], lines: Sequence[str]) -> None:
        # A read-only or full home only costs the time that this would have saved.
        with contextlib.suppress(OSError):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            for other in self.file.parent.glob("rules-*"):  # of installations that are gone, or cut short
                if time.time() - other.stat().st_mtime > _KEPT_FOR:
                    other.unlink(missing_ok=True)
            new = self.file.with_suffix(f".{os.getpid()}")
            new.write_text(json.dumps((self.stamp, version, parsed, lines)), "utf-8")
            os.replace(new, self.file)


_KEPT_FOR = 30 * 24 * 3600  # seconds


def _rule_files(root: Path) -> Iterator[tuple[str, Path]]:
    """(kind or "" if the content tells, path), in a fixed order. Raises OSError if the folder cannot be listed."""
    if root.is_file():
        yield "", root
        return
    names = sorted(os.listdir(root))
    yield from (("", root / name) for name in names if name.endswith(".toml"))
    for folder, kind in (("services", "service"), ("consent", "manager")):
        if folder in names:
            yield from (
                (kind, root / folder / name) for name in sorted(os.listdir(root / folder)) if name.endswith(".toml")
            )


_EXAMPLES = lazy_re.compile(r"^\[\[(?:counter)?example\]\]", re.MULTILINE)
_OTHER_TABLE = lazy_re.compile(r"^\[\[?(?!example|counterexample)[a-z][\w.]*\]", re.MULTILINE)


def _parse_head(text: str) -> dict[str, Any]:
    """Parses a file without the examples at its end, which are a third of it and which only tests read."""
    start = _EXAMPLES.search(text)
    if start is not None and not _OTHER_TABLE.search(text, start.end()):
        try:
            return tomli.loads(text[: start.start()])
        except tomli.TOMLDecodeError:  # the match stood inside a string, or the file is broken: the next line tells
            pass
    return tomli.loads(text)


def _read_examples(file: Path | None) -> _Examples:
    if file is None:
        return _Examples((), ())
    tables = tomli.loads(file.read_text(encoding="utf-8"))
    return _Examples(
        tuple(_example(table) for table in tables.get("example", ())),
        tuple(_example(table) for table in tables.get("counterexample", ())),
    )


def _example(table: Mapping[str, Any]) -> Example:
    return Example(**{**table, "ids": tuple(table.get("ids", ()))})


def _add(
    kind: str, tables: Mapping[str, Any], path: Path, services: dict[str, Service], managers: dict[str, Manager]
) -> None:
    if kind == "service":
        service = _service(tables, path)
        services[service.slug] = service
    else:
        manager = _manager(tables, path)
        managers[manager.slug] = manager


_MATCH_TABLES = ("packages", "tag_types")


def _service(rules: Mapping[str, Any], path: Path) -> Service:
    head = rules["service"]
    match = rules.get("match", {})
    tables: dict[str, Any] = {
        name: {key: tuple(items) for key, items in match.get(name, {}).items()} for name in _MATCH_TABLES
    }
    plain: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in match.items()
        if key not in _MATCH_TABLES
    }
    return Service(
        slug=head["slug"],
        name=head["name"],
        company=head.get("company"),
        country=head.get("country"),
        category=head["category"],
        kind=head["kind"],
        summary=head.get("summary", ""),
        privacy_url=head.get("privacy_url"),
        self_hosted=head.get("self_hosted", False),
        match=Match(**plain, **tables),
        config=tuple(
            ConfigKey(
                key.get("tool", ""), tuple(key["files"]), key["key"], key.get("when"), tuple(key.get("components", ()))
            )
            for key in rules.get("config", ())
        ),
        cookies=tuple(Cookie(**cookie) for cookie in rules.get("cookie", ())),
        file=path,
    )


def _manager(tables: Mapping[str, Any], path: Path) -> Manager:
    head = _frozen(tables["manager"])
    slug = head["slug"]
    return Manager(
        **head,
        markup=tuple(Markup(**_frozen(table)) for table in tables.get("markup", ())),
        api=tuple(Api(**_frozen(table)) for table in tables.get("api", ())),
        callbacks=tuple(Callback(**_frozen(table)) for table in tables.get("callback", ())),
        events=tuple(Event(**_frozen(table)) for table in tables.get("event", ())),
        pushes=tuple(
            Push(**_frozen(table), pattern=CallPattern.parse(table["call"], f"cmp:{slug}", manager=True))
            for table in tables.get("push", ())
        ),
        holds=tuple(
            Hold(
                **_frozen(table),
                pattern=CallPattern.parse(table["call"], f"cmp:{slug}", manager=True) if "call" in table else None,
            )
            for table in tables.get("hold", ())
        ),
        settings=tuple(Setting(**{"tool": "", **_frozen(table)}) for table in tables.get("setting", ())),
        fixes=tuple(Rewrite(**_frozen(table)) for table in tables.get("fix", ())),
        file=path,
    )


def _frozen(table: Mapping[str, Any]) -> dict[str, Any]:
    """Lists become tuples, `in` becomes `within`, and an optional key left empty is as good as absent."""
    return {
        "within" if key == "in" else key: tuple(value) if isinstance(value, list) else value
        for key, value in table.items()
        if value != ""
    }


# ------------------------------------------------------------------------------------------------------ validation


class _Field(NamedTuple):
    kind: str  # text, number, boolean, list, map (of texts), lists (by allowed names)
    required: bool = False
    allowed: tuple[str, ...] = ()
    check: str = ""  # slug, country, https, host, glob, call, selector, regex, component, push


_TEXT = _Field("text")
_LIST = _Field("list")
_CATEGORY = _Field("text", allowed=CATEGORIES)
_SELECTOR = _Field("text", check="selector")
_STATES = ("gated", "ungated", "unknown", "not-required")
_PROVES = _Field("text", allowed=("consent", "answer"))
_HOSTS = _Field("list", check="host")
_GLOBS = _Field("list", check="glob")
_SELECTORS = _Field("list", check="selector")
_SETTINGS = _Field("list", check="setting")
_CALLS = _Field("list", check="call")

_SERVICE_SCHEMA: dict[str, dict[str, _Field]] = {
    "service": {
        "slug": _Field("text", True, check="slug"),
        "name": _Field("text", True),
        "company": _TEXT,
        "country": _Field("text", check="country"),
        "category": _Field("text", True, CATEGORIES),
        "kind": _Field("text", True, KINDS),
        "summary": _TEXT,
        "privacy_url": _Field("text", check="https"),
        "self_hosted": _Field("boolean"),
    },
    "match": {
        "hosts": _HOSTS,
        "first_host": _TEXT,
        "schemes": _LIST,
        "urls": _GLOBS,
        "queries": _Field("list", check="query"),
        "calls": _CALLS,
        "weak_calls": _CALLS,
        "elements": _SELECTORS,
        "facades": _Field("map"),
        "facade_packages": _Field("map"),
        "attributes": _SELECTORS,
        "components": _Field("list", check="component"),
        "shortcodes": _LIST,
        "template_calls": _LIST,
        "embed_helpers": _Field("list", check="component"),
        "link_embedders": _LIST,
        "bundle_markers": _LIST,
        "event_calls": _CALLS,
        "calls_back": _LIST,
        "starts": _Field("list", check="component"),
        "quiet_with": _LIST,
        "mask_attributes": _SELECTORS,
        "unmask_attributes": _SELECTORS,
        "mask_settings": _SETTINGS,
        "cookieless": _Field("list", check="regex"),
        "ids": _Field("list", check="regex"),
        "accounts": _Field("list", check="regex"),
        "accounts_unless": _LIST,
        "packages": _Field("lists", allowed=ECOSYSTEMS),
        "tag_types": _Field("lists", allowed=TAG_MANAGERS),
    },
    "config[]": {
        "tool": _TEXT,
        "files": _Field("list", True),
        "key": _Field("text", True),
        "when": _Field("text", check="regex"),
        "components": _Field("list", check="component"),
    },
    "cookie[]": {"name": _Field("text", True), "lifetime": _TEXT, "purpose": _TEXT},
    "example[]": {
        "path": _TEXT,
        "source": _Field("text", True),
        "technique": _Field("text", allowed=TECHNIQUES),
        "ids": _LIST,
        "why": _TEXT,
    },
    "counterexample[]": {"path": _TEXT, "source": _Field("text", True), "why": _Field("text", True)},
}
_MANAGER_EXAMPLE: dict[str, _Field] = {
    "path": _TEXT,
    "source": _Field("text", True),
    "state": _Field("text", True, _STATES),
    "mechanism": _TEXT,
    "category": _CATEGORY,
    "why": _TEXT,
}
_MANAGER_SCHEMA: dict[str, dict[str, _Field]] = {
    "manager": {
        "slug": _Field("text", True, check="slug"),
        "name": _Field("text", True),
        "type": _Field("text", True, ("cmp", "signal", "vendor-native")),
        "company": _TEXT,
        "hosts": _HOSTS,
        "urls": _GLOBS,
        "packages": _LIST,
        "globals": _LIST,
        "cookies": _LIST,
        "answered": _LIST,
        "before_choice": _Field("text", allowed=("deny", "allow", "unknown")),
        "auto_blocking": _SELECTORS,
        "permissive": _SETTINGS,
        "requires": _SETTINGS,
    },
    "markup[]": {
        "selector": _Field("text", True, check="selector"),
        "category_attribute": _TEXT,
        "categories": _Field("map", allowed=CATEGORIES),
        "open": _LIST,
        "source_attributes": _LIST,
        "lookalike": _SELECTOR,
        "broken": _TEXT,
    },
    "api[]": {"expression": _Field("text", True, check="expression"), "category": _CATEGORY},
    "callback[]": {
        "name": _Field("text", True),
        "in": _LIST,
        "category_from": _TEXT,
        "category": _CATEGORY,
        "proves": _PROVES,
        "choice": _Field("number"),
        "unless": _SETTINGS,
        "job": _TEXT,
    },
    "event[]": {"name": _Field("text", True), "category": _CATEGORY, "proves": _PROVES, "choice": _TEXT},
    "push[]": {
        "call": _Field("text", True, check="call"),
        "services": _Field("map"),
        "unless": _SETTINGS,
        "open": _LIST,
        "open_unless": _SETTINGS,
        "open_with": _Field("map"),
        "open_with_unless": _SETTINGS,
        "ids_from": _Field("map"),
        "host_from": _Field("map"),
    },
    "hold[]": {
        "call": _Field("text", check="call"),
        "assignment": _TEXT,
        "services": _LIST,
        "effect": _Field("text", True, ("silent", "cookieless")),
        "denied": _Field("map", allowed=CATEGORIES),
        "value": _TEXT,
        "late_after": _CALLS,
        "release": _CALLS,
    },
    "setting[]": {
        "tool": _TEXT,
        "files": _Field("list", True),
        "key": _Field("text", True),
        "holds": _Field("list", True),
        "unless": _SETTINGS,
    },
    "fix[]": {
        "elements": _Field("list", True),
        "set": _Field("map", True),
        "rename": _Field("map"),
        "own_type": _TEXT,
        "values": _Field("lists", allowed=CATEGORIES),
        "free": _Field("boolean"),
    },
    "example[]": _MANAGER_EXAMPLE,
    "counterexample[]": {**_MANAGER_EXAMPLE, "why": _Field("text", True)},
}

_SLUG = lazy_re.compile(r"(?:cdn:)?[a-z0-9]+(?:[.-][a-z0-9]+)*")
_EXPRESSION = lazy_re.compile(r"(?:[\w$]+|\*)(?:\.[\w$*]+|\((?:'[^']*')?\))*")
_HOST = lazy_re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)+[a-z0-9-]{2,}")


class _Checker:
    """Checks one parsed file and collects every problem as one line."""

    def __init__(self, path: Path, text: str, kind: str) -> None:
        self.path = path
        self.text = text
        self.kind = kind
        self.schema = _SERVICE_SCHEMA if kind == "service" else _MANAGER_SCHEMA
        self.problems: list[str] = []

    def check(self, tables: Mapping[str, Any], *, examples: bool) -> list[str]:
        allowed = [name.removesuffix("[]") for name in self.schema]
        for name, value in tables.items():
            if name in self.schema:
                self.table(name, 0, value)
            elif f"{name}[]" in self.schema:
                if not isinstance(value, list):
                    self.add(f"`{name}` must be written as [[{name}]]", name)
                    continue
                for index, table in enumerate(value):
                    self.table(f"{name}[]", index, table)
            else:
                self.add(f"unknown table {name!r}; {_nearest(name, allowed)}", name)
        if self.kind not in tables:
            self.add(f"the table [{self.kind}] is missing")
        if examples:
            for name in ("example", "counterexample"):
                if not tables.get(name):
                    self.add(f"has no [[{name}]]; each file needs at least one")
        return self.problems

    def table(self, name: str, index: int, table: Any) -> None:
        shown = name.removesuffix("[]")
        if not isinstance(table, dict):
            self.add(f"`{shown}` must be a table", shown)
            return
        schema = self.schema[name]
        for key, value in table.items():
            if key in schema:
                self.value(shown, index, key, value, schema[key])
            else:
                self.add(f"unknown key {key!r} in [{shown}]; {_nearest(key, list(schema))}", shown, index, key)
        for key, rule in schema.items():
            if rule.required and key not in table:
                self.add(f"[{shown}] needs `{key}`", shown, index)
        if shown == "hold" and ("call" in table) == ("assignment" in table):
            self.add("[hold] needs either `call` or `assignment`", shown, index)

    def value(self, table: str, index: int, key: str, value: Any, rule: _Field) -> None:
        def add(what: str) -> None:
            self.add(f"`{key}` {what}", table, index, key)

        if rule.kind == "text":
            if not isinstance(value, str):
                add(f"must be a string, not {_type_name(value)}")
            elif rule.required and not value.strip():
                add("must not be empty")
            elif rule.allowed and value not in rule.allowed and (value or rule.required):
                add(f"is {value!r}; {_nearest(value, rule.allowed)}")
            elif value and rule.check:
                self.syntax(value, rule.check, add)
        elif rule.kind == "list":
            if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                add("must be a list of strings")
                return
            for item in value:
                if not item:
                    add("holds an empty string")
                elif rule.check:
                    self.syntax(item, rule.check, add)
        elif rule.kind == "number":
            if not isinstance(value, int) or isinstance(value, bool) or value < 0:
                add(f"must be a whole number, not {_type_name(value)}")
        elif rule.kind == "boolean":
            if not isinstance(value, bool):
                add(f"must be true or false, not {_type_name(value)}")
        elif not isinstance(value, dict):
            add(f"must be a table, not {_type_name(value)}")
        else:
            for name, item in value.items():
                if rule.kind == "lists":
                    if name not in rule.allowed:
                        what = {"packages": "ecosystem", "values": "category"}.get(key, "tag manager")
                        add(f"has the unknown {what} {name!r}; {_nearest(name, rule.allowed)}")
                    elif not isinstance(item, list) or not all(isinstance(one, str) and one for one in item):
                        add(f".{name} must be a list of strings")
                elif not isinstance(item, str):
                    add(f"must map to strings; {name!r} maps to {_type_name(item)}")
                elif rule.allowed and item not in rule.allowed:
                    add(f"maps {name!r} to {item!r}; {_nearest(item, rule.allowed)}")

    def syntax(self, text: str, check: str, add: Any) -> None:
        if check == "slug":
            if not _SLUG.fullmatch(text):
                add(f"is {text!r}; a slug has lower-case letters, digits and single hyphens")
            elif text.replace(":", "-") != self.path.stem:
                add(f"is {text!r} but the file is named {self.path.name!r}; they must be equal (`:` is `-` there)")
        elif check == "country":
            if not re.fullmatch("[A-Z]{2}", text):
                add(f"is {text!r}; expected an ISO 3166 code of two capital letters")
        elif check == "https":
            if not text.startswith(("https://", "http://")):
                add(f"is {text!r}; expected a URL")
        elif check == "host":
            if not _HOST.fullmatch(text):
                add(f"holds {text!r}; a host is lower-case, without scheme, path, port or `*`")
        elif check == "glob":
            if "/" not in text or "://" in text or text.startswith("/") or text == "*/*":
                add(f"holds {text!r}; expected `host/path` or `*/path` without a scheme")
        elif check == "query":
            if not re.fullmatch(r"[\w.-]+=[^&\s]+(?:&[\w.-]+=[^&\s]+)+", text):
                add(f"holds {text!r}; expected two parameters or more, `name=value&name=*`")
        elif check == "component":
            if not re.fullmatch(r"[A-Za-z_][\w.-]*(?: from \S+)?", text):
                add(f"holds {text!r}; expected `Name` or `Name from package`")
        elif check == "call":
            try:
                CallPattern.parse(text)
            except ValueError as error:
                add(f"holds {text!r}: {error}")
        elif check == "expression":
            if not _EXPRESSION.fullmatch(text):
                add(f"is {text!r}; expected a path such as `a.b.*`, `a.b().c` or `a.has('x')`")
        elif check == "setting":
            if not re.fullmatch(r"[\w.$-]+: \S.*", text):
                add(f"holds {text!r}; expected `key: value`")
        elif check == "regex":
            try:
                re.compile(text)
            except re.error as error:
                add(f"holds {text!r}, which is no regular expression: {error}")
        elif check == "selector":
            import cssselect  # only here: loading shipped rules must stay fast

            try:
                cssselect.parse(text)
            except (cssselect.SelectorError, ValueError) as error:
                add(f"holds {text!r}, which is no CSS selector: {error}")

    def add(self, what: str, table: str = "", index: int = 0, key: str = "") -> None:
        line = self.line(table, index, key) if table else None
        self.problems.append(f"{self.path}:{line}: {what}" if line else f"{self.path}: {what}")

    def line(self, table: str, index: int, key: str) -> int | None:
        """Where a key stands; good enough for a message, since TOML readers keep no positions."""
        headers = list(re.finditer(rf"^[ \t]*\[\[?{re.escape(table)}\]", self.text, re.MULTILINE))
        if index >= len(headers):
            return None
        offset = headers[index].start()
        if key:
            found = re.compile(
                rf"^[ \t]*(?:\[[ \t]*{re.escape(table)}\.)?[\"']?{re.escape(key)}[\"']?[ \t]*[=.\]]", re.MULTILINE
            ).search(self.text, offset)
            offset = found.start() if found else offset
        return self.text.count("\n", 0, offset) + 1


def _nearest(text: str, allowed: Sequence[str]) -> str:
    import difflib  # only for messages

    near = difflib.get_close_matches(text, allowed, n=1)
    listed = ", ".join(sorted(allowed))
    return f"did you mean {near[0]!r}? allowed: {listed}" if near else f"allowed: {listed}"


def _type_name(value: object) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "a table", str: "a string"}
    return names.get(type(value), "a date")


def _check_hosts(path: Path, rows: Sequence[str]) -> Iterator[str]:
    for number, row in enumerate(rows, 1):
        if not row.strip() or row.startswith(("#", "host\t")):
            continue
        cells = row.split("\t")
        if len(cells) != 5:
            yield f"{path}:{number}: has {len(cells)} columns; expected host, name, company, category, kind by tabs"
            continue
        host, name, _, category, kind = (cell.strip() for cell in cells)
        if not _HOST.fullmatch(host):
            yield f"{path}:{number}: {host!r} is no lower-case host name"
        if not name:
            yield f"{path}:{number}: the name is empty"
        if category and category not in CATEGORIES:
            yield f"{path}:{number}: category {category!r}; {_nearest(category, CATEGORIES)}"
        if kind and kind not in KINDS:
            yield f"{path}:{number}: kind {kind!r}; {_nearest(kind, KINDS)}"
