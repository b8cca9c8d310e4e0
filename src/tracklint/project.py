"""Joins the files of a project: what includes a partial, loads a script, imports a module, calls a function.

Nothing is indexed beforehand. A question names a file or a function; the texts of the project are searched for that
name, and only the places where it stands are parsed.
"""

from __future__ import annotations

import contextlib
import functools
import html
import itertools
import json
import posixpath
import re
import urllib.parse
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tree_sitter import Node

from tracklint import lazy_re
from tracklint.backstage import STAFF_HOOKS, Backstage, hooks_of, is_staff_template
from tracklint.consent import expression as expressions
from tracklint.consent import words
from tracklint.consent.carried import carried, row_around, taken_by_name
from tracklint.consent.element import own_gate
from tracklint.consent.events import firing
from tracklint.consent.flow import Excludes, Flow, asks_for_consent
from tracklint.consent.kept import kept_state
from tracklint.consent.mechanisms import Mechanisms
from tracklint.consent.reach import OPEN, Budget, Reach, any_of, switched_off
from tracklint.consent.world import FREE, TRUTHY, Abstract, Resolve, World, join, known
from tracklint.detect import relays, style
from tracklint.detect.code import code_source
from tracklint.detect.email import may_be_mailed
from tracklint.detect.load import ElementPlace, ScriptPlace, TextPlace, name_url
from tracklint.detect.markup import Known, holds_own_paths, inline_script, printed_in, script_in, variable_in
from tracklint.detect.script import is_test_code, takes_from
from tracklint.markup import COMPONENT_DIALECTS, Document, Element, parse, parse_fragment
from tracklint.mentions import could_mean, standing
from tracklint.model import Hop, SourceFile, Span
from tracklint.modules import Modules, imported_uses, required_in_place
from tracklint.own_template import names_in, templates_beside
from tracklint.ruleset import Ruleset, Service, lightboxes
from tracklint.script import FUNCTIONS, JSX_TAGS, Binding, Script
from tracklint.site import OwnHosts, own_hosts
from tracklint.source import PHP_PERHAPS, Recent, Tree, classify, decode, is_bundle, stem_of
from tracklint.template import Condition, mask
from tracklint.unused import Unused

if TYPE_CHECKING:
    from tracklint.constants import Constants
    from tracklint.detect import settings
    from tracklint.loaders import Loaders
    from tracklint.presence import Presence
    from tracklint.staff import Staff
    from tracklint.starts import Starts

_SEARCHED = frozenset({"html", "indent", "markdown", "script", "code"})
_SETTINGS = lazy_re.compile(r"config|settings|environment", re.IGNORECASE)
_FOLDERS_BEFORE = lazy_re.compile(r"[\w./~@-]*$")
_BEFORE_A_USE, _AFTER_A_USE = 1500, 500  # characters in which what a template is given stands beside its name
_SEARCH_LIMIT = 600_000  # bytes; larger files are bundles and rendered data, which include nothing
_PARTIAL_SIZE = 20_000  # bytes; what is larger is a page rather than a part of one
_PAGES_LIMIT = 50_000_000  # bytes of such pages that are searched
_PLAIN_SCRIPTS = (".js", ".jsx", ".ts", ".tsx", ".mjs", ".cjs", ".mts", ".md")
_ENVIRONMENTS = frozenset({"process.env", "import.meta.env"})
# The folder of templates from which those of Jinja, Nunjucks, Twig and Liquid are named.
_NAMED_FROM = lazy_re.compile(
    r"(?:[^/]+/)*?(?:_includes|_layouts|templates)/(?=.+\.(?:njk|nunjucks|j2|jinja2?|twig|html|liquid)$)"
)
# Objects of the browser, whose methods no file of the site defines; one that stands in for them does so on a server.
_OF_BROWSERS = frozenset(
    "document navigator localStorage sessionStorage location history screen performance crypto console caches indexedDB JSON Object Math".split()
)
_MAX_PLACES = 60
_MOST_PLACES = 1000  # in all files between one and the entrances of the site
_MAX_CALLER_FILES = 25
_MAX_HANDED_ON = 5
_TOP_KEY = lazy_re.compile(r"^([\w.-]+):", re.MULTILINE)
_MAX_DEFINING_FILES = 12
_STEPS_FOR_A_NAME = 1500  # what following an entry by its name, through all files that have it, may cost
_STEPS_FOR_A_FILE = 10  # what reading another file in the course of a question counts for
_PAGE = lazy_re.compile(r"<html[\s>]|<!doctype|^\s*(?:doctype\b|!!!|html\b[^\n]*$)", re.IGNORECASE | re.MULTILINE)
_EXTENDS = lazy_re.compile(
    r"\{%-?\s*(?:extends|layout)\b|@extends\b|^layout:|\bLayout\s*=\s*\"|\{\{-?\s*define\b|<%\s*layout\b", re.MULTILINE
)
_CONDITION_ATTRIBUTES = ("v-if", "x-if", "*ngif", "ng-if", "data-if", "n-if", ":if", "v-else-if",
                         "th:if", "data-th-if", "n:if", "tal:condition", "py:if")  # fmt: skip
_EXPRESSION_BRACES = lazy_re.compile(r"^\s*(?:python:|[$*]\{(?=.*\}\s*$))(.*?)\}?\s*$", re.DOTALL)
_COMMON_NAMES = frozenset(
    "init load start run setup get set open close show hide add remove update render main create build call apply ready "
    "handle on off then next done push pop each map filter find test log send track data default value name".split()
)
_INCLUDES = lazy_re.compile(
    r"include|partial|render|extend|template|import|embed|layout|component|view|require|\bparse\b|\bfrom\b|\bpart\b|macro|>|\buse\b|slot|fragment",
    re.IGNORECASE,
)
_COMPONENTS = COMPONENT_DIALECTS | {"mdx"}
_IMPORT = lazy_re.compile(r"^[ \t]*import\s[^;'\"]{1,2000}?\bfrom\s*['\"][^'\"\n]{1,200}['\"]", re.MULTILINE)
_ADDRESS = lazy_re.compile(r"(?:https?:)?//(?P<host>[^/?#]{1,255})(?P<path>(?:/[^/?#\ue000]+){3,40})(?:[?#]|$)")
_CONSTANT = lazy_re.compile(r"[A-Z][A-Z0-9]*_[A-Z0-9_]+|[A-Z][a-z]+(?:[A-Z][a-z]+)+")
# Data read from a text, and what stands in its place where it is none: Ruby, Python and PHP.
_TRIED = (
    lazy_re.compile(
        r"@?(?P<name>\w+)\s*(?:\|\|)?=\s*begin\b(?P<attempt>[^;]{1,400}?)\n\s*rescue\b[^\n]*\n(?P<otherwise>.{1,400}?)\n\s*end\b",
        re.DOTALL,
    ),
    lazy_re.compile(
        r"\btry:\s*\n\s*(?P<name>\w+)\s*=\s*(?P<attempt>[^\n]{1,400})\n\s*except\b[^\n]*:\s*\n\s*(?P=name)\s*=\s*(?P<otherwise>\{[^{}]{0,400}\}|\[\])(?=\s*(?:\n|$))"
    ),
    lazy_re.compile(
        r"\btry\s*\{\s*\$(?P<name>\w+)\s*=\s*(?P<attempt>[^;]{1,400});\s*\}\s*catch\s*\([^()]*\)\s*\{\s*\$(?P=name)\s*=\s*(?P<otherwise>\[[^\[\];]{0,400}\]);\s*\}"
    ),
)
_READ_AS_DATA = lazy_re.compile(r"(?:JSON\.parse|json\.loads|JSON\.load)\(\s*(?P<text>.*)\)", re.DOTALL)
_LOADED = lazy_re.compile(r"/[\w.~$%-][^\s\"'`<>(),;]*")  # what follows the host in the address of a file
_CONTINUED = lazy_re.compile(r"(?:(?<=&&|\|\|)|(?<= and)|(?<= or))[ \t]*\n\s*|\s*\n\s*(?=&&|\|\|)")
_GIVEN_WITHIN = 2000  # what a name may be assigned to before it is given to templates
_RETURN_LINES = 12  # of one expression of the server's code
_INCLUDED = lazy_re.compile(r"[\w./@~-]*$")
_PLUGINS = ("fn", "$.fn", "jQuery.fn")  # whose functions all sets of elements have
# A function's name in the address of a script, or among the options of what loads one.
_CALLBACK = lazy_re.compile(
    r"(?:[?&;](?:callback|onload|jsonp|cb)=|\b(?:callback|onload)['\"]?\s{0,3}:\s{0,3}['\"])$", re.I
)
# How the server's code of Blazor has the browser call a function by its name.
_CALLED_FROM_SERVER = lazy_re.compile(
    r"\.Invoke(?:Void)?(?:Async)?(?:<[\w<>\[\]., ?]{1,100}>)?\(\s*\"(?:[\w$]+\.){0,4}$"
)
_METHOD_AROUND = lazy_re.compile(r"^[ \t]*(?:[a-z]{1,20}[ \t]+){1,5}(?:Value)?(?:Task|void)[ \t]+(\w+)\(", re.MULTILINE)
_SHOWN = lazy_re.compile(r"On(?:AfterRender|Initialized|ParametersSet)(?:Async)?")  # which run without anybody's doing
# Attributes that hold code, and the events of those that need nobody to do anything.
_HANDLES = ("on", "@", "v-on:", "x-on:", "hx-on:", "href", "x-init", "x-data", "x-effect", "ng-init")
_AT_ONCE = frozenset({"load", "error", "x-init", "x-data", "x-effect", "ng-init", "vue:mounted", "hook:mounted"})
# Such an attribute in the call of a helper: `"x-init" => "show()"`, `onclick: "show()"`
_PRINTED_HANDLER = lazy_re.compile(
    r"(?<![\w-])(?P<name>on[a-z]{3,20}|x-(?:init|data|effect)|ng-init|(?:@|(?:x|v)-on:)[\w.:-]{2,30})[\"']?\s{0,9}(?:=>|:|=)\s{0,9}"
    r"(?P<quote>[\"'])(?P<value>(?:(?!(?P=quote)).){1,2000})",
    re.IGNORECASE | re.DOTALL,
)
_CALL = lazy_re.compile(r"\s*[\w$.]+\s*\(")
_SCRIPT_PATH = r"/[^'\"`\s<>]{0,200}(?:\.js|api|sdk)"
# Attributes of an element that bring in nothing, whatever file has the name that they hold.
_DESCRIBES = lazy_re.compile(r"class|id|for|rel|type|role|title|alt|value|placeholder|lang|style|headers|aria-[\w-]+")
_SENDS_MAIL = lazy_re.compile(
    r"(?:(?:^|[/_.-])(?:smtp|e?mail(?:s|er|ers|ing)?)(?:[_.-][\w.-]*)?|(?:E?[Mm]ail|Mailer|S[Mm][Tt][Pp])\w*)\.(?:py|rb|php|java|kt|cs|go)$"
)
# Where a drawing is a picture before whose address this stands: an image, an icon of the page, an `url()` of a style sheet.
_SHOWN_AS_PICTURE = lazy_re.compile(
    r"(?:!\[[^\]\n]{0,200}\]\([^()\s]{0,200}|<(?:img|Image)\b[^<>]{0,280}|<link\b[^<>]{0,100}\brel\s*=\s*[\"'][\w -]{0,30}icon[^<>]{0,150}"
    r"|^[ \t]*\.\. (?:\|[^|\n]{1,60}\| )?(?:image|figure):: [^\s]{0,200}|\bimage::?[^\s\[\]]{0,200}"
    r"|(?<![\w-])url\(\s*[\"']?[^()\"'\s]{0,200})$",
    re.MULTILINE,
)
_STYLES = (".css", ".scss", ".sass", ".less", ".styl")
_NEVER_REGISTERED = Reach("dead", "constant", why="no page registers this worker")
# Views of a Rails application, and where it runs the pages of a gem.
_RAILS_VIEW = lazy_re.compile(
    r"(?P<root>(?:.+/)?)app/views/(?P<name>(?:[\w-]+/)+[\w-]+)(?:\.html)?(?:\.(?:erb|haml|slim))?"
)
_RAILS_ENGINE = lazy_re.compile(r"\bmount\b[^\n]{0,100}::Engine\b")
_FOR_DEVELOPERS = Reach("dead", "constant", why="it is shown where developers run the site alone")
UNUSED = Reach("unknown", "unused", why="no page of this repository is seen to use this code")


