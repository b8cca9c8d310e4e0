"""Markup by indentation: Pug (Jade), Slim and Haml.

Read line by line, as those languages are. A stack of frames stands for the indentation: each line closes the frames
that are not further out than itself, and opens one. A frame knows the element that its body belongs to, the conditions
under which its body is rendered, and whether its body is the text of a script. What is no markup becomes a region, so
that `template.script_text` gives the text of a script as for any other template language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from tracklint import lazy_re
from tracklint.literals import Interval, Intervals, balanced_end
from tracklint.model import Attribute, Span
from tracklint.template import FILLER, Condition, Kind, Masked, Region
from tracklint.template import _Node as _Enclosing  # one chain of conditions for Masked


@dataclass(frozen=True, slots=True)
class Node:
    """One element.

    A dynamic attribute whose value has FILLER is a string with unknown parts; the value of any other dynamic attribute
    is the expression itself, as it is written.
    """

    tag: str  # lower-cased; `div` when only `.class` or `#id` is written
    attributes: tuple[Attribute, ...]  # `#id` and `.class` too
    span: Span  # tag and attributes
    content: Span | None  # body text of script and style
    parent: int | None  # index in Outline.nodes
    conditions: tuple[Condition, ...] = ()  # innermost first


class Reference(NamedTuple):
    """A place that names another template: include, extends, block, render; or a mixin: mixin (with its body), call."""

    kind: str
    name: str
    span: Span


@dataclass(frozen=True)
class Outline:
    """The elements, template constructs and texts of one file."""

    nodes: tuple[Node, ...]  # in document order
    masked: Masked
    comments: tuple[Span, ...]  # with their indented blocks
    raw_html: tuple[Span, ...]  # texts that hold HTML tags
    references: tuple[Reference, ...]

    def conditions(self, offset: int) -> tuple[Condition, ...]:
        """Conditions and loops that enclose `offset`, innermost first."""
        return self.masked.conditions(offset)


def outline(text: str, dialect: str) -> Outline:
    """Reads a template of dialect "pug", "jade", "slim" or "haml"; any other is read as Pug. Never raises."""
    readers: dict[str, type[_Reader]] = {"slim": _Slim, "haml": _Haml}
    return readers.get(dialect.lower(), _Pug)(text).read()


class _Line(NamedTuple):
    start: int
    first: int  # offset of the first character that is not white space
    end: int  # without the line end
    indent: int


@dataclass
class _Frame:
    indent: int
    node: int | None  # element that the body belongs to
    body: int = 0  # offset at which the body starts
    conditions: tuple[Condition, ...] = ()
    chain: tuple[Condition, ...] = ()  # of `if`, for the `else` behind it
    subject: str | None = None  # of `case`, for its `when`
    values: list[str] = field(default_factory=list)
    script: int | None = None  # index of the element whose text the body is
    first: int | None = None  # where that text starts
    mixin: tuple[str, int] | None = None


@dataclass
class _Header:
    """A tag and its attributes, and where reading goes on."""

    node: int
    end: int


_STRING = lazy_re.compile(r"""(['"])((?:[^\\\r\n'"]|\\[^\r\n]|(?!\1)['"])*)\1\Z""")
_HTML = lazy_re.compile(r"<[A-Za-z!/]")
_SCRIPTS = frozenset({"script", "style"})
_MOST_EARLIER = 24  # branches of one chain that a later branch still knows of
_SPACE = " \t"
_JS_ESCAPE = lazy_re.compile(r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|([^\r\n]))")
_PLAIN_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def _unescape(text: str) -> str:
    def one(found: re.Match[str]) -> str:
        code = found[1] or found[2]
        if code:
            return chr(int(code, 16)) if not 0xD800 <= int(code, 16) <= 0xDFFF else "\ufffd"
        return _PLAIN_ESCAPES.get(found[3], found[3])

    return _JS_ESCAPE.sub(one, text)


def _line_end(text: str, at: int) -> int:
    found = re.compile(r"[^\r\n]*").match(text, at)
    return found.end() if found else len(text)


def _lines(text: str) -> list[_Line]:
    lines = []
    for found in re.finditer(r"([^\S\r\n]*)([^\r\n]*)(?:\r\n|\r|\n|\Z)", text):
        if found[2]:
            first, content = found.end(1), found[2].rstrip()
            lines.append(_Line(found.start(), first, first + len(content), len(found[1].expandtabs(4))))
    return lines


class _Reader:
    """What the three languages share; a language says what a line is (`_line`)."""

    dialect = ""
    hole = lazy_re.compile(r"(?<!\\)#\{")

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = _lines(text)  # without blank ones
        self.nodes: list[Node] = []
        self.regions: list[Region] = []
        self.comments: list[Span] = []
        self.raw_html: list[Span] = []
        self.references: list[Reference] = []
        self.guards: list[Interval] = []
        self.stack: list[_Frame] = [_Frame(-1, None)]
        self.sibling: _Frame | None = None  # the line before this one at the same indentation
        self.last_end = 0
        self.patience = 20  # brackets that may stay open

    def read(self) -> Outline:
        index = 0
        while index < len(self.lines):
            line = self.lines[index]
            if self._comment(line):
                stop = self._block_end(index)
                span = Span(line.first, self.lines[stop - 1].end)
                self.comments.append(span)
                self._region(span.start, span.end, "comment", self.text[span.start : span.end])
                index = stop
                continue
            self._close(line.indent, line.start)
            script = self.stack[-1]
            if script.script is not None and script.first is None:
                script.first = line.first
            index = max(self._line(index), index + 1)
            self.last_end = self.lines[index - 1].end
        self._close(-1, len(self.text))
        masked = self._masked()
        return Outline(
            tuple(replace(node, conditions=masked.conditions(node.span.start)) for node in self.nodes),
            masked,
            tuple(self.comments),
            tuple(self._joined_html()),
            tuple(sorted(self.references, key=lambda r: r.span)),
        )

    # -- for the languages

    def _comment(self, line: _Line) -> bool:
        raise NotImplementedError

    def _line(self, index: int) -> int:
        """Reads the line at `index`, opens its frame, and gives the index of the next line to read."""
        raise NotImplementedError

    # -- results

    def _region(self, start: int, end: int, kind: Kind, text: str = "") -> None:
        if end > start:
            self.regions.append(Region(Span(start, end), kind, text.strip(), self.dialect))

    def _masked(self) -> Masked:
        regions: list[Region] = []
        parts: list[str] = []
        at = 0
        for region in sorted(self.regions, key=lambda r: (r.span.start, -r.span.end)):
            if region.span.start < at:
                continue
            regions.append(region)
            parts.append(self.text[at : region.span.start])
            filler = FILLER if region.kind == "output" else " "
            parts.append(re.sub(r"[^\r\n]", filler, self.text[region.span.start : region.span.end]))
            at = region.span.end
        parts.append(self.text[at:])
        points, enclosing = self._enclosing()
        return Masked(
            text="".join(parts),
            regions=tuple(regions),
            definitions=tuple((r.name, r.span) for r in self.references if r.kind == "mixin"),
            original=self.text,
            _starts=tuple(region.span.start for region in regions),
            _points=points,
            _nodes=enclosing,
        )

    def _enclosing(self) -> tuple[tuple[int, ...], tuple[_Enclosing | None, ...]]:
        """Offsets at which the enclosing conditions change, and those from there on."""
        guards = Intervals(self.guards)
        chains: dict[int, _Enclosing | None] = {}

        def at(offset: int) -> _Enclosing | None:
            around = []
            chain: _Enclosing | None = None
            for guard in guards.around(offset):
                if id(guard) in chains:
                    chain = chains[id(guard)]
                    break
                around.append(guard)
            for guard in reversed(around):
                for condition in reversed(guard.conditions):
                    chain = _Enclosing(condition, chain)
                chains[id(guard)] = chain
            return chain

        points = sorted({0, *(guard.start for guard in guards.ranges), *(guard.end for guard in guards.ranges)})
        return tuple(points), tuple(at(point) for point in points)

    def _joined_html(self) -> Iterator[Span]:
        """Texts with HTML; those with only white space between them are one."""
        current: Span | None = None
        for span in sorted(self.raw_html):
            if current and not self.text[current.end : span.start].strip(" \t\r\n|'"):
                current = Span(current.start, max(current.end, span.end))
                continue
            if current:
                yield current
            current = span
        if current:
            yield current

    # -- frames

    def _close(self, indent: int, offset: int) -> None:
        self.sibling = None
        while len(self.stack) > 1 and self.stack[-1].indent >= indent:
            frame = self.stack.pop()
            self.sibling = frame if frame.indent == indent else None
            if frame.conditions and offset > frame.body:
                self.guards.append(Interval(frame.body, offset, frame.conditions))
            if frame.script is not None and frame.first is not None and self.last_end > frame.first:
                node = self.nodes[frame.script]
                start = node.content.start if node.content else frame.first
                self.nodes[frame.script] = replace(node, content=Span(start, self.last_end))
            if frame.mixin:
                self.references.append(Reference("mixin", frame.mixin[0], Span(frame.mixin[1], self.last_end)))

    def _open(self, line: _Line, body: int, node: int | None = None, *, script: int | None = None) -> _Frame:
        """A frame for the body of a line; inside a script's text it stays text."""
        outer = self.stack[-1]
        frame = _Frame(line.indent, outer.node if node is None else node, body)
        frame.script = outer.script if script is None else script
        if script is None and outer.script is not None:
            frame.first = outer.first
        self.stack.append(frame)
        return frame

    def _block_end(self, index: int) -> int:
        """The index behind the lines that are further in than the one at `index`."""
        indent = self.lines[index].indent
        index += 1
        while index < len(self.lines) and self.lines[index].indent > indent:
            index += 1
        return index

    def _line_at(self, offset: int, index: int) -> int:
        """The index of the line that holds `offset`, from `index` on."""
        while index + 1 < len(self.lines) and self.lines[index + 1].start <= offset:
            index += 1
        return index

    # -- text

    def _balanced(self, at: int, limit: int) -> int | None:
        if self.patience <= 0:
            return None
        end = balanced_end(self.text, at, limit)
        if end is None:
            self.patience -= 1
        return end

    def _interpolations(self, start: int, end: int) -> None:
        for found in self.hole.finditer(self.text, start, end):
            if self.regions and self.regions[-1].span.end > found.start() >= self.regions[-1].span.start:
                continue
            stop = self._balanced(found.end() - 1, end)
            if stop:
                self._region(found.start(), stop, "output", self.text[found.end() : stop - 1])

    def _text(self, start: int, end: int) -> None:
        """A text: notes its interpolations, and whether it holds HTML."""
        self._interpolations(start, end)
        if self.stack[-1].script is None and _HTML.search(self.text, start, end):
            self.raw_html.append(Span(start, end))

    def _body_text(self, index: int, stop: int, node: int | None) -> None:
        """The lines from `index` to before `stop` as one text; the content of `node` if that is a script."""
        if stop <= index:
            return
        start, end = self.lines[index].first, self.lines[stop - 1].end
        if node is not None and self.nodes[node].tag in _SCRIPTS:
            content = self.nodes[node].content
            self.nodes[node] = replace(self.nodes[node], content=Span(content.start if content else start, end))
            self._interpolations(start, end)
        else:
            self._text(start, end)

    def _add(self, tag: str, attributes: list[Attribute], span: Span, parent: int | None) -> int:
        self.nodes.append(Node(tag.lower(), tuple(attributes), span, None, parent))
        return len(self.nodes) - 1

    def _shorthands(self, found: re.Match[str], group: str) -> list[Attribute]:
        """`#id` and `.class` of a tag as attributes."""
        start = found.start(group)
        attributes: list[Attribute] = []
        for part in re.finditer(r"([#.])([^#.]+)", found[group]):
            name = "id" if part[1] == "#" else "class"
            span = Span(start + part.start(), start + part.end())
            attributes.append(Attribute(name, part[2], span, Span(span.start + 1, span.end), False))
        classes = [a for a in attributes if a.name == "class"]
        if len(classes) < 2:
            return attributes
        joined = " ".join(a.value for a in classes)
        first, last = classes[0], classes[-1]
        whole = Attribute(
            "class", joined, Span(first.span.start, last.span.end), Span(first.value_span.start, last.span.end), False
        )
        return [a for a in attributes if a.name != "class"] + [whole]

    # -- conditions

    def _condition(self, expression: str, holds: bool, span: Span, keyword: str) -> Condition:
        return Condition(expression.strip(), holds, span, self.dialect, keyword)

    def _control(self, frame: _Frame, keyword: str, expression: str, span: Span) -> None:
        """Gives the frame the conditions that `keyword expression` sets for its body."""
        sibling, outer = self.sibling, self.stack[-2] if len(self.stack) > 1 else None
        if keyword in ("if", "unless"):
            frame.conditions = (self._condition(expression, keyword == "if", span, keyword),)
            frame.chain = frame.conditions
        elif keyword in ("elsif", "else"):
            subject = sibling.subject if sibling and sibling.subject is not None else None
            if keyword == "else" and subject is not None and sibling and sibling.values:
                self._default(frame, subject, sibling.values, span)
                return
            chain = sibling.chain if sibling else ()
            earlier = tuple(c._replace(holds=not c.holds) for c in reversed(chain[-_MOST_EARLIER:]))
            own = (self._condition(expression, True, span, "elif"),) if keyword == "elsif" else ()
            frame.conditions = own + earlier
            frame.chain = chain + own if own else ()
        elif keyword == "case":
            frame.subject = expression.strip()
        elif keyword in ("when", "default"):
            head = sibling if sibling and sibling.subject is not None else outer
            if head is None or head.subject is None:
                return
            if keyword == "default":
                self._default(frame, head.subject, head.values, span)
                return
            values = _split(expression)
            head.values.extend(values[:20])
            frame.subject, frame.values = head.subject, head.values
            tests = (f"{head.subject} == {value}" if head.subject else value for value in values[:20])
            frame.conditions = (self._condition(" || ".join(tests), True, span, "case"),)
        elif keyword in ("each", "for", "while", "until"):
            frame.conditions = (self._condition(expression, keyword != "until", span, keyword),)

    def _default(self, frame: _Frame, subject: str, values: list[str], span: Span) -> None:
        tests = (f"{subject} == {value}" if subject else value for value in values[:20])
        expression = " || ".join(tests)
        if expression:
            frame.conditions = (self._condition(expression, False, span, "case"),)

    def _carry(self, frame: _Frame) -> None:
        """A line that is no statement of its own, such as `- }`, keeps the chain of the one before it."""
        if self.sibling:
            frame.chain, frame.subject, frame.values = self.sibling.chain, self.sibling.subject, self.sibling.values


