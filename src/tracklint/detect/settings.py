"""Loads that no source fetches: keys of a site's configuration, dependencies, tags inside a tag manager's export.

1. Configuration. Which keys of which files switch a service on stands in the rulesets. A file's values are flattened to
   entries, each with its path of keys; a key counts unless it is empty, a placeholder, or switched off: by a sibling
   `enabled: false`, or because a `provider` names another.
2. Dependencies of package.json, composer.json, Gemfile, requirements, pyproject.toml, Pipfile and .NET projects.
3. Exports of tag managers: `detect/tags.py`.
4. `Link` headers that a host is told to send, and rules by which it passes requests on: `detect/relays.py`.

`values` and `resolve` answer what a template's expression stands for, out of the same files.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from tracklint import data, lazy_re
from tracklint.consent.words import words
from tracklint.data import Value
from tracklint.detect import markup, relays, tags
from tracklint.detect.load import FixedPlace, LibraryPlace, Load, find_ids, is_placeholder, name_url
from tracklint.detect.script import is_test_code
from tracklint.markup import parse_fragment
from tracklint.model import Consent, SourceFile, Span, Technique
from tracklint.ruleset import ConfigKey, Manager, Ruleset, Service, Setting
from tracklint.source import Tree, is_environment

_PRINTED = Consent(
    "ungated", why="the site generator prints the tag on every page; nothing in the configuration asks for consent"
)
_SHOWN = Consent(
    "ungated", why="a page shows the player of each video put into it; nothing in the configuration asks for consent"
)
_ASKED = Consent("ungated", why="it stands in the forms that it guards; nothing in the configuration asks for consent")
HANDED_ON = Consent("unknown", "config", why="a setting is only a value; the place that uses it decides")
_DEPENDENCY = Consent("unknown", "dependency", why="a dependency loads nothing by itself; its use decides")
_HEADER = Consent("ungated", why="the server sends this header with every page")

_MAX_DEPTH = 60
_MAX_ENTRIES = 100_000
_MAX_CONFIGURATION = 500_000  # characters: what is longer is data that happens to be called config.json


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def loads(file: SourceFile, ruleset: Ruleset) -> Iterator[Load]:
    """Every load that a data file, a dependency list or a configuration written as script brings with it."""
    path = file.path
    name = path.rpartition("/")[2]
    yield from tags.loads(file, ruleset)
    if name in _DEPENDENCY_LISTS or name.endswith(_PROJECT_FILES) or _REQUIREMENTS.fullmatch(name):
        yield from _dependencies(file, name, ruleset)
    if name in ("_headers", "netlify.toml", "vercel.json", "staticwebapp.config.json"):
        yield from _headers(file, name, ruleset)
    yield from relays.loads(file, ruleset)
    if name.endswith(".libraries.yml"):
        yield from _library_assets(file, ruleset)
    if _NOT_USED.search(path) or is_test_code(path):
        return
    if file.dialect == "typoscript":
        yield from _typoscript(file, ruleset)
    if file.dialect == "json" and '"layers"' in file.text and '"sources"' in file.text:
        yield from _map_style(file, ruleset)
    keys = _index(ruleset).of(path)
    if keys is not None and len(file.text) <= _MAX_CONFIGURATION:
        yield from _Configuration(file, ruleset, keys).loads()


def _library_assets(file: SourceFile, ruleset: Ruleset) -> Iterator[Load]:
    """Addresses that a library of a theme or module lists as keys below `js` and `css`."""
    for entry in entries(data.read(file)):
        if "//" not in entry.key or entry.parent is None or entry.value.kind == "list":
            continue
        kinds = {step.key for step in entry.chain()}
        service, host = name_url(ruleset, entry.key)
        if not kinds & {"js", "css"} or host is None or (service is None and is_placeholder(host)):
            continue
        theme = file.path.rpartition("/")[2].removesuffix(".libraries.yml")
        place = LibraryPlace(f"{theme}/{entry.chain()[0].key}")
        span = Span(entry.span.start, entry.span.start + len(entry.key))
        technique: Technique = "css" if "css" in kinds else "script-src"
        yield Load(service, technique, span, place, host, entry.key, find_ids(service, entry.key))


_MAP_KEYS = lazy_re.compile(r"sources\.[^.]+\.(?:url|tiles\.\d+)|glyphs|sprite|sprite\.\d+\.url")


def _map_style(file: SourceFile, ruleset: Ruleset) -> Iterator[Load]:
    """Tiles, fonts and signs that the style of a vector map names; whoever shows the map fetches them."""
    roots = data.read(file)
    if not roots or roots[0].value.get("version") is None or len(file.text) > _MAX_CONFIGURATION:
        return
    seen: set[str] = set()
    for entry in entries(roots):
        url = entry.value.text or ""
        way = ".".join(step.names[0] for step in entry.chain())
        if "//" not in url or not _MAP_KEYS.fullmatch(way):
            continue
        service, host = name_url(ruleset, url)
        if host is None or host in seen or (service is None and is_placeholder(host)):
            continue
        seen.add(host)
        span = data.with_quotes(file.text, entry.value.span)
        yield Load(service, "config", span, FixedPlace(HANDED_ON), host, url, find_ids(service, url))


_TYPOSCRIPT = lazy_re.compile(
    r"^[ \t]*(?:(?P<comment>[#/*].*)|(?P<close>\}).*|(?P<key>[\w.\\-]+)[ \t]*"
    r"(?:(?P<open>\{)|=[ \t]*(?P<value>\S[^\r\n]*)|\([ \t]*\r?\n(?P<lines>(?:(?![ \t]*\)).*\n)*)))",
    re.MULTILINE,
)
_INCLUDED = lazy_re.compile(r"\.include(?P<kind>JS|CSS)(?:Libs|Footer|Footerlibs)?\.[\w-]+$", re.IGNORECASE)


def _typoscript(file: SourceFile, ruleset: Ruleset) -> Iterator[Load]:
    """Scripts and style sheets that TYPO3 puts into pages: `page.includeJSFooter.x = https://…`, HTML in values."""
    place = FixedPlace(_PRINTED)
    around: list[str] = []
    for match in _TYPOSCRIPT.finditer(file.text):
        if match["close"]:
            del around[-1:]
        elif match["open"]:
            around.append(match["key"])
        if match["value"] is None and match["lines"] is None:
            continue
        group = "value" if match["value"] is not None else "lines"
        text, span = match[group].strip(), Span(*match.span(group))
        included = _INCLUDED.search(".".join([*around, match["key"]]))
        if included is not None and _ADDRESS.fullmatch(text):
            service, host = name_url(ruleset, text)
            if service is not None or (host is not None and not is_placeholder(host)):
                technique: Technique = "css" if included["kind"].upper() == "CSS" else "script-src"
                yield Load(service, technique, span, place, host, text, find_ids(service, text))
        elif "<" in text and _HTML.search(text):
            yield from markup.fragment_loads(text, span, place, ruleset)


# Samples that somebody has to fill in, and folders of tools that run no site.
_NOT_USED = lazy_re.compile(
    r"(?:^|/)(?:terraform|k8s|kubernetes|helm|charts|ansible|\.github|\.circleci|\.gitlab|\.husky|\.vscode)/"
    r"|(?:^|/)[^/]*\.(?:example|sample|template|dist|tmpl|tpl)(?:\.\w+)?$|(?:^|/)\.env[._-](?:test|ci)$",
    re.IGNORECASE,
)


# -------------------------------------------------------------------------------------------------------------- entries


class Entry:
    """One value of a file with the way to it."""

    __slots__ = ("depth", "key", "names", "optional", "parent", "span", "value")

    def __init__(
        self, key: str, names: tuple[str, ...], optional: bool, value: Value, span: Span, parent: Entry | None
    ) -> None:
        self.key = key  # as written; of a list's item its name, or its number
        self.names = names  # all that a pattern may call it by, in lower case
        self.optional = optional  # a pattern need not mention this step
        self.value = value
        self.span = span
        self.parent = parent
        self.depth: int = parent.depth + 1 if parent is not None else 0

    def chain(self) -> list[Entry]:
        """From the outermost step to this one."""
        found: list[Entry] = []
        entry: Entry | None = self
        while entry is not None:
            if entry.names:
                found.append(entry)
            entry = entry.parent
        return found[::-1]

    @property
    def path(self) -> str:
        return ".".join(entry.key for entry in self.chain() if not (entry.optional and entry.depth == 1))


def entries(roots: Iterable[data.Root]) -> Iterator[Entry]:
    """All values of a file, each before what is in it. Deeper than `_MAX_DEPTH` nobody configures anything."""
    stack: list[Entry] = []
    names: tuple[str, ...]
    for root in reversed(list(roots)):
        names = (root.name.lower(),) if root.name else ()
        stack.append(Entry(root.name, names, True, root.value, root.value.span, None))
    count = 0
    while stack and count < _MAX_ENTRIES:
        entry = stack.pop()
        count += 1
        yield entry
        if entry.depth >= _MAX_DEPTH:
            continue
        value = entry.value
        alone = len(value.members) == 1 and entry.parent is not None and entry.parent.value.kind == "list"
        below = [
            Entry(
                member.key,
                (member.key.lower(),),
                alone and member.value.kind != "scalar",
                member.value,
                Span(member.key_span.start, max(member.key_span.end, member.value.span.end))
                if member.value.kind == "scalar"
                else member.key_span,
                entry,
            )
            for member in value.members
        ]
        pair = len(value.items) > 1 and value.items[0].kind == "scalar" and value.items[1].kind == "map"
        for number, item in enumerate(value.items):
            called = _names_of(item) if not (pair and number == 1) else ()
            names = (str(number), *(name.lower() for name in called))
            span = item.span if item.kind == "scalar" else _start_of(item)
            below.append(Entry(called[0] if called else str(number), names, pair and number == 1, item, span, entry))
        stack += reversed(below)


_NAMING_KEYS = ("resolve", "name", "use", "package", "module", "id", "src")


def _names_of(item: Value) -> tuple[str, ...]:
    """What an item of a list is called: its text, a naming key's value, its first element, its only key."""
    if item.kind == "scalar":
        return (item.text,) if item.text else ()
    if item.kind == "list":
        first = item.items[0].text if item.items and item.items[0].kind == "scalar" else None
        return (first,) if first else ()
    if len(item.members) == 1:
        return (item.members[0].key,)
    return tuple(text for key in _NAMING_KEYS if (text := item.string(key)))


