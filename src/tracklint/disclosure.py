"""TL501 and TL502: does the site's own cookie page tell what the site does?

The page is `policy_page` of the configuration, or else found by its name. It is read as visitors see it: text, not
addresses of links. Names are compared without regard to case and punctuation.
"""

from __future__ import annotations

import html
import itertools
import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from tracklint import lazy_re
from tracklint.backstage import is_note_at_the_top
from tracklint.manifest import Approval, Manifest
from tracklint.markup import Document, parse
from tracklint.model import IDLE, Detection, Finding, Related, SourceFile
from tracklint.rules import category_of, finding, finding_about
from tracklint.source import TRANSLATIONS, Tree
from tracklint.template import FILLER

if TYPE_CHECKING:
    from tracklint.data import Value
    from tracklint.policy import Policy
    from tracklint.ruleset import Ruleset, Service

_TRACKING = ("analytics", "marketing")
_MOST_PAGES = 20
_MOST_IMPORTED = 20  # modules whose text a page shows
_LONGEST_PAGE = 2_000_000
_LONG_LABEL = 8  # letters of a host's name that are no accident in a text
_MOST_COOKIES = 5  # that a message names
_MOST_STUB_WORDS = 20
_SENTENCE = 8  # words of a line that is text rather than a setting
_MOST_PROMISED_WORDS = 60  # of "we will never sell your personal information", which is no policy
# What a page says in whose place another one comes.
_STUB = lazy_re.compile(r"\b(?:placeholder|overrid\w+|lorem ipsum|todo|tbd|coming soon|goes here)\b")
# What a page that tells visitors about their data speaks of, in any wording; an article on privacy at work does not.
_TO_VISITORS = lazy_re.compile(
    r" (?:cookies?|visit|visitors?|web ?sites?|browsers?|analytics|trackers?"
    r"|(?:this|our|the) (?:site|service|app|application|portal|platform)s?"
    r"|we (?:(?:may|will|also|only|never|don t|do not) ){0,2}(?:collect|use|process|store|share|keep|log|track|record|hold|take)"
    r"|you (?:provide|give|send|share|use)|your (?:personal )?(?:data|information|privacy|rights?|details|e ?mail|ip)) "
)
_FEW_ARTICLES = 3  # fewer `the` are a text in another language, or hardly a text

# What a page that is code imports, and which modules from elsewhere hold text of such a page.
_IMPORTS = lazy_re.compile(r"\bfrom\s*['\"](?P<module>[^'\"\n]{1,200})['\"]")
_OF_SUCH_A_PAGE = lazy_re.compile(r"cookie|privacy|polic|legal", re.IGNORECASE)

# What a page that tells of services speaks of.
_SUBJECT = lazy_re.compile(r"\b(?:cookies?|track\w*|analytics?|third part\w+|services?|ip address\w*)\b")

