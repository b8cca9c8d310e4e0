"""Comments, strings, calls and enclosing conditions of languages that hold HTML only in strings and helper calls.

Nothing is parsed into a tree. Four passes, each linear in the text:

1. a lexer gives tokens; strings are decoded, with FILLER for interpolations, and remember where each part came from;
2. brackets are paired, and each token learns where its statement ends;
3. concatenations are joined to literals, and calls collect the literals among their arguments;
4. blocks give intervals: bodies of functions, and places that run only if a condition holds. Three readers, by how the
   language marks a block: braces, indentation, or words (`do … end`).
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple, TypeVar

from tracklint import lazy_re
from tracklint.model import Span
from tracklint.template import FILLER, Condition


class Literal(NamedTuple):
    """One string expression: a literal, or literals and unknown parts that are joined by concatenation."""

    value: str  # decoded; FILLER for each part that is not known; `%s` and `{}` as they are
    span: Span  # the whole expression
    dynamic: bool  # some part is not known
    segments: tuple[tuple[int, int], ...]  # (index in value, offset in the text), ascending; between them both count up

    def offset(self, index: int) -> int:
        """The offset in the text of the character at `index` of the value."""
        at = bisect.bisect_right(self.segments, (index, 1 << 62)) - 1
        if at < 0:
            return self.span.start
        value_index, offset = self.segments[at]
        return min(offset + index - value_index, max(self.span.end - 1, self.span.start))


class Call(NamedTuple):
    """One call. The name is dotted, without self: `$this->view->render(…)` is `view.render`."""

    name: str
    arguments: tuple[Literal | None, ...]  # positional; None for what is not a string
    span: Span  # from the name to the closing bracket
    keywords: tuple[tuple[str, Literal], ...] = ()  # `src: "…"`, `src="…"`, `'src' => '…'`, nested arrays included

    @property
    def first(self) -> Literal | None:
        """The first positional string."""
        return next((argument for argument in self.arguments if argument is not None), None)

    def keyword(self, name: str) -> Literal | None:
        return next((value for key, value in self.keywords if key == name), None)


class Interval(NamedTuple):
    """A part of a text that has a name, or that runs only if conditions hold (innermost first)."""

    start: int
    end: int
    conditions: tuple[Condition, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class Source:
    """What one file of a programming language says in strings and calls."""

    literals: tuple[Literal, ...]  # by where they start; those inside an unknown part of another come too
    calls: tuple[Call, ...]  # by where they start; also those without any string
    comments: tuple[Span, ...]
    html: tuple[Span, ...]  # PHP: text outside `<?php … ?>`
    _guards: Intervals = field(repr=False)
    _functions: Intervals = field(repr=False)

    def conditions(self, offset: int) -> tuple[Condition, ...]:
        """Conditions that must hold for `offset` to run, innermost first, as far as the enclosing named function tells.

        An earlier `if (!x) { return; }` of the function counts as a condition that does not hold.
        """
        function = next(self._functions.around(offset), None)
        floor = function.start if function else 0
        return tuple(c for guard in self._guards.around(offset) if guard.start >= floor for c in guard.conditions)

    def function_at(self, offset: int) -> Interval | None:
        """The innermost named function or method that an offset lies in."""
        return next((one for one in self._functions.around(offset) if one.name), None)

    def body_of(self, name: str) -> Span | None:
        """The body of the first function or method of that name."""
        found = next((r for r in self._functions.ranges if r.name == name), None)
        return Span(found.start, found.end) if found else None


class Intervals:
    """Ranges that lie in one another, for "which are around this offset?"."""

    def __init__(self, ranges: Sequence[Interval]) -> None:
        self.ranges: list[Interval] = []
        self._parents: list[int] = []
        open_: list[int] = []
        for item in sorted(ranges, key=lambda r: (r.start, -r.end)):
            while open_ and self.ranges[open_[-1]].end <= item.start:
                open_.pop()
            if open_ and self.ranges[open_[-1]].end < item.end:
                item = Interval(item.start, self.ranges[open_[-1]].end, item.conditions, item.name)
            self._parents.append(open_[-1] if open_ else -1)
            open_.append(len(self.ranges))
            self.ranges.append(item)
        self._starts = [r.start for r in self.ranges]

    def around(self, offset: int) -> Iterator[Interval]:
        at = bisect.bisect_right(self._starts, offset) - 1
        while at >= 0:
            if offset < self.ranges[at].end:
                yield self.ranges[at]
            at = self._parents[at]


# ---------------------------------------------------------------------------------------------------------------------
# Languages


class _Language(NamedTuple):
    name: str
    blocks: str  # "brace" | "indent" | "word"
    token: re.Pattern[str]
    concatenation: frozenset[str]
    members: frozenset[str]
    newlines: bool  # a line end can end a statement
    adjacent: bool = False  # "a" "b" is one string
    bare_calls: bool = False  # `name "x", key: "y"` without brackets


def _pattern(*, comment: str, string: str, name: str, op: str, block: bool = True, first: str = "") -> re.Pattern[str]:
    parts = [
        first,
        r"(?P<nl>\r\n|\r|\n)",
        r"(?P<ws>[^\S\r\n]+|\\(?:\r\n|\r|\n))",
        rf"(?P<comment>{comment})",
        r"(?P<block>/\*)" if block else "",
        rf"(?P<string>{string})",
        rf"(?P<name>{name})",
        r"(?P<num>\d\w*(?:\.\d\w*)?)",
        rf"(?P<op>{op}|[\s\S])",
    ]
    return lazy_re.compile("|".join(part for part in parts if part))


_WORD = r"[^\W\d]\w*"
_CHAR = r"(?P<char>'(?:\\[^\r\n'][^\r\n']{0,8}|\\'|[^'\\\r\n])')"
_PLUS = frozenset({"+"})
_DOT = frozenset({".", "?."})

_LANGUAGES: dict[str, _Language] = {
    "php": _Language(
        "php",
        "brace",
        _pattern(
            first=r"(?P<close>\?>(?:\r\n|\r|\n)?)",
            comment=r"(?://|\#(?!\[))(?:(?!\?>)[^\r\n])*",
            string=r"""<<<[ \t]*(?P<quote>["']?)(?P<marker>[^\W\d]\w*)(?P=quote)(?=\r?\n|\r)|["'`]""",
            name=r"\$?[^\W\d]\w*",
            op=r"\?->|->|=>|::|\.=|\?\?=?|===?|!==?|<=>|&&|\|\||\.\.\.",
        ),
        frozenset({"."}),
        frozenset({"->", "?->", "::"}),
        False,
    ),
    "python": _Language(
        "python",
        "indent",
        _pattern(
            comment=r"\#[^\r\n]*",
            string=r"""[rRbBuUfFtT]{0,2}(?:\"{3}|'{3}|"|')""",
            name=_WORD,
            op=r"\+=|:=|==|!=|<=|>=|->|\*\*",
            block=False,
        ),
        _PLUS,
        _DOT,
        True,
        adjacent=True,
    ),
    "ruby": _Language(
        "ruby",
        "word",
        _pattern(
            first=r"(?P<verbatim>(?m:^)=begin\b|(?m:^)__END__[^\S\r\n]*$(?=[\r\n]|\Z))",
            comment=r"\#[^\r\n]*",
            string=(
                r"""<<[~-](?P<quote>["'`]?)(?P<marker>[^\W\d]\w*)(?P=quote)"""
                r"""|<<(?P<quote2>["'`]?)(?P<marker2>[A-Z]\w*)(?P=quote2)"""
                r"""|(?<![\w"':]):["']|["'`]|%[qQwWiIxrs]?[\[({<|!/]|/"""
            ),
            name=r"(?:@@?|\$)?[^\W\d]\w*(?:[?!](?![=~]))?|(?<![\w\"':?!\])]):[^\W\d]\w*[?!]?|\?[A-Za-z](?!\w)",
            op=r"&\.|::|=>|\|\||&&|==?=?|!=|<=>|<<|>>|\+=|\.\.\.?|->|\*\*",
            block=False,
        ),
        _PLUS,
        frozenset({".", "&.", "::"}),
        True,
        adjacent=True,
        bare_calls=True,
    ),
    "elixir": _Language(
        "elixir",
        "word",
        _pattern(
            comment=r"\#[^\r\n]*",
            string=r"""\"{3}|'{3}|["']|~[A-Za-z]+(?:\"{3}|'{3}|[\[({<|/"'])""",
            name=r"@?[^\W\d]\w*[?!]?|(?<![\w\"':]):[^\W\d]\w*[?!]?",
            op=r"<>|\|>|=>|->|<-|==?=?|!==?|&&|\|\||::|\+\+",
            block=False,
        ),
        frozenset({"<>"}),
        frozenset({"."}),
        True,
        bare_calls=True,
    ),
    "csharp": _Language(
        "csharp",
        "brace",
        _pattern(
            first=r"(?P<verbatim>(?m:^)[ \t]*\#[^\r\n]*)",
            comment=r"//[^\r\n]*",
            string=rf"""{_CHAR}|(?:\$+@?|@\$*)?"{{3,}}|(?:\$@?|@\$?)?\"""",
            name=rf"@?{_WORD}",
            op=r"\?\.|=>|\?\?=?|==|!=|<=|>=|&&|\|\||\+=|\+\+|::",
        ),
        _PLUS,
        frozenset({".", "?.", "::"}),
        False,
    ),
    "java": _Language(
        "java",
        "brace",
        _pattern(
            comment=r"//[^\r\n]*",
            string=rf"""{_CHAR}|\"{{3}}|\"""",
            name=rf"@?{_WORD}",
            op=r"->|==|!=|<=|>=|&&|\|\||\+=|\+\+|::",
        ),
        _PLUS,
        frozenset({".", "::"}),
        False,
    ),
    "kotlin": _Language(
        "kotlin",
        "brace",
        _pattern(
            comment=r"//[^\r\n]*",
            string=rf"""{_CHAR}|\"{{3}}|\"""",
            name=rf"@?{_WORD}",
            op=r"\?\.|\?:|!!|->|==?=?|!==?|<=|>=|&&|\|\||\+=|\+\+|::",
        ),
        _PLUS,
        frozenset({".", "?.", "::"}),
        True,
    ),
    "go": _Language(
        "go",
        "brace",
        _pattern(
            comment=r"//[^\r\n]*",
            string=rf"""{_CHAR}|"|`""",
            name=_WORD,
            op=r":=|==|!=|<=|>=|&&|\|\||\+=|\+\+|<-|\.\.\.",
        ),
        _PLUS,
        frozenset({"."}),
        True,
    ),
}
_ALIASES = {
    "rb": "ruby",
    "py": "python",
    "cs": "csharp",
    "c#": "csharp",
    "kt": "kotlin",
    "ex": "elixir",
    "exs": "elixir",
}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_WORDS_BEFORE_VALUES = _words(
    """if unless while until elsif when then else do and or not return in case puts print yield begin rescue ensure"""
)
_NO_CALL = _words(
    """if unless while until elsif elseif for foreach switch match catch function fn fun func def defp return and or not
    in is array list echo print isset empty unset when case do then else end lock using with assert lambda yield await
    select go defer use typeof sizeof nameof default get set where throw raise new declare class module"""
)
_SELF = frozenset({"$this", "this", "self", "static", "parent", "base", "super", "cls"})