def _start_of(value: Value) -> Span:
    """A place for a mapping or list that has no key: its first scalar."""
    for _ in range(_MAX_DEPTH):
        if value.members:
            member = value.members[0]
            if member.value.kind != "scalar":
                return member.key_span
            return Span(member.key_span.start, max(member.key_span.end, member.value.span.end))
        if not value.items:
            break
        value = value.items[0]
    return value.span


# ------------------------------------------------------------------------------------------------------------- patterns

_TOKEN = lazy_re.compile(r"\[([^\]]*)\]|([^.\[\]]+)")


class _Pattern:
    """The `key` of a rule: `a.b`, `a.*.b`, `**.b`, `plugins[name].options.id`."""

    __slots__ = ("tokens",)

    def __init__(self, key: str) -> None:
        self.tokens = tuple((found[1] or found[2]).strip().lower() for found in _TOKEN.finditer(key))

    @property
    def last(self) -> str | None:
        """The name that the last step must have; None if any will do."""
        return None if not self.tokens or "*" in self.tokens[-1] else self.tokens[-1]

    def matches(self, chain: Sequence[Entry], *, below: bool = False) -> bool:
        """Whether the pattern leads to the end of the chain, or with `below` to some step of it."""
        tokens = self.tokens
        states = self._rest({0})
        for entry in chain:
            reached: set[int] = set(states) if entry.optional else set()
            for state in states:
                if state == len(tokens):
                    continue
                token = tokens[state]
                if token == "**":
                    reached.add(state)
                elif token == "*" or any(_same(token, name) for name in entry.names):
                    reached.add(state + 1)
            states = self._rest(reached)
            if below and len(tokens) in states:
                return True
            if not states:
                return False
        return len(tokens) in states

    def _rest(self, states: set[int]) -> set[int]:
        """With the states that `**` may skip to."""
        for state in sorted(states):
            while state < len(self.tokens) and self.tokens[state] == "**":
                state += 1
                states.add(state)
        return states


def _same(token: str, name: str) -> bool:
    return token == name or ("*" in token and token.endswith("*") and name.startswith(token[:-1]))


@dataclass(frozen=True)
class _Keys:
    """The patterns that apply to one file."""

    by_last: Mapping[str, Sequence[tuple[_Pattern, ConfigKey, Service]]]
    other: Sequence[tuple[_Pattern, ConfigKey, Service]]
    settings: Sequence[tuple[Manager, Setting]]


