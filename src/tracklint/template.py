"""Masks template syntax by filler of equal length, so that what remains is HTML and every offset stays valid.

1. One regular expression finds the next delimiter of the dialect; its handler finds where the construct ends, and what
   it is: an output, a tag of a block, a comment, code, or raw text.
2. Tags and code move a stack of open blocks (`_Scopes`). Each place where the enclosing conditions change is noted with
   the head of a linked list of conditions, so that looking them up is one bisection.
3. Languages whose blocks are written in code (PHP, ERB, EJS, JSP, ASP) have that code lexed across its islands; Razor
   and JSX-like expressions alternate between code and markup on an explicit stack.

Nothing raises on bad input, and all work is linear: what a failed look-ahead may read is limited by `_Scanner.fuel`.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple

from tracklint import lazy_re
from tracklint.model import Span

FILLER = "\ue000"

Kind = Literal["output", "block", "comment", "code", "raw"]


class Region(NamedTuple):
    """One template construct."""

    span: Span  # delimiters included
    kind: Kind  # block: opens, continues or closes one; code: any other statement, such as an include or an assignment
    text: str  # without delimiters and white-space control, stripped
    dialect: str  # the language of this construct, which may differ from the file's


class Condition(NamedTuple):
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

    def index(self, offset: int) -> int:
        """The number of constructs that begin at `offset` or before it."""
        return bisect_right(self._starts, offset)

    def region_at(self, offset: int) -> Region | None:
        """The construct that holds `offset`."""
        index = self.index(offset) - 1
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


_NOT_LINE_END = lazy_re.compile(r"[^\r\n]")


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


# ----------------------------------------------------------------------------------------------------- enclosing blocks


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

    def open(
        self, at: int, key: str, condition: Condition | None = None, mid: bool = False, subject: str = ""
    ) -> _Frame:
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
    return condition._replace(holds=not condition.holds)


# ---------------------------------------------------------------------------------------------------------- the scanner

_SCRIPTLETS = frozenset({"erb", "ejs", "asp", "jsp"})
_MARKDOWN = frozenset({"markdown", "mdx", "rst", "adoc", "textile"})
_UNION = r"\{\{\{?|\{%|\{#|<%|<\?"
_OPENERS: dict[str, str] = {
    "plain": r"(?!)",
    "jinja": r"\{\{|\{%|\{#",
    "liquid": r"\{\{|\{%",
    "handlebars": r"\{\{\{?",
    "go": r"\{\{",
    "erb": r"<%",
    "ejs": r"<%",
    "asp": r"<%",
    "jsp": r"<%|[$#]\{|</?(?:c|fmt|g|jsp|logic):",
    "php": r"<\?",
    "razor": r"@",
    "blade": r"\{\{|\{!!|@|<\?",
    "freemarker": r"</?[#@]|[$#]\{|\[=",
    "smarty": r"\{(?=[$*=\"'#_]|/?[a-z])",
    "velocity": r"#(?=[#*@\[]|\{?[a-z])|\$(?=!?\{?[a-z_])",
    "mako": r"</?%|\$\{|^[ \t]*(?:%(?!%)|##)",
    "svelte": r"\{|<(?:script|style)\b|<!--",
    "vue": r"\{\{|<(?:script|style)\b|<!--",
    "astro": r"\{|<(?:script|style)\b|<!--",
    "mdx": r"\{|<(?:script|style)\b|<!--|^(?:import|export)[ \t{*]",
    "markdown": r"\{\{|\{%",
    "rst": r"\{\{|\{%",
    "adoc": r"\{\{|\{%",
    "textile": r"\{\{|\{%",
}
_SQUARE = r"|\[/?[#@]"  # FreeMarker's other syntax


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
            "<%": self._mako_tag if dialect == "mako" else self._scriptlet,
            "<?": self._php,
            "{!!": self._unescaped,
            "${": self._interpolation,
            "#{": self._interpolation,
            "[=": self._interpolation,
            "<!--": self._skip_comment,
            "<script": self._skip_content,
            "<style": self._skip_content,
            "{": {"svelte": self._svelte, "smarty": self._smarty}.get(dialect, self._expression),
            "@": self._directive if dialect == "blade" else self._razor,
            "import": self._module,
            "export": self._module,
            "#": self._velocity_directive,
            "$": self._velocity_reference,
            "%": self._mako_line,
            "##": self._mako_line,
            "</%": self._mako_tag,
            **dict.fromkeys(("<#", "</#", "<@", "</@", "[#", "[/#", "[@", "[/@"), self._freemarker),
            **{f"<{end}{name}:": self._tag_library for name in ("c", "fmt", "g", "jsp", "logic") for end in ("", "/")},
        }
        self.raw: list[Span] = []  # code in Markdown
        self.sections: list[int] = []  # where the content of Razor's sections begins
        self.jump: tuple[int, int] | None = None  # the next stretch without template syntax: where it begins and ends
        self._ruby = _Ruby(self)
        self._code = _Braces(self, dialect if dialect in ("ejs", "jsp", "asp") else "ejs")
        self._php_code = _Braces(self, "php")
        self._razor_code = _Braces(self, "razor")
        self._basic = _Basic(self)

    def run(self) -> None:
        """Find all constructs, in order."""
        text = self.text
        dialect = self.dialect if self.dialect in _OPENERS else ""
        pattern = _OPENERS.get(dialect, _UNION)
        if dialect == "freemarker" and _SQUARE_TAG.search(text):
            pattern += _SQUARE
        opener = re.compile(pattern, re.IGNORECASE | re.MULTILINE)
        position = 0
        if dialect == "astro" and (front := _FENCED_FRONT.match(text)):
            position = self.add(front.start(1), front.end(1), "code", front[2], "astro")
        raw = self.raw = _markdown_code(text, dialect) if self.dialect in _MARKDOWN else []
        listed = 0
        found = opener.search(text, position)
        while True:
            if found is not None and found.start() < position:
                found = opener.search(text, position)
            start = found.start() if found else len(text)
            if self.jump and start >= self.jump[0]:
                position = max(self.jump[1], position)
                self.jump = None
                continue
            while listed < len(raw) and raw[listed].start < position:
                listed += 1  # inside a construct
            if listed < len(raw) and start >= raw[listed].start:
                span = raw[listed]
                position = self.add(*span, "raw", text[span.start : span.end], self.dialect)
                continue
            if found is None:
                break
            token = found[0].lower()
            end = max(self.handlers[token.strip(" \t{*") if token[0] in "ie \t" else token](start), start + 1)
            if listed < len(raw) and raw[listed].start < end < raw[listed].end:
                end = self._undo(start)
            position = end

        self._close_sections()

    def _close_sections(self) -> None:
        """The closing braces of Razor's sections, whose content is markup."""
        closings: list[Region] = []
        for start in self.sections:
            if self.fuel < 0:
                break
            depth = 1
            index = bisect_left(self.regions, start, key=lambda region: region.span.start)
            position = start
            while depth and position < len(self.text):
                span = self.regions[index].span if index < len(self.regions) else Span(len(self.text), len(self.text))
                for brace in _BRACE.finditer(self.text, position, span.start):
                    depth += 1 if brace[0] == "{" else -1
                    if not depth:
                        closings.append(Region(Span(*brace.span()), "block", "}", "razor"))
                        break
                position = span.end
                index += 1
            if depth:
                self.fuel -= len(self.text) - start
        self.regions = sorted({*self.regions, *closings}, key=lambda region: region.span) if closings else self.regions

    def _undo(self, start: int) -> int:
        """Forget the regions of a construct that ends inside raw text."""
        while self.regions and self.regions[-1].span.start >= start:
            self.regions.pop()
        return start + 1

    def add(self, start: int, end: int, kind: Kind, text: str, dialect: str) -> int:
        self.regions.append(Region(Span(start, end), kind, text.strip(), dialect))
        return end

    # ------------------------------------------------------------------------------------------------------ look-ahead

    def find(self, what: str, position: int) -> int:
        """`str.find`, remembered, so that many openers before one closer cost one search; the length if none is."""
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
                if not (balanced and depth > 0) or self.fuel < 0:
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
                self.fuel -= max(end - first, 0)
                end = first
                break
        self.fuel -= end - first
        inner = text.find(opener, start, first)
        return -1 if inner >= 0 and not self._quoted(start, inner) else end

    def _quoted(self, start: int, offset: int) -> bool:
        """Whether a string that begins after `start` holds `offset`."""
        position = start
        while token := _QUOTE.search(self.text, position, offset):
            string = _STRINGS[token[0]].match(self.text, token.start(), min(len(self.text), offset + 5_000))
            position = string.end() if string else token.end()
            if position > offset:
                return True
        return False

    def balanced(self, start: int, pairs: str, limit: int = 20_000) -> int:
        """The end of the bracket at `start` that `pairs` closes, strings skipped; -1 if it does not end."""
        if self.fuel < 0:
            return -1
        depth = 0
        stop = min(len(self.text), start + limit)
        for token in _BALANCED[pairs].finditer(self.text, start, stop):
            value = token[0]
            if value == pairs[0]:
                depth += 1
            elif value == pairs[1]:
                depth -= 1
                if depth <= 0:
                    return token.end()
        self.fuel -= stop - start
        return -1

    def tag_end(self, start: int, closer: str = ">") -> int:
        """The end of a tag whose inside begins at `start`; brackets and strings may hold `>`. -1 if it does not end."""
        if self.fuel < 0:
            return -1
        depth = 0
        stop = min(len(self.text), start + 20_000)
        for token in _TAG_TOKEN.finditer(self.text, start, stop):
            value = token[0]
            if value == closer and depth <= 0:
                return token.end()
            if value in ("(", "[", "{"):
                depth += 1
            elif value in (")", "]", "}"):
                depth -= 1
        self.fuel -= stop - start
        return -1

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
        end = self.find(closer, inner)
        if end == len(self.text):
            return inner
        self.add(start, inner, "block", text, dialect)
        self._add_raw(inner, end)
        return self.add(end, end + len(closer), "block", "/" + text, dialect)

    def _add_raw(self, start: int, end: int) -> None:
        """The code that Markdown shows between two places where nothing else is read."""
        for span in self.raw[bisect_left(self.raw, (start,)) :]:
            if span.end > end:
                break
            self.add(*span, "raw", self.text[span.start : span.end], self.dialect)

    def _braces(self, start: int) -> int:
        text = self.text
        dialect = self.dialect
        if dialect == "blade" and text.startswith("{{--", start):
            end = self.find("--}}", start + 4)
            if end < len(text):
                return self.add(start, end + 4, "comment", text[start + 4 : end], "blade")
        if dialect in ("markdown", "go") and text.startswith(("{{<", "{{%"), start):
            return self._shortcode(start)
        if text.startswith(("{{/*", "{{- /*"), start):
            end = self.find("*/", start + 4)
            closed = _BRACES_END.match(text, end + 2)
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
        if dialect in ("vue", "blade"):
            return self.add(start, span.end, "output", body, dialect)
        if body[:1] in _SIGILS and self._handlebars(span, body):
            return span.end
        if self._go_tag(span, body):
            return span.end
        if body[:4] == "else" and self._handlebars(span, body):
            return span.end
        return self.add(start, span.end, "output", body, self._output_dialect(body))

    def _shortcode(self, start: int) -> int:
        """Hugo's `{{< name … >}}` in Markdown."""
        closer = ">}}" if self.text[start + 2] == "<" else "%}}"
        end = self.close(start + 3, "{{", closer)
        if end < 0:
            return start + 3
        body = self.text[start + 3 : end].strip()
        span = Span(start, end + 3)
        if body.startswith("/*"):
            return self.add(*span, "comment", body[2:].removesuffix("*/"), "go")
        return self.add(*span, "output" if _abuts(self.text, span) else "code", body, "go")

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
                self._add_raw(span.end, closer.start)
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
        return set(_ENDS.findall(self.text)) if self.dialect != "smarty" else set(_SMARTY_END.findall(self.text))

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
        if self.scopes.changes != before and (not output or (language == "erb" and _DO.search(body))):
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
        if not self.scopes.stack and self.find("?>", opening.end()) == len(self.text):
            # Nothing but code follows: no markup depends on it.
            return self.add(start, len(self.text), "code", self.text[opening.end() :], "php")
        before = self.scopes.changes
        end, body = self._php_code.php(opening.end(), start)
        code = self.text[opening.end() : body].strip()
        kind: Kind = "code"
        if self.scopes.changes != before:
            kind = "block"
        elif self._php_code.comment_only:
            kind = "comment"
        if (
            opening[0] == "<?="
            or (_PHP_ECHO.match(code) and not self._php_code.statements > 1)
            or (
                kind == "code"
                and self._php_code.statements <= 1
                and _PHP_CALL.match(code)
                and _abuts(self.text, Span(start, end))
            )
        ):
            kind = "output"
        return self.add(start, end, kind, code, "php")

    def _skip_comment(self, start: int) -> int:
        end = self.find("-->", start + 4)
        return end + 3 if end < len(self.text) else start + 4

    def _skip_content(self, start: int) -> int:
        """The content of script and style is no template; the start tag may hold expressions."""
        name = "script" if self.text[start + 1 : start + 3].lower() == "sc" else "style"
        end = self.tag_end(start + len(name) + 1)
        if end < 0 or self.text[end - 2] == "/":
            return start + 1
        closer = self.find_tag_end(name, end)
        if closer < len(self.text):
            self.jump = (end, closer)
        return start + len(name) + 1

    def find_tag_end(self, name: str, position: int) -> int:
        """Where `</name` stands; the length of the text if nowhere."""
        known = self._next.get("</" + name, -1)
        if known < position:
            found = (_SCRIPT_END if name == "script" else _STYLE_END).search(self.text, position)
            known = found.start() if found else len(self.text)
            self._next["</" + name] = known
        return known

    # ----------------------------------------------------------------------------------------------------------- Blade

    def _unescaped(self, start: int) -> int:
        end = self.close(start + 3, "{!!", "!!}")
        return self.add(start, end + 3, "output", self.text[start + 3 : end], "blade") if end >= 0 else start + 3

    @cached_property
    def _blade_ends(self) -> frozenset[str]:
        return frozenset(_BLADE_END.findall(self.text))

    def _directive(self, start: int) -> int:
        text = self.text
        if start and _WORD_CHARACTER.match(text, start - 1):
            return start + 1
        escaped = _BLADE_ESCAPED.match(text, start)
        if escaped:
            end = self.find("}}", start) if escaped[0] != "@@" else 0
            return end + 2 if 0 < end < len(text) else escaped.end()
        found = _BLADE_DIRECTIVE.match(text, start)
        if found is None:
            return start + 1
        word = found[1]
        end = found.end()
        arguments = ""
        if found[2] and not (found[3] and word in _AT_RULES):
            closing = self.balanced(end - 1, "()")
            if closing < 0:
                return found.end(1)
            arguments = text[end : closing - 1].strip()
            end = closing
        else:
            end = found.end(1)
        if word == "verbatim":
            return self._leave(start, end, "@endverbatim", word, "blade")
        if word == "php" and not arguments:
            close = self.find("@endphp", end)
            return self.add(start, close + 7, "code", text[end:close], "blade") if close < len(text) else end
        span = Span(start, end)
        before = self.scopes.changes
        self._blade(span, word, arguments)
        body = text[start + 1 : end]
        if (
            self.scopes.changes != before
            or word in _BLADE_BLOCKS
            or (word.startswith("end") and word[3:] in _BLADE_BLOCKS)
        ):
            return self.add(*span, "block", body, "blade")
        if word in _BLADE_OUTPUTS:
            return self.add(*span, "output", body, "blade")
        if word in _BLADE_STATEMENTS:
            return self.add(*span, "code", body, "blade")
        if word in _AT_RULES or (end == found.end(1) and not _fills_line(text, span)):
            return found.end(1)
        return self.add(*span, "output" if _abuts(text, span) else "code", body, "blade")

    def _blade(self, span: Span, word: str, arguments: str) -> None:
        scopes = self.scopes

        def condition(expression: str, keyword: str, holds: bool = True) -> Condition:
            return Condition(_unwrapped(expression), holds, span, "blade", keyword)

        call = f"{word}({arguments})" if arguments else word
        # Whatever `@isset` or `@auth` opened, `@endif` closes.
        if word == "if":
            scopes.open(span.end, "@if", condition(arguments, "if"), mid=True)
        elif word == "unless":
            scopes.open(span.end, "@if", condition(arguments, "unless", False), mid=True)
        elif word == "elseif":
            scopes.branch(span.end, condition(arguments, "elif"))
        elif word == "else" or (word == "empty" and not arguments):
            scopes.branch(span.end, None)
        elif word in ("for", "foreach", "forelse", "while"):
            scopes.open(span.end, "@" + word, condition(arguments, "while" if word == "while" else "for"), mid=True)
        elif word == "switch":
            scopes.open(span.end, "@switch", subject=arguments)
        elif word in ("case", "default"):
            frame = scopes.innermost("@switch")
            if frame:
                match = condition(f"{frame.subject} == {arguments}", "case") if word == "case" else None
                scopes.branch(span.end, match, "@switch")
        elif word.startswith("end") and len(word) > 3:
            loop = word[3:] in ("for", "foreach", "forelse", "while", "switch")
            if loop or word not in _BLADE_STATEMENTS:
                scopes.close(span.start, "@" + word[3:] if loop else "@if")
        elif word.startswith("else") and (word[4:] in _BLADE_CONDITIONS or "end" + word[4:] in self._blade_ends):
            scopes.branch(span.end, condition(call[4:], "elif"))
        elif word in _BLADE_CONDITIONS or ("end" + word in self._blade_ends and word not in _BLADE_STATEMENTS):
            if word == "guest" or word.startswith("unless"):
                inverse = {"guest": "auth"}.get(word, word[6:])
                expression = f"{inverse}({arguments})" if arguments else inverse
                scopes.open(span.end, "@if", condition(expression, "unless", False), mid=True)
            else:
                scopes.open(span.end, "@if", condition(call, word), mid=True)

    # ------------------------------------------------------------------------------------------------- FreeMarker, JSP

    def _interpolation(self, start: int) -> int:
        dialect = self.dialect if self.dialect in ("jsp", "mako") else "freemarker"
        end = self.tag_end(start + 2, "]") if self.text[start] == "[" else self.balanced(start + 1, "{}")
        return self.add(start, end, "output", self.text[start + 2 : end - 1], dialect) if end >= 0 else start + 2

    def _freemarker(self, start: int) -> int:
        text, scopes = self.text, self.scopes
        closer = ">" if text[start] == "<" else "]"
        found = _FREEMARKER_TAG.match(text, start)
        if found is None:
            return start + 2
        closing, sigil, word = found.groups()
        if word == "--":
            end = self.find("--" + closer, found.end())
            if end == len(text):
                return start + 2
            return self.add(start, end + 3, "comment", text[found.end() : end], "freemarker")
        end = self.tag_end(found.end(), closer)
        if end < 0:
            return found.end()
        rest = text[found.end() : end - 1].strip()
        short = rest.endswith("/")
        rest = rest.rstrip("/").rstrip() if short else rest
        span = Span(start, end)
        body = closing + sigil + word + (" " + rest if rest else "")
        if sigil == "@":
            return self.add(*span, "output" if _abuts(text, span) else "code", body, "freemarker")
        if not closing and word in ("noparse", "comment"):
            tag = text[start] + "/#" + word + closer
            if word == "noparse":
                return self._leave(start, end, tag, word, "freemarker")
            stop = self.find(tag, end)
            if stop < len(text):
                return self.add(start, stop + len(tag), "comment", text[end:stop], "freemarker")
        kind: Kind = "block"
        if closing:
            scopes.close(span.start, "#" + word)
        elif word == "if":
            scopes.open(end, "#if", self._plain_condition(rest, "if", span, "freemarker"), mid=True)
        elif word in ("elseif", "elseIf"):
            scopes.branch(end, self._plain_condition(rest, "elif", span, "freemarker"))
        elif word == "else":
            scopes.branch(end, None)
        elif word in ("list", "foreach", "items"):
            scopes.open(end, "#" + word, self._plain_condition(rest, "for", span, "freemarker"), mid=word == "list")
        elif word == "switch":
            scopes.open(end, "#switch", subject=rest)
        elif word in ("case", "on", "default"):
            frame = scopes.innermost("#switch")
            if frame:
                match = self._plain_condition(f"{frame.subject} == {rest}", "case", span, "freemarker")
                scopes.branch(end, None if word == "default" else match, "#switch")
        elif word in ("macro", "function"):
            scopes.open(end, "#" + word).name = _word(rest)
        else:
            kind = "code"
        return self.add(*span, kind, body, "freemarker")

    # ------------------------------------------------------------------------------------------ Smarty, Velocity, Mako

    def _smarty(self, start: int) -> int:
        text, scopes = self.text, self.scopes
        if text.startswith("{*", start):
            end = self.find("*}", start + 2)
            return (
                self.add(start, end + 2, "comment", text[start + 2 : end], "smarty") if end < len(text) else start + 2
            )
        found = _SMARTY_TAG.match(text, start)
        if found is None or (
            found[2] and found[2] not in _SMARTY_WORDS and not _NAMED_ARGUMENT.match(text, found.end())
        ):
            return start + 1
        end = self.balanced(start, "{}")
        if end < 0:
            return start + 1
        span = Span(start, end)
        body = text[start + 1 : end - 1].strip()
        word = found[2] or ""
        rest = body[len(found[1] or "") + len(word) :].strip()
        if word == "literal" and not found[1]:
            return self._leave(start, end, "{/literal}", word, "smarty")
        if word == "php" and not found[1] and (stop := self.find("{/php}", end)) < len(text):
            return self.add(start, stop + 6, "code", text[end:stop], "php")
        kind: Kind = "block"
        if found[1]:
            scopes.close(start, "smarty:" + word)
        elif word in ("if", "ifset"):
            scopes.open(end, "smarty:" + word, self._plain_condition(rest, "if", span, "smarty"), mid=True)
        elif word in ("elseif", "elseifset") or (word == "else" and rest.startswith("if ")):
            rest = rest.removeprefix("if ") if word == "else" else rest
            scopes.branch(end, self._plain_condition(rest, "elif", span, "smarty"))
        elif word in ("else", "foreachelse", "sectionelse"):
            scopes.branch(end, None)
        elif word in ("foreach", "for", "section", "while"):
            scopes.open(end, "smarty:" + word, self._plain_condition(rest, "for", span, "smarty"), mid=True)
        elif word in ("function", "define"):
            scopes.open(end, "smarty:" + word).name = _word(rest.removeprefix("name=").strip("\"'"))
        elif "{/" + word + "}" in self.ends and word:
            scopes.open(end, "smarty:" + word)
        elif word in _SMARTY_STATEMENTS or _ASSIGNED.match(body):
            kind = "code"
        else:
            kind = "output" if not word or _abuts(text, span) else "code"
        return self.add(*span, kind, body, "smarty")

    def _velocity_directive(self, start: int) -> int:
        text, scopes = self.text, self.scopes
        if text.startswith("##", start):
            end = self.find("\n", start)
            return self.add(start, end, "comment", text[start + 2 : end], "velocity")
        if text.startswith("#*", start):
            end = self.find("*#", start + 2)
            return (
                self.add(start, end + 2, "comment", text[start + 2 : end], "velocity") if end < len(text) else start + 2
            )
        if text.startswith("#[[", start):
            return self._leave(start, start + 3, "]]#", "literal", "velocity")
        found = _VELOCITY_DIRECTIVE.match(text, start)
        if found is None:
            return start + 1
        word = found[2]
        end = self.balanced(found.end() - 1, "()") if found[3] else found.end()
        if end < 0 or (word not in ("else", "end", "stop", "break") and not found[3]):
            return found.end()
        if word in ("else", "end") and found[3]:
            end = found.start(3)
        span = Span(start, end)
        rest = text[found.end() : end - 1].strip() if found[3] else ""
        kind: Kind = "block"
        if word == "if":
            scopes.open(end, "velocity", self._plain_condition(rest, "if", span, "velocity"), mid=True)
        elif word == "elseif":
            scopes.branch(end, self._plain_condition(rest, "elif", span, "velocity"), "velocity")
        elif word == "else":
            scopes.branch(end, None, "velocity")
        elif word == "foreach":
            scopes.open(end, "velocity", self._plain_condition(rest, "for", span, "velocity"), mid=True)
        elif word == "end":
            scopes.close(start, "velocity")
        elif word == "macro":
            scopes.open(end, "velocity").name = _word(rest)
        elif word == "define" or found[1]:
            scopes.open(end, "velocity")
        else:
            kind = "output" if word not in _VELOCITY_STATEMENTS and _abuts(text, span) else "code"
        return self.add(*span, kind, text[start + 1 : end], "velocity")

    def _velocity_reference(self, start: int) -> int:
        text = self.text
        found = _VELOCITY_REFERENCE.match(text, start)
        if found is None or (found[0] == "$" + found[1] and text[start - 1 : start] not in tuple("\"'=/-_?&:.>}")):
            return start + 1  # a bare name after white space may as well be JavaScript's
        end = found.end()
        if found[0].endswith("{" + found[1]):
            end = self.balanced(start + found[0].index("{"), "{}")
            return self.add(start, end, "output", text[start + 1 : end], "velocity") if end >= 0 else start + 1
        while link := _VELOCITY_LINK.match(text, end):
            stop = (
                self.balanced(link.end() - 1, "[]" if link[0][-1] == "[" else "()")
                if link[0][-1] in "[("
                else link.end()
            )
            if stop < 0:
                break
            end = stop
        return self.add(start, end, "output", text[start + 1 : end], "velocity")

    def _mako_tag(self, start: int) -> int:
        text, scopes = self.text, self.scopes
        found = _MAKO_TAG.match(text, start)
        if found is None:
            end = self.find("%>", start)
            done = not text.startswith("<%", start) or end == len(text)
            return start + 2 if done else self.add(start, end + 2, "code", text[start + 2 : end].lstrip("!"), "mako")
        end = self.tag_end(found.end())
        if end < 0:
            return found.end()
        closing, word = found.groups()
        inner = text[found.end() : end - 1].strip()
        if not closing and word == "doc":
            stop = self.find("</%doc>", end)
            return self.add(start, stop + 7, "comment", text[end:stop], "mako") if stop < len(text) else end
        if not closing and word == "text":
            return self._leave(start, end, "</%text>", word, "mako")
        span = Span(start, end)
        kind: Kind = "block"
        if closing:
            scopes.close(start, "mako:" + word)
        elif inner.endswith("/") or word in ("include", "inherit", "namespace", "page"):
            kind = "output" if ":" in word and _abuts(text, span) else "code"
        else:
            frame = scopes.open(end, "mako:" + word)
            name = _MAKO_NAME.search(inner)
            if word in ("def", "block") and name is not None:
                frame.name = name[1]
        return self.add(*span, kind, text[start:end].strip("<%/> "), "mako")

    def _mako_line(self, start: int) -> int:
        """`% if x:`, `% endif`, and comments, each on a line of its own."""
        text, scopes = self.text, self.scopes
        end = self.find("\n", start)
        body = text[start:end].strip()
        if body.startswith("##"):
            return self.add(start, end, "comment", body[2:], "mako")
        body = body[1:].strip()
        word = _word(body)
        rest = body[len(word) :].strip().removesuffix(":").strip()
        span = Span(start, end)
        if word.startswith("end"):
            scopes.close(start, "mako:" + word[3:])
        elif word == "if":
            scopes.open(end, "mako:if", self._plain_condition(rest, "if", span, "mako"), mid=True)
        elif word == "elif":
            scopes.branch(end, self._plain_condition(rest, "elif", span, "mako"), "mako:if")
        elif word == "else":
            scopes.branch(end, None)
        elif word in ("for", "while"):
            scopes.open(end, "mako:" + word, self._plain_condition(rest, "for", span, "mako"), mid=True)
        elif word in ("try", "with"):
            scopes.open(end, "mako:" + word)
        elif word not in ("except", "finally", "break", "continue", "pass"):
            return start + 1 if not body.endswith(":") else self.add(*span, "code", body, "mako")
        return self.add(*span, "block", body, "mako")

    def _plain_condition(self, expression: str, keyword: str, span: Span, dialect: str) -> Condition:
        return Condition(_unwrapped(expression.strip()), True, span, dialect, keyword)

    def _tag_library(self, start: int) -> int:
        text, scopes = self.text, self.scopes
        found = _LIBRARY_TAG.match(text, start)
        end = self.tag_end(found.end()) if found else -1
        if found is None or end < 0:
            return start + 2
        closing, word = found.groups()
        inner = text[found.end() : end - 1].strip()
        short = inner.endswith("/")
        attributes = {name: value[1:-1] for name, value in _LIBRARY_ATTRIBUTE.findall(inner)}
        span = Span(start, end)
        test = _EL.sub(r"\1", attributes.get("test", "").strip())
        condition = Condition(_unwrapped(test), True, span, "jsp", "elif" if word == "elseif" else "if")
        kind: Kind = "block"
        if closing:
            scopes.close(start, "<" + word)
        elif word == "if" and not short:
            scopes.open(end, "<if", condition, mid=True)
        elif word == "choose":
            scopes.open(end, "<choose")
        elif word in ("when", "otherwise"):
            frame = scopes.innermost("<choose")
            if frame:
                scopes.branch(end, condition if word == "when" else None, "<choose")
        elif word in ("forEach", "forTokens", "each") and not short:
            items = _EL.sub(r"\1", attributes.get("items", attributes.get("in", attributes.get("begin", ""))).strip())
            scopes.open(end, "<" + word, Condition(items, True, span, "jsp", "for"))
        elif word == "out":
            kind = "output"
        else:
            kind = "output" if _abuts(text, span) else "code"
        return self.add(*span, kind, text[start + 1 : end - 1].rstrip("/"), "jsp")

    # ---------------------------------------------------------------------------------------------------------- Svelte

    def _svelte(self, start: int) -> int:
        text, scopes = self.text, self.scopes
        end = self.balanced(start, "{}")
        if end < 0:
            return start + 1
        span = Span(start, end)
        body = text[start + 1 : end - 1].strip()
        if body[:2] in ("/*", "//") and body.endswith("*/"):
            return self.add(*span, "comment", body[2:-2], "svelte")
        sigil = body[:1]
        word = _word(body[1:])
        rest = body[1 + len(word) :].strip()
        if sigil == "#":
            keyword = {"each": "for"}.get(word, word)
            condition = None
            if word in ("if", "each"):
                condition = Condition(_unwrapped(rest), True, span, "svelte", keyword)
            scopes.open(end, "{" + word, condition, mid=True)
        elif sigil == ":":
            condition = None
            if word == "else" and rest.startswith("if"):
                condition = Condition(_unwrapped(rest[2:].strip()), True, span, "svelte", "elif")
            scopes.branch(end, condition)
        elif sigil == "/":
            scopes.close(start, "{" + word)
        elif sigil == "@":
            return self.add(*span, "code" if word in ("const", "debug") else "output", body, "svelte")
        else:
            return self.add(*span, "output", body, "svelte")
        return self.add(*span, "block", body, "svelte")

    # ------------------------------------------------------------------------------------------------------ Astro, MDX

    def _module(self, start: int) -> int:
        """An import or export of MDX: up to the next blank line."""
        end = _PARAGRAPH_END.search(self.text, start)
        stop = end.start() if end else len(self.text)
        if not _MODULE.match(self.text, start, stop):
            return start + 1
        return self.add(start, stop, "code", self.text[start:stop], "mdx")

    def _expression(self, start: int) -> int:
        return _expression(self, start)

    def _razor(self, start: int) -> int:
        return _razor(self, start)


