"""Loads in the code of a server: HTML in its strings, and calls of the helpers that print tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from tracklint import lazy_re
from tracklint.detect import script as script_loads
from tracklint.detect.load import (
    CodePlace,
    Load,
    Place,
    find_ids,
    host_of,
    is_placeholder,
    loads_itself,
    name_url,
    service_by_name,
)
from tracklint.literals import Call, Literal, Source, scan
from tracklint.markup import parse_fragment
from tracklint.model import SourceFile, Span, Technique
from tracklint.ruleset import Ruleset, Service
from tracklint.script import UNKNOWN, decode_base64

_MARKUP = lazy_re.compile(
    r"<\s*(?:script|iframe|img|link|embed|object|video|audio|source|style|amp-\w+)\b", re.IGNORECASE
)
# Functions of frameworks that print the tag for an address: what they print.
_HELPERS: dict[str, Technique] = {
    "wp_enqueue_script": "script-src", "wp_register_script": "script-src", "wp_enqueue_style": "css", "wp_register_style": "css",
    "wp_enqueue_script_module": "script-src", "drupal_add_js": "script-src", "drupal_add_css": "css",
    "javascript_include_tag": "script-src", "stylesheet_link_tag": "css", "javascript_importmap_tags": "script-src",
    "image_tag": "image", "tag.script": "script-src", "tag.iframe": "iframe", "tag.img": "image", "tag.link": "link",
    "script_tag": "script-src", "iframe_tag": "iframe", "preload_link_tag": "link", "Html.script": "script-src",
    "addScript": "script-src", "add_script": "script-src", "addJs": "script-src", "addExternalJs": "script-src", "registerJsFile": "script-src",
    "registerCssFile": "css", "addStyleSheet": "css", "RegisterClientScriptInclude": "script-src", "includeJSFooter": "script-src",
    "forms.Media": "script-src", "add_js_file": "script-src", "add_css_file": "css", "Script.Render": "script-src",
    "content_tag": "iframe", "headScript.appendFile": "script-src", "headLink.appendStylesheet": "css", "script": "script-src",
    "iframe": "iframe",
}  # fmt: skip
# An argument of WordPress by which a list of comments shows no pictures of their authors.
_NO_PICTURES = lazy_re.compile(
    r"['\"]avatar_size['\"]\s{0,40}=>\s{0,9}(?:0|['\"]0?['\"]|false|null)(?![\w.])", re.IGNORECASE
)
# Functions that print a script whose code they are given.
_INLINE_HELPERS = frozenset(
    "wp_add_inline_script wp_print_inline_script_tag addScriptDeclaration registerJs addInlineScript addInlineJs drupal_add_js "
    "addJsInlineCode appendScript prependScript javascript_tag addInlineJavaScript".split()
)
# An element as a nested array: ['#tag' => 'script', '#attributes' => ['src' => …], '#value' => …].
_ELEMENT_ARRAY = lazy_re.compile(r"['\"]#tag['\"]\s*=>\s*['\"](?P<tag>script|iframe|img|link)['\"]")
_ARRAY_KEY = lazy_re.compile(r"['\"](?P<key>src|href|#value)['\"]\s*=>\s*(?:[\w\\]+::\w+\(\s*)?$")
_ELEMENTS: dict[str, Technique] = {"script": "script-src", "iframe": "iframe", "img": "image", "link": "link"}
_FRAMED = lazy_re.compile(
    r"(?:https?:)?//(?:player\.[\w.-]{1,99}/|[\w.-]{1,99}/(?:[\w.-]{1,40}/){0,4}(?:embed|player|staticmap)\b)"
)
_RETURNED = lazy_re.compile(
    r"(?:\breturn\b\s*\(?|=>|\bdef [\w.?!]+(?:[ \t]*\([^()\n]{0,99}\))?[ \t]*(?:\n|=))\s*[$@furb]{0,2}[\"'`]?$"
)
# The beginning of such an address, without the id; and what stands before the value that a branch or a method gives in Ruby.
_FRAME_BASE = lazy_re.compile(
    r"(?:https?:)?//(?:player\.[\w.-]{1,99}/video|[\w.-]{1,99}/(?:[\w.-]{1,40}/){0,4}embed)/?"
)
_GIVEN = lazy_re.compile(r"\b(?:if|elsif|else|unless|when|in|then|def)\b[^\n]{0,200}\n[ \t]*$")
_STATEMENT = lazy_re.compile(r"\w[\w.$]*\s*[(=]")
_CODE = {"php": "php", "ruby": "ruby", "erb": "ruby", "slim": "ruby", "haml": "ruby", "blade": "php", "razor": "csharp"}
_TEST_PATH = lazy_re.compile(
    r"(?:^|/)(?:tests?|specs?|features|fixtures?|testing|cypress|e2e|migrations|[\w.]*\.\w*Tests?)/|(?:_test|_spec|Test|Tests)\.\w+$|"
    r"(?:^|/)test_[^/]*$|"
    r"(?:^|/)conftest\.py$|"
    # made-up records, with which a developer's own copy of the site is filled
    r"(?:^|/)seed(?:s|ers?)?/(?:[\w.-]+/){0,9}(?:dev|development|demo|samples?|fake)[/._-]|(?:^|/)(?:db|database)/factories/|"
    r"(?:^|/)(?:dev|development|demo|sample)[_-]seeds?\.\w+$|(?:Demo|Dev|Development|Sample|Fake)\w{0,40}Seeder\.php$"
)


@lru_cache(maxsize=64)
def _scanned(text: str, language: str) -> Source:
    return scan(text, language)


def code_source(file: SourceFile) -> Source | None:
    """Strings, calls and conditions of a file of server code; PHP pages included."""
    language = _CODE.get(file.dialect, file.dialect)
    if file.language == "code" or file.dialect == "php":
        return _scanned(file.text, language)
    return None


def loads(file: SourceFile, ruleset: Ruleset) -> Iterator[Load]:
    """Every load of a file of server code, and of the code islands of a PHP page."""
    if _TEST_PATH.search(file.path):
        return
    source = code_source(file)
    if source is None:
        return
    yield from _of(source, file, 0, ruleset, None)


def in_template(text: str, dialect: str, base: int, place: Place, file: SourceFile, ruleset: Ruleset) -> Iterator[Load]:
    """Loads of the code in one template construct, such as `= javascript_include_tag "https://…"`."""
    language = _CODE.get(dialect)
    if language is not None:
        yield from _of(_scanned(text, language), file, base, ruleset, place)


def _of(source: Source, file: SourceFile, base: int, ruleset: Ruleset, place: Place | None) -> Iterator[Load]:
    from tracklint.detect.markup import fragment_loads  # which reads code in templates through this module

    for literal in source.literals:
        if _MARKUP.search(literal.value):
            at = place or CodePlace(file, literal.span.start)
            for load in fragment_loads(literal.value, Span(0, len(literal.value)), at, ruleset):
                span = _literal_span(literal, load, base)
                yield replace(load, span=span, place=at if place else CodePlace(file, span.start, load.hint))
        elif place is None and "</script" in literal.value:  # something else prints the start tag
            yield from _inline(literal, file, literal.span.start, CodePlace(file, literal.span.start), ruleset)
        elif place is None and (
            _FRAMED.match(literal.value) if UNKNOWN in literal.value else _FRAME_BASE.fullmatch(literal.value)
        ):
            yield from _returned(literal, file, ruleset)
        elif literal.value and place is None and file.dialect == "php":
            yield from _element_array(literal, file, ruleset)
    if "Rack::Tracker" in file.text:
        yield from _handlers(file, ruleset)
    if file.path.endswith("Resources.groovy"):
        yield from _resources(file, ruleset)
    if file.path.endswith("importmap.rb"):
        yield from _pins(file, ruleset)
    for call in source.calls:
        yield from _helper(source, call, file, base, ruleset, place)
    if place is None and file.dialect == "python":
        yield from _parents(file, ruleset)


_CLASS = lazy_re.compile(r"^[ \t]*class[ \t]+\w+\((?P<parents>[^()]{1,2000})\)[ \t]*:", re.MULTILINE)


def _parents(file: SourceFile, ruleset: Ruleset) -> Iterator[Load]:
    """A form or page that is made out of one which prints a service's element."""
    for statement in _CLASS.finditer(file.text):
        for match in re.finditer(r"[\w.]+", statement["parents"]):
            service = ruleset.template_calls.get(match[0].rpartition(".")[2])
            if service is not None:
                start = statement.start("parents") + match.start()
                span = Span(start, start + len(match[0]))
                yield Load(service, "import", span, CodePlace(file, start), service.first_host)