def _split(expression: str) -> list[str]:
    """The parts between commas that are not in brackets or strings."""
    parts, start, at = [], 0, 0
    while at < len(expression):
        character = expression[at]
        if character in "([{":
            at = balanced_end(expression, at, len(expression)) or len(expression)
            continue
        if character in "\"'":
            close = expression.find(character, at + 1)
            at = close if close >= 0 else at
        elif character == ",":
            parts.append(expression[start:at].strip())
            start = at + 1
        at += 1
    parts.append(expression[start:].strip())
    return [part for part in parts if part]


# ---------------------------------------------------------------------------------------------------------------------
# Pug

_PUG_KEYWORD = lazy_re.compile(
    r"(?:(?P<control>if|unless|else[ \t]+if|elseif|else|case|when|default|each|for|while)(?![\w:=#.-]|\()"
    r"|(?P<bracketed>if|unless|else[ \t]+if|case|when|for|while|each)(?=\())"
    r"[ \t]*"
)
_PUG_REFERENCE = lazy_re.compile(
    r"(?P<kind>include|extends?|block[ \t]+(?:append|prepend)|block|append|prepend|mixin)"
    r"(?P<filter>(?::[\w-]+(?:\([^)\r\n]*\))?)*)"
    r"(?:[ \t]+(?P<name>[^\r\n]*?))?[ \t]*$",
    re.M,
)
_PUG_TAG = lazy_re.compile(r"(?P<tag>[A-Za-z][\w-]*(?::[\w-]+)*)?(?P<short>(?:[#.][\w@!/%-](?:[\w@!/%-]|:(?=\w))*)*)")
_PUG_MORE = lazy_re.compile(r"(?P<short>(?:[#.][\w@!/%-](?:[\w@!/%-]|:(?=\w))*)+)")
_PUG_ATTRIBUTE = lazy_re.compile(
    r"""(?P<quote>['"])(?P<quoted>[^'"\r\n]*)(?P=quote)|(?P<name>\([\w.$:-]+\)|\[[^\]\s,]+\]|[^\s=,!()\[\]'"]+)"""
)
_PUG_EXPRESSION = lazy_re.compile(r"""[\s,)(\[{"'`?}\]]""")
_PUG_STRUCTURED = lazy_re.compile(r"\||[#!]\{|(?:if|unless|each|include|block|for|case)[ \t]+[^({]|-[ \t]|!?=[ \t]")
_JS_CONTROL = lazy_re.compile(r"(?P<word>else\s+if|if|else|for|while|switch)\b\s*(?P<rest>[\s\S]*)")
_JS_EACH = lazy_re.compile(r"(?P<what>[^\r\n]+?)\.(?:forEach|map|each)\s*\(")


