"""Style sheets in the folder that a server gives to browsers, and whether any page or other style sheet can name them.

Told only of sites whose own templates name their style sheets: where a name may be put together, stands in data or is
for a theme from elsewhere to find, nothing is concluded.
"""

from __future__ import annotations

import contextlib
import posixpath
import re
import string
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from tracklint import lazy_re
from tracklint.source import classify, decode, is_repository_text

if TYPE_CHECKING:
    from tracklint.project import Project

# A folder that is served as it is, without what packages and themes bring along: their own code names that.
_SERVED = lazy_re.compile(
    r"(?P<root>(?:[^/]+/)*?)(?P<served>public|static|wwwroot|webroot|public_html|htdocs|www)/(?:[^/]+/)*(?P<stem>[\w.-]{2,100}?)(?:[.-]min)?\.css",
    re.ASCII,  # others are written in more than one way
)
_BROUGHT = lazy_re.compile(
    r"(?:^|/)(?:vendors?|libs?|librar(?:y|ies)|plugins?|third[-_]party|bower_components|node_modules|packages|bundles|modules|components"
    r"|themes?|skins?|templates|admin|extensions?|editors?|(?:ck|tiny)\w*|wp-\w+|sites|rest_framework)/",
    re.IGNORECASE,
)
# Generators of sites whose theme, which is elsewhere, may look for a style sheet by its name.
_GENERATED = lazy_re.compile(
    r"(?:_?config|hugo|mkdocs|book|antora|_quarto|zensical|theme)\.(?:toml|ya?ml|json)|config/_default/.+|conf\.py|pelicanconf\.py"
    r"|(?:docusaurus|gatsby|hexo|vitepress)[.-]config[\w.-]*|(?:source|docs)/conf\.py"
)
_ENDING = lazy_re.compile(r"\.(?:css|scss|sass|less|styl|pcss)\b(?!\.map)(?P<quote>[\"'`?#$&<{|%\s]|\\[\"'])?")
_OF_NAMES = f"{string.ascii_letters}{string.digits}_.-"
_BUILD = lazy_re.compile(r"[.-]min$")
# What stands before the end of a name of which a part is put in: theme + '.css', "css/$page.css", `${name}-dark.css`,
# '%s.css', [name].css, *.css
_PUT_IN = lazy_re.compile(r"(?:(?:[+.~&]|\bappend:|\bconcat\([^()]{1,60},)\s{0,9}[\"'`]|[}\]*]|[?%]>|\$|%)$")
# What stands before that: the folder in which the name lies.
_FOLDER = lazy_re.compile(
    r"[\"'`(=,\s](?P<folder>[\w./@-]{0,100}/)[\w.-]{0,60}(?:[\"'`]\s{0,9}[+.~&]\s{0,9}[^\"'`\n]{1,80}|[*$%{<\[][^\"'`\n]{0,80})?$"
)
# A link to a style sheet whose whole name is told elsewhere.
_LINK = lazy_re.compile(r"<link\b")
_END = lazy_re.compile(r"(?<![?%=-])>")
_FILLED = lazy_re.compile(r"\bhref\s{0,3}=\s{0,3}(?:[\"']\s{0,3})?(?:\{|<[?%]|\$|@\w)|(?::|v-bind:)href\b|\[href\]")
# Helpers of other languages that are given such a name: stylesheet_link_tag theme, addStylesheet($sheet), link(href=sheet)
_HELPED = (  # each begins with a word, which is looked for quickly
    lazy_re.compile(r"stylesheet_\w{0,20}tag[\s(]{1,9}(?:[^\s'\":(]|:all\b)"),
    lazy_re.compile(r"css\(\s{0,9}[$@]"),
    lazy_re.compile(r"heet\w{0,20}\(\s{0,9}[$@]"),
    lazy_re.compile(r"link[({][^)}\n]{0,200}?\bhref\s{0,3}(?:=>?|:)\s{0,3}[^\s'\"`:]"),
)
_WORDS = lazy_re.compile(
    r"css|style|sheet|theme|bundle|asset|entr(?:y|ies)\b|import|require|@use|@forward", re.IGNORECASE
)
_WITH_NAMES = frozenset({"html", "indent", "markdown", "script", "code", "data"})
_MOST_SEARCHED = 50_000_000  # bytes of all files together
_BEFORE = 300  # characters in which a call stands before what it is given


class _Join(NamedTuple):
    """A name of a style sheet that is put together, as far as it is written: its folder and its end."""

    folder: str
    tail: str