class _Index:
    """Which rules apply to which file names."""

    def __init__(self, ruleset: Ruleset) -> None:
        self.groups: dict[tuple[str, ...], list[tuple[_Pattern, ConfigKey, Service]]] = {}
        for service, key in ruleset.config_keys:
            self.groups.setdefault(key.files, []).append((_Pattern(key.key), key, service))
        self.settings = [(manager, setting) for manager in ruleset.managers.values() for setting in manager.settings]
        names = {glob.rpartition("/")[2] for files in self.groups for glob in files}
        names |= {glob.rpartition("/")[2] for _, setting in self.settings for glob in setting.files}
        self.exact = frozenset(name for name in names if "*" not in name)
        parts = [".*".join(map(re.escape, name.split("*"))) for name in sorted(names - self.exact)]
        self.globs = re.compile("|".join(f"(?:{part})" for part in parts) or "(?!)")
        self.combined: dict[frozenset[tuple[str, ...]], _Keys] = {}

    def of(self, path: str) -> _Keys | None:
        name = path.rpartition("/")[2]
        if name not in self.exact and not self.globs.fullmatch(name):
            return None
        chosen = frozenset(files for files, keys in self.groups.items() if keys[0][1].matches_path(path))
        settings = [(manager, setting) for manager, setting in self.settings if setting.matches_path(path)]
        if not chosen:
            return None
        if settings or chosen not in self.combined:
            by_last: dict[str, list[tuple[_Pattern, ConfigKey, Service]]] = {}
            other: list[tuple[_Pattern, ConfigKey, Service]] = []
            for files in self.groups:
                for found in self.groups[files] if files in chosen else ():
                    last = found[0].last
                    (other if last is None else by_last.setdefault(last, [])).append(found)
            keys = _Keys(by_last, other, settings)
            if settings:
                return keys
            self.combined[chosen] = keys
        return self.combined[chosen]


@lru_cache(maxsize=4)
def _index(ruleset: Ruleset) -> _Index:
    return _Index(ruleset)


# -------------------------------------------------------------------------------------------------------- what counts

_OFF = frozenset(
    {"", "false", "0", "none", "null", "nil", "undefined", "off", "no", "n/a", "na", "disabled", "disable"}
)
_PLACEHOLDER = lazy_re.compile(
    r"<.*>|\[.*\]|\.{3,}|(?:to-?do|tbd|fix-?me|change[-_ ]?me|replace[-_ ]?me|place-?holder|foo|bar|test|example)"
    r"|(?:[A-Za-z]{1,5}[-_]){0,3}(?:[xX*#?]{3,}|0{4,})(?:[-_][xXyYzZ*#?0-9A-Za-z]{1,12})*"
    r"|(?:[A-Za-z]{1,5}[-_]){1,3}(?:[xX*#?]{1,}|0{3,})(?:[-_][xXyYzZ*#?0]{1,12})*"
    r"|(?:your|insert|enter|replace|add|put|paste|set)(?:[-_ ]\S{1,30}){0,8}"
    r"|\S{0,12}(?:your[-_]?(?:own|account|site|website|tracking|analytics|id|key|domain|code|gtm|ga|short-?name)).{0,40}",
    re.IGNORECASE | re.DOTALL,
)
_SWITCHES = _words(
    """
    enable enabled active activated isenabled is_enabled on visible
    """
)
_UNSWITCHES = frozenset(["disable", "disabled", "isdisabled", "is_disabled", "skip"])
_CHOICES = ("provider", "providers", "use", "service", "engine", "system", "platform", "type")


def is_off(text: str) -> bool:
    """Whether a value says no, or nothing."""
    return text.strip().strip("\"'").lower() in _OFF


def stands_for_nothing(text: str) -> bool:
    """Whether a value is one that somebody has yet to fill in: `UA-XXXXXXX-X`, `<your id>`, `changeme`, `000000`."""
    return _PLACEHOLDER.fullmatch(text.strip()) is not None


def _filled_in(entry: Entry) -> bool:
    """Whether something is set where the options of a package name its accounts: `options: { trackingIds: [""] }`."""
    block = _block(entry)
    if block is None or entry.value.kind != "scalar":
        return True
    named = [(key, text) for key, text in _known_scalars(block) if words(key)[-1:] and words(key)[-1] in _ID_WORDS]
    return not named or any(text is None or not (is_off(text) or stands_for_nothing(text)) for _, text in named)


def _known_scalars(value: Value) -> Iterator[tuple[str, str | None]]:
    """(key, text) of the values below a mapping or list; an item of a list has the key of the list."""
    stack = [("", value)]
    for _ in range(400):
        if not stack:
            return
        key, current = stack.pop()
        if current.kind == "scalar":
            yield key, current.text
        stack += [(key, item) for item in current.items]
        stack += [(member.key, member.value) for member in current.members]


def _truthy(value: Value) -> bool:
    if value.kind == "scalar":
        return value.text is None or not (is_off(value.text) or stands_for_nothing(value.text))
    return bool(value.members or value.items) and not _switched_off(value)


def _switched_off(value: Value) -> bool:
    for member in value.members:
        text = member.value.text
        if text is None or member.value.kind != "scalar":
            continue
        key = member.key.lower()
        if key in _SWITCHES and is_off(text) and text != "":
            return True
        if key in _UNSWITCHES and text == "true":
            return True
    return False


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())


def _not_chosen(holder: Value, key: str) -> bool:
    """Whether a mapping's `provider` names another of its keys, or none at all."""
    wanted = _plain(key)
    for choice in _CHOICES:
        chosen = holder.get(choice)
        if chosen is None or key.lower() == choice:
            continue
        texts = [item.text for item in (chosen.items if chosen.kind == "list" else [chosen])]
        if any(text is None for text in texts):
            return False
        text = _plain(" ".join(text for text in texts if text))
        own = holder.get(key)
        nested = own is not None and own.kind != "scalar"
        if is_off(text):
            return choice in ("provider", "providers", "use") and nested
        if wanted in text or text in wanted:
            return False
        others = (member.key for member in holder.members if member.value.kind != "scalar" and member.key != choice)
        if nested and any(other != key and (_plain(other) in text or text in _plain(other)) for other in others):
            return True
    return False


