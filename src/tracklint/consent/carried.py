"""What becomes of an address that stands in data: the places that take it out of lists, objects and modules decide.

export const survey = { name: "survey", url: "https://…" };           // one module
[survey, chat].filter((tag) => agreed(tag.name)).forEach(insert);     // another
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from tree_sitter import Node

from tracklint.consent.flow import Flow
from tracklint.consent.reach import Reach, any_of
from tracklint.script import FUNCTIONS, Script, nth_child

Uses: TypeAlias = Callable[[Script, str], Iterator[tuple[Flow, Node]]]

_SAME_ITEMS = frozenset("concat slice flat sort reverse values toSorted toReversed".split())
_ADDS = frozenset({"push", "unshift"})
_FOR_EACH = frozenset({"forEach", "map", "flatMap", "some", "every", "find"})
_NAMES_ENTRY = frozenset("pair jsx_attribute property_signature method_signature".split())
_CONTAINERS = frozenset({"array", "spread_element", "ternary_expression", "binary_expression", "subscript_expression"})
_MAX_STEPS = 60
_ROWS = range(8, 101)  # of a catalogue: of fewer, a site has each for a use of its own; more are data


class Row(NamedTuple):
    """An entry of a catalogue out of which others take what they name: `Layers.providers[name]`."""

    catalogue: str  # its path
    rows: tuple[str, ...]  # the names of all that it holds
    name: str
    variant: str  # of the row, and all the names that it could have; "" and none where the row itself is meant
    variants: tuple[str, ...]


def row_around(script: Script, node: Node) -> Row | None:
    """The row of a catalogue that a place stands in; None where the catalogue may be used as a whole as well."""
    pairs: list[Node] = []
    holder: Node | None = None
    for above in reversed(script.ancestors(node)):
        if above.type == "pair":
            pairs.append(above)
        elif above.type == "assignment_expression":
            holder = above.child_by_field_name("left")
            break
        elif above.type not in ("object", "string", "binary_expression", "parenthesized_expression", "template_string"):
            return None
    if holder is None or holder.type != "member_expression" or not pairs:
        return None
    pairs.reverse()
    table, path = script.parent(pairs[0]), script.dotted(holder)
    if table is None or table.named_child_count not in _ROWS or not path or not _is_asked_by_name(script, path):
        return None
    variant = pairs[2] if len(pairs) > 2 else None  # `Name: { variants: { Night: { url: … } } }`
    return Row(
        path,
        _siblings(script, pairs[0]),
        script.key_of(pairs[0]),
        script.key_of(variant) if variant is not None else "",
        _siblings(script, variant) if variant is not None else (),
    )


def _siblings(script: Script, pair: Node) -> tuple[str, ...]:
    holder = script.parent(pair)
    members = holder.named_children if holder is not None else ()
    return tuple(script.key_of(member) for member in members if member.type == "pair")


def _is_asked_by_name(script: Script, path: str) -> bool:
    """Whether all that a script does with a member is to take entries out of it whose names it is given."""
    asked = False
    for mention in script.occurrences(path.rpartition(".")[2]) or ():
        member = script.parent(mention)
        if member is None or member.type != "member_expression" or script.dotted(member) != path:
            continue
        parent = script.parent(member)
        if parent is None or (parent.type == "assignment_expression" and parent.child_by_field_name("left") == member):
            continue
        uses: list[Node] = [member]
        if parent.type == "variable_declarator":
            name = parent.child_by_field_name("name")
            binding = script.binding(name) if name is not None and name.type == "identifier" else None
            if binding is None:
                return False
            uses = [use for use in script.uses(binding) if use != name]
        for use in uses:
            taking = script.parent(use)
            if taking is None or taking.type != "subscript_expression" or taking.child_by_field_name("object") != use:
                return False
            asked = asked or script.fold_text(taking.child_by_field_name("index")) is None
    return asked


def carried(flow: Flow, holder: Node, uses: Uses, facade: bool) -> Reach | None:
    """The reach of what is done with an object's entry or an export; None when nothing is known to be.

    `uses` gives the places in other files that stand for an exported name.
    """
    journey = _Journey(uses, facade)
    if holder.type in ("pair", "method_definition", "shorthand_property_identifier"):
        return journey.entry(flow, holder, ())
    return any_of(list(journey.exported(flow, holder, ())))


def taken_by_name(mentions: Iterable[tuple[Flow, Node]], facade: bool) -> Reach | None:
    """What closes every place that takes out an entry of a name that stands for one thing; None where one is open.

    `mentions` are all places where the name stands. Where an entry of the same name is given what was taken out, whoever
    takes that out is among them.
    """
    found: Reach | None = None
    for flow, mention in mentions:
        taken = _taken_at(flow.script, mention)
        if taken is None:
            return None
        for expression in taken:
            if flow.script.is_only_asked_for(expression) or _is_handed_on(flow.script, expression, mention):
                continue
            way = flow.reach(expression, facade)
            if way.state != "gated":
                return None
            found = found or way
    return found


def _taken_at(script: Script, mention: Node) -> Sequence[Node] | None:
    """The expressions that stand for what is taken out where a name stands, none where it is given; None where nobody can tell."""
    parent = script.parent(mention)
    kind = parent.type if parent is not None else ""
    if parent is None or mention.type in ("identifier", "shorthand_property_identifier") or kind in _NAMES_ENTRY:
        return ()
    if kind == "member_expression" and parent.child_by_field_name("property") == mention:
        outer = script.parent(parent)
        given = outer is not None and outer.child_by_field_name("left") == parent and "assignment" in outer.type
        return () if given else (parent,)
    if mention.type == "shorthand_property_identifier_pattern":
        binding = script.binding(mention)
        return script.uses(binding) if binding is not None else None
    return None


def _is_handed_on(script: Script, expression: Node, mention: Node) -> bool:
    """Whether a value goes, as it is, into another entry of the same name."""
    _, parent = script.unwrapped_parent(expression)
    if parent is not None and parent.type == "jsx_expression":
        parent = script.parent(parent)
    name = nth_child(parent, 0) if parent is not None and parent.type in ("pair", "jsx_attribute") else None
    if parent is not None and parent.type == "jsx_attribute":
        tag = script.parent(parent)
        component = tag.child_by_field_name("name") if tag is not None else None
        if component is None or not script.text_of(component)[:1].isupper():
            return False
    return name is not None and script.text_of(name) == script.text_of(mention)


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
        alias = export.child_by_field_name("alias")  # `export { load as start }`
        named = [alias] if alias is not None else _identifiers(export)
        for name in ["default"] if default else [flow.script.text_of(one) for one in named][:1]:
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
