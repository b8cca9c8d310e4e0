"""Loads in markup: elements that a browser fetches, scripts in them, styles, template helpers and shortcodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

import ahocorasick_rs

from tracklint import lazy_re
from tracklint.consent.words import category
from tracklint.detect import code as code_loads
from tracklint.detect import script as script_loads
from tracklint.detect import style as style_loads
from tracklint.detect.load import (
    EMBEDDED,
    HINTS,
    ElementPlace,
    FixedPlace,
    Load,
    Place,
    TextPlace,
    component_services,
    find_ids,
    host_of,
    is_placeholder,
    loads_itself,
    name_url,
    service_by_name,
    speaks_of_tracking,
)
from tracklint.detect.names import spelled_out
from tracklint.markup import COMPONENT_DIALECTS, Document, Element, parse_fragment
from tracklint.model import Attribute, Consent, SourceFile, Span, Technique
from tracklint.ruleset import Ruleset, Service, lightboxes
from tracklint.script import UNKNOWN, Output, Script, decode_base64
from tracklint.template import FILLER, Masked, Region, script_text

# What a browser runs. Any other type is a data block, which nothing runs unless a consent manager rewrites it.
_RUNS = lazy_re.compile(
    r"^(?:|(?:text|application)/(?:x-)?(?:java|ecma|j|live)script(?:\d\.\d)?|module|text/(?:babel|jsx|partytown|typescript))"
    r"(?:\s*;.*)?$",
    re.IGNORECASE,
)
_ROCKET_LOADER = lazy_re.compile(
    r"^[0-9a-f]{16,}-(?:text|application)/javascript$|^[0-9a-f]{16,}-module$", re.IGNORECASE
)
_DATA_BLOCKS = lazy_re.compile(r"json|template|handlebars|mustache|html|x-shader|glsl|markdown|xml|csv", re.IGNORECASE)

_FETCHED_RELATIONS = frozenset({"stylesheet", "icon", "apple-touch-icon", "apple-touch-icon-precomposed", "mask-icon", "manifest", "fluid-icon"})  # fmt: skip
_SOURCES: dict[str, tuple[tuple[str, Technique], ...]] = {
    "iframe": (("src", "iframe"),),
    "frame": (("src", "iframe"),),
    "img": (("src", "image"), ("srcset", "image"), ("v-lazy", "image")),
    "image": (("href", "image"), ("xlink:href", "image")),
    "use": (("href", "image"), ("xlink:href", "image")),
    "source": (("src", "embed"), ("srcset", "image")),
    "video": (("src", "embed"), ("poster", "image")),
    "audio": (("src", "embed"),),
    "track": (("src", "embed"),),
    "embed": (("src", "embed"),),
    "object": (("data", "embed"),),
    "input": (("src", "image"),),
    "body": (("background", "image"),),
    "table": (("background", "image"),),
    "td": (("background", "image"),),
    "amp-img": (("src", "image"), ("srcset", "image")),
    "amp-iframe": (("src", "iframe"),),
    "amp-video": (("src", "embed"),),
    "amp-pixel": (("src", "image"),),
    "l-tile-layer": (("url", "api-call"),),
    "l-wms-tile-layer": (("url", "api-call"), ("base-url", "api-call")),
    "l-image-overlay": (("url", "image"),),
    "nuxt-img": (("src", "image"),),
    "mj-image": (("src", "image"),),
    "mj-section": (("background-url", "image"),),
    "mj-font": (("href", "css"),),
    "portal": (("src", "iframe"),),
    "model-viewer": (("src", "embed"),),
}
# Attributes in which a lazy loader or a consent manager keeps the real address.
_DEFERRED = ("data-src", "data-lazy-src", "data-original", "data-cookieblock-src", "data-cmp-src", "data-suppressedsrc",
             "data-cookie-consent-src", "data-consent-src", "data-url", "data-lazy", "data-srcset", "data-iframe-src",
             "data-embed", "data-embed-url", "data-usercentrics-src", "data-cookieconsent-src", "data-fallback-src",
             "data-iub-src", "data-cmplz-src", "suppressedsrc", "data-placeholder-src", "data-borlabs-src")  # fmt: skip
_HTML_IN_STRING = lazy_re.compile(
    r"<\s*(?:script|iframe|img|link|embed|object|video|audio|source|style)\b", re.IGNORECASE
)
_ROUTES = lazy_re.compile(
    r"\b(?:url_?for|static|asset|route|path|rel_?url|relative_url|abs_?url|absolute_url|Content|Url|pathto|baseurl|base_url|"
    r"image|img|avatar|logo|photo|thumbnail|webfile|hst|permalink|siteurl|root)\b",
    re.IGNORECASE,
)
# A page of the application itself, as Rails names it: `<%= booking_url(@booking) %>`.
_OWN_PAGE = lazy_re.compile(
    r"(?:<%={1,2}|={1,2})?\s*(?!\w{0,60}(?:embed|video|player|stream|frame|external|remote|third))[a-z]\w{0,80}_(?:url|path)\("
)
_FILM = lazy_re.compile(r"(?<![a-z])(?:u?stream|video|film|player)", re.IGNORECASE)
_ADDRESS_NAME = lazy_re.compile(
    r"url|src|source|link|href|embed|video|iframe|host|site|script|uri|address", re.IGNORECASE
)
_MARKDOWN_IMAGE = lazy_re.compile(r"!\[[^\]\n]{0,500}\]\(\s*<?(?P<url>(?:https?:)?//[^\s)>]+)")
_EMBEDDING_NAME = lazy_re.compile(r"video|embed|player|tube|tweet|map|frame|media", re.IGNORECASE)
_PRINTING = frozenset({"go", "jinja", "liquid", "handlebars", "freemarker"})
_STRING_IN_CODE = lazy_re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\])*'|`[^`]*`", re.DOTALL)
_JOINED = lazy_re.compile(r"(?P<quote>['\"])\s*[+~]\s*[\w.()\[\]]{1,200}\s*[+~]\s*(?P=quote)")  # 'a' + name + 'b'
_SHORTCODE_WORD = lazy_re.compile(r"^[<%/!#\s-]*(?P<name>[\w./:-]+)(?P<rest>.*)$", re.DOTALL)
_WORDPRESS_SHORTCODE = lazy_re.compile(r"(?<!\[)\[(?P<name>[a-z][\w-]{2,30})(?=[\s\]])(?P<rest>[^\]\n]{0,500})\](?!\()")


# `.. youtube:: id` of reStructuredText, `video::id[youtube]` of AsciiDoc.
_DIRECTIVE = lazy_re.compile(
    r"^[ \t]{0,20}(?:\.\. (?P<directive>[a-z][\w-]{2,30})::[ \t]|video::(?P<target>[^\s\[]{1,200})\[(?P<player>[a-z]+))[^\n]*",
    re.MULTILINE,
)
# Addresses that WordPress replaces by the player: an embed block as it is stored, and the shortcode.
_OEMBED = lazy_re.compile(
    r"wp-block-embed__wrapper[\"']>\s{0,99}(?P<block>https?://[^\s<>\"']{4,500})|\[embed[^\]\n]{0,99}\]\s{0,9}(?P<code>https?://[^\s\[<>]{4,500})\s{0,9}\[/embed\]"
)

Known = Callable[[str], Sequence[str]]  # the values of a setting by its dotted name
Opened = Callable[[], frozenset[str]]  # asked only where there is a link to a video


def loads(
    document: Document,
    ruleset: Ruleset,
    inline: InlineScript | None = None,
    known: Known | None = None,
    embeds_links: frozenset[str] = frozenset(),
    opened: Opened | None = None,
) -> Iterator[Load]:
    """Every load of a document.

    `inline` gives the parsed script of an element, where one is kept; `known` settings; `embeds_links` are the
    services whose links the site turns into embeds where they stand alone on their line, "" for any; `opened` gives the
    classes and ids below which scripts open links in a lightbox.
    """
    told: dict[str | None, list[Span]] = {}
    for element in document.elements:
        if element.conditional_comment:
            continue
        for load in _element(document, element, ruleset, inline or inline_script, known, opened):
            told.setdefault(load.url, []).append(load.span)
            yield load
    yield from _known_elements(document, ruleset)
    for region in document.masked.regions:
        if region.kind in ("output", "block", "code"):
            for load in _region(document, region, ruleset, known):
                if load.url is None or not any(span.contains(load.span) for span in told.get(load.url, ())):
                    yield load
    if document.file.language == "markdown":
        yield from _markdown(document, ruleset)
        if embeds_links:
            yield from _lone_links(document, ruleset, embeds_links)
    if "embed" in document.file.text:
        yield from _oembeds(document, ruleset)


def _oembeds(document: Document, ruleset: Ruleset) -> Iterator[Load]:
    for match in _OEMBED.finditer(document.masked.text):
        url = match["block"] or match["code"]
        service, host = name_url(ruleset, url)
        if service is not None and service.kind in EMBEDDED:
            span = Span(match.start(match.lastgroup or 0), match.end(match.lastgroup or 0))
            yield Load(
                service, "embed", span, TextPlace(document, span.start), host, _shown(url), find_ids(service, url)
            )


_FOREIGN = lazy_re.compile(r"=\s*[\"']?\s*(?:(?:https?:)?[/\\]{2}|https?:)")
_HANDLER = lazy_re.compile(r"[\s\"']on[a-z]{3,}\s*=")
_INLINE = lazy_re.compile(r"<script\b[^>]*>\s*[^<\s]")
_FETCHING_WORDS = (" ping=", "javascript:", "srcdoc", "url(", "@import", "data:text", "srcset", "&#")
_TEMPLATE = lazy_re.compile(r"\{\{|\{%|<%|<\?(?!xml)|\{#|\{<|@\{|\$\{")


@lru_cache(maxsize=4)
def _signs(ruleset: Ruleset) -> ahocorasick_rs.AhoCorasick:
    """What stands in every page that loads a known service without an address of its own."""
    found: set[str] = set()
    selectors = [selector for _, selector, _ in ruleset.elements] + [selector for _, selector in ruleset.attributes]
    for selector in selectors:
        marks = re.findall(
            r"(?:^|[\s,>])([a-z]\w*-[\w-]+)|\[\s*(data-[\w-]+)|#([\w-]{4,})|=\s*['\"]?([^'\"\]]{6,})", selector
        )
        found.update(mark.lower() for groups in marks for mark in groups if mark)
    for service in ruleset.services.values():
        found.update(
            max(url.split("*"), key=len).strip("/").lower() for url in service.match.urls if url.startswith("*")
        )
        found.update(f"{part.partition('=')[0]}=" for query in service.match.queries for part in query.split("&"))
    found.update(glob.partition("*")[0].lower() for glob, _ in ruleset.relays)
    found.update(f"<{name}".lower() for name in ruleset.components)
    found.update(lightboxes().marks)
    return ahocorasick_rs.AhoCorasick([word for word in found if len(word) > 3])


def can_load(file: SourceFile, ruleset: Ruleset) -> bool:
    """Whether a page is worth parsing. False only for plain HTML in which nothing could make a browser fetch.

    Most pages of a documentation site have no script of their own and no foreign address in a tag that loads.
    """
    if file.language != "html" or file.dialect not in ("", "plain"):
        return True
    text = file.text.lower()
    return (
        any(word in text for word in _FETCHING_WORDS)
        or _TEMPLATE.search(text) is not None
        or _INLINE.search(text) is not None
        or _HANDLER.search(text) is not None
        or any(not _in_link(text, match.start()) for match in _FOREIGN.finditer(text))
        or _PUT_IN.search(file.text) is not None
        or "__wrapper" in text
        or "[/embed]" in text
        or bool(_signs(ruleset).find_matches_as_indexes(text, overlapping=False))
    )


def _in_link(text: str, offset: int) -> bool:
    """Whether an attribute stands in an `<a>`, whose address is only followed on a click, or in plain text."""
    start = text.rfind("<", 0, offset)
    return text.startswith(("<a ", "<a\n", "<a\t"), start) or text.find(">", start, offset) >= 0


def runs(element: Element) -> bool | None:
    """Whether a browser runs a <script>: False for data blocks and inert types, None when a template decides."""
    attribute = element.attributes.get("type")
    if attribute is None:
        language = element.value("language") or ""
        return not language or "script" in language.lower()
    if attribute.dynamic and not _RUNS.match(attribute.value.strip(FILLER + " ")):
        return None
    if attribute.dynamic and attribute.value.strip().strip(FILLER) == "":
        return None
    value = attribute.value.strip()
    return bool(_RUNS.match(value) or _ROCKET_LOADER.match(value))


def inline_script(document: Document, element: Element, known: Known | None = None) -> Script | None:
    """The script between the tags, with the settings that its template prints; None for data blocks and empty ones."""
    if element.tag != "script" or element.content is None or element.content.start == element.content.end:
        return None
    kind = (element.value("type") or "").lower()
    if runs(element) is False and _DATA_BLOCKS.search(kind):
        return None
    if not script_text(document.masked, element.content).strip():
        return None
    dialect = "ts" if (element.value("lang") or "").lower() in ("ts", "typescript", "tsx") else "js"
    return script_in(document.file, document.masked, element.content, dialect, known)


def script_in(file: SourceFile, masked: Masked, span: Span, dialect: str = "js", known: Known | None = None) -> Script:
    """The script that stands in a part of a template, or is one, with the settings that it prints."""
    outputs = [
        Output(region.span.start - span.start, region.span.end - span.start, region.text)
        for region in masked.overlapping(span)
        if region.kind == "output"
    ]

    def printed(expression: str) -> str | None:
        return _url_in(expression) or next(iter(_held_elsewhere(file.text, expression, known)), None)

    return Script(script_text(masked, span), dialect, file, span.start, outputs, printed)


InlineScript = Callable[[Document, Element], "Script | None"]


def _element(
    document: Document,
    element: Element,
    ruleset: Ruleset,
    inline: InlineScript,
    known: Known | None,
    opened: Opened | None,
) -> Iterator[Load]:
    tag = element.tag
    place = ElementPlace(document, element)
    if tag == "script":
        yield from _script_element(document, element, ruleset, inline, known)
    elif tag == "style" and element.content is not None:
        text = document.masked.text[element.content.start : element.content.end]
        dialect = (element.value("lang") or element.value("type") or "css").rpartition("/")[2]
        compiled = dialect == "css" and document.file.dialect in COMPONENT_DIALECTS
        yield from style_loads.loads(text, element.content.start, place, ruleset, "" if compiled else dialect)
    elif tag == "link":
        yield from _link(document, element, ruleset, known)
    else:
        for name, technique in _SOURCES.get(tag, ()):
            attribute = element.attributes.get(name)
            if attribute is None:
                continue
            if tag == "input" and (element.value("type") or "").lower() != "image":
                continue
            for url in _urls(attribute, name):
                yield from _address(document, element, attribute, url, technique, ruleset, known)
        srcdoc = element.attributes.get("srcdoc")
        if srcdoc is not None and _HTML_IN_STRING.search(srcdoc.value):
            yield from fragment_loads(srcdoc.value, srcdoc.value_span, place, ruleset)
        if tag not in ("a",) and (element.value("src") or element.value("data") or "about:blank") == "about:blank":
            yield from _deferred(document, element, ruleset, known)
            yield from _kept(document, element, ruleset)
    original = document.file.text[element.span.start + 1 : element.span.start + 1 + len(tag)]
    if original[:1].isupper() and not original.isupper():
        for name in ("src", "url", "videourl", "embedurl"):
            held = element.attributes.get(name)
            if name == "url" and not _EMBEDDING_NAME.search(original):
                continue
            service = name_url(ruleset, held.value)[0] if held is not None and host_of(held.value) else None
            if held is not None and service is not None and service.kind in EMBEDDED:
                yield from _address(document, element, held, held.value, "embed", ruleset, known)
    if tag in ("a", "area"):
        yield from _in_lightbox(document, element, ruleset, opened)
    if tag in ("a", "area") and "ping" in element.attributes:
        ping = element.attributes["ping"]
        for url in ping.value.split():
            yield from _address(document, element, ping, url, "api-call", ruleset, known)
    utilities = element.attributes.get("class")
    if utilities is not None and "[url(" in utilities.value:  # of Tailwind
        yield from style_loads.loads(utilities.value, utilities.value_span.start, place, ruleset)
    style = element.attributes.get("style")
    if style is not None and "url" in style.value:
        yield from style_loads.loads(style.value, style.value_span.start, place, ruleset)
    for name, attribute in element.attributes.items():
        if name.startswith("on") and len(attribute.value) > 8 and not attribute.dynamic:
            handler = Script(attribute.value, "js", document.file, attribute.value_span.start)
            handler.origin = ElementPlace(document, element)
            yield from script_loads.loads(handler, ruleset, document)
        elif name in ("href", "src") and attribute.value[:11].lower().lstrip() == "javascript:":
            code = attribute.value[attribute.value.index(":") + 1 :]
            handler = Script(code, "js", document.file, attribute.value_span.start + 11)
            handler.origin = ElementPlace(document, element)
            yield from script_loads.loads(handler, ruleset, document)


def _script_element(
    document: Document, element: Element, ruleset: Ruleset, inline: InlineScript, known: Known | None
) -> Iterator[Load]:
    kind = (element.value("type") or "").lower()
    source = element.attributes.get("src") or element.attributes.get("href") or element.attributes.get("xlink:href")
    inert = runs(element) is False
    for name in _put_off(ruleset):
        deferred = element.attributes.get(name)
        if deferred is not None and source is None and host_of(deferred.value):
            yield from _address(document, element, deferred, deferred.value, "script-src", ruleset, known)
            break
    if kind == "importmap":
        yield from _import_map(document, element, ruleset)
        return
    if inert and _DATA_BLOCKS.search(kind):
        if "json" in kind and element.content is not None:
            yield from _json_payload(document, element, ruleset)
        else:
            yield from _payload(document, element, ruleset)
        return
    if source is not None:
        yield from _address(document, element, source, source.value, "script-src", ruleset, known)
    script = inline(document, element)
    if script is not None:
        yield from script_loads.loads(script, ruleset, document)
        if inert:
            yield from _payload(document, element, ruleset)


def _payload(document: Document, element: Element, ruleset: Ruleset) -> Iterator[Load]:
    """Base64 of whole tags between the tags of a script that nothing runs yet."""
    if element.content is None:
        return
    payload = decode_base64(document.file.text[element.content.start : element.content.end])
    if payload and _HTML_IN_STRING.search(payload):
        yield from fragment_loads(payload, element.content, ElementPlace(document, element), ruleset)


def _import_map(document: Document, element: Element, ruleset: Ruleset) -> Iterator[Load]:
    """The addresses that bare module names stand for."""
    if element.content is None:
        return
    text = document.file.text[element.content.start : element.content.end]
    for match in re.finditer(r'"((?:https?:)?//[^"\s]+)"', text):
        span = Span(element.content.start + match.start(1), element.content.start + match.end(1))
        yield from named(match[1], "import", span, ElementPlace(document, element), ruleset)


def _json_payload(document: Document, element: Element, ruleset: Ruleset) -> Iterator[Load]:
    """Base64 of whole tags in a JSON block, as some consent plugins keep them."""
    assert element.content is not None
    text = document.file.text[element.content.start : element.content.end]
    for match in re.finditer(r'"([A-Za-z0-9+/]{40,}={0,2})"', text):
        payload = decode_base64(match[1])
        if payload and _HTML_IN_STRING.search(payload):
            span = Span(element.content.start + match.start(1), element.content.start + match.end(1))
            yield from fragment_loads(payload, span, ElementPlace(document, element), ruleset)


# Base64 of `<script` and `<iframe`, wherever in a group of three letters they begin.
ENCODED_TAG = lazy_re.compile(r"PHNjcmlwd|xzY3JpcH|8c2NyaXB0|PGlmcmFtZ|xpZnJhbW|8aWZyYW1l")
_OPTED_IN = lazy_re.compile(r"opt_?-?in|accept|agree|grant", re.IGNORECASE)


def encoded_loads(text: str, key: str, file: SourceFile, span: Span, ruleset: Ruleset) -> Iterator[Load]:
    """Loads of tags in base64, as consent plugins keep under a key in their settings what they run after a choice."""
    html = decode_base64(text) if ENCODED_TAG.search(text) else None
    if html is None:
        return
    consent = Consent("unknown", "config", why="these are settings; what prints the tags is not in the file")
    if _OPTED_IN.search(key):
        at = (file.path, file.position(span.start).line)
        consent = Consent("gated", "config", category(key), at, f"`{key}` holds what runs after consent, by its name")
    for load in loads(parse_fragment(html), ruleset):
        yield replace(load, span=span, place=FixedPlace(consent))


def _link(document: Document, element: Element, ruleset: Ruleset, known: Known | None) -> Iterator[Load]:
    relations = set((element.value("rel") or "").lower().split())
    attribute = element.attributes.get("href") or element.attributes.get("data-href")
    pictures = element.attributes.get("imagesrcset")
    if pictures is not None and "preload" in relations:
        for url in _urls(pictures, "srcset"):
            for load in _address(document, element, pictures, url, "link", ruleset, known):
                yield replace(load, hint=True)
    if attribute is None:
        return
    kind = (element.value("as") or "").lower()
    if relations & HINTS and not relations & {"stylesheet"}:
        if relations & {"preload", "prefetch"} and kind in ("style",) and "onload" in element.attributes:
            yield from _address(document, element, attribute, attribute.value, "css", ruleset, known)
        else:
            for load in _address(document, element, attribute, attribute.value, "link", ruleset, known):
                yield replace(load, hint=True)
    elif "stylesheet" in relations:
        yield from _address(document, element, attribute, attribute.value, "css", ruleset, known)
    elif relations & _FETCHED_RELATIONS:
        yield from _address(document, element, attribute, attribute.value, "link", ruleset, known)


def _urls(attribute: Attribute, name: str) -> list[str]:
    if name != "srcset":
        return [attribute.value]
    return [part.split()[0] for part in re.split(r",\s+|,(?=https?:)", attribute.value) if part.split()]


def deferred_address(element: Element) -> str | None:
    """The attribute that keeps an address away from the browser, where there is one."""
    return next((name for name in _DEFERRED if name in element.attributes), None)


@lru_cache(maxsize=8)
def _put_off(ruleset: Ruleset) -> tuple[str, ...]:
    """Attributes in which an address waits: the usual ones, and those of the consent managers."""
    managers = (
        name for manager in ruleset.managers.values() for rule in manager.markup for name in rule.source_attributes
    )
    return tuple(dict.fromkeys([*_DEFERRED, *(name for name in managers if "src" in name)]))


def _deferred(document: Document, element: Element, ruleset: Ruleset, known: Known | None) -> Iterator[Load]:
    for name in _put_off(ruleset):
        attribute = element.attributes.get(name)
        if attribute is None:
            continue
        technique: Technique = (
            "iframe" if element.tag == "iframe" else "image" if element.tag in ("img", "source") else "embed"
        )
        host = host_of(attribute.value)
        if host is None:
            continue
        if technique == "embed":
            service, _ = name_url(ruleset, attribute.value)
            if service is None or service.kind not in EMBEDDED:
                continue
        yield from _address(document, element, attribute, attribute.value, technique, ruleset, known)
        return


def _in_lightbox(document: Document, element: Element, ruleset: Ruleset, opened: Opened | None) -> Iterator[Load]:
    """A player that a script opens within the page for a link to a video."""
    attribute = element.attributes.get("href")
    service, host = name_url(ruleset, attribute.value) if attribute is not None else (None, None)
    if attribute is None or service is None or service.kind != "video" or host is None:
        return
    named = (name for name in element.attributes if name.startswith(("data-", "uk-")))
    marks = " ".join([*named, element.value("class") or "", element.value("rel") or ""]).lower()
    player = "/embed/" in attribute.value or host.startswith("player.")
    if (
        any(word in marks for word in (*lightboxes().marks, f"popup-{service.slug}"))
        or (player and _EMBEDDING_NAME.search(marks))
        or (opened is not None and _stands_below(element, opened()))
    ):
        yield Load(service, "embed", element.span, ElementPlace(document, element), host, _shown(attribute.value),
                   find_ids(service, attribute.value), click=True)  # fmt: skip


def _stands_below(element: Element, names: Collection[str]) -> bool:
    """Whether an element, or one around it, has one of these for a class or its id."""
    around: Element | None = element if names else None
    while around is not None:
        if not {*(around.value("class") or "").split(), around.value("id") or ""}.isdisjoint(names):
            return True
        around = around.parent
    return False


def _kept(document: Document, element: Element, ruleset: Ruleset) -> Iterator[Load]:
    """A frame's address in an attribute that only the site's own script knows."""
    for name, attribute in element.attributes.items():
        if not name.startswith("data-") or "//" not in attribute.value or name in _put_off(ruleset):
            continue
        service, host = name_url(ruleset, attribute.value)
        if service is not None and service.kind in EMBEDDED and "embed" in attribute.value:
            place = ElementPlace(document, element, kept_in=name)
            yield Load(service, "iframe", element.span, place, host, _shown(attribute.value),
                       find_ids(service, attribute.value))  # fmt: skip


# A variable of the environment that a bundler puts into the page from which it starts: `%VITE_NAME%`
_PUT_IN = lazy_re.compile(r"%(?P<name>[A-Z][A-Z0-9]{1,30}_[A-Z0-9_]{2,60})%")


def _address(
    document: Document,
    element: Element,
    attribute: Attribute,
    url: str,
    technique: Technique,
    ruleset: Ruleset,
    known: Known | None,
) -> Iterator[Load]:
    """The load of one attribute's URL; nothing for the site's own files that no rule knows."""
    url = re.sub(r"[\t\n\r]", "", url.strip()).replace("\\", "/")
    if known is not None and (put_in := _PUT_IN.match(url)) is not None:
        url = next((value for value in known(put_in["name"]) if host_of(value) is not None), "") + url[put_in.end() :]
    place = ElementPlace(document, element)
    span = element.span
    snippet = document.file.text[element.span.start : element.span.end]
    addresses = [url]
    if attribute.name == "v-lazy" and host_of(url) is None:  # an expression too
        addresses = [literal] if (literal := _url_in(url)) is not None else _of_component(document, url)
    elif not attribute.dynamic and host_of(url) is None and loads_itself(url):
        addresses = [_based(document, url, ruleset)]
    if attribute.dynamic and FILLER not in url:  # a bound expression
        literal = _url_in(url)
        addresses = [literal] if literal is not None else _held_elsewhere(document.file.text, url, known)
        if not addresses and document.file.dialect == "vue":
            addresses = _of_component(document, url)
        if not addresses:
            yield from _dynamic(document, element, attribute, url, url, technique, ruleset)
            return
    elif attribute.dynamic and host_of(url) is None:
        written = _expression(document, attribute)
        literal = _url_in(written)
        named = _by_attributes(document, element, ruleset) or service_by_name(ruleset, written)
        held = _held_elsewhere(document.file.text, written, known, document.masked, span.start) if not named else []
        whole = url.strip(FILLER) == ""
        file = _PICTURE if technique == "image" else _FILE
        held = [one for one in held if name_url(ruleset, one)[0] is not None or (whole and file.search(one))]
        rest = url.lstrip(FILLER) if url.startswith(FILLER) else ""
        held = [one + rest for one in held if _fits(one, technique)]
        if literal is not None:
            addresses = [literal + url[len(url.rstrip(FILLER)) :] if whole else literal]
        elif held:
            addresses = held
        elif UNKNOWN in url and not url.startswith(("/", ".")):
            yield from _dynamic(document, element, attribute, url, written, technique, ruleset)
            return
    told: set[object] = set()
    for address in addresses:
        if not loads_itself(address):
            if address[:5].lower() == "data:" and technique in ("iframe", "script-src"):
                yield from _data_url(address, span, place, ruleset, script=technique == "script-src")
            continue
        service, host = name_url(ruleset, address)
        if service is None:
            service = _by_attributes(document, element, ruleset)
        if service is None and (host is None or (is_placeholder(host) and technique != "iframe")):
            continue
        if (service or host) not in told:
            told.add(service or host)
            yield Load(service, technique, span, place, host, _shown(address), find_ids(service, address, snippet))


def _based(document: Document, url: str, ruleset: Ruleset) -> str:
    """A relative address on the host that the page's `<base>` names, where that is a known third party's."""
    if "<base" not in document.file.text:
        return url
    base = next((one.value("href") or "" for one in document.elements if one.tag == "base"), "")
    if name_url(ruleset, base)[0] is None or host_of(base) is None:
        return url
    start = base.index("//") + 2
    end = base.find("/", start) if url.startswith("/") else base.rfind("/", start) + 1
    return (base[:end] if end > 0 else base.rstrip("/") + "/") + url


def _fits(url: str, technique: Technique) -> bool:
    """Whether an address of a list can be meant for an element: a style sheet is no script."""
    path = url.partition("?")[0].lower()
    other = {"script-src": (".css",), "css": (".js", ".mjs")}.get(technique, ())
    return not path.endswith(other)


_PICTURE = lazy_re.compile(r"//[^/]+/[^?#]*\.(?:png|jpe?g|gif|svg|webp|avif)(?:[?#]|$)", re.IGNORECASE)
_FILE = lazy_re.compile(
    r"//[^/]+/[^?#]*\.(?:m?js|css|html?|php)(?:[?#]|$)|//[^/]+/embed/"
)  # more than the beginning of addresses
_OWN_SCRIPT = lazy_re.compile(r"['\"][\w./@-]+\.m?js(?:\?[^'\"]*)?['\"]")
_TAG_BEFORE = lazy_re.compile(r"<(?!cf)[A-Za-z][^<>]*\s[\w:.@-]*$")  # ColdFusion assigns in tags: `<cfset name = …>`
_MAX_TAG = 1000
# `{{ name }}`, `<%= name %>`, `<?= $name ?>`, with filters that change nothing in where it leads
_ONE_NAME = lazy_re.compile(
    r"(?:\{\{[{-]?|<%[=-]{1,2}|<\?(?:=|php\s+echo\b)|\$\{|@)?\s*(?P<name>\$?[A-Za-z_]\w*)"
    r"\s*(?:\|\s*(?:safe|raw|escape|e|url|h)\s*)*;?\s*(?:-?\}{1,3}|-?%>|\?>)?"
)
_MAX_PRINTED = 200
_CAPTURES = lazy_re.compile(r"\{%-?\s*(?:capture|set|assign)\s+$")
_PLAIN_NAME = lazy_re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|->|::|\[['\"])[\w$-]+(?:['\"]\])?)*")


def _held_elsewhere(
    text: str, expression: str, known: Known | None, masked: Masked | None = None, offset: int = 0
) -> list[str]:
    """The addresses that a variable of a template may hold: assigned in the same file, or settings and data of the project."""
    spelled = spelled_out(masked, offset, expression) if masked is not None and known is not None else ""
    if spelled and known is not None and spelled not in expression:
        found = [value for value in known(spelled) if host_of(value) is not None]
        if found:
            return found
    names = [match[0] for match in _PLAIN_NAME.finditer(expression)]
    for name in names[:6]:
        last = name.lstrip("$")
        if len(last) < 3 or not last.isidentifier() or last not in text:
            continue
        assignment = re.compile(
            rf"(?:\$|\b){re.escape(last)}\s*(?::=|=(?!=))\s*[^;{{}}]{{0,120}}?['\"]((?:https?:)?//[^'\"\s]+)['\"]"
        )
        assigned = next((one for one in assignment.finditer(text) if not _in_a_tag(text, one.start())), None)
        if assigned is not None and host_of(assigned[1].replace("%s", UNKNOWN).replace("%v", UNKNOWN)) is not None:
            return [assigned[1].replace("%s", UNKNOWN).replace("%v", UNKNOWN)]
    if known is not None:
        for name in names[:6]:
            values = [value for value in known(name) if host_of(value) is not None]
            if values:
                return values
    return []


_OF_COMPONENT = lazy_re.compile(r"\s*(?:this\.)?(?P<name>[A-Za-z_$][\w$]*)(?:\.value)?\s*(?:\([^()]{0,200}\))?\s*")
_GIVES = lazy_re.compile(
    r"(?:\breturn\b|=>|\?|:|\|\||^)[\s(]*(?:(?P<quote>['\"`])(?P<url>(?:https?:)?//[^\s'\"`$<>]+)|this\.(?P<name>[\w$]+))"
)
_MAX_BODY = 2000  # characters of a method


def _of_component(document: Document, expression: str) -> list[str]:
    """The addresses that a component's own data, computed property or method of that name gives, as far as they are written out."""
    named = _OF_COMPONENT.fullmatch(expression)
    names = [named["name"]] if named is not None else []
    code = "\n".join(
        document.file.text[one.content.start : one.content.end]
        for one in document.elements
        if one.tag == "script" and one.content is not None
    )
    found: list[str] = []
    for name in names:
        kept = re.compile(
            rf"(?<![\w$.]){re.escape(name)}\s*(?:"
            rf"(?:\(\s*[\w$,\s]{{0,200}}\)|:\s*(?:async\s+)?function\s*\([^()]{{0,200}}\))\s*(?::[^{{}}\n]{{1,60}})?(?P<body>\{{)"
            rf"|(?::|=)\s*(?:(?:shallowRef|ref|computed)\s*\(\s*)?(?:\([^()]{{0,200}}\)\s*=>\s*)?(?:(?P<block>\{{)|(?P<value>['\"`])))"
        )
        for match in kept.finditer(code):
            for given in _GIVES.finditer(_balanced(code, match.start(match.lastgroup or 0))):
                if given["url"] is not None and host_of(given["url"]) is not None:
                    found.append(given["url"])
                elif given["name"] is not None and given["name"] not in names and len(names) < 6:
                    names.append(given["name"])
    return list(dict.fromkeys(found))


