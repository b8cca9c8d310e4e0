"""The syntax tree of scripts, folding and bindings; an independent parser is the oracle. See src/tracklint/script.py."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import esprima
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracklint.model import SourceFile, Span
from tracklint.script import UNKNOWN, UNKNOWN_VALUE, Binding, Script, Value, decode_base64, unescape

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]


def folded(text: str, dialect: str = "js") -> Value:
    """The value of the first argument of `sink(…)`."""
    script = Script(text, dialect)
    (call,) = [call for call in script.calls("sink") if script.dotted(call.child_by_field_name("function")) == "sink"]
    return script.fold(script.arguments(call)[0])


# ---- folding


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("sink('a' + \"b\" + `c`)", "abc"),
        ("sink('//h.example/' + id + '.js')", f"//h.example/{UNKNOWN}.js"),
        ("sink('a' + 1 + 2)", "a12"),
        ("sink(1 + 2)", 3),
        ("sink(1 + 2 + 'a')", "3a"),
        ("sink(('a' + 'b'))", "ab"),
        ("const a = 'x', b = `${a}/y`; sink(`<${b}>`)", "<x/y>"),
        ("sink(`a${unknown}b`)", f"a{UNKNOWN}b"),
        ("var a; a = 'later'; sink(a)", "later"),
        ("var a = 'x'; a += 'y'; sink(a)", "xy"),
        ("(function (w, d, u) { sink(u) })(window, document, '//h.example/a.js')", "//h.example/a.js"),
        ("!function (w, u) { sink('https:' + u) }(window, '//h.example')", "https://h.example"),
        ("((u) => { sink(u) })('x')", "x"),
        ("(u => sink(u))('x')", "x"),
        ("function load(u) { sink(u) } load('x')", "x"),
        ("const load = (a, u) => sink(u); load(1, 'x')", "x"),
        ("function load(u = 'default') { sink(u) }", "default"),
        ("sink(unescape('%3Cscript src=%22x%22%3E'))", '<script src="x">'),
        ("sink(unescape('%E9'))", "é"),
        ("sink(decodeURIComponent('%C3%A9'))", "é"),
        ("sink(atob('aHR0cHM6Ly9oLmV4YW1wbGUvYS5qcw=='))", "https://h.example/a.js"),
        ("sink(window.atob('aHR0cHM6Ly9oLmV4YW1wbGUvYS5qcw'))", "https://h.example/a.js"),
        ("sink(String.fromCharCode(104, 105))", "hi"),
        ("sink(String.fromCharCode(104, x))", UNKNOWN_VALUE),
        ("sink(['a', 'b'].join('.'))", "a.b"),
        ("sink(['a', 'b'].join(''))", "ab"),
        ("sink(['a', 'b'].join())", "a,b"),
        ("sink('a'.concat('b', c, 'd'))", f"ab{UNKNOWN}d"),
        ("sink('cba'.split('').reverse().join(''))", "abc"),
        ("sink('a-b'.replace('-', '+'))", "a+b"),
        ("const o = { url: 'x', 'two': 2 }; sink(o.url)", "x"),
        ("const o = { url: 'x', 'two': 2 }; sink(o['two'])", 2),
        ("const list = ['x', 'y']; sink(list[1])", "y"),
        ("const list = ['x', 'y']; sink(list[2])", UNKNOWN_VALUE),
        ("const list = ['x', 'y']; sink(list[1.5])", UNKNOWN_VALUE),
        ("function A() { this.url = 'x'; } A.prototype.go = function () { sink(this.url) }", "x"),
        ("class A { url = 'x'; go() { sink(this.url) } }", "x"),
        ("var o = { url: 'x', go: function () { sink(this.url) } }", "x"),
        ("CONFIG.url = 'x'; sink(CONFIG.url)", "x"),
        ("sink('\\u0061\\x62\\u{63}\\\nd\\n')", "abcd\n"),
        ("sink(!0)", True),
        ("sink(!1)", False),
        ("sink(void 0)", None),
        ("sink(undefined)", None),
        ("sink(-3)", -3),
        ("sink(0x1f)", 31),
        ("sink(1_000n)", 1000),
        ("sink(1.5)", 1.5),
        ("sink(null)", None),
        ("sink((0, 'x'))", "x"),
        ("function f() { return 'x' } sink(f() + 'y')", "xy"),
        ("const f = () => 'x'; sink(f())", "x"),
        ("function f(u) { if (!u) return; return 'x/' + u } sink(f('y'))", "x/y"),
        ("function f(u) { return u } f('x'); sink(f('y'))", UNKNOWN_VALUE),
        ("function f() { return function () { return 'x' } } sink(f())", UNKNOWN_VALUE),
        ("function f() { return f() } sink(f())", UNKNOWN_VALUE),
        (
            "function A() {} A.prototype.url = function () { return 'x' }; A.prototype.go = function () { sink(this.url()) }",
            "x",
        ),
        ("a.url = function () { return 'x' }; b.url = function () { return 'y' }; sink(c.url())", UNKNOWN_VALUE),
        ("var f; f = () => 'x'; sink(f())", "x"),
        ("n.d(e, { url: () => f }); function f() { return 'x' } sink((0, o.url)())", "x"),
        ("var f; f = () => 'x'; f = () => 'y'; sink(f())", UNKNOWN_VALUE),
        ("sink(location.protocol + '//h.example')", "https://h.example"),
        ("sink(free)", UNKNOWN_VALUE),
        ("sink(f())", UNKNOWN_VALUE),
        ("var a = a; sink(a)", UNKNOWN_VALUE),
        ("var a = b, b = a; sink(a)", UNKNOWN_VALUE),
        ("const o = { a: 'x', b: ['y', z], ...rest }; sink(o.a)", "x"),
        ("const o = { a: 'x', b: ['y', z], ...rest }; sink(o.b)", ["y", UNKNOWN_VALUE]),
    ],
)
def test_fold(text: str, value: Value) -> None:
    assert folded(text) == value


def test_fold_reads_typed_code() -> None:
    assert folded("const u: string = 'a' as string; sink(u!)", "ts") == "a"
    assert folded("const a = <p title={sink('x' satisfies string)}>é</p>", "tsx") == "x"


@pytest.mark.parametrize(
    ("expression", "values"),
    [
        ("secure ? 'https://a' : 'http://b'", ["https://a", "http://b"]),
        ("(secure ? 'https://' : 'http://') + 'h'", ["https://h", "http://h"]),
        ("given || 'default'", ["default"]),
        ("'given' || 'default'", ["given", "default"]),
    ],
)
def test_all_alternatives(expression: str, values: list[str]) -> None:
    script = Script(f"sink({expression})")
    (call,) = script.calls("sink")
    assert script.alternatives(script.arguments(call)[0]) == values


def test_properties_that_are_set_to_each_other_again_and_again_have_a_value() -> None:
    # In as many ways as 60 to the sixth power, so an answer at all is what counts.
    assert folded("o.a = o.b; o.b = o.a;" * 60 + "o.b = 'https://a.example/'; sink(o.a)") == "https://a.example/"


def test_a_shadowed_name_has_the_inner_value() -> None:
    assert folded("var u = 'outer'; function f() { var u = 'inner'; sink(u) }") == "inner"
    assert folded("let u = 'outer'; { let u = 'inner' } sink(u)") == "outer"


def test_a_name_that_others_use_a_thousand_times_has_its_own_value() -> None:
    others = "".join(f"function f{number}(e, t) {{ return e.x + t.y }}" for number in range(1_000))
    assert folded(f"const e = 'outer';{others}sink(e)") == "outer"
    assert folded(f"var e = 'outer';{others}!function () {{ {others} var e = 'inner'; sink(e) }}()") == "inner"
    assert folded(f"{others}(function (e) {{ sink(e) }})('given');{others}") == "given"
    assert folded(f"{others}sink(e)") == UNKNOWN_VALUE


def test_unescape_and_base64_answer_for_any_input() -> None:
    assert unescape(r"\'\"\\\/") == "'\"\\/"
    assert unescape("\\u{110000}") == UNKNOWN
    assert decode_base64("short") is None
    assert decode_base64("no base64 at all!!!!!") is None


# ---- bindings


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("var name = 1; name", "variable"),
        ("const { name } = o; name", "variable"),
        ("const { a: name = 2 } = o; name", "variable"),
        ("const [x, name] = o; name", "variable"),
        ("function name() {} name", "function"),
        ("class name {} name", "class"),
        ("import name from 'm'; name", "import"),
        ("import { a as name } from 'm'; name", "import"),
        ("import * as name from 'm'; name", "import"),
        ("function f(name) { name }", "parameter"),
        ("function f({ name }) { name }", "parameter"),
        ("function f(...name) { name }", "parameter"),
        ("(name) => name", "parameter"),
        ("name => name", "parameter"),
        ("try {} catch (name) { name }", "catch"),
        ("function f() { var name } name", None),
        ("o.name; name", None),
        ("{ let name } name", None),
        ("{ var name } name", "variable"),
        ("if (x) for (;;) { try { switch (x) { case 1: var name } } finally {} } name", "variable"),
        ("try {} catch (e) { var name } name", "variable"),
        ("for (let name;;) {} name", None),
        ("for (let name;;) name", "variable"),
        ("for (const [name] of x) name", "loop"),
        ("f(function () { var name }); name", None),
        ("{ function name() {} } name", None),
        ("(function name() { name })", "function"),
        ("(function name(name) { name })", "parameter"),
        ("(function name() {}); name", None),
        ("var f = function ({ a: { name = other } = {} }, ...rest) { name }", "parameter"),
        ("function f({ a = name }) { name }", None),
        ("import { name as a } from 'm'; name", None),
        ("export default function name() {} name", "function"),
        ("export const name = 1; name", "variable"),
        ("class A { static { const name = 1; name } }", "variable"),
        ("name: for (;;) break; name", None),
    ],
)
def test_the_binding_of_a_name(text: str, kind: str | None) -> None:
    script = Script(text)
    binding = script.binding((script.occurrences("name") or ())[-1])
    assert (binding.kind if binding is not None else None) == kind


def test_uses_and_assignments() -> None:
    script = Script("let a = 1; a = 2; f(a); function g(a) { a = 3 } o.a = 4")
    binding = script.declaration("a")
    assert binding is not None
    assert [node.start_byte for node in script.uses(binding)] == [11, 20]
    assert [script.text_of(value) for _, value in script.assignments(binding)] == ["2"]


_NESTED = st.recursive(
    st.sampled_from(["use", "let", "var"]),
    lambda inner: st.tuples(st.sampled_from(["block", "function", "taking"]), st.lists(inner, max_size=5)),
    max_leaves=25,
)


@given(st.lists(_NESTED, max_size=6))
def test_every_use_belongs_to_the_nearest_declaration_around_it(program: list[Any]) -> None:
    text = ""
    uses: list[tuple[int, list[dict[str, int]]]] = []

    def write(items: list[Any], scopes: list[dict[str, int]], function: dict[str, int]) -> None:
        nonlocal text
        for item in items:
            if item == "use":
                uses.append((len(text), scopes))
                text += "e;"
            elif isinstance(item, str):
                (scopes[-1] if item == "let" else function).setdefault("e", len(text) + 4)
                text += f"{item} e=1;"
            elif item[0] == "block":
                text += "if(x){"
                write(item[1], [*scopes, {}], function)
                text += "}"
            else:
                inner = {"e": len(text) + 10} if item[0] == "taking" else {}
                text += "(function(e=1){" if item[0] == "taking" else "(function(t){"
                write(item[1], [*scopes, inner, {}], inner)
                text += "});"

    whole: dict[str, int] = {}
    write(program, [whole], whole)
    script = Script(text)
    told: dict[int, tuple[Binding, set[int]]] = {}
    for offset, scopes in uses:
        declared = next((scope["e"] for scope in reversed(scopes) if "e" in scope), None)
        binding = script.binding(script.node_at(offset))
        assert (binding.declaration.start_byte if binding is not None else None) == declared
        if binding is not None:
            told.setdefault(binding.declaration.start_byte, (binding, set()))[1].add(offset)
    for binding, offsets in told.values():
        assert {use.start_byte for use in script.uses(binding)} & {offset for offset, _ in uses} == offsets


def test_calls_of_a_function() -> None:
    text = "function f() {} f(); new f(); g(f); f.x(); (function h() { f() })()"
    script = Script(text)
    binding = script.declaration("f")
    assert binding is not None and binding.value is not None
    assert [script.text_of(call) for call in script.calls_of(binding.value)] == ["f()", "new f()", "f()"]
    text = "var a = function b() { b() }; a(); let c; c = () => {}; c(); !function d() {}()"
    script = Script(text)
    functions = [script.enclosing(script.node_at(text.index(f"{head}") + len(head)), {"function_expression", "arrow_function"})
                 for head in ("b() { ", "() => ", "d() ")]  # fmt: skip
    calls = [[script.text_of(call) for call in script.calls_of(one)] for one in functions if one is not None]
    assert calls == [["b()", "a()"], ["c()"], ["function d() {}()"]]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("window.a.b()", "a.b"),
        ("globalThis.a?.b()", "a.b"),
        ("a['b']()", "a.b"),
        ("a[i].b()", "a.[].b"),
        ("f().b()", "f().b"),
        ("this.b()", "this.b"),
        ("(a).b()", "a.b"),
        ("'x'.b()", ""),
        ("(0, a.b)()", "a.b"),
        ("(c, a.b)()", ""),
        ("Object(a.b)()", "a.b"),
        ("Object(a)()", "Object()"),
    ],
)
def test_dotted(text: str, path: str) -> None:
    script = Script(text)
    node = script.root.named_children[0].named_children[0]
    assert script.dotted(node.child_by_field_name("function")) == path


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("const a = b as any; a.run();", ("b.run", "")),
        ("const a = <any>window.b; a.run();", ("b.run", "")),
        ("const a = b!; a!.run!();", ("b.run", "")),
        ("const a = b satisfies B; (a as any).run();", ("b.run", "")),
        ("const a = b, c = a; function f() { c.run(); }", ("b.run", "")),
        ("const { a } = window; a.run();", ("a.run", "")),
        ("const { a: c } = b; c.run();", ("b.a.run", "")),
        ("const { a: { c } } = b; c.run();", ("c.run", "")),
        ("const [a] = b; a.run();", ("a.run", "")),
        ("const { run } = b; run();", ("b.run", "")),
        ("const get = () => window?.b ?? null; const a = get(); a.run();", ("b.run", "")),
        ("import a from 'pack'; const c = a as any; c.run();", ("a.run", "pack")),
        ("import * as a from '@org/pack'; a.run();", ("a.run", "@org/pack")),
        ("import { a } from 'pack'; a.run();", ("a.run", "")),
        ("const a = require('pack'); a.run();", ("a.run", "pack")),
        ("const a = (await import('pack')).default; a.run();", ("a.run", "pack")),
        ("let a = b; a = other; a.run();", ("a.run", "")),
        ("const a = b(1); a.run();", ("a.run", "")),
        ("function f(a) { a.run(); }", ("a.run", "")),
        ("const a = b; function f(a) { a.run(); }", ("a.run", "")),
    ],
)
def test_what_a_call_names_behind_other_names_for_it(text: str, called: tuple[str, str]) -> None:
    script = Script(text, "ts")
    call = next(iter(script.calls("run")))
    assert script.called(call.child_by_field_name("function"))[1:] == called


# ---- offsets


def test_offsets_are_characters_whatever_the_text_holds() -> None:
    text = "var é = 'ü—😀'; /* 日本語 */ sink('\u2028' + é);\ufeff sink2('x')"
    page = "<p>😀</p><script>" + text + "</script>"
    file = SourceFile("a.html", page, "html", "plain")
    script = Script(text, "js", file, page.index(text))
    (call,) = script.calls("sink")
    assert script.text_of(call) == "sink('\u2028' + é)"
    assert page[slice(*script.span(call))] == script.text_of(call)
    assert isinstance(script.span(call), Span)
    assert script.fold(script.arguments(call)[0]) == "\u2028ü—😀"
    (other,) = script.calls("sink2")
    assert script.text_of(other) == "sink2('x')"


def test_lines_count_in_the_file() -> None:
    script = Script("\n\nf()", "js", SourceFile("a.html", "é\r\n<script>\n\nf()</script>", "html", "plain"), 11)
    assert [script.line(call) for call in script.calls("f")] == [4]


def test_a_name_in_a_comment_or_string_is_no_call() -> None:
    script = Script("// f()\n'f()'; /* f() */ f(); o.f(); xf(); f.x()")
    assert [script.text_of(call) for call in script.calls("f")] == ["f()", "o.f()"]
    detached = Script("(0, o.f)(); Object(o.f)(); g(o.f)")
    assert [detached.text_of(call) for call in detached.calls("f")] == ["(0, o.f)()", "Object(o.f)()"]
    assert script.in_comment(4) and not script.in_comment(script.text.index("xf"))


# ---- any input

_PIECES = st.sampled_from(
    "function ( ) { } [ ] => = + ' \" ` ${ } , ; : ? . ?. var let const a b this new class if else return import export "
    "unescape('%') atob('====') String.fromCharCode(0) .join('') < > / * // /* */ \\ \\u{ 0x 1e 09 async await 😀 é # @ "
    "... a=a a+=a a.a= catch try sink(a) \n \x00".split(" ")
)


@settings(max_examples=150)
@given(
    st.one_of(st.text(max_size=80), st.lists(_PIECES, max_size=30).map(" ".join)),
    st.sampled_from(["js", "jsx", "ts", "tsx"]),
)
@example("'", "js")
@example("`${", "js")
@example("\ud800", "js")
def test_any_text_is_answered(text: str, dialect: str) -> None:
    script = Script(text, dialect)
    nodes = [script.root]
    for node in nodes:
        nodes += node.children
    for node in nodes:
        span = script.span(node)
        assert 0 <= span.start <= span.end <= len(text)
        script.fold(node), script.alternatives(node), script.dotted(node), script.statement(node), script.key_of(node)
        assert script.ancestors(node)[-1].id == node.id
        if "identifier" in node.type:
            binding = script.binding(node)
            if binding is not None:
                script.uses(binding), script.assignments(binding), script.arguments_for(binding)
    for name in ("a", "sink", "f"):
        list(script.calls(name))
    assert isinstance(script.is_module, bool)


def test_deep_nesting_and_long_chains_are_answered() -> None:
    for text in (
        "sink(" + "(" * 3_000 + "'x'" + ")" * 3_000 + ")",
        "sink(a" + ".a" * 3_000 + ")",
        "sink(" + "!" * 3_000 + "0)",
    ):
        assert folded(text) == UNKNOWN_VALUE
    assert isinstance(folded("sink(" + "[" * 3_000 + "]" * 3_000 + ")"), list)
    doubled = folded("".join(f"var v{i} = v{i + 1} + v{i + 1};" for i in range(300)) + "sink(v0)")
    assert isinstance(doubled, str) and len(doubled) < 1_000
    assert folded("sink(" + "'x'+" * 3_000 + "'x')") == "x" * 3_001


@settings(max_examples=60)
@given(
    st.lists(
        st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters=UNKNOWN), max_size=8),
        min_size=1,
        max_size=5,
    )
)
def test_any_string_comes_back_from_its_spellings(parts: list[str]) -> None:
    def quoted(text: str) -> str:
        return "'" + "".join(c if c.isalnum() and c.isascii() else f"\\u{{{ord(c):x}}}" for c in text) + "'"

    whole = "".join(parts)
    assert folded("sink(" + " + ".join(map(quoted, parts)) + ")") == whole
    assert folded("sink([" + ",".join(map(quoted, parts)) + "].join(''))") == whole
    assert (
        folded(
            "".join(f"const p{i} = {quoted(p)};" for i, p in enumerate(parts))
            + "sink(`"
            + "".join(f"${{p{i}}}" for i in range(len(parts)))
            + "`)"
        )
        == whole
    )


# ---- a second parser as the oracle


@cache
def _sources() -> dict[str, str]:
    """Scripts of the fixtures and the rulesets' examples."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "tests" / "fixtures").rglob("*.js")):
        found[path.relative_to(ROOT).as_posix()] = path.read_text(encoding="utf-8")
    for path in sorted((ROOT / "rulesets" / "services").glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        for key in ("example", "counterexample"):
            for number, item in enumerate(data.get(key, ())):
                if item.get("path", "page.html").endswith((".js", ".mjs", ".ts")):
                    found[f"{path.name} {key} {number}"] = item["source"]
                elif item.get("path", "page.html").endswith(".html"):
                    for script in re.findall(r"<script(?:\s+async)?>(.+?)</script>", item["source"], re.S):
                        found[f"{path.name} {key} {number} inline {len(found)}"] = script
    return found


def _tree(text: str) -> Any | None:
    for read in (esprima.parseScript, esprima.parseModule):
        try:
            return read(text, range=True)
        except (esprima.Error, RecursionError):
            continue
    return None


def _children(node: Any) -> Iterator[Any]:
    for value in vars(node).values():
        for item in value if isinstance(value, list) else (value,):
            if isinstance(item, esprima.nodes.Node):
                yield item


_Facts = tuple[set[tuple[int, str]], set[tuple[str, int, tuple[tuple[str, bool], ...]]]]


def _by_oracle(text: str, tree: Any) -> _Facts:
    strings: set[tuple[int, str]] = set()
    calls: set[tuple[str, int, tuple[tuple[str, bool], ...]]] = set()
    waiting: list[tuple[Any, tuple[tuple[str, bool], ...]]] = [(tree, ())]
    while waiting:
        node, conditions = waiting.pop()
        if node.type == "Literal" and isinstance(node.value, str) and node.raw[:1] in "\"'":
            strings.add((node.range[0], node.value))
        if node.type in ("CallExpression", "NewExpression", "TaggedTemplateExpression"):
            callee = node.tag if node.type == "TaggedTemplateExpression" else node.callee
            if callee.type == "MemberExpression" and not callee.computed:
                callee = callee.property
            if callee.type == "Identifier":
                calls.add((callee.name, node.range[0], conditions))
        for child in _children(node):
            inner = conditions
            if node.type == "IfStatement" and child is not node.test:
                inner = (*conditions, (text[slice(*node.test.range)], child is node.consequent))
            waiting.append((child, inner))
    return strings, calls


def _by_script(text: str) -> _Facts:
    script = Script(text)
    strings: set[tuple[int, str]] = set()
    for match in re.finditer("[\"']", text):
        for node in script.ancestors(script.node_at(match.start())):
            value = script.fold(node)
            if node.type == "string" and isinstance(value, str):
                strings.add((node.start_byte, value))
    calls = set()
    for name in set(re.findall(r"[\w$]+", text)):
        for call in script.calls(name):
            conditions = []
            chain = script.ancestors(call)
            for parent, child in itertools.pairwise(chain):
                condition = parent.child_by_field_name("condition") if parent.type == "if_statement" else None
                if condition is None or child.id == condition.id:
                    continue
                while condition.type == "parenthesized_expression":
                    condition = next(c for c in condition.named_children if c.type != "comment")
                conditions.append((script.text_of(condition), child == parent.child_by_field_name("consequence")))
            calls.add((name, call.start_byte, tuple(conditions)))
    return strings, calls


def test_both_parsers_agree_on_strings_calls_and_conditions() -> None:
    compared = 0
    strings = calls = conditions = 0
    for name, text in _sources().items():
        tree = _tree(text)
        if tree is None:
            continue
        compared += 1
        expected = _by_oracle(text, tree)
        found = _by_script(text)
        assert found[0] == expected[0], name
        assert found[1] == expected[1], name
        strings += len(expected[0])
        calls += len(expected[1])
        conditions += sum(len(call[2]) for call in expected[1])
    assert compared > 800 and strings > 1_000 and calls > 800 and conditions > 50, (
        compared,
        strings,
        calls,
        conditions,
    )


@pytest.mark.parametrize("attribute", ["class='help'", "for='help'", "class", "className='help'"])
def test_elements_with_the_attributes_of_html_are_read(attribute: str) -> None:
    text = f"import React from 'react';\nexport const Help = () => <ul {attribute}><li {attribute}>Call</li></ul>;\n"
    script = Script(text, "js")
    assert not script.broken
    assert Script("const a = (b", "js").broken


@pytest.mark.parametrize("dialect", ["js", "tsx"])
def test_an_ampersand_in_the_text_of_an_element_is_no_error(dialect: str) -> None:
    text = "const f = a & b;\nexport default () => <p>D&B data, R & D, S&amp;T <b>{load('x') && y}</b></p>;"
    script = Script(text, dialect)
    assert not script.broken
    assert [script.text_of(call) for call in script.calls("load")] == ["load('x')"]