class Sheets:
    """The style sheets of one project that are served as they are."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def is_spare(self, path: str) -> bool:
        """Whether a style sheet lies in a served folder beside others that pages name, and nothing names it."""
        match = _SERVED.fullmatch(path) if path.endswith(".css") else None
        if match is None or _BROUGHT.search(path) is not None or self._is_generated(match["root"]):
            return False
        if not self._lies_beside_a_named_one(path, match) or self._is_named(path, match["stem"]):
            return False
        return not self._takes_any and not any(
            path.endswith(one.tail) and f"/{one.folder}/" in f"//{path}" for one in self._joins
        )

    def _is_generated(self, root: str) -> bool:
        return any(_GENERATED.fullmatch(one, len(root)) for one in self._project.tree.paths if one.startswith(root))

    def _lies_beside_a_named_one(self, path: str, match: re.Match[str]) -> bool:
        """Whether a template names another style sheet of its folder, or of one around it in the served folder."""
        served = f"{match['root']}{match['served']}"
        folder = posixpath.dirname(path)
        while folder.startswith(served):
            others = (one for one in self._project.tree.paths if posixpath.dirname(one) == folder and one != path)
            sheets = (other for one in others if (other := _SERVED.fullmatch(one)) is not None)
            if any(
                classify(user, "")[0] in ("html", "indent", "code")
                for one in sheets
                for user in self._named(one["stem"])
            ):
                return True
            folder = posixpath.dirname(folder)
        return False

    def _is_named(self, path: str, stem: str) -> bool:
        """Whether a file names a style sheet, with its ending, or without it to what adds that; its copies aside."""
        base = posixpath.basename(path)
        if any(posixpath.basename(user) != base for user in self._named(stem)):
            return True
        quoted = re.compile(rf"[\"'`](?:[\w.@~-]*/){{0,9}}_?{re.escape(stem)}[\"'`]")
        for user, text in self._texts.items():
            for one in quoted.finditer(text) if stem in text else ():
                before = re.split(r"[;<>]", text[max(0, one.start() - _BEFORE) : one.start()])[-1]
                if user != path and _WORDS.search(before) is not None:
                    return True
        lists = self._project.unused.lists
        return lists is None or re.search(rf"(?<![\w.-]){re.escape(stem)}(?![\w-])", lists) is not None

    @cached_property
    def _texts(self) -> dict[str, str]:
        """The files that can name a style sheet, of any language; none where there are too many to be searched."""
        tree = self._project.tree
        paths = [path for path in tree.paths if not is_repository_text(path)]
        found: dict[str, str] = {}
        with contextlib.suppress(OSError):  # the scan of that file reports it
            if sum(map(tree.size, paths)) <= _MOST_SEARCHED:
                found = {path: self._project.text_of(path) or decode(tree.read(path))[0] for path in paths}
        return found

    def _named(self, stem: str) -> set[str]:
        """The files that name a style sheet, by its name without ending and in any case of its letters."""
        return self._written[0].get(stem.lstrip("_").lower(), set())

    @cached_property
    def _joins(self) -> set[_Join]:
        """The names that are put together in code, templates and settings."""
        return self._written[1]

    @cached_property
    def _written(self) -> tuple[dict[str, set[str]], set[_Join]]:
        """The files in which each name stands, without its ending, and the names of which a part is put in."""
        names: dict[str, set[str]] = {}
        joins: set[_Join] = set()
        for path, text in self._texts.items():
            language = classify(path, "")[0]
            for match in _ENDING.finditer(text):
                before = text[max(0, match.start() - _BEFORE) : match.start()]
                rest = before.rstrip(_OF_NAMES)
                name = before[len(rest) :]
                names.setdefault(_BUILD.sub("", name).lstrip("_").lower(), set()).add(path)
                if language not in _WITH_NAMES or not match["quote"] or _PUT_IN.search(rest[-100:]) is None:
                    continue
                folder = _FOLDER.search(rest)
                if folder is None and rest.endswith("*") and language in ("data", "markdown"):
                    continue  # which files a tool is for
                last = posixpath.basename(folder["folder"].rstrip("/")).strip(".@~") if folder is not None else ""
                joins.add(_Join(last, "" if rest.endswith(("$", "%")) else f"{name}.css"))
        return names, joins

    @cached_property
    def _takes_any(self) -> bool:
        """Whether a page links to a style sheet whose name is told elsewhere, or not all pages are searched."""
        for path, text in self._texts.items():
            if classify(path, "")[0] in ("html", "indent", "code") and any(one.search(text) for one in _HELPED):
                return True
            for match in _LINK.finditer(text):
                end = _END.search(text, match.end(), match.end() + 500)
                tag = text[match.start() : end.start() if end is not None else match.end() + 500]
                if "stylesheet" in tag and ".css" not in tag and "//" not in tag and _FILLED.search(tag) is not None:
                    return True
        return self._project.sampled
