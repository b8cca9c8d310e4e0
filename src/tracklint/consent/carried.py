"""What becomes of an address that stands in data: the places that take it out of lists, objects and modules decide.

export const survey = { name: "survey", url: "https://…" };           // one module
[survey, chat].filter((tag) => agreed(tag.name)).forEach(insert);     // another
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from tree_sitter import Node

from tracklint.consent.flow import Flow
from tracklint.consent.reach import Reach, any_of
from tracklint.script import FUNCTIONS, Script, nth_child

Uses: TypeAlias = Callable[[Script, str], Iterator[tuple[Flow, Node]]]

_SAME_ITEMS = frozenset("concat slice flat sort reverse values toSorted toReversed".split())
_ADDS = frozenset({"push", "unshift"})
_FOR_EACH = frozenset({"forEach", "map", "flatMap", "some", "every", "find"})
_CONTAINERS = frozenset({"array", "spread_element", "ternary_expression", "binary_expression", "subscript_expression"})
_MAX_STEPS = 60


def carried(flow: Flow, holder: Node, uses: Uses, facade: bool) -> Reach | None:
    """The reach of what is done with an object's entry or an export; None when nothing is known to be.

    `uses` gives the places in other files that stand for an exported name.
    """
    journey = _Journey(uses, facade)
    if holder.type in ("pair", "method_definition", "shorthand_property_identifier"):
        return journey.entry(flow, holder, ())
    return any_of(list(journey.exported(flow, holder, ())))


@dataclass
class _Journey:
    uses: Uses
    facade: bool
    seen: set[tuple[int, int, int]] = field(default_factory=set)

    def follow(self, flow: Flow, expression: Node, keys: tuple[str, ...]) -> Reach | None:
        """The reach of what is done with a value; `keys` lead from it to the address, the outermost last."""
        key = (id(flow.script), expression.start_byte, expression.end_byte)
        if key in self.seen:
            return None
        self.seen.add(key)
        here = flow.reach(expression, self.facade)
        if here.state in ("gated", "dead") or len(self.seen) > _MAX_STEPS:
            return here
        return self._onwards(flow, expression, keys)

    def _onwards(self, flow: Flow, expression: Node, keys: tuple[str, ...]) -> Reach | None:
        script = flow.script
        node, parent = script.unwrapped_parent(expression)
        if parent is None:
            return None
        kind = parent.type
        if kind in _CONTAINERS:
            return self.follow(flow, parent, keys)
        if kind == "pair":
            return self.entry(flow, parent, keys)
        if kind == "object" and node.type == "shorthand_property_identifier":
            return self.entry(flow, node, keys)
        if kind in ("variable_declarator", "assignment_expression"):
            target = parent.child_by_field_name("name") or parent.child_by_field_name("left")
            if target is not None and target.type == "member_expression":
                return flow.reach(parent, self.facade)
            return self._named(flow, target, keys)
        if kind == "for_in_statement":
            return self._named(flow, parent.child_by_field_name("left"), keys)
        if kind in ("return_statement", "arrow_function"):
            function = parent if kind == "arrow_function" else script.enclosing(parent, FUNCTIONS)
            return self._returned(flow, function, keys) if function is not None else None
        if kind in ("export_statement", "export_specifier"):
            return any_of(list(self.exported(flow, parent, keys)))
        if kind == "member_expression" and parent.child_by_field_name("object") == node:
            return self._member(flow, parent, keys)
        if kind == "arguments":
            return self._argument(flow, parent, node, keys)
        return flow.reach(node, self.facade)

    def entry(self, flow: Flow, entry: Node, keys: tuple[str, ...]) -> Reach | None:
        holder = flow.script.parent(entry)
        key = flow.script.key_of(entry) or flow.script.text_of(entry)
        return self.follow(flow, holder, (*keys, key)) if holder is not None and holder.type == "object" else None

    def _named(self, flow: Flow, target: Node | None, keys: tuple[str, ...]) -> Reach | None:
        script = flow.script
        name = next(_identifiers(target), None) if target is not None else None
        binding = script.binding(name) if name is not None else None
        if name is None or binding is None:
            return None
        ways = [self.follow(flow, use, keys) for use in script.uses(binding)]
        declarator = script.parent(name)
        if declarator is not None and declarator.type == "variable_declarator":
            declaration = script.parent(declarator)
            above = script.parent(declaration) if declaration is not None else None
            if above is not None and above.type == "export_statement":
                ways += self.exported(flow, name, keys)
        return _known(ways)

    def exported(self, flow: Flow, export: Node, keys: tuple[str, ...]) -> Iterator[Reach]:
        text = flow.script.text_of(export)
        default = export.type == "export_statement" and "default" in text[:20]
        for name in ["default"] if default else [flow.script.text_of(one) for one in _identifiers(export)][:1]:
            for other, use in self.uses(flow.script, name):
                way = self.follow(other, use, keys)
                if way is not None:
                    yield way

    def _returned(self, flow: Flow, function: Node, keys: tuple[str, ...]) -> Reach | None:
        script = flow.script
        ways = [self.follow(flow, call, keys) for call in script.calls_of(function)]
        name = script.name_of(function)
        if name and script.enclosing(script.parent(function) or function, FUNCTIONS) is None:
            for other, use in self.uses(script, name):
                call = other.script.parent(use)
                if call is not None and call.type == "call_expression":
                    ways.append(self.follow(other, call, keys))
        return _known(ways)

    def _member(self, flow: Flow, member: Node, keys: tuple[str, ...]) -> Reach | None:
        script = flow.script
        prop = member.child_by_field_name("property")
        name = script.text_of(prop) if prop is not None else ""
        call = script.parent(member)
        if call is None or call.type != "call_expression" or call.child_by_field_name("function") != member:
            if keys and name == keys[-1]:
                return self.follow(flow, member, keys[:-1]) if len(keys) > 1 else flow.reach(member, self.facade)
            return None  # another entry of the object
        callback = next(iter(script.arguments(call)), None)
        if name == "filter" and callback is not None:
            return flow.let_through(callback) or self.follow(flow, call, keys)
        if name in _SAME_ITEMS:
            return self.follow(flow, call, keys)
        if name in _FOR_EACH and callback is not None:
            return self._into(flow, flow, callback, 0, keys) or flow.reach(call, self.facade)
        return None  # `includes`, `length`: what is asked of a list takes nothing out of it

    def _argument(self, flow: Flow, arguments: Node, node: Node, keys: tuple[str, ...]) -> Reach | None:
        script = flow.script
        call = script.parent(arguments)
        if call is None:
            return None
        callee = call.child_by_field_name("function") or call.child_by_field_name("constructor")
        if callee is not None and callee.type == "member_expression":
            prop = callee.child_by_field_name("property")
            if prop is not None and script.text_of(prop) in _ADDS:
                return self._named(flow, callee.child_by_field_name("object"), keys)
        found = flow.values.definition(callee) if callee is not None else None
        index = next((at for at, one in enumerate(script.arguments(call)) if one == node), 0)
        if found is not None:
            owner, function = found
            within = self._into(flow, flow if owner is script else flow.beside(owner), function, index, keys)
            if within is not None:
                return within
        return flow.reach(call, self.facade)

    def _into(self, caller: Flow, flow: Flow, function: Node, index: int, keys: tuple[str, ...]) -> Reach | None:
        """Through a parameter of a function that is given the value."""
        if function.type not in FUNCTIONS:
            found = caller.values.definition(function)
            if found is None:
                return None
            owner, function = found
            flow = caller if owner is caller.script else caller.beside(owner)
        parameters = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
        if parameters is None:
            return None
        parameter = parameters if parameters.type == "identifier" else nth_child(parameters, index)
        return self._named(flow, parameter, keys) if parameter is not None else None


def _identifiers(node: Node) -> Iterator[Node]:
    stack = [node]
    while stack:
        one = stack.pop()
        if one.type in ("identifier", "type_identifier"):
            yield one
        elif one.type not in ("type_annotation", "statement_block", "object", "array"):
            stack.extend(reversed(one.named_children))


def _known(ways: list[Reach | None]) -> Reach | None:
    return any_of([way for way in ways if way is not None])
