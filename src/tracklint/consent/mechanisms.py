"""The consent managers' rules, made ready for the analyses: what their API answers, what they call, their settings."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import islice
from typing import NamedTuple, Protocol

from tree_sitter import Node

from tracklint import lazy_re
from tracklint.consent.world import Api, Apis
from tracklint.model import Category
from tracklint.ruleset import Callback, CallPattern, Event, Manager, Push, Ruleset, Service
from tracklint.script import FUNCTIONS, JSX_TAGS, Script, Value, nth_child


class Gate(NamedTuple):
    """A way in which a manager calls back."""

    manager: str
    proves: str  # consent | answer
    category: Category | None = None
    category_from: str | None = None  # the sibling key that names the category
    choice: str = ""  # what holds the visitor's choice: the number of a parameter, or a property of the event
    unless: tuple[str, ...] = ()  # settings beside it with which it is called before any choice
    job: str | None = None  # the sibling key of the name under which it has to be pushed


class Pushed(NamedTuple):
    """A call that hands a load to a manager's queue."""

    manager: Manager
    push: Push
    argument: str  # the job's name, or the address
    service: str | None  # slug; None where the argument is an address
    opened_by: str = ""  # why the queue runs it before any choice; "" when it waits
    implied: bool = False  # `opened_by` is a setting that takes silence for consent


_MAX_FILES = 40  # that configure one manager; a rendered site repeats the same lines on every page


class Texts(Protocol):
    """The project in which managers are configured."""

    def paths_with(self, words: Sequence[str]) -> list[str]:
        """Files in which all of these words stand."""

    def text_of(self, path: str) -> str:
        """The text of one of these files."""

    def scripts_of(self, path: str) -> Iterator[Script]:
        """The script file, or the inline scripts of a page."""


# ------------------------------------------------------------------------------------------------------ expressions

_QUOTED = lazy_re.compile(r"'[^']*'")
_IN_QUOTES = "[^']*"


def _glob(text: str, some: str = r"[\w$-]+") -> str:
    return re.escape(text).replace(r"\*", some)


def _api_pattern(expression: str) -> str:
    """`Cookiebot.consent.*`, `x.get()`, `x.get('a')` over the spelling of expression.spelled().

    Only the first argument is spelled there, so only a first argument tells calls apart.
    """
    text = expression.removeprefix("window.").replace('"', "'")
    led = text.startswith("*.")
    text = text.removeprefix("*.")
    parts: list[str] = []
    position = 0
    for match in re.finditer(r"\(([^)]*)\)", text):
        parts.append(_glob(text[position : match.start()]))
        literal = _QUOTED.match(match[1].strip())
        parts.append(rf"\({_glob(literal[0], _IN_QUOTES)}\)" if literal else r"\((?:'[^']*')?\)")
        position = match.end()
    parts.append(_glob(text[position:]))
    return (r".*\." if led else r"(?:.*\.)?") + "".join(parts)


def _last_name(expression: str) -> str:
    """What expression.last_name() gives for an expression of this pattern; "" when it may be anything."""
    names = re.findall(r"[\w$*-]+", re.sub(r"\([^)]*\)", "", expression))
    return "" if not names or "*" in names[-1] else names[-1]


# -------------------------------------------------------------------------------------------------------- callbacks

_FN = lazy_re.compile(r"(?<![\w$])fn(?![\w$])")


class _Called(NamedTuple):
    """A method that is given the function: `x.on('Saved', fn)`, `queue.push(['listen', fn])`."""

    callee: re.Pattern[str]
    last: str
    literals: tuple[str, ...]
    gate: Gate


def _called(name: str, gate: Gate) -> _Called | None:
    head, bracket, rest = name.removeprefix("window.").partition("(")
    if not bracket or not _FN.search(_QUOTED.sub("", rest)):
        return None
    literals = tuple(quoted[1:-1] for quoted in _QUOTED.findall(rest))
    return _Called(re.compile(r"(?:.*\.)?" + _glob(head)), head.rpartition(".")[2], literals, gate)


# --------------------------------------------------------------------------------------------------------- settings