class _Pug(_Reader):
    dialect = "pug"
    hole = lazy_re.compile(r"(?<!\\)[#!]\{")

    def _comment(self, line: _Line) -> bool:
        return self.text.startswith("//", line.first)

    def _line(self, index: int) -> int:
        line, text = self.lines[index], self.text
        at, character = line.first, self.text[line.first]
        if character == "|":
            self._region(at, at + 1, "block")
            self._open(line, line.end)
            self._text(at + 1, line.end)
            return index + 1
        if character == "<":
            self._open(line, line.end)
            self._text(at, line.end)
            return index + 1
        if character == "-":
            return self._code(index)
        if character == "=" or text.startswith("!=", at):
            self._output(at, line.end, at + (1 if character == "=" else 2))
            self._open(line, line.end)
            return index + 1
        if character == ":":
            return self._filter(index)
        if self.stack[-1].script is not None:
            return self._script_line(index)
        if character == "+":
            return self._mixin_call(index)
        if text.startswith("doctype", at) or text.startswith("!!!", at):
            self._region(at, line.end, "code", text[at : line.end])
            self._open(line, line.end)
            return index + 1
        reference = _PUG_REFERENCE.match(text, at, line.end)
        if reference and (reference["name"] or reference["kind"].startswith("block")):
            return self._reference(index, reference)
        keyword = _PUG_KEYWORD.match(text, at, line.end)
        if keyword:
            return self._keyword(index, keyword)
        return self._tag(index, at, self.stack[-1].node)

    def _script_line(self, index: int) -> int:
        """A line inside the text of a script that is neither text nor code by its first character."""
        line = self.lines[index]
        keyword = _PUG_KEYWORD.match(self.text, line.first, line.end)
        if keyword and not self.text.startswith("(", keyword.end()) and not self.text[: line.end].endswith(("{", ";")):
            return self._keyword(index, keyword)
        reference = _PUG_REFERENCE.match(self.text, line.first, line.end)
        if reference and reference["kind"] == "include" and reference["name"]:
            return self._reference(index, reference)
        self._interpolations(line.first, line.end)
        self._open(line, line.end)
        return index + 1

    def _keyword(self, index: int, found: re.Match[str]) -> int:
        line = self.lines[index]
        word = re.sub(r"\s+", " ", found["control"] or found["bracketed"])
        end, expansion = line.end, None
        if word in ("when", "default", "else", "case", "if", "unless", "each"):
            expansion = self._expansion(found.end(), line.end) if word in ("when", "default", "else") else None
            end = expansion if expansion is not None else line.end
        expression = _without_brackets(self.text[found.end() : end].strip())
        span = Span(line.first, end)
        self._region(span.start, span.end, "block", self.text[span.start : span.end])
        frame = self._open(line, end)
        self._control(frame, {"else if": "elsif", "elseif": "elsif"}.get(word, word), expression, span)
        if expansion is not None:
            at = self._skip_spaces(expansion + 1)
            if at < line.end:
                return self._tag(index, at, frame.node)
        return index + 1

    def _expansion(self, at: int, end: int) -> int | None:
        """Where the `:` of `when "x": p` stands."""
        while at < end:
            character = self.text[at]
            if character in "([{":
                at = self._balanced(at, end) or end
                continue
            if character in "\"'":
                close = self.text.find(character, at + 1, end)
                at = close if close >= 0 else at
            elif character == ":" and self.text[at + 1 : at + 2] in (" ", "\t", ""):
                return at
            at += 1
        return None

    def _reference(self, index: int, found: re.Match[str]) -> int:
        line = self.lines[index]
        kind = found["kind"].split()[0]
        name = (found["name"] or "").strip().strip("'\"")
        span = Span(line.first, line.end)
        self._region(span.start, span.end, "code", self.text[span.start : span.end])
        frame = self._open(line, line.end)
        if kind == "mixin":
            frame.mixin = re.split(r"[\s(]", name, maxsplit=1)[0], line.first
        else:
            kind = {"extend": "extends", "append": "block", "prepend": "block"}.get(kind, kind)
            self.references.append(Reference(kind, name, span))
        return index + 1

    def _mixin_call(self, index: int) -> int:
        line, text = self.lines[index], self.text
        found = re.compile(r"\+[ \t]*([\w-]*)").match(text, line.first)
        at = found.end() if found else line.first + 1
        last = index
        while text[at : at + 1] == "(":
            end = self._balanced(at, len(text))
            if end is None:
                at = line.end
                break
            at = end
            last = self._line_at(at - 1, last)
        name = found[1] if found else ""
        if name:
            self.references.append(Reference("call", name, Span(line.first, at)))
        self._region(line.first, at, "code", text[line.first : at])
        self._open(line, at)
        return self._rest(index, last, at, None)

    def _code(self, index: int) -> int:
        line = self.lines[index]
        if line.end == line.first + 1:  # a block of code
            stop = self._block_end(index)
            end = self.lines[stop - 1].end
            self._region(line.first, end, "code", self.text[line.first + 1 : end])
            frame = self._open(line, end)
            self._carry(frame)
            return stop
        code = self.text[line.first + 1 : line.end].strip()
        span = Span(line.first, line.end)
        statement = code.lstrip("} \t").removesuffix("{").rstrip()
        found = _JS_CONTROL.match(statement)
        self._region(span.start, span.end, "block" if found or not statement else "code", code)
        frame = self._open(line, line.end)
        if found:
            word = {"else if": "elsif", "switch": "case"}.get(re.sub(r"\s+", " ", found["word"]), found["word"])
            self._control(frame, word, _without_brackets(found["rest"].strip()), span)
        elif not statement:
            self._carry(frame)
        else:
            each = _JS_EACH.match(statement)
            if each and code.endswith("{"):
                self._control(frame, "each", each["what"], span)
        return index + 1

    def _output(self, start: int, end: int, code: int) -> None:
        expression = self.text[code:end]
        self._region(start, end, "output", expression)
        for found in re.finditer(r"""\b(?:partial|render|include)\(\s*(["'])([^"'\r\n]+)\1""", expression):
            self.references.append(Reference("render", found[2], Span(start, end)))

    def _filter(self, index: int) -> int:
        line, text = self.lines[index], self.text
        found = re.compile(r":([\w-]+(?::[\w-]+)*)").match(text, line.first, line.end)
        stop = self._block_end(index)
        at = found.end() if found else line.end
        if text[at : at + 1] == "(":
            at = self._balanced(at, line.end) or line.end
        self._region(line.first, at, "block", text[line.first : at])
        outer = self.stack[-1]
        self._open(line, line.end)
        name = found[1] if found else ""
        if outer.script is not None:
            self._interpolations(at, self.lines[stop - 1].end)
        elif name.startswith(("markdown", "html", "verbatim", "plain", "cdata", "php", "handlebars")) or not name:
            if at < line.end:
                self._text(at, line.end)
            self._body_text(index + 1, stop, None)
        elif name in ("css", "less", "scss", "sass", "stylus", "javascript"):
            tag = "script" if name == "javascript" else "style"
            self._body_text(index + 1, stop, self._add(tag, [], Span(line.first, at), outer.node))
        return stop

    # -- tags

    def _skip_spaces(self, at: int) -> int:
        while self.text[at : at + 1] in (" ", "\t") and at < len(self.text):
            at += 1
        return at

    def _tag(self, index: int, at: int, parent: int | None) -> int:
        """The tag at `at` of the line, with those that follow it by block expansion."""
        line = self.lines[index]
        header = self._header(at, line.end, parent)
        if header is None:
            self._open(line, line.end)
            self._text(at, line.end)
            return index + 1
        last = self._line_at(max(header.end - 1, at), index)
        while self.text.startswith(":", header.end) and self.text[header.end + 1 : header.end + 2] in (" ", "\t"):
            following = self._skip_spaces(header.end + 1)
            if self.text.startswith("+", following):  # li: +mixin()
                found = re.compile(r"\+([\w-]+)").match(self.text, following)
                if found:
                    self.references.append(Reference("call", found[1], Span(following, self.lines[last].end)))
                self._open(line, self.lines[last].end, header.node)
                return last + 1
            deeper = self._header(following, self.lines[last].end, header.node)
            if deeper is None:
                break
            header = deeper
            last = self._line_at(max(header.end - 1, at), last)
        self._open(line, header.end, header.node)
        return self._rest(index, last, header.end, header.node)

    def _header(self, at: int, limit: int, parent: int | None) -> _Header | None:
        found = _PUG_TAG.match(self.text, at, limit)
        if found is None or found.end() == at:
            return None
        start, attributes = at, self._shorthands(found, "short")
        at = found.end()
        while True:
            if self.text[at : at + 1] == "(":
                more, at = self._attributes(at, limit)
                attributes += more
                limit = max(limit, _line_end(self.text, at))
            elif self.text.startswith("&attributes(", at):
                at = self._balanced(at + len("&attributes"), len(self.text)) or limit
            else:
                short = _PUG_MORE.match(self.text, at, max(limit, at))
                if short is None:
                    break
                attributes += self._shorthands(short, "short")
                at = short.end()
        if self.text.startswith("/", at):
            at += 1
        node = self._add(found["tag"] or "div", attributes, Span(start, at), parent)
        return _Header(node, at)

    def _rest(self, index: int, last: int, at: int, node: int | None) -> int:
        """What stands behind a tag, from `at` on line `last`; `index` is the line that the tag starts on."""
        line, text = self.lines[last], self.text
        script = node if node is not None and self.nodes[node].tag in _SCRIPTS else None
        stop = last + 1
        while stop < len(self.lines) and self.lines[stop].indent > self.lines[index].indent:
            stop += 1
        rest = text[at : line.end]
        buffered = re.match(r"!?=", rest)
        if buffered:
            self._output(at, line.end, at + buffered.end())
            if script is not None:
                self.nodes[script] = replace(self.nodes[script], content=Span(at, line.end))
            return last + 1
        if rest == ".":
            self._region(at, at + 1, "block")
            self._body_text(last + 1, stop, node)
            return stop
        if rest.strip():
            start = self._skip_spaces(at)
            if script is not None:
                self.nodes[script] = replace(self.nodes[script], content=Span(start, line.end))
                self._interpolations(start, line.end)
            else:
                self._inline_tags(start, line.end, node)
                self._text(start, line.end)
        if script is not None and stop > last + 1:
            following = self.lines[last + 1]
            if not _PUG_STRUCTURED.match(text, following.first, following.end):
                self._body_text(last + 1, stop, script)
                return stop
            self.stack[-1].script, self.stack[-1].first = script, None
        return last + 1

    def _inline_tags(self, start: int, end: int, parent: int | None) -> None:
        """`text #[img(src="…")] text`."""
        for found in re.compile(r"(?<!\\)#\[").finditer(self.text, start, end):
            self._header(found.end(), end, parent)

    def _attributes(self, at: int, limit: int) -> tuple[list[Attribute], int]:
        """The attributes in the brackets that open at `at`, and where they end. They may go on over lines."""
        text = self.text
        close = self._balanced(at, len(text))
        stop = close - 1 if close else limit
        attributes: list[Attribute] = []
        at += 1
        while at < stop:
            if text[at].isspace() or text[at] == ",":
                at += 1
                continue
            found = _PUG_ATTRIBUTE.match(text, at, stop)
            if found is None:
                at += 1
                continue
            name = found["name"] if found["name"] is not None else found["quoted"]
            start, at = at, found.end()
            sign = re.compile(r"[ \t]*!?=(?!=)\s*").match(text, at, stop)
            if sign is None:
                attributes.append(Attribute(name.lower(), "", Span(start, at), Span(at, at), False))
                continue
            at = sign.end()
            end = self._expression_end(at, stop)
            attributes.append(_js_attribute(text, name, start, at, end))
            at = max(end, at)
        return attributes, (close if close else limit)

    def _expression_end(self, at: int, stop: int) -> int:
        """The end of the JavaScript expression at `at` among attributes."""
        text, start, ternaries = self.text, at, 0
        while True:
            found = _PUG_EXPRESSION.search(text, at, stop)
            if found is None:
                return stop
            mark, here = found[0], found.start()
            if mark == "," or mark in ")]}":
                return here
            if mark in "([{":
                at = balanced_end(text, here, stop) or stop
            elif mark in "\"'`":
                at = _string_end(text, here, stop)
            elif mark == "?":
                ternaries += 1
                at = here + 1
            else:
                following = here
                while following < stop and text[following].isspace():
                    following += 1
                if following >= stop:
                    return here
                ahead = text[following]
                before = text[start:here].rstrip()[-1:]
                if ahead == ":" and ternaries:
                    ternaries -= 1
                elif not (
                    ahead in "+*/%&|?<>=.^"
                    or (ahead == "-" and text[following + 1 : following + 2].isspace())
                    or (before and before in "+-*/%&|?:<>=!~^.")
                    or re.compile(r"(?:in|instanceof)\s").match(text, following)
                    or re.compile(r"(?:typeof|new|await|in|instanceof)\Z").search(text, max(start, here - 12), here)
                ):
                    return here
                if ahead == "?":
                    ternaries += 1
                at = following + (1 if ahead in ":?" else 0)