def _is_active(entry: Entry) -> bool:
    """Whether nothing around an entry switches it off."""
    current = entry
    while current.parent is not None:
        around = current.parent.value
        if around.kind == "map":
            outermost = current.parent.parent is None
            if outermost and around.string("status") == "false":
                return False  # of a whole file: Drupal's entities of configuration
            if not outermost and _switched_off(around):
                return False
            if _not_chosen(around, current.key):
                return False
        current = current.parent
    parts = words(entry.key)
    holder = entry.parent.value if entry.parent is not None else None
    if holder is not None and len(parts) > 1:  # GA_ENABLED=false beside GA_ID=…
        stem = parts[:-1]
        for member in holder.members:
            text = member.value.text
            if text is None or text == "" or not is_off(text):
                continue
            other = words(member.key)
            if other[:-1] == stem and other[-1:] in (("enabled",), ("enable",), ("active",)):
                return False
            if other[1:] == stem and other[:1] in (("enable",), ("use",), ("show",)):
                return False
    return True


# ------------------------------------------------------------------------------------------------------- configuration

# Files of an application's own settings: a template of the same application decides what becomes of them.
_OWN = lazy_re.compile(
    r"(?:^|/)(?:\.env(?:[._-][^/]*)?|environments/[^/]+\.ts|[^/]*\.env|appsettings[^/]*\.json|web\.config|settings[^/]*\.(?:py|ya?ml|json)|settings/[^/]+\.py"
    r"|siteMetadata\.\w+|site[.-]?config\.\w+|config\.(?:[cm]?[jt]s|py|json)|config/index\.[cm]?[jt]s|_data/[^/]*|application[^/]*\.(?:ya?ml|properties))$",
    re.IGNORECASE,
)
_TOOL_FOLDER = lazy_re.compile(r"(?:^|/)\.[\w-]+/[^/]+$")  # .vuepress/config.js is its generator's
_PLUGIN_LISTS = _words(
    """
    plugins modules buildmodules integrations presets themes gems extensions addons markdown_extensions
    """
)
_ID_WORDS = _words(
    """
    id ids key token shortname sitename code uid appid siteid domain property hash account site
    """
)
_ASSET = lazy_re.compile(r"(?:https?:)?//[^\s<>\"'`]{3,500}?\.(?:m?js|css)(?:[?#][^\s<>\"'`]*)?", re.IGNORECASE)
_ADDRESS = lazy_re.compile(r"(?:https?:)?//[^\s<>\"'`]{3,800}", re.IGNORECASE)
_ASSET_LISTS = lazy_re.compile(r"(?:extra_(?:css|javascript)|html_(?:css|js)_files|stylesheets)$")
_SCRIPT_KEY = lazy_re.compile(
    r"(?:script|tracker|js|container|widget|embed)_?-?(?:url|uri|src|path|file)$", re.IGNORECASE
)
_POLICY = lazy_re.compile(
    r"(?:script|style|connect|img|frame|font|default|child|worker|media|object|form|manifest)[-_]?src(?:[-_]?(?:elem|attr))?$"
    r"|csp|content[-_]?security|directives|allow|origins?$|white_?list|permission|exclude|ignore|proxy|rewrites?|redirects?",
    re.IGNORECASE,
)
_HTML = lazy_re.compile(r"<\s*(?:script|iframe|img|link|noscript|object|embed)\b", re.IGNORECASE)
_INLINE_KEYS = frozenset({"innerhtml", "children", "textcontent"})


@dataclass(frozen=True)
class _Found:
    """A load before those of one block are joined."""

    entry: Entry
    load: Load
    switch: bool  # a key of a rule, so that entries beside it belong to it


