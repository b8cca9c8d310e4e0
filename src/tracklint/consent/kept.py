"""The state of a component of Vue, Svelte or Angular that means nothing is shown until the visitor clicks: `playing = false`.

Where all that gives the state another value is what the visitor does, in its template or by a method that the template
names, the state is as it begins before that. What others may set, by a binding or a reference, is no such state.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from tree_sitter import Node

from tracklint import lazy_re
from tracklint.consent.flow import GESTURES, Flow, asks_to_decline
from tracklint.consent.world import Abstract
from tracklint.markup import Document, Element
from tracklint.script import FUNCTIONS, Script

_NOTHING = frozenset({"null", "undefined", "''", '""', "``", "-1", "void 0"})
_OFF = _NOTHING | {"false"}
_CELLS = frozenset({"ref", "shallowRef", "$state"})  # what holds one value for a template
_ONLY_READ = frozenset("watch watchEffect computed unref toValue isRef console.log".split())
_ATTRIBUTE = lazy_re.compile(
    r"(?P<name>[^\s=<>\"'{}]+)\s*=\s*(?:\"(?P<double>[^\"]*)\"|'(?P<single>[^']*)'|\{(?P<braces>(?:[^{}]|\{[^{}]*\})*)\})"
)
_EVENT = lazy_re.compile(r"(?:@|v-on:|x-on:|on:|\(|on)(?P<event>[a-z]+)")
_BOUND_BOTH_WAYS = lazy_re.compile(r"v-model\b.*|bind:.*|\[\(.*|.*\.sync")
_LOOP = lazy_re.compile(r"v-for|v-slot(?:[:.].*)?|slot-scope|#.*|let:.*|\*ngfor|let-.*", re.IGNORECASE)
_EACH = lazy_re.compile(r"\{#(?:each|await)\b[^{}]{0,300}\b(?:as|then)\b(?P<names>[^{}]{0,200})")


def kept_state(
    document: Document, name: str, scripts: Sequence[Script], flow_of: Callable[[Script], Flow]
) -> Abstract | None:
    """What a name in a template stands for as long as nobody clicks; None where it may change by itself, or is no state."""
    begun: list[str] = []
    clicked = 0
    for script in scripts:
        found = _in_script(script, name, flow_of(script), document)
        if found is None:
            return None
        begun += found[0]
        clicked += found[1]
    written = _in_template(document, name, scripts) if len(begun) == 1 and begun[0] in _OFF else None
    if written is None or clicked + written == 0:
        return None
    return Abstract("absent", consent=True, named=name, unset=begun[0] in _NOTHING)


def _in_script(script: Script, name: str, flow: Flow, document: Document) -> tuple[list[str], int] | None:
    """(what the state begins with, how often a click sets it) in a script; None if anything else may set it."""
    mentions = script.occurrences(name)
    if mentions is None or "Object.assign(this" in script.text:
        return None
    begun: list[str] = []
    clicked = 0
    for mention in mentions:
        parent = script.parent(mention)
        if parent is None:
            continue
        beginning = _beginning(script, mention, parent)
        if beginning is not None:
            begun.append(beginning)
            continue
        target, holder = mention, parent
        if holder.type == "member_expression":
            target, holder = holder, script.parent(holder) or holder
            if target.child_by_field_name("object") == mention and script.property_name(target) != "value":
                continue  # something of its value is read
        if holder.type in ("update_expression", "augmented_assignment_expression") or (
            holder.type == "assignment_expression" and holder.child_by_field_name("left") == target
        ):
            right = holder.child_by_field_name("right")
            if holder.type == "assignment_expression" and right is not None and script.text_of(right) in _OFF:
                continue
            way = flow.reach(holder, facade=True)
            if way.state != "gated" and not (
                way.mechanism == "uncalled" and _is_named_by_clicks(script, holder, document)
            ):
                return None
            clicked += 1
        elif _hands_on(script, mention, parent):
            return None
    return begun, clicked


def _is_named_by_clicks(script: Script, place: Node, document: Document) -> bool:
    """Whether a place stands in a function that handlers of the template alone name, each of what the visitor does."""
    function = script.enclosing(place, FUNCTIONS)
    name = script.name_of(function) if function is not None else ""
    if not name or len(script.occurrences(name) or ()) != 1:
        return False
    word = re.compile(rf"(?<![\w$.-]){re.escape(name)}(?![\w$-])")
    naming = [
        attribute
        for element in document.elements
        if element.tag != "script"
        for attribute, value in _attributes(document.file.text[element.span.start : element.span.end])
        if word.search(value)
    ]
    return bool(naming) and len(naming) == len(word.findall(document.file.text)) - 1 and all(map(_is_gesture, naming))


def _beginning(script: Script, mention: Node, parent: Node) -> str | None:
    """The text of the value that a state is declared with; None where a name is only used."""
    value = parent.child_by_field_name("value")
    if parent.type == "variable_declarator" and parent.child_by_field_name("name") == mention:
        if script.enclosing(parent, {"export_statement", *FUNCTIONS}) is not None and not _is_setup(script, parent):
            return "a property"
        if value is not None and value.type == "call_expression":
            cell = script.dotted(value.child_by_field_name("function"))
            given = script.arguments(value)
            return (script.text_of(given[0]) if given else "undefined") if cell in _CELLS else "a call"
        return script.text_of(value) if value is not None else "undefined"
    if parent.type == "pair" and parent.child_by_field_name("key") == mention and value is not None:
        function = script.enclosing(parent, FUNCTIONS)
        if function is not None and script.key_of(function) == "data" and _returned_whole(script, parent, function):
            return script.text_of(value)
    if parent.type in ("public_field_definition", "field_definition") and value is not None:
        return "a property" if "@" in script.text_of(parent) else script.text_of(value)
    return None


def _is_setup(script: Script, declarator: Node) -> bool:
    function = script.enclosing(declarator, FUNCTIONS)
    return function is not None and function.type == "method_definition" and script.key_of(function) == "setup"


def _returned_whole(script: Script, pair: Node, function: Node) -> bool:
    holder = script.parent(pair)
    _, above = script.unwrapped_parent(holder) if holder is not None else (None, None)
    return above is not None and (above.type == "return_statement" or above.id == function.id)


def _hands_on(script: Script, mention: Node, parent: Node) -> bool:
    """Whether what holds the state is given to other code, which may set it."""
    if parent.type == "arguments":
        call = script.parent(parent)
        called = script.dotted(call.child_by_field_name("function")) if call is not None else ""
        return called not in _ONLY_READ
    if parent.type == "object" and mention.type == "shorthand_property_identifier":
        return script.enclosing(parent, {"return_statement", *FUNCTIONS}) is None or (
            (script.parent(parent) or parent).type not in ("return_statement", "arguments")
        )
    return parent.type in ("object_pattern", "array_pattern", "variable_declarator", "assignment_expression")


def _in_template(document: Document, name: str, scripts: Sequence[Script]) -> int | None:
    """How often a click in the template sets a state; None if anything else in it does, or gives the name another meaning."""
    text = document.file.text
    word = rf"(?<![\w$.'\"-]){re.escape(name)}(?![\w$-])"
    sets = re.compile(
        rf"(?:(?:this|\$data)\.)?{word}(?:\.value)?\s*(?:(?P<sign>=)(?![=>])|\|\|=|&&=|\?\?=|\+\+|--|[-+*/]=)\s*(?P<to>[^\s;,)}}]*)"
    )
    named = re.compile(word)
    if any(named.search(each["names"]) for each in _EACH.finditer(text)):
        return None
    clicked = 0
    for element in document.elements:
        if element.tag == "script":
            continue
        for attribute, value in _attributes(text[element.span.start : element.span.end]):
            if _LOOP.fullmatch(attribute) and named.search(value.split(" of ")[0].split(" in ")[0]):
                return None
            if _BOUND_BOTH_WAYS.fullmatch(attribute) and (named.search(value) or attribute.endswith(f":{name}")):
                return None
            for match in sets.finditer(value):
                if match["sign"] and match["to"] in _OFF:
                    continue
                if not _is_gesture(attribute) or asks_to_decline(_described(document, element)):
                    return None
                clicked += 1
    return clicked


def _attributes(tag: str) -> Iterator[tuple[str, str]]:
    for match in _ATTRIBUTE.finditer(tag):
        yield match["name"], match["double"] or match["single"] or match["braces"] or ""


def _is_gesture(attribute: str) -> bool:
    match = _EVENT.match(attribute.lower())
    return match is not None and match["event"] in GESTURES


def _described(document: Document, element: Element) -> str:
    return document.file.text[element.span.start : element.span.end + 80]