# ---------------------------------------------------------------------------------------------------------------------
# Lexer


class _String(NamedTuple):
    value: str
    segments: tuple[tuple[int, int], ...]
    dynamic: bool
    end: int  # end of the literal in the text; after the body for a heredoc


class _Token(NamedTuple):
    kind: str  # name, num, string, op, nl
    text: str  # of a string: ""
    start: int
    end: int
    spaced: bool  # white space or a line end stands before it
    string: _String | None = None


_ESCAPES = {
    "n": "\n",
    "t": "\t",
    "r": "\r",
    "0": "\0",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
    "e": "\x1b",
    "\\": "\\",
    '"': '"',
    "'": "'",
    "`": "`",
    "$": "$",
    "#": "#",
    "\n": "",
    "\r\n": "",
}
_HEX_ESCAPE = lazy_re.compile(r"x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|U([0-9A-Fa-f]{8})")
_CLOSERS = {"[": "]", "(": ")", "{": "}", "<": ">"}
_LONGEST_INTERPOLATION = 4000


def _unescape(text: str, at: int, found: str, keep_unknown: bool) -> tuple[str, int]:
    """The character for an escape whose backslash is at `at`, and where it ends."""
    code = _HEX_ESCAPE.match(text, at + 1)
    if code:
        number = int(next(group for group in code.groups() if group), 16)
        valid = number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
        return (chr(number) if valid else "\ufffd"), code.end()
    escaped = found[1:]
    if escaped in _ESCAPES:
        return _ESCAPES[escaped], at + len(found)
    return (found if keep_unknown else escaped), at + len(found)


@lru_cache(maxsize=256)
def _body_pattern(close: str, opens: str, escape: str, hole: str, one_line: bool) -> re.Pattern[str]:
    """What matters inside a string: its end, its escapes, its holes, and its line ends where it may have none."""
    parts = [
        rf"(?P<escape>{escape})" if escape else "",
        rf"(?P<close>{close})" if close else "",
        rf"(?P<open>{re.escape(opens)})" if opens else "",
        rf"(?P<hole>{hole})" if hole else "",
        r"(?P<nl>[\r\n])" if one_line else "",
    ]
    return re.compile("|".join(part for part in parts if part) or r"(?!)")


_BACKSLASH = r"\\(?:\r\n|[\s\S])"
_HOLES = {
    "ruby": r"\#\{",
    "elixir": r"\#\{",
    "kotlin": r"\$\{|\$[^\W\d]\w*",
    "php": r"\{(?=\$)|\$\{|\$[^\W\d]\w*(?:\[[^\]\[\r\n\"']{0,80}\]|\??->[^\W\d]\w*)?",
}


_NESTED = lazy_re.compile(r"""[\[\](){}"'`\\\r\n]""")


def balanced_end(text: str, at: int, limit: int) -> int | None:
    """The offset behind the bracket that closes the one at `at`, or None if it is not closed before `limit`.

    Brackets in strings do not count, but those of an interpolation (`#{…}`, `${…}`) in a string do.
    """
    stack = [_CLOSERS[text[at]]]
    at += 1
    while True:
        found = _NESTED.search(text, at, limit)
        if found is None:
            return None
        mark, at = found[0], found.end()
        inside = stack[-1]
        if mark == "\\":
            at += 1
        elif inside in "\"'`":
            if mark == inside or (mark in "\r\n" and inside != "`"):  # at a line end: an apostrophe, not a string
                stack.pop()
            elif mark == "{" and text[at - 2] in "#$":
                stack.append("}")
        elif mark in "([{":
            stack.append(_CLOSERS[mark])
        elif mark in ")]}":
            for back in range(1, min(len(stack), 8) + 1):
                if stack[-back] == mark:
                    del stack[-back:]
                    break
            if not stack:
                return at
        elif mark not in "\r\n":
            stack.append(mark)


