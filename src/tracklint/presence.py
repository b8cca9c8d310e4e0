"""Whether a site's pages hold what a script or a style sheet acts on: elements by a selector, videos of a service.

Asked only of files whose pages all lie in the repository as a browser gets them; of templates, themes and libraries
nothing can be told. Names are looked for as text, in the pages' markup and in whatever might write markup, so that a
name which stands anywhere may be an element's.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tracklint import lazy_re
from tracklint.detect.load import host_of, name_url
from tracklint.model import SourceFile
from tracklint.source import classify, decode, is_repository_text

if TYPE_CHECKING:
    from tracklint.project import Project
    from tracklint.ruleset import Service

_APART = lazy_re.compile(
    r"<(script|style)\b([^>]{0,2000})>(.*?)(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL
)
_SOURCE = lazy_re.compile(r"\bsrc\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_PAGE = lazy_re.compile(r"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_HEAD = 4000  # characters in which a page says that it is one
_PART = lazy_re.compile(r"[a-z]{3,}")
_STEM = lazy_re.compile(r"[\w-]{2,}")
_WORD = lazy_re.compile(r"[\w-]+")
# A value that a server fills in, which is no element: value="<%PATH%>"
_FILLED_IN = lazy_re.compile(r"\"(?:<%[=-]?\s{0,5}[\w.]{1,80}\s{0,5}%>|\{\{\s{0,5}[\w.]{1,80}\s{0,5}\}\})\"")
_TEMPLATED = lazy_re.compile(r"\{\{|\{%|<\?(?:php|=)|<%")

_SELECTOR = lazy_re.compile(r"[\w\s.#:>+~*,()\[\]=^$|-]+")
_IN_BRACKETS = lazy_re.compile(r"\[\s*([\w-]+)[^\]]*\]")
_FUNCTIONAL = lazy_re.compile(r":[\w-]+\([^()]*\)")
_NEEDED = lazy_re.compile(r"[.#]([A-Za-z_-][\w-]*)|\x00([\w-]+)|(?:^|[\s>+~])([a-z]+-[\w-]+)")

# What stands before a name in a script that only looks for an element of that name.
_LOOKS = lazy_re.compile(
    r"(?:(?<![\w)\]$])[.#]|\[|(?:getElementById|getElementsBy\w+|querySelector(?:All)?|[hH]asClass|removeClass|contains|is|"
    r"closest|find|children|filter|not|siblings|hasAttribute|getAttribute|removeAttribute|removeAttr|\$|jQuery)"
    r"\(\s*[\"'`][^\"'`<]*)$"
)
# A function that makes an element of a selector, as in hyperscript.
_BUILDS = lazy_re.compile(r"\b(?:h|m|el|hyperscript|createElement|createVNode)\(\s*[\"'`][^\"'`<]*$")
_ASSIGNED = lazy_re.compile(r"\s{0,20}(?:[-+*/%|&?^]{0,3}=(?!=)|\+\+|--)")
# An object takes entries whose names are values.
_FILLS_ITSELF = lazy_re.compile(
    r"(?:extend|assign|merge)\w{0,20}\(\s{0,5}this\b|\bthis\[[^\]\n]{0,100}\]\s{0,5}=(?!=)", re.IGNORECASE
)
_READS = lazy_re.compile(r"\.(?:attr|data)\(\s*[\"'`]$")
# data-… attributes that are set, of which a script puts the names together
_ANY_DATA = lazy_re.compile(
    r"setAttribute\(\s{0,5}[\"'`]data-(?:[\"'`]|\$\{)|\sdata-(?:[\"'`]|\$\{)"
    r"|attr\(\s{0,5}[\"'`]data-(?:[\"'`]|\$\{)[^,;()]{0,80}(?:\([^()]{0,80}\)[^,;()]{0,80}){0,3},"
)
_FEW = 0.2  # of all
_FEW_OF_A_COPY = 0.4
_MOST_DATA = 20_000_000  # bytes of data files that may hold markup
_LONGEST = 5_000  # characters of a selector that is read
_SHORTEST = 4  # characters of a name that says something
# A library that makes no element of its own.
_LIBRARY = lazy_re.compile(r"jquery(?:[-.@]?\d[\w.]*)?(?:[.-](?:min|slim))*\.js", re.IGNORECASE)

_TAG = lazy_re.compile(r"<([a-zA-Z][\w-]*)")
_QUOTE_OR_END = lazy_re.compile(r"=\s*([\"'])|>")
_ATTRIBUTE = lazy_re.compile(r"([^\s\"'=<>/]{1,80})\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+)")
_NO_PLAYER = frozenset(
    {"link", "meta", "i", "svg", "use", "symbol", "path", "title", "option", "button", "form", "label"}
)
_LABELS = frozenset({"class", "id", "title", "alt", "aria-label", "rel", "name", "target"})
_PLAYS = lazy_re.compile(
    r"video|player|embed|play|lightbox|popup|modal|fancybox|lity|background|\bbg|lazy", re.IGNORECASE
)
# A frame that a script writes itself, and what a lightbox knows its videos by: index: "youtube.com/", src: ".../%id%"
_NO_VIDEO = lazy_re.compile(
    r"<iframe\b[^>]{0,2000}>|\bindex[\"']?\s*:\s*[\"'][^\"'\n]{0,200}[\"']|[\"'][^\"'\n]{0,300}%id%[^\"'\n]{0,300}[\"']",
    re.IGNORECASE,
)
# In the settings that an attribute holds as JSON.
_WITHOUT_VALUE = lazy_re.compile(
    r"[\w-]{1,80}(?:\"|&quot;)\s{0,5}:\s{0,5}(?:null|false|\"\"|&quot;&quot;)", re.IGNORECASE
)
# An address or an id; no setting such as videoLibrary: "mediaelement"
_GIVEN = lazy_re.compile(
    r"video(?:[_-]?id[\"']?\s{0,5}[:=]\s{0,5}[\"'][\w-]{6,}|\w{0,30}[\"']?\s{0,5}[:=]\s{0,5}[\"']"
    r"(?:[\w-]*[./:?=&%\\][\w./:?=&%\\-]*|[\w-]{11}|\d{6,12}))[\"']",
    re.IGNORECASE,
)
_DATA_SCRIPT = lazy_re.compile(r"\btype\s*=\s*[\"']?application/ld\+json", re.IGNORECASE)
_LIBRARIES = lazy_re.compile(
    r"(?:^|/)(?:wp-content/plugins|wp-includes|plugins?|vendors?|libs?|libraries|third[-_]?party|\w+_libraries)/"
    r"|[.-]min\w*\.js|\bbundle\b|(?:^|/)jquery[.-][\w.-]*\.js",
    re.IGNORECASE,
)


@dataclass(frozen=True, eq=False)
class _Site:
    """The pages of one file, taken together."""

    words: frozenset[str]  # of their markup, lower-cased
    players: tuple[tuple[str, str], ...]  # (page, its new markup), where that may name a video
    scripts: tuple[str, ...]  # written in them; of those that are nearly alike what differs
    addresses: frozenset[str]  # of the scripts that they fetch
    others: frozenset[str]  # words of the addresses of others' scripts, whose elements are named after them
    hidden: bool  # they load libraries of which nobody can tell what elements they make


class Presence:
    """Answers for one project; remembers what it has read."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._sites: dict[str, _Site | None] = {}
        self._of_pages: dict[tuple[str, ...], _Site | None] = {}
        self._plain: dict[str, None] | None = None
        self._templates: list[str] = []
        self._written: dict[str, bool | None] = {}
        self._silent: dict[tuple[str, str], bool] = {}
        self._unset: dict[tuple[str, str, str], bool] = {}

    def lacks(self, path: str, selector: str) -> bool:
        """Whether no page that a file is part of has an element that a selector matches; False if it cannot be told."""
        alternatives = _needed(selector)
        if not alternatives or not all(alternatives):
            return False
        site = self._site(path)
        return (
            site is not None
            and not site.hidden
            and all(any(self._stands_nowhere(site, name) for name in names) for names in alternatives)
        )

    def never_sets(self, path: str, holder: str, name: str) -> bool:
        """Whether nothing gives an object of a script an entry on any page that it is part of; False if it cannot be told."""
        key = (path, holder, name)
        if key not in self._unset:
            self._unset[key] = self._is_unset(path, holder, name)
        return self._unset[key]

    def _is_unset(self, path: str, holder: str, name: str) -> bool:
        if min(len(name), len(holder)) < _SHORTEST:
            return False
        text = self._project.text_of(path)
        # most entries are set beside the reading, which is quickly seen
        if _given_to(text, holder) != ["{"] or _sets(text, holder, name) or _FILLS_ITSELF.search(text):
            return False
        site = self._site(path)
        if site is None or name.lower() in site.words or holder.lower() in site.others or self._writers is None:
            return False
        others = (*site.scripts, *(other for other, _ in self._writers if other != text))
        return not any(_given_to(other, holder) or _sets(other, holder, name) for other in others)

    def plays_none(self, path: str, service: Service, any_script: bool = False) -> bool:
        """Whether a player of others' videos has none to play on any page that it is part of.

        False if that cannot be told, and, unless `any_script`, for what is no library but a script that the site's
        authors wrote themselves.
        """
        if not any_script and not _LIBRARIES.search(path):
            return False
        key = (path, service.slug)
        if key not in self._silent:
            self._silent[key] = self._is_silent(path, service)
        return self._silent[key]

    def _is_silent(self, path: str, service: Service) -> bool:
        site = self._site(path)
        if site is None:
            return False
        brand = re.compile("|".join(map(re.escape, {service.slug, *service.match.hosts})), re.IGNORECASE)
        # a script that only asks which frames are the service's gives none: [src*="youtube"]
        given = re.compile(
            rf"(?<!=)[\"']{re.escape(service.slug)}[\"']"
            rf"|[\"'`](?:(?:https?:)?//)?(?:[\w-]+\.)*(?:{'|'.join(map(re.escape, service.match.hosts))})"
        )
        if any(brand.search(text) or _GIVEN.search(text) for text in site.scripts):
            return False
        if self._names_video(site, brand, service):
            return False
        for other in self._loaded_by(site):
            text = _NO_VIDEO.sub("", self._project.text_of(other))
            if any(pattern.search(text) for pattern in service.id_patterns):
                return False
            if not _LIBRARIES.search(other) and (given.search(text) or _GIVEN.search(text)):
                return False
        return True

    def _names_video(self, site: _Site, brand: re.Pattern[str], service: Service) -> bool:
        """Whether an element of a page may give a library a video, other than those that are found as loads themselves."""
        pages = dict.fromkeys(
            page
            for page, markup in site.players
            if any(_may_play(tag, attributes, brand, service) for tag, attributes in _tags(markup))
        )
        return any(self._has_player(page, brand, service) for page in pages)

    def _has_player(self, page: str, brand: re.Pattern[str], service: Service) -> bool:
        document = self._project.document(page)
        if document is None:
            return False
        text = self._text(page)
        videos = (selector for other, selector, _ in self._project.ruleset.elements if other.kind == service.kind)
        found = {element.index for selector in videos for element in document.select(selector)}
        return any(
            _may_play(element.tag, text[element.span.start + 1 + len(element.tag) : element.span.end], brand, service)
            for element in document.elements
            if element.index not in found and not element.conditional_comment
        )

    def _loaded_by(self, site: _Site) -> list[str]:
        """The project's scripts that pages name, and those that these name in turn."""
        names: dict[str, list[str]] = {}
        for path in self._project.tree.paths:
            if classify(path, "")[0] == "script":
                names.setdefault(posixpath.basename(path).split(".")[0].lower(), []).append(path)
        found: dict[str, None] = {}
        texts = [*site.addresses, *site.scripts]
        words = set(site.words)
        while True:
            for text in texts:
                words.update(_STEM.findall(text.lower()))
            new = [path for stem in sorted(words & names.keys()) for path in names.pop(stem)]
            if not new:
                return list(found)
            found.update(dict.fromkeys(new))
            texts = [self._project.text_of(path) for path in new]
            words = set()

    # ---- pages

    def _site(self, path: str) -> _Site | None:
        if path not in self._sites:
            self._sites[path] = self._gather(path)
        return self._sites[path]

    def _gather(self, path: str) -> _Site | None:
        self._project.paths_with(())  # after which it is known whether all are searched
        pages: tuple[str, ...] | None = (path,)
        if classify(path, "")[0] != "html":
            pages = self._pages_with(path)
        if not pages:
            return None
        if pages not in self._of_pages:
            self._of_pages[pages] = self._together(pages)
        return self._of_pages[pages]

    def _pages_with(self, path: str) -> tuple[str, ...] | None:
        """The pages that fetch a script or a style sheet, or more; None where something else may bring it in."""
        base = posixpath.basename(path).split("?")[0]
        stem = base.split(".")[0]
        named = re.compile(rf"[\"'`/]_?{re.escape(stem)}[\"'`.?]")
        project = self._project
        plain = self._plain_pages()
        pages = [page for page in plain if base in (project.text_of(page) or self._text(page))]
        everywhere = classify(path, "")[0] == "style"  # other style sheets may import it
        for user in dict.fromkeys((*project.paths_with([stem]), *self._templates)):
            try:
                text = project.text_of(user) or decode(project.tree.read(user))[0]
            except OSError:
                return None
            if user == path or user in plain or not named.search(text):
                continue
            language, dialect = classify(user, text)
            if language == "markdown" and is_repository_text(user):
                continue
            if language == "script":
                everywhere = True
            elif (language, dialect) != ("html", "") or base in text:
                return None
        return tuple(plain) if everywhere else tuple(pages)

    def _plain_pages(self) -> dict[str, None]:
        """The pages that lie in the project as a browser gets them."""
        if self._plain is None:
            paths = [path for path in self._project.tree.paths if classify(path, "")[0] == "html"]
            self._plain = dict.fromkeys(path for path in paths if _PAGE.search(self._text(path)[:_HEAD]))
            if self._project.sampled:  # so that not all were searched
                self._templates = [path for path in paths if path not in self._plain]
        return self._plain

    def _text(self, path: str) -> str:
        """The text of a page; "" for a template."""
        file = self._project.tree.text_file(path)
        if not isinstance(file, SourceFile) or file.language != "html":
            return ""
        if not file.dialect:
            return file.text
        text = _FILLED_IN.sub(lambda held: '"' + " " * (len(held[0]) - 2) + '"', file.text)
        return "" if _TEMPLATED.search(text) else text

    def _together(self, pages: tuple[str, ...]) -> _Site | None:
        seen: set[int] = set()  # pages repeat one layout, so most of a page was read in another
        words: set[str] = set()
        players: list[tuple[str, str]] = []
        scripts: list[str] = []
        addresses: set[str] = set()
        for page in pages:
            text = self._text(page)
            if not _PAGE.search(text[:_HEAD]):
                return None
            markup: list[str] = []
            position = 0
            for match in _APART.finditer(text):
                markup.append(text[position : match.start()])
                position = match.end()
                if (match[1] or "").lower() == "script" and not _DATA_SCRIPT.search(match[2]):
                    addresses.update(_SOURCE.findall(match[2]))
                    if new := _unseen(match[3], "\n", seen):
                        scripts.append(new)
            markup.append(text[position:])
            bare = "".join(markup)
            if _TEMPLATED.search(bare):
                return None
            new = _unseen(bare, ">\n", seen)
            lowered = new.lower()
            words.update(_WORD.findall(lowered))
            if any(word in lowered for word in self._video_words):
                players.append((page, new))
        own = {address for address in addresses if not self._is_foreign(address)}
        if self._are_built(pages, own):
            return None
        named = [self._names_of(address) for address in addresses - own]
        others = frozenset(part for text in named for part in _PART.findall((text or "").lower()))
        return _Site(
            frozenset(words),
            tuple(players),
            tuple(scripts),
            frozenset(addresses),
            others,
            None in named,
        )

    def _are_built(self, pages: tuple[str, ...], own: set[str]) -> bool:
        """Whether the site's own scripts are made by a build, so that they are not what visitors get."""
        lacking = {_base(address) for address in own if not self._lies_here(address)}
        folders = {folder for page in pages for folder in _folders(page)}
        builds = any(self._project.tree.exists(posixpath.join(folder, "package.json")) for folder in folders)
        # a dead link or two are a site's, and a copy of a site that another program served has many
        return len(lacking) > len({_base(address) for address in own}) * (_FEW if builds else _FEW_OF_A_COPY)

    @cached_property
    def _video_words(self) -> frozenset[str]:
        """What stands in markup that names a video, in lower case."""
        videos = [one for one in self._project.ruleset.services.values() if one.kind == "video"]
        return frozenset({"video", *(name for one in videos for name in (one.slug, *one.match.hosts))})

    def _is_foreign(self, address: str) -> bool:
        """Whether a script is not the project's own: on another host, or among packages that were left out."""
        if re.match(r"(?:https?:)?//", address):
            host = host_of(address)
            return host is None or not self._project.is_first_party(host)
        left_out = (posixpath.basename(one.path) for one in self._project.tree.skipped if one.reason == "vendored")
        return not {*left_out}.isdisjoint(address.split("/"))

    def _lies_here(self, address: str) -> bool:
        name = posixpath.basename(address)
        bare = name.split("?")[0]
        return not bare or any(
            self._project.tree.exists(path) for path in self._project.named(bare) + self._project.named(name)
        )

    def _names_of(self, address: str) -> str | None:
        """What the elements that somebody else's script makes are named after; None where that cannot be told."""
        if _LIBRARY.fullmatch(posixpath.basename(address.split("?")[0])):
            return ""
        service, host = name_url(self._project.ruleset, address)
        if host is None or (service is not None and service.kind == "cdn"):
            return None
        return address if service is None else f"{address} {service.slug} {service.name}"

    # ---- names

    def _stands_nowhere(self, site: _Site, name: str) -> bool:
        return (
            len(name) >= _SHORTEST
            and name.lower() not in site.words
            and name.lower().removeprefix("data-").partition("-")[0] not in site.others
            and not any(_makes(text, name) for text in site.scripts)
            and self._is_written(name) is False
        )

    def _is_written(self, name: str) -> bool | None:
        """Whether something in the project may write an element of this name; None where there is too much to read."""
        if name not in self._written:
            writers = self._writers
            self._written[name] = (
                None
                if writers is None
                else any(_makes(text, name) if script else name in text for text, script in writers)
            )
        return self._written[name]

    @cached_property
    def _writers(self) -> tuple[tuple[str, bool], ...] | None:
        """(text, whether it is a script) of what may write markup and is no whole page; None when it is too much."""
        found: list[tuple[str, bool]] = []
        project = self._project
        size = 0
        for path in project.tree.paths:
            language = classify(path, "")[0]
            if language not in ("script", "html", "indent", "markdown", "code", "data"):
                continue
            if language == "markdown" and is_repository_text(path):
                continue
            try:
                size += project.tree.size(path) if language == "data" else 0
                if size > _MOST_DATA:
                    return None
                text = project.text_of(path) or decode(project.tree.read(path))[0]
            except OSError:
                return None
            if language != "html" or not _PAGE.search(text[:_HEAD]):
                found.append((text, language == "script"))
        return tuple(found)