def _balanced(code: str, start: int) -> str:
    """The block or the string that opens at an offset."""
    if code[start] != "{":
        return code[start : code.find(code[start], start + 1, start + _MAX_BODY) + 1]
    level = 0
    for end in range(start, min(len(code), start + _MAX_BODY)):
        level += (code[end] == "{") - (code[end] == "}")
        if level == 0:
            return code[start:end]
    return ""


def _in_a_tag(text: str, offset: int) -> bool:
    """Whether a name is that of an element's attribute, which assigns nothing to a variable."""
    return _TAG_BEFORE.search(text, max(0, offset - _MAX_TAG), offset) is not None


def variable_in(expression: str) -> str | None:
    """The plain variable that is all of what a template prints at a place."""
    name = _ONE_NAME.fullmatch(expression) if len(expression) < _MAX_PRINTED else None
    return name["name"].lstrip("$") if name is not None else None


def holds_own_paths(text: str, name: str, given: bool = False) -> bool:
    """Whether a variable holds nothing but paths on the site, by what a text assigns to it; `given`: or hands on as it."""
    sign = r"['\"]?\s*(?::=?|=>|=(?![=>]))" if given else r"\s*(?::=|=(?![=>]))"
    assignment = re.compile(
        rf"(?<![\w.-]){re.escape(name)}(?P<sign>{sign}|\s*-?%\}})\s*(?P<own>['\"`]?(?:\.{{0,2}}/(?!/)|[#?]))?"
    )
    found = []
    for one in assignment.finditer(text):
        block = one["sign"].endswith("}")  # what follows is the value, without quotes
        if _CAPTURES.search(text, max(0, one.start() - 20), one.start()) if block else not _in_a_tag(text, one.start()):
            found.append(one["own"] is not None and (block or one["own"][0] in "'\"`"))
    return bool(found) and all(found)


