"""Masks template syntax by filler of equal length, so that what remains is HTML and every offset stays valid.

1. One regular expression finds the next delimiter of the dialect; its handler finds where the construct ends, and what
   it is: an output, a tag of a block, a comment, code, or raw text.
2. Tags and code move a stack of open blocks (`_Scopes`). Each place where the enclosing conditions change is noted with
   the head of a linked list of conditions, so that looking them up is one bisection.
3. Languages whose blocks are written in code (PHP, ERB, EJS, JSP, ASP) have that code lexed across its islands; Razor and
   JSX-like expressions alternate between code and markup on an explicit stack.

Nothing raises on bad input, and all work is linear: what a failed look-ahead may read is limited by `_Scanner.fuel`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, NamedTuple

from tracklint.model import Span

FILLER = "\ue000"

Kind = Literal["output", "block", "comment", "code", "raw"]


@dataclass(frozen=True, slots=True)
class Region:
    """One template construct."""

    span: Span  # delimiters included
    kind: Kind  # block: opens, continues or closes one; code: any other statement, such as an include or an assignment
    text: str  # without delimiters and white-space control, stripped
    dialect: str  # the language of this construct, which may differ from the file's


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition that encloses a place."""

    expression: str  # in the dialect's own syntax, without keyword and outer brackets
    holds: bool  # False in an else branch, for unless, and for each earlier branch of a chain
    span: Span  # of the construct that holds the expression
    dialect: str
    keyword: str  # if, elif, unless, case, for, with; or the name of a block tag that is not built in


class _Node(NamedTuple):
    condition: Condition
    outer: _Node | None


@dataclass(frozen=True, slots=True)
class Masked:
    """A text whose template constructs are blanked out, and what stood there."""

    text: str  # same length as the original, every line end in place
    regions: tuple[Region, ...]  # sorted, not overlapping
    definitions: tuple[tuple[str, Span], ...]  # macros: name and body
    original: str
    _starts: tuple[int, ...]
    _points: tuple[int, ...]
    _nodes: tuple[_Node | None, ...]

    def conditions(self, offset: int) -> tuple[Condition, ...]:
        """The conditions that enclose `offset`, innermost first; of a chain, the branch's own before earlier ones."""
        found = []
        node = self._nodes[max(bisect_right(self._points, offset) - 1, 0)]
        while node is not None:
            found.append(node.condition)
            node = node.outer
        return tuple(found)

    def region_at(self, offset: int) -> Region | None:
        """The construct that holds `offset`."""
        index = bisect_right(self._starts, offset) - 1
        return self.regions[index] if index >= 0 and offset < self.regions[index].span.end else None

    def overlapping(self, span: Span) -> tuple[Region, ...]:
        """The constructs that share a character with `span`, in order."""
        first = max(bisect_right(self._starts, span.start) - 1, 0)
        last = bisect_left(self._starts, span.end)
        return tuple(region for region in self.regions[first:last] if region.span.end > span.start)


def mask(text: str, dialect: str) -> Masked:
    """Blank out the template constructs of `text`. Any text and any dialect will do; never raises."""
    scanner = _Scanner(text, dialect)
    scanner.run()
    regions = tuple(scanner.regions)
    scopes = scanner.scopes
    scopes.finish(len(text))
    return Masked(
        _blanked(text, Span(0, len(text)), regions, FILLER),
        regions,
        tuple(scopes.definitions),
        text,
        tuple(region.span.start for region in regions),
        tuple(scopes.points),
        tuple(scopes.nodes),
    )


def script_text(masked: Masked, span: Span) -> str:
    """The text of `span` as JavaScript of the same length: outputs are `_`, other constructs spaces."""
    start = min(max(span.start, 0), len(masked.original))
    bounded = Span(start, min(max(span.end, start), len(masked.original)))
    return _blanked(masked.original, bounded, masked.overlapping(bounded), "_")


_NOT_LINE_END = re.compile(r"[^\r\n]")


def _blanked(text: str, span: Span, regions: Sequence[Region], output: str) -> str:
    pieces = []
    position = span.start
    for region in regions:
        start, end = max(region.span.start, span.start), min(region.span.end, span.end)
        pieces.append(text[position:start])
        inner = text[start:end]
        filler = output if region.kind == "output" else " "
        if "\n" in inner or "\r" in inner:
            pieces.append(_NOT_LINE_END.sub(filler, inner))
        else:
            pieces.append(filler * len(inner))
        position = end
    pieces.append(text[position : span.end])
    return "".join(pieces)


# ------------------------------------------------------------------------------------------------------- enclosing blocks


@dataclass(slots=True)
class _Frame:
    """One open block."""

    key: str  # what closes it
    outer: _Node | None  # conditions around it
    earlier: _Node | None  # conditions around it, and that earlier branches do not hold
    condition: Condition | None  # of the current branch
    mid: bool = False  # takes else and elif
    subject: str = ""  # of a case or switch
    name: str = ""  # of a definition
    body: int = 0
    parens: int = 0  # brackets open around a brace of code
    ended: bool = True  # the last case of a switch has a break