def _base(address: str) -> str:
    return posixpath.basename(address).split("?")[0]


def _folders(path: str) -> Iterator[str]:
    """The folder of a file and those around it."""
    while path:
        path = posixpath.dirname(path)
        yield path


def _unseen(text: str, end: str, seen: set[int]) -> str:
    """What of a text, cut after each `end`, is new; `seen` is added to."""
    new = []
    for part in text.split(end):
        key = hash(part)
        if key not in seen:
            seen.add(key)
            new.append(part)
    return end.join(new)


def _tags(text: str) -> Iterator[tuple[str, str]]:
    """(name, attributes as written) of each start tag."""
    match = _TAG.search(text)
    while match is not None:
        mark = _QUOTE_OR_END.search(text, match.end())
        while mark is not None and mark[1]:
            closing = text.find(mark[1], mark.end())
            mark = _QUOTE_OR_END.search(text, closing + 1 if closing >= 0 else mark.end())
        if mark is None:
            return
        yield match[1].lower(), text[match.end() : mark.start()]
        match = _TAG.search(text, mark.end())


def _may_play(tag: str, attributes: str, brand: re.Pattern[str], service: Service) -> bool:
    """Whether a player may take the video that it plays from an element."""
    attributes = _WITHOUT_VALUE.sub("", attributes)
    named = brand.search(attributes) is not None
    if tag in _NO_PLAYER or not (named or "video" in attributes.lower()):
        return False
    if tag == "iframe":  # one that loads by itself is reported where it stands
        return re.search(r"(?:^|\s)src\s*=", attributes) is None
    if tag != "a" and any(pattern.search(attributes) for pattern in service.id_patterns):
        return True
    held = {match[1].lower(): match[2] for match in _ATTRIBUTE.finditer(attributes)}
    labels = " ".join(held.get(name, "") for name in ("class", "id", "rel"))
    if tag == "a":
        return named and (_PLAYS.search(labels) is not None or re.search(r"\sdata-", attributes) is not None)
    if tag == "img":
        held.pop("src", None)
        held.pop("srcset", None)
    return any(
        brand.search(value) and (name not in _LABELS or (name in ("class", "id") and _PLAYS.search(value)))
        for name, value in held.items()
    )