def _string_end(text: str, at: int, limit: int) -> int:
    """The offset behind the string that opens at `at`."""
    quote = text[at]
    at += 1
    pattern = re.compile(r"[\\`]|\$\{") if quote == "`" else re.compile(rf"[\\{quote}\r\n]")
    while True:
        found = pattern.search(text, at, limit)
        if found is None:
            return limit
        if found[0] == "\\":
            at = found.end() + 1
        elif found[0] == "${":
            at = balanced_end(text, found.end() - 1, limit) or limit
        else:
            return found.end() if found[0] == quote else found.start()


def _js_attribute(text: str, name: str, start: int, at: int, end: int) -> Attribute:
    """An attribute whose value is the JavaScript expression between `at` and `end`."""
    expression = text[at:end].rstrip()
    end = at + len(expression)
    span, name = Span(start, end), name.lower()
    found = _STRING.match(expression)
    if found and _string_end(expression, 0, len(expression)) == len(expression):
        value, holes = _with_filler(found[2], re.compile(r"(?<!\\)[#!]\{"))
        return Attribute(name, _unescape(value), span, Span(at + 1, end - 1), holes or _bound(name))
    if (
        expression.startswith("`")
        and "${" not in expression
        and _string_end(expression, 0, len(expression)) == len(expression)
    ):
        return Attribute(name, _unescape(expression[1:-1]), span, Span(at + 1, end - 1), False)
    if expression in ("true", "null", "undefined"):
        return Attribute(name, "", span, Span(at, end), False)
    return Attribute(name, expression, span, Span(at, end), True)