def _trimmed(inner: str) -> str:
    """The inside of a tag without its white-space control."""
    if inner[:1] in ("-", "+", "~"):
        inner = inner[1:]
    if inner[-1:] in ("-", "+", "~"):
        inner = inner[:-1]
    return inner.strip()


_WORD = lazy_re.compile(r"[\w$.@/-]*")


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


def _fills_line(text: str, span: Span) -> bool:
    """Whether nothing else stands on the line of a construct."""
    before = text[max(0, span.start - 80) : span.start].rpartition("\n")
    after = text[span.end : span.end + 80].partition("\n")
    return bool(before[1] or span.start <= 80) and not before[2].strip() and not after[0].strip()


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
                if len(value) == 1 or value[-1] != first or (position == len(text) and not _STRING.fullmatch(value)):
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
        span = (
            Span(span.start, max(span.end, start + 1)) if span.start <= start else Span(start, start + len(expression))
        )
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
            frame = self.scopes.close(start, "php:" + ("for" if value == "endforeach" else value[3:]))
            if frame is not None:
                self._leave(start, frame)
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
        if (frame is not None and frame.condition is not None) or (frame is not None and frame.earlier is not None):
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
        if (
            self.scopes.stack
            and self.scopes.stack[-1].key == "statement"
            and self.scopes.stack[-1].parens == self.depth
        ):
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
                frame.condition = condition = frame.condition._replace(expression=joined)
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
                if _RUBY_LEAVE.match(text, begin, start):
                    scopes.move(until, _Node(_negated(condition), scopes.node))
                elif keyword in ("if", "unless"):
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
                if (value in ("in", "for") and not was_fresh) or (value == "in" and head):
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


