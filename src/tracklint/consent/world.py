"""The world before any choice: what an expression is worth there.

Three answers are possible for a condition: it holds, it does not hold, or it may (nothing is known about it, or it does
not depend on consent). In that world
 - a stored choice is *absent*: reading it gives null, undefined or "", and whatever is read from it is absent too;
 - a refusal is absent as well: nobody has declined yet;
 - whether a banner was seen or *some* answer was given is free: both happen without consent (`implied` marks it);
 - everything else is free.
The evaluator never calls a condition false unless it is false under every assignment of the free parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal as Kind
from typing import NamedTuple

from tracklint import lazy_re
from tracklint.consent import words
from tracklint.consent.expression import (
    Call,
    Choice,
    Compare,
    Expression,
    Function,
    Index,
    Literal,
    Logical,
    Member,
    Name,
    Not,
    Opaque,
    last_name,
    spelled,
)
from tracklint.model import Category

Scalar = str | int | float | bool | None


class Abstract(NamedTuple):
    """What is known of a value.

    known: exactly `value`; truthy: some true value; absent: null, undefined or empty; stored: a stored value of unknown
    purpose (free, but equal to no word of acceptance); free: anything.
    `consent` tells that a look-up of consent took part, `implied` that the banner's or an answer's mere presence did.
    """

    kind: Kind["known", "truthy", "absent", "stored", "free"]
    value: Scalar = None
    consent: bool = False
    implied: bool = False
    categories: frozenset[Category] = frozenset()
    named: str = ""  # the look-up that decided, as written
    by_name: bool = False  # only the name of something out of reach says that it is about consent
    missing: str = ""  # what no page has and it would need
    refusable: bool = False  # a stored choice that holds a word after a refusal as well: that it is there is no consent
    unset: bool = False  # what a state begins with that means none, and nothing sets it before a choice

    @property
    def truth(self) -> bool | None:
        if self.kind == "known":
            return bool(self.value)
        if self.kind == "truthy":
            return True
        return False if self.kind == "absent" and not self.refusable else None

    @property
    def compared(self) -> Abstract:
        """The value where it is told from others, and not only whether it is there."""
        return self._replace(consent=True, implied=False, refusable=False) if self.refusable else self


FREE = Abstract("free")
TRUTHY = Abstract("truthy")


def known(value: Scalar) -> Abstract:
    return Abstract("known", value)


def _with(value: Abstract, *sources: Abstract) -> Abstract:
    """`value` that remembers what took part in it."""
    if not any(source.consent or source.implied or source.by_name or source.missing for source in sources):
        return value
    return value._replace(
        consent=value.consent or any(source.consent for source in sources),
        implied=value.implied or any(source.implied for source in sources),
        categories=value.categories.union(*(source.categories for source in sources)),
        named=value.named or next((source.named for source in sources if source.named), ""),
        by_name=value.by_name or any(source.by_name for source in sources),
        missing=value.missing or next((source.missing for source in sources if source.missing), ""),
    )


def join(values: list[Abstract]) -> Abstract:
    """What holds of a value that is one of these."""
    if not values:
        return FREE
    first = values[0]
    if all((value.kind, value.value) == (first.kind, first.value) for value in values):
        return _with(first._replace(unset=all(value.unset for value in values)), *values)
    truths = {value.truth for value in values}
    if truths == {False}:
        return _with(Abstract("absent"), *values)
    if truths == {True}:
        return _with(TRUTHY, *values)
    if all(value.kind in ("stored", "absent") for value in values):
        return _with(Abstract("stored"), *values)
    return _with(FREE, *values)


@dataclass(frozen=True)
class Api:
    """An expression that a consent manager answers: rulesets/consent `[[api]]` and `answered`."""

    pattern: str  # a regular expression for all of the spelling
    manager: str
    category: Category | None
    answered: bool
    last: str = ""  # the last name of what it matches; "" when that is not fixed
    open: bool = False  # true for everyone
    allows: bool = False  # true as long as nobody has refused

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """Compiled when it is first needed: there are hundreds, and a scan meets a few."""
        return re.compile(self.pattern)


class Apis:
    """The expressions of consent managers, found by their last name."""

    def __init__(
        self,
        apis: Iterable[Api] = (),
        answers: Mapping[str, str] | None = None,
        permits: Callable[[str], str] | None = None,
        holds_refusal: Callable[[str], bool] | None = None,
    ) -> None:
        self._answers = answers or {}
        self._permits = permits
        self._holds_refusal = holds_refusal
        self._by_last: dict[str, list[Api]] = {}
        self._found: dict[str, Api | None] = {}
        for api in apis:
            self._by_last.setdefault(api.last, []).append(api)

    def find(self, text: str, last: str) -> Api | None:
        if text not in self._found:
            if len(self._found) > 20_000:
                self._found.clear()
            candidates = (*self._by_last.get(last, ()), *self._by_last.get("", ()))
            self._found[text] = next((api for api in candidates if api.expression.fullmatch(text)), None)
        return self._found[text]

    def allows(self, api: Api) -> bool:
        """Whether the manager says yes before any choice, as it is set in this project."""
        return api.allows or bool(self._permits and self._permits(api.manager))

    def holds_refusal(self, key: str) -> bool:
        """Whether this project stores a refusal, as a word, under the name of a choice."""
        return self._holds_refusal is not None and self._holds_refusal(key)

    def is_answer(self, name: str, value: object) -> bool:
        """Whether a stored entry with this value only tells that some answer was given."""
        return f"{name}={value}" in self._answers


_STORAGE = lazy_re.compile(r"cookie|storage|getitem|\bstore\b|preference", re.I)
_CONTAINER = lazy_re.compile(r"(?:^|\.)_?(?:cookies?|localstorage|sessionstorage|request\.cookies)$", re.I)
_JAR = lazy_re.compile(r"(?:^|\.)document\.cookie$")
_CONVERT = frozenset(
    "parse JSON.parse decodeURIComponent unescape atob String Number parseInt parseFloat trim toLowerCase toUpperCase "
    "toString replace substring slice substr split charAt decodeURI at pop shift + ~ get getValue value "
    "json_decode urldecode stripslashes strtolower intval ToString ToLower Trim lower upper strip to_s to_sym to_i "
    "fromjson parse_json fetch dig Value first last rawurldecode unquote unquote_plus UrlDecode".split()
)
_SAME_TEXT = frozenset(
    "decodeURIComponent unescape String trim toLowerCase toUpperCase toString get getValue urldecode ToString ToLower strip to_s".split()
)
_NO_MATCH = frozenset(
    "includes startsWith endsWith some every has hasOwnProperty contains test include? key? "
    "in_array strpos str_contains ContainsKey Contains Equals StartsWith starts_with present? any? has_content "
    "TryParse TryGetValue".split()
)
_NO_INDEX = frozenset({"indexOf", "search", "lastIndexOf", "findIndex"})
_NO_VALUE = frozenset({"match", "find", "exec", "filter", "getElementsByName"})
_BEGUN = lazy_re.compile(r"['\"`]([\w.:-]{3,})")  # 'consent_' + name, `consent-${name}`
_KEYED = frozenset("TryGetValue get Get getItem ContainsKey fetch has".split())
_DEFAULTING = frozenset("fetch get value read getCookie get_cookie getOrDefault GetValueOrDefault".split())
_EMPTY_TEST = frozenset(
    {"nil?", "blank?", "empty?", "is_null", "IsNullOrEmpty", "IsNullOrWhiteSpace", "isEmpty", "empty"}
)
_TRUTH_CASTS = frozenset({"Boolean", "bool", "boolval", "!!"})

# How code asks where it runs: what visitors get is built for them, and answered by servers for them.
_WHERE = lazy_re.compile(
    r"(?:^|\.)(?:process\.env\.(?:\w{1,40}_)?ENV(?:IRONMENT)?|import\.meta\.env\.MODE|Rails\.env|jekyll\.environment|hugo\.Environment|"
    r"app\.environment|app\.get\('env'\)|config\('app\.env'\)|settings\.(?:[A-Z]{1,40}_)?ENV(?:IRONMENT)?(?:_NAME)?(?:\.value)?|"
    r"(?:[A-Z]{1,40}_)?(?:ENV|ENVIRONMENT)(?:\.value)?)$"
)
_ON_A_DESK = lazy_re.compile(
    r"(?:^|\.)(?:import\.meta\.env\.DEV|__DEV__|Rails\.env\.(?:development|test|local)\?\(\)|settings\.DEBUG|app(?:\(\))?\.isLocal\(\)|"
    r"App\.isLocal\(\)|\w{0,40}[eE]nv(?:ironment)?\.IsDevelopment\(\)|(?:hugo|Site)\.Is(?:Server|Development))$"
)
_ASKS_WHERE = lazy_re.compile(r"(?:^|\.)(?:app\(\)|app|App)\.environment$")
_DESKS = frozenset({"development", "dev", "local", "test", "testing"})

Resolve = Callable[[Expression], "Abstract | None"]


class World:
    """Evaluates expressions before any choice.

    `resolve` may answer for names and calls whose definitions are in reach (None: out of reach, so the name decides).
    `constant` gives the text of a name that may be the key of a stored choice.
    """

    def __init__(
        self,
        apis: Apis | tuple[Api, ...] = (),
        resolve: Resolve | None = None,
        values: Mapping[str, Abstract] | None = None,
        constant: Callable[[Expression], str | None] | None = None,
    ) -> None:
        self._constant = constant
        self._apis = apis if isinstance(apis, Apis) else Apis(apis)
        self._resolve = resolve
        self._values = values or {}
        self._depth = 0

    def truth(self, expression: Expression) -> bool | None:
        return self.evaluate(expression).truth

    def evaluate(self, expression: Expression) -> Abstract:
        if self._depth > 80:
            return FREE
        self._depth += 1
        try:
            return self._evaluate(expression)
        finally:
            self._depth -= 1

    def _evaluate(self, expression: Expression) -> Abstract:
        match expression:
            case Literal(value=value):
                return known(value)
            case Not(operand=operand):
                inner = self.evaluate(operand)
                truth = inner.truth
                return _with(FREE if truth is None else known(not truth), inner)
            case Logical():
                return self._logical(expression)
            case Choice(test=test, yes=yes, no=no):
                condition = self.evaluate(test)
                if condition.truth is True:
                    return _with(self.evaluate(yes), condition)
                if condition.truth is False:
                    return _with(self.evaluate(no), condition)
                return _with(join([self.evaluate(yes), self.evaluate(no)]), condition)
            case Compare(operator=operator, left=left, right=right):
                return self._compare(operator, left, right)
            case Name() | Member() | Index() | Call():
                return self._lookup(expression)
            case Function():
                return TRUTHY
        return FREE

    def _logical(self, expression: Logical) -> Abstract:
        left = self.evaluate(expression.left)
        if expression.operator == "default":
            if left.kind == "known":
                return self.evaluate(expression.right) if left.value is None else left
            right = self.evaluate(expression.right)
            if left.refusable and right.truth is False:
                return left
            if left.kind == "absent":  # null or "": either side may be the value
                return _with(join([left, right]) if left.truth == right.truth else right, left)
            return join([left, right])
        truth = left.truth
        if expression.operator == "and":
            if truth is False:
                if left.consent and not left.categories:  # consent && consent.analytics
                    right = self.evaluate(expression.right)
                    if right.truth is False and right.consent:
                        return left._replace(categories=right.categories)
                return left
            right = self.evaluate(expression.right)
            if truth is True:
                return _with(right, left)
            if right.truth is False:
                return _with(Abstract("absent"), right)
            return _with(FREE, left, right)
        if truth is True:
            return left
        right = self.evaluate(expression.right)
        if truth is False:
            return _with(right, left)
        if right.truth is True:
            return _with(TRUTHY, right)
        if left.refusable and right.truth is False:  # cookies.choice || ""
            return left
        return _with(join([left, right]), left, right)

    # ---- comparisons

    def _compare(self, operator: str, left_side: Expression, right_side: Expression) -> Abstract:
        if operator == "==" and (there := _where(left_side, right_side) or _where(right_side, left_side)) is not None:
            return there
        left, right = self.evaluate(left_side).compared, self.evaluate(right_side).compared
        if operator == "!=":
            inner = self._compare("==", left_side, right_side)
            return _with(FREE if inner.truth is None else known(not inner.truth), inner)
        if operator in ("in", "matches"):
            haystack = right if operator == "in" else left
            if haystack.kind == "absent":
                return _with(known(False), haystack)
            needle = left if operator == "in" else right
            container = right_side if operator == "in" else left_side
            if operator == "in" and isinstance(needle.value, str) and _CONTAINER.search(spelled(container)):
                found = self._stored(needle.value)
                return _with(FREE if found.truth is None else known(False), found)
            if operator == "in" and needle.kind == haystack.kind == "known":
                return _with(known(str(needle.value) in str(haystack.value)), left, right)
            return _with(FREE, left, right)
        if left.kind == "known" and right.kind == "known":
            return _with(known(_compare_known(operator, left.value, right.value)), left, right)
        for one, other, other_side in ((left, right, right_side), (right, left, left_side)):
            if operator == "==" and other.kind == "known" and self._apis.is_answer(one.named, other.value):
                return Abstract("free", implied=True, named=one.named)
            if one.unset and operator == "==" and other.kind in ("free", "truthy"):  # playing === video.id
                return _with(known(False), one)
            if one.kind == "absent":
                if operator != "==":
                    return _with(known(False), left, right)
                if other.kind == "known":
                    return _with(FREE if not other.value else known(False), left, right)
                if other.kind == "truthy":
                    return _with(known(False), left, right)
                named = last_name(other_side) if isinstance(other_side, Member | Name) else ""
                if one.consent and named and words.accepts(named):  # answer === Status.GRANTED
                    return _with(known(False), left, right)
                return _with(FREE, left, right)
            if one.kind == "stored" and operator == "==" and other.kind == "known" and isinstance(other.value, str):
                if words.accepts(other.value):
                    return _with(known(False)._replace(consent=True, named=one.named), left, right)
                return _with(FREE, left, right)
            if one.kind == "truthy" and operator == "==" and other.kind == "known" and not other.value:
                return _with(known(False), left, right)
            if operator == "==" and isinstance(other_side, Member) and _is_a_given_consent(other_side):
                return _with(known(False)._replace(consent=True, named=spelled(other_side)), left, right)
        return _with(FREE, left, right)

    # ---- look-ups

    def _lookup(self, expression: Expression) -> Abstract:
        text = spelled(expression)
        if text in self._values:
            return self._values[text]
        api = self._apis.find(text, last_name(expression)) if text else None
        if api is not None:
            if api.open:
                return FREE
            if api.answered or self._apis.allows(api):
                return Abstract("free", implied=True, named=text)
            categories = frozenset({api.category} if api.category else ())
            if last_name(expression) in _NO_INDEX:
                return Abstract("known", -1, consent=True, categories=categories, named=text)
            return Abstract("absent", consent=True, categories=categories, named=text)
        if _is_for_developers(expression):
            return known(False)
        if _place(expression) == "import.meta.env.PROD":
            return known(True)
        if _JAR.search(text) and not isinstance(expression, Call):
            return Abstract("absent", consent=True, named="document.cookie")
        if isinstance(expression, Index | Member):
            return self._property(expression)
        if isinstance(expression, Call):
            return self._call(expression)
        resolved = self._resolve(expression) if self._resolve else None
        if resolved is not None:
            return resolved
        return self._by_name(expression)

    def _property(self, expression: Index | Member) -> Abstract:
        key = expression.name if isinstance(expression, Member) else None
        if isinstance(expression, Index):
            index = self.evaluate(expression.index)
            key = index.value if isinstance(index.value, str) else None
            if key is None and self._constant:
                key = self._constant(expression.index)  # cookies[Choice::COOKIE]
        holder = spelled(expression.target)
        if key is not None and _CONTAINER.search(holder) and holder.split(".")[0].lower() not in _configuration():
            return self._stored(key)
        if self._resolve:
            resolved = self._resolve(expression)
            if resolved is not None:
                return resolved
        target = self.evaluate(expression.target).compared
        if target.kind == "absent":
            if key == "length":
                return _with(known(0), target)
            category = words.category(key) if key else None
            found = _with(Abstract("absent", categories=frozenset({category} if category else ())), target)
            return found._replace(named=spelled(expression) or target.named)
        if target.implied and not target.consent:
            own = self._by_name(expression)
            return own if own.consent else target  # cookieBanner.accepted
        if target.kind == "stored":
            return target
        return self._by_name(expression)

    def _call(self, call: Call) -> Abstract:
        callee = call.callee
        name = last_name(callee)
        text = spelled(callee)
        arguments = [self.evaluate(argument) for argument in call.arguments]
        key = next((a.value for a in arguments if a.kind == "known" and isinstance(a.value, str)), None)
        if key is None and (name in _KEYED or _STORAGE.search(text)):
            # the key is a constant of the project: TryGetValue(CookieNames.Analytics, …)
            named = (self._constant(argument) for argument in call.arguments) if self._constant else ()
            key = next((constant for constant in named if constant), None)
        if key is None and (name in _KEYED or _STORAGE.search(text)):
            spellings = [spelled(argument) for argument in call.arguments if isinstance(argument, Member)]
            key = next((s for s in spellings if "cookie" in s.lower() and words.key_meaning(s) == "consent"), None)
            if key is not None and name in _NO_MATCH:
                stored = self._stored(key)
                return _with(FREE if stored.truth is None else known(False), stored)
            begun = (_BEGUN.match(argument.text) for argument in call.arguments if isinstance(argument, Opaque))
            key = key or next((one[1] for one in begun if one and words.key_meaning(one[1]) == "consent"), None)
        if name in ("typeof", "defined", "function_exists", "class_exists"):
            return FREE
        if name in _TRUTH_CASTS and arguments:
            truth = arguments[0].truth
            return _with(FREE if truth is None else known(truth), arguments[0])
        if isinstance(callee, Member) and _JAR.search(spelled(callee.target)):
            return self._jar(name, key)
        # a storage read: the key says what it is about, the definition of the reader says little more
        operand = self.evaluate(callee.target) if isinstance(callee, Member) else None
        held = operand or (arguments[0] if arguments else None)
        if held is not None and held.refusable and name in _SAME_TEXT:
            return held
        arguments = [argument.compared for argument in arguments]
        operand = operand.compared if operand is not None else None
        taken = operand is not None and operand.kind == "absent" and operand.consent  # a part of something already read
        reads = not taken and (_STORAGE.search(text) is not None or name in ("get", "read", "readCookie"))
        if reads and key is not None and not _writes(name):
            stored = self._stored(key)
            if stored.kind != "stored" or name in ("getItem", "get"):
                if self._resolve and not isinstance(callee, Member):
                    opened = self._resolve(call)
                    if opened is not None and opened.truth is True:
                        return _with(opened, stored)  # the reader is true where nothing is stored
                if (
                    stored.kind == "absent"
                    and len(arguments) > 1
                    and arguments[1].kind == "known"
                    and name in _DEFAULTING
                ):
                    if stored.refusable and not arguments[1].value:
                        return stored
                    return _with(arguments[1], stored.compared)  # its second argument is what it gives for nothing
                return stored
        if self._resolve:
            resolved = self._resolve(call)
            if resolved is not None:
                return resolved
        converted = operand or (arguments[0] if arguments and not isinstance(callee, Member) else None)
        if converted is not None and converted.value == "" and converted.consent:  # the default of a choice not stored
            if name in _CONVERT:
                return converted
            if name in _NO_MATCH:
                return _with(known(False), converted)
        subject = operand if operand is not None and operand.kind in ("absent", "stored") else None
        subject = subject or next(
            (a for a in arguments if a.kind in ("absent", "stored") and (a.consent or a.implied)), None
        )
        if subject is not None:
            if name in _EMPTY_TEST:
                return _with(known(True) if subject.kind == "absent" else FREE, subject)
            if subject.kind == "absent":
                if name in _NO_MATCH:
                    return _with(known(False), subject)
                if name in _NO_INDEX:
                    return _with(known(-1), subject)
                if name in _NO_VALUE or name in _CONVERT or operand is subject:
                    return _with(Abstract("absent", named=subject.named), subject)
                if words.meaning(name) in ("none", "consent", "refusal"):
                    return _with(Abstract("absent", named=text, by_name=True), subject)
            elif name in _CONVERT:
                return subject
            elif name in _NO_MATCH and key is not None and words.accepts(key):
                return _with(known(False)._replace(consent=True), subject)
        if operand is not None and operand.implied and not operand.consent:
            return operand
        return self._by_name(call)

    def _jar(self, name: str, key: str | None) -> Abstract:
        found = Abstract("absent", consent=True, named="document.cookie")
        if key is not None and self._apis.is_answer(*_entry(key)):
            return Abstract("free", implied=True, named=key)
        if key is not None and name in _NO_MATCH | _NO_INDEX | _NO_VALUE:
            found = self._stored(key.split("=")[0].strip("; ") or key)
            if found.refusable and name not in _NO_VALUE and not key.partition("=")[2].strip("; \"'"):
                return Abstract("free", implied=True, named=found.named)  # that the entry is there
            found = found.compared
            if "=" in key and words.accepts(key.partition("=")[2].strip("; \"'")):
                found = Abstract("absent", consent=True, named="document.cookie")
        if name in _NO_MATCH | _NO_INDEX and found.kind != "absent":
            return _with(FREE, found)
        if name in _NO_INDEX:
            return _with(known(-1), found)
        if name in _NO_MATCH:
            return _with(known(False), found)
        return found

    def _stored(self, key: str) -> Abstract:
        """What reading the stored entry `key` gives."""
        api = self._apis.find(f"stored:{key}", "stored")
        if api is not None:
            if api.answered:
                return Abstract("free", implied=True, named=key)
            return Abstract("absent", consent=True, named=key)
        meaning = words.key_meaning(key)
        category = words.category(key)
        categories = frozenset({category} if category else ())
        if meaning == "consent" and self._apis.holds_refusal(key):
            return Abstract("absent", implied=True, categories=categories, named=key, refusable=True)
        if meaning in ("consent", "refusal"):
            return Abstract("absent", consent=True, categories=categories, named=key)
        if meaning == "answered":
            return Abstract("free", implied=True, named=key)
        return Abstract("stored", named=key)

    def _by_name(self, expression: Expression) -> Abstract:
        """Only the name is left to tell what this is about."""
        text = spelled(expression)
        parts = re.split(r"\.|\(|\)|'", text)
        if parts and parts[0].lower().strip("_$@") in _configuration():
            return FREE
        name = last_name(expression)
        meaning = words.meaning(name)
        holder = next((part for part in reversed(parts[:-1]) if part and part != name), "")
        if meaning == "none" and holder and words.meaning(holder) == "consent" and words.category(name):
            meaning = "consent"  # consent.analytics
        elif meaning == "none" and words.meaning(holder) == "answered" and words.says_yes_of(holder, name):
            meaning = "consent"  # cookieBanner.accepted, cookieBanner.analyticsCookiesEnabled
        if isinstance(expression, Index) and isinstance(expression.index, Literal):
            key = expression.index.value
            if isinstance(key, str) and meaning == "none" and words.meaning(key) != "none":
                meaning = words.meaning(key)
                name = key
        if meaning == "answered":
            return Abstract("free", implied=True, named=text)
        if meaning in ("consent", "refusal"):
            category = words.category(name, holder)
            return Abstract(
                "absent", consent=True, categories=frozenset({category} if category else ()), named=text, by_name=True
            )
        return FREE


def _writes(name: str) -> bool:
    return words.words(name)[:1] in (("set",), ("write",), ("save",), ("store",), ("remove",), ("delete",), ("clear",))


def _entry(text: str) -> tuple[str, str]:
    """(name, value) of what a cookie string is searched for."""
    name, _, value = text.partition("=")
    return name.strip("; "), value.strip("; \"'")


def _configuration() -> frozenset[str]:
    return words.CONFIGURATION_ROOTS


def _place(expression: Expression) -> str:
    """The spelling of what may ask where the code runs, `import.meta` too."""
    match expression:
        case Member(target=Member(target=Opaque(text="import.meta"), name="env"), name=name):
            return f"import.meta.env.{name}"
    return spelled(expression)


def _where(side: Expression, other: Expression) -> Abstract | None:
    """What a comparison with the name of a place where code runs is worth for visitors; None for another comparison."""
    if not isinstance(other, Literal) or not isinstance(other.value, str):
        return None
    place = _place(side)
    if _WHERE.search(place) is None:
        return None
    if place == "process.env.NODE_ENV" and other.value == "production":
        return known(True)
    return known(False) if other.value in _DESKS else None


def _is_for_developers(expression: Expression) -> bool:
    """Whether an expression is only true where developers run or test the site."""
    if isinstance(expression, Call) and _ASKS_WHERE.search(spelled(expression.callee)) is not None:
        named = expression.arguments
        return bool(named) and all(isinstance(one, Literal) and one.value in _DESKS for one in named)
    return _ON_A_DESK.search(_place(expression)) is not None


def _is_a_given_consent(value: Member) -> bool:
    """Whether a value is the yes of a type of answers: `ConsentState.Accepted`."""
    return words.accepts(value.name) and words.meaning(last_name(value.target)) == "consent"


def _compare_known(operator: str, left: Scalar, right: Scalar) -> bool:
    if operator == "==":
        if isinstance(left, str) != isinstance(right, str) and left is not None and right is not None:
            return str(left).lower() == str(right).lower()
        return left == right
    if isinstance(left, str) != isinstance(right, str) or left is None or right is None:
        return False
    try:
        if operator == "<":
            return left < right  # type: ignore[operator]
        if operator == ">":
            return left > right  # type: ignore[operator]
        if operator == "<=":
            return left <= right  # type: ignore[operator]
        return left >= right  # type: ignore[operator]
    except TypeError:
        return False
