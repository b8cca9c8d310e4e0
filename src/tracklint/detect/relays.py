"""Paths of the site's own behind which stands somebody else's tracker: rewrites, proxies, functions that pass requests on.

The browser asks the site, so no page names the vendor. A rule that passes requests on to where a tracker's script or its
collecting lies is reported where it stands; `of_tree` tells the pages' detectors which paths these are.

Rules are read from the settings of hosts and frameworks (`vercel.json`, `netlify.toml`, `_redirects`, `next.config.js` …)
and of web servers (nginx, Apache, Caddy). Redirects are none: the browser follows them and sees the vendor.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from tracklint import lazy_re
from tracklint.detect.load import Load, RelayPlace, find_ids, name_url
from tracklint.model import SourceFile, Span
from tracklint.ruleset import Ruleset, Service
from tracklint.script import FUNCTIONS, UNKNOWN, Script, nth_child
from tracklint.source import Tree

if TYPE_CHECKING:
    from tree_sitter import Node

    from tracklint.data import Value

_DATA_FILES = lazy_re.compile(
    r"(?:^|/)(?:(?:vercel|now|static|redirects|rewrites|custom-?rules|amplify[\w.-]*)\.json|netlify\.toml|render\.ya?ml)$",
    re.IGNORECASE,
)
_SCRIPT_FILES = lazy_re.compile(
    r"(?:^|/)(?:(?:next|nuxt|nitro)\.config|gatsby-node|vercel|[\w.-]*(?:rewrites?|redirects|prox(?:y|ies))[\w-]*)\.[cm]?[jt]s$",
    re.IGNORECASE,
)
_SERVER_FILES = lazy_re.compile(
    r"(?:^|/)(?:[^/]*nginx[^/]*|[^/]*apache[^/]*|[^/]*vhost[^/]*|default|site|httpd|proxy|[\w.-]*\.(?:com|org|net|uk))\.conf$"
    r"|(?:^|/)(?:nginx|sites-(?:available|enabled)|conf\.d|apache2?|httpd)/[^/]+\.conf$|(?:^|/)(?:\.htaccess|Caddyfile)$",
    re.IGNORECASE,
)
# Folders of functions, and the path under which a host serves what is in them.
_FUNCTION_FOLDERS = tuple(
    (lazy_re.compile(rf"{folder}/(?P<name>[^.]+?)(?:/index|/route|/\+server)?\.[cm]?[jt]s$"), served)
    for folder, served in (
        (r"(?:^|/)netlify/(?:edge-)?functions", "/.netlify/functions/"),
        (r"(?:^|/)pages/api", "/api/"),
        (r"(?:^|/)app/api", "/api/"),
        (r"(?:^|/)server/api", "/api/"),
        (r"(?:^|/)app(?=/[^.]+/route\.)", "/"),
        (r"(?:^|/)src/routes(?=/[^.]+/\+server\.)", "/"),
        (r"(?:^|/)server/routes", "/"),
        (r"^api", "/api/"),
        (r"^functions", "/"),
    )
)
_FUNCTION = lazy_re.compile(r"(?:^|[/-])(?:api|functions|app|routes)/")
_WORKER = lazy_re.compile(
    r"\baddEventListener\(\s*['\"]fetch['\"]|\bexport\s+default\s*\{\s*(?:async\s+)?fetch\b|\bDeno\.serve\b|\bNextResponse\.rewrite\b"
)
_SCRIPTS = (".js", ".ts", ".mjs", ".mts", ".cjs", ".cts")
_MAX_FUNCTIONS = 200
_MAX_SIZE = 100_000
_MAX_RULES = 500
_LONGEST_PATH = 500

_WATCHING = frozenset({"analytics", "tag-manager", "session-replay", "monitoring", "ab-testing", "advertising"})
_COLLECTS = lazy_re.compile(
    r"\.(?:js|gif|png|php)$"
    r"|/(?:[gjr]/)?(?:mp/)?(?:collect|events?|track|capture|batch|decide|flags|engage|ingest|hit|send|pageview|pixel|beacon|envelope)/?$"
)
_ADDRESS = lazy_re.compile(r"(?:https?:)?//[\w.-]+\.[a-z]{2,}[^\s\"'`<>;,)\]}]*", re.IGNORECASE)
_OPEN_END = lazy_re.compile(r"/?(?:[:*$(…\ue000{].*|)$", re.DOTALL)  # where a rule says "and whatever follows"
_SOURCE_KEYS = ("source", "src", "from", "fromPath")
_TARGET_KEYS = ("destination", "dest", "to", "toPath", "target")
_NESTED = frozenset({"object", "array", *FUNCTIONS})
_PROXY_KEYS = ("proxy", "to", "target")


@dataclass(frozen=True)
class Relay:
    """One rule: a glob of the site's own paths ("" where these cannot be told), and what stands behind it."""

    path: str
    url: str
    span: Span