# ------------------------------------------------------------------------------------------- markup in code, in markup


@dataclass(slots=True)
class _Level:
    """One level of markup inside code or code inside markup."""

    markup: bool
    chunk: int  # code: where the part since the last markup begins
    depth: int = 0  # code: open braces; markup of JSX: open elements
    elements: list[str] = field(default_factory=list)  # markup of Razor: open elements
    quote: str = ""  # markup: the quote of the attribute value we are in
    tag: str = ""  # markup: the start tag we are in
    line: bool = False  # markup: Razor's `@:`, which ends with the line
    node: _Node | None = None  # conditions around this level
    earlier: _Node | None = None  # and that earlier arms of a `?:` do not hold
    arm: Condition | None = None  # of the markup that has just ended
    mixed: bool = False  # code: has markup
    keyword: bool = False  # code: begins with a keyword, so that `else` may follow
    parens: int = 0  # code: open round brackets


def _expression(scanner: _Scanner, start: int) -> int:
    """`{…}` of Astro and MDX: an expression that may hold markup, which may hold expressions."""
    if scanner.fuel < 0:
        return start + 1
    text, scopes, dialect = scanner.text, scanner.scopes, scanner.dialect
    regions, points = len(scanner.regions), len(scopes.points)
    node = scopes.node
    levels = [_Level(False, start, node=node, earlier=node)]
    position = start
    stop = min(len(text), start + 100_000)
    while True:
        level = levels[-1]
        pattern = _JSX_TAG if level.tag else _JSX_MARKUP if level.markup else _JSX_CODE
        token = pattern.search(text, position, stop)
        if token is None:
            # Not closed: forget all of it.
            del scanner.regions[regions:], scopes.points[points:], scopes.nodes[points:]
            scopes.node = scopes.nodes[-1] = node
            scanner.fuel -= stop - start
            return start + 1
        value = token[0]
        position = token.end()
        if level.markup:
            if value == "{":
                levels.append(_Level(False, token.start(), 1, node=scopes.node, earlier=scopes.node))
            elif level.tag:
                if value == ">" or value == "/>":
                    level.depth += value == ">"
                    if value == ">" and level.tag in ("script", "style"):
                        position = min(scanner.find_tag_end(level.tag, position), stop)
                    level.tag = ""
            elif value.startswith("</"):
                level.depth -= 1
            elif value == "<>":
                level.depth += 1
            elif value[0] == "<" and not value.startswith("<!--"):
                level.tag = value[1:].lower()
            if level.depth <= 0 and not level.tag and value != "{":
                levels.pop()
                outer = levels[-1]
                outer.chunk = position
                scopes.move(position, outer.node)
        elif value == "{":
            level.depth += 1
        elif value == "}":
            level.depth -= 1
            if level.depth <= 0:
                body = text[level.chunk : position]
                kind: Kind = "block" if level.mixed else "output"
                if not level.mixed and _JSX_COMMENT.fullmatch(body):
                    kind = "comment"
                scanner.add(level.chunk, position, kind, body[not level.mixed : -1], dialect)
                scopes.move(position, level.node)
                levels.pop()
                if not levels:
                    return position
        elif value[0] == "<" and _JSX_POSITION.search(text[max(level.chunk, token.start() - 200) : token.start()]):
            _enter_arm(scanner, level, token.start())
            levels.append(_Level(True, position, tag="" if value == "<>" else value[1:].lower(), depth=value == "<>"))