class _Setting(NamedTuple):
    """`key: value`, where the key may be a path."""

    text: str
    path: tuple[str, ...]
    value: object

    @classmethod
    def parse(cls, text: str) -> _Setting:
        key, _, value = text.partition(":")
        written = value.strip()
        known: object = {"true": True, "false": False, "null": None}.get(written, written.strip("'\""))
        return cls(text, tuple(key.strip().split(".")), known)

    def holds(self, value: Value) -> bool:
        if isinstance(value, str) and isinstance(self.value, bool):
            return value.lower() == str(self.value).lower()
        return type(value) is type(self.value) and value == self.value


def _own_setting(script: Script, node: Node, setting: _Setting) -> bool:
    """Whether an object, a JSX element or an assignment around a function says so beside it."""
    key = setting.path[-1]
    for ancestor in reversed(script.ancestors(node)):
        if ancestor.type in FUNCTIONS and ancestor.id != node.id:
            return False
        if ancestor.type == "object":
            values = (
                script.fold(pair.child_by_field_name("value"))
                for pair in ancestor.named_children
                if pair.type == "pair" and script.key_of(pair) == key
            )
            if any(setting.holds(value) for value in values):
                return True
        elif ancestor.type in JSX_TAGS:
            if any(name == key and setting.holds(value) for name, value in _jsx_attributes(script, ancestor)):
                return True
        elif ancestor.type == "assignment_expression":
            holder = script.dotted(ancestor.child_by_field_name("left")).rpartition(".")[0]
            if holder and _assigned(script, f"{holder}.{key}", setting):
                return True
    return False


def _assigned(script: Script, path: str, setting: _Setting) -> bool:
    for mention in script.occurrences(path.rpartition(".")[2]) or ():
        holder = script.parent(mention)
        outer = script.parent(holder) if holder is not None else None
        if holder is None or outer is None or outer.type != "assignment_expression" or script.dotted(holder) != path:
            continue
        if setting.holds(script.fold(outer.child_by_field_name("right"))):
            return True
    return False


def _jsx_attributes(script: Script, element: Node) -> Iterator[tuple[str, Value]]:
    for child in element.named_children:
        if child.type != "jsx_attribute" or not child.named_children:
            continue
        value = nth_child(child, 1)
        if value is not None and value.type == "jsx_expression":
            value = nth_child(value, 0)
        yield script.text_of(child.named_children[0]), True if value is None else script.fold(value)


def _way_to(script: Script, pair: Node) -> tuple[tuple[str, ...], Node]:
    """(keys from the outermost object down to the pair, that object)."""
    keys: list[str] = []
    root = pair
    for ancestor in reversed(script.ancestors(pair)):
        if ancestor.type == "pair":
            keys.append(script.key_of(ancestor))
        elif ancestor.type == "object":
            root = ancestor
        elif ancestor.type not in ("array", "parenthesized_expression"):
            break
    return tuple(reversed(keys)), root


def _holders(script: Script, root: Node) -> str:
    """What an outermost object is handed to or stored as, in one text."""
    outer, parent = script.unwrapped_parent(root)
    if parent is None:
        return ""
    if parent.type == "arguments":
        call = script.parent(parent)
        return _callee(script, call) if call is not None else ""
    if parent.type == "assignment_expression":
        return script.dotted(parent.child_by_field_name("left"))
    if parent.type in ("binary_expression", "ternary_expression"):
        return _holders(script, parent) if parent.id != outer.id else ""
    if parent.type == "jsx_expression":
        element = script.enclosing(parent, JSX_TAGS)
        return script.text_of(element)[:80] if element is not None else ""
    if parent.type == "variable_declarator":
        target = parent.child_by_field_name("name")
        if target is None:
            return ""
        names = [script.text_of(target)]
        binding = script.binding(target) if target.type == "identifier" else None
        for use in script.uses(binding)[:10] if binding is not None else ():
            call = script.enclosing(use, {"call_expression"})
            if call is not None and call.end_byte - call.start_byte < 2000:
                names.append(_callee(script, call))
        return " ".join(names)
    if parent.type == "export_statement":
        return script.file.path
    return ""


