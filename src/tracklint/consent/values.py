"""What the names, members and calls of a script are worth before any choice, as far as their definitions are in reach."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tree_sitter import Node

from tracklint.consent import words
from tracklint.consent.entries import Entries
from tracklint.consent.events import detail_of, firing
from tracklint.consent.expression import Call, Expression, Index, Logical, Member, Name, from_script, last_name, spelled
from tracklint.consent.mechanisms import Gate
from tracklint.consent.outcome import Outcome, outcome_of
from tracklint.consent.world import FREE, TRUTHY, Abstract, World, join, known
from tracklint.script import FUNCTIONS, JSX_TAGS, Binding, Script, Unknown, first_within, nth_child

if TYPE_CHECKING:
    from tracklint.consent.flow import Entry, Flow

_UNTOLD = Outcome(FREE, None, False)  # of a function that calls itself
_MAX_USES = 20
_SAME_PROPERTIES = frozenset({"memo", "forwardRef", "observer", "createElement"})
_COPIES = frozenset({"parse", "stringify", "assign", "structuredClone", "freeze", "cloneDeep"})


class Values:
    """Answers for the script of one flow, which tells whether the assignments on the way are reached."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self.script = flow.script
        self.budget = flow.budget
        self.mechanisms = flow.mechanisms
        self.surroundings = flow.surroundings
        self._world = World(flow.mechanisms.apis, self._resolve)
        self.entries = Entries(flow)
        self._evaluating: set[int] = set()
        self.interpreting = 0  # how many calls deep
        self._known: dict[tuple[int, bool], Abstract | None] = {}

    def evaluate(self, node: Node) -> Abstract:
        """What an expression is worth."""
        return self._world.evaluate(from_script(self.script, node))

    def with_arguments(self, function: Node, values: Sequence[Abstract], entry: Entry, read: str) -> World:
        """The world inside a call of a function of this script.

        `entry` tells what an entry of the argument at a position is worth; the text `read` names those that matter.
        """
        bound = _bind(self.script, function, values)
        bound.update(_bind_entries(self.script, function, entry, read))
        return World(self.mechanisms.apis, self._resolve, bound)

    def declared(self, binding: Binding) -> Abstract | None:
        """The value of a declared name; of a function, what it returns."""
        if binding.value is not None and binding.value.type in FUNCTIONS:
            return self.outcome(binding.value, {}).value
        return self.of_name(binding.declaration)

    def definition(self, callee: Node) -> tuple[Script, Node] | None:
        """The function that a callee names, in this script or elsewhere in the project."""
        script = self.script
        while callee.type == "parenthesized_expression":
            callee = nth_child(callee, 0) or callee.children[0]
        if callee.type in FUNCTIONS:
            return script, callee
        name = script.dotted(callee)
        if callee.type in ("identifier", "shorthand_property_identifier"):
            binding = script.binding(callee)
            if binding is not None and binding.kind != "import":
                value = binding.value
                if value is not None and value.type == "call_expression":  # useCallback(() => …)
                    arguments = script.arguments(value)
                    value = arguments[0] if arguments else None
                return (script, value) if value is not None and value.type in FUNCTIONS else None
            if binding is None:
                assigned = script.function_named(name)
                if assigned is not None:
                    return script, assigned
            return self.surroundings.function(script, name, binding)
        last = name.rsplit(".", 1)[-1]
        if not last or "(" in last:
            return None
        assigned = script.function_named(last)
        if assigned is not None:
            return script, assigned
        return self.surroundings.function(script, name, None)

    def _resolve(self, expression: Expression) -> Abstract | None:
        match expression:
            case Name(node=node) if node is not None:
                return self.of_name(node)
            case Call(callee=callee, arguments=arguments, node=node) if node is not None:
                return self._flow.missing_value(node) or self._call_value(callee, arguments, node)
            case Member(target=target, name=name, node=node) if node is not None:
                return self._flow.missing_value(node) or self._member_value(node) or self._entry_of(target, name)
            case Index(target=target, index=index):
                key = self._world.evaluate(index)
                return self._entry_of(target, key.value if isinstance(key.value, str) else None)
        return None

    def _entry_of(self, target: Expression, key: str | None) -> Abstract | None:
        """An entry of an object that is written out in this script: of that name, or any of them."""
        holder, stands_in = self._object(target, 0)
        if holder is None:
            return None
        values = []
        for pair in holder.named_children:
            if pair.type == "spread_element":
                return None
            value = pair.child_by_field_name("value") if pair.type == "pair" else None
            if value is not None and key in (None, self.script.key_of(pair)):
                values.append(self.evaluate(value))
        if not values:
            return Abstract("absent", consent=True, named=spelled(target)) if stands_in and key is not None else None
        found = join(values)
        return found._replace(consent=True, named=spelled(target)) if stands_in else found

    def _object(self, expression: Expression, depth: int) -> tuple[Node | None, bool]:
        """(the object literal that an expression gives before any choice, whether it stands in for a stored choice).

        Copies by JSON and Object.assign are followed.
        """
        nothing: tuple[Node | None, bool] = (None, False)
        if depth > 6:
            return nothing
        match expression:
            case Name(node=node) if node is not None and node.type == "identifier":
                binding = self.script.binding(node)
                if binding is None or binding.kind != "variable" or binding.value is None:
                    return nothing
                held: list[Node] = []
                stands_in = False
                for value in (binding.value, *(value for _, value in self.script.assignments(binding))):
                    found, inner = (
                        (value, False)
                        if value.type == "object"
                        else self._object(from_script(self.script, value), depth + 1)
                    )
                    if found is not None:
                        held.append(found)
                        stands_in = stands_in or inner
                        continue
                    known_value = self.evaluate(value)
                    if known_value.kind != "absent":
                        return nothing
                    stands_in = stands_in or known_value.consent
                return (held[0], stands_in) if len({one.id for one in held}) == 1 else nothing
            case Call(callee=callee, arguments=arguments, node=node):
                if arguments and last_name(callee) in _COPIES:
                    return self._object(arguments[-1], depth + 1)
                called = self._called(node.child_by_field_name("function"), arguments) if node is not None else None
                if called is not None and called[0][0] is self.script:
                    returned = called[1].expression
                    return (
                        (returned, called[1].settled) if returned is not None and returned.type == "object" else nothing
                    )
            case Logical(operator="or" | "default", left=left, right=right):
                first = self._world.evaluate(left)
                if first.kind == "absent":
                    found, inner = self._object(right, depth + 1)
                    return found, inner or first.consent
        return nothing

    def of_name(self, node: Node) -> Abstract | None:
        if node.type not in ("identifier", "shorthand_property_identifier"):
            return None
        binding = self.script.binding(node)
        if binding is None:
            return None
        key = binding.declaration.id
        memo = (key, self._flow.facade)
        if memo in self._known and not self.interpreting:
            return self._known[memo]
        if key in self._evaluating or len(self._evaluating) > 30 or not self.budget.spend():
            self.budget.cuts += 1
            return FREE
        self._evaluating.add(key)
        cuts = self.budget.cuts
        try:
            found = self._binding_value(binding)
        finally:
            self._evaluating.discard(key)
        if cuts == self.budget.cuts and not self.interpreting:
            self._known[memo] = found
        return found

    def _binding_value(self, binding: Binding) -> Abstract | None:
        script = self.script
        if binding.kind in ("function", "class"):
            return TRUTHY
        if binding.kind == "import":
            return self.surroundings.value(script, binding)
        if binding.kind == "loop" and binding.value is not None:
            iterated = self.evaluate(binding.value)
            return iterated if iterated.kind == "absent" else FREE
        if binding.kind == "parameter":
            return self._parameter_value(binding)
        if binding.kind != "variable":
            return FREE
        declarator = script.parent(binding.declaration)
        values: list[Abstract] = []
        if declarator is not None and declarator.type in ("array_pattern",):
            return self._state_value(binding)
        if declarator is not None and declarator.type != "variable_declarator":
            if binding.value is None:
                return None
            if script.dotted(binding.value) == "this.state":
                return self.entries.of_class_state(binding.declaration, binding.name)
            holder = self._world.evaluate(Member(from_script(script, binding.value), binding.name))
            return holder if holder.consent or holder.implied else None
        assigned = script.assignments(binding)
        if binding.value is not None:
            values.append(self.evaluate(binding.value))
        elif not assigned:
            return None
        else:
            values.append(known(None))
        for assignment, value in assigned:
            if values and values[-1].truth is None and not values[-1].implied:
                break
            reached = self._flow.reached(assignment)
            if reached is not None and reached.state in ("gated", "dead"):
                values.append(
                    Abstract("absent", consent=True, named=binding.name) if reached.state == "gated" else values[0]
                )
                continue
            values.append(self.evaluate(value))
        result = join(values)
        free = result.truth is None and not result.consent and not result.implied and not assigned
        if free and words.meaning(binding.name) in ("consent", "refusal") and _opaque(script, binding.value):
            return None  # a value out of reach: its own name is what is left
        return result

    def _state_value(self, binding: Binding) -> Abstract | None:
        """`const [accepted, setAccepted] = useState(initial)`: the initial value, and what reachable setters give."""
        script = self.script
        state = script.state(binding)
        if state is None:
            return None
        call, setting = state
        hook = script.dotted(call.child_by_field_name("function"))
        if "cookie" in hook.lower():
            keys = [script.fold(child) for child in script.arguments(call)]
            known_key = keys[0] if keys and isinstance(keys[0], str) else ""
            listed = keys[0] if keys and isinstance(keys[0], list) else []
            if known_key or listed:
                return self._world._stored(known_key or str(listed[0])).compared  # which reads "false" as false
            return None
        if not hook.endswith(("useState", "useReducer", "createSignal", "useLocalStorage", "useStorage")):
            return None
        arguments = script.arguments(call)
        if hook.endswith(("useLocalStorage", "useStorage")) and arguments:
            key = script.fold(arguments[0])
            return self._world._stored(key).compared if isinstance(key, str) else None
        begins = 1 if hook.endswith("useReducer") else 0
        if begins and len(arguments) != 2:
            return None  # a function makes what it begins with
        initial = arguments[begins] if arguments else None
        if initial is not None and initial.type in FUNCTIONS:
            values = [self.outcome(initial, {}).value]
        else:
            values = [self.evaluate(initial) if initial is not None else known(None)]
        first, kept = values[0], True  # whether it stays as it begins
        setter = script.binding(setting) if setting is not None else None
        for use in script.uses(setter) if setter is not None else ():
            outer = script.parent(use)
            if outer is None or outer.type != "call_expression":
                way = self._flow.used_at(use)
                if way is not None and way.state not in ("gated", "dead"):
                    values.append(FREE)
                    kept = False
                continue
            reached = self._flow.reached(outer)
            if reached is not None and reached.state in ("gated", "dead"):
                values.append(Abstract("absent", consent=True, named=binding.name))
                continue
            kept = False
            given = script.arguments(outer)
            ticked = self.entries.ticked(outer, given[0], binding.name) if given else None
            plain = bool(given) and given[0].type not in FUNCTIONS and not begins
            values.append(ticked or (self.evaluate(given[0]) if plain else FREE))
        if kept and first.kind == "known" and first.value == -1:
            return first._replace(consent=True, named=binding.name, unset=True)
        result = join(values)
        if kept and first.kind == "known" and first.value in (None, ""):
            result = result._replace(unset=True)
        if result.truth is False and not result.consent:
            # the state never becomes true before a choice, because every setter is closed
            return result._replace(consent=True, named=binding.name)
        if result.truth is None and not result.consent and words.meaning(binding.name) == "consent":
            return None
        return result

    def _choice(self, binding: Binding) -> tuple[Gate, str] | None:
        """(the manager's callback or event, the parameter's own property with the choice or "") for a parameter of its function."""
        script = self.script
        function = binding.scope
        position = script.parameter_index(function, binding.declaration)
        if position is None:
            return None
        uses = [function]
        mentions = script.uses_of(function)
        uses += [use for use in mentions if (script.parent(use) or use).type in ("arguments", "pair", "array")]
        for use in uses[:12]:
            outer, parent = script.unwrapped_parent(use)
            if parent is None:
                continue
            gate: Gate | None = None
            event = False
            if use.type == "method_definition" or parent.type == "pair":
                member = use if use.type == "method_definition" else parent
                holder = script.parent(member)
                gate = (
                    self.mechanisms.callback_key(script.key_of(member), self._flow.context(holder))
                    if holder is not None
                    else None
                )
                if gate is not None and gate.category is None and holder is not None:
                    gate = gate._replace(category=self._flow.sibling_category(holder, gate.category_from))
            elif parent.type == "array":
                call = script.parent(script.parent(parent) or parent)
                gate = (
                    self.mechanisms.callback_call(script, call)
                    if call is not None and call.type == "call_expression"
                    else None
                )
            elif parent.type == "arguments":
                call = script.parent(parent)
                gate = self.mechanisms.callback_call(script, call) if call is not None else None
                arguments = script.arguments(call) if gate is None and call is not None else []
                if arguments and arguments[0].id != outer.id:
                    named = script.fold(arguments[0])
                    gate = self.mechanisms.event(named) if isinstance(named, str) else None
                    event = True
            if gate is None or not gate.choice:
                continue
            if event and position == 0:
                return gate, gate.choice
            if not event and gate.choice == str(position + 1):
                return gate, ""
        return None

    def _chosen(self, binding: Binding, path: str) -> Abstract | None:
        """What a property of a parameter is worth that holds the visitor's choice; None when it does not."""
        found = self._choice(binding)
        if found is None:
            return self._told(binding, path)
        gate, wanted = found
        inner = path.partition(".")[2] if binding.name == path.split(".")[0] else path
        if wanted and not (inner == wanted or inner.startswith(wanted + ".")):
            return None
        if self.mechanisms.permits(gate.manager):
            return Abstract("free", implied=True, named=path)
        category = gate.category or words.category(path.rpartition(".")[2] if "." in path else "")
        return Abstract("absent", consent=True, categories=frozenset({category} if category else ()), named=path)

    def _told(self, binding: Binding, path: str) -> Abstract | None:
        """What the site's own event says of the choice: `e.detail.analytics` of `cookieConsentChange`, judged by the names.

        None where the event is fired with a yes that no visitor gave.
        """
        script = self.script
        name, detail, *keys = path.split(".") if path.count(".") > 1 else ("", "", "")
        if (
            name != binding.name
            or detail != "detail"
            or script.parameter_index(binding.scope, binding.declaration) != 0
        ):
            return None
        category = words.category(keys[-1])
        if category is None and words.meaning(keys[-1]) != "consent":
            return None
        outer, parent = script.unwrapped_parent(binding.scope)
        call = script.parent(parent) if parent is not None and parent.type == "arguments" else None
        arguments = script.arguments(call) if call is not None else []
        event = script.fold(arguments[0]) if len(arguments) > 1 and arguments[1].id == outer.id else None
        if not isinstance(event, str) or not (
            words.meaning(event) == "consent" or words.key_meaning(event) == "consent"
        ):
            return None
        for other, fired in (
            *((script, one) for one in firing(script, event)),
            *self.surroundings.firing(script, event),
        ):
            if self._flow.beside(other).values.says_yes(fired, keys[0]):
                return None
        return Abstract(
            "absent", consent=True, categories=frozenset({category} if category else ()), named=path, by_name=True
        )

    def says_yes(self, call: Node, key: str) -> bool:
        """Whether a call that fires an event may tell `key: true` in its detail before any choice."""
        script = self.script
        reached = self._flow.reach(call)
        if reached.state in ("gated", "dead"):
            return False
        detail = detail_of(script, call)
        if detail is not None:
            if detail.type == "object":
                told = [p for p in detail.named_children if p.type != "pair" or script.key_of(p) == key]
                values = [p.child_by_field_name("value") if p.type == "pair" else p for p in told]
                if any(value is not None and self.evaluate(value).truth is not False for value in values):
                    return True
            elif self.evaluate(detail).truth is True:
                return True
        return any(self._begins_true(mention) for mention in script.occurrences(key) or ())

    def _begins_true(self, mention: Node) -> bool:
        """Whether `key: true` stands in the object that a variable or field begins with."""
        pair = self.script.parent(mention)
        value = pair.child_by_field_name("value") if pair is not None and pair.type == "pair" else None
        holder = self.script.parent(pair) if pair is not None and value is not None else None
        owner = self.script.parent(holder) if holder is not None else None
        return (
            value is not None
            and value.type == "true"
            and owner is not None
            and owner.type in ("variable_declarator", "public_field_definition", "field_definition")
        )

    def _parameter_value(self, binding: Binding) -> Abstract | None:
        chosen = self._chosen(binding, binding.name)
        if chosen is not None:
            return chosen
        values = [self.evaluate(argument) for argument in self.script.arguments_for(binding)[:20]]
        if binding.declaration.type == "shorthand_property_identifier_pattern":
            values += self._given_as_property(binding, binding.name)
        if binding.value is not None:
            values.append(self.evaluate(binding.value))
        if not values:
            return None
        found = join(values)
        if found.truth is None and not found.consent and not found.implied:
            return None if words.meaning(binding.name) != "none" else found
        return found

    def _given_as_property(self, binding: Binding, key: str) -> list[Abstract]:
        """What a component's property is where the project shows the component: `<Analytics accepted={…} />`."""
        script = self.script
        component = script.name_of(binding.scope)
        if not component[:1].isupper() or script.parameter_index(binding.scope, binding.declaration) not in (0, None):
            return []
        own = ((self._flow, use) for use in script.occurrences(component) or ())
        elsewhere = (use for name in (component, "default") for use in self.surroundings.uses(script, name))
        values = []
        for flow, use in itertools.islice(itertools.chain(own, elsewhere), _MAX_USES):
            element = flow.script.parent(use)
            if element is not None and element.type == "arguments" and not _is_kept_as_it_is(flow.script, element):
                return []  # connect(…)(Player): what wraps it gives it more
            if element is None or element.type not in JSX_TAGS:
                continue
            value = flow.property_of(element, key)
            if value is None:
                return []
            if value != known(None):  # else its default, or nothing
                values.append(value)
        return values

    def _member_value(self, node: Node) -> Abstract | None:
        """`this.consent`, `state.accepted`: every reachable assignment to the same path, and the object's own literal."""
        script = self.script
        path = script.dotted(node)
        name = path.rsplit(".", 1)[-1]
        if not path or "." not in path or "(" in path:
            return None
        if path == f"this.state.{name}":
            return self.entries.of_class_state(node, name)
        root = script.node_at(node.start_byte)
        bound = script.binding(root) if root.type == "identifier" else None
        if bound is not None and bound.kind == "parameter":
            chosen = self._chosen(bound, path)
            if chosen is not None:
                return chosen
        if bound is not None and path == f"{bound.name}.{name}" and script.state(bound) is not None:
            entry = self.entries.of(root, name)
            if entry is not None and entry.truth is False and entry.consent:
                return entry._replace(named=path)
        if bound is not None and bound.kind == "parameter" and path == f"{bound.name}.{name}":
            given = self._given_as_property(bound, name)  # props.started
            if given and (found := join(given)).truth is False and found.consent:
                return found
        key = hash((path, "member"))
        if key in self._evaluating or len(self._evaluating) > 30 or not self.budget.spend():
            self.budget.cuts += 1
            return FREE
        self._evaluating.add(key)
        try:
            values: list[Abstract] = []
            for mention in script.occurrences(name) or ():
                holder = script.parent(mention)
                if holder is None:
                    continue
                if holder.type == "member_expression" and script.dotted(holder) == path:
                    outer = script.parent(holder)
                    if outer is None or outer.type != "assignment_expression":
                        continue
                    right = outer.child_by_field_name("right")
                    if outer.child_by_field_name("left") != holder or right is None:
                        continue
                    reached = self._flow.reached(outer)
                    if reached is not None and reached.state in ("gated", "dead"):
                        values.append(Abstract("absent", consent=True, named=path))
                    else:
                        values.append(self.evaluate(right))
            if not values:
                return None
            values.append(known(None))  # before the first assignment: if (f.loaded) return; f.loaded = true
            found = join(values)
            if found.truth is None and not found.consent and not found.implied:
                return None if words.meaning(name) != "none" else found
            return found
        finally:
            self._evaluating.discard(key)

    def _call_value(self, callee: Expression, arguments: tuple[Expression, ...], node: Node) -> Abstract | None:
        target = node.child_by_field_name("function")
        if isinstance(callee, Member) and arguments and (callee.name == "then" or spelled(callee) == "Promise.resolve"):
            if not self._awaits(node):
                return TRUTHY
            if callee.name == "resolve":
                return self._world.evaluate(arguments[0])
            target = self.script.arguments(node)[0]
            arguments = ()
        called = self._called(target, arguments)
        if called is None:
            return None
        (owner, function), result = called[0], called[1].value
        if called[1] is _UNTOLD:
            return FREE
        if self._gives_promise(owner, function) and not self._awaits(node):
            return TRUTHY
        if result.truth is None and not result.consent and not result.implied:
            # opened, and nothing in it depends on a stored choice that we can see
            return None if words.meaning(last_name(callee)) != "none" and _reads_storage(owner, function) else result
        return result

    def _awaits(self, call: Node) -> bool:
        """Whether the value that a promise will have is meant by a call, and not the promise, which is always true."""
        script = self.script
        outer, parent = script.unwrapped_parent(call)
        within: Node | None = call
        while within is not None and within.id != outer.id:
            within = script.parent(within)
            if within is not None and within.type == "await_expression":
                return True
        if parent is not None and parent.type == "variable_declarator":
            name = re.escape(script.text_of(parent.child_by_field_name("name") or outer))
            return re.search(rf"\bawait\s+{name}(?![\w$])", script.text) is not None
        return parent is not None and parent.type in (
            "return_statement",
            "arrow_function",
            "arguments",
            "member_expression",
        )

    def _gives_promise(self, owner: Script, function: Node, depth: int = 0) -> bool:
        if any(child.type == "async" for child in function.children[:2]):
            return True
        body = function.child_by_field_name("body")
        if body is None or depth > 3:
            return False
        answers: list[Node | None] = [body]
        if body.type == "statement_block":
            answers = [nth_child(one, 0) for one in body.named_children if one.type == "return_statement"]
        for answer in answers:
            if answer is None or answer.type != "call_expression":
                continue
            callee = answer.child_by_field_name("function")
            name = owner.dotted(callee)
            if name.startswith("Promise.") or name.endswith((".then", ".catch", ".finally")):
                return True
            found = self._flow.beside(owner).values.definition(callee) if callee is not None else None
            if found is not None and self._gives_promise(*found, depth + 1):
                return True
        return False

    def _called(
        self, target: Node | None, arguments: tuple[Expression, ...]
    ) -> tuple[tuple[Script, Node], Outcome] | None:
        """(the script and the function that an expression names, the outcome of calling it); None when it is out of reach."""
        found = self.definition(target) if target is not None and self.interpreting <= 5 else None
        if found is None:
            return None
        owner, function = found
        key = hash((owner.file.path, function.start_byte))
        if key in self._evaluating or not self.budget.spend():
            self.budget.cuts += 1
            return found, _UNTOLD
        self._evaluating.add(key)
        try:
            there = self._flow.beside(owner).values
            values = [self._world.evaluate(argument) for argument in arguments]
            there._evaluating |= self._evaluating
            there.interpreting = self.interpreting + 1
            try:
                return found, there.outcome(function, _bind(owner, function, values))
            finally:
                there.interpreting -= 1
        finally:
            self._evaluating.discard(key)

    def outcome(self, function: Node, parameters: dict[str, Abstract]) -> Outcome:
        """What a call of a function of this script gives back before any choice."""
        world, self._world = self._world, World(self.mechanisms.apis, self._resolve, parameters)
        try:
            return outcome_of(function, self.evaluate)
        finally:
            self._world = world