def _bound(name: str) -> bool:
    """`:src`, `v-bind:src` and `[src]` hold an expression of a framework in the browser."""
    return name.startswith((":", "v-bind:", "["))


def _with_filler(text: str, hole: re.Pattern[str]) -> tuple[str, bool]:
    """The text with FILLER for each interpolation, and whether there is one."""
    parts, at = [], 0
    for found in hole.finditer(text):
        if found.start() < at:
            continue
        end = balanced_end(text, found.end() - 1, len(text))
        if end is None:
            break
        parts += [text[at : found.start()], FILLER]
        at = end
    return "".join([*parts, text[at:]]), bool(parts)


def _without_brackets(expression: str) -> str:
    if expression.startswith("(") and balanced_end(expression, 0, len(expression)) == len(expression):
        return expression[1:-1].strip()
    return expression


# ---------------------------------------------------------------------------------------------------------------------
# Ruby, for Slim and Haml

_RUBY_CONTROL = lazy_re.compile(r"(?P<word>if|unless|elsif|else|case|when|while|until|for|in)\b\s*(?P<rest>[\s\S]*)")
_RUBY_EACH = lazy_re.compile(r"(?P<what>[\s\S]+?)\.(?:each\w*|map|times|collect|select|reverse_each|find_each)\b")
_RUBY_BLOCK = lazy_re.compile(r"\bdo(?:[ \t]*\|[^|\r\n]*\|)?[ \t]*\Z")
_RUBY_SCRIPT = lazy_re.compile(
    r"(?:javascript_tag|(?:tag\.|content_tag[ \t(]+:|content_tag[ \t(]+[\"'])(?P<tag>script|style))\b"
)
_RUBY_RENDER = lazy_re.compile(
    r"""(?<![\w.])render\b[ \t(]*(?:(?:partial|template|layout|file):[ \t]*|:partial[ \t]*=>[ \t]*)?"""
    r"""(["'])([^"'\r\n]+)\1"""
)
_RUBY_KEY = lazy_re.compile(
    r"""\s*(?:(?P<quote>["'])(?P<quoted>[^"'\r\n]*)(?P=quote)(?:[ \t]*=>|:)|:(?P<symbol>[\w-]+)[ \t]*=>"""
    r"""|:(?P<aq>["'])(?P<asymbol>[^"'\r\n]*)(?P=aq)[ \t]*=>|(?P<name>[\w-]+):(?!:))[ \t\r\n]*"""
)
_RUBY_HOLE = lazy_re.compile(r"(?<!\\)#\{")
_RUBY_POSTFIX = lazy_re.compile(r"[ \t](if|unless)[ \t]+(\S[^\r\n]*)\Z")