def printed_in(place: ElementPlace, attribute: str) -> str:
    """What a template prints as an attribute, as it is written; "" for none."""
    found = place.element.attributes.get(attribute)
    return _expression(place.document, found) if found is not None and found.dynamic else ""


def _by_attributes(document: Document, element: Element, ruleset: Ruleset) -> Service | None:
    """A self-hosted copy of a known tracker, told by the attributes that only its tag carries."""
    return next((service for service, selector in ruleset.attributes if document.matches(element, selector)), None)


def _dynamic(
    document: Document,
    element: Element,
    attribute: Attribute,
    url: str,
    written: str,
    technique: Technique,
    ruleset: Ruleset,
) -> Iterator[Load]:
    """An address that the repository does not hold: named by its attributes, its variable or what surrounds it."""
    place = ElementPlace(document, element)
    snippet = document.file.text[element.span.start : element.span.end]
    service, host = name_url(ruleset, url)
    service = service or _by_attributes(document, element, ruleset)
    if service is not None:
        yield Load(service, technique, element.span, place, host, _shown(url), find_ids(service, snippet), dynamic=True)
        return
    if technique not in ("script-src", "iframe", "css"):
        return
    if technique == "script-src":
        if not re.search(r"\w{3}", written):  # {{ . }} within {{ with … }}
            written = next((condition.expression for condition in document.conditions(element.span.start)), "")
        service = service_by_name(ruleset, written)
        if _OWN_SCRIPT.search(written):
            return  # `asset('js/analytics.js')`: the file itself tells what it loads
        if service is not None or speaks_of_tracking(written):
            yield Load(service, technique, element.span, place, None, _shown(url), (), dynamic=True)
        return
    if technique == "iframe":
        if document.file.dialect in ("erb", "haml", "slim") and _OWN_PAGE.match(written.strip()):
            return
        name = variable_in(written)
        if name is not None and holds_own_paths(document.file.text, name):
            return
        around = " ".join(condition.expression for condition in document.conditions(element.span.start))
        named_by = service_by_name(ruleset, f"{written} {snippet} {around}")
        if named_by is not None and named_by.kind in EMBEDDED:
            yield Load(named_by, technique, element.span, place, None, _shown(url), (), dynamic=True)
        elif (
            (_ADDRESS_NAME.search(written) or _shows_a_film(element))
            and not _ROUTES.search(written)
            and url.strip(FILLER) == ""
        ):
            yield Load(None, technique, element.span, place, None, _shown(url), (), dynamic=True)