_ABOUT = r"policy|policies|notice|statement|declaration|list|table|information|info|page|usage|details"
_COOKIE_PAGE = lazy_re.compile(
    rf"(?:our|the|about|use-of|how-we-use|privacy-and)?-?cookies?(?:-(?:and-similar-technologies|{_ABOUT}))?"
    rf"|(?:privacy|data-protection)-(?:and-)?cookies?(?:-(?:{_ABOUT}))?",
    re.IGNORECASE,
)
_PRIVACY_PAGE = lazy_re.compile(rf"(?:our-|the-)?privacy(?:-(?:{_ABOUT}))?", re.IGNORECASE)
# Files that frame all pages of a site, and what in them leads to an address by a text; macros are given both by name.
_FRAMES = lazy_re.compile(
    r"(?:foot|layout|base|master|frame|wrapper|shell|(?:^|/)app\.)[^/]*(?:/[^/]*)?$", re.IGNORECASE
)
_FRAMED = ("html", "indent", "script")
_LINKS = (
    lazy_re.compile(
        r"<[A-Za-z][\w.-]{0,40}\s[^<>]{0,300}?\b(?:href|to)\s*=\s*\{?\s*[\"'](?P<to>[^\"'<>\n]{1,300})[\"'][^<>]{0,300}>"
        r"(?P<text>[^<>]{1,80})<"
    ),
    lazy_re.compile(
        r"\b(?:href|url|link|to)[\"']?\s*:\s*[\"'](?P<to>[^\"'<>\n]{1,300})[\"']\s*,\s*"
        r"[\"']?(?:text|label|title|name)[\"']?\s*:\s*[\"'](?P<text>[^\"'<>\n]{1,80})[\"']"
    ),
    lazy_re.compile(
        r"\b(?:text|label|title|name)[\"']?\s*:\s*[\"'](?P<text>[^\"'<>\n]{1,80})[\"']\s*,\s*"
        r"[\"']?(?:href|url|link|to)[\"']?\s*:\s*[\"'](?P<to>[^\"'<>\n]{1,300})[\"']"
    ),
)
_ELSEWHERE = lazy_re.compile(r"(?:https?:)?//[\w-]+(?:\.[\w-]+)+/(?:[^?#]*/)?(?P<name>[^/?#.]+)(?:\.\w+)?/?(?:[?#].*)?")
# The file that a folder's address shows.
_INDEX = frozenset({"index", "_index", "page", "+page", "default", "readme", "show"})
# Parts of pages, and what visitors never see.
_PARTS = frozenset("partials partial _partials includes _includes components component macros layouts _layouts".split())
_OF_NO_SITE = frozenset(
    "emails email mail test tests spec __tests__ __mocks__ __stories__ stories fixtures examples node_modules vendor".split()
)
_NOT_PAGES = (
    _PARTS
    | _OF_NO_SITE
    | frozenset(
        """
        api apis guide guides reference blog posts _posts account accounts settings preferences profile dashboard admin
        """.split()
    )
)
_NO_PAGE = frozenset(
    """
    js ts mjs cjs css scss sass less json map py rb php cs java go svg png jpg jpeg gif webp avif ico
    """.split()
)
# Endings of files that try a page or show it to developers: privacy/page.test.tsx
_OF_DEVELOPERS = frozenset({"test", "spec", "stories", "story", "cy", "mock", "snap"})
# Folders of text about the software, unless it is they that are the site.
_MANUALS = frozenset({"doc", "docs", "documentation"})
# The data file whose text a page prints: `site.data.legal.privacy` is _data/legal/privacy.yml or a part of _data/legal.yml.
_PRINTED_DATA = lazy_re.compile(
    r"\{\{[^{}]{0,99}?\b(?:(?P<jekyll>site\.data)|(?:[Ss]ite|hugo)\.Data)\.(?P<name>[\w.-]{1,200})"
)
# The key of a translation, and what all keys of a component lie under.
_TRANSLATED = lazy_re.compile(
    r"(?<![\w.-])(?:I18n\.t|i18n\.t|\$?tc?|translate|trans|__|@lang|intl\.get)[ \t]*\(?[ \t]*[\"'](?P<key>\.?[\w-]+(?:[.:][\w-]+)*)[\"']"
    r"|[\"'](?P<filtered>[\w-]+(?:\.[\w-]+)+)[\"'][ \t]*\|[ \t]*(?:trans|translate|t)\b"
)
_NAMESPACE = lazy_re.compile(r"\b(?:use|get)Translations?\(\s*[\"'](?P<key>[\w.-]+)[\"']")
_RAILS_VIEW = lazy_re.compile(r"(?:^|/)app/views/(?P<name>[\w/-]+)\.")
_ENGLISH = lazy_re.compile(r"(?:^|[/._-])en(?:[._/-]|$)")
_MOST_TRANSLATIONS = 40
_LONGEST_TRANSLATIONS = 2_000_000
_DATA_ENDINGS = (".yml", ".yaml", ".json", ".toml")
_FRONT_MATTER = lazy_re.compile(
    r"\s{0,99}(?P<fence>---|\+\+\+)[ \t]*\r?\n(?:[^\n]{0,2000}\n){0,200}?(?P=fence)[ \t]*(?:\r?\n|$)"
)
_DESCRIPTION = lazy_re.compile(
    r"\s*[\"']?(?:meta[-_ ]?\w*|seo\w*|og\w*|title|description|summary|excerpt|keywords|tags)\b", re.IGNORECASE
)
# What the name of a company ends with and people leave out.
_LEGAL_FORM = lazy_re.compile(
    r"(?: (?:foundation|incorporated|inc|llc|ltd|limited|gmbh|ag|bv|b v|s a|sa|sas|ab|corp|corporation|company|technologies|holdings?))+$"
)
_SEPARATORS = lazy_re.compile(r"[<>\"'`|{}*#\n\r]+")
_TOKEN = lazy_re.compile(r"[A-Za-z0-9_.\-]+")