class _Mention(NamedTuple):
    path: str
    offset: int


class _Handler(NamedTuple):
    name: str  # of the attribute
    value: str
    span: Span  # of the element, or of the code that prints it


class Project:
    """One tree with its rules; answers what files cannot know of themselves. Implements flow.Surroundings."""

    def __init__(self, tree: Tree, ruleset: Ruleset) -> None:
        self.tree = tree
        self.ruleset = ruleset = ruleset.relaying(relays.of_tree(tree, ruleset))
        self.mechanisms = Mechanisms(ruleset, self)
        self.modules = Modules(self)
        self._documents: Recent[str, Document | None] = Recent()
        self._scripts: Recent[str, Script | None] = Recent()
        self._inline: Recent[tuple[str, int], Script | None] = Recent()
        self._flows: Recent[Script, Flow] = Recent()
        self._texts: dict[str, str] | None = None
        self._whole: dict[str, bool] = {}
        self.sampled = False  # whether only some of the pages are searched; known after the first search
        self._files: dict[tuple[str, bool], Reach | None] = {}
        self._entering: set[str] = set()
        self._places = 0  # followed for the file of which it is asked
        self._connections: dict[tuple[str, str], Service] = {}  # by host and the service of its rule
        self._searches: dict[str, tuple[_Mention, ...]] = {}
        self._kept: dict[str, tuple[str, ...]] = {}
        self._calling: set[tuple[str, str]] = set()
        self._by_name: dict[str, list[str]] | None = None
        self._predicates: dict[str, Abstract | None] = {}
        self._gifts: dict[str, Abstract | None] = {}
        self._definitions: dict[str, tuple[tuple[Script, Node], ...]] = {}
        self._called: dict[tuple[str, int, str, bool], list[Reach]] = {}
        self._standing: dict[tuple[str, ...], list[str]] = {}
        self._fired: dict[tuple[str, int, str, bool], list[Reach]] = {}
        self._style_variables: dict[str, list[tuple[style.Variable, str]]] | None = None
        self._rows: dict[tuple[str, str], dict[str, set[str]]] = {}
        self.budget = Budget()

    def changed(self, tree: Tree, path: str) -> Project:
        """The project after one of its files was edited: what was learnt of each other file by itself is kept."""
        after = Project(tree, self.ruleset)
        after._documents = self._documents.without(path)
        after._scripts = self._scripts.without(path)
        after._whole = {name: whole for name, whole in self._whole.items() if name != path}
        if self._texts is not None:
            after._texts = dict(self._texts)
            if path in after._texts:
                after._texts[path] = decode(tree.read(path))[0]
        return after

    # ---- parsed files

    def document(self, path: str) -> Document | None:
        if path not in self._documents:
            file = self.tree.text_file(path)
            found = None
            if isinstance(file, SourceFile) and file.language in ("html", "indent", "markdown"):
                found = parse(file)
            self.remember(path, found)
            return found
        return self._documents[path]

    def remember(self, path: str, document: Document | None) -> None:
        self._documents.keep(path, document, len(document.file.text) if document else 0)

    def script(self, path: str) -> Script | None:
        if path not in self._scripts:
            file = self.tree.text_file(path)
            found = None
            if isinstance(file, SourceFile) and file.language == "script":
                found = _script(file, self.setting)
                found.kept, found.settings = self.kept_addresses, functools.partial(self.kept_settings, path)
                found.imported, found.imported_results = self.modules.values, self.modules.results
                found.hands_on_pictures = self.modules.hands_on_pictures
                found.component = self.component
            self._scripts.keep(path, found, len(found.text) if found else 0)
            return found
        return self._scripts[path]

    def inline(self, document: Document, element: Element) -> Script | None:
        key = (document.file.path, element.span.start)
        if not document.file.path or key not in self._inline:
            script = inline_script(document, element, self.setting)
            if script is not None:
                script.origin = ElementPlace(document, element)
                script.kept = self.kept_addresses
                script.settings = functools.partial(self.kept_settings, document.file.path)
                script.imported, script.imported_results = self.modules.values, self.modules.results
            if document.file.path:
                self._inline.keep(key, script, len(document.file.text))  # it holds its document
            return script
        return self._inline[key]

    def scripts_of(self, path: str) -> Iterator[Script]:
        """The script file, or the inline scripts of a page or component."""
        script = self.script(path)
        if script is not None:
            yield script
            return
        document = self.document(path)
        if document is not None:
            for element in document.elements:
                if element.tag == "script" and element.content is not None:
                    inline = self.inline(document, element)
                    if inline is not None:
                        yield inline

    def flow(self, script: Script) -> Flow:
        if script not in self._flows:
            flow = Flow(script, self.mechanisms, self, self.budget)
            self._flows.keep(script, flow, len(script.file.text))
            return flow
        return self._flows[script]

    @cached_property
    def loaders(self) -> Loaders:
        from tracklint.loaders import Loaders  # which asks this module

        return Loaders(self)

    @cached_property
    def starts(self) -> Starts:
        from tracklint.starts import Starts  # only for packages that wait to be started

        return Starts(self)

    @cached_property
    def _staff(self) -> Staff:
        from tracklint.staff import Staff  # only for what is open to visitors otherwise

        return Staff(self)

    @cached_property
    def constants(self) -> Constants:
        from tracklint.constants import Constants  # only for conditions, and addresses in components

        return Constants(self)

    # ---- settings

    def setting(self, name: str) -> Sequence[str]:
        """The values of a setting of the project, by the dotted name that a template gives it, `*` for items of a list."""
        from tracklint.detect import settings

        return settings.resolve(name, self._values)

    @cached_property
    def _values(self) -> settings.Values:
        from tracklint.detect import settings  # only a page with an address from elsewhere needs its readers

        return settings.values(self.tree)

    def held_for(self, file: SourceFile) -> Known:
        """What a name in the markup of a file stands for: in a component first what its script tells, else a setting."""
        if file.dialect not in _COMPONENTS:
            return self.setting
        imports = [match[0] for match in _IMPORT.finditer(file.text)]
        script = Script("\n".join(imports), "ts", file)

        def held(name: str) -> Sequence[str]:
            root, *keys = name.split(".")
            binding = script.declaration(root)
            values = self.modules.values(script, binding) if binding is not None and binding.kind == "import" else ()
            for key in keys:
                values = [value[key] for value in values if isinstance(value, dict) and key in value]
            found = [value for value in values if isinstance(value, str)]
            return found or self.constants.texts(file, name) or self.setting(name)

        return held

    @cached_property
    def embeds_links(self) -> frozenset[str]:
        """The services whose links packages of the project turn into embeds, where they stand alone; "" for any."""
        names = "|".join(map(re.escape, self.ruleset.link_embedders)) or "(?!)"
        pattern = re.compile(rf"(?<![\w@/-])(?:{names})(?![\w/-])")
        found: set[str] = set()
        for path in self.tree.paths:
            if posixpath.basename(path) in ("package.json", "Gemfile", "_config.yml"):
                file = self.tree.text_file(path)
                if isinstance(file, SourceFile):
                    found.update(self.ruleset.link_embedders[match[0]] for match in pattern.finditer(file.text))
        return frozenset(found)

    @cached_property
    def opened_below(self) -> frozenset[str]:
        """The classes and ids below which scripts open what links lead to within the page: `$('.film').magnificPopup(…)`."""
        functions = lightboxes().functions
        handed = re.compile(
            rf"[\"'`](?P<selector>[^\"'`\n]{{1,200}})[\"'`]\s{{0,9}}\)\s{{0,40}}\.\s{{0,9}}(?:{'|'.join(functions)})\s{{0,9}}\("
        )
        found: set[str] = set()
        for function in functions:
            for path in self.paths_with([f".{function}("]):
                for match in handed.finditer(self.text_of(path)):
                    found.update(re.findall(r"[.#]([\w-]+)", match["selector"]))
        return frozenset(found)

    def style_variable(self, name: str, path: str) -> str | None:
        """What a variable of a style sheet's preprocessor is set to in another file: by choice rather than by default, near by."""
        if self._style_variables is None:
            self._style_variables = {}
            for other in self.tree.paths:
                dialect = classify(other, "")[1]
                if dialect not in style.PREPROCESSED or is_test_code(other):
                    continue
                file = self.tree.text_file(other)
                if isinstance(file, SourceFile) and len(file.text) <= _SEARCH_LIMIT:
                    for variable in style.variables(file.text, dialect):
                        self._style_variables.setdefault(variable.name, []).append((variable, other))
        found = [one for one in self._style_variables.get(name, ()) if one[1] != path]
        if not found:
            return None
        folder = posixpath.dirname(path)

        def rank(one: tuple[style.Variable, str]) -> tuple[bool, int, str]:
            return one[0].default, -len(posixpath.commonprefix([folder, one[1]])), one[1]

        return min(found, key=rank)[0].value

    @cached_property
    def first_party(self) -> OwnHosts:
        named = {*self.paths_with(["(http"]), *self.paths_with(["(+http"])}
        code = (path for path in sorted(named) if not path.endswith((".md", ".markdown", ".mdx")))
        return own_hosts(self.tree.told_by or self.tree, map(self.text_of, code))

    @cached_property
    def unused(self) -> Unused:
        return Unused(self)

    @cached_property
    def backstage(self) -> Backstage:
        return Backstage(self)

    def is_first_party(self, host: str) -> bool:
        return host in self.first_party

    def is_sibling(self, host: str) -> bool:
        """Whether a host has its name from whoever named the site's own, and may be somebody else's all the same."""
        return self.first_party.has_sibling(host)

    def holds(self, url: str) -> bool:
        """Whether what lies at an address is a file of the project that names this host itself: a sister site of the same code."""
        address = _ADDRESS.match(url)
        if address is None:
            return False
        host, path = address["host"].lower(), address["path"]
        return any(
            f"/{one}".endswith(path) and host not in one and f"//{host}" in self.text_of(one)
            for one in self.named(posixpath.basename(path))
        )

    # ---- pages

    @cached_property
    def _presence(self) -> Presence:
        from tracklint.presence import Presence  # few questions lead up to the pages

        return Presence(self)

    def lacks(self, path: str, selector: str) -> bool:
        """Whether no page that a file is part of has an element that a selector matches; False if it cannot be told."""
        return self._presence.lacks(path, selector)

    def never_sets(self, path: str, holder: str, name: str) -> bool:
        """Whether nothing on the pages that a script is part of gives its object `holder` an entry; False if it cannot be told."""
        return self._presence.never_sets(path, holder, name)

    def plays_none(self, path: str, service: Service, any_script: bool = False) -> bool:
        """Whether a library, or `any_script`, that plays videos of a service has none to play on any page that loads it."""
        return self._presence.plays_none(path, service, any_script)

    # ---- searching

    def _all_texts(self) -> dict[str, str]:
        if self._texts is None:
            self._texts = {}
            for path in self._searched_paths():
                with contextlib.suppress(OSError):  # the scan of that file reports it
                    self._texts[path] = decode(self.tree.read(path))[0]
        return self._texts

    def _searched_paths(self) -> list[str]:
        """The files that may use others. Of a large rendered site's pages, which repeat one layout, an even sample."""
        kept: list[str] = []
        pages: list[tuple[str, int]] = []
        for path in self.tree.paths:
            language, _ = classify(path, "<?php" if path.rpartition(".")[2] in PHP_PERHAPS else "")
            if language not in _SEARCHED or is_test_code(path) or self.unused.is_of_idle_theme(path):
                continue
            try:
                size = self.tree.size(path)
            except OSError:
                continue  # the scan of that file reports it
            if size > _SEARCH_LIMIT:
                continue
            if language == "html" and size > _PARTIAL_SIZE:
                pages.append((path, size))
            else:
                kept.append(path)
        step = 1 + sum(size for _, size in pages) // _PAGES_LIMIT
        self.sampled = step > 1
        return sorted(kept + [path for path, _ in pages[::step]])

    def paths_with(self, words: Sequence[str]) -> list[str]:
        """Files in which all of these words stand."""
        key = tuple(sorted(set(words)))
        if key not in self._standing:
            self._standing[key] = [
                path for path, text in self._all_texts().items() if all(word in text for word in key)
            ]
        return self._standing[key]

    def text_of(self, path: str) -> str:
        """The text of a file that is searched; "" for others."""
        return self._all_texts().get(path, "")

    def mentions(self, needle: str) -> tuple[_Mention, ...]:
        """Places in the project's texts where a word stands, at most a few for each file."""
        if needle not in self._searches:
            found: list[_Mention] = []
            for path, text in self._all_texts().items():
                found += (_Mention(path, at) for at in itertools.islice(standing(needle, text), 20))
                if len(found) > 4000:
                    break
            self._searches[needle] = tuple(found)
        return self._searches[needle]

    def comes_from(self, host: str, service: Service) -> Service:
        """What a connection to a host is for: the one service that the project loads from there, or else the `service` of its rule."""
        key = (host, service.slug)
        if key not in self._connections:
            self._connections[key] = self._find_coming_from(host, service)
        return self._connections[key]

    def _find_coming_from(self, host: str, service: Service) -> Service:
        found: dict[str, Service] = {}
        for mention in self.mentions(host):
            text = self.text_of(mention.path)
            address = _LOADED.match(text, mention.offset + len(host))
            if address is None or is_test_code(mention.path):
                continue
            other, _ = name_url(self.ruleset, f"https://{host}{address[0]}")
            file = self.tree.text_file(mention.path)
            script = self.script(mention.path) if isinstance(file, SourceFile) and file.language == "script" else None
            if other is not None and not (script is not None and script.in_comment(mention.offset)):
                found[other.slug] = other
        if len(found) != 1 or service.slug in found:
            return service
        # It may come by a package or by its account alone.
        if any(self.mentions(package) for names in service.match.packages.values() for package in names):
            return service
        if any(pattern.search(text) for pattern in service.id_patterns for text in self._all_texts().values()):
            return service
        return next(iter(found.values()))

    def named(self, base: str) -> tuple[str, ...]:
        """The files with this name, those that were left out too."""
        if self._by_name is None:
            self._by_name = {}
            for path in (*self.tree.paths, *(item.path for item in self.tree.skipped)):
                self._by_name.setdefault(posixpath.basename(path), []).append(path)
        return tuple(self._by_name.get(base, ()))

    def is_mailed(self, file: SourceFile) -> bool:
        """Whether a template is named only by code that sends mail, as the names of its files tell."""
        if not may_be_mailed(file):
            return False
        users = {one.path for one in self.mentions(posixpath.basename(file.path)) if one.path != file.path}
        return bool(users) and all(_SENDS_MAIL.search(user) is not None for user in users)

    def is_for_staff(self, file: SourceFile, offset: int) -> bool:
        """Whether what stands at an offset is printed only into the pages on which staff work."""
        if (
            is_staff_template(file)
            or file.path.startswith(self.unused.staff_themes)
            or self._staff.uses_alone(file.path)
        ):
            return True
        source = code_source(file)
        if source is None or not any(hook in file.text for hook in STAFF_HOOKS):
            return False
        handed = [
            one
            for one in source.calls
            if one.name in ("add_action", "add_filter") and one.span.start <= offset < one.span.end
        ]
        if handed:  # a function without a name
            return handed[-1].first is not None and handed[-1].first.value in STAFF_HOOKS
        function = source.function_at(offset)
        if function is None:
            return False
        mentions = self.mentions(function.name)
        hooks = [hook for one in mentions for hook in hooks_of(self.text_of(one.path), function.name, one.offset)]
        return bool(hooks) and STAFF_HOOKS.issuperset(hooks)

    def is_only_a_picture(self, path: str) -> bool:
        """Whether whatever names a drawing shows it as a picture, for which browsers fetch and run nothing of what it names."""
        users = self.users_of_drawing(path) if path.endswith(".svg") else []
        return bool(users) and all(
            _SHOWN_AS_PICTURE.search(text[max(0, offset - 300) : offset]) for text, offset in users
        )

    def users_of_drawing(self, path: str) -> list[tuple[str, int]]:
        """The texts of the files, style sheets among them, that name a drawing, and where they do."""
        name = posixpath.basename(path)
        names = dict.fromkeys((name, urllib.parse.quote(name)))
        mentions = (one for spelled in names for one in self.mentions(spelled) if one.path != path)
        found = [(self.text_of(one.path), one.offset) for one in mentions]
        styles = (self.tree.text(one) for one in self.tree.paths if one.endswith(_STYLES))
        return found + [(text, at) for text in styles for spelled in names for at in standing(spelled, text)]

    def kept_addresses(self, attribute: str) -> tuple[str, ...]:
        """The addresses that markup keeps in an attribute for a script to take."""
        if attribute not in self._kept:
            pattern = re.compile(rf"""(?<![\w-]){re.escape(attribute)}\s*=\s*["']((?:https?:)?//[^"'\s]+)""")
            found = (
                match[1] for path in self.paths_with([attribute]) for match in pattern.finditer(self.text_of(path))
            )
            self._kept[attribute] = tuple(dict.fromkeys(found))
        return self._kept[attribute]

    def frames_own_pages(self, place: object) -> bool:
        """Whether those who use a template give the variable in its frame's address nothing but paths on the site."""
        name = variable_in(printed_in(place, "src")) if isinstance(place, ElementPlace) else None
        if name is None or not isinstance(place, ElementPlace):
            return False
        path = place.document.file.path
        near = []
        for mention in self.mentions(posixpath.basename(path)):
            text = self.text_of(mention.path)
            folders = _FOLDERS_BEFORE.search(text, max(0, mention.offset - 200), mention.offset)
            written = (folders[0] if folders is not None else "") + posixpath.basename(path)
            if mention.path != path and could_mean(written, path):
                near.append(text[max(0, mention.offset - _BEFORE_A_USE) : mention.offset + _AFTER_A_USE])
        told = [text for text in near if re.search(rf"(?<![\w.-]){re.escape(name)}['\"]?\s*(?::|=)", text)]
        return bool(told) and all(holds_own_paths(text, name, given=True) for text in told)

    def kept_settings(self, path: str, name: str) -> Sequence[str]:
        """The addresses that the site's settings keep under a dotted name for a file: `config.url.font`, `process.env.FONT`."""
        holder, _, key = name.rpartition(".")
        if holder in ("process.env", "import.meta.env"):
            return self._values.of_environment(key, path)
        if _SETTINGS.search(holder.rpartition(".")[2]) is None:
            return self._values.addresses(name)
        return self._values.addresses(key) if is_distinctive(key) else ()

    def takers(self, attribute: str) -> Iterator[ScriptPlace]:
        """The places where scripts have the browser fetch what markup keeps in an attribute."""
        name = attribute.removeprefix("data-")
        key = re.sub(r"-([a-z])", lambda letter: letter[1].upper(), name)
        paths = (self.paths_with(words) for words in ([attribute], ["dataset", key], [".data(", name]))
        for path in dict.fromkeys(itertools.chain.from_iterable(paths)):
            for script in self.scripts_of(path):
                yield from takes_from(script, self.ruleset, attribute)

    # ---- 1. how a file comes to be used

    def file_reach(self, path: str, facade: bool = False) -> Reach | None:
        """How what stands at the outermost level of a file is reached; None: it leads back to itself."""
        key = (path, facade)
        if key in self._files:
            return self._files[key]
        if path in self._entering or len(self._entering) > 12:
            self.budget.cuts += 1
            return None
        if not self._entering:
            self._places = 0
        self._entering.add(path)
        cuts = self.budget.cuts
        try:
            found = self._file_reach(path, facade)
        finally:
            self._entering.discard(path)
        if not self._entering:
            found = found or OPEN  # only files that use each other name it: it is an entrance of the site
        if not self._entering or cuts == self.budget.cuts:
            self._files[key] = found
        return found

    def _file_reach(self, path: str, facade: bool) -> Reach | None:
        file = self.tree.text_file(path)
        if not isinstance(file, SourceFile):
            return OPEN
        if file.language == "script" and self.modules.is_picked_by_next(path):
            return OPEN
        if (
            self.unused.is_spare_layout(path)
            or self.unused.is_spare_view_of_grails(path)
            or self.unused.laravel.is_spare(path)
            or self.unused.is_spare_jekyll_layout(path)
            or self.unused.is_spare_eleventy_layout(path)
        ):
            return UNUSED
        if file.language in ("html", "indent") and _PAGE.search(file.text[:4000]) and file.dialect not in ("php",):
            return OPEN
        if file.language == "html" and _EXTENDS.search(file.text[:3000]):
            return UNUSED if self.unused.is_of_unrouted_view(path) else OPEN  # a page that fills a layout
        unused = self.unused
        if unused.is_left_out(path) or unused.is_unnamed_part(path) or unused.is_spare_hugo_part(path):
            return UNUSED
        if self.unused.is_lost(path):
            return UNUSED
        if file.language == "script" and "importScripts(" in file.text and self.unused.is_idle_worker(path):
            return _NEVER_REGISTERED
        if file.language == "markdown":
            return OPEN
        ways: list[Reach] = []
        found = elsewhere = False
        for way in self._uses_of_file(file, facade):
            found = True
            if way is None:
                elsewhere = True
                continue
            ways.append(way)
            if way.state == "open":
                break
        verdict = any_of(ways)
        if elsewhere and verdict is not None and verdict.state == "dead":
            verdict = any_of([way for way in ways if way is not _FOR_DEVELOPERS])  # others may show it to visitors
        if verdict is None and not found:
            spare = unused.is_spare_partial(path) or unused.is_spare_template(path)
            return UNUSED if spare else OPEN
        if verdict is None and file.language in ("html", "indent") and self.unused.is_commented_out(path):
            return UNUSED
        return verdict

    def is_in_a_comment(self, path: str, offset: int) -> bool:
        document = self.document(path)
        if document is None:
            script = self.script(path)
            return script is not None and script.in_comment(offset)
        if any(comment.start <= offset < comment.end for comment in document.comments):
            return True
        region = document.masked.region_at(offset)
        if region is not None:
            return region.kind == "comment"
        element = document.at(offset)
        inline = self.inline(document, element) if element is not None and element.tag == "script" else None
        return (
            inline is not None
            and 0 <= offset - inline.base < len(inline.text)
            and inline.in_comment(offset - inline.base)
        )

    def rails_view(self, path: str) -> tuple[str, str] | None:
        """The application that a Rails view belongs to and its name below `app/views`; None where gems may render it."""
        match = _RAILS_VIEW.fullmatch(path)
        if match is None or not self.tree.exists(match["root"] + "config/application.rb"):
            return None
        gems = self.tree.text_file(match["root"] + "Gemfile")
        mounting = (path for path in self.paths_with(["mount", "::Engine"]) if "config/routes" in path)
        if not isinstance(gems, SourceFile) or any(_RAILS_ENGINE.search(self.text_of(path)) for path in mounting):
            return None
        folders = match["name"].split("/")[:-1]
        if "action_text" in folders or any(re.search(rf"[\"']{re.escape(one)}\b", gems.text) for one in folders):
            return None
        return match["root"], match["name"]

    def _names_view(self, mention: _Mention, view: str) -> bool:
        """Whether a mention means a Rails view: by its whole name, or as a neighbour of what renders it, which no layout is."""
        before = self.text_of(mention.path)[max(0, mention.offset - 120) : mention.offset]
        bare = re.sub(r"[\w/-]+\Z", "", before)
        folder = before[len(bare) :].rstrip("_").strip("/")
        if folder:
            return folder == view.rpartition("/")[0]
        rendered = mention.path.endswith(".rb") or "render" in bare or "partial" in bare
        return rendered and bare.endswith(("'", '"', ":")) and not view.startswith("layouts/")

    def package_of(self, path: str) -> str:
        """The text of the package.json that a file belongs to, or ""."""
        name = posixpath.join(self.package_folder(path), "package.json")
        file = self.tree.text_file(name) if self.tree.exists(name) else None
        return file.text if isinstance(file, SourceFile) else ""

    def package_folder(self, path: str) -> str:
        """The folder of the package.json that a file belongs to; "" for the root."""
        folder = posixpath.dirname(path)
        while folder and not self.tree.exists(f"{folder}/package.json"):
            folder = posixpath.dirname(folder)
        return folder

    def _uses_of_file(self, file: SourceFile, facade: bool) -> Iterator[Reach | None]:
        path = file.path
        stem = stem_of(path)
        if len(stem) < 2:
            return
        count = 0
        view = self.rails_view(path)
        for mention in self.mentions_of_stem(stem):
            if mention.path == path:
                continue
            if not self._names_file(mention, path, stem) or (
                view is not None and not self._names_view(mention, view[1])
            ):
                continue
            count += 1
            self._places += 1
            if count > _MAX_PLACES:
                return
            if self._places > _MOST_PLACES:  # files that all name each other, by which nothing more is told
                self.budget.cuts += 1
                yield None
                return
            yield self._place_reach(mention, file, facade)

    def mentions_of_stem(self, stem: str) -> Iterator[_Mention]:
        yield from self.mentions(stem)
        yield from self.mentions("_" + stem)

    def included_at(self, path: str, users: Container[str]) -> Iterator[tuple[str, int]]:
        """The places, as (file, offset), at which some of these files include another one."""
        stem = stem_of(path)
        for mention in self.mentions_of_stem(stem):
            if mention.path in users and mention.path != path and self._names_file(mention, path, stem):
                yield mention

    def _names_file(self, mention: _Mention, path: str, stem: str) -> bool:
        """Whether the path that is written around a mention can mean the file."""
        text = self._all_texts().get(mention.path, "")
        before = _INCLUDED.search(text[max(0, mention.offset - 120) : mention.offset])
        lead = before[0] if before else ""
        opening = text[mention.offset - len(lead) - 1 : mention.offset - len(lead)]
        tail = re.match(r"_?[\w.-]*", text[mention.offset :])
        written = lead + (tail[0] if tail else stem)
        if path.endswith(".blade.php") and "/" not in written:
            written = written.removeprefix("x-").removesuffix(".blade.php").replace(".", "/")
        after = text[mention.offset + len(tail[0] if tail else "") :][:2]
        if opening == "{" and text[: mention.offset - len(lead)].endswith("~{"):
            opening = "'"  # a fragment's address in Thymeleaf
        if opening not in "\"'` >(<\ue000}:=|\t" or not opening:
            return False
        if not lead and opening not in "\"'`" and not re.search(r"(?:include|partial|render|extends|template|import|>)[\s(]*$",
                                                                text[max(0, mention.offset - 30) : mention.offset]):  # fmt: skip
            return False
        if after[:1] in ("(", "/", "=", "[") or (after == ": " and opening not in "\"'`"):
            return False
        if written.startswith(("./", "../")) and self.modules.resolve(mention.path, written) not in (None, path):
            return False  # a file of the same name elsewhere, such as in a second app of the repository
        root = _NAMED_FROM.match(path)
        if root is not None and root[0] + written != path and self.tree.exists(root[0] + written):
            return False  # names are taken from that folder, and there another file has this one
        return could_mean(written, path)

    def _place_reach(self, mention: _Mention, target: SourceFile, facade: bool) -> Reach | None:
        """The reach of a place in another file that uses the target; OPEN-free None when it is no use."""
        file = self.tree.text_file(mention.path)
        if not isinstance(file, SourceFile):
            return None
        line = file.position(mention.offset).line
        hop = Hop(mention.path, line, f"{posixpath.basename(target.path)} is used here")
        if file.language == "script":
            script = self.script(mention.path)
            if script is None or script.in_comment(mention.offset) or is_bundle(file):
                return None
            way = self._script_use(script, mention, target, facade)
            return way.through(hop) if way is not None else None
        if file.language == "code" or (file.language == "markdown" and target.language == "script"):
            shown = target.language == "script" or self.runs_for_visitors(file, mention.offset) is not False
            return None if shown else _FOR_DEVELOPERS
        document = self.document(mention.path)
        if document is None:
            return None
        if self.is_in_a_comment(*mention):
            return None
        region = document.masked.region_at(mention.offset)
        if region is not None:
            if region.kind == "raw":
                return None
            before = document.file.text[region.span.start : mention.offset]
            if target.language != "script" and not _INCLUDES.search(before):
                return None
            way = self.text_reach(document, mention.offset, facade)
            return way.through(hop) if way is not None else None
        element = document.at(mention.offset)
        if element is not None:
            if element.tag == "script" and element.content is not None and element.content.start <= mention.offset:
                script = self.inline(document, element)
                if script is None:
                    return None
                way = self._script_use(script, mention, target, facade)
                return way.through(hop) if way is not None else None
            if element.tag in ("a", "meta", "title", "option", "input", "label"):
                return None
            if target.language == "script" and element.tag not in ("script", "link"):
                return None
            if element.tag == "link" and target.language != "style":
                return None  # a preload executes nothing
            if any(
                attribute.span.contains(Span(mention.offset, mention.offset))
                for name, attribute in element.attributes.items()
                if _DESCRIBES.fullmatch(name)
            ):
                return None
            way = self.element_reach(document, element, facade)
            return way.through(hop) if way is not None else None
        if file.language == "indent" or document.file.dialect in ("php",):
            way = self.text_reach(document, mention.offset, facade)
            return way.through(hop) if way is not None else None
        return None

    def _script_use(self, script: Script, mention: _Mention, target: SourceFile, facade: bool) -> Reach | None:
        offset = mention.offset - script.base
        if not 0 <= offset < len(script.text):
            return None
        node = script.node_at(offset)
        string = (
            node
            if node.type in ("string", "template_string")
            else script.enclosing(node, {"string", "template_string"})
        )
        if string is None or _is_compared(script, string):
            return None
        statement = script.enclosing(string, {"import_statement", "export_statement"})
        flow = self.flow(script)
        if statement is not None:
            if target.language == "script":
                # its functions are followed where they are called; its own statements run when it is imported
                return self.entry(script, facade)
            return self.entry(script, facade)
        value = script.fold(string)
        if not isinstance(value, str):
            return None
        written = posixpath.basename(value.split("?")[0].rstrip("/"))
        if target.language == "script":
            known_as = {posixpath.basename(target.path), posixpath.basename(target.path).split(".")[0]}
            if written not in known_as or ("." not in written and "/" not in value):
                return None
            return flow.reach(string, facade)
        call = script.enclosing(string, {"call_expression"})
        callee = call.child_by_field_name("function") if call is not None else None
        if callee is None or not _INCLUDES.search(script.dotted(callee)):
            return None
        if flow.is_never_met(string):
            return _FOR_DEVELOPERS
        return OPEN  # a page that a server answers with, or a template that a script brings in

    # ---- 2. places in markup

    def element_reach(self, document: Document, element: Element, facade: bool = False) -> Reach | None:
        own = own_gate(document, element, self.mechanisms)
        if own.state in ("gated", "unknown"):
            return own
        shown = self._framework_condition(document, element, facade)
        if shown is not None:
            return shown
        outer = self.text_reach(document, element.span.start, facade)
        if outer is None or outer.state != "open":
            return outer
        if own.mechanism != "none":
            implied = own.implied or outer.implied
            return outer._replace(
                mechanism=own.mechanism, why=own.why or outer.why, at=own.at or outer.at, implied=implied
            )
        return outer

    def tag_gate(self, script: Script, node: Node) -> Reach | None:
        """What the attributes of a tag of JSX alone do to it: `type="text/plain"` and a consent manager's mark."""
        if node.type not in JSX_TAGS:
            return None
        name = node.child_by_field_name("name")
        tag = script.text_of(name).lower() if name is not None else ""
        if tag not in ("script", "iframe", "img"):
            return None
        attributes = []
        for child in node.named_children:
            parts = child.named_children if child.type == "jsx_attribute" else []
            inner = (
                parts[-1].named_children[0]
                if parts and parts[-1].type == "jsx_expression" and parts[-1].named_children
                else None
            )
            value = script.fold(inner or parts[-1]) if len(parts) > 1 else None
            if isinstance(value, str):
                named = script.text_of(parts[0])
                attributes.append(f' {"class" if named == "className" else named}="{html.escape(value)}"')
        document = parse_fragment(f"<{tag}{''.join(attributes)}></{tag}>")
        gate = own_gate(document, document.elements[0], self.mechanisms) if document.elements else OPEN
        if gate.state != "gated":
            return None
        at = (script.file.path, script.line(node))
        return gate._replace(at=at, hops=(Hop(*at, gate.why),))

    def _framework_condition(self, document: Document, element: Element, facade: bool) -> Reach | None:
        """`v-if`, `x-if`, `*ngIf`, `th:if` on the element or around it; `v-else` of one that holds."""
        current: Element | None = element
        for _ in range(60):
            if current is None:
                return None
            asked = [
                (name, current.attributes[name].value, False)
                for name in _CONDITION_ATTRIBUTES
                if name in current.attributes
            ]
            if "v-else" in current.attributes or "v-else-if" in current.attributes:
                asked += [("v-if", condition, True) for condition in _asked_before(document, current)]
            for name, condition, closes in asked:
                world = World(self.mechanisms.apis, self._component_resolver(document, facade))
                value = world.evaluate(expressions.parse(_EXPRESSION_BRACES.sub(r"\1", condition.split(";")[0]), "vue"))
                if value.truth is closes and value.consent:
                    at = (document.file.path, document.file.position(current.span.start).line)
                    category = next(iter(value.categories)) if len(value.categories) == 1 else None
                    why = f'`{name}="{condition[:60]}"` is {"true" if closes else "not true"} before a choice'
                    return Reach("gated", "condition", category, at, why, (Hop(*at, why),))
                if (
                    name[:2] == "v-"
                    and not value.consent
                    and self.constants.truth_in(document.file, condition) is closes
                ):
                    at = (document.file.path, document.file.position(current.span.start).line)
                    return switched_off(at, f'{name}="{condition[:60]}"')
            current = current.parent
        return None

    def _component_resolver(self, document: Document, facade: bool = False) -> Resolve:
        """Names of a component's template, looked up in its own scripts."""

        def resolve(node: expressions.Expression) -> Abstract | None:
            kept = self._unclicked(document, node) if facade else None
            name = expressions.last_name(node)
            for script in self._component_scripts(document.file.path) if name and kept is None else ():
                declared = script.declaration(name)
                if declared is not None:
                    return self.flow(script).values.declared(declared)
            return kept

        return resolve

    def _unclicked(self, document: Document, node: expressions.Expression) -> Abstract | None:
        """What a name in a component's template stands for as long as the visitor clicks on nothing."""
        if not isinstance(node, expressions.Name) and not _is_of_itself(node):
            return None
        name = expressions.last_name(node)
        return (
            kept_state(document, name, list(self._component_scripts(document.file.path)), self.flow) if name else None
        )

    def _component_scripts(self, path: str) -> Iterator[Script]:
        """The scripts of a component's own file, or that beside its template."""
        if not path:
            return
        yield from self.scripts_of(path)
        stem = path.removesuffix(".html")
        beside = self.script(f"{stem}.ts") if stem != path and self.tree.exists(f"{stem}.ts") else None
        if beside is not None:
            yield beside

    def text_reach(self, document: Document, offset: int, facade: bool = False) -> Reach | None:
        """What a template prints at an offset: its conditions, then the places that include the file."""
        path = document.file.path
        implied = ""
        for condition in self._conditions(document, offset):
            if condition.keyword not in (
                "if",
                "elif",
                "elsif",
                "elseif",
                "unless",
                "case",
                "when",
                "else",
                "else if",
                "ternary",
            ):
                continue
            verdict = self._condition_verdict(document, condition, facade)
            if isinstance(verdict, Reach):
                return verdict
            implied = implied or verdict
        if not path:
            return OPEN
        called = self._macro_reach(document, offset, facade)
        outer = called if called is not None else self.file_reach(path, facade)
        if outer is not None and outer.state == "open" and implied and not outer.implied:
            return outer._replace(implied=implied)
        return outer

    def _macro_reach(self, document: Document, offset: int, facade: bool) -> Reach | None:
        """How the macro that holds an offset is called; None when there is no macro or nothing calls it."""
        around = [(name, body) for name, body in document.masked.definitions if body.start <= offset < body.end]
        if not around:
            return None
        name, body = max(around, key=lambda definition: definition[1].start)
        bare = name.rsplit(".", 1)[-1].rsplit("/", 1)[-1]
        key = f"macro {document.file.path} {name}"
        if key in self._entering or len(self._entering) > 12 or len(bare) < 2:
            self.budget.cuts += 1
            return None
        self._entering.add(key)
        try:
            ways = []
            for mention in self.mentions(bare)[:_MAX_PLACES]:
                file = self.tree.text_file(mention.path)
                if not isinstance(file, SourceFile) or file.language not in ("html", "indent", "markdown"):
                    continue
                caller = self.document(mention.path)
                region = caller.masked.region_at(mention.offset) if caller is not None else None
                if caller is None or region is None or region.kind in ("comment", "raw"):
                    continue
                if mention.path == document.file.path and body.start <= mention.offset < body.end:
                    continue
                text = file.text[region.span.start : region.span.end]
                if not re.search(
                    rf"(?:{re.escape(bare)}\s*\(|@(?:[\w]+\.)?{re.escape(bare)}\b|template\s+[\"']{re.escape(name)}|\+{re.escape(bare)})",
                    text,
                ):
                    continue
                if re.match(r"[\s{{<%#-]*(?:macro|def|define|mixin|function)\b", text):
                    continue
                way = self.text_reach(caller, mention.offset, facade)
                if way is not None:
                    line = file.position(mention.offset).line
                    ways.append(way.through(Hop(mention.path, line, f"{bare}() is used here")))
            return any_of(ways)
        finally:
            self._entering.discard(key)

    def code_reach(self, file: SourceFile, offset: int) -> Reach | None:
        """What server code prints at an offset: the conditions in its function."""
        if self.unused.is_spare_liquid_tag(file.path):
            return UNUSED
        source = code_source(file)
        for condition in source.conditions(offset) if source is not None else ():
            verdict = self._verdict(file, condition)
            if isinstance(verdict, Reach):
                return verdict
        return OPEN

    def runs_for_visitors(self, file: SourceFile, offset: int) -> bool | None:
        """Whether a place in server code is always reached on the live site; False if never, None if that depends."""
        source = code_source(file)
        world, told = World(self.mechanisms.apis), True
        for condition in source.conditions(offset) if source is not None else ():
            value = world.evaluate(expressions.parse(condition.expression, condition.dialect))
            if value.kind != "known" or value.consent:
                told = False
            elif value.truth is not condition.holds:
                return False
        return True if told else None

    def _conditions(self, document: Document, offset: int) -> tuple[Condition, ...]:
        found = document.conditions(offset)
        if document.file.dialect == "php":
            source = code_source(document.file)
            if source is not None:
                seen = {(c.span.start, c.expression) for c in found}
                found += tuple(c for c in source.conditions(offset) if (c.span.start, c.expression) not in seen)
        return found

    def _condition_verdict(self, document: Document, condition: Condition, facade: bool = False) -> Reach | str:
        kept = facade and condition.dialect in COMPONENT_DIALECTS
        return self._verdict(document.file, condition, (lambda node: self._unclicked(document, node)) if kept else None)

    def _verdict(self, file: SourceFile, condition: Condition, kept: Resolve | None = None) -> Reach | str:
        """A closed way, or what stands in for consent in the condition and is none ("" for nothing)."""
        world = World(
            self.mechanisms.apis,
            lambda node: (kept(node) if kept else None) or self._template_value(file, condition, node),
            constant=self._constant,
        )
        expression = expressions.parse(condition.expression, condition.dialect)
        value = world.evaluate(expression)
        at = (file.path, file.position(condition.span.start).line)
        text = " ".join(condition.expression.split())[:80]
        if condition.dialect in COMPONENT_DIALECTS and value.truth is not condition.holds and not value.consent:
            settled = self.constants.truth_in(file, condition.expression)
            if settled is not None and settled is not condition.holds:
                return switched_off(at, text)
        if value.truth is not None and value.truth is not condition.holds:
            if not value.consent:
                parts = _parts(expression) if condition.dialect == "liquid" and condition.holds else ()
                sure = (part for part in map(world.evaluate, parts) if part.kind == "known" and part.truth is False)
                if value.kind == "known" or next(sure, None) is not None:
                    set_so = condition.dialect == "liquid" and "site." in condition.expression
                    return (
                        switched_off(at, text)
                        if set_so
                        else Reach("dead", "constant", None, at, f"`{text}` can never hold")
                    )
                return ""
            category = next(iter(value.categories)) if len(value.categories) == 1 else None
            why = f"`{text}` is {'not true' if condition.holds else 'true'} before a choice"
            if value.by_name:
                why += f" (judged by the name `{value.named}`; its definition is not in the repository)"
            return Reach("gated", "template-condition", category, at, why, (Hop(*at, why),))
        return f"`{value.named}`" if value.implied and not value.consent else ""

    def _template_value(self, file: SourceFile, condition: Condition, node: expressions.Expression) -> Abstract | None:
        if condition.dialect == "liquid" and (set_to := self._jekyll_setting(file, condition, node)) is not None:
            return set_to
        name = expressions.last_name(node)
        asks = isinstance(node, expressions.Call) or condition.dialect in expressions.RUBY_DIALECTS
        if isinstance(node, expressions.Member) and condition.dialect == "razor":
            asks = True  # a property of the model, or what a controller put in its bag
        if not name or (words.meaning(name) == "none" and not asks and not isinstance(node, expressions.Name)):
            return None
        local = self._assigned_in_template(file, condition, name)
        if local is not None:
            return local
        if words.meaning(name) != "none":
            return self.predicate(name)
        return (self._asked(name) if asks else None) or self._given(name)

    def _jekyll_setting(self, file: SourceFile, condition: Condition, node: expressions.Expression) -> Abstract | None:
        """What `site.NAME` is for Liquid, to which a text is true although it is empty."""
        holder, _, name = (
            expressions.spelled(node).partition(".") if isinstance(node, expressions.Member) else ("", "", "")
        )
        certain, value = self.unused.jekyll_setting(file.path, name) if holder == "site" and name else (False, None)
        if not certain:
            return None
        return TRUTHY if value == "" and "=" not in condition.expression else known(value)

    def _asked(self, name: str) -> Abstract | None:
        """The value of a function whose name says nothing of consent, where its body asks for a stored choice."""
        found = self.predicate(name) if is_distinctive(name) else None
        return found if found is not None and _asks_for_choice(found) else None

    def _given(self, name: str) -> Abstract | None:
        """The value that the server's code gives templates by this name, where every place that gives one asks for a choice."""
        if name not in self._gifts:
            self._gifts[name] = None
            self._gifts[name] = self._find_given(name) if is_distinctive(name) else None
        return self._gifts[name]

    def _find_given(self, name: str) -> Abstract | None:
        gives = re.compile(rf"{re.escape(name)}(?:[\"']\]?\s*(?:=>|[:=,])|\s*=)(?![=~])\s*")
        values: list[Abstract] = []
        for mention in self.mentions(name)[:_MAX_PLACES]:
            text = self.text_of(mention.path)
            match = gives.match(text, mention.offset)
            before = text[max(0, mention.offset - _GIVEN_WITHIN) : mention.offset]
            if match is None or not before.rstrip(" \t\r\n").endswith(("'", '"', "@", "(", ",", "ViewBag.", "locals.")):
                continue
            file = self.tree.text_file(mention.path)
            if isinstance(file, SourceFile) and (
                file.language == "code"
                or file.dialect == "php"
                or (file.language == "script" and before.endswith("locals."))
            ):
                value = _expression_at(text, match.end(), file.dialect)
                values.append(self._world_of(before, file.dialect).evaluate(value))
        found = join(values)
        return found if values and _asks_for_choice(found) and (found.truth is not None or found.refusable) else None

    def _constant(self, node: expressions.Expression) -> str | None:
        """The text that a constant of the server's code stands for, where all its definitions say the same."""
        name = expressions.last_name(node) if isinstance(node, expressions.Name | expressions.Member) else ""
        if not _CONSTANT.fullmatch(name):
            return None
        value = rf"{name}(?:\s*(?::\s*\w+\s*)?=(?!=)|[\"']\s*,)\s*(?::(\w+)|[\"']([^\"'\n]{{1,80}})[\"'])"
        texts = [(self._all_texts().get(one.path, ""), one.offset) for one in self.mentions(name)[:_MAX_PLACES]]
        found = {(match[1] or match[2]) for text, at in texts if (match := re.compile(value).match(text, at))}
        return found.pop() if len(found) == 1 else None

    def _assigned_in_template(self, file: SourceFile, condition: Condition, name: str) -> Abstract | None:
        """`{% set x = … %}`, `$x = …`, `{{ $x := … }}` earlier in the same file."""
        before = condition.span.start
        given = [value[: before - at] for at, value in _assigned(file.text).get(name.lstrip("$@"), ()) if at < before]
        if not given:
            return None
        world = World(self.mechanisms.apis)
        found = join([world.evaluate(expressions.parse(value, condition.dialect)) for value in given[:4]])
        return found if found.consent or found.implied else None

    def predicate(self, name: str) -> Abstract | None:
        """The value, before any choice, of a function of the server's code by its name; None when out of reach."""
        if name not in self._predicates:
            self._predicates[name] = None  # a predicate that asks itself tells nothing
            self._predicates[name] = self._predicate(name)
        return self._predicates[name]

    def _predicate(self, name: str) -> Abstract | None:
        bare = name.rstrip("?!")
        pattern = re.compile(
            rf"(?:\bdef\s+(?:self\.)?|\bfunction\s+|\b(?:bool|boolean|Boolean|public|static|private|fun|func)\s+){re.escape(name)}(?![\w?])"
        )
        values: list[Abstract] = []
        for mention in self.mentions(bare):
            text = self._all_texts().get(mention.path, "")
            match = pattern.search(text, max(0, mention.offset - 40), mention.offset + len(name) + 2)
            if match is None:
                continue
            file = self.tree.text_file(mention.path)
            if not isinstance(file, SourceFile) or file.language not in ("code", "html"):
                continue
            source = code_source(file)
            body = source.body_of(name) or source.body_of(bare) if source is not None else None
            if body is None:
                continue
            values += self._returned(file.text[body.start : body.end], file.dialect)
        if not values:
            return self._registered(name)
        result = join(values)
        return result if result.consent or result.implied or result.truth is not None else FREE

    def _registered(self, name: str) -> Abstract | None:
        """The value of a function that templates know by another name: `new TwigFunction('name', [$this, 'method'])`."""
        named = re.compile(
            rf"{re.escape(name)}[\"']\s*,\s*(?:\[\s*[\w$:]+\s*,\s*[\"'](\w+)|\$this->(\w+)\(\.\.\.\)|[\"'](\w+))"
        )
        for mention in self.mentions(name)[:_MAX_PLACES]:
            match = named.match(self.text_of(mention.path), mention.offset) if mention.path.endswith(".php") else None
            method = (match[1] or match[2] or match[3]) if match is not None else name
            if method != name:
                return self.predicate(method)
        return None

    def _returned(self, body: str, dialect: str) -> list[Abstract]:
        """What the body of a function of the server's code may return."""
        language = "erb" if dialect in ("ruby", "erb") else dialect
        bare = re.sub(r"(?m)(?:^\s*#|//).*$", "", body)
        bare = re.sub(r"(?s)^\s*\([^)]*\)", "", bare).strip().strip("{}").strip()
        bare = re.sub(r"(?m)^\s*end\s*\Z", "", bare).strip()
        bare, parts = self._tried(bare, language)
        returns = [_whole(bare, match.start(1), match.end()) for match in re.finditer(r"\breturn\s+([^;\n]+)", bare)]
        lines = [line.strip() for line in _CONTINUED.sub(" ", bare).splitlines() if line.strip()]
        if language in ("erb",) and lines and not lines[-1].startswith(("return", "end", "}")):
            returns.append(lines[-1])
            rescue = next((at for at, line in enumerate(lines) if line.startswith("rescue")), 0)
            returns += lines[rescue - 1 : rescue]  # the last line in front of it is returned too
        if not returns and len(lines) == 1:
            returns = [lines[0].removeprefix("=>").strip()]
        world = self._world_of(bare, language, parts)
        values = []
        for text in returns:
            text = re.sub(r"\s+(?:if|unless)\s+.*$", "", text) if language == "erb" else text
            values.append(world.evaluate(expressions.parse(text, language)))
        return values

    def _tried(self, code: str, language: str) -> tuple[str, dict[str, Abstract]]:
        """The code with names for the parts of what it reads from stored text, or else takes from a `rescue`, and their values."""
        values: dict[str, Abstract] = {}
        for match in [found for tried in _TRIED for found in tried.finditer(code)]:
            name, attempt, otherwise = match["name"], match["attempt"].strip(), match["otherwise"].strip()
            rest = code.replace(match[0], "\n")
            changed = rf"(?<![\w$@]){re.escape(name)}\s*(?:\[[^\]\n]*\]\s*)?(?:[|&?]{{1,2}})?=(?!=)|{re.escape(name)}\.(?:\w+!|update|setdefault|pop)"
            if "\n" in attempt or not otherwise.startswith(("{", "[")) or re.search(changed, rest):
                continue
            key = r"(?:[\"'](?P<text>[\w-]+)[\"']|:(?P<symbol>\w+))"
            part = rf"(?<![\w.])[@$]?{re.escape(name)}(?:\[\s*{key}\s*\]|&?\.(?:get|fetch|dig)\(\s*{key.replace('P<', 'P<called_')}\s*\))"

            def given(found: re.Match[str], attempt: str = attempt, otherwise: str = otherwise) -> str:
                key = next(filter(None, found.groups()))
                values[f"tried_{len(values)}"] = self._part_of_tried(attempt, otherwise, key, language)
                return f"tried_{len(values) - 1}"

            code = re.sub(part, given, rest)
        return code, values

    def _part_of_tried(self, attempt: str, otherwise: str, key: str, language: str) -> Abstract:
        """What stands before any choice under a key of a stored text that is read as data, or of what is taken if it is none."""
        member = re.search(
            rf"(?<![\w-])(?:[\"':]?){re.escape(key)}[\"']?\s*(?:=>|:)\s*([\w.]+|[\"'][^\"'\n]*[\"'])", otherwise
        )
        fallback = known(None)
        if member is not None or re.search(r"\*\*|\.\.\.", otherwise):
            fallback = World().evaluate(expressions.parse(member[1], language)) if member is not None else FREE
        read = _READ_AS_DATA.fullmatch(attempt)
        world = self._world_of("", language)
        text = world.evaluate(expressions.parse(read["text"], language)) if read is not None else FREE
        if text.kind == "known" and text.consent and (text.value is None or isinstance(text.value, str)):
            try:
                held = json.loads(text.value or "")
            except ValueError:
                return fallback._replace(consent=True, named=text.named)
            value = held.get(key) if isinstance(held, dict) else None
            is_plain = value is None or isinstance(value, str | int | float)
            return known(value)._replace(consent=True, named=text.named) if is_plain else FREE
        return join([world.evaluate(expressions.parse(attempt, language)), fallback])

    def _world_of(self, code: str, language: str, values: Mapping[str, Abstract] | None = None) -> World:
        """The world before any choice for an expression of the server's code, behind the assignments in this text."""
        assigned = dict(re.findall(r"(?m)^\s*(?:(?:var|bool|let|const)\s+|\$)?(\w+)\s*=(?!=)\s*([^;\n]+)", code))

        def resolve(node: expressions.Expression) -> Abstract | None:
            if isinstance(node, expressions.Name) and node.name in assigned:
                held = assigned.pop(node.name)
                return world.evaluate(expressions.parse(held, language))
            called = expressions.last_name(node)
            if isinstance(node, expressions.Call) and called:
                return self.predicate(called) if words.meaning(called) != "none" else self._asked(called)
            return None

        world = World(self.mechanisms.apis, resolve, values, constant=self._constant)
        return world

    # ---- 3. flow.Surroundings

    def entry(self, script: Script, facade: bool) -> Reach:
        origin = script.origin
        if origin is not None:
            if isinstance(origin, TextPlace):
                return self.text_reach(origin.document, origin.offset, facade) or Reach(
                    "unknown", why="it only includes itself"
                )
            if isinstance(origin, ScriptPlace):  # a string that another script runs
                ways = [
                    self.tag_gate(origin.script, node) or self.flow(origin.script).reach(node, facade)
                    for node in origin.nodes
                ]
                return any_of(ways) or OPEN
            assert isinstance(origin, ElementPlace)
            return self.element_reach(origin.document, origin.element, facade) or Reach(
                "unknown", why="it only includes itself"
            )
        path = script.file.path
        if not path:
            return OPEN
        return self.file_reach(path, facade) or OPEN

    def callers(self, script: Script, name: str, facade: bool, excludes: Excludes | None = None) -> list[Reach]:
        path = script.file.path
        key = (path, name)
        if not path or not name or (name.rpartition(".")[1] and is_bundle(script.file)):
            return []  # nothing outside calls into the objects of a bundle
        if key in self._calling or len(self._calling) > 8:
            self.budget.cuts += 1
            return []
        memo = (path, script.base, name, facade)
        if memo in self._called and excludes is None:
            return self._called[memo]
        self._calling.add(key)
        cuts = self.budget.cuts
        try:
            found = list(self._callers(script, name, facade, excludes))
        finally:
            self._calling.discard(key)
        if cuts == self.budget.cuts and excludes is None:
            self._called[memo] = found
        return found

    def _callers(self, script: Script, name: str, facade: bool, excludes: Excludes | None) -> Iterator[Reach]:
        path = script.file.path
        owner, dot, name = name.rpartition(".")
        importers = [] if script.origin is not None else self.modules.importers(path)
        for other, local in self.modules.imports(path, name) if importers else ():
            yield from self._uses_in(other, local, facade, excludes)
        if name == "default":
            for other, use in required_in_place(importers):
                way = self.flow(other).used(use, facade)
                if way is not None:
                    yield way.through(Hop(other.file.path, other.line(use), f"{posixpath.basename(path)} is used here"))
            return
        listed = {id(other) for other, _ in importers}
        last = name
        files = 0
        importing = {other.file.path for other, _ in importers}
        spelled = (f"{owner}.{last}", f"{owner}?.{last}") if owner else ()
        if owner in _PLUGINS:
            spelled = (f").{last}(", f"\n.{last}(")  # of whatever elements
        alone = self.stands_alone(script)
        file_name = posixpath.basename(path)
        for mention_path in [path] if alone else dict.fromkeys(mention.path for mention in self.mentions(last)):
            if mention_path == path and script.origin is None:
                continue
            if not dot and script.is_module and mention_path != path:
                continue  # a module shows its exports alone, and these were followed
            if mention_path not in importing and mention_path != path:
                text = self._all_texts().get(mention_path, "")
                if dot and not any(form in text for form in spelled):
                    continue  # a property: only on the object that it belongs to
                if not dot and not is_distinctive(last) and file_name not in text:
                    continue  # a common word, in a page that does not load this script
            files += 1
            self.budget.left -= _STEPS_FOR_A_FILE
            if files > _MAX_CALLER_FILES or not self.budget.spend():
                self.budget.cuts += 1
                return
            for other in self.scripts_of(mention_path):
                if other is script:
                    continue
                if id(other) in listed and not dot and other.declaration(last) is not None:
                    continue  # followed as an import
                yield from self._uses_in(other, last, facade, excludes)
            document = self.document(mention_path)
            if document is not None:
                yield from self._handlers(document, last, facade, excludes)
        if script.is_module:
            yield from self._named_by_its_template(path, last, facade)
        if not dot:
            yield from self._called_back(last, facade)

    def _named_by_its_template(self, path: str, name: str, facade: bool) -> Iterator[Reach]:
        """What names a method of a component or a controller in its own template: as a rule what the visitor does."""
        for template in templates_beside(path):
            document = self.document(template) if self.tree.exists(template) else None
            if document is None:
                continue
            for offset in names_in(document, name):
                element = document.at(offset)
                way = self._shown(document, element, offset, facade)
                if way is None:
                    continue
                end = element.span.end if element is not None else offset
                at = (template, document.file.position(offset).line)
                if asks_for_consent(document.file.text[offset : end + 120]):
                    way = Reach("gated", "callback", None, at, "an element that asks for consent names it")
                elif facade and way.state == "open":
                    way = Reach("gated", "facade", None, at, "it waits for the visitor's click")
                yield way.through(Hop(*at, f"{name}() is named here"))

    def _called_back(self, name: str, facade: bool) -> Iterator[Reach]:
        """The loads of vendors' scripts that call a function: its name is in the address, or a rule tells of it."""
        places = [
            mention
            for mention in self.mentions(name)
            if _CALLBACK.search(self.text_of(mention.path), max(0, mention.offset - 20), mention.offset)
        ]
        for service in self.ruleset.calls_back.get(name, ()):
            for host in service.match.hosts:
                address = re.compile(re.escape(host) + _SCRIPT_PATH)
                for path in self.paths_with([f"{host}/"])[:_MAX_CALLER_FILES]:
                    places += [_Mention(path, match.start()) for match in address.finditer(self.text_of(path))]
        yield from self._called_from_server(name)
        for place in places[:_MAX_PLACES]:
            way = self._load_reach(place, facade)
            if way is not None:
                line = self.text_of(place.path).count("\n", 0, place.offset) + 1
                yield way.through(Hop(place.path, line, f"{name}() is called by the script that is loaded here"))

    def _called_from_server(self, name: str) -> Iterator[Reach]:
        """The calls of a function by its name in components that a server draws, as each is shown: Blazor's."""
        calling = set(self.paths_with([".Invoke"]))
        for mention in self.mentions(name) if calling else ():
            text = self.text_of(mention.path)
            if mention.path not in calling or not _CALLED_FROM_SERVER.search(
                text, max(0, mention.offset - 200), mention.offset
            ):
                continue
            file = self.tree.text_file(mention.path)
            if not isinstance(file, SourceFile) or self.is_in_a_comment(*mention):
                continue
            for way in self._ways_of_component(file, mention.offset, frozenset()):
                yield way.through(Hop(mention.path, file.position(mention.offset).line, f"{name}() is called here"))

    def _ways_of_component(self, file: SourceFile, offset: int, seen: frozenset[str]) -> Iterator[Reach]:
        """How a place in the code of such a component is reached as it is shown, through methods of its own."""
        method = next(reversed(_METHOD_AROUND.findall(file.text, 0, offset)), "")
        way = self.code_reach(file, offset)
        if not method or way is None or method in seen:
            return
        if _SHOWN.fullmatch(method):
            yield way
            return
        for call in re.finditer(rf"(?<![\w.]){method}\(", file.text):
            for before in self._ways_of_component(file, call.start(), seen | {method}):
                yield before if way.state == "open" else way

    def _load_reach(self, place: _Mention, facade: bool) -> Reach | None:
        """The reach of an address in a script, or in the tag of one; None where it loads no script."""
        for script in self.scripts_of(place.path):
            at = place.offset - script.base
            if 0 <= at < len(script.text):
                node = script.node_at(at)
                held = node.type in ("string_fragment", "string", "template_string")
                return self.flow(script).reach(node, facade) if held else None
        document = self.document(place.path)
        if document is None:
            return None
        region = document.masked.region_at(place.offset)
        if region is not None:  # a helper that prints the tag
            return self.text_reach(document, place.offset, facade) if region.kind in ("output", "code") else None
        element = document.at(place.offset)
        if element is None or element.tag != "script":
            return None
        return self.element_reach(document, element, facade)

    def is_whole_page(self, path: str) -> bool:
        """Whether a file is a page by itself, which shares nothing with other pages."""
        if path not in self._whole:
            self._whole[path] = not path.endswith((".js", ".ts", ".tsx", ".jsx", ".mjs")) and bool(
                _PAGE.search(self.text_of(path)[:4000])
            )
        return self._whole[path]

    def stands_alone(self, script: Script) -> bool:
        """Whether a script is part of a whole page: no other file sees its functions."""
        return (
            script.origin is not None and script.file.language == "html" and bool(_PAGE.search(script.file.text[:4000]))
        )

    def _uses_in(self, other: Script, name: str, facade: bool, excludes: Excludes | None = None) -> Iterator[Reach]:
        flow = self.flow(other)
        answers = other.origin is None and self.modules.answers_requests(other.file.path)
        for use, outer in imported_uses(other, name):
            way = Reach("dead", "server", why=f"{other.file.path} runs on the server") if answers else None
            if (
                excludes is not None
                and outer.type == "call_expression"
                and outer.child_by_field_name("function") == use
            ):
                way = flow.excluded(excludes, outer)
            way = way or flow.used(use, facade)
            if way is not None and way.state == "open" and self.unused.is_lost(other.file.path):
                way = UNUSED
            if way is not None:
                yield way.through(Hop(other.file.path, other.line(use), f"{name}() is used here"))

    def carried(self, script: Script, holder: Node, facade: bool) -> Reach | None:
        """The reach of what is done with an address in data; None when nothing is known to be."""
        return carried(self.flow(script), holder, self.uses, facade)

    def taken_by_name(self, script: Script, pair: Node, facade: bool) -> Reach | None:
        """What closes every place that takes an address out of an entry of this name; None where one may be open."""
        key = script.key_of(pair)
        if pair.type != "pair" or not is_distinctive(key) or script.origin is not None:
            return None
        with self.budget.apart(_STEPS_FOR_A_NAME):
            return self._taken_by_name(script, key, facade)

    def readers(self, script: Script, pair: Node) -> list[tuple[Script, Node]] | None:
        """The expressions that take an entry of this name out of an object; None where something else may take it as well."""
        key = script.key_of(pair)
        named = self._named_plainly(script, key) if is_distinctive(key) and script.origin is None else None
        if named is None:
            return None
        found: list[tuple[Script, Node]] = []
        for other, node in named:
            parent = other.parent(node)
            if parent is None or (other is script and pair.start_byte <= node.start_byte < pair.end_byte):
                continue
            if parent.type in ("property_signature", "method_signature"):
                continue
            if parent.type != "member_expression" or parent.child_by_field_name("property") != node:
                return None
            if other.dotted(parent.child_by_field_name("object")) not in _ENVIRONMENTS:
                found.append((other, parent))
        return found

    def _taken_by_name(self, script: Script, key: str, facade: bool) -> Reach | None:
        named = self._named_plainly(script, key)
        return taken_by_name([(self.flow(other), node) for other, node in named], facade) if named is not None else None

    def _named_plainly(self, script: Script, key: str) -> list[tuple[Script, Node]] | None:
        """All places where a name stands in scripts; None where a template may take it too, or a text that is put together."""
        own, others, paths = script.occurrences(key), self.called(script, key), self.paths_with([key])
        if own is None or others is None or not all(path.endswith(_PLAIN_SCRIPTS) for path in paths):
            return None
        quoted = re.compile(rf"[\"'`]{re.escape(key)}[\"'`]")
        if any(quoted.search(self.text_of(path)) for path in paths if not path.endswith(".md")):
            return None
        return [*((script, one) for one in own), *others]

    def is_left(self, script: Script, node: Node) -> bool:
        """Whether an address stands in a row of a catalogue of which the other files name only other rows."""
        row = row_around(script, node)
        if row is None:
            return False
        named = self._named_rows(script.file.path, row.catalogue, row.rows)
        if not named or self.sampled:
            return False
        variants = named.get(row.name)
        if variants is None:
            return True
        return bool(row.variant) and row.variant not in variants and not variants.isdisjoint(row.variants)

    def _named_rows(self, itself: str, catalogue: str, rows: tuple[str, ...]) -> dict[str, set[str]]:
        """The rows of a catalogue that other files name as `"row"` or `"row.variant"`, each with its variants."""
        key = (itself, catalogue)
        if key not in self._rows:
            users = {path for path in self.paths_with([catalogue]) if path != itself}
            defined = re.compile(rf"{re.escape(catalogue)}\s*=[^=]")
            copies = {path for path in users if defined.search(self.text_of(path))}
            found: dict[str, set[str]] = {}
            for row in () if users - copies else rows:
                pattern = re.compile(rf"""["'`]{re.escape(row)}(?:\.(\w{{1,60}}))?["'`]""")
                for path in self.paths_with([row]):
                    if path != itself and path not in copies and not path.endswith((".md", ".markdown")):
                        for match in pattern.finditer(self.text_of(path)):
                            found.setdefault(row, set()).add(match[1] or "")
            self._rows[key] = found
        return self._rows[key]

    def uses(self, script: Script, name: str) -> Iterator[tuple[Flow, Node]]:
        """The places in other files that stand for an export, each with the flow of its script."""
        path = script.file.path
        if not path or script.origin is not None:
            return
        for other, local in self.modules.imports(path, name):
            for use, _ in imported_uses(other, local):
                yield self.flow(other), use

    def _handlers(
        self, document: Document, name: str, facade: bool, excludes: Excludes | None = None
    ) -> Iterator[Reach]:
        """Calls in inline event handlers, `onclick="acceptCookies()"`, and in what runs with its element, `x-init="show()"`."""
        for handler, element in _handlers_with(name, document):
            line = document.file.position(handler.span.start).line
            at = (document.file.path, line)
            excluded = self._told_otherwise(handler.value, name, excludes) if excludes is not None else None
            if excluded is not None:
                yield excluded._replace(at=at)
                continue
            event = re.sub(r"^(?:on|@|v-on:|x-on:)", "", handler.name.lower())
            text = document.file.text[handler.span.start : handler.span.end + 120]
            if event in _AT_ONCE and not (event == "x-data" and _is_kept_for_later(handler.value, name)):
                way = self._shown(document, element, handler.span.start, facade)
                if way is not None:
                    yield way.through(Hop(*at, f"{name}() is used here"))
            elif asks_for_consent(text):
                why = f"it runs on {event} of an element that asks for consent"
                yield Reach("gated", "callback", None, at, why, (Hop(*at, why),))
            elif facade:
                yield Reach("gated", "facade", None, at, "it waits for the visitor's click", (Hop(*at, "on click"),))
            else:
                yield self._shown(document, element, handler.span.start, facade) or OPEN

    def _shown(self, document: Document, element: Element | None, offset: int, facade: bool) -> Reach | None:
        """The reach of an element, or of the code at an offset that prints one."""
        if element is not None:
            return self.element_reach(document, element, facade)
        return self.text_reach(document, offset, facade)

    def _told_otherwise(self, handler: str, name: str, excludes: Excludes) -> Reach | None:
        """What the arguments in a handler say against the way that is looked for; None when a call in it may take it."""
        script = Script(handler, "js")
        flow = self.flow(script)
        ways = [flow.excluded(excludes, call) for call in script.calls(name)]
        return ways[0] if ways and None not in ways else None

    def value(self, script: Script, binding: Binding) -> Abstract | None:
        found = self.modules.imported(script, binding)
        if found is None:
            return None
        other, declaration = found
        flow = self.flow(other)
        value = declaration.value
        if value is None:
            return None
        if value.type in FUNCTIONS:
            return None
        return flow.evaluate(value)

    def settled(self, script: Script, condition: Node) -> bool | None:
        return self.constants.truth(script, condition)

    def function(self, script: Script, name: str, binding: Binding | None) -> tuple[Script, Node] | None:
        if binding is not None and binding.kind == "import":
            found = self.modules.imported(script, binding)
            if found is None:
                return None
            other, declaration = found
            value = declaration.value
            return (other, value) if value is not None and value.type in FUNCTIONS else None
        last = name.rsplit(".", 1)[-1]
        if "(" in last or not is_distinctive(last) or name.partition(".")[0] in _OF_BROWSERS:
            return None
        if last not in self._definitions:
            self._definitions[last] = tuple(self._functions_called(last))
        candidates = [(other, node) for other, node in self._definitions[last] if other is not script]
        bodies = {other.text_of(node) for other, node in candidates}
        return candidates[0] if len(bodies) == 1 else None

    def imported_function(self, script: Script, binding: Binding, method: str = "") -> tuple[Script, Node] | None:
        """The function, and its script, that an imported name stands for; its method of that name."""
        if not method:
            return self.function(script, binding.name, binding)
        found = self.modules.imported(script, binding)
        value = found[1].value if found is not None else None
        if found is None or value is None:
            return None
        inside = [
            one for one in found[0].functions_named(method) if value.start_byte <= one.start_byte < value.end_byte
        ]
        return (found[0], inside[0]) if len(inside) == 1 else None

    def called_elsewhere(self, script: Script, callee: Node) -> tuple[Script, Node] | None:
        """The function of another file, and its script, that a callee is: `load`, `tags.load` of what was imported."""
        owner = callee.child_by_field_name("object") if callee.type == "member_expression" else callee
        binding = script.binding(owner) if owner is not None and owner.type == "identifier" else None
        if binding is None or binding.kind != "import":
            return None
        name = callee.child_by_field_name("property")
        found = self.imported_function(script, binding, script.text_of(name) if name is not None else "")
        return found if found is not None and found[0] is not script else None

    def component(self, script: Script, binding: Binding) -> str:
        found = self.modules.imported(script, binding)
        value = found[1].value if found is not None else None
        return found[0].text_of(value) if found is not None and value is not None else ""

    def _functions_called(self, last: str) -> Iterator[tuple[Script, Node]]:
        """Definitions of functions by a name, in the whole project."""
        definition = re.compile(
            rf"function\s+{re.escape(last)}\s*\(|(?<![\w$]){re.escape(last)}\s*[=:]\s*(?:async\s*)?(?:function\b|\([^)]*\)\s*=>|\w+\s*=>)"
            rf"|^\s*(?:async\s+)?{re.escape(last)}\s*\([^)]*\)\s*\{{",
            re.MULTILINE,
        )
        paths: dict[str, None] = {}
        for mention in self.mentions(last):
            if mention.path not in paths:
                text = self._all_texts().get(mention.path, "")
                if definition.search(text, max(0, mention.offset - 12), mention.offset + len(last) + 160):
                    paths[mention.path] = None
        count = 0
        for path in list(paths)[:_MAX_DEFINING_FILES]:
            self.budget.left -= _STEPS_FOR_A_FILE
            for found in self.definitions_in(path, last):
                count += 1
                yield found
                if count > 4:
                    return

    def definitions_in(self, path: str, name: str) -> Iterator[tuple[Script, Node]]:
        """The functions that the scripts of a file define by a name."""
        for script in self.scripts_of(path):
            declared = script.declaration(name)
            found = declared.value if declared is not None else None
            if found is None or found.type not in FUNCTIONS:
                found = script.function_named(name)
            if found is not None:
                yield script, found

    def called(self, script: Script, name: str) -> Iterator[tuple[Script, Node]] | None:
        """The places in other scripts where something of this name is used; None when there are too many."""
        paths = list(dict.fromkeys(mention.path for mention in self.mentions(name)))
        if len(paths) > _MAX_CALLER_FILES:
            return None
        self.budget.left -= _STEPS_FOR_A_FILE * len(paths)
        return (
            (other, use)
            for path in paths
            for other in self.scripts_of(path)
            if other is not script
            for use in other.occurrences(name) or ()
        )

    def named_at(self, script: Script, name: str) -> tuple[str, int] | None:
        if not is_distinctive(name):
            return None
        for mention in self.mentions(name):
            file = self.tree.text_file(mention.path) if mention.path != script.file.path else None
            if (
                isinstance(file, SourceFile)
                and not is_test_code(mention.path)
                and not self.is_in_a_comment(*mention)
                and (
                    not _is_own_member(file.text, mention.offset, name)
                    if file.language in ("html", "script", "indent")
                    else _CALLED_FROM_SERVER.search(file.text, max(0, mention.offset - 200), mention.offset) is not None
                )
            ):
                return mention.path, file.position(mention.offset).line
        return None

    def firing(self, script: Script, event: str) -> Iterator[tuple[Script, Node]]:
        """The calls in other scripts that fire a custom event."""
        if not re.fullmatch(r"[\w:.-]{4,}", event):
            return
        head = max(re.findall(r"\w+", event), key=len)
        for path in list(dict.fromkeys(mention.path for mention in self.mentions(head)))[:_MAX_CALLER_FILES]:
            self.budget.left -= _STEPS_FOR_A_FILE
            if not self.budget.spend():
                break
            for other in self.scripts_of(path):
                if other is not script:
                    yield from ((other, call) for call in firing(other, event))

    def dispatches(self, script: Script, event: str, facade: bool) -> list[Reach]:
        ways: list[Reach] = []
        if (event, "event") in self._calling:
            return []
        memo = (script.file.path, script.base, event, facade)
        if memo in self._fired:
            return self._fired[memo]
        self._calling.add((event, "event"))
        cuts = self.budget.cuts
        try:
            ways += [self.flow(other).reach(call, facade) for other, call in self.firing(script, event)]
        finally:
            self._calling.discard((event, "event"))
        if cuts == self.budget.cuts:
            self._fired[memo] = ways
        return ways

    # ---- imports

    def package_reach(self, package: str) -> Reach | None:
        """How the imports of a package are reached; None when nothing imports it."""
        ways: list[Reach] = []
        head = max(re.split(r"[/@]", package), key=len)
        pattern = re.compile(rf"(?:from|import|require)\b\s*\(?\s*['\"`]{re.escape(package)}(?:/[^'\"`\n]*)?['\"`]")
        for path in dict.fromkeys(mention.path for mention in self.mentions(head)):
            if not pattern.search(self._all_texts().get(path, "")):
                continue
            for script in self.scripts_of(path):
                match = pattern.search(script.text)
                if match is not None and not re.match(
                    r"import\s+type\b", script.text[script.text.rfind("\n", 0, match.start()) + 1 :]
                ):
                    ways.append(self.flow(script).reach(script.node_at(match.start(), match.start() + 1)))
            if len(ways) > 10:
                break
        return any_of(ways)

    def library_reach(self, name: str, seen: frozenset[str] = frozenset()) -> Reach | None:
        """How pages come to get a library of a Drupal theme or module; None when nothing here attaches it."""
        listed = re.compile(rf"^[ \t]*-[ \t]*[\"']?{re.escape(name)}[\"']?[ \t]*$", re.MULTILINE)
        ways: list[Reach] = []
        for path in self.tree.paths:
            if not path.endswith((".info.yml", ".libraries.yml")):
                continue
            file = self.tree.text_file(path)
            if not isinstance(file, SourceFile):
                continue
            for match in listed.finditer(file.text):
                top = _TOP_KEY.findall(file.text, 0, match.start())[-1:]
                if path.endswith(".info.yml"):
                    ways += [OPEN] if top == ["libraries"] else []  # of the theme itself: every page has it
                elif top and name not in seen and len(seen) < _MAX_HANDED_ON:
                    other = f"{posixpath.basename(path).removesuffix('.libraries.yml')}/{top[0]}"
                    ways += [way for way in [self.library_reach(other, seen | {name})] if way is not None]
        for mention in self.mentions(name):
            file = self.tree.text_file(mention.path)
            if not isinstance(file, SourceFile) or file.language not in ("html", "code"):
                continue
            document = self.document(mention.path) if file.language == "html" and file.dialect != "php" else None
            way = self.text_reach(document, mention.offset) if document else self.code_reach(file, mention.offset)
            ways += [way] if way is not None else []
        return any_of(ways)

    def path_uses(self, globs: Sequence[str], itself: str) -> list[tuple[Reach, str, int]]:
        """(how it is reached, path, offset) of the places that ask for one of these paths of the site's own."""
        begins = {glob.partition("*")[0].rstrip("/") for glob in globs}
        asking = [
            mention
            for begin in sorted(begins)
            if len(begin) > 2
            for mention in self.mentions(begin)
            if mention.path != itself and not is_test_code(mention.path)
        ]
        found = [(Reach("unknown"), "", 0)] if len(asking) > _MAX_PLACES else []
        for mention in asking[:_MAX_PLACES]:
            line = self.text_of(mention.path).count("\n", 0, mention.offset) + 1
            hop = Hop(mention.path, line, "asks the site for what it passes on")
            ways = [way.through(hop) for way in self._reaches_at(mention) if way is not None]
            found += [(way, mention.path, mention.offset) for way in ways]
        return found

    def _reaches_at(self, mention: _Mention) -> Iterator[Reach | None]:
        """The reach of an element or of a string of a script; none for links, texts and comments."""
        if self.script(mention.path) is None:
            document = self.document(mention.path)
            element = document.at(mention.offset) if document is not None else None
            if document is None or element is None or element.tag == "a":
                return
            if element.tag != "script" or element.content is None or not element.content.start <= mention.offset:
                yield self.element_reach(document, element)
                return
        for script in self.scripts_of(mention.path):
            offset = mention.offset - script.base
            if 0 <= offset < len(script.text) and not script.in_comment(offset):
                yield self.flow(script).reach(script.node_at(offset))