def _shows_a_film(element: Element) -> bool:
    """Whether a frame is said to be one for films: `<iframe class="video" src="{{ item.content }}">`."""
    return any(_FILM.search(element.value(name) or "") is not None for name in ("id", "class", "title"))


def _expression(document: Document, attribute: Attribute) -> str:
    regions = document.masked.overlapping(attribute.value_span)
    return " ".join(region.text for region in regions) or attribute.value


def _url_in(expression: str) -> str | None:
    """A URL that an expression holds as a literal: `default "https://…" x`, `'https://' ~ host`."""
    for match in _STRING_IN_CODE.finditer(expression):
        text = match[0][1:-1]
        if host_of(text) is not None:
            return text
    return None


def _shown(url: str) -> str:
    return re.sub(f"{UNKNOWN}+", "…", url)[:500]


def _data_url(url: str, span: Span, place: Place, ruleset: Ruleset, *, script: bool) -> Iterator[Load]:
    head, _, body = url.partition(",")
    if "base64" in head:
        body = decode_base64(body) or ""
    else:
        from urllib.parse import unquote

        body = unquote(body)
    if script and body:
        body = f"<script>{body}</script>"
    if _HTML_IN_STRING.search(body):
        yield from fragment_loads(body, span, place, ruleset)


def named(
    url: str, technique: Technique, span: Span, place: Place, ruleset: Ruleset, snippet: str = ""
) -> Iterator[Load]:
    """A load of a URL that stands outside an attribute."""
    if not loads_itself(url):
        return
    service, host = name_url(ruleset, url)
    if service is None and (host is None or is_placeholder(host)):
        return
    yield Load(service, technique, span, place, host, _shown(url), find_ids(service, url, snippet))


