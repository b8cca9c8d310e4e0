"""Strings, calls, comments and conditions of programming languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracklint.literals import Source, balanced_end, scan
from tracklint.template import FILLER

LANGUAGES = ["php", "ruby", "python", "csharp", "java", "go", "kotlin", "elixir"]


def shown(source: Source) -> list[str]:
    return [literal.value.replace(FILLER, "@") for literal in source.literals]


def held(source: Source, text: str, mark: str) -> list[tuple[str, bool]]:
    return [(c.expression, c.holds) for c in source.conditions(text.index(mark))]


class TestStrings:
    @pytest.mark.parametrize(
        ("language", "text", "expected"),
        [
            ("php", r"'a\'b\n' ", r"a'b\n"),
            ("php", r'"a\"b\n\u{41}\x42 $c {$d["e"]} $f[0] $g->h <\/p>" ', 'a"b\nAB @ @ @ @ <\\/p>'),
            ("php", "'a' . $this->b('c') . 'd'", "a@d"),
            ("php", "$a . 'b'", "@b"),
            ("php", "echo '<a', $b, '>';", "<a@>"),
            ("php", "sprintf('<a href=\"%s\">', $b)", '<a href="%s">'),
            ("php", "<<<HTML\n <p>{$a->b('}')}\n HTML . 'x'", " <p>@\nx"),
            ("php", "<<<'T'\n $a\nT;\n", " $a\n"),
            ("ruby", '"a#{b["c"]}d" + e + \'f\'', "a@d@f"),
            ("ruby", '"a" \\\n  "b"', "ab"),
            ("ruby", "%q(a (b) #{c})", "a (b) #{c}"),
            ("ruby", "x = %Q[a #{b}]", "a @"),
            ("ruby", "raw <<~HTML.strip\n  <p>#{a}</p>\n  HTML\n", "  <p>@</p>\n"),
            ("ruby", '"a".html_safe + b', "a@"),
            ("python", "x = f'a{b[\"c\"]}{{}}' 'd'", "a@{}d"),
            ("python", '"%s a" % b + "c"', "%s ac"),
            ("python", 'x("a"\n  "b")', "ab"),
            ("python", 'x = r"\\d"', "\\d"),
            ("python", 'x = """a\n"b" """', 'a\n"b" '),
            ("csharp", '$"a{b("c")}{{}}\\n" + @"d""e"', 'a@{}\nd"e'),
            ("csharp", 'x = $@"a""{b}";', 'a"@'),
            ("csharp", 'x = """ a "b" """;', ' a "b" '),
            ("csharp", 'x = $$"""{a} {{b}}""";', "{a} @"),
            ("java", 'x = "a" + b.c("d") + "e";', "a@e"),
            ("java", 'x = """\n  a "b"\n  """;', '\n  a "b"\n  '),
            ("go", 'x := `a\\` + b + "c\\t"', "a\\@c\t"),
            ("kotlin", 'val x = "a$b ${c("d")}"', "a@ @"),
            ("elixir", '"a#{b}" <> c <> "d"', "a@@d"),
            ("elixir", '~H"""\n<p>{@a}</p>\n"""', "\n<p>@</p>\n"),
        ],
    )
    def test_value(self, language: str, text: str, expected: str) -> None:
        source = scan(text, language)
        assert shown(source)[0] == expected
        assert source.literals[0].dynamic == (FILLER in source.literals[0].value)

    @pytest.mark.parametrize(
        ("language", "text", "rest"),
        [
            ("php", "$a = 'b;\n$c = 'd';", "php"),
            ("python", "a = 'b\nc = 'd'", "d"),
            ("csharp", 'a = "b\nc = "d";', "d"),
            ("ruby", "a = 'b\nc = d", "b"),
            ("go", "a := `b\nc()", "b"),
        ],
    )
    def test_an_unclosed_string_ends_with_its_line(self, language: str, text: str, rest: str) -> None:
        source = scan(text, language)
        if rest == "php":  # a PHP string goes on over lines, so the first quote takes the second
            assert shown(source) == ["b;\n$c = ", ";"]
        else:
            assert shown(source)[-1] == rest

    def test_offsets_lead_back_to_the_text(self) -> None:
        text = """echo 'it\\'s ' . $x . "<p>\\n$y <b>";"""
        literal = scan(text, "php").literals[0]
        assert literal.value == f"it's {FILLER}<p>\n{FILLER} <b>"
        for word in ("it", "s ", "<p>", " <b>"):
            assert text.startswith(word, literal.offset(literal.value.index(word)))
        assert text[literal.span.start : literal.span.end] == text[5:-1]

    @pytest.mark.parametrize(
        ("language", "text", "comments"),
        [
            ("php", "// 'a' ?><?php # 'b'\n/* 'c' */ #[D]\n'e';", 3),
            ("ruby", "# 'a'\n=begin\n'b'\n=end\n'e'", 2),
            ("python", '"""a"""\ndef f():\n    \'b\'\n    x = \'e\' # "c"\n', 3),
            ("csharp", '// "a"\n/* "b" */ x = "e";', 2),
            ("go", '// "a"\n/* "b" */ x = "e"', 2),
            ("elixir", '# "a"\nx = "e"', 1),
        ],
    )
    def test_comments_hold_no_strings(self, language: str, text: str, comments: int) -> None:
        source = scan(("<?php " if language == "php" else "") + text, language)
        assert shown(source) == ["e"]
        assert len(source.comments) == comments

    def test_php_leaves_html_outside_its_tags(self) -> None:
        text = "<p class='a'><?= 'b' ?></p><?php if ($c): ?><i><?php endif;"
        source = scan(text, "php")
        assert shown(source) == ["b"]
        assert [text[a:b] for a, b in source.html] == ["<p class='a'>", "</p>", "<i>"]
        assert held(source, text, "<i>") == [("$c", True)]

    def test_a_division_is_no_regular_expression(self) -> None:
        assert shown(scan("x = a / b; y = 'c' / 2\nz =~ /'/\nw 'd'", "ruby")) == ["c", "d"]


