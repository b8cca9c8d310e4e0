"""Functions and components of the site that hand what they are given on to a tracker, and what other files give them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tree_sitter import Node

from tracklint.detect.origins import entries, origins
from tracklint.ruleset import Service
from tracklint.script import JSX_TAGS, Binding, Script, imported_names, nth_child

if TYPE_CHECKING:
    from tracklint.project import Project

# (call, what it sends, to whom) of each call of a script that hands something to a tracker
Calls = Callable[[Script, "Project"], Iterator[tuple[Node, list[Node], Service]]]

_MAX_USES = 60  # of one imported name


class _Taken(NamedTuple):
    """What of a function's parameters goes to a tracker: the parameter at this place, or its property of this name."""

    place: int
    key: str
    service: Service


def handed(script: Script, project: Project, calls: Calls) -> Iterator[tuple[Node, list[Node], Service]]:
    """The same as `calls` of calls and elements of a script, whose function stands in another file and does the sending."""
    for binding, path in _imports(script, project):
        if not project.modules.sends_events(path):
            continue
        for use in list(script.uses(binding))[:_MAX_USES]:
            place, name = _started(script, use)
            function = project.imported_function(script, binding, name) if place is not None else None
            if place is None or function is None:
                continue
            given: dict[str, tuple[list[Node], Service]] = {}
            for taken in _taken(*function, project, calls):
                given.setdefault(taken.service.slug, ([], taken.service))[0].extend(_given(script, place, taken))
            for parts, service in given.values():
                yield place, parts, service


def _imports(script: Script, project: Project) -> Iterator[tuple[Binding, str]]:
    for statement in script.root.named_children:
        source = statement.child_by_field_name("source") if statement.type == "import_statement" else None
        specifier = script.fold_text(source) if source is not None else None
        path = project.modules.resolve(script.file.path, specifier) if specifier else None
        if path is None:
            continue
        for name in imported_names(statement):
            binding = script.binding(name)
            if binding is not None and binding.kind == "import":
                yield binding, path


def _started(script: Script, use: Node) -> tuple[Node | None, str]:
    """The call or element that starts what a name stands for, and which of its methods; (None, "") for another use."""
    parent = script.parent(use)
    if parent is None:
        return None, ""
    if parent.type in JSX_TAGS and parent.child_by_field_name("name") == use:
        return parent, ""
    if parent.type == "call_expression" and parent.child_by_field_name("function") == use:
        return parent, ""
    if parent.type == "member_expression" and parent.child_by_field_name("object") == use:
        call, name = script.parent(parent), parent.child_by_field_name("property")
        if call is not None and name is not None and call.child_by_field_name("function") == parent:
            return call, script.text_of(name)
    return None, ""


def _stands_in(node: Node, holder: Node) -> bool:
    return holder.start_byte <= node.start_byte and node.end_byte <= holder.end_byte


def _taken(script: Script, function: Node, project: Project, calls: Calls) -> Sequence[_Taken]:
    """What of its parameters a function sends itself."""
    found: dict[_Taken, None] = {}
    for call, parts, service in calls(script, project):
        if _stands_in(call, function):
            for part in parts:
                for node in origins(script, part):
                    place = _parameter(script, node, function)
                    if place is not None:
                        found[_Taken(*place, service)] = None
    return list(found)


def _parameter(script: Script, node: Node, function: Node) -> tuple[int, str] | None:
    """Which parameter of the function a value is, and which of its properties, "" for all of it."""
    key = ""
    if node.type == "member_expression":
        target, name = node.child_by_field_name("object"), node.child_by_field_name("property")
        if target is None or name is None or target.type != "identifier":
            return None
        node, key = target, script.text_of(name)
    if node.type not in ("identifier", "shorthand_property_identifier"):
        return None
    binding = script.binding(node)
    if binding is None or binding.kind != "parameter" or binding.scope.id != function.id:
        return None
    index = script.parameter_index(function, binding.declaration)
    holder = script.parent(binding.declaration)
    if holder is not None and holder.type == "pair_pattern":
        key = script.text_of(nth_child(holder, 0) or binding.declaration)
    elif binding.declaration.type == "shorthand_property_identifier_pattern":
        key = binding.name
    return (index, key) if index is not None else None


def _given(script: Script, place: Node, taken: _Taken) -> Iterator[Node]:
    """The values that a call or an element gives for what is sent on."""
    if place.type in JSX_TAGS:
        for attribute in place.named_children if taken.place == 0 else ():
            name, value = nth_child(attribute, 0), nth_child(attribute, 1)
            named = attribute.type == "jsx_attribute" and name is not None
            if named and value is not None and taken.key in ("", script.text_of(name or attribute)):
                yield value
        return
    arguments = script.arguments(place)
    if taken.place >= len(arguments):
        return
    argument = arguments[taken.place]
    if not taken.key:
        yield argument
    else:
        yield from entries(script, argument, taken.key)
