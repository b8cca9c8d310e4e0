"""Which module an import means, who imports one, and what an imported name stands for.

Specifiers are resolved as Node and the common bundlers do; what lies in no file of the project is a package.
"""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from tree_sitter import Node

from tracklint import lazy_re
from tracklint.aliases import Aliases
from tracklint.backstage import is_run_by_node, may_be_command
from tracklint.consent import words
from tracklint.detect.script import is_server_code, is_test_code, side_of, speaks_to_a_browser
from tracklint.model import SourceFile
from tracklint.ruleset import servers
from tracklint.script import Binding, Script, Value
from tracklint.source import Recent, is_bundle

if TYPE_CHECKING:
    from tracklint.project import Project

_MAX_IMPORTERS = 25
_SCRIPT_SUFFIXES = (
    ".js",
    ".ts",
    ".tsx",
    ".jsx",
    ".mjs",
    ".cjs",
    ".mts",
    ".vue",
    ".svelte",
    "/index.js",
    "/index.ts",
    "/index.tsx",
    "/index.mjs",
)
_PACKAGE_NAME = lazy_re.compile(r"^[{ \t]{0,4}\"name\"\s*:\s*\"([^\"\n]{1,200})\"", re.MULTILINE)
# A package that answers requests, and one that has something built for browsers.
_SERVES = lazy_re.compile(
    r"\"(?:express|koa|fastify|restify|polka|hono|@nestjs/core|@hapi/hapi|@adonisjs/core|apollo-server[\w-]*|@apollo/server)\"\s*:"
    r"|\"start(?::\w+)?\"\s*:\s*\"(?:[A-Z_]+=\S+\s+)*(?:node|nodemon|ts-node|tsx|bun|nest)\s"
)
_BUILDS = lazy_re.compile(
    r"\"(?:react-dom|react-scripts|preact|vue|svelte|@angular/core|solid-js|next|nuxt|gatsby|astro|@remix-run/[\w-]+|jquery|lit|"
    r"vite|webpack|parcel|esbuild|rollup|browserify|gulp|laravel-mix|@11ty/eleventy|govuk-frontend|nhsuk-frontend)\"\s*:"
)
_PRIVATE = lazy_re.compile(r"\"private\"\s*:\s*true\b")
_FOR_BROWSERS = lazy_re.compile(
    r"(?:^|/)(?:public|static|assets?|client|browser|www|wwwroot|views|dist|build|js|javascripts?)/", re.IGNORECASE
)
_RELATIVE_IMPORT = lazy_re.compile(r"(?:\bfrom|\bimport|\brequire\()\s*['\"](\.{1,2}/[^'\"\n]{1,200})['\"]")
# What a process reads and Next.js gives no browser, by the names that it has for what it does give.
_SECRET = lazy_re.compile(
    r"\bprocess\.env\.((?!NEXT_PUBLIC_)[A-Z0-9_]{0,60}(?:SECRET|TOKEN|KEY|PASSWORD|PRIVATE|CREDENTIALS?|PAT)(?:_[A-Z0-9]{1,30})?)\b"
)
_ASKS_WHERE = lazy_re.compile(r"\btypeof\s+(?:window|document|self|globalThis|process)\b")  # code for either side
_PLAIN = (".js", ".ts", ".mjs", ".cjs", ".mts")
# Where frameworks take modules by their place, and some leave out what only their server runs.
_PLACED = lazy_re.compile(
    r"(?:^|/)(?:app|pages|routes|layouts|views|islands|plugins|composables|entrypoints|packs|content)/|(?:^|/)\+"
)
# Settings of Next.js by which browsers fetch pictures from where they are.
_LEAVES_PICTURES = lazy_re.compile(
    r"\bunoptimized\s*:\s*(?!false)|\boutput\s*:\s*['\"]export|\bloader(?:File)?\s*:\s*['\"](?!default)"
)
# What Next.js runs on its server, unless it says otherwise, and what else of its files browsers run.
_NEXT = lazy_re.compile(r"\"next\"\s*:")
_NEXT_LAYOUT = lazy_re.compile(r"(?:src/)?app/(?:[^/]+/)*layout\.[jt]sx?$")
_NEXT_SERVED = lazy_re.compile(
    r"(?:src/)?(?:app/(?:[^/]+/)*(?:page|layout|template|default|loading|not-found|route|sitemap|robots|manifest)\.[jt]sx?"
    r"|pages/api/.+|(?:middleware|proxy|instrumentation)\.[jt]s)$"
)
_NEXT_ANSWERS = lazy_re.compile(r"(?:src/)?(?:pages/api/.+|app/(?:[^/]+/)*route\.[jt]sx?)$")
_NEXT_PICKS = lazy_re.compile(r"(?:src/)?pages/(?!api/)")
_NEXT_PICKS_ANYWHERE = lazy_re.compile(
    r"(?:^|/)(?:pages/_(?:app|document)(?:\.page)?\.[jt]sx?|instrumentation-client\.[jt]s"
    r"|app/(?:[^/]+/)*(?:layout|page|template|default|error|global-error|not-found|loading)\.[jt]sx?)$"
)
_NEXT_SENT = lazy_re.compile(r"(?:src/)?(?:pages/(?!api/).+|instrumentation-client\.[jt]sx?)$")
# An import, but for those of types alone.
_ANY_IMPORT = lazy_re.compile(
    r"(?:\b(?:im|ex)port\s+(?!type\b)(?:(?P<names>[\w*{$][^;'\"]{0,2000}?)\bfrom\s*)?|\b(?:import|require)\(\s*(?:/\*[^*]*\*/\s*)?)"
    r"['\"](?P<from>[^'\"\n]{1,300})['\"]"
)
_TYPE = lazy_re.compile(r"\bexport\s+(?:declare\s+)?(?:interface|type)\s+(\w+)")
_HANDS_ON = lazy_re.compile(r"^export\s*(?:\*|\{[^{}]*\}\s*from\b|default\s+(?!function|async|class)\w)", re.MULTILINE)
_DEFAULT_VALUE = lazy_re.compile(r"\bexport\s+default\s+(?=[{'\"`])")
# What an address may come of, in this module or in one that it hands on.
_ADDRESSES = lazy_re.compile(
    r"[\"'`](?:https?:)?//|[\"'`]\$\{|\+\s*[\"'`][/?]|\bexport\s*(?:\*|\{|default\s+(?!function|class|async|interface)\w)"
    r"|\bexport\s+(?:const|let|var)\s+\w{1,100}\s*=\s*[A-Za-z_$][\w$.]{0,100}\s*(?:;|$)",
    re.MULTILINE,
)
_DEEPEST_SETTING = 4
_DEEPEST_NEED = 3
_MAX_HANDED_ON = 5
_NO_USE = frozenset(
    {"import_specifier", "import_clause", "namespace_import", "unary_expression", "object_pattern", "pair_pattern"}
)


