"""Comments of the form `tracklint: ignore[TL201] why this is right here`, in the comment syntax of any language."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tracklint import lazy_re, literals, markup
from tracklint.model import SourceFile, Span
from tracklint.script import Script

_MARK = lazy_re.compile(r"tracklint:[ \t]*ignore\b[ \t]*(?:\[(?P<codes>[^\]\r\n]{0,300})\])?", re.IGNORECASE)
# What closes a comment, of whatever language: none of it belongs to the reason.
_CLOSING = lazy_re.compile(
    r"(?:--%>|--\}\}|--\}|-->|\*+/|#\}|\*@|\*\}|\{%-?\s*endcomment\s*-?%\}|-?%\}|[-~]?\}\}|-?%>|\?>|\s)+$"
)
_LEADING = lazy_re.compile(r"^[\s:,.;*\u2013\u2014-]+")
# What may stand beside a comment on a line that holds nothing else: {/* … */} in JSX, <?php // … ?>, <% # … %>.
_ALONE = lazy_re.compile(r"(?:\s|[{}]|<\?(?:php\b|=)?|\?>|<%[-=]?|-?%>|@)*")
_STYLE = lazy_re.compile(r"/\*[\s\S]*?(?:\*/|\Z)|//[^\r\n]*|\"(?:[^\"\\\r\n]|\\.)*\"?|'(?:[^'\\\r\n]|\\.)*'?")
_BEFORE = lazy_re.compile(r"(?:[^\"'`]|\"[^\"]*\"|'[^']*'|`[^`]*`)*?(?:#|//|/\*|--|;|%|<!--)[\s*!-]*")
_LONGEST = 2000  # characters before a mark on its line, and of a reason
_DEEPEST = 8  # comments that may begin between a comment's start and a mark in it
# The language in which `literals` reads the code islands of a template.
_ISLANDS = {
    "php": "php",
    "erb": "ruby",
    "slim": "ruby",
    "haml": "ruby",
    "eex": "elixir",
    "razor": "csharp",
    "aspnet": "csharp",
    "asp": "csharp",
    "jsp": "java",
    "ejs": "java",
}
_LEXED = frozenset({"php", "ruby", "python", "csharp", "java", "go", "kotlin", "elixir", "scala", "groovy", "swift"})


class Suppression(NamedTuple):
    """One such comment. It is about its own lines, and if it stands `alone`, about the line below it."""

    path: str
    line: int
    column: int
    last_line: int
    codes: tuple[str, ...]  # as written, upper-cased; empty: none was named
    reason: str
    alone: bool
    excerpt: str


def find(file: SourceFile) -> tuple[Suppression, ...]:
    """All suppressions of a file, in order. Only comments count: not prose, strings or code fences. Never raises."""
    marks = list(_MARK.finditer(file.text))
    if not marks:
        return ()
    comments = sorted(set(_comments(file, [mark.start() for mark in marks])))
    starts = [span.start for span in comments]
    found = []
    for number, mark in enumerate(marks):
        at = bisect.bisect_right(starts, mark.start())
        # The innermost comes last; few lie in one another.
        around = (span for span in reversed(comments[max(0, at - _DEEPEST) : at]) if mark.start() < span.end)
        comment = next(around, None)
        if comment is None:
            continue
        following = marks[number + 1].start() if number + 1 < len(marks) else len(file.text)
        found.append(_suppression(file, mark, comment, min(comment.end, following)))
    return tuple(found)


def _suppression(file: SourceFile, mark: re.Match[str], comment: Span, end: int) -> Suppression:
    reason = _LEADING.sub("", _CLOSING.sub("", file.text[mark.end() : min(end, mark.end() + _LONGEST)]))
    at = file.position(mark.start())
    first, last = file.position(comment.start), file.position(max(comment.start, comment.end - 1))
    before = file.line_text(first.line)[: first.column - 1]
    after = file.line_text(last.line)[last.column :]
    codes = dict.fromkeys(code.strip().upper() for code in (mark["codes"] or "").split(","))
    return Suppression(
        path=file.path,
        line=at.line,
        column=at.column,
        last_line=last.line,
        codes=tuple(code for code in codes if code),
        reason=" ".join(reason.split())[:500],
        alone=bool(_ALONE.fullmatch(before[-200:]) and _ALONE.fullmatch(after[:200])),
        excerpt=file.line_text(at.line)[:400],
    )


def _comments(file: SourceFile, offsets: Iterable[int]) -> Iterator[Span]:
    """The comments that hold one of the offsets; others may come too."""
    text = file.text
    if file.language in ("html", "markdown", "indent"):
        yield from _in_markup(file, offsets)
    elif file.language == "script":
        script = Script(text, file.dialect or "js", file)
        yield from _in_script(script, offsets)
        # HTML in a string has comments of its own.
        yield from _html_comments(text)
    elif file.language == "style":
        yield from _in_style(text)
    elif file.language == "code" and file.dialect in _LEXED:
        yield from literals.scan(text, file.dialect).comments
        yield from _html_comments(text)
    elif not (file.path.endswith(".json") or file.language == "other"):
        yield from _by_line(file, offsets)
        yield from _html_comments(text)


def _in_markup(file: SourceFile, offsets: Iterable[int]) -> Iterator[Span]:
    document = markup.parse(file)
    text = file.text
    yield from document.comments
    islands: dict[Span, str] = {}  # code of a template, and its language
    raw: dict[Span, tuple[str, list[int]]] = {}  # contents of script and style with the offsets in them
    for offset in offsets:
        region = document.masked.region_at(offset)
        if region is not None:
            if region.kind == "comment":
                yield region.span
            elif region.dialect != "php":
                islands[region.span] = _ISLANDS.get(region.dialect, "java")
            continue
        element = document.at(offset)
        if element is not None and element.content is not None and offset >= element.content.start:
            raw.setdefault(element.content, (element.tag, []))[1].append(offset)
    for span, language in islands.items():
        yield from _moved(literals.scan(text[span.start : span.end], language).comments, span.start)
    for span, (tag, inside) in raw.items():
        content = text[span.start : span.end]
        if tag == "style":
            yield from _moved(_in_style(content), span.start)
        elif tag == "script":
            yield from _moved(_in_script(Script(content), [offset - span.start for offset in inside]), span.start)
    if file.dialect == "php":
        yield from literals.scan(text, "php").comments


def _moved(spans: Iterable[Span], base: int) -> Iterator[Span]:
    for span in spans:
        yield Span(base + span.start, base + span.end)


def _in_script(script: Script, offsets: Iterable[int]) -> Iterator[Span]:
    for offset in offsets:
        if script.in_comment(offset):
            yield script.span(script.node_at(offset))


def _in_style(text: str) -> Iterator[Span]:
    for match in _STYLE.finditer(text):
        if match[0].startswith("/"):
            yield Span(match.start(), match.end())


def _html_comments(text: str) -> Iterator[Span]:
    start = text.find("<!--")
    while start >= 0:
        end = text.find("-->", start + 4)
        if end < 0:
            return
        yield Span(start, end + 3)
        start = text.find("<!--", end + 3)


def _by_line(file: SourceFile, offsets: Iterable[int]) -> Iterator[Span]:
    """For languages that nothing here reads: a comment begins with one of the usual signs, outside quotes."""
    for offset in offsets:
        place = file.position(offset)
        line = file.line_text(place.line)
        before = line[: place.column - 1]
        if len(before) <= _LONGEST and _BEFORE.fullmatch(before):
            start = offset - len(before)
            yield Span(start + len(before.rstrip("#/*-;%<! \t")), start + len(line))
