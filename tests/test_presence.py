"""What a script or a style sheet fetches for elements that no page has; and when nobody can tell."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from conftest import scanned
from tracklint.model import Detection

LOAD = "fetch('https://static.hotjar.com/c/hotjar-1.js');"


def found(files: Mapping[str, str]) -> list[Detection]:
    return list(scanned(files).detections)


def verdicts(files: Mapping[str, str]) -> set[str]:
    return {
        one.consent.mechanism if one.consent.state == "gated" else one.consent.state
        for one in found(files)
        if one.service == "hotjar"
    }


def page(body: str, head: str = '<script src="/js/app.js"></script>') -> str:
    return f"<!doctype html><html><head><title>A</title>{head}</head><body>{body}</body></html>"


SCRIPTS = {
    "forEach": f"document.querySelectorAll('.slide-box').forEach(function (box) {{ {LOAD} }});",
    "a loop": f"for (const box of document.querySelectorAll('.slide-box')) {{ {LOAD} }}",
    "a loop by number": f"var all = document.querySelectorAll('.slide-box'); for (var i = 0; i < all.length; i++) {{ {LOAD} }}",
    "Array.from": f"Array.from(document.getElementsByClassName('slide-box')).forEach(box => {{ {LOAD} }});",
    "a guard": f"var box = document.querySelector('.slide-box'); if (box) {{ {LOAD} }}",
    "an early end": f"(function () {{ const box = document.querySelector('.slide-box'); if (!box) return; {LOAD} }})();",
    "null": f"function go() {{ var b = document.querySelector('div.slide-box'); if (b === null) {{ return; }} {LOAD} }} go();",
    "length": f"if ($('.slide-box').length) {{ {LOAD} }}",
    "length above": f"if ($('.slide-box a').length > 0) {{ {LOAD} }}",
    "each": f"$('.slide-box').each(function () {{ {LOAD} }});",
    "narrowed": f"jQuery('.slide-box').find('a').first().each(function () {{ {LOAD} }});",
    "a function": f"function start(box) {{ {LOAD} }} $('.slide-box').each(function () {{ start(this); }});",
    "a plugin": f"(function ($) {{ $.fn.slides = function () {{ return this.each(function () {{ {LOAD} }}); }}; }})(jQuery);"
    " $('.slide-box').slides();",
    "an event": f"document.querySelector('.slide-box').addEventListener('load', function () {{ {LOAD} }});",
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_nothing_runs_for_elements_that_no_page_has(script: str) -> None:
    assert verdicts({"index.html": page("<p>a</p>"), "js/app.js": script}) == {"absent"}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_one_page_that_has_it_is_enough(script: str) -> None:
    files = {"index.html": page("<p>a</p>"), "b.html": page('<div class="big slide-box"></div>'), "js/app.js": script}
    assert "absent" not in verdicts(files)
    assert verdicts(files)


UNTOLD = {
    "a template": {"index.html": page("{% for box in boxes %}{{ box }}{% endfor %}")},
    "a layout": {"index.html": page("{{ content }}")},
    "a view of a server": {"index.php": page("<?php the_content() ?>")},
    "no page": {},
    "another page's markup": {"index.html": page(""), "parts/box.html": '<div class="slide-box"></div>'},
    "a script that makes it": {"index.html": page(""), "js/b.js": "box.className = 'slide-box';"},
    "a script that writes it": {"index.html": page(""), "js/b.js": "box.innerHTML = '<p class=\"a slide-box\">';"},
    "a script that builds it": {"index.html": page(""), "js/b.js": "mount(h('div', h('.slide-box', [])));"},
    "a name in parts": {"index.html": page(""), "js/b.js": "box.className = 'slide-' + kind;"},
    "a script of the page": {"index.html": page("<script>box.classList.add('slide-box')</script>")},
    "data": {"index.html": page(""), "data/page.json": '{"html": "<p class=slide-box>"}'},
    "somebody's library": {
        "index.html": page('<script src="https://cdnjs.cloudflare.com/ajax/libs/a/1/a.js"></script>')
    },
    "a library of that name": {"index.html": page('<script src="https://files.trust-news.org/slide.js"></script>')},
    "a script that is not there": {"index.html": page('<script src="/js/gone.js"></script>')},
}


@pytest.mark.parametrize("files", UNTOLD.values(), ids=UNTOLD.keys())
def test_where_an_element_may_come_from_elsewhere_the_load_may_happen(files: Mapping[str, str]) -> None:
    assert verdicts({"js/app.js": SCRIPTS["forEach"], **files}) == {"ungated"}


@pytest.mark.parametrize(
    "script",
    [
        LOAD,
        f"document.querySelectorAll('.slide-box').forEach(function () {{ }}); {LOAD}",
        f"if (!document.querySelector('.slide-box')) {{ {LOAD} }}",
        f"if (!$('.slide-box').length) {{ {LOAD} }}",
        f"var all = document.querySelectorAll('.slide-box'); for (var i = 3; i >= all.length; i--) {{ {LOAD} }}",
        f"if ($('.slide-box')) {{ {LOAD} }}",  # a selection is true, empty or not
        f"$('.slide-box').ready(function () {{ {LOAD} }});",
        f"document.querySelectorAll('div').forEach(function () {{ {LOAD} }});",  # no name
        f"document.querySelectorAll('.slide-box, p').forEach(function () {{ {LOAD} }});",
        f"document.querySelectorAll(chosen).forEach(function () {{ {LOAD} }});",
        f"$('<div class=\"slide-box\">').each(function () {{ {LOAD} }});",
        f"$.fn.slides = function () {{ {LOAD} return this.each(function () {{ }}); }}; $('.slide-box').slides();",
        f"$.fn.slides = function () {{ return this.each(function () {{ {LOAD} }}); }}; $('.slide-box').slides(); $('p').slides();",
    ],
)
def test_what_needs_no_such_element_runs(script: str) -> None:
    assert verdicts({"index.html": page("<p>a</p>"), "js/app.js": script}) == {"ungated"}


def pictures(css: str, body: str = "", **files: str) -> set[str]:
    site = {"index.html": page(body, '<link rel="stylesheet" href="/css/site.css">'), "css/site.css": css, **files}
    return {one.consent.mechanism for one in found(site) if one.technique == "css"}


PICTURE = "background: url(https://images.ctfassets.net/a.png)"


@pytest.mark.parametrize(
    ("css", "body", "mechanism"),
    [
        (f".slide-box {{ {PICTURE} }}", "", "absent"),
        (f".slide-box {{ {PICTURE} }}", '<p class="slide-box">', "none"),
        (f"#slide-box > p, [data-slide] {{ {PICTURE} }}", "", "absent"),
        (f"#slide-box > p, p {{ {PICTURE} }}", "", "none"),
        (f"@media print {{ .slide-box:not(.open) {{ {PICTURE} }} }}", "", "absent"),
        (f"p:not(.slide-box) {{ {PICTURE} }}", "", "none"),
        (f"a:hover {{ {PICTURE} }}", "", "none"),
        ("@font-face { src: url(https://images.ctfassets.net/a.woff) }", "", "none"),
        (f".slide-box {{ color: red; & p {{ {PICTURE} }} }}", '<p class="slide-box">', "none"),
    ],
)
def test_a_picture_is_fetched_for_an_element(css: str, body: str, mechanism: str) -> None:
    assert pictures(css, body) == {mechanism}


PLAYER = """(function () {
  function Player(box) { this.box = box; }
  Player.prototype.begin = function () { var s = document.createElement('script');
    s.src = 'https://www.youtube.com/iframe_api'; document.head.appendChild(s); };
  window.players = { make: function (box) { return new Player(box).begin(); } };
})();"""


def player(body: str, script: str = PLAYER, path: str = "vendor/player.min.js", **files: str) -> set[str]:
    site = {"index.html": page(body, f'<script src="/{path}"></script>'), path: script, **files}
    return {one.consent.mechanism for one in found(site) if one.path == path and one.service == "youtube"}


@pytest.mark.parametrize(
    "body",
    [
        "<p>a</p>",
        '<a href="https://www.youtube.com/@clinic"><i class="icon-youtube"></i></a>',
        '<p>As <a href="https://www.youtube.com/watch?v=a1B2c3D4e5F">this film</a> shows</p>',
        '<script type="application/ld+json">{"sameAs": "https://www.youtube.com/@clinic"}</script>',
    ],
)
def test_a_player_without_a_video_fetches_nothing(body: str) -> None:
    assert player(body) == {"absent"}


@pytest.mark.parametrize(
    "body",
    [
        '<div data-settings="{&quot;youtube_url&quot;:&quot;https:\\/\\/www.youtube.com\\/watch?v=a1B2c3D4e5F&quot;}"></div>',
        '<div data-video-id="a1B2c3D4e5F"></div>',
        '<div class="youtube-video"></div>',
        '<iframe data-src="https://www.youtube-nocookie.com/embed/a1B2c3D4e5F"></iframe>',
        '<a class="video-link" href="https://youtu.be/a1B2c3D4e5F">film</a>',
        '<a data-fancy href="https://youtu.be/a1B2c3D4e5F">film</a>',
        "<script>players.make({ videoURL: 'a1B2c3D4e5F' })</script>",
        "<script>players.make('https://youtu.be/a1B2c3D4e5F')</script>",
        "{{ film }}",
    ],
)
def test_a_page_that_names_a_video_starts_the_player(body: str) -> None:
    assert "absent" not in player(body)


def test_a_script_that_names_a_video_starts_the_player() -> None:
    body = '<script src="/js/own.js"></script>'
    assert "absent" not in player(body, **{"js/own.js": "players.make({ videoId: 'a1B2c3D4e5F' })"})


def test_a_player_that_fetches_at_once_needs_no_video() -> None:
    at_once = "var s = document.createElement('script'); s.src = 'https://www.youtube.com/iframe_api'; document.head.append(s);"
    for script in (
        at_once,
        f"(function () {{ {at_once} }})();",
        f"jQuery(function () {{ {at_once} }});",
        f"function begin() {{ {at_once} }} begin();",
    ):
        assert player("<p>a</p>", script) == {"none"}


def test_a_frame_that_another_script_writes_is_no_video_for_the_player() -> None:
    body = '<script src="/js/own.js"></script>'
    frame = "box.innerHTML = '<iframe src=\"https://www.youtube.com/embed/a1B2c3D4e5F\"></iframe>';"
    assert player(body, **{"js/own.js": frame}) == {"absent"}


def test_a_setting_without_a_value_is_no_video() -> None:
    settings = "{&quot;youtube_url&quot;:null,&quot;youtube_id&quot;:&quot;&quot;}"
    assert player(f'<div class="box" data-settings="{settings}"></div>') == {"absent"}
    assert player('<script>var settings = {"videoLibrary": "mediaelement"};</script>') == {"absent"}


LIGHTBOX = """$('.film').magnificPopup({ type: 'iframe', iframe: { patterns: {
  youtube: { index: 'youtube.com/', id: 'v=', src: 'https://www.youtube.com/embed/%id%?autoplay=1' } } } });"""


def test_a_lightbox_that_knows_a_service_shows_it_where_a_link_names_a_video() -> None:
    assert player("<p>a</p>", LIGHTBOX, "js/site.js") == {"absent"}
    film = '<a class="film popup" href="https://www.youtube.com/watch?v=a1B2c3D4e5F">film</a>'
    assert player(film, LIGHTBOX, "js/site.js") == {"facade"}
    template = {"view.php": "<?php get_header(); ?><p>a</p>", "js/site.js": LIGHTBOX}
    assert {(one.service, one.consent.mechanism) for one in found(template)} == {("youtube", "facade")}


def test_the_copy_of_a_served_site_may_lack_scripts_that_a_build_would_make() -> None:
    named = "".join(f'<script src="/js/{name}.js"></script>' for name in ("a", "b", "c", "gone", "lost"))
    scripts = {f"js/{name}.js": "" for name in "abc"}
    assert player(named, **scripts) == {"absent"}
    assert "absent" not in player(named, **scripts, **{"package.json": "{}"})


ATTRIBUTE = f"""var key = $(document).find('[data-map-key]').data('map-key'); if (key) {{ {LOAD} }}"""
SETTINGS = {
    "a getter": ATTRIBUTE,
    "attr": f"var key = box.attr('data-map-key'); if (key) {{ {LOAD} }}",
    "getAttribute": f"if (document.body.getAttribute('data-map-key')) {{ {LOAD} }}",
}


@pytest.mark.parametrize("script", SETTINGS.values(), ids=SETTINGS.keys())
def test_nothing_runs_for_an_attribute_that_no_page_has(script: str) -> None:
    assert verdicts({"index.html": page("<p>a</p>"), "js/app.js": script}) == {"absent"}
    assert "absent" not in verdicts({"index.html": page('<p data-map-key="1">a</p>'), "js/app.js": script})
    setting = {"js/b.js": "box.setAttribute('data-' + name, 1); use('map-key');"}
    assert "absent" not in verdicts({"index.html": page("<p>a</p>"), "js/app.js": script, **setting})


def test_a_page_into_which_a_server_puts_values_alone_is_known() -> None:
    files = {"index.html": page("<p>a</p>"), "401.html": page('<input value="<%WF_PATH%>">'), "js/app.js": ATTRIBUTE}
    assert verdicts(files) == {"absent"}
    assert "absent" not in verdicts({**files, "401.html": page("<%= content %>")})


WIDGET = f"var widget = {{ count: 0, begin: function () {{ if (widget.account !== undefined) {{ {LOAD} }} }} }}; widget.begin();"


def test_nothing_runs_for_an_entry_that_nothing_sets() -> None:
    assert verdicts({"index.html": page("<p>a</p>"), "js/app.js": WIDGET}) == {"absent"}


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"index.html": page("<script>widget.account = 'A1';</script>")},
        {"index.html": page("<script>start({ account: 'A1' });</script>")},
        {"index.html": page("<script>Object.assign(widget, settings);</script>")},
        {"index.html": page("<script>for (var key in all) { widget[key] = all[key]; }</script>")},
        {"index.html": page("<script>var other = widget;</script>")},
        {"index.html": page("<script>widget = make();</script>")},
        {"index.html": page('<script src="https://widget.trust-news.org/a.js"></script>')},
        {"index.html": page("<p>{{ account }}</p>")},
        {"index.html": page("<p>a</p>"), "data/widget.json": '{"account": "A1"}'},
        {"js/app.js": WIDGET + " function fill(o) { $.extend(this, o); }"},
        {},
    ],
)
def test_an_entry_that_something_may_set_is_free(elsewhere: Mapping[str, str]) -> None:
    files = {"js/app.js": WIDGET, **({"index.html": page("<p>a</p>")} if "js/app.js" in elsewhere else {}), **elsewhere}
    assert "absent" not in verdicts(files)
    assert verdicts(files)


def test_what_the_authors_wrote_themselves_may_know_its_video() -> None:
    assert "absent" not in player("<p>a</p>", path="js/film.js")


def test_a_widget_of_a_page_is_found_there_and_not_in_its_library() -> None:
    settings = "{&quot;youtube_url&quot;:&quot;https:\\/\\/youtu.be\\/a1B2c3D4e5F&quot;}"
    body = f'<div class="elementor-widget-video" data-settings="{settings}"></div>'
    files = {"index.html": page(body, '<script src="/vendor/player.min.js"></script>'), "vendor/player.min.js": PLAYER}
    states = {one.path: (one.host, one.consent.state) for one in found(files)}
    assert states == {
        "index.html": ("www.youtube.com", "ungated"),
        "vendor/player.min.js": ("www.youtube.com", "gated"),
    }


def test_a_dead_link_among_many_hides_nothing() -> None:
    head = "".join(f'<script src="/js/{name}.js"></script>' for name in ("app", "b", "c", "d", "e", "gone"))
    files = {f"js/{name}.js": "1;" for name in "bcde"}
    assert verdicts({"index.html": page("", head), "js/app.js": SCRIPTS["forEach"], **files}) == {"absent"}


THEMES = {
    "site/hugo.toml": 'baseURL = "https://a.example/"\ntheme = "new"\n',
    "site/themes/new/layouts/_default/baseof.html": f"<html><head><script>{LOAD}</script></head></html>",
    "site/themes/older/layouts/_default/baseof.html": f"<html><head><script>{LOAD}</script></head></html>",
    "site/themes/older/static/js/a.js": LOAD,
}


def test_a_theme_that_its_site_does_not_choose_is_on_no_page() -> None:
    assert {one.path for one in found(THEMES)} == {"site/themes/new/layouts/_default/baseof.html"}
    check = "# not the older theme\n[[ $file == */themes/older/* ]] && continue\n"
    assert {one.path for one in found({**THEMES, "check.sh": check})} == {
        "site/themes/new/layouts/_default/baseof.html"
    }
    folder = {path.replace("hugo.toml", "config/_default/hugo.yaml"): text for path, text in THEMES.items()}
    folder["site/config/_default/hugo.yaml"] = "theme: [new]\n"
    assert {one.path for one in found(folder)} == {"site/themes/new/layouts/_default/baseof.html"}


def test_a_theme_that_its_site_does_not_choose_is_listed_as_left_out() -> None:
    left_out = {one.path: one.reason for one in scanned(THEMES).skipped}
    assert left_out == dict.fromkeys((path for path in THEMES if "/older/" in path), "not-served")


EDITOR = {
    "config/sync/core.extension.yml": "module:\n  block: 0\n  ckeditor5: 0\n",
    "web/libraries/embed/plugin.js": f"CKEDITOR.plugins.add('embed', {{}});\n{LOAD}",
    "web/libraries/embed/libs/providers.js": LOAD,
    "web/libraries/slides/slides.js": LOAD,
}


def test_a_plugin_for_an_editor_that_the_site_does_not_have_is_left_out() -> None:
    assert {one.path for one in found(EDITOR)} == {"web/libraries/slides/slides.js"}
    assert {one.reason for one in scanned(EDITOR).skipped} == {"not-served"}


@pytest.mark.parametrize(
    "files",
    [
        {"config/sync/core.extension.yml": "module:\n  ckeditor: 0\n  ckeditor5: 0\n"},
        {"config/sync/core.extension.yml": "module:\n  block: 0\n"},
        {"config/shop/core.extension.yml": "module:\n  ckeditor: 0\n"},
        {"web/libraries/embed/plugin.js": LOAD},
        {"web/themes/a/a.libraries.yml": "film:\n  js:\n    /libraries/embed/libs/providers.js: {}\n"},
    ],
)
def test_a_plugin_for_an_editor_that_may_be_in_use_is_told_of(files: dict[str, str]) -> None:
    assert "web/libraries/embed/libs/providers.js" in {one.path for one in found({**EDITOR, **files})}


@pytest.mark.parametrize(
    "files",
    [
        {"site/hugo.toml": 'baseURL = "https://a.example/"\n'},
        {"site/hugo.toml": 'theme = "elsewhere"\n'},
        {"site/hugo.toml": 'theme = ["new", "older"]\n'},
        {"site/config/staging/hugo.toml": 'theme = "older"\n'},
        {"site/themes/new/theme.toml": 'name = "new"\n[original]\nname = "older"\n'},
        {"Makefile": "old:\n\tcd site && hugo --theme older\n"},
        {".github/workflows/old.yml": "env:\n  HUGO_THEME: older\n"},
    ],
)
def test_a_theme_that_anything_chooses_is_told_of(files: dict[str, str]) -> None:
    assert "site/themes/older/layouts/_default/baseof.html" in {one.path for one in found({**THEMES, **files})}


@pytest.mark.parametrize(
    ("path", "before", "printed"),
    [
        ("templates/a.jinja", "{% set tag = 'GTM-ABCD123' %}", "{{ tag }}"),
        ("templates/a.twig", '{% set tag = "GTM-ABCD123" %}', "{{ tag|e }}"),
        ("templates/a.liquid", "{% assign tag = 'GTM-ABCD123' %}", "{{ tag }}"),
        ("layouts/a.html", '{{ $tag := "GTM-ABCD123" }}', "{{ $tag }}"),
        ("views/a.html.erb", "<% tag = 'GTM-ABCD123' %>", "<%= tag %>"),
        ("views/a.ejs", "<% const tag = 'GTM-ABCD123' %>", "<%- tag %>"),
        ("views/a.php", "<?php $tag = 'GTM-ABCD123'; ?>", "<?= $tag ?>"),
        ("Views/a.cshtml", '@{ var tag = "GTM-ABCD123"; }', "@tag"),
    ],
)
def test_an_id_that_a_template_gives_to_a_variable_is_told(path: str, before: str, printed: str) -> None:
    frame = f'<iframe src="https://www.googletagmanager.com/ns.html?id={printed}" title="Tags"></iframe>'
    assert [one.ids for one in found({path: f"{before}\n{frame}\n"})] == [("GTM-ABCD123",)]
    assert [one.ids for one in found({path: f"{before.replace('tag', 'other')}\n{frame}\n"})] == [()]
    assert [one.ids for one in found({path: f"{frame}\n{before}\n"})] == [()]  # too late


def test_a_noscript_of_a_component_is_told_as_one() -> None:
    frame = "<iframe src='https://www.googletagmanager.com/ns.html?id=GTM-ABCD123' />"
    layout = "export default () => <html><body>{}</body></html>;"
    for markup in (f"<noscript>{frame}</noscript>", f"<noscript><div>{{on && {frame}}}</div></noscript>"):
        assert [one.consent.mechanism for one in found({"app/layout.tsx": layout.format(markup)})] == ["noscript"]
    assert [one.consent.mechanism for one in found({"app/layout.tsx": layout.format(frame)})] == ["none"]


COMMENTED = {
    "hugo.yaml": "theme: clinic\ndisqusShortname: clinic\nmenu:\n  - identifier: module\n",
    "content/a.md": "# A\n",
    "themes/clinic/layouts/_default/baseof.html": '<html><body>{{ block "main" . }}{{ end }}</body></html>',
}


def test_a_setting_of_a_hugo_site_that_none_of_its_templates_reads_switches_nothing_on() -> None:
    assert found(COMMENTED) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("layouts/_default/single.html", '{{ template "_internal/disqus.html" . }}'),
        ("layouts/_default/single.html", '{{ partial "disqus.html" . }}'),
        ("themes/clinic/layouts/partials/talk.html", "{{ with .Site.DisqusShortname }}{{ . }}{{ end }}"),
        ("layouts/partials/talk.html", "{{ site.Config.Services.Disqus.Shortname }}"),
        ("layouts/partials/talk.html", "{{ range $key, $value := .Site.Params }}{{ $value }}{{ end }}"),
        ("layouts/partials/talk.html", "{{ site.Params | jsonify }}"),
        ("assets/js/talk.js", "load('{{ .Site.DisqusShortname }}');"),
        ("hugo.yaml", "theme: elsewhere\ndisqusShortname: clinic\n"),
        ("hugo.yaml", "disqusShortname: clinic\nmodule:\n  imports:\n    - path: example.org/clinic/theme\n"),
        ("go.mod", "module example.org/clinic\n"),
    ],
)
def test_a_setting_of_a_hugo_site_that_a_template_may_read_is_told_of(path: str, text: str) -> None:
    assert "disqus" in {one.service for one in found({**COMMENTED, path: text})}


DRAWING = {
    "docs/img/plan.svg": "<svg><style>@import url('https://fonts.googleapis.com/css?family=Open+Sans');</style></svg>"
}


@pytest.mark.parametrize(
    ("path", "text", "fetches"),
    [
        ("docs/plan.md", "# Plan\n\n![The plan](../img/plan.svg)\n", False),
        ("index.html", '<p><img class="wide" src="/docs/img/plan.svg" alt=""></p>', False),
        ("index.html", '<p><object data="/docs/img/plan.svg"></object></p>', True),
        ("index.html", '<img src="/docs/img/plan.svg" alt=""> <a href="/docs/img/plan.svg">large</a>', True),
        ("index.html", '<link rel="icon" href="/docs/img/plan.svg"><iframe src="/docs/img/plan.svg"></iframe>', True),
        ("app.css", "h1 { background: #fff url('../docs/img/plan.svg') no-repeat }", False),
        ("docs/plan.rst", "Plan\n====\n\n.. image:: img/plan.svg\n", False),
        ("index.php", "<?php include 'docs/img/plan.svg'; ?>", True),
    ],
)
def test_a_drawing_that_is_shown_as_a_picture_fetches_nothing(path: str, text: str, fetches: bool) -> None:
    assert {one.consent.state for one in found({**DRAWING, path: text})} == ({"ungated"} if fetches else set())


@pytest.mark.parametrize(
    ("path", "text", "idle"),
    [
        ("plan.html", "<p>a</p>", True),
        ("index.html", '<p><object data="/docs/img/plan.svg"></object></p>', False),
        ("data/pages.yml", "drawing: plan.svg\n", False),
        ("index.php", "<?php include \"docs/img/$name.svg\" . $kind . '.svg'; ?>", False),
        ("icons.js", "const icons = import.meta.glob('./docs/img/*.svg');", False),
        ("app.js", "export const drawing = (name) => load(`/docs/img/${name}.svg`);", False),
    ],
)
def test_a_drawing_that_nothing_names_is_not_seen_to_be_used(path: str, text: str, idle: bool) -> None:
    (one,) = found({**DRAWING, path: text})
    assert (one.consent.state, one.consent.mechanism == "unused") == (("unknown", True) if idle else ("ungated", False))


MAIL = {"app/templates/welcome.html": '<img src="https://www.facebook.com/tr?id=1234567890&ev=PageView" alt="">'}
SENDS = "def send():\n    post(get_template('welcome.html'))\n"


@pytest.mark.parametrize(
    ("files", "email"),
    [
        ({"app/smtp_service.py": SENDS}, True),
        ({"app/email.py": SENDS, "lib/UserMailer.rb": "render 'welcome.html'"}, True),
        ({"app/views.py": SENDS}, False),
        ({"app/smtp_service.py": SENDS, "app/views.py": SENDS}, False),
        ({"app/smtp_service.py": SENDS, "app/templates/start.html": "{% include 'welcome.html' %}"}, False),
        ({}, False),
    ],
)
def test_a_template_that_only_senders_of_mail_name_is_an_e_mail(files: dict[str, str], email: bool) -> None:
    (one,) = found({**MAIL, **files})
    assert one.email is email


ACTION = """class HomeController < ApplicationController
  def index
    if Rails.env.development?
      render 'index', layout: false
    else
      redirect_to 'https://www.clinic.example/'
    end
  end