@dataclass(frozen=True)
class _Text:
    """What a page says: pieces of its text with their offsets."""

    file: SourceFile
    pieces: tuple[tuple[int, str], ...]
    dynamic: bool  # some of it is put in by a template, so it may say more than its file

    @cached_property
    def words(self) -> str:
        return " ".join(["", *(_words(text) for _, text in self.pieces), ""])

    @property
    def is_stub(self) -> bool:
        """Whether it only holds the place of a page that is written elsewhere, or is a promise beside a form."""
        size = self.words.count(" ") - 1
        if size <= _MOST_STUB_WORDS and _STUB.search(self.words) is not None:
            return True
        return size <= _MOST_PROMISED_WORDS and _SUBJECT.search(self.words) is None

    @property
    def is_for_others(self) -> bool:
        """Whether it is an article, in English, that tells visitors nothing about themselves."""
        english = self.words.count(" the ") > _FEW_ARTICLES
        return english and not self.dynamic and _TO_VISITORS.search(self.words) is None

    @cached_property
    def tokens(self) -> frozenset[str]:
        return frozenset(token.rstrip(".-") for _, text in self.pieces for token in _TOKEN.findall(text))

    @property
    def is_blank(self) -> bool:
        """Whether the file has settings at its head and no text: the stub of a page that is written elsewhere."""
        front = _FRONT_MATTER.match(self.file.text)
        if front is None or self.file.text[front.end() :].strip():
            return False
        told = (len(line.split()) for line in front[0].splitlines() if not _DESCRIPTION.match(line))
        return sum(size for size in told if size >= _SENTENCE) < _MOST_STUB_WORDS

    def line_of(self, name: str) -> int:
        """The first line on which a name stands; 1 if none has it whole."""
        wanted = f" {_words(name)} "
        for offset, text in self.pieces:
            if wanted in f" {_words(text)} ":
                lead = len(text) - len(text.lstrip())
                return self.file.position(offset + lead).line
        return 1


def findings(
    tree: Tree,
    detections: Sequence[Detection],
    manifest: Manifest | None,
    ruleset: Ruleset,
    policy: Policy,
    *,
    full: bool,
    module: Callable[[str, str], str | None] = lambda path, name: None,
    is_comment: Callable[[str, int], bool] = lambda path, offset: False,
) -> list[Finding]:
    """TL501 for what is loaded and not told, TL502 for what is told and not loaded; to be handed on as `extra`.

    `module` gives the file that another one imports by a name, `is_comment` tells whether a place in a file is one. None
    without a cookie page. What is loaded elsewhere is not known unless the scan was a `full` one.
    """
    loads: dict[str, list[Detection]] = {}
    for one in detections:
        if (
            one.technique != "dependency"
            and not one.email
            and one.consent.mechanism != "staff"
            and not _is_mere_file(one)
        ):
            loads.setdefault(one.service, []).append(one)
    if policy.policy_page and not tree.exists(policy.policy_page) and full:
        return [_missing(policy.policy_page, tree, policy)]
    places = {one.path for group in loads.values() for one in group}
    paths = _page_paths(tree, policy, places)
    pages = [
        page
        for path in paths
        if (page := _read(tree, path)) is not None
        and (policy.policy_page or not (page.is_blank or page.is_for_others or is_note_at_the_top(tree, page.file)))
    ]
    pages += [
        text for page in pages for path in _printed(tree, page) if (text := _read(tree, path, is_data=True)) is not None
    ]
    if not pages:
        return []
    pages += [text for page in pages for text in _translated(tree, page)]
    shown = [*pages, *_imported(tree, pages, module)]
    services = ruleset.all_services
    told = {slug for slug, rule in services.items() if _is_told(rule.name, slug, rule, (), shown)}
    if not policy.policy_page and not told and any(page.dynamic or page.is_stub for page in pages):
        return []  # what it says is kept somewhere else
    cookies = {entry.subject: tuple(one.name for one in entry.cookies) for entry in _entries(manifest)}
    found: list[Finding] = []
    notices = _notices(tree, pages, is_comment) if not policy.policy_page else frozenset()
    requested = set(tree.requested)
    for slug, whole in sorted(loads.items()):
        # What no page is seen to use or to start need not be told.
        group = [one for one in whole if one.consent.mechanism not in IDLE]
        rule = services.get(slug)
        own = cookies.get(slug, ())
        if not group:
            continue
        if not _is_told(group[0].name, slug, rule, own, shown):
            if all(one.consent.mechanism == "hint" for one in group):
                continue  # a connection, and nothing is seen to come over it
            brings = any(_may_bring(group[0], services[other]) for other in told)
            missing = _not_told(group, rule, pages, brings=brings)
            if missing.related[0].path not in notices:
                found.append(missing)
        elif full or any(page.file.path in requested for page in pages):
            quiet = rule is not None and _asks_for_no_cookie(tree, group, rule)
            half = _half_told(group, rule, own, shown, cookieless=quiet)
            found += (one for one in half if one.path not in notices)
    if full:
        names = [name for slug, group in loads.items() for name in _names(group[0].name, slug)]
        # A company may have a product of its own name.
        names += [_words(group[0].company) for group in loads.values() if group[0].company]
        tag_managers = [group[0] for group in loads.values() if group[0].kind == "tag-manager"]
        managers = [one.name for one in tag_managers]
        absent = [rule for slug, rule in services.items() if slug not in loads]
        present = [services[slug] for slug in loads if slug in services]
        present += [rule for rule in absent if any(_may_bring(one, rule) for one in tag_managers)]
        for page in pages:
            found += _absent(page, absent, present, names, managers)
    return found


