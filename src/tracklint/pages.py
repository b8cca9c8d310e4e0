"""Which pages a file is part of: what includes it, fills it, imports or loads it, up to what nothing else uses.

Only approvals that are limited to pages and policies that name sensitive pages ask; nothing is read before they do.
Names are matched as text, so a file that only seems to be used counts as used. A page is a file of the repository. Where
the way up ends at a file that is no page (a layout that a framework picks by itself, a script that nothing loads), the
answer says so: what cannot be told must not pass for "nowhere else".
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from tracklint import lazy_re
from tracklint.mentions import could_mean
from tracklint.model import Pages, SourceFile
from tracklint.project import Project
from tracklint.source import classify

_MOST_FILES = 20_000  # that are followed for one file
_MOST_NAMES = 5_000_000  # that are compared for one file

_FULL = lazy_re.compile(r"<html[\s>]|<!doctype|^\s*(?:doctype\b|!!!)", re.IGNORECASE | re.MULTILINE)
_FILLS = lazy_re.compile(
    r"\{%-?\s*(?:extends|layout)\b|@extends\b|\A---\s*\n(?:.*\n)*?layout:|^extends\s|\bLayout\s*=\s*\"|<%\s*layout\b",
    re.MULTILINE,
)
_FILLED = lazy_re.compile(
    r"\{\{\{?-?\s*(?:content|contents|body|page\.content|yield|embed|block|slot)\b|\{%-?\s*(?:block|body|yield)\b|@yield\b"
    r"|@RenderBody|<%[-=]*\s*(?:yield|content|body)\b|<slot\b|%sveltekit\.|^\s*block\s+\w|=\s*yield\b",
    re.MULTILINE,
)
_PART = lazy_re.compile(
    r"(?:^|/)(?:_?(?:includes?|inc|partials?|layouts?|components?|snippets?|macros?|sections?|shortcodes?|parts?|blocks?|"
    r"fragments?|template-parts)/|_[^/]*$|(?:header|footer|head|sidebar|nav|scripts)\.(?:php|html?)$)",
    re.IGNORECASE,
)
# A script that a framework serves as a page by its place.
_ROUTE = lazy_re.compile(r"(?:^|/)(?:pages|routes)/(?!api/|_)|(?:^|/)app/(?:.*/)?page\.[jt]sx?$", re.IGNORECASE)
_TOOLING = lazy_re.compile(
    r"(?:^|/)(?:[\w.-]+\.config\.[cm]?[jt]s|gulpfile[\w.-]*|gruntfile[\w.-]*|webpack[\w.-]*\.js|rollup[\w.-]*\.js)$",
    re.IGNORECASE,
)
_DEFAULTS = lazy_re.compile(r"(?:^|/)(?:_config\.ya?ml|[\w.-]+\.11tydata\.\w+|\.eleventy\.[cm]?js)$")
_FOLDER_STEMS = frozenset({"index", "main", "mod"})  # an import may name the folder instead
_COMMENTS = (
    ("<!--", "-->"),
    ("{#", "#}"),
    ("{% comment", "endcomment"),
    ("{%- comment", "endcomment"),
    ("{{!--", "--}}"),
    ("<%--", "--%>"),
)

_USING = lazy_re.compile(
    r"\b(?:(?:include|require)(?:_once|_relative|_cached)?|include(?:if|when|unless|first)|extends?|layout|partial\w*|render\w*|"
    r"embed|component|template\w*|view|use|import|from|insert|replace|decorate|fragment|part|get_template_part)\b(?:\s*=)?"
    r"([^\n<>=]{0,300})",
    re.IGNORECASE,
)
_QUOTED = lazy_re.compile(r"[\"'`]([^\"'`\n<>{}]{1,200})[\"'`]")
_BARE = lazy_re.compile(
    r"\{%-?\s*(?:include|include_relative|include_cached|extends|layout|render|import|embed|partial)\s+([\w./-]+)"
    r"|\{\{[-~#]*>\s*([\w./-]+)|^[ \t]*(?:include|extends)[ \t]+([\w./-]+)|\A---\s*\n(?:.*\n)*?layout:\s*[\"']?([\w./-]+)"
    r"|<!--\s*#include\s+(?:virtual|file)=[\"']([^\"']+)|<%[-=]*\s*(?:include|render|partial)\s+([\w./-]+)"
    r"|th:(?:replace|insert|include)=[\"']~?\{?\s*([\w./-]+)",
    re.MULTILINE,
)
_THEME = lazy_re.compile(r"\bget_(header|footer|sidebar)\s*\(\s*(?:[\"']([\w-]+)[\"'])?")
_ASSET_END = lazy_re.compile(r"\.(?:[cm]?[jt]sx?|css|s[ac]ss|less)(?![\w.])")
_ASSET_PATH = lazy_re.compile(r"[\w./@~-]{1,200}\Z")
_ASSET_HELPER = lazy_re.compile(
    r"(?:javascript|script|stylesheet|require|define|enqueue|pack)\w{0,30}[^\w\n<>=]{0,40}[\"'`]([\w./@-]{1,200})[\"'`]",
    re.IGNORECASE,
)


class _Named(NamedTuple):
    quoted: tuple[str, ...]
    templates: tuple[str, ...]


class Ways:
    """Finds the pages of files; remembers what it has found."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._found: dict[str, Pages] = {}
        self._users: dict[str, tuple[str, ...]] = {}
        self._texts: dict[str, str] = {}
        self._named: dict[str, _Named] = {}
        self._assets: dict[str, tuple[str, ...]] = {}
        self._left = 0

    def pages_of(self, path: str) -> Pages:
        """The pages that a file of the tree is part of."""
        if path not in self._found:
            self._found[path] = self._follow(path)
        return self._found[path]

    def _follow(self, start: str) -> Pages:
        pages: set[str] = set()
        unknown = ""
        self._left = _MOST_NAMES
        queue, seen = [start], {start}
        while queue:
            if len(seen) > _MOST_FILES or self._left < 0:
                unknown = "so many files use it that not all were followed"
                break
            path = queue.pop()
            text = self._text(path)
            if _is_page_by_itself(path, text):
                pages.add(path)
                continue
            users = self._used_by(path)
            if path in users:  # a view of a server answers with it
                pages.add(path)
            elif not users:
                if _may_be_page(path, text):
                    pages.add(path)
                else:
                    unknown = unknown or f"nothing in the repository says which pages use {path}"
            named = self._chosen_by_default(path)
            if named:
                unknown = unknown or f"{named} chooses {path} for pages that name no layout"
            queue += [user for user in users if user not in seen]
            seen.update(users)
        if not pages and not unknown:
            unknown = f"nothing but files that use each other leads to {start}"
        if self._project.sampled:
            unknown = unknown or "the site has so many pages that only some of them were searched"
        return Pages(tuple(sorted(pages)), unknown)

    def _text(self, path: str) -> str:
        if path not in self._texts:
            text = self._project.text_of(path)
            if not text:
                file = self._project.tree.text_file(path)
                text = file.text if isinstance(file, SourceFile) else ""
            self._texts[path] = _without_comments(text, plain=self._is_plain(path))
        return self._texts[path]

    def _used_by(self, path: str) -> tuple[str, ...]:
        """The files that use a file; itself among them if server code shows it as a page."""
        if path not in self._users:
            self._users[path] = tuple(dict.fromkeys(self._search(path)))
        return self._users[path]

    def _search(self, path: str) -> Iterator[str]:
        language, _ = classify(path, "")
        stem = posixpath.basename(path).split(".")[0].lstrip("_")
        for user in self._project.paths_with([] if stem in _FOLDER_STEMS else [stem]):
            if user == path or _TOOLING.search(user):
                continue
            asset = language in ("script", "style")
            names = self._assets_in(user) if asset else self._named_in(user).templates
            self._left -= len(names)
            if not any(_means(name, path) for name in names) and not (
                language == "script"
                and not self._is_plain(user)
                and any(self._project.modules.resolve(user, name) == path for name in self._named_in(user).quoted)
            ):
                continue
            # What a server's code, or a template engine in a script, renders is a page.
            shown = language in ("html", "indent") and classify(user, "")[0] in ("code", "script")
            yield path if shown and not path.endswith((".vue", ".svelte", ".astro")) else user

    def _named_in(self, user: str) -> _Named:
        """The names of files that a file may use."""
        if user not in self._named:
            text = self._text(user)
            lines = [_QUOTED.findall(match[1]) for match in _USING.finditer(text)]
            # The first is what is used; those after it are files only if they look like it.
            quoted = {name for line in lines for at, name in enumerate(line) if at == 0 or "/" in name or "." in name}
            bare = {name for match in _BARE.finditer(text) for name in match.groups() if name}
            themes = {f"{part}-{kind}.php" if kind else f"{part}.php" for part, kind in _THEME.findall(text)}
            self._named[user] = _Named(tuple(quoted), tuple(quoted | bare | themes))
        return self._named[user]

    def _assets_in(self, user: str) -> tuple[str, ...]:
        """The names of scripts and style sheets that a file may use."""
        if user not in self._assets:
            text = self._text(user)
            assets = {
                path[0] + match[0]
                for match in _ASSET_END.finditer(text)
                if (path := _ASSET_PATH.search(text, max(0, match.start() - 200), match.start()))
            }
            if not self._is_plain(user):
                assets.update(_ASSET_HELPER.findall(text))
            self._assets[user] = tuple(assets)
        return self._assets[user]

    def _is_plain(self, path: str) -> bool:
        """Whether it is a page as a browser gets it, which names its scripts by their whole addresses."""
        return self._project.is_whole_page(path) and classify(path, self._project.text_of(path)) == ("html", "")

    def _chosen_by_default(self, path: str) -> str:
        """The settings file that makes it the layout of pages which name none."""
        if classify(path, "")[0] not in ("html", "indent"):
            return ""
        stem = re.escape(posixpath.basename(path).split(".")[0])
        for other in self._project.tree.paths:
            if _DEFAULTS.search(other):
                file = self._project.tree.text_file(other)
                if isinstance(file, SourceFile) and re.search(
                    rf"layout[\"']?\s*[:=]\s*[\"']?(?:[\w./-]*/)?{stem}\b", file.text
                ):
                    return other
        return ""