end
"""


@pytest.mark.parametrize(
    ("action", "more", "served"),
    [
        (ACTION, {}, False),
        (ACTION.replace("if Rails.env.development?", "unless Rails.env.production?"), {}, True),  # on a staging server
        (ACTION.replace("if Rails.env.development?", "if cookies[:consent]"), {}, True),
        (ACTION.replace("else\n      redirect_to 'https://www.clinic.example/'\n", ""), {}, True),
        (ACTION.replace("redirect_to 'https://www.clinic.example/'", "render :index"), {}, True),
        (ACTION.replace("redirect_to 'https://www.clinic.example/'", "render json: {}"), {}, False),
        ("class HomeController\n  def index\n    redirect_to '/' if old?\n  end\nend\n", {}, True),
        (
            "class HomeController\n  def index\n    respond_to do |format|\n      format.html\n      format.json { render json: {} }\n    end\n  end\nend\n",
            {},
            True,
        ),
        (ACTION, {"app/controllers/film_controller.rb": "def show\n  render 'home/index'\nend"}, True),
        (ACTION, {"app/controllers/film_controller.rb": "class FilmController < HomeController\nend"}, True),
    ],
)
def test_a_view_that_its_action_gives_to_no_visitor_is_left_out(
    action: str, more: Mapping[str, str], served: bool
) -> None:
    site = {
        "config/application.rb": "module Clinic; class Application < Rails::Application; end; end",
        "Gemfile": "gem 'rails'",
        "app/views/home/index.html.erb": '<!doctype html><iframe src="https://www.youtube.com/embed/a1B2c3D4e5F"></iframe>',
        "app/controllers/home_controller.rb": action,
    }
    found = scanned(site | more)
    assert bool(found.detections) == served
    assert [one.reason for one in found.skipped] == ([] if served else ["not-served"])