def _handlers_with(name: str, document: Document) -> Iterator[tuple[_Handler, Element | None]]:
    """The handlers that have a name in them: attributes of elements, and of those that a helper of the template prints."""
    for element in document.elements:
        for written, attribute in element.attributes.items():
            if written.startswith(_HANDLES) and name in attribute.value:
                yield _Handler(written, attribute.value, element.span), element
    for region in document.masked.regions:
        if name in region.text and region.kind not in ("comment", "raw"):
            for match in _PRINTED_HANDLER.finditer(region.text):
                if name in match["value"]:
                    yield _Handler(match["name"], match["value"], region.span), None


def _is_compared(script: Script, string: Node) -> bool:
    """Whether a string is only what something is compared with: `['_app.tsx'].includes(page)`."""
    _, holder = script.unwrapped_parent(string)
    if holder is not None and holder.type == "array":
        holder = script.parent(holder)
        return holder is not None and script.property_name(holder) in _COMPARES
    if holder is not None and holder.type == "arguments":
        call = script.parent(holder)
        callee = call.child_by_field_name("function") if call is not None else None
        return callee is not None and script.property_name(callee) in _COMPARES
    operator = holder.child_by_field_name("operator") if holder is not None else None
    return operator is not None and script.text_of(operator) in ("==", "===", "!=", "!==")