class _Scopes:
    """The stack of open blocks, and where the conditions change."""

    def __init__(self) -> None:
        self.points: list[int] = [0]
        self.nodes: list[_Node | None] = [None]
        self.stack: list[_Frame] = []
        self.node: _Node | None = None
        self.definitions: list[tuple[str, Span]] = []
        self.changes = 0
        self._open: Counter[str] = Counter()

    def move(self, at: int, node: _Node | None) -> None:
        self.node = node
        self.changes += 1
        if at <= self.points[-1]:
            self.nodes[-1] = node
        else:
            self.points.append(at)
            self.nodes.append(node)

    def open(self, at: int, key: str, condition: Condition | None = None, mid: bool = False, subject: str = "") -> _Frame:
        frame = _Frame(key, self.node, self.node, condition, mid, subject, body=at)
        return self.enter(at, frame)

    def enter(self, at: int, frame: _Frame) -> _Frame:
        """Open a frame whose earlier branches are known: `else` after a closing brace."""
        self.stack.append(frame)
        self._open[frame.key] += 1
        if frame.mid:
            self._open["else"] += 1
        self.move(at, _Node(frame.condition, frame.earlier) if frame.condition else frame.earlier)
        return frame

    def _pop(self, at: int) -> _Frame:
        frame = self.stack.pop()
        self._open[frame.key] -= 1
        if frame.mid:
            self._open["else"] -= 1
        if frame.name:
            self.definitions.append((frame.name, Span(frame.body, max(at, frame.body))))
        return frame

    def has(self, key: str) -> bool:
        return self._open[key] > 0

    def close(self, at: int, key: str) -> _Frame | None:
        """Close the innermost block of that key, and what was left open inside it."""
        if not self.has(key):
            return None
        while True:
            frame = self._pop(at)
            if frame.key == key:
                self.move(at, frame.outer)
                return frame

    def branch(self, at: int, condition: Condition | None, key: str = "") -> None:
        """The next branch of the innermost block that has branches (of that key)."""
        if not self.has(key or "else"):
            return
        while not (self.stack[-1].key == key if key else self.stack[-1].mid):
            self._pop(at)
        frame = self.stack[-1]
        if frame.condition:
            frame.earlier = _Node(_negated(frame.condition), frame.earlier)
        frame.condition = condition
        self.move(at, _Node(condition, frame.earlier) if condition else frame.earlier)

    def innermost(self, key: str) -> _Frame | None:
        """The innermost block of that key; blocks inside it are closed."""
        if not self.has(key):
            return None
        while self.stack[-1].key != key:
            self._pop(self.points[-1])
        return self.stack[-1]

    def during(self, start: int, end: int, condition: Condition) -> None:
        """A condition for one statement that has just ended."""
        if start >= self.points[-1]:
            node = self.node
            self.move(start, _Node(condition, node))
            self.move(end, node)

    def finish(self, at: int) -> None:
        while self.stack:
            self._pop(at)
        self.definitions.sort(key=lambda definition: definition[1])


def _negated(condition: Condition) -> Condition:
    return replace(condition, holds=not condition.holds)


# ------------------------------------------------------------------------------------------------------------ the scanner

_SCRIPTLETS = frozenset({"erb", "ejs", "asp", "jsp"})
_MARKDOWN = frozenset({"markdown", "mdx", "rst", "adoc", "textile"})
_UNION = r"\{\{\{?|\{%|\{#|<%|<\?"
_OPENERS: dict[str, str] = {
    "jinja": r"\{\{|\{%|\{#",
    "liquid": r"\{\{|\{%",
    "handlebars": r"\{\{\{?",
    "go": r"\{\{",
    "erb": r"<%",
    "ejs": r"<%",
    "asp": r"<%",
    "vue": r"\{\{",
    "php": r"<\?",
}


