"""Loads in CSS, SCSS and Less: `@import` and `url()`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tracklint.detect.load import Load, Place, find_ids, is_placeholder, name_url
from tracklint.model import Span
from tracklint.ruleset import Ruleset
from tracklint.script import UNKNOWN

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_LINE_COMMENT = re.compile(r"(?:^|(?<=[\s;{}]))//[^\n]*")
_ADDRESS = re.compile(
    r"@import\s+(?:url\(\s*)?['\"]?(?P<imported>(?:https?:)?//[^'\")\s;]+)"
    r"|url\(\s*['\"]?(?P<url>(?:https?:)?//[^'\")\s]+)"
    r"|(?P<variable>\$[\w-]+|@[\w-]+)\s*:\s*['\"](?P<held>(?:https?:)?//[^'\"\s]+)['\"]",
    re.IGNORECASE,
)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def loads(text: str, base: int, place: Place, ruleset: Ruleset, dialect: str = "css") -> Iterator[Load]:
    """Every address that a style sheet fetches; `base` is the text's offset in the file."""
    if "//" not in text:
        return
    bare = _COMMENT.sub(_blank, text)
    if dialect in ("scss", "less", "sass", "styl"):
        bare = _LINE_COMMENT.sub(_blank, bare)
    for match in _ADDRESS.finditer(bare):
        url = match["imported"] or match["url"] or match["held"]
        if match["held"] and not re.search(rf"(?:@import|url\()[^;]*{re.escape(match['variable'])}\b", bare):
            continue
        if url.startswith("//") and not re.match(r"//[\w-]+\.[\w.-]+", url):
            continue
        service, host = name_url(ruleset, url)
        if service is None and (host is None or is_placeholder(host)):
            continue
        span = Span(base + match.start(), base + match.end())
        yield Load(service, "css", span, place, host, re.sub(f"{UNKNOWN}+", "…", url)[:500], find_ids(service, url))
