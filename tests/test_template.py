"""Template masking: lengths and line ends stay, constructs are told apart, and enclosing conditions are known."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracklint.model import Span
from tracklint.template import FILLER, Masked, mask, script_text

DIALECTS = [
    *"jinja liquid handlebars erb ejs asp jsp php go razor blade freemarker svelte vue astro smarty velocity mako".split(),
    *("markdown", "mdx", "rst", "adoc", "html", "svg", "plain", "", "no-such-dialect"),
]


def at(masked: Masked, marker: str) -> list[tuple[str, str, bool]]:
    """The conditions around the only occurrence of a marker."""
    assert masked.original.count(marker) == 1, marker
    found = masked.conditions(masked.original.index(marker))
    return [(condition.keyword, condition.expression, condition.holds) for condition in found]


def shown(text: str, dialect: str) -> str:
    """The masked text with visible filler and without runs of spaces."""
    return re.sub(" +", " ", mask(text, dialect).text.replace(FILLER, "$")).strip()


def kinds(text: str, dialect: str) -> list[tuple[str, str, str]]:
    return [(region.kind, region.dialect, region.text) for region in mask(text, dialect).regions]


# ----------------------------------------------------------------------------------------------------------- properties

FRAGMENTS = """
{{ }} {{{ }}} {% %} {# #} <% %> <%= <%- -%> <%# <%-- --%> <? ?> <?php <?= {{/* */}} {{! }} {{!-- --}} {{-- --}}
{!! !!} ${ #{ } {{#if }} {{/if}} {{else}} {{^x}} {{< >}} if(x) if else endif; endif elif unless end do |x| { } (
) [ ] @ @@ @* *@ @if @else @{ @: @( @foreach @section @x.y @php @endphp @verbatim <#if <#else> </#if> <#-- -->
<@m /> [#if [/#if] <c:if test=" <c:when> </c:choose> {#if {:else} {/if} && ? : => ` `` ``` ~~~ --- +++ " ' \\ //
/* */ <!-- --> <p <p> </p> <br/> > /> <script> </script> <style> <text> </text> = ; , . # $ case switch default:
break; return; import export x a@b.c <<<EOT EOT <% if %> {%if a%} {%else%} {%endif%} {%raw%} {%endraw%}
{$x} {if} {if $x} {elseif $y} {/if} {foreach {literal} {/literal} {* *} {include file="a"} #if( #if($x) #elseif($y) #else #end
#foreach($x in $y) #set($x=1) #macro(m) ## #* *# #[[ ]]# $!x ${x} "$x.y(1)" % %% <%def name="m()"> </%def> <%doc> </%doc> <%text>
{%comment%} {%endcomment%} {{ if .X }} {{ end }} then Then If End &nbsp; é \U0001f600
""".split()
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.one_of(st.sampled_from(FRAGMENTS), st.sampled_from([" ", "\n", "\r\n", "\r", "\t", "    "])), max_size=30
    ).map("".join),
    st.lists(st.sampled_from(FRAGMENTS), max_size=20).map(" ".join),
)


@settings(max_examples=150)
@given(TEXTS, st.sampled_from(DIALECTS))
def test_length_and_line_ends_stay_and_regions_are_disjoint(text: str, dialect: str) -> None:
    masked = mask(text, dialect)
    assert len(masked.text) == len(text)
    ends = [(index, char) for index, char in enumerate(text) if char in "\r\n"]
    assert [(index, char) for index, char in enumerate(masked.text) if char in "\r\n"] == ends
    position = 0
    for region in masked.regions:
        assert position <= region.span.start < region.span.end <= len(text)
        visible = masked.text[region.span.start : region.span.end].strip("\r\n")
        filler = FILLER if region.kind == "output" else " "
        assert set(visible) - {"\r", "\n"} <= {filler}
        assert masked.text[position : region.span.start] == text[position : region.span.start]
        assert masked.region_at(region.span.start) == masked.region_at(region.span.end - 1) == region
        position = region.span.end
    assert masked.text[position:] == text[position:]
    for offset in range(-1, len(text) + 2):
        for condition in masked.conditions(offset):
            assert 0 <= condition.span.start < condition.span.end <= len(text)
            assert condition.expression == condition.expression.strip()
    script = script_text(masked, Span(0, len(text)))
    assert script == masked.text.replace(FILLER, "_") or FILLER in text
    assert [name for name, body in masked.definitions if not 0 <= body.start <= body.end <= len(text)] == []


@settings(max_examples=100)
@given(TEXTS, st.sampled_from(DIALECTS))
def test_line_ends_make_no_difference(text: str, dialect: str) -> None:
    unix = text.replace("\r\n", "\n").replace("\r", "\n")
    windows = unix.replace("\n", "\r\n")
    first, second = mask(unix, dialect), mask(windows, dialect)
    assert second.text == first.text.replace("\n", "\r\n")
    assert [(r.kind, r.dialect, r.text) for r in first.regions] == [
        (r.kind, r.dialect, r.text.replace("\r\n", "\n")) for r in second.regions
    ]
    for offset in range(len(unix)):
        moved = offset + unix.count("\n", 0, offset)
        assert [(c.keyword, c.expression, c.holds) for c in first.conditions(offset)] == [
            (c.keyword, c.expression.replace("\r\n", "\n"), c.holds) for c in second.conditions(moved)
        ]


@pytest.mark.parametrize("dialect", [d for d in DIALECTS if d != "no-such-dialect"])
@pytest.mark.parametrize(
    "unit",
    [
        "{{",
        "{% if",
        "<%",
        "@if (",
        "`",
        "{",
        "@{\n",
        "{/*",
        "<#if (",
        "{{ '",
        "{% raw %}",
        "<?php ' ?>",
        "<c:if test='",
        "{{{{raw}}}}",
        "<!--",
    ],
)
def test_what_is_never_closed_is_masked_however_often_it_stands(unit: str, dialect: str) -> None:
    text = unit * (200_000 // len(unit))
    masked = mask(text, dialect)
    assert len(masked.text) == len(text)
    assert all(region.span.end <= len(text) for region in masked.regions)


def test_many_nested_and_many_chained_branches() -> None:
    chain = mask("{% if a %}x" + "{% elif b %}x" * 20_000, "jinja")
    assert len(chain.conditions(len(chain.text))) == 20_001
    nested = mask("{% if a %}" * 5_000 + "x", "jinja")
    assert len(nested.conditions(len(nested.text) - 1)) == 5_000


# ------------------------------------------------------------------------------------------------------------- branches

IF, ELIF = ("if", "a", True), ("elif", "b", True)
NOT_A, NOT_B = ("if", "a", False), ("elif", "b", False)


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("jinja", "{% if a %}ONE{% elif b %}TWO{% else %}THREE{% endif %}FOUR"),
        ("jinja", "{%- if (a) -%}ONE{%- elseif b -%}TWO{%- else -%}THREE{%- endif -%}FOUR"),
        ("liquid", "{%if a%}ONE{%elsif b%}TWO{%else%}THREE{%endif%}FOUR"),
        ("go", "{{ if a }}ONE{{ else if b }}TWO{{ else }}THREE{{ end }}FOUR"),
        ("go", "{{- if a -}}ONE{{- else if b -}}TWO{{- else -}}THREE{{- end -}}FOUR"),
        ("", "{{ if a }}ONE{{ else if b }}TWO{{ else }}THREE{{ end }}FOUR"),
        ("erb", "<% if a %>ONE<% elsif b -%>TWO<%- else %>THREE<% end %>FOUR"),
        ("erb", "<% if a then %>ONE<% elsif (b) %>TWO<% else %>THREE<% end # if %>FOUR"),
        ("ejs", "<% if (a) { %>ONE<% } else if (b) { %>TWO<% } else { %>THREE<% } %>FOUR"),
        ("ejs", "<%_ if (a)\n { _%>ONE<%_ }\n else if (b) { _%>TWO<%_ } // }\n else { _%>THREE<%_ } _%>FOUR"),
        ("jsp", "<% if (a) { %>ONE<% } else if (b) { %>TWO<% } else { %>THREE<% } %>FOUR"),
        ("asp", "<% If a Then %>ONE<% ElseIf b Then %>TWO<% Else %>THREE<% End If %>FOUR"),
        ("asp", "<% if (a) { %>ONE<% } else if (b) { %>TWO<% } else { %>THREE<% } %>FOUR"),
        ("php", "<?php if (a): ?>ONE<?php elseif (b): ?>TWO<?php else: ?>THREE<?php endif; ?>FOUR"),
        ("php", "<?php if (a) { ?>ONE<?php } elseif (b) { ?>TWO<?php } else { ?>THREE<?php } ?>FOUR"),
        ("php", "<? if (a) { // } ?>ONE<? } else if (b) { $x = '}'; ?>TWO<? } else { /* } */ ?>THREE<? } ?>FOUR"),
        ("razor", "@if (a) { <p>ONE</p> } else if (b) { <p>TWO</p> } else { <p>THREE</p> } <p>FOUR</p>"),
        ("razor", '@if (a)\n{\n<b x="}">ONE</b>\n}\nelse if (b)\n{\n@:TWO }\n}\nelse\n{\n<text>THREE</text>\n}\nFOUR'),
        (
            "razor",
            "<div>@{ var x = 1; if (a) { <p>ONE</p> } else if (b) { <p>TWO</p> } else { <p>THREE</p> } }</div>FOUR",
        ),
        ("blade", "@if (a) ONE @elseif(b) TWO @else THREE @endif FOUR"),
        ("freemarker", "<#if a>ONE<#elseif b>TWO<#else>THREE</#if>FOUR"),
        ("freemarker", "[#if a]ONE[#elseif b]TWO[#else]THREE[/#if]FOUR"),
        ("smarty", "{if a}ONE{elseif b}TWO{else}THREE{/if}FOUR"),
        ("velocity", "#if(a)ONE#elseif(b)TWO#{else}THREE#{end}FOUR"),
        ("mako", "% if a:\nONE\n% elif b:\nTWO\n% else:\nTHREE\n% endif\nFOUR"),
        ("svelte", "{#if a}ONE{:else if b}TWO{:else}THREE{/if}FOUR"),
    ],
)
def test_branches_of_if(dialect: str, text: str) -> None:
    masked = mask(text, dialect)
    assert at(masked, "ONE") == [IF]
    assert at(masked, "TWO") == [ELIF, NOT_A]
    assert at(masked, "THREE") == [NOT_B, NOT_A]
    assert at(masked, "FOUR") == []
    assert "if" not in masked.text.lower() and "else" not in masked.text.lower()


def test_handlebars_branches() -> None:
    masked = mask(
        "{{~#if a~}}ONE{{else if b}}TWO{{else}}THREE{{/if}}{{#unless a}}FOUR{{^}}FIVE{{/unless}}SIX", "handlebars"
    )
    assert at(masked, "ONE") == [IF]
    assert at(masked, "TWO") == [("if", "b", True), NOT_A]
    assert at(masked, "THREE") == [("if", "b", False), NOT_A]
    assert at(masked, "FOUR") == [("unless", "a", False)]
    assert at(masked, "FIVE") == [("unless", "a", True)]
    assert at(masked, "SIX") == []


def test_mustache_sections() -> None:
    masked = mask(
        '{{#tracking.allowed}}ONE{{/tracking.allowed}}{{^optedOut}}TWO{{/optedOut}}{{#is "post"}}THREE{{/is}}', ""
    )
    assert at(masked, "ONE") == [("if", "tracking.allowed", True)]
    assert at(masked, "TWO") == [("unless", "optedOut", False)]
    assert at(masked, "THREE") == [("is", 'is "post"', True)]


def test_jstl_choose() -> None:
    masked = mask(
        '<c:choose><c:when test="${a > 1}">ONE</c:when><c:when test="${b}">TWO</c:when>'
        "<c:otherwise>THREE</c:otherwise></c:choose>FOUR<c:if test='${not c}'>FIVE</c:if>",
        "jsp",
    )
    assert at(masked, "ONE") == [("if", "a > 1", True)]
    assert at(masked, "TWO") == [("if", "b", True), ("if", "a > 1", False)]
    assert at(masked, "THREE") == [("if", "b", False), ("if", "a > 1", False)]
    assert at(masked, "FOUR") == []
    assert at(masked, "FIVE") == [("if", "not c", True)]


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("liquid", "{% unless a %}ONE{% else %}TWO{% endunless %}"),
        ("erb", "<% unless a %>ONE<% else %>TWO<% end %>"),
        ("handlebars", "{{#unless a}}ONE{{else}}TWO{{/unless}}"),
        ("blade", "@unless (a) ONE @else TWO @endunless"),
    ],
)
def test_unless_holds_in_its_else(dialect: str, text: str) -> None:
    masked = mask(text, dialect)
    assert at(masked, "ONE") == [("unless", "a", False)]
    assert at(masked, "TWO") == [("unless", "a", True)]


@pytest.mark.parametrize(
    ("dialect", "text", "one", "other"),
    [
        ("liquid", "{% case a %}{% when 1, 2 %}ONE{% else %}TWO{% endcase %}", "a == 1 or a == 2", 1),
        ("jinja", "{% switch a %}{% case 1 %}ONE{% default %}TWO{% endswitch %}", "a == 1", 1),
        ("erb", "<% case a %><% when 1 %>ONE<% else %>TWO<% end %>", "a == 1", 1),
        ("php", "<?php switch (a) { case 1: ?>ONE<?php break; default: ?>TWO<?php } ?>", "a == 1", 1),
        (
            "php",
            "<?php switch (a): case 0: case 1: ?>ONE<?php break; default: ?>TWO<?php endswitch; ?>",
            "a == 0 || a == 1",
            1,
        ),
        ("ejs", "<% switch (a) { case 1: %>ONE<% break; default: %>TWO<% } %>", "a == 1", 1),
        ("razor", "@switch (a) { case 1: <p>ONE</p> break; default: <p>TWO</p> break; }", "a == 1", 1),
        ("blade", "@switch(a) @case(1) ONE @break @default TWO @endswitch", "a == 1", 1),
        ("freemarker", "<#switch a><#case 1>ONE<#break><#default>TWO</#switch>", "a == 1", 1),
        ("asp", "<% Select Case a %><% Case 1 %>ONE<% Case Else %>TWO<% End Select %>", "a = 1", 1),
    ],
)
def test_cases(dialect: str, text: str, one: str, other: int) -> None:
    masked = mask(text, dialect)
    assert at(masked, "ONE") == [("case", one, True)]
    assert at(masked, "TWO") == [("case", one, False)] * other
    assert masked.conditions(len(text)) == ()


@pytest.mark.parametrize(
    ("dialect", "text", "expression"),
    [
        ("jinja", "{% for x in xs %}ONE{% endfor %}", "x in xs"),
        ("go", "{{ range $i, $x := .Pages }}ONE{{ end }}", "$i, $x := .Pages"),
        ("handlebars", "{{#each xs as |x|}}ONE{{/each}}", "xs"),
        ("erb", "<% xs.each do |x| %>ONE<% end %>", "xs.each"),
        ("php", "<?php foreach ($xs as $x): ?>ONE<?php endforeach ?>", "$xs as $x"),
        ("php", "<?php for ($i = 0; $i < 3; $i++) { ?>ONE<?php } ?>", "$i = 0; $i < 3; $i++"),
        ("razor", "@foreach (var x in xs) { <p>ONE</p> }", "var x in xs"),
        ("blade", "@foreach ($xs as $x) ONE @endforeach", "$xs as $x"),
        ("freemarker", "<#list xs as x>ONE</#list>", "xs as x"),
        ("svelte", "{#each xs as x (x.id)}ONE{/each}", "xs as x (x.id)"),
        ("jsp", '<c:forEach items="${xs}" var="x">ONE</c:forEach>', "xs"),
        ("astro", "{xs.map((x) => <p>ONE</p>)}", "xs"),
    ],
)
def test_loops(dialect: str, text: str, expression: str) -> None:
    masked = mask(text, dialect)
    assert at(masked, "ONE") == [("for", expression, True)]
    assert masked.conditions(len(text)) == ()


def test_nested_conditions_come_innermost_first() -> None:
    masked = mask("{% if a %}{% for x in y %}{% if b %}ONE{% endif %}{% endfor %}{% endif %}", "jinja")
    assert at(masked, "ONE") == [("if", "b", True), ("for", "x in y", True), ("if", "a", True)]


def test_a_condition_points_at_its_construct() -> None:
    text = "<p>{% if cookies.analytics %}<script></script>{% endif %}"
    condition = mask(text, "jinja").conditions(text.index("<script"))[0]
    assert text[condition.span.start : condition.span.end] == "{% if cookies.analytics %}"
    assert condition.dialect == "jinja"


def test_a_condition_does_not_enclose_its_own_construct() -> None:
    text = "{% if a %}x{% endif %}"
    assert mask(text, "jinja").conditions(3) == ()


def test_blocks_and_assignments_are_no_conditions() -> None:
    masked = mask(
        "{% block scripts %}ONE{% endblock %}{% set x %}TWO{% endset %}{% with a=b %}THREE{% endwith %}", "jinja"
    )
    assert at(masked, "ONE") == at(masked, "TWO") == at(masked, "THREE") == []


def test_an_unknown_tag_with_an_end_tag_is_a_condition() -> None:
    masked = mask("{% ifconsent 'analytics' %}ONE{% else %}TWO{% endifconsent %}{% sprite %}THREE", "jinja")
    assert at(masked, "ONE") == [("ifconsent", "ifconsent 'analytics'", True)]
    assert at(masked, "TWO") == [("ifconsent", "ifconsent 'analytics'", False)]
    assert at(masked, "THREE") == []


def test_blade_directives() -> None:
    masked = mask(
        "@auth ONE @endauth @guest TWO @endguest @env('production') THREE @endenv @isset($x) FOUR @endif "
        "@consent('ads') FIVE @endconsent @forelse ($a as $b) SIX @empty SEVEN @endforelse EIGHT",
        "blade",
    )
    assert at(masked, "ONE") == [("auth", "auth", True)]
    assert at(masked, "TWO") == [("unless", "auth", False)]
    assert at(masked, "THREE") == [("env", "env('production')", True)]
    assert at(masked, "FOUR") == [("isset", "isset($x)", True)]
    assert at(masked, "FIVE") == [("consent", "consent('ads')", True)]
    assert at(masked, "SIX") == [("for", "$a as $b", True)]
    assert at(masked, "SEVEN") == [("for", "$a as $b", False)]
    assert at(masked, "EIGHT") == []


def test_ruby_blocks_balance_and_modifiers_reach_their_statement() -> None:
    masked = mask(
        "<%= form_for x do |f| %><% if a %>ONE<% end %><% end %>TWO"
        "<%= render 'three' if b %><% xs.each { |x| %>FIVE<% } %>SIX"
        "<% y = if d then 1 else 2 end %>SEVEN<% foo(if: 1, :end => 2, z: x.class) %>EIGHT",
        "erb",
    )
    assert at(masked, "ONE") == [IF]
    assert at(masked, "three") == [("if", "b", True)]
    for marker in ("TWO", "FIVE", "SIX", "SEVEN", "EIGHT"):
        assert at(masked, marker) == []


def test_ruby_after_an_early_return() -> None:
    masked = mask("<% return unless a %>ONE<% xs.each do |x| %><% next if x.old? %>TWO<% end %>THREE", "erb")
    assert at(masked, "ONE") == at(masked, "THREE") == [("unless", "a", True)]
    assert at(masked, "TWO") == [("if", "x.old?", False), ("for", "xs.each", True), ("unless", "a", True)]


def test_elixir_blocks() -> None:
    masked = mask("<%= if a do %>ONE<% else %>TWO<% end %><%= for x <- xs do %>THREE<% end %>FOUR", "erb")
    assert at(masked, "ONE") == [IF]
    assert at(masked, "TWO") == [NOT_A]
    assert at(masked, "THREE") == [("for", "x <- xs", True)]
    assert at(masked, "FOUR") == []


def test_php_after_an_early_return() -> None:
    masked = mask("<?php if (! $allowed) { return; } ?>ONE<?php if ($b) return; elseif ($c) { ?>TWO<?php } ?>", "php")
    assert at(masked, "ONE") == [("if", "! $allowed", False)]
    assert at(masked, "TWO")[:2] == [("elif", "$c", True), ("if", "$b", False)]


def test_php_nests_both_syntaxes() -> None:
    masked = mask(
        "<?php if ($a) { foreach ($x as $y): ?>ONE<?php endforeach; } "
        "else if ($b) echo 'x}'; else { ?>TWO<?php } ?>THREE",
        "php",
    )
    assert at(masked, "ONE") == [("for", "$x as $y", True), ("if", "$a", True)]
    assert at(masked, "TWO") == [("elif", "$b", False), ("if", "$a", False)]
    assert at(masked, "THREE") == []


def test_javascript_callbacks_balance() -> None:
    masked = mask("<% xs.forEach(function (x) { if (a) { %>ONE<% } }); %>TWO<% if (a) %>THREE", "ejs")
    assert at(masked, "ONE") == [IF]
    assert at(masked, "TWO") == []


def test_jsx_conditions() -> None:
    masked = mask(
        "{a && (<p>ONE {x}</p>)} {a ? <p>TWO</p> : b ? <>THREE</> : <p>FOUR</p>} {a || <p>FIVE</p>} <p>SIX</p>", "astro"
    )
    assert at(masked, "ONE") == [IF]
    assert at(masked, "TWO") == [IF]
    assert at(masked, "THREE") == [("if", "b", True), NOT_A]
    assert at(masked, "FOUR") == [("if", "b", False), NOT_A]
    assert at(masked, "FIVE") == [("unless", "a", False)]
    assert at(masked, "SIX") == []


def test_unbalanced_templates() -> None:
    masked = mask("{% endif %}{% else %}ONE{% if a %}{% if b %}TWO{% endif %}THREE", "jinja")
    assert at(masked, "ONE") == []
    assert at(masked, "TWO") == [("if", "b", True), IF]
    assert at(masked, "THREE") == [IF]


def test_an_inner_block_that_is_not_closed_ends_with_the_outer() -> None:
    masked = mask("{% for x in y %}{% if a %}ONE{% endfor %}TWO", "jinja")
    assert at(masked, "ONE") == [IF, ("for", "x in y", True)]
    assert at(masked, "TWO") == []


@pytest.mark.parametrize(
    ("dialect", "text", "name"),
    [
        ("jinja", "{% macro tag(id) %}BODY{% endmacro %}", "tag"),
        ("go", '{{ define "tag" }}BODY{{ end }}', "tag"),
        ("freemarker", "<#macro tag id>BODY</#macro>", "tag"),
        ("smarty", '{function name="tag"}BODY{/function}', "tag"),
        ("velocity", "#macro(tag $id)BODY#end", "tag"),
        ("mako", "<%def name='tag(id)'>BODY</%def>", "tag"),
    ],
)
def test_definitions(dialect: str, text: str, name: str) -> None:
    start = text.index("BODY")
    assert mask(text, dialect).definitions == ((name, Span(start, start + 4)),)


# -------------------------------------------------------------------------------------------------------------- regions


@pytest.mark.parametrize(
    ("dialect", "text"),
    [
        ("jinja", "{# <b>{{ x }} #}"),
        ("jinja", "{% comment 'why' %}<script>{% if x %}{% endcomment %}"),
        ("liquid", "{%- comment -%}<script>{%- endcomment -%}"),
        ("handlebars", "{{!-- <b>}} {{x}} --}}"),
        ("handlebars", "{{! <b> }}"),
        ("handlebars", "{{~!-- <b> --~}}"),
        ("go", "{{/* <b>{{ x }} */}}"),
        ("go", "{{- /* <b> */ -}}"),
        ("erb", "<%# <b> %>"),
        ("erb", "<%-- <b><%= x %> --%>"),
        ("ejs", "<%# <b> %>"),
        ("jsp", "<%-- <b><% if (x) { %> --%>"),
        ("php", "<?php // <b> ?>"),
        ("php", "<?php /* <b> ?> */ # x\n ?>"),
        ("razor", "@* <b>@x *@"),
        ("blade", "{{-- <b>@if(x) --}}"),
        ("freemarker", "<#-- <b><#if x> -->"),
        ("freemarker", "<#comment><b></#comment>"),
        ("smarty", "{* <b>{if x} *}"),
        ("velocity", "#* <b>#if($x) *#"),
        ("mako", "<%doc><b></%doc>"),
        ("svelte", "{/* <b> */}"),
        ("mdx", "{/* <b> */}"),
    ],
)
def test_a_comment_is_one_region(dialect: str, text: str) -> None:
    masked = mask(f"1{text}2", dialect)
    assert [region.kind for region in masked.regions] == ["comment"]
    assert masked.text.replace(" ", "").replace("\n", "") == "12"
    assert masked.conditions(len(text) + 1) == ()


@pytest.mark.parametrize(
    ("dialect", "text", "expected"),
    [
        ("jinja", "{{ x }}", ("output", "jinja", "x")),
        ("jinja", "{{- m({a: {b: '}}'}}) -}}", ("output", "jinja", "m({a: {b: '}}'}})")),
        ("jinja", "{% set x = '%}' %}", ("code", "jinja", "set x = '%}'")),
        ("jinja", "{% static 'a.js' %}", ("output", "jinja", "static 'a.js'")),
        ("liquid", "{% include a.html %}", ("code", "liquid", "include a.html")),
        ("handlebars", "{{{x}}}", ("output", "handlebars", "x")),
        ("handlebars", "{{> part}}", ("code", "handlebars", "> part")),
        ("go", '{{ .Params.id | printf "}}%s" }}', ("output", "go", '.Params.id | printf "}}%s"')),
        ("go", "{{ $x := 1 }}", ("code", "go", "$x := 1")),
        ("erb", "<%= x -%>", ("output", "erb", "x")),
        ("erb", "<%- x = 1 -%>", ("code", "erb", "x = 1")),
        ("ejs", "<%- x %>", ("output", "ejs", "x")),
        ("asp", "<%: x %>", ("output", "asp", "x")),
        ("asp", "<%@ Page %>", ("code", "asp", "Page")),
        ("jsp", "${x.y}", ("output", "jsp", "x.y")),
        ("php", "<?= $x ?>", ("output", "php", "$x")),
        ("php", "<?php echo '?>'; ?>", ("output", "php", "echo '?>';")),
        ("php", "<?php $x = <<<A\n?>\n{A;\nA;\n?>", ("code", "php", "$x = <<<A\n?>\n{A;\nA;")),
        ("php", "<?php class X { function y() { echo 1; } }", ("code", "php", "class X { function y() { echo 1; } }")),
        ("razor", "@Model.X.Y", ("output", "razor", "Model.X.Y")),
        ("razor", '@Html.Raw(x ? ")" : "(")', ("output", "razor", 'Html.Raw(x ? ")" : "(")')),
        ("razor", "@(a + b)", ("output", "razor", "a + b")),
        ("razor", "@{ var x = \"}\"; }", ("block", "razor", '{ var x = "}"; }')),
        ("razor", "@model X.Y<Z>", ("code", "razor", "model X.Y<Z>")),
        ("blade", "{!! $x !!}", ("output", "blade", "$x")),
        ("blade", "@include('a', ['b' => ')'])", ("code", "blade", "include('a', ['b' => ')'])")),
        ("blade", "@php $x = 1; @endphp", ("code", "blade", "$x = 1;")),
        ("blade", "<p>\n  @kitHead\n</p>", ("code", "blade", "kitHead")),
        ("blade", "<p>@kitHead()</p>", ("code", "blade", "kitHead()")),
        ("freemarker", '${x["}"]}', ("output", "freemarker", 'x["}"]')),
        ("freemarker", '<@m a=">" />', ("code", "freemarker", '@m a=">"')),
        ("smarty", '{$x|default:"}"}', ("output", "smarty", '$x|default:"}"')),
        ("smarty", "{include file='a.tpl'}", ("code", "smarty", "include file='a.tpl'")),
        ("velocity", "<a href='$!x.y(')')[0]'>", ("output", "velocity", "!x.y(')')[0]")),
        ("mako", "${x | h}", ("output", "mako", "x | h")),
        ("svelte", "{@html x}", ("output", "svelte", "@html x")),
        ("svelte", "{x ? '}' : `${y}`}", ("output", "svelte", "x ? '}' : `${y}`")),
        ("vue", "{{ x }}", ("output", "vue", "x")),
        ("markdown", '{{< video id="1" >}}', ("code", "go", 'video id="1"')),
        ("", "<?php if (x): ?>", ("block", "php", "if (x):")),
    ],
)  # fmt: skip
def test_one_region(dialect: str, text: str, expected: tuple[str, str, str]) -> None:
    assert kinds(text, dialect) == [expected]


def test_an_output_is_filler_and_a_block_is_space() -> None:
    assert mask("a{{ x\ny }}b{% if z %}c", "jinja").text == f"a{FILLER * 4}\n{FILLER * 4}b          c"


def test_a_php_call_inside_a_value_is_an_output() -> None:
    assert shown('<a href="<?php the_link(); ?>/x">', "php") == f'<a href="{"$" * 20}/x">'
    assert shown("<html <?php attributes(); ?>>", "php") == "<html >"


@pytest.mark.parametrize(
    ("dialect", "text", "expected"),
    [
        ("jinja", "{% raw %}<b>{{ x }}</b>{% endraw %}", "<b>{{ x }}</b>"),
        ("jinja", "{% verbatim %}{% if x %}{% endverbatim %}y", "{% if x %} y"),
        ("blade", "@verbatim {{ x }} @endverbatim", "{{ x }}"),
        ("freemarker", "<#noparse>${x}</#noparse>", "${x}"),
        ("handlebars", "{{{{raw}}}}{{x}}{{{{/raw}}}}", "{{x}}"),
        ("liquid", "{% highlight html %}<script>{% endhighlight %}x", "x"),
        ("erb", "<%% x %>", "<%% x %>"),
        ("razor", "a@b.com @@media x", "a@b.com @@media x"),
        ("blade", "a@b.com @@if @{{ x }} @media (print) {}", "a@b.com @@if @{{ x }} @media (print) {}"),
        ("blade", "ask @kit today\n@tailwind\na@kit\n", "ask @kit today\n@tailwind\na@kit\n"),
        ("svelte", "<script a={x}>{x}</script><style>{y}</style>", "<script a=$$$>{x}</script><style>{y}</style>"),
        ("vue", "<script>{{x}}</script>", "<script>{{x}}</script>"),
        ("astro", "---\nconst x = '<p>';\n---\n<script>{x}</script>{x}", "\n \n \n<script>{x}</script>$$$"),
        ("", "<p>${x} @y {z}</p>", "<p>${x} @y {z}</p>"),
        ("plain", "{{ x }}<% y %>", "{{ x }}<% y %>"),
        ("", "{{ open\n{{ closed }}", "{{ open\n$$$$$$$$$$$$"),
        ("jinja", "{% if open\n<p>", "{% if open\n<p>"),
        ("jinja", "{{ it's }} and {{ it's }}", "$$$$$$$$$$ and $$$$$$$$$$"),
    ],
)
def test_what_stays_visible(dialect: str, text: str, expected: str) -> None:
    assert shown(text, dialect) == expected.strip()


def test_razor_markup_stays_visible() -> None:
    text = """@model X
@section Scripts {
  <script>if (a < b) { x("@Model.Id"); }</script>
}
@{ <!-- } --> <br> <img src="~/x.png" alt="}" /> }
@foreach (var x in y.Where(z => z.A > 1)) {
  <input value="@x.Name" checked>
  @Html.Partial("_A", new { a = "<p>" })
  <div><div>@if (x.B) { <i>ONE</i> }</div></div>
}
TWO"""
    masked = mask(text, "razor")
    assert "if (a < b) { x(" in masked.text
    assert '<img src="~/x.png" alt="}" />' in masked.text
    assert "<div><div>" in masked.text and "</div></div>" in masked.text
    assert at(masked, "ONE") == [("if", "x.B", True), ("for", "var x in y.Where(z => z.A > 1)", True)]
    assert at(masked, "TWO") == []
    assert "foreach" not in masked.text and "Html" not in masked.text and "checked" in masked.text


def test_razor_heads_sections_and_unclosed_elements() -> None:
    text = """@for (var i = 0; i < n; i++) { <li>ONE</li> }
@if (a is { B: false }) { <p>TWO</p> } else { <table><thead></table> }
@if (c) {
  @section Scripts { <script>if (x) { y() }</script> }
  <script>for (i = 0; i<n; i++) w("</div><p>'@(z)");</script>
}
@section Head { <style>p { color: red }</style> }
THREE"""
    masked = mask(text, "razor")
    assert at(masked, "ONE") == [("for", "var i = 0; i < n; i++", True)]
    assert at(masked, "TWO") == [("if", "a is { B: false }", True)]
    assert at(masked, "if (x)") == [("if", "c", True)]
    assert at(masked, "THREE") == at(masked, "color") == []
    left = "<li>ONE</li> <p>TWO</p> <table><thead></table> <script>if (x) { y() }</script>"
    left += """ <script>for (i = 0; i<n; i++) w("</div><p>'$$$$");</script> <style>p { color: red }</style> THREE"""
    assert masked.text.replace(FILLER, "$").split() == left.split()


def test_markup_in_an_expression_stays_visible() -> None:
    masked = mask('{ok && (<script src={url} data-x="a>b" async></script>)}<p>{/* <b> */}</p>', "astro")
    assert masked.text.replace(FILLER, "$").split() == [
        "<script",
        "src=$$$$$",
        'data-x="a>b"',
        "async></script>",
        "<p>",
        "</p>",
    ]


MARKDOWN = """---
title: "<script>"
---

Text with `<script>` and ``a ` <script>``.

```html
<script src="fenced"></script>
{% if x %}
```

    <script src="indented"></script>

- item

    <iframe src="in-list"></iframe>

<div>

    <iframe src="in-html"></iframe>

</div>

<script>
let x = `a`;
</script>

{% if y %}ONE{% endif %} <a href="{{ url }}">
"""


def test_markdown_code_is_raw() -> None:
    masked = mask(MARKDOWN, "markdown")
    raw = [region.text for region in masked.regions if region.kind == "raw"]
    assert [text.splitlines()[0] for text in raw] == [
        "---", "`<script>`", "``a ` <script>``", "```html", '<script src="indented"></script>',
    ]  # fmt: skip
    assert "in-list" in masked.text and "in-html" in masked.text and "let x = `a`;" in masked.text
    assert "fenced" not in masked.text and "indented" not in masked.text
    assert at(masked, "ONE") == [("if", "y", True)]


@pytest.mark.parametrize(
    ("before", "is_code"),
    [
        ("<i class=icon></i> Do you have it?", True),
        ("<https://example.org> tells more", True),
        ("<div>", False),
        ("<div>\n<i>Do</i> you have it?", False),
        ("<span>", False),
    ],
)
def test_a_phrase_in_tags_is_a_paragraph_and_code_may_follow(before: str, is_code: bool) -> None:
    text = mask(f"{before}\n\n\t<script src=x></script>\n", "markdown").text
    assert ("<script" not in text) is is_code


def test_code_inside_raw_is_raw() -> None:
    text = "{% raw %}\n```\n<script>{{ x }}\n```\n<b>{{ y }}\n{% endraw %}"
    assert shown(text, "markdown").split() == ["<b>{{", "y", "}}"]


def test_an_unclosed_fence_hides_its_own_line_only() -> None:
    assert shown("```js\n<script>\n", "markdown") == "<script>"


def test_mdx_keeps_elements_and_hides_modules() -> None:
    masked = mask(
        'import A from "./a"\n\nexport const b = 1\n\n{on && <A c={d}>ONE</A>}\n\n    <iframe src="x"></iframe>\n',
        "mdx",
    )
    assert at(masked, "ONE") == [("if", "on", True)]
    assert "import" not in masked.text and "export" not in masked.text
    assert f"<A c={FILLER * 3}>ONE</A>" in masked.text and "<iframe" in masked.text


def test_rst_and_asciidoc_literals_are_raw() -> None:
    assert shown("Like so::\n\n   <script>\n\n.. raw:: html\n\n   <iframe>\n", "rst").split() == [
        "Like",
        "so::",
        "..",
        "raw::",
        "html",
        "<iframe>",
    ]
    assert shown("----\n<script>\n----\n<iframe>\n", "adoc") == "<iframe>"


# ------------------------------------------------------------------------------------------------------------- look-ups


def test_regions_by_place() -> None:
    masked = mask("ab{{ x }}cd{% y %}", "jinja")
    first, second = masked.regions
    assert masked.region_at(1) is None and masked.region_at(2) == first and masked.region_at(8) == first
    assert masked.region_at(9) is None and masked.region_at(17) == second and masked.region_at(18) is None
    assert masked.overlapping(Span(0, 2)) == ()
    assert masked.overlapping(Span(0, 3)) == (first,)
    assert masked.overlapping(Span(8, 12)) == (first, second)
    assert masked.overlapping(Span(5, 5)) == (first,)


def test_script_text() -> None:
    text = "<script>var id = '{{ id }}';{% if x %}\nf({{ y }}){# c #};{% endif %}</script>"
    masked = mask(text, "jinja")
    span = Span(8, text.index("</script"))
    assert script_text(masked, span) == "var id = '________';          \nf(_______)       ;           "
    assert script_text(masked, Span(20, 22)) == "__"
    assert script_text(masked, Span(-5, 10_000)) == masked.text.replace(FILLER, "_")