def _needed(selector: str) -> list[frozenset[str]]:
    """For each alternative of a selector the classes, ids, attributes and custom tags that it needs; [] if it cannot be read."""
    if len(selector) > _LONGEST:
        return []
    bare = _IN_BRACKETS.sub(lambda match: "\x00" + match[1], selector)
    for _ in range(4):  # one in another
        bare = _FUNCTIONAL.sub("", bare)
    if not _SELECTOR.fullmatch(bare.replace("\x00", "")) or "(" in bare:
        return []
    return [
        frozenset(name for names in _NEEDED.findall(alternative) for name in names if name)
        for alternative in bare.split(",")
    ]


def _makes(text: str, name: str) -> bool:
    """Whether a script may give an element this name, as a class, id, attribute or tag."""
    if any(_mentions(text, name)):
        return True
    head, hyphen, tail = name.rpartition("-")
    if name.startswith("data-"):
        first, *others = name[5:].split("-")
        key = first + "".join(map(str.capitalize, others))
        if re.search(rf"\bdataset\.{re.escape(key)}\b", text):
            return True
        rest = rf"(?<![\w-])(?:{re.escape(name[5:])}|{re.escape(key)})(?![\w-])"
        if _ANY_DATA.search(text) and re.search(rest, text):
            return True
    # parts that are put together
    while hyphen and head != "data":
        if re.search(rf"(?<![\w-]){re.escape(head)}-?(?:[\"'`]|\$\{{)|[\"'`}}]-{re.escape(tail)}(?![\w-])", text):
            return True
        head, hyphen, more = head.rpartition("-")
        tail = f"{more}-{tail}"
    return False