class TestCalls:
    @pytest.mark.parametrize(
        ("language", "text", "name", "arguments", "keywords"),
        [
            ("php", "wp_enqueue_script('a', 'b' . $c, ['d'], true);", "wp_enqueue_script", ["a", "b@", None, None], {}),
            ("php", "$this->load->view('a', array('src' => 'b'));", "load.view", ["a", None], {"src": "b"}),
            ("php", "View::make('a')", "View.make", ["a"], {}),
            ("php", "echo 'a';", "echo", ["a"], {}),
            ("ruby", 'tag.script(src: "a", data: { foo: "b" })', "tag.script", [], {"src": "a", "data-foo": "b"}),
            ("ruby", "javascript_include_tag 'a', 'b', async: true", "javascript_include_tag", ["a", "b"], {}),
            ("ruby", "content_tag :script, '', 'src' => \"a\" do", "content_tag", [None, ""], {"src": "a"}),
            ("ruby", "policy.img_src :self,\n  'a',\n  'b'\nc", "policy.img_src", [None, "a", "b"], {}),
            ("python", "format_html('a{}', b, src='c')", "format_html", ["a{}", None], {"src": "c"}),
            ("csharp", 'Html.Raw("a" + b)', "Html.Raw", ["a@"], {}),
            ("csharp", 'new Tag("a", src: "b")', "Tag", ["a"], {"src": "b"}),
            ("java", 'String.format("a%s", b)', "String.format", ["a%s", None], {}),
            ("go", "template.HTML(`a`)", "template.HTML", ["a"], {}),
            ("kotlin", 'raw("a", src = "b")', "raw", ["a"], {"src": "b"}),
            ("elixir", 'raw "a", src: "b"', "raw", ["a"], {"src": "b"}),
        ],
    )
    def test_call(
        self, language: str, text: str, name: str, arguments: list[str | None], keywords: dict[str, str]
    ) -> None:
        call = scan(text, language).calls[0]
        assert call.name == name
        assert [a and a.value.replace(FILLER, "@") for a in call.arguments] == arguments
        assert {key: value.value for key, value in call.keywords} == keywords
        assert text[call.span.start :].startswith(("$this", text[: len(name.split(".")[0])], name.split(".")[0]))

    def test_a_definition_or_keyword_is_no_call(self) -> None:
        assert scan("function f($a = 'b') { if ('c') {} while ('d') {} }", "php").calls == ()
        assert scan('void F(string a = "b") { }', "csharp").calls == ()
        assert scan("def f(a='b'):\n    pass\n", "python").calls == ()

    def test_keywords_belong_to_the_innermost_call(self) -> None:
        outer, inner = scan("f(['a' => g(['b' => 'c'])], 'd')", "php").calls
        assert (outer.name, outer.first and outer.first.value, outer.keywords) == ("f", "d", ())
        found = inner.keyword("b")
        assert found is not None and found.value == "c"