class _Scanner:
    """Finds the constructs of one text."""

    def __init__(self, text: str, dialect: str) -> None:
        self.text = text
        self.dialect = dialect
        self.regions: list[Region] = []
        self.scopes = _Scopes()
        self.fuel = len(text) + 20_000
        self._next: dict[str, int] = {}
        self.scriptlet = dialect if dialect in _SCRIPTLETS else ""
        self.handlers: dict[str, Callable[[int], int]] = {
            "{{": self._braces,
            "{{{": self._triple,
            "{%": self._percent,
            "{#": self._hash_comment,
            "<%": self._scriptlet,
            "<?": self._php,
        }
        self._ruby = _Ruby(self)
        self._code = _Braces(self, dialect if dialect in ("ejs", "jsp", "asp") else "ejs")
        self._php_code = _Braces(self, "php")
        self._basic = _Basic(self)

    def run(self) -> None:
        opener = re.compile(_OPENERS.get(self.dialect, _UNION))
        position = 0
        while found := opener.search(self.text, position):
            position = max(self.handlers[found[0].lower()](found.start()), found.start() + 1)

    def add(self, start: int, end: int, kind: Kind, text: str, dialect: str) -> int:
        self.regions.append(Region(Span(start, end), kind, text.strip(), dialect))
        return end

    # ------------------------------------------------------------------------------------------------------ look-ahead

    def find(self, what: str, position: int) -> int:
        """`str.find`, remembered, so that many openers before one closer cost one search; the length if there is none."""
        known = self._next.get(what, -1)
        if known < position:
            known = self.text.find(what, position)
            if known < 0:
                known = len(self.text)
            self._next[what] = known
        return known

    def close(self, start: int, opener: str, closer: str, balanced: bool = False) -> int:
        """Where the closer of the construct stands whose opener ends at `start`; -1 if it is not closed."""
        text = self.text
        end = first = self.find(closer, start)
        if first == len(text):
            return -1
        position = start
        depth = 0
        while True:
            token = _QUOTE_OR_BRACE.search(text, position, end)
            if token is None:
                if not (balanced and depth > 0):
                    break
                # A closer inside nested braces: "}})" of an object literal.
                position = end + 1
                depth -= 1
                end = text.find(closer, position)
            elif token[0] == "{":
                depth += 1
                position = token.end()
            elif token[0] == "}":
                depth -= 1
                position = token.end()
            else:
                string = _STRINGS[token[0]].match(text, token.start(), min(len(text), end + 5_000))
                if string is None:
                    position = token.end()
                    continue
                position = string.end()
                if position > end:
                    self.fuel -= position - end
                    if self.fuel < 0 or text.find(opener, end, position) >= 0:
                        position = token.end()
                        continue
                    end = text.find(closer, position)
            if end < 0 or end - first > 20_000 or self.fuel < 0:
                self.fuel -= max(end, first) - first
                end = first
                break
        inner = text.find(opener, start, first)
        return -1 if inner >= 0 and not self._quoted(start, inner) else end

    def _quoted(self, start: int, offset: int) -> bool:
        """Whether a string that begins after `start` holds `offset`."""
        for token in _STRING.finditer(self.text, start):
            if token.start() > offset:
                return False
            if token.end() > offset:
                return True
        return False

    # -------------------------------------------------------------------------------------------------------- handlers

    def _hash_comment(self, start: int) -> int:
        end = self.find("#}", start + 2)
        if end == len(self.text):
            return start + 2
        if self.dialect != "jinja" and self.text[start + 2 : start + 3] not in (" ", "-", "\n", "\t", "\r", "#"):
            return start + 2
        return self.add(start, end + 2, "comment", self.text[start + 2 : end].strip("-"), "jinja")

    def _triple(self, start: int) -> int:
        if self.text.startswith("{{{{", start) and (raw := _RAW_HELPER.match(self.text, start)):
            return self._leave(start, raw.end(), f"{{{{{{{{/{raw[1]}}}}}}}}}", raw[1], "handlebars")
        if self.dialect in ("", "html", "svg", "handlebars", "markdown"):
            end = self.close(start + 3, "{{{", "}}}")
            if end >= 0:
                return self.add(start, end + 3, "output", _trimmed(self.text[start + 3 : end]), "handlebars")
        return self._braces(start)

    def _leave(self, start: int, inner: int, closer: str, text: str, dialect: str) -> int:
        """A block whose content is not template syntax but stays visible."""
        end = self.text.find(closer, inner)
        if end < 0:
            return inner
        self.add(start, inner, "block", text, dialect)
        return self.add(end, end + len(closer), "block", "/" + text, dialect)

    def _braces(self, start: int) -> int:
        text = self.text
        dialect = self.dialect
        if text.startswith(("{{/*", "{{- /*"), start):
            end = text.find("*/", start)
            closed = _BRACES_END.match(text, end + 2) if end >= 0 else None
            if closed:
                return self.add(start, closed.end(), "comment", text[start:end].partition("/*")[2], "go")
        if dialect not in ("jinja", "liquid", "vue", "go", "blade") and text.startswith(("{{!", "{{~!"), start):
            long = text.startswith("!--", start + 2) or text.startswith("!--", start + 3)
            end = self.find("--}}" if long else "}}", start)
            if long:
                end = min(end, self.find("--~}}", start))
            closed = _BRACES_END.match(text, end + 2 if long else end)
            if closed:
                inner = text[start:end].partition("!--" if long else "!")[2]
                return self.add(start, closed.end(), "comment", inner, "handlebars")
        end = self.close(start + 2, "{{", "}}", balanced=True)
        if end < 0:
            return start + 2
        span = Span(start, end + 2)
        body = _trimmed(text[start + 2 : end])
        if dialect == "vue":
            return self.add(start, span.end, "output", body, "vue")
        if body[:1] in _SIGILS and self._handlebars(span, body):
            return span.end
        if self._go_tag(span, body):
            return span.end
        if body[:4] == "else" and self._handlebars(span, body):
            return span.end
        return self.add(start, span.end, "output", body, self._output_dialect(body))

    def _output_dialect(self, body: str) -> str:
        if self.dialect in ("jinja", "liquid", "handlebars", "go", "blade", "svelte"):
            return self.dialect
        if body[:1] in (".", "$") or " ." in body:
            return "go"
        return "liquid" if self.dialect in _MARKDOWN else "jinja" if "{%" in self.text else "handlebars"

    def _handlebars(self, span: Span, body: str) -> bool:
        """A Handlebars or Mustache tag: `#if x`, `^x`, `/if`, `else if x`, `> partial`."""
        scopes = self.scopes
        if body.startswith("else"):
            if not _ELSE.match(body):
                return False
            rest = body[4:].strip()
            condition = self._helper(span, rest, True) if rest else None
            scopes.branch(span.end, condition)
            self.add(*span, "block", body, "handlebars")
            return True
        sigil, rest = body[0], body[1:].strip()
        word = _word(rest)
        if sigil == "/":
            if not word:
                return False
            scopes.close(span.start, "handlebars:" + word)
        elif sigil == ">" or sigil == "&":
            self.add(*span, "code" if sigil == ">" else "output", body, "handlebars")
            return True
        elif sigil == "^" and not rest:
            scopes.branch(span.end, None)
        elif sigil in "#^" and rest:
            rest = rest.lstrip("*>").strip()
            word = _word(rest)
            condition = self._helper(span, rest, sigil == "#") if body[1:2] not in ("*", ">") else None
            frame = scopes.open(span.end, "handlebars:" + word, condition, mid=True)
            if body.startswith("#*inline"):
                frame.name = rest[len(word) :].strip().strip("\"'")
        else:
            return False
        self.add(*span, "block", body, "handlebars")
        return True

    def _helper(self, span: Span, rest: str, holds: bool) -> Condition | None:
        word = _word(rest)
        arguments = _BLOCK_PARAMETERS.sub("", rest[len(word) :]).strip()
        if word in ("each", "foreach") and arguments:
            return Condition(arguments, holds, span, "handlebars", "for")
        if word in ("if", "with") and arguments:
            return Condition(_unwrapped(arguments), holds, span, "handlebars", word)
        if word == "unless" and arguments:
            return Condition(_unwrapped(arguments), not holds, span, "handlebars", "unless")
        if not arguments:
            return Condition(rest, holds, span, "handlebars", "if" if holds else "unless")
        return Condition(rest, holds, span, "handlebars", word)

    def _go_tag(self, span: Span, body: str) -> bool:
        """A Go action that controls blocks, or assigns."""
        scopes = self.scopes
        word = _word(body)
        rest = body[len(word) :].strip()
        if word in ("if", "with", "range") and rest:
            keyword = "for" if word == "range" else word
            scopes.open(span.end, "go", Condition(_unwrapped(rest), True, span, "go", keyword), mid=True)
        elif word in ("define", "block") and rest.startswith(('"', "`")):
            frame = scopes.open(span.end, "go")
            frame.name = rest.split('"' if rest[0] == '"' else "`")[1]
        elif word == "else" and (not rest or rest.startswith(("if ", "with "))) and scopes.has("go"):
            condition = None
            if rest:
                condition = Condition(_unwrapped(rest.partition(" ")[2].strip()), True, span, "go", "elif")
            scopes.branch(span.end, condition, "go")
        elif word == "end" and not rest:
            scopes.close(span.start, "go")
        elif body[:1] == "$" and _GO_ASSIGNMENT.match(body):
            self.add(*span, "code", body, "go")
            return True
        else:
            return False
        self.add(*span, "block", body, "go")
        return True

    def _percent(self, start: int) -> int:
        text = self.text
        end = self.close(start + 2, "{%", "%}")
        if end < 0:
            return start + 2
        span = Span(start, end + 2)
        body = _trimmed(text[start + 2 : end])
        dialect = "liquid" if self.dialect in ("liquid", *_MARKDOWN) else "jinja"
        word = _word(body)
        if word in _SILENT or word in _LISTINGS or word in _VERBATIM:
            closer = self._end_tag(word, span.end)
            if closer is not None:
                if word in _SILENT:
                    return self.add(start, closer.end, "comment", text[span.end : closer.start], dialect)
                if word in _LISTINGS:
                    return self.add(start, closer.end, "raw", text[span.end : closer.start], dialect)
                self.add(*span, "block", body, dialect)
                return self.add(*closer, "block", _trimmed(text[closer.start + 2 : closer.end - 2]), dialect)
        self._percent_tag(span, word, body[len(word) :].strip(), dialect)
        kind: Kind = "block"
        if word in _OUTPUT_TAGS:
            kind = "output"
        elif word not in _CONTROL and not word.startswith("end") and "end" + word not in self.ends:
            kind = "output" if word not in _STATEMENTS and _abuts(text, span) else "code"
        return self.add(*span, kind, body, dialect)

    def _end_tag(self, word: str, position: int) -> Span | None:
        if "end" + word not in self.ends:
            return None
        for closer in re.compile(r"\{%[-+~]?\s{0,99}end" + word + r"\b[^%\n]{0,99}%\}").finditer(self.text, position):
            return Span(*closer.span())
        self.ends.discard("end" + word)
        return None

    @cached_property
    def ends(self) -> set[str]:
        """The closing tags that the text has: they tell whether an unknown tag opens a block."""
        return set(_ENDS.findall(self.text))

    def _percent_tag(self, span: Span, word: str, rest: str, dialect: str) -> None:
        scopes = self.scopes

        def condition(expression: str, keyword: str, holds: bool = True) -> Condition:
            return Condition(_unwrapped(expression.strip()), holds, span, dialect, keyword)

        if word in ("if", "ifAsync"):
            scopes.open(span.end, "%if", condition(rest, "if"), mid=True)
        elif word == "unless":
            scopes.open(span.end, "%unless", condition(rest, "unless", False), mid=True)
        elif word in ("ifequal", "ifnotequal"):
            operator = " == " if word == "ifequal" else " != "
            scopes.open(span.end, "%" + word, condition(operator.join(rest.split(None, 1)), "if"), mid=True)
        elif word in ("elif", "elseif", "elsif"):
            scopes.branch(span.end, condition(rest, "elif"))
        elif word in ("else", "empty"):
            scopes.branch(span.end, condition(rest[3:], "elif") if rest.startswith("if ") else None)
        elif word in ("for", "tablerow", "asyncEach", "asyncAll"):
            key = {"asyncEach": "each", "asyncAll": "all"}.get(word, word)
            scopes.open(span.end, "%" + key, condition(rest, "for"), mid=True)
        elif word in ("case", "switch") and ("end" + word) in self.ends and (rest or word == "switch"):
            if word == "case" and (frame := scopes.innermost("%switch")):
                self._when(frame, span, f"{frame.subject} == {rest}", dialect)
            else:
                scopes.open(span.end, "%" + word, mid=True, subject=rest)
        elif word in ("when", "case", "default"):
            frame = scopes.innermost("%case" if word == "when" else "%switch")
            if frame and word == "default":
                scopes.branch(span.end, None, frame.key)
            elif frame:
                values = _WHEN_SEPARATOR.split(rest)
                self._when(frame, span, " or ".join(f"{frame.subject} == {value}" for value in values), dialect)
        elif word in ("macro", "block"):
            frame = scopes.open(span.end, "%" + word)
            if word == "macro":
                frame.name = _word(rest)
        elif word.startswith("end") and len(word) > 3:
            scopes.close(span.start, "%" + word[3:])
        elif "end" + word in self.ends:
            if word in _UNCONDITIONAL:
                scopes.open(span.end, "%" + word)
            else:
                scopes.open(span.end, "%" + word, condition(f"{word} {rest}", word), mid=True)

    def _when(self, frame: _Frame, span: Span, expression: str, dialect: str) -> None:
        self.scopes.branch(span.end, Condition(expression, True, span, dialect, "case"), frame.key)

    def _scriptlet(self, start: int) -> int:
        text = self.text
        if text.startswith("<%%", start):
            return start + 3
        if text.startswith("<%--", start):
            end = self.find("--%>", start + 4)
            if end < len(text):
                return self.add(start, end + 4, "comment", text[start + 4 : end], self._scriptlet_language())
        end = self.find("%>", start + 2)
        if end == len(text):
            return start + 2
        language = self._scriptlet_language()
        sign = text[start + 2 : start + 3]
        inner = start + 2
        if sign in ("#", "!") and language != "asp" and end > inner:
            return self.add(start, end + 2, "comment", text[inner + 1 : end], language)
        output = sign == "=" or (sign == "-" and language == "ejs") or (sign in (":", "#", "$") and language == "asp")
        while text[inner : inner + 1] in ("=", "-", "_", ":", "#", "$", "@") and inner < end:
            inner += 1
        if text[start + 2 : start + 3] == "@" and language == "erb":
            inner = start + 2
        last = end - 1 if end > inner and text[end - 1] in "-_=" else end
        body = text[inner:last]
        span = Span(start, end + 2)
        if sign == "@" and language != "erb":
            return self.add(*span, "code", body, language)
        before = self.scopes.changes
        if language == "erb":
            self._ruby.island(Span(inner, last), span)
        elif language == "asp" and self._basic_language:
            self._basic.island(Span(inner, last), span)
        else:
            self._code.island(Span(inner, last), span)
        kind: Kind = "output" if output else "code"
        if self.scopes.changes != before and (not output or language == "erb" and _DO.search(body)):
            kind = "block"
        return self.add(*span, kind, body, language)

    def _scriptlet_language(self) -> str:
        if not self.scriptlet:
            self.scriptlet = "erb" if _ERB.search(self.text) else "asp" if _BASIC.search(self.text) else "ejs"
            self._code.dialect = self.scriptlet
        return self.scriptlet

    @cached_property
    def _basic_language(self) -> bool:
        return _BASIC.search(self.text) is not None

    def _php(self, start: int) -> int:
        opening = _PHP_OPEN.match(self.text, start)
        if opening is None:
            return start + 2
        before = self.scopes.changes
        end, body = self._php_code.php(opening.end(), start)
        code = self.text[opening.end() : body].strip()
        kind: Kind = "code"
        if self.scopes.changes != before:
            kind = "block"
        elif self._php_code.comment_only:
            kind = "comment"
        if opening[0] == "<?=" or (_PHP_ECHO.match(code) and not self._php_code.statements > 1):
            kind = "output"
        elif kind == "code" and self._php_code.statements <= 1 and _PHP_CALL.match(code) and _abuts(self.text, Span(start, end)):
            kind = "output"
        return self.add(start, end, kind, code, "php")


