"""Elements and attributes with exact spans; see src/tracklint/markup.py."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tracklint.markup import Document, Element, parse, parse_fragment
from tracklint.model import Language, SourceFile, Span
from tracklint.template import FILLER


def document(text: str, dialect: str = "plain") -> Document:
    return parse(SourceFile("page.html", text, "html", dialect))


def only(text: str, tag: str, dialect: str = "plain") -> Element:
    found = [element for element in document(text, dialect).elements if element.tag == tag]
    assert len(found) == 1, found
    return found[0]


def raw(text: str, span: Span) -> str:
    return text[span.start : span.end]


# ---- spans


def test_spans_of_a_tag_an_attribute_and_a_value() -> None:
    text = '<p>é — 😀</p>\n<img alt="x" src="/a.gif?b=1&amp;c=2" async>tail'
    element = only(text, "img")
    assert raw(text, element.span) == '<img alt="x" src="/a.gif?b=1&amp;c=2" async>'
    source = element.attributes["src"]
    assert raw(text, source.span) == 'src="/a.gif?b=1&amp;c=2"'
    assert raw(text, source.value_span) == "/a.gif?b=1&amp;c=2"
    assert source.value == "/a.gif?b=1&c=2"
    assert not source.dynamic
    assert element.attributes["async"].value == ""
    assert raw(text, element.attributes["async"].span) == "async"


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_attributes_over_several_lines(newline: str) -> None:
    text = newline.join(["<script", "  async", '  src = "//h.example/a.js"', "  data-id='7'", ">", "go()", "</script>"])
    element = only(text, "script")
    assert {name: attribute.value for name, attribute in element.attributes.items()} == {
        "async": "",
        "src": "//h.example/a.js",
        "data-id": "7",
    }
    assert raw(text, element.attributes["src"].value_span) == "//h.example/a.js"
    assert element.content is not None
    assert raw(text, element.content) == f"{newline}go(){newline}"


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("<img src=/a.gif>", "/a.gif"),
        ("<img src=/a.gif/>", "/a.gif"),
        ("<img src=https://h.example/>", "https://h.example/"),
        ("<img src=/a.gif alt=b>", "/a.gif"),
        ("<img alt=b\tsrc=/a?x=1&y=2 >", "/a?x=1&y=2"),
        ("<img SRC='/a.gif'>", "/a.gif"),
        ("<IMG Src=/a.gif>", "/a.gif"),
        ("<img src='/first' src='/second'>", "/first"),
        ('<img src=" /a.gif\n">', "/a.gif"),
        ('<img alt="a > b" src="/a.gif">', "/a.gif"),
        ("<img alt='say \"hi\"' src='/a.gif'>", "/a.gif"),
        ('<img alt="a"src="/a.gif">', "/a.gif"),
        ("<img/src=/a.gif>", "/a.gif"),
        ("<img src>", ""),
        ("<img>", None),
    ],
)
def test_the_value_of_an_attribute(tag: str, value: str | None) -> None:
    assert only(tag, "img").value("src") == value


@pytest.mark.parametrize(
    ("tag", "value", "dynamic"),
    [
        ('<img :src="url">', "url", True),
        ('<img v-bind:src="url">', "url", True),
        ('<img [src]="url">', "url", True),
        ('<img [attr.src]="url">', "url", True),
        ("<img :src=\"'/a.gif'\">", "/a.gif", False),
        ("<img src={url}>", "url", True),
        ('<img src={"/a.gif"}>', "/a.gif", False),
        ("<img src={`/a.gif`}>", "/a.gif", False),
        ('<img src={pick({a: "}"})} alt=x>', 'pick({a: "}"})', True),
    ],
)
def test_bound_attributes(tag: str, value: str, dynamic: bool) -> None:
    source = only(tag, "img").attributes["src"]
    assert (source.value, source.dynamic) == (value, dynamic)


def test_a_template_output_within_a_value_is_filled() -> None:
    text = '<img src="https://h.example/{{ id }}.gif" alt="plain">'
    element = only(text, "img", "jinja")
    assert element.attributes["src"].dynamic
    assert element.attributes["src"].value == f"https://h.example/{FILLER * 8}.gif"
    assert raw(text, element.attributes["src"].value_span) == "https://h.example/{{ id }}.gif"
    assert not element.attributes["alt"].dynamic


def test_a_quote_in_a_template_output_does_not_end_the_value() -> None:
    text = '<script src="{{ url("main.js") }}" defer></script>'
    element = only(text, "script", "jinja")
    assert set(element.attributes) == {"src", "defer"}


# ---- comments, raw text and the tree


def test_a_comment_hides_what_is_in_it() -> None:
    text = "<!-- <script src=/a.js></script> --><b></b>"
    parsed = document(text)
    assert [element.tag for element in parsed.elements] == ["b"]
    assert [raw(text, span) for span in parsed.comments] == ["<!-- <script src=/a.js></script> -->"]


@pytest.mark.parametrize(
    ("begin", "end"),
    [("<!--[if !IE]><!-->", "<!--<![endif]-->"), ("<!--[if !IE]>-->", "<!--<![endif]-->"), ("<!--[if !IE]> -->", "<!-- <![endif]-->"),
     ("<!--[if !IE]> <!-- -->", "<!-- <![endif] -->"), ("<![if !IE]>", "<![endif]>")],
)  # fmt: skip
def test_conditional_comments(begin: str, end: str) -> None:
    text = (
        "<!--[if lt IE 9]><script src=/old.js></script><![endif]-->"
        f"{begin}<script src=/new.js></script>{end}"
        "<script src=/all.js></script>"
    )
    assert {element.value("src"): element.conditional_comment for element in document(text).elements} == {
        "/old.js": True,
        "/new.js": False,
        "/all.js": False,
    }


@pytest.mark.parametrize("tag", ["script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes"])
def test_the_inside_of_raw_text_elements_is_no_markup(tag: str) -> None:
    text = f"<{tag}>a < b <img src=/x> </{tag}x></{tag.upper()} ><b></b>"
    parsed = document(text)
    assert [element.tag for element in parsed.elements] == [tag, "b"]
    content = parsed.elements[0].content
    assert content is not None
    assert raw(text, content) == f"a < b <img src=/x> </{tag}x>"
    assert parsed.elements[1].parent is None


def test_a_raw_text_element_without_an_end_reaches_to_the_end() -> None:
    text = "<script>var a = '<b>';"
    assert only(text, "script").content == Span(8, len(text))


def around(element: Element) -> list[str]:
    """Tags of the ancestors, nearest first."""
    return [element.parent.tag, *around(element.parent)] if element.parent is not None else []


def test_ancestors() -> None:
    text = "<head><noscript><p><img src=/a></noscript><template><iframe src=/b></iframe></template><link></head>"
    parsed = {element.tag: around(element) for element in document(text).elements}
    assert parsed["img"] == ["p", "noscript", "head"]
    assert parsed["iframe"] == ["template", "head"]
    assert parsed["link"] == ["head"]


def test_the_template_of_a_component_is_live_and_an_inner_one_is_not() -> None:
    text = "<template><div><template><img></template></div></template>"
    inside = [document(text, dialect).inside("template") for dialect in ("vue", "plain")]
    assert inside == [{3}, {1, 2, 3}]


@pytest.mark.parametrize(("text", "language", "dialect"), [
    ("<div id=a {attributes} class=late><p id=b {attributes}>x</p></div>", "html", "plain"),
    ("div(id='a' {attributes})\n  p(id='b' {attributes}) x", "indent", "pug"),
])  # fmt: skip
def test_an_element_with_very_many_attributes_is_selected_in_time(text: str, language: Language, dialect: str) -> None:
    attributes = " ".join(f"a{number}='v'" for number in range(20_000))
    parsed = parse(SourceFile("a", text.format(attributes=attributes), language, dialect))
    assert [len(element.attributes) > 20_000 for element in parsed.elements] == [True, True]
    assert [element.index for element in parsed.select("div > p#b")] == [1]


def test_what_stands_in_an_element_is_told_however_deep_it_stands() -> None:
    parsed = document("<form>" + "<div>" * 50_000 + "<p>" + "</div>" * 50_000 + "</form><p>")
    assert parsed.inside("form") == frozenset(range(1, 50_002))
    assert parsed.below({50_000}) == {50_001}
    assert parsed.inside("noscript") == frozenset()


def test_void_and_self_closing_elements_hold_nothing() -> None:
    text = "<br><img/><custom-tag /><b></b>"
    assert all(element.parent is None for element in document(text).elements)


def test_a_stray_closing_tag_closes_nothing() -> None:
    assert around(only("<div></p><img></div>", "img")) == ["div"]


def test_an_unclosed_tag_ends_where_the_next_begins() -> None:
    parsed = document("<div class='a' <img src=/a>")
    assert [(element.tag, element.value("src")) for element in parsed.elements] == [("div", None), ("img", "/a")]


def test_the_text_between_tags() -> None:
    text = "one<b>two</b><script>no</script><!-- no -->three"
    assert [raw(text, span) for span in document(text).text_regions()] == ["one", "two", "three"]


def test_the_element_at_an_offset() -> None:
    text = "<p>x</p><script id=s>call()</script><img>"
    parsed = document(text)
    for needle, tag in (("id=s", "script"), ("call", "script"), ("img", "img"), ("<p", "p")):
        found = parsed.at(text.index(needle))
        assert found is not None and found.tag == tag
    assert parsed.at(text.index("x</p")) is None


# ---- selectors


@pytest.mark.parametrize(
    ("selector", "numbers"),
    [
        ("script[type='text/plain']", [1]),
        ("div script", [1, 2]),
        (".embed > script", [1, 2]),
        ("p script", []),
        ("#none", []),
        ("[data-category]", [1]),
        ("script:not([src])", [1]),
        ("!!", []),
        ("", []),
    ],
)
def test_select(selector: str, numbers: list[int]) -> None:
    text = (
        "<div class='x embed'><script type='text/plain' data-category=statistics></script>"
        "<script src=/b></script></div><p></p>"
    )
    assert [element.index for element in document(text).select(selector)] == numbers


def test_select_leads_back_to_the_exact_element() -> None:
    text = "<!--[if IE]><iframe src=/old></iframe><![endif]--><p>\r\n<IFRAME title='é' SRC=/new></IFRAME>"
    (found,) = document(text).select("p iframe[src='/new']")
    assert raw(text, found.span) == "<IFRAME title='é' SRC=/new>"


def test_select_in_a_language_of_indentation() -> None:
    file = SourceFile("a.pug", "div.box\n  script(src='/a.js' type='text/plain')\n", "indent", "pug")
    (found,) = parse(file).select("div script[type='text/plain']")
    assert found.value("src") == "/a.js"


# ---- any input


@pytest.mark.parametrize(
    ("unit", "elements"),
    [("<div>", 60_000), ("<a b='", 30_000), ("<!--", 0), ("<script>", 1), ("<a b={", 1), ("</a>", 0)],
)
def test_deep_nesting_and_unclosed_constructs(unit: str, elements: int) -> None:
    assert len(document(unit * 60_000).elements) == elements


def test_elements_are_selected_however_deep_they_stand() -> None:
    assert document("<div>" * 500 + "<img class=x>").select("img.x")
    assert len(document("<div>" * 5_000 + "<img class=x>").select("img.x")) <= 1  # lxml stops before; it must not raise


_PIECES = st.sampled_from(
    [
        "<", ">", "</", "/>", "<!--", "-->", "<![endif]-->", "<!--[if IE]>", "<script", "</script>", "<template>",
        "<img ", "src", "=", "'", '"', " ", "\r\n", "\n", "/", "{", "}", "{{", "}}", "{%", "%}", "<%", "%>", "<?php", "?>",
        "a", "é", "😀", "&amp;", ":src=", "[", "]", "`", "\x00", "<![CDATA[", "]]>", "if", "end",
    ]
)  # fmt: skip


@settings(max_examples=200)
@given(
    st.one_of(st.text(max_size=60), st.lists(_PIECES, max_size=40).map("".join)),
    st.sampled_from(["plain", "jinja", "liquid", "erb", "php", "go", "vue", "svelte", "razor", "handlebars"]),
)
@example("<a b='", "plain")
@example("<!--[if x]>", "plain")
def test_any_text_gives_elements_within_it(text: str, dialect: str) -> None:
    parsed = document(text, dialect)
    previous = -1
    for element in parsed.elements:
        assert previous < element.span.start < element.span.end <= len(text)
        previous = element.span.start
        for attribute in element.attributes.values():
            assert element.span.start < attribute.span.start <= attribute.span.end <= element.span.end
            assert attribute.span.start <= attribute.value_span.start <= attribute.value_span.end <= attribute.span.end
        if element.content is not None:
            assert element.span.end <= element.content.start <= element.content.end <= len(text)
    assert all(element.index == number for number, element in enumerate(parsed.elements))
    for found in parsed.select("[src]"):
        assert parsed.elements[found.index] is found


_NAMES = st.sampled_from(["src", "href", "data-id", "class", "type", "title", "x-y"])
_VALUES = st.text(
    st.characters(blacklist_characters="\"'<>&`={}[]@$#%\\/", blacklist_categories=["Cs", "Co", "Z", "Cc"]), max_size=12
)


@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["img", "script", "DIV", "x-card"]),
            st.dictionaries(_NAMES, st.tuples(_VALUES, st.sampled_from(["'", '"', ""])), max_size=4),
        ),
        max_size=6,
    ),
    st.sampled_from([" ", "\n", "\r\n  ", "\t"]),
    _VALUES,
)
def test_written_attributes_come_back_with_the_slices_they_were_written_to(
    tags: list[tuple[str, dict[str, tuple[str, str]]]], gap: str, between: str
) -> None:
    text = ""
    expected: list[tuple[str, dict[str, str]]] = []
    for tag, attributes in tags:
        text += between + f"<{tag}"
        for name, (value, quote) in attributes.items():
            quote = quote or ("" if value else '"')
            text += f"{gap}{name}={quote}{value}{quote}"
        text += f"{gap}></{tag}>"
        expected.append((tag.lower(), {name: value for name, (value, _) in attributes.items()}))
    for parsed in (document(text), parse_fragment(text)):
        found = [
            (element.tag, {name: raw(text, a.value_span) for name, a in element.attributes.items()})
            for element in parsed.elements
        ]
        assert found == expected
        assert all(a.value == raw(text, a.value_span) for e in parsed.elements for a in e.attributes.values())


_FRAGMENTS = st.lists(
    st.sampled_from(
        [
            '<script TYPE="text/plain" data-CookieConsent="marketing"></script>',
            '<div class="a tac_youtube b"><p id="main"></p></div>',
            "<lite-youtube videoid=x></lite-youtube>",
            '<iframe data-src="//x" class="{{ kind }}"></iframe>',
            "<img srcset='a 1x'>",
            "text",
        ]
    )
)


@given(_FRAGMENTS)
@pytest.mark.parametrize(
    "selector",
    [
        "script[type='text/plain'][data-cookieconsent]",
        "script:not([type='text/plain'])",
        ".tac_youtube, lite-youtube",
        "div > p#main",
        "script[data-cookieconsent='a, b'], div[class] [id]",
        "iframe[data-src]:not([src])",
        "[class~='b']",
        "*",
    ],
)
def test_no_selector_is_passed_over(selector: str, fragments: list[str]) -> None:
    text = "\n".join(fragments)
    quick = parse(SourceFile("a.html", text, "html", "jinja"))
    thorough = parse(
        SourceFile(
            "a.html",
            text + "<!-- script type data-cookieconsent tac_youtube lite-youtube div p main iframe data-src class -->",
            "html",
            "jinja",
        )
    )
    selected = thorough.select(selector)
    assert [one.span for one in quick.select(selector)] == [one.span for one in selected]
    assert [one for one in thorough.elements if thorough.matches(one, selector)] == [*selected]


def test_html_that_is_written_in_an_indented_template() -> None:
    text = '%noscript\n  %p a\n  <img src="https://h.example/p.gif"><b></b>\n.x\n  <script async src="/a.js"></script>\n%i\n'
    document = parse(SourceFile("a.html.haml", text, "indent", "haml"))
    assert [element.tag for element in document.elements] == ["noscript", "p", "img", "b", "div", "script", "i"]
    assert [around(element) for element in document.elements if element.tag in ("img", "script")] == [
        ["noscript"],
        ["div"],
    ]
    (image,) = document.select("noscript img")
    assert text[image.span.start : image.span.end] == '<img src="https://h.example/p.gif">'