def _enter_arm(scanner: _Scanner, level: _Level, at: int) -> None:
    """Markup begins at `at`: the condition is what the code before it says."""
    scopes, dialect = scanner.scopes, scanner.dialect
    span = Span(level.chunk, at)
    chunk = scanner.text[level.chunk : at]
    scanner.add(level.chunk, at, "block", chunk.lstrip("{"), dialect)
    code = chunk if level.mixed else chunk[1:]
    other = _JSX_OTHERWISE.match(code)
    if other and level.arm and level.mixed:
        level.earlier = _Node(_negated(level.arm), level.earlier)
        code = code[other.end() :]
    else:
        level.earlier = level.node
        code = _JSX_SEPARATOR.sub("", code, count=1) if level.mixed else code
    level.mixed = True
    level.arm = None
    code = code.rstrip(" \t\r\n(")
    loop = _JSX_LOOP.search(code, max(len(code) - 500, 0))
    if code.endswith("&&"):
        level.arm = Condition(_unwrapped(code[:-2].strip()), True, span, dialect, "if")
    elif code.endswith("||"):
        level.arm = Condition(_unwrapped(code[:-2].strip()), False, span, dialect, "unless")
    elif code.endswith("?") and not code.endswith("??"):
        level.arm = Condition(_unwrapped(code[:-1].strip()), True, span, dialect, "if")
    elif loop:
        level.arm = Condition(code[: loop.start()].strip(), True, span, dialect, "for")
    scopes.move(at, _Node(level.arm, level.earlier) if level.arm else level.earlier)