def _resources(file: SourceFile, ruleset: Ruleset) -> Iterator[Load]:
    """The scripts and style sheets of other hosts that a page of Grails loads with a module."""
    for match in _GRAILS_RESOURCE.finditer(file.text):
        url = match["url"]
        service, host = name_url(ruleset, url)
        path = url.partition("?")[0]
        line = file.text[file.text.rfind("\n", 0, match.start()) + 1 : match.start()]
        if (
            (service is None and (host is None or is_placeholder(host)))
            or not path.endswith((".js", ".css"))
            or "//" in line
        ):
            continue
        span = Span(*match.span("url"))
        technique: Technique = "css" if path.endswith(".css") else "script-src"
        yield Load(service, technique, span, CodePlace(file, span.start), host, url, find_ids(service, url))


# `pin "name", to: "https://…"` of https://github.com/rails/importmap-rails
_PIN = lazy_re.compile(
    r"^[ \t]*pin\b[ (]*['\"][^'\"\n]{1,200}['\"][^\n#]{0,100}?\bto:\s*['\"](?P<url>https?://[^'\"\s]{4,300})['\"]",
    re.MULTILINE,
)


def _pins(file: SourceFile, ruleset: Ruleset) -> Iterator[Load]:
    """The modules of other hosts in the import map that Rails writes into its pages."""
    for match in _PIN.finditer(file.text):
        service, host = name_url(ruleset, match["url"])
        if service is not None or (host is not None and not is_placeholder(host)):
            span = Span(*match.span("url"))
            ids = find_ids(service, match["url"])
            yield Load(service, "import", span, CodePlace(file, span.start), host, match["url"], ids)


