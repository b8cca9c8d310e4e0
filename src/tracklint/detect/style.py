"""Loads in CSS and its preprocessors: `@import` and `url()`, with the variables that their addresses are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tracklint import lazy_re
from tracklint.detect.load import Load, Place, find_ids, is_placeholder, name_url
from tracklint.model import Span
from tracklint.ruleset import Ruleset
from tracklint.script import UNKNOWN

PREPROCESSED = frozenset({"scss", "less", "sass", "stylus"})

_COMMENT = lazy_re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_LINE_COMMENT = lazy_re.compile(r"(?:^|(?<=[\s;{}]))//[^\n]*")
_FETCH = lazy_re.compile(
    r"(?:@import\s+(?:\([\w\s,-]{0,99}\)\s*)?)?\burl\(\s*(?!\s|data:)(?P<url>\"[^\"\n]*|'[^'\n]*|(?:\\[^\n]|#\{[^}\n]{0,200}\}|[^\s)\"'\\])+)"
    r"|@import\s+(?:\([\w\s,-]{0,99}\)\s*)?(?!\s|url\()(?P<imported>\"[^\"\n]*|'[^'\n]*|[^\s;,)\"']+)",
    re.IGNORECASE,
)
_ESCAPE = lazy_re.compile(r"\\(?:([0-9a-f]{1,6})[ \t\r\n]?|([^\n]))", re.IGNORECASE)
_VARIABLE = lazy_re.compile(r"(?:[\w-]+\.)?[$@](?P<name>[\w-]+)")
_INSERTED = lazy_re.compile(r"#\{\s*(?:[\w-]+\.)?\$(?P<sass>[\w-]+)\s*\}|@\{(?P<less>[\w-]+)\}|#\{[^}]{0,200}\}")
_DEFINITION = lazy_re.compile(
    r"(?:^|(?<=[\s;{}(,]))[$@](?P<name>[\w-]+)\s*[:=]\s*(?:(?:url|(?:string\.)?unquote)\(\s*)?(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^\s;{})\"']+)"
    r"(?P<rest>[^;\n{}]*)"
)
_REMOTE = lazy_re.compile(rf"(?:https?:)?//(?=[\w{UNKNOWN}-]+\.[\w{UNKNOWN}.-]+)", re.IGNORECASE)
_MAX_STEPS = 40  # of looking up variables for one address

Known = Callable[[str], "str | None"]  # the value of a variable that is set in another file, as it is written there


class Variable(NamedTuple):
    """What a style sheet sets a variable to, as it is written."""

    name: str
    value: str
    default: bool  # only if nothing else has set it


def loads(
    text: str, base: int, place: Place, ruleset: Ruleset, dialect: str = "css", known: Known | None = None
) -> Iterator[Load]:
    """Every address that a style sheet fetches; `base` is the text's offset in the file.

    `dialect` is "css" for what a browser reads as it stands, else that of a preprocessor or "".
    """
    preprocessed = dialect in PREPROCESSED
    if "//" not in text and "\\" not in text and not (preprocessed and known is not None):
        return
    bare = _bare(text, dialect)
    own: dict[str, str] | None = None
    rule = bare.find("{") if dialect == "css" else -1
    for match in _FETCH.finditer(bare):
        if match[0].startswith("@") and 0 <= rule < match.start():
            continue  # a browser passes over an import that stands after a rule; preprocessors move it up
        address = (match["url"] or match["imported"]).lstrip("\"'")
        if preprocessed and re.search(r"[$@]", address):
            if own is None:
                own = {variable.name: variable.value for variable in _set_in(bare)}
            address = _folded(address, own, known)
        elif "\\" in address:
            address = _ESCAPE.sub(_unescaped, address).strip("\"'")
        if not _REMOTE.match(address):
            continue
        service, host = name_url(ruleset, address)
        if service is None and (host is None or is_placeholder(host)):
            continue
        span = Span(base + match.start(), base + match.end())
        url = re.sub(f"{UNKNOWN}+", "…", address)[:500]
        matched = _selector(bare, match.start()) if dialect == "css" and not match[0].startswith("@") else ""
        yield Load(service, "css", span, place, host, url, find_ids(service, address), matched=matched)


def variables(text: str, dialect: str) -> Iterator[Variable]:
    """The variables that a style sheet of a preprocessor sets."""
    yield from _set_in(_bare(text, dialect))


def _set_in(bare: str) -> Iterator[Variable]:
    for match in _DEFINITION.finditer(bare):
        yield Variable(match["name"], match["value"].strip("\"'"), "!default" in match["rest"])


def _bare(text: str, dialect: str) -> str:
    bare = _COMMENT.sub(_blank, text)
    return _LINE_COMMENT.sub(_blank, bare) if dialect in PREPROCESSED else bare


_LONGEST = 5000  # characters of a selector, or of a rule up to an address


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", match[0])


def _unescaped(match: re.Match[str]) -> str:
    if match[1] is None:
        return match[2]
    number = int(match[1], 16)
    return chr(number) if number < 0x110000 else "\ufffd"


def _folded(address: str, own: dict[str, str], known: Known | None) -> str:
    """The address with its variables replaced, from the inside out; what is not known is `UNKNOWN`."""
    whole = _VARIABLE.fullmatch(address)
    text = f"@{{{whole['name']}}}" if whole is not None else address
    for _ in range(_MAX_STEPS):
        found = _INSERTED.search(text)
        if found is None or len(text) > 2000:
            break
        name = found["sass"] or found["less"]
        value = own.get(name) if name else None
        if value is None and name and known is not None:
            value = known(name)
        inner = _VARIABLE.fullmatch(value) if value is not None else None
        value = f"@{{{inner['name']}}}" if inner is not None else UNKNOWN if value is None else value
        text = text[: found.start()] + value + text[found.end() :]
    return _INSERTED.sub(UNKNOWN, text)


def _selector(bare: str, offset: int) -> str:
    """The selector of the rule whose declaration stands at an offset; "" where there is none: fonts, rules in rules."""
    opening = bare.rfind("{", max(0, offset - _LONGEST), offset)
    if opening < 0 or bare.rfind("}", opening, offset) >= 0:
        return ""
    start = max(bare.rfind(mark, max(0, opening - _LONGEST), opening) for mark in "{};") + 1
    prelude = bare[start:opening].strip()
    return "" if prelude.startswith("@") or opening - start >= _LONGEST else prelude