def _razor(scanner: _Scanner, start: int) -> int:
    """One `@` construct of Razor, with all the markup and code that it encloses."""
    text = scanner.text
    end = _razor_simple(scanner, start)
    if end:
        return end
    opening = _RAZOR_BLOCK.match(text, start)
    if opening is None or scanner.fuel < 0:
        return start + 1
    _scopes, code = scanner.scopes, scanner._razor_code
    levels = [_Level(False, start, keyword=opening[0] != "@{")]
    position = start + 1
    code.island_span = Span(start, start)
    while True:
        level = levels[-1]
        if level.markup:
            in_tag = level.tag or level.quote
            raw = level.elements[-1] if level.elements else ""
            pattern = _RAZOR_LINE if level.line else _RAZOR_TAG if in_tag else _RAZOR_RAW.get(raw, _RAZOR_MARKUP)
        else:
            pattern = _RAZOR_CODE
        token = pattern.search(text, position)
        if token is None:
            if level.markup:
                return len(text)
            scanner.fuel -= len(text) - start
            line = _LINE_REST.match(text, max(level.chunk, start))
            stop = line.end() if line else level.chunk
            if stop > level.chunk:
                scanner.add(level.chunk, stop, "block", text[level.chunk + (text[level.chunk] == "@") : stop], "razor")
            return max(stop, start + 1)
        value = token[0]
        at, position = token.span()
        if level.markup:
            if value == "@":
                position = _razor_simple(scanner, at)
                if position:
                    continue
                nested = _RAZOR_BLOCK.match(text, at)
                position = at + 1
                if nested:
                    levels.append(_Level(False, at, keyword=nested[0] != "@{"))
                continue
            if level.line:
                ended = True
            else:
                position, ended = _razor_markup(scanner, level, value, at, position)
            if ended:
                levels.pop()
                levels[-1].chunk = position
            continue
        if value.startswith(("//", "/*", "@*")) or value[0] in "\"'" or (len(value) > 1 and value[-1] in "\"'"):
            continue
        if value == "@":
            if _RAZOR_BLOCK.match(text, at) or not _RAZOR_POSITION.search(text[max(level.chunk, at - 200) : at]):
                continue
            count = len(scanner.regions)
            end = _razor_simple(scanner, at)
            if len(scanner.regions) > count:
                output = scanner.regions.pop()
                if (body := text[level.chunk : at]).strip():
                    scanner.add(level.chunk, at, "block", body.removeprefix("@"), "razor")
                scanner.regions.append(output)
                position = level.chunk = end
                if text[end - 1] == "{":
                    # A section inside code: here its content is read as code, too.
                    scanner.sections.pop()
                    code._token("{", end - 1, end)
                    level.depth += 1
            continue
        if value == "@:" or value[0] == "<":
            if value[0] == "<" and not _RAZOR_POSITION.search(text[max(level.chunk, at - 200) : at]):
                continue
            if (body := text[level.chunk : at]).strip():
                scanner.add(level.chunk, at, "block", body.removeprefix("@"), "razor")
            if value == "<!--":
                closing = scanner.find("-->", position)
                position = level.chunk = min(closing + 3, len(text))
            elif value == "@:":
                scanner.add(at, position, "code", "", "razor")
                levels.append(_Level(True, position, line=True))
            else:
                levels.append(_Level(True, position, tag=value[1:].lower()))
                if value.lower() == "<text":
                    closing = text.find(">", position)
                    if closing >= 0:
                        position = scanner.add(at, closing + 1, "code", "text", "razor")
                        levels[-1].tag = ""
                        levels[-1].elements.append("text")
            continue
        code.island_span = Span(min(level.chunk, at), position)
        code._token(value, at, position)
        if value == "{":
            level.depth += 1
        elif value == "}":
            level.depth -= 1
        elif value == "(":
            level.parens += 1
        elif value == ")":
            level.parens -= 1
        if level.depth <= 0 and level.parens <= 0 and value in ("}", ";"):
            if level.keyword and value == "}" and (more := _RAZOR_MORE.match(text, position)):
                position = more.end(1)
                continue
            scanner.add(level.chunk, position, "block", text[level.chunk : position].removeprefix("@"), "razor")
            code.closed = None
            code.body = None
            code.head = None
            levels.pop()
            if not levels:
                return position


