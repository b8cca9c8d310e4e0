"""Can control reach a place in a script before the visitor has made any choice?

1. From the place outwards to the edge of its function: every condition that has to hold there is evaluated in the world
   before any choice (`world.py`). One that is false closes the way.
2. At the edge of a function: every way in which the function can be called is followed in the same manner: direct calls,
   being handed to something as a callback, being stored under a name. The function is closed when every way is.
3. At the edge of the script: `Surroundings` knows what is around it, the element and the page, the files that import it.

A way that leads back into itself adds nothing (the recursion ends there). The work for one question is bounded; what
lies beyond the bound is `unknown`, with that reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Protocol, TypeAlias

from tree_sitter import Node

from tracklint import lazy_re
from tracklint.consent import words
from tracklint.consent.events import firing
from tracklint.consent.expression import (
    from_script,
)
from tracklint.consent.mechanisms import Gate, Mechanisms
from tracklint.consent.reach import Budget, Reach, any_of, switched_off
from tracklint.consent.values import Values
from tracklint.consent.world import FREE, TRUTHY, Abstract, known
from tracklint.model import Category, Hop
from tracklint.ruleset import dialogs
from tracklint.script import FUNCTIONS, JSX_TAGS, KEEPING, UNKNOWN, Binding, Script, first_within, nth_child

_WITHIN = Reach("open")  # the edge of a function, while only what lies inside is asked


def asks_for_consent(described: str) -> bool:
    """Whether the text of an element, its selector or its label is that of the button with which a visitor agrees."""
    if not _YES_TEXT.search(described):
        return False
    return not _NO_TEXT.search(described) or re.search("accept|allow|agree", described, re.IGNORECASE) is not None


def asks_to_decline(described: str) -> bool:
    """Whether the text of an element is that of the button with which a visitor refuses."""
    return _NO_TEXT.search(described) is not None


Entry: TypeAlias = Callable[[int, str], "Abstract | None"]  # of the argument at a position, what an entry is worth
Excludes: TypeAlias = Callable[[Sequence[Abstract], Entry], "Reach | None"]


class Surroundings(Protocol):
    """What a script cannot know of itself."""

    def entry(self, script: Script, facade: bool) -> Reach:
        """How the script itself comes to run."""

    def callers(self, script: Script, name: str, facade: bool, excludes: Excludes | None = None) -> list[Reach]:
        """Calls of a global or exported function from elsewhere: other scripts, inline handlers, importing files.

        `excludes` is given the arguments of a call, and says what closes it if they rule the place in question out.
        """

    def carried(self, script: Script, holder: Node, facade: bool) -> Reach | None:
        """What becomes of the object with this entry; None when nothing is known to be done with it."""

    def uses(self, script: Script, name: str) -> Iterator[tuple[Flow, Node]]:
        """The places in other files that stand for an export, each with the flow of its script."""

    def lacks(self, path: str, selector: str) -> bool:
        """Whether no page that a script's file is part of has an element that a selector matches."""

    def never_sets(self, path: str, holder: str, name: str) -> bool:
        """Whether nothing on the pages that a script is part of gives its object `holder` this entry."""

    def called(self, script: Script, name: str) -> Iterator[tuple[Script, Node]] | None:
        """The places in other scripts where something of this name is used; None when there are too many."""

    def named_at(self, script: Script, name: str) -> tuple[str, int] | None:
        """The first place (path, line) in another file where a function may be meant by its name."""

    def value(self, script: Script, binding: Binding) -> Abstract | None:
        """The value of an imported name."""

    def settled(self, script: Script, condition: Node) -> bool | None:
        """Whether a condition always holds, or never, by constants that are written out and that nothing else sets."""

    def function(self, script: Script, name: str, binding: Binding | None) -> tuple[Script, Node] | None:
        """The definition of a function that this script does not define."""

    def firing(self, script: Script, event: str) -> Iterator[tuple[Script, Node]]:
        """The calls in other scripts that fire a custom event."""

    def dispatches(self, script: Script, event: str, facade: bool) -> list[Reach]:
        """The places elsewhere in the project that fire a custom event."""


GESTURES = frozenset(
    "click submit change input keydown keyup keypress touchstart touchend mousedown mouseup pointerdown dblclick play "
    "press tap select toggle focus checkedchange".split()
)
_AUTOMATIC = frozenset(
    "load DOMContentLoaded readystatechange pageshow ready error scroll mousemove mouseover mouseenter resize hashchange "
    "popstate visibilitychange beforeunload unload pagehide message storage focusin wheel touchmove touchstart online "
    "success upgradeneeded complete".split()
)
_IMPLIED_EVENTS = {
    "scroll": "scrolling",
    "mousemove": "moving the mouse",
    "wheel": "scrolling",
    "touchmove": "touching",
}
_READS = frozenset({"JSON.stringify", "console.log", "String", "Boolean"})  # which leave what they are given as it is
_LISTENERS = frozenset(
    "addEventListener attachEvent on one once bind live delegate addListener listen subscribe observe".split()
)
_FOR_ELEMENTS = frozenset(  # methods of a selection that call a function for what was selected
    "each forEach map addEventListener on one bind live click submit change keydown keyup scroll resize hover".split()
)
_SHORTHANDS = frozenset("click submit change keydown keyup keypress scroll load ready resize mousemove focus".split())
_DEFER = frozenset(
    "setTimeout setInterval requestAnimationFrame requestIdleCallback queueMicrotask nextTick setImmediate defer".split()
)
_FOR_TESTS = lazy_re.compile(
    r"_+|_*(?:for_?)?(?:tests?|testing|internals?|private)(?:_?(?:only|exports?|utils))?_*", re.I
)
_A_COMPONENT = lazy_re.compile(r"^[^{]*\bextends\s[^{]*Component\b")
_LIFECYCLE = frozenset(
    "constructor connectedCallback componentDidMount componentDidUpdate render mounted created beforeMount ready connect "
    "initialize init start run setup attached bind onMounted ngOnInit ngDoBootstrap ngAfterViewInit activate boot main default data "
    "load head install onClientEntry onRouteUpdate onInitialClientRender onRouteDidUpdate enhanceApp useEffect Init start "
    "updated beforeCreate willMount getInitialProps componentWillMount onload onAdd ngOnChanges ngDoCheck ngAfterContentInit "
    "ngAfterContentChecked ngAfterViewChecked $onInit $onChanges $postLink UNSAFE_componentWillMount "
    "componentWillReceiveProps UNSAFE_componentWillReceiveProps getDerivedStateFromProps shouldComponentUpdate "
    "getSnapshotBeforeUpdate attributeChangedCallback adoptedCallback firstUpdated willUpdate beforeUpdate "
    "beforeRouteEnter componentWillLoad componentDidLoad componentWillRender componentDidRender didInsertElement "
    "didReceiveAttrs didRender getServerSideProps getStaticProps getStaticPaths".split()
)
# What Next.js, Gatsby, Remix and React Router call on the server, or when the site is built.
_SERVED = lazy_re.compile(
    r"^(?:export\s+)?(?:async\s+)?(?:const|let|var|function\s*\*?)\s*(?:(?P<name>getServerSideProps|getStaticProps|getStaticPaths|"
    r"generateMetadata|generateStaticParams|generateViewport|getServerData)|(?P<generic>loader|action))\b",
    re.MULTILINE,
)
_OF_ROUTES = lazy_re.compile(
    r"['\"](?:@remix-run/|@shopify/remix-oxygen|(?:\.{1,2}/)+\+types/)|\b(?:Loader|Action)FunctionArgs\b"
)
_OF_DIRECTIVES = frozenset({"link", "compile", "controller", "template", "templateUrl"})  # AngularJS calls them
_YES_TEXT = lazy_re.compile(
    r"accept|agree|allow|consent|opt-?_?in|cookie|akzept|zustimm|autoris|enable|approve|grant|gdpr|privacy", re.I
)
_NO_TEXT = lazy_re.compile(r"declin|reject|refus|deny|opt-?_?out|ablehn", re.I)
_READ_ATTRIBUTE = frozenset({"attr", "data", "getAttribute", "hasAttribute"})
_NARROWS = frozenset(  # methods of a selection that give none of what it does not hold
    "find children first last eq filter not parent parents closest siblings next prev each slice addClass removeClass "
    "toggleClass on off css".split()
)
_IGNORED_HOLDERS = frozenset(
    {"unary_expression", "update_expression", "import_specifier", "import_clause", "class_heritage"}
)
_DECLARES_PROPERTY = frozenset(
    "object_pattern pair_pattern object_assignment_pattern required_parameter property_signature method_signature".split()
)
_EXITS = frozenset({"return_statement", "throw_statement", "continue_statement", "break_statement"})
_MAX_HOPS = 40
_STEPS_FOR_A_DIALOG = 250
_MAX_SIBLINGS = 300
_MAX_MODULES = 5  # functions around each other that make an object

_SETTLED = lazy_re.compile(
    r"'[^']*'|\"[^\"]*\"|\b(?:true|false|null)\b|\bprocess\.env\.NODE_ENV\b|\bimport\.meta\.env\.(?:DEV|PROD|MODE)\b|\b__DEV__\b"
    r"|\bapp\.get(?=\(['\"]env['\"]\))"
)