def is_collector(service: Service | None, url: str) -> bool:
    """Whether what a browser sends to a URL of a service, or gets from there, is the tracker at work.

    Reading reports from the service's API is not.
    """
    if service is None or not (service.category in ("analytics", "marketing") or service.kind in _WATCHING):
        return False
    path = re.sub(r"^(?:https?:)?//[^/?]*", "", url).partition("?")[0]
    known = _OPEN_END.sub("", path)
    return (known != path and known.count("/") < 2) or not path or _COLLECTS.search(known) is not None


def served_at(path: str, text: str) -> str | None:
    """The glob of the paths at which a host runs a script as a function; "" if it cannot be told; None if none does."""
    for pattern, served in _FUNCTION_FOLDERS if _FUNCTION.search(path) else ():
        found = pattern.search(path)
        if found is not None and not found["name"].rpartition("/")[2].startswith("_"):
            return served + re.sub(r"\[+\.*[^\]]*\]+", "*", re.sub(r"\([^)]*\)/", "", found["name"]))
    return "" if _WORKER.search(text) else None


def of_tree(tree: Tree, ruleset: Ruleset) -> list[tuple[str, Service]]:
    """The site's own paths that are passed on, each with the tracker behind it."""
    found: list[tuple[str, Service]] = []
    functions = 0
    for path in tree.paths:
        rules = _is_rule_file(path)
        if not rules:
            if not path.endswith(_SCRIPTS) or not served_at(path, ""):
                continue
            functions += 1
            if functions > _MAX_FUNCTIONS:
                continue
        try:
            if tree.size(path) > _MAX_SIZE or b"//" not in tree.read(path):
                continue
            file = tree.text_file(path)
            if isinstance(file, SourceFile):
                found += _passed_on(file, ruleset, rules)
        except (OSError, RecursionError):
            continue  # the scan of that file reports it
    return list(dict.fromkeys(found))


def _passed_on(file: SourceFile, ruleset: Ruleset, rules: bool) -> Iterator[tuple[str, Service]]:
    if not any(is_collector(name_url(ruleset, match[0])[0], match[0]) for match in _ADDRESS.finditer(file.text)):
        return
    given = ((relay.path, name_url(ruleset, relay.url)[0], relay.url) for relay in of_file(file))
    for glob, service, url in given if rules else _of_function(file, ruleset):
        if len(glob.strip("/*")) > 1 and service is not None and is_collector(service, url):
            yield glob, service


def loads(file: SourceFile, ruleset: Ruleset) -> Iterator[Load]:
    """The trackers to which the rules of a file pass requests on; of the rules for one of them the first."""
    if not _is_rule_file(file.path) or len(file.text) > _MAX_SIZE:
        return
    found: dict[Service, list[Relay]] = {}
    for relay in of_file(file):
        service, _ = name_url(ruleset, relay.url)
        if service is not None and is_collector(service, relay.url):
            found.setdefault(service, []).append(relay)
    for service, rules in found.items():
        url = re.sub(f"{UNKNOWN}+", "…", rules[0].url)[:500]
        place = RelayPlace(file, tuple(rule.path for rule in rules if rule.path))
        yield Load(service, "config", rules[0].span, place, name_url(ruleset, url)[1], url, find_ids(service, url))


def _is_rule_file(path: str) -> bool:
    if path.endswith((".json", ".toml", ".yaml", ".yml")):
        return _DATA_FILES.search(path) is not None
    if path.endswith(_SCRIPTS):
        return _SCRIPT_FILES.search(path) is not None
    if path.endswith((".conf", ".htaccess", "Caddyfile")):
        return _SERVER_FILES.search(path) is not None
    return path.rpartition("/")[2] == "_redirects"


def of_file(file: SourceFile) -> Iterator[Relay]:
    """The rules of a file, those that lead to no tracker too."""
    if "//" not in file.text:
        return
    name = file.path.rpartition("/")[2]
    if name == "_redirects":
        yield from _lines(file.text)
    elif file.language == "script":
        yield from _of_script(file)
    elif _SERVER_FILES.search(file.path):
        yield from _of_server(file.text)
    elif file.language == "data":
        yield from _of_data(file)