_COMPARES = frozenset({"includes", "indexOf", "startsWith", "endsWith"})


def _asked_before(document: Document, element: Element) -> Iterator[str]:
    """The conditions of the elements before one with `v-else`, which is shown where none of them holds."""
    for one in reversed(document.elements[: element.index]):
        if one.parent is not element.parent:
            continue
        condition = one.value("v-if") or one.value("v-else-if")
        if condition is None:
            return
        yield condition
        if "v-if" in one.attributes:
            return


def _is_of_itself(node: expressions.Expression) -> bool:
    return isinstance(node, expressions.Member) and expressions.spelled(node.target) in ("this", "$data")


def _is_kept_for_later(data: str, name: str) -> bool:
    """Whether only methods of the data that Alpine gives an element call a function; `init` of them runs by itself."""
    if _CALL.match(data):
        return False  # a function that makes the data
    script = Script(f"({data})" if data.lstrip().startswith("{") else f"({{{data}}})", "js")
    holders = [script.enclosing(call, {"method_definition", "pair"}) for call in script.calls(name)]
    return bool(holders) and all(one is not None and script.key_of(one) != "init" for one in holders)


def _is_own_member(text: str, offset: int, name: str) -> bool:
    """Whether a name is taken from `this` where the same file gives its objects a member of that name."""
    member = rf"^[ \t]*(?:(?:async|static|private|public|protected|get)[ \t]+)*{re.escape(name)}[ \t]*[(:=]"
    return (
        text[max(0, offset - 6) : offset].endswith(("this.", "this?."))
        and re.search(member, text, re.MULTILINE) is not None
    )