class _Configuration:
    def __init__(self, file: SourceFile, ruleset: Ruleset, keys: _Keys) -> None:
        self.file = file
        self.ruleset = ruleset
        self.keys = keys
        self.own = _OWN.search(file.path) is not None and not _TOOL_FOLDER.search(file.path)
        self.entries = list(entries(data.read(file)))

    def loads(self) -> Iterator[Load]:
        found: list[_Found] = []
        for entry in self.entries:
            if entry.parent is not None or entry.names:
                found += self.by_rule(entry)
        packaged = {id(item.entry) for item in found}
        for entry in self.entries:
            if entry.parent is None or entry.value.kind != "scalar" or id(entry) in packaged or not entry.value.text:
                continue
            found += self.by_value(entry, entry.value.text)
        for load in _joined(found):
            yield replace(load, span=data.with_quotes(self.file.text, load.span))

    def by_rule(self, entry: Entry) -> Iterator[_Found]:
        value = entry.value
        candidates = [found for name in entry.names for found in self.keys.by_last.get(name, ())]
        candidates += self.keys.other
        text = value.text if value.kind == "scalar" else None
        if not candidates or (text is not None and (is_off(text) or stands_for_nothing(text))):
            return
        chain: list[Entry] | None = None
        seen: set[str] = set()
        for pattern, key, service in candidates:
            if service.slug in seen:
                continue
            if key.pattern is not None:
                if text is None or not key.pattern.search(text):
                    continue
            elif not _truthy(value) or (text is not None and len(text.split()) > 4):
                continue
            chain = entry.chain() if chain is None else chain
            if not pattern.matches(chain) or not _is_active(entry):
                continue
            if (
                key.pattern is not None
                and entry.key.lower() in ("resolve", text.lower() if text else "")
                and not _filled_in(entry)
            ):
                continue
            seen.add(service.slug)
            consent = self.consent(entry, handed_on=self.own and "*" in key.key)
            if consent is _PRINTED:
                consent = {"video": _SHOWN, "captcha": _ASKED}.get(service.kind, consent)
            ids = self.ids(entry, service, named=key.pattern is None)
            load = Load(service, "config", entry.span, FixedPlace(consent), service.first_host, None, ids)
            yield _Found(entry, load, True)

    def by_value(self, entry: Entry, text: str) -> Iterator[_Found]:
        """Packages in lists of plugins, and addresses and markup that the generator puts into pages."""
        if len(text) > 100_000:
            return
        place: FixedPlace | None = None
        holder = entry.parent.value if entry.parent is not None else None
        if (
            len(text) < 120
            and (service := self.plugin(entry, text)) is not None
            and service.kind != "cdn"
            and _is_active(entry)
            and _filled_in(entry)
        ):
            place = FixedPlace(self.consent(entry))
            load = Load(service, "config", entry.span, place, service.first_host, None, self.ids(entry, service))
            yield _Found(entry, load, True)
            return
        if "//" in text and (self.is_fetched(entry, text) or self.is_link(entry, holder, text)):
            steps = entry.chain()
            if any(_POLICY.search(step.key) for step in steps[:-1]) or not _is_active(entry):
                return
            if _POLICY.search(entry.key) and entry.key.lower() != "src" and steps[-1].value.kind != "scalar":
                return
            service, host = name_url(self.ruleset, text)
            if service is None and (host is None or is_placeholder(host)):
                return
            relation = (holder.string("rel") or "").lower() if holder is not None and holder.kind == "map" else ""
            hint = any(word in relation for word in ("preconnect", "dns-prefetch", "preload", "prefetch"))
            place = FixedPlace(self.consent(entry, handed_on=self.own))
            ids, mere = find_ids(service, text), self.own and service is not None
            yield _Found(entry, Load(service, "config", entry.span, place, host, text, ids, hint, mere=mere), False)
            return
        inline = entry.key.lower() in _INLINE_KEYS or _is_inline_script(entry)
        if (inline or ("<" in text and _HTML.search(text))) and _is_active(entry) and not self.own:
            document = parse_fragment(text if "<" in text and _HTML.search(text) else f"<script>{text}</script>")
            place = FixedPlace(self.consent(entry))
            for load in markup.loads(document, self.ruleset):
                yield _Found(entry, replace(load, span=entry.value.span, place=place), False)

    def plugin(self, entry: Entry, text: str) -> Service | None:
        """The service whose package an item of a list of plugins names: the item, its `resolve`, its first element."""
        holder = entry.parent
        if holder is None:
            return None
        if holder.value.kind == "list" and holder.key.lower() not in _PLUGIN_LISTS:
            if holder.value.items[:1] != [entry.value] or holder.parent is None:
                return None
            holder = holder.parent
        elif holder.value.kind == "map":
            if entry.key.lower() not in ("resolve", "package", "module", "use") or holder.parent is None:
                return None
            holder = holder.parent
        if holder.key.lower() not in _PLUGIN_LISTS or holder.value.kind != "list":
            return None
        if text.startswith((".", "/", "~")):
            stem = re.sub(r"\.\w+$", "", text.rstrip("/")).rpartition("/")[2]
            stem = re.sub(r"^plugin-|-plugin$", "", stem)
            manager = self.ruleset.managers.get(stem)
            return manager.service if manager is not None else self.ruleset.services.get(stem)
        ecosystems = ("rubygems", "npm") if self.file.dialect == "yaml" else ("npm", "pypi")
        found = (self.ruleset.package(ecosystem, text) for ecosystem in ecosystems)
        return next((service for service in found if service is not None), None)

    def is_fetched(self, entry: Entry, text: str) -> bool:
        """Whether a value is the address of a script or a style sheet."""
        if _ASSET.fullmatch(text):
            return True
        if not _ADDRESS.fullmatch(text):
            return False
        if any(_ASSET_LISTS.match(step.key) for step in entry.chain()[:-1]):
            return True
        if entry.key.lower() == "src":
            return any("script" in step.key.lower() or step.key.lower() == "head" for step in entry.chain()[:-1])
        return _SCRIPT_KEY.search(entry.key) is not None and name_url(self.ruleset, text)[0] is not None

    def is_link(self, entry: Entry, holder: Value | None, text: str) -> bool:
        """Whether a value is the `href` of a link element that the browser follows by itself."""
        if entry.key.lower() != "href" or holder is None or not _ADDRESS.fullmatch(text):
            return False
        relation = (holder.string("rel") or "").lower()
        return any(word in relation for word in ("stylesheet", "preconnect", "prefetch", "preload"))

    def ids(self, entry: Entry, service: Service, *, named: bool = False) -> tuple[str, ...]:
        """Account ids: in the value itself, else in the block that it heads."""
        text = entry.value.text if entry.value.kind == "scalar" else None
        if text is not None:
            found = find_ids(service, text, f'{entry.path}: "{text}"')
            if found:
                return found
        block = _block(entry)
        if block is not None:
            lines = []
            for inner in _scalars(block, 200):
                lines.append(f'{entry.path}.{inner[0]}: "{inner[1]}"')
            found = find_ids(service, "\n".join(lines))
            if found:
                return found
        last = words(entry.key)[-1:]
        if named and text and text != "true" and len(text) <= 80 and last and last[0] in _ID_WORDS and "//" not in text:
            return (text,)
        return ()

    def consent(self, entry: Entry, *, handed_on: bool = False) -> Consent:
        chain = entry.chain()
        for manager, setting in self.keys.settings:
            if not any(_Pattern(held).matches(chain, below=True) for held in setting.holds):
                continue
            gate = self.gate(setting)
            if gate is not None:
                line = self.file.position(gate.span.start).line
                why = f"{manager.name} asks before what {setting.holds[0]} switches on runs"
                return Consent("gated", manager.slug, at=(self.file.path, line), why=why)
        for step in chain:
            if step.parent is None or step.parent.value.kind != "list":
                continue
            for name in step.names:
                holder = _manager_named(self.ruleset, name)
                if holder is not None:
                    line = self.file.position(step.span.start).line
                    why = f"{holder.name} loads it once its cookie says that the visitor has agreed"
                    return Consent("gated", holder.slug, at=(self.file.path, line), why=why)
        return HANDED_ON if handed_on else _PRINTED

    def gate(self, setting: Setting) -> Entry | None:
        """The entry that puts others behind consent, if it is there and nothing takes its effect away."""
        pattern = _Pattern(setting.key)
        for entry in self.entries:
            if pattern.last not in entry.names or not _truthy(entry.value) or not pattern.matches(entry.chain()):
                continue
            lines = {f"{key.rpartition('.')[2]}: {text}".lower() for key, text in _scalars(entry.value, 100)}
            if not any(unless.lower() in lines for unless in setting.unless):
                return entry
        return None


def _manager_named(ruleset: Ruleset, name: str) -> Manager | None:
    if name in ruleset.managers:
        return ruleset.managers[name] if "-" in name else None
    service = ruleset.package("npm", name) if not name.isdigit() else None
    return ruleset.managers.get(service.slug[4:]) if service is not None and service.slug.startswith("cmp:") else None


def _is_inline_script(entry: Entry) -> bool:
    """The third element of `["script", {…}, "code"]`."""
    holder = entry.parent.value if entry.parent is not None else None
    return (
        holder is not None
        and holder.kind == "list"
        and len(holder.items) == 3
        and holder.items[2] is entry.value
        and holder.items[0].text == "script"
    )


def _block(entry: Entry) -> Value | None:
    """The mapping or pair that an entry heads; None for one among many, such as an item of a list of names."""
    if entry.value.kind != "scalar":
        return entry.value
    holder = entry.parent
    if holder is None or holder.parent is None:
        return None
    if holder.value.kind == "list":
        pair = holder.value.items[0] is entry.value and any(item.kind == "map" for item in holder.value.items[1:])
        return holder.value if pair else None
    return holder.value