def _is_kept_as_it_is(script: Script, arguments: Node) -> bool:
    """Whether what takes a component gives back one with the same properties: `memo(Player)`."""
    call = script.parent(arguments)
    callee = call.child_by_field_name("function") if call is not None else None
    return script.dotted(callee).rsplit(".", 1)[-1] in _SAME_PROPERTIES


def _bind(script: Script, function: Node, values: Sequence[Abstract]) -> dict[str, Abstract]:
    parameters = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
    if parameters is None:
        return {}
    named = (
        [parameters]
        if parameters.type == "identifier"
        else [child for child in parameters.named_children if child.type != "comment"]
    )
    bound: dict[str, Abstract] = {}
    for index, parameter in enumerate(named):
        name = parameter if parameter.type == "identifier" else first_within(parameter, "identifier")
        if name is None:
            continue
        if index < len(values):
            bound[script.text_of(name)] = values[index]
        elif parameter.type == "assignment_pattern":
            default = script.fold(parameter.child_by_field_name("right"))
            if isinstance(default, str | int | float | bool) or default is None:
                bound[script.text_of(name)] = known(default)
    return bound


def _bind_entries(script: Script, function: Node, entry: Entry, read: str) -> dict[str, Abstract]:
    """`prefs.analytics` of a parameter, and `analytics` of one that is taken apart."""
    parameters = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
    if parameters is None:
        return {}
    named = [parameters] if parameters.type == "identifier" else parameters.named_children
    bound: dict[str, Abstract] = {}
    for index, parameter in enumerate(child for child in named if child.type != "comment"):
        pattern = parameter.child_by_field_name("pattern") or parameter
        if parameter.child_by_field_name("value") is not None:
            continue  # its default holds wherever undefined is given
        if pattern.type == "identifier":
            name = script.text_of(pattern)
            keys = {f"{name}.{key}": key for key in re.findall(rf"(?<![\w$.]){re.escape(name)}\??\.([\w$]+)", read)}
        elif pattern.type == "object_pattern":
            plain = (one for one in pattern.named_children if one.type == "shorthand_property_identifier_pattern")
            keys = {key: key for one in plain if re.search(rf"\b{re.escape(key := script.text_of(one))}\b", read)}
        else:
            continue
        for spelling, key in keys.items():
            value = entry(index, key)
            if value is not None and value.truth is not None:
                bound[spelling] = value
    return bound


def _reads_storage(script: Script, function: Node) -> bool:
    return re.search(r"cookie|storage", script.text_of(function)[:4000], re.I) is not None


def _opaque(script: Script, value: Node | None) -> bool:
    """Whether an initial value is itself out of reach (a property, a call of something unknown)."""
    if value is None:
        return True
    folded = script.fold(value)
    return isinstance(folded, Unknown)