def _is_mere_file(detection: Detection) -> bool:
    """A picture or style of a host that no rule knows: TL302 is about those, and nothing says that it is a service."""
    unknown = detection.service.startswith("host:")
    return unknown and (detection.host is None or detection.technique in ("image", "link", "css", "markdown"))


# ------------------------------------------------------------------------------------------------------------ the page


def _page_paths(tree: Tree, policy: Policy, places: Collection[str]) -> list[str]:
    if policy.policy_page:
        return [policy.policy_page]
    for word, pattern in (("cookie", _COOKIE_PAGE), ("privacy", _PRIVACY_PAGE)):
        named = (path for path in tree.paths if word in path.lower())
        found = [path for path in named if _is_page(path, pattern) and not _is_of_a_manual(path, places)]
        if found:
            return found[:_MOST_PAGES]
    return []


def _is_page(path: str, pattern: re.Pattern[str]) -> bool:
    parts = path.lower().split("/")
    if not _NOT_PAGES.isdisjoint(parts[:-1]):
        return False
    stem, _, endings = parts[-1].lstrip("_").partition(".")
    if stem in _INDEX and len(parts) > 1:
        stem = parts[-2]
    ending = endings.rpartition(".")[2]
    if not _OF_DEVELOPERS.isdisjoint(endings.split(".")):
        return False
    # cookies.js asks for consent, cookie.svg is an icon: neither tells of it.
    if ending in _NO_PAGE and not (ending == "php" and "pages" in parts):
        return False
    return pattern.fullmatch(re.sub(r"[\s_]+", "-", stem)) is not None


def _notices(tree: Tree, pages: Sequence[_Text], is_comment: Callable[[str, int], bool]) -> frozenset[str]:
    """The pages that are privacy notices of a site whose cookie page lies elsewhere: what frames its pages links that.

    They need not tell of cookies then. Empty where the repository has a cookie page, or a link by that name stays within it.
    """
    paths = [page.file.path for page in pages if _is_page(page.file.path, _PRIVACY_PAGE)]
    if not paths or any(_is_page(page.file.path, _COOKIE_PAGE) for page in pages):
        return frozenset()
    framed: dict[str, bool] = {}  # the folder that a frame is for, and whether it leads to cookie pages elsewhere alone
    for path in tree.paths:
        if path in paths or _FRAMES.search(path) is None or not _OF_NO_SITE.isdisjoint(path.lower().split("/")):
            continue
        file = tree.text_file(path)
        if not isinstance(file, SourceFile) or file.language not in _FRAMED or "ookie" not in file.text:
            continue
        for match in itertools.chain.from_iterable(pattern.finditer(file.text) for pattern in _LINKS):
            label = re.sub(r"[\W_]+", "-", match["text"]).strip("-")
            if _COOKIE_PAGE.fullmatch(label) is None or is_comment(path, match.start("to")):
                continue
            to = _ELSEWHERE.fullmatch(match["to"])
            leads = to is not None and "privacy" not in to["name"].lower() and _COOKIE_PAGE.fullmatch(to["name"])
            around = _folder_framed(path)
            framed[around] = framed.get(around, True) and bool(leads)
    return frozenset(
        path
        for path in paths
        if (over := [leads for folder, leads in framed.items() if path.startswith(folder)]) and all(over)
    )


