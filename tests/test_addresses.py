"""Ways in which an address comes to the place that fetches it, in the languages and frameworks that sites are written in."""

from __future__ import annotations

import pytest

from conftest import scanned


def hosts(path: str, text: str) -> set[str]:
    return {one.host for one in scanned({path: text}).detections if one.host}


COMPONENT = """<template>{template}</template>
<script>
export default {{
  data() {{ return {{ film: 'https://player.vimeo.com/video/481720365', own: '/films/1', site: 'https://ward.test' }} }},
  computed: {{
    still() {{ return `https://img.youtube.com/vi/${{this.id(
      this.film)}}/0.jpg` }},
    picture() {{ return this.kind === 'film' ? this.still : '/none.png' }},
  }},
  methods: {{
    player() {{ return 'https://www.youtube.com/embed/' + this.id }},
    ask() {{ return fetch('/films').then(() => this.own) }},
  }},
}}
</script>"""


@pytest.mark.parametrize(
    ("template", "found"),
    [
        ('<iframe :src="film"></iframe>', {"player.vimeo.com"}),
        ('<iframe :src="player()"></iframe>', {"www.youtube.com"}),
        ('<img :src="still">', {"img.youtube.com"}),
        ('<img v-lazy="picture">', {"img.youtube.com"}),
        ("<img v-lazy=\"'https://i.imgur.com/a1B2c3D.png'\">", {"i.imgur.com"}),
        ('<img v-lazy="own">', set()),
        ('<a :href="film">Film</a>', set()),
        ('<iframe :src="own"></iframe>', set()),
    ],
)
def test_what_a_component_of_vue_gives_an_attribute(template: str, found: set[str]) -> None:
    assert hosts("Film.vue", COMPONENT.format(template=template)) == found


@pytest.mark.parametrize(
    "script",
    [
        "const film = ref('https://player.vimeo.com/video/481720365')",
        "const film = 'https://player.vimeo.com/video/481720365'",
        "const film = computed(() => `https://player.vimeo.com/video/${props.id}`)",
        "const film = computed(() => {\n  return `https://player.vimeo.com/video/${props.id}`\n})",
    ],
)
def test_what_a_setup_script_gives_an_attribute(script: str) -> None:
    text = f'<template><iframe :src="film"></iframe></template>\n<script setup>\n{script}\n</script>'
    assert hosts("Film.vue", text) == {"player.vimeo.com"}


@pytest.mark.parametrize(
    ("script", "asked"),
    [
        ("class A { go() { this.$axios.$get(`https://maps.ward-data.net/${this.typed}`) } }", True),
        ("axios.create({ baseURL: `https://maps.ward-data.net/${version}` })", True),
        ("ky.create({ prefixUrl: 'https://maps.ward-data.net' })", True),
        ("useLazyFetch('https://maps.ward-data.net/v1')", True),
        ("this.$http.delete('https://maps.ward-data.net/v1')", True),
        ("const links = { get: (url) => url }; links.get('https://maps.ward-data.net/v1')", False),
        ("$.extend(settings, { url: 'https://maps.ward-data.net/v1' })", False),
        ("el.style = \"background-image: url('https://maps.ward-data.net/a.jpg')\"", True),
        ("el.style.cssText = \"background: url('https://maps.ward-data.net/a.jpg')\"", True),
        ("el.setAttribute('style', 'background: url(https://maps.ward-data.net/a.jpg)')", True),
        ("pdfjs.GlobalWorkerOptions.workerSrc = `//maps.ward-data.net/pdf.js/${pdfjs.version}/pdf.worker.js`", True),
        ("pdfjs.GlobalWorkerOptions.workerName = `//maps.ward-data.net/pdf.js/${pdfjs.version}/pdf.worker.js`", False),
        ("el.setAttribute('title', 'background: url(https://maps.ward-data.net/a.jpg)')", False),
    ],
)
def test_what_a_script_asks(script: str, asked: bool) -> None:
    assert hosts("app.js", script) == ({"maps.ward-data.net"} if asked else set())


def test_each_branch_of_an_address_is_a_load() -> None:
    text = (
        "export const Film = ({ a, b }) => "
        "<iframe src={a ? `https://www.youtube-nocookie.com/embed/${a}` : `https://player.vimeo.com/video/${b}`} />"
    )
    assert hosts("Film.jsx", text) == {"www.youtube-nocookie.com", "player.vimeo.com"}


