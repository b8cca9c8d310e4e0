"""Pages on which staff work: the site lets only those of a certain role see them, and visitors load nothing of theirs.

Each way needs two things in the repository: an area that is named as one (`app/admin/`), or all pages of an application, and
the guard that asks who somebody is. What only such pages use is staff's too.
"""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING

from tracklint import lazy_re
from tracklint.ruleset import desks

if TYPE_CHECKING:
    from tracklint.project import Project

_AREA = lazy_re.compile(
    r"(?P<lead>(?:.*/)?(?:app|pages|routes)/(?:[^/]+/)*?)\(?(?:admin|backoffice|back-office|staff)\)?/", re.IGNORECASE
)
_GUARDING_FILE = lazy_re.compile(r"(?:^|/)(?:middleware|proxy|hooks\.server)\.[jt]s$")
_LAYOUTS = tuple(
    f"{name}.{ending}"
    for name in ("layout", "page", "+layout.server", "+layout", "_layout")
    for ending in ("tsx", "ts", "jsx", "js")
)
_ASKS_WHO = lazy_re.compile(
    r"\b(?:require|get|check|verify|ensure|assert|validate)\w{0,30}(?:Session|User|Auth|Admin|Role|Permission|Login|Staff|Token)\w{0,30}\s*\("
    r"|\bauth\(\)|\bcurrentUser\("
)
_REFUSES = lazy_re.compile(
    r"\bredirect\(|\bnotFound\(|\bforbidden\(|\bunauthorized\(|<Navigate\b|\bstatus:\s*40[13]\b|\berror\(40[13]"
    r"|\b(?:require|ensure|assert)\w{0,30}(?:Admin|Role|Permission|Staff)"
)
_OF_RANK = lazy_re.compile(r"admin|\brole|permission|\bperms?\b|staff|superuser", re.IGNORECASE)
_ADMIN_PATH = lazy_re.compile(r"['\"`^]/?(?:\\/)?(?:admin|backoffice|back-office|staff)\b", re.IGNORECASE)
_ADMIN_TREE = lazy_re.compile(r"<Admin\b[^<>]{0,2000}?\bauthProvider=")
# A route of React Router to such an area: by a component of its own that guards it, or around what it shows.
_GUARDED_ROUTE = lazy_re.compile(
    r"<(?P<guard>[A-Z]\w*)\b[^<>]{0,300}?\bpath=\{?[\"'`]/?(?:admin|backoffice|back-office|staff)\b[^<>]{0,300}?\bcomponent=\{(?P<shown>\w+)\}"
    r"|<Route\b[^<>]{0,300}?\bpath=\{?[\"'`]/?(?:admin|backoffice|back-office|staff)\b[^<>]{0,300}?\belement=\{\s*<(?P<around>[A-Z]\w*)\b[^<>]{0,300}>\s*<(?P<within>[A-Z]\w*)"
)
_GUARD = lazy_re.compile(r"<(\w*(?:Private|Protected|Require|Auth|Guard)\w*)")
_SENDS_AWAY = lazy_re.compile(
    r"<(?:Redirect|Navigate)\b|\b(?:navigate|history\.(?:push|replace)|router\.(?:push|replace))\("
)
# Every page of an application of ASP.NET asks for a role, but those on which people sign in and out.
_ROLE_FOR_ALL = lazy_re.compile(
    r"\bAuthorizationPolicyBuilder\b[^;]{0,600}\.RequireRole\([^;]{0,600}\.Build\(\)(?:[^}]{0,400}new\s+AuthorizeFilter\(|\s*;[^}]{0,400}new\s+AuthorizeFilter\()"
    r"|\bFallbackPolicy\s*=[^;]{0,400}\.RequireRole\("
)
_FOR_ANYBODY = lazy_re.compile(
    r"\bAllowAnonymousTo\w{0,20}\(\s*(?:\"[^\"]*\"\s*,\s*)?\"(?P<page>[^\"]*)\"|\[AllowAnonymous\]"
)
_SITE = lazy_re.compile(r"\b(?:next|gatsby|astro|nuxt|vite|react-scripts|svelte-kit|remix)\s+build\b")
_SIGNS_IN = lazy_re.compile(
    r"account|auth|log-?(?:in|out|off)|logout|sign-?(?:in|out)|denied|error|health", re.IGNORECASE
)
_RAILS_VIEW = lazy_re.compile(r"(?P<root>(?:.*/)?)app/views/(?:admin/|layouts/admin[./])")
_RAILS_GUARD = lazy_re.compile(
    r"\bbefore_(?:action|filter)\s+:(?:authenticate|authorize|require|ensure|verify|check)_(?:\w{0,30}_)?(?:admin|staff|superuser|role)\w{0,20}[!?]?"
)
_MOST_USERS = 30