def _ruby_value_end(text: str, at: int, stop: int, ends: str) -> int:
    """The end of the Ruby expression at `at`: the first of `ends` outside brackets and strings."""
    pattern = re.compile(rf"[\[({{\"'{re.escape(ends)}]")
    while True:
        found = pattern.search(text, at, stop)
        if found is None:
            return stop
        mark, here = found[0], found.start()
        if mark in "([{":
            at = balanced_end(text, here, stop) or stop
        elif mark in "\"'":
            at = _ruby_string_end(text, here, stop) or here + 1
        else:
            return here


def _ruby_string_end(text: str, at: int, stop: int) -> int | None:
    quote = text[at]
    at += 1
    pattern = re.compile(rf"[\\{quote}\r\n]|#\{{")
    while True:
        found = pattern.search(text, at, stop)
        if found is None:
            return None
        if found[0] == "\\":
            at = found.end() + 1
        elif found[0] == "#{":
            at = balanced_end(text, found.end() - 1, stop) or found.end()
        elif found[0] == quote:
            return found.end()
        else:
            at = found.end()


def _ruby_attribute(text: str, name: str, start: int, at: int, end: int) -> Attribute:
    """An attribute whose value is the Ruby expression between `at` and `end`."""
    expression = text[at:end].rstrip()
    end = at + len(expression)
    span, name = Span(start, end), name.lower()
    if expression[:1] in ('"', "'") and expression and _ruby_string_end(text, at, end) == end:
        value, holes = expression[1:-1], False
        if expression[0] == '"':
            value, holes = _with_filler(value, _RUBY_HOLE)
        return Attribute(name, _unescape(value), span, Span(at + 1, end - 1), holes or _bound(name))
    if expression in ("true", "nil"):
        return Attribute(name, "", span, Span(at, end), False)
    if re.fullmatch(r"\d+|:\w+", expression):
        return Attribute(name, expression.lstrip(":"), span, Span(at, end), False)
    return Attribute(name, expression, span, Span(at, end), True)


def _ruby_hash(text: str, start: int, stop: int) -> list[Attribute]:
    """`key: value, :key => value, data: { … }` between two offsets; what is no pair is passed over."""
    attributes: list[Attribute] = []
    work = [(start, stop, "")]
    while work:
        at, end, prefix = work.pop()
        while at < end:
            key = _RUBY_KEY.match(text, at, end)
            value = key.end() if key else at
            close = _ruby_value_end(text, value, end, ",")
            if key:
                name = (key["quoted"] or key["symbol"] or key["asymbol"] or key["name"] or "").replace(
                    "_", "-" if prefix else "_"
                )
                if text.startswith("{", value) and name in ("data", "aria"):
                    inner = balanced_end(text, value, end)
                    work.append((value + 1, (inner or end) - 1, f"{name}-"))
                else:
                    attributes.append(_ruby_attribute(text, prefix + name, key.start() + _spaces(key[0]), value, close))
            at = close + 1
    return sorted(attributes, key=lambda a: a.span)


def _spaces(text: str) -> int:
    return len(text) - len(text.lstrip())