def _sets(text: str, holder: str, name: str) -> bool:
    """Whether a text may give an object an entry, by this name or by one that cannot be told."""
    for match in re.finditer(rf"(?<![\w$-]){re.escape(name)}(?![\w$-])", text) if name in text else ():
        if text[match.start() - 1 : match.start()] != "." or _ASSIGNED.match(text, match.end()):
            return True
    own = re.escape(holder)
    # handed on, given another name, or filled by names that are values
    handed = rf"[(,=:]\s{{0,20}}{own}\s{{0,20}}[,;)}}]|(?<![\w$.]){own}\[[^\]\n]{{0,100}}\]\s{{0,5}}=(?!=)"
    return holder in text and re.search(handed, text) is not None


def _given_to(text: str, name: str) -> list[str]:
    """With what each value begins that a text assigns to a global name."""
    own = re.compile(re.escape(name) + r"\s{0,20}=(?!=)\s{0,20}(.?)")
    return [
        match[1]
        for match in (own.finditer(text) if name in text else ())
        if re.search(r"(?:^|[^\w$.]|\bwindow\.)$", text[max(0, match.start() - 8) : match.start()])
    ]


def _mentions(text: str, name: str) -> Iterator[bool]:
    """For each place where a name stands in a script whether it is more than looked for."""
    for match in re.finditer(rf"(?<![\w-]){re.escape(name)}(?![\w-])", text) if name in text else ():
        before = text[max(0, match.start() - 100) : match.start()]
        after = text[match.end() : match.end() + 2]
        looks = _LOOKS.search(before) or (_READS.search(before) and after[1:] == ")")
        yield not looks or _BUILDS.search(before) is not None