class TestConditions:
    def test_branches_of_braces(self) -> None:
        text = "function f() { if (a) { one(); } elseif (b) { two(); } else { three(); } four(); }"
        source = scan(text, "php")
        assert held(source, text, "one") == [("a", True)]
        assert held(source, text, "two") == [("b", True), ("a", False)]
        assert held(source, text, "three") == [("b", False), ("a", False)]
        assert held(source, text, "four") == []

    def test_single_statements(self) -> None:
        text = "if (a) one(); else if (b) two(); else three(); if (c) for (;;) four(); five();"
        source = scan(text, "java")
        assert held(source, text, "two") == [("b", True), ("a", False)]
        assert held(source, text, "three") == [("b", False), ("a", False)]
        assert held(source, text, "four")[-1] == ("c", True)
        assert held(source, text, "five") == []

    @pytest.mark.parametrize(
        ("language", "text", "expected"),
        [
            ("php", "function f() { if (!a) { log(); return; } mark(); }", [("!a", False)]),
            ("php", "function f() { if (a) { x(); } else { return; } mark(); }", [("a", True)]),
            ("php", "function f() { if (a) { g(function () { return; }); } mark(); }", []),
            ("csharp", "void F() { if (!a) return; mark(); }", [("!a", False)]),
            ("go", "func f() {\n if x := g(); !a {\n return\n }\n mark()\n}", [("!a", False)]),
            ("kotlin", "fun f() {\n if (!a) return\n mark()\n}", [("!a", False)]),
            ("python", "def f():\n    if not a:\n        return\n    mark()\n", [("not a", False)]),
            ("ruby", "def f\n  return unless a\n  mark()\nend", [("a", True)]),
            ("ruby", "def f\n  if a\n    return\n  end\n  mark()\nend", [("a", False)]),
            ("ruby", "def f\n  mark() if a && b\nend", [("a && b", True)]),
            ("php", "foreach (xs as y) { if (a) continue; mark(); }", [("a", False), ("xs as y", True)]),
        ],
    )
    def test_early_returns(self, language: str, text: str, expected: list[tuple[str, bool]]) -> None:
        assert held(scan(text, language), text, "mark") == expected

    def test_an_early_return_ends_with_its_block(self) -> None:
        text = "function f() { if (a) { if (b) { return; } one(); } two(); }"
        source = scan(text, "php")
        assert held(source, text, "one") == [("b", False), ("a", True)]
        assert held(source, text, "two") == []

    def test_a_named_function_is_a_boundary_and_a_closure_is_not(self) -> None:
        text = "if (a) { function f() { one(); } g(function () { two(); }); }"
        source = scan(text, "php")
        assert held(source, text, "one") == []
        assert held(source, text, "two") == [("a", True)]

    def test_alternative_syntax(self) -> None:
        text = "<?php if (a): ?><i><?php else: foreach (b as c): ?><u><?php endforeach; endif; ?><b>"
        source = scan(text, "php")
        assert held(source, text, "<i>") == [("a", True)]
        assert held(source, text, "<u>") == [("b as c", True), ("a", False)]
        assert held(source, text, "<b>") == []

    def test_switch_and_case(self) -> None:
        text = "switch (x) { case 1: case 2: one(); break; default: two(); }"
        source = scan(text, "java")
        assert held(source, text, "one") == [("x == 1 || x == 2", True)]
        assert held(source, text, "two") == [("x == 1 || x == 2", False)]
        text = "case x\nwhen 1, 2 then one\nelse\n two\nend\nthree"
        source = scan(text, "ruby")
        assert held(source, text, "one") == [("x == 1 || x == 2", True)]
        assert held(source, text, "two") == [("x == 1 || x == 2", False)]
        assert held(source, text, "three") == []

    def test_python_by_indentation(self) -> None:
        text = "if a:\n  one()\nelif b: two()\nelse:\n  for c in d:\n    three()\nfour()\n"
        source = scan(text, "python")
        assert held(source, text, "one") == [("a", True)]
        assert held(source, text, "two") == [("b", True), ("a", False)]
        assert held(source, text, "three") == [("c in d", True), ("b", False), ("a", False)]
        assert held(source, text, "four") == []

    def test_ruby_by_words(self) -> None:
        text = "def f\n unless a\n  one\n else\n  two\n end\n xs.each do |x|\n  next if b\n  three\n end\n four\nend"
        source = scan(text, "ruby")
        assert held(source, text, "one") == [("a", False)]
        assert held(source, text, "two") == [("a", True)]
        assert held(source, text, "three") == [("b", False)]
        assert held(source, text, "four") == []

    def test_elixir_by_words(self) -> None:
        text = "def f(x) do\n if a?(x) do\n  one()\n else\n  two()\n end\nend\ndef g(x), do: three()"
        source = scan(text, "elixir")
        assert held(source, text, "one") == [("a?(x)", True)]
        assert held(source, text, "two") == [("a?(x)", False)]
        assert held(source, text, "three") == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("php", "class A { public function name($x = 1): string { mark(); } }"),
        ("ruby", "class A\n  def self.name(x = 1)\n    [1].each do |y|\n      mark\n    end\n  end\nend"),
        ("python", "class A:\n    async def name(self, x=1) -> str:\n        mark()\n"),
        ("csharp", "class A<T> { [X(1)] public async Task<List<T>> name<T>(int x) where T : B { mark(); } }"),
        ("csharp", "class A { string name(int x) => mark(); }"),
        ("java", "class A { @X(1) List<String> name(int x) throws B, C { new D() { { mark(); } }; } }"),
        ("go", "func (a *A) name(x int) (string, error) {\n mark()\n}"),
        ("kotlin", "fun name(x: Int): String = mark()"),
        ("elixir", "defmodule A do\n  defp name(x) do\n    mark()\n  end\nend"),
    ],
)
def test_functions(language: str, text: str) -> None:
    source = scan(text, language)
    body = source.body_of("name")
    assert body is not None and "mark" in text[body.start : body.end] and "name" not in text[body.start : body.end]
    assert source.body_of("other") is None