class _Ruby(_Reader):
    """What Slim and Haml share."""

    def _logical(self, index: int, continues: tuple[str, ...]) -> int:
        """The index of the last line of the Ruby code that starts on the line at `index`."""
        while index + 1 < len(self.lines) and self.text[: self.lines[index].end].endswith(continues):
            index += 1
        return index

    def _ruby_code(self, index: int, at: int, continues: tuple[str, ...]) -> int:
        """`- code` at the line's start; `at` is where the code starts."""
        line = self.lines[index]
        last = index
        while last + 1 < len(self.lines) and self._unfinished(last, continues):
            last += 1
        end = self.lines[last].end
        code = re.sub(r"[ \t]#[ \t][^\r\n\"']*\Z", "", self.text[at:end]).strip()
        span = Span(line.first, end)
        found = _RUBY_CONTROL.match(code)
        self._region(span.start, span.end, "block" if found or _RUBY_BLOCK.search(code) else "code", code)
        frame = self._open(line, end)
        if found and found["word"] != "in":
            self._control(frame, found["word"], re.sub(r"\s+then\Z", "", found["rest"]), span)
        elif _RUBY_BLOCK.search(code):
            each = _RUBY_EACH.match(code)
            if each:
                self._control(frame, "each", each["what"], span)
        return last + 1

    def _unfinished(self, index: int, continues: tuple[str, ...]) -> bool:
        line = self.lines[index]
        return self.text.startswith(continues, max(line.end - 1, line.first)) if continues else False

    def _ruby_output(self, index: int, start: int, at: int, continues: tuple[str, ...], node: int | None = None) -> int:
        """`= code` whose code starts at `at`; opens the frame of line `index`."""
        line = self.lines[index]
        last = self._line_at(start, index)
        while last + 1 < len(self.lines) and self._unfinished(last, continues):
            last += 1
        end = max(self.lines[last].end, at)
        code = self.text[at:end]
        self._region(start, end, "output", code)
        for found in _RUBY_RENDER.finditer(code):
            self.references.append(Reference("render", found[2], Span(start, end)))
        script = self._script_helper(start, at, end)
        parent = node if node is not None else self.stack[-1].node
        if script is not None:
            self._open(line, end, script, script=script)
        else:
            self._open(line, end, parent)
            postfix = _RUBY_POSTFIX.search(code)
            if postfix and "\n" not in code[postfix.start() :]:
                condition = self._condition(
                    postfix[2], postfix[1] == "if", Span(at + postfix.start(1), end), postfix[1]
                )
                self.guards.append(Interval(start, end, (condition,)))
        return last + 1

    def _script_helper(self, start: int, at: int, end: int) -> int | None:
        """The element for `= javascript_tag … do` and its like, whose body is the text of a script."""
        found = _RUBY_SCRIPT.match(self.text, at, end) or _RUBY_SCRIPT.match(self.text, at + 1, end)
        block = _RUBY_BLOCK.search(self.text[at:end]) if found else None
        if found is None or block is None:
            return None
        first, stop = found.end(), at + block.start()
        while self.text[first : first + 1] in _SPACE + "\"'," and first < stop:
            first += 1
        if self.text.startswith("(", first):
            close = balanced_end(self.text, first, stop)
            first, stop = first + 1, (close - 1 if close else stop)
        return self._add(
            found["tag"] or "script", _ruby_hash(self.text, first, stop), Span(start, end), self.stack[-1].node
        )

    def _wrapped(self, at: int, close: str, stop: int) -> list[Attribute]:
        """`name=value name` as in HTML, up to `stop`; a value is a string or Ruby."""
        text = self.text
        attributes: list[Attribute] = []
        while at < stop:
            if text[at].isspace() or text[at] == ",":
                at += 1
                continue
            found = re.compile(r"""[^\s"'<>/=\[\](){},*][^\s"'<>/=\[\](){},]*""").match(text, at, stop)
            if found is None:
                at = (balanced_end(text, at, stop) or stop) if text[at] in "([{" else at + 1
                continue
            start, at = at, found.end()
            sign = re.compile(r"\s*={1,2}\s*").match(text, at, stop)
            if sign is None:
                attributes.append(Attribute(found[0].lower(), "", Span(start, at), Span(at, at), False))
                continue
            at = sign.end()
            end = _ruby_value_end(text, at, stop, " \t\r\n" + close)
            attributes.append(_ruby_attribute(text, found[0], start, at, end))
            at = max(end, at)
        return attributes


# ---------------------------------------------------------------------------------------------------------------------
# Slim

_SLIM_TAG = lazy_re.compile(
    r"(?P<tag>[A-Za-z][\w-]*(?::[\w-]+)*)?(?P<short>(?:[#.@][\w!/-](?:[\w!/-]|:(?=\w))*)*)"
    r"(?P<space>[<>]*'?(?=[\s=:/\[({]|\Z)[<>]*)?"
)
_SLIM_ENGINE = lazy_re.compile(
    r"(?P<name>[a-z]+)(?P<given>[ \t]*[\[({][^\r\n]*[\])}]|[ \t]+[\w-]+=[^\r\n]*)?:(?P<rest>[ \t]*$|[ \t]+[\w-]+=[^\r\n]*$)",
    re.M,
)
_SLIM_ENGINES = {
    "javascript": "script",
    "css": "style",
    "scss": "style",
    "sass": "style",
    "less": "style",
    "coffee": "",
}
_SLIM_NAME = lazy_re.compile(r"""[ \t]+(?P<name>[^\s"'<>/=\[\](){},*|#.][^\s"'<>/=\[\](){},]*)[ \t]*={1,2}[ \t]*""")
_SLIM_SPLAT = lazy_re.compile(r"[ \t]+\*(?=[\w{@(])")
_SLIM_CONTINUES = (",", "\\")


class _Slim(_Ruby):
    dialect = "slim"

    def _comment(self, line: _Line) -> bool:
        return self.text.startswith("/", line.first)

    def _line(self, index: int) -> int:
        line, text = self.lines[index], self.text
        at, character = line.first, text[line.first]
        if character in "|'":
            return self._text_block(index)
        if character == "<":
            self._open(line, line.end)
            self._text(at, line.end)
            return index + 1
        if character == "-":
            return self._ruby_code(index, at + 1, _SLIM_CONTINUES)
        if character == "=":
            sign = re.compile(r"={1,2}[<>]*'?[ \t]*").match(text, at)
            return self._ruby_output(index, at, sign.end() if sign else at + 1, _SLIM_CONTINUES)
        if self.stack[-1].script is not None:
            self._interpolations(at, line.end)
            self._open(line, line.end)
            return index + 1
        if text.startswith("doctype", at):
            self._region(at, line.end, "code", text[at : line.end])
            self._open(line, line.end)
            return index + 1
        engine = _SLIM_ENGINE.match(text, at, line.end)
        if engine and (
            engine["name"] in _SLIM_ENGINES or engine["name"] in ("ruby", "markdown", "erb", "textile", "rdoc")
        ):
            return self._engine(index, engine)
        return self._tag(index)

    def _text_block(self, index: int) -> int:
        """`| text` with the lines that are further in."""
        line, stop = self.lines[index], self._block_end(index)
        self._region(line.first, line.first + 1, "block")
        self._open(line, line.end)
        self._text(line.first + 1, self.lines[stop - 1].end)
        return stop

    def _engine(self, index: int, found: re.Match[str]) -> int:
        line, stop = self.lines[index], self._block_end(index)
        end = self.lines[stop - 1].end
        parent = self.stack[-1].node
        name = found["name"]
        if name == "ruby":
            self._region(line.first, end, "code", self.text[found.end("name") + 1 : end])
        elif _SLIM_ENGINES.get(name):
            given = found["given"] or ""
            if given.strip()[:1] in ("[", "(", "{"):
                attributes = self._wrapped(
                    self.text.index(given.strip()[0], found.end("name")) + 1, "", found.end("given") - 1
                )
            else:
                start, stop_at = found.span("given" if given else "rest")
                attributes = self._wrapped(start, "", stop_at)
            node = self._add(_SLIM_ENGINES[name], attributes, Span(line.first, line.end), parent)
            self._body_text(index + 1, stop, node)
        elif name != "coffee":
            self._body_text(index + 1, stop, None)
        self._open(line, end)
        return stop

    def _tag(self, index: int) -> int:
        line, text = self.lines[index], self.text
        at, parent, last = line.first, self.stack[-1].node, index
        while True:
            found = _SLIM_TAG.match(text, at, self.lines[last].end)
            if found is None or not (found["tag"] or found["short"]):
                self._open(line, line.end, parent if parent is not None else None)
                self._text(at, self.lines[last].end)
                return last + 1
            attributes = self._shorthands_slim(found)
            start, at = at, found.end()
            more, at = self._tag_attributes(at, last)
            node = self._add(found["tag"] or "div", attributes + more, Span(start, at), parent)
            last = self._line_at(max(at - 1, start), last)
            expansion = re.compile(r"[ \t]*:[ \t]+(?=\S)").match(text, at, self.lines[last].end)
            if expansion is None:
                break
            parent, at = node, expansion.end()
        return self._rest(index, last, at, node)

    def _shorthands_slim(self, found: re.Match[str]) -> list[Attribute]:
        return self._shorthands(found, "short")

    def _tag_attributes(self, at: int, last: int) -> tuple[list[Attribute], int]:
        text = self.text
        opening = re.compile(r"[ \t]*[\[({]").match(text, at, self.lines[last].end)
        if opening:
            close = self._balanced(opening.end() - 1, len(text))
            if close:
                return self._wrapped(opening.end(), text[close - 1], close - 1), close
        attributes: list[Attribute] = []
        while True:
            end = self.lines[last].end
            splat = _SLIM_SPLAT.match(text, at, end)
            if splat:
                at = max(_ruby_value_end(text, splat.end(), end, " \t"), splat.end())
                continue
            found = _SLIM_NAME.match(text, at, end)
            if found is None:
                return attributes, at
            value = found.end()
            stop = _ruby_value_end(text, value, end, " \t")
            if text[value : value + 1] in ("(", "[", "{") and stop == end:  # Ruby in brackets may go on over lines
                close = self._balanced(value, len(text))
                if close and close > end:
                    stop = close
                    last = self._line_at(close - 1, last)
            attributes.append(_ruby_attribute(text, found["name"], found.start("name"), value, stop))
            at = max(stop, value)

    def _rest(self, index: int, last: int, at: int, node: int) -> int:
        line, text = self.lines[last], self.text
        script = node if self.nodes[node].tag in _SCRIPTS else None
        output = re.compile(r"[ \t]*={1,2}[<>]*'?[ \t]*").match(text, at, line.end)
        if output:
            following = self._ruby_output(index, at + _spaces(output[0]), output.end(), _SLIM_CONTINUES, node)
            if script is not None:
                self.nodes[script] = replace(
                    self.nodes[script], content=Span(output.end(), self.lines[following - 1].end)
                )
            return following
        self._open(line if index == last else self.lines[index], at, node, script=script)
        rest = text[at : line.end].strip()
        if rest and rest != "/":
            start = at + _spaces(text[at : line.end])
            if script is not None:
                self.nodes[script] = replace(self.nodes[script], content=Span(start, line.end))
                self._interpolations(start, line.end)
            else:
                self._text(start, line.end)
        return last + 1