def _callee(script: Script, call: Node) -> str:
    """The callee as dotted names; of `(a.b = a.b || []).push` it is `a.b.push`."""
    callee = call.child_by_field_name("function") or call.child_by_field_name("constructor")
    spelled = script.dotted(callee)
    if spelled or callee is None or callee.type != "member_expression":
        return spelled
    target, prop = callee.child_by_field_name("object"), callee.child_by_field_name("property")
    while target is not None and target.type == "parenthesized_expression":
        target = nth_child(target, 0)
    if target is None or prop is None or target.type not in ("assignment_expression", "binary_expression"):
        return ""
    holder = script.dotted(target.child_by_field_name("left"))
    return f"{holder}.{script.text_of(prop)}" if holder else ""


def is_call(script: Script, call: Node, pattern: CallPattern) -> bool:
    """Whether a call is of this pattern; `*.` stands for any object."""
    if pattern.new and call.type != "new_expression":
        return False
    return pattern.names(_callee(script, call)) and pattern.matches_arguments(script.given(call))


@lru_cache(maxsize=4)
def _apis(ruleset: Ruleset) -> tuple[list[Api], dict[str, str]]:
    """The expressions with which managers tell of a choice, and those that only tell that one was made."""
    found: list[Api] = []
    values: dict[str, str] = {}
    for manager in ruleset.managers.values():
        for answered in manager.answered:
            name, equals, _ = answered.partition("=")
            if equals:
                values[answered] = manager.slug
                continue
            found.append(Api(_api_pattern(answered), manager.slug, None, True, _last_name(answered)))
            if re.fullmatch(r"[\w.*-]+", answered):
                stored = f"stored:{_glob(name, '.*')}"
                found.append(Api(stored, manager.slug, None, True, "stored"))
        for api in manager.api:
            found.append(
                Api(
                    _api_pattern(api.expression),
                    manager.slug,
                    api.category,
                    False,
                    _last_name(api.expression),
                    open=api.category == "essential",
                    allows=manager.before_choice == "allow",
                )
            )
        for cookie in manager.cookies:
            name = cookie.removeprefix("localStorage:").strip()
            found.append(Api(f"stored:{_glob(name, '.*')}", manager.slug, None, False, "stored"))
    return found, values


_REFUSED = (
    r"(?:no(?:allow|ne|t[-_]?(?:allowed|accepted|granted))?|false|den(?:y|ied)|declined?|reject(?:ed|all|[-_]all)?|refused?|"
    r"disallow(?:ed)?|disagreed?|dismiss(?:ed)?|essential|necessary|off)"
)


def _writes_refusal(text: str, key: str) -> bool:
    """`document.cookie = "choice=no"`, `setItem("choice", "declined")`, `cookies["choice"] = "no"`, and by the name of the key."""
    quoted = rf"['\"`]{re.escape(key)}['\"`]"
    named = [match[1] for match in re.finditer(rf"\b([A-Za-z_$][\w$]{{0,80}})\s{{0,9}}=\s{{0,9}}{quoted}", text)]
    name = rf"(?:{'|'.join(map(re.escape, dict.fromkeys(named[:9])))})" if named else "(?!)"
    given = rf"(?:{quoted}|(?<![\w$.]){name})"
    value = rf"['\"`]{_REFUSED}['\"`]"
    written = (
        rf"['\"`\s;]{re.escape(key)}={_REFUSED}(?=['\"`;\s])"
        rf"|\$\{{{name}\}}={_REFUSED}(?=['\"`;\s])|(?<![\w$.]){name}\s{{0,9}}\+\s{{0,9}}['\"`]={_REFUSED}(?=['\"`;\s])"
        rf"|(?:[Ss]et\w{{0,30}}|[Ww]rite\w{{0,30}}|[Ss]ave\w{{0,30}}|[Cc]reate\w{{0,30}}|cookie)\(\s{{0,99}}{given}\s{{0,99}},\s{{0,99}}{value}"
        rf"|[Cc]ookies?\[\s{{0,9}}(?:{given}|:{re.escape(key)})\s{{0,9}}\]\s{{0,9}}=\s{{0,9}}(?:\{{\s{{0,99}}value:\s{{0,9}})?{value}"
    )
    return re.search(written, text, re.IGNORECASE) is not None


