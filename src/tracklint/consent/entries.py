"""What an entry of an object is worth before any choice: `prefs.analytics` of what a call is given or a component keeps.

Only where everything that makes the object is in sight; one value that cannot be followed leaves the entry untold.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tree_sitter import Node

from tracklint import lazy_re
from tracklint.consent import words
from tracklint.consent.world import Abstract, join, known
from tracklint.script import FUNCTIONS, Binding, nth_child

if TYPE_CHECKING:
    from tracklint.consent.flow import Flow

_CASTS = frozenset({"parenthesized_expression", "as_expression", "satisfies_expression", "non_null_expression"})
_SAME = frozenset("JSON.parse JSON.stringify structuredClone Object.freeze cloneDeep".split())
_MERGES = frozenset("assign merge extend defaults defaultsDeep set defineProperty".split())
_TICKED = lazy_re.compile(r"!.*|(?:.*\.)?(?:checked|isChecked)", re.S)
_ABOUT_CONSENT = lazy_re.compile(r"cookie|consent|gdpr|privacy", re.I)
_MAX_DEPTH = 12
_MAX_CALLS = 20


class Entries:
    """Answers for the script of one flow."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._script = flow.script
        self._asking: set[tuple[int, str]] = set()

    def of(self, holder: Node, key: str, depth: int = 0) -> Abstract | None:
        """The entry `key` of what an expression gives; None when it cannot be told."""
        while holder.type in _CASTS:
            holder = nth_child(holder, 0) or holder.children[0]
        if depth > _MAX_DEPTH or not self._flow.budget.spend():
            return None
        kind = holder.type
        if kind == "object":
            return self._of_literal(holder, key, depth)
        if kind in ("null", "undefined") or self._script.text_of(holder) == "undefined":
            return known(None)
        if kind == "identifier":
            binding = self._script.binding(holder)
            found = self._of_binding(binding, key, depth) if binding is not None else None
            return found if found is not None else self._of_missing_choice(holder, key)
        if kind == "ternary_expression":
            return self._either(holder, "consequence", "alternative", key, depth)
        if kind == "binary_expression":
            operator = holder.child_by_field_name("operator")
            sign = self._script.text_of(operator) if operator is not None else ""
            return self._either(holder, "left", "right", key, depth) if sign in ("||", "??") else None
        if kind == "call_expression":
            return self._of_call(holder, key, depth)
        return self._of_missing_choice(holder, key)

    def ticked(self, setter: Node, value: Node | None, key: str) -> Abstract | None:
        """What a setter gives that runs when the visitor ticks the box of a purpose; None for any other setter."""
        category = words.category(key)
        if value is None or (category is None and words.meaning(key) != "consent"):
            return None
        if not _TICKED.fullmatch(self._script.text_of(value)) or not _ABOUT_CONSENT.search(self._script.text):
            return None
        way = self._flow.reach(setter, facade=True)
        if way.state != "gated" or way.mechanism != "facade":
            return None
        return _not_chosen(key)

    def _of_literal(self, literal: Node, key: str, depth: int) -> Abstract | None:
        values: list[Abstract] = []  # of the spreads behind it, each of which may have the entry
        for member in reversed(literal.named_children):
            found: Abstract | None = None
            if member.type == "spread_element":
                spread = nth_child(member, 0)
                found = self.of(spread, key, depth + 1) if spread is not None else None
                if found is None:
                    return None
                values.append(found)
                continue
            if member.type == "shorthand_property_identifier":
                if self._script.text_of(member) != key:
                    continue
                return join([*values, self._flow.evaluate(member)])
            if member.type != "pair":
                if member.type == "comment":
                    continue
                return None  # a method, a getter
            named = member.child_by_field_name("key")
            value = member.child_by_field_name("value")
            if named is None or value is None:
                return None
            if named.type == "computed_property_name":
                chosen = self.ticked(member, value, key)  # { ...prefs, [name]: event.target.checked }
                if chosen is None:
                    return None
                values.append(chosen)
                continue
            if self._script.key_of(member) == key:
                given = self.ticked(member, value, key) or self._flow.evaluate(value)
                return join([*values, given])
        return join([*values, known(None)])

    def _either(self, node: Node, first: str, second: str, key: str, depth: int) -> Abstract | None:
        sides = [node.child_by_field_name(name) for name in (first, second)]
        found = [self.of(side, key, depth + 1) if side is not None else None for side in sides]
        values = [value for value in found if value is not None]
        return join(values) if len(values) == len(found) else None

    def _of_missing_choice(self, node: Node, key: str) -> Abstract | None:
        value = self._flow.evaluate(node)
        return _not_chosen(key) if value.kind == "absent" and value.consent else None

    def _of_call(self, call: Node, key: str, depth: int) -> Abstract | None:
        callee = call.child_by_field_name("function")
        arguments = self._script.arguments(call)
        if len(arguments) == 1 and self._script.dotted(callee) in _SAME:
            found = self.of(arguments[0], key, depth + 1)
            if found is not None:
                return found
        defined = self._flow.values.definition(callee) if callee is not None else None
        if defined is None:
            return self._of_missing_choice(call, key)
        owner, function = defined
        flow = self._flow.beside(owner)
        if any(child.type == "async" for child in function.children[:2]):
            return None
        values = []
        for returned in owner.returned(function)[:_MAX_CALLS]:
            way = flow.inside(returned, function)
            closed = way is not None and way.state == "gated"
            found = _not_chosen(key) if closed else flow.values.entries.of(returned, key, depth + 2)
            if found is None:
                return self._of_missing_choice(call, key)
            values.append(found)
        return join(values) if values else None

    def _of_binding(self, binding: Binding, key: str, depth: int) -> Abstract | None:
        script = self._script
        asked = (binding.declaration.id, key)
        if asked in self._asking:
            return known(None)  # itself: nothing that its other values do not give
        self._asking.add(asked)
        try:
            if binding.kind == "parameter":
                return self._of_parameter(binding, key, depth)
            holder = script.parent(binding.declaration)
            if binding.kind != "variable" or holder is None:
                return None
            if holder.type == "array_pattern":
                return self._of_state(binding, key, depth)
            if holder.type != "variable_declarator" or self._is_changed(binding):
                return None
            given = [(holder, binding.value)] if binding.value is not None else []
            given += script.assignments(binding)
            values: list[Abstract] = []
            for place, value in given:
                way = self._flow.reached(place)
                closed = way is not None and way.state == "gated"
                found = _not_chosen(key) if closed else self.of(value, key, depth + 1)
                if found is None:
                    return None
                values.append(found)
            return join(values) if values else None
        finally:
            self._asking.discard(asked)

    def _is_changed(self, binding: Binding) -> bool:
        """Whether an entry of the object that a name holds may be set after it was made."""
        script = self._script
        for use in script.uses(binding):
            parent = script.parent(use)
            outer = script.parent(parent) if parent is not None else None
            if parent is None or outer is None:
                continue
            if parent.type in ("member_expression", "subscript_expression") and use.id == _id_of(parent, "object"):
                if outer.type in ("assignment_expression", "augmented_assignment_expression", "unary_expression") and (
                    _id_of(outer, "left") == parent.id or "delete" in script.text_of(outer)[:7]
                ):
                    return True
            elif parent.type == "arguments" and outer.type == "call_expression":
                called = script.dotted(outer.child_by_field_name("function")).rsplit(".", 1)[-1]
                if called in _MERGES and script.arguments(outer)[0].id == use.id:
                    return True
                if self._is_filled_by(outer, use):
                    return True
        return False

    def _is_filled_by(self, call: Node, given: Node) -> bool:
        """Whether the function that is called sets an entry of what it is given."""
        callee = call.child_by_field_name("function")
        found = self._flow.values.definition(callee) if callee is not None else None
        if found is None:
            return False
        owner, function = found
        parameters = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
        named = [parameters] if parameters is not None and parameters.type == "identifier" else []
        named = named or [one for one in parameters.named_children if one.type != "comment"] if parameters else []
        position = next((i for i, one in enumerate(self._script.arguments(call)) if one.id == given.id), len(named))
        name = re.match(r"[\w$]+", owner.text_of(named[position])) if position < len(named) else None
        body = function.child_by_field_name("body")
        if name is None or body is None:
            return False  # it takes no such thing, or takes it apart
        sets = rf"(?<![\w$.]){re.escape(name[0])}\s*(?:\.\s*[\w$]+|\[[^\[\]]{{0,80}}\])\s*[|&?]{{0,2}}=(?!=)"
        merges = rf"\b(?:{'|'.join(sorted(_MERGES))})\(\s*{re.escape(name[0])}(?![\w$.])"
        return re.search(f"{sets}|{merges}", owner.text_of(body)) is not None

    def _of_parameter(self, binding: Binding, key: str, depth: int) -> Abstract | None:
        """Of what every call of the function gives, where all of its calls are in sight."""
        script = self._script
        function = binding.scope
        state = self._updates(function)
        if state is not None:
            return self._of_binding(state, key, depth + 1)
        position = script.parameter_index(function, binding.declaration)
        holder = script.parent(binding.declaration)
        default = holder.child_by_field_name("value") if holder is not None else None
        plain = binding.declaration.type == "identifier" and (holder is None or "pattern" not in holder.type)
        calls = script.calls_of(function)
        if (
            position is None
            or not plain
            or default is not None
            or not calls
            or len(calls) > _MAX_CALLS
            or not self._is_own(function, calls)
        ):
            return None
        values: list[Abstract] = []
        for call in calls:
            way = self._flow.reached(call)
            if way is not None and way.state in ("gated", "dead"):
                values.append(_not_chosen(key) if way.state == "gated" else known(None))
                continue
            arguments = script.arguments(call)
            given = self.of(arguments[position], key, depth + 1) if position < len(arguments) else None
            if given is None:
                return None
            values.append(given)
        return join(values)

    def _is_own(self, function: Node, calls: list[Node]) -> bool:
        """Whether a function is called here alone, and its name stands for nothing but these calls."""
        script = self._script
        called = {_id_of(call, "function") for call in calls}
        if any(use.id not in called and not script.is_dependency(use) for use in script.uses_of(function)):
            return False
        if script.enclosing(function, FUNCTIONS) is not None:
            return True
        return script.is_module and script.enclosing(function, {"export_statement"}) is None

    def _updates(self, function: Node) -> Binding | None:
        """The state that a function is handed to the setter of: `setPrefs(prev => …)`."""
        script = self._script
        _, parent = script.unwrapped_parent(function)
        call = script.parent(parent) if parent is not None and parent.type == "arguments" else None
        callee = call.child_by_field_name("function") if call is not None else None
        binding = script.binding(callee) if callee is not None and callee.type == "identifier" else None
        pattern = script.parent(binding.declaration) if binding is not None else None
        first = nth_child(pattern, 0) if pattern is not None and pattern.type == "array_pattern" else None
        state = script.binding(first) if first is not None and first.type == "identifier" else None
        _, setter = (script.state(state) if state is not None else None) or (None, None)
        return state if setter is not None and binding is not None and setter.id == binding.declaration.id else None

    def _of_state(self, binding: Binding, key: str, depth: int) -> Abstract | None:
        """`const [prefs, setPrefs] = useState(initial)`: what it begins with and what each setter gives."""
        script = self._script
        state = script.state(binding)
        if state is None:
            return None
        call, setting = state
        hook = script.dotted(call.child_by_field_name("function"))
        arguments = script.arguments(call)
        reduced = hook.endswith("useReducer")  # begins with its second argument, if a third does not make that
        begins = 1 if reduced and len(arguments) == 2 else 0 if not reduced else len(arguments)
        known_hook = hook.endswith(("useState", "createSignal", "useReducer"))
        if not known_hook or begins >= len(arguments) or self._is_changed(binding):
            return None
        values = [self._given(arguments[begins], key, depth)]
        setter = script.binding(setting) if setting is not None else None
        for use in script.uses(setter) if setter is not None else ():
            outer = script.parent(use)
            if script.is_dependency(use):
                continue
            if outer is None or outer.type != "call_expression" or _id_of(outer, "function") != use.id:
                return None
            way = self._flow.reached(outer)
            if way is not None and way.state in ("gated", "dead"):
                values.append(_not_chosen(key) if way.state == "gated" else known(None))
                continue
            if reduced:
                return None
            given = script.arguments(outer)
            values.append(self._given(given[0], key, depth) if given else known(None))
        told = [value for value in values if value is not None]
        return join(told) if len(told) == len(values) else None

    def of_class_state(self, place: Node, key: str) -> Abstract | None:
        """`this.state.playing` of a component of React that is a class, where clicks alone make it anything."""
        script = self._script
        owner = script.enclosing(place, {"class_declaration", "class"})
        setters = script.occurrences("setState")
        if owner is None or setters is None:
            return None
        begins = [
            value
            for mention in script.occurrences("state") or ()
            if owner.start_byte <= mention.start_byte < owner.end_byte and (value := self._begun(mention)) is not None
        ]
        first = self.of(begins[0], key) if len(begins) == 1 else None
        if first is None or first.truth is not False:
            return None
        clicked = False
        for mention in setters:
            if not owner.start_byte <= mention.start_byte < owner.end_byte:
                continue
            member = script.parent(mention)
            call = script.parent(member) if member is not None else None
            if member is None or call is None or _id_of(call, "function") != member.id:
                return None
            given = script.arguments(call)
            becomes = self._given(given[0], key, 0) if given else None
            if becomes is not None and becomes.truth is False:
                continue
            way = self._flow.reached(call)
            if way is None or way.state != "gated":
                return None
            clicked = True
        unset = first.kind == "known" and first.value in (None, "")
        return _not_chosen(key)._replace(named=f"this.state.{key}", unset=unset) if clicked else None

    def _begun(self, mention: Node) -> Node | None:
        """The object that `state = {…}` or `this.state = {…}` gives a component."""
        parent = self._script.parent(mention)
        if parent is not None and parent.type in ("public_field_definition", "field_definition"):
            return parent.child_by_field_name("value")
        holder = self._script.parent(parent) if parent is not None and parent.type == "member_expression" else None
        if holder is None or holder.type != "assignment_expression" or parent is None:
            return None
        return holder.child_by_field_name("right") if _id_of(holder, "left") == parent.id else None

    def _given(self, value: Node, key: str, depth: int) -> Abstract | None:
        """Of what is handed to a state, or of what the function gives that is."""
        if value.type not in FUNCTIONS:
            return self.of(value, key, depth + 1)
        found = [self.of(returned, key, depth + 1) for returned in self._script.returned(value)]
        told = [one for one in found if one is not None]
        return join(told) if told and len(told) == len(found) else None


def _not_chosen(key: str) -> Abstract:
    category = words.category(key)
    return Abstract("absent", consent=True, categories=frozenset({category} if category else ()), named=key)


def _id_of(node: Node, name: str) -> int:
    child = node.child_by_field_name(name)
    return child.id if child is not None else -1