def _trimmed(inner: str) -> str:
    """The inside of a tag without its white-space control."""
    if inner[:1] in ("-", "+", "~"):
        inner = inner[1:]
    if inner[-1:] in ("-", "+", "~"):
        inner = inner[:-1]
    return inner.strip()


_WORD = re.compile(r"[\w$.@/-]*")


def _word(text: str) -> str:
    found = _WORD.match(text)
    return found[0] if found else ""


def _unwrapped(expression: str) -> str:
    """Without brackets that enclose all of it."""
    while expression[:1] == "(" and expression[-1:] == ")":
        depth = 0
        for bracket in _BRACKET.finditer(expression):
            depth += 1 if bracket[0] == "(" else -1
            if depth == 0 and bracket.end() < len(expression):
                return expression
        if depth:
            return expression
        expression = expression[1:-1].strip()
    return expression


def _abuts(text: str, span: Span) -> bool:
    """Whether a construct touches other characters of a word, a URL or a quoted value: then it is replaced by text."""
    before, after = text[span.start - 1 : span.start], text[span.end : span.end + 1]
    return bool((before and before not in " \t\r\n<>{}();,%?") or (after and after not in " \t\r\n<>{}();,%?"))


# ---------------------------------------------------------------------------------------------- code across its islands


class _Braces:
    """Blocks of languages with braces (PHP, JavaScript, Java, C#) whose code stands in islands between markup."""

    def __init__(self, scanner: _Scanner, dialect: str) -> None:
        self.scanner = scanner
        self.scopes = scanner.scopes
        self.text = scanner.text
        self.dialect = dialect
        self.depth = 0  # of round and square brackets since the last brace
        self.head: tuple[str, int] | None = None  # keyword that waits for its brackets, and where it stands
        self.inside = -1  # where the expression in those brackets begins
        self.outside = 0  # depth around them
        self.body: _Frame | None = None  # a head is complete, what follows is its body
        self.body_at = 0
        self.closed: _Frame | None = None  # the block that an `else` would continue
        self.otherwise: _Frame | None = None  # `else` was read, and this is what it continues
        self.alternative = False  # `else` or `elseif` of PHP's syntax without braces
        self.label = -1  # where the expression of a `case` begins
        self.default = False
        self.unwind = False  # statements without braces end here, unless `else` follows
        self.island_span = Span(0, 0)
        self.statements = 0
        self.comment_only = False

    def island(self, code: Span, region: Span) -> None:
        """Read one island whose end is known."""
        self.island_span = region
        for token in _CODE.finditer(self.text, code.start, code.end):
            self._token(token[0], token.start(), token.end())
        if self.head and self.inside < 0:
            self.head = None

    def php(self, start: int, opening: int) -> tuple[int, int]:
        """Read one island of PHP; gives the ends of the region and of the code."""
        text = self.text
        scanner = self.scanner
        self.statements = 0
        self.comment_only = True
        self.island_span = Span(opening, start)
        position = start
        while True:
            token = _PHP.search(text, position)
            if token is None:
                self.comment_only = self.comment_only and not text[position:].strip()
                return len(text), len(text)
            if self.comment_only and text[position : token.start()].strip():
                self.comment_only = False
            value = token[0]
            position = token.end()
            if value == "?>":
                self._php_end(token.start())
                return position, token.start()
            first = value[0]
            if first in "\"'`":
                self.comment_only = False
                if len(value) == 1 or value[-1] != first or position == len(text) and not _STRING.fullmatch(value):
                    scanner.fuel -= len(value)
                    end = text.find("?>", token.start())
                    if end >= 0 and scanner.fuel > 0:
                        self._php_end(end)
                        return end + 2, end
                self._token('"', token.start(), position)
            elif value.startswith("<<<"):
                self.comment_only = False
                closer = re.compile(r"^[ \t]{0,99}" + token[1] + r"\b", re.MULTILINE).search(text, position)
                if closer:
                    position = closer.end()
                else:
                    scanner.fuel -= len(text) - position
                    if scanner.fuel < 0:
                        return len(text), len(text)
            elif not value.startswith(("//", "#", "/*")):
                self.comment_only = False
                self._token(value.lower(), token.start(), position)

    def _php_end(self, at: int) -> None:
        """`?>` ends a statement."""
        if self.body is not None:
            self.body = None
        elif self.scopes.stack and self.scopes.stack[-1].key == "statement":
            self._end_statements(at)
        self.head = None
        self.otherwise = None

    def _condition(self, expression: str, keyword: str, start: int) -> Condition:
        span = self.island_span
        span = Span(span.start, max(span.end, start + 1)) if span.start <= start else Span(start, start + len(expression))
        return Condition(expression.strip(), True, Span(start, max(span.end, start)), self.dialect, keyword)

    def _token(self, value: str, start: int, end: int) -> None:
        if value.startswith(("//", "/*")):
            return
        if self.unwind and value != "else" and value != "elseif":
            self.unwind = False
            self._end_statements(start, keep=self.closed)
        handler = _CODE_WORDS.get(value)
        if handler == "head":
            self._word(value, start)
        elif handler == "leave":
            if self.body is not None:
                self._open_statement()
            if self.scopes.stack:
                self.scopes.stack[-1].ended = True
        elif value == "else":
            self.otherwise = self.closed
            self.alternative = self.closed is None
            self.closed = None
            self.head = None
            self.inside = -1
            self.body = _Frame("{", None, None, None)
            self.body_at = end
            if self.otherwise:
                self._continue(self.otherwise, None)
        elif value == "case":
            self._plain()
            self.label = end
            self.default = False
        elif value == "default":
            self._plain()
            self.label = end
            self.default = True
        elif value in "([":
            if self.head and self.inside < 0 and value == "(":
                self.inside = end
                self.outside = self.depth
            else:
                self._plain()
            self.depth += 1
        elif value in ")]":
            self.depth = max(self.depth - 1, 0)
            if self.head and self.inside >= 0 and self.depth == self.outside:
                self._head_complete(start, end)
        elif value == "{":
            self._open_brace(end)
        elif value == "}":
            self._close_brace(start)
        elif value == ";":
            self._semicolon(end)
        elif value == ":":
            self._colon(end)
        elif handler == "end":
            self.scopes.close(start, "php:" + ("for" if value == "endforeach" else value[3:]))
            self.closed = None
        else:
            self._plain()

    def _plain(self) -> None:
        """Any other token: the body of a head has no braces."""
        if self.body is not None:
            self._open_statement()

    def _word(self, value: str, start: int) -> None:
        if self.otherwise is not None or (self.body is not None and self.alternative):
            value = "elseif" if value == "if" and self.body is not None else value
            if value == "elseif":
                self.body = None
        elif value == "elseif":
            self.otherwise = self.closed
            self.alternative = self.closed is None
        else:
            self._plain()
            self.alternative = False
        self.closed = None
        self.head = (value, start)
        self.inside = -1

    def _continue(self, previous: _Frame, condition: Condition | None) -> None:
        earlier = previous.earlier
        if previous.condition:
            earlier = _Node(_negated(previous.condition), earlier)
        self.body = _Frame("{", previous.outer, earlier, condition)

    def _head_complete(self, start: int, end: int) -> None:
        assert self.head is not None
        keyword, at = self.head
        expression = self.text[self.inside : start].strip()
        self.head = None
        self.inside = -1
        self.body_at = end
        node = self.scopes.node
        if keyword == "switch":
            self.body = _Frame("{", node, node, None, subject=expression or " ")
        elif keyword == "catch":
            self.body = _Frame("{", node, node, None)
        elif keyword == "elseif":
            condition = self._condition(expression, "elif", at)
            if self.otherwise is not None:
                self._continue(self.otherwise, condition)
            else:
                self.body = _Frame("{", node, node, condition)
        else:
            name = "if" if keyword == "if" else "while" if keyword == "while" else "for"
            self.body = _Frame("{", node, node, self._condition(expression, name, at), name=name)
        self.otherwise = None

    def _open_brace(self, end: int) -> None:
        frame = self.body or _Frame("{", self.scopes.node, self.scopes.node, None)
        self.body = None
        self.otherwise = None
        self.alternative = False
        self.closed = None
        self._enter(frame, "{", end)
        self.depth = 0

    def _enter(self, frame: _Frame, key: str, at: int) -> None:
        frame.key = key
        frame.parens = self.depth
        frame.name = ""
        frame.ended = False
        frame.body = at
        if frame.outer is None and frame.earlier is None:
            frame.outer = frame.earlier = self.scopes.node
        self.scopes.enter(at, frame)

    def _open_statement(self) -> None:
        frame = self.body
        self.body = None
        self.otherwise = None
        self.alternative = False
        if frame is not None and frame.condition is not None or frame is not None and frame.earlier is not None:
            self._enter(frame, "statement", self.body_at)

    def _close_brace(self, start: int) -> None:
        self.body = None
        frame = self.scopes.close(start, "{")
        self.closed = None
        if frame is None:
            return
        self.depth = frame.parens
        self._leave(start, frame)
        if frame.condition is not None or frame.earlier is not frame.outer:
            self.closed = frame
        if self.scopes.stack and self.scopes.stack[-1].key == "statement" and self.scopes.stack[-1].parens == self.depth:
            self.unwind = True

    def _leave(self, at: int, frame: _Frame) -> None:
        """After `if (x) { return; }` the rest of the block runs only if x does not hold."""
        if frame.ended and frame.condition and frame.earlier is frame.outer and frame.condition.keyword == "if":
            self.scopes.move(at, _Node(_negated(frame.condition), self.scopes.node))

    def _end_statements(self, at: int, keep: _Frame | None = None) -> None:
        stack = self.scopes.stack
        inner = None
        while stack and stack[-1].key == "statement" and stack[-1].parens == self.depth:
            frame = self.scopes.close(at, "statement")
            if inner is None:
                inner = frame
        if inner is not None:
            if keep is None:
                self._leave(at, inner)
            self.closed = inner if keep is None else None

    def _semicolon(self, end: int) -> None:
        if self.depth == 0:
            self.statements += 1
        if self.body is not None:
            self._open_statement()
        self.closed = None
        if not self.head:
            self._end_statements(end)

    def _colon(self, end: int) -> None:
        if self.label >= 0:
            self._case(end)
        elif self.body is not None and self.dialect == "php":
            frame = self.body
            self.body = None
            if self.alternative:
                self.scopes.branch(end, frame.condition, "php:if")
            else:
                key = "php:" + {"": "switch" if frame.subject else "if"}.get(frame.name, frame.name)
                self._enter(frame, key, end)
            self.alternative = False
            self.otherwise = None

    def _case(self, end: int) -> None:
        label = self.text[self.label : end - 1].strip()
        at = self.label
        self.label = -1
        stack = self.scopes.stack
        if not stack or not stack[-1].subject:
            return
        frame = stack[-1]
        if self.default:
            condition = None
        else:
            condition = self._condition(f"{frame.subject} == {label}", "case", at)
            if not frame.ended and frame.condition is not None:
                joined = f"{frame.condition.expression} || {condition.expression}"
                frame.condition = condition = replace(frame.condition, expression=joined)
                self.scopes.move(end, _Node(condition, frame.earlier))
                return
        self.scopes.branch(end, condition, frame.key)
        frame.ended = False


