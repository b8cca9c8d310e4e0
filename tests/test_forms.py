"""The forms in which a site can carry a tracker, and beside each what looks like it and loads nothing.

Forms that a rule names (keys, packages, components, shortcodes) are examples in the rulesets; here are those that the
code has to see through, whatever the service.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping

import pytest

from conftest import scanned
from tracklint.model import Detection, Finding
from tracklint.policy import Policy

URL = "https://static.hotjar.com/c/hotjar-1234567.js"
PIXEL = "https://www.facebook.com/tr?id=123456789012345&ev=PageView"
VIDEO = "https://www.youtube.com/embed/a1B2c3D4e5F"
SHEET = "https://fonts.googleapis.com/css?family=Lato"
TAG = f'<script src="{URL}"></script>'
FRAME = f'<iframe src="{VIDEO}"></iframe>'
CODE = f"var s = document.createElement('script'); s.src = '{URL}'; document.head.appendChild(s);"


def found(files: Mapping[str, str]) -> tuple[Detection, ...]:
    return scanned(files).detections


def slugs(path: str, text: str) -> set[str]:
    return {one.service for one in found({path: text})}


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def appended(address: str) -> str:
    return f"var s = document.createElement('script'); s.src = {address}; document.head.appendChild(s);"


# ---- ways to fetch from a script

FETCHES = {
    "an image at once": (f"new Image().src = '{PIXEL}';", "facebook-pixel"),
    "an image in brackets": (f"(new Image).src = '{PIXEL}';", "facebook-pixel"),
    "an image that is given its address": (
        f"const src = '{PIXEL}'; Object.assign(new Image(), {{ src }});",
        "facebook-pixel",
    ),
    "an image by a helper": (f"function px(u) {{ new Image().src = u }} px('{PIXEL}');", "facebook-pixel"),
    "an image of a drawing": (
        f"var i = document.createElementNS('http://www.w3.org/2000/svg', 'image'); i.setAttributeNS('x', 'href', '{PIXEL}');",
        "facebook-pixel",
    ),
    "a request of jQuery": ("$.get('https://api.mixpanel.com/track/?data=e30=', show);", "mixpanel"),
    "a request of a class": ("this.$http.post('https://api.mixpanel.com/track/', '{}');", "mixpanel"),
    "an element of jQuery": (f"$('<script>').attr('src', '{URL}').appendTo('head');", "hotjar"),
    "names in brackets": (f"var s = document['createElement']('script'); s['src'] = '{URL}';", "hotjar"),
    "tagged HTML": ("render(html`<iframe src='https://www.youtube.com/embed/${id}'></iframe>`, box);", "youtube"),
    "RequireJS": (f"require.config({{ paths: {{ hj: '{URL[:-3]}' }} }}); require(['hj']);", "hotjar"),
    "a style of a component": (
        "export default createGlobalStyle`@import url('https://fonts.googleapis.com/css2?family=Lato');`;",
        "google-fonts",
    ),
    "a rule of a style sheet": (
        "document.styleSheets[0].insertRule('@import url(https://fonts.googleapis.com/css?family=Lato)');",
        "google-fonts",
    ),
    "a style element": (
        "var s = document.createElement('style'); s.textContent = '@import \"https://fonts.googleapis.com/css\"';",
        "google-fonts",
    ),
}
IDLE = {
    "an image of the site": "new Image().src = '/pixel.gif';",
    "a comparison": f"if (image.src === '{PIXEL}') hide(image);",
    "a note": f"el.dataset.note = '{PIXEL}';",
    "shown text": f"el.textContent = '{TAG}';".replace("</", "<\\/"),
    "links of a person": "const team = [{ name: 'Evan', links: ['https://www.patreon.com/evan', 'https://evan.me/'] }]; show(team);",
    "buttons to share": "const buttons = [{ label: 'Pin', url: 'https://www.pinterest.com/pin/create/button/?media={{image_url}}' }]; "
    "function image(b) { img.src = b.url; } buttons.forEach(image);",
    "an anchor": "surveyLink.setAttribute('href', 'https://www.smartsurvey.co.uk/s/example/?c=' + path);",
    "the text of an alarm": "alarm({ alarmDescription: 'See https://docs.google.com/document/d/a1B2c3D4/edit' });",
    "the links of a menu": "export const menu = { links: [{ name: 'Videos', url: 'https://www.youtube.com/clinic' }] };",
    "a repository": "const repository = 'git+https://github.com/example/site.git'; load(repository);",
    "the looks of a package": "import 'lite-youtube-embed/src/lite-yt-embed.css';",
    "a style that is shown": "pre.textContent = '@import url(https://fonts.googleapis.com/css?family=Lato)';",
}
TABLE = "https://data.research.ac.uk/beds.csv"
LIBRARIES = {
    f"Papa.parse('{TABLE}', {{ download: true }});": "api-call",
    f"const url = '{TABLE}?q=%Q'; new Bloodhound({{ remote: {{ url, wildcard: '%Q' }} }});": "api-call",
    f"$('#place').select2({{ ajax: {{ url: '{TABLE}' }} }});": "api-call",
    f"$('#place').autocomplete({{ source: '{TABLE}' }});": "api-call",
    f"d3.csv('{TABLE}').then(draw);": "api-call",
    f"pdfjsLib.getDocument('{TABLE}');": "api-call",
    f"$.get('{TABLE}', draw);": "api-call",
    f"const asked = (...all) => fetch(...all);\nasked('{TABLE}', {{}});": "api-call",
    f"fetch(new Request('{TABLE}'));": "api-call",
    f"$('#beds').DataTable({{ ajax: '{TABLE}' }});": "api-call",
    f"new maplibregl.Map({{ container: 'map', style: '{TABLE}' }});": "api-call",
    f"import {{ Map }} from 'maplibre-gl';\nnew Map({{ container: 'map', style: '{TABLE}' }});": "api-call",
    f"new maplibregl.Map({{ style: {{ sources: {{ plan: {{ type: 'raster', tiles: ['{TABLE}'] }} }} }} }});": "api-call",
    f"const look = {{ sources: {{ plan: {{ type: 'vector', url: '{TABLE}' }} }} }}; map.setStyle(look);": "api-call",
    f"const look = {{ sources: {{ beds: {{ type: 'geojson', data: '{TABLE}' }} }} }}; map.setStyle(look);": "api-call",
    f"map.addSource('beds', {{ type: 'geojson', data: '{TABLE}' }});": "api-call",
    f"const Plan = () => <Source type='raster' tiles={{['{TABLE}']}} />;": "api-call",
    f"const Plan = () => <Source type='geojson' data='{TABLE}' />;": "api-call",
    f"const Plan = () => <Map mapStyle='{TABLE}' />;": "api-call",
    "L.tileLayer('https://{s}.tiles.research.ac.uk/{z}/{x}/{y}.png').addTo(map);": "api-call",
    "new L.TileLayer('https://{s}.tiles.research.ac.uk/{z}/{x}/{y}.png').addTo(map);": "api-call",
    "map.addLayer(new OpenLayers.Layer.WMS('Clinics', 'https://wms.research.ac.uk/clinics', {}));": "api-call",
    "OpenLayers.Class(OpenLayers.Layer.XYZ, { url: 'https://tiles.research.ac.uk/${z}/${x}/${y}.png' });": "api-call",
    "OpenLayers.Class(OpenLayers.Layer.OSM, { initialize: function (name, options) { "
    "var given = [name, 'https://tiles.research.ac.uk/${z}/${x}/${y}.png', options]; "
    "OpenLayers.Layer.OSM.prototype.initialize.apply(this, given); } });": "api-call",
    "new ol.source.XYZ({ url: 'https://tiles.research.ac.uk/{z}/{x}/{y}.png' });": "api-call",
    "export const LOOKS = { photo: { rasterUrl: 'https://tiles.research.ac.uk/{z}/{x}/{y}.jpg' } };": "api-call",
    "export const LOOKS = { photo: { tiles: ['https://tiles.research.ac.uk/vt?x={x}&y={y}&z={z}'] } };": "api-call",
    "export const TILE_URL = 'https://{s}.tiles.research.ac.uk/{z}/{x}/{y}.png';": "api-call",
    f"new ethers.providers.JsonRpcProvider('{TABLE}');": "api-call",
    f"L.icon({{ iconUrl: '{TABLE}' }});": "image",
    f"L.Icon.Default.mergeOptions({{ iconRetinaUrl: '{TABLE}' }});": "image",
    f"L.Icon.Red = L.Icon.extend({{ options: {{ iconUrl: '{TABLE}', iconSize: [25, 41] }} }});": "image",
    f"const Red = L.Icon.extend({{ options: {{ shadowUrl: '{TABLE}' }} }});": "image",
    f"new Audio('{TABLE}').play();": "embed",
    f"videojs('film', {{ sources: [{{ src: '{TABLE}' }}] }});": "embed",
    f"new Howl({{ src: ['{TABLE}'] }});": "embed",
    f"banner.style.backgroundImage = 'url({TABLE})';": "css",
    f"new FontFace('Lato', 'url({TABLE})').load();": "css",
    f"const photo = '{TABLE}'; const look = {{ backgroundImage: `url('${{photo}}')` }};": "css",
    f"const photo = '{TABLE}'; const look = {{ backgroundImage: 'url(\"' + photo + '\")' }};": "css",
}


@pytest.mark.parametrize(("source", "technique"), LIBRARIES.items())
def test_what_libraries_and_the_browser_fetch(source: str, technique: str) -> None:
    (one,) = found({"js/app.js": source})
    assert (one.service.rpartition(".")[0][-11:], one.technique) == ("research.ac", technique)


@pytest.mark.parametrize(
    "source",
    [
        f"JSON.parse('{TABLE}');",
        f"csv('{TABLE}');",
        f"build({{ sources: {{ code: {{ type: 'git', url: '{TABLE}' }} }} }});",
        f"const told = (...all) => console.log(...all);\ntold('{TABLE}');",
        f"const asked = (page, ...all) => fetch(page);\nasked('/beds', '{TABLE}');",
        f"build({{ roofs: {{ red: {{ tiles: ['{TABLE}'] }} }} }});",
        "export const notes = { attribution: 'https://tiles.research.ac.uk/{z}/{x}/{y}.png' };",
        "export const page = { url: 'https://tiles.research.ac.uk/{x}/{y}' };",
        f"export const chain = {{ rpcUrls: ['{TABLE}'] }};",
        f"note.style.quotes = 'url({TABLE})';",
        f"const photo = '{TABLE}'; const look = {{ quotes: `url('${{photo}}')` }};",
        f"OpenLayers.Class = function () {{}}; OpenLayers.Layer.OSM = OpenLayers.Class(OpenLayers.Layer.XYZ, {{ url: ['{TABLE}'] }});",
    ],
)
def test_calls_that_only_sound_alike(source: str) -> None:
    assert not found({"js/app.js": source})


@pytest.mark.parametrize(
    ("module", "use", "loads"),
    [
        ("export const FILM = 'https://www.youtube.com/embed/a1B2c3D4e5F';",
         "import { FILM } from './urls';\nexport const A = () => <iframe src={FILM} />;", {("youtube", "iframe")}),
        ("export const films = { first: env.FILM || 'https://www.youtube.com/embed/a1B2c3D4e5F', name: 'Film' };",
         "import { films as ours } from './urls';\nexport const A = () => <iframe src={ours.first} title={ours.name} />;",
         {("youtube", "iframe")}),
        ("export default { map: { tiles: 'https://tiles.research.ac.uk/plan' } };",
         "import urls from './urls';\nexport const A = () => <iframe src={`${urls.map.tiles}?z=1`} />;",
         {("host:tiles.research.ac.uk", "iframe")}),
        ("const config = { photo: 'https://pictures.research.ac.uk/a.jpg' };\nexport default config;",
         "import config from './urls';\nexport const A = () => <div style={{ backgroundImage: `url(${config.photo})` }} />;",
         {("host:pictures.research.ac.uk", "css")}),
        ("const N = 'https://tiles.research.ac.uk/plan', P = 'https://www.youtube.com/embed/a1B2c3D4e5F'; export { N, P as FILM };",
         "import { FILM } from './urls';\nexport const A = () => <iframe src={FILM} />;", {("youtube", "iframe")}),
        ("const FILM = 'https://www.youtube.com/embed/a1B2c3D4e5F', page = '/film'; export { FILM as other, page as FILM };",
         "import { FILM } from './urls';\nexport const A = () => <iframe src={FILM} />;", set()),
        (f"export const TAG = '{URL}';",  # once, where it stands
         "import { TAG } from './urls';\nconst s = document.createElement('script'); s.src = TAG; document.head.append(s);",
         {("hotjar", "dynamic")}),
        ("export const API = 'https://api.research.ac.uk/v1';", "import { API } from './urls';\nfetch(`${API}/beds`);", set()),
        ("export const FILM = 'https://www.youtube.com/embed/a1B2c3D4e5F';",
         "import { FILM } from './urls';\nexport const A = () => <a href={FILM}>Film</a>;", set()),
        ("import { A } from './app';\nexport const FILM = A || FILM;",
         "import { FILM } from './urls';\nexport const A = FILM;\nexport const B = () => <iframe src={FILM} />;", set()),
    ],
)  # fmt: skip
def test_an_address_of_another_module(module: str, use: str, loads: set[tuple[str, str]]) -> None:
    files = {"src/urls.js": module, "src/app.jsx": use}
    assert [(one.service, one.technique) for one in found(files)] == list(loads)


@pytest.mark.parametrize(
    ("module", "named"),
    [
        ("site/src/urls.js", "src/urls"),
        ("site/src/urls.ts", "@/urls"),
        ("site/urls.ts", "~/urls"),
        ("site/src/lib/urls/index.ts", "@/lib/urls"),
        ("other/src/urls.js", None),
    ],
)
def test_a_module_is_found_below_the_root_of_its_own_application(module: str, named: str | None) -> None:
    use = f"import {{ FILM }} from '{named or '@/urls'}';\nexport const A = () => <iframe src={{FILM}} />;"
    files = {
        module: f"export const FILM = '{VIDEO}';",
        "site/src/pages/film.jsx": use,
        "third/src/lib/urls/index.ts": "",
    }
    assert [one.service for one in found(files)] == (["youtube"] if named else [])


def test_a_long_chain_of_modules_is_not_followed_to_its_end() -> None:
    chain = {
        f"src/m{at}.js": f"import {{ N{at + 1} }} from './m{at + 1}';\nexport const N{at} = N{at + 1};"
        for at in range(400)
    }
    files = {**chain, "src/m400.js": f"export const N400 = '{FILM}a1B2c3D4e5F';"}
    page = "import {{ N{0} }} from './m{0}';\nexport const A = () => <iframe src={{N{0}}} />;"
    assert found({**files, "src/a.jsx": page.format(398)}) and not found({**files, "src/a.jsx": page.format(0)})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.vue", "<template><iframe :src='FILM' /></template>\n<script setup>\nimport { FILM } from './urls'\n</script>"),
        ("a.vue", "<template><iframe :src='urls.film' /></template>\n<script setup>\nimport urls from './urls'\n</script>"),
        ("a.svelte", "<script>\n  import urls, { FILM } from './urls';\n</script>\n<iframe src={FILM}></iframe>"),
        ("a.astro", "---\nimport { FILM as film } from './urls'\n---\n<iframe src={film}></iframe>"),
        ("a.mdx", "import { FILM } from './urls'\n\n# Film\n\n<iframe src={FILM}></iframe>\n"),
    ],
)  # fmt: skip
def test_an_address_of_a_module_in_the_markup_of_a_component(path: str, text: str) -> None:
    module = f"export const FILM = '{FILM}a1B2c3D4e5F';\nexport default {{ film: FILM }};"
    assert [(one.path, one.service) for one in found({f"src/{path}": text, "src/urls.js": module})] == [
        (f"src/{path}", "youtube")
    ]


WARM = "function warm(kind, url) { const el = document.createElement('link'); el.rel = kind; el.href = url; document.head.append(el); }\n"


@pytest.mark.parametrize(
    ("source", "technique", "mechanism"),
    [
        (f"{WARM}warm('preconnect', '{SHEET}');", "link", "hint"),
        (f"{WARM}warm('stylesheet', '{SHEET}');", "css", "none"),
        (f"{WARM}warm(kind(), '{SHEET}');", "css", "none"),
        (f"class Video {{ static {WARM[9:-1]} play() {{ Video.warm('dns-prefetch', '{SHEET}'); }} }}\nnew Video().play();",
         "link", "hint"),
        (f"const l = document.createElement('link'); l.rel = 'preload'; l.href = '{SHEET}'; document.head.append(l);",
         "link", "hint"),
        (f"const l = document.createElement('link'); l.rel = 'preload'; l.as = 'style'; l.href = '{SHEET}';"
         "l.onload = () => { l.rel = 'stylesheet'; }; document.head.append(l);", "css", "none"),
    ],
)  # fmt: skip
def test_a_link_that_a_script_makes_does_what_its_relation_says(source: str, technique: str, mechanism: str) -> None:
    (one,) = found({"js/app.js": source})
    assert (one.service, one.technique, one.consent.mechanism) == ("google-fonts", technique, mechanism)


@pytest.mark.parametrize(("source", "service"), FETCHES.values(), ids=FETCHES.keys())
def test_ways_to_fetch(source: str, service: str) -> None:
    assert slugs("js/app.js", source) == {service}


@pytest.mark.parametrize("source", IDLE.values(), ids=IDLE.keys())
def test_what_fetches_nothing(source: str) -> None:
    assert slugs("js/app.js", source) == set()


# ---- addresses and code that are spelled so that nobody sees them

HIDDEN = {
    "base64": appended(f"atob('{encoded(URL)}')"),
    "base64 of the window": appended(f"window.atob('{encoded(URL)}')"),
    "base64 of a tag": f"document.write(atob('{encoded(TAG)}'));",
    "character codes": appended(f"String.fromCharCode({', '.join(str(ord(one)) for one in URL)})"),
    "character codes in a list": appended(f"String.fromCharCode.apply(null, {[ord(one) for one in URL]})"),
    "character codes that are spread": appended(f"String.fromCharCode(...{[ord(one) for one in URL]})"),
    "hexadecimal escapes": appended("'" + "".join(f"\\x{ord(one):02x}" for one in URL) + "'"),
    "escapes in braces": appended("'" + "".join(f"\\u{{{ord(one):x}}}" for one in URL) + "'"),
    "escaped slashes": appended("'https:\\x2f\\x2fstatic.hotjar.com/c/hotjar-1234567.js'"),
    "parts in a list": appended("['https:', '', 'static.hotjar.com', 'c', 'hotjar-1234567.js'].join('/')"),
    "backwards": appended(f"'{URL[::-1]}'.split('').reverse().join('')"),
    "a stand-in": appended(f"'{URL.replace('hotjar', 'HJ')}'.replace(/HJ/g, 'hotjar')"),
    "an address object": appended("new URL('/c/hotjar-1234567.js', 'https://static.hotjar.com').href"),
    "a tag in two parts": f"document.write('<scr' + 'ipt src=\"{URL}\"></scr' + 'ipt>');",
    "eval": f'eval("{CODE}");',
    "eval of base64": f"eval(atob('{encoded(CODE)}'));",
    "a function of a string": f'new Function("{CODE}")();',
    "a timer": f'setTimeout("{CODE}", 10);',
    "the text of a script": f'var e = document.createElement("script"); e.text = "{CODE}";',
    "a text node in a script": (
        f'var e = document.createElement("script"); e.appendChild(document.createTextNode("{CODE}"));'
    ),
}


@pytest.mark.parametrize("source", HIDDEN.values(), ids=HIDDEN.keys())
def test_hidden_addresses_and_code(source: str) -> None:
    (one,) = found({"js/app.js": source})
    assert (one.service, one.ids, one.consent.state) == ("hotjar", ("1234567",), "ungated")


@pytest.mark.parametrize(
    "source",
    [
        f"console.log(atob('{encoded(URL)}'));",
        "eval('1 + 1');",
        f'box.textContent = "{CODE}";',
        f'var e = document.createElement("pre"); e.appendChild(document.createTextNode("{CODE}"));',
    ],
)
def test_hidden_text_that_nothing_runs(source: str) -> None:
    assert slugs("js/app.js", source) == set()


def test_code_in_a_string_waits_as_the_string_does() -> None:
    (outer,) = found({"js/app.js": f'if (Cookiebot.consent.statistics) {{ eval("{CODE}"); }}'})
    (inner,) = found({"js/app.js": f'eval("if (Cookiebot.consent.statistics) {{ {CODE} }}");'})
    assert (outer.consent.state, inner.consent.state) == ("gated", "gated")


def test_strings_that_grow_when_they_are_run_end() -> None:
    code = "x();"
    for _ in range(6):
        code = "eval(" + json.dumps("a" * 200) + ".replace(/a/g, " + json.dumps(code) + "));"
    assert slugs("js/app.js", code) == set()
    assert slugs("js/app.js", f"eval('{'a' * 9000}'.replace(/a/g, 'eval({'b' * 9000});'));") == set()


@pytest.mark.parametrize(
    "markup",
    [
        f'<script src="data:text/javascript;base64,{encoded(CODE)}"></script>',
        '<script src="https:\\\\static.hotjar.com/c/hotjar-1234567.js"></script>',
        f'<script src="{"".join(f"&#{ord(one)};" for one in URL)}"></script>',
        f"<iframe srcdoc=\"<script src='{URL}'></script>\"></iframe>",
        f'<a href="javascript:{CODE}">x</a>',
    ],
)
def test_hidden_in_markup(markup: str) -> None:
    assert slugs("index.html", f"<!doctype html><body>{markup}</body>") == {"hotjar"}


# ---- scripts of components

GTAG = "gtag('config', 'G-7KQ2M4XW9P');"
COMPONENTS = {
    "JSX": ("app/layout.tsx", f"export default () => <head>\n<script>{{`\n{GTAG}`}}</script></head>;", 3),
    "JSX with HTML": (
        "pages/_document.js",
        f"export default () =>\n<script dangerouslySetInnerHTML={{{{ __html: `\n{GTAG}` }}}} />;",
        3,
    ),
    "a component for scripts": (
        "app/layout.jsx",
        f"import Script from 'next/script';\nexport default () => <Script id='x'>{{`{GTAG}`}}</Script>;",
        2,
    ),
    "a constant": (
        "app/layout.jsx",
        f'const code = "{GTAG}";\nexport default () => <script dangerouslySetInnerHTML={{{{ __html: code }}}} />;',
        1,
    ),
    "a call": (
        "gatsby-ssr.js",
        f"h('script', {{ key: 'x', dangerouslySetInnerHTML: {{ __html: `{GTAG}` }} }});",
        1,
    ),
    "the head of a page": (
        "app.vue",
        f'<script setup>\nuseHead({{ script: [{{ innerHTML: "{GTAG}" }}] }})\n</script>',
        2,
    ),
}


@pytest.mark.parametrize(("path", "source", "line"), COMPONENTS.values(), ids=COMPONENTS.keys())
def test_scripts_of_components(path: str, source: str, line: int) -> None:
    (one,) = found({path: source})
    assert (one.service, one.line, one.ids) == ("google-analytics", line, ("G-7KQ2M4XW9P",))


@pytest.mark.parametrize(
    ("tag", "state"),
    [
        (f"<script type='text/plain' data-cookieconsent='statistics'>{{`{CODE}`}}</script>", "gated"),
        (f"<Script type='text/plain' data-cookieconsent={{'statistics'}} src='{URL}' />", "gated"),
        (f"<script data-cookieconsent='statistics'>{{`{CODE}`}}</script>", "ungated"),
        (f"{{consent.analytics && <script>{{`{CODE}`}}</script>}}", "gated"),
    ],
)
def test_scripts_of_components_that_wait(tag: str, state: str) -> None:
    source = f"import Script from 'next/script';\nexport default ({{ consent }}) => <>{tag}</>;"
    (one,) = found({"src/Tags.jsx": source})
    assert one.consent.state == state


@pytest.mark.parametrize(
    "source",
    [
        f"export default () => <pre>{{`{TAG}`}}</pre>;",
        f"export default () => <script type='application/json'>{{`{GTAG}`}}</script>;",
        f"export default () => <p dangerouslySetInnerHTML={{{{ __html: `{GTAG}` }}}} />;",
    ],
)
def test_code_that_components_show(source: str) -> None:
    assert slugs("src/Help.jsx", source) == set()


@pytest.mark.parametrize(
    "source",
    [
        f"export default () => <Link href='{URL}'>Map</Link>;",
        f"const items = [{{ url: '{VIDEO}' }}];\nexport default () => items.map(i => <Link href={{i.url}}>{{i.name}}</Link>);",
        f"export default () => <CopyButtons url='{VIDEO}' />;",
        f"export default () => <ShareLink url='{VIDEO}' />;",
        "const apps = [{ source: 'https://github.com/clinic/app' }];\n"
        "export default () => apps.map(app => <Button href={app.source}>Code</Button>);",
    ],
)
def test_addresses_that_components_link_to(source: str) -> None:
    assert slugs("src/Help.jsx", source) == set()


@pytest.mark.parametrize(
    ("source", "technique"),
    [
        (f"export default () => <link rel='stylesheet' href='{URL}' />;", "css"),
        (f"export default () => <ReactPlayer url='{VIDEO}' />;", "iframe"),
        (f"export default () => <OEmbed url='{VIDEO}' />;", "embed"),
        ("export default () => <House image='https://pictures.unknown-store.io/1?w=400' />;", "image"),
        ("export default () => <Box component='img' src='https://pictures.unknown-store.io/1?w=400' />;", "image"),
        ("export default () => <Box as='iframe' src='https://pictures.unknown-store.io/1' />;", "iframe"),
    ],
)
def test_addresses_that_components_load(source: str, technique: str) -> None:
    (one,) = found({"src/Help.jsx": source})
    assert one.technique == technique


KEEPS = f"""<div id="film" class="film" data-film_url="{VIDEO}"><iframe src=""></iframe></div>
<button onclick="play('film')">Play</button><script src="/film.js"></script>"""
TAKES = """function play(id) {
  var holder = document.getElementById(id);
  holder.querySelector('iframe').src = holder.READ;
}"""


@pytest.mark.parametrize("read", ["dataset.film_url", "dataset['film_url']", "getAttribute('data-film_url')"])
def test_an_address_that_waits_in_an_attribute_of_the_sites_own(read: str) -> None:
    loads = found({"index.html": KEEPS, "film.js": TAKES.replace("READ", read)})
    assert {(one.path, one.line, one.service, one.consent.state) for one in loads} == {
        ("index.html", 1, "youtube", "gated"),
        ("film.js", 3, "youtube", "gated"),
    }


WATCH = VIDEO.replace("/embed/", "/watch?v=")


@pytest.mark.parametrize(
    "tag",
    [
        f'<a data-fancybox="films" href="{WATCH}">Film</a>',
        f'<a class="popup-youtube" href="{WATCH}">Film</a>',
        f'<a rel="lightbox" href="{VIDEO}">Film</a>',
        f'<a class="site-video" href="{VIDEO}"></a>',
    ],
)
def test_a_link_that_a_lightbox_opens_in_the_page(tag: str) -> None:
    for page in (tag, f"<!doctype html><html><body>{tag}</body></html>"):
        (one,) = found({"index.html": page})
        assert (one.service, one.technique, one.consent.state, one.consent.mechanism) == (
            "youtube",
            "embed",
            "gated",
            "facade",
        )


@pytest.mark.parametrize(
    "tag",
    [
        f'<a class="video" href="{WATCH}">Film</a>',
        f'<a href="{VIDEO}">Film</a>',
        '<a data-fancybox href="/pictures/ward.jpg">The ward</a>',
        '<a data-fancybox href="https://www.instagram.com/clinic">Us</a>',
    ],
)
def test_a_link_that_leads_away(tag: str) -> None:
    assert not found({"index.html": tag})


def test_an_address_that_waits_in_an_attribute_for_nobody() -> None:
    assert not found({"index.html": KEEPS, "film.js": "log(document.getElementById('film').dataset.film_url);"})


def test_a_player_that_waits_for_a_click_asks_for_its_picture() -> None:
    players = (
        '<lite-youtube videoid="a1B2c3D4e5F"></lite-youtube><amp-youtube data-videoid="a1B2c3D4e5F"></amp-youtube>'
    )
    assert [one.host for one in found({"index.html": players})] == ["i.ytimg.com", "www.youtube.com"]


def test_an_attribute_that_takes_anything_names_nobody() -> None:
    urls = [VIDEO, "https://player.vimeo.com/video/1", "https://www.google.com/maps/embed?pb=1", PIXEL, URL]
    page = "".join(f'<div data-film_url="{url}"></div>' for url in urls)
    lazy = TAKES.replace("READ", "dataset.film_url")
    assert {one.path for one in found({"index.html": page + KEEPS, "film.js": lazy})} == {"index.html"}


def test_a_tracker_whose_address_only_the_page_knows() -> None:
    source = appended(
        "document.querySelector('script[data-lux-reporter-script]').getAttribute('data-lux-reporter-script')"
    )
    assert slugs("rum.js", source) == {"speedcurve"}


def test_a_command_that_names_documents_runs_in_no_browser() -> None:
    fetching = "const document = docs[0];\nfetch('https://api.unknown-store.io/v1/' + document.id);\n"
    assert slugs("tools/restore.ts", f"import * as fs from 'fs';\n{fetching}process.exit(0);") == set()
    assert slugs("tools/restore.ts", f"#!/usr/bin/env node\n{fetching}") == set()
    assert slugs("tools/restore.ts", fetching) == {"host:api.unknown-store.io"}


TYPES = {
    "an import of types": ("import type Check from 'react-google-recaptcha';\nlet a: Check;", False),
    "a default that only names a type": (
        "import Check from 'react-google-recaptcha';\nexport type P = { ref: React.RefObject<Check> };",
        False,
    ),
    "a namespace that only names types": ("import * as maps from 'mapbox-gl';\nexport let m: maps.Map;", False),
    "types and constants by their names": ("import { Map } from 'mapbox-gl';\nexport let m: Map;", False),
    "a default that is shown": ("import Check from 'react-google-recaptcha';\nexport const a = <Check />;", True),
    "a default beside a type": (
        "import maps, { Map } from 'mapbox-gl';\nexport let m: Map;\nmaps.accessToken = key;",
        True,
    ),
    "a class that a framework hands in": (
        "import Maps from 'mapbox-gl';\nexport class A { constructor(private maps: Maps) {} }",
        True,
    ),
    "an import that nothing names": ("import 'mapbox-gl';", True),
    "a default that nothing names": ("import Maps from 'mapbox-gl';", True),
}


@pytest.mark.parametrize(("source", "loads"), TYPES.values(), ids=TYPES)
def test_what_a_compiler_drops_is_not_imported(source: str, loads: bool) -> None:
    assert bool(slugs("src/form.tsx", source)) == loads


def test_a_component_whose_script_only_names_its_type_is_in_the_markup() -> None:
    script = '<script setup lang="ts">\nimport Check from "react-google-recaptcha";\nlet a: typeof Check;\n</script>'
    assert slugs("src/Form.vue", f"{script}\n<template><check /></template>") == {"google-recaptcha"}


def test_a_function_at_the_edge_of_a_network_runs_in_no_browser() -> None:
    picture = (
        "import { Image } from 'https://tools.unknown-store.io/image.js';\nexport default () => new Image(<p>A</p>);"
    )
    assert slugs("netlify/edge-functions/picture.tsx", picture) == set()
    assert slugs("src/picture.tsx", picture) == {"host:tools.unknown-store.io"}


def test_the_settings_of_a_browsers_part_run_in_one() -> None:
    start = "import * as Sentry from '@sentry/astro';\nSentry.init({ dsn: 'https://a1b2c3@o4.ingest.sentry.io/5' });\n"
    assert slugs("sentry.client.config.ts", start) == {"sentry"}
    assert slugs("sentry.server.config.ts", start) == set()


def test_what_is_asked_while_a_site_is_built_leaves_no_browser() -> None:
    asks = "export default async () => (await fetch('https://api.unknown-store.io/v1')).json();\n"
    assert slugs("src/_data/releases.js", asks) == set()
    assert slugs("config/activity.js", f"import Fetch from '@11ty/eleventy-fetch';\n{asks}") == set()
    assert slugs("src/data/releases.js", asks) == {"host:api.unknown-store.io"}


@pytest.mark.parametrize("path", ["src/media/mocks.js", "src/testExamples.jsx", ".storybook/preview.js"])
def test_examples_for_tests_and_for_developers_are_shown_to_nobody(path: str) -> None:
    source = "document.body.innerHTML = '<img src=\"https://img.unknown-store.io/a.png\">';"
    assert slugs(path, source) == set()


def test_a_file_of_server_functions_runs_in_no_browser() -> None:
    asks = "export const find = async (q) => fetch('https://api.unknown-store.io/v1?q=' + q);\n"
    said = "/* Ours. */\n// Called from forms.\n'use server';\n"
    assert slugs("src/find.ts", said + asks) == set()
    assert slugs("src/find.ts", asks + said) == {"host:api.unknown-store.io"}
    assert slugs("src/find.ts", f'"use client";\n{asks}') == {"host:api.unknown-store.io"}
    assert slugs("src/find.ts", f'"use client";\nimport crypto from "crypto";\n{asks}') == {"host:api.unknown-store.io"}


def test_modules_of_node_that_a_bundler_brings_into_browsers() -> None:
    track = "import crypto from 'crypto';\nimport { ApplicationInsights } from '@microsoft/applicationinsights-%s';\nnew ApplicationInsights({});\n"
    assert slugs("src/track.ts", track % "web") == {"application-insights"}
    hook = "import path from 'path';\nexport const useList = () => useEffect(() => { fetch('https://api.unknown-store.io/v1'); }, []);\n"
    assert slugs("src/list.ts", hook) == {"host:api.unknown-store.io"}
    assert slugs("src/list.ts", hook.replace("useEffect", "serve")) == set()


SECRETIVE = "export const prices = () => fetch('https://api.unknown-store.io/v1', { headers: { Authorization: process.env.%s } });\n"
OF_NEXT = {"package.json": '{"dependencies": {"next": "15.0.0"}}'}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"lib/prices.ts": SECRETIVE % "STORE_TOKEN"}, False),
        ({"lib/prices.ts": SECRETIVE % "NEXT_PUBLIC_STORE_TOKEN"}, True),
        ({"lib/prices.ts": "'use client';\n" + SECRETIVE % "STORE_TOKEN"}, True),
        (
            {
                "lib/prices.ts": SECRETIVE % "STORE_TOKEN",
                "next.config.js": "module.exports = { env: { STORE_TOKEN: x } };",
            },
            True,
        ),
        ({"lib/prices.ts": SECRETIVE % "STORE_TOKEN", "package.json": '{"dependencies": {"vite": "6.0.0"}}'}, True),
    ],
)
def test_what_needs_a_secret_is_asked_by_the_server(files: dict[str, str], told: bool) -> None:
    client = {
        "app/page.tsx": "'use client';\nimport { prices } from '../lib/prices';\nuseEffect(() => { prices(); });\n"
    }
    assert bool([one for one in found(OF_NEXT | client | files) if one.host]) == told


IN_FRAME = "export default () => <Picture src='https://img.unknown-store.io/a.jpg' alt='' />;\n"
NEXT_PICTURE = f"import Picture from 'next/image';\n{IN_FRAME}"
CARD = (
    "import Picture from 'next/image';\nfunction Card({ image }) { return <Picture src={image} alt='' />; }\n"
    "export default () => <Card image='https://img.unknown-store.io/a.jpg' />;\n"
)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"web/app/card.tsx": NEXT_PICTURE}, False),
        ({"web/app/card.tsx": CARD}, False),
        ({"web/app/card.tsx": CARD.replace("<Picture", "<img")}, True),
        ({"web/app/card.tsx": NEXT_PICTURE.replace("alt=''", "unoptimized")}, True),
        ({"web/app/card.tsx": NEXT_PICTURE.replace("alt=''", "loader={ours}")}, True),
        ({"web/app/card.tsx": NEXT_PICTURE.replace("next/image", "./picture")}, True),
        ({"web/app/card.tsx": NEXT_PICTURE, "web/next.config.js": "module.exports = { output: 'export' };"}, True),
        (
            {
                "web/app/card.tsx": NEXT_PICTURE,
                "web/next.config.mjs": "export default { images: { unoptimized: true } };",
            },
            True,
        ),
        (
            {"web/app/card.tsx": NEXT_PICTURE, "web/next.config.ts": "export default { images: { domains: ['a'] } };"},
            False,
        ),
        ({"src/card.jsx": f"import {{ StaticImage as Picture }} from 'gatsby-plugin-image';\n{IN_FRAME}"}, False),
    ],
)
def test_pictures_that_the_site_itself_hands_on(files: dict[str, str], told: bool) -> None:
    page = {"web/app/page.tsx": "import Card from './card';\nexport default () => <Card />;\n"}
    assert bool(found(page | files)) == told


def test_a_server_function_of_a_component_runs_in_no_browser() -> None:
    page = (
        "export default () => <form action={{async () => {{ {}await fetch('https://api.unknown-store.io/v1'); }}}} />;"
    )
    assert slugs("src/Form.tsx", page.format("'use server'; ")) == set()
    assert slugs("src/Form.tsx", page.format("")) == {"host:api.unknown-store.io"}
    inner = "async function send() { 'use server'; const ask = () => fetch('https://api.unknown-store.io/v1'); await ask(); }"
    assert slugs("src/Form.tsx", inner) == set()
    assert slugs("src/Form.tsx", f"function other() {{ 'use server'; }}\n{inner.replace('use', 'no')}") != set()


def test_a_handler_of_requests_runs_in_no_browser() -> None:
    asks = "const found = await fetch('https://api.unknown-store.io/v1');\n"
    handler = f"import {{ fetch }} from '../fetch.js';\nexport async function latest(req, res) {{ {asks} return res.json(found); }}"
    assert slugs("src/endpoints/latest.js", handler) == set()
    assert slugs("src/endpoints/latest.js", asks) == {"host:api.unknown-store.io"}
    shows = "export const show = (req, res) => { document.title = res.json(); };\n"
    assert slugs("src/endpoints/latest.js", shows + asks) == {"host:api.unknown-store.io"}


def test_a_route_that_shows_no_page_runs_in_no_browser() -> None:
    route = "import { mail } from '~/services/mail.server';\nexport const action = () => fetch('https://api.unknown-store.io/v1');\n"
    assert slugs("app/routes/send.ts", route) == set()
    assert slugs("app/routes/send.tsx", f"{route}export default function Page() {{}}") == {"host:api.unknown-store.io"}


@pytest.mark.parametrize(
    ("path", "more", "email"),
    [
        ("partials/newsletter-form.html", "<form><input name=a></form>", False),
        ("partials/newsletter.html", "<iframe src=/join></iframe>", False),
        ("partials/email_signup.html", "<script>join();</script>", False),
        ("templates/newsletter-june.html", "<script type='application/ld+json'>{}</script>", True),
        ("emails/survey.html", "<form><input name=a></form>", True),
    ],
)
def test_what_asks_for_a_newsletter_is_no_e_mail(path: str, more: str, email: bool) -> None:
    picture = '<img src="https://www.facebook.com/tr?id=1234567890&ev=PageView" alt="">'
    (one,) = found({path: picture + more})
    assert one.email is email


def test_what_a_load_test_imports_is_asked_for_by_no_browser() -> None:
    helper = "import { URLSearchParams } from 'https://jslib.k6.io/url/1.0.0/index.js';\nexport const find = () => new URLSearchParams();\n"
    assert slugs("load/helpers.js", helper) == set()
    assert slugs("load/helpers.js", helper.replace("k6", "other")) == {"host:jslib.other.io"}


def test_a_mock_server_is_no_part_of_the_site() -> None:
    layer = "export default () => fetch('https://tiles.unknown-map.org/1.json');\n"
    assert slugs("mirage/static-fixtures/layers.js", layer) == set()
    assert slugs("app/layers.js", layer) == {"host:tiles.unknown-map.org"}


def test_a_script_of_a_spreadsheet_runs_in_no_browser() -> None:
    ask = "function post(url) { return fetch(url); }\nfunction news() { return post('https://api.unknown-store.io/v1'); }\nnews();\n"
    assert slugs("sheets/Code.js", f"const keys = PropertiesService.getDocumentProperties();\n{ask}") == set()
    assert slugs("sheets/Code.js", ask) == {"host:api.unknown-store.io"}


def test_what_next_runs_on_its_server_reports_from_no_browser() -> None:
    sentry = "import * as Sentry from '@sentry/nextjs';\n"
    report = "export const onRequestError = Sentry.captureRequestError;\n"
    assert slugs("instrumentation.ts", sentry + report) == set()
    assert slugs("src/lib/instrumentation.ts", sentry + "export const report = Sentry.captureException;\n") == {
        "sentry"
    }
    answer = "import { NextResponse } from 'next/server';\nexport const get = () => NextResponse.json(Sentry.lastEventId());\n"
    assert slugs("src/prices/controller.ts", sentry + answer) == set()


@pytest.mark.parametrize("name", ["sentry.client.config.ts", "client.config.js", "sentry.browser.config.js"])
def test_a_configuration_for_the_browser_runs_there(name: str) -> None:
    source = "import * as Sentry from '@sentry/astro';\nSentry.init({ dsn: 'https://1@o1.ingest.sentry.io/1' });\n"
    assert slugs(name, source) == {"sentry"}
    assert slugs("sentry.server.config.ts", source) == set()


LIBRARY = f"/*! player */\n{CODE}\n" + "var steps = 0;\n" * 200
LOADS_MIN = '<!doctype html><script src="/js/player.min.js"></script>'


@pytest.mark.parametrize(
    ("others", "loaded"),
    [
        ({"index.html": LOADS_MIN, "js/player.min.js": LIBRARY}, {"js/player.min.js"}),
        ({"index.html": LOADS_MIN.replace("player", "player-all"), "js/player-all.min.js": LIBRARY + LIBRARY.upper()}, {"js/player-all.min.js"}),
        ({"index.html": LOADS_MIN, "js/player.min.js": LIBRARY, "README.md": "Take `player.js`."}, {"js/player.min.js"}),
        ({"index.html": LOADS_MIN, "js/player.min.js": LIBRARY, "old.html": LOADS_MIN.replace(".min", "")}, {"js/player.js", "js/player.min.js"}),
        ({"index.html": LOADS_MIN, "js/player.min.js": LIBRARY, "a.html": "<script src='/js/player{{ min }}.js'></script>"}, {"js/player.js", "js/player.min.js"}),
        ({"index.html": LOADS_MIN, "js/player.min.js": LIBRARY, "a.js": "require(['js/player']);"}, {"js/player.js", "js/player.min.js"}),
        ({"index.html": LOADS_MIN, "js/player.min.js": LIBRARY, "gulpfile.js": "src('js/*.js');"}, {"js/player.js", "js/player.min.js"}),
        ({"index.html": LOADS_MIN, "lib/player.min.js": LIBRARY}, {"js/player.js", "lib/player.min.js"}),
        ({"js/player.min.js": LIBRARY}, {"js/player.js", "js/player.min.js"}),
    ],
)  # fmt: skip
def test_of_the_builds_of_a_library_those_count_that_may_be_loaded(others: Mapping[str, str], loaded: set[str]) -> None:
    files = {"js/player.js": LIBRARY, **others}
    assert {one.path for one in found(files) if one.service == "hotjar"} == loaded


ASKS = "export const prices = () => fetch('https://api.unknown-store.io/v1/prices');\n"
SERVES = "import express from 'express';\nimport { prices } from '../lib/prices';\nexport default express().get('/', prices);\n"


@pytest.mark.parametrize(
    ("others", "asked"),
    [
        ({"backend/shop.ts": SERVES}, False),
        ({"backend/shop.ts": SERVES, "lib/all.ts": "export * from './prices';", "backend/x.ts": SERVES.replace("prices'", "all'")},
         False),
        ({"backend/shop.ts": SERVES, "src/shop.ts": "// What the server asks (lib/prices) is shown here.\nshow();"}, False),
        ({"lib/shop.ts": "import { prices } from './prices';\nexport const shop = prices();", "lib/prices.ts": "import './shop';\n" + ASKS}, True),
        ({"backend/shop.ts": SERVES, "docs/shop.md": "What `lib/prices.ts` asks."}, False),
        ({"routes/shop.ts": "import { prices } from '../lib/prices';\nexport default { handler: async (request, h) => h.response(await prices()) };"}, False),
        ({"backend/shop.ts": SERVES, "src/shop.ts": "import { prices } from '../lib/prices';\nprices();"}, True),
        ({"backend/shop.ts": SERVES, "src/Shop.vue": "<script setup>import { prices } from '@lib/prices';</script>"}, True),
        ({"backend/shop.ts": SERVES, "index.html": '<script type="module" src="/lib/prices.ts"></script>'}, True),
        ({"backend/shop.ts": SERVES, "vite.config.ts": "export default { build: { lib: { entry: './lib/prices.ts' } } };"}, True),
        ({"backend/shop.ts": SERVES, "src/main/shop/lib.ts": ASKS, "src/test/shop/lib.ts": "test();",
          "backend/y.ts": SERVES.replace("../lib/prices", "shop/lib")}, False),
        ({"backend/shop.ts": SERVES.replace("express", "preact")}, True),
        ({"tests/shop.test.ts": SERVES}, True),
        ({"backend/shop.ts": SERVES, "lib/prices.ts": "// for browsers\n'use client'\n" + ASKS}, True),
        ({}, True),
    ],
)  # fmt: skip
def test_what_only_servers_import_runs_in_no_browser(others: Mapping[str, str], asked: bool) -> None:
    paths = {one.path for one in found({"lib/prices.ts": ASKS, **others})}
    assert paths == ({"lib/prices.ts"} if asked else set())


@pytest.mark.parametrize(
    "package",
    [
        '{"dependencies": {"express": "4"}}',
        '{"dependencies": {"@nestjs/core": "10"}, "devDependencies": {"typescript": "5"}}',
        '{"scripts": {"start": "node dist/server.js"}}',
    ],
)
def test_requests_of_a_package_that_serves(package: str) -> None:
    call = "export const rates = () => fetch('https://rates.vendor.co/v1/latest');"
    files = {"backend/package.json": package, "backend/src/services/rates.ts": call}
    assert not found(files)
    assert found(files | {"backend/public/js/rates.js": call}), "a file that browsers are given"
    assert found(files | {"frontend/src/rates.ts": call}), "a file of another package"
    built = package.replace("{", '{"devDependencies": {"webpack": "5"}, ', 1)
    assert found(files | {"backend/package.json": built}), "something here is built for browsers"


def test_a_load_test_runs_in_no_browser() -> None:
    assert not found({"performance/visit.js": "import http from 'k6/http';\nhttp.get('https://app.vendor.co/api');"})


@pytest.mark.parametrize("module", ["@mui/icons-material/YouTube", "lucide-react", "./icons"])
def test_the_drawing_of_a_vendors_logo(module: str) -> None:
    page = f"import {{ YouTube }} from '{module}';\nexport const Links = () => <a href='/follow'><YouTube /></a>;"
    assert not found({"src/links.tsx": page, "src/links.astro": f"---\n{page.split(chr(10))[0]}\n---\n<YouTube />"})
    assert slugs("src/video.tsx", page.replace(module, "react-youtube")) == {"youtube"}


def test_an_anchor_that_jquery_makes() -> None:
    made = "$('body').append($('<TAG>', {href: 'https://wiki.vendor.co/terms', src: 'https://wiki.vendor.co/x.js'}))"
    assert not found({"a.js": made.replace("TAG", "a")})
    assert found({"a.js": made.replace("TAG", "script")})


@pytest.mark.parametrize(
    "path",
    [
        "pipeline/test-data/pages/prices.html",
        "reviews/test_sample_data/prices.html",
        "scraper/tests/mock_sites/shop/prices.html",
        "testdata/prices.html",
        "spec/fixtures/files/prices.html",
        "scraper/tests/test_inputs/cache/prices.html",
        "scraper/tests/data/prices.html",
        "src/test/resources/prices.html",
        "src/Clinic.Web.Tests/Expected/prices.html",
        "tests/Pages/SnapshotTests/Output/prices.html",
        "Clinic/Pages/PageChecks.Prices.verified.html",
        "Clinic/Pages/PageChecks.Prices.approved.html",
    ],
)
def test_pages_that_tests_read_are_shown_to_nobody(path: str) -> None:
    assert slugs(path, f"<!doctype html><body>{TAG}") == set()


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("db/seeds/development/posts.seeds.rb", False),
        ("db/seeds/development.rb", False),
        ("db/demo_seeds.rb", False),
        ("database/factories/PostFactory.php", False),
        ("database/seeders/DemoContentSeeder.php", False),
        ("db/seeds/pages.rb", True),
        ("database/seeders/PageSeeder.php", True),
        ("app/services/seeds/developer_page.rb", True),
    ],
)
def test_records_made_up_for_a_developers_copy_are_shown_to_nobody(path: str, shown: bool) -> None:
    start = "<?php " if path.endswith(".php") else ""
    assert slugs(path, f"{start}$page = '{FRAME}';\n") == ({"youtube"} if shown else set())


PAGE = {"index.html": "<html><body>Hello</body></html>"}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (PAGE, False),
        ({**PAGE, "docs/setup.md": "Set GOOGLE_ANALYTICS_ID."}, False),
        ({**PAGE, ".env.staging": "GOOGLE_ANALYTICS_ID=G-0123456789\n"}, False),
        ({}, True),  # who reads it is elsewhere
        ({**PAGE, "app/tags.rb": "ENV['GOOGLE_ANALYTICS_ID']"}, True),
        ({**PAGE, "config/site.yml": "tag: ${GOOGLE_ANALYTICS_ID}"}, True),
        ({**PAGE, "src/settings.cs": "settings.Google.AnalyticsId"}, True),
        ({**PAGE, "src/settings.js": "config.analyticsId"}, True),
        ({**PAGE, "package.json": '{"dependencies": {"react-ga4": "^2.0.0"}}'}, True),
    ],
)
def test_a_setting_that_nothing_reads_switches_nothing_on(files: Mapping[str, str], told: bool) -> None:
    settings = "# of the site\nSITE=x\nexport GOOGLE_ANALYTICS_ID=G-0123456789\n"
    assert any(one.path == ".env.production" for one in found({**files, ".env.production": settings})) is told


@pytest.mark.parametrize(
    ("path", "mailed"), [("maizzle/src/layouts/main.html", True), ("web/layouts/main.html", False)]
)
def test_what_is_built_into_mails_is_an_email(path: str, mailed: bool) -> None:
    assert [one.email for one in found({path: f'<link rel="stylesheet" href="{SHEET}">'})] == [mailed]


def test_test_data_that_a_page_includes_is_shown() -> None:
    files = {"index.html": "<html>{% include 'pages/prices.html' %}</html>", "test-data/pages/prices.html": TAG}
    assert [one.path for one in found(files)] == ["test-data/pages/prices.html"]


@pytest.mark.parametrize(
    "sign", ["<IsTestProject>true</IsTestProject>", '<PackageReference Include="Microsoft.NET.Test.Sdk" />']
)
def test_what_lies_in_a_project_of_tests_is_shown_to_nobody(sign: str) -> None:
    site = {"Site/Site.csproj": "<Project />", "Site/Views/Home/Index.cshtml": TAG}
    tests = {"Site.Checks/Checks.csproj": f"<Project>{sign}</Project>", "Site.Checks/Pages/Home.html": TAG}
    assert [one.path for one in found(site | tests)] == ["Site/Views/Home/Index.cshtml"]
    assert len(found(site | tests | {"Site.Checks/Checks.csproj": "<Project />"})) == 2


@pytest.mark.parametrize(
    ("path", "text", "frame"),
    [
        ("styleguide/meta/_01-foot.twig", "{{ patternLabFoot | raw }}", True),
        ("styleguide/meta/_00-head.mustache", "{{{ patternLabHead }}}", True),
        ("styleguide/meta/_footer.mustache", "{{{ footer }}}", False),
        ("components/_preview.njk", "{{ yield | safe }}", True),
        ("guide/_header.html", "<%= @config['title'] %>", True),
        ("components/header.twig", "{{ patternLabHead | raw }}", False),
    ],
)
def test_the_frame_of_a_style_guide_is_for_developers(path: str, text: str, frame: bool) -> None:
    assert slugs(path, TAG + text) == (set() if frame else {"hotjar"})


def test_what_a_part_of_a_drupal_site_asks_for_is_installed_if_the_site_takes_it_in() -> None:
    part = '{"name": "clinic/profile", "type": "drupal-profile", "require": {\n"drupal/google_analytics": "^4"\n}}'
    files = {"web/profiles/clinic/composer.json": part, "composer.json": '{"require": {"drupal/core": "^10"}}'}
    assert not found(files)
    for more in (
        {"composer.json": '{"require": {"drupal/core": "^10", "clinic/profile": "*"}}'},
        {"composer.json": '{"require": {"drupal/core": "^10"}, "extra": {"merge-plugin": {}}}'},
        {"web/profiles/clinic/composer.lock": "{}"},
        {"web/profiles/clinic/composer.json": part.replace("drupal-profile", "project")},
        {"composer.json": "{}"},
    ):
        assert [one.service for one in found(files | more)] == ["google-analytics"], more


NEXT = {
    "package.json": '{"dependencies": {"next": "15"}}',
    "src/app/layout.tsx": "export default ({ children }) => <html><body>{children}</body></html>",
    "src/app/page.tsx": "import { Films } from '@/parts/films'; import { films } from '@/data/films'; export default () => <Films all={films()} />",
    "src/parts/films.tsx": "'use client';\nimport type { Film } from '@/data/films'; export const Films = (all: Film[]) => <p>{all.length}</p>",
    "src/data/films.ts": "export interface Film { id: string }\nexport const films = () => fetch('https://www.googleapis.com/youtube/v3/videos')",
}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, False),
        ({"src/parts/films.tsx": "'use client';\nimport { Film, type Film as One } from '@/data/films';"}, False),
        ({"src/parts/films.tsx": "'use client';\nimport { films } from '@/data/films'; export const Films = () => films();"}, True),
        (
            {
                "src/parts/films.tsx": "'use client';\nimport { all } from './all'; export const Films = () => all();",
                "src/parts/all.ts": "import { films } from '@/data/films'; export const all = () => films();",
            },
            True,
        ),
        (
            {
                "src/parts/films.tsx": "'use client';\nimport { all } from './all'; export const Films = () => all();",
                "src/parts/all.ts": "'use server';\nimport { films } from '@/data/films'; export const all = () => films();",
            },
            False,
        ),
        ({"src/instrumentation-client.ts": "import { films } from '@/data/films'; films();"}, True),
        ({"src/pages/old.tsx": "import { films } from '@/data/films'; export default () => films();"}, True),
        ({"src/parts/list.tsx": "'use client';\nimport { films } from 'data-of-the-site/films'; films();"}, True),
        ({"package.json": '{"dependencies": {"vite": "6"}}'}, True),
    ],
)  # fmt: skip
def test_what_next_runs_on_its_server_alone_leaves_no_browser(more: Mapping[str, str], told: bool) -> None:
    assert any(one.path == "src/data/films.ts" for one in found(NEXT | more)) is told


def test_a_dependency_that_nothing_names_is_told_apart() -> None:
    site = {
        "package.json": '{\n"dependencies": {\n"react-youtube": "^10"\n}\n}',
        "package-lock.json": '{"react-youtube": {}}',
    }
    (one,) = found(site | {"README.md": "It has react-youtube.", "src/main.js": "import React from 'react';"})
    assert (one.technique, one.consent.mechanism) == ("dependency", "unused")
    for more in (
        {"src/main.js": "import Film from 'react-youtube';"},
        {"src/main.css": "", "angular.json": '{"scripts": ["node_modules/react-youtube/dist/index.js"]}'},
        {"package.json": site["package.json"].replace('{\n"react', '{\n"ember-source": "5",\n"react')},
    ):
        assert all(one.consent.mechanism != "unused" for one in found(site | more)), more


def test_notes_on_a_test_ship_nothing() -> None:
    files = {"docs/checklist.md": "See test/player.test.js for this.", "js/test/player.test.js": CODE}
    assert found(files) == ()


@pytest.mark.parametrize("path", ["integration-tests/report.js", "js/a11y-test/report.js", "wdio.conf.js"])
def test_scripts_of_a_test_suite(path: str) -> None:
    assert slugs(path, CODE) == set()
    assert slugs(
        path.replace("a11y-test", "ab-test").replace("integration-tests", "latest").replace("wdio", "site"), CODE
    )


@pytest.mark.parametrize(
    "path",
    [
        "tests/example/index.html",
        "contest-data/index.html",
        "latestdata/index.html",
        "blood-tests/data/index.html",
        "snapshots/index.html",
    ],
)
def test_pages_beside_tests_may_be_shown(path: str) -> None:
    assert slugs(path, f"<!doctype html><body>{TAG}") == {"hotjar"}


@pytest.mark.parametrize(
    ("path", "browser"),
    [
        ("src/api/rates.ts", True),
        ("web/source/api/prices/rates.ts", True),
        ("client/api/rates.js", True),
        ("api/rates.ts", False),
        ("src/pages/api/rates.ts", False),
        ("src/server/api/rates.ts", False),
        ("app/api/rates.ts", False),
    ],
)
def test_in_the_folder_of_a_browsers_code_api_holds_what_asks_one(path: str, browser: bool) -> None:
    call = "export const rates = () => fetch('https://rates.unknown-bank.io/v1');\n"
    assert bool(found({path: call})) is browser


CLASS = "export default class MapBlock extends Component { @action showMap() { grecaptcha.execute(); } }"


@pytest.mark.parametrize(
    ("script", "template", "text"),
    [
        ("app/components/map-block.js", "app/templates/components/map-block.hbs", '<button {{action "showMap"}}>Map</button>'),
        ("app/components/map-block.js", "app/components/map-block.hbs", '<button {{on "click" this.showMap}}>Map</button>'),
        ("app/components/map-block.js", "app/components/map-block.hbs", "<button {{on 'click' (fn this.showMap 1)}}>Map</button>"),
        ("app/map/controller.js", "app/map/template.hbs", "<button onclick={{this.showMap}}>Map</button>"),
        ("app/controllers/map.js", "app/templates/map.hbs", '<MapButton @onPress={{action "showMap"}} />'),
        ("src/app/map.component.ts", "src/app/map.component.html", '<button (click)="showMap()">Map</button>'),
        ("lwc/map/map.js", "lwc/map/map.html", "<button onclick={showMap}>Map</button>"),
        ("src/map.ts", "src/map.html", '<button click.trigger="showMap()">Map</button>'),
    ],
)  # fmt: skip
def test_a_template_calls_the_methods_of_its_component(script: str, template: str, text: str) -> None:
    states = {one.consent.state for one in found({script: CLASS, template: text})}
    assert states == {"ungated"}
    assert {one.consent.mechanism for one in found({script: CLASS, template: f"<!-- {text} -->"})} == {"uncalled"}


RATES = "const rates = await fetch('https://rates.unknown-bank.io/v1');\n"


@pytest.mark.parametrize(
    ("others", "asked"),
    [
        ({}, True),
        ({"web/package.json": '{"scripts": {"data": "yarn clean && tsx ./scripts/rates.js --all"}}'}, False),
        ({"web/package.json": '{"scripts": {"data": "node scripts/rates.js"}}'}, False),
        ({"web/package.json": '{"scripts": {"data": "node scripts/clean.js && rollup scripts/rates.js"}}'}, True),
        ({"web/package.json": '{"scripts": {"data": "node other/scripts/rates.js"}}'}, True),
        ({"web/package.json": '{"scripts": {"data": "node rates.js"}}'}, True),
        ({"package.json": '{"scripts": {"data": "node ./web/scripts/rates.js"}}'}, False),
    ],
)
def test_what_a_package_runs_with_node_runs_in_no_browser(others: Mapping[str, str], asked: bool) -> None:
    assert bool(found({"web/scripts/rates.js": RATES, **others})) is asked


def test_a_command_that_writes_files_by_a_module_of_its_own_runs_in_no_browser() -> None:
    writes = "import { writeFileSync } from 'fs';\nexport const save = (name, data) => writeFileSync(name, data);\n"
    rates = "import { save } from './files.js';\n" + RATES + "save('rates.json', rates);\n"
    assert found({"scripts/rates.js": rates, "scripts/files.js": writes}) == ()
    assert found({"scripts/rates.js": rates, "scripts/files.js": "export const save = () => {};\n"})
    page = {"index.html": "<script type='module' src='/src/rates.js'></script>"}
    assert found({"src/rates.js": rates, "src/files.js": writes} | page)
    assert found({"scripts/rates.js": rates + "document.title = 'Rates';", "scripts/files.js": writes})


# ---- files that no visitor is served

NOTE = "# Merging\n\n" + FRAME + "\n"


@pytest.mark.parametrize(
    ("others", "page"),
    [
        ({"config/application.rb": ""}, False),
        ({"shop/manage.py": ""}, False),
        ({"Web/Web.csproj": "<Project />"}, False),
        ({}, True),
        ({"config/application.rb": "", "mkdocs.yml": "site_name: x"}, True),
        ({"manage.py": "", "website/docusaurus.config.js": ""}, True),
        ({"config/application.rb": "", "doc/SUMMARY.md": "# Docs"}, True),
        ({"config/application.rb": "", "doc/guide/SUMMARY.md": "# Docs"}, False),
        ({"config/application.rb": "", "docs/index.md": "# Docs"}, False),
        ({"web/next.config.ts": ""}, False),
        ({"web/next.config.ts": "", "web/notes.ts": "readAll('../doc', '.md');"}, True),
        ({"next.config.ts": ""}, True),
    ],
)
def test_notes_of_an_application_are_no_pages_unless_something_publishes_them(
    others: dict[str, str], page: bool
) -> None:
    assert bool(found({"doc/wiki/merging.md": NOTE, **others})) is page
    assert found({"docs/merging.md": NOTE, "docs/index.md": "# Docs", **others})
    assert found({"doc/wiki/merging.md": "---\ntitle: x\n---\n" + NOTE, **others})
    assert found({"pages/merging.md": NOTE, **others})


@pytest.mark.parametrize(
    ("path", "runner"),
    [
        ("tests/index.html", '<div id="qunit"></div>'),
        ("tests/index.html", '{{content-for "test-body"}}'),
        ("tests/index.html", '<script src="/testem.js" integrity=""></script>'),
        ("spec/runner.html", '<script src="../node_modules/jasmine-core/lib/jasmine-core/jasmine.js"></script>'),
        ("SpecRunner.html", "<script src=lib/jasmine-3.4.0/jasmine-html.js></script>"),
        ("web/test/all.html", '<div id="mocha"></div><script src="mocha.min.js"></script>'),
    ],
)
def test_the_page_of_a_test_runner_has_no_visitors(path: str, runner: str) -> None:
    assert found({path: f"<html><body>{runner}{TAG}</body></html>"}) == ()
    assert found({path: f"<html><body>{TAG}</body></html>"})
    assert found({"pages/index.html": f"<html><body>{runner}{TAG}</body></html>"})


PAPER = f'<html><head><link href="{SHEET}" rel="stylesheet"></head><body>{{name}}</body></html>'


@pytest.mark.parametrize(
    ("template", "user", "code"),
    [
        (
            "app/views/shared/badge_image.html.erb",
            "app/controllers/badges_controller.rb",
            'send_data IMGKit.new(render_to_string("shared/badge_image")).to_png',
        ),
        (
            "app/views/shared/badge_image.html.erb",
            "app/controllers/badges_controller.rb",
            'def show\n  render_as_png("/shared/badge_image")\nend\ndef render_as_png(view)\n  IMGKit.new(render_to_string(view))\nend',
        ),
        (
            "shop/templates/badge_image.html",
            "shop/views.py",
            "from weasyprint import HTML\nHTML(string=render_to_string('badge_image.html', context)).write_pdf()",
        ),
        (
            "resources/views/badge_image.blade.php",
            "app/Http/Controllers/Badge.php",
            "<?php use Dompdf\\Dompdf; return PDF::loadView('badge_image', $data)->download();",
        ),
    ],
)
def test_a_template_that_the_server_draws_is_asked_for_by_no_browser(template: str, user: str, code: str) -> None:
    page = PAPER.replace("{name}", "{{ name }}" if not template.endswith(".erb") else "<%= name %>")
    assert found({template: page, user: code}) == ()
    assert found({template: page, user: "# IMGKit weasyprint Dompdf\nrender('badge_image')"})
    assert found({template: page, user: code, "app/other.rb": "render 'shared/badge_image'"})
    assert found({template: page})


# ---- addresses in server code

FILM = "https://www.youtube-nocookie.com/embed/"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app/components/film_component.rb", f'class Film\n  def src\n    "{FILM}#{{id}}"\n  end\nend\n'),
        ("app/helpers/film_helper.rb", f'def film_url(id) = "{FILM}#{{id}}"\n'),
        ("Film.cs", f'class Film {{ public string Src(string id) {{ return $"{FILM}{{id}}"; }} }}'),
        ("film.py", f'def src(self):\n    return f"{FILM}{{self.id}}"\n'),
    ],
)
def test_the_address_of_a_player_that_a_method_returns(path: str, text: str) -> None:
    (one,) = found({path: text})
    assert (one.service, one.technique, one.consent.state) == ("youtube", "iframe", "ungated")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app/models/film.rb", f'class Film\n  def check\n    get("{FILM}#{{id}}")\n  end\nend\n'),
        ("app/models/film.rb", 'class Film\n  def page\n    "https://www.youtube.com/watch?v=#{id}"\n  end\nend\n'),
        ("spec/film.rb", f'def src\n  "{FILM}#{{id}}"\nend\n'),
        ("Trust.Web.UnitTests/FilmTest/Film.cs", f"var html = \"<iframe src='{VIDEO}'></iframe>\";"),
        ("src/Trust.IntegrationTests/Film.cs", f"var html = \"<iframe src='{VIDEO}'></iframe>\";"),
    ],
)
def test_addresses_in_server_code_that_no_page_shows(path: str, text: str) -> None:
    assert slugs(path, text) == set()


# ---- template languages

TEMPLATES = [
    ("a.tpl", "{$title}\n%s", "ungated"),
    ("a.tpl", "{if $smarty.cookies.cookie_consent == 'yes'}%s{/if}", "gated"),
    ("a.tpl", "{if $preview}{elseif $consent.analytics}{literal}%s{/literal}{/if}", "gated"),
    ("a.tpl", "{if $declined}{else}%s{/if}", "ungated"),
    ("a.latte", '{block head}<script n:if="$consent" src="' + URL + '"></script>{/block}', "gated"),
    ("a.vm", "#set($a = 1)\n%s", "ungated"),
    ("a.vm", "#if($a)#foreach($b in $c)$b#end#if($cookieConsent.analytics)%s#end#end", "gated"),
    ("a.vm", "#if(!$declined)%s#end", "ungated"),
    ("a.mako", "${title}\n%s", "ungated"),
    ("a.mako", "% if request.cookies.get('analytics_consent') == 'yes':\n%s\n% endif\n", "gated"),
    ("a.mako", "<%%def name='hj()'>%s</%%def>\n%% if consent:\n${hj()}\n%% endif\n", "gated"),
    ("main.html", "<%%page args='x'/>\n%% if consent:\n%s\n%% endif\n", "gated"),
    ("a.html", '<html><th:block th:if="${consent.analytics}">%s</th:block></html>', "gated"),
    ("a.html", f'<html><script th:src="@{{{URL}(v=${{x}})}}"></script></html>', "ungated"),
    ("a.pt", '<html><div tal:condition="python:consent">%s</div></html>', "gated"),
]


@pytest.mark.parametrize(("path", "text", "state"), TEMPLATES)
def test_templates(path: str, text: str, state: str) -> None:
    (one,) = found({path: text.replace("%s", TAG).replace("%%", "%")})
    assert (one.service, one.consent.state) == ("hotjar", state)


def test_a_script_of_the_site_is_judged_by_what_it_holds() -> None:
    page = (
        "<html>{% block head %}<script src=\"{{ asset(filename='js/google-tag-manager.js') }}\"></script>{% endblock %}"
    )
    assert slugs("base.html", page) == set()
    (one,) = found({"base.html": page, "static/js/google-tag-manager.js": CODE})
    assert (one.path, one.consent.state) == ("static/js/google-tag-manager.js", "ungated")


def test_an_address_that_is_a_default_is_one_load() -> None:
    text = '<script src="{{ .Param "hj" | default "' + URL + '" }}{{ with .Param "v" }}?v={{ . }}{{ end }}"></script>'
    (one,) = found({"layouts/partials/hj.html": text})
    assert (one.service, one.column) == ("hotjar", 1)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.tpl", "{* %s *}{$x}"),
        ("a.vm", "## %s\n#set($a = 1)"),
        ("a.vm", "#* %s *#"),
        ("a.mako", "## %s\n${x}"),
        ("a.mako", "<%doc>%s</%doc>${x}"),
        ("a.html", "<html xmlns:th='x'><!--/* %s */--></html>"),
    ],
)
def test_comments_of_templates(path: str, text: str) -> None:
    assert slugs(path, text.replace("%s", TAG)) == set()


@pytest.mark.parametrize(
    ("page", "partial"),
    [
        ("{if $consent_analytics}{include file='hj.tpl'}{/if}", "hj.tpl"),
        ("#if($analyticsConsent)#parse('hj.vm')#end", "hj.vm"),
        ("% if has_consent:\n<%include file='hj.mako'/>\n% endif\n", "hj.mako"),
    ],
)
def test_partials_that_wait(page: str, partial: str) -> None:
    suffix = partial.rpartition(".")[2]
    (one,) = found({f"page.{suffix}": f"<html>\n{page}</html>", partial: f"{TAG}\n"})
    assert (one.path, one.consent.state) == (partial, "gated")


# ---- code of servers

PHP = {
    "a variable": f"$u = '{URL}'; wp_enqueue_script('hj', $u);",
    "a function": f"function hj_url() {{ return '{URL}'; }} wp_enqueue_script('hj', hj_url());",
    "an inline script": f'wp_add_inline_script("main", "{CODE}");',
    "an element as an array": f"$a['head'][] = [['#tag' => 'script', '#attributes' => ['src' => '{URL}']], 'hj'];",
    "an element with code": f'$a["head"][] = [["#tag" => "script", "#value" => Markup::create("{CODE}")], "hj"];',
    "base64": f"echo base64_decode('{encoded(TAG)}');",
    "code whose start tag is printed elsewhere": f'return opening_tag() . "{CODE}</script>";',
}


@pytest.mark.parametrize("source", PHP.values(), ids=PHP.keys())
def test_php(source: str) -> None:
    (one,) = found({"functions.php": f"<?php {source}"})
    assert (one.service, one.ids) == ("hotjar", ("1234567",))


def test_php_that_prints_a_frame_for_browsers_without_scripts() -> None:
    frame = "'<noscript><iframe src=\"https://www.googletagmanager.com/ns.html?id=' . $id . '\"></iframe></noscript>'"
    (one,) = found({"functions.php": f"<?php class Tag {{ function get($id) {{ return {frame}; }} }}"})
    assert (one.service, one.consent.state, one.consent.mechanism) == ("google-tag-manager", "ungated", "noscript")


@pytest.mark.parametrize(
    "source",
    [
        f"$u = '{URL}'; wp_remote_get($u);",
        'wp_add_inline_script("main", "var site = { a: 1 }; start(site);");',
        "$a['head'][] = [['#tag' => 'meta', '#attributes' => ['content' => 'https://www.youtube.com/']], 'x'];",
        "// themes call gtm4wp_the_gtm_tag()\nuse Clinic\\Tag;",
        'return "</script>";',
    ],
)
def test_php_that_loads_nothing(source: str) -> None:
    assert slugs("functions.php", f"<?php {source}") == set()


def test_libraries_of_a_theme() -> None:
    text = f"hj:\n  remote: https://www.hotjar.com\n  js:\n    {URL}: {{ type: external }}\n#   https://x.hotjar.com/a.js: {{}}\n"
    (one,) = found({"themes/clinic/clinic.libraries.yml": text})
    assert (one.service, one.technique, one.line, one.consent.state) == ("hotjar", "script-src", 4, "unknown")


@pytest.mark.parametrize(
    ("files", "state"),
    [
        ({"clinic.info.yml": "name: Clinic\nlibraries:\n  - clinic/base\n  - clinic/hj\n"}, "ungated"),
        ({"clinic.info.yml": "name: Clinic\nlibraries-override:\n  core/x:\n    - clinic/hj\n"}, "unknown"),
        ({"templates/page.html.twig": "{{ attach_library('clinic/hj') }}"}, "ungated"),
        (
            {
                "templates/page.html.twig": "{% if cookie_consent.analytics %}{{ attach_library('clinic/hj') }}{% endif %}"
            },
            "gated",
        ),
        (
            {"clinic.theme": "<?php function clinic_page(&$v) { $v['#attached']['library'][] = 'clinic/hj'; }"},
            "ungated",
        ),
        (
            {
                "clinic.theme": "<?php function clinic_page(&$v) { if (!empty($_COOKIE['cookie_consent'])) "
                "{ $v['#attached']['library'][] = 'clinic/hj'; } }"
            },
            "gated",
        ),
        (
            {
                "other.libraries.yml": "all:\n  dependencies:\n    - clinic/hj\n",
                "other.info.yml": "libraries:\n  - other/all\n",
            },
            "ungated",
        ),
    ],
)
def test_libraries_wait_as_what_attaches_them_does(files: dict[str, str], state: str) -> None:
    library = f"hj:\n  js:\n    {URL}: {{ type: external }}\n"
    (one,) = found({"clinic.libraries.yml": library, **files})
    assert (one.service, one.consent.state) == ("hotjar", state)


# ---- containers and exports


def container(*tags: Mapping[str, object], rules: object) -> str:
    resource = {
        "resource": {
            "macros": [
                {"function": "__e"},
                {"function": "__c", "vtp_value": "G-7KQ2M4XW9P"},
                {"function": "__k", "vtp_name": "cookie_consent_analytics"},
            ],
            "tags": tags,
            "predicates": [
                {"function": "_eq", "arg0": ["macro", 0], "arg1": "gtm.js"},
                {"function": "_eq", "arg0": ["macro", 2], "arg1": "true"},
            ],
            "rules": rules,
        }
    }
    data = json.dumps(resource).replace("<", "\\u003C")
    return f"(function () {{\nvar data = {data};\nvar id = 'GTM-K4N7Q2X';\n}})();"


def test_the_tags_of_a_published_container() -> None:
    text = container(
        {"function": "__googtag", "vtp_tagId": ["macro", 1]},
        {"function": "__html", "vtp_html": ["template", '<script src="', URL, '"></script>']},
        {
            "function": "__html",
            "consent": ["list", "ad_storage"],
            "vtp_html": "<script>fbq('init', '123456789012345')</script>",
        },
        {
            "function": "__img",
            "vtp_url": ["template", "https://px.ads.linkedin.com/collect/?pid=12345&r=", ["macro", 0]],
        },
        {"function": "__paused", "vtp_originalTagType": "html"},
        rules=[[["if", 0], ["add", 0, 2, 4]], [["if", 0, 1], ["add", 1]]],
    )
    tags = {one.service: (one.consent.state, one.ids) for one in found({"dist/gtm.min.js": text})}
    assert tags == {
        "google-tag-manager": ("unknown", ("GTM-K4N7Q2X",)),
        "google-analytics": ("ungated", ("G-7KQ2M4XW9P",)),
        "hotjar": ("gated", ("1234567",)),
        "facebook-pixel": ("gated", ("123456789012345",)),
    }  # nothing adds the image


def test_a_published_container_whose_numbers_lead_nowhere() -> None:
    text = container({"function": "__html", "vtp_html": TAG}, rules=[[["if", 9], ["add", 0, 7]], [], [[]], ["add"]])
    assert {one.service for one in found({"assets/gtm.js": text})} == {"google-tag-manager", "hotjar"}


def test_tags_in_base64_in_an_export() -> None:
    text = json.dumps({"cookies": [{"name": "Hotjar", "opt_in_js": encoded(TAG), "icon": encoded("0" * 80)}]})
    (one,) = found({"consent-export.json": text})
    assert (one.service, one.consent.state) == ("hotjar", "gated")


@pytest.mark.parametrize(("key", "state"), [("optInJS", "gated"), ("scripts", "unknown")])
def test_tags_in_base64_in_the_settings_of_a_script(key: str, state: str) -> None:
    text = json.dumps({key: {"statistics": {"hotjar": encoded(TAG), "icon": encoded("0" * 80)}}}).replace("/", "\\/")
    (one,) = found({"index.html": f"<script>var consentPlugin = {text};</script>"})
    assert (one.service, one.consent.state, one.consent.category) == (
        "hotjar",
        state,
        "analytics" if state == "gated" else None,
    )


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("layout.erb", '<script>window.sentryConfig = { dsn: "<%= ENV["SENTRY_DSN"] %>" };</script>'),
        ("layout.slim", '= javascript_tag do\n  | window.errors = { dsn: "#{ENV.fetch("SENTRY_DSN")}" };'),
        ("layout.njk", "<script>window.keys = { sentryToken: {{ token | dump | safe }} };</script>"),
    ],
)
def test_accounts_that_a_template_hands_to_scripts(path: str, text: str) -> None:
    (one,) = found({path: text})
    assert (one.service, one.technique) == ("sentry", "config")


@pytest.mark.parametrize("pair", ['page: "<%= sentry %>"', 'id: "<%= user.id %>"', 'id: "sentry-<%= page %>"'])
def test_what_else_a_template_hands_to_scripts(pair: str) -> None:
    assert not found({"layout.erb": f"<script>window.settings = {{ {pair} }};</script>"})


# ---- e-mails


def about_email(body: str) -> list[Finding]:
    page = f"<!doctype html><html><body><table><tr><td>{body}</td></tr></table></body></html>"
    return [one for one in scanned_findings({"emails/reminder.html": page}) if one.code == "TL303"]


def scanned_findings(files: Mapping[str, str]) -> list[Finding]:
    from datetime import date

    from tracklint.manifest import judge
    from tracklint.rules import findings, with_manifest

    detections = found(files)
    verdicts = judge(None, detections, today=date(2026, 1, 1), full_scan=True)
    judged = list(with_manifest(detections, verdicts, Policy()))
    return list(findings(judged, verdicts, None, Policy()).findings)


@pytest.mark.parametrize(
    "body",
    [
        '<img src="{{ pixel_url }}" width="1" height="1" alt="">',
        '<img src="{{ open_tracking_url }}" alt="">',
        '<img src="https://mail.trust-news.org/o/{{ id }}.gif" width="1" height="1">',
        '<div style="background-image: url(https://mail.trust-news.org/o?u={{ id }})"></div>',
        '<mj-image src="https://mail.trust-news.org/open.gif?u={{ id }}" width="1px" height="1px" />',
        '<a href="https://click.trust-news.org/r?u={{ id }}&url=https%3A%2F%2Fwww.nhs.uk%2F">Read</a>',
        '<a href="https://links-1.govdelivery.com/CL0/https:%2F%2Fwww.nhs.uk%2F/1/abc">Read</a>',
    ],
)
def test_what_follows_the_reader_of_an_email(body: str) -> None:
    assert len(about_email(body)) == 1


@pytest.mark.parametrize(
    "body",
    [
        '<img src="{{ logo_url }}" width="200" height="40" alt="">',
        '<img src="/img/spacer.gif" width="1" height="1">',
        '<a href="https://www.nhs.uk/?utm_source=email">Read</a>',
        '<a href="https://www.trust-news.org/login?next=https%3A%2F%2Fwww.trust-news.org%2Fa&t={{ token }}">Log in</a>',
        "<p>Dear *|FNAME|*, [firstname]</p>",
    ],
)
def test_what_an_email_may_hold(body: str) -> None:
    assert about_email(body) == []


# ---- pages that show code


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("docs/a.mdx", f"# Help\n\n<Code lang='html' code={{`{TAG}`}} />\n"),
        ("docs/a.md", f"# Help\n\n```html\n{FRAME}\n```\n"),
        ("docs/a.adoc", f"= Help\n\n----\n{FRAME}\n----\n"),
        ("docs/a.rst", f"Help\n====\n\n.. code-block:: html\n\n   {FRAME}\n"),
    ],
)
def test_code_that_pages_show(path: str, text: str) -> None:
    assert slugs(path, text) == set()


# ---- style sheets: variables of preprocessors, escapes

FONTS = "https://fonts.googleapis.com/css?family=Lato"
STYLES: dict[str, dict[str, str]] = {
    "a variable of the same file": {"a.scss": f"$fonts: '{FONTS}';\n@import url($fonts);"},
    "a variable in a string": {"a.scss": f'$fonts: "{FONTS}" !default;\n@import url("#{{$fonts}}");'},
    "parts of an address": {
        "a.scss": '$scheme: "https";\n$family: "Lato:400,700";\n@import url("#{$scheme}://fonts.googleapis.com/css?family=#{$family}");'
    },
    "a variable of another file": {
        "scss/_main.scss": "@if $use-fonts {\n  @import url($web-font-path);\n}",
        "scss/_variables.scss": f"$use-fonts: false !default;\n$web-font-path: '{FONTS}&display=#{{$display}}' !default;",
    },
    "a module's variable": {
        "a.scss": "@use 'config';\n.x { background: url(config.$fonts); }",
        "_config.scss": f"$base: '{FONTS}';\n$fonts: '#{{$base}}';",
    },
    "by choice rather than by default": {
        "a.scss": "@import url($fonts);",
        "_defaults.scss": "$fonts: '/fonts.css' !default;",
        "_settings.scss": f"$fonts: '{FONTS}';",
    },
    "Less": {"a.less": f'@fonts: "{FONTS}";\n@import (css) url(@fonts);'},
    "Less, in a string": {
        "a.less": '@import (css) "@{base}/css?family=Lato";',
        "b.less": '@base: "//fonts.googleapis.com";',
    },
    "indented": {"a.sass": f"$fonts: '{FONTS}'\n@import url($fonts)\n"},
    "a mixin's parameter": {
        "a.scss": "@mixin font($f) { @import url(https://fonts.googleapis.com/css?family=#{$f}); }"
    },
    "an escaped letter": {"a.css": "@import '\\68ttps://fonts.googleapis.com/css';"},
    "escaped quotes": {"a.css": 'a { background: url(\\"https://fonts.googleapis.com/css\\"); }'},
    "a component": {"a.vue": f"<style lang=\"scss\">$fonts: '{FONTS}'; @import url($fonts);</style>"},
}
IDLE_STYLES: dict[str, dict[str, str]] = {
    "a variable that nothing fetches": {"a.scss": f"$fonts: '{FONTS}';"},
    "a variable of the site's own": {"a.scss": "$path: '../fonts';\na { src: url('#{$path}/a.woff'); }"},
    "one that chooses the site's own": {
        "a.scss": "@import url($fonts);",
        "_defaults.scss": f"$fonts: '{FONTS}' !default;",
        "_settings.scss": "$fonts: '/fonts.css';",
    },
    "a definition that is commented out": {"a.scss": f"// $fonts: '{FONTS}';\n@import url($fonts);"},
    "variables that name each other": {"a.scss": "$a: '#{$b}';\n$b: '#{$a}';\n@import url($a);"},
    "Less in plain CSS": {"a.css": "@import url(@fonts);", "b.less": f'@fonts: "{FONTS}";'},
}


@pytest.mark.parametrize("files", STYLES.values(), ids=STYLES.keys())
def test_addresses_in_style_sheets(files: Mapping[str, str]) -> None:
    (one,) = found(files)
    assert (one.service, one.technique, one.path) == ("google-fonts", "css", next(iter(files)))


@pytest.mark.parametrize("files", IDLE_STYLES.values(), ids=IDLE_STYLES.keys())
def test_style_sheets_that_fetch_nothing(files: Mapping[str, str]) -> None:
    assert found(files) == ()


# ---- addresses that stand in data files and are put into `src` by templates

LIST = f"- name: one\n  src: {URL}\n- name: two\n  src: /js/own.js\n"
BARE = f"- {URL}\n- /js/own.js\n"
MAP = f"widget:\n  kind: chat\n  address: {URL}\n"
DATA: dict[str, dict[str, str]] = {
    "Jekyll, by its name": {
        "_includes/h.html": '<script src="{{ site.data.ext.widget.address }}"></script>',
        "_data/ext.yml": MAP,
    },
    "Jekyll, a loop": {
        "_includes/h.html": '{% for s in site.data.scripts %}<script src="{{ s.src }}"></script>{% endfor %}',
        "_data/scripts.yml": LIST,
    },
    "Jekyll, a loop over plain addresses": {
        "_includes/h.html": '{% for s in site.data.scripts %}<script src="{{ s | escape }}"></script>{% endfor %}',
        "_data/scripts.yml": BARE,
    },
    "Jekyll, assigned": {
        "_includes/h.html": '{% assign w = site.data.ext["widget"] %}{% assign u = w.address %}<script src="{{ u }}"></script>',
        "_data/ext.yml": MAP,
    },
    "Hugo, index": {
        "layouts/partials/h.html": '<script src="{{ index .Site.Data.ext "widget" "address" }}"></script>',
        "data/ext.yaml": MAP,
    },
    "Hugo, index by a variable": {
        "layouts/partials/h.html": '{{ $w := index .Site.Data.ext .kind }}<script src="{{ $w.address }}"></script>',
        "data/ext.toml": f'[widget]\naddress = "{URL}"\n',
    },
    "Hugo, range": {
        "layouts/partials/h.html": '{{ range .Site.Data.scripts }}<script src="{{ .src }}"></script>{{ end }}',
        "data/scripts.json": json.dumps([{"src": URL}]),
    },
    "Hugo, range with a variable": {
        "layouts/partials/h.html": '{{ range $i, $s := site.Data.scripts }}<script src="{{ $s.src | safeURL }}"></script>{{ end }}',
        "data/scripts.yml": LIST,
    },
    "Hugo, with": {
        "layouts/partials/h.html": '{{ with .Site.Data.ext }}{{ with .widget }}<script src="{{ .address }}"></script>{{ end }}{{ end }}',
        "data/ext.yml": MAP,
    },
    "Eleventy": {
        "_includes/h.njk": '{% for key, s in scripts %}<script src="{{ s.src }}"></script>{% endfor %}',
        "_data/scripts.js": f"module.exports = [{{ src: '{URL}' }}];",
    },
}
IDLE_DATA: dict[str, dict[str, str]] = {
    "a link": {
        "_includes/h.html": '{% for s in site.data.scripts %}<a href="{{ s.src }}">x</a>{% endfor %}',
        "_data/scripts.yml": LIST,
    },
    "another key": {
        "_includes/h.html": '{% for s in site.data.scripts %}<script src="{{ s.name }}"></script>{% endfor %}',
        "_data/scripts.yml": LIST,
    },
    "another list": {
        "_includes/h.html": '{% for s in site.data.own %}<script src="{{ s.src }}"></script>{% endfor %}',
        "_data/scripts.yml": LIST,
    },
    "a list of the page's own": {
        "layouts/partials/h.html": '{{ range .Params.scripts }}<script src="{{ .src }}"></script>{{ end }}',
        "data/scripts.yml": LIST,
    },
    "names that mean each other": {
        "_includes/h.html": '{% assign a = b.x %}{% assign b = a.x %}<script src="{{ a.src }}"></script>',
        "_data/scripts.yml": LIST,
    },
}


@pytest.mark.parametrize("files", DATA.values(), ids=DATA.keys())
def test_addresses_in_data(files: Mapping[str, str]) -> None:
    (one,) = [one for one in found(files) if one.path == next(iter(files))]
    assert (one.service, one.technique, one.ids) == ("hotjar", "script-src", ("1234567",))


@pytest.mark.parametrize("files", IDLE_DATA.values(), ids=IDLE_DATA.keys())
def test_data_that_no_template_fetches(files: Mapping[str, str]) -> None:
    assert found(files) == ()


def test_a_list_of_addresses_is_one_load_for_each_host() -> None:
    people = "".join(f"- name: p{number}\n  photo: https://pictures.trust.org/{number}.jpg\n" for number in range(20))
    page = '{% for p in site.data.people %}<img src="{{ p.photo }}">{% endfor %}'
    (one,) = found({"_data/people.yml": people, "_layouts/team.html": page})
    assert (one.service, one.technique) == ("host:pictures.trust.org", "image")


# ---- account ids that stand in a script's own settings

CONTAINER = "GTM-K5R8WQ2"
ACCOUNTS = {
    "assigned": f"window.GOVUK.vars = {{ id: '{CONTAINER}' }};",
    "in a list": f"window.site.domains = [{{ name: 'live', id: '{CONTAINER}' }}, {{ name: 'test', id: '{CONTAINER}' }}];",
    "a property": f"window.gtmId = '{CONTAINER}';",
    "exported": f"export default {{ analytics: {{ container: '{CONTAINER}' }} }} as const;",
    "beside the environment": f"module.exports = {{ gtm: process.env.GTM || '{CONTAINER}' }};",
    "defined": f"export default defineConfig({{ tags: ['{CONTAINER}'] }});",
}
NO_ACCOUNTS = {
    "a name": f"const name = '{CONTAINER}';",
    "part of a text": f"window.help = {{ text: 'Put {CONTAINER} here' }};",
    "a comparison": f"if (id === '{CONTAINER}') hide();",
    "an argument": f"report({{ id: '{CONTAINER}' }});",
    "not filled in": "window.site = { gtm: 'GTM-XXXXXXX', ga: 'UA-000000-0' };",
    "a manager's setting": f"tarteaucitron.user.googletagmanagerId = '{CONTAINER}';",
    "Firebase": "const settings = { messagingSenderId: '1', measurementId: 'G-7KQ2M4XW9P' };",
    "a comment": f"// window.site = {{ gtm: '{CONTAINER}' }};",
}


@pytest.mark.parametrize("source", ACCOUNTS.values(), ids=ACCOUNTS.keys())
def test_accounts_in_the_settings_of_a_script(source: str) -> None:
    (one,) = found({"js/vars.ts": source})
    assert (one.service, one.technique, one.ids, one.consent.state) == (
        "google-tag-manager",
        "config",
        (CONTAINER,),
        "unknown",
    )


@pytest.mark.parametrize("source", NO_ACCOUNTS.values(), ids=NO_ACCOUNTS.keys())
def test_strings_that_are_no_setting(source: str) -> None:
    assert slugs("js/site.js", source) == set()


def test_an_account_is_no_load_of_its_own_beside_the_tag_that_uses_it() -> None:
    held = f"window.vars = {{ id: '{CONTAINER}' }};"
    tag = f"https://www.googletagmanager.com/gtm.js?id={CONTAINER}"
    (one,) = found({"page.html": f"<script>{held}</script><script src='{tag}'></script>"})
    assert one.technique == "script-src"
    assert found({"tests/site.js": held}) == ()
    assert [one.technique for one in found({"page.html": f"<script>{held}</script>"})] == ["config"]


# ---- helpers of themes that print the tag for an address in their settings

COPY = "https://cdnjs.cloudflare.com/ajax/libs/font-awesome/6.4.0/css/all.min.css"
SETTINGS = (
    f"cdn:\n  enable: false\n  font_awesome: {COPY}\nvendors:\n  fontawesome: {COPY}\nprefix:\n  fa: {COPY[:-16]}\n"
)
PARTIAL = "layout/_partial/styles.ejs"
HELPERS = {
    "a key of the section that the helper is named after": "<%- getCdnLink('font_awesome', {preload: true}) %>",
    "a helper within a helper": "<%- css(getCdnLink('font_awesome')) %>",
    "vendors": "<%- next_vendors('fontawesome') %>",
    "a setting": "<%- css(theme.vendors.fontawesome) %>",
    "the folder and the file": "<%- css_ex(theme.prefix.fa, 'css/all.min.css') %>",
}


@pytest.mark.parametrize("source", HELPERS.values(), ids=HELPERS.keys())
def test_helpers_that_print_a_library(source: str) -> None:
    (one,) = [one for one in found({PARTIAL: source, "_config.yml": SETTINGS}) if one.path == PARTIAL]
    assert (one.service, one.technique, one.host) == ("cdn:cdnjs.cloudflare.com", "css", "cdnjs.cloudflare.com")


@pytest.mark.parametrize(
    "source",
    [
        "<%- getCdnLink('jquery') %>",
        "<%- js('font_awesome') %>",
        "<% if (isCdnOn('font_awesome')) { %><% } %>",
        "<%- css('css/main') %>",
    ],
)
def test_helpers_that_print_no_foreign_library(source: str) -> None:
    assert all(one.path != PARTIAL for one in found({PARTIAL: source, "_config.yml": SETTINGS}))


# ---- links that become embeds

VIDEO_PAGE = "https://www.youtube.com/watch?v=a1B2c3D4e5F"
EMBEDDING_SITE = {"package.json": '{"dependencies": {"gatsby-remark-embedder": "6.0.1"}}'}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (VIDEO_PAGE, {"youtube"}),
        ("https://vimeo.com/347565673", {"vimeo"}),
        ("https://twitter.com/clinic/status/1289865845053652994", {"twitter"}),
        ("https://twitter.com/clinic", set()),  # somebody's page
        (f"See {VIDEO_PAGE}", set()),
        (f"[{VIDEO_PAGE}]({VIDEO_PAGE})", set()),
        (f"```\n\n{VIDEO_PAGE}\n\n```", set()),
        ("https://unknown-clinic.org/video/1", set()),
    ],
)
def test_a_link_alone_on_its_line_where_the_site_embeds_them(line: str, expected: set[str]) -> None:
    text = f"---\ntitle: Flu\n---\n\nWatch:\n\n{line}\n\nEnd.\n"
    assert {one.service for one in found({**EMBEDDING_SITE, "posts/flu.md": text})} == expected
    assert found({"posts/flu.md": text}) == ()


def test_a_package_that_embeds_the_links_of_one_service() -> None:
    site = {"package.json": '{"devDependencies": {"eleventy-plugin-vimeo-embed": "1.3.8"}}'}
    text = f"---\ntitle: Flu\n---\n\n{VIDEO_PAGE}\n\nhttps://vimeo.com/347565673\n"
    assert [(one.path, one.service) for one in found({**site, "posts/flu.md": text}) if one.path != "package.json"] == [
        ("posts/flu.md", "vimeo")
    ]


def test_embeds_of_the_editors_choice() -> None:
    helpers = (
        f"<?php echo wp_oembed_get($url); echo wp_oembed_get('{VIDEO_PAGE}'); echo $wp_embed->run_shortcode($text);"
    )
    assert [(one.service, one.technique) for one in found({"single.php": helpers})] == [
        ("oembed", "embed"),
        ("youtube", "embed"),
        ("oembed", "embed"),
    ]
    block = f"{{% load wagtailembeds_tags %}}{{% embed page.video %}}{{% embed '{VIDEO_PAGE}' %}}"
    assert [one.service for one in found({"block.html": block})] == ["oembed", "youtube"]
    assert found({"block.html": block.replace("wagtailembeds_tags", "i18n")}) == ()


# ---- rarer places for an address

PICTURE = "https://pictures.trust.org/a.png"
ELSEWHERE: dict[str, tuple[dict[str, str], set[tuple[str, str]]]] = {
    "pictures that are fetched ahead": (
        {"a.html": f'<link rel="preload" as="image" imagesrcset="/a.png 1x, {PICTURE} 2x">'},
        {("host:pictures.trust.org", "link")},
    ),
    "a link that reports the click": (
        {"a.html": '<a href="/flu" ping="/own https://www.google-analytics.com/collect">Flu</a>'},
        {("google-analytics", "api-call")},
    ),
    "a base on a known host": (
        {"a.html": '<base href="https://cdn.jsdelivr.net/npm/"><script src="vue@3/dist/vue.js"></script><a href="x">x</a>'},
        {("cdn:cdn.jsdelivr.net", "script-src")},
    ),
    "a base on the site's own host": (
        {"a.html": '<base href="https://www.trust.org/"><script src="app.js"></script>'},
        set(),
    ),
    "a utility class": ({"a.html": f'<div class="p-4 bg-[url({PICTURE})]"></div>'}, {("host:pictures.trust.org", "css")}),
    "a utility class of a component": (
        {"a.tsx": f'export const A = () => <div className={{join("p-4", "bg-[url({PICTURE})]")}} />;'},
        {("host:pictures.trust.org", "css")},
    ),
    "the style of a map": (
        {
            "style.json": json.dumps(
                {
                    "version": 8,
                    "sources": {
                        "base": {"type": "vector", "url": "https://api.maptiler.com/tiles/v3/tiles.json"},
                        "own": {"type": "geojson", "data": "/clinics.json", "attribution": "https://www.trust.org/"},
                    },
                    "glyphs": "https://api.maptiler.com/fonts/{fontstack}/{range}.pbf",
                    "layers": [],
                }
            )
        },
        {("maptiler", "config")},
    ),
    "TypoScript": (
        {
            "setup.typoscript": "page.includeJSFooter {\n  stats = https://static.hotjar.com/c/hotjar-1234567.js\n  stats.external = 1\n}\n"
            "page.includeCSS.font = https://fonts.googleapis.com/css?family=Lato\n"
            "page.headerData.10.value (\n  <script src=\"https://www.googletagmanager.com/gtm.js?id=GTM-K5R8WQ2\"></script>\n)\n"
            "# page.includeJS.old = https://www.google-analytics.com/analytics.js\n"
            "page.10.typolink.parameter = https://twitter.com/clinic\n"
        },
        {("hotjar", "script-src"), ("google-fonts", "css"), ("google-tag-manager", "script-src")},
    ),
    "a middleware that writes tags": (
        {
            "config/application.rb": "config.middleware.use(Rack::Tracker) do\n"
            "  handler :google_analytics, { tracker: 'UA-1234567-1' }\n  handler :facebook_pixel, { id: '123456789012345' }\n"
            "  # handler :hotjar, { site_id: '1234567' }\nend\n"
        },
        {("google-analytics", "config"), ("facebook-pixel", "config")},
    ),
    "handlers of something else": ({"lib/app.rb": "handler :google_analytics, { tracker: 'x' }\n"}, set()),
}  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_rarer_places(files: Mapping[str, str], expected: set[tuple[str, str]]) -> None:
    assert {(one.service, one.technique) for one in found(files)} == expected


@pytest.mark.parametrize(
    ("path", "source", "found"),
    [
        ("css/site.css", f"a {{ color: red }}\n@import url('{SHEET}');", set()),
        ("css/site.css", f"@charset 'utf-8';\n/* a {{ }} */\n@layer base;\n@import url('{SHEET}');", {"google-fonts"}),
        ("css/site.scss", f"a {{ color: red }}\n@import url('{SHEET}');", {"google-fonts"}),  # it is moved to the top
        ("index.html", f"<style>a {{ color: red }} @import '{SHEET}';</style>", set()),
        ("index.html", f"<style>a {{ color: red }}</style><style>@import '{SHEET}';</style>", {"google-fonts"}),
        ("src/App.vue", f"<style>a {{ color: red }} @import '{SHEET}';</style>", {"google-fonts"}),
    ],
)
def test_an_import_after_a_rule_is_passed_over(path: str, source: str, found: set[str]) -> None:
    assert slugs(path, source) == found


@pytest.mark.parametrize(
    ("path", "before"),
    [
        ("example.njk", '{% set frame_url = "/components/" + item + "/index.html" %}'),
        ("example.liquid", '{% assign frame_url = "/demo/" | append: page.name %}'),
        ("example.liquid", "{% capture frame_url %}/demo/{{ page.name }}{% endcapture %}"),
        ("example.html.erb", '<% frame_url = "/previews/#{name}" %>'),
        ("example.php", "<?php $frame_url = './frames/' . $id; ?>"),
    ],
)
def test_a_frame_of_the_sites_own_path_is_no_third_party(path: str, before: str) -> None:
    printed = {
        "example.html.erb": "<%= frame_url %>",
        "example.php": "<?= $frame_url ?>",
    }.get(path, "{{ frame_url }}")
    frame = f'<iframe src="{printed}"></iframe>'
    assert found({path: f"{before}\n{frame}"}) == ()
    assert found({path: frame}) != ()  # from wherever
    for other in ("//", "host + '/"):
        changed = before.replace('"/', f'"{other}').replace("'./", f"'{other}").replace("%}/demo", f"%}}{other}demo")
        assert found({path: f"{changed}\n{frame}"}) != ()


def test_an_attribute_assigns_nothing_to_the_variable_of_its_name() -> None:
    frame = '<iframe src="{{ href }}"></iframe>'
    link = f'<p class="x"><a class="y" data-href="{VIDEO}" href="{VIDEO}">Watch</a></p>'
    assert {one.service for one in found({"a.njk": frame + link})} == {"host:dynamic"}
    assert "youtube" in slugs("a.njk", f'{{% set href = "{VIDEO}" %}}{link}{frame}')
    assert "youtube" in slugs("a.njk", f'<script>var href = "{VIDEO}"</script>{link}{frame}')


def test_a_load_in_a_long_string_of_markup_is_told_at_its_own_line() -> None:
    markup = f'<form action="https://www.youtube.com/send">\n<p>Hello</p>\n<iframe src="{VIDEO}"></iframe>\n</form>'
    (one,) = found({"form.js": f"document.body.innerHTML = `{markup}`;"})
    assert (one.service, one.line) == ("youtube", 3)


SITE_SETTINGS = f"export default {{\n  url: {{ api: '/api', font: '{SHEET}', film: process.env.FILM || '{VIDEO}' }},\n  trackerUrl: '{URL}',\n}};\n"


@pytest.mark.parametrize(
    ("code", "service", "technique"),
    [
        ('response.write(`<link rel="stylesheet" href="${config.url.font}"/>`);', "google-fonts", "css"),
        ("link.href = config.url.font;", "google-fonts", "css"),
        ("fetch(this.props.config.url?.font, { mode: 'no-cors' });", "google-fonts", "api-call"),
        ("export const Film = () => <iframe src={siteSettings.url.film} />;", "youtube", "iframe"),
        ("const s = document.createElement('script'); s.src = settings.trackerUrl; document.head.append(s);",
         "hotjar", "dynamic"),
    ],
)  # fmt: skip
def test_an_address_is_looked_up_in_the_settings_that_another_file_holds(
    code: str, service: str, technique: str
) -> None:
    code = f"const link = document.createElement('link'); link.rel = 'stylesheet';\n{code}"
    used = [
        one for one in found({"src/configs/site.js": SITE_SETTINGS, "src/page.jsx": code}) if one.path == "src/page.jsx"
    ]
    assert [(one.service, one.technique) for one in used] == [(service, technique)]
    assert found({"src/page.jsx": code}) == ()


@pytest.mark.parametrize(
    "code",
    [
        "console.log(config.url.font);",
        "if (config.url.font) { go(); }",
        "fetch(config.other.font);",  # of another block
        "fetch(config.font);",  # a word for anything
        "// fetch(config.url.font)",
        'response.write(`<link rel="preconnect" href="${config.url.font}"/>`);',
        'page.innerHTML = `<a href="${config.url.film}">Watch</a>`;',
    ],
)
def test_an_address_in_the_settings_that_nothing_fetches_is_no_load_of_the_script(code: str) -> None:
    files = {"src/configs/site.js": SITE_SETTINGS, "src/page.js": code}
    assert [one for one in found(files) if one.path == "src/page.js"] == []


def test_a_setting_that_is_fetched_beside_its_definition_is_told_once() -> None:
    (one,) = found({"config.js": f"export const TRACKER = '{URL}';", "a.js": appended("TRACKER")})
    assert one.consent.state == "ungated"


@pytest.mark.parametrize(
    ("user", "given"),
    [
        ("site.js", "const href = `/examples/${name}`;\nreturn render('demo.njk', { href, id });"),
        ("site.js", "return render('demo.njk', { id, href: '/examples/' + name });"),
        ("page.njk", '{% set href = "/examples/" + name %}{% include "parts/demo.njk" %}'),
        ("page.twig", "{{ include('parts/demo.njk', { 'href': '/examples/one' }) }}"),
        ("page.php", "<?php view('parts/demo.njk', ['href' => '/examples/' . $name]);"),
    ],
)
def test_a_frame_whose_users_give_it_paths_on_the_site_is_no_third_party(user: str, given: str) -> None:
    frame = {"parts/demo.njk": '<iframe src="{{ href }}"></iframe>'}
    assert found({**frame, user: given}) == ()
    for address in ("http://", "//"):
        other = given.replace("/examples/", f"{address}example.com/")
        assert {one.technique for one in found({**frame, user: other})} == {"iframe"}
    assert {
        one.technique for one in found({**frame, user: given, "other.js": "render('demo.njk', { href: row.url })"})
    } == {"iframe"}


def test_the_maps_that_a_bundle_offers_are_not_all_asked_for() -> None:
    style = "map.addSource('roads',{type:'raster',tiles:['https://tiles.unknown-store.io/{z}/{x}/{y}.png']});"
    assert slugs("src/map.js", style) == {"host:tiles.unknown-store.io"}
    assert slugs("assets/map-1a2b3c4d.js", style + "var filler=1;" * 200) == set()


def test_what_a_module_of_drupal_installs_is_no_setting_of_a_site_that_holds_its_own() -> None:
    field = "settings:\n  allowed_providers:\n    vimeo: vimeo\n"
    name = "field.field.media.video.field_video.yml"
    files = {f"web/modules/custom/films/config/install/{name}": field}
    assert [one.path for one in found(files)] == [f"web/modules/custom/films/config/install/{name}"]
    files |= {"config/sync/core.extension.yml": "module:\n  films: 0\n"}
    assert not found(files)
    assert [one.path for one in found(files | {f"config/sync/{name}": field})] == [f"config/sync/{name}"]


@pytest.mark.parametrize(
    ("page", "files", "state"),
    [
        ('<a class="film" href="https://vimeo.com/123456789">Film</a>', {}, None),
        (
            '<a class="film" href="https://vimeo.com/123456789">Film</a>',
            {"js/site.js": "$('.film').magnificPopup({ type: 'iframe' });"},
            "gated",
        ),
        (
            '<ul id="films"><li><a href="https://vimeo.com/123456789">Film</a></li></ul>',
            {"js/site.js": "jQuery('#films a').fancybox();"},
            "gated",
        ),
        (
            '<a class="film" href="https://vimeo.com/123456789">Film</a>',
            {"js/site.js": "$('.picture').magnificPopup({ type: 'image' });"},
            None,
        ),
        ('<a class="owl-video" href="https://vimeo.com/123456789"></a>', {}, "ungated"),
    ],
)
def test_a_link_that_a_lightbox_opens_is_a_player(page: str, files: Mapping[str, str], state: str | None) -> None:
    script = '<script src="/js/jquery.magnific-popup.js"></script><script src="/js/site.js"></script>'
    loads = found({"index.html": f"<html><body>{page}{script}</body></html>", **files})
    assert [one.consent.state for one in loads if one.service == "vimeo"] == ([state] if state else [])


@pytest.mark.parametrize(
    ("path", "text", "technique"),
    [
        ("a.jsx", "export const A = () => <img onError={(e) => { e.currentTarget.src = 'ADDRESS' }} />;", "image"),
        (
            "a.jsx",
            "const f = (e) => { e.target.src = 'ADDRESS' }; export const A = () => <img onError={f} />;",
            "image",
        ),
        (
            "a.tsx",
            "const f = (e: any) => { (e.target as HTMLImageElement).src = 'ADDRESS' }; listen('error', f);",
            "image",
        ),
        ("a.html", "<img src='/a.png' onerror=\"this.onerror=null;this.src='ADDRESS'\">", "image"),
        ("a.html", "<img src='/a.png' onerror=\"event.target.src='ADDRESS'\">", "image"),
        ("a.html", "<iframe src='/a' onload=\"this.src='ADDRESS'\"></iframe>", "iframe"),
        ("a.js", "const img = new Image(); img.onerror = function () { this.src = 'ADDRESS' };", "image"),
        ("a.js", "document.createElement('script').onerror = function () { this.src = 'ADDRESS' };", "dynamic"),
    ],
)
def test_the_target_of_an_event_is_the_element_that_handles_it(path: str, text: str, technique: str) -> None:
    text = text.replace("ADDRESS", "https://pictures.vendor-host.dev/600")
    assert {one.technique for one in found({path: text})} == {technique}


@pytest.mark.parametrize(
    ("element", "technique"),
    [("iframe", {"iframe"}), ("img", {"image"}), ("a", set())],
)
def test_attributes_that_stand_in_an_object_are_attributes(element: str, technique: set[str]) -> None:
    text = f"const given = {{ src: 'https://form.vendor-host.dev/embed/1', width: 3 }};\nexport const A = () => <{element} {{...given}} />;"
    assert {one.technique for one in found({"A.jsx": text})} == technique


@pytest.mark.parametrize(
    "constant",
    ["process.env.NEXT_PUBLIC_GA ?? 'G-ABCDEF1234'", "process.env.NEXT_PUBLIC_GA || 'G-ABCDEF1234'", "'G-ABCDEF1234'"],
)
@pytest.mark.parametrize(
    "load",
    [
        "tag.src = `https://www.googletagmanager.com/gtag/js?id=${GA_ID}`;",
        "tag.src = 'https://www.googletagmanager.com/gtag/js?id=' + GA_ID;",
        "tag.textContent = `gtag('config', '${GA_ID}')`;",
    ],
)
def test_an_account_that_another_module_names(constant: str, load: str) -> None:
    files = {
        "src/config.ts": f"export const GA_ID = {constant};",
        "src/load.ts": f"import {{ GA_ID }} from './config';\nconst tag = document.createElement('script'); {load} document.head.append(tag);",
    }
    assert {one.ids for one in found(files) if one.path == "src/load.ts"} == {("G-ABCDEF1234",)}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("A.tsx", "export const A = () => <TileLayer url='ADDRESS' />;"),
        ("A.tsx", "const tiles = 'ADDRESS';\nexport const A = () => <WMSTileLayer url={tiles} />;"),
        ("A.tsx", "export const A = ({ url = 'ADDRESS', more }: Given) => <TileLayer url={url} {...more} />;"),
        ("A.jsx", "export const A = ({ url: tiles = 'ADDRESS' }) => <TileLayer url={tiles} />;"),
        ("A.vue", "<template><l-map><l-tile-layer url='ADDRESS' /></l-map></template>"),
    ],
)
def test_the_tiles_of_a_map_that_a_component_shows(path: str, text: str) -> None:
    files = {path: text.replace("ADDRESS", "https://{s}.tile.openstreetmap.org/{z}/{x}/{y}.png")}
    assert [(one.service, one.technique) for one in found(files)] == [("openstreetmap", "api-call")]


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ({"a.js": "import(`https://www.googletagmanager.com/gtag/js?id=${id}`);"}, "google-analytics"),
        ({}, "google-tag-manager"),
        ({"a.js": "// https://www.googletagmanager.com/gtag/js?id=G-ABCDEFGH12\n"}, "google-tag-manager"),
        (
            {
                "a.js": "import('https://www.googletagmanager.com/gtag/js?id=' + id);",
                "b.js": "import('https://www.googletagmanager.com/gtm.js?id=' + id);",
            },
            "google-tag-manager",
        ),
        (
            {
                "a.js": "import('https://www.googletagmanager.com/gtag/js?id=' + id);",
                "b.js": "import TagManager from 'react-gtm-module';",
            },
            "google-tag-manager",
        ),
        (
            {
                "a.js": "import('https://www.googletagmanager.com/gtag/js?id=' + id);",
                "b.js": "const container = 'GTM-ABC1234';",
            },
            "google-tag-manager",
        ),
    ],
)
def test_a_connection_is_for_the_one_service_that_is_loaded_over_it(more: dict[str, str], name: str) -> None:
    hint = {"index.html": '<link rel="preconnect" href="//www.googletagmanager.com">'}
    there = [one for one in found(hint | more) if one.path == "index.html"]
    assert [(one.service, one.consent.mechanism) for one in there] == [(name, "hint")]


@pytest.mark.parametrize(
    ("files", "services"),
    [
        ({"layouts/index.html": '{{ template "_internal/shortcodes/youtube.html" . }}'}, {"youtube"}),
        ({"templates/a.html": '{% include "parts/youtube.html" %}'}, {"youtube"}),
        ({"templates/a.html": '{% include "icons/icon-social-youtube.html" %}'}, set()),
        (
            {"templates/a.html": '{% include "parts/youtube.html" %}', "templates/parts/youtube.html": "<svg></svg>"},
            set(),
        ),
        (
            {
                "a.md": "{% include youtube.html content='https://youtu.be/aqz-KE-bpKQ' %}",
                "_includes/youtube.html": "<iframe src='{{ include.content | replace: 'x', 'y' }}'></iframe>",
            },
            {"youtube"},
        ),
        (
            {"templates/a.html": '{% include "parts/youtube.html" %}', "templates/icons/youtube.html": "<svg></svg>"},
            {"youtube"},
        ),
    ],
)
def test_a_part_of_a_page_that_a_framework_brings_is_told_by_its_whole_name(
    files: Mapping[str, str], services: set[str]
) -> None:
    assert {one.service for one in found(files)} == services


def test_a_function_under_a_computed_key_is_looked_for_to_an_end() -> None:
    table = """import { BLOCKS } from './blocks';