def _without_comments(text: str, plain: bool) -> str:
    """`plain`: no template, in whose styles and scripts the marks of a template's comments mean something else."""
    for opening, closing in _COMMENTS[:1] if plain else _COMMENTS:
        kept: list[str] = []
        position = 0
        while (start := text.find(opening, position)) >= 0 and (end := text.find(closing, start)) >= 0:
            include = text.startswith("<!--", start) and text[start + 4 : start + 12].lstrip().startswith("#")
            kept.append(text[position : end if include else start])
            position = end + len(closing)
        text = "".join(kept) + text[position:]
    return text


def _is_page_by_itself(path: str, text: str) -> bool:
    """Whether a file is a page, so that nothing has to be asked about who uses it."""
    language, _ = classify(path, "")
    if language == "markdown":
        return not _PART.search(path)
    if language == "script":
        return bool(_ROUTE.search(path))
    return (
        language == "html" and bool(_FULL.search(text[:4000])) and not _FILLED.search(text) and not _PART.search(path)
    )


def _may_be_page(path: str, text: str) -> bool:
    """Whether a file that nothing uses is a page rather than a part that somebody forgot, or that a framework picks."""
    if classify(path, "")[0] not in ("html", "indent") or _PART.search(path):
        return False
    return bool(_FILLS.search(text)) or not _FILLED.search(text)


def _means(written: str, path: str) -> bool:
    """As `could_mean`, also for names whose folders are divided by dots (`layouts.app`)."""
    if could_mean(written, path):
        return True
    dotted = (
        "/" not in written
        and "." in written
        and not re.search(r"\.(?:html?|php|njk|twig|liquid|ejs|hbs|pug)$", written)
    )
    return dotted and could_mean(written.replace(".", "/"), path)