def fragment_loads(text: str, span: Span, place: Place, ruleset: Ruleset) -> Iterator[Load]:
    """Loads of HTML that came out of a string; all of them stand at the string's place."""
    fragment = parse_fragment(text.replace(UNKNOWN, FILLER))
    for load in loads(fragment, ruleset):
        noscript = isinstance(load.place, ElementPlace) and load.place.element.index in fragment.inside("noscript")
        yield replace(load, span=span, place=place, noscript=noscript)


def _known_elements(document: Document, ruleset: Ruleset) -> Iterator[Load]:
    """Elements that load a service by themselves: AMP, custom elements, components."""
    text = document.file.text
    for service, selector, host in ruleset.elements:
        for element in document.select(selector):
            snippet = text[element.span.start : element.span.end]
            yield Load(service, "embed", element.span, ElementPlace(document, element), host, None,
                       find_ids(service, snippet))  # fmt: skip
    for element in document.elements:
        original = text[element.span.start + 1 : element.span.start + 1 + len(element.tag)]
        for candidate in {original, _pascal(original)} if "-" in original else {original}:
            if not candidate[:1].isupper():
                continue
            for service, _ in component_services(ruleset, candidate, text)[:1]:
                snippet = text[element.span.start : element.span.end]
                yield Load(service, "embed", element.span, ElementPlace(document, element), service.first_host, None,
                           find_ids(service, snippet))  # fmt: skip


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