class Modules:
    """The modules of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.aliases = Aliases(project.tree)
        self._by_stem: dict[str, list[str]] | None = None
        self._importing: Recent[str, list[tuple[Script, Node]]] = Recent()
        self._values: dict[tuple[str, str], tuple[Value, ...]] = {}
        self._importing_now: list[tuple[str, str]] = []  # what is being looked up, outermost first
        self._addressed: dict[str, bool] = {}
        self._sending: dict[str, bool] = {}
        self._for_servers: dict[str, bool] = {}
        self._sides: dict[str, tuple[frozenset[str], frozenset[str], frozenset[str]]] = {}

    def resolve(self, path: str, specifier: str) -> str | None:
        """The file of the project that an import names."""
        specifier = specifier.split("?")[0]
        if specifier.startswith("."):
            base = posixpath.normpath(posixpath.join(posixpath.dirname(path), specifier))
            for suffix in ("", *_SCRIPT_SUFFIXES):
                if self._project.tree.exists(base + suffix):
                    return base + suffix
            swapped = re.sub(r"\.[mc]?js$", "", base)
            for suffix in (".ts", ".tsx", ".mts"):
                if swapped != base and self._project.tree.exists(swapped + suffix):
                    return swapped + suffix
            return None
        for base in self.aliases.meant(path, specifier):
            for suffix in ("", *_SCRIPT_SUFFIXES):
                if self._project.tree.exists(base + suffix):
                    return base + suffix
        bare = re.sub(r"^(?:[@~$#]/?|/|src/|lib/)", "", specifier)
        if not bare or (specifier.startswith("@") and not specifier.startswith("@/") and specifier.count("/") < 2):
            bare = specifier
        if self._by_stem is None:
            self._by_stem = {}
            for candidate in self._project.tree.paths:
                if candidate.endswith((".js", ".ts", ".tsx", ".jsx", ".mjs", ".vue", ".svelte")):
                    self._by_stem.setdefault(posixpath.basename(candidate).split(".")[0], []).append(candidate)
        tail = bare.split("/")
        if len(tail) == 1:
            return self._below_own_root(path, specifier)  # or a package
        found: list[str] = []
        for candidate in self._by_stem.get(tail[-1].split(".")[0], []) + self._by_stem.get("index", []):
            if tail[0] not in candidate:
                continue
            whole = re.sub(r"(?:/index)?\.\w+$", "", candidate)
            wanted = re.sub(r"\.[mc]?[jt]sx?$", "", "/".join(tail))
            if whole == wanted or whole.endswith("/" + wanted):
                found.append(candidate)
        if len(found) > 1 and not is_test_code(path):
            found = [candidate for candidate in found if not is_test_code(candidate)]
        return found[0] if len(found) == 1 else self._below_own_root(path, specifier)

    def _below_own_root(self, path: str, specifier: str) -> str | None:
        """The file that `@/name`, `~/name`, `src/name` or `lib/name` means: below the nearest folder around the importing file that has it."""
        root, slash, name = specifier.partition("/")
        if root not in ("@", "~", "src", "lib") or not slash:
            return None
        folder = posixpath.dirname(path)
        while True:
            lead = folder + "/" if folder else ""
            own = [lead + specifier] if root == "lib" else [lead + name] if root != "src" else []
            for base in [f"{lead}src/{specifier if root == 'lib' else name}", *own]:
                for suffix in ("", *_SCRIPT_SUFFIXES):
                    if self._project.tree.exists(base + suffix):
                        return base + suffix
            if not folder:
                return None
            folder = posixpath.dirname(folder)

    @cached_property
    def packages(self) -> dict[str, str]:
        """The folder of each package that the project itself holds, by its name."""
        found: dict[str, str] = {}
        for path in self._project.tree.paths:
            if path.endswith("/package.json"):
                file = self._project.tree.text_file(path)
                name = _PACKAGE_NAME.search(file.text) if isinstance(file, SourceFile) else None
                if name is not None:
                    found.setdefault(name[1], posixpath.dirname(path))
        return found

    def _in_own_package(self, specifier: str) -> str | None:
        """The file that `@scope/name/part` means, where a folder of the project is the package `@scope/name`."""
        parts = specifier.split("/")
        size = 2 if specifier.startswith("@") else 1
        folder = self.packages.get("/".join(parts[:size]))
        if folder is None:
            return None
        inner = "/".join(parts[size:]) or "index"
        for base in (f"{folder}/{inner}", f"{folder}/src/{inner}"):
            for suffix in ("", *_SCRIPT_SUFFIXES):
                if self._project.tree.exists(base + suffix):
                    return base + suffix
        return None

    def imported(self, script: Script, binding: Binding, *, renamed: bool = False) -> tuple[Script, Binding] | None:
        """The declaration, and its script, that an imported name stands for; `renamed`: also where it is exported under another."""
        path = self._source(script, binding)
        name = binding.name
        holder = script.parent(binding.declaration)
        if holder is not None and holder.type == "import_specifier":
            original = holder.child_by_field_name("name")
            name = script.text_of(original) if original is not None else name
        elif holder is not None and holder.type == "import_clause":
            name = "default"
        for _ in range(4):
            other = self._project.script(path) if path is not None else None
            if other is None:
                return None
            if name == "default":
                match = re.search(r"export\s+default\s+(?:async\s+)?(?:function\s*\*?\s*)?(\w+)", other.text)
                declared = other.declaration(match[1]) if match else None
            else:
                alias = rf"\bexport\s*\{{[^{{}}]{{0,4000}}?(?<![\w$])([\w$]{{1,100}})\s+as\s+{re.escape(name)}(?![\w$])"
                own = re.search(alias, other.text) if renamed and f" as {name}" in other.text else None
                declared = other.declaration(own[1] if own is not None else name)
            if declared is not None and declared.kind != "import":
                return other, declared
            again = re.search(
                rf"export\s*\{{[^}}]*\b{re.escape(name)}\b[^}}]*\}}\s*from\s*['\"]([^'\"]+)", other.text
            ) or re.search(r"export\s*\*\s*from\s*['\"]([^'\"]+)", other.text)
            if again is None:
                return None
            path = self.resolve(other.file.path, again[1])
        return None

    def importers(self, path: str) -> list[tuple[Script, Node]]:
        """(script, import statement or require call) of files that import this one."""
        if path not in self._importing:
            found = self._find_importers(path)
            self._importing.keep(path, found, sum(len(script.text) for script, _ in found))
            return found
        return self._importing[path]

    def _find_importers(self, path: str, name: str = "") -> list[tuple[Script, Node]]:
        """The importers of a file, of many only some; with a name, those in which it stands or that hand all on."""
        base = posixpath.basename(path)
        stem = base.split(".")[0]
        if stem == "index":
            stem = posixpath.basename(posixpath.dirname(path)) or stem
        standing_for_it = [stem if len(stem) > 2 else f"/{stem}"]  # a mere `_` stands everywhere
        standing_for_it += [alias for alias in sorted(self.aliases.names_of(path)) if stem not in alias]
        found: list[tuple[Script, Node]] = []
        for mention in itertools.chain.from_iterable(map(self._project.mentions, standing_for_it)):
            if mention.path == path:
                continue
            text = self._project.text_of(mention.path)
            if name not in text and "export *" not in text:
                continue
            line_start = max(0, mention.offset - 200)
            around = text[line_start : mention.offset]
            if not re.search(r"(?:from|import|require)\b\s*\(?\s*(?:/\*[^*]*\*/\s*)?['\"`][^'\"`\n]*$", around):
                continue
            for script in self._project.scripts_of(mention.path):
                offset = mention.offset - script.base
                if not 0 <= offset < len(script.text) or script.in_comment(offset):
                    continue
                node = script.node_at(offset)
                string = script.enclosing(node, {"string"}) or node
                specifier = script.fold(string) if string.type == "string" else None
                if not isinstance(specifier, str) or self.resolve(mention.path, specifier) != path:
                    continue
                statement = script.enclosing(string, {"import_statement", "export_statement", "call_expression"})
                if statement is not None:
                    found.append((script, statement))
            if len(found) > _MAX_IMPORTERS:
                break
        return found

    def imports(self, path: str, name: str, seen: frozenset[str] = frozenset()) -> Iterator[tuple[Script, str]]:
        """(script, the name there) of the files that import an export, those too to which other files hand it on."""
        importers = self.importers(path)
        if len(importers) > _MAX_IMPORTERS and name != "default":
            importers = self._find_importers(path, name)
        for script, statement in importers:
            if statement.type == "export_statement":
                onwards = _handed_on(script.text_of(statement), name)
                if onwards and script.file.path not in seen and len(seen) < _MAX_HANDED_ON:
                    yield from self.imports(script.file.path, onwards, seen | {path})
            elif name == "default":
                yield from ((script, local) for local in self._default_names(script, statement))
            elif (local := _imported_as(script, statement, name)) is not None:
                yield script, local

    def _default_names(self, script: Script, statement: Node) -> Iterator[str]:
        text = script.text_of(statement)
        match = re.match(r"import\s+(\w+)", text) or re.search(r"default\s+as\s+(\w+)", text)
        if match:
            yield match[1]
        holder = script.parent(statement)
        if holder is not None and holder.type == "variable_declarator":
            name = holder.child_by_field_name("name")
            if name is not None and name.type == "identifier":
                yield script.text_of(name)

    def values(self, script: Script, binding: Binding) -> Sequence[Value]:
        """The addresses, and the objects with addresses, that a name imported from another module can stand for."""
        key = (script.file.path, binding.name)
        if key in self._values:
            return self._values[key]
        if len(self._importing_now) >= _MAX_HANDED_ON or key in self._importing_now:
            return ()
        self._importing_now.append(key)
        found = tuple(self._find_values(script, binding))
        self._importing_now.pop()
        if found or not self._importing_now:  # nothing on the way to another name may only mean that the way was long
            self._values[key] = found
        return found

    def results(self, script: Script, binding: Binding) -> Sequence[Value]:
        """The addresses that a function imported from another module can give."""
        first = self._source(script, binding) if not is_bundle(script.file) else None
        found = self.imported(script, binding) if first is not None and self._may_hold_addresses(first) else None
        function = found[0].function_of(found[1]) if found is not None else None
        if found is None or function is None or len(self._importing_now) >= _MAX_HANDED_ON:
            return ()
        self._importing_now.append((script.file.path, binding.name))
        given = [value for node in found[0].returned(function) for value in found[0].alternatives(node)]
        self._importing_now.pop()
        return tuple(value for value in given if isinstance(value, str) and _addresses_in(value))

    def _find_values(self, script: Script, binding: Binding) -> Iterator[Value]:
        if is_bundle(script.file):
            return  # its parts are told by what stands in them
        first = self._source(script, binding)
        if first is None or not self._may_hold_addresses(first):
            return
        found = self.imported(script, binding, renamed=True)
        if found is not None:
            other, declared = found
            if declared.kind != "variable":
                return
            values = other.alternatives(declared.declaration)
        else:
            holder = script.parent(binding.declaration)
            whole = holder is not None and holder.type == "import_clause"
            module = self._project.script(first) if whole else None
            match = _DEFAULT_VALUE.search(module.text) if module is not None and "//" in module.text else None
            if module is None or match is None:
                return
            node = module.node_at(match.end(), match.end() + 1)
            values = module.alternatives(node if node.type in ("object", "string") else module.parent(node) or node)
        yield from filter(None, map(_addresses_in, values))

    def _source(self, script: Script, binding: Binding) -> str | None:
        """The file that the import of a name names."""
        specifier = script.imported_from(binding)
        if not specifier:
            return None
        path = self.resolve(script.file.path, specifier)
        if path is None and words.meaning(binding.name) != "none":  # other names are rarely worth the way
            path = self._in_own_package(specifier)
        return path

    def _may_hold_addresses(self, path: str) -> bool:
        """Whether an address stands in a module, or it hands on what stands in others."""
        if path not in self._addressed:
            self._addressed[path] = _ADDRESSES.search(self._project.text_of(path)) is not None
        return self._addressed[path]

    def sends_events(self, path: str) -> bool:
        """Whether a module names a call by which trackers are sent something, or hands on what others hold."""
        if path not in self._sending:
            text = self._project.text_of(path)
            calls = (one.callee for calls in self._project.ruleset.event_calls.values() for one in calls)
            self._sending[path] = (
                any(all(name in text for name in callee.split(".")) for callee in calls)
                or _HANDS_ON.search(text) is not None
            )
        return self._sending[path]

    def is_for_servers(self, path: str) -> bool:
        """Whether scripts of servers and commands alone use a module, so that what it asks for leaves no browser.

        A package that answers requests and has nothing built for browsers is all for servers. What is named in any other
        manner than by an import that can be followed, such as in a page or a bundler's settings, may be for browsers.
        """
        if path not in self._for_servers:
            self._for_servers[path] = False  # where it leads back to itself
            self._for_servers[path] = self._is_for_servers(path)
        return self._for_servers[path]

    def _is_for_servers(self, path: str) -> bool:
        package = self._project.package_of(path)
        if _SERVES.search(package) and not _BUILDS.search(package) and not _FOR_BROWSERS.search(path):
            script = self._project.script(path)
            return script is not None and not speaks_to_a_browser(script)
        if self._is_command(path, package) or self._is_of_next_server(path, package):
            return True
        if _NEXT.search(package) is not None and self._keeps_a_secret(path):
            return True
        if self._is_of_server_package(path, package):
            return True
        waiting, seen, served = [path], {path}, False
        while waiting:
            one = waiting.pop()
            if side_of(self._project.text_of(one)) == "client":
                return False  # servers that import it hand it on to the browser
            importers = {script.file.path: script for script, _ in self.importers(one)}
            if len(seen) > _MAX_IMPORTERS or self._is_spelled(one, importers):
                return False
            if not importers:
                if not self._needs_a_server(one):
                    return False
                served = True
            for user, script in importers.items():
                if script.origin is not None:
                    return False
                if is_server_code(script) or self._is_command(user, self._project.package_of(user)):
                    served = True
                elif user not in seen:
                    waiting.append(user)
                seen.add(user)
        return served  # modules that only import each other are nobody's

    def _needs_a_server(self, path: str) -> bool:
        """Whether a module that nobody imports takes what no browser has, itself or by modules of its own: no page's build could have it."""
        script = self._project.script(path) if path.endswith(_PLAIN) and _PLACED.search(path) is None else None
        if script is None or speaks_to_a_browser(script) or is_bundle(script.file):
            return False
        waiting, seen = [(path, 0)], {path}
        while waiting:
            one, depth = waiting.pop()
            text = self._project.text_of(one)
            for match in _ANY_IMPORT.finditer(text) if _ASKS_WHERE.search(text) is None else ():
                of_servers = servers().needed.fullmatch(match["from"]) is not None
                module = self.resolve(one, match["from"]) if depth < _DEEPEST_NEED and not of_servers else None
                if (
                    (module is None and not of_servers)
                    or module in seen
                    or self._are_types(match["names"] or "", module)
                    or self._project.is_in_a_comment(one, match.start("from"))
                ):
                    continue
                if module is None:
                    return True
                seen.add(module)
                # what is marked as a server's a browser's code may call
                if side_of(self._project.text_of(module)) is None:
                    waiting.append((module, depth + 1))
        return False

    def _keeps_a_secret(self, path: str) -> bool:
        """Whether a module of an application of Next.js reads a secret that its settings hand to no browser."""
        text, script = self._project.text_of(path), self._project.script(path)
        secrets = set(_SECRET.findall(text))
        if not secrets or script is None or side_of(text) == "client" or speaks_to_a_browser(script):
            return False
        return not any(
            re.search(r"(?:^|/)next\.config\.\w+$", user)
            for name in secrets
            for user in self._project.paths_with([name])
        )

    def _is_of_server_package(self, path: str, package: str) -> bool:
        """Whether a module is of a private package of the project that scripts of servers alone take by its name."""
        folder, name = self._project.package_folder(path), _PACKAGE_NAME.search(package)
        script = self._project.script(path)
        if not folder or name is None or script is None or not _PRIVATE.search(package) or _BUILDS.search(package):
            return False
        if speaks_to_a_browser(script) or not all(
            user.file.path.startswith(folder + "/") for user, _ in self.importers(path)
        ):
            return False
        users = [
            user
            for user in self._project.paths_with([name[1]])
            if not user.startswith(folder + "/")
            and not user.endswith((".md", ".mdx"))
            and not all(
                self._project.is_in_a_comment(user, at) for at in _offsets(name[1], self._project.text_of(user))
            )
        ]
        return bool(users) and all(
            (other := self._project.script(user)) is not None and (is_server_code(other) or self.is_for_servers(user))
            for user in users
        )

    def hands_on_pictures(self, path: str) -> bool:
        """Whether the server that a script is part of fetches the pictures of `next/image` itself, as it does unless told not to."""
        folder = path
        while folder:
            folder = posixpath.dirname(folder)
            for ending in ("js", "mjs", "cjs", "ts", "mts"):
                settings = posixpath.join(folder, f"next.config.{ending}")
                if self._project.tree.exists(settings):
                    return _LEAVES_PICTURES.search(self._project.text_of(settings)) is None
        return True

    def is_picked_by_next(self, path: str) -> bool:
        """Whether Next.js takes a module as a page or what is around all pages, whatever else names it."""
        if _NEXT_PICKS_ANYWHERE.search(path) is not None:
            return _NEXT.search(self._project.package_of(path)) is not None
        return self._is_of_next(_NEXT_PICKS, path)

    def answers_requests(self, path: str) -> bool:
        """Whether Next.js answers requests with a module, and sends it to no browser."""
        return self._is_of_next(_NEXT_ANSWERS, path)

    def _is_of_next(self, pattern: re.Pattern[str], path: str) -> bool:
        """Whether a path fits a pattern below the folder of an application of Next.js."""
        if pattern.search(path) is None or _NEXT.search(self._project.package_of(path)) is None:
            return False
        folder = self._project.package_folder(path)
        return pattern.match(path, len(folder) + 1 if folder else 0) is not None

    def _is_of_next_server(self, path: str, package: str) -> bool:
        """Whether what Next.js runs on its server uses a module, and no module that it sends to browsers does."""
        folder = self._project.package_folder(path)
        lead = folder + "/" if folder else ""
        if _NEXT.search(package) is None or not path.endswith((".ts", ".js", ".mts", ".mjs")):
            return False
        if folder not in self._sides:
            self._sides[folder] = self._find_sides(lead)
        served, sent, unknown = self._sides[folder]
        stem = posixpath.basename(path).split(".")[0]
        name = stem if stem != "index" else posixpath.basename(posixpath.dirname(path))
        return (
            path in served
            and path not in sent
            and name not in unknown
            and _HANDS_ON.search(self._project.text_of(path)) is None
            and all(script.file.path.startswith(lead) for script, _ in self.importers(path))
        )

    def _find_sides(self, lead: str) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
        """Of a package of Next.js (the modules that its server runs, those that browsers run, names of modules not found that these import)."""
        served, sent = [], []
        own = [path for path in self._project.tree.paths if path.startswith(lead)]
        if not any(_NEXT_LAYOUT.match(path, len(lead)) for path in own):
            return frozenset(), frozenset(), frozenset()
        for path in own:
            text = self._project.text_of(path) if path.endswith(_SCRIPT_SUFFIXES) else ""
            side = side_of(text)
            if side == "client" or _NEXT_SENT.match(path, len(lead)):
                sent.append(path)
            elif (side is not None and path.endswith((".ts", ".js"))) or _NEXT_SERVED.match(path, len(lead)):
                served.append(path)
        unknown: set[str] = set()
        browsers = self._closure(sent, "server", unknown)
        return self._closure(served, "client", set()), browsers, frozenset(unknown)

    def _closure(self, roots: Sequence[str], beyond: str, unknown: set[str]) -> frozenset[str]:
        """The modules that some import, directly or by others, up to those that say that they run on the other side."""
        waiting, seen = list(roots), set(roots)
        while waiting:
            path = waiting.pop()
            for one in _ANY_IMPORT.finditer(self._project.text_of(path)):
                module = self.resolve(path, one["from"])
                if self._are_types(one["names"] or "", module):
                    continue
                if module is None:
                    unknown.add(posixpath.basename(one["from"]).split(".")[0])
                elif module not in seen and side_of(self._project.text_of(module)) != beyond:
                    seen.add(module)
                    waiting.append(module)
        return frozenset(seen)

    def _are_types(self, names: str, module: str | None) -> bool:
        """Whether an import names nothing but types, which are gone when the script runs."""
        listed = names.strip()
        if not listed.startswith("{") or not listed.endswith("}"):
            return False
        text = self._project.text_of(module) if module is not None else ""
        types = set(_TYPE.findall(text)) - set(re.findall(r"\b(?:const|let|var|function|class|enum)\s+(\w+)", text))
        parts = [part.split() for part in listed[1:-1].split(",") if part.strip()]
        return bool(parts) and all(part[0] == "type" or part[0] in types for part in parts)

    def _is_spelled(self, path: str, importers: Collection[str]) -> bool:
        """Whether a file that does not import a module has its path, or one that leads to no file and may mean it."""
        stem = posixpath.basename(path).split(".")[0]
        named = stem if stem != "index" else posixpath.basename(posixpath.dirname(path))
        if not named:
            return True
        spelled = re.compile(
            rf"['\"`=(]([^'\"`\s=()]{{0,300}}(?<![\w-]){re.escape(named)}(?:/index)?(?:\.(?:[cm]?[jt]sx?|vue|svelte))?)(?:['\"`>\s)]|$)"
        )
        for user in self._project.paths_with([named]):
            tells = user in importers or user.endswith((".md", ".markdown"))
            for match in spelled.finditer(self._project.text_of(user)) if not tells else ():
                a_file = ("/" in match[1] or "." in match[1]) and "//" not in match[1]
                if (
                    a_file
                    and self.resolve(user, match[1]) in (None, path)
                    and not self._project.is_in_a_comment(user, match.start(1))
                ):
                    return True
        return False

    def _is_command(self, path: str, package: str) -> bool:
        """Whether a command of the package runs a script, or it lies among commands and works with what only servers have."""
        script = self._project.script(path)
        if script is None or speaks_to_a_browser(script):
            return False
        if is_run_by_node(posixpath.relpath(path, self._project.package_folder(path) or "."), package):
            return True
        if not may_be_command(path) or self.importers(path):
            return False
        modules = (self.resolve(path, match[1]) for match in _RELATIVE_IMPORT.finditer(script.text))
        return any(
            other is not None and is_server_code(other) for other in map(self._project.script, filter(None, modules))
        )