def _folder_framed(path: str) -> str:
    """The folder for whose pages a part of pages is: that around `includes`, `components`, `layouts` …"""
    parts = path.split("/")[:-1]
    at = next((at for at, part in enumerate(parts) if part.lower() in _PARTS), len(parts))
    return "".join(f"{part}/" for part in parts[:at])


def _is_of_a_manual(path: str, places: Collection[str]) -> bool:
    """Text of a folder of documentation, where all that is loaded (at `places`) is neither in that folder nor beside it."""
    parts = path.split("/")
    at = next((at for at, part in enumerate(parts[:-1]) if part.lower() in _MANUALS), None)
    if at is None or not path.lower().endswith((".md", ".markdown", ".mdx", ".rst", ".txt")):
        return False
    beside = "".join(f"{part}/" for part in parts[:at])
    within = f"{beside}{parts[at]}/"
    return not any(
        place.startswith(within) or (place.startswith(beside) and "/" not in place[len(beside) :]) for place in places
    )


def _printed(tree: Tree, page: _Text) -> Iterator[str]:
    """The data files whose text a page prints."""
    path = page.file.path
    sites = [path[:at] for at in range(len(path), -1, -1) if at == 0 or path[at - 1] == "/"]
    for match in _PRINTED_DATA.finditer(page.file.text):
        parts = [part for part in match["name"].split(".") if part]
        folder = "_data/" if match["jekyll"] else "data/"
        ways = (folder + "/".join(parts[:count]) + end for count in range(len(parts), 0, -1) for end in _DATA_ENDINGS)
        file = next((site + way for way in ways for site in sites if tree.exists(site + way)), None)
        if file is not None:
            yield file


def _imported(tree: Tree, pages: Sequence[_Text], module: Callable[[str, str], str | None]) -> list[_Text]:
    """The modules with the components and tables out of which pages that are code are made."""
    found: dict[str, _Text] = {}
    pending = list(pages)
    while pending and len(found) < _MOST_IMPORTED:
        user = pending.pop(0).file
        if user.language not in ("script", "html"):
            continue
        for match in _IMPORTS.finditer(user.text):
            path = module(user.path, match["module"])
            near = path is not None and posixpath.dirname(path) == posixpath.dirname(user.path)
            if path is None or path in found or not (near or _OF_SUCH_A_PAGE.search(match["module"])):
                continue
            text = _read(tree, path)
            if text is not None:
                found[path] = text
                pending.append(text)
    return list(found.values())


def _translated(tree: Tree, page: _Text) -> Iterator[_Text]:
    """The texts that a page takes out of files of translations by their keys."""
    place = _RAILS_VIEW.search(page.file.path)
    around = [match["key"] for match in _NAMESPACE.finditer(page.file.text)]
    keys: set[tuple[str, ...]] = set()
    for match in _TRANSLATED.finditer(page.file.text):
        key = match["key"] or match["filtered"]
        spellings = [f"{space}.{key}" for space in around] + [key]
        if key.startswith("."):  # Rails, by the place of the view
            spellings = [place["name"].replace("/_", "/").replace("/", ".") + key] if place is not None else []
        keys.update(tuple(re.split(r"[.:]", one)) for one in spellings if re.search(r"[.:]", one))
    if not keys:
        return
    from tracklint import data

    files = (path for path in tree.paths if path.endswith(_DATA_ENDINGS) and TRANSLATIONS.search(path))
    for path in sorted(files, key=lambda one: (_ENGLISH.search(one) is None, one))[:_MOST_TRANSLATIONS]:
        file = tree.text_file(path)
        if not isinstance(file, SourceFile) or len(file.text) > _LONGEST_TRANSLATIONS:
            continue
        stem = posixpath.basename(path).partition(".")[0]
        values = [root.value for root in data.read(file)]
        values += [member.value for value in values for member in value.members]  # below the language
        found = [one for key in keys for value in values if (one := _below(value, key, stem)) is not None]
        pieces = sorted((one.span.start, html.unescape(one.text)) for one in found if one.text)
        if pieces:
            yield _Text(
                file, tuple(piece for at, text in pieces for piece in ((at, part) for _, part in _split(text))), True
            )