@lru_cache(maxsize=4)
def _template_calls(ruleset: Ruleset) -> re.Pattern[str]:
    """Any of the helpers that print a known service's load; the longest name first."""
    names = sorted(ruleset.template_calls, key=lambda name: (-len(name), name))
    return re.compile(rf"(?<![\w.-])(?:{'|'.join(map(re.escape, names))})(?!\w)") if names else re.compile(r"(?!)")


def _region(document: Document, region: Region, ruleset: Ruleset, known: Known | None) -> Iterator[Load]:
    """Shortcodes, helper functions and HTML in the strings of a template construct."""
    text = region.text
    place = TextPlace(document, region.span.start)
    word = _SHORTCODE_WORD.match(text)
    shortcode = word["name"] if word else ""
    if shortcode and text[:1] != "/" and not shortcode.startswith("end"):
        raw = document.file.text[region.span.start : region.span.start + 3]
        is_shortcode = raw in ("{{<", "{{%") or (raw.startswith("{%") and region.kind != "output")
        embed, library = ruleset.embed_helpers.get(shortcode, (None, ""))
        if embed is not None and library and is_shortcode and library in document.file.text:
            url = _url_in(text)
            shown, host = name_url(ruleset, url) if url is not None else (embed, None)
            if shown is not None:
                yield Load(shown, "embed", region.span, place, host, url, find_ids(shown, url), dynamic=url is None)
            return
        service = ruleset.shortcodes.get(shortcode) if is_shortcode else None
        player = _PLAYER.search(text) if service is None and shortcode in ("include", "include_cached") else None
        service = ruleset.shortcodes.get(player[1]) if player is not None else service
        if service is not None and not _closing_shortcode(document, region):
            yield Load(service, "markdown", region.span, place, service.first_host, None, find_ids(service, text))
            return
    if document.file.dialect == "php":
        return  # read by detect/code.py, over the whole file
    directive = region.dialect == "blade" and document.file.text.startswith("@", region.span.start)
    called = _template_calls(ruleset).search(f"@{text}" if directive else text)
    if called is not None:
        service = ruleset.template_calls[called[0]]
        yield Load(service, "import", region.span, place, service.first_host, None, find_ids(service, text))
        return
    if known is not None and region.kind == "output" and "(" in text:
        yield from _held_copies(document, region, ruleset, known)
    if region.dialect == "erb" and _SCRIPT_BLOCK.match(text):
        yield from _script_block(document, region, ruleset)
        return
    if region.dialect in ("erb", "slim", "haml", "razor", "ruby"):
        start = document.file.text.find(text[:60], region.span.start, region.span.end)
        yield from code_loads.in_template(
            text, region.dialect, max(start, region.span.start), place, document.file, ruleset
        )
        return
    used_later = _is_used_later(document, region)
    if _SHOWN_CODE.search(document.file.text, max(0, region.span.start - 20), region.span.start):
        return
    for match in _STRING_IN_CODE.finditer(_JOINED.sub(UNKNOWN, text)):
        value = match[0][1:-1]
        address = re.sub(r"%[svdq]", UNKNOWN, value)
        if (
            re.search(r"\.m?js(?:\?|$)", address)
            and (host := host_of(address)) is not None
            and region.dialect in _PRINTING
            and not used_later
        ):
            service, _ = name_url(ruleset, address)
            if service is not None and not is_placeholder(host):
                start = max(document.file.text.find(value, region.span.start, region.span.end), region.span.start)
                span = Span(start, start + len(value))
                yield Load(service, "script-src", span, place, host, _shown(address), find_ids(service, address, text))
        if _HTML_IN_STRING.search(value):
            offset = document.file.text.find(value[:40], region.span.start, region.span.end)
            start = offset if offset >= 0 else region.span.start
            span = Span(start, min(region.span.end, start + len(value)))
            html = re.sub(r"\\(.)", r"\1", value)
            yield from fragment_loads(html, span, TextPlace(document, start), ruleset)