def _offsets(word: str, text: str) -> Iterator[int]:
    return (match.start() for match in re.finditer(re.escape(word), text))


def _required(script: Script, binding: Binding) -> bool:
    """`const { start } = require('./tags')`, `import('./tags').then(({ start }) => …)`."""
    if binding.kind == "parameter":
        _, arguments = script.unwrapped_parent(binding.scope)
        call = script.parent(arguments) if arguments is not None and arguments.type == "arguments" else None
        callee = call.child_by_field_name("function") if call is not None else None
        return callee is not None and re.match(r"import\s*\([^()]*\)\s*\.\s*then$", script.text_of(callee)) is not None
    return binding.value is not None and script.text_of(binding.value)[:40].startswith(("require(", "await import("))


def required_in_place(importers: Iterable[tuple[Script, Node]]) -> Iterator[tuple[Script, Node]]:
    """What stands for a module's default export where no name is given to it: `app.use(require('./pages').default)`."""
    for script, statement in importers:
        holder = script.parent(statement)
        if statement.type != "call_expression" or holder is None:
            continue
        if holder.type != "member_expression":
            if holder.type in ("arguments", "call_expression"):
                yield script, statement
        elif script.text_of(holder).endswith(".default"):
            outer = script.parent(holder)
            if outer is not None and outer.type in ("arguments", "call_expression"):
                yield script, holder