def test_a_layer_of_tiles_of_the_sites_own_making() -> None:
    text = (
        "export function Map() { const url = 'https://api.os.uk/maps/raster/v1/wmts';"
        " return <TileLayerWithHeader url={url + '?' + parameters} /> }"
    )
    assert hosts("Map.jsx", text) == {"api.os.uk"}


@pytest.mark.parametrize(
    ("path", "text", "found"),
    [
        ("app/models/film.rb", "def site\n  if vimeo?\n    'https://player.vimeo.com/video'\n  else\n"
         "    'https://www.youtube.com/embed'\n  end\nend\n", {"player.vimeo.com", "www.youtube.com"}),
        ("app/models/film.rb", "SITES = [\n  'https://player.vimeo.com/video',\n]\n", set()),
        ("app/models/film.rb", "def about\n  'https://vimeo.com/about'\nend\n", set()),
        ("grails-app/conf/WardResources.groovy", "modules = {\n map {\n"
         "  resource url: 'https://unpkg.com/leaflet@1.9.4/dist/leaflet.js'\n  resource url: '/js/map.js'\n }\n}\n", {"unpkg.com"}),
        ("config/importmap.rb", "pin 'application'\npin 'chart', to: 'https://ga.jspm.io/npm:chart@4/dist/chart.js'\n"
         "pin 'ward', preload: true, to: 'https://cdn.ward-data.net/w.js'\n# pin 'a', to: 'https://unpkg.com/a@1'\n"
         "pin 'b', to: 'b.js' # once to: 'https://esm.sh/b'\n", {"ga.jspm.io", "cdn.ward-data.net"}),
        ("lib/pins.rb", "pin 'chart', to: 'https://ga.jspm.io/npm:chart@4/dist/chart.js'\n", set()),
    ],
)  # fmt: skip
def test_what_code_of_the_server_names(path: str, text: str, found: set[str]) -> None:
    assert hosts(path, text) == found


ASKS = {
    "src/http.js": (
        "import { send } from './send';\n"
        "export const ask = (kind, url, body = {}) => send(kind, url).then((found) => found.json());\n"
        "export async function load({ address, title }) { return (await fetch(address)).text() }\n"
        "export const tell = (url) => url.length;\n"
        "export const streets = { all: (url) => axios.get(url), none: (url) => url };\n"
        "export default function post(url) { return axios.post(url) }\n"
    ),
    "src/send.js": "import axios from 'axios';\nexport function send(kind, url) { return axios.get(url) }\n",
    "src/add.js": "export const add = (src) => { const s = document.createElement('script'); s.src = src; document.body.append(s) };\n",
    "src/server.js": "import fs from 'fs';\nexport const ask = (url) => { fs.writeFileSync('a', fetch(url)) };\n",
}


@pytest.mark.parametrize(
    ("call", "found"),
    [
        ("import { ask } from './http';\nask('streets', `https://maps.ward-data.net/v1?q=${typed}`);", "api-call"),
        ("import { ask as put } from './http';\nput('streets', 'https://maps.ward-data.net/v1');", "api-call"),
        ("import { ask } from './http';\nask('https://maps.ward-data.net/v1', '/own');", None),
        (
            "import { load } from './http';\nload({ title: 'Map', address: 'https://maps.ward-data.net/v1' });",
            "api-call",
        ),
        ("import { load } from './http';\nload({ title: 'https://maps.ward-data.net/v1', address: '/own' });", None),
        ("import { streets } from './http';\nstreets.all('https://maps.ward-data.net/v1');", "api-call"),
        ("import { streets } from './http';\nstreets.none('https://maps.ward-data.net/v1');", None),
        ("import post from './http';\npost('https://maps.ward-data.net/v1');", "api-call"),
        ("import { tell } from './http';\ntell('https://maps.ward-data.net/v1');", None),
        ("import { add } from './add';\nadd('https://maps.ward-data.net/v1.js');", "dynamic"),
        ("import { ask } from './server';\nask('https://maps.ward-data.net/v1');", None),
        ("import { ask } from 'elsewhere';\nask('streets', 'https://maps.ward-data.net/v1');", None),
    ],
)
def test_an_address_that_another_file_asks(call: str, found: str | None) -> None:
    page = {"index.html": "<!DOCTYPE html><html><body><script type=module src='/src/main.js'></script></body></html>"}
    detections = scanned(ASKS | page | {"src/main.js": call + "\n"}).detections
    assert [one.technique for one in detections if one.host == "maps.ward-data.net"] == ([found] if found else [])