def _below(value: Value, key: Sequence[str], stem: str) -> Value | None:
    """What stands at the keys, of which the first may be the name of the file."""
    found: Value | None = value
    for part in key:
        found = found.get(part) if found is not None else None
    return _below(value, key[1:], "") if found is None and key[0] == stem and key[1:] else found


def _read(tree: Tree, path: str, *, is_data: bool = False) -> _Text | None:
    file = tree.text_file(path)
    if not isinstance(file, SourceFile) or len(file.text) > _LONGEST_PAGE:
        return None
    if file.language == "html":
        document = parse(file)
        masked = document.masked.text
        start, end = _main_part(document)
        spans = (span for span in document.text_regions() if start <= span.start < end)
        pieces = [(span.start, masked[span.start : span.end]) for span in spans]
        dynamic = any(region.kind in ("output", "block", "code") for region in document.masked.regions)
        dynamic = dynamic or file.dialect in ("vue", "svelte", "astro", "riot", "angular")
    elif file.language == "script" and not is_data:
        from tracklint import page_text
        from tracklint.script import Script

        script = Script(file.text, file.dialect or "js", file)
        pieces, dynamic = list(page_text.texts(script)), not page_text.is_written_out(script)
    elif file.language in ("markdown", "indent") or is_data:
        pieces = list(_split(file.text))
        dynamic = "{{" in file.text or "{%" in file.text
    else:
        return None
    clean = ((offset, html.unescape(text.replace(FILLER, " "))) for offset, text in pieces)
    return _Text(file, tuple((offset, text) for offset, text in clean if text.strip()), dynamic)


def _main_part(document: Document) -> tuple[int, int]:
    """Where what a page says begins and ends, without the menus and links that stand on all pages, if it tells."""
    text = document.masked.text
    mains = [one for one in document.elements if one.tag == "main"]
    end = text.rfind("</main")
    return (mains[0].span.end, end) if len(mains) == 1 and end > mains[0].span.end else (0, len(text))


def _split(text: str) -> Iterator[tuple[int, str]]:
    at = 0
    for match in _SEPARATORS.finditer(text):
        yield at, text[at : match.start()]
        at = match.end()
    yield at, text[at:]


def _missing(page: str, tree: Tree, policy: Policy) -> Finding:
    source = policy.source.name if policy.source is not None else page
    path = source if tree.exists(source) else page
    return finding(
        "TL501",
        path,
        f"The configuration says that the cookie page is {page}, but there is no such file",
        "mend policy_page in the configuration, or take it out so that the page is found by its name",
    )


def _entries(manifest: Manifest | None) -> Iterable[Approval]:
    return () if manifest is None else (one for one in manifest.approvals if one.status not in ("removed", "rejected"))


# ---------------------------------------------------------------------------------------------------------- comparison


# Chinese, Japanese and Korean write a foreign name without spaces around it.
_EAST_ASIAN = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"


def _words(text: str) -> str:
    return " ".join(re.findall(rf"[{_EAST_ASIAN}]+|[^\W_{_EAST_ASIAN}]+", text.casefold()))


def _names(name: str, slug: str) -> list[str]:
    """What a page may call a service."""
    bare = re.sub(r"\([^()]*\)", " ", name)
    owner, of, _ = name.partition("'s ")  # Matomo's opt-out form is told of where Matomo is
    found = [name, *([owner] if of else ()), *re.split(r" / | \| ", bare), slug.partition(":")[2] or slug]
    return [one for one in dict.fromkeys(_words(text) for text in found) if len(one) > 2]


def _says(pages: Sequence[_Text], words: str) -> bool:
    return bool(words) and any(f" {words} " in page.words for page in pages)