# `css(theme.prefix.hint, 'hint.css')`, `cdnLink('font_awesome')`: a helper that prints the tag for a key of the settings
_COPY = lazy_re.compile(
    r"(?<![\w.])(?P<helper>[A-Za-z_]\w{1,40})\(\s*(?:['\"](?P<key>[\w-]{2,60})['\"]|(?P<name>(?:theme|site|config)(?:\.\w{1,60}){1,5}))"
    r"\s*(?:,\s*['\"](?P<file>[\w./@-]{1,200})['\"])?"
)
_COPIES = ("cdn", "vendors", "vendor", "asset", "assets", "libs", "lib")  # sections that say where libraries come from


def _held_copies(document: Document, region: Region, ruleset: Ruleset, known: Known) -> Iterator[Load]:
    """Tags that a helper prints for an address in the settings, named by its key."""
    if document.file.text[region.span.start - 1 : region.span.start] in ('"', "'", "=", "`"):
        return  # within an attribute, which is read as such
    for match in _COPY.finditer(region.text):
        helper = match["helper"].lower()
        if match["name"]:
            values = [*known(match["name"])]
        else:
            values = [
                value
                for section in _COPIES
                if section.rstrip("s") in helper
                for value in known(f"{section}.{match['key']}")
            ]
        for value in values[:1]:
            url = f"{value.rstrip('/')}/{match['file']}" if match["file"] else value
            path = url.partition("?")[0]
            if path.endswith((".css", ".js", ".mjs")):
                technique: Technique = "css" if path.endswith(".css") else "script-src"
                place = TextPlace(document, region.span.start)
                yield from named(url, technique, region.span, place, ruleset)