class Flow:
    """The analysis of one script in its surroundings."""

    def __init__(
        self, script: Script, mechanisms: Mechanisms, surroundings: Surroundings, budget: Budget | None = None
    ) -> None:
        self.script = script
        self.budget = budget or Budget()
        self.mechanisms = mechanisms
        self.surroundings = surroundings
        self._functions: dict[tuple[int, bool, tuple[tuple[int, bool], ...]], Reach | None] = {}
        # The function whose calls are looked for, conditions in it, and what else the arguments of a call may rule out.
        self._asked: tuple[Node, tuple[tuple[Node, bool], ...], Excludes | None] | None = None
        self.facade = False
        self._inside_of: tuple[int, ...] = ()
        self._memo: dict[tuple[int, int, bool], Reach | None] = {}
        self.values = Values(self)

    # ---- questions

    def reach(self, node: Node, facade: bool = False) -> Reach:
        """`facade`: a visitor's click on the place of the load counts as agreement to that load alone."""
        outer, self.facade = self.facade, facade
        try:
            return self.reached(node) or Reach("unknown", why="it is only reached from itself")
        finally:
            self.facade = outer

    def beside(self, script: Script) -> Flow:
        """The analysis of another script in the course of the same question."""
        if script is self.script:
            return self
        flow = Flow(script, self.mechanisms, self.surroundings, self.budget)
        flow.facade = self.facade
        flow.values.interpreting = self.values.interpreting
        return flow

    def is_never_met(self, node: Node) -> bool:
        """Whether a condition that is written around a place can never hold, whoever runs what."""
        place: Node | None = node
        while place is not None:
            for condition, wanted, _ in self._conditions(place):
                value = self.evaluate(condition)
                if value.kind == "known" and not value.consent and value.truth is not wanted:
                    return True
            function = self.script.enclosing(place, FUNCTIONS)
            place = self.script.parent(function) if function is not None else None
        return False

    def inside(
        self, node: Node, function: Node, facade: bool = False, arguments: Sequence[Abstract] | None = None
    ) -> Reach | None:
        """What closes a place within a function, or within the whole script, whoever calls it; None when nothing does.

        With the `arguments` of a call, what closes it for that call.
        """
        outer, self.facade = self.facade, facade
        try:
            with self._only_inside(function):
                found = self.reached(node)
        finally:
            self.facade = outer
        if found is not None and found.state in ("gated", "dead"):
            return found
        if arguments is None:
            return None
        conditions = tuple((condition, wanted) for condition, wanted, _ in self._conditions(node))
        asked, self._asked = self._asked, (function, conditions, None)
        try:
            excludes = self._excludes()
        finally:
            self._asked = asked
        return excludes(arguments, lambda index, key: None) if excludes is not None else None

    def used(self, expression: Node, facade: bool = False) -> Reach | None:
        """How a function comes to be called whose value stands at an expression; None when that leads back to itself."""
        outer, self.facade = self.facade, facade
        try:
            return self.used_at(expression)
        finally:
            self.facade = outer

    def let_through(self, callback: Node) -> Reach | None:
        """What keeps a list's items back when this function chooses among them; None when nothing does."""
        found = self.values.definition(callback)
        if found is None:
            return None
        owner, function = found
        flow = self.beside(owner)
        value = flow.values.outcome(function, {}).value
        if value.truth is not False or not value.consent:
            return None
        body = function.child_by_field_name("body") or function
        answers = [node for node in body.named_children if node.type == "return_statement"]
        return flow._closed(value, (nth_child(answers[-1], 0) if answers else None) or body, function, True)

    def asked_before(self, node: Node) -> Iterator[tuple[str, bool]]:
        """(condition as written, whether it has to hold) up to the edge of the function, innermost first."""
        for condition, wanted, _ in self._conditions(node):
            yield self.script.text_of(condition), wanted

    def evaluate(self, node: Node) -> Abstract:
        """What an expression is worth before any choice."""
        return self.values.evaluate(node)

    # ---- 1. to the edge of the function

    def reached(self, node: Node) -> Reach | None:
        """None: this way leads back into itself."""
        place = (self.script, node.start_byte, node.end_byte, "place")
        if place in self.budget.asking:
            self.budget.cut(place)
            return None
        memo = (node.start_byte, node.end_byte, self.facade)
        if memo in self._memo:
            return self._memo[memo]
        partial = (self.script, *memo, self._inside_of)
        if kept := self.budget.kept(partial):
            return kept[0]
        if not self.budget.spend():
            self.budget.cuts += 1
            return Reach("unknown", why="there are too many ways to follow", at=self._at(node))
        cuts = self.budget.cuts
        with self.budget.asks(place) as cut:
            found = self._reach_place(node)
        if cuts == self.budget.cuts:
            self._memo[memo] = found
        else:
            self.budget.keep(partial, found, cut)
        return found

    def _reach_place(self, node: Node, handed: Excludes | None = None) -> Reach | None:
        """`handed` tells of the arguments of the function around a place whether they rule the place out."""
        held = self._held(node) or self._held_by_component(node)
        if held is not None and held.state == "gated":
            return held
        missing = self._loops_over_nothing(node)
        if missing is not None:
            return missing
        implied = held.implied if held is not None else ""
        undecided: list[tuple[Node, bool]] = []
        for condition, wanted, place in self._conditions(node):
            value = self.evaluate(condition)
            truth = value.truth
            if truth is not wanted and not value.consent and not value.missing:
                settled = self.surroundings.settled(self.script, condition)
                if settled is not None and settled is not wanted:
                    return switched_off(self._at(condition), _short(self.script.text_of(condition)))
            if truth is not None and truth is not wanted:
                return self._closed(value, condition, place, wanted)
            if truth is None:
                undecided.append((condition, wanted))
            if value.implied and truth is None and not value.consent:
                implied = implied or f"`{value.named}`"
        for promise in self._awaited(node):
            gate = self._promise(promise)
            if gate is not None and gate.state == "gated":
                return gate
        function = self.script.enclosing(node, FUNCTIONS)
        way = self._edge(node) if function is None else self._function(function, undecided, handed)
        if way is not None and held is not None and way.state == "open":
            way = way._replace(mechanism=held.mechanism, why=held.why, at=held.at)
        if way is not None and implied and way.state == "open" and not way.implied:
            way = way._replace(implied=implied)
        return way

    def _held(self, node: Node) -> Reach | None:
        """What a consent manager does itself when the visitor agrees: a job on its queue, an address in its configuration."""
        script = self.script
        if node.type == "pair":
            holder = script.parent(node)
            value = node.child_by_field_name("value")
            if holder is None or value is None or value.type not in ("string", "template_string"):
                return None
            key = script.key_of(node)
            gate = self.mechanisms.callback_key(key, self.context(holder))
            if gate is None or gate.proves != "consent" or self.mechanisms.opened_by(gate, script, node):
                return None
            category = gate.category or self.sibling_category(holder, gate.category_from)
            why = f"`{key}` is loaded by the consent manager when the visitor agrees"
            return Reach("gated", gate.manager, category, self._at(node), why, (Hop(*self._at(node), why),))
        pushed = self.mechanisms.pushed(script, node) if node.type == "call_expression" else None
        if pushed is None:
            return None
        at = self._at(node)
        name = pushed.manager.name
        if pushed.opened_by:
            why = f"{name} does not wait for a choice: {pushed.opened_by}"
            mechanism = name if pushed.implied else "broken-gate"
            return Reach("open", mechanism, None, at, why, implied=pushed.opened_by if pushed.implied else "")
        why = f"{name} runs it when the visitor agrees"
        return Reach("gated", pushed.manager.slug, None, at, why, (Hop(*at, why),))

    def _held_by_component(self, node: Node) -> Reach | None:
        """What keeps a component of the project from showing what stands between its tags: `<Modal open={playing}>`."""
        chain = self.script.ancestors(node)
        for child, parent in zip(chain[:0:-1], chain[-2::-1], strict=True):
            if child.type in FUNCTIONS:
                return None
            tag = nth_child(parent, 0) if parent.type == "jsx_element" else None
            name = tag.child_by_field_name("name") if tag is not None and tag.id != child.id else None
            if tag is None or name is None or not self.script.text_of(name)[:1].isupper():
                continue
            with self.budget.apart(_STEPS_FOR_A_DIALOG):  # what cannot be told of it must not hide the way around it
                found = self.values.definition(name)
                if found is not None:
                    closed = self.beside(found[0]).shows_children(found[1], partial(self.property_of, tag))
                else:
                    closed = self._closed_dialog(tag, name)
            if closed is not None and closed.state == "gated":
                return closed
        return None

    def _closed_dialog(self, tag: Node, name: Node) -> Reach | None:
        """What keeps a dialog of a library closed, which shows its content only while it is open."""
        script = self.script
        binding = script.binding(name) if name.type == "identifier" else None
        listed = dialogs()
        asked = listed.shown_by.get(script.imported_as(binding))
        kept = any(re.search(rf"\s{keeping}\b", script.text_of(tag)) for keeping in listed.keeps)
        value = self.property_of(tag, asked) if asked is not None and not kept else None
        return self._closed(value, tag, tag, True) if value is not None and value.truth is False else None

    def shows_children(self, component: Node, given: Callable[[str], Abstract | None]) -> Reach | None:
        """What closes every place where a component shows its children, by the properties that it is given; None where one is open."""
        script = self.script
        inside = [
            use
            for use in script.occurrences("children") or ()
            if component.start_byte <= use.start_byte < component.end_byte
            and use.type != "shorthand_property_identifier_pattern"
        ]
        found: Reach | None = None
        for use in inside:
            conditions = [(condition, wanted, place) for condition, wanted, place in self._conditions(use)]
            read = " ".join(script.text_of(condition)[:500] for condition, _, _ in conditions)
            world = self.values.with_arguments(
                component, [], lambda index, key: given(key) if index == 0 else None, read
            )
            values = (
                (world.evaluate(from_script(script, condition)), condition, wanted, place)
                for condition, wanted, place in conditions
            )
            contrary = next((one for one in values if one[0].truth is not None and one[0].truth is not one[2]), None)
            if contrary is None:
                return None
            found = found or self._closed(contrary[0], contrary[1], contrary[3], contrary[2])
        return found

    def _closed(self, value: Abstract, condition: Node, place: Node, wanted: bool) -> Reach:
        text = _short(self.script.text_of(condition))
        at = self._at(condition)
        if value.missing and not value.consent:
            return self._absent(value.missing, condition)
        if not value.consent:
            # only what is written out is certain never to run, and what a build settles; the rest may be a mistake of ours
            certain = not re.search(r"[A-Za-z_$]", _SETTLED.sub("", text))
            why = f"`{text}` can never {'hold' if wanted else 'fail'}"
            return Reach("dead", "constant" if certain else "never", None, at, why)
        categories = value.categories
        category = next(iter(categories)) if len(categories) == 1 else None
        reason = f"`{text}` is {'not true' if wanted else 'true'} before a choice"
        if value.by_name:
            reason += f" (judged by the name `{value.named}`; its definition is not in the repository)"
        elif value.named and value.named not in text:
            reason += f" (it reads `{value.named}`)"
        return Reach(
            "gated",
            "condition",
            category,
            at,
            reason,
            (Hop(*at, f"only if `{text}`" if wanted else f"not if `{text}`"),),
        )

    def _conditions(self, node: Node) -> Iterator[tuple[Node, bool, Node]]:
        """(condition, whether it has to hold, the place) up to the edge of the function."""
        chain = self.script.ancestors(node)
        for index in range(len(chain) - 1, 0, -1):
            child, parent = chain[index], chain[index - 1]
            if child.type in FUNCTIONS:
                return
            kind = parent.type
            if kind == "if_statement" or kind == "ternary_expression":
                condition = parent.child_by_field_name("condition")
                if condition is not None and child != condition:
                    yield condition, child == parent.child_by_field_name("consequence"), child
            elif kind == "binary_expression":
                left = parent.child_by_field_name("left")
                operator = parent.child_by_field_name("operator")
                sign = self.script.text_of(operator) if operator is not None else ""
                if left is not None and child != left and sign in ("&&", "||", "??"):
                    yield left, sign == "&&", child
            elif kind in ("while_statement", "for_statement"):
                condition = parent.child_by_field_name("condition")
                body = parent.child_by_field_name("body")
                if condition is not None and child == body and condition.type not in ("empty_statement", ";"):
                    yield condition, True, child
            elif kind == "for_in_statement":
                iterated = parent.child_by_field_name("right")
                if iterated is not None and child == parent.child_by_field_name("body"):
                    value = self.evaluate(iterated)
                    if value.kind == "absent" and value.consent:
                        yield iterated, True, child
            elif kind in ("switch_case",):
                yield from self._switch(parent, child)
            if kind in ("statement_block", "program", "switch_case", "switch_default"):
                yield from self._early_exits(parent, child)

    def _switch(self, case: Node, child: Node) -> Iterator[tuple[Node, bool, Node]]:
        value = case.child_by_field_name("value")
        body = self.script.enclosing(case, {"switch_statement"})
        if value is None or body is None or child == value:
            return
        previous = case.prev_named_sibling
        if previous is not None and previous.type == "switch_case" and not _exits(previous):
            return  # falls through from another case
        subject = body.child_by_field_name("value")
        if subject is None:
            return
        asked = self.evaluate(subject)
        wanted = self.evaluate(value)
        if asked.kind == "absent" and asked.consent and wanted.kind == "known" and wanted.value:
            yield subject, True, child
        if asked.kind == "known" and asked.value is True:  # switch (true) { case consent.x: …
            yield value, True, child

    def _early_exits(self, block: Node, child: Node) -> Iterator[tuple[Node, bool, Node]]:
        if block.type == "program" and block.named_child_count > _MAX_SIBLINGS:
            return
        for sibling in block.named_children:
            if sibling.start_byte >= child.start_byte:
                return
            if sibling.type != "if_statement":
                continue
            condition = sibling.child_by_field_name("condition")
            consequence = sibling.child_by_field_name("consequence")
            alternative = sibling.child_by_field_name("alternative")
            if condition is None:
                continue
            if consequence is not None and _exits(consequence):
                yield condition, False, sibling
            elif alternative is not None and _exits(alternative):
                yield condition, True, sibling

    def _awaited(self, node: Node) -> Iterator[Node]:
        """Promises that have to be fulfilled before the place, in the same function."""
        chain = self.script.ancestors(node)
        for index in range(len(chain) - 1, 0, -1):
            child, parent = chain[index], chain[index - 1]
            if child.type in FUNCTIONS:
                return
            if parent.type in ("statement_block", "program") and parent.named_child_count <= _MAX_SIBLINGS:
                for sibling in parent.named_children:
                    if sibling.start_byte >= child.start_byte:
                        break
                    if sibling.type in ("expression_statement", "lexical_declaration", "variable_declaration"):
                        text = self.script.text_of(sibling)
                        if "await" in text[:200]:
                            awaited = first_within(sibling, "await_expression")
                            promise = nth_child(awaited, 0) if awaited is not None else None
                            if promise is not None:
                                yield promise

    # ---- 2. ways into a function

    def _function(
        self, function: Node, conditions: Sequence[tuple[Node, bool]] = (), handed: Excludes | None = None
    ) -> Reach | None:
        """`conditions` are those within the function that its arguments may decide: each call is asked for them."""
        place = (self.script, function.start_byte, function.end_byte, "function")
        if place in self.budget.asking:
            self.budget.cut(place)
            return None
        conditions = [pair for pair in conditions if self._depends_on_parameter(pair[0], function)]
        known_before = (function.id, self.facade, tuple((condition.id, wanted) for condition, wanted in conditions))
        if handed is None and known_before in self._functions:
            return self._functions[known_before]
        plain = (function.id, self.facade, ())
        if self._functions.get(plain) is _WITHIN:
            return _WITHIN
        partial = (self.script, "function", *known_before, self._inside_of)
        if handed is None and (kept := self.budget.kept(partial)):
            return kept[0]
        cuts = self.budget.cuts
        asked, self._asked = self._asked, (function, tuple(conditions), handed)
        try:
            with self.budget.asks(place) as cut:
                found = self._ways_in(function)
        finally:
            self._asked = asked
        if found is not None and len(found.hops) > _MAX_HOPS:
            found = found._replace(hops=found.hops[:_MAX_HOPS])
        if handed is not None:
            return found  # of this call alone
        if cuts == self.budget.cuts:
            self._functions[known_before] = found
        else:
            self.budget.keep(partial, found, cut)
        return found

    def _depends_on_parameter(self, condition: Node, function: Node) -> bool:
        parameters = function.child_by_field_name("parameters") or function.child_by_field_name("parameter")
        if parameters is None:
            return False
        names = set(re.findall(r"[A-Za-z_$][\w$]*", self.script.text_of(parameters)[:300]))
        return bool(names & set(re.findall(r"[A-Za-z_$][\w$]*", self.script.text_of(condition)[:500])))

    def _excluded_by_arguments(self, call: Node) -> Reach | None:
        """Closed when the arguments of this very call contradict a condition within the function that it calls."""
        excludes = self._excludes()
        closed = self.excluded(excludes, call) if excludes else None
        return closed._replace(at=self._at(call)) if closed is not None and closed.state == "dead" else closed

    def excluded(self, excludes: Excludes, call: Node) -> Reach | None:
        """What `excludes` says of the arguments of a call in this script."""
        arguments = self.script.arguments(call)

        def entry(index: int, key: str) -> Abstract | None:
            return self.values.entries.of(arguments[index], key) if index < len(arguments) else None

        return excludes([self.evaluate(argument) for argument in arguments], entry)

    def _excludes(self) -> Excludes | None:
        """Tells of arguments whether they contradict a condition within the function whose calls are looked for."""
        if self._asked is None or not (self._asked[1] or self._asked[2]):
            return None
        function, conditions, handed = self._asked

        def excludes(values: Sequence[Abstract], entry: Entry) -> Reach | None:
            read = " ".join(self.script.text_of(condition)[:500] for condition, _ in conditions)
            world = self.values.with_arguments(function, values, entry, read)
            for condition, wanted in conditions:
                value = world.evaluate(from_script(self.script, condition))
                if value.truth is not None and value.truth is not wanted:
                    return self._closed(value, condition, condition, wanted)
            return handed(values, entry) if handed is not None else None

        return excludes

    def _reached_by_call(self, call: Node) -> Reach | None:
        """How a call is reached that may hand on what the function around it was given: `save(choices)` in which `load(choices)`."""
        inner = self._excludes()
        function = self.script.enclosing(call, FUNCTIONS)
        place = (self.script, call.start_byte, call.end_byte, "place")
        arguments = self.script.arguments(call)
        if inner is None or function is None or place in self.budget.asking or not self.budget.spend():
            return self.reached(call)
        positions = [self._unchanged_parameter(argument, function) for argument in arguments]
        if not any(position is not None for position in positions):
            return self.reached(call)

        def handed(values: Sequence[Abstract], entry: Entry) -> Reach | None:
            def own(index: int, key: str) -> Abstract | None:
                position = positions[index] if index < len(positions) else None
                return entry(position, key) if position is not None else None

            given = [
                values[position] if position is not None and position < len(values) else FREE for position in positions
            ]
            return inner(given, own)

        with self.budget.asks(place):
            return self._reach_place(call, handed)

    def _unchanged_parameter(self, argument: Node, function: Node) -> int | None:
        """The position of the function's parameter that an argument within it is, as it was given; None for anything else."""
        script = self.script
        binding = script.binding(argument) if argument.type == "identifier" else None
        if (
            binding is None
            or binding.kind != "parameter"
            or binding.scope.id != function.id
            or script.assignments(binding)
        ):
            return None
        position = script.parameter_index(function, binding.declaration)
        holder = script.parent(binding.declaration)
        if holder is None or holder.type not in ("formal_parameters", "required_parameter", "arrow_function"):
            return None  # a part of what is given, or what it may be besides
        for use in script.uses(binding):
            member = script.parent(use)
            outer = script.parent(member) if member is not None else None
            if member is None or outer is None:
                return None
            if member.type in ("member_expression", "subscript_expression"):
                if outer.child_by_field_name("left") == member or outer.type in (
                    "update_expression",
                    "unary_expression",
                ):
                    return None
                if outer.type == "call_expression" and outer.child_by_field_name("function") == member:
                    return None
            elif (
                member.type == "arguments"
                and use.id != argument.id
                and script.dotted(outer.child_by_field_name("function")) not in _READS
            ):
                return None
        return position

    def _ways_in(self, function: Node) -> Reach | None:
        served = self._called_on_server(function)
        if served:
            return Reach("dead", "server", None, self._at(function), f"`{served}` runs on the server")
        if function.type in ("function_declaration", "generator_function_declaration"):
            name = function.child_by_field_name("name")
            if name is None:
                return self.used_at(function)
            return self._named(function, self.script.text_of(name))
        if function.type == "method_definition":
            return self._method(function)
        name = function.child_by_field_name("name")
        ways = []
        if name is not None:  # a named function expression can call itself
            own = self.script.binding(name)
            for use in self.script.uses(own) if own is not None and own.value == function else ():
                way = self.used_at(use)
                if way is not None:
                    ways.append(way)
        way = self.used_at(function)
        if way is not None:
            ways.append(way)
        return any_of(ways)

    def _called_on_server(self, function: Node) -> str:
        """The name of the function of the outermost level around one, if it is one that a framework calls on its server; ""."""
        script = self.script
        if script.origin is not None or _SERVED.search(script.text) is None:
            return ""
        outermost, parent = function, script.parent(function)
        while parent is not None and parent.type != "program":
            outermost, parent = parent, script.parent(parent)
        match = _SERVED.match(script.text_of(outermost))
        if match is None or (match["generic"] and _OF_ROUTES.search(script.text) is None):
            return ""
        return match["generic"] or match["name"]

    def _named(self, function: Node, name: str) -> Reach | None:
        gate = self.mechanisms.callback_name(name)
        declaration = function.child_by_field_name("name") or function
        binding = self.script.binding(declaration)
        top_level = self.script.enclosing(function, FUNCTIONS) is None
        ways: list[Reach] = []
        followed = False
        for use in self.script.uses(binding) if binding is not None else ():
            if self._declares_only(use) or self.script.is_dependency(use):
                continue
            followed = True
            way = self.used_at(use)
            if way is not None:
                ways.append(way.through(Hop(*self._at(use), f"{name}() is used here")))
                if way.state == "open":
                    return ways[-1]
        if self._is_default_export(function):  # its importers give it a name of their own
            ways += self.surroundings.callers(self.script, "default", self.facade, self._excludes())
        return self._with_outside(function, name, ways, followed, gate, top_level)

    def _is_default_export(self, declaration: Node) -> bool:
        holder = self.script.parent(declaration)
        return (
            holder is not None and holder.type == "export_statement" and "default" in self.script.text_of(holder)[:20]
        )

    def _with_outside(
        self, function: Node, name: str, ways: list[Reach], followed: bool, gate: Gate | None, public: bool
    ) -> Reach | None:
        """Adds the ways from elsewhere to the ones of this script."""
        if public:
            cuts = self.budget.cuts
            elsewhere = self.surroundings.callers(self.script, name, self.facade, self._excludes())
            ways += elsewhere
            followed = followed or bool(elsewhere) or cuts != self.budget.cuts
        if gate is not None:
            ways.append(self._gate(gate, function, f"`{name}` is called by the consent manager"))
        if ways:
            return any_of(ways)
        if followed:
            return None
        if name in _LIFECYCLE or name[:1].isupper() or name.startswith("use"):
            return self._edge(function)
        if self._is_hidden(function):
            return Reach("dead", "constant", None, self._at(function), f"`{name}` is never called")
        return self._uncalled(name, function)

    def _uncalled(self, name: str, place: Node) -> Reach:
        name = name.replace(UNKNOWN, "…")
        named = self.surroundings.named_at(self.script, name)
        if named is not None:
            where = f"{named[0]}:{named[1]}"
            why = f"`{name}` is named at {where} in a manner that is not followed: what is done with it there decides"
        else:
            why = f"`{name}` is never called in this repository: whoever calls it decides"
        return Reach("unknown", "uncalled", None, named or self._at(place), why)

    def _is_hidden(self, function: Node) -> bool:
        """Whether a function at the outermost level is seen by its own file alone: a module's that is not exported."""
        script = self.script
        if script.origin is not None or not script.is_module:
            return False
        holder = script.parent(function)
        kept = holder is not None and holder.type == "variable_declarator"
        if function.type in ("arrow_function", "function_expression") and holder is not None and kept:
            holder = script.parent(script.parent(holder) or holder)
        elif function.type not in ("function_declaration", "generator_function_declaration"):
            return False
        return holder is not None and holder.type == "program"

    def _declares_only(self, use: Node) -> bool:
        parent = self.script.parent(use)
        return parent is not None and (
            parent.type in _IGNORED_HOLDERS
            or (
                parent.type in ("function_declaration", "class_declaration")
                and parent.child_by_field_name("name") == use
            )
        )

    def _method(self, method: Node) -> Reach | None:
        """A method of a class or of an object literal."""
        name = self.script.key_of(method)
        holder = self.script.parent(method)
        if holder is not None and holder.type == "object":
            return self._property(name, holder, method)
        definition = self.script.parent(holder) if holder is not None else None
        if definition is None:
            return self._edge(method)
        class_name = definition.child_by_field_name("name")
        label = self.script.text_of(class_name) if class_name is not None else ""
        drawn = name == "render" and _A_COMPONENT.search(self.script.text_of(definition)[:300]) is not None
        if name == "constructor" or drawn:  # React draws it wherever the class is used
            ways = [way for use in self._class_uses(definition) if (way := self.used_at(use)) is not None]
            names = [label] if label else []
            names += ["default"] if self._is_default_export(definition) else []
            elsewhere = [way for one in names for way in self.surroundings.callers(self.script, one, self.facade)]
            return any_of([*ways, *elsewhere]) or self._edge(definition)
        return self._called_as(name, method, public=True, fallback=definition)

    def _class_uses(self, definition: Node) -> list[Node]:
        name = definition.child_by_field_name("name")
        binding = self.script.binding(name) if name is not None else None
        if binding is None:
            return [definition]
        return [use for use in self.script.uses(binding) if not self._declares_only(use)]

    def _called_as(self, name: str, place: Node, public: bool, fallback: Node | None) -> Reach | None:
        """Calls and mentions of a property by its name: `x.name(…)`, `on('x', this.name)`."""
        mentions = self.script.occurrences(name)
        if mentions is None:
            return Reach("unknown", why=f"`{name}` is used too often to follow", at=self._at(place))
        ways: list[Reach] = []
        followed = False
        for mention in mentions:
            parent = self.script.parent(mention)
            if (
                parent is None
                or parent.type != "member_expression"
                or parent.child_by_field_name("property") != mention
                or place.start_byte <= mention.start_byte < place.end_byte  # itself, or the one that it overrides
            ):
                continue
            outer = self.script.parent(parent)
            if (
                outer is not None
                and outer.type == "assignment_expression"
                and outer.child_by_field_name("left") == parent
            ):
                continue
            followed = True
            way = self.used_at(parent)
            if way is not None:
                ways.append(way.through(Hop(*self._at(mention), f"{name}() is used here")))
                if way.state == "open":
                    return ways[-1]
        if not ways and public:
            ways += self._called_elsewhere(name, place)
        if ways:
            return any_of(ways)
        if followed:
            return None
        if name in _LIFECYCLE:
            return self._edge(fallback if fallback is not None else place)
        if name in _OF_DIRECTIVES:
            shown = any_of([way for call in self._directives() if (way := self.reached(call)) is not None])
            if shown is not None:
                return shown
        return self._uncalled(name, place)

    def _directives(self) -> Iterator[Node]:
        """The calls that register a directive of AngularJS in this script, `app.directive('mapBox', …)`, which some page shows."""
        script = self.script
        for kind in ("directive", "component"):
            for call in script.calls(kind):
                arguments = script.arguments(call)
                name = script.fold(arguments[0]) if len(arguments) > 1 else None
                if not isinstance(name, str) or not name.isalnum() or "angular" not in script.text:
                    continue
                tag = re.sub(r"(?<!^)([A-Z])", r"-\1", name).lower()
                if not all(self.surroundings.lacks(script.file.path, one) for one in (tag, f"[{tag}]", f".{tag}")):
                    yield call

    # ---- 2b. a function as a value

    def used_at(self, expression: Node) -> Reach | None:
        """How a function comes to be called whose value stands at this expression."""
        place = (self.script, expression.start_byte, expression.end_byte, "value")
        if place in self.budget.asking:
            self.budget.cut(place)
            return None
        if not self.budget.spend():
            return Reach("unknown", why="there are too many ways to follow", at=self._at(expression))
        with self.budget.asks(place):
            return self._value_at(expression)

    def _value_at(self, expression: Node) -> Reach | None:
        script = self.script
        node, parent = script.unwrapped_parent(expression)
        if parent is None:
            return self._edge(expression)
        kind = parent.type
        if kind == "call_expression" and parent.child_by_field_name("function") == node:
            return self._excluded_by_arguments(parent) or self._reached_by_call(parent)
        if kind == "new_expression" and parent.child_by_field_name("constructor") == node:
            return self.reached(parent)
        if kind == "arguments":
            call = script.parent(parent)
            return self._handed_to(call, node) if call is not None else self.reached(parent)
        if kind == "array":
            if script.is_dependency(node):
                return None
            call = script.parent(script.parent(parent) or parent)
            if call is not None and call.type == "call_expression":
                gate = self.mechanisms.callback_call(script, call)
                if gate is not None:
                    return self._gate(
                        gate, call, f"`{script.dotted(call.child_by_field_name('function'))}` calls back", holder=node
                    )
        if kind == "member_expression" and parent.child_by_field_name("object") == node:
            prop = parent.child_by_field_name("property")
            name = script.text_of(prop) if prop is not None else ""
            outer = script.parent(parent)
            if name in ("call", "apply") and outer is not None and outer.type == "call_expression":
                return self.reached(outer)
            if name == "bind" and outer is not None and outer.type == "call_expression":
                return self.used_at(outer)
            if (
                outer is not None
                and outer.type == "call_expression"
                and outer.child_by_field_name("function") == parent
            ):
                return self.reached(outer) if expression.type not in FUNCTIONS else None
            return None
        if kind == "assignment_expression" and parent.child_by_field_name("right") == node:
            return self._assigned(parent, node)
        if kind == "variable_declarator" and parent.child_by_field_name("value") == node:
            return self._variable(parent, expression)
        if kind == "pair":
            holder = script.parent(parent)
            return self._property(script.key_of(parent), holder, parent) if holder is not None else self.reached(parent)
        if kind in ("public_field_definition", "field_definition"):
            return self._called_as(
                script.name_of(expression) or "", parent, public=True, fallback=script.parent(parent)
            )
        if kind == "object" and node.type == "shorthand_property_identifier":
            return self._property(script.text_of(node), parent, node)
        if kind in ("jsx_expression",):
            attribute = script.parent(parent)
            if attribute is not None and attribute.type == "jsx_attribute":
                return self._handler(attribute, parent)
            return self.reached(parent)
        if kind in JSX_TAGS:
            return self.reached(parent)
        if kind in ("export_statement", "export_specifier", "export_clause"):
            default = self._is_default_export(node)
            name = "default" if default else script.text_of(parent.child_by_field_name("alias") or node)
            elsewhere = self.surroundings.callers(script, name, self.facade, self._excludes())
            if elsewhere:
                return any_of(elsewhere)
            return self._edge(parent) if default else None
        if kind in ("ternary_expression", "binary_expression", "sequence_expression"):
            for condition, wanted, place in self._conditions(node):
                value = self.evaluate(condition)
                if value.truth is not None and value.truth is not wanted:
                    return self._closed(value, condition, place, wanted)
            if kind == "binary_expression" and parent.child_by_field_name("left") == node:
                operator = parent.child_by_field_name("operator")
                if operator is not None and script.text_of(operator) not in ("||", "??", "&&"):
                    return None
            return self.used_at(parent)
        if kind in _IGNORED_HOLDERS:
            return None
        made = script.made_by(node, parent)
        return self.used_at(made) if made is not None else self.reached(parent)

    def _variable(self, declarator: Node, expression: Node) -> Reach | None:
        script = self.script
        target = declarator.child_by_field_name("name")
        if target is None or target.type != "identifier":
            return self.reached(declarator)
        name = script.text_of(target)
        binding = script.binding(target)
        if binding is None:
            return self.reached(declarator)
        ways: list[Reach] = []
        followed = False
        for use in script.uses(binding):
            if self._declares_only(use) or self.script.is_dependency(use):
                continue
            parent = script.parent(use)
            if (
                parent is not None
                and parent.type == "assignment_expression"
                and parent.child_by_field_name("left") == use
            ):
                continue
            followed = True
            way = self.used_at(use)
            if way is not None:
                ways.append(way.through(Hop(*self._at(use), f"{name} is used here")))
                if way.state == "open":
                    return ways[-1]
        top_level = script.enclosing(declarator, FUNCTIONS) is None
        return self._with_outside(expression, name, ways, followed, self.mechanisms.callback_name(name), top_level)

    def _assigned(self, assignment: Node, value: Node) -> Reach | None:
        """`x.onload = f`, `window.f = f`, `A.prototype.f = f`, `f = function…`."""
        script = self.script
        left = assignment.child_by_field_name("left")
        if left is None:
            return self.reached(assignment)
        target = script.called(left).path
        name = target.rsplit(".", 1)[-1]
        gate = self.mechanisms.callback_name(target)
        if gate is not None:
            return self._gate(gate, assignment, f"`{target}` is called by the consent manager")
        if left.type == "identifier":
            binding = script.binding(left)
            if binding is not None:
                ways = []
                for use in script.uses(binding):
                    parent = script.parent(use)
                    if parent is not None and parent.child_by_field_name("left") == use:
                        continue
                    way = self.used_at(use)
                    if way is not None:
                        ways.append(way)
                return any_of(ways) or self.reached(assignment)
            return self._global(name, assignment)
        if name.startswith("on") and name[2:].lower() in {event.lower() for event in _AUTOMATIC | GESTURES} | {
            "readystatechange"
        }:
            return self._event(name[2:], left.child_by_field_name("object"), assignment)
        if target in ("module.exports",) or target.startswith(("exports.", "module.exports.")):
            exported = "default" if target == "module.exports" else name
            elsewhere = self.surroundings.callers(script, exported, self.facade, self._excludes())
            return any_of(elsewhere) if elsewhere else self._edge(assignment)
        if "." not in target:  # window.name = …, its prefix is left out
            return self._global(name, assignment)
        if left.type == "subscript_expression" and name == "[]":
            return self._computed(left, assignment)
        return self._called_as(name, assignment, public=True, fallback=assignment)

    def _computed(self, left: Node, assignment: Node) -> Reach | None:
        """`holder[key] = f`, by what the two names stand for: `const holder = api.maps || (api.maps = {}), key = "load"`."""
        script = self.script
        index, holder = left.child_by_field_name("index"), left.child_by_field_name("object")
        key = script.fold(index) if index is not None else None
        if not isinstance(key, str) or holder is None:
            return Reach("unknown", "uncalled", None, self._at(assignment), "it cannot be told what calls it")
        binding = script.binding(holder) if holder.type == "identifier" else None
        value = binding.value if binding is not None else None
        while value is not None and value.type == "binary_expression":
            value = value.child_by_field_name("left")
        owner = script.dotted(value if value is not None else holder).rsplit(".", 1)[-1]
        elsewhere = self.surroundings.callers(script, f"{owner}.{key}", self.facade)
        return any_of(elsewhere) or self._called_as(key, assignment, public=False, fallback=assignment)

    def _global(self, name: str, assignment: Node) -> Reach | None:
        ways: list[Reach] = []
        followed = False
        for use in self.script.occurrences(name) or ():
            parent = self.script.parent(use)
            if assignment.start_byte <= use.start_byte < assignment.end_byte and (
                parent is None or parent.type not in ("call_expression",)
            ):
                continue
            expression = use
            if (
                parent is not None
                and parent.type == "member_expression"
                and parent.child_by_field_name("property") == use
            ):
                if self.script.called(parent).path != name:
                    continue
                expression = parent
            elif use.type == "property_identifier":
                continue
            outer = self.script.parent(expression)
            if (
                outer is not None
                and outer.type == "assignment_expression"
                and outer.child_by_field_name("left") == expression
            ):
                continue
            followed = True
            way = self.used_at(expression)
            if way is not None:
                ways.append(way.through(Hop(*self._at(use), f"{name}() is used here")))
        return self._with_outside(assignment, name, ways, followed, None, True)

    def _property(self, key: str, holder: Node, member: Node) -> Reach | None:
        """A function under a key of an object literal."""
        context = self.context(holder)
        gate = self.mechanisms.callback_key(key, context)
        if gate is not None:
            category = gate.category or self.sibling_category(holder, gate.category_from)
            return self._gate(
                gate._replace(category=category), member, f"`{key}` is called by the consent manager", holder=member
            )
        if _accepts(key) and _YES_TEXT.search(f"{context} {key}"):
            return self._by_name(member, f"`{key}` is called when the visitor agrees, by its name", key)
        method = self.script.described_method(member)
        if method:
            return self._called_as(method, member, public=True, fallback=None)
        call = self._receiving_call(holder)
        if call is not None and key in ("success", "complete", "done", "callback", "onload", "onLoad", "then", "error"):
            return self.reached(call)
        mentions = self.script.occurrences(key) or ()
        ways: list[Reach] = []
        followed = False
        for mention in mentions:
            parent = self.script.parent(mention)
            if (
                parent is None
                or parent.type != "member_expression"
                or parent.child_by_field_name("property") != mention
                or member.start_byte <= mention.start_byte < member.end_byte  # itself, or the one that it overrides
            ):
                continue
            outer = self.script.parent(parent)
            if (
                outer is not None
                and outer.type == "assignment_expression"
                and outer.child_by_field_name("left") == parent
            ):
                continue
            within = self.script.enclosing(mention, {"pair", "method_definition"})
            if (
                within is not None
                and self.script.key_of(within) == key
                and ".prototype." in self.script.text_of(parent)
            ):
                continue  # a class calls the method of the same name of the class that it extends
            followed = True
            way = self.used_at(parent)
            if way is not None:
                ways.append(way.through(Hop(*self._at(mention), f"{key}() is used here")))
        if not ways:
            ways += self._called_elsewhere(key, holder)
        if not ways:
            ways += self._picked_from_table(holder)
        found = any_of(ways)
        if found is not None and found.state == "open":
            # by its name alone it may be another object's: nobody calls it who was not handed this one
            kept = self.surroundings.carried(self.script, member, self.facade)
            return kept if kept is not None and kept.state == "gated" else found
        if found is not None or followed or self._is_for_tests(holder):
            return found
        if self._is_named_once(key, holder):
            return self._uncalled(key, member)
        return self.reached(holder)

    def _is_named_once(self, key: str, holder: Node) -> bool:
        """Whether a method of a component of Vue has its name nowhere else in the component, nor after a dot elsewhere."""
        script = self.script
        pair = script.parent(holder)
        if script.origin is None or not script.file.path.endswith(".vue") or pair is None or pair.type != "pair":
            return False
        text = script.file.text
        own = [match.start() - script.base for match in re.finditer(rf"(?<![\w$]){re.escape(key)}(?![\w$])", text)]
        inside = [at for at in own if 0 <= at < len(script.text)]
        if script.key_of(pair) != "methods" or inside != own or text.count("<script") != 1:
            return False
        if sum(not script.in_comment(at) for at in inside) != 1:
            return False
        called = self.surroundings.called(script, key)
        return called is not None and not any(use.type == "property_identifier" for _, use in called)

    def _is_for_tests(self, holder: Node) -> bool:
        """Whether an object is exported under a name that says that only tests look into it: `export const _ = { load }`."""
        statement = self.script.enclosing(holder, {"export_statement", *FUNCTIONS})
        exported = statement is not None and statement.type == "export_statement"
        return exported and _FOR_TESTS.fullmatch(self._owner(holder)) is not None

    def _called_elsewhere(self, name: str, place: Node) -> list[Reach]:
        """The calls in other files of a method that stands at a place: on its class or object, or on what `new` makes."""
        owner = self._owner(place)
        made = rf"(?<![\w$.])([\w$]+)\s*=\s*new\s+{re.escape(owner)}(?![\w$.])" if owner else r"(?!)"
        owners = dict.fromkeys([owner, *re.findall(made, self.script.text)])
        callers = self.surroundings.callers
        return [way for one in owners for way in callers(self.script, f"{one}.{name}", self.facade)]

    def _owner(self, place: Node, depth: int = 0) -> str:
        """The name of the object or class that a property belongs to; "" when it has none."""
        script = self.script
        for ancestor in reversed(script.ancestors(place)):
            if ancestor.type == "variable_declarator":
                name = ancestor.child_by_field_name("name")
                plain = name is not None and name.type == "identifier"
                return self._outside(ancestor, script.text_of(name), depth) if name is not None and plain else ""
            if ancestor.type == "assignment_expression":
                left = script.dotted(ancestor.child_by_field_name("left"))
                right = ancestor.child_by_field_name("right")
                if right is not None and right.type in FUNCTIONS:
                    left = left.rpartition(".")[0]
                owner = left.removesuffix(".prototype").rsplit(".", 1)[-1].replace("this", "")
                return self._outside(ancestor, owner, depth)
            if ancestor.type == "class_declaration":
                name = ancestor.child_by_field_name("name")
                return script.text_of(name) if name is not None else ""
            if ancestor.type == "export_statement":
                return ""
            if ancestor.type in FUNCTIONS and ancestor.id != place.id and ancestor.type != "method_definition":
                return self._made_by(ancestor, depth)
        return ""

    def _outside(self, node: Node, owner: str, depth: int) -> str:
        """The name of an object, `this` if "", outside of the function that makes it, where that is its value."""
        function = self.script.enclosing(node, FUNCTIONS)
        given = self.script.returned(function) if function is not None else []
        if function is None or (owner and not any(self.script.text_of(one) == owner for one in given)):
            return owner
        return self._made_by(function, depth) or owner

    def _made_by(self, function: Node, depth: int) -> str:
        """The name of what a function makes: `var maps = (function () {…})()`, `new function () {…}`, or its own for `new`."""
        outer, parent = self.script.unwrapped_parent(function)
        if parent is not None and outer in (
            parent.child_by_field_name("function"),
            parent.child_by_field_name("constructor"),
        ):
            return self._owner(parent, depth + 1) if depth < _MAX_MODULES else ""
        name = self.script.name_of(function)
        return name if name.isidentifier() and f"new {name}" in self.script.text else ""

    def _picked_from_table(self, holder: Node) -> list[Reach]:
        """`table[name]()`: the functions of an object that is a table of functions."""
        ways = []
        current: Node | None = holder
        for _ in range(4):
            if current is None:
                break
            parent = self.script.parent(current)
            if parent is not None and parent.type == "variable_declarator":
                target = parent.child_by_field_name("name")
                binding = self.script.binding(target) if target is not None and target.type == "identifier" else None
                for use in self.script.uses(binding) if binding else ():
                    climb: Node = use
                    above = self.script.parent(climb)
                    while above is not None and above.type in ("subscript_expression", "member_expression"):
                        climb, above = above, self.script.parent(above)
                    if climb.id != use.id:
                        way = self.used_at(climb)
                        if way is not None:
                            ways.append(way)
                break
            current = parent
        return ways

    def context(self, node: Node) -> str:
        """Keys, callees and names that enclose an object literal, as one text."""
        parts: list[str] = []
        for ancestor in reversed(self.script.ancestors(node)):
            if ancestor.type in FUNCTIONS or ancestor.type == "program" or len(parts) > 12:
                break
            if ancestor.type == "pair":
                parts.append(self.script.key_of(ancestor))
            elif ancestor.type in ("call_expression", "new_expression"):
                callee = ancestor.child_by_field_name("function") or ancestor.child_by_field_name("constructor")
                parts.append(self.script.dotted(callee))
            elif ancestor.type == "variable_declarator":
                target = ancestor.child_by_field_name("name")
                name = self.script.text_of(target) if target is not None else ""
                parts.append(name)
                binding = self.script.binding(target) if target is not None and target.type == "identifier" else None
                for use in self.script.uses(binding)[:10] if binding else ():
                    call = self.script.enclosing(use, {"call_expression"})
                    if call is not None and call.end_byte - call.start_byte < 2000:
                        parts.append(self.script.dotted(call.child_by_field_name("function")))
            elif ancestor.type == "assignment_expression":
                parts.append(self.script.dotted(ancestor.child_by_field_name("left")))
            elif ancestor.type == "export_statement":
                parts.append(self.script.file.path)
        return " ".join(part for part in parts if part)

    def _receiving_call(self, holder: Node) -> Node | None:
        parent = self.script.parent(holder)
        if parent is not None and parent.type == "arguments":
            return self.script.parent(parent)
        return None

    def sibling_category(self, holder: Node, key: str | None = None) -> Category | None:
        naming = (key,) if key else ("name", "category", "purpose", "purposes", "id", "label", "title")
        for pair in holder.named_children:
            if pair.type == "pair" and self.script.key_of(pair) in naming:
                value = pair.child_by_field_name("value")
                folded = self.script.fold(value) if value is not None else None
                names = folded if isinstance(folded, list) else [folded]
                found = words.category(*(name for name in names if isinstance(name, str)))
                if found is not None:
                    return found
        for ancestor in reversed(self.script.ancestors(holder)[:-1]):
            if ancestor.type == "pair":
                found = words.category(self.script.key_of(ancestor))
                if found is not None:
                    return found
            elif ancestor.type in FUNCTIONS:
                break
        return None

    # ---- 2c. callbacks

    def _handed_to(self, call: Node, argument: Node) -> Reach | None:
        """The function is an argument of a call."""
        script = self.script
        callee = call.child_by_field_name("function") or call.child_by_field_name("constructor")
        name = script.dotted(callee)
        last = name.rsplit(".", 1)[-1].removesuffix("()")
        if callee is not None and callee.type == "member_expression":
            prop = callee.child_by_field_name("property")
            last = script.text_of(prop) if prop is not None else last
        target = (
            callee.child_by_field_name("object") if callee is not None and callee.type == "member_expression" else None
        )
        arguments = script.arguments(call)
        gate = self.mechanisms.callback_call(script, call)
        if gate is not None:
            return self._gate(gate, call, f"`{name}` calls back when the visitor decides", holder=argument)
        if target is not None and last in _FOR_ELEMENTS:
            missing = self._missing(target) or (self._missing_for_plugin(call) if last == "each" else "")
            if missing:
                return self._absent(_element(missing), call)
        if last in _LISTENERS and arguments:
            event = script.fold(arguments[0])
            if not isinstance(event, str) and last in ("subscribe", "listen", "observe", "addListener"):
                return self.reached(call)
            if isinstance(event, str):
                ways = [self._event(single, target, call) for single in event.split() or [""]]
                return any_of([way for way in ways if way is not None])
        if last in _SHORTHANDS and target is not None and arguments and arguments[-1].id == argument.id:
            return self._event(last, target, call)
        if last in ("then", "done", "always", "finally", "catch") and target is not None:
            gated = self._promise(target)
            if gated is not None and gated.state == "gated":
                return gated
            return self.reached(call)
        if last in _DEFER:
            return self.reached(call)
        if last in KEEPING and arguments and arguments[0].id == argument.id:
            return self.used_at(call)
        if callee is not None and callee.type == "identifier":
            inner = self._through_parameter(callee, call, arguments, argument)
            if inner is not None:
                return inner
            if self.values.definition(callee) is not None:
                return self.reached(call)  # it is known what it does, so its name is no evidence
        consent = words.meaning(last)
        if (consent == "consent" or _accepts(last)) and not _writes_choice(last):
            return self._by_name(
                call, f"`{name or last}` calls back when the visitor agrees, by its name", name or last
            )
        return self.reached(call)

    # ---- 2d. elements that no page has

    def _absent(self, missing: str, place: Node) -> Reach:
        at = self._at(place)
        why = f"no page that loads it has {missing}"
        return Reach("dead", "absent", None, at, why, (Hop(*at, f"only with {missing}"),))

    def _missing(self, node: Node | None, depth: int = 0) -> str:
        """The selector of a selection in which there is nothing on any page; "" for any other expression."""
        script = self.script
        while node is not None and node.type in ("parenthesized_expression", "non_null_expression"):
            node = nth_child(node, 0)
        if node is None or depth > 6:
            return ""
        if node.type == "identifier":
            binding = script.binding(node)
            if binding is None or binding.kind != "variable" or script.assignments(binding):
                return ""
            held = script.parent(binding.declaration)
            plain = held is not None and held.type == "variable_declarator"
            return self._missing(binding.value, depth + 1) if plain else ""
        if node.type != "call_expression":
            return ""
        callee = node.child_by_field_name("function")
        arguments = script.arguments(node)
        name = script.dotted(callee)
        first = script.fold(arguments[0]) if arguments else None
        last = name.rsplit(".", 1)[-1]
        selector = ""
        if (
            isinstance(first, str)
            and len(arguments) <= 2
            and (name in ("$", "jQuery") or last.startswith("querySelector"))
        ):
            selector = first if "<" not in first else ""
        elif isinstance(first, str) and last == "getElementById":
            selector = f"#{first}" if re.fullmatch(r"[\w-]+", first) else ""
        elif isinstance(first, str) and last == "getElementsByClassName":
            selector = "." + ".".join(first.split())
        elif isinstance(first, str) and last == "find" and len(arguments) == 1 and first.startswith((".", "#", "[")):
            selector = first
        if selector and self.surroundings.lacks(script.file.path, selector):
            return selector
        if last == "from" and arguments:
            return self._missing(arguments[0], depth + 1)
        if callee is not None and callee.type == "member_expression" and last in _NARROWS:
            return self._missing(callee.child_by_field_name("object"), depth + 1)
        return ""

    def _loops_over_nothing(self, node: Node) -> Reach | None:
        """Closed where a place stands in a loop over elements that no page has."""
        chain = self.script.ancestors(node)
        for child, parent in zip(chain[:0:-1], chain[-2::-1], strict=True):
            if child.type in FUNCTIONS:
                return None
            if child != parent.child_by_field_name("body"):
                continue
            looped: Node | None = None
            if parent.type == "for_in_statement":
                looped = parent.child_by_field_name("right")
            elif parent.type == "for_statement":  # i < boxes.length
                condition = parent.child_by_field_name("condition")
                operator = condition.child_by_field_name("operator") if condition is not None else None
                upwards = condition is not None and operator is not None and operator.type == "<"
                count = condition.child_by_field_name("right") if condition is not None and upwards else None
                if count is not None and self.script.property_name(count) == "length":
                    looped = count.child_by_field_name("object")
            missing = self._missing(looped)
            if missing:
                return self._absent(_element(missing), parent)
        return None

    def missing_value(self, node: Node) -> Abstract | None:
        """The value of a selection, of its length or an attribute, where there is nothing in it or no page has that."""
        if node.type == "call_expression":
            callee = node.child_by_field_name("function")
            called = self.script.dotted(callee).rsplit(".", 1)[-1]
            missing = self._missing(node) if called in ("querySelector", "getElementById") else ""
            if called in _READ_ATTRIBUTE and callee is not None and callee.type == "member_expression":
                missing = self._missing_attribute(callee, self.script.arguments(node))
            return Abstract("known", None, missing=_element(missing)) if missing else None
        if node.type == "member_expression" and self.script.property_name(node) == "length":
            missing = self._missing(node.child_by_field_name("object"))
            return Abstract("known", 0, missing=_element(missing)) if missing else None
        return self._unset(node) if node.type == "member_expression" else None

    def _unset(self, node: Node) -> Abstract | None:
        """The value of an entry of an object that this script makes, where nothing sets it."""
        holder = node.child_by_field_name("object")
        name = self.script.property_name(node)
        if not name or holder is None or holder.type != "identifier":
            return None
        owner = self.script.text_of(holder)
        if not self.surroundings.never_sets(self.script.file.path, owner, name):
            return None
        return Abstract("known", None, missing=f"anything that sets `{owner}.{name}`")

    def _missing_attribute(self, callee: Node, arguments: Sequence[Node]) -> str:
        """The selector that no page has something for, of what reads one attribute of it; "" where some page may."""
        name = self.script.fold(arguments[0]) if len(arguments) == 1 else None
        if not isinstance(name, str):
            return ""
        own = f"[{name}]" if name.startswith("data-") and re.fullmatch(r"[\w-]+", name) else ""
        if own and self.surroundings.lacks(self.script.file.path, own):
            return own
        return self._missing(callee.child_by_field_name("object"))

    def _missing_for_plugin(self, call: Node) -> str:
        """The selector on which a plugin is called whose work is `this.each(…)`, where that is nothing each time."""
        script = self.script
        callee = call.child_by_field_name("function")
        target = callee.child_by_field_name("object") if callee is not None else None
        function = script.enclosing(call, FUNCTIONS)
        if target is None or function is None or script.text_of(target) not in ("this", "$(this)", "jQuery(this)"):
            return ""
        holder = script.parent(function)
        if holder is None or holder.type != "assignment_expression":
            return ""
        plugin = re.fullmatch(r".*\bfn\.([\w$]+)", script.dotted(holder.child_by_field_name("left")))
        if plugin is None or (plugin[1] in _FOR_ELEMENTS):
            return ""
        here = script.occurrences(plugin[1])
        elsewhere = self.surroundings.called(script, plugin[1])
        if here is None or elsewhere is None:
            return ""
        found = ""
        for other, use in (*((script, one) for one in here), *elsewhere):
            member = other.parent(use)
            if member is None or member.type != "member_expression" or member.child_by_field_name("property") != use:
                if use.type == "property_identifier" or use.type == "identifier":
                    return ""
                continue
            selected = member.child_by_field_name("object")
            if other.dotted(member).rpartition(".")[0].endswith("fn"):
                continue  # its definition, its settings
            missing = self.beside(other)._missing(selected)
            if not missing:
                return ""
            found = found or missing
        return found

    def _through_parameter(self, callee: Node, call: Node, arguments: Sequence[Node], argument: Node) -> Reach | None:
        """The callee is defined here: follow the parameter that receives the function."""
        found = self.values.definition(callee)
        if found is None:
            return None
        owner, function = found
        index = next((i for i, given in enumerate(arguments) if given.id == argument.id), None)
        parameters = function.child_by_field_name("parameters")
        if index is None or parameters is None or index >= parameters.named_child_count:
            return None
        parameter = nth_child(parameters, index)
        if parameter is None:
            return None
        name = first_within(parameter, "identifier") or parameter
        flow = self.beside(owner)
        binding = owner.binding(name)
        if binding is None:
            return None
        ways = []
        for use in owner.uses(binding):
            way = flow._within(use, function)
            if way is not None:
                ways.append(way)
        combined = any_of(ways)
        if combined is None or combined.state == "open":
            return None  # called without a gate: the call of the function decides
        return combined

    def _within(self, use: Node, function: Node) -> Reach | None:
        """Like `_value`, but open at the edge of `function`: what lies outside is asked separately."""
        with self._only_inside(function):
            return self.used_at(use)

    @contextmanager
    def _only_inside(self, function: Node) -> Iterator[None]:
        """While this holds, the edge of the function is open: what lies outside is asked separately."""
        key = (function.id, self.facade, ())
        saved = self._functions.get(key)
        memo, self._memo = self._memo, {}
        inside, self._inside_of = self._inside_of, (*self._inside_of, function.id)
        self._functions[key] = _WITHIN
        try:
            yield
        finally:
            self._memo = memo
            self._inside_of = inside
            if saved is None:
                self._functions.pop(key, None)
            else:
                self._functions[key] = saved

    def _event(self, event: str, target: Node | None, place: Node) -> Reach | None:
        gate = self.mechanisms.event(event)
        if gate is not None:
            return self._gate(gate, place, f"the event `{event}` comes from the consent manager", holder=place)
        base = event.split(".")[0]  # jQuery name spaces
        if base in GESTURES and base not in _AUTOMATIC:
            return self._gesture(base, self._describe(target), place)
        if base in _AUTOMATIC:
            found = self.reached(place)
            implied = _IMPLIED_EVENTS.get(base)
            if found is not None and implied and found.state == "open":
                return found._replace(implied=implied)
            return found
        fired = self._fired(event)
        if fired is not None:
            return fired
        meant = self.mechanisms.nearest_event(event)
        if meant is not None:
            why = f"it listens to `{event}`, which {meant[0].name} never fires; `{meant[1]}` may be meant"
            return Reach("unknown", "broken-gate", None, self._at(place), why, (Hop(*self._at(place), why),))
        if words.meaning(event) == "consent" or (_accepts(event) and _YES_TEXT.search(event)):
            return self._by_name(place, f"the event `{event}` is fired when the visitor agrees, by its name", event)
        if words.meaning(event) == "answered" or words.key_meaning(event) == "consent":
            found = self.reached(place)
            return (
                found._replace(implied=f"the event `{event}`") if found is not None and found.state == "open" else found
            )
        return self.reached(place)

    def _fired(self, event: str) -> Reach | None:
        """Where this repository fires a custom event."""
        ways: list[Reach] = []
        for call in firing(self.script, event):
            way = self.reached(call)
            if way is not None:
                ways.append(way.through(Hop(*self._at(call), f"fires `{event}`")))
        ways += self.surroundings.dispatches(self.script, event, self.facade)
        return any_of(ways)

    def _gesture(self, event: str, described: str, place: Node) -> Reach | None:
        at = self._at(place)
        if asks_for_consent(described):
            hop = Hop(*at, f"runs on {event} of {_short(described)}")
            return Reach(
                "gated",
                "callback",
                words.category(described),
                at,
                f"it runs on {event} of `{_short(described)}`",
                (hop,),
            )
        outer = self.reached(place)
        if outer is None or outer.state in ("gated", "dead"):
            return outer
        if self.facade and not asks_to_decline(described):  # whoever clicks to decline did not ask for it
            hop = Hop(*at, f"runs on {event} of {_short(described) or 'an element'}")
            return Reach("gated", "facade", None, at, "it waits for the visitor's click on its placeholder", (hop,))
        if outer.state == "open":
            return outer._replace(why=outer.why or f"a {event} that is no answer to the question of consent starts it")
        return outer

    def _describe(self, target: Node | None) -> str:
        """What an event target is, in words: its expression and the selector or id behind its name."""
        if target is None:
            return ""
        script = self.script
        parts = [script.text_of(target)[:120]]
        current = target
        if current.type == "identifier":
            binding = script.binding(current)
            if binding is not None and binding.value is not None and binding.value.type not in FUNCTIONS:
                parts.append(script.text_of(binding.value)[:160])
            elif binding is not None:
                parts += [script.text_of(value)[:120] for value in script.arguments_for(binding)[:3]]
                if binding.kind == "parameter":  # buttons.forEach(button => button.addEventListener(…))
                    call = script.enclosing(binding.scope, {"call_expression"})
                    callee = call.child_by_field_name("function") if call is not None else None
                    if callee is not None and callee.type == "member_expression":
                        parts.append(self._describe(callee.child_by_field_name("object")))
            if binding is not None:
                parts += [script.text_of(value)[:120] for _, value in script.assignments(binding)[:3]]
        elif current.type == "member_expression":
            spelled_target = script.dotted(current)
            name = spelled_target.rsplit(".", 1)[-1]
            for mention in script.occurrences(name) or ():
                holder = script.parent(mention)
                outer = script.parent(holder) if holder is not None else None
                if (
                    outer is not None
                    and outer.type == "assignment_expression"
                    and outer.child_by_field_name("left") == holder
                ):
                    right = outer.child_by_field_name("right")
                    if right is not None and right.type not in FUNCTIONS:
                        parts.append(script.text_of(right)[:160])
        elif current.type == "call_expression":
            arguments = script.arguments(current)
            if arguments and arguments[0].type in ("identifier", "member_expression"):
                folded = script.fold(arguments[0])
                if isinstance(folded, str):
                    parts.append(folded)
        return " ".join(parts)

    def _handler(self, attribute: Node, expression: Node) -> Reach | None:
        """A function in a JSX attribute."""
        script = self.script
        element = script.parent(attribute)
        name_node = nth_child(attribute, 0)
        name = script.text_of(name_node) if name_node is not None else ""
        component = ""
        if element is not None:
            tag = element.child_by_field_name("name")
            component = script.text_of(tag) if tag is not None else ""
        gate = self.mechanisms.callback_key(name, component)
        if gate is not None:
            return self._gate(
                gate, attribute, f"`{component}` calls `{name}` when the visitor decides", holder=expression
            )
        event = name[2:].lower() if name.startswith("on") else ""
        own = self._through_property(component, name) if component[:1].isupper() else None
        if own is not None and own.state == "open":
            return self.reached(attribute)  # the component calls it without being asked
        if event in GESTURES:
            holder = (
                script.parent(element) if element is not None and element.type == "jsx_opening_element" else element
            )
            described = script.text_of(holder)[:400] if holder is not None else ""
            return self._gesture(event, described, attribute)
        if _accepts(name) and (_YES_TEXT.search(component + script.file.path) or _YES_TEXT.search(name)):
            return self._by_name(attribute, f"`{component}` calls `{name}` when the visitor agrees, by its name", name)
        return own if own is not None and own.state == "gated" else self.reached(attribute)

    def property_of(self, element: Node, key: str) -> Abstract | None:
        """The value that the tag of a component gives to one of its properties; None when it cannot be told."""
        script = self.script
        value: Abstract | None = known(None)
        for attribute in element.named_children:
            name = nth_child(attribute, 0)
            if attribute.type == "jsx_expression":  # {...properties}
                return None
            if attribute.type == "jsx_attribute" and name is not None and script.text_of(name) == key:
                given = nth_child(attribute, 1)
                inner = nth_child(given, 0) if given is not None and given.type == "jsx_expression" else given
                value = self.evaluate(inner) if inner is not None else TRUTHY
        return value

    def _through_property(self, component: str, name: str) -> Reach | None:
        """What a component of this project does with the function in its property `name`."""
        node = next(iter(self.script.occurrences(component) or ()), None)
        found = self.values.definition(node) if node is not None else None
        if found is None:
            return None
        owner, function = found
        flow = self.beside(owner)
        ways = []
        for use in owner.occurrences(name) or ():
            if function.start_byte <= use.start_byte < function.end_byte:
                holder = owner.parent(use)
                if holder is None or holder.type in _DECLARES_PROPERTY:
                    continue
                expression = holder if holder.type == "member_expression" and use.type == "property_identifier" else use
                if owner.is_only_asked_for(expression):
                    continue
                way = flow._within(expression, function)
                if way is not None:
                    ways.append(way)
        return any_of(ways)

    def _promise(self, promise: Node) -> Reach | None:
        """Whether a promise is fulfilled only after consent; None when nothing is known of it."""
        script = self.script
        node: Node | None = promise
        while node is not None and node.type in ("parenthesized_expression", "await_expression"):
            node = nth_child(node, 0)
        if node is None:
            return None
        place = (self.script, node.start_byte, node.end_byte, "promise")
        if place in self.budget.asking:
            return None
        with self.budget.asks(place):
            if node.type == "identifier":
                binding = script.binding(node)
                if binding is not None and binding.value is not None:
                    return self._promise(binding.value)
                return None
            if node.type == "new_expression":
                return self._executor(node, self)
            if node.type != "call_expression":
                return None
            callee = node.child_by_field_name("function")
            if callee is None:
                return None
            if callee.type == "member_expression":
                prop = callee.child_by_field_name("property")
                if prop is not None and script.text_of(prop) in ("then", "catch", "finally"):
                    inner = callee.child_by_field_name("object")
                    return self._promise(inner) if inner is not None else None
            found = self.values.definition(callee)
            if found is not None:
                owner, function = found
                flow = self.beside(owner)
                creation = first_within(function, "new_expression")
                if creation is not None and "Promise" in owner.text_of(creation)[:14]:
                    return self._executor(creation, flow)
            name = script.dotted(callee)
            gate = self.mechanisms.callback_name(name)
            if gate is not None and gate.proves == "consent":
                return self._gate(gate, node, f"`{name}` is fulfilled when the visitor agrees")
            return None

    def _executor(self, creation: Node, flow: Flow) -> Reach | None:
        """`new Promise(resolve => …)`: where resolve is called."""
        script = flow.script
        arguments = script.arguments(creation)
        if not arguments or arguments[0].type not in FUNCTIONS:
            return None
        executor = arguments[0]
        parameters = executor.child_by_field_name("parameters") or executor.child_by_field_name("parameter")
        if parameters is None:
            return None
        first = parameters if parameters.type == "identifier" else first_within(parameters, "identifier")
        binding = script.binding(first) if first is not None else None
        if binding is None:
            return None
        ways = [way for use in script.uses(binding) if (way := flow._within(use, executor)) is not None]
        return any_of(ways)

    def _gate(self, gate: Gate, place: Node, why: str, holder: Node | None = None) -> Reach:
        at = self._at(holder or place)
        hop = Hop(*at, why)
        if not self.mechanisms.is_pushed(gate, self.script, holder or place):
            why = f"{why}, but no page hands it this job"
            return Reach("gated", gate.manager, gate.category, at, why, (Hop(*at, why),))
        setting = self.mechanisms.opened_by(gate, self.script, holder or place)
        if setting:
            outer = self.reached(place)
            if outer is not None and outer.state in ("gated", "dead"):
                return outer
            return Reach(
                "open",
                gate.manager,
                None,
                at,
                f"{why}, and runs before any choice: `{setting}`",
                (hop,),
                f"`{setting}`",
            )
        if gate.proves == "consent":
            return Reach("gated", gate.manager, gate.category, at, why, (hop,))
        outer = self.reached(place)
        if outer is not None and outer.state in ("gated", "dead"):
            return outer
        return Reach("open", gate.manager, None, at, f"{why}, whatever the answer is", (hop,), implied="any answer")

    def _by_name(self, place: Node, why: str, name: str) -> Reach:
        at = self._at(place)
        return Reach("gated", "callback", words.category(name), at, why, (Hop(*at, why),))

    def _edge(self, node: Node) -> Reach:
        """The edge of the script itself."""
        if self.script.root.id in self._inside_of:
            return _WITHIN
        if self.script.enclosing(node, FUNCTIONS) is not None and node.type not in FUNCTIONS:
            inner = self.reached(node)
            if inner is not None:
                return inner
        return self.surroundings.entry(self.script, self.facade)

    def _at(self, node: Node) -> tuple[str, int]:
        return (self.script.file.path, self.script.line(node))


