"""Where a value in a script comes from: followed backwards through variables, assignments and the script's own functions."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from tracklint import lazy_re
from tracklint.script import FUNCTIONS, Binding, Script

_DOMAIN = lazy_re.compile(r"\.split\(\s*[\"'`]@[\"'`]\s*\)\s*\[1\]$")  # of an address of mail, which is nobody's
_MAX_NODES = 600  # looked at for one value
_MAX_HOPS = 4  # variables and functions between a value and where it is used
_TESTS = frozenset({"===", "!==", "==", "!=", "<", ">", "<=", ">=", "in", "instanceof"})
_LEAVES = frozenset({"string", "regex", "comment", "number", "true", "false", "null", "undefined", *FUNCTIONS})
# Properties and methods that tell something about a value without being it.
_ABOUT = frozenset(
    "length size valid validity checked disabled required type tagName indexOf includes startsWith endsWith test match "
    "search some every has hasOwnProperty addEventListener".split()
)
# Functions of which the result still is what they were given.
_THROUGH = frozenset(
    "String encodeURIComponent encodeURI escape stringify trim toLowerCase toUpperCase toString replace replaceAll slice "
    "substr substring concat join split assign fromEntries btoa URLSearchParams URL Object JSON normalize format push "
    "md5 sha1 sha256 hash".split()
)


def origins(script: Script, node: Node) -> Iterator[Node]:
    """The expressions that a value is made of: itself, its parts, and what the names in it stand for.

    What is only asked of a value (its length, a comparison) and what is given to unknown functions is left out.
    """
    pending: list[tuple[Node, int]] = [(node, 0)]
    seen: set[int] = set()
    while pending and len(seen) < _MAX_NODES:
        current, hops = pending.pop()
        if current.id in seen:
            continue
        seen.add(current.id)
        if current.type in _LEAVES:
            continue
        yield current
        pending += [(part, hops) for part in reversed(_parts(script, current))]
        if hops < _MAX_HOPS:
            pending += [(value, hops + 1) for value in _meanings(script, current)]


def _parts(script: Script, node: Node) -> list[Node]:
    kind = node.type
    if kind == "binary_expression":
        operator = node.child_by_field_name("operator")
        if operator is not None and script.text_of(operator) in _TESTS:
            return []
    if kind == "unary_expression":
        return []
    if kind == "ternary_expression":
        branches = (node.child_by_field_name("consequence"), node.child_by_field_name("alternative"))
        return [branch for branch in branches if branch is not None]
    if kind == "member_expression":
        name = node.child_by_field_name("property")
        target = node.child_by_field_name("object")
        if target is None or (name is not None and script.text_of(name) in _ABOUT) or target.type == "identifier":
            return []
        return [target]
    if kind == "subscript_expression":  # what is looked up is the code's own, whoever chose it
        holder = node.child_by_field_name("object")
        whole = holder is not None and _DOMAIN.search(script.text_of(node)[-40:]) is None
        return [holder] if holder is not None and whole else []
    if kind == "as_expression" and node.named_children[-1].type == "type_identifier":
        return []  # one of the words that the type lists
    if kind == "pair":
        value = node.child_by_field_name("value")
        return [value] if value is not None else []
    if kind in ("call_expression", "new_expression"):
        callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        if callee is None or (
            script.dotted(callee).rsplit(".", 1)[-1].split("(")[0] not in _THROUGH and not _method(script, callee)
        ):
            return []
        receiver = callee.child_by_field_name("object") if callee.type == "member_expression" else None
        return [*([receiver] if receiver is not None else []), *script.arguments(node)]
    return [child for child in node.named_children if child.type != "property_identifier"]


def _method(script: Script, callee: Node) -> bool:
    name = callee.child_by_field_name("property") if callee.type == "member_expression" else None
    return name is not None and script.text_of(name) in _THROUGH


def _meanings(script: Script, node: Node) -> Iterator[Node]:
    """What a name stands for, and what a function of this script returns."""
    if node.type in ("identifier", "shorthand_property_identifier"):
        binding = script.binding(node)
        if binding is None or binding.kind not in ("variable", "parameter"):
            return
        if binding.kind == "parameter":
            yield from script.arguments_for(binding)
            return
        if binding.value is not None and not _destructured(script, binding.declaration):
            yield binding.value
        for _, value in script.assignments(binding):
            yield value
        yield from _states(script, binding)
        if binding.value is not None and binding.value.type == "object":
            yield from (put for use in script.uses(binding) if (put := _put_into(script, use)) is not None)
    elif node.type == "member_expression" and script.dotted(node).startswith("this.state."):
        for call in script.calls("setState"):
            for given in script.arguments(call)[:1]:
                yield from entries(script, given, script.dotted(node).removeprefix("this.state."))
    elif node.type == "call_expression":
        callee = node.child_by_field_name("function")
        if callee is None or callee.type != "identifier":
            return
        binding = script.binding(callee)
        function = binding.value if binding is not None else None
        if function is not None and function.type in FUNCTIONS:
            yield from _returned(function)


def _states(script: Script, binding: Binding) -> Iterator[Node]:
    """What a state is set to: `const [term, setTerm] = useState('')`, `setTerm(event.target.value)`."""
    _, setter = script.state(binding) or (None, None)
    bound = script.binding(setter) if setter is not None else None
    for use in script.uses(bound) if bound is not None else ():
        call = script.parent(use)
        if call is not None and call.type == "call_expression" and call.child_by_field_name("function") == use:
            yield from script.arguments(call)[:1]


def entries(script: Script, holder: Node, key: str) -> Iterator[Node]:
    """The entries of an object under a key."""
    for child in holder.named_children if holder.type == "object" else ():
        if (child.type == "pair" and script.key_of(child) == key) or (
            child.type == "shorthand_property_identifier" and script.text_of(child) == key
        ):
            yield child


def _put_into(script: Script, use: Node) -> Node | None:
    """The value in `details.reason = value`, of a use of the name `details`."""
    member = script.parent(use)
    if member is None or member.type not in ("member_expression", "subscript_expression"):
        return None
    outer = script.parent(member)
    if outer is None or outer.type != "assignment_expression" or member.child_by_field_name("object") != use:
        return None
    return outer.child_by_field_name("right") if outer.child_by_field_name("left") == member else None


def _destructured(script: Script, declaration: Node) -> bool:
    holder = script.parent(declaration)
    return holder is None or holder.type != "variable_declarator"


def _returned(function: Node) -> Iterator[Node]:
    body = function.child_by_field_name("body")
    if body is None:
        return
    if body.type != "statement_block":
        yield body
        return
    pending = [body]
    looked = 0
    while pending and looked < _MAX_NODES:
        node = pending.pop()
        looked += 1
        if node.type == "return_statement":
            yield from node.named_children
        elif node.type not in FUNCTIONS:
            pending += node.named_children