_MAX_HANDLERS = 100
# `resource url: 'https://…'` of a module of Grails
_GRAILS_RESOURCE = lazy_re.compile(
    r"\bresource\s+(?:\w{1,40}:\s*[^,\n]{1,100},\s*)?url:\s*['\"](?P<url>https?://[^'\"\s]{4,300})['\"]"
)
_HANDLER = lazy_re.compile(
    r"^[ \t]*handler[ (]+:(?P<name>\w+)(?P<settings>(?:(?!^[ \t]*(?:handler|end)\b).)*)", re.MULTILINE | re.DOTALL
)


def _handlers(file: SourceFile, ruleset: Ruleset) -> Iterator[Load]:
    """`handler :google_analytics, { tracker: "…" }` of a middleware that writes the tags into each page."""
    for match in islice(_HANDLER.finditer(file.text), _MAX_HANDLERS):
        service = service_by_name(ruleset, match["name"])
        if service is not None:
            span = Span(match.start() + len(match[0]) - len(match[0].lstrip()), match.end("name"))
            ids = find_ids(service, match["settings"][:2000])
            yield Load(service, "config", span, CodePlace(file, span.start), service.first_host, None, ids)


def _returned(literal: Literal, file: SourceFile, ruleset: Ruleset) -> Iterator[Load]:
    """The address of a player or a map, put together with its id, that a method returns for its template to show."""
    start = literal.span.start
    before = max(0, start - 200)
    alone = file.dialect == "ruby" and file.text[literal.span.end : literal.span.end + 1] in ("\n", "\r", "")
    if not _RETURNED.search(file.text, before, start) and not (alone and _GIVEN.search(file.text, before, start)):
        return
    base = UNKNOWN not in literal.value
    service, host = name_url(ruleset, literal.value.rstrip("/") + "/" if base else literal.value)
    if service is not None and service.kind in ("video", "map", "social", "widget"):
        url = re.sub(f"{UNKNOWN}+", "…", literal.value)
        technique: Technique = "image" if "staticmap" in url else "iframe"
        yield Load(service, technique, literal.span, CodePlace(file, start), host, url, find_ids(service, url))


def _element_array(literal: Literal, file: SourceFile, ruleset: Ruleset) -> Iterator[Load]:
    """A string that is the address or the code of an element written as an array."""
    start = literal.span.start
    key = _ARRAY_KEY.search(file.text, max(0, start - 80), start)
    if key is None:
        return
    before = list(_ELEMENT_ARRAY.finditer(file.text, max(0, start - 400), start))
    tag = before[-1] if before else _ELEMENT_ARRAY.search(file.text, literal.span.end, literal.span.end + 200)
    if tag is None:
        return
    if key["key"] == "#value":
        if tag["tag"] == "script":
            yield from _inline(literal, file, start, CodePlace(file, start), ruleset)
        return
    service, host = name_url(ruleset, literal.value)
    if loads_itself(literal.value) and (service is not None or (host is not None and not is_placeholder(host))):
        url = re.sub(f"{UNKNOWN}+", "…", literal.value)
        span = _literal_span(literal, Load(service, "script-src", literal.span, CodePlace(file, start), host), 0)
        yield Load(service, _ELEMENTS[tag["tag"]], span, CodePlace(file, start), host, url, find_ids(service, url))


