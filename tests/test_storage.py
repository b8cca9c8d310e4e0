"""TL304: what is stored on a visitor's device before a choice, and what a site may store without asking."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracklint.model import Finding
from tracklint.policy import Policy
from tracklint.ruleset import load
from tracklint.scan import scan
from tracklint.source import Tree

RULES = load()


def findings(files: dict[str, str], policy: Policy | None = None) -> list[Finding]:
    contents = {path: text.encode() for path, text in files.items()}
    paths = tuple(sorted(contents))
    tree = Tree(
        Path(), paths, paths, (), contents.__getitem__, lambda path: len(contents[path]), policy or Policy(),
    )  # fmt: skip
    result = scan(tree, RULES, jobs=1)
    assert not [one for one in result.skipped if one.reason == "internal-error"]
    return [one for one in result.findings if one.code == "TL304"]


STORED = {
    "where no box is ticked": "if (!rememberMe) { document.cookie = 'member_points=' + size + '; path=/'; }",
    "what belongs to a tracker, box or not": "if (form.remember.checked) { document.cookie = '_ga=' + id; }",
    "a cookie with a value of its own": "document.cookie = 'member_points=' + size + '; path=/';",
    "a name that is put together": "var prefix = 'member'; document.cookie = prefix + '_points=' + size;",
    "a template string": "document.cookie = `member_points=${size}; max-age=31536000`;",
    "a visitor's id in storage": "localStorage.setItem('visitor_id', id);",
    "a property of the storage": "window.localStorage.visitorId = id;",
    "a subscript of the storage": "sessionStorage['utm_source'] = source;",
    "a random value under a plain name": "localStorage.setItem('who', Math.random().toString(36));",
    "a random value through a function": (
        "function make() { return crypto.randomUUID(); }\nvar id = localStorage.getItem('me') || make();\n"
        "localStorage.setItem('me', id);"
    ),
    "a session that the browser made up": "var s = crypto.randomUUID(); sessionStorage.setItem('session_key', s);",
    "a helper of this file": (
        "function setCookie(name, value, days) { document.cookie = name + '=' + escape(value) + '; path=/'; }\n"
        "setCookie('member_points', size, 30);"
    ),
    "a helper with another name": (
        "function remember(name, value) { document.cookie = name + '=' + value; }\nremember('member_points', size);"
    ),
    "a library": "import Cookies from 'js-cookie';\nCookies.set('member_points', size, { expires: 365 });",
    "jQuery": "$.cookie('member_points', size);",
    "a database": "indexedDB.open('visitor-id', 1);",
    "a drawing that is read back": (
        "function print() { var c = document.createElement('canvas'), x = c.getContext('2d');\n"
        "x.fillText('Cwm fjord', 2, 2); return hash(c.toDataURL()); }\nsend(print());"
    ),
    "a drawing of a text that is handed on": (
        "function put(x, text) { x.fillText(text, 2, 2); }\nfunction print() { var c = document.createElement('canvas');\n"
        "put(c.getContext('2d'), 'Cwm fjord'); return hash(c.toDataURL()); }\nsend(print());"
    ),
    "a sound that is read back": (
        "function print() { var a = new OfflineAudioContext(1, 44100, 44100); a.startRendering();\n"
        "a.oncomplete = function (e) { go(e.renderedBuffer); }; return read(buffer.getChannelData(0)); }\nsend(print());"
    ),
    "an identifier in a database": (
        "indexedDB.open('cache').onsuccess = (e) => { const db = e.target.result;\n"
        "db.transaction('ids', 'readwrite').objectStore('ids').put({ key: 'who', value: crypto.randomUUID() }); };"
    ),
    "a package for the database": "import { set } from 'idb-keyval';\nset('device_id', id);",
    "fonts that are measured one by one": (
        "var fonts = ['Arial', 'Calibri', 'Cambria', 'Verdana'];\n"
        "send(fonts.filter(function (f) { box.style.fontFamily = f + ', serif'; return box.offsetWidth !== wide; }));"
    ),
    "the graphics card": (
        "var g = c.getContext('webgl'), i = g.getExtension('WEBGL_debug_renderer_info');\n"
        "send(g.getParameter(i.UNMASKED_RENDERER_WEBGL));"
    ),
    "traits that are joined": (
        "send(hash([navigator.userAgent, navigator.language, screen.colorDepth, navigator.hardwareConcurrency,\n"
        "new Date().getTimezoneOffset()].join('|')));"
    ),
    "a helper beside a source map": (
        "function setCookie(n, v) { document.cookie = n + '=' + v; }\nsetCookie('member_points', size);\n"
        f"//# sourceMappingURL=data:application/json;base64,{'A' * 300_000}"
    ),
    "a fingerprint by a library": "send(new ClientJS().getFingerprint());",
    "the fonts": (
        "var fonts = ['Arial', 'Calibri', 'Cambria', 'Verdana', 'Georgia', 'Impact'];\n"
        "function width(name) { x.font = '72px ' + name; return x.measureText('mmm').width; }\nsend(fonts.map(width));"
    ),
}

NOT_STORED = {
    "what a ticked box asks for": (
        "function keep(kind) { if (document.getElementById('remember').checked) {\n"
        "document.cookie = 'member_kind=' + kind + '; path=/'; } }\nkeep(kind);"
    ),
    "what a ticked box asks for, by its name": "if (!rememberMe) { leave(); } else { document.cookie = 'member=' + email; }",
    "reading": "var all = document.cookie.split(';');",
    "taking away": "document.cookie = 'member_points=; expires=Thu, 01 Jan 1970 00:00:00 GMT';",
    "taking away by age": "document.cookie = 'member_points=x; max-age=0';",
    "taking away with a helper": (
        "function setCookie(n, v, d) { document.cookie = n + '=' + v; }\nsetCookie('member_points', '', -1);"
    ),
    "a flag": "document.cookie = 'big=true; path=/';",
    "a theme": "localStorage.setItem('theme', dark ? 'dark' : 'light');",
    "a language": "document.cookie = 'language=' + code;",
    "a token against forgery": "document.cookie = 'csrftoken=' + Math.random();",
    "the choice itself": "document.cookie = 'cookie_consent=' + answer;",
    "a banner that was closed": "localStorage.setItem('banner-dismissed', Date.now());",
    "the state of a menu": "localStorage.setItem('sidebar', JSON.stringify(open));",
    "a name that nobody knows": "localStorage.setItem(key, Math.random());",
    "after consent": "if (getCookie('cookie_consent') === 'accepted') { document.cookie = 'member_points=' + size; }",
    "another object's storage": "cache.setItem('visitor_id', id);",
    "a server": "const express = require('express');\nfunction go(req, res) { res.cookies.set('member_points', size); }",
    "a drawing that is shown": (
        "function draw() { x.fillText('Hello', 2, 2); image.src = canvas.toDataURL(); }\ndraw();"
    ),
    "a name that is drawn as a signature": (
        "function sign(name) { x.fillText(name, 2, 2); return canvas.toDataURL(); }\n"
        "function submit(name) { send(pad.toDataURL() || sign(name.trim())); }\nsubmit(field.value);"
    ),
    "text that is laid out": "function fit(t) { x.font = '12px Arial'; return x.measureText(t).width; }\nfit('a');",
    "what a visitor chose": "box.addEventListener('change', () => { document.cookie = 'member_points=' + box.value; });",
    "pages in a database": "db.transaction('pages').objectStore('pages').put({ url: '/a', body: html });",
    "what a WebGL scene can do": "var g = c.getContext('webgl'); send(g.getParameter(g.MAX_TEXTURE_SIZE));",
    "traits in a report": (
        "report({ agent: navigator.userAgent, language: navigator.language, depth: screen.colorDepth,\n"
        "cores: navigator.hardwareConcurrency, zone: new Date().getTimezoneOffset() });"
    ),
    "a choice of font": "picker.onchange = () => { page.style.fontFamily = picker.value; };",
    "a comment": "// document.cookie = 'member_points=' + size",
}


@pytest.mark.parametrize("source", STORED.values(), ids=STORED.keys())
def test_found(source: str) -> None:
    assert len(findings({"static/app.js": source})) == 1


@pytest.mark.parametrize("source", NOT_STORED.values(), ids=NOT_STORED.keys())
def test_left_alone(source: str) -> None:
    assert findings({"static/app.js": source}) == []


def test_the_place_and_the_name_are_told() -> None:
    (found,) = findings({"index.html": "<p>x</p>\n<script>\n  document.cookie = 'member_points=' + size;\n</script>"})
    assert (found.path, found.line, found.column) == ("index.html", 3, 3)
    assert "`member_points`" in found.message
    assert "essential_names" in found.help


def test_a_cookie_that_the_rules_know_is_told_with_its_purpose() -> None:
    (found,) = findings({"app.js": "document.cookie = '_hjSessionUser_42=' + id;"})
    assert found.service == "hotjar"
    assert "Hotjar" in found.message
    assert "recognises a returning visitor" in found.message


def test_names_of_the_configuration_are_essential() -> None:
    files = {"app.js": "document.cookie = 'member_points=' + s; document.cookie = 'member_rank=' + w;"}
    assert len(findings(files)) == 2
    assert len(findings(files, Policy(essential_names=("member_points",)))) == 1
    assert findings(files, Policy(essential_names=("member_*",))) == []


def test_a_helper_of_another_file() -> None:
    files = {
        "static/cookies.js": "window.setCookie = function (n, v) { document.cookie = n + '=' + v; };",
        "static/app.js": "setCookie('member_points', size);",
    }
    assert [one.path for one in findings(files)] == ["static/app.js"]


def test_markup_that_waits_for_consent() -> None:
    script = "document.cookie = 'member_points=' + size;"
    assert findings({"a.html": f'<script type="text/plain" data-cookieconsent="statistics">{script}</script>'}) == []
    assert findings({"a.html": f"<script>{script}</script>"})


def test_tests_store_nothing() -> None:
    assert findings({"tests/app.test.js": "document.cookie = 'member_points=' + size;"}) == []


@given(st.text(alphabet="document.cookie=;'\"`+(){}$ \nlocalStorage[]setItem,xé", max_size=120))
def test_no_text_makes_it_fail(text: str) -> None:
    findings({"app.js": f"document.cookie = {text}"})
