"""Where a script sets off what another file of the site loads: a call, an import, a component whose settings choose it.

Only a name ties the two together, and a change of one file alone says nothing of the other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

import ahocorasick_rs
from tree_sitter import Node

from tracklint import lazy_re
from tracklint.detect.load import EMBEDDED, CallPlace, ElementPlace, Load, ScriptPlace, find_ids
from tracklint.detect.script import is_server_code, is_test_code
from tracklint.detect.script import loads as script_loads
from tracklint.model import SourceFile, Technique
from tracklint.project import Project, is_distinctive
from tracklint.ruleset import ConfigKey, Ruleset, Service
from tracklint.script import FUNCTIONS, JSX_TAGS, Script
from tracklint.source import is_bundle

_MAX_DEFINING_FILES = 12
_HEAD = 4000  # characters, at most, from the name of a function to what it loads
_NO_TRACKERS = frozenset({"cdn", "font", "consent"})
_LANGUAGES = frozenset({"script", "html", "indent"})

_CALLED = lazy_re.compile(r"(?<![\w$.])(?:window\.|self\.|globalThis\.)?([A-Za-z_$][\w$]*)\s*\(")
_DECLARED = lazy_re.compile(r"(?<![\w$.])(?:function\s*\*?|class|const|let|var)\s+([\w$]+)")
_FUNCTION = lazy_re.compile(
    r"(?<![\w$])(?:function\s*\*?\s+([\w$]+)\s*\(|([\w$]+)\s*=\s*(?:async\s*)?(?:function\b|\([^()\n]{0,200}\)\s*=>|[\w$]+\s*=>))"
)
_SPECIFIER = lazy_re.compile(r"""(?:\bfrom|\bimport|\brequire)\s*\(?\s*(?:/\*[^*]*\*/\s*)*['"]([^'"\n]+)['"]""")
_ANY_CALLED = lazy_re.compile(r"(?<![\w$])([A-Za-z_$][\w$]*)\s*\(")
_SOURCE = lazy_re.compile(r"""(?:import\s[^'"]*from|(?:await\s+)?(?:require|import)\s*\()\s*['"]([^'"\n]+)['"]""")
_HANDS_ON = lazy_re.compile(r"\bexport\b[^;'\"]{0,500}\bfrom\b")


class Loader(NamedTuple):
    """A function whose own body loads a service; or a module whose outermost level does, which has no function."""

    script: Script
    function: Node | None
    load: Load
    nodes: tuple[Node, ...]  # the places in it that the load needs to be reached


class Call(NamedTuple):
    """A place that sets off a load of another file."""

    load: Load
    file: SourceFile  # the other one
    there: Load


class Loaders:
    """The loaders of one project; each file is looked into once."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._of_file: dict[str, tuple[Loader, ...]] = {}
        self._signed: dict[str, bool] = {}

    def calls(self, file: SourceFile) -> Iterator[Call]:
        """The calls in a file of loaders in other files."""
        if file.language not in _LANGUAGES or is_test_code(file.path) or is_bundle(file):
            return
        for script in self._project.scripts_of(file.path):
            names = self._names_in(script)
            modules = {written for written in _imports(script) if self._may_load(file.path, written)}
            if (names or modules) and not is_server_code(script):
                yield from self._calls_in(script, names, modules)
            yield from self._components(script)

    def _calls_in(self, script: Script, names: set[str], modules: set[str]) -> Iterator[Call]:
        if modules:
            names = names | {match[1] for match in _ANY_CALLED.finditer(script.text)}
        for name in sorted(names):
            for call in script.calls(name):
                callee = call.child_by_field_name("function")
                for loader in self._called(script, callee, name) if callee is not None else ():
                    yield _call(script, call, loader)
        if modules:
            yield from self._modules(script, modules)

    def _components(self, script: Script) -> Iterator[Call]:
        """Components of packages that show the service which the site's settings choose."""
        for package, components in self._project.ruleset.chosen_components.items():
            imported = _import_of(script, package) if package in script.text else None
            if imported is None:
                continue
            for name, service, key in components:
                local = _local_name(script.text_of(imported), name)
                chosen = self._chosen(service, key) if local else None
                if local is None or chosen is None:
                    continue
                places: list[tuple[Node, Technique]] = [(one, "embed") for one in _elements(script, local)]
                if places and service.kind not in EMBEDDED:  # what is embedded comes with its element alone
                    places.append((imported, "import"))
                for node, technique in places:
                    load = Load(service, technique, script.span(node), ScriptPlace(script, (node,)), chosen[1].host, None,
                                chosen[1].ids)  # fmt: skip
                    yield Call(load, *chosen)

    def _chosen(self, service: Service, key: ConfigKey) -> tuple[SourceFile, Load] | None:
        """The setting that chooses a service."""
        from tracklint.detect import settings  # its readers are seldom needed

        for path in self._project.tree.paths:
            file = self._project.tree.text_file(path) if key.matches_path(path) and not is_test_code(path) else None
            if isinstance(file, SourceFile):
                for load in settings.loads(file, self._project.ruleset):
                    if load.service is service and load.technique == "config":
                        return file, load
        return None

    def _modules(self, script: Script, modules: set[str]) -> Iterator[Call]:
        """The places that have the browser run a module whose outermost level loads a service."""
        for match in _SPECIFIER.finditer(script.text):
            path = self._project.modules.resolve(script.file.path, match[1]) if match[1] in modules else None
            node = script.enclosing(
                script.node_at(match.start(1), match.end(1)), {"call_expression", "import_statement"}
            )
            if path is None or path == script.file.path or node is None or not _is_dynamic_import(node):
                continue
            seen: set[str] = set()
            for loader in self.of_file(path):
                service = loader.load.service
                if loader.function is None and service is not None and service.slug not in seen:
                    seen.add(service.slug)
                    yield _call(script, node, loader)

    def _names_in(self, script: Script) -> set[str]:
        """Names of other files' functions that a script may call as global ones."""
        text, path = script.text, script.file.path
        called = {name for match in _CALLED.finditer(text) if is_distinctive(name := match[1])}
        if not called - {match[1] for match in _DECLARED.finditer(text)} - _BROWSER:
            return set()  # without what follows, which reads every file
        names, automaton = self._global_names
        found = {names[index] for index, _, _ in automaton.find_matches_as_indexes(text, overlapping=True)}
        return {name for name in found if any(one != path for one in self._defining[name])}

    def _called(self, script: Script, callee: Node, name: str) -> Iterator[Loader]:
        """The loaders that a callee may stand for, one for each service."""
        seen: set[str] = set()
        owner = callee.child_by_field_name("object") if callee.type == "member_expression" else callee
        binding = script.binding(owner) if owner is not None and owner.type == "identifier" else None
        functions: Sequence[tuple[Script, Node]] = ()
        if binding is None:
            functions = self._global(script, name) if script.dotted(callee) == name else ()
        elif binding.kind == "import" and owner is callee:
            found = self._project.function(script, name, binding)
            functions = [found] if found is not None else ()
        elif binding.value is not None:  # a module as a whole: `import * as tags`, `const tags = require(…)`
            source = _SOURCE.match(script.text_of(binding.value)[:400])
            path = self._project.modules.resolve(script.file.path, source[1]) if source is not None else None
            functions = list(self._project.definitions_in(path, name)) if path is not None else ()
        for other, function in functions:
            for loader in self.of_file(other.file.path):
                service = loader.load.service
                same = loader.function is not None and loader.script.span(loader.function) == other.span(function)
                if same and service is not None and service.slug not in seen:
                    seen.add(service.slug)
                    yield loader

    def _global(self, script: Script, name: str) -> list[tuple[Script, Node]]:
        """The functions of other files that a name means in a script which does not declare it."""
        path = script.file.path
        if any(other.declaration(name) is not None for other in self._project.scripts_of(path)):
            return []
        paths = [one for one in self._defining.get(name, ()) if one != path]
        near = sorted(paths, key=lambda one: (-_shared(one, path), one))[:_MAX_DEFINING_FILES]
        found = ((other, node) for one in near for other, node in self._project.definitions_in(one, name))
        return [(other, node) for other, node in found if self._shows(other, name)]

    def _shows(self, script: Script, name: str) -> bool:
        """Whether a name of a script is a global one of the pages that have it."""
        if script.is_module:
            return re.search(rf"(?:window|self|globalThis)\.{re.escape(name)}\s*=[^=]", script.text) is not None
        return not self._project.stands_alone(script)

    # ---- what is a loader

    def of_file(self, path: str) -> tuple[Loader, ...]:
        if path not in self._of_file:
            self._of_file[path] = tuple(self._find(path))
        return self._of_file[path]

    def _find(self, path: str) -> Iterator[Loader]:
        file = self._project.tree.text_file(path)
        if not isinstance(file, SourceFile) or is_test_code(path) or is_bundle(file):
            return
        for script in self._project.scripts_of(path):
            document = script.origin.document if isinstance(script.origin, ElementPlace) else None
            for load in script_loads(script, self._project.ruleset, document):
                nodes = load.place.nodes if _is_own(load) and isinstance(load.place, ScriptPlace) else ()
                owners: dict[int, tuple[Node | None, list[Node]]] = {}
                for node in nodes:
                    if not _is_handed_back(script, node):
                        function = _owner(script, node)
                        owners.setdefault(function.id if function is not None else 0, (function, []))[1].append(node)
                for function, own in owners.values():
                    yield Loader(script, function, load, tuple(own))

    # ---- where to look

    def _may_load(self, path: str, specifier: str) -> bool:
        """Whether an import may bring in a loader, by the text of what it names."""
        found = self._project.modules.resolve(path, specifier)
        if found is None:
            return False
        if found not in self._signed:
            text = self._project.text_of(found)
            self._signed[found] = self._has_sign(text) or _HANDS_ON.search(text) is not None
        return self._signed[found]

    @cached_property
    def _signs(self) -> ahocorasick_rs.AhoCorasick:
        return _signs(self._project.ruleset)

    def _has_sign(self, text: str) -> bool:
        return bool(self._signs.find_matches_as_indexes(text.lower()))

    @cached_property
    def _global_names(self) -> tuple[Sequence[str], ahocorasick_rs.AhoCorasick]:
        names = [name for name in self._defining if is_distinctive(name)]
        return names, ahocorasick_rs.AhoCorasick(names)

    @cached_property
    def _defining(self) -> Mapping[str, Sequence[str]]:
        """The files in which the head of a function with this name stands before a sign of a service."""
        found: dict[str, dict[str, None]] = {}
        for path in self._project.paths_with(()):
            if self._project.is_whole_page(path):
                continue  # which shares nothing
            text = self._project.text_of(path)
            for start, end in _windows(self._signs.find_matches_as_indexes(text.lower())):
                for match in _FUNCTION.finditer(text, start, end):
                    found.setdefault(match[1] or match[2], {})[path] = None
        return {name: tuple(paths) for name, paths in found.items()}


def _call(script: Script, call: Node, loader: Loader) -> Call:
    held = loader.load
    ids = find_ids(held.service, script.text_of(call)) or held.ids
    technique: Technique = "api-call" if loader.function is not None else "import"
    place = CallPlace(script, call, loader.script, loader.function, loader.nodes)
    load = Load(held.service, technique, script.span(call), place, held.host, held.url, ids)
    return Call(load, loader.script.file, held)


def _imports(script: Script) -> Iterator[str]:
    if script.is_module or "require" in script.text or "import" in script.text:
        yield from (match[1] for match in _SPECIFIER.finditer(script.text))


def _import_of(script: Script, package: str) -> Node | None:
    """The statement that imports from a package."""
    match = re.search(rf"\bfrom\s*['\"]{re.escape(package)}['\"]", script.text)
    return script.enclosing(script.node_at(match.end() - 2), {"import_statement"}) if match is not None else None


def _local_name(statement: str, name: str) -> str | None:
    """What an import calls an export; None if it does not bring it in."""
    match = re.search(rf"[{{,]\s*{re.escape(name)}(?:\s+as\s+([\w$]+))?\s*[,}}]", statement)
    return (match[1] or name) if match is not None else None


def _elements(script: Script, name: str) -> Iterator[Node]:
    """The elements of JSX with this name."""
    for node in script.occurrences(name) or ():
        parent = script.parent(node)
        if parent is not None and parent.type in JSX_TAGS:
            yield parent


def _is_dynamic_import(node: Node) -> bool:
    callee = node.child_by_field_name("function")
    return callee is not None and callee.type == "import"


def _is_own(load: Load) -> bool:
    """Whether a load is one that a script makes by itself, of a service for which somebody may have to be asked."""
    place = load.place
    if load.service is None or load.service.kind in _NO_TRACKERS or load.hint or load.mere:
        return False
    if load.technique == "api-call" and load.host is None:
        return False  # it uses what something else has loaded
    return isinstance(place, ScriptPlace) and not isinstance(place.script.origin, ScriptPlace)


def _owner(script: Script, node: Node) -> Node | None:
    """The function of which a place is the own body: one that runs on the spot is part of what is around it."""
    function = script.enclosing(node, FUNCTIONS)
    while function is not None:
        outer, parent = script.unwrapped_parent(function)
        if parent is None:
            return function
        run = parent.type == "call_expression" and parent.child_by_field_name("function") == outer
        if parent.type == "arguments":
            call = script.parent(parent)
            run = call is not None and call.type == "new_expression"  # what a promise does
        if not run:
            return function
        function = script.enclosing(parent, FUNCTIONS)
    return None


def _is_handed_back(script: Script, node: Node) -> bool:
    """Whether an address stands in data that a function gives to its caller."""
    current: Node | None = node
    while current is not None and current.type not in FUNCTIONS:
        if current.type in ("call_expression", "new_expression", "assignment_expression"):
            return False
        if current.type in ("pair", "return_statement"):
            return True
        current = script.parent(current)
    return False


def _windows(hits: Sequence[tuple[int, int, int]]) -> Iterator[tuple[int, int]]:
    """The stretches of text before hits, joined where they overlap."""
    start = end = 0
    for _, at, _ in hits:
        if at - _HEAD > end:
            if end:
                yield start, end
            start = at - _HEAD
        end = at
    if end:
        yield max(start, 0), end


def _shared(one: str, other: str) -> int:
    """How many leading characters two paths share."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)


@lru_cache(maxsize=4)
def _signs(ruleset: Ruleset) -> ahocorasick_rs.AhoCorasick:
    """Of which one stands in every script that loads a known service."""
    found: set[str] = set()
    for service in ruleset.services.values():
        if service.kind in _NO_TRACKERS:
            continue
        match = service.match
        found.update(host if len(host) > 6 else f"/{host}" for host in match.hosts)
        found.update(max(url.split("*"), key=len).strip("/") for url in match.urls)
        found.update(quote + name for name in match.packages.get("npm", ()) for quote in "'\"")
        found.update(match.bundle_markers)
    return ahocorasick_rs.AhoCorasick([sign.lower() for sign in found if len(sign) > 5])


_BROWSER = frozenset(
    "addEventListener removeEventListener requestAnimationFrame cancelAnimationFrame requestIdleCallback setTimeout "
    "setInterval clearTimeout clearInterval encodeURIComponent decodeURIComponent encodeURI decodeURI parseInt "
    "parseFloat getComputedStyle matchMedia queueMicrotask structuredClone XMLHttpRequest URLSearchParams "
    "MutationObserver IntersectionObserver ResizeObserver CustomEvent createElement".split()
)