class Mechanisms:
    """What the rulesets say of consent managers, and how this project has set them."""

    def __init__(self, ruleset: Ruleset, texts: Texts | None = None) -> None:
        self.ruleset = ruleset
        self.texts = texts
        self._permits: dict[str, str] = {}
        self._found: dict[tuple[str, tuple[str, ...]], str] = {}
        self._refusals: dict[str, bool] = {}

    # ---- what the API answers

    @cached_property
    def apis(self) -> Apis:
        return Apis(*_apis(self.ruleset), self.permits, self.holds_refusal)

    # ---- what it calls

    @cached_property
    def _callbacks(self) -> list[tuple[Callback, Gate]]:
        return [
            (
                callback,
                Gate(
                    manager.slug,
                    callback.proves,
                    callback.category,
                    callback.category_from,
                    str(callback.choice) if callback.choice else "",
                    callback.unless,
                    callback.job,
                ),
            )
            for manager in self.ruleset.managers.values()
            for callback in manager.callbacks
        ]

    @cached_property
    def _keys(self) -> dict[str, list[tuple[re.Pattern[str] | None, Gate]]]:
        index: dict[str, list[tuple[re.Pattern[str] | None, Gate]]] = {}
        for callback, gate in self._callbacks:
            if callback.name.startswith("key:"):
                index.setdefault(callback.name[4:], []).append((_any_name(callback.within), gate))
        return index

    def callback_key(self, key: str, context: str) -> Gate | None:
        """A function (or address) under a configuration key, within the calls, elements and keys of `context`."""
        for within, gate in self._keys.get(key, ()):
            if within is None or within.search(context):
                return gate
        return None

    @cached_property
    def _names(self) -> list[tuple[re.Pattern[str], Gate]]:
        return [
            (re.compile(r"(?:.*\.)?" + _glob(callback.name.removeprefix("window."))), gate)
            for callback, gate in self._callbacks
            if not callback.name.startswith("key:") and "(" not in callback.name
        ]

    def callback_name(self, name: str) -> Gate | None:
        """A function that the page defines under `name`."""
        return next((gate for pattern, gate in self._names if pattern.fullmatch(name)), None)

    @cached_property
    def _calls(self) -> dict[str, list[_Called]]:
        index: dict[str, list[_Called]] = {}
        for callback, gate in self._callbacks:
            called = _called(callback.name, gate)
            if called is not None:
                index.setdefault(called.last, []).append(called)
        return index

    def callback_call(self, script: Script, call: Node) -> Gate | None:
        """A function that is handed to this call, as an argument or within an array that is one."""
        callee = _callee(script, call)
        candidates = self._calls.get(callee.rpartition(".")[2])
        if not candidates:
            return None
        given = [script.fold(argument) for argument in script.arguments(call)]
        for value in list(given):
            if isinstance(value, list):
                given += value
        words = [value for value in given if isinstance(value, str)]
        for called in candidates:
            if called.callee.fullmatch(callee) and all(literal in words for literal in called.literals):
                return called.gate
        return None

    @cached_property
    def _events(self) -> dict[str, tuple[Manager, Event]]:
        found: dict[str, tuple[Manager, Event]] = {}
        for manager in self.ruleset.managers.values():
            for event in manager.events:
                found.setdefault(event.name, (manager, event))
        return found

    def event(self, name: str) -> Gate | None:
        found = self._events.get(name)
        if found is None:
            return None
        manager, event = found
        return Gate(manager.slug, event.proves, event.category, None, event.choice or "")

    def nearest_event(self, name: str) -> tuple[Manager, str] | None:
        """(manager, the event that may be meant) for a name that is nearly one of a manager's events."""
        if name in self._events or len(name) < 8:
            return None
        lowered = {event.lower(): event for event in self._events}
        close = difflib.get_close_matches(name.lower(), lowered, 1, 0.86)
        if not close:
            return None
        meant = lowered[close[0]]
        return self._events[meant][0], meant

    # ---- how it is set

    def permits(self, slug: str) -> str:
        """The setting with which a manager agrees before any choice in this project; "" when none is known."""
        if slug not in self._permits:
            self._permits[slug] = ""  # what is asked in the course of finding out
            manager = self.ruleset.managers.get(slug)
            self._permits[slug] = self._permitted(manager) if manager is not None else ""
        return self._permits[slug]

    def holds_refusal(self, key: str) -> bool:
        """Whether the project writes a word of refusal, rather than nothing, into the stored entry of this name."""
        if key not in self._refusals:
            self._refusals[key] = False  # what is asked in the course of finding out
            self._refusals[key] = self.texts is not None and any(
                _writes_refusal(self.texts.text_of(path), key)
                for path in islice(self.texts.paths_with([key]), _MAX_FILES)
            )
        return self._refusals[key]

    def _permitted(self, manager: Manager) -> str:
        found = self._configured(manager, manager.permissive)
        if found or not manager.requires:
            return found
        if self._is_configured(manager) and not self._configured(manager, manager.requires):
            return f"no {manager.requires[0]}"
        return ""

    def _configured(self, manager: Manager, settings: Sequence[str]) -> str:
        """The first of the settings that stands in a configuration of the manager."""
        key = (manager.slug, tuple(settings))
        if key not in self._found:
            self._found[key] = ""
            self._found[key] = next((text for text in settings if self._stands(manager, _Setting.parse(text))), "")
        return self._found[key]

    def _stands(self, manager: Manager, setting: _Setting) -> bool:
        if self.texts is None:
            return False
        names = _configuration_names(manager)
        holds = _any_name(names)
        if holds is None:
            return False
        last = setting.path[-1]
        configuring = (path for path in self.texts.paths_with([last]) if holds.search(self.texts.text_of(path)))
        for path in islice(configuring, _MAX_FILES):
            for script in self.texts.scripts_of(path):
                if last in script.text and holds.search(script.text) and self._set_in(script, holds, setting):
                    return True
        return False

    def _set_in(self, script: Script, holds: re.Pattern[str], setting: _Setting) -> bool:
        last = setting.path[-1]
        position = script.text.find(last)
        while position >= 0:
            node: Node | None = script.node_at(position, position + len(last))
            while node is not None and node.type not in ("pair", "jsx_attribute", "assignment_expression"):
                if node.type in ("object", "statement_block", "program"):
                    node = None
                    break
                node = script.parent(node)
            if node is not None and node.type == "pair" and script.key_of(node) == last:
                way, root = _way_to(script, node)
                if (
                    way == setting.path
                    and setting.holds(script.fold(node.child_by_field_name("value")))
                    and holds.search(_holders(script, root))
                ):
                    return True
            elif node is not None and node.type == "jsx_attribute":
                element = script.parent(node)
                tag = element.child_by_field_name("name") if element is not None else None
                own = element is not None and tag is not None and holds.search(script.text_of(tag)) is not None
                given = _jsx_attributes(script, element) if own and element is not None else ()
                if any(name == last and setting.holds(value) for name, value in given):
                    return True
            elif node is not None and node.type == "assignment_expression":
                left = script.dotted(node.child_by_field_name("left"))
                right = script.fold(node.child_by_field_name("right"))
                if left.endswith("." + last) and holds.search(left) and setting.holds(right):
                    return True
            position = script.text.find(last, position + len(last))
        return False

    def _is_configured(self, manager: Manager) -> bool:
        """Whether a call that configures the manager stands in the project."""
        if self.texts is None:
            return False
        for name in dict.fromkeys(name for callback in manager.callbacks for name in callback.within):
            holder, _, last = name.rpartition(".")
            if not holder or "(" in name:
                continue
            for path in self.texts.paths_with([last])[:_MAX_FILES]:
                for script in self.texts.scripts_of(path):
                    if any(_callee(script, call) == name for call in script.calls(last)):
                        return True
        return False

    def opened_by(self, gate: Gate, script: Script, place: Node) -> str:
        """The setting with which a callback runs before any choice; "" when it waits."""
        for text in gate.unless:
            if _own_setting(script, place, _Setting.parse(text)):
                return text
        manager = self.ruleset.managers.get(gate.manager)
        if manager is not None:
            jobs = _jobs(gate, script, place)
            opened = (self._opens(manager, push, job, script) for job in jobs for push in manager.pushes)
            if found := next(filter(None, opened), ""):
                return found
        return self.permits(gate.manager)

    def is_pushed(self, gate: Gate, script: Script, place: Node) -> bool:
        """Whether the project hands a callback's job to the manager, if it needs that to be called at all."""
        if gate.job is None or self.texts is None:
            return True
        names = _jobs(gate, script, place)
        return not names or any(
            re.search(rf"\bpush\(\s*(['\"`]){re.escape(name)}\1", self.texts.text_of(path))
            for name in names
            for path in self.texts.paths_with([name])
        )

    # ---- queues

    def pushed(self, script: Script, call: Node) -> Pushed | None:
        """What a call hands to a manager's queue of loads; None when it is no such call."""
        callee = _callee(script, call)
        for manager, push, pattern in self._pushes.get(callee.rpartition(".")[2], ()):
            if not is_call(script, call, pattern):
                continue
            first = script.fold(script.arguments(call)[0]) if script.arguments(call) else None
            argument = first if isinstance(first, str) else ""
            pushed = Pushed(manager, push, argument, push.services.get(argument) if push.services else None)
            setting = self._set_here(manager, push.unless, script) or self.permits(manager.slug)
            if setting:
                return pushed._replace(opened_by=f"`{setting}`", implied=True)
            if argument in push.open and not self._set_here(manager, push.open_unless, script):
                return pushed._replace(opened_by=f"it runs `{argument}` without asking")
            if setting := self._opens(manager, push, argument, script):
                return pushed._replace(opened_by=f"`{setting}`")
            return pushed
        return None

    def _opens(self, manager: Manager, push: Push, argument: str, script: Script) -> str:
        """The setting with which a queue runs this one argument before any choice; "" when it waits."""
        setting = push.open_with.get(argument, "")
        if not setting or not self._set_here(manager, (setting,), script):
            return ""
        return "" if self._set_here(manager, push.open_with_unless, script) else setting

    @cached_property
    def _pushes(self) -> dict[str, list[tuple[Manager, Push, CallPattern]]]:
        index: dict[str, list[tuple[Manager, Push, CallPattern]]] = {}
        for manager in self.ruleset.managers.values():
            for push in manager.pushes:
                pattern = push.pattern or CallPattern.parse(push.call)
                index.setdefault(pattern.last, []).append((manager, push, pattern))
        return index

    @property
    def push_names(self) -> frozenset[str]:
        """The last names of all calls that push."""
        return frozenset(self._pushes)

    def service(self, pushed: Pushed) -> Service | None:
        return self.ruleset.services.get(pushed.service) if pushed.service else None

    def _set_here(self, manager: Manager, settings: Sequence[str], script: Script) -> str:
        """A setting in this script, or else anywhere in the project."""
        holds = _any_name(_configuration_names(manager))
        if holds is not None:
            for text in settings:
                setting = _Setting.parse(text)
                if setting.path[-1] in script.text and self._set_in(script, holds, setting):
                    return text
        return self._configured(manager, settings) if settings else ""


def _jobs(gate: Gate, script: Script, place: Node) -> list[str]:
    """The names under which a callback may have to be pushed."""
    jobs = [
        script.fold(pair.child_by_field_name("value"))
        for ancestor in (script.ancestors(place) if gate.job is not None else ())
        if ancestor.type == "object"
        for pair in ancestor.named_children
        if pair.type == "pair" and script.key_of(pair) == gate.job
    ]
    return [job for job in jobs if isinstance(job, str)]


def _any_name(names: Sequence[str]) -> re.Pattern[str] | None:
    """Finds any of these names (globs) as a whole in a text; None when there are none."""
    if not names:
        return None
    alternatives = "|".join(_glob(name.removeprefix("window.")) for name in names)
    return re.compile(rf"(?<![\w$])(?:{alternatives})(?![\w$])")


def _configuration_names(manager: Manager) -> list[str]:
    """What a configuration of the manager is handed to or stored as."""
    within = [name for callback in manager.callbacks for name in callback.within]
    return list(dict.fromkeys([*within, *manager.globals]))


__all__ = ["Gate", "Mechanisms", "Pushed", "is_call"]
