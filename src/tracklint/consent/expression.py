"""Conditions as one small syntax tree, whatever language they are written in.

`parse` reads the expressions of template languages and of Ruby, PHP, Python and C# with one tolerant grammar;
`from_script` turns nodes of a JavaScript tree into the same types. What neither understands becomes `Opaque`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from tree_sitter import Node

from tracklint import lazy_re
from tracklint.script import FUNCTIONS, UNKNOWN, Script, Unknown, nth_child


@dataclass(frozen=True)
class Literal:
    value: str | int | float | bool | None


@dataclass(frozen=True)
class Name:
    name: str
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Member:
    target: Expression
    name: str
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Index:
    target: Expression
    index: Expression


@dataclass(frozen=True)
class Call:
    callee: Expression
    arguments: tuple[Expression, ...]
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Not:
    operand: Expression


@dataclass(frozen=True)
class Logical:
    operator: str  # and, or, default (??)
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Compare:
    operator: str  # ==, !=, <, >, <=, >=, in, matches
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Choice:
    test: Expression
    yes: Expression
    no: Expression


@dataclass(frozen=True)
class Function:
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Opaque:
    text: str


Expression: TypeAlias = "Literal | Name | Member | Index | Call | Not | Logical | Compare | Choice | Function | Opaque"

_MAX_DEPTH = 60
_MAX_LINKS = 100


def spelled(expression: Expression) -> str:
    """`a.b.c('x')` for chains of names, members and calls; "" for anything else. `window.` is left out."""
    match expression:
        case Name(name=name):
            return "" if name in ("window", "globalThis", "self") else name
        case Member(target=target, name=name):
            inner = spelled(target)
            return f"{inner}.{name}" if inner else name
        case Index(target=target, index=Literal(value=str() as key)):
            inner = spelled(target)
            return f"{inner}.{key}" if inner else key
        case Index(target=target):
            return spelled(target)
        case Call(callee=callee, arguments=arguments):
            inner = spelled(callee)
            if arguments and isinstance(arguments[0], Literal) and isinstance(arguments[0].value, str):
                return f"{inner}('{arguments[0].value}')"
            return f"{inner}()"
    return ""


def last_name(expression: Expression) -> str:
    match expression:
        case Name(name=name) | Member(name=name):
            return name
        case Call(callee=callee):
            return last_name(callee)
        case Index(target=target):
            return last_name(target)
    return ""


# ---- JavaScript

_COMPARISONS = {
    "==": "==",
    "===": "==",
    "!=": "!=",
    "!==": "!=",
    "<": "<",
    ">": ">",
    "<=": "<=",
    ">=": ">=",
    "in": "in",
}


def from_script(script: Script, node: Node | None, depth: int = 0) -> Expression:
    if node is None or depth > _MAX_DEPTH:
        return Opaque("")
    kind = node.type
    if kind in (
        "parenthesized_expression",
        "await_expression",
        "as_expression",
        "non_null_expression",
        "satisfies_expression",
    ):
        return from_script(script, nth_child(node, 0), depth + 1)
    if kind in ("string", "template_string", "number", "true", "false", "null", "undefined"):
        value = script.fold(node)
        if (isinstance(value, str) and UNKNOWN not in value) or isinstance(value, int | float | bool) or value is None:
            return Literal(value)
        return Opaque(script.text_of(node))
    if kind in ("identifier", "this", "shorthand_property_identifier"):
        text = script.text_of(node)
        return Literal(None) if text == "undefined" else Name(text, node)
    if kind == "member_expression":
        target, prop = node.child_by_field_name("object"), node.child_by_field_name("property")
        if target is None or prop is None:
            return Opaque(script.text_of(node))
        return Member(from_script(script, target, depth + 1), script.text_of(prop), node)
    if kind == "subscript_expression":
        return Index(
            from_script(script, node.child_by_field_name("object"), depth + 1),
            from_script(script, node.child_by_field_name("index"), depth + 1),
        )
    if kind in ("call_expression", "new_expression"):
        callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        arguments = tuple(from_script(script, child, depth + 1) for child in script.arguments(node))
        return Call(from_script(script, callee, depth + 1), arguments, node)
    if kind == "unary_expression":
        operator, operand = node.child_by_field_name("operator"), node.child_by_field_name("argument")
        sign = script.text_of(operator) if operator is not None else ""
        if sign == "!":
            return Not(from_script(script, operand, depth + 1))
        if sign == "typeof":
            return Call(Name("typeof"), (from_script(script, operand, depth + 1),), node)
        if sign == "void":
            return Literal(None)
        if sign in ("+", "~"):
            return Call(Name(sign), (from_script(script, operand, depth + 1),), node)
        folded = script.fold(node)
        return Literal(folded) if isinstance(folded, int | float) else Opaque(script.text_of(node))
    if kind == "binary_expression":
        operator = node.child_by_field_name("operator")
        sign = script.text_of(operator) if operator is not None else ""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if sign in ("&&", "||", "??"):
            name = {"&&": "and", "||": "or", "??": "default"}[sign]
            return Logical(name, from_script(script, left, depth + 1), from_script(script, right, depth + 1))
        if sign in _COMPARISONS:
            return Compare(
                _COMPARISONS[sign], from_script(script, left, depth + 1), from_script(script, right, depth + 1)
            )
        folded = script.fold(node)
        if isinstance(folded, str) and UNKNOWN not in folded:
            return Literal(folded)
        return Opaque(script.text_of(node))
    if kind == "ternary_expression":
        return Choice(
            from_script(script, node.child_by_field_name("condition"), depth + 1),
            from_script(script, node.child_by_field_name("consequence"), depth + 1),
            from_script(script, node.child_by_field_name("alternative"), depth + 1),
        )
    if kind == "assignment_expression":
        return from_script(script, node.child_by_field_name("right"), depth + 1)
    if kind == "sequence_expression":
        return from_script(script, nth_child(node, -1), depth + 1)
    if kind == "regex":
        pattern = node.child_by_field_name("pattern")
        return Call(Name("RegExp"), (Literal(script.text_of(pattern) if pattern is not None else ""),), node)
    if kind in FUNCTIONS:
        return Function(node)
    folded = script.fold(node)
    if not isinstance(folded, Unknown | list | dict):
        return Literal(folded)
    return Opaque(script.text_of(node)[:200])


# ---- template languages and server code

_TOKEN = lazy_re.compile(
    r"""\s*(?:
      (?P<string>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<operator>===|!==|==|!=|<=|>=|=~|!~|&&|\|\||\?\?|\?\.|->|::|=>|:=|\.\.|[-+*/%<>!?:.,|&()\[\]{}=~^])
    | (?P<name>[@$\#]?[\w\u0080-\U0010ffff]+)
    )""",
    re.X,
)
_WORD_OPERATORS = {
    "and": "and", "or": "or", "not": "not", "eq": "==", "ne": "!=", "neq": "!=", "is": "is", "in": "in",
    "contains": "contains", "unless": "not", "gt": ">", "lt": "<", "ge": ">=", "le": "<=", "gte": ">=", "lte": "<=",
    "empty": "empty",
}  # fmt: skip
_CONSTANTS: dict[str, str | int | bool | None] = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False, "nil": None,
    "null": None, "NULL": None, "None": None, "none": None, "undefined": None, "blank": None,
}  # fmt: skip
_CONSTANT_KINDS = frozenset(_CONSTANTS)
_TYPES = frozenset("string bool boolean int integer float double decimal long object dynamic String Boolean".split())


RUBY_DIALECTS = frozenset({"erb", "slim", "haml", "ruby"})
PREFIX_DIALECTS = frozenset({"go", "handlebars"})


def _tokens(text: str, dialect: str) -> list[tuple[str, str]]:
    """(kind, text); in Ruby `?` and `!` end a name, in Go an operand that starts after a space is marked by `apart`."""
    result: list[tuple[str, str]] = []
    position = 0
    while position < len(text) and len(result) < 2000:
        match = _TOKEN.match(text, position)
        if match is None or match.end() == position:
            position += 1
            continue
        kind = match.lastgroup or ""
        token = match[kind]
        spaced = match.start(kind) > position
        position = match.end()
        if (
            kind == "name"
            and dialect in RUBY_DIALECTS
            and text[position : position + 1] in ("?", "!")
            and text[position + 1 : position + 2] != "="
            and not (text[position] == "?" and text[position + 1 :].isspace())
        ):
            token += text[position]
            position += 1
        if dialect in PREFIX_DIALECTS and spaced and token in (".", "("):
            result.append(("apart", ""))
        result.append((kind, token))
    return result


class _Reader:
    """Precedence climbing over tokens; never raises, whatever the text."""

    def __init__(self, tokens: Sequence[tuple[str, str]], prefix_calls: bool) -> None:
        self.tokens = tokens
        self.position = 0
        self.prefix_calls = prefix_calls  # Go templates and Handlebars: `eq a b`, `and (x) (y)`
        self.plain_names = False  # within an operand of such a call a name is only a name

    def peek(self, ahead: int = 0) -> tuple[str, str]:
        index = self.position + ahead
        return self.tokens[index] if index < len(self.tokens) else ("end", "")

    def take(self) -> tuple[str, str]:
        token = self.peek()
        self.position += 1
        return token

    def accept(self, *texts: str) -> bool:
        if self.peek()[0] in ("operator", "name") and self.peek()[1] in texts:
            self.position += 1
            return True
        return False

    def ternary(self, depth: int) -> Expression:
        test = self.either(depth + 1)
        if self.peek() == ("operator", "?") and depth < _MAX_DEPTH:
            self.take()
            if self.accept(":"):
                return Logical("or", test, self.ternary(depth + 1))
            yes = self.ternary(depth + 1)
            no: Expression = Literal(None)
            if self.accept(":"):
                no = self.ternary(depth + 1)
            return Choice(test, yes, no)
        if self.peek() == ("name", "if") and depth < _MAX_DEPTH:  # Python and Jinja: a if b else c
            self.take()
            condition = self.either(depth + 1)
            other: Expression = Literal(None)
            if self.accept("else"):
                other = self.ternary(depth + 1)
            return Choice(condition, test, other)
        return test

    def either(self, depth: int) -> Expression:
        left = self.both(depth + 1)
        while True:
            if self.accept("||", "or"):
                left = Logical("or", left, self.both(depth + 1))
            elif self.accept("??"):
                left = Logical("default", left, self.both(depth + 1))
            else:
                return left

    def both(self, depth: int) -> Expression:
        left = self.negation(depth + 1)
        while self.accept("&&", "and", "&"):
            left = Logical("and", left, self.negation(depth + 1))
        return left

    def negation(self, depth: int) -> Expression:
        flips = 0
        while self.peek()[1] in ("!", "not", "unless") and self.peek()[0] != "string":
            self.take()
            flips += 1
        operand = self.comparison(depth + 1)
        return Not(operand) if flips % 2 else operand

    def comparison(self, depth: int) -> Expression:
        left = self.postfix(depth + 1)
        while True:
            kind, text = self.peek()
            if kind == "string":
                return left
            if text in ("==", "===", "=", "eq"):
                self.take()
                left = Compare("==", left, self.postfix(depth + 1))
            elif text in ("!=", "!==", "<>", "ne", "neq"):
                self.take()
                left = Compare("!=", left, self.postfix(depth + 1))
            elif text in ("<", ">", "<=", ">=", "gt", "lt", "ge", "le", "gte", "lte"):
                self.take()
                left = Compare(_WORD_OPERATORS.get(text, text), left, self.postfix(depth + 1))
            elif text == "is":
                self.take()
                negated = self.accept("not")
                name = self.peek()[1]
                if name in (
                    "defined",
                    "undefined",
                    "none",
                    "null",
                    "empty",
                    "true",
                    "false",
                    "truthy",
                    "falsy",
                    "sameas",
                    "iterable",
                    "string",
                ):
                    self.take()
                    outcome: Expression = {
                        "defined": Compare("!=", left, Literal(None)),
                        "true": Compare("==", left, Literal(True)),
                        "false": Compare("==", left, Literal(False)),
                        "truthy": left,
                        "falsy": Not(left),
                    }.get(name, Compare("==", left, Literal(None)))
                else:
                    outcome = Compare("==", left, self.postfix(depth + 1))
                left = Not(outcome) if negated else outcome
            elif text == "not" and self.peek(1)[1] == "in":
                self.take(), self.take()
                left = Not(Compare("in", left, self.postfix(depth + 1)))
            elif text == "in":
                self.take()
                left = Compare("in", left, self.postfix(depth + 1))
            elif text == "contains":
                self.take()
                left = Compare("in", self.postfix(depth + 1), left)
            elif text in ("=~", "matches"):
                self.take()
                left = Compare("matches", left, self.postfix(depth + 1))
            elif text == "!~":
                self.take()
                left = Not(Compare("matches", left, self.postfix(depth + 1)))
            elif text in ("+", "-", "*", "/", "%", "~", "..") and kind == "operator":
                self.take()
                right = self.postfix(depth + 1)
                if isinstance(left, Literal) and isinstance(right, Literal) and text in ("+", "~"):
                    left = Literal(f"{left.value}{right.value}")
                else:
                    left = Opaque(text)
            else:
                return left

    def postfix(self, depth: int) -> Expression:
        expression = self.primary(depth + 1)
        links = 0
        while depth < _MAX_DEPTH:
            links += 1
            if links % _MAX_LINKS == 0:  # a chain nests to the left, and readers of it recurse
                expression = Opaque("")
            kind, text = self.peek()
            if (kind, text) == ("name", "as") and self.peek(1)[1] in _TYPES:
                self.position += 2
                self.accept("?")
                continue
            if kind != "operator":
                return expression
            if text == "(" and self.prefix_calls:
                return expression
            if text in (".", "?.", "->", "::"):
                following = self.peek(1)
                if text == "?." and following[1] == "[":
                    self.take()
                    continue
                if following[0] not in ("name", "string", "number"):
                    return expression
                self.take()
                expression = Member(expression, self.take()[1].strip("\"'"))
                # Ruby calls a predicate without brackets: `x.nil?`, `x.include? "y"`
                if expression.name.endswith("?") and self.peek()[1] != "(":
                    expression = Call(expression, (self.primary(depth + 1),) if self._bare_argument() else ())
            elif text == "[":
                self.take()
                index = self.ternary(depth + 1)
                self.accept("]")
                expression = Index(expression, index)
            elif text == "(":
                expression = Call(expression, self.arguments(depth))
            elif text == "|" and self.peek(1)[0] == "name":  # a filter
                self.take()
                name = Name(self.take()[1])
                arguments: tuple[Expression, ...] = (expression,)
                if self.peek()[1] == "(":
                    arguments += self.arguments(depth)
                elif self.accept(":"):
                    arguments += (self.postfix(depth + 1),)
                    while self.accept(","):
                        arguments += (self.postfix(depth + 1),)
                expression = Call(name, arguments)
            elif text == "?" and self.peek(1)[1] in (")", "", "&&", "||", "and", "or", "?"):  # FreeMarker: x??
                self.take()
                if self.accept("?"):
                    expression = Compare("!=", expression, Literal(None))
            elif text == "??" and self.peek(1)[1] in (")", "", "&&", "||", "and", "or"):
                self.take()
                expression = Compare("!=", expression, Literal(None))
            elif text == "!" and self.peek(1)[0] in ("end", "string", "name", "number"):  # FreeMarker default: x!"y"
                self.take()
                if self.peek()[0] in ("string", "number") or self.peek()[1] in _CONSTANT_KINDS:
                    expression = Logical("default", expression, self.primary(depth + 1))
            else:
                return expression
        return expression

    def arguments(self, depth: int) -> tuple[Expression, ...]:
        self.take()
        found: list[Expression] = []
        while self.peek()[0] != "end" and not self.accept(")"):
            before = self.position
            if self.peek()[0] == "name" and self.peek(1)[1] in ("=", ":", "=>") and self.peek(2)[1] != "=":
                self.take(), self.take()  # keyword argument
            if self.peek()[1] in ("out", "ref", "var"):
                self.take()
            found.append(self.ternary(depth + 1))
            self.accept(",")
            if self.position == before:
                self.take()
        return tuple(found)

    def primary(self, depth: int) -> Expression:
        kind, text = self.take()
        if kind == "apart":
            kind, text = self.take()
        if kind == "end" or depth > _MAX_DEPTH:
            return Opaque("")
        if kind == "string":
            return Literal(text[1:-1])
        if kind == "number":
            return Literal(float(text) if "." in text else int(text))
        if kind == "operator":
            if text == "(":
                cast = self._cast()
                if cast:
                    operand = self.postfix(depth + 1)
                    return Call(Name("bool"), (operand,)) if cast.lower().startswith("bool") else operand
                saved, self.plain_names = self.plain_names, False
                inner = self.ternary(depth + 1)
                self.plain_names = saved
                self.accept(")")
                return inner
            if text == "[":
                while self.peek()[0] != "end" and not self.accept("]"):
                    self.take()
                return Opaque("[]")
            if text == "!":
                return Not(self.postfix(depth + 1))
            if text == "-":
                operand = self.postfix(depth + 1)
                if isinstance(operand, Literal) and isinstance(operand.value, int | float):
                    return Literal(-operand.value)
                return Opaque("-")
            if text == ":" and self.peek()[0] == "name":  # a Ruby symbol
                return Literal(self.take()[1])
            if text == "." and self.peek()[0] == "name":  # Go: .Site.Params.x
                return Name(self.take()[1])
            if text in (".", "@", "$"):
                return self.primary(depth + 1) if self.peek()[0] == "name" else Opaque(text)
            return Opaque(text)
        if text in _CONSTANT_KINDS:
            return Literal(_CONSTANTS[text])
        if self.prefix_calls and not self.plain_names and (text in _WORD_OPERATORS or self._starts_operand()):
            return self._prefix_call(text, depth)
        if text == "empty" or text == "isset":
            operand = self.postfix(depth + 1)
            check: Expression = Compare("!=", operand, Literal(None))
            return Not(operand) if text == "empty" else check
        if text.endswith("?") and len(text) > 1 and self.peek() != ("operator", "("):
            # Ruby predicate without brackets: `cookie_consent?`; its arguments may follow bare
            return Call(Name(text), (self.primary(depth + 1),) if self._bare_argument() else ())
        return Name(text.lstrip("@$#"))

    def _bare_argument(self) -> bool:
        kind, text = self.peek()
        if text == ":":
            return self.peek(1)[0] == "name"
        return kind == "string" or (kind == "name" and text not in _WORD_OPERATORS and text not in ("if", "then", "do"))

    def _cast(self) -> str:
        """The type of a cast whose bracket was just opened, `(string)x` or `(bool?)x`, and moves past it; "" for others."""
        name = self.peek()[1]
        closing = 2 if self.peek(1)[1] == "?" else 1
        kind, text = self.peek(closing + 1)
        if name not in _TYPES or self.peek(closing) != ("operator", ")"):
            return ""
        if kind not in ("name", "string", "number") and text not in ("(", "!", "$", "@"):
            return ""
        self.position += closing + 1
        return name

    def _starts_operand(self) -> bool:
        kind, text = self.peek()
        if kind == "apart":
            return True
        return kind in ("string", "number") or (kind == "name" and text not in _WORD_OPERATORS)

    def _prefix_call(self, name: str, depth: int) -> Expression:
        operands: list[Expression] = []
        while self._starts_operand() and len(operands) < 12:
            if self.peek()[0] == "apart":
                self.take()
            if self.accept("("):
                operands.append(self.ternary(depth + 1))
                self.accept(")")
            else:
                saved, self.plain_names = self.plain_names, True
                operands.append(self.postfix(depth + 1))
                self.plain_names = saved
        if name == "not" and operands:
            return Not(operands[0])
        if name in ("and", "or") and operands:
            result = operands[0]
            for operand in operands[1:]:
                result = Logical(name, result, operand)
            return result
        if name in ("eq", "ne", "lt", "gt", "le", "ge", "neq") and len(operands) >= 2:
            return Compare(_WORD_OPERATORS[name], operands[0], operands[1])
        if name == "in" and len(operands) == 2:
            return Compare("in", operands[1], operands[0])
        if not operands:
            return Name(name)
        return Call(Name(name), tuple(operands))


def parse(text: str, dialect: str) -> Expression:
    """The expression of a template condition; what cannot be read becomes `Opaque`."""
    text = text.strip().rstrip(":;{").strip()
    while text.startswith("(") and text.endswith(")") and _closes_at_end(text):
        text = text[1:-1].strip()
    if dialect in PREFIX_DIALECTS:
        text = re.sub(r"^\$?\w+\s*:=\s*", "", text)
    reader = _Reader(_tokens(text, dialect), dialect in PREFIX_DIALECTS)
    if not reader.tokens:
        return Opaque(text)
    found = reader.ternary(0)
    if reader.peek()[0] == "end" or reader.prefix_calls:
        return found
    return Choice(Opaque(text), found, Opaque(text))  # what was not read may turn it into anything


def _closes_at_end(text: str) -> bool:
    level = 0
    for index, char in enumerate(text):
        level += (char == "(") - (char == ")")
        if level == 0:
            return index == len(text) - 1
    return False