def _razor_markup(scanner: _Scanner, level: _Level, value: str, at: int, position: int) -> tuple[int, bool]:
    """One token of markup inside code; gives where to go on, and whether the outermost element has ended."""
    if level.quote:
        if value == level.quote:
            level.quote = ""
        return position, False
    if level.tag:
        if value in "\"'":
            level.quote = value
        elif value in (">", "/>"):
            if value == ">" and level.tag not in _VOID:
                level.elements.append(level.tag)
            level.tag = ""
        return position, not level.elements and not level.tag
    if value.startswith("</"):
        name = value[2:].lower()
        if name in level.elements[-100:]:
            while level.elements.pop() != name:
                pass
        closing = scanner.text.find(">", position, position + 1_000)
        stop = closing + 1 if closing >= 0 else position
        if name == "text":
            scanner.add(at, stop, "code", "/text", "razor")
        return stop, not level.elements
    if value[0] == "<" and not value.startswith("<!--"):
        level.tag = value[1:].lower()
    return position, False


def _razor_simple(scanner: _Scanner, start: int) -> int:
    """A Razor construct that encloses no markup; gives its end, 0 if it is none."""
    text = scanner.text
    following = text[start + 1 : start + 2]
    if following == "@":
        return start + 2
    if following == "*":
        end = scanner.find("*@", start + 2)
        return scanner.add(start, end + 2, "comment", text[start + 2 : end], "razor") if end < len(text) else start + 2
    if following == "(":
        end = scanner.balanced(start + 1, "()")
        return scanner.add(start, end, "output", text[start + 2 : end - 1], "razor") if end >= 0 else start + 2
    if start and _MAIL_CHARACTER.match(text, start - 1):
        return start + 1
    section = _RAZOR_SECTION.match(text, start)
    if section:
        scanner.sections.append(section.end())
        return scanner.add(start, section.end(), "block", section[0][1:], "razor")
    line = _RAZOR_LINE_DIRECTIVE.match(text, start)
    if line:
        return scanner.add(start, line.end(), "code", line[0][1:], "razor")
    functions = _RAZOR_FUNCTIONS.match(text, start)
    if functions:
        end = scanner.balanced(functions.end() - 1, "{}", 100_000)
        return scanner.add(start, end, "code", text[start + 1 : end], "razor") if end >= 0 else start + 1
    if _RAZOR_BLOCK.match(text, start):
        return 0
    name = _RAZOR_NAME.match(text, start)
    if name is None:
        return start + 1
    end = name.end()
    while True:
        following = text[end : end + 1]
        if following in ("(", "["):
            closing = scanner.balanced(end, "()" if following == "(" else "[]")
            if closing < 0:
                break
            end = closing
        elif member := _RAZOR_MEMBER.match(text, end):
            end = member.end()
        else:
            break
    return scanner.add(start, end, "output", text[start + 1 : end], "razor")


# ----------------------------------------------------------------------------------------------------- code in Markdown


def _markdown_code(text: str, dialect: str) -> list[Span]:
    """Front matter, fenced and indented code and code spans: what Markdown shows and never runs."""
    found: list[Span] = []
    position = 0
    if front := _FRONT_MATTER.match(text):
        found.append(Span(*front.span()))
        position = front.end()
    lines = _MarkdownLines(text, dialect)
    skip = lines.code(position)
    found.extend(skip)
    if dialect in ("rst", "textile"):
        return found
    found.extend(_code_spans(text, position, skip, lines.html))
    found.sort()
    return found


class _MarkdownLines:
    """Finds code blocks line by line."""

    def __init__(self, text: str, dialect: str) -> None:
        self.text = text
        self.dialect = dialect
        self.html: list[Span] = []  # script, style and pre: their content is no Markdown
        self.unclosed = 0

    def code(self, position: int) -> list[Span]:
        """The spans of code blocks, in order."""
        found: list[Span] = []
        while position >= 0:
            spans, position = self._code(position)
            found.extend(spans)
        return found

    def _code(self, position: int) -> tuple[list[Span], int]:
        """The same, up to a fence that is never closed; and where to go on after it."""
        found: list[Span] = []
        markdown, dialect = self.dialect == "markdown", self.dialect
        fences = _ADOC_FENCE if dialect == "adoc" else _FENCE
        blank, context = True, ""
        literal = -1  # reStructuredText: the indent of the line that announces a literal block
        indented = -1  # where the indented code begins that we are in, and where its last line ends
        last = position
        fence: tuple[str, int, int, int] | None = None
        closer, html = "", 0
        for line in _LINE.finditer(self.text, position):
            content, start = line[1], line.start()
            if closer:
                if closer in content.lower():
                    self.html.append(Span(html, line.end(1)))
                    closer = ""
                continue
            if fence:
                end = _FENCE_CLOSE.match(content)
                if end and end[1][0] == fence[0] and len(end[1]) >= fence[1]:
                    found.append(Span(fence[2], line.end(1)))
                    fence = None
                continue
            stripped = content.strip()
            if not stripped:
                blank = True
                continue
            indent = _indent(content) if content[0] in " \t" else 0
            if dialect == "rst":
                if literal >= 0 and indent > literal:
                    found.append(Span(start, line.end(1)))
                elif _RST_CODE.match(stripped) or (stripped.endswith("::") and not stripped.startswith("..")):
                    literal = indent
                else:
                    literal = -1
                continue
            if markdown and blank and indent >= 4 and context not in ("list", "html"):
                indented = start if indented < 0 else indented
                last = line.end(1)
                continue  # `blank` stays: the code goes on
            if indented >= 0:
                found.append(Span(indented, last))
                indented = -1
            if opening := fences.match(content):
                fence = (opening[1][0], len(opening[1]), start, line.end())
            elif opened := _HTML_CODE.match(stripped):
                closer = "-->" if opened[0] == "<!--" else "</" + opened[1].lower()
                if closer in content.lower():
                    self.html.append(Span(start, line.end(1)))
                    closer = ""
                html = start
            elif indent < 4:
                if _LIST_ITEM.match(content):
                    context = "list"
                elif stripped[0] == "<" and (context == "html" or not _PHRASE.match(stripped)):
                    context = "html"
                elif indent == 0 and (blank or context != "list"):
                    context = ""
            blank = False
        if indented >= 0:
            found.append(Span(indented, last))
        if closer:
            self.html.append(Span(html, len(self.text)))
        if fence:
            # Never closed: only its own line is code, and the rest is read again, but not without end.
            self.unclosed += 1
            found.append(Span(fence[2], fence[3]))
            if self.unclosed < 10:
                return found, fence[3]
        return found, -1


def _indent(line: str) -> int:
    width = len(line) - len(line.lstrip(" \t"))
    return width + 3 * line.count("\t", 0, width)


def _code_spans(text: str, position: int, blocks: Sequence[Span], html: Sequence[Span]) -> list[Span]:
    """Inline code: as many backticks at its end as at its beginning, within one paragraph."""
    found: list[Span] = []
    skips = sorted([*blocks, *html])
    index = 0
    runs: dict[int, list[int]] = {}
    pending: list[tuple[int, int]] = []

    def pair() -> None:
        free = 0
        for start, length in pending:
            if start < free:
                continue
            places = runs[length]
            at = bisect_right(places, start)
            if at < len(places):
                free = places[at] + length
                found.append(Span(start, free))
        pending.clear()
        runs.clear()

    for token in _BACKTICKS.finditer(text, position):
        start = token.start()
        while index < len(skips) and skips[index].end <= start:
            index += 1
            pair()
        if index < len(skips) and skips[index].start <= start:
            continue
        if token[0][0] != "`":
            pair()
            continue
        if start and text[start - 1] == "\\":
            continue
        pending.append((start, len(token[0])))
        runs.setdefault(len(token[0]), []).append(start)
    pair()
    return found


