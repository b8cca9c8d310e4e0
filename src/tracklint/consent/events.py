"""Custom events: the calls of a script that fire one, and what they tell with it."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from tracklint.script import Script

_DISPATCHERS = (
    "dispatchEvent",
    "trigger",
    "emit",
    "triggerEvent",
    "fire",
    "publish",
    "triggerHandler",
    "dispatch",
    "$emit",
)


def firing(script: Script, event: str) -> Iterator[Node]:
    """The calls of a script that fire a custom event."""
    for dispatcher in _DISPATCHERS:
        for call in script.calls(dispatcher):
            if _fires(script, call, event):
                yield call


def _fires(script: Script, call: Node, event: str) -> bool:
    for argument in script.arguments(call):
        creation = _creation(script, argument)
        inner = script.arguments(creation) if creation is not None else []
        if script.fold(argument) == event or (inner and script.fold(inner[0]) == event):
            return True
    return False


def _creation(script: Script, argument: Node) -> Node | None:
    """`new CustomEvent(…)`, there or in the variable."""
    if argument.type == "identifier":
        binding = script.binding(argument)
        if binding is None or binding.value is None:
            return None
        argument = binding.value
    return argument if argument.type == "new_expression" else None


def detail_of(script: Script, call: Node) -> Node | None:
    """What a call that fires an event tells with it."""
    for argument in script.arguments(call):
        creation = _creation(script, argument)
        options = script.arguments(creation)[1:2] if creation is not None else []
        for pair in options[0].named_children if options else ():
            if pair.type == "pair" and script.key_of(pair) == "detail":
                return pair.child_by_field_name("value")
            if pair.type == "shorthand_property_identifier" and script.text_of(pair) == "detail":
                return pair
    return None