def is_distinctive(name: str) -> bool:
    """Whether a name is unlikely to stand for two things in one project."""
    return name not in _COMMON_NAMES and (len(name) >= 7 or len(words.words(name)) > 1)


def _asks_for_choice(value: Abstract) -> bool:
    """Whether a value that the server's code works out depends on a stored choice, whose name says that it is one."""
    return (value.consent or value.refusable) and not value.by_name and words.names_choice(value.named)


def _expression_at(text: str, start: int, dialect: str) -> expressions.Expression:
    """The expression of the server's code that begins at an offset, and may go on over lines within brackets."""
    level, end = 0, start
    while end < min(len(text), start + 600):
        level += (text[end] in "([{") - (text[end] in ")]}")
        if level < 0 or (not level and text[end] in ",;\n"):
            break
        end += 1
    return expressions.parse(text[start:end].replace("\n", " "), "erb" if dialect == "ruby" else dialect)


def _parts(expression: expressions.Expression) -> Iterator[expressions.Expression]:
    """What has to hold besides, each by itself, for an expression to hold."""
    pending = [expression]
    while pending:
        one = pending.pop()
        if isinstance(one, expressions.Logical) and one.operator == "and":
            pending += [one.left, one.right]
        elif one is not expression:
            yield one


def _whole(text: str, start: int, end: int) -> str:
    """The text from `start` to `end`, and the lines after it that its open brackets go on over."""
    part = text[start:end]
    for _ in range(_RETURN_LINES):
        if sum(map(part.count, "([{")) <= sum(map(part.count, ")]}")):
            break
        end = text.find("\n", end + 1)
        end = end if end >= 0 else len(text)
        part = text[start:end]
    return part.replace("\n", " ").rstrip("; ")


