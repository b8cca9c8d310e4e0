"""Reads data files and configuration written as script into values that know where they stand in the text.

JSON (with comments, JSON5), YAML, TOML, INI, .env, .properties, XML; assignments of Python; exported objects of
JavaScript. Each reader is tolerant: what it cannot make sense of it passes over, since a template engine may have been
at work in the file. Nothing raises, nothing recurses, all work is linear.

A scalar's text is that of its value: numbers as written, booleans as `true` and `false`, null as "". It is None where
the value is computed when the site runs: `process.env.GA_ID`, `{{ … }}`, `!ENV GA_ID`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import yaml
from tree_sitter import Node

from tracklint import lazy_re
from tracklint.model import SourceFile, Span
from tracklint.script import UNKNOWN, Script

Kind = Literal["map", "list", "scalar"]


class Member(NamedTuple):
    key: str
    key_span: Span
    value: Value


@dataclass(slots=True, eq=False)
class Value:
    """One value. Members of a mapping keep their order and may share a key; items of a list are in `items`."""

    kind: Kind
    span: Span
    text: str | None = None
    written: str = ""  # of a scalar that a string holds: with the references that are filled in later
    members: list[Member] = field(default_factory=list)
    items: list[Value] = field(default_factory=list)

    def get(self, key: str) -> Value | None:
        """The value of a key, also in a list's place: None for anything but a mapping that has the key."""
        return next((member.value for member in self.members if member.key == key), None)

    def string(self, key: str) -> str | None:
        """The text of a scalar below a key."""
        value = self.get(key)
        return value.text if value is not None else None

    def entries(self, key: str) -> list[Value]:
        """The items of a list below a key; a value alone counts as one item."""
        value = self.get(key)
        if value is None:
            return []
        return value.items if value.kind == "list" else [value]


class Root(NamedTuple):
    """One document of a file. The name is that of the variable which holds it, "" if there is none."""

    name: str
    value: Value


_SUFFIXES = {
    "json": "json",
    "jsonc": "json",
    "json5": "json",
    "webmanifest": "json",
    "yml": "yaml",
    "yaml": "yaml",
    "toml": "toml",
    "ini": "ini",
    "cfg": "ini",
    "conf": "ini",
    "config": "ini",
    "properties": "properties",
    "xml": "xml",
    "csproj": "xml",
    "vbproj": "xml",
    "fsproj": "xml",
    "props": "xml",
    "resx": "xml",
    "py": "python",
}
_NAMES = {"pipfile": "toml", "_redirects": "", "_headers": ""}


def notation(file: SourceFile) -> str:
    """json, yaml, toml, ini, env, properties, xml, python or script; "" for a file that holds no values."""
    name = file.path.rpartition("/")[2].lower()
    if file.language == "script":
        return "script"
    if name in _NAMES:
        return _NAMES[name]
    if file.dialect == "env":
        return "env"
    for part in reversed(name.split(".")[1:]):
        if part in _SUFFIXES:
            found = _SUFFIXES[part]
            return "xml" if found == "ini" and file.text.lstrip()[:1] == "<" else found
    return file.dialect if file.dialect in ("json", "yaml", "toml", "ini", "properties", "xml") else ""


def read(file: SourceFile) -> list[Root]:
    """The documents of a file; none for a file that holds no values."""
    kind = notation(file)
    text = file.text
    if kind == "script":
        dialect = file.dialect if file.dialect in ("js", "ts", "tsx") else "js"
        return read_script(Script(text, dialect, file))
    if kind == "json":
        return [Root("", read_notation(text, "json")[0])]
    if kind == "yaml":
        return [Root("", value) for value in _read_yaml(text)]
    if kind == "toml":
        return [Root("", _read_toml(text))]
    if kind in ("ini", "env", "properties"):
        return [Root("", _read_lines(text, kind))]
    if kind == "xml":
        return [Root("", _read_xml(text))]
    if kind == "python":
        return [Root("", _read_python(text))]
    return []


# --------------------------------------------------------------------------------------------------------- scalars

_NULLS = frozenset({"null", "~"})
_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})
# What a template engine, a shell or a deployment fills in.
_REFERENCE = lazy_re.compile(
    r"\$?\{\{.*\}\}|\$\{[^}]*\}|\$[A-Za-z_]\w*|%[A-Za-z_]\w*%|<%.*%>|#\{[^}]*\}#?|__[A-Z][A-Z0-9_]*__|\$\([\w.]+\)|\{%.*%\}",
    re.DOTALL,
)


def _plain(word: str) -> str | None:
    """The text of an unquoted word."""
    lowered = word.lower()
    if lowered in _NULLS:
        return ""
    if lowered in _TRUE:
        return "true"
    if lowered in _FALSE:
        return "false"
    return word