def _says_spaced(page: _Text, host: str) -> bool:
    """Whether a page says in words what a host's name writes as one: The Great Shop for cdn.thegreatshop.example."""
    labels = [label for label in host.casefold().split(".")[:-1] if len(label) > 3]  # neither `co` nor `com`
    letters = [letter for letter in labels[-1] if letter.isalnum()] if labels else []
    spaced = re.compile(r"(?<= )" + " ?".join(map(re.escape, letters)) + r"(?= )")
    return len(letters) >= _LONG_LABEL and spaced.search(page.words) is not None


def _has_cookie(pages: Sequence[_Text], cookie: str) -> bool:
    prefix = cookie.rstrip("*")
    if len(prefix) < 3:
        return False
    if prefix == cookie:
        return any(cookie in page.tokens for page in pages)
    return any(token.startswith(prefix) or token == prefix.rstrip("._-") for page in pages for token in page.tokens)


def _is_distinct(cookie: str) -> bool:
    """A cookie's name that is no word of any text."""
    return len(cookie.rstrip("*")) >= 3 and (cookie.startswith("_") or not cookie.rstrip("*").isalpha())


def _is_told(name: str, slug: str, rule: Service | None, cookies: Sequence[str], pages: Sequence[_Text]) -> bool:
    if any(_says(pages, one) for one in _names(name, slug)):
        return True
    if slug.startswith("host:") and any(_says_spaced(page, name) for page in pages):
        return True
    hosts = rule.match.hosts if rule is not None else ()
    if any(_says(pages, _words(host)) for host in hosts if "." in host):
        return True
    known = (*cookies, *(one.name for one in rule.cookies)) if rule is not None else cookies
    return any(_is_distinct(one) and _has_cookie(pages, one) for one in known)


def _may_bring(loaded: Detection, rule: Service) -> bool:
    """Whether what is loaded is a tag manager, which sets no cookie itself, and this a tracker of the same company."""
    return loaded.kind == "tag-manager" and loaded.company == rule.company and rule.category in _TRACKING


def _not_told(group: Sequence[Detection], rule: Service | None, pages: Sequence[_Text], *, brings: bool) -> Finding:
    """That no page names a service; it matters less where one names what this only `brings`."""
    first = min(group, key=lambda one: (one.consent.state != "ungated", one.path, one.line))
    written = [one for one in pages if not one.is_stub] or pages
    page = max((one.file.path for one in written), key=lambda path: _shared_folders(path, first.path))
    # What sets nothing and follows nobody belongs on the page as well, but matters less.
    matters = category_of(first) in _TRACKING or (rule is not None and bool(rule.cookies))
    return finding_about(
        first,
        "TL501",
        f"{first.name} is loaded here, but the site's cookie page {page} does not mention it",
        f"add it to {page}; `tracklint --format cookie-policy` writes the table",
        related=(Related(page, 1, "the cookie page"),),
        severity="warning" if matters and not brings and first.category != "essential" else "note",
    )


def _shared_folders(path: str, other: str) -> int:
    """How many folders two files have in common: a repository of many applications may hold a page of each."""
    shared = posixpath.commonpath([posixpath.dirname(path), posixpath.dirname(other)])
    return shared.count("/") + 1 if shared else 0


_LINES_AROUND = (2, 12)  # before an address and after it, within which its parameters are set


def _asks_for_no_cookie(tree: Tree, group: Sequence[Detection], rule: Service) -> bool:
    """Whether each place that loads a service asks it to set no cookie: `player.vimeo.com/video/1?dnt=1`."""
    patterns = [re.compile(pattern) for pattern in rule.match.cookieless]
    loads = [one for one in group if one.technique not in ("image", "link")] if patterns else []
    for one in loads:
        file = tree.text_file(one.path)
        lines = file.text.split("\n") if isinstance(file, SourceFile) else []
        before, after = _LINES_AROUND
        around = "\n".join(lines[max(0, one.line - 1 - before) : one.line + after])
        if not any(pattern.search(text) for pattern in patterns for text in (one.url or "", around[:20_000])):
            return False
    return bool(loads)