class Staff:
    """The staff's pages of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, bool] = {}

    def uses_alone(self, path: str) -> bool:
        """Whether only pages for staff are made with a file."""
        if not any((self._roots, self._trees, self._desks, self._applications, self._rails)):
            return False
        if path.endswith((".cshtml", ".razor", ".aspx")):
            return any(path.startswith(folder) for folder in self._applications)
        view = _RAILS_VIEW.match(path)
        if view is not None:
            return view["root"] in self._rails
        return self._is_staffs(path, set())

    def _is_staffs(self, path: str, asked: set[str]) -> bool:
        if path in self._known:
            return self._known[path]
        if self._lies_there(path):
            self._known[path] = True
            return True
        if path in asked or len(asked) > _MOST_USERS:
            return False
        asked.add(path)
        users = {script.file.path for script, _ in self._project.modules.importers(path)} - asked
        found = (
            bool(users) and len(users) <= _MOST_USERS and all(self._is_staffs(user, asked) for user in sorted(users))
        )
        if found or len(asked) == 1:
            self._known[path] = found
        return found

    def _lies_there(self, path: str) -> bool:
        return path in self._trees or path.startswith((*self._roots, *self._desks))

    @cached_property
    def _desks(self) -> tuple[str, ...]:
        """The folders of packages that are the desk of a content management system's editors, and nothing else."""
        packages = (path for path in self._project.tree.paths if posixpath.basename(path) == "package.json")
        runs = re.compile(
            rf"\"\s*:\s*\"(?:[^\"]*\s)?(?:{'|'.join(map(re.escape, desks()))})\s+(?:dev|start|build|deploy)\b"
        )
        return tuple(
            posixpath.dirname(path) + "/"
            for path in packages
            if "/" in path and runs.search(text := self._project.tree.text(path)) and not _SITE.search(text)
        )

    @cached_property
    def _roots(self) -> tuple[str, ...]:
        """The folders of areas for staff that something guards."""
        areas: dict[str, str] = {}
        for path in self._project.tree.paths:
            area = _AREA.match(path)
            if area is not None:
                areas[area[0]] = area["lead"]
        if not areas:
            return ()
        guards = [path for path in self._project.tree.paths if _GUARDING_FILE.search(path)]
        return tuple(sorted(area for area, lead in areas.items() if self._is_guarded(area, lead, guards)))

    def _is_guarded(self, area: str, lead: str, guards: list[str]) -> bool:
        for guard in guards:
            text = (
                self._project.tree.text(guard) if lead.startswith(posixpath.dirname(guard).removesuffix("src")) else ""
            )
            if _ADMIN_PATH.search(text) and _ASKS_WHO.search(text) and _REFUSES.search(text):
                return True
        first = self._project.tree.text(
            next((area + name for name in _LAYOUTS if self._project.tree.exists(area + name)), "")
        )
        asks = _ASKS_WHO.search(first) is not None and _OF_RANK.search(first) is not None
        return asks and _REFUSES.search(first) is not None

    @cached_property
    def _trees(self) -> frozenset[str]:
        """The files that show the pages of react-admin to those whom its `authProvider` lets in, and what guarded routes show."""
        users = self._project.paths_with(["<Admin", "authProvider="])
        trees = {path for path in users if _ADMIN_TREE.search(self._project.text_of(path))}
        for path in self._project.paths_with(["path="]):
            for match in _GUARDED_ROUTE.finditer(self._project.text_of(path)):
                guard = self._imported(path, match["guard"] or match["around"])
                shown = self._imported(path, match["shown"] or match["within"])
                if shown is not None and guard is not None and self._sends_away(guard):
                    trees.add(shown)
        return frozenset(trees)

    def _sends_away(self, guard: str, depth: int = 0) -> bool:
        """Whether a component, or one of that kind which it is made of, leads elsewhere whom it does not let in."""
        text = self._project.tree.text(guard)
        if _SENDS_AWAY.search(text):
            return True
        inner = (self._imported(guard, name) for name in sorted(set(_GUARD.findall(text)))) if depth < 2 else ()
        return any(path is not None and self._sends_away(path, depth + 1) for path in inner)

    def _imported(self, path: str, name: str) -> str | None:
        """The module of the project from which a file imports a name."""
        script = self._project.script(path)
        source = script.imported_from(script.declaration(name)) if script is not None else ""
        return self._project.modules.resolve(path, source) if source else None

    @cached_property
    def _applications(self) -> tuple[str, ...]:
        """The folders of applications of ASP.NET all of whose pages ask for a role."""
        found = []
        for path in self._project.paths_with(["RequireRole("]):
            if not path.endswith(".cs") or not _ROLE_FOR_ALL.search(self._project.text_of(path)):
                continue
            folder = posixpath.dirname(path) + "/" if "/" in path else ""
            open_to_all = (
                match["page"] or other
                for other in self._project.paths_with(["AllowAnonymous"])
                if other.startswith(folder)
                for match in _FOR_ANYBODY.finditer(self._project.text_of(other))
            )
            if all(_SIGNS_IN.search(one) for one in open_to_all):
                found.append(folder)
        return tuple(found)

    @cached_property
    def _rails(self) -> frozenset[str]:
        """The applications of Rails whose controllers of `admin` let only such people in."""
        named = re.compile(r"(?:.*/)?app/controllers/(?:admin/(?:base|application|admin)|admin)_controller\.rb")
        return frozenset(
            path.partition("app/controllers/")[0]
            for path in self._project.tree.paths
            if named.fullmatch(path) and _RAILS_GUARD.search(self._project.tree.text(path))
        )