class _Ruby:
    """Blocks of Ruby and Elixir whose code stands in islands between markup."""

    def __init__(self, scanner: _Scanner) -> None:
        self.scopes = scanner.scopes
        self.text = scanner.text

    def island(self, code: Span, region: Span) -> None:
        text, scopes = self.text, self.scopes
        fresh = True  # an expression may begin here
        statement = code.start
        head: tuple[str, int, int] | None = None  # keyword, start of its expression, start of its statement
        absorbed = False  # this statement's `do` belongs to its head
        depth = 0
        after_operator = False

        def finish(end: int, until: int) -> None:
            nonlocal head
            if head is None:
                return
            keyword, start, begin = head
            head = None
            expression = _unwrapped(text[start:end].strip())
            holds = keyword not in ("unless", "until")
            name = {"elsif": "elif", "until": "while"}.get(keyword, keyword)
            condition = Condition(expression, holds, region, "erb", name)
            if begin >= 0:
                if keyword in ("if", "unless"):
                    scopes.during(begin, until, condition)
            elif keyword == "elsif":
                scopes.branch(until, condition, "ruby")
            elif keyword == "case":
                scopes.open(until, "ruby", subject=expression or " ", mid=True)
            elif keyword in ("when", "in"):
                frame = scopes.innermost("ruby")
                if frame:
                    values = " || ".join(f"{frame.subject} == {value.strip()}" for value in expression.split(","))
                    scopes.branch(until, Condition(values, True, region, "erb", "case"), "ruby")
            else:
                scopes.open(until, "ruby", condition, mid=True)

        for token in _RUBY.finditer(text, code.start, code.end):
            value = token[0]
            start, end = token.span()
            if value[0] == "#":
                continue
            if value in ("\n", ";", "\r\n", "\r"):
                if value == ";" or (depth == 0 and not after_operator):
                    finish(start, end)
                    statement = end
                    absorbed = False
                    fresh = True
                continue
            was_fresh, fresh = fresh, False
            after_operator = False
            if value in _RUBY_OPERATORS:
                fresh = after_operator = True
            elif value in ("(", "["):
                depth += 1
                fresh = True
            elif value in (")", "]"):
                depth = max(depth - 1, 0)
            elif value == "{":
                scopes.open(end, "ruby{")
                fresh = True
            elif value == "}":
                scopes.close(start, "ruby{")
            elif value in ("if", "unless", "while", "until"):
                finish(start, start)
                head = (value, end, -1 if was_fresh else statement)
                absorbed = was_fresh
                fresh = True
            elif value in ("elsif", "case", "when", "in", "cond", "for"):
                if value in ("in", "for") and not was_fresh or (value == "in" and head):
                    continue
                head = ("case" if value == "cond" else value, end, -1)
                absorbed = value in ("case", "cond", "for")
                fresh = True
            elif value == "then":
                finish(start, end)
                statement, fresh = end, True
            elif value == "do":
                if head:
                    finish(start, end)
                elif not absorbed:
                    call = text[statement:start].strip()
                    loop = _RUBY_LOOP.search(call)
                    scopes.open(end, "ruby", Condition(call, True, region, "erb", "for") if loop else None)
                absorbed = False
                statement, fresh = end, True
            elif value in ("begin", "def", "class", "module") and was_fresh:
                scopes.open(end, "ruby", mid=value == "begin")
            elif value == "else":
                finish(start, start)
                scopes.branch(end, None, "ruby")
                statement, fresh = end, True
            elif value == "end":
                finish(start, start)
                scopes.close(start, "ruby")
        finish(code.end, region.end)