# ---------------------------------------------------------------------------------------------------------------------
# Haml

_HAML_TAG = lazy_re.compile(r"(?:%(?P<tag>[\w:-]+))?(?P<short>(?:[#.][\w:-]+)*)")
_HAML_FILTERS = {"javascript": "script", "css": "style", "scss": "style", "sass": "style", "less": "style"}
_HAML_SIGN = lazy_re.compile(r"(?:&=|!=|==|=|~)=?[ \t]*")
_HAML_CONTINUES = (",",)


class _Haml(_Ruby):
    dialect = "haml"

    def _comment(self, line: _Line) -> bool:
        if self.stack[-1].script is not None and self.stack[-1].indent < line.indent:
            return self.text.startswith("-#", line.first)  # `//` is JavaScript there
        return self.text.startswith(("-#", "/"), line.first)

    def _line(self, index: int) -> int:
        line, text = self.lines[index], self.text
        at, character = line.first, text[line.first]
        script = self.stack[-1].script is not None
        if character == "-":
            return self._ruby_code(index, at + 1, _HAML_CONTINUES)
        if character in "=~" or text.startswith(("!=", "&="), at):
            if text.startswith("==", at):
                self._region(at, at + 2, "block")
                self._open(line, line.end)
                self._text(at + 2, line.end)
                return index + 1
            sign = _HAML_SIGN.match(text, at)
            return self._ruby_output(index, at, sign.end() if sign else at + 1, _HAML_CONTINUES)
        if character == ":" and not script:
            return self._filter(index)
        if text.startswith("!!!", at):
            self._region(at, line.end, "code", text[at : line.end])
        elif not script and (character == "%" or re.compile(r"[#.][\w-]").match(text, at)):
            return self._tag(index)
        else:
            self._open(line, line.end)
            self._text(at, line.end)
            return index + 1
        self._open(line, line.end)
        return index + 1

    def _filter(self, index: int) -> int:
        line, stop = self.lines[index], self._block_end(index)
        end = self.lines[stop - 1].end
        name = self.text[line.first + 1 : line.end].strip()
        parent = self.stack[-1].node
        self._region(line.first, line.end, "block", name)
        if name == "ruby":
            if stop > index + 1:
                self._region(self.lines[index + 1].start, end, "code", self.text[line.end : end])
        elif name in _HAML_FILTERS:
            node = self._add(_HAML_FILTERS[name], [], Span(line.first, line.end), parent)
            self._body_text(index + 1, stop, node)
        elif name not in ("coffee", "coffeescript"):
            self._body_text(index + 1, stop, None)
        self._open(line, end)
        return stop

    def _tag(self, index: int) -> int:
        line, text = self.lines[index], self.text
        found = _HAML_TAG.match(text, line.first, line.end)
        if found is None or found.end() == line.first:
            self._open(line, line.end)
            self._text(line.first, line.end)
            return index + 1
        attributes = self._shorthands(found, "short")
        at = found.end()
        while text[at : at + 1] in ("{", "(", "["):
            close = self._balanced(at, len(text))
            if close is None:
                break
            if text[at] == "{":
                attributes += _ruby_hash(text, at + 1, close - 1)
            elif text[at] == "(":
                attributes += self._wrapped(at + 1, ")", close - 1)
            at = close
        node = self._add(found["tag"] or "div", attributes, Span(line.first, at), self.stack[-1].node)
        last = self._line_at(max(at - 1, line.first), index)
        end = self.lines[last].end
        while text[at : at + 1] in ("<", ">", "/") and at < end:
            at += 1
        script = node if self.nodes[node].tag in _SCRIPTS else None
        output = _HAML_SIGN.match(text, at, end)
        if output:
            following = self._ruby_output(index, at, output.end(), _HAML_CONTINUES, node)
            if script is not None:
                self.nodes[script] = replace(
                    self.nodes[script], content=Span(output.end(), self.lines[following - 1].end)
                )
            return following
        self._open(line, at, node, script=script)
        start = at + _spaces(text[at:end])
        if start < end:
            if script is not None:
                self.nodes[script] = replace(self.nodes[script], content=Span(start, end))
                self._interpolations(start, end)
            else:
                self._text(start, end)
        return last + 1
