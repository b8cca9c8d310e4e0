"""Which modules of JavaScript the entrances of a site lead to.

A module is followed back to what names it, and so on. Where that ends among modules that only import each other, or in
imports whose names are not used, no page runs it. Whatever may take a module otherwise counts as an entrance: the place in
which a framework looks for it, a pattern of file names, a page, a template, settings.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from tree_sitter import Node

from tracklint import lazy_re
from tracklint.detect.script import is_test_code
from tracklint.mentions import could_mean, standing
from tracklint.script import Script
from tracklint.source import is_bundle

if TYPE_CHECKING:
    from tracklint.project import Project

_LONGEST_CODE = 200_000  # characters; longer is no code of a build
_MOST = 200  # modules that are looked at for one; a longer way back is taken to end at an entrance
_DEEPEST = 6  # names that stand for one another in a file
_LONGEST_PATH = 300
_SCRIPTS = (".js", ".jsx", ".mjs", ".ts", ".tsx", ".mts")
_MODULE = lazy_re.compile(r"\.(?:[jt]sx?|m[jt]s|vue|svelte)$")
# Where a module of plain JavaScript or TypeScript is what others import, and no script of a server or a page.
_IMPORTED = lazy_re.compile(
    r"(?:^|/)(?:src|source|client|frontend|components?|containers|contexts?|providers|hooks|composables|utils|helpers|services|features)/(?:[^/]+/)*[^/]+$"
)
_EXPORTS = lazy_re.compile(r"^export\s", re.MULTILINE)
# What is taken by its place or its name alone.
_PLACED = lazy_re.compile(
    r"(?:^|/)(?:controllers|entrypoints|entries|packs|islands|stories|theme|boot|functions|edge-functions|lambdas?|workers?|migrations|params|queries|mutations|"
    r"gatsby-[\w-]+|@[\w-]+|_\w[\w-]*|\.\w[\w-]*)/|_controller\.[jt]s$|(?:^|/)(?:actions/index|content/config)\.[jt]s$"
    r"|\.(?:page|route|config|worker|element|client|server|island|entry|web|native|ios|android|browser|node|prod\w*|dev\w*|desktop|mobile|11ty\w*|d)\.\w+$"
    r"|(?:^|/)app/(?:[^/]+/)*(?:page|layout|template|default|loading|error|global-error|not-found|forbidden|unauthorized|route|icon|sitemap|robots|manifest|(?:apple|opengraph|twitter)-\w+|root|entry\.\w+)\.[jt]sx?$"
    r"|(?:^|/)(?:main|mod|app|root|entry|client|server|bootstrap|init|instrumentation(?:-client)?|middleware|proxy|hooks|mdx-components|polyfills?|"
    r"service-?worker|sw|setup\w*|routes?|router|start|ssr|background|(?:gatsby|entry|main)[-_]\w{1,60}|sentry)(?:\.[\w.-]{0,100})?\.\w+$",
    re.IGNORECASE,
)
_PAGES = lazy_re.compile(
    r"(?:^|/)(?:pages|routes|layouts|views)/|(?:^|/)app/(?:[^/]+/)*[^/]+(?<!\.[jt]sx)$", re.IGNORECASE
)
# Packages by which a framework takes pages by their place, and those that take any module by its name or place.
_PICKS_PAGES = lazy_re.compile(
    r"\"(?:next|gatsby|astro|@sveltejs/kit|@remix-run/[\w-]+|@react-router/[\w-]+|vike|vite-(?:plugin-(?:pages|ssr|vue-layouts)|ssg)|unplugin-[\w-]+|"
    r"generouted|@generouted/[\w-]+|@tanstack/[\w-]*(?:router|start)[\w-]*|vuepress|vitepress|gridsome|@?docusaurus[\w/-]*|@solidjs/start|solid-start|@builder\.io/qwik[\w-]*|@inertiajs/[\w-]+|"
    r"@shopify/hydrogen|sapper|@roxi/routify|elderjs|blitz)\"\s*:"
)
_BUILDS = lazy_re.compile(
    r"\"(?:react-scripts|vite|webpack|parcel|parcel-bundler|esbuild|rollup|browserify|@vue/cli-service|@angular/cli)\"\s*:"
)
_PICKS_ALL = lazy_re.compile(
    r"\"(?:nuxt\w*|nuxt/[\w-]+|expo-router|ember-source|ember-cli|meteor-node-stubs|unplugin-vue-components|unplugin-auto-import|@stencil/core|umi|@umijs/\w+|"
    r"@quasar/[\w-]+|@redwoodjs/\w+|@wordpress/scripts|framework7|@docusaurus/core|vuepress|gridsome|strapi|@strapi/strapi)\"\s*:"
)
_FOR_OTHERS = lazy_re.compile(r"\"(?:exports|files|module|peerDependencies|publishConfig)\"\s*:")
_MAIN = lazy_re.compile(r"\"(?:main|bin)\"\s*:")
_A_SITE = lazy_re.compile(
    r"\"(?:react-scripts|next|gatsby|astro|@vue/cli-service|@angular-devkit/build-angular|vite|parcel|html-webpack-plugin|webpack-dev-server)\"\s*:"
)
_BY_DEFAULT = lazy_re.compile(r"\"main\"\s*:\s*\"(?:\./)?index\.js\"\s*,?")  # what npm writes into each new package
# Strings with which many files are taken at once, and the files that only tell a tool where to look.
_PATTERN = lazy_re.compile(r"['\"`]!?([^'\"`\n*]{0,200}\*[^'\"`\n]{0,200})['\"`]")
_CONTEXT = lazy_re.compile(
    r"\brequire\.context\(\s*(?:['\"](?P<folder>[^'\"\n]{1,200})['\"](?:\s*,\s*\w+\s*,\s*(?P<ending>/[^\n]{1,200}/))?)?"
)
_OF_SCRIPTS = lazy_re.compile(r"js|ts|vue|svelte|\.[*+]\W*$")
_RELATIVE = lazy_re.compile(r"\b(?:from|import\()\s*['\"](\.{1,2}/[^'\"\n?.]{1,200})['\"]")
_JOINED = lazy_re.compile(
    r"\b(?:import|require)\(\s*(?:/\*[^*]{0,200}\*/\s*)?(?:`([^`$\n]{0,200})\$\{[^`\n]{0,200}`|['\"]([^'\"\n]{0,200})['\"]\s*\+)"
)
_ANY_OF = lazy_re.compile(r"([\w.-]*)[@?+]?[({]([\w.,|-]+)[)}]")  # the end of a pattern: `.{js,ts}`
_TAKES_PATTERNS = ("glob", "gulp", "grunt", "Encore", "mix.", "entry", "input", "rollup")
_WEBPACK = lazy_re.compile(r"(?:^|/)webpack[\w.-]*\.[cm]?[jt]s$")
_ENTRANCE = lazy_re.compile(r"['\"]((?:\./)?[\w@./-]{1,200}\.[jt]sx?)['\"]")
_OF_TOOLS = lazy_re.compile(
    r"(?:^|/)\.?(?:tsconfig|jsconfig|tailwind|jest|vitest|eslint|prettier|stylelint|babel|postcss|cypress|playwright|lint-?staged|codegen|knip|commitlint|i18next[\w-]*|typedoc|graphql|lingui|purgecss)[\w.-]*$"
)
# What a helper of a server that loads a bundle or draws a component is called.
_LOADS = lazy_re.compile(
    r"pack|vite|entr(?:y|ies)|bundle|component|script|asset|render|mount|react|vue|svelte|island|import|\bjs\b",
    re.IGNORECASE,
)
_NEAR = 200
_STORY = lazy_re.compile(r"\.(?:stories|story)\.\w+$|(?:^|/)__stories__/|(?:^|/)\.storybook/", re.IGNORECASE)
_BEFORE_SPECIFIER = lazy_re.compile(r"\b(?:from|import|require(?:\.resolve)?)\s*\(?\s*(?:/\*[^*]{0,200}\*/\s*)?['\"`]$")
_OPENS = frozenset("'\"`}")  # a string, or what follows that which is put into one
_AROUND = _OPENS | frozenset("\n{,;")
_DOTS = lazy_re.compile(
    r"\bfrom\s*['\"]((?:\.{1,2}/)*\.{0,2})['\"]|\b(?:import|require)\(\s*['\"]((?:\.{1,2}/)*\.{0,2})['\"]"
)
_ENDING = lazy_re.compile(r"(?:\.d)?\.(?:[cm]?[jt]sx?|vue|svelte)$")
_EXPORTED = lazy_re.compile(
    r"^export\s+(?:(?P<default>default)\b|(?:declare\s+|abstract\s+|async\s+)*(?:const|let|var|function\s*\*?|class|enum|type|interface|namespace)\s*(?P<name>[\w$]+)"
    r"|\{(?P<list>[^{}]*)\}|(?P<all>\*))",
    re.MULTILINE,
)
_DECLARATIONS = frozenset("lexical_declaration variable_declaration function_declaration class_declaration".split())
_SAYS_NOTHING = frozenset(
    "import_statement comment empty_statement type_alias_declaration interface_declaration".split()
)
_FUNCTIONS = frozenset(
    "arrow_function function_expression function_declaration generator_function_declaration method_definition class_declaration class".split()
)
_EXECUTED = frozenset({"call_expression", "new_expression", "await_expression", "decorator"})
# Calls that make a component of another, and those that only make a component, a style or a description of data.
_WRAPS = lazy_re.compile(r"(?:\w+\.)?(?:memo|forwardRef|lazy|dynamic|loadable|observer|with[A-Z]\w*)")
_MAKES = lazy_re.compile(
    r"(?:\w+\.)*(?:memo|forwardRef|lazy|dynamic|loadable|styled\w*|css|keyframes|create(?:Context|Selector|Slice|Styles|Action|Reducer|AsyncThunk|UseStyles|GlobalStyle|EntityAdapter|Api)"
    r"|make\w*Styles|with[A-Z]\w*|connect|observer|inject|compose|translate|gql|graphql|define\w+|freeze|assign|keys|entries|values|map|filter|Symbol|cva|tv|clsx|classNames?|object|string|number|boolean|array|enum|optional"
    r"|require|URL|Set|Map|RegExp|Date)(?:\b.*)?",
    re.DOTALL,
)


class _Place(NamedTuple):
    """Where a file names a module."""

    path: str
    offset: int
    imports: bool  # as an import does


_State = tuple[str, frozenset[str] | None]  # a module, and which of its exports are asked about; None: any


class Reached:
    """The modules of one project."""

    def __init__(self, project: Project, settings: Callable[[], str | None]) -> None:
        self._project = project
        self._settings = settings  # the text of all that may name a module; None where there is too much
        self._lost: dict[tuple[str, bool], bool] = {}  # by path and whether it is asked for a calm module
        self._places: dict[str, tuple[_Place, ...] | None] = {}
        self._calm: dict[str, bool] = {}
        self._imported: dict[str, bool] = {}

    def is_lost(self, path: str) -> bool:
        """Whether a module runs on no page: nothing that runs names it, or uses what it imports of it."""
        calm = self._must_be_imported(path) and self._is_calm(path)
        if (path, calm) not in self._lost:
            self._lost[path, calm] = self._must_be_imported(path) and self._leads_nowhere(path, calm)
        return self._lost[path, calm]

    def _leads_nowhere(self, path: str, calm: bool) -> bool:
        start: _State = (path, None)
        came: dict[_State, _State | None] = {start: None}
        waiting = [start]
        while waiting:
            state = waiting.pop()
            for user in self._users(state, calm):
                known = self._lost.get((user[0], calm)) if user is not None else False
                if user is None or known is False or len(came) > _MOST or not self._must_be_imported(user[0]):
                    way: _State | None = state
                    while way is not None:
                        self._lost[way[0], calm] = False
                        way = came[way]
                    return False
                if known is None and user not in came:
                    came[user] = state
                    waiting.append(user)
        if any(posixpath.dirname(one) in self._filled_in for one, _ in came):
            return False
        self._lost.update({(one, calm): True for one, names in came if names is None})
        return True

    @cached_property
    def _filled_in(self) -> frozenset[str]:
        """Folders of the modules that imports mean which lead to no file, since a build puts their names together."""
        project = self._project
        files: dict[str, set[str]] = {}
        for path in project.tree.paths:
            files.setdefault(posixpath.dirname(path), set()).add(posixpath.basename(path).split(".")[0])
        return frozenset(
            folder
            for user in project.paths_with(["import"])
            if user.endswith((*_SCRIPTS, ".vue", ".svelte"))
            for match in _RELATIVE.finditer(project.text_of(user))
            for folder, base in [posixpath.split(posixpath.normpath(posixpath.join(posixpath.dirname(user), match[1])))]
            if folder in files and base.split(".")[0] not in files[folder] and f"{folder}/{base}" not in files
        )

    # ---- what has to be imported

    def _must_be_imported(self, path: str) -> bool:
        """Whether a file is a module that runs only where another names it."""
        if path not in self._imported:
            self._imported[path] = self._is_imported_module(path)
        return self._imported[path]

    def _is_imported_module(self, path: str) -> bool:
        if _MODULE.search(path) is None or _PLACED.search(path) is not None or is_test_code(path):
            return False
        if path.endswith((".js", ".ts", ".mjs", ".mts")) and _IMPORTED.search(path) is None:
            return False
        text = self._project.text_of(path)
        if not text or (path.endswith(_SCRIPTS) and _EXPORTS.search(text) is None and not self._is_bundled(path)):
            return False
        package, folder = self._project.package_of(path), self._project.package_folder(path)
        if not package or _PICKS_ALL.search(package) is not None or self._takes_all:
            return False
        if _PAGES.search(path) is not None and (_PICKS_PAGES.search(package) or not _BUILDS.search(package)):
            return False
        if self._is_for_others(package, folder):
            return False
        inner = path[len(folder) + 1 :] if folder else path
        if posixpath.basename(path).startswith("index.") and inner.count("/") < 2:
            return False  # the entrance of the package
        return not any(pattern.search(path) for pattern in self._patterns)

    def _is_bundled(self, path: str) -> bool:
        """Whether a script lies where a bundler's settings have their entrances, which they name one by one."""
        folder = self._project.package_folder(path)
        while folder not in self._entered and folder:
            folder = posixpath.dirname(folder)
        return any(f"{posixpath.dirname(path)}/".startswith(f"{one}/") for one in self._entered.get(folder, ()) if one)

    @cached_property
    def _entered(self) -> dict[str, list[str]]:
        """The folders of the entrances that the settings of webpack in a folder name."""
        found: dict[str, list[str]] = {}
        for path in self._project.tree.paths:
            if _WEBPACK.search(path) is not None:
                folder = self._project.package_folder(path)
                for match in _ENTRANCE.finditer(self._project.text_of(path)):
                    entrance = posixpath.normpath(posixpath.join(folder, match[1]))
                    if self._project.tree.exists(entrance):
                        found.setdefault(folder, []).append(posixpath.dirname(entrance))
        return found

    def _is_for_others(self, package: str, folder: str) -> bool:
        """Whether a package, whose package.json is given, may be there for others to import from."""
        if '"private": true' in package:
            return False
        if not self._project.tree.exists(posixpath.join(folder, "index.js")):
            package = _BY_DEFAULT.sub("", package)
        return _FOR_OTHERS.search(package) is not None or (
            _MAIN.search(package) is not None and _A_SITE.search(package) is None
        )

    @cached_property
    def _takes_all(self) -> bool:
        """Whether some script takes modules whose names are put together from nothing that can be read."""
        project = self._project
        if any(posixpath.basename(path).startswith(("nuxt.config.", ".meteor")) for path in project.tree.paths):
            return True
        return any(
            match["folder"] is None
            for user in project.paths_with(["require.context"])
            for match in _CONTEXT.finditer(project.text_of(user))
        )

    @cached_property
    def _patterns(self) -> tuple[re.Pattern[str], ...]:
        """What matches the paths of files that are taken by a pattern: `import.meta.glob('./parts/*.tsx')`."""
        project = self._project
        found: dict[str, None] = {}
        for user in project.paths_with(["require.context"]):
            for match in _CONTEXT.finditer(project.text_of(user)):
                if match["ending"] is None or _OF_SCRIPTS.search(match["ending"]) is not None:
                    self._add(found, user, f"{(match['folder'] or '').rstrip('/')}/*", near=True)
        for sign in ("import(", "require("):
            for user in project.paths_with([sign]):
                for match in _JOINED.finditer(project.text_of(user)):
                    self._add(found, user, (match[1] or match[2] or "") + "*", near=True)
        users = [user for sign in _TAKES_PATTERNS for user in project.paths_with([sign, "*"])]
        for user in dict.fromkeys([*users, *project.paths_with(["import", "/*."])]):
            text = project.text_of(user)
            if _is_module_text(user) and _OF_TOOLS.search(user) is None and len(text) <= _LONGEST_CODE:
                for match in _PATTERN.finditer(text):
                    if "/" in match[1] and not match[0][1:].startswith("!"):
                        self._add(found, user, match[1])
        return tuple(map(re.compile, found))

    def _add(self, found: dict[str, None], user: str, pattern: str, *, near: bool = False) -> None:
        """What matches the paths that a pattern in a file means; `near`: as those of an import do, from the file's own folder."""
        fixed, _, rest = pattern.partition("*")
        ending = rest.rpartition("*")[2].rpartition("/")[2]
        listed = _ANY_OF.fullmatch(ending)
        if listed is not None:
            ending = rf"{re.escape(listed[1])}(?:{'|'.join(map(re.escape, re.split('[,|]', listed[2])))})$"
        else:
            ending = re.escape(re.split(r"[@({\[$+?!]", ending)[0]) + ("$" if _ENDING.search(ending) else "")
        if "://" in fixed or not re.search(r"[a-zA-Z]", pattern if not fixed.startswith(".") else "a"):
            return
        fixed = re.split(r"[{(\[]", fixed)[0]
        if not fixed.startswith("."):
            lead = re.sub(r"^(?:[@~$#!]?/|[@~])", "", fixed)
            found[rf"(?:^|/){re.escape(lead)}.*{ending}"] = None
            return
        for folder in (posixpath.dirname(user), *(() if near else (self._project.package_folder(user),))):
            lead = posixpath.normpath(posixpath.join(folder, fixed + "x"))[:-1]
            found[rf"^{re.escape(lead)}.*{ending}"] = None

    # ---- what names a module

    def _users(self, state: _State, calm: bool) -> Iterator[_State | None]:
        """The modules that use one, each with those of its exports that do; None for anything else that may."""
        path, names = state
        places = self._named_at(path)
        if places is None:
            yield None
            return
        if names is not None and "*" in names:
            names = None
        for place in places:
            if not place.path.endswith(_SCRIPTS) or not place.imports:
                yield place.path, None
                continue
            script = self._project.script(place.path)
            if script is None:
                yield place.path, None
                continue
            yield from self._uses(script, place, path, names, calm)

    def _uses(
        self, script: Script, place: _Place, path: str, names: frozenset[str] | None, calm: bool
    ) -> Iterator[_State]:
        node = script.node_at(place.offset)
        statement = script.enclosing(node, {"import_statement", "export_statement"})
        source = statement.child_by_field_name("source") if statement is not None else None
        if statement is None or source is None or not source.start_byte <= place.offset < source.end_byte:
            if not calm or _runs(script, node):
                yield place.path, None
            return
        text = script.text_of(statement)
        if re.match(r"(?:im|ex)port\s+type\b", text):
            return
        if statement.type == "export_statement":
            yield from self._handed_on(text, place.path, path, names, calm)
            return
        clause = next((child for child in statement.named_children if child.type == "import_clause"), None)
        if clause is None:
            if names is None or not calm:
                yield place.path, None
            return
        wanted = [
            local
            for imported, local in _bindings(script, clause)
            if names is None or imported == "*" or imported in names
        ]
        dropped = calm or (script.file.path.endswith((".ts", ".tsx")) and _is_dropped(script, clause, statement))
        if not dropped or any(_is_live(script, local, statement) for local in wanted):
            yield place.path, None

    def _handed_on(self, text: str, user: str, path: str, names: frozenset[str] | None, calm: bool) -> Iterator[_State]:
        """The exports of a module by which it hands on those of another."""
        listed = re.match(r"export\s*\{([^{}]*)\}", text)
        if not calm:
            yield user, None
        elif listed is not None:
            pairs = [re.split(r"\s+as\s+", part.strip()) for part in listed[1].split(",") if part.strip()]
            handed = {pair[-1] for pair in pairs if names is None or pair[0] in names}
            if handed:
                yield user, frozenset(handed)
        elif re.match(r"export\s*\*\s*as\b", text):
            yield user, None
        else:
            all_names = names if names is not None else self._exports(path)
            yield user, (frozenset(all_names - {"default"}) if all_names is not None else None)

    def _exports(self, path: str) -> frozenset[str] | None:
        """The names that a module exports; None if it hands on all those of another."""
        found: set[str] = set()
        for match in _EXPORTED.finditer(self._project.text_of(path)):
            if match["all"] or (match["name"] is None and match["default"] is None and match["list"] is None):
                return None
            if match["list"] is not None:
                found.update(
                    re.split(r"\s+as\s+", part.strip())[-1] for part in match["list"].split(",") if part.strip()
                )
            else:
                found.add(match["name"] or "default")
        return frozenset(found)

    def _named_at(self, path: str) -> tuple[_Place, ...] | None:
        """The places that name a module; None where one is no module."""
        if path not in self._places:
            self._places[path] = self._find_places(path)
        return self._places[path]

    def _find_places(self, path: str) -> tuple[_Place, ...] | None:
        stem = posixpath.basename(path).split(".")[0]
        is_index = stem == "index"
        if is_index:
            stem = posixpath.basename(posixpath.dirname(path))
        settings = self._settings()
        if not stem or settings is None:
            return None
        spelled = re.compile(
            rf"[/\"'\s]{re.escape(stem)}(?:/index)?\.(?:[cm]?[jt]sx?|vue|svelte)\b|/{re.escape(stem)}(?:/index)?[\"'\s]"
        )
        for text in (settings, self._project.package_of(path)):
            if stem in text and spelled.search(text) is not None:
                return None
        found: list[_Place] = []
        for user in self._project.paths_with([stem]):
            if user == path or _STORY.search(user) is not None or user.endswith(".d.ts"):
                continue
            text = self._project.text_of(user)
            if not _is_module_text(user):
                if _names_plainly(stem, text) and not _is_note(user, text):
                    return None
                continue
            for offset, written in _written(stem, text):
                imports = _BEFORE_SPECIFIER.search(text[max(0, offset - 250) : offset]) is not None
                if self._means(user, written, path, imports=imports) and not self._is_remark(user, offset):
                    found.append(_Place(user, offset, imports))
        if is_index:
            found += self._by_dots(path)
        return tuple(found)

    def _is_remark(self, user: str, offset: int) -> bool:
        if not user.endswith(_SCRIPTS):
            return self._project.is_in_a_comment(user, offset)
        script = self._project.script(user)
        return script is not None and not is_bundle(script.file) and script.in_comment(offset)

    def _means(self, user: str, written: str, path: str, *, imports: bool) -> bool:
        """Whether a module of the project, or a script of its build, may mean the file by what it writes in quotes."""
        specifier = re.split(r"\?|(?<!^)#", written.rpartition("!")[2])[0]
        if not imports and "/" not in specifier and not _ENDING.search(specifier):
            return False  # a word
        if imports and specifier.startswith("."):
            base = posixpath.normpath(posixpath.join(posixpath.dirname(user), specifier))
            own = {path, _ENDING.sub("", path), re.sub(r"/index\.\w+$", "", path)}
            return base in own or _ENDING.sub("", base) in own
        resolved = self._project.modules.resolve(user, specifier) if "/" in specifier else None
        if resolved is not None and imports:
            return resolved == path
        if imports and self._is_package(user, specifier, path):
            return False
        tail = [part for part in specifier.split("/") if part not in (".", "..", "@", "~", "")]
        return bool(tail) and could_mean(tail[-1] if imports else "/".join(tail), path)

    def _is_package(self, user: str, specifier: str, path: str) -> bool:
        """Whether an import means a package from elsewhere, and no folder or package of the project around the file."""
        scope = specifier.startswith("@") and not specifier.startswith("@/")
        name = "/".join(specifier.split("/")[: 2 if scope else 1])
        return (
            f'"{name}":' in self._project.package_of(user)
            and f"/{name}/" not in f"/{path}"
            and name not in self._project.modules.packages
        )

    def _by_dots(self, path: str) -> Iterator[_Place]:
        """Imports of the folder that an `index` stands for by dots alone: `from '..'`."""
        folder = posixpath.dirname(path)
        for user in self._project.paths_with([]):
            if user != path and user.startswith(folder + "/") and _is_module_text(user) and not _STORY.search(user):
                for match in _DOTS.finditer(self._project.text_of(user)):
                    specifier = match[1] or match[2]
                    at = match.start(1) if match[1] is not None else match.start(2)
                    if specifier and posixpath.normpath(posixpath.join(posixpath.dirname(user), specifier)) == folder:
                        yield _Place(user, at, imports=True)

    def _is_calm(self, path: str) -> bool:
        """Whether a module by itself does nothing as soon as it is imported."""
        if path not in self._calm:
            script = self._project.script(path) if path.endswith(_SCRIPTS) else None
            self._calm[path] = (
                script is not None and not script.broken and all(map(_does_nothing(script), script.root.named_children))
            )
        return self._calm[path]


