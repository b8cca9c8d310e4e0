"""Views of Laravel: which a template can be, and whether anything in the application shows it.

Laravel finds a view below `resources/views` by its name alone, with dots for folders: `view('news.film')` is
`news/film.blade.php`. What packages name or find by its place, and what a name put together may mean, is left alone.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from tracklint import lazy_re
from tracklint.detect.code import code_source
from tracklint.model import SourceFile

if TYPE_CHECKING:
    from tracklint.project import Project

_VIEW = lazy_re.compile(r"(?P<root>(?:[^/]+/)*?)resources/views/(?P<name>(?:[^/.]+/)*[^/.]+)\.blade\.php")
# A name with a dot before `.php`, such as an editor gives a copy: the dot would mean a folder.
_NO_VIEW = lazy_re.compile(
    r"(?P<root>(?:[^/]+/)*?)resources/views/(?:[^/]+/)*[^/]+\.blade(?!\.php$)[^/]*\.(?:php|html)"
)
# Views that Laravel and its packages name or find by their place: https://laravel.com/docs/errors, /blade, /folio,
# those of its kits for signing in, and the roots of Inertia and Livewire; folders of themes, in which a package looks.
_FOUND = lazy_re.compile(
    r"(?:vendor|errors|components|livewire|pages|auth|profile|api|teams|volt-livewire|filament)/.+"
    r"|app|terms|policy|layouts/(?:app|guest|navigation)|(?:.+/)?themes?/.+",
    re.IGNORECASE,
)
# Systems whose pages, or parts of these, name their views in a database or by what they are called.
_CMS = lazy_re.compile(
    r"\"(?:area17/twill|statamic/cms|tcg/voyager|backpack/\w+|october/\w+|winter/\w+|wintercms/\w+|laravel/folio"
    r"|typicms/\w+|asgardcms/\w+|pyrocms/\w+|anomaly/\w+|botble/\w+|roots/acorn)\""
)
# Where a name is taken that is written nowhere: view($name), View::make("$folder.index"), @include($part), view: $name
_CHOSEN = lazy_re.compile(
    r"(?<!function )\b(?:(?:load)?view|View::(?:make|first|file|exists|render\w+))\(\s*(?:[^\s'\"\[)]|\"\{?\$|\[[^\]\n]{0,200}\$)"
    r"|\bview\(\)\s*->\s*\w+\(\s*(?:[^\s'\"\[)]|\"\{?\$|\[[^\]\n]{0,200}\$)"
    r"|@(?:include(?:If|First|Isolated)?|extends(?:First)?|component(?:First)?|each)\(\s*(?:[^\s'\"\[)]|\"\{?\$|\[[^\]\n]{0,200}\$)"
    r"|@include(?:When|Unless)\([^'\"\n]{0,200},\s*(?:\$|\"\{?\$)|\bRoute::view\([^,\n]{0,200},\s*(?:\$|\"\{?\$)"
    r"|->\s*(?:markdown|layout)\(\s*\$|\b(?:view|markdown):\s*(?:\$|\"\{?\$)|\banonymousComponent(?:Namespace|Path)\("
)
# What a mail takes out of an array that it was given: $this->view($this->mail['view'])
_GIVEN = lazy_re.compile(r"\$this->view\(\s*\$this->\w{1,60}\[\s*['\"](?P<key>\w{1,60})['\"]\s*\]\s*[,)]")
_MAIL = lazy_re.compile(r"\bextends\s+(?:\\?Illuminate\\Mail\\)?Mailable\b")
# How a name that is put together begins: 'news.' . $kind, "news.$kind"; and calls that take addresses and the like.
_BEGUN = lazy_re.compile(
    r"[\"'](?:[\w-]{1,60}::)?[./]?(?P<start>[\w-]{1,60}(?:[./][\w-]{1,60}){0,9}[./]?)(?:[\"']\s{0,9}\.(?!=)|\{?\$|\{\{|%s)"
)
_NO_NAME = lazy_re.compile(
    r"(?:\b(?:asset|url|to|route|redirect|mix|away|\w*path|config|trans|__|href|action)\(|\b(?:href|src|action)=)\s*$"
)
# A folder of views by its path, in which something may look for whatever is there.
_OPENED = lazy_re.compile(
    r"(?:(?:\bresource_path\(\s{0,9}[\"']|\bresources/)views\b|\bviews/)(?P<folder>[\w./*-]{0,200})[\"']"
)
_SETTINGS = "config/view.php"  # where the folder of all views is told
# Descriptions for editors, which run nowhere.
_HELPER = lazy_re.compile(r"(?:^|/)(?:_ide_helper\w*|\.phpstorm\.meta)\.php$")


class Views:
    """The views of the Laravel applications in one project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def is_spare(self, path: str) -> bool:
        """Whether a template below `resources/views` can be no view, or nothing in its application can show it."""
        if (copy := _NO_VIEW.fullmatch(path)) is not None:
            base = posixpath.basename(path)
            return self._is_application(copy["root"]) and not any(True for _ in self._project.mentions(base))
        match = _VIEW.fullmatch(path)
        if match is None or _FOUND.fullmatch(match["name"]) or not self._is_application(match["root"]):
            return False
        name = match["name"].replace("/", ".").lower()
        folder = name.partition(".")[0]  # without one after it, a beginning would have to mean it whole
        if (
            self._takes_any
            or self._project.sampled
            or any(
                name.startswith(one) and (not one or "." in one or one == folder or folder == name)
                for one in (*self._begun, *self._opened)
            )
        ):
            return False
        return not self._is_named(path, match["name"])

    def _is_application(self, root: str) -> bool:
        """Whether a folder is that of an application, whose views packages and other repositories do not name."""
        composer = f"{root}composer.json"
        known = self._project.tree.exists(f"{root}artisan") and self._project.tree.exists(composer)
        return known and _CMS.search(self._project.tree.raw_text(composer)) is None

    def _is_named(self, path: str, name: str) -> bool:
        """Whether the name of a view stands in quotes anywhere but in comments, or in any way in settings."""
        written = r"[./\\]{1,2}".join(map(re.escape, name.split("/")))
        quoted = re.compile(rf"[\"'`](?:[\w-]+::|[\w./-]*\bviews[./])?[./]?{written}(?:\.blade\.php)?[\"'`]")
        for user in self._project.paths_with([posixpath.basename(name)]):
            text = self._project.text_of(user) if user != path and _HELPER.search(user) is None else ""
            if any(not self._is_in_a_comment(user, match.start()) for match in quoted.finditer(text)):
                return True
        lists = self._project.unused.lists
        return lists is None or re.search(rf"(?<![\w./-]){written}(?![\w-])", lists) is not None

    def _is_in_a_comment(self, path: str, offset: int) -> bool:
        file = self._project.tree.text_file(path)
        source = code_source(file) if isinstance(file, SourceFile) else None
        if source is not None and any(comment.start <= offset < comment.end for comment in source.comments):
            return True
        return self._project.is_in_a_comment(path, offset)

    def _texts(self) -> Iterator[tuple[str, str]]:
        """The paths and texts of PHP that runs."""
        for path in self._project.paths_with([]):
            if path.endswith(".php") and _HELPER.search(path) is None:
                yield path, self._project.text_of(path)

    @cached_property
    def _takes_any(self) -> bool:
        """Whether some code shows a view whose name is written nowhere."""
        return any(
            not self._is_in_a_comment(path, match.start()) and not self._is_given(text, match)
            for path, text in self._texts()
            for match in _CHOSEN.finditer(text)
        )

    def _is_given(self, text: str, chosen: re.Match[str]) -> bool:
        """Whether a mail takes its view from an entry of an array, to which all code gives nothing but names in quotes."""
        given = _GIVEN.match(text, chosen.start() - len("$this->"))
        if given is None or _MAIL.search(text) is None:
            return False
        key = re.escape(given["key"])
        entry = re.compile(
            rf"['\"]{key}['\"]\s{{0,9}}(?:\]\s{{0,9}}=(?![=>])|=>)\s{{0,9}}(?P<name>['\"][\w./-]+['\"]\s{{0,9}}[;,\]])?"
        )
        entries = [one for _, other in self._texts() for one in entry.finditer(other)]
        return bool(entries) and all(one["name"] for one in entries)

    @cached_property
    def _begun(self) -> frozenset[str]:
        """How names begin that are put together, with dots for folders."""
        return frozenset(
            match["start"].replace("/", ".").lower()
            for _, text in self._texts()
            for match in _BEGUN.finditer(text)
            if _NO_NAME.search(text, max(0, match.start() - 40), match.start()) is None
        )

    @cached_property
    def _opened(self) -> frozenset[str]:
        """The folders of views that code names by their paths, with dots for folders."""
        found = {
            f"{match['folder'].partition('*')[0].strip('/')}/".lstrip("/").replace("/", ".").lower()
            for path, text in self._texts()
            for match in _OPENED.finditer(text)
            if not match["folder"].endswith(".php") and not (path.endswith(_SETTINGS) and not match["folder"])
        }
        return frozenset(found)