class _Lexer:
    def __init__(self, text: str, language: _Language) -> None:
        self.text = text
        self.language = language
        self.tokens: list[_Token] = []
        self.comments: list[Span] = []
        self.html: list[Span] = []
        self._spaced = False
        self._depth = 0  # open brackets, for languages in which they hide line ends
        self._unclosed: set[tuple[str, ...]] = set()
        self._patience = 40  # look-aheads to a far end that may still fail
        self._pending: list[tuple[str, bool, int]] = []  # heredocs of this line: marker, raw, index of the token
        self._last_lines: dict[str, list[int]] | None = None

    def run(self) -> None:
        text, at = self.text, 0
        if self.language.name == "php" and "<?" in text:
            at = self._html(0)
        match = self.language.token.match
        while at < len(text):
            found = match(text, at)
            if found is None:  # cannot be: the last alternative takes any character
                break
            at = self._token(found)

    def _add(self, kind: str, text: str, start: int, end: int, string: _String | None = None) -> None:
        self.tokens.append(_Token(kind, text, start, end, self._spaced, string))
        self._spaced = False

    def _token(self, found: re.Match[str]) -> int:
        kind, start, end = found.lastgroup, found.start(), found.end()
        groups = found.re.groupindex
        if kind == "ws":
            self._spaced = True
        elif kind == "nl":
            self._spaced = True
            if self.language.newlines and not (self._depth and self.language.blocks == "indent"):
                self._add("nl", "\n", start, end)
            if self._pending:
                return self._heredocs(end)
        elif kind == "comment":
            self.comments.append(Span(start, end))
        elif kind == "block":
            close = self.text.find("*/", end)
            end = len(self.text) if close < 0 else close + 2
            self.comments.append(Span(start, end))
            self._spaced = True
        elif kind == "close":
            self._add("op", ";", start, end)
            return self._html(end)
        elif kind == "verbatim":
            return self._verbatim(start, end)
        elif "string" in groups and found["string"] is not None:
            return self._string(found)
        elif kind == "op":
            token = found["op"]
            if token in "([{":
                self._depth += 1
            elif token in ")]}":
                self._depth = max(self._depth - 1, 0)
            self._add("op", token, start, end)
        else:
            self._add(kind or "op", found[0], start, end)
        return end

    def _html(self, start: int) -> int:
        opening = re.compile(r"<\?(?:php(?=\s|$)|=|(?!xml))", re.I).search(self.text, start)
        if opening is None:
            if start < len(self.text):
                self.html.append(Span(start, len(self.text)))
            return len(self.text)
        if opening.start() > start:
            self.html.append(Span(start, opening.start()))
        self._spaced = True
        if opening[0] == "<?=":
            self._add("name", "echo", opening.start(), opening.end())
        return opening.end()

    def _verbatim(self, start: int, end: int) -> int:
        if self.language.name == "ruby":
            closing = re.compile(r"(?m)^=end\b[^\r\n]*").search(self.text, end) if self.text[start] == "=" else None
            end = closing.end() if closing else len(self.text)
            self.comments.append(Span(start, end))
        self._spaced = True
        return end

    # -- strings

    def _value_expected(self) -> bool:
        """A value, not an operator, can stand here: tells a regular expression or `%(…)` from a division."""
        if not self.tokens:
            return True
        last = self.tokens[-1]
        if last.kind == "name":
            return last.text in _WORDS_BEFORE_VALUES
        return last.kind == "nl" or (last.kind == "op" and last.text not in ")]}")

    def _argument_expected(self, end: int) -> bool:
        """`name /x/` and `name %w[x]`: space before, none after."""
        after = self.text[end : end + 1]
        return self._value_expected() or (
            self.tokens[-1].kind == "name" and self._spaced and bool(after) and not after.isspace() and after != "="
        )

    def _string(self, found: re.Match[str]) -> int:
        opener, start, end = found["string"], found.start(), found.end()
        language = self.language.name
        if found.re.groupindex.get("char") and found["char"] is not None:
            self._add("num", opener, start, end)
            return end
        if language == "php":
            if opener.startswith("<<<"):
                return self._php_heredoc(found)
            if opener == "'":
                return self._quoted(start, end, "'", escape=r"\\[\\']")
            return self._quoted(start, end, opener, hole=_HOLES["php"], keep_unknown=True)
        if language == "ruby":
            return self._ruby_string(found)
        if language == "elixir":
            return self._elixir_string(opener, start, end)
        if language == "python":
            quote = opener.lstrip("rRbBuUfFtT")
            prefix = opener[: -len(quote)].lower()
            hole = r"\{" if "f" in prefix or "t" in prefix else ""
            escape = _BACKSLASH if not hole else _BACKSLASH + r"|\{\{|\}\}"
            if "r" in prefix:  # a backslash stays, and still keeps the quote after it from closing
                return self._quoted(start, end, quote, escape=escape, hole=hole, one_line=len(quote) == 1, raw=True)
            return self._quoted(
                start, end, quote, escape=escape, hole=hole, one_line=len(quote) == 1, keep_unknown=True
            )
        if language == "csharp":
            return self._csharp_string(opener, start, end)
        if opener == "`":
            return self._quoted(start, end, "`", escape="")
        if opener == "'":
            self._add("op", "'", start, end)
            return end
        triple = len(opener) == 3
        escape = "" if triple and language == "kotlin" else _BACKSLASH
        return self._quoted(start, end, opener, escape=escape, hole=_HOLES.get(language, ""), one_line=not triple)

    def _csharp_string(self, opener: str, start: int, end: int) -> int:
        marks, quotes = opener.rstrip('"'), len(opener) - len(opener.rstrip('"'))
        if opener == "'":
            self._add("op", "'", start, end)
            return end
        holes = marks.count("$")
        if quotes >= 3 and "@" not in marks:
            return self._quoted(start, end, '"' * quotes, escape="", hole=r"\{" * holes)
        if quotes > 1:  # `@"""` starts a verbatim string with a quote in it
            end = start + len(marks) + 1
        hole, braces = (r"\{", r"\{\{|\}\}") if holes else ("", "")
        if "@" in marks:
            escape = "|".join(part for part in ('""', braces) if part)
            return self._quoted(start, end, '"', escape=escape, hole=hole)
        escape = "|".join(part for part in (_BACKSLASH, braces) if part)
        return self._quoted(start, end, '"', escape=escape, hole=hole, one_line=True)

    def _elixir_string(self, opener: str, start: int, end: int) -> int:
        sigil = opener.startswith("~")
        quote = opener.lstrip("~" + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") if sigil else opener
        raw = sigil and opener[1].isupper()
        close = _CLOSERS.get(quote, quote)
        return self._quoted(
            start,
            end,
            close,
            escape="" if raw else _BACKSLASH,
            hole=r"\{" if opener.startswith("~H") else "" if raw else _HOLES["elixir"],
            opaque=sigil and opener[1] in "rRwWcCDTNU",
        )

    def _ruby_string(self, found: re.Match[str]) -> int:
        opener, start, end = found["string"], found.start(), found.end()
        marker = found["marker"] or found["marker2"]
        if marker:
            if marker not in self._markers():
                self._add("op", "<<", start, start + 2)
                return start + 2
            raw = "'" in (found["quote"] or found["quote2"] or "")
            self._pending.append((marker, raw, len(self.tokens)))
            self._add("string", "", start, end, _String("", (), False, end))
            return end
        if opener == "/":
            if self._argument_expected(end):
                regex = self._regex(start)
                if regex:
                    self._add("num", self.text[start:regex], start, regex)
                    return regex
            self._add("op", "/", start, end)
            return end
        if opener.startswith("%"):
            if not self._argument_expected(end):
                self._add("op", "%", start, start + 1)
                return start + 1
            kind = opener[1:-1]
            closer = _CLOSERS.get(opener[-1], opener[-1])
            opens = opener[-1] if opener[-1] in _CLOSERS else ""
            raw = kind in ("q", "w", "i", "s")
            hole = "" if raw else _HOLES["ruby"]
            return self._quoted(start, end, closer, opens=opens, hole=hole, opaque=kind in ("r", "i", "I", "s"))
        if opener.endswith("'"):
            return self._quoted(start, end, "'", escape=r"\\[\\']")
        return self._quoted(start, end, opener[-1], hole=_HOLES["ruby"])

    def _regex(self, start: int) -> int | None:
        if self._patience <= 0:
            return None
        found = re.compile(r"/(?:[^/\\\r\n]|\\[^\r\n])+/[a-z]*").match(self.text, start)
        if found is None:
            self._patience -= 1
            return None
        return found.end()

    def _quoted(
        self,
        start: int,
        at: int,
        close: str,
        *,
        escape: str = _BACKSLASH,
        opens: str = "",
        hole: str = "",
        one_line: bool = False,
        keep_unknown: bool = False,
        raw: bool = False,
        opaque: bool = False,
    ) -> int:
        """Reads a string from `at`, behind its opening delimiter. Unclosed, it ends with its line."""
        key = (close, escape, opens, hole)
        if key in self._unclosed:
            one_line = True
        pattern = _body_pattern(re.escape(close), opens, escape, hole, one_line)
        parsed = self._body(pattern, at, len(self.text), keep_unknown, raw)
        if parsed is None:
            self._unclosed.add(key)
            pattern = _body_pattern(re.escape(close), opens, escape, hole, True)
            parsed = self._body(pattern, at, len(self.text), keep_unknown, raw)
        if parsed is None:  # the last line of the file
            parsed = (self.text[at:], ((0, at),), False, len(self.text))
        value, segments, dynamic, end = parsed
        if opaque:
            self._add("num", self.text[start:end], start, end)
        else:
            self._add("string", "", start, end, _String(value, segments, dynamic, end))
        return end

    def _body(
        self, pattern: re.Pattern[str], at: int, limit: int, keep_unknown: bool, raw: bool
    ) -> tuple[str, tuple[tuple[int, int], ...], bool, int] | None:
        """Value, segments, dynamic and end of the string body at `at`; None if it has no end."""
        text = self.text
        parts: list[str] = []
        segments: list[tuple[int, int]] = []
        length, depth, dynamic = 0, 0, False

        def add(part: str, offset: int) -> None:
            nonlocal length
            if part:
                segments.append((length, offset))
                parts.append(part)
                length += len(part)

        while True:
            found = pattern.search(text, at, limit)
            if found is None:
                if limit == len(text):
                    return None
                add(text[at:limit], at)
                return "".join(parts), tuple(segments), dynamic, limit
            kind, here = found.lastgroup, found.start()
            add(text[at:here], at)
            at = found.end()
            if kind == "escape":
                if found[0][0] == "\\" and not raw:
                    character, at = _unescape(text, here, found[0], keep_unknown)
                    add(character, here)
                else:
                    add(found[0] if found[0][0] == "\\" else found[0][0], here)
            elif kind == "hole":
                dynamic = True
                add(FILLER, here)
                if found[0].endswith("{"):
                    at = self._hole_end(at, limit, found[0].count("{")) or at
            elif kind == "open":
                depth += 1
                add(found[0], here)
            elif kind == "close" and depth:
                depth -= 1
                add(found[0], here)
            else:
                return "".join(parts), tuple(segments), dynamic, here if kind == "nl" else at

    def _hole_end(self, at: int, limit: int, braces: int) -> int | None:
        """The end of an interpolation that opens with that many braces, the last of them before `at`."""
        if self._patience <= 0:
            return None
        end = balanced_end(self.text, at - 1, min(limit, at + _LONGEST_INTERPOLATION))
        if end is None:
            self._patience -= 1
            return None
        return end + len(re.compile(rf"\}}{{0,{braces - 1}}}").match(self.text, end)[0])  # type: ignore[index]

    def _markers(self) -> dict[str, list[int]]:
        """First word of each line to where those lines start: where a heredoc could end."""
        if self._last_lines is None:
            self._last_lines = {}
            only = "" if self.language.name == "php" else r"(?=[ \t]*(?:[\r\n]|\Z))"
            for found in re.finditer(rf"(?:\A|(?<=\n)|(?<=\r))[ \t]*([^\W\d]\w*)\b{only}", self.text):
                self._last_lines.setdefault(found[1], []).append(found.start())
        return self._last_lines

    def _marker_after(self, marker: str, at: int) -> int | None:
        starts = self._markers().get(marker, [])
        index = bisect.bisect_left(starts, at)
        return starts[index] if index < len(starts) else None

    def _heredoc(
        self, at: int, end: int, raw: bool, keep_unknown: bool
    ) -> tuple[str, tuple[tuple[int, int], ...], bool]:
        pattern = _body_pattern("", "", "" if raw else _BACKSLASH, "" if raw else _HOLES[self.language.name], False)
        parsed = self._body(pattern, at, end, keep_unknown, raw) if end < len(self.text) else None
        return parsed[:3] if parsed else (self.text[at:end], ((0, at),), False)

    def _heredocs(self, at: int) -> int:
        """Reads the bodies of the heredocs that the line before `at` has opened."""
        for marker, raw, index in self._pending:
            last = self._marker_after(marker, at)
            if last is None:
                continue
            value, segments, dynamic = self._heredoc(at, last, raw, False)
            token = self.tokens[index]
            self.tokens[index] = token._replace(string=_String(value, segments, dynamic, last))
            at = self.text.index(marker, last) + len(marker)
        self._pending = []
        return at

    def _php_heredoc(self, found: re.Match[str]) -> int:
        marker, start = found["marker"], found.start()
        at = found.end() + (2 if self.text.startswith("\r\n", found.end()) else 1)
        last = self._marker_after(marker, at)
        if last is None:
            self._add("op", "<<<", start, start + 3)
            return start + 3
        value, segments, dynamic = self._heredoc(at, last, found["quote"] == "'", True)
        end = self.text.index(marker, last) + len(marker)
        self._add("string", "", start, end, _String(value, segments, dynamic, end))
        return end


# ---------------------------------------------------------------------------------------------------------------------
# Brackets, literals, calls

_OPEN = frozenset("([{")
_PAIRS = {")": "(", "]": "[", "}": "{"}
_MOST_ARGUMENTS = 240  # tokens that a call without brackets may reach over


class _Tokens:
    """Tokens with their brackets paired."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.list = tokens
        count = len(tokens)
        self.partner = [-1] * count
        self.outer = [-1] * count  # the bracket that a token stands in
        stack: list[int] = []
        for index, token in enumerate(tokens):
            self.outer[index] = stack[-1] if stack else -1
            if token.kind != "op":
                continue
            if token.text in _OPEN:
                stack.append(index)
            elif token.text in _PAIRS:
                for back in range(1, min(3, len(stack)) + 1):  # so that one stray bracket does not unpair the rest
                    if tokens[stack[-back]].text == _PAIRS[token.text]:
                        opening = stack[-back]
                        del stack[-back:]
                        self.partner[index], self.partner[opening] = opening, index
                        break
                self.outer[index] = stack[-1] if stack else -1
        self._solid = list(range(count))
        for index in range(count - 2, -1, -1):
            if tokens[index].kind == "nl":
                self._solid[index] = self._solid[index + 1] if tokens[index + 1].kind == "nl" else index + 1
        if count and tokens[-1].kind == "nl":
            last = count - 1
            while last >= 0 and tokens[last].kind == "nl":
                self._solid[last] = count
                last -= 1
        self.statement_end = [count] * count  # the `;`, line end or closing bracket that ends the statement
        ends = [count]
        for index in range(count - 1, -1, -1):
            token = tokens[index]
            if token.kind == "op" and self.partner[index] >= 0 and token.text in _PAIRS:
                self.statement_end[index] = ends[-1]
                ends.append(index)
                continue
            if token.kind == "op" and self.partner[index] >= 0 and token.text in _OPEN and len(ends) > 1:
                ends.pop()
            if token.text == ";" and token.kind == "op":
                ends[-1] = index
            self.statement_end[index] = ends[-1]

    def __len__(self) -> int:
        return len(self.list)

    def text(self, index: int) -> str:
        """The text of a name or operator; "" for a string, a line end, or no token."""
        if 0 <= index < len(self.list) and self.list[index].kind != "nl":
            return self.list[index].text
        return ""

    def kind(self, index: int) -> str:
        return self.list[index].kind if 0 <= index < len(self.list) else ""

    def skip_lines(self, index: int) -> int:
        return self._solid[index] if index < len(self.list) else index

    def close(self, index: int) -> int:
        """The closing bracket of the opening one at `index`; -1 if there is none."""
        return self.partner[index] if 0 <= index < len(self.list) and self.text(index) in _OPEN else -1

    def level(self, start: int, end: int) -> Iterator[int]:
        """Indices from `start` to before `end`, without what lies in brackets in between."""
        index = start
        while index < end:
            yield index
            index = self.partner[index] + 1 if self.partner[index] > index else index + 1


class _Chain(NamedTuple):
    end: int  # index after the last token
    literal: Literal


def _read_chains(tokens: _Tokens, language: _Language) -> dict[int, _Chain]:
    """Every string with what is concatenated to it, by the index of the first token."""
    chains: dict[int, _Chain] = {}
    used: set[int] = set()
    echo_outer, echo_end = -2, -1  # in PHP's `echo a, b;` a comma concatenates

    def joins(at: int) -> bool:
        text = tokens.text(at)
        return text in language.concatenation or (text == "," and at < echo_end and tokens.outer[at] == echo_outer)

    for index, token in enumerate(tokens.list):
        if language.name == "php" and token.kind == "name" and token.text == "echo":
            echo_outer, echo_end = tokens.outer[index], tokens.statement_end[index]
        if token.string is not None and index not in used:
            start = _operands_before(tokens, index, joins, language)
            chains[start] = _join(tokens, start, index, joins, language, used)
    return chains


def _operands_before(tokens: _Tokens, index: int, joins: Callable[[int], bool], language: _Language) -> int:
    """Where the concatenation starts that the string at `index` belongs to."""
    while index >= 2 and joins(index - 1):
        at = index - 2
        while at > 0 and tokens.kind(at) == "nl":
            at -= 1
        while True:
            if tokens.text(at) in _PAIRS and tokens.partner[at] >= 0:
                at = tokens.partner[at]
                before = at - 1
                if tokens.text(before) in ("]", ")") or (
                    tokens.kind(before) == "name" and tokens.text(before) not in _NO_CALL
                ):
                    at = before
                    continue
            elif tokens.kind(at) not in ("name", "num") or tokens.text(at) in _WORDS_BEFORE_VALUES:
                return index
            if at < 2 or tokens.text(at - 1) not in language.members:
                break
            at -= 2
        index = at
    return index


def _operand_end(tokens: _Tokens, index: int, language: _Language) -> int:
    """The index after the operand at `index`; `index` itself if there is none."""
    start = index
    while tokens.text(index) in ("!", "-", "&", "@", "new", "await", "(string)"):
        index += 1
    if tokens.close(index) >= 0:
        index = tokens.close(index) + 1
    elif tokens.kind(index) in ("name", "num", "string"):
        index += 1
    else:
        return start
    while index < len(tokens):
        if (
            tokens.text(index) in ("(", "[")
            and tokens.close(index) >= 0
            and not (tokens.list[index].spaced and language.bare_calls)
        ):
            index = tokens.close(index) + 1
        elif tokens.text(index) in language.members and tokens.kind(index + 1) == "name":
            index += 2
        else:
            break
    return index


def _join(
    tokens: _Tokens, start: int, string: int, joins: Callable[[int], bool], language: _Language, used: set[int]
) -> _Chain:
    """The chain from `start`, whose first string is at `string`; its strings are noted in `used`."""
    parts: list[str] = []
    segments: list[tuple[int, int]] = []
    length, dynamic = 0, False
    if start < string:
        parts.append(FILLER)
        segments.append((0, tokens.list[start].start))
        length, dynamic = 1, True
    index = string
    last = tokens.list[start].end
    while True:
        item = tokens.list[index].string
        if item is not None:
            used.add(index)
            segments.extend((length + at, offset) for at, offset in item.segments)
            parts.append(item.value)
            length += len(item.value)
            dynamic = dynamic or item.dynamic
            last = max(last, item.end)
            index = _methods_end(tokens, index + 1, language)
            last = max(last, tokens.list[index - 1].end)
            if language.adjacent and tokens.kind(index) == "string":
                continue
        else:
            end = _operand_end(tokens, index, language)
            if end == index:
                break
            parts.append(FILLER)
            segments.append((length, tokens.list[index].start))
            length, dynamic = length + 1, True
            last = max(last, tokens.list[end - 1].end)
            index = end
        if not joins(index):
            break
        following = tokens.skip_lines(index + 1)
        if tokens.kind(following) != "string" and _operand_end(tokens, following, language) == following:
            break
        index = following
    return _Chain(index, Literal("".join(parts), Span(tokens.list[start].start, last), dynamic, tuple(segments)))


def _methods_end(tokens: _Tokens, index: int, language: _Language) -> int:
    """Past `.html_safe`, `.format(x)` and Python's and Ruby's `% x`, which leave the text of a string as it is."""
    while "." in language.members and tokens.text(index) in language.members and tokens.kind(index + 1) == "name":
        index += 2
        if tokens.text(index) == "(" and tokens.close(index) >= 0:
            index = tokens.close(index) + 1
    if tokens.text(index) == "%" and language.adjacent:
        end = _operand_end(tokens, index + 1, language)
        return end if end > index + 1 else index
    return index


class _Callee(NamedTuple):
    name: str
    start: int  # index of the first token of the name


def _callee(tokens: _Tokens, index: int, language: _Language) -> _Callee | None:
    """The dotted name that ends at `index`."""
    name = tokens.text(index)
    if tokens.kind(index) != "name" or name in _NO_CALL or name.startswith(":"):
        return None
    names, at = [name], index
    while at >= 2 and tokens.text(at - 1) in language.members and len(names) < 12:
        at -= 1
        if tokens.kind(at - 1) != "name":
            break
        at -= 1
        names.append(tokens.text(at))
    if tokens.text(at - 1) in ("function", "def", "defp", "fun", "func", "fn"):
        return None
    names.reverse()
    if len(names) > 1 and names[0] in _SELF:
        del names[0]
    return _Callee(".".join(part.lstrip("$@") for part in names), at)


def _pair_at(tokens: _Tokens, index: int, language: _Language, hash_: bool) -> tuple[str, int] | None:
    """Key and the index of the value, if `key: value`, `key => value` or `key=value` starts at `index`."""
    token = tokens.list[index] if index < len(tokens) else None
    if token is None or token.kind not in ("name", "string"):
        return None
    key = token.string.value if token.string else token.text.lstrip(":")
    separator = tokens.text(index + 1)
    if separator == "=>" or (separator == ":" and language.name not in ("go", "java", "kotlin")):
        return key, tokens.skip_lines(index + 2)
    if separator == "=" and not hash_ and language.name in ("python", "kotlin") and token.kind == "name":
        return key, index + 2
    return None


def _arguments(
    tokens: _Tokens, start: int, end: int, chains: dict[int, _Chain], language: _Language
) -> tuple[tuple[Literal | None, ...], tuple[tuple[str, Literal], ...]]:
    """Positional and keyword strings among the arguments between two token indices."""
    positional: list[Literal | None] = []
    keywords: list[tuple[str, Literal]] = []
    work: list[tuple[int, int, bool, str]] = [(start, end, False, "")]
    while work:
        low, high, nested, prefix = work.pop()
        first = tokens.skip_lines(low)
        commas = [i for i in tokens.level(low, high) if tokens.list[i].kind == "op" and tokens.list[i].text == ","]
        for stop in [*commas, high]:
            if first >= stop:
                first = tokens.skip_lines(stop + 1)
                continue
            pair = _pair_at(tokens, first, language, nested)
            value = pair[1] if pair else first
            chain = chains.get(value)
            text = None
            if chain is not None and tokens.skip_lines(chain.end) >= stop:
                text = chain.literal
            if pair and text is not None:
                keywords.append((prefix + pair[0], text))
            elif not nested and not pair:
                positional.append(text)
            if text is None:
                inner = value + 1 if tokens.text(value) in ("array", "list") else value
                closing = tokens.close(inner)
                if closing >= 0 and (tokens.text(inner) in "[{" or inner > value):
                    deeper = f"{pair[0]}-" if pair and pair[0] in ("data", "aria") else prefix
                    work.append((inner + 1, closing, True, deeper))
            first = tokens.skip_lines(stop + 1)
    return tuple(positional), tuple(keywords)


def _read_calls(
    tokens: _Tokens, chains: dict[int, _Chain], language: _Language, definitions: frozenset[int]
) -> list[Call]:
    calls: list[Call] = []
    for index, token in enumerate(tokens.list):
        if token.kind != "name":
            continue
        following = index + 1
        if tokens.text(following) == "(" and not (tokens.list[following].spaced and language.bare_calls):
            closing = tokens.close(following)
            callee = _callee(tokens, index, language) if closing >= 0 and index not in definitions else None
            if callee is not None:
                positional, keywords = _arguments(tokens, following + 1, closing, chains, language)
                if closing == following + 1:
                    positional = ()
                span = Span(tokens.list[callee.start].start, tokens.list[closing].end)
                calls.append(Call(callee.name, positional, span, keywords))
        elif language.name == "php" and token.text in ("echo", "print"):
            chain = chains.get(following)
            if chain is not None:
                calls.append(Call(token.text, (chain.literal,), Span(token.start, chain.literal.span.end)))
        elif language.bare_calls and _starts_argument(tokens, following, language):
            call = _bare_call(tokens, index, chains, language)
            if call is not None:
                calls.append(call)
    return calls


def _starts_argument(tokens: _Tokens, index: int, language: _Language) -> bool:
    if index >= len(tokens) or not tokens.list[index].spaced:
        return False
    token = tokens.list[index]
    if token.kind == "name":
        return token.text not in _WORDS_BEFORE_VALUES and tokens.text(index + 1) in (":", "=>", ",")
    return token.kind == "string" or (token.text in "[(" and token.kind == "op" and language.name == "ruby")


def _bare_call(tokens: _Tokens, index: int, chains: dict[int, _Chain], language: _Language) -> Call | None:
    """`name "x", key: "y"` without brackets; None unless it has a string."""
    callee = _callee(tokens, index, language)
    if callee is None:
        return None
    end = index + 1
    for at in tokens.level(index + 1, min(len(tokens), index + _MOST_ARGUMENTS)):
        text, kind = tokens.text(at), tokens.kind(at)
        if kind == "nl":
            if tokens.text(at - 1) not in (",", "=>", ":", "+", "<>", "("):
                break
        elif (
            text in _PAIRS
            or text == ";"
            or (kind == "name" and text in ("do", "if", "unless", "and", "or", "then"))
            or (text == "{" and tokens.text(at - 1) not in (",", ":", "=>", "("))
        ):
            break
        end = at + 1 if tokens.partner[at] < at else tokens.partner[at] + 1
    positional, keywords = _arguments(tokens, index + 1, end, chains, language)
    if not keywords and not any(positional):
        return None
    last = max(
        [tokens.list[end - 1].end, *(item.span.end for item in positional if item), *(v.span.end for _, v in keywords)]
    )
    return Call(callee.name, positional, Span(tokens.list[callee.start].start, last), keywords)


# ---------------------------------------------------------------------------------------------------------------------
# Blocks

_EXITS = _words("return throw raise continue break exit die exit! abort next redo panic wp_die fail")


_MOST_EARLIER = 24  # branches of one chain that a later branch still knows of


class _Blocks:
    """Collects the intervals that a reader finds."""

    def __init__(self, text: str, tokens: _Tokens, language: _Language) -> None:
        self.text = text
        self.tokens = tokens
        self.language = language
        self.guards: list[Interval] = []
        self.functions: list[Interval] = []
        self.definitions: set[int] = set()  # indices of the names of functions where they are defined

    def condition(self, keyword: str, start: int, first: int, stop: int, holds: bool, span_end: int = -1) -> Condition:
        """The condition written from token `first` to before token `stop`; `start` is the offset of its keyword."""
        stop = max(stop, first)
        expression = ""
        end = self.tokens.list[first - 1].end if first else start
        if stop > first:
            end = self.tokens.list[stop - 1].end
            expression = self.text[self.tokens.list[first].start : end].strip()
        return Condition(expression, holds, Span(start, max(end, span_end)), self.language.name, keyword)

    def guard(self, start: int, end: int, *conditions: Condition) -> None:
        if end > start and conditions:
            self.guards.append(Interval(start, end, conditions))

    def after(self, branches: Sequence[tuple[Condition | None, bool]], start: int, end: int) -> None:
        """What is known behind `if … else …`: (condition, leaves) for each branch, None for the last `else`."""
        known: list[Condition] = []
        for condition, leaves in branches:
            if condition is None:
                if leaves and len(branches) == 2 and branches[0][0] is not None and not branches[0][1]:
                    known.append(branches[0][0])
            elif leaves:
                known.append(_negated(condition))
            else:
                if len(branches) == 2 and branches[1] == (None, True):
                    known.append(condition)
                break
        self.guard(start, end, *known)


def _negated(condition: Condition) -> Condition:
    return Condition(condition.expression, not condition.holds, condition.span, condition.dialect, condition.keyword)


# -- braces: PHP, C#, Java, Kotlin, Go

_LOOPS = frozenset({"for", "foreach", "while"})
_ALTERNATIVE_ENDS = {
    "endif": "if",
    "endforeach": "foreach",
    "endfor": "for",
    "endwhile": "while",
    "endswitch": "switch",
}


class _Body(NamedTuple):
    start: int  # offsets
    end: int
    first: int  # token indices
    stop: int
    next: int  # index of the token after the block
    block: bool = True  # not a single statement


def _read_braces(blocks: _Blocks) -> None:
    tokens = blocks.tokens
    alternative = _alternatives(tokens) if blocks.language.name == "php" else {}
    seen: set[int] = set()
    for index, token in enumerate(tokens.list):
        if token.kind != "name":
            continue
        member = tokens.text(index - 1) in blocks.language.members
        if token.text == "if" and not member and index not in seen:
            _brace_if(blocks, index, alternative, seen)
        elif token.text in _LOOPS and not member:
            head = _head(blocks, index)
            body = _brace_body(blocks, head[2], alternative.get(index)) if head else None
            if head and body:
                condition = blocks.condition(token.text, token.start, head[0], head[1], True)
                blocks.guard(body.start, body.end, condition)
        elif token.text == "switch" and not member:
            _brace_switch(blocks, index, alternative.get(index))
        elif tokens.text(index + 1) in ("(", "<") or token.text in ("function", "func"):
            _brace_function(blocks, index)


def _alternatives(tokens: _Tokens) -> dict[int, int]:
    """PHP's `if (…): … else: … endif;`: from each head to the index of the word that ends its body."""
    ends: dict[int, int] = {}
    stack: list[tuple[str, int]] = []
    for index, token in enumerate(tokens.list):
        if token.kind != "name":
            continue
        word = token.text
        if word in _ALTERNATIVE_ENDS:
            if stack and stack[-1][0] == _ALTERNATIVE_ENDS[word]:
                ends[stack.pop()[1]] = index
        elif word in ("if", "foreach", "for", "while", "switch", "elseif"):
            closing = tokens.close(index + 1)
            if closing >= 0 and tokens.text(closing + 1) == ":":
                if word == "elseif" and stack and stack[-1][0] == "if":
                    ends[stack.pop()[1]] = index
                stack.append(("if" if word == "elseif" else word, index))
        elif word == "else" and tokens.text(index + 1) == ":" and stack and stack[-1][0] == "if":
            ends[stack.pop()[1]] = index
            stack.append(("if", index))
    return ends


def _head(blocks: _Blocks, index: int) -> tuple[int, int, int] | None:
    """First token, stop and next token of the condition after the keyword at `index`."""
    tokens = blocks.tokens
    if blocks.language.name == "go":
        first = index + 1
        semicolon = -1
        for at in tokens.level(first, min(len(tokens), first + _MOST_ARGUMENTS)):
            if tokens.text(at) == ";":
                semicolon = at
            if tokens.text(at) == "{" and tokens.close(at) >= 0:
                return (semicolon + 1 if semicolon >= 0 else first), at, at
            if tokens.kind(at) == "nl":
                break
        return None
    closing = tokens.close(index + 1)
    if tokens.text(index + 1) != "(" or closing < 0:
        return None
    return index + 2, closing, closing + 1


def _brace_body(blocks: _Blocks, index: int, alternative: int | None) -> _Body | None:
    """The block or the single statement at `index`."""
    tokens = blocks.tokens
    if alternative is not None and tokens.text(index) == ":":
        return _Body(tokens.list[index].end, tokens.list[alternative].start, index + 1, alternative, alternative)
    index = tokens.skip_lines(index)
    if index >= len(tokens):
        return None
    if tokens.text(index) == "{":
        closing = tokens.close(index)
        if closing < 0:
            return None
        return _Body(tokens.list[index].end, tokens.list[closing].start, index + 1, closing, closing + 1)
    at = index
    for _ in range(32):  # if (a) if (b) while (c) x;
        if tokens.kind(at) == "name" and tokens.text(at) in ("if", "switch", "using", "lock", *_LOOPS):
            closing = tokens.close(at + 1)
            if closing < 0:
                break
            at = tokens.skip_lines(closing + 1)
            if tokens.text(at) == "{" and tokens.close(at) >= 0:
                end = tokens.close(at)
                return _Body(tokens.list[index].start, tokens.list[end].end, index, end + 1, end + 1, False)
        else:
            break
    if at >= len(tokens):
        return None
    if blocks.language.newlines:
        stop = next(
            (
                i
                for i in tokens.level(at, min(tokens.statement_end[at], at + _MOST_ARGUMENTS))
                if tokens.kind(i) == "nl" or tokens.text(i) == "else"
            ),
            min(tokens.statement_end[at], at + _MOST_ARGUMENTS),
        )
    else:
        stop = tokens.statement_end[at]
    if stop <= index:
        return _Body(tokens.list[index].start, tokens.list[index].end, index, index, index + 1, False)
    end = tokens.list[min(stop, len(tokens)) - 1].end
    after = stop + 1 if tokens.text(stop) == ";" else stop
    return _Body(tokens.list[index].start, end, index, stop, after, False)


def _leaves(tokens: _Tokens, body: _Body) -> bool:
    """The last statement of the body leaves the function, or at least the block around it."""
    if not body.block:
        return tokens.text(body.first) in _EXITS
    leaves, fresh = False, True
    for index in tokens.level(body.first, body.stop):
        token = tokens.list[index]
        if token.kind == "nl" or (token.kind == "op" and token.text in ";{"):
            fresh = True
        elif fresh:
            leaves = token.kind == "name" and token.text in _EXITS
            fresh = False
    return leaves


def _brace_if(blocks: _Blocks, index: int, alternative: dict[int, int], seen: set[int]) -> None:
    tokens = blocks.tokens
    earlier: list[Condition] = []
    branches: list[tuple[Condition | None, bool]] = []
    outer = tokens.outer[index]
    at: int | None = index
    keyword, end = "if", tokens.list[index].end
    following = index + 1
    while at is not None:
        head_at, otherwise = at, False
        if keyword == "else":
            otherwise = True
            body = _brace_body(blocks, at + 1, alternative.get(at))
            condition = None
        else:
            head = _head(blocks, head_at)
            if head is None:
                return
            condition = blocks.condition(keyword, tokens.list[at].start, head[0], head[1], True)
            body = _brace_body(blocks, head[2], alternative.get(head_at))
        if body is None:
            return
        guards = [condition] if condition else []
        blocks.guard(body.start, body.end, *guards, *(_negated(c) for c in reversed(earlier[-_MOST_EARLIER:])))
        branches.append((condition, _leaves(tokens, body)))
        if condition:
            earlier.append(condition)
        following = body.next
        end = tokens.list[min(following, len(tokens)) - 1].end
        at = None
        behind = tokens.skip_lines(following)
        word = tokens.text(behind)
        if otherwise:
            break
        if word == "elseif":
            at, keyword = behind, "elif"
        elif word == "else" and tokens.text(behind + 1) == "if":
            at, keyword = behind + 1, "elif"
            seen.add(behind + 1)
        elif word == "else":
            at, keyword = behind, "else"
    limit = tokens.list[tokens.partner[outer]].start if outer >= 0 and tokens.partner[outer] >= 0 else len(blocks.text)
    blocks.after(branches, end, limit)


def _brace_switch(blocks: _Blocks, index: int, alternative: int | None) -> None:
    tokens = blocks.tokens
    head = _head(blocks, index)
    body = _brace_body(blocks, head[2], alternative) if head else None
    if head is None or body is None:
        return
    subject = blocks.condition("case", tokens.list[index].start, head[0], head[1], True).expression
    labels: list[tuple[int, int, str]] = []  # start of the label, start of its body, expression; "" for default
    for at in tokens.level(body.first, body.stop):
        word = tokens.text(at)
        if tokens.kind(at) != "name" or word not in ("case", "default"):
            continue
        stop = next((i for i in tokens.level(at + 1, body.stop) if tokens.text(i) in (":", "->", ";", "{")), None)
        if stop is None:
            break
        value = blocks.text[tokens.list[at].end : tokens.list[stop].start].strip() if word == "case" else ""
        labels.append((at, stop, value))
    values: list[str] = []
    every: list[str] = []
    for number, (_, stop, value) in enumerate(labels):
        last = number + 1 == len(labels)
        until = tokens.list[labels[number + 1][0]].start if not last else body.end
        if value:
            values.append(value)
            every.append(value)
        if not last and labels[number + 1][0] == stop + 1:
            continue  # falls through to the next label
        start = tokens.list[stop].end
        span = Span(tokens.list[index].start, start)
        if values and value:
            expression = " || ".join(f"{subject} == {item}" if subject else item for item in values[:20])
            blocks.guard(start, until, Condition(expression, True, span, blocks.language.name, "case"))
        elif not value and every:
            expression = " || ".join(f"{subject} == {item}" if subject else item for item in every[:20])
            blocks.guard(start, until, Condition(expression, False, span, blocks.language.name, "case"))
        values = []


_MODIFIER_STOP = frozenset({"{", ";", "=>", "=", ")", "}", "]"})


def _past_generics(tokens: _Tokens, index: int) -> int:
    """The index after `<T, List<U>>`; `index` itself where there is none."""
    if tokens.text(index) != "<":
        return index
    depth = 0
    for at in range(index, min(index + 40, len(tokens))):
        text = tokens.text(at)
        depth += {"<": 1, ">": -1, ">>": -2}.get(text, 0)
        if depth <= 0:
            return at + 1
        if tokens.list[at].kind != "name" and text not in ("<", ">", ",", "?", ".", "[", "]", ":", "&"):
            return index
    return index


def _brace_function(blocks: _Blocks, index: int) -> None:
    """A function or method that is defined at the name or the keyword at `index`."""
    tokens = blocks.tokens
    word = tokens.text(index)
    name_at = index
    if word in ("function", "func"):
        name_at = index + 1
        if word == "func" and tokens.close(name_at) >= 0:  # Go's receiver
            name_at = tokens.close(name_at) + 1
        if tokens.text(name_at) == "&":
            name_at += 1
        if tokens.kind(name_at) != "name":
            return
    elif word in _NO_CALL or blocks.language.name in ("php", "go"):
        return
    before = tokens.text(index - 1)
    if before in ("class", "record", "struct", "interface", "enum", "object"):
        return
    if blocks.language.name == "kotlin" and before not in ("fun", ".", ">"):
        return
    if word == tokens.text(name_at) and (
        before in ("new", "return", "throw", "else", "=", "(", ",", "->", "=>", "await")
        or (before in blocks.language.members and blocks.language.name != "kotlin")
    ):
        return
    parameters = _past_generics(tokens, name_at + 1)
    closing = tokens.close(parameters)
    if closing < 0:
        return
    for at in tokens.level(closing + 1, min(len(tokens), closing + 60)):
        text = tokens.text(at)
        if text == "{" and tokens.close(at) >= 0:
            end = tokens.list[tokens.close(at)].start
            blocks.functions.append(Interval(tokens.list[at].end, end, (), tokens.text(name_at)))
            blocks.definitions.add(name_at)
            return
        if text in ("=>", "="):
            if text == "=>" and tokens.kind(index - 1) != "name" and before not in (">", "]", "?"):
                return
            if text == "=" and blocks.language.name != "kotlin":
                return
            stop = tokens.statement_end[at]
            if blocks.language.newlines:
                stop = next((i for i in tokens.level(tokens.skip_lines(at + 1), stop) if tokens.kind(i) == "nl"), stop)
            end = tokens.list[min(stop, len(tokens)) - 1].end
            blocks.functions.append(Interval(tokens.list[at].end, end, (), tokens.text(name_at)))
            blocks.definitions.add(name_at)
            return
        if text in _MODIFIER_STOP or (text in (".", "+", "&&", "||", "?", "==") and word == tokens.text(name_at)):
            return
        if tokens.kind(at) == "nl" and blocks.language.name == "go":
            return


# -- indentation: Python


@dataclass
class _Suite:
    indent: int
    keyword: str
    start: int
    name: str = ""
    condition: Condition | None = None
    branches: list[tuple[Condition | None, bool]] = field(default_factory=list)
    leaves: bool = False
    pending: list[tuple[list[tuple[Condition | None, bool]], int]] = field(default_factory=list)


def _read_indentation(blocks: _Blocks) -> None:
    tokens, text = blocks.tokens, blocks.text
    stack = [_Suite(-1, "", 0)]
    chain: list[tuple[Condition | None, bool]] | None = None  # branches of an `if` that ended just before this line
    chain_end = 0

    def close(suite: _Suite, end: int) -> None:
        if suite.keyword == "def":
            blocks.functions.append(Interval(suite.start, end, (), suite.name))
        elif suite.keyword in ("if", "elif", "else"):
            earlier = [c for c, _ in suite.branches if c]
            guards = [suite.condition] if suite.condition else []
            blocks.guard(suite.start, end, *guards, *(_negated(c) for c in reversed(earlier[-_MOST_EARLIER:])))
        elif suite.condition:
            blocks.guard(suite.start, end, suite.condition)
        for branches, start in suite.pending:
            blocks.after(branches, start, end)

    index = 0
    while index < len(tokens):
        if tokens.kind(index) == "nl":
            index += 1
            continue
        stop = index
        while stop < len(tokens) and tokens.kind(stop) != "nl":
            stop += 1
        first = tokens.list[index]
        line_start = max(text.rfind("\n", 0, first.start), text.rfind("\r", 0, first.start)) + 1
        indent = len(text[line_start : first.start].expandtabs(8))
        word = first.text if first.kind == "name" else ""
        if word == "async":
            word = tokens.text(index + 1)
        chain = None
        while len(stack) > 1 and stack[-1].indent >= indent:
            suite = stack.pop()
            close(suite, first.start)
            chain = None
            if suite.keyword in ("if", "elif", "else"):
                chain = [*suite.branches, (suite.condition, suite.leaves)]
                chain_end = first.start
                if suite.indent == indent and word in ("elif", "else"):
                    continue
                stack[-1].pending.append((chain, chain_end))
        leaves = word in _EXITS or (word == "sys" and tokens.text(index + 2) == "exit")
        stack[-1].leaves = leaves
        colon = next((i for i in tokens.level(index, stop) if tokens.text(i) == ":"), None)
        if colon is not None and word in (
            "if",
            "elif",
            "else",
            "for",
            "while",
            "def",
            "class",
            "try",
            "except",
            "with",
            "finally",
            "match",
            "case",
        ):
            suite = _Suite(indent, word, tokens.list[colon].end)
            if word in ("if", "elif", "for", "while"):
                suite.condition = blocks.condition(word, first.start, index + 1, colon, True)
            if word in ("elif", "else"):
                if chain is None:
                    suite.keyword = ""
                else:
                    suite.branches = chain
            if word == "def":
                name_at = index + (2 if first.text == "async" else 1)
                suite.name = tokens.text(name_at)
                blocks.definitions.add(name_at)
            if colon + 1 < stop:
                suite.leaves = tokens.text(colon + 1) in _EXITS
            stack.append(suite)
        index = stop
    while len(stack) > 1:
        suite = stack.pop()
        close(suite, len(text))
    close(stack[0], len(text))


# -- words: Ruby, Elixir


@dataclass
class _Frame:
    keyword: str
    start: int  # offset at which the current branch starts
    name: str = ""
    condition: Condition | None = None
    branches: list[tuple[Condition | None, bool]] = field(default_factory=list)
    leaves: bool = False
    subject: str = ""
    pending: list[tuple[list[tuple[Condition | None, bool]], int]] = field(default_factory=list)


_RUBY_OPENERS = _words("def class module if unless while until case begin do for")
_ELIXIR_HEADS = _words("def defp defmacro defmodule if unless case cond with for quote receive try fn")
_MIDDLES = _words("else elsif when rescue ensure after catch")


def _read_words(blocks: _Blocks) -> None:
    tokens, language = blocks.tokens, blocks.language
    stack = [_Frame("", 0)]
    elixir = language.name == "elixir"
    statement = 0  # index of the first token of this statement
    loop_head = False  # after `while` the next `do` opens nothing
    head = -1  # Elixir: the word that the next `do` belongs to
    index = 0
    while index < len(tokens):
        token = tokens.list[index]
        if token.kind == "nl" or (token.kind == "op" and token.text == ";"):
            if token.text == ";" or not _continues(tokens, index):
                statement, loop_head = index + 1, False
            index += 1
            continue
        if token.kind != "name" or tokens.text(index - 1) in (".", "&.", "::") or _is_key(tokens, index):
            if index == statement:
                stack[-1].leaves = False
            index += 1
            continue
        word = token.text
        if index == statement and word != "end" and word not in _MIDDLES:
            stack[-1].leaves = word in _EXITS
        if word == "end":
            _close_frame(blocks, stack, token.start, token.end)
        elif word in _MIDDLES and len(stack) > 1:
            index = _next_branch(blocks, stack[-1], index)
            statement = index
            continue
        elif elixir:
            if word == "do" and tokens.text(index + 1) != ":":
                _open_elixir(blocks, stack, head, index)
                statement, head = index + 1, -1
            elif word == "fn":
                stack.append(_Frame("fn", token.end))
            elif word in _ELIXIR_HEADS and (index == statement or tokens.text(index - 1) in ("=", "|>", "->", "(")):
                head = index
        elif word == "then":
            statement = index + 1
        elif word in ("if", "unless", "while", "until") and not _opens(tokens, index, statement):
            _postfix(blocks, stack[-1], statement, index)
        elif word in _RUBY_OPENERS:
            if word == "do" and loop_head:
                loop_head = False
            else:
                loop_head = loop_head or word in ("while", "until", "for")
                _open_ruby(blocks, stack, index)
            if word in ("do", "begin"):
                statement = index + 1
        index += 1
    end = len(blocks.text)
    while len(stack) > 1:
        _close_frame(blocks, stack, end, end)
    for branches, start in stack[0].pending:
        blocks.after(branches, start, end)


_UNFINISHED = frozenset([",", "+", "<>", "|>", "&&", "||", "(", "[", "{", "=>"])


def _continues(tokens: _Tokens, index: int) -> bool:
    """The line end at `index` is inside a statement."""
    return tokens.text(index - 1) in _UNFINISHED or tokens.text(tokens.skip_lines(index)) in (".", "&.", "|>")


def _is_key(tokens: _Tokens, index: int) -> bool:
    """`if: x`, `end: y`: a word as a key."""
    following = index + 1
    return tokens.text(following) == ":" and not tokens.list[following].spaced and not tokens.text(index).endswith("?")


def _opens(tokens: _Tokens, index: int, statement: int) -> bool:
    if index == statement:
        return True
    before = tokens.list[index - 1]
    if before.kind == "name":
        return before.text in ("then", "else", "do", "begin", "and", "or", "not")
    return before.kind == "nl" or (before.kind == "op" and before.text not in ")]}|")


def _line_stop(tokens: _Tokens, index: int, words: tuple[str, ...]) -> int:
    """Index of the token that ends the condition which starts at `index`."""
    for at in tokens.level(index, min(len(tokens), index + _MOST_ARGUMENTS)):
        text, kind = tokens.text(at), tokens.kind(at)
        if kind == "nl":
            if tokens.text(at - 1) not in ("&&", "||", "and", "or", ",", "==", "!", "("):
                return at
        elif text == ";" or (kind == "name" and text in words) or text in _PAIRS:
            return at
    return min(len(tokens), index + _MOST_ARGUMENTS)


def _test(blocks: _Blocks, keyword: str, index: int, words: tuple[str, ...]) -> tuple[Condition, int]:
    """The condition after the keyword at `index`, and the index at which it stops."""
    stop = _line_stop(blocks.tokens, index + 1, words)
    start = blocks.tokens.list[index].start
    holds = keyword not in ("unless", "until")
    return blocks.condition({"elsif": "elif"}.get(keyword, keyword), start, index + 1, stop, holds), stop


def _offset(tokens: _Tokens, index: int, text: str) -> int:
    return tokens.list[index].start if index < len(tokens) else len(text)


def _open_ruby(blocks: _Blocks, stack: list[_Frame], index: int) -> None:
    tokens = blocks.tokens
    word, frame = tokens.text(index), _Frame(tokens.text(index), tokens.list[index].end)
    if word in ("if", "unless", "while", "until"):
        frame.condition, stop = _test(blocks, word, index, ("then", "do"))
        frame.start = _offset(tokens, stop, blocks.text)
    elif word == "case":
        subject, stop = _test(blocks, word, index, ("when", "in"))
        frame.subject = subject.expression
    elif word == "def":
        name_at = index + 1
        while tokens.text(name_at + 1) in (".", "::") and tokens.kind(name_at + 2) == "name":
            name_at += 2
        frame.name = tokens.text(name_at)
        blocks.definitions.add(name_at)
        after = tokens.close(name_at + 1) + 1 if tokens.close(name_at + 1) >= 0 else name_at + 1
        frame.start = tokens.list[min(after, len(tokens)) - 1].end
        if tokens.text(after) == "=":  # def name(x) = expression
            stop = _line_stop(tokens, after + 1, ())
            blocks.functions.append(Interval(frame.start, _offset(tokens, stop, blocks.text), (), frame.name))
            return
    stack.append(frame)


def _open_elixir(blocks: _Blocks, stack: list[_Frame], head: int, index: int) -> None:
    tokens = blocks.tokens
    frame = _Frame(tokens.text(head) if head >= 0 else "do", tokens.list[index].end)
    if head >= 0 and frame.keyword in ("if", "unless"):
        holds = frame.keyword == "if"
        frame.condition = blocks.condition(frame.keyword, tokens.list[head].start, head + 1, index, holds)
    elif frame.keyword in ("def", "defp", "defmacro"):
        frame.name = tokens.text(head + 1)
        frame.keyword = "def"
        blocks.definitions.add(head + 1)
    elif frame.keyword == "case":
        frame.keyword = "do"
    stack.append(frame)


def _end_branch(blocks: _Blocks, frame: _Frame, end: int) -> None:
    """Closes the branch that runs, and notes what is known from the branches before it."""
    earlier = [c for c, _ in frame.branches if c]
    guards = [frame.condition] if frame.condition else []
    if frame.keyword in ("if", "unless", "case", "while", "until"):
        blocks.guard(frame.start, end, *guards, *(_negated(c) for c in reversed(earlier[-_MOST_EARLIER:])))
    for branches, start in frame.pending:
        blocks.after(branches, start, end)
    frame.pending = []


def _next_branch(blocks: _Blocks, frame: _Frame, index: int) -> int:
    """`else`, `elsif`, `when` …: returns the index at which the branch's statements start."""
    tokens = blocks.tokens
    word = tokens.text(index)
    if frame.keyword not in ("if", "unless", "case"):
        return index + 1
    _end_branch(blocks, frame, tokens.list[index].start)
    if frame.condition:
        frame.branches.append((frame.condition, frame.leaves))
    frame.condition, frame.leaves = None, False
    stop = index + 1
    if word == "elsif":
        frame.condition, stop = _test(blocks, word, index, ("then",))
    elif word == "when" and frame.keyword == "case":
        test, stop = _test(blocks, word, index, ("then",))
        values = _split_values(tokens, index + 1, stop, blocks.text)
        subject = frame.subject
        expression = " || ".join(f"{subject} == {value}" if subject else value for value in values)
        frame.condition = Condition(expression, True, test.span, test.dialect, "case")
    frame.start = _offset(tokens, stop, blocks.text)
    return stop + 1 if tokens.text(stop) == "then" else stop


def _split_values(tokens: _Tokens, first: int, stop: int, text: str) -> list[str]:
    values, start = [], first
    for at in [*(i for i in tokens.level(first, stop) if tokens.text(i) == ","), stop]:
        if at > start:
            values.append(text[tokens.list[start].start : tokens.list[at - 1].end].strip())
        start = at + 1
    return values[:20]


def _close_frame(blocks: _Blocks, stack: list[_Frame], start: int, end: int) -> None:
    """An `end` whose word is at `start`."""
    if len(stack) == 1:
        return
    frame = stack.pop()
    _end_branch(blocks, frame, start)
    if frame.keyword == "def":
        blocks.functions.append(Interval(frame.start, start, (), frame.name))
    elif frame.keyword in ("if", "unless"):
        frame.branches.append((frame.condition, frame.leaves))
        stack[-1].pending.append((frame.branches, end))


def _postfix(blocks: _Blocks, frame: _Frame, statement: int, index: int) -> None:
    """`statement if condition`."""
    tokens = blocks.tokens
    word = tokens.text(index)
    condition, stop = _test(blocks, word, index, ("do", "and", "or") if word in ("while", "until") else ())
    if statement < index and tokens.text(statement) in _EXITS and word in ("if", "unless"):
        frame.pending.append(([(condition, True)], _offset(tokens, stop, blocks.text)))
        frame.leaves = False
    elif statement < index:
        blocks.guard(tokens.list[statement].start, tokens.list[index].start, condition)


# ---------------------------------------------------------------------------------------------------------------------

_READERS: dict[str, Callable[[_Blocks], None]] = {
    "brace": _read_braces,
    "indent": _read_indentation,
    "word": _read_words,
}
_T = TypeVar("_T", Literal, Call)


def _in_order(items: list[_T]) -> tuple[_T, ...]:
    return tuple(sorted(items, key=lambda item: (item.span.start, -item.span.end)))


def _without_docstrings(tokens: list[_Token], comments: list[Span]) -> list[_Token]:
    """Python: a string that is a statement of its own is a comment."""
    kept: list[_Token] = []
    index = 0
    while index < len(tokens):
        stop = index
        if tokens[index].kind == "string" and (index == 0 or tokens[index - 1].kind == "nl"):
            while stop < len(tokens) and tokens[stop].kind == "string":
                stop += 1
            if stop == len(tokens) or tokens[stop].kind == "nl":
                comments.append(Span(tokens[index].start, tokens[stop - 1].end))
                index = stop
                continue
        kept.extend(tokens[index : max(stop, index + 1)])
        index = max(stop, index + 1)
    return kept


def scan(text: str, language: str) -> Source:
    """Reads a file of "php", "ruby", "python", "csharp", "java", "go", "kotlin" or "elixir".

    An unknown language is read like Java. PHP without any `<?` is taken as code throughout. Never raises.
    """
    name = language.lower()
    spec = _LANGUAGES.get(_ALIASES.get(name, name), _LANGUAGES["java"])
    lexer = _Lexer(text, spec)
    lexer.run()
    found = lexer.tokens
    if spec.name == "python":
        found = _without_docstrings(found, lexer.comments)
    tokens = _Tokens(found)
    blocks = _Blocks(text, tokens, spec)
    _READERS[spec.blocks](blocks)
    chains = _read_chains(tokens, spec)
    calls = _read_calls(tokens, chains, spec, frozenset(blocks.definitions))
    return Source(
        literals=_in_order([chain.literal for chain in chains.values()]),
        calls=_in_order(calls),
        comments=tuple(sorted(lexer.comments)),
        html=tuple(lexer.html),
        _guards=Intervals(blocks.guards),
        _functions=Intervals(blocks.functions),
    )