def _of_function(file: SourceFile, ruleset: Ruleset) -> Iterator[tuple[str, Service | None, str]]:
    if file.language != "script":
        return
    from tracklint.detect import script  # which asks this module what a function passes on

    dialect = file.dialect if file.dialect in ("js", "ts", "tsx") else "js"
    for load in script.loads(Script(file.text, dialect, file), ruleset):
        if isinstance(load.place, RelayPlace):
            yield from ((path, load.service, load.url or "") for path in load.place.paths)


# ----------------------------------------------------------------------------------------------------- hosts' settings


def _lines(text: str) -> Iterator[Relay]:
    """`/stats/* https://host/:splat 200` of `_redirects`."""
    for line in re.finditer(r"^[ \t]*(?P<source>/\S*)[ \t]+(?:[^\s=]+=\S*[ \t]+)*(?P<url>https?://\S+)[ \t]+200!?(?=\s|$)", text, re.MULTILINE):  # fmt: skip
        yield Relay(_glob(line["source"]), line["url"], Span(line.start("source"), line.end()))


def _of_data(file: SourceFile) -> Iterator[Relay]:
    from tracklint import data  # its readers are only needed here

    stack: list[tuple[Value, str]] = [(root.value, "") for root in data.read(file)]
    for _ in range(20_000):
        if not stack:
            return
        value, key = stack.pop()
        stack += [(item, key) for item in reversed(value.items)]
        stack += [(member.value, member.key.lower()) for member in reversed(value.members)]
        texts = {member.key: member.value for member in value.members if member.value.kind == "scalar"}
        source = next((texts[one] for one in _SOURCE_KEYS if one in texts), None)
        target = next((texts[one] for one in _TARGET_KEYS if one in texts), None)
        if source is None or target is None or "//" not in (target.text or target.written):
            continue
        status = texts["status"].text if "status" in texts else None
        if "permanent" in texts or (status or ("301" if key == "redirects" else "200")) not in (
            "200",
            "200!",
            "rewrite",
        ):
            continue
        if (texts["type"].text if "type" in texts else None) not in (None, "rewrite"):
            continue
        yield Relay(_glob(source.text or ""), target.text or target.written, data.with_quotes(file.text, target.span))


def _of_script(file: SourceFile) -> Iterator[Relay]:
    """`{ source: '/x/:path*', destination: 'https://…' }`, `'/x/**': { proxy: 'https://…' }`."""
    script = Script(file.text, file.dialect if file.dialect in ("js", "ts", "tsx") else "js", file)
    keys = re.finditer(r"\b(?:destination|toPath|dest|to|target|proxy)['\"]?\s*:", script.text)
    for match in islice(keys, _MAX_RULES):
        node = script.node_at(match.start(), match.start() + 1)
        pair = script.enclosing(node, {"pair"})
        value = pair.child_by_field_name("value") if pair is not None else None
        if pair is None or value is None or pair.start_byte not in (match.start(), match.start() - 1):
            continue
        url = script.fold(value) if value.type not in _NESTED else None
        if not isinstance(url, str) or "//" not in url:
            continue
        holder = script.parent(pair)
        beside = _texts(script, holder)
        source = next((beside[key] for key in _SOURCE_KEYS if key in beside), None)
        if source is None and script.key_of(pair) in _PROXY_KEYS:
            source = _route(script, pair)
        if source is None or "permanent" in beside or beside.get("statusCode", "200") not in ("200", "200.0"):
            continue
        yield Relay(_glob(source), url, script.span(value))


def _texts(script: Script, holder: Node | None) -> dict[str, str]:
    if holder is None or holder.type != "object":
        return {}
    found: dict[str, str] = {}
    for pair in holder.named_children:
        node = pair.child_by_field_name("value") if pair.type == "pair" else None
        if node is not None and node.type not in _NESTED:
            value = script.fold(node)
            found[script.key_of(pair)] = value if isinstance(value, str) else str(value)
    return found


def _route(script: Script, pair: Node) -> str | None:
    """The path that is the key of a route's rules."""
    node: Node | None = pair
    for _ in range(6):
        node = script.parent(node) if node is not None else None
        if node is None or node.type in FUNCTIONS:
            return None
        if node.type == "pair" and script.key_of(node).startswith("/"):
            return script.key_of(node)
        if node.type == "call_expression":
            first = nth_child(node.child_by_field_name("arguments") or node, 0)
            path = script.fold(first) if first is not None else None
            if isinstance(path, str) and path.startswith("/"):
                return path
    return None