def _is_module_text(path: str) -> bool:
    """Whether a file imports others by paths in quotes."""
    return path.endswith((*_SCRIPTS, ".cjs", ".vue", ".svelte", ".astro", ".mdx"))


def _is_note(path: str, text: str) -> bool:
    """Whether a text speaks to developers and makes no page."""
    return path.endswith((".md", ".markdown")) and not text.startswith(("---", "+++"))


def _names_plainly(stem: str, text: str) -> bool:
    """Whether a page, a template or the code of a server may name a module: by its path, or to what loads or draws it."""
    for at in standing(stem, text, _SIGNS):
        before, after = text[at - 1 : at], text[at + len(stem) :][:1]
        if before == "/" or after == ".":
            return True
        if before in ("'", '"', "`", ",", "|", ":") and _LOADS.search(text, max(0, at - _NEAR), at) is not None:
            return True
    return False


_SIGNS = frozenset("_$-")  # of the names of modules


def _written(stem: str, text: str) -> Iterator[tuple[int, str]]:
    """(where it begins, what it says) of each string with a word in it that may be the path of a module."""
    for at in standing(stem, text, _SIGNS):
        begin, end = at, at + len(stem)
        while begin > 0 and at - begin < _LONGEST_PATH and text[begin - 1] not in _AROUND:
            begin -= 1
        while end < len(text) and end - at < _LONGEST_PATH and text[end] not in _AROUND:
            end += 1
        if text[begin - 1 : begin] in _OPENS and begin > 0:
            yield begin, text[begin:end]