# --------------------------------------------------------------------------------------------------------------- tables


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STRINGS = {
    '"': lazy_re.compile(r'"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"'),
    "'": lazy_re.compile(r"'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'"),
    "`": lazy_re.compile(r"`[^`]*`"),
}
_STRING = lazy_re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|\'[^\'\\]*(?:\\.[^\'\\]*)*\'|`[^`]*`', re.DOTALL)
_QUOTE = lazy_re.compile(r"[\"'`]")
_QUOTE_OR_BRACE = lazy_re.compile(r"[\"'`{}]")
_INNER_STRING = r"\"(?:[^\"\\\r\n]|\\.)*\"|'(?:[^'\\\r\n]|\\.)*'|`(?:[^`\\]|\\.)*`"
_BALANCED = {
    "()": lazy_re.compile(_INNER_STRING + r"|[()]", re.DOTALL),
    "[]": lazy_re.compile(_INNER_STRING + r"|[\[\]]", re.DOTALL),
    "{}": lazy_re.compile(_INNER_STRING + r"|/\*.*?(?:\*/|\Z)|[{}]", re.DOTALL),
}
_TAG_TOKEN = lazy_re.compile(r"\"[^\"]*\"|'[^']*'|[()\[\]{}>]")
_SCRIPT_END = lazy_re.compile(r"</script\b", re.IGNORECASE)
_STYLE_END = lazy_re.compile(r"</style\b", re.IGNORECASE)
_FENCED_FRONT = lazy_re.compile(r"\s{0,99}(---(.*?)^---[ \t]*)$", re.DOTALL | re.MULTILINE)
_PARAGRAPH_END = lazy_re.compile(r"\r?\n[ \t]*(?=\r?\n)|\Z")
_MODULE = lazy_re.compile(
    r"import\s+[\w{*\"']|import\{|export\s+(?:const|let|default|function|async|\{|\*|class|var)|export\{"
)
_BRACE = lazy_re.compile(r"[{}]")
_BRACKET = lazy_re.compile(r"[()]")
_SIGILS = ("#", "^", "/", ">", "&")
_ELSE = lazy_re.compile(r"else(?:\s|$)")
_RAW_HELPER = lazy_re.compile(r"\{\{\{\{\s*([\w-]+)[^{}]{0,200}\}\}\}\}")
_BLOCK_PARAMETERS = lazy_re.compile(r"\bas\s+\|[^|]*\|\s*$")
_BRACES_END = lazy_re.compile(r"\s*[-~]?\s*\}\}")
_GO_ASSIGNMENT = lazy_re.compile(r"\$\w*(?:\s*,\s*\$\w+)?\s*:?=(?!=)")
_ENDS = lazy_re.compile(r"\{%[-+~]?\s*(end\w+)")
_WHEN_SEPARATOR = lazy_re.compile(r"\s*,\s*|\s+or\s+")

_SILENT = _words("comment")
_LISTINGS = _words("highlight schema")
_VERBATIM = _words("raw verbatim")
_CONTROL = _words(
    """
    if elif elseif elsif else unless ifequal ifnotequal ifAsync for tablerow asyncEach asyncAll empty case
    switch when default macro block raw verbatim comment highlight schema
    """
)
_SMARTY_TAG = lazy_re.compile(r"\{(?:(?=[$=\"'#_])|(/?)([a-z]\w*)(?=[\s}|(]))", re.IGNORECASE)
_SMARTY_END = lazy_re.compile(r"\{/\w+\}")
_SMARTY_WORDS = _words(
    """
    if elseif else foreach foreachelse for section sectionelse while literal strip include extends block function call
    capture assign append nocache php ldelim rdelim config_load insert eval fetch include_php html_options html_image
    html_radios html_checkboxes html_select_date html_select_time html_table mailto textformat cycle counter debug math
    setfilter ifset elseifset define var default snippet syntax control link layout import sep first last l r
    """
)
_SMARTY_STATEMENTS = _words(
    "include extends call assign append config_load insert eval include_php var default control layout import debug"
)
_NAMED_ARGUMENT = lazy_re.compile(r"\s+\w+\s*=(?!=)")
_ASSIGNED = lazy_re.compile(r"\$[\w.\[\]>-]{1,100}\s*=(?!=)")
_VELOCITY_DIRECTIVE = lazy_re.compile(r"#(@?)\{?([a-z]\w*)\}?(?:[ \t]{0,9}(\())?", re.IGNORECASE)
_VELOCITY_REFERENCE = lazy_re.compile(r"\$!?\{?([a-z_][\w-]*)", re.IGNORECASE)
_VELOCITY_LINK = lazy_re.compile(r"\.[a-z_]\w*\(?|\[", re.IGNORECASE)
_VELOCITY_STATEMENTS = _words("set parse include stop break evaluate")
_MAKO_TAG = lazy_re.compile(r"<(/?)%([a-z][\w:.]*)", re.IGNORECASE)
_MAKO_NAME = lazy_re.compile(r"\bname\s*=\s*[\"'](\w+)")
_STATEMENTS = _words(
    """
    set assign include extends import from load use do break continue increment decrement layout section render
    sections include_relative include_cached liquid echo with capture cache call filter autoescape flush
    decorators debug
    """
)
_OUTPUT_TAGS = _words(
    "static url trans translate asset get_static_prefix get_media_prefix page_url image_url post_url now"
)
# Tags with an end tag that does not make their content conditional.
_UNCONDITIONAL = _words(
    """
    block blocktrans blocktranslate spaceless filter autoescape cache localize localtime timezone language
    compress thumbnail trans capture macro call set verbatim raw highlight javascript style stylesheet form
    paginate embed apply sandbox with placeholder addtoblock include component section article head body details
    tabs tab fragment slot snippet stylesheets javascripts form_theme trans_default_domain markdown nav layout
    export tablerow wrapper add_data
    """
)

_WORD_CHARACTER = lazy_re.compile(r"\w")
_BLADE_END = lazy_re.compile(r"@(end\w+)")
_BLADE_ESCAPED = lazy_re.compile(r"@@|@(?=\{\{|\{!!)")
_BLADE_DIRECTIVE = lazy_re.compile(r"@([A-Za-z]\w*)(([ \t]*)\()?")
_AT_RULES = _words(
    "media supports import layer container page charset keyframes namespace property scope document tailwind apply"
)
_BLADE_CONDITIONS = _words(
    """
    isset empty auth guest env production can cannot canany hasSection sectionMissing session error feature hasrole role
    """
)
_BLADE_BLOCKS = _BLADE_CONDITIONS | _words("if unless elseif else for foreach forelse while switch case default")
_BLADE_OUTPUTS = _words(
    "json js lang choice class style checked selected disabled required readonly yield asset route url old dump dd t"
)
_BLADE_STATEMENTS = _words(
    """
    include includeIf includeWhen includeUnless includeFirst extends section endsection show stop append
    overwrite push endpush pushOnce endPushOnce pushIf endPushIf prepend endprepend stack parent component
    endcomponent componentFirst slot endslot each once endonce csrf method vite viteReactRefresh use inject
    props aware php endphp livewire livewireStyles livewireScripts livewireScriptConfig filamentStyles
    filamentScripts break continue fragment endfragment persist endpersist teleport endteleport verbatim
    endverbatim cspMetaTag googlefonts routes inertia inertiaHead
    """
)