class _Basic:
    """Blocks of Visual Basic whose code stands in islands between markup."""

    def __init__(self, scanner: _Scanner) -> None:
        self.scopes = scanner.scopes
        self.text = scanner.text

    def island(self, code: Span, region: Span) -> None:
        text, scopes = self.text, self.scopes
        head: tuple[str, int] | None = None
        single: tuple[Condition, int] | None = None
        for token in _VB.finditer(text, code.start, code.end):
            value = " ".join(token[0].lower().split())
            start, end = token.span()
            if value[:1] in ("'", '"'):
                continue
            if value in ("if", "elseif"):
                head = (value, end)
            elif value == "then" and head:
                expression = _unwrapped(text[head[1] : start].strip())
                condition = Condition(expression, True, region, "asp", "if" if head[0] == "if" else "elif")
                if head[0] == "elseif":
                    scopes.branch(end, condition, "vb:if")
                elif _VB_REST.match(text, end, code.end):
                    scopes.open(end, "vb:if", condition, mid=True)
                else:
                    single = (condition, end)
                head = None
            elif value == "else" and single is None:
                scopes.branch(end, None, "vb:if")
            elif value == "" or value == "else":
                if single:
                    scopes.during(single[1], start, single[0])
                    single = None
            elif value == "end if":
                scopes.close(start, "vb:if")
            elif value in ("for", "for each", "while", "do while", "do until", "do"):
                line = _LINE_REST.match(text, end, code.end)
                expression = line[0].strip() if line else ""
                loop = Condition(expression, True, region, "asp", "for" if value[0] == "f" else "while")
                scopes.open(end, "vb:" + _VB_CLOSERS[value], loop if value[0] == "f" else None)
            elif value in ("next", "wend", "loop"):
                scopes.close(start, "vb:" + value)
            elif value == "select case":
                line = _LINE_REST.match(text, end, code.end)
                scopes.open(end, "vb:select", mid=True, subject=line[0].strip() if line else "")
            elif value == "case":
                line = _LINE_REST.match(text, end, code.end)
                label = line[0].strip() if line else ""
                frame = scopes.innermost("vb:select")
                if frame:
                    match = Condition(f"{frame.subject} = {label}", True, region, "asp", "case")
                    scopes.branch(end, None if label.lower() == "else" else match, "vb:select")
            elif value == "end select":
                scopes.close(start, "vb:select")
        if single:
            scopes.during(single[1], region.end, single[0])


