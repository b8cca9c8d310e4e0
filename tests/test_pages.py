"""Which pages a file is part of, in the ways in which sites are put together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tracklint.model import Pages
from tracklint.pages import Ways
from tracklint.project import Project
from tracklint.ruleset import load
from tracklint.source import Tree

RULES = load()


def pages(files: Mapping[str, str], path: str) -> Pages:
    data = {name: text.encode() for name, text in files.items()}
    names = tuple(sorted(files))
    tree = Tree(Path("/site"), names, names, (), data.__getitem__, lambda name: len(data[name]))
    return Ways(Project(tree, RULES)).pages_of(path)


NUNJUCKS = {
    "views/layout.njk": '<!doctype html><html><head>{% include "partials/tags.njk" %}</head>{% block body %}{% endblock %}</html>',
    "views/partials/tags.njk": "<script src=x></script>",
    "views/two-columns.njk": '{% extends "layout.njk" %}{% block body %}{% block left %}{% endblock %}{% endblock %}',
    "views/index.njk": '{% extends "layout.njk" %}{% block body %}<a href="/conditions/asthma">a</a>{% endblock %}',
    "views/conditions/asthma.njk": '{% extends "two-columns.njk" %}',
    "views/plain.njk": "<!doctype html><html>{# {% include 'partials/tags.njk' %} #}</html>",
}
JEKYLL = {
    "_layouts/default.html": "<!doctype html><html>{% include analytics.html %}{{ content }}</html>",
    "_layouts/page.html": "---\nlayout: default\n---\n<main>{{ content }}</main>",
    "_layouts/bare.html": "<html>{{ content }}</html>",
    "_includes/analytics.html": "<script src=x></script>",
    "index.md": "---\ntitle: Home\nlayout: default\n---\n# Home",
    "conditions/asthma.md": "---\nlayout: page\n---\n# Asthma",
    "about.html": "---\nlayout: bare\n---\n<p>default</p>",
}
PHP = {
    "inc/header.php": "<html><head><?php require __DIR__ . '/tags.php'; ?></head>",
    "inc/tags.php": "<script src=x></script>",
    "index.php": "<?php include 'inc/header.php'; ?><a href='about.php'>From us: the view of this part</a>",
    "about.php": "<?php include $_SERVER['DOCUMENT_ROOT'] . '/inc/header.php'; ?><p>About</p>",
    "plain.php": "<html><p>header</p></html>",
}
SCRIPTS = {
    "index.html": '<html><script src="/js/site.js?v=3"></script></html>',
    "about.html": '<html><a href="/js/other.js">x</a><script type="module">import "./js/site.js"</script></html>',
    "plain.html": '<html><!-- <script src="/js/site.js"></script> --></html>',
    "js/site.js": 'import { start } from "./tracker";\nstart();',
    "js/tracker.js": "export function start() {}",
}


@pytest.mark.parametrize(
    ("files", "path", "expected"),
    [
        (NUNJUCKS, "views/partials/tags.njk", "views/conditions/asthma.njk views/index.njk"),
        (NUNJUCKS, "views/two-columns.njk", "views/conditions/asthma.njk"),
        (NUNJUCKS, "views/plain.njk", "views/plain.njk"),
        (JEKYLL, "_includes/analytics.html", "conditions/asthma.md index.md"),
        (JEKYLL, "_layouts/page.html", "conditions/asthma.md"),
        (JEKYLL, "_layouts/bare.html", "about.html"),
        (PHP, "inc/tags.php", "about.php index.php"),
        (PHP, "about.php", "about.php"),
        (SCRIPTS, "js/tracker.js", "about.html index.html"),
        ({"layouts/app.blade.php": "<html>@yield('x')", "a.blade.php": "@extends('layouts.app')"}, "layouts/app.blade.php",
         "a.blade.php"),
        ({"t/base.html": "<html>{% block a %}{% endblock %}", "t/home.html": '{% extends "base.html" %}',
          "views.py": 'def home(r):\n    return render(r, "home.html")\n'}, "t/base.html", "t/home.html"),
        ({"src/main.js": "import App from './App.vue'", "src/App.vue": "<template><p/></template>",
          "index.html": "<html><script type=module src=/src/main.js></script></html>"}, "src/App.vue", "index.html"),
    ],
)  # fmt: skip
def test_the_pages_of_a_file_are_found_upwards(files: Mapping[str, str], path: str, expected: str) -> None:
    assert pages(files, path) == Pages(tuple(expected.split()))


@pytest.mark.parametrize(
    ("files", "path", "reason"),
    [
        ({"app/views/layouts/application.html.erb": "<html><%= yield %></html>"}, "app/views/layouts/application.html.erb",
         "nothing in the repository says which pages use app/views/layouts/application.html.erb"),
        ({**JEKYLL, "_config.yml": "defaults:\n  - values:\n      layout: default\n"}, "_includes/analytics.html",
         "_config.yml chooses _layouts/default.html"),
        ({"js/a.js": "x()"}, "js/a.js", "nothing in the repository says"),
        ({"a.njk": '{% include "b.njk" %}', "b.njk": '{% include "a.njk" %}'}, "a.njk", "nothing but files that use each other"),
        ({"_config.yml": "analytics: G-ABC1234567"}, "_config.yml", "nothing in the repository says"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_said(files: Mapping[str, str], path: str, reason: str) -> None:
    assert reason in pages(files, path).unknown


@pytest.mark.parametrize(
    "text", ["<!--" * 20_000, "script" * 20_000, "a/" * 50_000, "{# " * 20_000, "include " * 20_000]
)
def test_a_hostile_text_costs_no_more_than_its_length(text: str) -> None:
    assert pages(
        {"a.html": text, "b.js": "a()", "c.html": '<html><script src="b.js"></script>' + text}, "b.js"
    ).paths == ("c.html",)