def _half_told(
    group: Sequence[Detection],
    rule: Service | None,
    cookies: Sequence[str],
    pages: Sequence[_Text],
    *,
    cookieless: bool = False,
) -> Iterator[Finding]:
    """A note on a service that is named without its company, or without its cookies."""
    first = group[0]
    lacks = []
    company = _words(re.sub(r"\([^()]*\)", " ", first.company or ""))
    hosts = rule.match.hosts if rule is not None else ()
    # What a site can run on a server of its own need not reach the company that makes it.
    reached = any(host in (one.url or "") for one in group if not one.first_party for host in hosts)
    brand = _LEGAL_FORM.sub("", company)
    if company and reached and not _says(pages, brand if len(brand) > 4 else company):
        lacks.append(f"that {first.company} receives the data")
    known = tuple(one.name for one in rule.cookies) if rule is not None and not cookieless else ()
    missing = [one for one in cookies if not _has_cookie(pages, one)]
    # The rules list all that a service can set; a page that names some of it has been thought about.
    if not cookies and known and not any(_has_cookie(pages, one) for one in known):
        missing = list(known)
    if missing:
        shown = ", ".join(missing[:_MOST_COOKIES]) + (" …" if len(missing) > _MOST_COOKIES else "")
        lacks.append(f"its {'cookie' if len(missing) == 1 else 'cookies'} {shown}")
    if not lacks:
        return
    page = next((one for one in pages for name in _names(first.name, first.service) if _says([one], name)), pages[0])
    line = next((at for name in _names(first.name, first.service) if (at := page.line_of(name)) > 1), 1)
    yield finding(
        "TL501",
        page.file.path,
        f"The cookie page mentions {first.name}, but not {' nor '.join(lacks)}",
        "complete the page; `tracklint --format cookie-policy` writes the table",
        line=line,
        service=first.service,
        excerpt=page.file.line_text(line),
        severity="note",
    )


def _absent(
    page: _Text,
    absent: Sequence[Service],
    present: Sequence[Service],
    loaded: Sequence[str],
    managers: Sequence[str],
) -> Iterator[Finding]:
    """Services that a page names although the site does not load them."""
    text = page.words
    for name in sorted(loaded, key=len, reverse=True):
        text = text.replace(f" {name} ", "  ")
    cells = {_words(piece) for _, piece in page.pieces}
    exact = {piece.strip() for _, piece in page.pieces}
    known = {_stem(one.name) for rule in present for one in rule.cookies}
    named: list[Service] = []
    for rule in sorted(absent, key=lambda one: (-len(one.name), one.slug)):
        name = _bare(rule.name)
        words = _words(name)
        # A name of one word may be a word of the language: only a cell, heading or item of its own counts.
        if f" {words} " in text if " " in words else words in cells and name in exact and words not in loaded:
            named.append(rule)
            text = text.replace(f" {words} ", "  ")
    # Several services may set a cookie of one name: it is told of the one that the page names, or that sets more.
    for rule in sorted(absent, key=lambda one: (one not in named, -len(one.cookies), one.slug)):
        cookie = next(
            (
                one.name
                for one in rule.cookies
                if _stem(one.name) not in known and _is_distinct(one.name) and _exactly(page, one.name)
            ),
            None,
        )
        if rule.slug.startswith("cmp:"):
            cookie = None  # a site that asks its visitors itself keeps their choice under names such as these
        is_named = rule in named
        if not is_named and cookie is None:
            continue
        if cookie is not None:
            known |= {_stem(one.name) for one in rule.cookies}
        what = rule.name if is_named else f"{cookie}, a cookie of {rule.name}"
        line = page.line_of(_bare(rule.name) if is_named else cookie or "")
        perhaps = f", perhaps inside {' or '.join(managers)}" if managers else ""
        yield finding(
            "TL502",
            page.file.path,
            f"The cookie page names {what}, which the site's code does not load",
            f"take it off the page, or find out where it is loaded from{perhaps}",
            line=line,
            service=rule.slug,
            excerpt=page.file.line_text(line),
        )


def _bare(name: str) -> str:
    return re.sub(r"\([^()]*\)", " ", name).strip()


def _stem(cookie: str) -> str:
    return cookie.rstrip("*").rstrip("._-")


def _exactly(page: _Text, cookie: str) -> bool:
    """The cookie itself, not another of the same beginning."""
    stem = _stem(cookie)
    telling = len(stem) > 3 or not stem.isalpha()  # `AMP` stands for more than the cookies `AMP_*`
    return (telling and len(stem) > 2 and stem in page.tokens) or cookie.rstrip("*") in page.tokens