def _handed_on(statement: str, name: str) -> str | None:
    """The name under which `export … from` hands an export on."""
    if re.match(r"export\s*\*\s*from\b", statement):
        return name if name != "default" else None
    match = re.search(rf"[{{,]\s*{re.escape(name)}(?:\s+as\s+(\w+))?\s*[,}}]", statement)
    return (match[1] or name) if match is not None else None


def _addresses_in(value: Value, depth: int = 0) -> Value:
    """What of a value is an address, or an object with addresses: other constants mean nothing in another module."""
    if isinstance(value, str):
        return value if "//" in value[:12] else None
    if not isinstance(value, dict) or depth > _DEEPEST_SETTING:
        return None
    return {key: kept for key, inner in value.items() if (kept := _addresses_in(inner, depth + 1))}


def _imported_as(script: Script, statement: Node, name: str) -> str | None:
    """The local name under which a file imports another's export."""
    text = script.text_of(statement)
    match = re.search(rf"\b{re.escape(name)}\s+as\s+(\w+)", text) or re.search(
        rf"\b{re.escape(name)}\s*:\s*(\w+)", text
    )
    if match:
        return match[1]
    if re.search(rf"\b{re.escape(name)}\b", text):
        return name
    pattern = script.text_of(target) if (target := _bound_to(script, statement)) is not None else ""
    if match := re.search(rf"[{{,]\s*{re.escape(name)}\s*(?::\s*([\w$]+))?\s*[,=}}]", pattern):
        return match[1] or name
    return name if re.search(r"import\s*\*|(?:require|import)\s*\(", text) else None