def _scalars(value: Value, limit: int) -> Iterator[tuple[str, str]]:
    """(dotted path below the value, text) of what is in it."""
    stack = [("", value)]
    while stack and limit > 0:
        path, current = stack.pop()
        if current.kind == "scalar":
            limit -= 1
            if current.text:
                yield path, current.text
            continue
        below = [(member.key, member.value) for member in current.members]
        below += [(str(number), item) for number, item in enumerate(current.items)]
        stack += [(f"{path}.{key}" if path else key, inner) for key, inner in reversed(below[:500])]


def _joined(found: list[_Found]) -> Iterator[Load]:
    """One load for each block: the switch, its id beside it and further switches of the same service are one."""
    kept: dict[tuple[str | None, str | None], list[_Found]] = {}
    for item in sorted(found, key=lambda item: item.load.span.start):
        load = item.load
        key = (load.service.slug, None) if load.service is not None else (None, load.url)
        earlier = kept.setdefault(key, [])
        for number, other in enumerate(earlier):
            if _belongs(item, other):
                if load.ids and not other.load.ids:
                    earlier[number] = replace(other, load=replace(other.load, ids=load.ids))
                break
        else:
            earlier.append(item)
    yield from sorted((item.load for items in kept.values() for item in items), key=lambda load: load.span.start)


def _belongs(item: _Found, other: _Found) -> bool:
    if item.load.span == other.load.span and item.load.url == other.load.url:
        return True
    if not other.switch or (item.load.url is not None and item.load.url != other.load.url):
        return False
    if other.load.ids and not set(item.load.ids) <= set(other.load.ids):
        return False
    block = other.entry if other.entry.value.kind != "scalar" else other.entry.parent
    if block is None or block.parent is None:
        return False
    # An item that is a name alone heads nothing; the first of a pair does.
    if block.value.kind == "list" and block is not other.entry and _block(other.entry) is None:
        return False
    current: Entry | None = item.entry
    while current is not None:
        if current is block:
            return True
        current = current.parent
    return False


# -------------------------------------------------------------------------------------------------------- dependencies

_DEPENDENCY_LISTS = frozenset(
    {"package.json", "composer.json", "Gemfile", "pyproject.toml", "Pipfile", "packages.config"}
)
_PROJECT_FILES = (".csproj", ".vbproj", ".fsproj", ".gemspec")
_REQUIREMENTS = lazy_re.compile(r"(?:[\w.-]*requirements[\w.-]*|constraints)\.(?:txt|in)", re.IGNORECASE)
_GEM = lazy_re.compile(
    r"^[ \t]*(?:gem|\w+\.add_(?:runtime_|development_)?dependency)[ \t(]+[\"']([\w.-]+)[\"']", re.MULTILINE
)
_REQUIREMENT = lazy_re.compile(r"^[ \t]*([A-Za-z0-9][\w.-]*)[ \t]*(?=$|[\[=<>!~;#@, \r])", re.MULTILINE)
_PACKAGE_REFERENCE = lazy_re.compile(
    r"<!--.*?(?:-->|\Z)|<(?:PackageReference|package)\b[^<>]*?\b(?:Include|id)\s*=\s*[\"']([\w.-]+)[\"']", re.DOTALL
)
# file -> (ecosystem, the tables whose keys or items are names)
_DEPENDENCY_TABLES: dict[str, tuple[str, tuple[tuple[str, ...], ...]]] = {
    "package.json": ("npm", (("dependencies",), ("devDependencies",), ("optionalDependencies",))),
    "composer.json": ("composer", (("require",), ("require-dev",))),
    "Pipfile": ("pypi", (("packages",), ("dev-packages",))),
    "pyproject.toml": (
        "pypi",
        (
            ("project", "dependencies"),
            ("project", "optional-dependencies"),
            ("dependency-groups",),
            ("tool", "poetry", "dependencies"),
            ("tool", "poetry", "dev-dependencies"),
            ("tool", "poetry", "group"),
        ),
    ),
}


def _dependencies(file: SourceFile, name: str, ruleset: Ruleset) -> Iterator[Load]:
    if re.search(r"tests?\.\w+proj$", name, re.IGNORECASE):
        return
    place = FixedPlace(_DEPENDENCY)
    seen: set[str] = set()
    for ecosystem, package, span in _packages(file, name):
        service = ruleset.package(ecosystem, package)
        if service is not None and package not in seen:
            seen.add(package)
            yield Load(service, "dependency", span, place, service.first_host, package)


def _packages(file: SourceFile, name: str) -> Iterator[tuple[str, str, Span]]:
    """(ecosystem, package, place) of what a dependency list names."""
    text = file.text
    if name in _DEPENDENCY_TABLES:
        ecosystem, tables = _DEPENDENCY_TABLES[name]
        for root in data.read(file)[:1]:
            for table in tables:
                value: Value | None = root.value
                for step in table:
                    value = value.get(step) if value is not None else None
                if value is not None:
                    yield from ((ecosystem, package, span) for package, span in _named_packages(value))
        return
    if name == "Gemfile" or name.endswith(".gemspec"):
        pattern, ecosystem = _GEM, "rubygems"
    elif name == "packages.config" or name.endswith(_PROJECT_FILES):
        pattern, ecosystem = _PACKAGE_REFERENCE, "nuget"
    else:
        pattern, ecosystem = _REQUIREMENT, "pypi"
    for found in pattern.finditer(text):
        if found[1]:
            yield ecosystem, found[1], Span(found.start(1), found.end(1))


def _named_packages(table: Value) -> Iterator[tuple[str, Span]]:
    for member in table.members:
        if member.value.kind == "scalar" or member.value.get("version") is not None or not member.value.members:
            end = member.value.span.end if member.value.kind == "scalar" else member.key_span.end
            yield member.key, Span(member.key_span.start, max(member.key_span.end, end))
        for inner in member.value.members:  # groups: a table of tables
            if inner.value.kind == "map":
                yield from ((one.key, one.key_span) for one in inner.value.members)
        yield from _requirements(member.value.items)
    yield from _requirements(table.items)


def _requirements(items: Sequence[Value]) -> Iterator[tuple[str, Span]]:
    for item in items:
        found = re.match(r"[A-Za-z0-9][\w.-]*", item.text or "")
        if found is not None:
            yield found[0], item.span


# ------------------------------------------------------------------------------------------------------------- headers

