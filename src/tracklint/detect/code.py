"""Loads in the code of a server: HTML in its strings, and calls of the helpers that print tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from tracklint.detect.load import CodePlace, Load, Place, find_ids, host_of, is_placeholder, loads_itself, name_url
from tracklint.literals import Call, Literal, Source, scan
from tracklint.model import SourceFile, Span, Technique
from tracklint.ruleset import Ruleset
from tracklint.script import UNKNOWN

_MARKUP = re.compile(r"<\s*(?:script|iframe|img|link|embed|object|video|audio|source|style|amp-\w+)\b", re.IGNORECASE)
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
_CODE = {"php": "php", "ruby": "ruby", "erb": "ruby", "slim": "ruby", "haml": "ruby", "blade": "php", "razor": "csharp"}
_TEST_PATH = re.compile(
    r"(?:^|/)(?:tests?|specs?|features|fixtures?|testing|cypress|e2e|migrations)/|(?:_test|_spec|Test|Tests)\.\w+$|(?:^|/)test_[^/]*$|"
    r"(?:^|/)conftest\.py$"
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
    from tracklint.detect.markup import fragment_loads

    for literal in source.literals:
        if _MARKUP.search(literal.value):
            at = place or CodePlace(file, literal.span.start)
            for load in fragment_loads(literal.value, Span(0, len(literal.value)), at, ruleset):
                span = _literal_span(literal, load, base)
                yield Load(load.service, load.technique, span, at if place else CodePlace(file, span.start, load.hint),
                           load.host, load.url, load.ids, load.hint, load.click, load.dynamic)  # fmt: skip
    for call in source.calls:
        yield from _helper(call, file, base, ruleset, place)


def _literal_span(literal: Literal, load: Load, base: int) -> Span:
    needle = load.host or ""
    index = literal.value.lower().find(needle.lower()) if needle else 0
    offset = literal.offset(max(index, 0)) if index >= 0 else literal.span.start
    return Span(base + offset, base + max(offset + max(len(needle), 1), offset + 1))


def _helper(call: Call, file: SourceFile, base: int, ruleset: Ruleset, place: Place | None) -> Iterator[Load]:
    last = call.name.rsplit(".", 1)[-1]
    span = Span(base + call.span.start, base + call.span.end)
    at = place or CodePlace(file, span.start)
    service = ruleset.template_calls.get(call.name) or ruleset.template_calls.get(last)
    if service is not None:
        text = file.text[span.start : span.end]
        yield Load(service, "import", span, at, service.first_host, None, find_ids(service, text))
        return
    technique = _HELPERS.get(call.name) or (_HELPERS.get(last) if last not in ("script", "iframe") else None)
    if technique is None:
        return
    addresses = [argument for argument in call.arguments if argument is not None]
    addresses += [value for key, value in call.keywords if key in ("src", "href", "url", "source")]
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