def _exits(statement: Node) -> bool:
    """Whether control never runs past the statement."""
    if statement.type in _EXITS:
        return True
    if statement.type == "else_clause":
        inner = nth_child(statement, 0)
        return inner is not None and _exits(inner)
    if statement.type in ("statement_block", "switch_case", "switch_default"):
        return any(child.type in _EXITS for child in statement.named_children)
    if statement.type == "if_statement":
        consequence = statement.child_by_field_name("consequence")
        alternative = statement.child_by_field_name("alternative")
        return consequence is not None and alternative is not None and _exits(consequence) and _exits(alternative)
    return False


def _accepts(name: str) -> bool:
    """`onAccept`, `handleAccepted`, `whenAllowed`, `allow`, `opt_in`: called when the visitor agrees."""
    parts = [
        part
        for part in words.words(name)
        if part
        not in (
            "on",
            "handle",
            "handler",
            "callback",
            "cb",
            "after",
            "when",
            "all",
            "if",
            "listener",
            "func",
            "fn",
            "event",
        )
    ]
    joined = "".join(parts)
    return bool(re.fullmatch(
        r"(?:cookies?|consent|tracking|analytics|marketing|statistics)*(?:accept(?:ed|ance|s)?|allow(?:ed|s)?|agree(?:d|s)?|grant(?:ed|s)?|"
        r"consent(?:ed|given|s)?|optin|optedin|opt|approve[ds]?|enabled?)(?:cookies?|consent|tracking|analytics|marketing|statistics|all)*",
        joined,
    )) if parts else False  # fmt: skip


def _writes_choice(name: str) -> bool:
    return words.words(name)[:1] in (("set",), ("save",), ("store",), ("update",), ("write",), ("render",), ("init",))


def _element(selector: str) -> str:
    return f"an element that `{_short(selector)}` matches"


def _short(text: str) -> str:
    text = " ".join(text.split())
    while text.startswith("(") and text.endswith(")"):
        text = text[1:-1].strip()
    return text if len(text) <= 80 else text[:77] + "…"