def _script(file: SourceFile, known: Known) -> Script:
    """The script that a file holds; template syntax in it is masked."""
    dialect = file.dialect or "js"
    templated = dialect not in ("ts", "tsx") and ("{{" in file.text or "{%" in file.text or dialect not in _PLAIN)
    template = (_script_template(file.text) if dialect in _PLAIN else dialect) if templated else ""
    if not template:
        return Script(file.text, dialect, file)
    return script_in(file, mask(file.text, template), Span(0, len(file.text)), dialect, known)


_PLAIN = frozenset({"js", "jsx", "mjs", "ts", "tsx"})


@lru_cache(maxsize=16)
def _assigned(text: str) -> Mapping[str, Sequence[tuple[int, str]]]:
    """(where it begins, the value) for each assignment to each variable of a template."""
    found: dict[str, list[tuple[int, str]]] = {}
    for match in _ASSIGNMENT.finditer(text):
        found.setdefault(match["name"], []).append((match.start("value"), match["value"]))
    return found


# The value is only looked at: it may hold another assignment.
_ASSIGNMENT = lazy_re.compile(
    r"(?:\b(?:set|assign|let|const|var|local)\s+|[$@])(?P<name>[\w-]+)\s*:?=(?!=)\s*(?=(?P<value>[^;\n%}]{1,2000}))"
)


def _script_template(text: str) -> str:
    """The template language of a script file that has one: only where its tags stand as statements."""
    if text.startswith("---\n") or re.search(r"\{%-?\s*(?:if|for|include|assign|set|raw|comment)\b", text):
        return "liquid"
    if re.search(r"\{\{-?\s*(?:\.|with\b|if\b|range\b|partial\b|\$\w+\s*:=)", text):
        return "go"
    return ""