def _scalar(span: Span, text: str | None, written: str | None = None) -> Value:
    known = None if text is None or _REFERENCE.fullmatch(text.strip()) else text
    return Value("scalar", span, known, written if written is not None else text or "")


def with_quotes(text: str, span: Span) -> Span:
    """The span with the quotes that stand right around it, which spans of keys and values leave out."""
    if span.start > 0 and text[span.start - 1] in "\"'`":
        span = Span(span.start - 1, span.end)
    if span.end < len(text) and text[span.end] in "\"'`" and text[span.start] in "\"'`":
        span = Span(span.start, span.end + 1)
    return span


_ESCAPE = lazy_re.compile(
    r"\\(?:u\{([0-9A-Fa-f]{1,6})\}|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|\r?\n|(.))", re.S
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


def _unescape(text: str) -> str:
    if "\\" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3] or match[4]
        if code:
            number = int(code, 16)
            return chr(number) if number < 0x110000 else "\ufffd"
        letter = match[5]
        return "" if letter is None else _ESCAPES.get(letter, letter)

    # Pairs of surrogates stand for one character.
    replaced = _ESCAPE.sub(replace, text)
    if re.search("[\ud800-\udfff]", replaced):
        replaced = replaced.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return replaced


# ------------------------------------------------------------------------------- JSON, and values of TOML and Python

_TRIPLE = r'"""(?:[^"\\]|\\.|"(?!""))*(?:"""|\Z)|' + r"'''(?:[^'\\]|\\.|'(?!''))*(?:'''|\Z)"
_QUOTED = r'"(?:[^"\\\r\n]|\\(?:\r\n|.))*"?|' + r"'(?:[^'\\\r\n]|\\(?:\r\n|.))*'?"
_TOML_QUOTED = r'"(?:[^"\\\r\n]|\\.)*"?|' + r"'[^'\r\n]*'?"
_TOML_TRIPLE = r'"""(?:[^"\\]|\\.|"(?!""))*"{3,5}|' + r"'''(?:[^']|'(?!''))*'{3,5}"
_TOKENS = {
    "json": lazy_re.compile(
        r"(?P<space>[^\S\r\n]+)|(?P<line>[\r\n]+)|(?P<comment>//[^\r\n]*|/\*.*?(?:\*/|\Z))"
        rf"|(?P<string>{_QUOTED}|`(?:[^`\\]|\\.)*`?)|(?P<mark>[{{}}\[\](),:])|(?P<word>(?:(?!//|/\*)[^\s{{}}\[\](),:\"'`])+)",
        re.DOTALL,
    ),
    "toml": lazy_re.compile(
        r"(?P<space>[^\S\r\n]+)|(?P<line>[\r\n]+)|(?P<comment>#[^\r\n]*)"
        rf"|(?P<string>{_TOML_TRIPLE}|{_TOML_QUOTED})|(?P<mark>[{{}}\[\],=])|(?P<word>[^\s{{}}\[\],=\"'#]+)",
        re.DOTALL,
    ),
    "python": lazy_re.compile(
        r"(?P<space>(?:[^\S\r\n]|\\\r?\n)+)|(?P<line>[\r\n]+)|(?P<comment>#[^\r\n]*)"
        rf"|(?P<string>[rRbBuUfF]{{0,2}}(?:{_TRIPLE}|{_QUOTED}))|(?P<mark>[{{}}\[\](),:=])"
        r"|(?P<word>[^\s{}\[\](),:=\"'#]+)",
        re.DOTALL,
    ),
}
_OPENERS = frozenset("{[(")
_CLOSERS = frozenset("}])")
_WITH_DEFAULT = lazy_re.compile(r"(?:^|\.)(?:get|getenv|env|config|str|get_env|setdefault|env_str)$", re.IGNORECASE)

_MAKES_TABLE = lazy_re.compile(r"(?:^|\.)(?:dict|OrderedDict|MappingProxyType)$")


class _Frame:
    """An open bracket, and what has been read of its next member."""

    __slots__ = ("callee", "key", "pending", "value")

    def __init__(self, value: Value, callee: str | None = None) -> None:
        self.value = value
        self.callee = callee  # of a call: its arguments are items, or the members of the table that it makes
        self.key: tuple[str, Span] | None = None
        self.pending: Value | None = None

    def take(self, value: Value) -> None:
        """Another value; two in a row are one expression: joined strings, or something computed."""
        if self.pending is None:
            self.pending = value
            return
        first, span = self.pending, Span(self.pending.span.start, value.span.end)
        if first.kind == "scalar" and value.kind == "scalar" and first.text is not None and value.text is not None:
            self.pending = Value("scalar", span, first.text + value.text)
        else:
            self.pending = Value("scalar", span) if first.kind == "scalar" else first

    def finish(self) -> None:
        """The end of a member: a comma or the closing bracket."""
        if self.pending is not None:
            if self.key is not None:
                self.value.members.append(Member(*self.key, self.pending))
            elif self.value.kind == "list":
                self.value.items.append(self.pending)
            elif self.callee is not None:  # a table is made of pairs, or of another table
                pairs = [item.items for item in self.pending.items if len(item.items) == 2]
                self.value.members.extend(Member(name.written, name.span, value) for name, value in pairs)
                self.value.members.extend(self.pending.members)
        self.key = self.pending = None