_SQUARE_TAG = lazy_re.compile(r"\[#(?:--|(?:if|list|assign|macro|include|import|ftl|else)\b)")
_FREEMARKER_TAG = lazy_re.compile(r"[<\[](/?)([#@])(--|[\w.]*)")
_LIBRARY_TAG = lazy_re.compile(r"<(/?)\w+:(\w+)")
_LIBRARY_ATTRIBUTE = lazy_re.compile(r"(?<![\w:-])([\w:-]+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_EL = lazy_re.compile(r"^[$#]\{([^{}]*)\}$")

_ERB = lazy_re.compile(
    r"<%[-=]*\s*(?:end\b|elsif\b|unless\b|else\s*-?%>|(?:if|case)\s[^%{\n]{0,300}-?%>|[^%{\n]{0,200}\bdo\b(?:\s*\|[^|\n]{0,99}\|)?\s*-?%>"
    r"|=?\s*(?:render|yield|link_to|t\(|content_for)\b)"
)
_BASIC = lazy_re.compile(
    r"<%[^%]{0,2000}?\b(?:End\s+If|Dim\s|If\b[^%\n]{0,200}\bThen\b|End\s+Select|Next\b|Wend\b|Response\.Write\s)",
    re.IGNORECASE,
)
_DO = lazy_re.compile(r"\bdo\b\s*(?:\|[^|]*\|\s*)?$|^\s*(?:if|unless|case|for|cond)\b")
_PHP_OPEN = lazy_re.compile(r"<\?(?:php(?![\w])|=|(?=\s)|(?=\}))", re.IGNORECASE)
_PHP_ECHO = lazy_re.compile(r"(?:echo|print)\b", re.IGNORECASE)
_PHP_CALL = lazy_re.compile(r"[\\\w$>:-]+\s*\(")

_CODE = lazy_re.compile(
    r"//[^\r\n]*|/\*.*?(?:\*/|\Z)|\"(?:[^\"\\\r\n]|\\.)*\"?|'(?:[^'\\\r\n]|\\.)*'?|`(?:[^`\\]|\\.)*`?|[{}()\[\];]|(?<!:):(?!:)"
    r"|(?<![\w$.])(?:if|else|for|foreach|while|switch|catch|case|default|break|return|continue|throw)(?![\w$])",
    re.DOTALL,
)
_PHP = lazy_re.compile(
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

_RUBY = lazy_re.compile(
    r"#[^\r\n]*|\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|%[wWiI]?[\[({][^\])}]*[\])}]?|::|:[A-Za-z_]\w*[?!]?|[A-Za-z_]\w*[?!]?:(?!:)"
    r"|\.\s*[A-Za-z_]\w*[?!]?|[@$]+\w+|\w+[?!]?|&&|\|\||\r\n|[^\w\s\"'#]|[\r\n]",
    re.DOTALL,
)
_RUBY_OPERATORS = _words("&& || = ! , + - * / ? : < > & | and or not")
_RUBY_LEAVE = lazy_re.compile(r"\s*(?:return|next|break)\b")
_RUBY_LOOP = lazy_re.compile(r"\.(?:each\w*|times|map|collect|select|upto|step|reverse_each|find_each)\b[^.]*$")

_VB = lazy_re.compile(
    r"'[^\r\n]*|\"(?:[^\"\r\n]|\"\")*\"?|(?<![\w.])(?:end\s+if|elseif|else|if|then|for\s+each|for|next|do\s+while|do\s+until|do|loop"
    r"|while|wend|end\s+select|select\s+case|case)(?!\w)|(?<!_)\r?\n",
    re.IGNORECASE,
)
_VB_REST = lazy_re.compile(r"[ \t]*(?:'[^\r\n]*)?(?:[\r\n]|\Z)")
_VB_CLOSERS = {"for": "next", "for each": "next", "while": "wend", "do while": "loop", "do until": "loop", "do": "loop"}
_LINE_REST = lazy_re.compile(r"[^\r\n]*")

_MAIL_CHARACTER = lazy_re.compile(r"[\w.]")
_VOID = _words("area base br col embed hr img input link meta param source track wbr !doctype")
_JSX_CODE = lazy_re.compile(
    _INNER_STRING + r"|//[^\r\n]*|/\*.*?(?:\*/|\Z)|[{}]|<(?:[A-Za-z][\w.:-]*|>)",
    re.DOTALL,
)
_JSX_MARKUP = lazy_re.compile(r"<!--.*?(?:-->|\Z)|\{|</[\w.:-]*\s*>|<>|<[A-Za-z][\w.:-]*", re.DOTALL)
_JSX_TAG = lazy_re.compile(r"\"[^\"]*\"|'[^']*'|\{|/?>")
_JSX_COMMENT = lazy_re.compile(r"\{\s*/\*.*\*/\s*\}", re.DOTALL)
_JSX_POSITION = lazy_re.compile(r"(?:[({\[,;:?&|!]|=>|[^=!<>]=|\breturn|/)\s*\Z|\A\s*\Z")
_JSX_OTHERWISE = lazy_re.compile(r"[\s)]*:\s*")
_JSX_SEPARATOR = lazy_re.compile(r"^[\s)}]*[,;]?\s*")
_JSX_LOOP = lazy_re.compile(
    r"\.(?:map|flatMap|forEach)\s*\(.*=>\s*(?:\{.*return)?$|\.(?:map|flatMap)\s*\(\s*function\b.*return$", re.DOTALL
)

_RAZOR_BLOCK = lazy_re.compile(
    r"@(?:\{|(?:if|for|foreach|while|switch|lock|using)\s*\(|await\s+foreach\s*\(|(?:do|try)\s*\{|helper\s+\w+\s*\()"
)
_RAZOR_SECTION = lazy_re.compile(r"@section\s+\w+\s*\{")
_RAZOR_LINE_DIRECTIVE = lazy_re.compile(
    r"@(?:model|using|inherits|inject|page|namespace|layout|attribute|implements|typeparam|addTagHelper|removeTagHelper|tagHelperPrefix"
    r"|rendermode|preservewhitespace|import)(?:[ \t]+(?![=({])[^\r\n]*|(?=[\r\n]|\Z))"
)
_RAZOR_FUNCTIONS = lazy_re.compile(r"@(?:functions|code)\s*\{")
_RAZOR_NAME = lazy_re.compile(r"@(?:await\s+)?[A-Za-z_]\w*")
_RAZOR_MEMBER = lazy_re.compile(r"[?!]?\.[A-Za-z_]\w*|\?(?=\[)")
_RAZOR_CODE = lazy_re.compile(
    r"@\*.*?(?:\*@|\Z)|//[^\r\n]*|/\*.*?(?:\*/|\Z)|\$?@\$?\"(?:[^\"]|\"\")*\"|\$?\"(?:[^\"\\\r\n]|\\.)*\"|'(?:[^'\\\r\n]|\\.)'|@:|@(?=[A-Za-z(])|<!--|<[A-Za-z][\w.:-]*|[{}()\[\];]"
    r"|(?<!:):(?!:)|(?<![\w.])(?:if|else|for|foreach|while|switch|catch|case|default|break|return|continue|throw)(?!\w)",
    re.DOTALL,
)
_RAZOR_POSITION = lazy_re.compile(r"(?:[{};:>]|\*/|\*@|//[^\r\n]*)\s*\Z|\A\s*\Z")
_RAZOR_MARKUP = lazy_re.compile(r"@|<!--.*?(?:-->|\Z)|</?[A-Za-z][\w.:-]*", re.DOTALL)
_RAZOR_RAW = {name: lazy_re.compile(rf"@|</{name}(?![\w-])", re.IGNORECASE) for name in ("script", "style")}
_RAZOR_TAG = lazy_re.compile(r"@|[\"']|/?>")
_RAZOR_LINE = lazy_re.compile(r"@|\r?\n|\Z")
_RAZOR_MORE = lazy_re.compile(r"(\s*)(?:else\b|catch\b|finally\b|while\s*\()")

_FRONT_MATTER = lazy_re.compile(
    r"(?:---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t]*$|\+\+\+[ \t]*\r?\n.*?^\+\+\+[ \t]*$)", re.DOTALL | re.MULTILINE
)
_LINE = lazy_re.compile(r"([^\r\n]*)(?:\r\n?|\n|\Z)")
_RST_CODE = lazy_re.compile(r"\.\. (?:code|sourcecode|highlight|parsed-literal|prompt|testcode)")
_FENCE = lazy_re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}(?=[^`]*$)|~{3,})")
_ADOC_FENCE = lazy_re.compile(r"(-{4,}|\.{4,}|`{3,})")
_FENCE_CLOSE = lazy_re.compile(r"[ \t>]*(`{3,}|~{3,}|-{4,}|\.{4,})[ \t]*$")
# A line of text that a phrase's tag or an address begins is a paragraph, no block of HTML.
_PHRASE = lazy_re.compile(
    r"<(?:https?:|(?:a|abbr|b|big|cite|code|del|em|i|img|ins|kbd|mark|q|s|small|span|strong|sub|sup|tt|u|var)(?=[\s>])[^<>]*>.)",
    re.IGNORECASE,
)
_HTML_CODE = lazy_re.compile(r"<!--|<(script|style|pre)\b", re.IGNORECASE)
_LIST_ITEM = lazy_re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]")
_BACKTICKS = lazy_re.compile(r"`+|\n[ \t]*\r?\n")