# ---------------------------------------------------------------------------------------------------------------- tables


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STRINGS = {
    '"': re.compile(r'"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"'),
    "'": re.compile(r"'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'"),
    "`": re.compile(r"`[^`]*`"),
}
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|\'[^\'\\]*(?:\\.[^\'\\]*)*\'|`[^`]*`', re.DOTALL)
_QUOTE_OR_BRACE = re.compile(r"[\"'`{}]")
_BRACKET = re.compile(r"[()]")
_SIGILS = ("#", "^", "/", ">", "&")
_ELSE = re.compile(r"else(?:\s|$)")
_RAW_HELPER = re.compile(r"\{\{\{\{\s*([\w-]+)[^{}]{0,200}\}\}\}\}")
_BLOCK_PARAMETERS = re.compile(r"\bas\s+\|[^|]*\|\s*$")
_BRACES_END = re.compile(r"\s*[-~]?\s*\}\}")
_GO_ASSIGNMENT = re.compile(r"\$\w*(?:\s*,\s*\$\w+)?\s*:?=(?!=)")
_ENDS = re.compile(r"\{%[-+~]?\s*(end\w+)")
_WHEN_SEPARATOR = re.compile(r"\s*,\s*|\s+or\s+")

_SILENT = _words("comment")
_LISTINGS = _words("highlight schema")
_VERBATIM = _words("raw verbatim")
_CONTROL = _words(
    """
    if elif elseif elsif else unless ifequal ifnotequal ifAsync for tablerow asyncEach asyncAll empty case switch when default
    macro block raw verbatim comment highlight schema
    """
)
_STATEMENTS = _words(
    """
    set assign include extends import from load use do break continue increment decrement layout section render sections
    include_relative include_cached liquid echo with capture cache call filter autoescape flush decorators debug
    """
)
_OUTPUT_TAGS = _words("static url trans translate asset get_static_prefix get_media_prefix page_url image_url post_url now")
# Tags with an end tag that does not make their content conditional.
_UNCONDITIONAL = _words(
    """
    block blocktrans blocktranslate spaceless filter autoescape cache localize localtime timezone language compress thumbnail
    trans capture macro call set verbatim raw highlight javascript style stylesheet form paginate embed apply sandbox with
    placeholder addtoblock include component section article head body details tabs tab fragment slot snippet stylesheets
    javascripts form_theme trans_default_domain markdown nav layout export tablerow wrapper add_data
    """
)