# ---------------------------------------------------------------------------------------------------------- web servers

_COMMENT = lazy_re.compile(r"^[ \t]*#[^\n]*", re.MULTILINE)
_VARIABLE = lazy_re.compile(r"\bset[ \t]+\$(\w+)[ \t]+[\"']?((?:https?:)?//[^\s;\"']+)")
_DIRECTIVE = lazy_re.compile(
    r"\blocation[ \t]+(?P<way>=|~\*?|\^~)?[ \t]*[\"']?(?P<location>[^\s{\"']+)"
    r"|<Location(?P<match>Match)?[ \t]+[\"']?(?P<section>[^\s>\"']+)"
    r"|\bhandle(?:_path)?[ \t]+(?P<handle>/[^\s{]*)"
    r"|\bproxy_pass[ \t]+(?P<passed>[^\s;]+)"
    r"|\bProxyPass(?:Match)?[ \t]+(?:[\"']?(?P<prefix>[/^][^\s\"']*)[\"']?[ \t]+)?[\"']?(?P<proxied>https?://[^\s\"']+)"
    r"|\bRewriteRule[ \t]+[\"']?(?P<rewritten>[^\s\"']+)[\"']?[ \t]+[\"']?(?P<rewrite>https?://[^\s\"']+)[\"']?[ \t]+\[(?P<flags>[^\]]*)\]"
    r"|\breverse_proxy[ \t]+(?:(?P<matched>/\S*)[ \t]+)?(?P<reversed>https?://[^\s{]+)",
    re.IGNORECASE,
)


def _of_server(text: str) -> Iterator[Relay]:
    bare = _COMMENT.sub(lambda match: " " * len(match[0]), text)
    held = {match[1]: match[2] for match in _VARIABLE.finditer(bare)}
    here = ""
    for match in _DIRECTIVE.finditer(bare):
        span = Span(*match.span())
        if match["location"]:
            regex = (match["way"] or "").startswith("~")
            here = _from_regex(match["location"]) if regex else match["location"] + ("" if match["way"] == "=" else "*")
        elif match["section"]:
            here = _from_regex(match["section"]) if match["match"] else match["section"] + "*"
        elif match["handle"]:
            here = match["handle"]
        elif match["passed"]:
            url = re.sub(r"\$\{?(\w+)\}?", lambda name: held.get(name[1], UNKNOWN), match["passed"])
            yield Relay(here if here.startswith("/") else "", url, span)
        elif match["proxied"]:
            source = match["prefix"] or here
            yield Relay(
                _from_regex(source) if source.startswith("^") else source.rstrip("*") + "*", match["proxied"], span
            )
        elif match["rewrite"]:
            if re.search(r"(?:^|,)\s*(?:P|proxy)\s*(?:,|$)", match["flags"], re.IGNORECASE):
                yield Relay(_from_regex(match["rewritten"]), match["rewrite"], span)
        elif match["reversed"]:
            yield Relay(match["matched"] or here, match["reversed"], span)


def _short(path: str) -> str:
    """The path, or its begin and anything: brackets that nothing closes are looked for from each of them."""
    return path if len(path) <= _LONGEST_PATH else path[:_LONGEST_PATH] + "*"


def _glob(source: str) -> str:
    """The glob of a path pattern: `/x/:path*`, `/x/:splat`, `/x/(.*)`, `/x/**`."""
    source = re.sub(r":\w+(?:\([^)]*\))?[*+?]?|\([^)]*\)|\*+", "*", _short(source).replace(UNKNOWN, "*"))
    return source if source.startswith("/") else "/" + source


def _from_regex(pattern: str) -> str:
    """The glob that is at least as wide as a regular expression of a path."""
    pattern = _short(pattern)
    plain = re.sub(
        r"\\(.)", r"\1", re.sub(r"\\[wWdDsS][*+?]?|\([^)]*\)[*+?]?|\[[^\]]*\][*+?]?|(?<!\\)\.[*+]?|[?]", "*", pattern)
    )
    plain = plain.lstrip("^").rstrip("$") + ("" if pattern.endswith("$") else "*")
    return re.sub(r"\*+", "*", plain if plain.startswith(("/", "*")) else "/" + plain)