def _inline(literal: Literal, file: SourceFile, start: int, place: Place, ruleset: Ruleset) -> Iterator[Load]:
    """The loads of a script that stands in a string."""
    if not _STATEMENT.search(literal.value) or _MARKUP.search(literal.value):
        return
    from tracklint.detect.markup import inline_script

    document = parse_fragment(f"<script>{literal.value}</script>")
    for element in document.elements:
        script = inline_script(document, element) if element.tag == "script" else None
        if element.content is None or script is None:
            continue
        for load in script_loads.loads(script, ruleset, document):
            first = literal.offset(max(load.span.start - element.content.start, 0))
            last = literal.offset(max(load.span.end - element.content.start - 1, 0))
            yield replace(load, span=Span(first, max(last, first) + 1), place=place)


def _literal_span(literal: Literal, load: Load, base: int) -> Span:
    needle = load.host or ""
    index = literal.value.lower().find(needle.lower()) if needle else 0
    offset = literal.offset(max(index, 0)) if index >= 0 else literal.span.start
    return Span(base + offset, base + max(offset + max(len(needle), 1), offset + 1))


def _helper(
    source: Source, call: Call, file: SourceFile, base: int, ruleset: Ruleset, place: Place | None
) -> Iterator[Load]:
    last = call.name.rsplit(".", 1)[-1]
    span = Span(base + call.span.start, base + call.span.end)
    at = place or CodePlace(file, span.start)
    service = ruleset.code_calls.get(call.name) or ruleset.code_calls.get(last)
    if service is not None:
        text = file.text[span.start : span.end]
        if _NO_PICTURES.search(text) is not None:
            return
        yield Load(service, "import", span, at, service.first_host, None, find_ids(service, text))
        return
    if last in _INLINE_HELPERS and place is None:
        for argument in call.arguments:
            if argument is not None:
                yield from _inline(argument, file, span.start, at, ruleset)
    if last == "base64_decode" and call.first is not None:
        html = decode_base64(call.first.value)
        if html and _MARKUP.search(html):
            from tracklint.detect.markup import fragment_loads

            yield from fragment_loads(html, span, at, ruleset)
        return
    embed, library = ruleset.embed_helpers.get(last, (None, ""))
    if embed is not None and library in file.text:
        yield from _embed(call, span, at, embed, ruleset)
        return
    technique = _HELPERS.get(call.name) or (_HELPERS.get(last) if last not in ("script", "iframe") else None)
    if technique is None:
        return
    addresses = [argument for argument in call.arguments if argument is not None]
    addresses += [value for key, value in call.keywords if key in ("src", "href", "url", "source")]
    if place is None and not any(host_of(address.value) for address in addresses):
        addresses += _held(source, file.text, file.text[span.start : span.end])
    for literal in addresses:
        url = literal.value.strip()
        if not loads_itself(url) or (host_of(url) is None and not url.startswith(("//", "http"))):
            continue
        service, host = name_url(ruleset, url)
        if service is None and (host is None or is_placeholder(host)):
            continue
        hint = technique == "link" and any(
            key == "rel" and re.search("preconnect|prefetch|preload", value.value) for key, value in call.keywords
        )
        where = Span(base + literal.span.start, base + literal.span.end)
        yield Load(service, technique, where, at, host, re.sub(f"{UNKNOWN}+", "…", url), find_ids(service, url), hint)


def _embed(call: Call, span: Span, place: Place, embed: Service, ruleset: Ruleset) -> Iterator[Load]:
    """What a helper shows for an address: the service that it names, else one that nobody knows here."""
    url = call.first.value.strip() if call.first is not None else ""
    service, host = name_url(ruleset, url)
    if service is not None:
        yield Load(service, "embed", span, place, host, re.sub(f"{UNKNOWN}+", "…", url), find_ids(service, url))
    elif host is None:
        yield Load(embed, "embed", span, place, dynamic=True)


_VARIABLE = lazy_re.compile(r"\$(\w+)(?![\w(\[>-])|(?<![\w>:$])(\w+)\(\s*\)")


def _held(source: Source, text: str, call: str) -> Iterator[Literal]:
    """The address in a variable, or in the function, that a call is given: assigned or written in the same file."""
    for match in _VARIABLE.finditer(call.partition("(")[2]):
        if match[1]:
            found = re.search(rf"\${re.escape(match[1])}\s*\.?=(?![=>])[^;]*", text)
            where = Span(*found.span()) if found is not None else None
        else:
            where = source.body_of(match[2])
        if where is not None:
            yield from (one for one in source.literals if where.contains(one.span) and host_of(one.value))