_ERB = re.compile(
    r"<%[-=]*\s*(?:end\b|elsif\b|unless\b|else\s*-?%>|(?:if|case)\s[^%{\n]{0,300}-?%>|[^%{\n]{0,200}\bdo\b(?:\s*\|[^|\n]{0,99}\|)?\s*-?%>"
    r"|=?\s*(?:render|yield|link_to|t\(|content_for)\b)"
)
_BASIC = re.compile(
    r"<%[^%]{0,2000}?\b(?:End\s+If|Dim\s|If\b[^%\n]{0,200}\bThen\b|End\s+Select|Next\b|Wend\b|Response\.Write\s)", re.IGNORECASE
)
_DO = re.compile(r"\bdo\b\s*(?:\|[^|]*\|\s*)?$|^\s*(?:if|unless|case|for|cond)\b")
_PHP_OPEN = re.compile(r"<\?(?:php(?![\w])|=|(?=\s)|(?=\}))", re.IGNORECASE)
_PHP_ECHO = re.compile(r"(?:echo|print)\b", re.IGNORECASE)
_PHP_CALL = re.compile(r"[\\\w$>:-]+\s*\(")

_CODE = re.compile(
    r"//[^\r\n]*|/\*.*?(?:\*/|\Z)|\"(?:[^\"\\\r\n]|\\.)*\"?|'(?:[^'\\\r\n]|\\.)*'?|`(?:[^`\\]|\\.)*`?|[{}()\[\];]|(?<!:):(?!:)"
    r"|(?<![\w$.])(?:if|else|for|foreach|while|switch|catch|case|default|break|return|continue|throw)(?![\w$])",
    re.DOTALL,
)
_PHP = re.compile(
    r"\?>|(?://|\#(?!\[))(?:(?!\?>)[^\r\n])*|/\*.*?(?:\*/|\Z)|\"(?:[^\"\\]|\\.)*(?:\"|\Z)|'(?:[^'\\]|\\.)*(?:'|\Z)|`(?:[^`\\]|\\.)*(?:`|\Z)"
    r"|<<<[ \t]*[\"']?(\w+)[\"']?[ \t]*(?=[\r\n])|[{}()\[\];]|(?<!:):(?!:)"
    r"|(?<![\w$\\])(?<!->)(?<!::)(?:if|else|elseif|for|foreach|while|switch|catch|case|default|break|return|continue|throw|exit|die"
    r"|endif|endfor|endforeach|endwhile|endswitch)(?!\w)",
    re.DOTALL | re.IGNORECASE,
)
_CODE_WORDS = {
    **dict.fromkeys(("if", "elseif", "for", "foreach", "while", "switch", "catch"), "head"),
    **dict.fromkeys(("break", "return", "continue", "throw", "exit", "die"), "leave"),
    **dict.fromkeys(("endif", "endfor", "endforeach", "endwhile", "endswitch"), "end"),
}

_RUBY = re.compile(
    r"#[^\r\n]*|\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|%[wWiI]?[\[({][^\])}]*[\])}]?|::|:[A-Za-z_]\w*[?!]?|[A-Za-z_]\w*[?!]?:(?!:)"
    r"|\.\s*[A-Za-z_]\w*[?!]?|[@$]+\w+|\w+[?!]?|&&|\|\||\r\n|[^\w\s\"'#]|[\r\n]",
    re.DOTALL,
)
_RUBY_OPERATORS = _words("&& || = ! , + - * / ? : < > & | and or not return")
_RUBY_LOOP = re.compile(r"\.(?:each\w*|times|map|collect|select|upto|step|reverse_each|find_each)\b[^.]*$")

_VB = re.compile(
    r"'[^\r\n]*|\"(?:[^\"\r\n]|\"\")*\"?|(?<![\w.])(?:end\s+if|elseif|else|if|then|for\s+each|for|next|do\s+while|do\s+until|do|loop"
    r"|while|wend|end\s+select|select\s+case|case)(?!\w)|(?<!_)\r?\n",
    re.IGNORECASE,
)
_VB_REST = re.compile(r"[ \t]*(?:'[^\r\n]*)?(?:[\r\n]|\Z)")
_VB_CLOSERS = {"for": "next", "for each": "next", "while": "wend", "do while": "loop", "do until": "loop", "do": "loop"}
_LINE_REST = re.compile(r"[^\r\n]*")