_LINK_LINE = lazy_re.compile(r"^[ \t]*Link[ \t]*:[ \t]*(?P<value>[^\r\n]+)", re.IGNORECASE | re.MULTILINE)
_LINK = lazy_re.compile(r"<\s*(?P<url>(?:https?:)?//[^<>\s]+)\s*>(?P<rest>[^<,]*)")
_RELATION = lazy_re.compile(r"rel\s*=\s*[\"']?([\w -]+)", re.IGNORECASE)


def _headers(file: SourceFile, name: str, ruleset: Ruleset) -> Iterator[Load]:
    """Connections that a `Link` header opens."""
    if name == "_headers":
        lines = [(found["value"], found.start("value")) for found in _LINK_LINE.finditer(file.text)]
    else:
        lines = []
        for entry in entries(data.read(file)):
            text = entry.value.text
            if not text or "<" not in text or "rel" not in text:
                continue
            holder = entry.parent.value if entry.parent is not None else None
            key = holder.string("key") if entry.key == "value" and holder is not None else entry.key
            if (key or "").lower() == "link":
                start = file.text.find(text, entry.span.start, entry.span.end + 2)
                lines.append((text, start if start >= 0 else entry.span.start))
    for text, start in lines:
        for link in _LINK.finditer(text):
            relation = _RELATION.search(link["rest"])
            kinds = relation[1].lower().split() if relation is not None else []
            if not {"preconnect", "dns-prefetch", "preload", "prefetch", "modulepreload", "stylesheet"} & set(kinds):
                continue
            service, host = name_url(ruleset, link["url"])
            if service is None and (host is None or is_placeholder(host)):
                continue
            span = Span(start + link.start(), start + link.end())
            hint = "stylesheet" not in kinds
            ids = find_ids(service, link["url"])
            yield Load(service, "link", span, FixedPlace(_HEADER), host, link["url"], ids, hint)


# ----------------------------------------------------------------------------------------------------- values elsewhere

_VALUE_SUFFIXES = lazy_re.compile(r"\.(?:ya?ml|json5?|jsonc|toml|ini|properties|env)$", re.IGNORECASE)
_VALUE_SCRIPTS = lazy_re.compile(
    r"(?:^|/)(?:[\w.-]*(?:config|settings|metadata|constants|site|environment)[\w.-]*|(?:config|settings|environments?|constants|_data)/[\w.-]+)"
    r"\.(?:[cm]?[jt]s|py)$",
    re.IGNORECASE,
)
_VALUE_FOLDERS = _words(
    """
    config configs _config conf _data data params settings env environments
    """
)
_NO_VALUES = lazy_re.compile(
    r"(?:^|/)(?:package|composer|tsconfig|jsconfig|manifest|openapi|swagger|renovate|lerna|angular|project|nx|turbo)[\w.-]*\.(?:json|ya?ml)$"
    r"|(?:^|/)(?:node_modules|vendor|\.github|\.circleci|fixtures?|__\w+__|coverage)/|webpack|rollup|babel|eslint|jest|karma"
    r"|tailwind|postcss|prettier|stylelint|docker-compose|vite\.config",
    re.IGNORECASE,
)
_MAX_VALUE_FILE = 200_000
_MAX_VALUE_FILES = 400
_LOOKS_LIKE_VALUE = lazy_re.compile(
    r"(?:https?:)?//\S{3,500}|[\w-]+(?:\.[\w-]+)+/\S{1,300}|(?=\S*\d)[\w.@:/=+-]{4,120}", re.IGNORECASE
)
_REFERS = lazy_re.compile(r"[\w$.\[\]\"'():, >/@?!|{}<%=-]{4,200}")


@dataclass(frozen=True)
class Found:
    """A value of a data file, or the expression that computes it, and where it stands."""

    value: str
    path: str
    line: int
    computed: bool = False