import { show } from 'rich-text';
const film = (id) => <iframe src={`https://www.youtube.com/embed/${id}`} />;
export const renderNode = { [BLOCKS.FILM]: (node) => film(node.id) };
export default ({ text }) => <div>{show(text, { renderNode })}</div>;
"""
    (one,) = found({"src/text.jsx": table, "src/page.jsx": "import Text from './text';\nrender(<Text />);\n"})
    assert one.service == "youtube"
    assert one.consent.state in ("ungated", "unknown")


PAGES = {
    "package.json": '{"dependencies": {"next": "13"}}',
    "lib/films.ts": "export const films = () => fetch('https://www.googleapis.com/youtube/v3/videos');",
    "pages/films.tsx": (
        "import { films } from 'lib/films';\nexport default ({ all }) => <p>{all.length}</p>;\n"
        "export async function getStaticProps() { return { props: { all: await films() } }; }\n"
    ),
}


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, False),
        ({"pages/api/films.ts": "import { films } from 'lib/films';\nexport default async (ask, answer) => answer.json(await films());"}, False),
        ({"pages/old.tsx": "import { films } from 'lib/films';\nexport default () => <button onClick={() => films()}>More</button>;"}, True),
        (
            {
                "pages/films.tsx": "import { films } from 'lib/films';\nexport default () => <button onClick={films}>More</button>;\n"
                "export const getServerSideProps = async () => ({ props: { all: await films() } });\n"
            },
            True,
        ),
        (
            {
                "pages/films.tsx": "import { films } from 'lib/films';\nexport default ({ all }) => <p>{all.length}</p>;\n"
                "export const getServerSideProps = async () => ({ props: { all: await films() } });\n"
            },
            False,
        ),
        ({"pages/films.tsx": PAGES["pages/films.tsx"].replace("getStaticProps", "getFilms")}, True),
    ],
)  # fmt: skip
def test_what_pages_of_next_ask_before_they_are_sent_leaves_no_browser(more: Mapping[str, str], told: bool) -> None:
    assert any(one.path == "lib/films.ts" for one in found(PAGES | more)) is told


# ---- packages that print a service's tag

VIEW = "resources/views/layouts/app.blade.php"


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (VIEW, "<html><head>\n@include('googletagmanager::head')\n</head></html>"),
        (VIEW, '<html><head>\n@includeWhen($live, "googletagmanager::head")\n</head></html>'),
        (VIEW, "<html><head>\n@turnstileScripts\n</head></html>"),
        (VIEW, "<html><head><x-gtm::script /></head></html>"),
        (VIEW, "<html><body>{!! NoCaptcha::display() !!}</body></html>"),
        (VIEW, "<html><body><?php echo NoCaptcha::display(); ?></body></html>"),
        (VIEW, "<html><body>\n@php\necho \\Kit\\Facades\\NoCaptcha::display();\n@endphp\n</body></html>"),
        ("contact.php", "<body><?= NoCaptcha::display() ?></body>"),
        ("src/Form.php", "<?php class Form { function show() { return \\Kit\\NoCaptcha::display(); } }"),
        ("composer.json", '{"require": {"wp-plugin/duracelltomi-google-tag-manager": "^1.0"}}'),
    ],
)
def test_what_a_package_prints_is_known_by_the_name_of_its_call(path: str, text: str) -> None:
    assert len(found({path: text})) == 1


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (VIEW, "<html><head>\n@include('partials.head')\n@include('my-googletagmanager::head')\n</head></html>"),
        (VIEW, "<html><body>ask @turnstileScripts, web@turnstileScripts</body></html>"),
        (VIEW, "<html><body>{{-- {!! NoCaptcha::display() !!} @turnstileScripts() --}}</body></html>"),
        (VIEW, "<html><body>{{ $display }} {{ NoCaptcha::displayed() }} {{ MyNoCaptcha::display() }}</body></html>"),
        ("src/Form.php", "<?php class Form { function show() { return NoCaptcha::verifyResponse($answer); } }"),
        ("src/Form.php", "<?php // NoCaptcha::display()\n$x = $form->display();"),
    ],
)
def test_what_only_sounds_like_the_call_of_a_package(path: str, text: str) -> None:
    assert found({path: text}) == ()


# ---- what a function was given and hands on

LOADS = f"function load(given) {{ if (!given.stats) return; {CODE} }}\n"
SAVES = "function save(given) { localStorage.setItem('k', JSON.stringify(given)); load(given); }\n"
REFUSES = "document.querySelector('[data-reject]').addEventListener('click', () => { save({ stats: false, ads: false }); });\n"
AGREES = REFUSES.replace("reject", "accept").replace("stats: false", "stats: true")
CLICKS = REFUSES.replace("reject", "open").replace("stats: false", "stats: true")


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (LOADS + SAVES + REFUSES + AGREES, "gated"),
        (LOADS + "function pass(one) { load(one); }\n" + SAVES.replace("load(", "pass(") + REFUSES + AGREES, "gated"),
        (LOADS + SAVES.replace("load(given)", "load(given, 1)") + AGREES + REFUSES, "gated"),
        (LOADS + SAVES + REFUSES + AGREES + CLICKS, "ungated"),
        (LOADS + SAVES + AGREES + REFUSES.replace("stats: false", "stats: true"), "ungated"),
        (LOADS + SAVES + AGREES + REFUSES.replace("{ stats: false, ads: false }", "event.detail"), "ungated"),
        (LOADS + SAVES + AGREES + REFUSES.replace("ads: false", "...defaults"), "ungated"),
        (LOADS + SAVES.replace("{ local", "{ given.stats = true; local") + AGREES + REFUSES, "ungated"),
        (LOADS + SAVES.replace("{ local", "{ given = all(given); local") + AGREES + REFUSES, "ungated"),
        (LOADS + SAVES.replace("{ local", "{ Object.assign(given, all); local") + AGREES + REFUSES, "ungated"),
        (LOADS + SAVES.replace("{ local", "{ load({ stats: true }); local") + AGREES + REFUSES, "ungated"),
        (LOADS.replace("!given.stats", "!window.ready") + SAVES + AGREES + REFUSES, "ungated"),
    ],
    ids=["refused", "twice", "beside another", "another click", "a refusal that agrees", "from elsewhere", "merged",
         "set", "replaced", "added to", "called besides", "another condition"],
)  # fmt: skip
def test_a_refusal_that_is_handed_on_starts_nothing(code: str, state: str) -> None:
    (one,) = found({"js/site.js": code})
    assert (one.service, one.consent.state) == ("hotjar", state)