_ASSIGNMENT = lazy_re.compile(r"(?:(?:set|assign|let|var)\s+)?(\$?[A-Za-z_]\w*)\s*:?=(?!=)")


def _is_used_later(document: Document, region: Region) -> bool:
    """Whether a construct gives a name to an address that an attribute or a string prints: the load is there."""
    text = document.file.text
    assigned = _ASSIGNMENT.match(region.text)
    return assigned is not None and any(
        other.kind == "output"
        and other.span.start > region.span.start
        and assigned[1] in other.text
        and text[other.span.start - 1] in "\"'=`"
        for other in document.masked.regions
    )


# {% include video id="…" provider="…" %}
_PLAYER = lazy_re.compile(r"\b(?:video|embed)\b.*\bprovider=[\"']([\w-]+)[\"']")
_SHOWN_CODE = lazy_re.compile(r"\b(?:code|snippet|example|raw)=$")  # of a component that shows code
_SCRIPT_BLOCK = lazy_re.compile(
    r"(?:javascript_tag|content_tag[\s(]+:script|tag\.script)\b.*\bdo\b(?:\s*\|\w*\|)?\s*$", re.DOTALL
)


def _script_block(document: Document, region: Region, ruleset: Ruleset) -> Iterator[Load]:
    """`<%= javascript_tag do %> … <% end %>`: a script without its tags."""
    level = 1
    end = len(document.file.text)
    for other in document.masked.regions:
        if other.span.start <= region.span.start or other.dialect != "erb":
            continue
        if re.search(r"\bdo\b(?:\s*\|[^|]*\|)?\s*$|^(?:if|unless|case|while|begin|for)\b", other.text):
            level += 1
        elif re.match(r"end\b", other.text):
            level -= 1
            if level == 0:
                end = other.span.start
                break
    span = Span(region.span.end, end)
    script = script_in(document.file, document.masked, span)
    script.origin = TextPlace(document, region.span.start)
    yield from script_loads.loads(script, ruleset, document)


def _closing_shortcode(document: Document, region: Region) -> bool:
    return re.match(r"\{\{[<%]\s*/", document.file.text[region.span.start : region.span.start + 8]) is not None


_ONE_POST = lazy_re.compile(r"//[^/]+/[^/?]+/[^/?]")  # rather than somebody's page
_ONE_THING = lazy_re.compile(r"//[^/]+/(?:[^/?]*[/?].|\w{6})")
_LONE_LINK = lazy_re.compile(
    r"(?:^|(?<=\n))[ \t]{0,9}\r?\n[ \t]{0,3}(?P<url>https?://[^\s<>\"'()]{4,500})[ \t]{0,9}(?=\r?\n[ \t]{0,9}(?:\r?\n|$)|$)"
)


def _lone_links(document: Document, ruleset: Ruleset, embedded: frozenset[str]) -> Iterator[Load]:
    """Links with an empty line before and after them, to what can be shown in a frame."""
    for gap in document.text_regions():
        for match in _LONE_LINK.finditer(document.masked.text, gap.start, gap.end):
            service, host = name_url(ruleset, match["url"])
            if service is None or not embedded & {"", service.slug}:
                continue
            shape = _ONE_POST if service.kind == "social" else _ONE_THING
            if service.kind in EMBEDDED and shape.search(match["url"]):
                span = Span(*match.span("url"))
                ids = find_ids(service, match["url"])
                yield Load(service, "markdown", span, TextPlace(document, span.start), host, match["url"], ids)


def _markdown(document: Document, ruleset: Ruleset) -> Iterator[Load]:
    # without front matter it may as well be a text that is only read on the code host
    page = document.file.dialect == "mdx" or re.match(r"\s*(?:---|\+\+\+)\s*\n", document.file.text) is not None
    for gap in document.text_regions():
        text = document.masked.text[gap.start : gap.end]
        for match in _MARKDOWN_IMAGE.finditer(text) if page else ():
            span = Span(gap.start + match.start(), gap.start + match.end())
            yield from named(match["url"], "image", span, TextPlace(document, span.start), ruleset)
        for match in _DIRECTIVE.finditer(text):
            service = ruleset.shortcodes.get(match["directive"] or match["player"])
            if service is not None:
                span = Span(gap.start + match.start(), gap.start + match.end())
                yield Load(service, "markdown", span, TextPlace(document, span.start), service.first_host, None,
                           find_ids(service, match[0], f"{service.slug} {match['target'] or ''}"))  # fmt: skip
        for match in _WORDPRESS_SHORTCODE.finditer(text):
            service = ruleset.shortcodes.get(match["name"])
            if service is not None and "=" in match["rest"]:
                span = Span(gap.start + match.start(), gap.start + match.end())
                yield Load(service, "markdown", span, TextPlace(document, span.start), service.first_host, None,
                           find_ids(service, match[0]))  # fmt: skip
