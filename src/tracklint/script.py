"""JavaScript, TypeScript and JSX as a syntax tree, read from the hits outwards.

Nothing here walks the whole tree: a caller finds candidate offsets by searching the text, asks for the node there, and
climbs. Offsets are characters of `Script.text`; what tree-sitter sees is the same text with every non-ASCII character
replaced by one ASCII character, so that its byte offsets are character offsets.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import urllib.parse
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from operator import attrgetter
from typing import NamedTuple, TypeAlias

import tree_sitter
from tree_sitter import Node

from tracklint import lazy_re
from tracklint.model import SourceFile, Span

UNKNOWN = "\ue000"  # one character stands for a part of a string that cannot be told; the same as template.FILLER

Value: TypeAlias = "str | int | float | bool | list[Value] | dict[str, Value] | Unknown | None"


def nth_child(node: Node, index: int) -> Node | None:
    """A named child by its number; None when there are fewer."""
    children = node.named_children
    return children[index] if -len(children) <= index < len(children) else None


def first_within(node: Node, kind: str) -> Node | None:
    """The first node of a kind within, breadth first, without entering deep trees."""
    queue = [node]
    for _ in range(200):
        if not queue:
            return None
        current = queue.pop(0)
        if current.type == kind:
            return current
        queue += current.named_children[:20]
    return None


@dataclass(frozen=True)
class Unknown:
    """A value that folding cannot tell."""


UNKNOWN_VALUE = Unknown()

JSX_TAGS = frozenset({"jsx_opening_element", "jsx_self_closing_element"})  # which name an element
FUNCTIONS = frozenset(
    {
        "function_declaration",
        "function_expression",
        "function",
        "arrow_function",
        "method_definition",
        "generator_function",
        "generator_function_declaration",
    }
)
SCOPES = FUNCTIONS | {"program", "statement_block", "for_statement", "for_in_statement", "class_body", "catch_clause"}
_DECLARATIONS = frozenset({"function_declaration", "generator_function_declaration", "class_declaration"})
_STATEMENTS = frozenset(
    "statement_block if_statement else_clause for_statement for_in_statement while_statement do_statement try_statement "
    "catch_clause finally_clause switch_statement switch_body switch_case switch_default labeled_statement with_statement "
    "export_statement ambient_declaration lexical_declaration variable_declaration ERROR".split()
)
_NO_VARIABLES = frozenset({"property_identifier", "statement_identifier"})
_NAMING = frozenset({"identifier", "member_expression", "subscript_expression", "call_expression"})
_STRINGS = frozenset({"string", "template_string"})
_WRAPPERS = frozenset(
    {
        "parenthesized_expression",
        "as_expression",
        "type_assertion",
        "non_null_expression",
        "satisfies_expression",
        "await_expression",
    }
)
# Of a function they make another, which calls it with what it is given.
KEEPING = frozenset(
    "once debounce throttle memoize memoizeOne partial useCallback useEvent useEffectEvent experimental_useEffectEvent "
    "useEventCallback useMemoizedFn useStableCallback useLatestCallback useDebouncedCallback useThrottledCallback "
    "useDebounceCallback useThrottleCallback useDebounceFn useThrottleFn useThrottle debounced throttled".split()
)
_MAKING = frozenset({"useMemo", "createMemo"})  # they give what the function gives that they are given
_HOOK = lazy_re.compile(r"use\w*(?:Callback|Effect|Memo|ImperativeHandle)")
_MAX_OCCURRENCES = 400  # a property or global that is more frequent belongs to many objects and tells nothing
_MAX_DEPTH = 12
_DEEP = 300  # ancestors of a node; of one that has more they are not kept, there could be as many such nodes
_MAX_ALTERNATIVES = 6
_MAX_ALIASES = 4  # names that stand for one another
# What `require` or `import()` brings, all of it.
_BRINGS = lazy_re.compile(
    r"\(?\s*(?:await\s+)?(?:require|import)\s*\(\s*['\"]([^'\"\n]{1,200})['\"]\s*\)\s*\)?(?:\.default)?"
)
_MAX_GROWTH = 2_000  # characters that a call may add to a text by repeating another
_NON_ASCII = lazy_re.compile(r"[^\x00-\x7f]")
_WORD = lazy_re.compile(r"[\w$]")


def _ascii(text: str) -> bytes:
    if text.isascii():
        return text.encode("ascii")
    return _NON_ASCII.sub(lambda m: " " if m[0].isspace() or m[0] == "\ufeff" else "_", text).encode("ascii")


@cache
def _parser(dialect: str) -> tree_sitter.Parser:
    if dialect in ("ts", "tsx"):
        import tree_sitter_typescript as grammar

        pointer = grammar.language_tsx() if dialect == "tsx" else grammar.language_typescript()
    else:
        import tree_sitter_javascript

        pointer = tree_sitter_javascript.language()
    return tree_sitter.Parser(tree_sitter.Language(pointer))


# Types in a file that is called JavaScript: Flow, or a build that takes TypeScript under any name.
_TYPED = lazy_re.compile(
    r"@flow\b|^[ \t]*(?:import|export)[ \t]+type\b|^[ \t]*type[ \t]+\w+[ \t]*=|\b(?:const|let|var)[ \t]+\w+[ \t]*:[ \t]*[A-Za-z]",
    re.MULTILINE,
)

# An `&` in the text of an element, at which the grammars fail; where it is an operator, `+` has the same shape.
_BARE_AND = lazy_re.compile(rb"(?<!&)&(?!&|=|#?\w{1,40};)")
_JSX = lazy_re.compile(r"<[A-Za-z][\w.-]*\s[^<>]{0,400}\b(?:class|for|default|in)\b")


def _unread(root: Node) -> int:
    """How much of a text its grammar could not read, in characters: what errors hold but for whole statements in them."""
    length = 0
    within = [root]
    while within:
        node = within.pop()
        if node.is_error:
            length += node.end_byte - node.start_byte
            for child in node.children:
                if child.is_error or child.type == "comment" or child.type.endswith(("_statement", "_declaration")):
                    length -= child.end_byte - child.start_byte
                    within.append(child)
        elif node.has_error:
            within.extend(node.children)
    return length


def _names_in(pattern: Node | None) -> Iterator[tuple[Node, Node | None]]:
    """(identifier, default value) for each name that a pattern or a list of parameters declares, in order."""
    waiting: list[tuple[Node | None, Node | None]] = [(pattern, None)]
    while waiting:
        node, default = waiting.pop()
        if node is None:
            continue
        if node.type in ("identifier", "shorthand_property_identifier_pattern"):
            yield node, default
        elif node.type == "assignment_pattern":
            waiting.append((node.child_by_field_name("left"), node.child_by_field_name("right")))
        elif node.type == "object_assignment_pattern":
            waiting.append((node.child_by_field_name("left"), None))
        elif node.type in ("required_parameter", "optional_parameter"):
            waiting.append((node.child_by_field_name("pattern"), None))
        elif node.type == "pair_pattern":
            waiting.append((node.child_by_field_name("value"), None))
        elif node.type in ("formal_parameters", "object_pattern", "array_pattern", "rest_pattern", "ERROR"):
            waiting += [(child, None) for child in reversed(node.named_children)]


def imported_names(statement: Node) -> Iterator[Node]:
    """The identifiers that an import declares."""
    waiting = list(statement.named_children)
    while waiting:
        node = waiting.pop()
        if node.type == "identifier":
            yield node
        elif node.type == "import_specifier":
            name = node.child_by_field_name("alias") or node.child_by_field_name("name")
            waiting += [name] if name is not None else []
        elif node.type in ("import_clause", "namespace_import", "named_imports"):
            waiting += node.named_children


class Binding(NamedTuple):
    """Where a name is declared."""

    name: str
    declaration: Node  # the identifier in the declaration
    scope: Node
    kind: str  # variable, parameter, function, import, class, catch
    value: Node | None  # initialiser, function or class node


class Called(NamedTuple):
    """What a call names: its path, as `Script.dotted` writes it, as it stands there and behind other names for it.

    `package`: that of which all but the path's first name is, or "".
    """

    written: str
    path: str
    package: str = ""


class Output(NamedTuple):
    """A place of a script where the template prints something."""

    start: int
    end: int
    expression: str


class Script:
    """One parsed script. `text` is the script alone; `base` is its offset in `file`.

    `outputs` are those of a template, in order; `printed` gives the text that an expression prints, None if it is not known.
    """

    def __init__(
        self,
        text: str,
        dialect: str = "js",
        file: SourceFile | None = None,
        base: int = 0,
        outputs: Sequence[Output] = (),
        printed: Callable[[str], str | None] = lambda expression: None,
    ) -> None:
        self.text = text
        self.outputs = outputs
        self._printed = cache(printed)
        self.file = file or SourceFile("", text, "script", dialect)
        self.base = base
        self.origin: object = None  # the element that holds an inline script
        self.kept: Callable[[str], Sequence[str]] = lambda attribute: ()  # addresses that markup keeps in an attribute
        self.settings: Callable[[str], Sequence[str]] = lambda name: ()  # … and the site's settings under a dotted name
        # The text of a component of the project's own that an import stands for; "" where it cannot be told.
        self.component: Callable[[Script, Binding], str] = lambda script, binding: ""
        self.hands_on_pictures: Callable[[str], bool] = lambda path: True  # whether the server of a script's site does
        # what a name of another module stands for
        self.imported: Callable[[Script, Binding], Sequence[Value]] = lambda script, binding: ()
        # what a function of another module gives
        self.imported_results: Callable[[Script, Binding], Sequence[Value]] = lambda script, binding: ()
        self.dialect = dialect
        self._bytes = _ascii(text)
        self._parents: dict[int, Node | None] = {}
        self._way: list[Node] = []  # from the root to the node that was looked for last
        self._chains: dict[int, tuple[Node, ...]] = {}
        self._occurrences: dict[str, tuple[Node, ...] | None] = {}
        self._scopes: dict[int, dict[str, Binding]] = {}
        self._visible: dict[tuple[int, str], Binding | None] = {}  # what a name stands for in a scope
        self._bindings: dict[int, Binding | None] = {}
        self._uses: dict[int, list[Node]] = {}  # by the declaring identifier
        self._assignments: dict[int, list[tuple[Node, Node]]] = {}
        self._calls_of: dict[int, list[Node]] = {}
        self._functions: dict[str, list[Node]] = {}
        self._named: dict[tuple[int, int], list[Value]] = {}  # by the name's node and the depth at which it is folded

    @cached_property
    def root(self) -> Node:
        root = _parser(self.dialect).parse(self._bytes).root_node
        if not root.has_error:
            return root
        others: list[tuple[str, re.Pattern[bytes] | None]]
        others = [(self.dialect, _BARE_AND)] if "</" in self.text and _BARE_AND.search(self._bytes) else []
        if self.dialect == "js" and (_TYPED.search(self.text) or self._has_jsx):
            others = [("tsx", None), *others, *(("tsx", bare) for _, bare in others)]
        for dialect, bare in others:
            code = bare.sub(b"+", self._bytes) if bare is not None else self._bytes
            other = _parser(dialect).parse(code).root_node
            if not other.has_error or _unread(other) < _unread(root):
                self.dialect, root = dialect, other
            if not root.has_error:
                break
        return root

    @property
    def _has_jsx(self) -> bool:
        """Whether it may be a module with elements: the grammar of JavaScript fails at attributes named `class` or `for`."""
        return self.is_module and _JSX.search(self.text) is not None

    @property
    def broken(self) -> bool:
        return self.root.has_error

    @property
    def error_at(self) -> int | None:
        """Where the first error is in a script that was parsed, and most of which its grammar could not read; else None."""
        if "root" not in self.__dict__ or not self.broken or _unread(self.root) * 2 <= len(self.text):
            return None
        node = self.root
        while (child := next((one for one in node.children if one.has_error), None)) is not None:
            node = child
        return node.start_byte

    @cached_property
    def is_module(self) -> bool:
        return bool(re.search(r"^\s*(?:import\b(?!\s*\()|export\b)", self.text, re.M))

    # ---- nodes and places

    def text_of(self, node: Node) -> str:
        return self.text[node.start_byte : node.end_byte]

    def span(self, node: Node) -> Span:
        """The node's place in the file."""
        return Span(self.base + node.start_byte, self.base + node.end_byte)

    def line(self, node: Node) -> int:
        return self.file.position(self.base + node.start_byte).line

    def node_at(self, start: int, end: int | None = None) -> Node:
        node = self.root.descendant_for_byte_range(start, max(start, (end or start + 1) - 1))
        return node if node is not None else self.root

    def ancestors(self, node: Node) -> tuple[Node, ...]:
        """From the root to the node itself."""
        known = self._chains.get(node.id)
        if known is None:
            known = (*reversed([*self._above(node)]), node)
            if len(known) < _DEEP:
                self._chains[node.id] = known
        return known

    def parent(self, node: Node) -> Node | None:
        if node.id not in self._parents:
            self._find(node)
        return self._parents[node.id]

    def _above(self, node: Node) -> Iterator[Node]:
        """The proper ancestors, nearest first."""
        above = self.parent(node)
        while above is not None:
            yield above
            above = self.parent(above)

    def _find(self, node: Node) -> None:
        """Note the parents of a node and of all above it: a node does not know its own, and looks for it from the root.

        Questions mostly are about neighbours, so this goes down from the nearest node of the last way that holds this one.
        """
        way = self._way
        start, end = node.start_byte, node.end_byte
        del way[bisect_left(way, True, key=lambda above: above.start_byte > start or above.end_byte < end) :]
        cursor = (way.pop() if way else self.root).walk()
        parent: Node | None = way[-1] if way else None
        while True:
            current = cursor.node
            if current is None:
                break
            self._parents[current.id] = parent
            way.append(current)
            if current.id == node.id:
                return
            parent = current
            if cursor.goto_first_child_for_byte(start) is None:
                break
            while True:  # step over siblings that end before the node does
                current = cursor.node
                if current is None or (current.end_byte >= end and current.start_byte <= start):
                    break
                if not cursor.goto_next_sibling():
                    break
        way.clear()
        climbing: Node | None = node
        while climbing is not None:
            self._parents[climbing.id] = climbing.parent
            climbing = climbing.parent

    def enclosing(self, node: Node, kinds: Iterable[str]) -> Node | None:
        """The nearest proper ancestor of one of the kinds."""
        wanted = frozenset(kinds)
        return next((ancestor for ancestor in self._above(node) if ancestor.type in wanted), None)

    def unwrapped_parent(self, node: Node) -> tuple[Node, Node | None]:
        """(outermost node that is only `node` in brackets, casts or await; its parent)."""
        for ancestor in self._above(node):
            if ancestor.type not in _WRAPPERS:
                return node, ancestor
            node = ancestor
        return node, None

    def wrapped(self, value: Node | None) -> Node | None:
        """The function behind what wraps it, `useCallback(load, [])`, `useMemo(() => debounce(load))`; else the value itself."""
        for _ in range(4):
            arguments = self.arguments(value) if value is not None and value.type == "call_expression" else []
            if value is None or not arguments or arguments[0].type not in (*FUNCTIONS, "call_expression"):
                return value
            called = self.dotted(value.child_by_field_name("function")).rsplit(".", 1)[-1]
            if called in KEEPING and called != "partial":
                value = arguments[0]
            elif called in _MAKING and arguments[0].type in FUNCTIONS and len(self.returned(arguments[0])) == 1:
                value = self.returned(arguments[0])[0]
            else:
                return value
        return value

    def wrapping(self, function: Node) -> tuple[Node, Node | None]:
        """(the outermost expression that stands for a function: itself, or what wraps it; its parent)."""
        outer, parent = self.unwrapped_parent(function)
        for _ in range(4):
            call = self.parent(parent) if parent is not None and parent.type == "arguments" else None
            if call is None:
                made = self.made_by(outer, parent)
                if made is None:
                    return outer, parent
                call = made
            else:
                called = self.dotted(call.child_by_field_name("function")).rsplit(".", 1)[-1]
                arguments = self.arguments(call)
                if called not in KEEPING or called == "partial" or not arguments or arguments[0].id != outer.id:
                    return outer, parent
            outer, parent = self.unwrapped_parent(call)
        return outer, parent

    def made_by(self, value: Node, parent: Node | None) -> Node | None:
        """The call that gives a value which a function returns to it: `useMemo(() => value, [])`."""
        if parent is None:
            return None
        if parent.type == "return_statement":
            function = self.enclosing(parent, FUNCTIONS)
        else:
            function = (
                parent if parent.type == "arrow_function" and parent.child_by_field_name("body") == value else None
            )
        holder = self.unwrapped_parent(function)[1] if function is not None else None
        call = self.parent(holder) if holder is not None and holder.type == "arguments" else None
        if call is None or call.type != "call_expression":
            return None
        called = self.dotted(call.child_by_field_name("function")).rsplit(".", 1)[-1]
        return call if called in _MAKING else None

    def imported_from(self, binding: Binding | None) -> str:
        """The module that an import takes a name from, as it is written; "" for a name that no import brings."""
        if binding is None or binding.kind != "import" or binding.value is None:
            return ""
        source = binding.value.child_by_field_name("source")
        return (self.fold_text(source) or "") if source is not None else ""

    def imported_as(self, binding: Binding | None) -> str:
        """What an import brings, as `default from react-modal`; "" for a name that no import brings."""
        source = self.imported_from(binding)
        if binding is None or not source:
            return ""
        specifier = self.parent(binding.declaration)
        original = specifier.child_by_field_name("name") if specifier is not None else None
        return f"{self.text_of(original) if original is not None else 'default'} from {source}"

    def is_dependency(self, node: Node) -> bool:
        """Whether a name stands in the list of what a hook depends on: `useEffect(() => …, [load])`."""
        row = self.parent(node)
        holder = self.parent(row) if row is not None and row.type == "array" else None
        call = self.parent(holder) if holder is not None and holder.type == "arguments" else None
        if row is None or call is None or call.type != "call_expression":
            return False
        arguments = self.arguments(call)
        callee = call.child_by_field_name("function")
        called = self.dotted(callee).rsplit(".", 1)[-1]
        if len(arguments) < 2 or arguments[-1].id != row.id or _HOOK.fullmatch(called) is None:
            return False
        binding = self.binding(callee) if callee is not None and callee.type == "identifier" else None
        # what a hook of the project's own does with the list is for it to say
        return binding is None or self.imported_from(binding)[:1].isalpha()

    def is_only_asked_for(self, expression: Node) -> bool:
        """Whether all that is done with a value at its place is to ask whether it is there: `play && …`, `if (play)`."""
        node, parent = self.unwrapped_parent(expression)
        if parent is None:
            return False
        if parent.type == "binary_expression":
            sign = parent.child_by_field_name("operator")
            spelled = self.text_of(sign) if sign is not None else ""
            return spelled not in ("&&", "||", "??") or (spelled == "&&" and parent.child_by_field_name("left") == node)
        if parent.type in ("if_statement", "ternary_expression"):
            return parent.child_by_field_name("condition") == node
        return parent.type == "unary_expression"

    def state(self, binding: Binding) -> tuple[Node, Node | None] | None:
        """(the call that keeps a state, the name of its setter) where a name is the state: `const [name, setter] = useState(…)`."""
        pattern = self.parent(binding.declaration)
        call = binding.value
        if pattern is None or pattern.type != "array_pattern" or call is None or call.type != "call_expression":
            return None
        names = [child for child in pattern.named_children if child.type == "identifier"]
        if not names or names[0].id != binding.declaration.id:
            return None
        return call, names[1] if len(names) > 1 else None

    def statement(self, node: Node) -> Node:
        """The statement (or the node itself at the top) that holds the node."""
        below = node
        for ancestor in self._above(node):
            if ancestor.type in ("program", "statement_block", "switch_case", "switch_default"):
                return below
            below = ancestor
        return node

    def occurrences(self, name: str) -> tuple[Node, ...] | None:
        """Identifier-like nodes with this text, whatever they refer to; None when there are too many to tell anything."""
        if name in self._occurrences:
            return self._occurrences[name]
        found: list[Node] = []
        position = self._next(name, 0, len(self.text))
        count = 0
        while position >= 0 and count <= _MAX_OCCURRENCES:
            count += 1
            node = self.node_at(position, position + len(name))
            if "identifier" in node.type and node.end_byte - node.start_byte == len(name):
                found.append(node)
            position = self._next(name, position + len(name), len(self.text))
        result = tuple(found) if count <= _MAX_OCCURRENCES else None
        self._occurrences[name] = result
        return result

    def _next(self, name: str, position: int, end: int) -> int:
        """Where a name stands next as a whole word; -1 when nowhere between two places."""
        text = self.text
        while name and (position := text.find(name, position, end)) >= 0:
            after = position + len(name)
            if not _WORD.match(text[position - 1 : position]) and not _WORD.match(text[after : after + 1]):
                return position
            position = after
        return -1

    # ---- declarations

    def binding(self, identifier: Node) -> Binding | None:
        """The declaration that an identifier refers to; None for globals."""
        if identifier.id in self._bindings:
            return self._bindings[identifier.id]
        name = self.text_of(identifier)
        parent = self.parent(identifier)
        # the name of a declared function stands outside the scope that the function opens
        named = parent is not None and parent.type in _DECLARATIONS and parent.child_by_field_name("name") == identifier
        above = self._above(parent if named and parent is not None else identifier)
        scopes = (node for node in above if node.type in SCOPES or node.id == self.root.id)
        found: Binding | None = None
        passed = []
        for scope in scopes:
            if (scope.id, name) in self._visible:
                found = self._visible[scope.id, name]
                break
            passed.append(scope.id)
            found = self._declared_in(scope).get(name)
            if found is not None:
                break
        self._visible.update(((scope_id, name), found) for scope_id in passed)
        self._bindings[identifier.id] = found
        return found

    def declaration(self, name: str) -> Binding | None:
        """The outermost declaration of a name in this script."""
        found = (self.binding(node) for node in self.occurrences(name) or () if node.type not in _NO_VARIABLES)
        return min(filter(None, found), key=lambda binding: binding.scope.start_byte, default=None)

    def _declared_in(self, scope: Node) -> dict[str, Binding]:
        """What a scope declares, by its name. Looks at statements only: no expression declares what holds outside of it."""
        if scope.id not in self._scopes and scope.type not in FUNCTIONS and scope.id != self.root.id:
            self._declared_in(self.enclosing(scope, FUNCTIONS) or self.root)  # which goes through the blocks within
        if scope.id in self._scopes:
            return self._scopes[scope.id]
        self._scopes[scope.id] = {}
        if scope.type in FUNCTIONS:
            parameters = scope.child_by_field_name("parameters") or scope.child_by_field_name("parameter")
            for name, default in _names_in(parameters):
                self._declare(name, scope, "parameter", default)
        body = scope.child_by_field_name("body") if scope.type in FUNCTIONS else scope
        waiting = [(body, scope)] if body is not None else []
        while waiting:
            node, block = waiting.pop()
            if node.type in SCOPES:
                block = node
                self._scopes.setdefault(node.id, {})
            inner = []
            for child in node.named_children:
                kind = child.type
                if kind in _STATEMENTS:
                    inner.append((child, block))
                elif kind in _DECLARATIONS:
                    value = "class" if kind == "class_declaration" else "function"
                    self._declare(child.child_by_field_name("name"), block, value, child)
                elif kind == "variable_declarator":
                    holder = scope if node.type == "variable_declaration" else block
                    for name, _ in _names_in(child.child_by_field_name("name")):
                        self._declare(name, holder, "variable", child.child_by_field_name("value"))
                elif kind == "import_statement":
                    for name in imported_names(child):
                        self._declare(name, self.root, "import", child)
            waiting += reversed(inner)
            if node.type == "for_in_statement":
                for name, _ in _names_in(node.child_by_field_name("left")):
                    self._declare(name, node, "loop", node.child_by_field_name("right"))
            elif node.type == "catch_clause":
                for name, _ in _names_in(node.child_by_field_name("parameter")):
                    self._declare(name, node, "catch", None)
        if scope.type in ("function_expression", "function"):  # its own name holds where nothing within it hides it
            own = scope.child_by_field_name("name")
            if own is not None and self.text_of(own) not in self._scopes[scope.id]:
                self._declare(own, scope, "function", scope)
        return self._scopes[scope.id]

    def _declare(self, name: Node | None, scope: Node, kind: str, value: Node | None) -> None:
        if name is None:
            return
        declared = self._scopes[scope.id]
        spelled = self.text_of(name)
        before = declared.get(spelled)
        if before is None or before.value is None:
            declared[spelled] = Binding(spelled, name, scope, kind, value)

    def uses(self, binding: Binding) -> Sequence[Node]:
        """Identifiers that refer to the binding, without its declaration."""
        known = self._uses.get(binding.declaration.id)
        if known is not None:
            return known
        result: list[Node] = []
        position, end = binding.scope.start_byte, binding.scope.end_byte
        while (position := self._next(binding.name, position, end)) >= 0:
            start, position = position, position + len(binding.name)
            if self.text[start - 1 : start] == "." and self.text[start - 3 : start] != "...":
                continue
            node = self.node_at(start, position)
            if "identifier" not in node.type or node.type in _NO_VARIABLES or node.end_byte != position:
                continue
            found = self.binding(node)
            if found is None or found.declaration.id != binding.declaration.id:
                # another declaration of the name hides this one as far as its scope reaches
                position = max(position, found.scope.end_byte) if found is not None else position
            elif node.id != binding.declaration.id:
                result.append(node)
        self._uses[binding.declaration.id] = result
        return result

    def assignments(self, binding: Binding) -> list[tuple[Node, Node]]:
        """(assignment node, assigned value) for each `name = value` to the binding."""
        if binding.declaration.id in self._assignments:
            return self._assignments[binding.declaration.id]
        result = []
        for node in self.uses(binding):
            parent = self.parent(node)
            if parent is None or parent.child_by_field_name("left") != node:
                continue
            if parent.type in ("assignment_expression", "augmented_assignment_expression"):
                value = parent.child_by_field_name("right")
                if value is not None:
                    result.append((parent, value))
        self._assignments[binding.declaration.id] = result
        return result

    def _made_if_missing(self, node: Node) -> Node | None:
        """The name in `a = a || []` and `a || []`."""
        if node.type == "assignment_expression":
            right = node.child_by_field_name("right")
            return node.child_by_field_name("left") if right is not None and self._made_if_missing(right) else None
        operator, right = node.child_by_field_name("operator"), node.child_by_field_name("right")
        if node.type != "binary_expression" or operator is None or right is None:
            return None
        empty = right.type in ("array", "object") and right.named_child_count == 0
        return node.child_by_field_name("left") if empty and self.text_of(operator) in ("||", "??") else None

    def _detached(self, node: Node) -> Node | None:
        """The method in `0, a.b` and `Object(a.b)`, which is called without its object."""
        if node.type == "sequence_expression":
            first = nth_child(node, 0)
            return nth_child(node, 1) if first is not None and first.type == "number" else None
        function = node.child_by_field_name("function") if node.type == "call_expression" else None
        if function is None or self.text_of(function) != "Object":
            return None
        given = self.arguments(node)
        return given[0] if len(given) == 1 and given[0].type == "member_expression" else None

    def dotted(self, node: Node | None) -> str:
        """`a.b.c` for a member chain; calls inside become `()`; "" for anything else. `window.` and `?.` vanish.

        What is made where it is missing is called by its name: `(a = a || []).b`, `(a || {}).b`; so is what bundlers
        detach from its object: `(0, a.b)()`, `Object(a.b)()`.
        """
        if node is None:
            return ""
        parts: list[str] = []
        while True:
            if node.type in ("identifier", "this", "super", "property_identifier", "import"):
                parts.append(self.text_of(node))
                break
            if node.type in ("member_expression", "subscript_expression"):
                target = node.child_by_field_name("object")
                if node.type == "member_expression":
                    name = node.child_by_field_name("property")
                    parts.append(self.text_of(name) if name is not None else "?")
                else:
                    index = node.child_by_field_name("index")
                    folded = self.fold(index) if index is not None and index.type in _STRINGS | {"number"} else None
                    parts.append(folded if isinstance(folded, str) else "[]")
                if target is None:
                    return ""
                node = target
                continue
            detached = self._detached(node)
            if detached is not None:
                node = detached
                continue
            if node.type == "call_expression":
                function = node.child_by_field_name("function")
                inner = self.dotted(function)
                if not inner:
                    return ""
                parts.append(inner + "()")
                break
            if node.type in _WRAPPERS and node.named_child_count:
                child = _unwrapped(node)
                if child is None:
                    return ""
                node = child
                continue
            made = self._made_if_missing(node)
            if made is not None:
                node = made
                continue
            return ""
        path = ".".join(reversed(parts))
        for prefix in ("window.", "globalThis.", "self.", "top."):
            path = path.removeprefix(prefix)
        return path

    def called(self, callee: Node | None) -> Called:
        """What a call names, with the names seen through that only stand for something else in this script.

        `const agent = tool as Agent`, `const { track } = tool`, `const tracker = getTracker()`; of what an import or
        `require` brings as a whole the package is told, as its name here is the script's own choice.
        """
        path = written = self.dotted(callee)
        for _ in range(_MAX_ALIASES):
            head = callee
            while head is not None and head.type != "identifier":
                head = head.child_by_field_name("object") or (_unwrapped(head) if head.type in _WRAPPERS else None)
            binding = self.binding(head) if head is not None else None
            if binding is None or not (path == binding.name or path.startswith(binding.name + ".")):
                break
            if binding.kind == "import":
                whole = self.parent(binding.declaration)
                taken = whole is not None and whole.type in ("import_clause", "namespace_import")
                return Called(written, path, self.imported_from(binding) if taken else "")
            value, key = self._stood_for(binding)
            brought = _BRINGS.fullmatch(self.text_of(value)[:300]) if value is not None else None
            if brought is not None and not key:
                return Called(written, path, brought[1])
            named = self.dotted(value)
            if not named or "()" in named:
                break
            path = ".".join(filter(None, (named, key))) + path[len(binding.name) :]
            callee = value
        return Called(written, path.removeprefix("window."))

    def _stood_for(self, binding: Binding) -> tuple[Node | None, str]:
        """What a variable that is set once is only another name for, and which property of it; (None, "") for others."""
        holder, key = self.parent(binding.declaration), ""
        if holder is not None and holder.type == "pair_pattern":
            key, holder = self.key_of(holder), self.parent(holder)
        if holder is not None and holder.type == "object_pattern":
            key, holder = key or binding.name, self.parent(holder)
        if (
            binding.kind != "variable"
            or holder is None
            or holder.type != "variable_declarator"
            or self.assignments(binding)
        ):
            return None, ""
        value = binding.value
        given = self._if_there(value)
        if given is not None and given.type == "call_expression" and not self.arguments(given):
            named = given.child_by_field_name("function")
            function = self.definition(named) if named is not None and named.type == "identifier" else None
            returned = self.returned(function) if function is not None else []
            given = self._if_there(returned[0]) if len(returned) == 1 else given
        return given, key

    def _if_there(self, value: Node | None) -> Node | None:
        """The value itself in `value ?? null` and `value || undefined`."""
        while value is not None and value.type in _WRAPPERS:
            value = _unwrapped(value)
        if value is not None and value.type == "binary_expression" and self._made_if_missing(value) is None:
            operator, right = value.child_by_field_name("operator"), value.child_by_field_name("right")
            nothing = right is not None and self.text_of(right) in ("null", "undefined", "false")
            if nothing and operator is not None and self.text_of(operator) in ("||", "??"):
                return value.child_by_field_name("left")
        return value

    def property_name(self, node: Node) -> str:
        """The name of the property that a member expression reads; "" where it is computed."""
        if node.type == "member_expression":
            name = node.child_by_field_name("property")
            return self.text_of(name) if name is not None else ""
        index = node.child_by_field_name("index")
        folded = self.fold(index) if index is not None else None
        return folded if isinstance(folded, str) else ""

    # ---- folding

    def fold(self, node: Node | None, depth: int = 0) -> Value:
        """The value of an expression as far as it can be told; unknown parts of strings are UNKNOWN characters."""
        if node is None or depth > _MAX_DEPTH:
            return UNKNOWN_VALUE
        return next(iter(self.alternatives(node, depth)), UNKNOWN_VALUE)

    def fold_text(self, node: Node | None) -> str | None:
        """Like `fold`, for strings only; None when nothing of it is known."""
        value = self.fold(node)
        return value if isinstance(value, str) and value.strip(UNKNOWN) else None

    def alternatives(self, node: Node, depth: int = 0) -> list[Value]:
        """All values that an expression can have, at most a few."""
        return self._alternatives(node, depth)[:_MAX_ALTERNATIVES]

    def _alternatives(self, node: Node, depth: int) -> list[Value]:
        if depth > _MAX_DEPTH:
            return [UNKNOWN_VALUE]
        kind = node.type
        if kind == "string":
            return [self._inside(node.start_byte + 1, node.end_byte - 1)]
        if kind == "template_string":
            return [self._template(node, depth)]
        if kind == "number":
            return [_number(self.text_of(node))]
        if kind in ("true", "false"):
            return [kind == "true"]
        if kind in ("null", "undefined"):
            return [None]
        if kind in _WRAPPERS:
            child = _unwrapped(node)
            return self._alternatives(child, depth + 1) if child is not None else [UNKNOWN_VALUE]
        if kind == "sequence_expression":
            child = nth_child(node, -1)
            return self._alternatives(child, depth + 1) if child is not None else [UNKNOWN_VALUE]
        if kind == "binary_expression":
            return self._binary(node, depth)
        if kind == "ternary_expression":
            result: list[Value] = []
            for field in ("consequence", "alternative"):
                branch = node.child_by_field_name(field)
                if branch is not None:
                    result += self._alternatives(branch, depth + 1)
            return result or [UNKNOWN_VALUE]
        if kind == "unary_expression":
            operator = node.child_by_field_name("operator")
            argument = node.child_by_field_name("argument")
            if operator is not None and argument is not None:
                value = self.fold(argument, depth + 1)
                sign = self.text_of(operator)
                if sign == "!" and not isinstance(value, Unknown):
                    return [not value]
                if sign == "-" and isinstance(value, int | float):
                    return [-value]
                if sign == "void":
                    return [None]
            return [UNKNOWN_VALUE]
        if kind == "array":
            return [[self.fold(child, depth + 1) for child in node.named_children if child.type != "comment"]]
        if kind == "object":
            return [self._object(node, depth)]
        if kind == "identifier" and self.outputs and not self.text_of(node).strip("_"):
            return [self._inside(node.start_byte, node.end_byte)]
        if kind in _NAMING:
            # Kept: what names are set to may name each other, in as many ways as a long text allows.
            known = self._named.get((node.id, depth))
            if known is None:
                fold = {"identifier": self._identifier, "call_expression": self._result}.get(kind, self._member)
                known = self._named[node.id, depth] = fold(node, depth)
            return known
        if kind == "new_expression":
            return [self._call(node, depth)]
        if kind == "assignment_expression":
            right = node.child_by_field_name("right")
            return self._alternatives(right, depth + 1) if right is not None else [UNKNOWN_VALUE]
        return [UNKNOWN_VALUE]

    def _template(self, node: Node, depth: int) -> str:
        parts: list[str] = []
        position = node.start_byte + 1
        for child in node.children:
            if child.type == "template_substitution":
                parts.append(self._inside(position, child.start_byte))
                inner = nth_child(child, 0)
                parts.append(_as_text(self.fold(inner, depth + 1)) if inner is not None else UNKNOWN)
                position = child.end_byte
        parts.append(self._inside(position, max(position, node.end_byte - 1)))
        return "".join(parts)

    def _inside(self, start: int, end: int) -> str:
        """The text between two places within a string."""
        if not self.outputs:
            return unescape(self.text[start:end])
        parts: list[str] = []
        for output in self.outputs[bisect_left(self.outputs, start, key=attrgetter("start")) :]:
            if output.end > end:
                break
            printed = self._printed(output.expression)
            parts += (unescape(self.text[start : output.start]), UNKNOWN if printed is None else printed)
            start = output.end
        return "".join((*parts, unescape(self.text[start:end])))

    def _binary(self, node: Node, depth: int) -> list[Value]:
        operator = node.child_by_field_name("operator")
        sign = self.text_of(operator) if operator is not None else ""
        if sign == "+":
            # a long chain of `+` nests to the left: unroll it, the depth bound is for real nesting
            operands: list[Node] = []
            current: Node | None = node
            while current is not None and current.type == "binary_expression":
                inner = current.child_by_field_name("operator")
                right = current.child_by_field_name("right")
                if inner is None or self.text_of(inner) != "+" or right is None:
                    break
                operands.append(right)
                current = current.child_by_field_name("left")
            if current is not None:
                operands.append(current)
            results: list[Value] = [""]
            numbers = True
            first = True
            for operand in reversed(operands):
                values = self.alternatives(operand, depth + 1)
                numbers = numbers and all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
                if first:
                    results = (
                        [values[0]]
                        if numbers and isinstance(values[0], int | float)
                        else [_as_text(value) for value in values]
                    )
                    first = False
                elif numbers and isinstance(results[0], int | float) and isinstance(values[0], int | float):
                    results = [results[0] + values[0]]
                else:
                    joined = [f"{_as_text(left)}{_as_text(right)}" for left in results for right in values]
                    results = list(joined[:_MAX_ALTERNATIVES])
            return list(results)
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            return [UNKNOWN_VALUE]
        if sign in ("||", "??", "&&"):
            result = (
                []
                if sign == "&&"
                else [
                    value for value in self._alternatives(left, depth + 1) if not isinstance(value, Unknown) and value
                ]
            )
            return result + self._alternatives(right, depth + 1)
        return [UNKNOWN_VALUE]

    def _object(self, node: Node, depth: int) -> dict[str, Value]:
        result: dict[str, Value] = {}
        for child in node.named_children:
            if child.type == "pair":
                key = self.key_of(child)
                value = child.child_by_field_name("value")
                if key and value is not None:
                    result[key] = self.fold(value, depth + 1)
            elif child.type == "shorthand_property_identifier":
                result[self.text_of(child)] = self.fold_name(child, depth + 1)
        return result

    def key_of(self, pair: Node) -> str:
        """The name of an object's property or method."""
        key = pair.child_by_field_name("key") or pair.child_by_field_name("name")
        if key is None:
            return ""
        if key.type in _STRINGS:
            folded = self.fold(key)
            return folded if isinstance(folded, str) else ""
        if key.type == "computed_property_name":
            inner = nth_child(key, 0)
            folded = self.fold(inner) if inner is not None else None
            return folded if isinstance(folded, str) else ""
        return self.text_of(key)

    def fold_name(self, identifier: Node, depth: int = 0) -> Value:
        return next(iter(self._identifier(identifier, depth)), UNKNOWN_VALUE)

    def _identifier(self, node: Node, depth: int) -> list[Value]:
        if self.text_of(node) == "undefined":
            return [None]
        binding = self.binding(node)
        if binding is None:
            return [UNKNOWN_VALUE]
        if binding.kind == "parameter":
            result: list[Value] = []
            if binding.value is not None:
                result += self._alternatives(binding.value, depth + 1)
            for argument in self.arguments_for(binding):
                result += self._alternatives(argument, depth + 2)
                if len(result) >= _MAX_ALTERNATIVES:
                    break
            return result or [UNKNOWN_VALUE]
        if binding.kind == "variable":
            declarator = self.parent(binding.declaration)
            if declarator is None or declarator.type != "variable_declarator":
                return [UNKNOWN_VALUE]
            result = []
            if binding.value is not None:
                result += self._alternatives(binding.value, depth + 1)
            for assignment, value in self.assignments(binding):
                if assignment.type == "augmented_assignment_expression":
                    grown = [f"{_as_text(a)}{_as_text(self.fold(value, depth + 2))}" for a in result[:1]]
                    result = [*grown, *result]
                elif not (value.start_byte <= node.start_byte and node.end_byte <= value.end_byte):
                    result += self._alternatives(value, depth + 2)
                if len(result) >= _MAX_ALTERNATIVES:
                    break
            known: list[Value] = [value for value in result if not isinstance(value, Unknown) and value is not None]
            return known or [UNKNOWN_VALUE]
        if binding.kind == "import":
            return list(self.imported(self, binding)) or [UNKNOWN_VALUE]
        return [UNKNOWN_VALUE]

    def arguments_for(self, binding: Binding) -> list[Node]:
        """The arguments that calls in this script pass for a parameter."""
        function = binding.scope
        position = self.parameter_index(function, binding.declaration)
        if position is None:
            return []
        result = []
        for call in self.calls_of(function):
            arguments = call.child_by_field_name("arguments")
            if arguments is None:
                continue
            given = [child for child in arguments.named_children if child.type != "comment"]
            if position < len(given):
                result.append(given[position])
        return result

    def parameter_index(self, function: Node, declaration: Node) -> int | None:
        parameters = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
        if parameters is None:
            return None
        if parameters.id == declaration.id:
            return 0
        named = [child for child in parameters.named_children if child.type != "comment"]
        for index, parameter in enumerate(named):
            if parameter.start_byte <= declaration.start_byte and declaration.end_byte <= parameter.end_byte:
                return index
        return None

    def calls_of(self, function: Node) -> list[Node]:
        """Direct calls of a function within this script: immediately invoked, or by its name."""
        if function.id in self._calls_of:
            return self._calls_of[function.id]
        outer, parent = self.unwrapped_parent(function)
        result: list[Node] = []
        if parent is not None and parent.type == "call_expression" and parent.child_by_field_name("function") == outer:
            result.append(parent)
        if parent is not None and parent.type == "unary_expression":  # !function(){}()
            grand = self.parent(parent)
            if grand is not None and grand.type == "call_expression":
                result.append(grand)
        for use in self.uses_of(function):
            call = self.parent(use)
            if call is not None and use in (
                call.child_by_field_name("function"),
                call.child_by_field_name("constructor"),
            ):
                result.append(call)
        self._calls_of[function.id] = result
        return result

    def uses_of(self, function: Node) -> list[Node]:
        """Where a variable that holds a function, or the function's own name, is used."""
        parent = self.wrapping(function)[1]
        names = [function.child_by_field_name("name")]
        if parent is not None and parent.type == "variable_declarator":
            names.append(parent.child_by_field_name("name"))
        elif parent is not None and parent.type == "assignment_expression":
            names.append(parent.child_by_field_name("left"))
        bindings = [self.binding(name) for name in names if name is not None and name.type == "identifier"]
        held = (binding for binding in bindings if binding is not None and self.function_of(binding) == function)
        return [use for binding in held for use in self.uses(binding)]

    def function_of(self, binding: Binding) -> Node | None:
        """The function that a name stands for: declared with it, or the only value that is assigned to it."""
        value = binding.value
        if value is None and binding.kind == "variable":
            assigned = [value for _, value in self.assignments(binding)]
            value = assigned[0] if len(assigned) == 1 else None
        value = self.wrapped(value)
        return value if value is not None and value.type in FUNCTIONS else None

    def definition(self, callee: Node) -> Node | None:
        """The function of this script that an expression names, where there is just one."""
        while callee.type in _WRAPPERS or callee.type == "sequence_expression":
            inner = _unwrapped(callee) if callee.type in _WRAPPERS else nth_child(callee, -1)
            if inner is None:
                return None
            callee = inner
        if callee.type in FUNCTIONS:
            return callee
        binding = self.binding(callee) if callee.type == "identifier" else None
        if binding is not None:
            return self.function_of(binding)
        return self.function_named(self.dotted(callee).rsplit(".", 1)[-1])

    def function_named(self, name: str) -> Node | None:
        """The function that is a property, a method or a global of this name, when there is just one in the script."""
        found = self.functions_named(name)
        return found[0] if len(found) == 1 else None

    def functions_named(self, name: str) -> list[Node]:
        """`x.name = function`, `name: function`, a method `name`, wherever they stand in the script."""
        if name in self._functions:
            return self._functions[name]
        found: list[Node] = []
        for mention in self.occurrences(name) or ():
            parent = self.parent(mention)
            if parent is None:
                continue
            value: Node | None = None
            if parent.type == "method_definition" and parent.child_by_field_name("name") == mention:
                value = parent
            elif parent.type == "pair" and parent.child_by_field_name("key") == mention:
                value = self._exported(parent) or parent.child_by_field_name("value")
            else:
                holder = self.parent(parent) if parent.type == "member_expression" else parent
                if (
                    holder is not None
                    and holder.type == "assignment_expression"
                    and holder.child_by_field_name("left") in (parent, mention)
                ):
                    value = holder.child_by_field_name("right")
            if value is not None and value.type in FUNCTIONS:
                found.append(value)
        self._functions[name] = found
        return found

    def _exported(self, pair: Node) -> Node | None:
        """The function `f` in `define(exports, { name: () => f })`, as bundlers write what a module exports."""
        value, holder = pair.child_by_field_name("value"), self.parent(pair)
        given = self.parent(holder) if holder is not None else None
        if value is None or value.type != "arrow_function" or given is None or given.type != "arguments":
            return None
        body = value.child_by_field_name("body")
        bare = body is not None and body.type == "identifier" and given.named_child_count == 2
        binding = self.binding(body) if body is not None and bare else None
        return self.function_of(binding) if binding is not None else None

    def returned(self, function: Node) -> list[Node]:
        """The expressions that a function may return."""
        body = function.child_by_field_name("body")
        if body is None or body.type != "statement_block":
            return [body] if body is not None else []
        result: list[Node] = []
        waiting = [body]
        while waiting:
            inner = []
            for child in waiting.pop().named_children:
                if child.type == "return_statement":
                    value = nth_child(child, 0)
                    result += [value] if value is not None else []
                elif child.type in _STATEMENTS:
                    inner.append(child)
            waiting += reversed(inner)
        return result

    def name_of(self, function: Node) -> str:
        """The name by which a function can be called; "" when it has none."""
        name = function.child_by_field_name("name")
        if name is not None:
            return self.text_of(name)
        outer, parent = self.unwrapped_parent(function)
        if parent is None:
            return ""
        if parent.type == "variable_declarator":
            target = parent.child_by_field_name("name")
            return self.text_of(target) if target is not None and target.type == "identifier" else ""
        if parent.type == "assignment_expression" and parent.child_by_field_name("right") == outer:
            return self.dotted(parent.child_by_field_name("left"))
        if parent.type in ("pair", "public_field_definition", "field_definition"):
            return self.described_method(parent) or self.key_of(parent) or self.text_of(parent.named_children[0])
        if parent.type == "arguments":  # const load = useCallback(() => …)
            call = self.parent(parent)
            holder = self.wrapping(function)[1]
            if holder == parent:
                holder = self.parent(call) if call is not None else None
            if holder is not None and holder.type == "variable_declarator":
                target = holder.child_by_field_name("name")
                return self.text_of(target) if target is not None and target.type == "identifier" else ""
        return ""

    def described_method(self, pair: Node) -> str:
        """The name of the method that an object literal describes, as compilers write classes for old browsers; or "".

        `createClass(Page, [{ key: "load", value: function () {…} }])` is `class Page { load() {…} }`.
        """
        holder = self.parent(pair)
        row = self.parent(holder) if holder is not None else None
        if holder is None or row is None or row.type != "array" or self.key_of(pair) not in ("value", "get", "set"):
            return ""
        named = [one for one in holder.named_children if one.type == "pair" and self.key_of(one) == "key"]
        value = named[0].child_by_field_name("value") if named else None
        name = self.fold(value) if value is not None else None
        outer = self.parent(row)
        return name if isinstance(name, str) and outer is not None and outer.type == "arguments" else ""

    def _member(self, node: Node, depth: int) -> list[Value]:
        target = node.child_by_field_name("object")
        name = self.dotted(node).rsplit(".", 1)[-1]
        if target is None or not name:
            return [UNKNOWN_VALUE]
        if name == "protocol" and "location" in self.text_of(target):
            return ["https:"]
        if target.type in ("identifier", "object", "array", "member_expression", "subscript_expression"):
            value = self.fold(target, depth + 1)
            if isinstance(value, dict):
                found = value.get(name)
                if found is not None and not isinstance(found, Unknown):
                    return [found]
            index = node.child_by_field_name("index")
            number = _number(self.text_of(index)) if index is not None and index.type == "number" else None
            if isinstance(value, list) and isinstance(number, int) and 0 <= number < len(value):
                return [value[number]]
        result: list[Value] = []
        spelled = self.dotted(node)
        for other in self.occurrences(name) or ():  # this.url = …, CONFIG.url = …
            holder = self.parent(other)
            if holder is None or holder.type != "member_expression":
                continue
            outer = self.parent(holder)
            if outer is None or outer.type != "assignment_expression" or outer.child_by_field_name("left") != holder:
                continue
            right = outer.child_by_field_name("right")
            inside = right is not None and right.start_byte <= node.start_byte and node.end_byte <= right.end_byte
            if right is not None and not inside and self.dotted(holder) == spelled:
                result += self._alternatives(right, depth + 2)
        if not result and spelled.startswith("this."):
            for other in self.occurrences(name) or ():  # a property of the object that `this` is
                holder = self.parent(other)
                if holder is not None and holder.type in ("pair", "public_field_definition", "field_definition"):
                    value_node = holder.child_by_field_name("value")
                    if value_node is not None and value_node.type not in FUNCTIONS:
                        result += self._alternatives(value_node, depth + 2)
        known: list[Value] = [value for value in result if not isinstance(value, Unknown)]
        return known[:_MAX_ALTERNATIVES] or [UNKNOWN_VALUE]

    def _result(self, node: Node, depth: int) -> list[Value]:
        """What a call gives: of what everybody knows, or of a function of this script."""
        value = self._call(node, depth)
        function = node.child_by_field_name("function") if isinstance(value, Unknown) else None
        called = self.definition(function) if function is not None and depth < _MAX_DEPTH else None
        if called is None and function is not None and function.type == "identifier":
            binding = self.binding(function)
            imported = binding is not None and binding.kind == "import"
            return [*(self.imported_results(self, binding) if binding is not None and imported else ())] or [value]
        # its parameters stand for what all of its calls give
        if called is None or (self.arguments(node) and len(self.calls_of(called)) > 1):
            return [value]
        results = [one for given in self.returned(called) for one in self._alternatives(given, depth + 2)]
        return [one for one in results if not isinstance(one, Unknown) and one is not None] or [value]

    def _call(self, node: Node, depth: int) -> Value:
        function = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        arguments = node.child_by_field_name("arguments")
        if function is None or arguments is None:
            return UNKNOWN_VALUE
        given = [child for child in arguments.named_children if child.type != "comment"]
        name = self.dotted(function)
        last = name.rsplit(".", 1)[-1]
        if function.type == "member_expression":
            last_node = function.child_by_field_name("property")
            last = self.text_of(last_node) if last_node is not None else last
            receiver = function.child_by_field_name("object")
            if last in ("join", "concat", "reverse", "split", "toString", "trim", "replace", "toLowerCase", "slice"):
                return self._method(receiver, last, given, depth)
            if last in ("apply", "call") and receiver is not None and self.property_name(receiver) == "fromCharCode":
                last, given = "fromCharCode", given[1:]
        if last == "fromCharCode":
            codes: list[Value] = []
            for child in given:
                code = self.fold(nth_child(child, 0) if child.type == "spread_element" else child, depth + 1)
                codes += code if isinstance(code, list) else [code]
            if codes and all(isinstance(code, int) and 0 < code < 0x110000 for code in codes):
                return "".join(chr(code) for code in codes if isinstance(code, int))
            return UNKNOWN_VALUE
        if not given:
            return UNKNOWN_VALUE
        if last in ("unescape", "decodeURIComponent", "decodeURI", "atob", "encodeURI", "String", "URL", "Boolean"):
            text = self.fold(given[0], depth + 1)
            if not isinstance(text, str):
                return UNKNOWN_VALUE
            if last in ("unescape", "decodeURIComponent", "decodeURI"):
                return urllib.parse.unquote(text, encoding="latin-1" if last == "unescape" else "utf-8")
            if last == "atob":
                return decode_base64(text) or UNKNOWN_VALUE
            if last == "URL" and len(given) > 1:
                base = self.fold(given[1], depth + 1)
                return _resolved(text, base) if isinstance(base, str) else text
            return text
        return UNKNOWN_VALUE

    def _method(self, receiver: Node | None, name: str, given: Sequence[Node], depth: int) -> Value:
        value = self.fold(receiver, depth + 1)
        first = self.fold(given[0], depth + 1) if given else None
        if name == "join" and isinstance(value, list):
            glue = "," if first is None else _as_text(first)
            if len(glue) * len(value) > _MAX_GROWTH:
                return UNKNOWN_VALUE
            return glue.join(_as_text(item) for item in value)
        if name == "reverse" and isinstance(value, list):
            return list(reversed(value))
        if not isinstance(value, str):
            return UNKNOWN_VALUE
        if name == "concat":
            return value + "".join(_as_text(self.fold(item, depth + 1)) for item in given)
        if name == "split" and isinstance(first, str):
            return list(value) if first == "" else list(value.split(first))
        if name == "replace" and len(given) > 1:
            plain = re.fullmatch(r"/([\w \-@:%]+)/(\w*)", self.text_of(given[0])) if given[0].type == "regex" else None
            wanted = plain[1] if plain is not None else first
            if isinstance(wanted, str):
                count = -1 if plain is not None and "g" in plain[2] else 1
                put = _as_text(self.fold(given[1], depth + 1))
                grown = len(put) * value.count(wanted) > _MAX_GROWTH
                return UNKNOWN_VALUE if grown and count < 0 else value.replace(wanted, put, count)
        if name == "toLowerCase":
            return value.lower()
        if name in ("toString", "trim"):
            return value
        return value if name == "replace" else UNKNOWN_VALUE

    # ---- enumeration

    def calls(self, last_name: str) -> Iterator[Node]:
        """Calls (and `new`) whose callee's last name is this one."""
        for node in self.occurrences(last_name) or ():
            current, parent = node, self.parent(node)
            if (
                parent is not None
                and parent.type == "member_expression"
                and parent.child_by_field_name("property") == node
            ):
                current, parent = parent, self.parent(parent)
            if parent is not None and self._detached(parent) == current:
                current = parent
            elif parent is not None and parent.type == "arguments" and (outer := self.parent(parent)) is not None:
                current = outer if self._detached(outer) == current else current
            current, parent = self.unwrapped_parent(current)
            if parent is not None and parent.type in ("call_expression", "new_expression"):
                callee = parent.child_by_field_name("function") or parent.child_by_field_name("constructor")
                if callee is not None and callee.id == current.id:
                    yield parent

    def arguments(self, call: Node) -> list[Node]:
        arguments = call.child_by_field_name("arguments")
        if arguments is None:
            return []
        return [child for child in arguments.named_children if child.type != "comment"]

    def given(self, call: Node) -> list[object]:
        """The arguments of a call as `CallPattern` takes them."""
        return [known_value(self.fold(argument)) for argument in self.arguments(call)]

    def in_comment(self, offset: int) -> bool:
        return self.node_at(offset).type in ("comment", "html_comment")