def test_balanced_end_minds_strings() -> None:
    text = """(a ')' "#{b(")")}" [1] )"""
    assert balanced_end(text + " c)", 0, 99) == len(text)
    assert balanced_end("{a: '}'} rest", 0, 99) == 8
    assert balanced_end("{a: '}'", 0, 99) is None


PIECES = st.sampled_from(
    [
        "'",
        '"',
        "`",
        '"""',
        "'''",
        "#{",
        "${",
        "{$",
        "$a",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "\\",
        "\n",
        "\r\n",
        "\r",
        " ",
        "  ",
        "<<<A",
        "<<~A",
        "\nA\n",
        "%q(",
        "~H",
        "@",
        "$",
        "f",
        "//",
        "#",
        "/*",
        "*/",
        "=begin",
        "\n=end",
        "<?php ",
        "?>",
        "<?=",
        "if",
        "else",
        "elseif",
        "elif",
        "unless",
        "end",
        "do",
        "def ",
        "function ",
        "fun ",
        "func ",
        "case ",
        "when ",
        "switch",
        "return",
        ";",
        ":",
        ",",
        ".",
        "->",
        "=>",
        "+",
        "<>",
        "%",
        "/",
        "a",
        "b ",
        "1",
        "endif",
        "echo ",
        "é",
        "\ue000",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join)), st.sampled_from([*LANGUAGES, "unheard of"]))
def test_any_text_can_be_scanned(text: str, language: str) -> None:
    source = scan(text, language)
    for literal in source.literals:
        assert 0 <= literal.span.start <= literal.span.end <= len(text)
        for index in range(len(literal.value)):
            assert literal.span.start <= literal.offset(index) <= literal.span.end
    for call in source.calls:
        assert 0 <= call.span.start <= call.span.end <= len(text)
    for start, end in source.comments + source.html:
        assert 0 <= start < end <= len(text)
    for offset in range(0, len(text) + 1, 3):
        source.conditions(offset)
