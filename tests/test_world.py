"""What conditions are worth before any choice, and what follows for the code behind them.

See src/tracklint/consent/world.py, expression.py and flow.py.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracklint.consent.expression import Expression, from_script, parse
from tracklint.consent.flow import Flow
from tracklint.consent.mechanisms import Mechanisms
from tracklint.consent.reach import OPEN, Budget, Reach
from tracklint.consent.world import Abstract, World
from tracklint.ruleset import load
from tracklint.script import Script


def read(dialect: str, text: str) -> Expression:
    if dialect != "js":
        return parse(text, dialect)
    script = Script(f"({text})")
    return from_script(script, script.root.named_children[0].named_children[0])


# (dialect, expression, truth before a choice, whether consent took part)
TABLE = [
    ("js", "consent.analytics", False, True),
    ("js", "consent?.analytics", False, True),
    ("js", "consent['analytics']", False, True),
    ("js", "window.consent && window.consent.analytics", False, True),
    ("js", "getCookie('cookie_consent') === 'accepted'", False, True),
    ("js", "getCookie('cookie_consent') !== 'accepted'", True, True),
    ("js", "'accepted' === getCookie('cookie_consent')", False, True),
    ("js", "getCookie('cookie_consent') === null", None, True),
    ("js", "localStorage.getItem('cookie-consent') == 'yes'", False, True),
    ("js", "localStorage.getItem('cookie_consent') !== 'declined'", True, True),
    ("js", "document.cookie.indexOf('consent=accepted') !== -1", False, True),
    ("js", "document.cookie.indexOf('consent=accepted') > -1", False, True),
    ("js", "document.cookie.includes('cookie_consent=true')", False, True),
    ("js", "!trackingDeclined", True, True),
    ("js", "!consent.declined", True, True),
    ("js", "!consent.analytics", True, True),
    ("js", "consent.analytics || isHome", None, True),
    ("js", "isHome && consent.analytics", False, True),
    ("js", "isHome ? consent.analytics : consent.marketing", False, True),
    ("js", "(getCookie('cookie_consent') || '') === ''", True, True),
    ("js", "consent?.analytics ?? false", False, True),
    ("js", "getCookie('theme') === 'dark'", None, False),
    ("js", "cookieBannerSeen", None, False),
    ("js", "props.storageAllowed", False, True),
    ("js", "isLocalStorageAllowed", None, False),
    ("js", "navigator.cookieEnabled", None, False),
    ("js", "isHome", None, False),
    ("js", "true", True, False),
    ("js", "!1", False, False),
    ("js", "'a' === 'b'", False, False),
    ("js", "typeof consent === 'undefined'", None, False),
    ("jinja", "cookies.analytics_consent == 'yes'", False, True),
    ("jinja", "request.cookies.get('cookie_consent') == 'accepted'", False, True),
    ("jinja", "request.cookies['cookie_consent'] is not none", None, True),
    ("jinja", "not analytics_consent", True, True),
    ("jinja", "consent is defined and consent.analytics", False, True),
    ("jinja", "'analytics' in request.cookies.cookie_policy", False, True),
    ("jinja", "'analytics' not in request.cookies.cookie_policy", True, True),
    ("jinja", "user.is_staff or cookie_consent", None, True),
    ("jinja", "cookieBanner.isAnalyticsCookiesEnabled", False, True),
    ("jinja", "cookieBanner.accepted", False, True),
    ("jinja", "cookieBanner.isVisible", None, False),
    ("jinja", "cookieBanner.analyticsUrl", None, False),
    ("jinja", "request.analyticsCookiesEnabled", None, False),
    ("jinja", "site.analytics", None, False),
    ("jinja", "settings.COOKIE_CONSENT_ENABLED", None, False),
    ("erb", "cookies[:cookie_consent] == 'accepted'", False, True),
    ("erb", "cookie_consent?", False, True),
    ("erb", "cookies[:cookie_consent].present?", False, True),
    ("erb", "cookies[:cookie_consent].nil?", True, True),
    ("erb", "cookies[:cookie_consent].blank? || current_user", True, True),
    ("erb", 'cookies[:cookie_consent].include? "analytics"', False, True),
    ("erb", "cookies[:consent].present? && Rails.env.production?", False, True),
    ("erb", "Rails.env.production?", None, False),
    ("php", "!empty($_COOKIE['analytics_consent'])", False, True),
    ("php", "empty($_COOKIE['cookie_consent'])", True, True),
    ("php", "$_COOKIE['cookie_consent'] === 'yes'", False, True),
    ("php", "isset($_COOKIE['consent']) && $_COOKIE['consent'] == '1'", False, True),
    ("php", "$page->title && has_consent('statistics')", False, True),
    ("php", "(bool) $_COOKIE['cookie_consent']", False, True),
    ("php", "(int)$_COOKIE['cookie_consent'] === 0", None, True),
    ("php", "$cookie_consent xor $preview", None, True),
    ("erb", "policy.cookies_accepted? :analytics", False, True),
    ("erb", "!cookies_accepted? visitor and page", None, True),
    ("php", "isset($page['title'])", None, False),
    ("go", 'eq .Consent "yes"', False, True),
    ("go", "and .Site.Params.ga .CookieConsent", False, True),
    ("go", "or .Site.IsMultiLingual .CookieConsent", None, True),
    ("go", "not .AnalyticsConsent", True, True),
    ("go", ".Site.Params.analytics", None, False),
    ("razor", 'Request.Cookies["cookie_consent"] == "yes"', False, True),
    ("razor", 'Request.Cookies["cookie_consent"]?.Value == "true"', False, True),
    ("razor", 'Request.Cookies.ContainsKey("cookie_consent")', False, True),
    ("razor", 'string.IsNullOrEmpty(Request.Cookies["cookie_consent"])', True, True),
    ("razor", "Model.AnalyticsConsent", False, True),
    ("razor", '(string)TempData["AnalyticsConsent"] == "true"', False, True),
    ("razor", 'TempData["AnalyticsConsent"] as string != "no"', True, True),
    ("razor", "(bool?)ViewBag.AnalyticsConsent == true", False, True),
    ("razor", "!(bool)ViewBag.AnalyticsConsent", True, True),
    ("razor", "(Model.AnalyticsConsent)", False, True),
    ("razor", "Model.Title != null", None, False),
    ("freemarker", "cookieConsent!false", False, True),
    ("freemarker", 'cookieConsent!"no" == "yes"', False, True),
    ("freemarker", "cookieConsent?? && cookieConsent == 'yes'", False, True),
    ("freemarker", "page.title??", None, False),
    ("handlebars", "cookieConsent", False, True),
    ("handlebars", "and page.ga cookieConsent", False, True),
    ("handlebars", 'eq cookies.analytics_consent "yes"', False, True),
    ("handlebars", "not cookieConsent", True, True),
    ("handlebars", '(or (eq a "b") cookieConsent)', None, True),
    ("handlebars", "page.ga", None, False),
]


@pytest.mark.parametrize(("dialect", "text", "truth", "consent"), TABLE)
def test_truth_before_a_choice(dialect: str, text: str, truth: bool | None, consent: bool) -> None:
    value = World().evaluate(read(dialect, text))
    assert (value.truth, value.consent) == (truth, consent)


@pytest.mark.parametrize("text", ["cookieBannerSeen", "localStorage.getItem('cookie-banner-dismissed')"])
def test_a_seen_banner_is_no_consent(text: str) -> None:
    value = World().evaluate(read("js", text))
    assert (value.truth, value.implied, value.consent) == (None, True, False)


@pytest.mark.parametrize(
    ("text", "category"),
    [("consent.analytics", "analytics"), ("consent.marketing === true", "marketing"), ("cookieConsent", None)],
)
def test_the_category_of_a_look_up(text: str, category: str | None) -> None:
    assert World().evaluate(read("js", text)).categories == (frozenset({category}) if category else frozenset())


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            "consent . ( ) [ ] ! not and or == != ? : ?? | 'x' \" 1 -1 is in if else cookies :a @ $x -> eq".split()
        ),
        max_size=25,
    ).map(" ".join)
    | st.text(max_size=40),
    st.sampled_from(["jinja", "erb", "php", "go", "razor", "freemarker", "handlebars", "liquid", ""]),
)
def test_any_condition_is_answered(text: str, dialect: str) -> None:
    assert World().truth(parse(text, dialect)) in (True, False, None)


def test_deep_conditions_are_answered() -> None:
    for text in ("(" * 5_000 + "a", "!" * 5_000 + "a", "a." * 5_000, "a?" * 5_000, "not " * 5_000, "a and " * 5_000):
        for dialect in ("jinja", "erb", "go"):
            assert World().truth(parse(text, dialect)) in (True, False, None)


# ---- against brute force: an expression is a tuple; its text is JavaScript

ABSENT = (None, False, "")
ATOMS: dict[str, tuple[Any, ...]] = {
    "consent.analytics": ABSENT,
    "getCookie('cookie_consent')": (None, ""),
    "trackingDeclined": ABSENT,
    "isHome": (True, False, "accepted", None, ""),
    "variant": (True, False, "accepted", "b"),
    "cookieBannerSeen": (True, False),
}
CONSTANTS: dict[str, Any] = {"true": True, "false": False, "null": None, "'accepted'": "accepted", "'b'": "b", "''": ""}

Tree = tuple[Any, ...]
_leaves = st.sampled_from([("atom", name) for name in ATOMS] * 2 + [("constant", name) for name in CONSTANTS])
_conditions = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(["&&", "||", "===", "!=="]), inner, inner),
        st.tuples(st.just("!"), inner),
        st.tuples(st.just("?"), inner, inner, inner),
    ),
    max_leaves=7,
)


def written(tree: Tree) -> str:
    match tree:
        case ("atom" | "constant", name):
            return str(name)
        case ("!", operand):
            return f"!({written(operand)})"
        case ("?", test, yes, no):
            return f"(({written(test)}) ? {written(yes)} : {written(no)})"
        case (operator, left, right):
            return f"({written(left)} {operator} {written(right)})"
    raise AssertionError(tree)


def worth(tree: Tree, given_: Mapping[str, Any]) -> Any:
    match tree:
        case ("atom", name):
            return given_[name]
        case ("constant", name):
            return CONSTANTS[name]
        case ("!", operand):
            return not worth(operand, given_)
        case ("?", test, yes, no):
            return worth(yes if worth(test, given_) else no, given_)
        case ("&&", left, right):
            return worth(left, given_) and worth(right, given_)
        case ("||", left, right):
            return worth(left, given_) or worth(right, given_)
        case ("===" | "!==" as operator, left, right):
            one, other = worth(left, given_), worth(right, given_)
            return (type(one) is type(other) and one == other) is (operator == "===")
    raise AssertionError(tree)


def atoms(tree: Any) -> set[str]:
    if not isinstance(tree, tuple | list):
        return set()
    if tree and tree[0] == "atom":
        return {tree[1]}
    return set().union(*(atoms(part) for part in tree)) if tree else set()


def assignments(tree: Any) -> list[dict[str, Any]]:
    names = sorted(atoms(tree))
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*(ATOMS[name] for name in names))]


@settings(max_examples=600)
@given(_conditions)
def test_no_answer_is_contradicted_by_brute_force(tree: Tree) -> None:
    truth = World().truth(read("js", written(tree)))
    if truth is None:
        return
    for assignment in assignments(tree):
        assert bool(worth(tree, assignment)) is truth, (written(tree), assignment)


# ---- the flow through a script


class Alone:
    """A script that runs at once and that nothing else knows."""

    def entry(self, script: Script, facade: bool) -> Reach:
        return OPEN

    def callers(self, script: Script, name: str, facade: bool, excludes: object = None) -> list[Reach]:
        return []

    def value(self, script: Script, binding: object) -> Abstract | None:
        return None

    def settled(self, script: Script, condition: object) -> None:
        return None

    def function(self, script: Script, name: str, binding: object) -> None:
        return None

    def carried(self, script: Script, holder: object, facade: bool) -> Reach | None:
        return None

    def never_sets(self, path: str, holder: str, name: str) -> bool:
        return False

    def firing(self, script: Script, event: str) -> Iterator[Any]:
        return iter(())

    def dispatches(self, script: Script, event: str, facade: bool) -> list[Reach]:
        return []


@cache
def mechanisms() -> Mechanisms:
    return Mechanisms(load())


def reach(text: str) -> Reach:
    script = Script(text)
    (call,) = script.calls("target")
    return Flow(script, mechanisms(), Alone(), Budget(10_000)).reach(call)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("target()", "open"),
        ("if (consent.analytics) target()", "gated"),
        ("if (!consent.analytics) target()", "open"),
        ("if (!consent.analytics) {} else { target() }", "gated"),
        ("consent.analytics && target()", "gated"),
        ("consent.analytics || target()", "open"),
        ("consent.analytics ? target() : other()", "gated"),
        ("function step() { if (!consent.analytics) return; target() } step()", "gated"),
        ("function step() { if (consent.analytics) return; target() } step()", "open"),
        ("function step() { target(); if (!consent.analytics) return } step()", "open"),
        ("function step() { if (isHome) { if (!consent.analytics) return } target() } step()", "open"),
        ("function step() { target() } if (consent.analytics) step()", "gated"),
        ("function step() { target() } if (consent.analytics) step(); step()", "open"),
        ("function step() { target() } function next() { step() } consent.analytics && next()", "gated"),
        ("if (consent.analytics) setTimeout(function () { target() }, 1)", "gated"),
        ("setTimeout(() => { if (consent.analytics) target() }, 1)", "gated"),
        ("(function () { target() })()", "open"),
        ("if (false) target()", "dead"),
        ("while (consent.analytics) target()", "gated"),
        ("try { target() } catch (error) {}", "open"),
        ("do { target() } while (consent.analytics)", "open"),
        ("for (target(); consent.analytics;) {}", "open"),
        ("if (target()) consent.analytics", "open"),
        ("switch (getCookie('cookie_consent')) { case 'accepted': target() }", "gated"),
        ("switch (getCookie('cookie_consent')) { case 'accepted': default: target() }", "open"),
    ],
)
def test_reach(text: str, state: str) -> None:
    assert reach(text).state == state


# A block is a list of statements; "target" is put at one place of it.
_simple = _conditions.filter(lambda tree: len(written(tree)) < 60)
_HERE = ("target",)


def _wrap(inner: st.SearchStrategy[list[Tree]]) -> st.SearchStrategy[list[Tree]]:
    before = st.lists(
        st.one_of(
            st.just(("other",)),
            st.tuples(st.just("leave"), _simple),  # if (…) return
            st.tuples(st.just("leave-else"), _simple),  # if (…) other(); else return
            st.tuples(st.just("maybe-leave"), _simple, _simple),  # if (…) { if (…) return }
        ),
        max_size=2,
    )
    holder = st.one_of(
        st.tuples(st.just("if"), _simple, inner),
        st.tuples(st.just("else"), _simple, inner),
        st.tuples(st.just("and"), _simple, inner),
        st.tuples(st.just("or"), _simple, inner),
        st.tuples(st.just("call"), inner),
        st.tuples(st.just("call-if"), _simple, inner),
        st.tuples(st.just("call-twice"), _simple, _simple, inner),
        st.tuples(st.just("later"), inner),
        st.tuples(st.just("at-once"), inner),
        st.tuples(st.just("try"), inner),
    )
    return st.tuples(before, holder, before).map(lambda parts: [*parts[0], parts[1], *parts[2]])


_scripts = st.recursive(st.just([_HERE]), _wrap, max_leaves=4)


class _Writer:
    def __init__(self) -> None:
        self.number = 0

    def block(self, block: list[Tree], inside: bool) -> str:
        return " ".join(self.statement(statement, inside) for statement in block)

    def statement(self, statement: Tree, inside: bool) -> str:
        leave = "return" if inside else "other()"  # a script cannot return
        kind = statement[0]
        if kind in ("target", "other"):
            return f"{kind}();"
        if kind == "leave":
            return f"if ({written(statement[1])}) {leave};"
        if kind == "leave-else":
            return f"if ({written(statement[1])}) other(); else {leave};"
        if kind == "maybe-leave":
            return f"if ({written(statement[1])}) {{ if ({written(statement[2])}) {leave}; }}"
        function = kind not in ("if", "else", "try")
        body = self.block(statement[-1], inside or function)
        self.number += 1
        name = f"step{self.number}"
        conditions = [written(tree) for tree in statement[1:-1]]
        return {
            "if": lambda: f"if ({conditions[0]}) {{ {body} }} else {{ other() }}",
            "else": lambda: f"if ({conditions[0]}) {{ other() }} else {{ {body} }}",
            "and": lambda: f"({conditions[0]}) && (function () {{ {body} }})();",
            "or": lambda: f"({conditions[0]}) || (() => {{ {body} }})();",
            "call": lambda: f"function {name}() {{ {body} }} {name}();",
            "call-if": lambda: f"const {name} = () => {{ {body} }}; if ({conditions[0]}) {name}();",
            "call-twice": lambda: (
                f"function {name}() {{ {body} }} if ({conditions[0]}) {name}(); {conditions[1]} ? {name}() : other();"
            ),
            "later": lambda: f"setTimeout(function () {{ {body} }}, 10);",
            "at-once": lambda: f"!function () {{ {body} }}();",
            "try": lambda: f"try {{ {body} }} catch (error) {{ other() }}",
        }[kind]()


def runs(block: list[Tree], given_: Mapping[str, Any], inside: bool = False) -> tuple[bool, bool]:
    """(whether the target is called, whether the function is left)"""
    called = False
    for kind, *rest in block:
        held = [bool(worth(tree, given_)) for tree in rest if isinstance(tree, tuple)]
        if kind == "target":
            called = True
        elif kind in ("leave", "leave-else", "maybe-leave"):
            if inside and all(held) is (kind != "leave-else"):
                return called, True
        elif kind in ("if", "else", "try"):
            if kind == "try" or held[0] is (kind == "if"):
                reached, left = runs(rest[-1], given_, inside)
                called = called or reached
                if left:
                    return called, True
        elif kind == "or":
            called = called or (not held[0] and runs(rest[-1], given_, True)[0])
        elif kind != "other" and (any(held) or not held):
            called = called or runs(rest[-1], given_, True)[0]
    return called, False


@settings(max_examples=250)
@given(_scripts)
def test_what_runs_before_a_choice_is_never_called_gated(block: list[Tree]) -> None:
    text = _Writer().block(block, False)
    if len(atoms(block)) > 4:
        return
    found = reach(text)
    if found.state in ("gated", "dead"):
        for assignment in assignments(block):
            assert not runs(block, assignment)[0], (text, assignment, found)


def _steps(text: str) -> int:
    script = Script(text)
    (call,) = script.calls("target")
    budget = Budget(1_000_000)
    assert Flow(script, mechanisms(), Alone(), budget).reach(call).state in ("open", "unknown")
    return 1_000_000 - budget.left


@pytest.mark.parametrize(
    "calls",
    [
        lambda number, count: f"f{(number + 1) % count}();",  # a ring
        lambda number, count: f"f{max(number - 1, 0)}(); f{number * 3 % count}();",  # two ways into each
    ],
)
def test_the_work_grows_with_the_functions_and_no_faster(calls: Any) -> None:
    def script(count: int) -> str:
        functions = "".join(f"function f{number}() {{ {calls(number, count)} }}\n" for number in range(count))
        return f"{functions}function load() {{ target(); }}\nfunction start() {{ load(); f0(); }}\nf1();".replace(
            "function f0() { ", "function f0() { start(); "
        )

    few, many = _steps(script(500)), _steps(script(2_000))
    assert many <= 5 * few