def known_value(value: Value) -> object:
    """A folded value as CallPattern takes it: None for what is not known."""
    if isinstance(value, Unknown):
        return None
    if isinstance(value, list):
        return [known_value(item) for item in value]
    if isinstance(value, dict):
        return {key: known_value(item) for key, item in value.items()}
    if isinstance(value, str) and UNKNOWN in value and value.strip(UNKNOWN) == "":
        return None
    return value


def _unwrapped(wrapper: Node) -> Node | None:
    """What stands in brackets, in a cast or behind `await`."""
    return nth_child(wrapper, -1 if wrapper.type == "type_assertion" else 0)


def _number(text: str) -> Value:
    text = text.replace("_", "").rstrip("n")
    try:
        return int(text, 0) if not re.search(r"[.eE]", text) or text[:2].lower() == "0x" else float(text)
    except ValueError:
        return int(text, 8) if re.fullmatch(r"0[0-7]+", text) else UNKNOWN_VALUE


def _resolved(address: str, base: str) -> str:
    """An address relative to another."""
    try:
        return urllib.parse.urljoin(base, address)
    except ValueError:  # brackets that hold no IPv6 address
        return address


def _as_text(value: Value) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list):
        return ",".join(_as_text(item) for item in value)
    return UNKNOWN


_ESCAPE = lazy_re.compile(r"\\(?:u\{([0-9a-fA-F]{1,6})\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|[\s\S]))")
_SIMPLE = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": "", "\r": ""}


def unescape(text: str) -> str:
    """The value of a JavaScript string's inside."""
    if "\\" not in text:
        return text

    def replace(match: re.Match[str]) -> str:
        code = match[1] or match[2] or match[3]
        if code:
            number = int(code, 16)
            return chr(number) if number < 0x110000 else UNKNOWN
        return _SIMPLE.get(match[4], match[4])

    return _ESCAPE.sub(replace, text)


def decode_base64(text: str) -> str | None:
    """The text that a base64 string holds; None when it holds none."""
    compact = re.sub(r"\s", "", text)
    if len(compact) < 16 or not re.fullmatch(r"[A-Za-z0-9+/_-]+={0,2}", compact):
        return None
    try:
        raw = base64.b64decode(compact.replace("-", "+").replace("_", "/") + "=" * (-len(compact) % 4))
        decoded = raw.decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return html.unescape(decoded) if decoded.isprintable() or "<" in decoded or "//" in decoded else None
