"""Loads in scripts: where an address, a piece of HTML or a vendor's call reaches something that makes the browser fetch.

Every string that looks like an address or like markup is followed forwards: through concatenation, variables,
parameters, properties and returns, to the places that use it. A string that only is compared, logged or listed loads
nothing, whatever it names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Literal as Kind
from typing import NamedTuple

import ahocorasick_rs
from tree_sitter import Node

from tracklint import lazy_re
from tracklint.detect import pushes, relays, style
from tracklint.detect.load import (
    EMBEDDED,
    HINTS,
    ElementPlace,
    FixedPlace,
    Load,
    Place,
    RelayPlace,
    ScriptPlace,
    component_services,
    find_ids,
    host_of,
    is_placeholder,
    loads_itself,
    name_url,
    service_by_name,
)
from tracklint.markup import Document, parse_fragment
from tracklint.model import Consent, Span, Technique
from tracklint.ruleset import CallPattern, Ruleset, Service, glob_matches, pictures, servers
from tracklint.script import FUNCTIONS, JSX_TAGS, UNKNOWN, Script, imported_names, nth_child
from tracklint.source import is_bundle
from tracklint.template import FILLER

_TYPE_USES = frozenset({"type_annotation", "type_query", "nested_type_identifier"})
_IMPORT_CLAUSE = lazy_re.compile(
    r"import\s*(?P<default>[\w$]+)?\s*,?\s*(?:\*\s*as\s+(?P<namespace>[\w$]+)|\{(?P<names>[^}]*)\})?\s*from\b"
)
# The function of another file, and its script, that a callee of a script is; None for any other.
Elsewhere = Callable[[Script, Node], tuple[Script, Node] | None]
Fetch = Kind["script", "iframe", "image", "request", "css", "link", "import", "embed", "html", "media"]


class Sink(NamedTuple):
    """A place that uses a string."""

    kind: Fetch | None  # None: handed to something that nobody here defines
    node: Node
    name: str = ""  # of what it was handed to
    through: tuple[tuple[Node, Node], ...] = ()  # (call, function that it calls), outermost first
    value: Node | None = None  # the expression that reached it


_ADDRESS_HIT = lazy_re.compile(
    r"(?:https?:)?(?:\\?/|\\x2f|\\u002f){2}(?=[\\\w${\ue000_'\"`-])|(?:\\x[2-7][0-9a-f]|\\u(?:00[2-7][0-9a-f]|\{[2-7][0-9a-f]\})){6}"
    r"|\batob\s*\(|\bfromCharCode\b|//:s?ptth|['\"`]https?:['\"`]\s*,|['\"`](?=(?:[\w-]+\.)+(?:com|net|org|io|co|uk|de|fr|eu|cn|ru)/)",
    re.IGNORECASE,
)
_MARKUP_HIT = lazy_re.compile(
    r"(?:<|%3C|\\x3c|\\u003c)\s*(?:script|iframe|img|link|embed|object|video|audio|[a-z]+-[a-z][\w-]*)\b"
    r"|<\w{0,5}(?:'\s*\+\s*'|\"\s*\+\s*\")\w|\batob\s*\(|\bfromCharCode\b",
    re.IGNORECASE,
)
_MARKUP = lazy_re.compile(
    r"<\s*(?:script|iframe|img|link|embed|object|video|audio|source|style|lite-youtube)\b", re.IGNORECASE
)
_CODE_HIT = lazy_re.compile(
    r"\b(?P<word>eval|globalEval|execScript|Function|createTextNode)\s*\(|\b(?P<timer>setTimeout|setInterval)\s*\(\s*['\"`]"
    r"|\b(?P<property>text|textContent|innerText|innerHTML|__html|children|content)\b\s*(?:=(?!=)|:)"
    r"|<(?P<tag>[sS]cript)\b"
)
_STYLE_HIT = lazy_re.compile(
    r"@import\s+(?:url\(\s*)?['\"]?(?:https?:)?//|\burl\(\s*(?:\\?['\"])?(?:(?:https?:)?//|\$\{|['\"]\s*\+)",
    re.IGNORECASE,
)
_STYLE_TAG = lazy_re.compile(r"(?:createGlobalStyle|injectGlobal|css|keyframes|global|styled\b.*)(?:\(\))?$")
_STYLE_KEY = lazy_re.compile(r"(?:background(?:-?[iI]mage)?|listStyleImage|borderImage|maskImage|cursor)$")
_MODULE_PATHS = lazy_re.compile(r"(?:require|requirejs)\.config\.paths\.")
_RUNNERS = frozenset("eval globalEval execScript Function createTextNode setTimeout setInterval".split())
_CREATORS = frozenset("createElement h jsx jsxs _jsx _jsxs createVNode".split())
_CODE = lazy_re.compile(r"\w[\w.$\]]*\s*(?:\(|=)")
_DECODERS = frozenset({"atob", "fromCharCode"})
_IMPORT = lazy_re.compile(
    r"\b(?:from|import|require)\b\s*\(?\s*(?:/\*[^*]*\*/\s*)?(?P<quote>['\"`])(?P<name>[^'\"`\n]{2,200})(?P=quote)"
)
_DRAWN_AS = lazy_re.compile(r"\s(?:component|as)=[\"'](\w+)[\"']")  # <Card component="img" src=…>
_CALLEE = lazy_re.compile(r"(?<![\w$])([\w$]+)\)?\s*(?:\?\.)?\(")
_TAG = lazy_re.compile(r"<([A-Z][\w.]*)")
_TAG_KINDS: dict[str, Fetch] = {
    "script": "script", "iframe": "iframe", "frame": "iframe", "img": "image", "image": "image", "link": "css", "embed": "embed",
    "object": "embed", "style": "css", "video": "media", "audio": "media", "source": "media", "track": "media", "amp-img": "image",
}  # fmt: skip
_REQUESTS = frozenset(
    "fetch ajax getJSON sendBeacon EventSource WebSocket axios $fetch useFetch useLazyFetch useSWR request superagent ky "
    "ofetch wretch postMessageTo beacon load".split()
)
_CLIENT = lazy_re.compile(
    r"^(?:\$|jQuery)$|(?:^|[._$])(?:http(?:client)?|axios|superagent|ky|got|o?fetch|wretch)$", re.IGNORECASE
)
# `this.$axios.$get(…)` of Nuxt as well
_METHODS = frozenset(
    prefix + name for prefix in ("", "$") for name in "get post put patch delete head request create".split()
)
_SCRIPT_LOADERS = frozenset(
    "getScript importScripts Worker SharedWorker loadScript addScript injectScript appendScript insertScript requireScript "
    "loadJS loadjs includeScript createScript loadScripts loadExternalScript addExternalScript useScript scriptLoader "
    "cachedScript loadScriptAsync asyncLoad lazyScript loadJs insertJs addJs getScripts scriptjs $script "
    "createTagScript loadTag includeJs importScript".split()
)
_STYLE_LOADERS = frozenset("loadCSS addCSS loadStyle loadStylesheet insertCss loadCss addStylesheet".split())
_MARKUP_SINKS = frozenset(
    "write writeln insertAdjacentHTML append prepend html before after replaceWith appendTo prependTo insertBefore "
    "insertAfter createContextualFragment parseHTML parseFromString setContent setHTML wrap wrapInner add".split()
)
_NO_SINKS = frozenset(
    "log warn error info debug indexOf includes startsWith endsWith test match search expect assert equal equals toBe toEqual "
    "toContain toMatch strictEqual deepEqual describe it open assign replaceState pushState redirect navigate "
    "isEqual contains split lastIndexOf localeCompare matchAll notEqual querySelector querySelectorAll "
    "toHaveAttribute toHaveBeenCalledWith getByText visit goto alert prompt confirm Error TypeError".split()
)
_LOADERISH = lazy_re.compile(
    r"(?<!de)script|load|inject|insert|lazy|import|include|embed|append|css|style|getjs|frame|player|src|fetch|asset",
    re.I,
)
_THROUGH = frozenset(
    "unescape decodeURIComponent decodeURI atob encodeURI String URL concat replace join trim toString toLowerCase reverse split "
    "fromCharCode sanitize escape raw html trustedResourceUrl bypassSecurityTrustResourceUrl bypassSecurityTrustHtml "
    "createScriptURL createHTML format unref toValue ref".split()
)
# What well-known libraries and the browser's own classes fetch, by the spelling of the call and of the key.
_LIBRARY_FETCHES: tuple[tuple[Fetch, re.Pattern[str]], ...] = (
    ("request", lazy_re.compile(
        r"(?:.*\.)?(?:Papa\.parse|d3\.(?:csv|tsv|dsv|json|text|xml|html|svg|blob|buffer)|pdfjs(?:Lib)?\.getDocument(?:\.url)?|Request|io|"
        r"vegaEmbed|(?:\w+\.)*(?:(?:Static)?JsonRpc(?:Batch)?Provider|Web3|Web3HttpProvider|HttpProvider)|Bloodhound\.(?:remote|prefetch)(?:\.url)?|select2\.ajax\.url|autocomplete\.(?:source|serviceUrl)|DataTable\.ajax(?:\.url)?|Map\.style|setStyle|sources\.[^.]+\.tiles|addSource\.(?:tiles|url|data)|"
        r"[tT]ileLayer(?:\.(?:wms|WMS))?|OpenLayers\.(?:Class\.url|Layer\.(?:OSM|XYZ|TMS|WMS|WMTS|ArcGIS\w*))|"
        r"(?:XYZ|TileWMS|ImageWMS|TileJSON|VectorTile|WMTS|\w+Layer)\.url)")),
    ("image", lazy_re.compile(r"(?:.*\.)?(?:imageOverlay|L\.(?:icon|Icon(?:\.extend\.options|\.Default\.mergeOptions)?)\.(?:iconUrl|iconRetinaUrl|shadowUrl)|d3\.image|ImageStatic\.url)")),
    ("media", lazy_re.compile(
        r"(?:.*\.)?(?:Audio|videoOverlay|loadSource|Howl\.src|videojs\.sources(?:\.src)?|Plyr\.(?:.*\.)?src|player\.src(?:\.src)?|"
        r"setup\.(?:.*\.)?file|flvjs\.createPlayer\.url|attachSource)")),
)  # fmt: skip
_ADDRESS_KEYS = frozenset(
    "src href url source script uri poster data endpoint file link embedUrl embedURL scriptUrl scriptURL scriptSrc iframeSrc iframe".split()
)
# Where the style of a vector map names its tiles, in an object and in markup.
_MAP_TILES = lazy_re.compile(r"(?:^|\.)(?:sources\.[^.]+|addSource)\.(?:tiles|url|data)$")
_MAP_SOURCE = lazy_re.compile(r"(?:^|\.)sources\.[^.]+\.(?:url|data)$")
# A template of addresses for the squares of a map, what holds one, and how many of them make a table of providers.
_TILES = lazy_re.compile(r"\{z\}")
_HOLDS_TILES = lazy_re.compile(r"url|tile|layer|source|template|href|basemap|endpoint", re.IGNORECASE)
_MAX_TILES = 12
# Where a wallet's library asks a blockchain. Lists (`rpcUrls`) are what a visitor's own wallet is told.
_RPC = lazy_re.compile(r"rpc_?(?:url|uri|endpoint|provider_?url)", re.IGNORECASE)
_ROW = "it stands in data, and what takes it out may choose another"
_MAP_ELEMENT = lazy_re.compile(
    r"(?:Vector|Raster|RasterDem|Shape|GeoJSON)?Source|\w{0,40}TileLayer\w{0,40}|L?(?:Image|SVG|Video)Overlay"
)
_MAP_SOURCE_TYPES = ("raster", "raster-dem", "vector", "geojson")
# In a component: what takes the visitor to an address, and what may fetch one, or hands on what it does not name.
_LEADS = lazy_re.compile(
    r"\bwindow\.open\(|\bhref=|<(?:a|Link|NavLink)\b|\b(?:open|navigate|redirect|go)(?:In|To)\w{0,30}\("
)
_MAY_FETCH = lazy_re.compile(
    r"\bsrc|iframe|embed|player|fetch|axios|request|load|url\(|\.\.\.|dangerously|createElement|<(?!/)(?:video|audio|img|object|picture)\b",
    re.IGNORECASE,
)
_WHOLE_ADDRESS = lazy_re.compile(r"(?:https?:)?//[\w-]+\.")
_POLICY = lazy_re.compile(
    r"policy|csp|-src|srcdirective|whitelist|allowlist|blocklist|blacklist|allowed|origins?$|hosts?$|domains?$", re.I
)
_HEAD_KEYS = lazy_re.compile(
    r"^(?:scripts?|head|headScripts?|link|links|stylesheets?|styles?|js|css|tags|externalScripts|meta)$", re.I
)
# Of these, the ones whose list may hold bare addresses: `links: ['https://…']` are links.
_HEAD_LISTS = lazy_re.compile(r"^(?:scripts?|headScripts?|stylesheets?|styles?|js|css|externalScripts)$", re.I)
# The dialogue in which a visitor shares a page: a browser goes there, on a click, and fetches nothing.
_SHARING = lazy_re.compile(
    r"/(?:sharer\b|share(?:\.php)?(?=\?)|shareArticle\b|intent/(?:tweet|post|follow)\b|pin/create/|share-offsite\b|dialog/(?:share|feed|send)\b)",
    re.I,
)
# A function that takes a request and what answers it, and an answer.
_HANDLER = lazy_re.compile(r"\(\s*_?(?:req|request)\b[^(){}\n]{0,40},\s*(?:res|response|reply|h)\b")
_ANSWER = lazy_re.compile(
    r"\b(?:(?:res|response|reply)\.(?:json|send|sendFile|sendStatus|render|redirect|status|setHeader|writeHead|end)"
    r"|h\.(?:response|view|redirect|file))\("
)
# A command of Node; a route of Remix or React Router that answers requests and shows no page; a script of Google Apps; a
# load test of k6.
_SERVES = lazy_re.compile(
    r"^#![^\n]*\b(?:node|deno|bun|tsx)\b|\bfrom\s+['\"](?:[^'\"\n]{1,200}\.server['\"]|https://jslib\.k6\.io/)"
    r"|\b(?:UrlFetchApp|PropertiesService|SpreadsheetApp|ScriptApp|GmailApp)\s?\.\s?[a-z]\w{1,40}\("
)
# What Next.js runs as its server starts, and when that fails; for browsers there is instrumentation-client.
_INSTRUMENTS = lazy_re.compile(
    r"^export\s+(?:async\s+)?(?:function|const)\s+(?:register|onRequestError)\b", re.MULTILINE
)
# What a module or a function says of where a framework runs it, whoever calls it: nothing but comments stands before that.
_SIDE = lazy_re.compile(r"(?:\s|//[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*(['\"])use (?P<side>client|server)\1")
# What only a command does; where it names a `document` as well, that is a record of a store.
_COMMAND = lazy_re.compile(r"\bprocess\.(?:argv\b|exit(?:Code)?\b)")
# In the folder of a browser's code, `api` holds what asks an API, but for the pages that Next.js and Astro answer with.
_CLIENT_OF_API = lazy_re.compile(
    r"(?:^|/)(?:src|source|client|frontend|front-end|webapp|js|javascripts?)/(?:[^/]+/)*api/(?:[^/]+/)*[^/]+\.[cm]?[jt]s$"
)
_ANSWERS_AT_API = lazy_re.compile(
    r"\.server\.[cm]?[jt]sx?$|(?:^|/)(?:(?:pages|app)/api|server|middleware|functions|lambda|backend|services?/api)/"
)
# Hooks that React never runs while a server draws a page, and packages made for browsers, count as much as what they have.
_BROWSER = lazy_re.compile(
    r"\bdocument\s*\.|\bwindow\s*\.|\baddEventListener\b|\bnavigator\s*\.|\buse(?:Layout)?Effect\(|\bcreateBrowser[A-Z]\w{1,40}\("
    r"|\bfrom\s+['\"][^'\"\n]{1,100}[-/](?:web|browser)['\"]"
)
_SERVER_ONLY = lazy_re.compile(
    r"^import\s*['\"]server-only['\"]", re.MULTILINE
)  # whose build fails in a browser's code
_TEST_PATH = lazy_re.compile(
    r"(?:^|/)(?:__tests__|__mocks__|tests?|specs?|e2e|cypress|features/(?:step_definitions|support)|jest|mocks?|mirage|fixtures?|testing|playwright|test-helpers|"
    r"(?:integration|unit|functional|acceptance|smoke|system|regression|browser|ui|api|a11y|accessibility)[-_]tests?)/"
    r"|[._-](?:test|tests|spec|cy|e2e|stories|mocks?)\.[cm]?[jt]sx?$|(?:^|/)(?:mocks?|test-?(?:utils|examples|helpers|data|setup))\.[cm]?[jt]sx?$"
    r"|(?:^|/)\.storybook/"
    r"|(?:^|/)(?:jest|karma|vitest|cypress|playwright|codecept|wdio|protractor|nightwatch|saucelabs)\.[\w.]+$",
    re.IGNORECASE,
)
_TEST_DATA = lazy_re.compile(
    r"(?:^|/)(?:(?:[\w-]{1,50}[_-])?test[_-]?(?:sample[_-]?)?(?:data|inputs?)|__fixtures__|__snapshots__)/"
    r"|(?:^|/)(?:(?:[\w-]{1,50}\.){0,9}tests?|specs?|__tests__)/(?:.*/)?"
    r"(?:fixtures?|snapshot[\w-]{0,30}|cassettes|data|inputs?|responses|resources|expected|goldens?|baselines?|mock[\w-]{1,30}|samples?)/"
    r"|(?:^|/)snapshot[-_]?tests?/|\.(?:verified|received|approved)\.[\w.]{1,20}$",
    re.IGNORECASE,
)
_ADDRESS_NAME = lazy_re.compile(
    r"ur[il]|src|source|link|host|domain|server|site|(?<!de)script|js|cdn|endpoint|address", re.IGNORECASE
)
# What may be a module of the project itself: `./urls`, `@/config`, `src/config`.
_OWN_IMPORT = lazy_re.compile(r"\bimport\s[^;'\"]{1,2000}?\bfrom\s*['\"](?:\.|@/|~|\$|src/)[^'\"\n]{0,200}['\"]")
_NAMED_IMPORT = lazy_re.compile(
    r"\bimport\s*(?:\w{1,60}\s*,\s*)?\{(?P<names>[^{}]{1,2000})\}\s*from\s*['\"](?P<module>[^'\"\n]{1,200})['\"]"
)
_RENAMED = lazy_re.compile(r"\b(\w{1,100})\s+as\s+(\w{1,100})\b")
_STYLE_FILE = lazy_re.compile(r"\.(?:css|s[ac]ss|less)(?:\?\w{0,20})?$", re.IGNORECASE)
_ACCOUNT = lazy_re.compile(r"(?P<quote>['\"])(?P<id>[A-Za-z]{1,4}[-_][A-Za-z0-9-]{6,60})(?P=quote)")
_KEEPS = lazy_re.compile(r"config|settings|options|freeze|assign|extend|define", re.IGNORECASE)
_FRAME = lazy_re.compile(r"<iframe\b")
_ACCOUNT_KEY = lazy_re.compile(r"(?:id|key|dsn|token|account|property|container|measurement)s?$", re.IGNORECASE)
_ATTRIBUTE_READ = lazy_re.compile(
    r"""\.(?:getAttribute|attr)\(\s*['"`](?P<name>data-[\w-]+)['"`]\s*\)|\.data\(\s*['"`](?P<short>[\w-]+)['"`]\s*\)"""
    r"""|\.dataset(?:\.(?P<key>[\w$]+)|\[\s*['"`](?P<quoted>[\w$]+)['"`]\s*\])"""
)
_SETTING = (
    r"(?:[\w$]{1,60}\??\.){0,4}[\w$]{0,60}(?:[cC]onfig|CONFIG|[sS]ettings|SETTINGS|[eE]nvironment)[\w$]{0,60}"
    r"(?:\??\.[\w$]{1,80}){1,4}"
)
_ENVIRONMENT = r"(?:import\.meta\.env|process\.env)\.[A-Za-z_]\w{2,80}"  # a setting that a build puts in by its name
_SETTING_READ = lazy_re.compile(
    r"<(?P<tag>script|link|iframe|img)\b[^<>`]{0,300}?\s(?:src|href)=[\"']?\$\{\s*"
    rf"(?P<printed>{_SETTING}|{_ENVIRONMENT})\s*\}}(?P<rest>[^<>`]{{0,300}})"
    rf"|[(=]\s*(?:\{{\s*)?(?P<given>{_SETTING}|{_ENVIRONMENT})(?![\w$.(\[])"
)
_FETCHED_WHOLE = frozenset({"script", "iframe", "embed"})
_EMBEDDING = lazy_re.compile(
    r"embed|tweet|media|audio|sound|widget|post|figure|viewer|track|podcast|calendar|form", re.IGNORECASE
)
_BUILT_PATH = lazy_re.compile(r"(?:^|/)(?:dist|build|bundles?|vendor)/|[.-](?:min|bundle|chunk)\.")
_WORKERS = frozenset({"workerSrc", "workerUrl", "workerURL"})  # of libraries that run a script beside the page's
_MAX_SINKS = 8
_MAX_FILES = 3  # through which an address is followed
_MAX_KEPT = 3  # services under one attribute; more is a lazy loader for anything
_MAX_LEVELS = 3
_LONG_CODE = 100_000  # characters of a string that is run
_MAX_DEPTH = 14


def is_test_code(path: str) -> bool:
    """Whether a script belongs to a test suite: what it names is never shipped."""
    return _TEST_PATH.search(path) is not None


def is_test_data(path: str) -> bool:
    """Whether a file is kept for a test suite to read, such as a page of another site."""
    return _TEST_DATA.search(path) is not None


def side_of(code: str) -> str | None:
    """Where a module or function says at its begin that it runs: "client" or "server"."""
    found = _SIDE.match(code)
    return found["side"] if found is not None else None


def is_server_code(script: Script) -> bool:
    """Whether a script runs on a server or at build time: its requests leave no visitor's browser."""
    path = script.file.path
    if re.search(
        r"(?:^|/)lib/server/|(?:^|/)(?:gatsby-node|[\w.-]+(?<!client)(?<!browser)\.config)\.[cm]?[jt]s$|(?:^|/)_data/[^/]+\.[cm]?js$",
        path,
    ):
        return True
    side = side_of(script.text)
    if side == "client":
        return False
    if script.origin is None and (side == "server" or _SERVER_ONLY.search(script.text)):
        return True
    if re.search(
        r"\.server\.[cm]?[jt]sx?$|(?:^|/)(?:api|server|middleware|functions|lambda|scripts?/build)/(?:[^/]+/)*[^/]+\.[cm]?[jt]s$"
        r"|(?:^|/)edge-functions/(?:[^/]+/)*[^/]+\.[cm]?[jt]sx?$"
        r"|(?:^|/)app/(?:[^/]+/)*route\.[cm]?[jt]s$|(?:^|/)\+server\.[cm]?[jt]s$",
        path,
    ) and (_CLIENT_OF_API.search(path) is None or _ANSWERS_AT_API.search(path) is not None):
        return not speaks_to_a_browser(script)
    if re.search(r"(?:^|/)instrumentation\.[cm]?[jt]s$", path) and _INSTRUMENTS.search(script.text) is not None:
        return True
    if _SERVES.search(script.text) is not None and "export default" not in script.text:
        return True
    if servers().imports.search(script.text) is None:
        handles = _ANSWER.search(script.text) is not None and _HANDLER.search(script.text) is not None
        return handles and not speaks_to_a_browser(script)
    return not speaks_to_a_browser(script) or _COMMAND.search(script.text) is not None


def speaks_to_a_browser(script: Script) -> bool:
    """Whether the code of a script names what only browsers have; what it has in strings may be code too, unless it is plain text."""
    return any(not _is_plain_text(script, match.start()) for match in _BROWSER.finditer(script.text))


def _is_plain_text(script: Script, offset: int) -> bool:
    node = script.node_at(offset)
    if "comment" in node.type:
        return True
    return node.type == "string_fragment" and not set("<(=;").intersection(script.text_of(node))


def loads(
    script: Script, ruleset: Ruleset, document: Document | None = None, elsewhere: Elsewhere | None = None
) -> Iterator[Load]:
    """Every load of a script. `document` is the page it stands in, if it stands in one; what functions of other files do
    with an address that they are given is only known with `elsewhere`."""
    finder = _Finder(script, ruleset, document, elsewhere)
    yield from finder.run()


def takes_from(script: Script, ruleset: Ruleset, attribute: str) -> Iterator[ScriptPlace]:
    """The places where a script has the browser fetch what it finds in an attribute of an element."""
    finder = _Finder(script, ruleset, None)
    for name, read in _attribute_reads(script):
        sinks = finder.taking(read) if name == attribute else []
        if sinks:
            yield ScriptPlace(script, tuple(sink.node for sink in sinks), tuple(sink.through for sink in sinks))


def _attribute_reads(script: Script) -> Iterator[tuple[str, Node]]:
    """(name of a `data-` attribute, the expression that reads it)."""
    for match in _ATTRIBUTE_READ.finditer(script.text):
        key = match["key"] or match["quoted"]
        name = match["name"] or (match["short"] and "data-" + match["short"])
        if key is not None:
            name = "data-" + re.sub(r"[A-Z]", lambda upper: "-" + upper[0].lower(), key)
        node = script.node_at(match.start(), match.end())
        kinds = {"call_expression"} if key is None else {"member_expression", "subscript_expression"}
        read: Node | None = node if node.type in kinds else script.enclosing(node, kinds)
        if read is not None and not script.in_comment(match.start()):
            yield name, read


def bundle_loads(script: Script, ruleset: Ruleset) -> Iterator[Load]:
    """The services whose own code a script contains, whatever else it does."""
    for load in _Finder(script, ruleset, None).markers(set()):
        yield replace(load, ids=load.ids or find_ids(load.service, script.text))


_EVENT_TARGETS = frozenset({"target", "currentTarget", "srcElement"})
_DOM_TYPE = lazy_re.compile(r"\bHTML(\w+)Element\b")
_DOM_TAGS = {"Image": "img", "IFrame": "iframe"}


class _Code(NamedTuple):
    """A script that stands in a string, and whether it becomes a script element."""

    script: Script
    string: Node
    in_page: bool


def calls_in_strings(script: Script, ruleset: Ruleset, name: str) -> Iterator[tuple[Script, Node, Span]]:
    """The calls of a name in the scripts that a script prints: (its text as a script, the call, where it stands).

    Where that is told by its line alone, the place is the end of it: what stands on the same line may come first.
    """
    finder = _Finder(script, ruleset, None)
    for code in finder.code():
        exact = script.text_of(code.string)[1:-1] == code.script.text
        for call in code.script.calls(name):
            span = finder._inner_span(code.string, code.script.text, code.script.span(call), code.script.base)
            yield code.script, call, span if exact else Span(span.end, span.end)


class _Finder:
    def __init__(
        self, script: Script, ruleset: Ruleset, document: Document | None, elsewhere: Elsewhere | None = None
    ) -> None:
        self.script = script
        self.ruleset = ruleset
        self._elsewhere = elsewhere
        self._files = 0  # through which an address was handed to here
        self.inline = document is not None
        self.document = document
        self.level = 0  # of strings within strings that are run
        self._server: bool | None = None
        self._branches: set[int] = set()  # of conditional expressions, that were looked at

    @property
    def server(self) -> bool:
        if self._server is None:
            self._server = not self.inline and is_server_code(self.script)
        return self._server

    def run(self) -> Iterator[Load]:
        found: list[Load] = []
        weak: list[Load] = []
        found += self._addresses()
        found += self._markup_strings()
        found += self._encoded_tags()
        found += self._code_strings()
        found += self._style_strings()
        shown = list(self._components())
        # of an imported facade it is the element that asks for its picture
        drawn = {load.service for load in shown}
        found += [load for load in self._imports() if load.technique == "import" or load.service not in drawn]
        found += shown
        found += self._named_frames()
        found += self._printing_calls()
        for load, is_weak in self._calls():
            (weak if is_weak else found).append(load)
        known = {load.service.slug for load in found if load.service is not None}
        called = {load.service.slug for load in found if load.technique == "api-call" and load.service is not None}
        # an import alone loads nothing where the call that starts the service stands beside it
        found = [
            load
            for load in found
            if load.technique != "import" or load.service is None or load.service.slug not in called
        ]
        text = self.document.file.text if self.document is not None else self.script.text
        for load in weak:
            service = load.service
            if service is not None and (service.slug in known or load.ids or _has_sign(service, text)):
                found.append(load)
        found += pushes.loads(self.script, self.ruleset, self.document)
        found += self._attributed({load.service.slug for load in found if load.service is not None})
        found += self._from_attributes({load.service.slug for load in found if load.service is not None})
        found += self._from_settings({load.service.slug for load in found if load.service is not None})
        found += self._printed_settings({load.service.slug for load in found if load.service is not None})
        yield from found
        yield from self._accounts()
        yield from self.markers({load.service.slug for load in found if load.service is not None})

    def markers(self, known: set[str]) -> Iterator[Load]:
        """SDKs within a bundle or snippet, by texts that survive minification; only services with no other sign here."""
        script = self.script
        for service, start, end in bundled(script.text, self.ruleset):
            if service.slug in known:
                continue
            node = script.node_at(start, end)
            if node.type in ("comment", "html_comment") or self.server:
                continue
            known.add(service.slug)
            built = not self.inline and (is_bundle(script.file) or _BUILT_PATH.search(script.file.path) is not None)
            technique: Technique = "bundle" if built else self._technique("script")
            place = ScriptPlace(script, (script.root if built else node,))
            snippet = script.text[:4000] if self.inline else script.text[max(0, start - 2000) : end + 2000]
            yield Load(service, technique, Span(script.base + start, script.base + end), place, service.first_host, None,
                       find_ids(service, snippet))  # fmt: skip

    # ---- addresses

    def _addresses(self) -> Iterator[Load]:
        script = self.script
        told: dict[tuple[int, int], set[Service | None]] = {}
        hits = [self._string_at(match.start(), match.end()) for match in _ADDRESS_HIT.finditer(script.text)]
        for node in (*hits, *self._relayed_addresses(), *self._printed_addresses(), *self._imported_addresses()):
            if node is None:
                continue
            top = self._whole(node)
            key = (top.start_byte, top.end_byte)
            if key in told:
                yield from self._other_branch(node, top, told[key])
                continue
            own = self._own_branch(node, top)
            found = (list(self._address(node, top, own)) if own else []) or list(self._address(node, top))
            told[key] = {load.service for load in found}
            yield from found

    def _own_branch(self, node: Node, top: Node) -> str:
        """The text of an address that is one of several which an expression may stand for; "" where it is the only one."""
        own = self.script.fold(node) if node != top and node.type == "string" else None
        if not isinstance(own, str) or not _WHOLE_ADDRESS.match(own):
            return ""
        branch: Node | None = node
        while branch is not None and branch != top:
            branch = self.script.parent(branch)
            if branch is not None and branch.type == "ternary_expression":
                return own
        return ""

    def _other_branch(self, node: Node, top: Node, told: set[Service | None]) -> Iterator[Load]:
        """The load of another service in a further branch of `a ? "https://…" : "https://…"`."""
        branch = node
        while branch != top:
            outer, parent = self.script.unwrapped_parent(branch)
            if parent is None or outer == top:
                return
            if parent.type == "ternary_expression":
                break
            branch = parent
        if not told or branch.id in self._branches:  # of one long text with many addresses
            return
        self._branches.add(branch.id)
        own = self.script.fold(branch)
        if not isinstance(own, str) or not own:
            return
        for load in self._address(node, top, own):
            if load.service is not None and load.service not in told:
                told.add(load.service)
                yield load

    def _relayed_addresses(self) -> Iterator[Node | None]:
        """Strings that begin with a path of the site's own that is passed on to a tracker."""
        for glob, _ in self.ruleset.relays if self.ruleset.relays and not self.server else ():
            begin = glob.partition("*")[0]
            for match in re.finditer(rf"(?<=['\"`]){re.escape(begin)}", self.script.text):
                yield self._string_at(match.start(), match.end())

    def _printed_addresses(self) -> Iterator[Node]:
        """Values that begin with what a template prints, where that may be an address or the beginning of one."""
        script = self.script
        for output in script.outputs:
            begun = script.text[output.end : output.end + 1] == "/"
            if begun or _ADDRESS_NAME.search(output.expression):
                node = script.node_at(output.start, output.end)
                if node.type in ("string_fragment", "template_string", "string"):
                    node = node if node.type != "string_fragment" else script.parent(node) or node
                    if node.start_byte + 1 == output.start:
                        yield node
                elif node.type == "identifier":
                    yield node

    def _imported_addresses(self) -> Iterator[Node]:
        """Uses of a name, or of an entry of an object, that another module exports with an address for a value.

        Also the calls of its functions that give one.
        """
        script = self.script
        for match in _OWN_IMPORT.finditer(script.text):
            statement = script.enclosing(script.node_at(match.start()), {"import_statement"})
            for name in imported_names(statement) if statement is not None else ():
                binding = script.binding(name)
                values = script.imported(script, binding) if binding is not None else ()
                texts = [one for one in values if isinstance(one, str) and _addresses_something(one)]
                if binding is not None and not values and script.imported_results(script, binding):
                    parents = (script.parent(use) for use in script.uses(binding))
                    yield from (one for one in parents if one is not None and one.type == "call_expression")
                if binding is None or not (texts or any(isinstance(one, dict) for one in values)):
                    continue
                for use in script.uses(binding):
                    node, parent = use, script.parent(use)
                    while parent is not None and parent.type == "member_expression":
                        node, parent = parent, script.parent(parent)
                    if node is not use or texts:
                        yield node

    def _string_at(self, start: int, end: int) -> Node | None:
        """The string (or decoding call) that holds a hit; None in comments, regular expressions and plain text."""
        node: Node | None = self.script.node_at(start, end)
        while node is not None:
            if node.type in ("string", "template_string"):
                return node
            if node.type in ("identifier", "property_identifier") and self.script.text_of(node) in _DECODERS:
                return self.script.enclosing(node, {"call_expression"})
            if node.type not in ("string_fragment", "escape_sequence", "template_substitution", "identifier", "call_expression",
                                 "arguments", "'", '"', "`"):  # fmt: skip
                return None
            node = self.script.parent(node)
        return None

    def _whole(self, node: Node) -> Node:
        """The largest expression that is one string made of the node."""
        script = self.script
        while True:
            outer, parent = script.unwrapped_parent(node)
            if parent is None:
                return outer
            kind = parent.type
            if kind == "binary_expression":
                operator = parent.child_by_field_name("operator")
                if operator is not None and script.text_of(operator) in ("+", "||", "??"):
                    node = parent
                    continue
            if kind == "ternary_expression" and parent.child_by_field_name("condition") != outer:
                node = parent
                continue
            if kind == "template_substitution":
                above = script.parent(parent)
                if above is not None:
                    node = above
                    continue
            if kind == "arguments":
                call = script.parent(parent)
                if call is not None and self._last(call) in _THROUGH and self._last(call) not in ("replace", "split"):
                    node = call
                    continue
            if kind == "member_expression" and parent.child_by_field_name("object") == outer:
                call = script.parent(parent)
                if call is not None and call.type == "call_expression" and self._last(call) in _THROUGH:
                    node = call
                    continue
            if kind == "array":
                above = script.parent(parent)
                call = script.parent(above) if above is not None else None
                if (
                    above is not None
                    and above.type == "member_expression"
                    and call is not None
                    and self._last(call) == "join"
                ):
                    node = call
                    continue
            return outer

    def _last(self, call: Node) -> str:
        callee = call.child_by_field_name("function") or call.child_by_field_name("constructor")
        if callee is None:
            return ""
        if callee.type == "member_expression":
            prop = callee.child_by_field_name("property")
            return self.script.text_of(prop) if prop is not None else ""
        if callee.type == "import":
            return "import"
        return self.script.dotted(callee).rsplit(".", 1)[-1]

    def _address(self, node: Node, top: Node, begun: str = "") -> Iterator[Load]:
        """The load of an address; of those that `top` can be, of one that begins with `begun`."""
        script = self.script
        url = next(
            (
                value
                for value in script.alternatives(top)
                if isinstance(value, str)
                and value.startswith(begun)
                and (_addresses_something(value) or self.ruleset.relayed(value) is not None)
            ),
            None,
        )
        if url is None or _MARKUP.search(url):
            return
        url = self.ruleset.in_full(url.strip())
        service, host = name_url(self.ruleset, url)
        if service is None and (host is None or is_placeholder(host)):
            return
        if not loads_itself(url) or _SHARING.search(url):
            return
        sinks = self.sinks(top)
        fetching = [sink for sink in sinks if sink.kind is not None and sink.kind != "html"]
        if not fetching and not self.server:  # on a server what nothing here fetches is data
            fetching = [
                sink._replace(kind=_by_address(url, service))
                for sink in sinks
                if sink.kind is None and self._takes_addresses(sink, url, service)
            ]
        chosen = not fetching and not self.server and self._is_for_a_library(top, url, service)
        if chosen:
            fetching = [Sink("request", top, "")]
        fetching = [sink for sink in fetching if sink.kind != "request" or not self._in_server_function(sink.node)]
        if not fetching:
            return
        url, service, host = self._completed(url, service, host, fetching)
        kinds = {sink.kind for sink in fetching}
        if self.server and kinds <= {"request", "import"}:
            yield from self._passed_on(node, url, fetching)
            return
        if kinds == {"link"}:
            return
        kind = next(
            (k for k in ("script", "iframe", "image", "css", "import", "embed", "media", "request") if k in kinds),
            "script",
        )
        hint = kinds == {"css"} and all(self._relation(sink) in HINTS for sink in fetching)
        if kind == "embed" and _names_picture(url):
            kind = "image"
        if self._is_told_by_its_module(node, kind, url, service):
            return
        span = self._shown_span(node, kind)
        nodes = tuple(sink.node for sink in fetching)
        place: Place = ScriptPlace(script, nodes, tuple(sink.through for sink in fetching), node)
        if chosen and script.unwrapped_parent(top)[1] != script.enclosing(top, {"variable_declarator"}):
            place = FixedPlace(Consent("unknown", "uncalled", why=_ROW))
        snippet = script.text_of(self._snippet(top))
        ids = find_ids(service, url, snippet if len(snippet) < 6000 else script.text_of(script.statement(top))[:6000])
        technique = "link" if hint else self._technique(kind)
        yield Load(service, technique, span, place, host, re.sub(f"{UNKNOWN}+", "…", url)[:500], ids, hint)

    def _is_told_by_its_module(self, node: Node, kind: str, url: str, service: Service | None) -> bool:
        """Whether an imported address is found where it is exported, or is one of data, which may well be the site's own."""
        name: Node | None = node
        while name is not None and name.type in ("member_expression", "call_expression"):
            name = name.child_by_field_name("object") or name.child_by_field_name("function")
        binding = self.script.binding(name) if name is not None and name.type == "identifier" else None
        if binding is None or binding.kind != "import":
            return False
        if service is None and kind == "request":
            return True
        return name is node and self._takes_addresses(Sink(None, node, "export"), url, service)

    def _is_for_a_library(self, node: Node, url: str, service: Service | None) -> bool:
        """Whether what holds an address says what for: an address of map tiles, or one under `rpcUrl`.

        No library's own table of providers: of the maps that it offers any may be chosen, and none.
        """
        script = self.script
        parent = script.unwrapped_parent(node)[1]
        if parent is not None and parent.type == "array":
            parent = script.unwrapped_parent(parent)[1]
        if parent is None or is_bundle(script.file) or script.file.path.rsplit("/", 1)[-1].startswith("leaflet"):
            return False
        key = (
            script.key_of(parent)
            if parent.type == "pair"
            else script.text_of(parent.child_by_field_name("name") or parent)
        )
        if parent.type not in ("pair", "variable_declarator", "public_field_definition", "field_definition"):
            return False
        if _RPC.fullmatch(key):
            return service is not None
        tiles = all(re.search(rf"[{{$]\{{?-?{axis}\}}", url) for axis in "xyz")
        return tiles and _HOLDS_TILES.search(key) is not None and len(_TILES.findall(script.text)) <= _MAX_TILES

    def _relation(self, sink: Sink) -> str | None:
        """The `rel` that a script gives the <link> whose `href` it sets, also where its caller says it."""
        script = self.script
        left = sink.node.child_by_field_name("left")
        target = left.child_by_field_name("object") if left is not None else None
        holder = script.dotted(target) if target is not None else ""
        function = script.enclosing(sink.node, FUNCTIONS)
        for mention in (script.occurrences("rel") or ()) if holder else ():
            parent = script.parent(mention)
            outer = script.parent(parent) if parent is not None else None
            if parent is None or outer is None or outer.type != "assignment_expression":
                continue
            if script.dotted(parent) != f"{holder}.rel" or script.enclosing(outer, FUNCTIONS) != function:
                continue
            value = outer.child_by_field_name("right")
            binding = script.binding(value) if value is not None and value.type == "identifier" else None
            if binding is not None and binding.kind == "parameter":
                index = script.parameter_index(binding.scope, binding.declaration)
                given = [script.arguments(call) for call, called in sink.through if called == binding.scope]
                value = given[0][index] if given and index is not None and index < len(given[0]) else None
            relation = script.fold(value) if value is not None else None
            if not isinstance(relation, str):
                return None
            # its `onload` makes a style sheet of it
            later = relation == "preload" and "stylesheet" in script.text_of(function or script.root)
            return "stylesheet" if later else relation.lower()
        return None

    def _in_server_function(self, node: Node) -> bool:
        """Whether a place lies in a function that a framework runs on its server: `async () => { "use server"; … }`."""
        if "use server" not in self.script.text:
            return False
        function = self.script.enclosing(node, FUNCTIONS)
        while function is not None:
            body = function.child_by_field_name("body")
            if body is not None and side_of(self.script.text_of(body).removeprefix("{")) == "server":
                return True
            function = self.script.enclosing(function, FUNCTIONS)
        return False

    def _passed_on(self, node: Node, url: str, sinks: Sequence[Sink]) -> Iterator[Load]:
        """What a function of the site's own passes on to a tracker: its visitors' browsers only see the site."""
        script = self.script
        served = relays.served_at(script.file.path, script.text)
        for sink in sinks if served is not None else ():
            whole = script.fold(sink.value) if sink.value is not None else None
            target = whole if isinstance(whole, str) and whole.startswith(url) else url
            service, host = name_url(self.ruleset, target)
            if sink.kind == "request" and relays.is_collector(service, target):
                shown = re.sub(f"{UNKNOWN}+", "…", target)[:500]
                place = RelayPlace(script.file, (served,) if served else ())
                yield Load(service, "api-call", script.span(node), place, host, shown, find_ids(service, target))
                return

    def _completed(
        self, url: str, service: Service | None, host: str | None, sinks: Sequence[Sink]
    ) -> tuple[str, Service | None, str | None]:
        """The address as it is when it is used: `u` was its beginning, `u + 'matomo.js'` is fetched."""
        for sink in sinks:
            whole = self.script.fold(sink.value) if sink.value is not None else None
            if isinstance(whole, str) and whole != url and len(whole) > len(url) and whole.startswith(url):
                told, told_host = name_url(self.ruleset, whole)
                if told is not None and told is not service:
                    return whole, told, told_host or host
        return url, service, host

    def _shown_span(self, node: Node, kind: str) -> Span:
        """In a page the whole statement that makes up a vendor's snippet, else the address."""
        if self.inline and kind == "script":
            chain = self.script.ancestors(node)
            statement = chain[1] if len(chain) > 1 else node
            if statement.end_byte - statement.start_byte < 4000:
                return self.script.span(statement)
        return self.script.span(node)

    def _snippet(self, node: Node) -> Node:
        """The outermost statement around a node: vendor snippets are one or a few of them."""
        if self.inline and len(self.script.text) < 4000:
            return self.script.root
        chain = self.script.ancestors(node)
        return chain[1] if len(chain) > 1 else node

    def _technique(self, kind: str) -> Technique:
        if kind == "script":
            return "inline-script" if self.inline else "dynamic"
        techniques: dict[str, Technique] = {
            "iframe": "iframe", "image": "image", "css": "css", "import": "import", "request": "api-call", "embed": "embed",
            "media": "embed",
        }  # fmt: skip
        return techniques[kind]

    def _takes_addresses(self, sink: Sink, url: str, service: Service | None) -> bool:
        """Whether something undefined here, that is handed an address, may be taken to load it."""
        last = sink.name.rsplit(".", 1)[-1]
        path = url.split("?")[0]
        if last in _NO_SINKS or _POLICY.search(sink.name) or len(self.script.functions_named(last)) > 1:
            return False
        if _LOADERISH.search(last) and (service is not None or path.endswith((".js", ".mjs", ".css"))):
            return True
        return service is not None and service.kind != "cdn" and path.endswith(".js")

    # ---- following a value forwards

    def sinks(self, node: Node) -> list[Sink]:
        found: list[Sink] = []
        self._follow(node, found, set(), 0)
        return found

    def _follow(self, node: Node, found: list[Sink], seen: set[tuple[int, int]], depth: int) -> None:
        node = self._whole(node)
        key = (node.start_byte, node.end_byte)
        if key in seen or depth > _MAX_DEPTH or len(found) >= _MAX_SINKS:
            return
        seen.add(key)
        before = len(found)
        self._follow_into(node, found, seen, depth)
        found[before:] = [sink if sink.value is not None else sink._replace(value=node) for sink in found[before:]]

    def _follow_into(self, node: Node, found: list[Sink], seen: set[tuple[int, int]], depth: int) -> None:
        script = self.script
        outer, parent = script.unwrapped_parent(node)
        if parent is None:
            return
        kind = parent.type
        if kind == "arguments":
            call = script.parent(parent)
            if call is not None:
                self._argument(call, outer, found, seen, depth)
        elif (kind == "assignment_expression" and parent.child_by_field_name("right") == outer) or (
            kind == "augmented_assignment_expression" and parent.child_by_field_name("right") == outer
        ):
            self._assignment(parent, found, seen, depth)
        elif kind == "variable_declarator" and parent.child_by_field_name("value") == outer:
            target = parent.child_by_field_name("name")
            if target is not None and target.type == "identifier":
                self._uses(target, found, seen, depth)
                declaration = script.parent(parent)
                above = script.parent(declaration) if declaration is not None else None
                if not found and above is not None and above.type == "export_statement":
                    found.append(Sink(None, above, "export"))
        elif kind in ("public_field_definition", "field_definition"):
            name = script.name_of(outer) or script.key_of(parent)
            self._members(f"this.{name}", name, found, seen, depth)
        elif kind == "pair" and parent.child_by_field_name("value") == outer:
            self._pair(parent, found, seen, depth)
        elif kind == "object" and outer.type == "shorthand_property_identifier":
            self._pair(outer, found, seen, depth)
        elif kind == "array":
            self._array(parent, found, seen, depth)
        elif kind == "return_statement" or (kind == "arrow_function" and parent.child_by_field_name("body") == outer):
            function = parent if kind == "arrow_function" else script.enclosing(parent, FUNCTIONS)
            if function is not None:
                calls = script.calls_of(function)
                for call in calls:
                    self._follow(call, found, seen, depth + 1)
                if not calls:
                    self._method_results(function, found, seen, depth)
        elif kind == "jsx_attribute":
            self._jsx(parent, found)
        elif kind == "jsx_expression":
            attribute = script.parent(parent)
            if attribute is not None and attribute.type == "jsx_attribute":
                self._jsx(attribute, found)
        elif kind in ("assignment_pattern", "object_assignment_pattern"):
            left = parent.child_by_field_name("left")
            if left is not None and left.type in ("identifier", "shorthand_property_identifier_pattern"):
                self._uses(left, found, seen, depth)
        elif kind in ("required_parameter", "optional_parameter"):
            pattern = parent.child_by_field_name("pattern")
            if pattern is not None and pattern.type == "identifier":
                self._uses(pattern, found, seen, depth)
        elif kind == "member_expression" and parent.child_by_field_name("object") == outer:
            prop = parent.child_by_field_name("property")
            if prop is not None and script.text_of(prop) in ("href", "value", "src", "url"):
                self._follow(parent, found, seen, depth + 1)
        elif kind == "call_expression" and parent.child_by_field_name("arguments") == outer:  # html`…`
            if self._last(parent) in ("html", "svg"):
                found.append(Sink("html", parent))
        elif kind == "export_statement":
            found.append(Sink(None, parent, "export"))
        elif kind == "spread_element":
            self._follow(parent, found, seen, depth + 1)
        elif kind == "import_statement":
            found.append(Sink("import", parent))

    def _method_results(self, function: Node, found: list[Sink], seen: set[tuple[int, int]], depth: int) -> None:
        """Follows what a method returns, by its name: of a class in any spelling, else where no other function has it."""
        script = self.script
        owner, _, name = script.name_of(function).rpartition(".")
        pair = script.parent(function)
        described = pair is not None and script.described_method(pair) != ""
        marks = [script.key_of(pair)] if pair is not None and described else [one.type for one in function.children]
        if "get" in marks:
            self._members(f"this.{name}", name, found, seen, depth)
            return
        method = described or function.type == "method_definition" or owner.endswith("prototype")
        for call in script.calls(name) if name else ():
            callee = call.child_by_field_name("function")
            if method or (callee is not None and script.definition(callee) == function):
                self._follow(call, found, seen, depth + 1)

    def _uses(self, declaration: Node, found: list[Sink], seen: set[tuple[int, int]], depth: int) -> None:
        script = self.script
        binding = script.binding(declaration)
        if binding is None:
            name = script.text_of(declaration)
            for use in script.occurrences(name) or ():
                if use.id != declaration.id and use.type == "identifier" and script.binding(use) is None:
                    self._follow(use, found, seen, depth + 1)
            return
        for use in script.uses(binding):
            parent = script.parent(use)
            if parent is not None and parent.child_by_field_name("left") == use and parent.type != "binary_expression":
                continue
            if parent is not None and parent.type == "for_in_statement" and parent.child_by_field_name("right") == use:
                loop = parent.child_by_field_name("left")
                inner = loop if loop is not None and loop.type == "identifier" else None
                if inner is not None:
                    self._uses(inner, found, seen, depth + 1)
                continue
            if (
                parent is not None
                and parent.type == "member_expression"
                and parent.child_by_field_name("object") == use
            ):
                self._on_array(parent, found, seen, depth)
            if (
                parent is not None
                and parent.type == "subscript_expression"
                and parent.child_by_field_name("object") == use
            ):
                self._follow(parent, found, seen, depth + 1)
                continue
            self._follow(use, found, seen, depth + 1)

    def _on_array(self, member: Node, found: list[Sink], seen: set[tuple[int, int]], depth: int) -> None:
        """`urls.forEach(url => …)`."""
        script = self.script
        prop = member.child_by_field_name("property")
        call = script.parent(member)
        if prop is None or call is None or call.type != "call_expression":
            return
        if script.text_of(prop) not in ("forEach", "map", "every", "some", "reduce", "filter"):
            return
        for argument in script.arguments(call)[:1]:
            self._into_function(argument, 0, call, found, seen, depth)

    def _into_function(
        self, function: Node, index: int, call: Node, found: list[Sink], seen: set[tuple[int, int]], depth: int
    ) -> bool:
        """Follows parameter number `index` of a function expression or of a function that is known by name."""
        target: Node | None = function
        if function.type not in FUNCTIONS:
            target = self.script.definition(function)
        if target is None:
            return False
        parameters = target.child_by_field_name("parameters") or target.child_by_field_name("parameter")
        if parameters is None:
            return True
        named = (
            [parameters]
            if parameters.type == "identifier"
            else [c for c in parameters.named_children if c.type != "comment"]
        )
        if index < len(named):
            known = len(found)
            parameter = named[index]
            if parameter.type in ("required_parameter", "optional_parameter"):
                parameter = parameter.child_by_field_name("pattern") or parameter
            if parameter.type == "assignment_pattern":
                parameter = parameter.child_by_field_name("left") or parameter
            elif parameter.type == "rest_pattern":  # which is mostly handed on as it came: `fetch(...all)`
                parameter = nth_child(parameter, 0) or parameter
            if parameter.type == "identifier":
                self._uses(parameter, found, seen if function.type in FUNCTIONS else set(seen), depth + 1)
            if function.type not in FUNCTIONS:
                for position in range(known, len(found)):
                    found[position] = found[position]._replace(through=((call, target), *found[position].through))
        return True

    def _members(self, path: str, name: str, found: list[Sink], seen: set[tuple[int, int]], depth: int) -> None:
        """Uses of a property by its path, and by its name within destructuring."""
        script = self.script
        for mention in script.occurrences(name) or ():
            parent = script.parent(mention)
            if parent is None:
                continue
            if parent.type == "member_expression" and parent.child_by_field_name("property") == mention:
                spelled = script.dotted(parent)
                if spelled == path or (
                    (path.startswith("this.") or spelled.startswith("this.")) and spelled.endswith("." + name)
                ):
                    outer = script.parent(parent)
                    if outer is not None and outer.child_by_field_name("left") == parent and "assignment" in outer.type:
                        continue
                    self._follow(parent, found, seen, depth + 1)

    def _assignment(self, assignment: Node, found: list[Sink], seen: set[tuple[int, int]], depth: int) -> None:
        script = self.script
        left = assignment.child_by_field_name("left")
        if left is None:
            return
        if left.type == "identifier":
            if script.text_of(left) == "location":
                return
            self._uses(left, found, seen, depth)
            self._follow(assignment, found, seen, depth + 1)
            return
        path = script.dotted(left)
        name = script.property_name(left)
        target = left.child_by_field_name("object")
        if name in (
            "src",
            "href",
            "data",
            "innerHTML",
            "outerHTML",
            "srcdoc",
            "textContent",
            "text",
            "action",
            "poster",
            "srcset",
        ):
            if name in ("innerHTML", "outerHTML", "srcdoc"):
                found.append(Sink("html", assignment))
                return
            kind = self._element_kind(target, depth)
            if name == "href":
                if kind == "css":
                    found.append(Sink("css", assignment))
                return
            if name in ("src", "data", "poster", "srcset"):
                found.append(Sink(kind or "script", assignment, path))
            return
        if name in ("backgroundImage", "background", "cssText"):
            found.append(Sink("image", assignment))
            return
        if name in _WORKERS:
            found.append(Sink("script", assignment, path))
            return
        if name in ("onclick", "location", "hash", "pathname"):
            return
        if path and name:
            self._members(path, name, found, seen, depth)
            if name == "src":
                found.append(Sink("script", assignment))

    def _element_kind(self, target: Node | None, depth: int = 0) -> Fetch | None:
        """What kind of element an expression is."""
        script = self.script
        if target is None or depth > _MAX_DEPTH:
            return None
        if target.type in ("parenthesized_expression", "non_null_expression", "as_expression"):
            named = _DOM_TYPE.search(script.text_of(target)) if target.type == "as_expression" else None
            typed = _TAG_KINDS.get(_DOM_TAGS.get(named[1], named[1].lower())) if named is not None else None
            return typed or self._element_kind(nth_child(target, 0), depth + 1)
        handled = self._handled_kind(target, depth)
        if handled is not None:
            return handled
        if target.type in ("call_expression", "new_expression"):
            last = self._last(target)
            arguments = script.arguments(target)
            if last == "Image":
                return "image"
            if last in ("createElement", "createElementNS") and arguments:
                tag = self._created_tag(target)
                return _TAG_KINDS.get(tag) if tag is not None else "script"
            if (
                last in ("querySelector", "getElementById", "$", "jQuery", "getElementsByTagName", "closest", "find")
                and arguments
            ):
                return _kind_by_words(script.text_of(arguments[0]))
            return _kind_by_words(script.dotted(target.child_by_field_name("function")))
        if target.type == "assignment_expression":
            return self._element_kind(target.child_by_field_name("right"), depth + 1)
        if target.type == "identifier":
            binding = script.binding(target)
            candidates: list[Node] = []
            if binding is not None:
                if binding.value is not None and binding.kind == "variable":
                    candidates.append(binding.value)
                candidates += [value for _, value in script.assignments(binding)]
                if binding.kind == "parameter":
                    candidates += script.arguments_for(binding)
            for candidate in candidates:
                if candidate.type in (
                    "call_expression",
                    "new_expression",
                    "assignment_expression",
                    "parenthesized_expression",
                ):
                    kind = self._element_kind(candidate, depth + 1)
                    if kind is not None or self._created_tag(candidate):
                        return kind
            return _kind_by_words(script.text_of(target))
        path = script.dotted(target)
        name = path.rsplit(".", 1)[-1]
        for mention in script.occurrences(name) or ():
            parent = script.parent(mention)
            outer = script.parent(parent) if parent is not None else None
            if (
                parent is not None
                and outer is not None
                and outer.type == "assignment_expression"
                and (outer.child_by_field_name("left") == parent)
            ):
                right = outer.child_by_field_name("right")
                if right is not None and right.type in ("call_expression", "new_expression"):
                    kind = self._element_kind(right, depth + 1)
                    if kind is not None or self._created_tag(right):
                        return kind
        return _kind_by_words(path)

    def _handled_kind(self, target: Node, depth: int) -> Fetch | None:
        """The kind of the element whose event a handler handles: `this`, `e.target`, `event.currentTarget`."""
        script = self.script
        own = target.type == "this"
        if not own and (target.type != "member_expression" or script.property_name(target) not in _EVENT_TARGETS):
            return None
        functions = [one for one in script.ancestors(target) if one.type in FUNCTIONS]
        while own and functions and functions[-1].type == "arrow_function":
            functions.pop()  # whose `this` is that of what it stands in
        if not functions:
            origin = script.origin
            return _TAG_KINDS.get(origin.element.tag) if isinstance(origin, ElementPlace) else None
        for handler in (functions[-1], *script.uses_of(functions[-1])):
            _, parent = script.unwrapped_parent(handler)
            holder = script.parent(parent) if parent is not None else None
            if parent is None or holder is None:
                continue
            if parent.type == "jsx_expression" and holder.type == "jsx_attribute":
                element = script.parent(holder)
                tag = element.child_by_field_name("name") if element is not None else None
                return _TAG_KINDS.get(script.text_of(tag).lower()) if tag is not None else None
            left = parent.child_by_field_name("left") if parent.type == "assignment_expression" else None
            callee = holder.child_by_field_name("function") if parent.type == "arguments" else left
            listens = callee is not None and callee.type == "member_expression"
            if callee is not None and listens and script.property_name(callee).startswith(("on", "addEventListener")):
                return self._element_kind(callee.child_by_field_name("object"), depth + 1)
        return None

    def _created_tag(self, call: Node) -> str | None:
        """The tag of the element that a call makes, where the script says it: then no name has to tell its kind."""
        last = self._last(call) if call.type == "call_expression" else ""
        arguments = self.script.arguments(call) if last in ("createElement", "createElementNS") else []
        tag = self.script.fold(arguments[-1] if last == "createElementNS" else arguments[0]) if arguments else None
        return tag.lower() if isinstance(tag, str) else None

    def _pair(self, pair: Node, found: list[Sink], seen: set[tuple[int, int]], depth: int) -> None:
        script = self.script
        key = script.text_of(pair) if pair.type == "shorthand_property_identifier" else script.key_of(pair)
        holder = script.parent(pair)
        if holder is None or holder.type != "object":
            return
        outer, parent = script.unwrapped_parent(holder)
        if parent is None:
            return
        if parent.type == "arguments":
            call = script.parent(parent)
            if call is not None:
                self._argument(call, outer, found, seen, depth, key)
            return
        if parent.type == "array" and key in _ADDRESS_KEYS:
            above = script.parent(parent)
            siblings = [child for child in parent.named_children if child.type != "comment"]
            first = script.fold(siblings[0]) if siblings else None
            if isinstance(first, str) and first.lower() in _TAG_KINDS:  # ['script', { src: … }]
                found.append(Sink(_TAG_KINDS[first.lower()], pair, "head"))
                return
            if above is not None and above.type == "pair" and _HEAD_KEYS.match(script.key_of(above)):
                named = script.key_of(above).lower()
                kind: Fetch = "css" if ("style" in named or named.startswith(("link", "css"))) else "script"
                if kind == "css" and not _stylesheet(script, holder, key, named):
                    return
                found.append(Sink(kind, pair, named))
                return
        if parent.type == "jsx_expression":
            return
        if parent.type == "variable_declarator":
            target = parent.child_by_field_name("name")
            if target is not None and target.type == "identifier":
                self._members(f"{script.text_of(target)}.{key}", key, found, seen, depth)
                if not found:
                    binding = script.binding(target)
                    for use in script.uses(binding) if binding else ():
                        above = script.parent(use)
                        if above is not None and above.type == "arguments":
                            call = script.parent(above)
                            if call is not None:
                                self._argument(call, use, found, seen, depth, key)
                        elif above is not None and above.type == "spread_element":  # <iframe {...attributes}>
                            spread = script.parent(above)
                            element = script.parent(spread) if spread is not None else None
                            if element is not None and spread is not None and spread.type == "jsx_expression":
                                self._into_element(element, key, found)
        elif parent.type == "assignment_expression":
            path = script.dotted(parent.child_by_field_name("left"))
            if path:
                self._members(f"{path}.{key}", key, found, seen, depth)
        elif parent.type in ("pair", "array") and (key in _ADDRESS_KEYS or key[:1].islower()):
            # deeper in a configuration: its property may be read by its name
            before = len(found)
            self._members(f"this.{key}", key, found, seen, depth)
            if len(found) > before:
                return
            if _MODULE_PATHS.match(self._keys_above(pair)):
                found.append(Sink("import", pair))
        if not found:
            spelled = self._keys_above(pair)
            fetched = "request" if self._is_map_source(holder, spelled) else self._by_library(spelled)
            if fetched is not None or key in _ADDRESS_KEYS:
                found.append(Sink(fetched, pair, spelled))

    def _is_map_source(self, holder: Node, spelled: str) -> bool:
        """Whether an object is one of the sources that the style of a vector map names, each with its type."""
        pairs = (child for child in holder.named_children if child.type == "pair")
        types = (
            self.script.fold(one.child_by_field_name("value")) for one in pairs if self.script.key_of(one) == "type"
        )
        return _MAP_SOURCE.search(spelled) is not None and next(types, None) in _MAP_SOURCE_TYPES

    def _by_library(self, spelled: str) -> Fetch | None:
        """As `_library_fetch`; but what a library defines within its own text is there for pages to ask for."""
        if _MAP_TILES.search(spelled) is not None and is_bundle(self.script.file):
            return None  # of the maps that a bundle offers, any may be chosen, and none
        kind = _library_fetch(spelled)
        defining = spelled.rpartition(".")[0] if spelled.endswith(".Class.url") else ""
        if kind is not None and defining and re.search(rf"\b{re.escape(defining)}\s*=\s*function\b", self.script.text):
            return None
        return kind

    def _keys_above(self, pair: Node) -> str:
        parts = []
        for ancestor in reversed(self.script.ancestors(pair)):
            if ancestor.type == "pair":
                parts.append(self.script.key_of(ancestor))
            elif ancestor.type in ("call_expression", "new_expression"):
                callee = ancestor.child_by_field_name("function") or ancestor.child_by_field_name("constructor")
                parts.append(self.script.dotted(callee))
            elif ancestor.type == "variable_declarator":
                name = ancestor.child_by_field_name("name")
                parts.append(self.script.text_of(name) if name is not None else "")
            elif ancestor.type in FUNCTIONS:
                break
        return ".".join(reversed(parts))

    def _array(self, array: Node, found: list[Sink], seen: set[tuple[int, int]], depth: int) -> None:
        script = self.script
        outer, parent = script.unwrapped_parent(array)
        if parent is None:
            return
        if parent.type == "member_expression" and parent.child_by_field_name("object") == outer:
            self._on_array(parent, found, seen, depth)
        elif parent.type == "pair":
            key = script.key_of(parent)
            above = self._keys_above(parent)
            if _HEAD_LISTS.match(key) and not _POLICY.search(above):
                found.append(Sink("css" if re.search("style|css", key, re.I) else "script", array, key))
            elif (kind := self._by_library(above)) is not None:
                found.append(Sink(kind, array, above))
        elif parent.type == "arguments":
            call = script.parent(parent)
            if call is not None:
                last = self._last(call)
                if last in ("require", "define", "requirejs"):
                    found.append(Sink("import", call, last))
                else:
                    self._argument(call, outer, found, seen, depth)
        elif parent.type in ("variable_declarator", "assignment_expression", "jsx_expression"):
            self._follow(array, found, seen, depth + 1)

    def _jsx(self, attribute: Node, found: list[Sink]) -> None:
        script = self.script
        name_node = nth_child(attribute, 0)
        element = script.parent(attribute)
        if name_node is not None and element is not None:
            self._into_element(element, script.text_of(name_node), found)

    def _into_element(self, element: Node, name: str, found: list[Sink]) -> None:
        """What an element of JSX does with the address in an attribute."""
        script = self.script
        tag_node = element.child_by_field_name("name")
        tag = script.text_of(tag_node) if tag_node is not None else ""
        # <Link> is a router's or a design system's anchor: only <link> fetches
        kind = _TAG_KINDS.get(tag.lower()) if tag != "Link" else None
        if tag == "link" and name == "href":
            relation = " ".join(
                script.text_of(child) for child in element.named_children if "rel" in script.text_of(child)[:4]
            )
            if "stylesheet" in relation:
                found.append(Sink("css", element))
            elif re.search(r"icon|manifest", relation):
                found.append(Sink("image", element))
            else:
                found.append(Sink("link", element))
            return
        if tag_node is not None and tag[:1].isupper() and self._is_handed_on(element, tag_node, name):
            return
        if name == "mapStyle" or (name in ("tiles", "url", "data") and _MAP_ELEMENT.fullmatch(tag) is not None):
            found.append(Sink("request", element, tag))
        elif kind is not None and name in ("src", "srcSet", "data", "poster", "href", "xlinkHref"):
            found.append(Sink(kind, element))
        elif tag[:1].isupper() and name in (
            "src",
            "url",
            "videoUrl",
            "scriptSrc",
            "source",
            "embedUrl",
            "image",
            "poster",
            "iframeSrc",
        ):
            drawn_as = _DRAWN_AS.search(script.text_of(element))
            fetched = _TAG_KINDS.get(drawn_as[1]) if drawn_as is not None else _component_fetch(tag, name)
            if fetched is not None and not (drawn_as is None and tag_node is not None and self._only_links(tag_node)):
                found.append(Sink(fetched, element, tag))

    def _only_links(self, tag: Node) -> bool:
        """Whether a component of the project leads elsewhere, and has nothing by which it could fetch what it is given."""
        binding = self.script.binding(tag) if tag.type == "identifier" else None
        if binding is None or binding.value is None:
            return False
        imported = binding.kind == "import"
        text = self.script.component(self.script, binding) if imported else self.script.text_of(binding.value)
        return _LEADS.search(text) is not None and _MAY_FETCH.search(text) is None

    def _is_handed_on(self, element: Node, tag: Node, name: str, depth: int = 0) -> bool:
        """Whether the picture of a component comes from the site itself, whose server or build fetches it from its address."""
        script = self.script
        binding = script.binding(tag) if tag.type == "identifier" else None
        if binding is None or binding.value is None:
            return False
        if binding.kind != "import":  # of this file: by the elements that it gives its property to
            given = re.finditer(rf"=\{{(?:\w{{1,30}}\.)?({re.escape(name)})\}}", script.text_of(binding.value))
            begin = binding.value.start_byte
            within = [script.enclosing(script.node_at(begin + match.start(1)), JSX_TAGS) for match in given]
            return (
                depth < _MAX_LEVELS
                and bool(within)
                and all(
                    one is not None
                    and (inner := one.child_by_field_name("name")) is not None
                    and self._is_handed_on(one, inner, "src", depth + 1)
                    for one in within
                )
            )
        component = script.imported_as(binding)
        if component in pictures().by_build:
            return True
        return (
            component in pictures().by_server
            and not any(
                re.search(rf"\s{one}(?![\w-]|=\{{false)", script.text_of(element)) for one in pictures().as_it_is
            )
            and script.hands_on_pictures(script.file.path)
        )

    def _argument(
        self, call: Node, argument: Node, found: list[Sink], seen: set[tuple[int, int]], depth: int, key: str = ""
    ) -> None:
        """A string, or an object that holds it under `key`, is handed to a call."""
        script = self.script
        callee = call.child_by_field_name("function") or call.child_by_field_name("constructor")
        if callee is None:
            return
        arguments = script.arguments(call)
        index = next((i for i, given in enumerate(arguments) if given.id == argument.id), 0)
        last = self._last(call)
        name = script.dotted(callee)
        first = script.fold(arguments[0]) if arguments else None
        elsewhere = self._sinks_elsewhere(call, callee, index, key)
        if elsewhere:
            found.extend(elsewhere)
        elif last == "import":
            found.append(Sink("import", call))
        elif last in ("setAttribute", "attr", "prop", "setProperty") and (index == 1 or key):
            attribute = key or (first if isinstance(first, str) else "")
            target = callee.child_by_field_name("object")
            kind = self._element_kind(target)
            if attribute == "src" or (attribute == "data" and kind == "embed"):
                found.append(Sink(kind or "script", call))
            elif attribute == "href" and kind == "css":
                found.append(Sink("css", call))
            elif attribute == "srcdoc":
                found.append(Sink("html", call))
        elif last == "setAttributeNS" and index == 2:
            kind = self._element_kind(callee.child_by_field_name("object"))
            named = script.fold_text(arguments[1]) or ""
            if kind is not None and named.rpartition(":")[2] in ("href", "src"):
                found.append(Sink(kind, call))
        elif last == "open" and index == 1:
            found.append(Sink("request", call))
        elif (
            last in _METHODS
            and _CLIENT.search(name.rpartition(".")[0])
            and key in ("", "url", "baseURL", "uri", "prefixUrl")
        ):
            found.append(Sink("request", call, name))
        elif (
            last in ("createElement", "h", "jsx", "jsxs", "_jsx", "_jsxs", "createVNode", "_c", "el", "create") and key
        ):
            if isinstance(first, str) and first.lower() in _TAG_KINDS and key in ("src", "href", "data"):
                found.append(Sink(_TAG_KINDS[first.lower()], call))
            elif key in ("src", "url") and not isinstance(first, str):
                fetched = _component_fetch(script.text_of(arguments[0]), key)
                if fetched is not None:
                    found.append(Sink(fetched, call, name))
        elif last == "assign" and key in ("src", "href") and arguments:
            found.append(Sink(self._element_kind(arguments[0]) or "script", call))
        elif last in ("$", "jQuery") and isinstance(first, str) and key in ("src", "href"):
            tag = re.match(r"<\s*(\w+)", first)
            kind = _TAG_KINDS.get(tag[1].lower()) if tag else "script"
            if kind is not None:
                found.append(Sink(kind, call))
        elif last in _SCRIPT_LOADERS and self.script.definition(callee) is None:
            found.append(Sink("script", call, name))
        elif last in _STYLE_LOADERS and self.script.definition(callee) is None:
            found.append(Sink("css", call, name))
        elif last in _MARKUP_SINKS or last in ("$", "jQuery"):
            found.append(Sink("html", call, name))
        elif last in _REQUESTS or (last in ("create", "request") and "axios" in name):
            if key in ("", "url", "baseURL", "uri"):
                found.append(Sink("request", call, name))
        elif last in ("call", "apply") and callee.type == "member_expression":
            target = callee.child_by_field_name("object")
            # `Layer.prototype.initialize.call(this, …)` is what classes did before `super(…)`
            base = script.dotted(target).removesuffix(".prototype.initialize") if target is not None else ""
            kind = self._by_library(base)
            if kind is not None:
                found.append(Sink(kind, call, base))
            elif target is not None and index > 0:  # the first is `this`
                self._into_function(target, index - 1, call, found, seen, depth)
        elif last in ("push", "unshift", "concat") and callee.type == "member_expression":
            target = callee.child_by_field_name("object")
            if target is not None and target.type == "identifier":
                self._uses(target, found, seen, depth + 1)
            elif target is not None and target.type == "member_expression":
                found.append(Sink(None, call, name))
        elif last in _NO_SINKS or last == "addEventListener":
            return
        elif key:
            function = script.definition(callee)
            if function is None or not self._into_object_parameter(function, index, key, found, seen, depth):
                found.append(Sink(self._by_library(f"{name}.{key}"), call, f"{name}.{key}"))
        elif not self._into_function(callee, index, call, found, seen, depth):
            found.append(Sink(self._by_library(name), call, name))

    def _sinks_elsewhere(self, call: Node, callee: Node, index: int, key: str) -> list[Sink]:
        """What an imported function does with argument number `index` of a call, or with the `key` of that."""
        known = self._elsewhere(self.script, callee) if self._elsewhere is not None else None
        if known is None or self._files >= _MAX_FILES:
            return []
        finder = _Finder(known[0], self.ruleset, None, self._elsewhere)
        finder._files = self._files + 1
        sinks: list[Sink] = []
        if finder.server:
            return []
        if key:
            finder._into_object_parameter(known[1], index, key, sinks, set(), 0)
        else:
            finder._into_function(known[1], index, call, sinks, set(), 0)
        kinds = dict.fromkeys(sink.kind for sink in sinks if sink.kind is not None)
        return [Sink(kind, call, self.script.dotted(callee)) for kind in kinds]

    def _into_object_parameter(
        self, function: Node, index: int, key: str, found: list[Sink], seen: set[tuple[int, int]], depth: int
    ) -> bool:
        """`load({ src })` with `function load(options) { … options.src … }` or `function load({ src })`."""
        script = self.script
        parameters = function.child_by_field_name("parameters") if function is not None else None
        if parameters is None or index >= parameters.named_child_count:
            return False
        for mention in script.occurrences(key) or ():
            if not function.start_byte <= mention.start_byte < function.end_byte:
                continue
            parent = script.parent(mention)
            if parent is None:
                continue
            if parent.type == "member_expression" and parent.child_by_field_name("property") == mention:
                self._follow(parent, found, seen, depth + 1)
            elif parent.type == "object_pattern" or mention.type == "shorthand_property_identifier_pattern":
                self._uses(mention, found, seen, depth + 1)
        return True

    # ---- markup in strings

    def _markup_strings(self) -> Iterator[Load]:
        from tracklint.detect import markup

        script = self.script
        seen: set[tuple[int, int]] = set()
        for match in _MARKUP_HIT.finditer(script.text):
            node = self._string_at(match.start(), match.start() + 1)
            if node is None:
                continue
            top = self._whole(node)
            key = (top.start_byte, top.end_byte)
            if key in seen:
                continue
            seen.add(key)
            text = next((v for v in script.alternatives(top) if isinstance(v, str) and _MARKUP.search(v)), None)
            if text is None:
                continue
            sinks = self.sinks(top)
            names = [sink.name.rsplit(".", 1)[-1] for sink in sinks]
            if sinks and all(sink.kind is None and name in _NO_SINKS for sink, name in zip(sinks, names, strict=True)):
                continue
            if not sinks and not self._returned(top):
                continue
            nodes = tuple(sink.node for sink in sinks) or (top,)
            place = ScriptPlace(script, nodes)
            fragment = parse_fragment(text.replace(UNKNOWN, FILLER))
            for load in markup.loads(fragment, self.ruleset):
                ids = load.ids or find_ids(load.service, load.url, script.text_of(self._snippet(top))[:4000])
                technique = load.technique
                if technique == "script-src":
                    technique = self._technique("script")
                yield Load(load.service, technique, self._near(node, load), place, load.host, load.url, ids, load.hint)

    def _encoded_tags(self) -> Iterator[Load]:
        """Tags in base64 that are entries of an object: the settings of a consent plugin."""
        from tracklint.detect import markup

        script = self.script
        for match in markup.ENCODED_TAG.finditer(script.text):
            entry = script.enclosing(script.node_at(match.start(), match.end()), {"pair"})
            text = script.fold(entry.child_by_field_name("value")) if entry is not None else None
            if entry is None or not isinstance(text, str):
                continue
            keys = ".".join(script.key_of(one) for one in script.ancestors(entry) if one.type == "pair")
            yield from markup.encoded_loads(text, keys, script.file, script.span(entry), self.ruleset)

    def _near(self, node: Node, load: Load) -> Span:
        """The line of a long string on which the load stands."""
        span = self.script.span(node)
        text = self.script.text_of(node)
        for sought in (load.url, load.host) if "\n" in text and load.host else ():
            offset = text.find(sought) if sought else -1
            if sought and offset >= 0:
                return Span(span.start + offset, span.start + offset + len(sought))
        return span

    def _returned(self, node: Node) -> bool:
        """Whether a string leaves its function, or is the value of a property: somebody will print it."""
        _, parent = self.script.unwrapped_parent(node)
        return parent is not None and parent.type in ("return_statement", "arrow_function", "pair")

    # ---- code in strings

    def _code_strings(self) -> Iterator[Load]:
        """Loads of scripts that stand in strings: given to `eval`, or the content of a script element."""
        for code in self.code() if self.level < _MAX_LEVELS else ():
            finder = _Finder(code.script, self.ruleset, self.document)
            finder.inline = finder.inline or code.in_page
            finder.level = self.level + 1
            for load in finder.run():
                yield replace(load, span=self._inner_span(code.string, code.script.text, load.span, code.script.base))

    def code(self) -> Iterator[_Code]:
        """The scripts that stand in strings of this one."""
        script = self.script
        seen: set[tuple[int, int]] = set()
        for match in _CODE_HIT.finditer(script.text):
            found = self._code_at(match)
            if found is None:
                continue
            node, sink, in_page = found
            key = (node.start_byte, node.end_byte)
            text = script.fold(node)
            if key in seen or not isinstance(text, str) or len(text) > _LONG_CODE or not _CODE.search(text):
                continue
            seen.add(key)
            if (
                node.type == "identifier"
                and (binding := script.binding(node)) is not None
                and binding.value is not None
            ):
                node = binding.value
            inner = Script(text, "js", script.file, script.base + node.start_byte + 1)
            inner.origin = ScriptPlace(script, (sink,))
            yield _Code(inner, node, in_page)

    def _code_at(self, match: re.Match[str]) -> tuple[Node, Node, bool] | None:
        """(the string, the node that runs it, whether it becomes a script element) for a place that may run a string."""
        script = self.script
        group = match.lastgroup or "word"
        word = match[group]
        node = script.node_at(match.start(group), match.end(group))
        parent = script.parent(node)
        if parent is None:
            return None
        if word in _RUNNERS:
            call = script.enclosing(node, {"call_expression", "new_expression"})
            given = script.arguments(call) if call is not None and self._last(call) == word else []
            if call is None or not given:
                return None
            if word != "createTextNode":
                return (given[-1] if word == "Function" else given[0]), call, False
            outer = script.enclosing(call, {"call_expression"})
            holder = outer.child_by_field_name("function") if outer is not None else None
            target = holder.child_by_field_name("object") if holder is not None else None
            if outer is None or self._last(outer) not in ("appendChild", "append"):
                return None
            return (given[0], call, False) if self._element_kind(target) == "script" else None
        if parent.type == "member_expression":
            outer = script.parent(parent)
            right = outer.child_by_field_name("right") if outer is not None else None
            if outer is None or right is None or outer.child_by_field_name("left") != parent:
                return None
            kind = self._element_kind(parent.child_by_field_name("object"))
            return (right, outer, False) if kind == "script" else None
        if parent.type == "pair" and parent.child_by_field_name("key") == node:
            value = parent.child_by_field_name("value")
            holder = self._script_setting(parent, word)
            return (value, holder, True) if value is not None and holder is not None else None
        if parent.type == "jsx_opening_element" and _runs_jsx(script.text_of(parent)):
            element = script.parent(parent)
            inside = element.named_children[1:-1] if element is not None else []
            for child in inside:
                value = nth_child(child, 0) if child.type == "jsx_expression" else None
                if value is not None:
                    return value, parent, True
        return None

    def _script_setting(self, pair: Node, word: str) -> Node | None:
        """What prints the script whose content a property holds: an element, a call, an entry of a page's head."""
        script = self.script
        element = script.enclosing(pair, {*JSX_TAGS, "statement_block"})
        if word == "__html" and element is not None and element.type != "statement_block":
            return (
                element
                if re.match(r"<script\b", script.text_of(element), re.I) and _runs_jsx(script.text_of(element))
                else None
            )
        call = script.enclosing(pair, {"call_expression"})
        given = script.arguments(call) if call is not None else []
        if call is not None and given and self._last(call) in _CREATORS:
            tag = script.fold(given[0])
            if (tag if isinstance(tag, str) else script.text_of(given[0])).lower() == "script":
                return call
        holder = script.parent(pair)
        if holder is None or word == "__html":
            return None
        settings = {script.key_of(child): child.child_by_field_name("value") for child in holder.named_children}
        tag = script.fold(settings.get("tag") or settings.get("tagName"))
        if isinstance(tag, str) and tag.lower() == "script":
            return pair
        array = script.parent(holder)
        above = script.parent(array) if array is not None and array.type == "array" else None
        return (
            pair
            if above is not None and above.type == "pair" and script.key_of(above) in ("script", "scripts")
            else None
        )

    def _inner_span(self, node: Node, text: str, span: Span, base: int) -> Span:
        """Where something of the folded text stands in the file: exactly, else its line."""
        whole = self.script.span(node)
        raw = self.script.text_of(node)
        if raw[1:-1] == text:
            return span
        number = text.count("\n", 0, max(span.start - base, 0))
        lines = raw.split("\n")
        if not number or number >= len(lines):
            return whole if len(lines) == 1 else Span(whole.start, whole.start + len(lines[0]))
        start = whole.start + sum(len(line) + 1 for line in lines[:number])
        indented = len(lines[number]) - len(lines[number].lstrip())
        return Span(start + indented, start + max(len(lines[number].rstrip()), indented + 1))

    # ---- styles in strings

    def _style_strings(self) -> Iterator[Load]:
        """Addresses in style sheets that scripts make: tagged templates, `<style>` of JSX, style objects, rules."""
        script = self.script
        seen: set[int] = set()
        for match in _STYLE_HIT.finditer(script.text):
            node = self._string_at(match.start(), match.start() + 1)
            if node is None or node.start_byte in seen:
                continue
            seen.add(node.start_byte)
            put_together = match[0].endswith(("+", "{"))
            if put_together and is_bundle(script.file):
                continue  # a component of a library, with which the site may do nothing
            whole = self._whole(node) if match[0].endswith("+") else node
            outer, parent = script.unwrapped_parent(whole)
            text = script.fold(outer)
            if parent is None or not isinstance(text, str):
                continue
            if "[url(" in text and script.enclosing(outer, {"jsx_attribute"}) is not None:  # of Tailwind
                sheet = text
            elif parent.type == "pair" or self._is_style_property(outer, parent):
                named = script.key_of(parent) if parent.type == "pair" else "background"
                sheet = f"a{{background:{text}}}" if _STYLE_KEY.match(named) else ""
            else:
                sheet = text if self._becomes_style(outer, parent) else ""
            place = ScriptPlace(script, (parent,))
            for load in style.loads(sheet, 0, place, self.ruleset, ""):
                yield replace(load, span=self._near(node, load))

    def _is_style_property(self, node: Node, parent: Node) -> bool:
        """`element.style.backgroundImage = 'url(…)'`, and what else takes one value of a style."""
        script = self.script
        if parent.type == "assignment_expression":
            left = parent.child_by_field_name("left")
            return left is not None and _STYLE_KEY.match(script.property_name(left)) is not None
        call = script.parent(parent) if parent.type == "arguments" else None
        if call is None or self._last(call) not in ("setProperty", "css", "FontFace"):
            return False
        arguments = script.arguments(call)
        return len(arguments) > 1 and arguments[1].id == node.id

    def _becomes_style(self, node: Node, parent: Node) -> bool:
        script = self.script
        if parent.type == "call_expression" and parent.child_by_field_name("arguments") == node:
            callee = script.dotted(parent.child_by_field_name("function"))
            return _STYLE_TAG.match(callee) is not None
        if parent.type == "jsx_expression":
            element = script.parent(parent)
            opening = nth_child(element, 0) if element is not None and element.type == "jsx_element" else None
            return opening is not None and re.match(r"<(?:style|Style)\b", script.text_of(opening)) is not None
        if parent.type == "arguments":
            call = script.parent(parent)
            if call is not None and self._last(call) in ("setAttribute", "attr"):
                return script.fold(script.arguments(call)[0]) == "style"
            return call is not None and self._last(call) in ("insertRule", "addRule", "replaceSync")
        if parent.type == "assignment_expression":
            left = parent.child_by_field_name("left")
            target = left.child_by_field_name("object") if left is not None else None
            if left is not None and target is not None and script.property_name(left) in ("style", "cssText"):
                return True
            return (
                left is not None
                and script.property_name(left) in ("textContent", "innerHTML", "innerText")
                and self._element_kind(target) == "css"
            )
        return False

    # ---- packages

    def _imports(self) -> Iterator[Load]:
        script = self.script
        for match in _IMPORT.finditer(script.text):
            name = match["name"]
            service: Service | None
            if host_of(name):
                continue  # an address; it is found as one
            if _STYLE_FILE.search(name):
                continue  # the looks of a package start nothing
            service = self.ruleset.package("npm", name)
            if service is None or self._is_quiet(service):
                continue
            node = script.node_at(match.start("name"), match.end("name"))
            holder = script.enclosing(
                node, {"import_statement", "call_expression", "export_statement", "expression_statement"}
            )
            if (
                holder is None
                or node.type in ("comment", "html_comment")
                or script.enclosing(node, {"comment"}) is not None
            ):
                continue
            text = script.text_of(holder)
            if re.match(r"(?:im|ex)port\s+type\b(?!\s*(?:=|from\s*['\"]))", text):
                continue
            if holder.type == "import_statement" and self._only_names_things(holder):
                continue
            if holder.type == "call_expression" and self._last(holder) not in ("require", "import"):
                continue
            if self.server or script.file.path.endswith(".d.ts"):
                continue
            picture = self.ruleset.facade_host(name)
            yield Load(service, "embed" if picture else "import", script.span(holder if len(text) < 400 else node),
                       ScriptPlace(script, (holder,)), picture or service.first_host, None, find_ids(service, None))  # fmt: skip

    def _is_quiet(self, service: Service) -> bool:
        """Whether the file imports what keeps the service's packages from contacting anybody."""
        quiet = service.match.quiet_with
        return bool(quiet) and any(
            glob_matches(glob, match["name"]) for match in _IMPORT.finditer(self.script.text) for glob in quiet
        )

    def _only_names_things(self, statement: Node) -> bool:
        """Whether an import brings types and constants alone, such as the members of an enumeration."""
        match = _IMPORT_CLAUSE.match(self.script.text_of(statement))
        if match is None:
            return False
        whole = [name for name in (match["default"], match["namespace"]) if name]
        names = [part.strip() for part in (match["names"] or "").split(",") if part.strip()]
        return (
            bool(whole or names)
            and all(self._is_only_a_type(name) for name in whole)
            and all(
                name.startswith("type ") or (name[:1].isupper() and self._is_read_only(name.split()[-1]))
                for name in names
            )
        )

    def _is_only_a_type(self, name: str) -> bool:
        """Whether a script only names a type with what it imports whole; the compiler then drops the import."""
        if self.inline:
            return False  # the page's markup may be what uses it
        uses = [
            use
            for use in self.script.occurrences(name) or ()
            if self.script.enclosing(use, {"import_statement"}) is None
        ]
        return bool(uses) and all(self._names_a_type(use) for use in uses)

    def _names_a_type(self, use: Node) -> bool:
        if self.script.dialect not in ("ts", "tsx"):
            return False
        above = self.script.parent(use)
        if use.type != "type_identifier" and (above is None or above.type not in _TYPE_USES):
            return False
        method = self.script.enclosing(use, {"method_definition"})
        name = method.child_by_field_name("name") if method is not None else None
        # a framework that injects takes the class itself for the type of a parameter
        return name is None or self.script.text_of(name) != "constructor"

    def _is_read_only(self, name: str) -> bool:
        """Whether all that a script does with a name is to read the constants that it holds, or to name a type."""
        meant = False
        for use in self.script.occurrences(name) or ():
            parent = self.script.parent(use)
            if parent is None or parent.type == "import_specifier":
                continue
            if self._names_a_type(use):
                meant = True
                continue
            above = self.script.parent(parent)
            if (
                parent.type != "member_expression"
                or parent.child_by_field_name("object") != use
                or (above is not None and above.child_by_field_name("function") == parent)
            ):
                return False
            meant = True
        return meant

    def _components(self) -> Iterator[Load]:
        script = self.script
        if script.dialect == "ts" or (self.inline and script.dialect != "tsx"):
            return
        for match in _TAG.finditer(script.text):
            held = match[1].rpartition(".")  # <Amp.AmpYoutube>, of all that a package exports
            for service, package in component_services(self.ruleset, held[2], script.text):
                if held[0] and package is None:
                    continue
                node = script.node_at(match.start(1), match.end(1))
                element = script.enclosing(node, JSX_TAGS)
                if element is None or element.start_byte != match.start():
                    continue
                binding = script.binding(node)
                if package is None and binding is not None and binding.kind != "import":
                    continue  # a component of the project's own by that name
                text = script.text_of(element)
                picture = self.ruleset.facade_host(script.imported_from(binding))
                yield Load(service, "embed", script.span(element), ScriptPlace(script, (element,)),
                           picture or service.first_host, None, find_ids(service, text))  # fmt: skip
                break

    def _named_frames(self) -> Iterator[Load]:
        """Frames whose address is handed in from elsewhere, told by the names of the component that holds them."""
        script = self.script
        for match in _FRAME.finditer(script.text):
            element = script.enclosing(script.node_at(match.start() + 1, match.end()), JSX_TAGS)
            attribute = (
                next((child for child in element.named_children if script.text_of(child).startswith("src={")), None)
                if element is not None and element.start_byte == match.start()
                else None
            )
            if element is None or attribute is None:
                continue
            value = nth_child(nth_child(attribute, 1) or attribute, 0)
            if value is None or script.fold_text(value) is not None:
                continue
            component = script.enclosing(element, FUNCTIONS)
            names = " ".join(
                (script.text_of(value), script.name_of(component) if component is not None else "",
                 *script.file.path.rsplit(".", 1)[0].split("/")[-2:])
            )  # fmt: skip
            service = service_by_name(self.ruleset, names)
            if service is not None and service.kind in EMBEDDED:
                yield Load(service, "iframe", script.span(element), ScriptPlace(script, (element,)), None, None, (),
                           dynamic=True)  # fmt: skip

    def _attributed(self, known: set[str]) -> Iterator[Load]:
        """Trackers on a host that only settings know, told by the attribute that a script gives to the tag it makes."""
        script = self.script
        marks = _script_marks(self.ruleset)
        if self.server or "setAttribute" not in script.text:
            return
        for call in script.calls("setAttribute"):
            arguments = script.arguments(call)
            name = script.fold(arguments[0]) if len(arguments) > 1 else None
            service = marks.get(name.lower()) if isinstance(name, str) else None
            callee = call.child_by_field_name("function")
            target = callee.child_by_field_name("object") if callee is not None else None
            if service is None or service.slug in known or self._element_kind(target) != "script":
                continue
            known.add(service.slug)
            yield Load(service, self._technique("script"), script.span(call), ScriptPlace(script, (call,)), None, None,
                       find_ids(service, script.text_of(call)), dynamic=True)  # fmt: skip

    def _from_attributes(self, known: set[str]) -> Iterator[Load]:
        """Addresses that markup keeps in an attribute of its own until this script takes them out."""
        script = self.script
        marks = _script_marks(self.ruleset)
        if self.server:
            return
        for attribute, read in _attribute_reads(script):
            sinks = self.taking(read)
            if not sinks:
                continue
            held: dict[str, tuple[Service, str | None, str | None]] = {}
            for url in script.kept(attribute):
                named, host = name_url(self.ruleset, url)
                if named is not None:
                    held.setdefault(named.slug, (named, host, url))
            marked = marks.get(attribute)
            if marked is not None:
                held.setdefault(marked.slug, (marked, None, None))
            for service, host, kept in held.values():
                if service.slug in known or len(held) > _MAX_KEPT:
                    continue
                known.add(service.slug)
                place = ScriptPlace(script, tuple(sink.node for sink in sinks), tuple(sink.through for sink in sinks))
                yield Load(service, "dynamic", script.span(read), place, host, kept, find_ids(service, kept or ""),
                           dynamic=kept is None)  # fmt: skip

    def _from_settings(self, known: set[str]) -> Iterator[Load]:
        """Addresses that the site's settings, in another file, keep until this script takes them out."""
        script = self.script
        for match in _SETTING_READ.finditer(script.text):
            start, end = match.span("printed" if match["printed"] else "given")
            held: dict[Service | str, str] = {}
            for url in script.settings(script.text[start:end].replace("?.", ".")):
                service, host = name_url(self.ruleset, url)
                if service is not None and service.slug not in known:
                    held.setdefault(service, url)
                elif service is None and host is not None and not is_placeholder(host) and ".env." in match[0]:
                    held.setdefault(host, url)
            read = script.node_at(start, end)
            if not 0 < len(held) <= _MAX_KEPT or read.type != "member_expression" or script.in_comment(start):
                continue
            sinks = self.sinks(read)
            kind: Fetch | None
            if match["printed"]:
                kind = _TAG_KINDS.get(match["tag"])
                if kind == "css" and "stylesheet" not in match[0]:
                    continue
                sinks = [sink for sink in sinks if sink.name.rpartition(".")[2] not in _NO_SINKS]
            else:
                sinks = [sink for sink in sinks if sink.kind not in (None, "html", "link")]
                kind = sinks[0].kind if sinks else None
                if self.server and kind in ("request", "import"):
                    continue
            if not sinks or kind is None:
                continue
            place = ScriptPlace(script, tuple(sink.node for sink in sinks), tuple(sink.through for sink in sinks))
            for named, url in held.items():
                service = named if isinstance(named, Service) else None
                if service is None and kind not in _FETCHED_WHOLE:
                    continue
                if service is not None:
                    known.add(service.slug)
                ids = find_ids(service, url)
                yield Load(service, self._technique(kind), script.span(read), place, host_of(url), url, ids)

    def _printed_settings(self, known: set[str]) -> Iterator[Load]:
        """Accounts that a template hands to scripts elsewhere: `window.sentryConfig = { dsn: "<%= … %>" }`."""
        script = self.script
        for output in script.outputs:
            pair = script.enclosing(script.node_at(output.start, output.end), {"pair"})
            value = pair.child_by_field_name("value") if pair is not None else None
            if pair is None or value is None or not _ACCOUNT_KEY.search(script.key_of(pair)):
                continue
            if value.end_byte - value.start_byte > output.end - output.start + 2:  # more than the output in its quotes
                continue
            names = f"{self._assigned_name(pair)} {script.key_of(pair)} {output.expression}"
            service = service_by_name(self.ruleset, names)
            if service is not None and service.slug not in known:
                known.add(service.slug)
                yield Load(
                    service, "config", script.span(pair), ScriptPlace(script, (pair,)), None, None, (), dynamic=True
                )

    def _assigned_name(self, node: Node) -> str:
        holder = self.script.enclosing(node, {"assignment_expression", "variable_declarator"})
        target = (
            (holder.child_by_field_name("left") or holder.child_by_field_name("name")) if holder is not None else None
        )
        return self.script.dotted(target) if target is not None else ""

    def taking(self, read: Node) -> list[Sink]:
        """The places that put what an expression gives into a script, a frame or the like."""
        return [sink for sink in self.sinks(read) if sink.kind in ("script", "iframe", "embed", "media")]

    # ---- accounts

    def _accounts(self) -> Iterator[Load]:
        """Ids of accounts that stand as values in a configuration, one load for all of a service."""
        script = self.script
        if is_test_code(script.file.path) or script.file.language == "markdown" or is_bundle(script.file):
            return
        found: dict[Service, list[tuple[Node, str]]] = {}
        for match in _ACCOUNT.finditer(script.text):
            service = next((one for one, shape in self.ruleset.accounts if shape.fullmatch(match["id"])), None)
            node = script.node_at(match.start(), match.end()) if service is not None else None
            if node is not None and service is not None and node.type == "string" and self._is_setting(node, service):
                found.setdefault(service, []).append((node, match["id"]))
        if found:
            # which reads scripts through this module
            from tracklint.detect.settings import HANDED_ON, stands_for_nothing

            for service, values in found.items():
                real = [(node, value) for node, value in values if not stands_for_nothing(value)]
                if real:
                    ids = tuple(sorted({value for _, value in real}))
                    yield Load(
                        service, "config", script.span(real[0][0]), FixedPlace(HANDED_ON), None, None, ids, mere=True
                    )

    def _is_setting(self, string: Node, service: Service) -> bool:
        """Whether a string is a value within an object, or of a property, that is kept: assigned, exported, returned."""
        script = self.script
        node, parent = script.unwrapped_parent(string)
        within = False
        while parent is not None:
            kind = parent.type
            if kind == "pair" and parent.child_by_field_name("value") == node:
                holder = script.parent(parent)
                beside = (
                    {script.key_of(one) for one in holder.named_children if one.type == "pair"} if holder else set()
                )
                if beside & set(service.match.accounts_unless):
                    return False
                within = True
            elif kind in ("assignment_expression", "augmented_assignment_expression"):
                left = parent.child_by_field_name("left")
                head = script.dotted(left).removeprefix("window.").split(".")[0]
                managers = self.ruleset.managers.values()
                kept = within or (left is not None and left.type == "member_expression")
                return kept and not any(head in manager.globals for manager in managers)
            elif kind in ("variable_declarator", "public_field_definition", "field_definition", "return_statement", "export_statement"):  # fmt: skip
                return within
            elif kind == "arguments":
                call = script.parent(parent)
                if call is None or not _KEEPS.search(self._last(call)):
                    return False
            elif kind not in (
                "object",
                "array",
                "binary_expression",
                "ternary_expression",
                "call_expression",
                "arrow_function",
            ):
                return False
            node, parent = script.unwrapped_parent(parent)
        return False

    # ---- calls

    def _calls(self) -> Iterator[tuple[Load, bool]]:
        script = self.script
        renamed = self._renamed()
        names = {match[1] for match in _CALLEE.finditer(script.text)}
        for name in sorted(names):
            patterns = self.ruleset.calls(renamed.get(name, name))
            if not patterns:
                continue
            for call in script.calls(name):
                matched = self._matching(call, patterns, renamed)
                if matched is None or self.server:
                    continue
                pattern, service = matched
                text = script.text_of(call)
                snippet = script.text_of(self._snippet(call))
                ids = find_ids(
                    service, text[:4000], self._folded_arguments(call), snippet if len(snippet) < 4000 else None
                )
                place = ScriptPlace(script, (call,))
                load = Load(service, "api-call", script.span(call), place, self._contacted(service), None, ids)
                yield load, pattern.weak

    def _printing_calls(self) -> Iterator[Load]:
        """Calls that give the markup of a load, which the server of a page puts into it, whatever carries it there."""
        script = self.script
        for last, known in self.ruleset.printing_calls.items():
            told = last in script.text and any(pattern.head in script.text for pattern, _ in known)
            for call in script.calls(last) if told else ():
                named = script.called(call.child_by_field_name("function"))
                for pattern, service in known:
                    if self.ruleset.is_meant(pattern, named[:2], named.package):
                        ids = find_ids(service, script.text_of(call)[:4000])
                        place = ScriptPlace(script, (call,))
                        technique = self._technique("script")
                        yield Load(service, technique, script.span(call), place, service.first_host, None, ids)
                        break

    def _contacted(self, service: Service) -> str | None:
        """The host that a call contacts, where the SDK is part of this script; else its own tag names the host."""
        packages = service.match.packages.get("npm", ())
        return service.first_host if any(package in self.script.text for package in packages) else None

    def _folded_arguments(self, call: Node) -> str:
        values = [self.script.fold(argument) for argument in self.script.arguments(call)]
        return " ".join(repr(value) for value in values)[:2000]

    def _renamed(self) -> dict[str, str]:
        """What the functions of SDKs are called here: `import { init as startSentry } from "@sentry/browser"`."""
        return {
            part[2]: part[1]
            for match in _NAMED_IMPORT.finditer(self.script.text)
            if self.ruleset.package("npm", match["module"]) is not None
            for part in _RENAMED.finditer(match["names"])
        }

    def _matching(
        self, call: Node, patterns: Sequence[CallPattern], renamed: Mapping[str, str]
    ) -> tuple[CallPattern, Service] | None:
        script = self.script
        named = script.called(call.child_by_field_name("function") or call.child_by_field_name("constructor"))
        paths = {renamed.get(path, path) for path in (named.written, named.path)}
        best: tuple[CallPattern, Service] | None = None
        arguments: list[object] | None = None
        for pattern in patterns:
            if pattern.new != (call.type == "new_expression") and pattern.new:
                continue
            if not self.ruleset.is_meant(pattern, paths, named.package):
                continue
            if arguments is None:
                arguments = script.given(call)
            if not pattern.matches_arguments(arguments):
                continue
            service = self.ruleset.services.get(pattern.service)
            if service is None:
                continue
            if best is None or _exactness(pattern) > _exactness(best[0]):
                best = (pattern, service)
        return best


@lru_cache(maxsize=8)
def _script_marks(ruleset: Ruleset) -> dict[str, Service]:
    """The services by the attribute that alone tells their script's tag."""
    marks = ((re.fullmatch(r"script\[([\w-]+)\]", selector), service) for service, selector in ruleset.attributes)
    return {match[1].lower(): service for match, service in marks if match is not None}


@lru_cache(maxsize=8)
def _bundle_automaton(ruleset: Ruleset) -> tuple[ahocorasick_rs.AhoCorasick, tuple[Service, ...]]:
    marked = ruleset.bundle_markers
    return ahocorasick_rs.AhoCorasick([marker for _, marker in marked]), tuple(service for service, _ in marked)


def bundled(text: str, ruleset: Ruleset) -> list[tuple[Service, int, int]]:
    """(service, start, end) of each text in a script that only one service's SDK has."""
    if not ruleset.bundle_markers:
        return []
    automaton, services = _bundle_automaton(ruleset)
    return [(services[index], start, end) for index, start, end in automaton.find_matches_as_indexes(text)]


def _library_fetch(spelled: str) -> Fetch | None:
    """What a call that nobody here defines fetches, where it is that of a well-known library."""
    return next((kind for kind, pattern in _LIBRARY_FETCHES if pattern.fullmatch(spelled)), None)


def _exactness(pattern: CallPattern) -> int:
    return sum(len(repr(argument)) for argument in pattern.arguments) - 1000 * pattern.weak


def _addresses_something(value: str) -> bool:
    value = value.strip()
    if value.startswith("%3C") or "<" in value[:1]:
        return False
    return "//" in value[:12] or value.startswith(UNKNOWN + "/") or ("." in value.split("/")[0] and "/" in value)


def _by_address(url: str, service: Service | None) -> Fetch:
    path = url.split("?")[0].lower()
    if path.endswith(".css"):
        return "css"
    if service is not None and service.kind == "font":
        return "css"
    if _names_picture(url):
        return "image"
    if service is not None and service.kind in ("video", "map") and not path.endswith(".js"):
        return "iframe"
    return "script"


def _names_picture(url: str) -> bool:
    return url.split("?")[0].lower().endswith((".png", ".gif", ".jpg", ".jpeg", ".svg", ".webp", ".avif"))


def _kind_by_words(text: str) -> Fetch | None:
    lowered = text.lower()
    if re.search(r"i?frame|player|video|map\b", lowered):
        return "iframe"
    if re.search(r"img|image|pixel|beacon|thumb|avatar|poster|photo", lowered):
        return "image"
    if re.search(r"(?<!de)script|\bjs\b|\bga\b", lowered):
        return "script"
    if re.search(r"(?<![\w-])link(?:el|element|node|tag)?(?![a-z])|css|style", lowered):  # `surveyLink` is an anchor
        return "css"
    return None


def _component_fetch(component: str, name: str) -> Fetch | None:
    """What a component fetches from the address in a property, by its own name and the property's."""
    if name in ("image", "poster"):
        return "image"
    by_words = _kind_by_words(component)
    if by_words == "css":  # <ShareLink url=…>
        return None
    return by_words or ("embed" if name != "url" or _EMBEDDING.search(component) else None)


def _stylesheet(script: Script, holder: Node, key: str, named: str) -> bool:
    relation = script.fold(holder)
    if isinstance(relation, dict):
        rel = relation.get("rel")
        if not isinstance(rel, str):
            return "rel" in relation or not named.startswith("link")  # the links of a menu have no relation
        return "stylesheet" in rel or "icon" in rel
    return key in ("href", "src")


_JSX_TYPE = lazy_re.compile(r"\btype=\{?\s*[\"'`]([^\"'`]*)")


def _runs_jsx(tag: str) -> bool:
    """Whether a script element of JSX holds code, by its `type`."""
    found = _JSX_TYPE.search(tag)
    return found is None or not re.search(r"json|template|html|xml", found[1], re.IGNORECASE)


def _has_sign(service: Service, text: str) -> bool:
    """Another mark of the service in the same file, for calls with a name that others use too."""
    for host in service.match.hosts:
        if host in text:
            return True
    packages = service.match.packages.get("npm", ())
    if any(f"{quote}{package}{quote}" in text for package in packages for quote in "'\""):
        return True
    return any(_glob_core(url) in text for url in service.match.urls if len(_glob_core(url)) > 6)


def _glob_core(url: str) -> str:
    return max(url.split("*"), key=len).strip("/")
