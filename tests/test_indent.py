"""Pug, Slim and Haml: elements, script texts, conditions, references."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracklint.indent import Node, Outline, outline
from tracklint.template import FILLER, script_text


def read(text: str, dialect: str) -> Outline:
    return outline(dedent(text).lstrip("\n"), dialect)


def values(node: Node) -> dict[str, str]:
    return {attribute.name: attribute.value for attribute in node.attributes}


def script(found: Outline, number: int = 0) -> str:
    content = [node.content for node in found.nodes if node.tag in ("script", "style")][number]
    assert content is not None
    return script_text(found.masked, content)


def held(node: Node) -> list[tuple[str, bool]]:
    return [(condition.expression, condition.holds) for condition in node.conditions]


def sources(found: Outline) -> list[str]:
    return [values(node)["src"] for node in found.nodes if "src" in values(node)]


class TestPug:
    def test_attributes_are_separated_by_commas_spaces_or_lines(self) -> None:
        found = read(
            """
            script#main.a.b(
              src="https://cdn.example/a.js",
              data-x='it"s' async
              :title="name"
            ).c
            img(src="/x.png")
            """,
            "pug",
        )
        first = found.nodes[0]
        assert values(first) | {"class": ""} == {
            "id": "main",
            "src": "https://cdn.example/a.js",
            "data-x": 'it"s',
            "async": "",
            ":title": "name",
            "class": "",
        }
        assert [a.dynamic for a in first.attributes if a.name in ("src", ":title")] == [False, True]
        assert first.content is None
        assert sources(found) == ["https://cdn.example/a.js", "/x.png"]

    @pytest.mark.parametrize(
        "expression",
        [
            "url",
            "'//' + host + '/x.js'",
            "a ? b : c",
            "`https://cdn.example/${id}`",
            'x["y"] || "z"',
            "typeof a === 'b' ? f(c, d) : { e: 1 }.e",
        ],
    )
    def test_an_expression_is_dynamic_and_its_value_is_its_text(self, expression: str) -> None:
        text = f"script(async src={expression} defer)"
        node = outline(text, "pug").nodes[0]
        source = next(a for a in node.attributes if a.name == "src")
        assert (source.value, source.dynamic) == (expression, True)
        assert text[source.value_span.start : source.value_span.end] == expression
        assert set(values(node)) == {"async", "src", "defer"}

    def test_interpolation_in_a_string_is_filler(self) -> None:
        source = outline('img(src="https://t.example/#{id}.gif")', "jade").nodes[0].attributes[0]
        assert (source.value, source.dynamic) == (f"https://t.example/{FILLER}.gif", True)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("script.\n  var a = 1;\n    b();\np\n", "var a = 1;\n    b();"),
            ("script\n  var a = 1;\n", "var a = 1;"),
            ("script var a = 1;\n", "var a = 1;"),
            ("script.\n  f('#{id}', !{JSON.stringify({a: 1})});\n", "f('_____', " + "_" * 25 + ");"),
            ('script\n  | var a = 1;\n  | b("!{c}");\n', '  var a = 1;\n    b("____");'),
            ("script!= 'x(' + y + ')'\n", "_" * 17),
            ("style.\n  a { b: c }\n", "a { b: c }"),
        ],
    )
    def test_script_text(self, text: str, expected: str) -> None:
        assert script(outline(text, "pug")) == expected

    def test_conditions_follow_the_indentation(self) -> None:
        found = read(
            """
            if consent.given
              each id in ids
                script(src="a")
            else if other
              script(src="b")
            else
              script(src="c")
            unless off
              script(src="d")
            script(src="e")
            """,
            "pug",
        )
        assert [held(node) for node in found.nodes] == [
            [("id in ids", True), ("consent.given", True)],
            [("other", True), ("consent.given", False)],
            [("other", False), ("consent.given", False)],
            [("off", False)],
            [],
        ]
        assert all(found.conditions(node.span.start) == node.conditions for node in found.nodes)
        assert found.masked.conditions(found.nodes[0].span.start) == found.nodes[0].conditions

    def test_code_with_braces_and_case(self) -> None:
        found = read(
            """
            - if (ok) {
              img(src="a")
            - } else {
              img(src="b")
            - }
            case kind
              when "x": img(src="c")
              when "y"
                img(src="d")
              default
                img(src="e")
            """,
            "pug",
        )
        assert [held(node) for node in found.nodes] == [
            [("ok", True)],
            [("ok", False)],
            [('kind == "x"', True)],
            [('kind == "y"', True)],
            [('kind == "x" || kind == "y"', False)],
        ]

    def test_nothing_in_a_comment_is_an_element(self) -> None:
        found = read(
            """
            //- hidden
              script(src="a")
            // shown
              script(src="b")
            if x
              img(src="c")
            //- between
            else
              img(src="d")
            """,
            "pug",
        )
        assert sources(found) == ["c", "d"]
        assert held(found.nodes[1]) == [("x", False)]
        assert len(found.comments) == 3

    def test_block_expansion_and_inline_tags(self) -> None:
        found = outline('li.x: a(href="y"): img(src="z") text #[img(src="q")]', "pug")
        assert [(node.tag, node.parent) for node in found.nodes] == [("li", None), ("a", 0), ("img", 1), ("img", 2)]

    def test_references(self) -> None:
        text = dedent(
            """
            extends ../base
            mixin tag(id)
              script(src="a")
            block scripts
              include ./part.pug
              +tag("x")
              != partial("inc/foo", {})
            """
        )
        found = outline(text, "pug")
        assert [(r.kind, r.name) for r in found.references] == [
            ("extends", "../base"),
            ("mixin", "tag"),
            ("block", "scripts"),
            ("include", "./part.pug"),
            ("call", "tag"),
            ("render", "inc/foo"),
        ]
        mixin = found.references[1].span
        assert text[mixin.start : mixin.end].endswith('script(src="a")')

    def test_html_in_text(self) -> None:
        text = (
            '<iframe src="https://x.example"></iframe>\n| <b>\np <i>y</i>\n'
            'div.\n  a <u>z</u>\nscript.\n  "<p>"\np plain\n'
        )
        found = outline(text, "pug")
        assert [text[a:b] for a, b in found.raw_html] == [text[: text.index("\np")], "<i>y</i>", "a <u>z</u>"]

    def test_a_block_of_code_is_no_markup(self) -> None:
        found = outline("-\n  var list = ['script',\n    'b']\n  img(1)\np\n", "pug")
        assert [node.tag for node in found.nodes] == ["p"]


class TestSlim:
    @pytest.mark.parametrize(
        "tag",
        [
            'script src="https://a.example/x.js" async=true',
            'script[src="https://a.example/x.js" async]',
            'script(src="https://a.example/x.js"\n  async)',
            'script{ src="https://a.example/x.js" async }',
        ],
    )
    def test_attributes(self, tag: str) -> None:
        assert values(outline(tag, "slim").nodes[0]) == {"src": "https://a.example/x.js", "async": ""}

    def test_ruby_in_attributes(self) -> None:
        node = outline('img src="https://a.example/?id=#{f("x")}&b" alt=name(1, 2) class="c" Text', "slim").nodes[0]
        assert [(a.name, a.value, a.dynamic) for a in node.attributes] == [
            ("src", f"https://a.example/?id={FILLER}&b", True),
            ("alt", "name(1, 2)", True),
            ("class", "c", False),
        ]

    def test_text_of_a_script_helper(self) -> None:
        found = read(
            """
            = javascript_tag(nonce: true, type: "text/plain", data: { cookie_kind: "stats" }) do
              | var id = "#{ENV.fetch("ID")}";
              - if more
                | more();
            p
            """,
            "slim",
        )
        node = found.nodes[0]
        assert (node.tag, values(node)) == ("script", {"nonce": "", "type": "text/plain", "data-cookie-kind": "stats"})
        assert "".join(script(found).split()) == 'varid="__________________";more();'
        assert [c.expression for c in found.conditions(found.masked.original.index("more();"))] == ["more"]

    def test_engines_and_text_blocks(self) -> None:
        found = read(
            """
            javascript:
              var a = #{b};
            css:
              a { b: c }
            script
              | var d = 1;
                e();
            | <script src="f"></script>
            ruby:
              g = 1
            """,
            "slim",
        )
        assert [script(found, n) for n in (0, 1)] == ["var a = ____;", "a { b: c }"]
        assert script(found, 2).split() == ["var", "d", "=", "1;", "e();"]
        assert [found.masked.original[a:b].strip() for a, b in found.raw_html] == ['<script src="f"></script>']

    def test_conditions(self) -> None:
        found = read(
            """
            - if consented?
              = render "pixels", a: 1,
                b: 2
              img src="a"
            - elsif other # why
              img src="b"
            / comment
            - else
              img src="c"
            - case kind
            - when 1, 2
              img src="d"
            - else
              img src="e"
            - items.each do |item|
              img src="f"
            """,
            "slim",
        )
        assert [held(node) for node in found.nodes] == [
            [("consented?", True)],
            [("other", True), ("consented?", False)],
            [("other", False), ("consented?", False)],
            [("kind == 1 || kind == 2", True)],
            [("kind == 1 || kind == 2", False)],
            [("items", True)],
        ]
        assert [(r.kind, r.name) for r in found.references] == [("render", "pixels")]
        assert [c.expression for c in found.conditions(found.references[0].span.start)] == ["consented?"]

    def test_a_postfix_condition_covers_its_output(self) -> None:
        text = '= javascript_include_tag "https://a.example/x.js" if cookies[:ok]\np\n'
        found = outline(text, "slim")
        assert [(c.expression, c.holds) for c in found.conditions(2)] == [("cookies[:ok]", True)]
        assert found.conditions(text.index("p\n")) == ()
        region = found.masked.regions[0]
        assert (region.kind, region.text.split()[0]) == ("output", "javascript_include_tag")

    def test_comments_hold_their_block(self) -> None:
        found = read('/ a\n  script src="b"\n/! c\nimg src="d"\n', "slim")
        assert sources(found) == ["d"]
        assert len(found.comments) == 2

    def test_expansion(self) -> None:
        found = outline('li.x: a href="y"\n  img src="z"', "slim")
        assert [(node.tag, node.parent) for node in found.nodes] == [("li", None), ("a", 0), ("img", 1)]


class TestHaml:
    @pytest.mark.parametrize(
        "tag",
        [
            '%script{src: "https://a.example/x.js", async: true}',
            "%script{:src => 'https://a.example/x.js', :async => true}",
            '%script{"src" => "https://a.example/x.js",\n  "async": true}',
            '%script(src="https://a.example/x.js" async)',
        ],
    )
    def test_attributes(self, tag: str) -> None:
        assert values(outline(tag, "haml").nodes[0]) == {"src": "https://a.example/x.js", "async": ""}

    def test_data_and_dynamic_values(self) -> None:
        node = outline('%iframe.a{data: {foo_bar: "x"}, src: "https://#{h}/y", id: dom_id(z)}', "haml").nodes[0]
        assert [(a.name, a.value, a.dynamic) for a in node.attributes] == [
            ("class", "a", False),
            ("data-foo-bar", "x", False),
            ("src", f"https://{FILLER}/y", True),
            ("id", "dom_id(z)", True),
        ]

    def test_script_texts_and_conditions(self) -> None:
        found = read(
            """
            - if consent
              :javascript
                // #{a}
                b();
            - else
              = javascript_tag do
                if (c) {}
            %script
              var d = 1;
              #e.f();
            """,
            "haml",
        )
        assert [script(found, n).split() for n in range(3)] == [
            ["//", "____", "b();"],
            ["if", "(c)", "{}"],
            ["var", "d", "=", "1;", "#e.f();"],
        ]
        assert [held(node) for node in found.nodes] == [[("consent", True)], [("consent", False)], []]

    def test_comments_hold_their_block(self) -> None:
        found = read('-# a\n  %img{src: "b"}\n/ c\n  %img{src: "d"}\n%img{src: "e"}\n', "haml")
        assert sources(found) == ["e"]


PIECES = st.sampled_from(
    [
        "script",
        "(",
        ")",
        "[",
        "{",
        "}",
        "src",
        "=",
        '"',
        "'",
        "`",
        "#{",
        "!{",
        "${",
        "\n",
        "\r\n",
        "\r",
        "  ",
        "\t",
        ": ",
        "- if x",
        "- else",
        "else",
        "if x",
        "case y",
        "when z",
        "| t",
        "<b>",
        "//",
        "/",
        "-#",
        ".",
        "#",
        "%",
        "+m",
        ",",
        ":javascript",
        "javascript:",
        "= javascript_tag do",
        "do |x|",
        "\\",
        "include a",
        "mixin b",
        "-",
        "é",
        "\ue000",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)), st.sampled_from(["pug", "jade", "slim", "haml"]))
def test_any_text_gives_an_outline_of_it(text: str, dialect: str) -> None:
    found = outline(text, dialect)
    assert len(found.masked.text) == len(text)
    assert [i for i, c in enumerate(text) if c in "\r\n"] == [i for i, c in enumerate(found.masked.text) if c in "\r\n"]
    ends = 0
    for region in found.masked.regions:
        assert ends <= region.span.start < region.span.end <= len(text)
        ends = region.span.end
    for number, node in enumerate(found.nodes):
        assert 0 <= node.span.start <= node.span.end <= len(text)
        assert node.parent is None or 0 <= node.parent < number
        assert node.content is None or 0 <= node.content.start <= node.content.end <= len(text)
        for attribute in node.attributes:
            assert 0 <= attribute.span.start <= attribute.value_span.start <= attribute.value_span.end <= len(text)
        found.conditions(node.span.start)


@pytest.mark.parametrize(
    "engine",
    [
        "javascript [nonce=nonce]:",
        "javascript(nonce=nonce defer=true):",
        "javascript{nonce=nonce}:",
        "javascript nonce=nonce:",
        "javascript: nonce=nonce",
    ],
)
def test_an_engine_of_slim_takes_attributes(engine: str) -> None:
    drawn = outline(f"head\n  {engine}\n    load();\n  css [media='print']:\n    a {{}}\n", "slim")
    head, script, style = drawn.nodes
    assert (head.tag, script.tag, style.tag) == ("head", "script", "style")
    assert "nonce" in [attribute.name for attribute in script.attributes]
    assert [(one.name, one.value) for one in style.attributes] == [("media", "print")]
    assert script.content is not None