def read_notation(text: str, syntax: str, start: int = 0) -> tuple[Value, int]:
    """One value in the notation of JSON, TOML or Python, from `start` on, and where it ends.

    Of TOML and Python it ends with its line, unless a bracket is open.
    """
    tokens = _TOKENS[syntax]
    separator = "=" if syntax == "toml" else ":"
    top = _Frame(Value("list", Span(start, start)))
    stack = [top]
    position = start
    word: tuple[str, int] | None = None  # one that may turn out to be a call's name

    def close() -> None:
        frame = stack.pop()
        frame.finish()
        frame.value.span = Span(frame.value.span.start, position)
        stack[-1].take(frame.value if frame.callee is None or frame.value.kind == "map" else _called(frame))

    while (found := tokens.match(text, position)) is not None:
        kind, token = found.lastgroup, found[0]
        span = Span(position, found.end())
        if kind in ("space", "comment"):
            position = span.end
            continue
        if word is not None and token != "(":
            stack[-1].take(_scalar(Span(word[1], word[1] + len(word[0])), _word(word[0], syntax), word[0]))
            word = None
        frame = stack[-1]
        if len(stack) == 1 and (token in _CLOSERS or token == "," or (kind == "line" and syntax != "json")):
            break
        position = span.end
        if kind == "string":
            frame.take(_string(token, span, syntax))
        elif kind == "word":
            word = (token, span.start)
        elif word is not None:  # and a bracket
            table = syntax == "python" and _MAKES_TABLE.search(word[0]) is not None
            stack.append(_Frame(Value("map" if table else "list", Span(word[1], span.end)), word[0]))
            word = None
        elif token in _OPENERS:
            stack.append(_Frame(Value("map" if token == "{" else "list", span)))
        elif token in _CLOSERS:
            close()
            if len(stack) == 1 and syntax == "json":
                break
        elif token == ",":
            frame.finish()
        elif frame.callee is not None and frame.key is not None:
            pass  # a comparison
        elif token == separator or (token == "=" and frame.callee is not None):
            if frame.pending is not None and frame.pending.kind == "scalar" and frame.value.kind == "map":
                frame.key = (frame.pending.written, frame.pending.span)
            frame.pending = None
    if word is not None:
        stack[-1].take(_scalar(Span(word[1], word[1] + len(word[0])), _word(word[0], syntax), word[0]))
    while len(stack) > 1:  # the file ends too soon
        close()
    return top.pending if top.pending is not None else Value("scalar", Span(start, start), ""), position


_LITERAL_WORD = lazy_re.compile(
    r"[-+]?[\d.][\w.+:-]*|true|false|null|None|True|False|undefined|NaN|[-+]?(?:Infinity|inf|nan)"
)


def _word(word: str, syntax: str) -> str | None:
    if syntax == "python" and not _LITERAL_WORD.fullmatch(word):
        return None
    return "" if word in ("None", "undefined") else _plain(word)


def _string(token: str, span: Span, syntax: str) -> Value:
    prefix = ""
    if syntax == "python":
        prefix = token[: min(token.find(quote) for quote in "\"'" if quote in token)].lower()
        token = token[len(prefix) :]
    size = 3 if token[:3] in ('"""', "'''") and syntax != "json" else 1
    body = token[size:-size] if len(token) >= 2 * size and token.endswith(token[:size]) else token[size:]
    inner = Span(span.start + len(prefix) + size, span.start + len(prefix) + size + len(body))
    if size == 3 and syntax == "toml":
        body = re.sub(r"^\r?\n", "", body)
        if token[0] == '"':
            body = re.sub(r"\\[ \t]*\r?\n\s*", "", body)
    raw = (syntax == "toml" and token[0] == "'") or "r" in prefix
    if ("f" in prefix and "{" in body) or (token[0] == "`" and "${" in body):
        return Value("scalar", inner)
    return _scalar(inner, body if raw else _unescape(body))


def _called(frame: _Frame) -> Value:
    """A call is a value that is not known, but for the default of a look-up: `getenv("GA", "G-…")`."""
    items = frame.value.items
    text = None
    if len(items) > 1 and items[-1].kind == "scalar" and _WITH_DEFAULT.search(frame.callee or ""):
        text = items[-1].text
    return Value("scalar", frame.value.span, text)


# ------------------------------------------------------------------------------------------------------------ YAML

_MAX_NESTING = 200  # libyaml looks at every open bracket for each token
_FILLED_IN = lazy_re.compile(r"^!(?:ENV|env|env_var|reference|Ref|Sub|GetAtt|secret)\b")