def _bound_to(script: Script, call: Node) -> Node | None:
    """The name or pattern that takes what `require(…)` or `import(…)` brings, by a declaration or in `.then(…)`."""
    _, holder = script.unwrapped_parent(call)
    if holder is None:
        return None
    if holder.type == "variable_declarator":
        return holder.child_by_field_name("name")
    then = script.parent(holder) if script.property_name(holder) == "then" else None
    callback = next(iter(script.arguments(then)), None) if then is not None else None
    parameters = callback.child_by_field_name("parameters") if callback is not None else None
    return parameters.named_children[0] if parameters is not None and parameters.named_children else None


def imported_uses(script: Script, name: str) -> Iterator[tuple[Node, Node]]:
    """(what stands for an imported name, what holds it) for each use of the name in a file that imports it."""
    for mention in script.occurrences(name) or ():
        parent = script.parent(mention)
        if parent is None:
            continue
        use: Node = mention
        if parent.type == "member_expression" and parent.child_by_field_name("property") == mention:
            use = parent
        elif mention.type == "property_identifier":
            continue
        binding = script.binding(mention) if use is mention else None
        if binding is not None and binding.kind != "import" and not _required(script, binding):
            continue
        outer = script.parent(use)
        if outer is None or outer.type in _NO_USE:
            continue
        if outer.type == "assignment_expression" and outer.child_by_field_name("left") == use:
            continue
        yield use, outer