@dataclass(frozen=True)
class Values(Mapping[str, tuple[str, str, int]]):
    """Dotted keys, and the ends of them, without regard to case, `-` and `_`, to (value, path, line)."""

    by_key: Mapping[str, tuple[Found, ...]]

    def __getitem__(self, key: str) -> tuple[str, str, int]:
        """The value of a key of which there is only one; raises KeyError for others."""
        found = self.at(key)
        if found is None or found.computed:
            raise KeyError(key)
        return found.value, found.path, found.line

    def __iter__(self) -> Iterator[str]:
        return (key for key in self.by_key if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __contains__(self, key: object) -> bool:
        found = self.at(key) if isinstance(key, str) else None
        return found is not None and not found.computed

    def at(self, key: str) -> Found | None:
        """What stands at a key; None if nothing does, or different values in different places."""
        found = self.by_key.get(".".join(_plain(part) for part in key.split(".")), ())
        literal = [one for one in found if not one.computed] or list(found)
        return literal[0] if literal and len({one.value for one in literal}) == 1 else None

    def find(self, expression: str) -> Found | None:
        """What an expression of a template stands for: the longest end of its dotted name that is known."""
        seen: set[str] = set()
        for _ in range(4):
            found = self._find(expression)
            if found is None or not found.computed:
                return found
            if found.value in seen:
                return None
            seen.add(found.value)
            expression = found.value
        return None

    def every(self, name: str) -> list[Found]:
        """What stands at a dotted name in which `*` is any key or item of a list; of its ends the longest that is known."""
        parts = [part if part == "*" else _plain(part) for part in name.split(".")]
        if parts[0] in _OF_ONE_PAGE:
            return []
        for start in range(len(parts) - 1):
            tail = parts[start:]
            if tail[0] == "*" or not tail[0]:
                continue
            wanted = re.compile(r"\.".join(r"[^.]+" if part == "*" else re.escape(part) for part in tail))
            found = [one for key, values in self.by_key.items() if wanted.fullmatch(key) for one in values]
            if found:
                return [one for one in dict.fromkeys(found) if not one.computed][:_MAX_ITEMS]
        return []

    def addresses(self, name: str) -> list[str]:
        """The addresses, in different files perhaps different ones, at the longest end of a dotted name that is known.

        The last part of several says too little by itself.
        """
        parts = [_plain(part) for part in name.split(".")]
        ends = (self.by_key.get(".".join(parts[start:])) for start in range(max(1, len(parts) - 1)))
        found = next(filter(None, ends), ())
        return list(dict.fromkeys(one.value for one in found if not one.computed and "//" in one.value[:8]))

    def of_environment(self, name: str, path: str) -> list[str]:
        """The addresses that a variable of the environment has for a file, by the nearest files that set it for builds."""
        found = [one for one in self.by_key.get(_plain(name), ()) if is_environment(one.path)]
        around = max(
            (_folder_of(one.path) for one in found if path.startswith(_folder_of(one.path))), key=len, default=None
        )
        nearest = [one.value for one in found if around in (None, _folder_of(one.path)) and not one.computed]
        return list(dict.fromkeys(one for one in nearest if "//" in one[:8]))

    def _find(self, expression: str) -> Found | None:
        for parts in _names_in(expression):
            for start in range(len(parts)):
                tail = parts[start:]
                if len(tail) == 1 and (tail[0] in _GENERIC or len(tail[0]) < 3):
                    break
                key = ".".join(tail)
                if key not in self.by_key:
                    key = self._joined.get(key, key)
                if key not in self.by_key:
                    continue
                found = self.at(key)
                if found is not None:
                    return found
                break
        return None

    @cached_property
    def _joined(self) -> dict[str, str]:
        """A name that a page is given for the last two parts of a key: `surveyScriptUrl` for `survey.scriptUrl`."""
        found: dict[str, str] = {}
        for key in self.by_key:
            if key.count(".") == 1 and len(key) > 8:
                found.setdefault(key.replace(".", ""), key)
        return found


_OF_ONE_PAGE = _words(
    """
    params page frontmatter
    """
)
_MAX_ITEMS = 60
_GENERIC = _words(
    """
    id ids key url src href name value code token host path file site domain script type title text link image
    version description enabled default data config settings env params length json
    """
)
_SUBSCRIPT = lazy_re.compile(
    r"\[\s*[\"'`]([\w.:/-]{1,80})[\"'`]\s*\]|\(\s*[\"'`:]([\w.:/-]{1,80})[\"'`]?[^()]{0,120}\)"
)
_DOTTED = lazy_re.compile(r"[A-Za-z_$][\w$-]*(?:(?:\??\.|->|::|:)[A-Za-z_$][\w$-]*)*")


def _names_in(expression: str) -> list[list[str]]:
    """The dotted names in an expression, longest first: `Rails.configuration.ga_id`, `ENV["GA_ID"]`."""
    text = expression[:400]
    for _ in range(4):
        changed = _SUBSCRIPT.sub(lambda found: "." + re.sub(r"[:/]+", ".", found[1] or found[2]), text)
        if changed == text:
            break
        text = changed
    names = []
    for found in _DOTTED.finditer(text.lstrip(".@$")):
        parts = [_plain(part) for part in re.split(r"\??\.|->|::|:", found[0])]
        names.append([part for part in parts if part])
    return sorted((name for name in names if name), key=len, reverse=True)[:6]


def values(tree: Tree) -> Values:
    """An index of what the project's data and configuration files say, for expressions in its templates.

    Only strings that look like addresses or ids, from small files; costs one reading of those files.
    """
    index: dict[str, list[Found]] = {}
    count = 0
    for path in tree.paths:
        if not _may_hold_values(path) or is_test_code(path):
            continue
        try:
            if tree.size(path) > _MAX_VALUE_FILE:
                continue
        except OSError:
            continue
        file = tree.text_file(path)
        if not isinstance(file, SourceFile):
            continue
        count += 1
        if count > _MAX_VALUE_FILES:
            break
        stem = _plain(path.rpartition("/")[2].partition(".")[0])
        for entry in entries(data.read(file)):
            if entry.parent is None or entry.value.kind != "scalar":
                continue
            text = entry.value.text
            computed = text is None
            if text is None:
                text = file.text[entry.value.span.start : entry.value.span.end].strip().strip("\"'")
                if not _REFERS.fullmatch(text):
                    continue
            elif not _LOOKS_LIKE_VALUE.fullmatch(text) or stands_for_nothing(text):
                continue
            parts = [_plain(step.key) for step in entry.chain() if not (step.optional and step.depth == 0)]
            parts = [part for part in parts if part][-6:]
            found = Found(text, path, file.position(entry.value.span.start).line, computed)
            for start in range(len(parts)):
                index.setdefault(".".join(parts[start:]), []).append(found)
            if stem and parts and stem != parts[0]:
                index.setdefault(".".join([stem, *parts]), []).append(found)
    return Values({key: tuple(_shipped(found)) for key, found in index.items()})


# Variables of the environment: for whom a file sets them, in the order in which that is the site that visitors get.
_ENVIRONMENTS = (
    lazy_re.compile(r"prod(?:uction)?|live"),
    lazy_re.compile(r""),
    lazy_re.compile(r"staging|stage|preview|qa|uat|defaults?"),
    lazy_re.compile(r"example|sample|dist|template|tmpl|tpl"),
    lazy_re.compile(r"dev\w*|tests?|testing|ci|local|e2e"),
)


def _folder_of(path: str) -> str:
    return path[: path.rfind("/") + 1]


def _rank(path: str) -> int:
    """How far a file of the environment is from what visitors get; a sample for production is a sample."""
    parts = [part for part in re.split(r"[._-]", posixpath.basename(path).lower()) if part not in ("env", "")] or [""]
    ranks = (
        next((at for at, kind in enumerate(_ENVIRONMENTS) if kind.fullmatch(part)), len(_ENVIRONMENTS) // 2)
        for part in parts
    )
    return max(ranks)


def _shipped(found: Sequence[Found]) -> list[Found]:
    """The values without those that files of the environment give a variable which another in their folder sets for the site."""
    best: dict[str, int] = {}
    for one in found:
        if is_environment(one.path):
            folder = _folder_of(one.path)
            best[folder] = min(best.get(folder, len(_ENVIRONMENTS)), _rank(one.path))
    return [one for one in found if not is_environment(one.path) or _rank(one.path) == best[_folder_of(one.path)]]


def resolve(expression: str, known: Values) -> Sequence[str]:
    """What an expression stands for: none where the project's files do not say, or say several things.

    A dotted name with `*` for the items of a list may stand for several.
    """
    if "*" in expression.split("."):
        return [found.value for found in known.every(expression)]
    one = known.find(expression)
    return [one.value] if one is not None else []


def _may_hold_values(path: str) -> bool:
    if _NO_VALUES.search(path):
        return False
    folders, _, name = path.rpartition("/")
    if name.startswith(".env") or name.endswith(".env"):
        return True
    if _VALUE_SCRIPTS.search(path):
        return True
    if not _VALUE_SUFFIXES.search(name):
        return False
    parts = folders.lower().split("/") if folders else []
    return (
        len(parts) < 1
        or any(part in _VALUE_FOLDERS for part in parts)
        or re.match(r"appsettings|application|config|settings|site|hugo|mkdocs|_config", name, re.IGNORECASE)
        is not None
    )