def _span(event: yaml.Event) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(start.index, end.index) if start is not None and end is not None else Span(0, 0)


def _read_yaml(text: str) -> list[Value]:
    """The documents of a YAML file. One that is no YAML, such as a chart's template, is read line by line."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    roots: list[Value] = []
    stack: list[tuple[Value, tuple[str, Span] | None]] = []
    anchors: dict[str, Value] = {}

    def put(value: Value) -> None:
        if not stack:
            roots.append(value)
            return
        holder, key = stack[-1]
        if holder.kind == "list":
            holder.items.append(value)
        elif key is None:
            stack[-1] = (holder, (value.text or "" if value.kind == "scalar" else "", value.span))
        else:
            holder.members.append(Member(*key, value))
            stack[-1] = (holder, None)

    try:
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.ScalarEvent):
                span = _span(event)
                content: str | None = event.value
                if not event.style and event.tag is None:
                    content = _plain(event.value)
                elif event.style in ("'", '"'):
                    span = Span(span.start + 1, max(span.end - 1, span.start + 1))
                if event.tag is not None and _FILLED_IN.match(event.tag):
                    content = None
                is_key = bool(stack) and stack[-1][0].kind == "map" and stack[-1][1] is None
                value = Value("scalar", span, event.value) if is_key else _scalar(span, content)
                if event.anchor:
                    anchors[event.anchor] = value
                put(value)
            elif isinstance(event, yaml.AliasEvent):
                # Only scalars are followed: mappings may be nested in themselves, or a thousandfold.
                known = anchors.get(event.anchor or "")
                put(Value("scalar", _span(event), known.text if known else None))
            elif isinstance(event, yaml.CollectionStartEvent):
                kind: Kind = "map" if isinstance(event, yaml.MappingStartEvent) else "list"
                value = Value(kind, _span(event))
                stack.append((value, None))
                if len(stack) > _MAX_NESTING:
                    return [_read_outline(text)]
            elif isinstance(event, yaml.CollectionEndEvent):
                value, _ = stack.pop()
                value.span = Span(value.span.start, max(value.span.start, _span(event).end))
                put(value)
    except (yaml.YAMLError, ValueError, RecursionError):
        return [_read_outline(text)]
    return roots


_OUTLINE = lazy_re.compile(
    r"^(?P<indent>[ \t]*)(?P<dash>(?:-[ \t]+)*)"
    r"(?:(?P<quote>[\"']?)(?P<key>[\w$@./][\w$@./ -]{0,120}?)(?P=quote)[ \t]*:(?=[ \t\r\n]|$)[ \t]*)?"
    r"(?P<value>[^\r\n]*)",
    re.MULTILINE,
)


def _read_outline(text: str) -> Value:
    """`key: value` lines by their indentation."""
    root = Value("map", Span(0, len(text)))
    stack: list[tuple[int, Value]] = [(-1, root)]
    for line in _OUTLINE.finditer(text):
        written = line["value"].strip()
        key = line["key"]
        if (not key and not line["dash"]) or (written.startswith("#") and not key):
            continue
        indent = len(line["indent"])
        while len(stack) > 1 and stack[-1][0] >= indent:
            stack.pop()
        holder = stack[-1][1]
        if line["dash"]:
            if holder.kind == "map" and not holder.members:
                holder.kind = "list"
            if holder.kind == "list":
                if key:
                    item = Value("map", Span(line.start("key"), line.end()))
                    holder.items.append(item)
                    stack.append((indent, item))
                    holder, indent = item, indent + len(line["dash"])
                else:
                    holder.items.append(_line_value(line.start("value"), line["value"], "yaml"))
                    continue
            else:
                continue
        value = _line_value(line.start("value"), line["value"], "yaml")
        if value.text == "" and holder.kind == "map":
            value = Value("map", value.span)
            stack.append((indent, value))
        if key:
            holder.members.append(Member(key, Span(line.start("key"), line.end("key")), value))
    return root


def _line_value(start: int, written: str, kind: str) -> Value:
    """The value that the rest of a line holds, without quotes and comment."""
    body = written.rstrip()
    start += len(body) - len(body.lstrip())
    body = body.lstrip()
    if body[:1] in ("'", '"') and kind != "properties":
        end = body.find(body[0], 1)
        if end > 0:
            return _scalar(Span(start + 1, start + end), body[1:end])
    if kind != "properties":
        comment = re.search(r"(?:^|[ \t])[#;]" if kind == "ini" else r"(?:^|[ \t])#", body)
        if comment is not None:
            body = body[: comment.start()].rstrip()
    return _scalar(Span(start, start + len(body)), _plain(body) if body else "")


# ------------------------------------------------------------------------------------------------------------ TOML

_TOML_KEY = r"(?:[\w-]+|\"(?:[^\"\\\r\n]|\\.)*\"|'[^'\r\n]*')"
_TOML_LINE = lazy_re.compile(
    rf"[ \t]*(?:(?P<comment>#[^\r\n]*)"
    rf"|\[(?P<array>\[)?[ \t]*(?P<table>{_TOML_KEY}(?:[ \t]*\.[ \t]*{_TOML_KEY})*)[ \t]*\]"
    rf"|(?P<key>{_TOML_KEY}(?:[ \t]*\.[ \t]*{_TOML_KEY})*)[ \t]*=|(?P<other>[^\r\n]*))"
)
_TOML_PART = lazy_re.compile(_TOML_KEY)
_LINE_END = lazy_re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")


class _Tables:
    """Mappings that are filled from several places of a file."""

    def __init__(self, size: int) -> None:
        self.root = Value("map", Span(0, size))
        self.known: dict[int, dict[str, Value]] = {}

    def child(self, holder: Value, key: str, span: Span) -> Value:
        """The mapping below a key; of a list of tables the last."""
        keys = self.known.setdefault(id(holder), {})
        found = keys.get(key)
        if found is None:
            found = self.put(holder, key, span, Value("map", span))
        if found.kind == "list" and found.items:
            return found.items[-1]
        return found

    def put(self, holder: Value, key: str, span: Span, value: Value) -> Value:
        holder.members.append(Member(key, span, value))
        self.known.setdefault(id(holder), {})[key] = value
        return value


def _read_toml(text: str) -> Value:
    tables = _Tables(len(text))
    table = tables.root
    position = 0
    while position < len(text):
        line = _TOML_LINE.match(text, position)
        if line is None:
            break
        position = line.end()
        named = "table" if line["table"] else "key"
        if line["table"] or line["key"]:
            parts = [
                (_toml_key(part[0]), Span(line.start(named) + part.start(), line.start(named) + part.end()))
                for part in _TOML_PART.finditer(line[named])
            ]
            holder = tables.root if line["table"] else table
            for key, span in parts[:-1]:
                holder = tables.child(holder, key, span)
            key, span = parts[-1]
            if line["array"]:
                array = tables.known.get(id(holder), {}).get(key)
                if array is None or array.kind != "list":
                    array = tables.put(holder, key, span, Value("list", span))
                table = Value("map", span)
                array.items.append(table)
            elif line["table"]:
                table = tables.child(holder, key, span)
            else:
                value, position = read_notation(text, "toml", position)
                tables.put(holder, key, span, value)
        end = _LINE_END.match(text, position)
        position = end.end() if end and end.end() > position else position + 1
    return tables.root


def _toml_key(written: str) -> str:
    if written[0] == '"':
        return _unescape(written[1:-1])
    return written[1:-1] if written[0] == "'" else written


# ------------------------------------------------------------------------------------------- INI, .env, .properties

_INI_LINE = lazy_re.compile(
    r"^[ \t]*(?:\[(?P<section>[^\]\r\n]+)\]|(?P<key>[^\s=:#;!\[][^=:\r\n]*)[=:](?P<value>[^\r\n]*))", re.MULTILINE
)
_ENV_LINE = lazy_re.compile(
    r"^[ \t]*(?:export[ \t]+)?(?P<section>)(?P<key>[A-Za-z_][\w.-]*)[ \t]*=(?P<value>[^\r\n]*)", re.M
)
_PROPERTY_LINE = lazy_re.compile(
    r"^[ \t]*(?P<section>)(?P<key>[^\s=:#!](?:[^\s=:\\]|\\.)*)[ \t]*[=: \t](?P<value>[^\r\n]*)", re.MULTILINE
)


def _read_lines(text: str, kind: str) -> Value:
    """Lines of `key = value`. Dots in keys lead downwards, except in .env files."""
    tables = _Tables(len(text))
    section = tables.root
    pattern = {"ini": _INI_LINE, "env": _ENV_LINE, "properties": _PROPERTY_LINE}[kind]
    for line in pattern.finditer(text):
        if line["section"]:
            span = Span(*line.span("section"))
            section = tables.root
            for part in line["section"].strip().split(".")[:20]:
                section = tables.child(section, part.strip(), span)
            continue
        span = Span(*line.span("key"))
        parts = [line["key"]] if kind == "env" else [part.strip() for part in line["key"].split(".")[:20]]
        holder = section
        for part in parts[:-1]:
            holder = tables.child(holder, part, span)
        if holder.kind == "map":
            tables.put(holder, parts[-1], span, _line_value(line.start("value"), line["value"], kind))
    return tables.root


# ------------------------------------------------------------------------------------------------------------- XML

_XML = lazy_re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<[?!][^>]*>|</(?P<close>[\w:.-]+)\s*>"
    r"|<(?P<open>[\w:.-]+)(?P<attributes>(?:[^<>\"']|\"[^\"<]*\"|'[^'<]*')*?)(?P<empty>/?)>",
    re.DOTALL,
)
_XML_ATTRIBUTE = lazy_re.compile(r"(?<![\w:.-])([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_XML_KEYS = ("key", "name", "id", "Include")


def _read_xml(text: str) -> Value:
    """Elements as mappings: attributes and children are members, text is the value of an element that has neither.

    `<add key="GaId" value="G-…"/>` and `<string name="ga">G-…</string>` are members called GaId and ga.
    """
    root = Value("map", Span(0, len(text)))
    stack: list[tuple[str, Value, int]] = [("", root, 0)]
    for tag in _XML.finditer(text):
        if tag["open"]:
            span = Span(tag.start(), tag.end())
            value = Value("map", span)
            name = tag["open"]
            for attribute in _XML_ATTRIBUTE.finditer(tag["attributes"]):
                group = 2 if attribute[2] is not None else 3
                base = tag.start("attributes")
                key_span = Span(base + attribute.start(1), base + attribute.end(1))
                value_span = Span(base + attribute.start(group), base + attribute.end(group))
                value.members.append(Member(attribute[1], key_span, _scalar(value_span, _xml_text(attribute[group]))))
            key = next((found for wanted in _XML_KEYS if (found := value.string(wanted))), None)
            given = value.get("value")
            if key is not None and given is not None:
                value, name = given, key
            elif key is not None and not tag["empty"]:
                name = key
                value.members.clear()
            stack[-1][1].members.append(Member(name, span, value))
            if not tag["empty"]:
                stack.append((tag["open"], value, tag.end()))
        elif tag["close"]:
            for depth in range(len(stack) - 1, max(len(stack) - 50, 0), -1):
                if stack[depth][0] == tag["close"]:
                    _, value, begin = stack[depth]
                    if value.kind == "map" and not value.members and depth == len(stack) - 1:
                        body = text[begin : tag.start()]
                        lead = len(body) - len(body.lstrip())
                        value.kind = "scalar"
                        value.text = _xml_text(body.strip())
                        value.span = Span(begin + lead, begin + lead + len(body.strip()))
                    del stack[depth:]
                    break
    return root


def _xml_text(text: str) -> str:
    if "&" not in text:
        return text
    import html

    return html.unescape(text)


# ---------------------------------------------------------------------------------------------------------- Python

_PYTHON = lazy_re.compile(
    rf"(?P<skip>[rRbBuUfF]{{0,2}}(?:{_TRIPLE}|{_QUOTED})|\#[^\r\n]*)"
    r"|^[ \t]*(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)(?P<keys>(?:\[(?:\"[^\"\r\n]*\"|'[^'\r\n]*')\])*)[ \t]*"
    r"(?::[^=\r\n\"']{1,80})?=(?!=)",
    re.DOTALL | re.MULTILINE,
)
_PYTHON_SUBSCRIPT = lazy_re.compile(r"\[[\"']([^\"'\r\n]*)[\"']\]")


def _read_python(text: str) -> Value:
    """Assignments, wherever they stand: settings are often kept in classes and conditions."""
    tables = _Tables(len(text))
    position = 0
    while (found := _PYTHON.search(text, position)) is not None:
        position = max(found.end(), position + 1)
        if not found["name"]:
            continue
        span = Span(*found.span("name"))
        parts = [*found["name"].split("."), *_PYTHON_SUBSCRIPT.findall(found["keys"])][:20]
        holder = tables.root
        for part in parts[:-1]:
            holder = tables.child(holder, part, span)
        value, position = read_notation(text, "python", found.end())
        if holder.kind == "map":
            tables.put(holder, parts[-1], span, value)
    return tables.root


# ---------------------------------------------------------------------------------------------------------- script

_WRAPPERS = frozenset(
    ["parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression", "await_expression"]
)
_FUNCTIONS = frozenset({"arrow_function", "function_expression", "function_declaration", "function"})
_OBJECTS = frozenset({"object", "array"})
_MAX_NODES = 50_000


def read_script(script: Script) -> list[Root]:
    """What a script exports, and the objects that it declares or assigns at its top level.

    `export default`, `module.exports`, functions that return the configuration and helpers around it
    (`defineConfig({…})`) are seen through. In lists a call is a list of its name, or of the package which that name
    was imported from, and its arguments: `plausible({domain})` is like `["@site/plausible", {domain}]`.
    """
    return _ScriptReader(script).run()


def read_expression(script: Script, node: Node) -> list[Value]:
    """The objects that an expression of a script stands for."""
    return _ScriptReader(script).objects(node)


class _ScriptReader:
    def __init__(self, script: Script) -> None:
        self.script = script
        self.seen: set[int] = set()
        self.work: list[tuple[Node, Value]] = []
        self.nodes = 0

    def run(self) -> list[Root]:
        roots: list[Root] = []
        exported = Value("map", Span(self.script.base, self.script.base + len(self.script.text)))
        later: list[tuple[str, Node]] = []
        for statement in self.script.root.named_children:
            if statement.type == "export_statement":
                default = statement.child_by_field_name("value")
                if default is not None:
                    roots += [Root("", value) for value in self.objects(default)]
                declaration = statement.child_by_field_name("declaration")
                if declaration is not None and declaration.type in _FUNCTIONS:
                    roots += [Root("", value) for value in self.objects(declaration)]
                elif declaration is not None:
                    for target_node, node in self.declared(declaration):
                        self.member(exported, self.script.text_of(target_node), target_node, node)
            elif statement.type == "expression_statement" and statement.named_child_count:
                assignment = statement.named_child(0)
                if assignment is None or assignment.type != "assignment_expression":
                    continue
                left, right = (assignment.child_by_field_name("left"), assignment.child_by_field_name("right"))
                if left is None or right is None:
                    continue
                target = self.script.dotted(left)
                if target in ("module.exports", "exports.default", "exports"):
                    roots += [Root("", value) for value in self.objects(right)]
                elif target.startswith(("module.exports.", "exports.")) or self.unwrap(right).type in _OBJECTS:
                    self.member(exported, target.rpartition(".")[2], left, right)
            elif statement.type in ("lexical_declaration", "variable_declaration"):
                later += [(self.script.text_of(name), node) for name, node in self.declared(statement)]
        self.drain()
        for name, node in later:
            inner = self.unwrap(node)
            if inner.type in _OBJECTS and inner.id not in self.seen:
                roots.append(Root(name, self.value(inner)))
                self.drain()
        return [*roots, Root("", exported)] if exported.members else roots

    def declared(self, declaration: Node) -> Iterator[tuple[Node, Node]]:
        for child in declaration.named_children:
            name, value = (child.child_by_field_name("name"), child.child_by_field_name("value"))
            if child.type == "variable_declarator" and name is not None and value is not None:
                yield name, value

    def member(self, holder: Value, key: str, key_node: Node, node: Node) -> None:
        holder.members.append(Member(key, self.script.span(key_node), self.value(node)))

    def unwrap(self, node: Node) -> Node:
        while node.type in _WRAPPERS:
            inner = node.named_child(0)
            if inner is None:
                break
            node = inner
        return node

    def objects(self, node: Node) -> list[Value]:
        """The objects that an exported expression stands for."""
        found: list[Value] = []
        nodes = [node]
        steps = 0
        while nodes and steps < 200:
            steps += 1
            node = self.unwrap(nodes.pop(0))
            kind = node.type
            if kind in _OBJECTS:
                if node.id not in self.seen:
                    found.append(self.value(node))
                    self.drain()
            elif kind == "identifier":
                binding = self.script.binding(node)
                if binding is not None and binding.value is not None and binding.kind in ("variable", "function"):
                    nodes.append(binding.value)
            elif kind in _FUNCTIONS:
                body = node.child_by_field_name("body")
                if body is None:
                    continue
                if body.type != "statement_block":
                    nodes.append(body)
                    continue
                for statement in body.named_children:
                    if statement.type == "return_statement" and statement.named_child(0) is not None:
                        nodes += statement.named_children[:1]
            elif kind in ("call_expression", "new_expression"):
                nodes += self.script.arguments(node)
            elif kind == "ternary_expression":
                nodes += [part for field in ("consequence", "alternative") if (part := node.child_by_field_name(field))]
        return found

    def value(self, node: Node) -> Value:
        """A value for the node, to be filled by `drain`."""
        value = Value("scalar", self.script.span(node))
        self.work.append((node, value))
        return value

    def drain(self) -> None:
        while self.work:
            node, value = self.work.pop()
            self.nodes += 1
            if self.nodes <= _MAX_NODES:
                self.fill(node, value)

    def fill(self, node: Node, value: Value) -> None:
        node = self.resolve(node)
        kind = node.type
        if kind in _OBJECTS:
            if node.id in self.seen:
                return
            self.seen.add(node.id)
        if kind == "object":
            value.kind = "map"
            self.fill_object(node, value)
        elif kind == "array":
            value.kind = "list"
            for child in node.named_children:
                for item in self.item_nodes(child):
                    value.items.append(self.item(item))
        elif kind in ("call_expression", "new_expression"):
            required = self.required(node)
            if required is not None:
                value.text = required
            elif any(self.unwrap(argument).type in _OBJECTS for argument in self.script.arguments(node)):
                self.fill_call(node, value)
            else:
                value.text = self.folded(node)
        elif kind in _FUNCTIONS:
            value.text = None
        else:
            value.text = self.folded(node)

    def resolve(self, node: Node) -> Node:
        """What a name, a condition or a wrapper stands for, as far as it is an object."""
        for _ in range(20):
            node = self.unwrap(node)
            if node.type == "identifier":
                binding = self.script.binding(node)
                inner = self.unwrap(binding.value) if binding is not None and binding.value is not None else None
                if binding is None or inner is None or binding.kind != "variable" or inner.id in self.seen:
                    return node
                if inner.type in _OBJECTS or inner.type == "identifier":
                    node = inner
                    continue
                return node
            if node.type == "binary_expression":
                operator, right = (node.child_by_field_name("operator"), node.child_by_field_name("right"))
                if operator is not None and right is not None and self.script.text_of(operator) == "&&":
                    node = right
                    continue
            if node.type == "ternary_expression":
                branches = [node.child_by_field_name("consequence"), node.child_by_field_name("alternative")]
                full = [self.unwrap(branch) for branch in branches if branch is not None]
                objects = [branch for branch in full if branch.type in _OBJECTS and branch.named_child_count]
                if objects:
                    node = objects[0]
                    continue
            return node
        return node

    def fill_object(self, node: Node, value: Value) -> None:
        for child in node.named_children:
            if child.type == "pair":
                key, inner = (child.child_by_field_name("key"), child.child_by_field_name("value"))
                if key is not None and inner is not None:
                    self.member(value, self.script.key_of(child), key, inner)
            elif child.type == "shorthand_property_identifier":
                binding = self.script.binding(child)
                target = binding.value if binding is not None and binding.kind == "variable" else None
                name = self.script.text_of(child)
                if target is not None and self.unwrap(target).type in _OBJECTS:
                    self.member(value, name, child, target)
                else:
                    folded = self.script.fold_name(child)
                    text = folded if isinstance(folded, str) and UNKNOWN not in folded else None
                    value.members.append(Member(name, self.script.span(child), _scalar(self.script.span(child), text)))
            elif child.type == "spread_element" and child.named_child_count:
                inner = child.named_child(0)
                target = self.resolve(inner) if inner is not None else None
                if target is not None and target.type == "object" and target.id not in self.seen:
                    self.seen.add(target.id)
                    self.fill_object(target, value)
            elif child.type == "method_definition":
                name_node = child.child_by_field_name("name")
                if name_node is not None:
                    span = self.script.span(name_node)
                    value.members.append(Member(self.script.text_of(name_node), span, Value("scalar", span)))

    def item_nodes(self, child: Node) -> Iterator[Node]:
        """The items that an element of an array stands for: `...(test ? [a] : [])` are those of the lists."""
        if child.type == "comment":
            return
        if child.type != "spread_element":
            yield child
            return
        inner = child.named_child(0)
        target = self.resolve(inner) if inner is not None else None
        if target is not None and target.type == "array" and target.id not in self.seen:
            self.seen.add(target.id)
            yield from (item for item in target.named_children if item.type not in ("comment", "spread_element"))

    def item(self, node: Node) -> Value:
        inner = self.resolve(node)
        if inner.type == "call_expression" and self.required(inner) is None:
            value = Value("scalar", self.script.span(inner))
            self.fill_call(inner, value)
            return value
        return self.value(node)

    def required(self, node: Node) -> str | None:
        """`require.resolve("x")`, `require("x")` and `import("x")` are the name x."""
        function = node.child_by_field_name("function")
        name = self.script.dotted(function)
        if name in ("require.resolve", "require", "import"):
            arguments = self.script.arguments(node)
            return self.script.fold_text(arguments[0]) if arguments else None
        return self.required(function) if function is not None and function.type == "call_expression" else None

    def fill_call(self, node: Node, value: Value) -> None:
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        if function is None:
            return
        value.kind = "list"
        value.items.append(Value("scalar", self.script.span(function), self.callee(function)))
        value.items += [self.value(argument) for argument in self.script.arguments(node)]

    def callee(self, function: Node) -> str | None:
        name = self.script.dotted(function)
        first = function
        while first.type in ("member_expression", "call_expression"):
            inner = first.child_by_field_name("object") or first.child_by_field_name("function")
            if inner is None:
                break
            first = inner
        binding = self.script.binding(first) if first.type == "identifier" else None
        if binding is not None and binding.value is not None:
            if binding.kind == "import":
                return self.script.imported_from(binding) or name
            inner = self.unwrap(binding.value)
            if inner.type == "call_expression":
                return self.required(inner) or name
        return name or None

    def folded(self, node: Node) -> str | None:
        folded = self.script.fold(node)
        if isinstance(folded, bool):
            return "true" if folded else "false"
        if folded is None:
            return ""
        if isinstance(folded, str):
            return folded if UNKNOWN not in folded and not _REFERENCE.fullmatch(folded.strip()) else None
        if isinstance(folded, int | float):
            return self.script.text_of(node) if node.type == "number" else f"{folded:g}"
        return None