def _bindings(script: Script, clause: Node) -> Iterator[tuple[str, str]]:
    """(the name of the export, the name here) of what an import brings; types by themselves are gone when it runs."""
    for child in clause.named_children:
        if child.type == "identifier":
            yield "default", script.text_of(child)
        elif child.type == "namespace_import":
            yield "*", script.text_of(child).rpartition(" ")[2]
        for part in child.named_children if child.type == "named_imports" else ():
            name, alias = part.child_by_field_name("name"), part.child_by_field_name("alias")
            if name is not None and not script.text_of(part).startswith("type "):
                yield script.text_of(name), script.text_of(alias if alias is not None else name)


def _is_live(script: Script, name: str, declared: Node, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a name of the outermost level is used: exported, or in what runs or is itself used."""
    occurrences = script.occurrences(name)
    if occurrences is None or len(seen) > _DEEPEST:
        return True
    return any(
        not declared.start_byte <= one.start_byte < declared.end_byte and _runs(script, one, seen | {name})
        for one in occurrences
    )


def _is_dropped(script: Script, clause: Node, statement: Node) -> bool:
    """Whether no name of an import stands elsewhere in a script of TypeScript, by which the import is left out."""
    return all(
        (nodes := script.occurrences(local)) is not None
        and all(statement.start_byte <= one.start_byte < statement.end_byte for one in nodes)
        for _, local in _bindings(script, clause)
    )


def _runs(script: Script, node: Node, seen: frozenset[str] = frozenset()) -> bool:
    """Whether a part of a script is in what runs by itself, or in a declaration that is used."""
    outermost, parent, executed = node, script.parent(node), False
    while parent is not None and parent.type != "program":
        if outermost.type in _FUNCTIONS:
            executed = False  # it is, when the function is called
        elif outermost.type in _EXECUTED:
            callee = outermost.child_by_field_name("function")
            executed = executed or callee is None or _WRAPS.fullmatch(script.text_of(callee)) is None
        outermost, parent = parent, script.parent(parent)
    if executed:
        return True
    if outermost.type not in _DECLARATIONS or script.text_of(outermost).startswith("@"):
        return True
    if outermost.type.endswith("_declaration") and outermost.child_by_field_name("name") is not None:
        names = [outermost.child_by_field_name("name")]
    else:
        names = [
            part.child_by_field_name("name") for part in outermost.named_children if part.type == "variable_declarator"
        ]
    if any(name is None or "identifier" not in name.type for name in names):
        return True
    texts = {script.text_of(name) for name in names if name is not None}
    return any(text not in seen and _is_live(script, text, outermost, seen) for text in texts)


def _does_nothing(script: Script) -> Callable[[Node], bool]:
    """Whether a statement of the outermost level contacts nobody and calls nothing that might."""

    def is_calm(node: Node) -> bool:
        if node.type in _SAYS_NOTHING:
            return True
        if node.type == "expression_statement":
            inner = node.named_children[0] if node.named_children else node
            if inner.type == "string":
                return True
            left = inner.child_by_field_name("left") if inner.type == "assignment_expression" else None
            if left is None or not re.match(r"[A-Z][\w$]*\.\w+$", script.text_of(left)):
                return False
        elif node.type not in _DECLARATIONS and node.type not in (
            "export_statement",
            "ambient_declaration",
            "enum_declaration",
            "abstract_class_declaration",
            "generator_function_declaration",
        ):
            return False
        waiting = [node]
        while waiting:
            one = waiting.pop()
            if one.type in ("call_expression", "new_expression"):
                callee = one.child_by_field_name("function") or one.child_by_field_name("constructor")
                if callee is None or not _MAKES.fullmatch(script.text_of(callee)):
                    return False
            if one.type in ("decorator", "await_expression"):
                return False
            if one.type not in _FUNCTIONS or one.type.startswith("class"):
                waiting += [
                    child for child in one.named_children if child.type not in ("statement_block", "method_definition")
                ]
        return True

    return is_calm
