"""What reaches no visitor: templates and modules that nothing names, style guides, demonstrations, commands."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from conftest import scanned

FRAME = "<iframe src='https://www.youtube.com/embed/a1B2c3D4e5F'></iframe>"
CALL = "fetch('https://api.github.com/repos/clinic/recipes');\n"


def states(files: Mapping[str, str]) -> set[tuple[str, str | None]]:
    return {(one.consent.state, one.consent.mechanism) for one in scanned(files).detections}


DJANGO = {
    "manage.py": "import django",
    "clinic/views.py": "from django.shortcuts import render\ndef home(request):\n    return render(request, 'clinic/home.html')\n",
    "clinic/templates/clinic/home.html": "{% extends 'clinic/base.html' %}",
    "clinic/templates/clinic/parts/old_film.html": "{% load static %}<div>" + FRAME + "</div>",
}


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, ("unknown", "unused")),
        ({"clinic/templates/clinic/home.html": "{% include 'clinic/parts/old_film.html' %}"}, ("ungated", "none")),
        ({"clinic/tags.py": "def part(kind):\n    return f'clinic/parts/{kind}.html'\n"}, ("ungated", "none")),
        ({"clinic/tags.py": "def part(kind):\n    return 'clinic/parts/%s.html' % kind\n"}, ("ungated", "none")),
        ({"clinic/models.py": "class OldFilm(Page):\n    pass\n"}, ("ungated", "none")),
        ({"requirements.txt": "clinic==2.0"}, ("ungated", "none")),
    ],
)
def test_a_template_of_django_that_nothing_names_is_not_said_to_be_loaded(
    more: Mapping[str, str], state: tuple[str, str]
) -> None:
    assert states(DJANGO | more) == {state}


DETAIL = "class FilmView(DetailView):\n    template_name = 'clinic/film.html'\n"


@pytest.mark.parametrize(
    ("urls", "state"),
    [
        ("urlpatterns = [path('', HomeView.as_view())]", ("unknown", "unused")),
        ("urlpatterns = [path('', views.FilmView.as_view())]", ("ungated", "none")),
    ],
)
def test_a_view_that_no_route_names_shows_nothing(urls: str, state: tuple[str, str]) -> None:
    page = "{% extends 'clinic/base.html' %}" + FRAME
    files = {"clinic/urls.py": urls, "clinic/views.py": DETAIL, "clinic/templates/clinic/film.html": page}
    assert states(files) == {state}


FILM = f"import React from 'react'\n\nexport default function FilmBox() {{\n  return {FRAME.replace(chr(39), chr(34))}\n}}\n"


@pytest.mark.parametrize(
    ("user", "state"),
    [
        (
            "/* import FilmBox from './pages/FilmBox' */\nexport const App = () => <p>{/* <FilmBox /> */}</p>\n",
            "unknown",
        ),
        ("import FilmBox from './pages/FilmBox'\nexport const App = () => <p><FilmBox /></p>\n", "ungated"),
    ],
)
def test_what_is_commented_out_uses_nothing(user: str, state: str) -> None:
    files = {
        "package.json": '{"private": true, "dependencies": {"react-scripts": "5"}}',
        "src/App.js": user,
        "src/pages/FilmBox.js": FILM,
    }
    assert {one for one, _ in states(files)} == {state}


@pytest.mark.parametrize(("calls", "state"), [("// this.showFilm()", "unknown"), ("this.showFilm()", "ungated")])
def test_a_method_of_a_component_whose_callers_are_commented_out_is_not_called(calls: str, state: str) -> None:
    page = (
        "<template><p>Film</p></template>\n<script>\nexport default {\n  mounted() {\n    "
        + calls
        + "\n  },\n  methods: {\n    showFilm() {\n      const mapboxgl = require('mapbox-gl')\n"
        "      return new mapboxgl.Map({ container: 'map' })\n    }\n  }\n}\n</script>\n"
    )
    assert {one for one, _ in states({"pages/index.vue": page})} == {state}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import 'server-only';\nexport const at = () => window.x;\n" + CALL, False),
        ("import fs from 'node:fs';\n// what is left outside the window. Before\n" + CALL, False),
        ("import fs from 'node:fs';\nconst shown = window.innerWidth;\n" + CALL, True),
    ],
)
def test_words_of_browsers_count_in_code_alone(text: str, told: bool) -> None:
    assert bool(scanned({"lib/recipes.ts": text}).detections) == told


PACKAGE = {
    "packages/publish/package.json": '{"name": "@clinic/publish", "private": true}',
    "packages/publish/src/index.ts": "export const publish = () => " + CALL,
}


@pytest.mark.parametrize(
    ("user", "told"), [("apps/form/app/server/send.ts", False), ("apps/form/app/pages/send.ts", True)]
)
def test_a_package_that_servers_alone_take_is_for_servers(user: str, told: bool) -> None:
    files = PACKAGE | {user: "import { publish } from '@clinic/publish';\npublish();\n"}
    assert bool(scanned(files).detections) == told


FINDS = "export const find = () => " + CALL
NEEDS = {
    "a part of Node": {"lib/find.ts": "import { keep } from './keep';\n" + FINDS, "lib/keep.ts": "import fs from 'node:fs';\nexport const keep = () => fs.writeFileSync('a', '');\n"},
    "a database, when it is called": {
        "lib/find.ts": FINDS + "export const known = async () => (await import('@/base/client')).get();\n",
        "base/client.ts": "import { neon } from '@neondatabase/serverless';\nexport const get = () => neon(url);\n",
    },
}  # fmt: skip
NEEDS_NOT = {
    "nothing": {"lib/find.ts": FINDS},
    "a type": {"lib/find.ts": "import { type Pool } from 'mongodb';\nimport type { Client } from 'mongodb';\n" + FINDS},
    "no longer": {"lib/find.ts": "// import { JSDOM } from 'jsdom';\n" + FINDS},
    "what a browser may call": {"lib/find.ts": "import { keep } from './keep';\n" + FINDS, "lib/keep.ts": "'use server';\nimport fs from 'node:fs';\nexport const keep = async () => {};\n"},
    "where there is one": {"lib/find.ts": "import { keep } from './keep';\n" + FINDS, "lib/keep.ts": "export const keep = () => { if (typeof window === 'undefined') require('fs').writeFileSync('a', ''); };\n"},
    "what a page imports": {**NEEDS["a part of Node"], "components/box.tsx": "import { find } from '../lib/find';\nexport const Box = () => <button onClick={() => find()} />;\n"},
    "a module that pages name": {**NEEDS["a part of Node"], "public/index.html": "<script type='module' src='/lib/find.ts'></script>"},
    "a route": {"app/routes/find.ts": "import { JSDOM } from 'jsdom';\n" + FINDS},
}  # fmt: skip


@pytest.mark.parametrize("files", NEEDS.values(), ids=NEEDS)
def test_a_module_of_nobody_that_takes_what_no_browser_has_is_for_servers(files: Mapping[str, str]) -> None:
    assert not scanned(files).detections


@pytest.mark.parametrize("files", NEEDS_NOT.values(), ids=NEEDS_NOT)
def test_any_other_module_of_nobody_may_be_for_browsers(files: Mapping[str, str]) -> None:
    assert scanned(files).detections


@pytest.mark.parametrize(("command", "told"), [("tsx scripts/fill.ts", False), ("vite", True)])
def test_what_only_a_command_imports_is_for_servers(command: str, told: bool) -> None:
    files = {
        "package.json": f'{{"name": "site", "private": true, "scripts": {{"fill": "{command}"}}}}',
        "scripts/fill.ts": "import { find } from '../lib/find';\nfind();\n",
        "lib/find.ts": FINDS,
    }
    assert bool(scanned(files).detections) == told


LINK = "<link rel='stylesheet' href='https://fonts.googleapis.com/css2?family=Lora'>"
DRAWS = f"const {{ chromium }} = require('playwright');\nconst page = () => `<!doctype html><html><head>{LINK}</head></html>`;\nwrite(page());\n"
READS = "<?php\nit('reads', fn () => expect(file_get_contents(__DIR__ . '/news.html'))->toBeString());\n"
PATTERN = "site/patternlab/site/patterns/01-molecules/film.twig"


@pytest.mark.parametrize(
    ("files", "served"),
    [
        ({"docs/build.cjs": DRAWS + "(await chromium.launch()).newPage().pdf({ path: 'out.pdf' });\n"}, False),
        ({"docs/build.cjs": DRAWS}, True),
        ({PATTERN: FRAME, "manage.py": "import django"}, False),
        ({PATTERN: FRAME, "manage.py": "import django", "templates/page.twig": "<p>a</p>"}, True),
        ({PATTERN: FRAME}, True),
        ({"clinic/templates/patterns/_pattern_library_only/film.html": FRAME}, False),
        ({"web/js/lib/carousel/demo/index.html": f"<!doctype html>{FRAME}"}, False),
        ({"web/vendor/timer/index.html": f"<!doctype html>{FRAME}", "web/vendor/timer/MIT-LICENSE.txt": "MIT"}, False),
        ({"web/vendor/timer/1.2/index.html": f"<!doctype html>{FRAME}", "web/vendor/timer/bower.json": "{}"}, False),
        ({"web/vendor/timer/index.html": f"<!doctype html>{FRAME}"}, True),
        ({"web/plugins/gate/vendor/timer-1.2/examples/form.php": f"<?php ask(); ?>{FRAME}"}, False),
        ({"feed/tests/Feature/news.html": f"<!doctype html>{FRAME}", "feed/tests/Feature/NewsTest.php": READS}, False),
        ({"feed/tests/Feature/news.html": f"<!doctype html>{FRAME}", "feed/tests/Feature/News.php": READS}, True),
        (
            {
                "web/js/lib/carousel/demo/index.html": f"<!doctype html>{FRAME}",
                "web/index.html": "<!doctype html><a href='js/lib/carousel/demo/index.html'>See</a>",
            },
            True,
        ),
    ],
)
def test_what_developers_alone_see_is_not_served(files: Mapping[str, str], served: bool) -> None:
    result = scanned(files)
    assert bool(result.detections) == served
    assert [one.reason for one in result.skipped] == ([] if served else ["not-served"])


@pytest.mark.parametrize(
    ("condition", "states_seen"),
    [
        ("settings.DJANGO_ENV.value == 'local'", set()),
        ("settings.ENVIRONMENT == 'dev'", set()),
        ("settings.ENVIRONMENT == 'live'", {("ungated", "none")}),
    ],
)
def test_a_branch_for_developers_is_not_what_visitors_get(condition: str, states_seen: set[tuple[str, str]]) -> None:
    page = f"<!doctype html>{{% if {condition} %}}{FRAME}{{% endif %}}"
    assert {one for one in states({"templates/page.html": page}) if one[0] != "dead"} == states_seen


@pytest.mark.parametrize("controller", ["MapsController", "HomeController"])
def test_a_view_of_grails_without_a_controller_is_not_said_to_be_loaded(controller: str) -> None:
    files = {
        "grails-app/conf/UrlMappings.groovy": 'class UrlMappings { static mappings = { "/$controller/$action?/$id?"() } }',
        f"grails-app/controllers/{controller}.groovy": f"class {controller} {{ def view = {{ }} }}",
        "grails-app/views/maps/view.gsp": f"<html><body>{FRAME}</body></html>",
    }
    assert states(files) == {("ungated", "none") if controller == "MapsController" else ("unknown", "unused")}


# ---- modules to which no entrance of a site leads

UNUSED = ("unknown", "unused")
USED = ("ungated", "none")
APP = {
    "package.json": '{"name": "clinic", "private": true, "dependencies": {"react-scripts": "5"}}',
    "src/index.tsx": "import { App } from './App';\nrender(<App />);\n",
    "src/App.tsx": "import { Home } from './parts/Home';\nexport const App = () => <Home />;\n",
    "src/parts/Home.tsx": "export const Home = () => <p>Clinic</p>;\n",
    "src/parts/Film.tsx": f"export const Film = () => {FRAME};\n",
}
TAKES = "import { Film } from './Film';\n"


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, UNUSED),
        ({"src/parts/Home.tsx": TAKES + "export const Home = () => <Film />;\n"}, USED),
        # an island of modules that only import each other
        ({"src/parts/Reel.tsx": TAKES + "import './Wheel';\nexport const Reel = () => <Film />;\n",
          "src/parts/Wheel.tsx": "import { Reel } from './Reel';\nexport const Wheel = () => <Reel />;\n"}, UNUSED),
        # tests, stories and comments
        ({"src/parts/Film.test.tsx": TAKES + "render(<Film />);\n", "src/parts/Film.stories.tsx": TAKES + "export default Film;\n",
          "src/parts/Home.tsx": "// " + TAKES + "/* " + TAKES + " */\nexport const Home = () => <p />;\n"}, UNUSED),
        # a name that is imported and not used, or only in what is not used
        ({"src/parts/Home.tsx": TAKES + "export const Home = () => <p />;\n"}, UNUSED),
        ({"src/parts/Home.tsx": TAKES + "const old = [{ path: '/film', component: Film }];\nexport const Home = () => <p />;\n"}, UNUSED),
        ({"src/parts/Home.tsx": TAKES + "const old = [{ path: '/film', component: Film }];\nexport const Home = () => <Routes all={old} />;\n"}, USED),
        ({"src/parts/Home.tsx": TAKES + "const old = start(Film);\nexport const Home = () => <p />;\n"}, USED),
        # what a barrel hands on
        ({"src/parts/index.ts": "export * from './Film';\nexport { Home } from './Home';\n",
          "src/App.tsx": "import { Home } from './parts';\nexport const App = () => <Home />;\n"}, UNUSED),
        ({"src/parts/index.ts": "export * from './Film';\nexport { Home } from './Home';\n",
          "src/App.tsx": "import { Film } from './parts';\nexport const App = () => <Film />;\n"}, USED),
        ({"src/parts/index.ts": "export { Film as Movie } from './Film';\n",
          "src/App.tsx": "import * as parts from './parts';\nexport const App = () => <parts.Movie />;\n"}, USED),
        ({"src/parts/index.ts": "export { Film as Movie } from './Film';\n", "src/parts/Home.tsx": "import { Movie } from '.';\nexport const Home = () => <Movie />;\n"}, USED),
        # other ways to a module
        ({"src/App.tsx": "const Film = lazy(() => import('./parts/Film'));\nexport const App = () => <Film />;\n"}, USED),
        ({"src/App.tsx": "const Film = lazy(() => import('./parts/Film'));\nexport const App = () => <p />;\n"}, UNUSED),
        ({"src/App.tsx": "export const App = ({ name }) => use(import(`./parts/${name}`));\n"}, USED),
        ({"src/App.tsx": "export const App = ({ name }) => use(import(`./texts/${name}`));\n"}, UNUSED),
        ({"src/App.tsx": "const all = import.meta.glob('./parts/*.tsx');\nexport const App = () => all;\n"}, USED),
        ({"src/App.tsx": "const all = import.meta.glob('./parts/*.mdx');\nexport const App = () => all;\n"}, UNUSED),
        ({"src/App.tsx": "const all = require.context('./parts', true, /\\.tsx$/);\nexport const App = () => all;\n"}, USED),
        ({"src/App.tsx": "import { Film } from '#/parts/Film';\nexport const App = () => <Film />;\n"}, USED),
        ({"src/App.tsx": "import { Film } from './parts/PART_TO_SHOW';\nexport const App = () => <Film />;\n"}, USED),
        ({"rollup.config.js": "export default { input: ['src/parts/Film.tsx'] };"}, USED),
        ({"manifest.json": '{"scripts": ["src/parts/Film.tsx"]}'}, USED),
        ({"web/index.html": "<script type='module' src='/src/parts/Film.tsx'></script>"}, USED),
        ({"app/home.erb": "<%= vite_javascript_tag \"Film\" %>"}, USED),
        ({"app/admin.py": "fields = [\"Film\"]"}, UNUSED),
        ({"package.json": '{"name": "clinic", "exports": "./dist/index.js"}'}, USED),
        ({"package.json": '{"name": "clinic", "private": true, "dependencies": {"nuxt": "3"}}'}, USED),
    ],
)  # fmt: skip
def test_a_module_to_which_no_entrance_leads_is_used_by_no_page(
    more: Mapping[str, str], state: tuple[str, str]
) -> None:
    assert states(APP | more) == {state}


def test_what_a_module_does_as_soon_as_it_is_imported_is_done_whatever_is_used_of_it() -> None:
    shows = "document.body.innerHTML = '<iframe src=\"https://www.youtube.com/embed/a1B2c3D4e5F\"></iframe>';\n"
    files = {"src/parts/Film.tsx": shows + "export const Film = () => <p />;\n"}
    unused = TAKES + "export const Home = () => <p />;\n"
    assert states(APP | files | {"src/parts/Home.jsx": unused, "src/parts/Home.tsx": ""}) == {USED}
    assert states(APP | files | {"src/parts/Home.tsx": unused}) == {UNUSED}  # TypeScript leaves such an import out
    held = TAKES + "const old = [Film];\nexport const Home = () => <p />;\n"
    assert states(APP | files | {"src/parts/Home.tsx": held}) == {USED}


def test_pages_are_taken_by_their_place_only_where_a_framework_does_so() -> None:
    page = {"src/pages/Film.tsx": APP["src/parts/Film.tsx"]}
    rest = {path: text for path, text in APP.items() if path != "src/parts/Film.tsx"}
    assert states(rest | page) == {UNUSED}
    assert states(rest | page | {"package.json": '{"private": true, "dependencies": {"next": "15"}}'}) == {USED}
    assert states(rest | page | {"package.json": '{"private": true, "dependencies": {}}'}) == {USED}


def test_what_only_a_lost_module_calls_is_used_by_no_page() -> None:
    files = APP | {
        "src/parts/Film.tsx": "import { show } from '../lib/films';\nexport const Film = () => { useEffect(() => show()); return <p />; };\n",
        "src/lib/films.ts": f"export const show = () => {{ document.body.innerHTML = {FRAME!r}; }};\nexport const name = 'Film';\n",
        "src/parts/Home.tsx": "import { name } from '../lib/films';\nexport const Home = () => <p>{name}</p>;\n",
    }
    assert states(files) == {UNUSED}
    assert states(files | {"src/parts/Home.tsx": TAKES + "export const Home = () => <Film />;\n"}) != {UNUSED}


# ---- what lies beside a site

FONTS = "<link rel='stylesheet' href='https://fonts.googleapis.com/css2?family=Inter'>\n"


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, UNUSED),
        (
            {
                "package.json": '{"scripts": {"build": "vite build && npm run build:book", "build:book": "storybook build"}}'
            },
            USED,
        ),
        ({"package.json": '{"scripts": {"book": "storybook build", "test": "npm run book"}}'}, UNUSED),
        ({"package.json": '{"scripts": {"book": "storybook build -o public/book"}}'}, USED),
        ({".github/workflows/pages.yml": "run: npm run build-storybook"}, USED),
        ({"netlify.toml": '[build]\npublish = "storybook-static"'}, USED),
    ],
)
def test_the_workbench_of_the_developers_is_no_page_unless_it_is_published(
    more: Mapping[str, str], state: tuple[str, str]
) -> None:
    assert states({".storybook/preview-head.html": FONTS} | more) == {state}


def test_what_storybook_builds_is_not_looked_into_unless_it_is_published() -> None:
    built = {
        "book/iframe.html": "<!DOCTYPE html><html><body></body></html>",
        "book/project.json": "{}",
        "book/sb-addons/shot/bundle.js": CALL,
    }
    assert not scanned(built).detections
    assert scanned(built | {".gitlab-ci.yml": "script: npx storybook build"}).detections
    assert scanned({f"public/{path}": text for path, text in built.items()}).detections
    assert scanned({path: text for path, text in built.items() if "iframe" not in path}).detections


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, UNUSED),
        ({"package.json": "{}"}, USED),
        ({"Dockerfile": "COPY design/ /srv/www/design/"}, USED),
        ({"netlify.toml": "[build]\n  publish = '.'\n"}, USED),
        ({"src/pages/index.tsx": "export default () => <a href='/design/home.html'>Design</a>;"}, USED),
        ({"CLAUDE.md": "The drawings are design/home.html and what it takes in."}, UNUSED),
    ],
)
def test_drawings_of_pages_beside_a_site_that_is_built_are_not_served(
    more: Mapping[str, str], state: tuple[str, str]
) -> None:
    files = {
        "package.json": '{"dependencies": {"next": "15"}}',
        "design/home.html": f"<!DOCTYPE html><html><head>{FONTS}</head></html>",
    }
    assert states(files | more) == {state}
    assert states({path.replace("design/", "public/design/"): text for path, text in files.items()}) == {USED}


STRAY = {
    "package.json": '{"dependencies": {"next": "15"}}',
    "crawler/run.py": "open(f'saved_{number}.html', 'w').write(page)\nprint(f'saved_{number}.html')\n",
    "crawler/saved_1.html": f"<!DOCTYPE html><html><head>{FONTS}</head></html>",
}


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, UNUSED),
        ({"README.md": "The crawler keeps crawler/saved_1.html."}, UNUSED),
        ({"crawler/index.html": "<!DOCTYPE html><html><body>Saved pages</body></html>"}, USED),
        ({"crawler/CNAME": "saved.example.org"}, USED),
        ({"vercel.json": '{"rewrites": [{"source": "/s", "destination": "/crawler/saved_1.html"}]}'}, USED),
        ({"Dockerfile": "COPY crawler/ /srv/www/"}, USED),
        ({"src/pages/index.tsx": "export default () => <a href='/crawler/saved_1.html'>Saved</a>;"}, USED),
        ({"server.js": "app.get('/s/:n', (q, r) => r.sendFile(`${q.params.n}.html`));"}, USED),
        ({"server.js": "app.use(serveFrom('crawler'));"}, USED),
        ({"package.json": '{"dependencies": {"express": "5"}}'}, USED),
        ({"package.json": '{"devDependencies": {"vite": "7"}}', "vite.config.js": "glob('**/*.html')"}, USED),
    ],
)
def test_pages_where_the_framework_of_a_site_does_not_look_are_not_served(
    more: Mapping[str, str], state: tuple[str, str]
) -> None:
    assert states(STRAY | more) == {state}
    for served in ("public", "docs/public", "app/web"):
        assert states({path.replace("crawler/", f"{served}/"): text for path, text in STRAY.items()}) == {USED}
    assert states({path.replace("crawler/", ""): text for path, text in STRAY.items()}) == {USED}


ELEVENTY = {
    ".eleventy.js": "module.exports = () => ({ dir: { input: 'src' } });\n",
    "src/index.md": "---\nlayout: base.njk\n---\nHello\n",
    "src/_includes/base.njk": "<!DOCTYPE html><html><body>{{ content }}</body></html>",
    "src/_includes/wards/base.njk": f"<!DOCTYPE html><html><head>{FONTS}</head><body>{{{{ content }}}}</body></html>",
}


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, UNUSED),
        ({"src/ward.md": "---\nlayout: wards/base.njk\n---\nWard\n"}, USED),
        ({"src/ward.md": "---\nlayout: wards/base\n---\nWard\n"}, USED),
        ({"src/wards/wards.json": '{"layout": "wards/base.njk"}'}, USED),
        ({"src/_includes/wards/film.njk": "{% extends './base.njk' %}"}, USED),
        ({"src/ward.njk": "{% extends 'wards/base.njk' %}"}, USED),
        ({".eleventy.js": "module.exports = () => ({ dir: { includes: '_includes/wards' } });\n"}, USED),
        ({".eleventy.js": "module.exports = (c) => c.addLayoutAlias('ward', 'wards/base.njk');\n"}, USED),
        ({".eleventy.js": "", "server.js": "serve('src');"}, UNUSED),
    ],
)
def test_layouts_of_eleventy_that_nothing_names(more: Mapping[str, str], state: tuple[str, str]) -> None:
    assert states(ELEVENTY | more) == {state}
    assert states({path: text for path, text in (ELEVENTY | more).items() if path != ".eleventy.js"}) == {USED}


def test_a_name_means_the_template_that_has_it_from_the_folder_of_all() -> None:
    files = {"templates/index.njk": "{% include 'film.njk' %}", "templates/partials/film.njk": f"<div>{FRAME}</div>"}
    assert states(files) == {USED}
    assert states(files | {"templates/film.njk": "<p>No film</p>"}) == {UNUSED}
    assert states(files | {"templates/film.njk": "{% include 'partials/film.njk' %}"}) == {USED}


# ---- what Next.js takes by its place, and calls on its server

NEXT = {"package.json": '{"private": true, "dependencies": {"next": "15"}}'}


def test_the_frame_of_all_pages_runs_whatever_compares_its_name() -> None:
    files = NEXT | {
        "pages/_app.tsx": f"export default function App() {{ useEffect(() => {{ document.body.innerHTML = {FRAME!r}; }}); return <p />; }}\n",
        "pages/sitemap.xml.ts": (
            "export const getServerSideProps = async () => pages().filter((page) => !['api', '_app.tsx'].includes(page));\n"
        ),
    }
    assert states(files) == {USED}


def test_a_name_that_is_compared_is_no_use_of_a_script() -> None:
    shows = f"document.body.innerHTML = {FRAME!r};\n"
    files = {
        "js/film.js": shows,
        "js/list.js": "if (agreed()) { console.log(['film.js'].includes(name), name === './film.js'); }\n",
    }
    assert states(files) == {USED}


ASKS = "export async function recipes() { return fetch('https://api.github.com/repos/clinic/recipes'); }\n"
PROPS = "import { recipes } from '../lib/recipes';\nexport default () => <p />;\n"


@pytest.mark.parametrize(
    ("page", "asked"),
    [
        ("export const getStaticProps = async () => ({ props: await recipes() });\n", False),
        ("export async function getServerSideProps() { return { props: await recipes() }; }\n", False),
        ("export const getServerSideProps = withUser(async () => ({ props: await recipes() }));\n", False),
        ("export async function generateMetadata() { return recipes(); }\n", False),
        ("export const Page = () => { useEffect(() => { recipes(); }); return <p />; };\n", True),
        ("Page.getInitialProps = async () => recipes();\n", True),
        ("export const loader = async () => recipes();\n", True),
        ("import { json } from '@remix-run/node';\nexport const loader = async () => json(await recipes());\n", False),
    ],
)
def test_what_a_framework_calls_on_its_server_asks_for_nothing_in_a_browser(page: str, asked: bool) -> None:
    files = NEXT | {"lib/recipes.ts": ASKS, "pages/recipes.tsx": PROPS + page}
    assert bool(scanned(files).detections) is asked
    before = "export const prepare = () => recipes();\nexport const Bar = () => { useEffect(() => { recipes(); }); return <p />; };\n"
    assert scanned(files | {"pages/more.tsx": PROPS + before}).detections


def test_what_a_server_puts_into_a_page_is_still_told() -> None:
    page = f"export async function getServerSideProps() {{ return {{ props: {{ html: {FRAME!r} }} }}; }}\nexport default ({{ html }}) => <p dangerouslySetInnerHTML={{{{ __html: html }}}} />;\n"
    assert scanned(NEXT | {"pages/film.tsx": page}).detections


@pytest.mark.parametrize(
    ("more", "served"),
    [
        ({}, False),
        ({"about.html": "<a href='theme/tests/looks.html'>Looks</a>"}, True),
        ({"theme/js/theme.js": "x", "theme/css/theme.css": "x"}, True),
    ],
)
def test_a_test_page_of_a_library_without_its_scripts_is_not_served(more: Mapping[str, str], served: bool) -> None:
    page = f"<!DOCTYPE html><html><head><link href='../css/theme.css' rel='stylesheet'>{FONTS}<script src='../js/theme.js'></script></head></html>"
    assert bool(scanned({"theme/tests/looks.html": page} | more).detections) is served
    assert scanned({"theme/looks.html": page}).detections


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ('Page = "404";\nPage = "Other";', UNUSED),
        ('public string Page { get; set; } = "";', UNUSED),
        ("Page = name;", USED),
        ('Page = $"{kind}Scripts";', USED),
        ("public string Page => Find();", USED),
        ("", USED),
        ('Page = "_OldScripts";', USED),
    ],
)
def test_a_partial_that_a_model_names_is_one_of_those_that_code_gives_it(code: str, state: tuple[str, str]) -> None:
    files = {
        "Site/Views/Shared/_OldScripts.cshtml": "<script src='https://ajax.aspnetcdn.com/ajax/jquery.validate/1.16.0/jquery.validate.min.js'></script>",
        "Site/Pages/Status.cshtml": '@page\n<partial name="@Model.Page" />',
        "Site/Pages/Status.cshtml.cs": code,
    }
    assert states(files) == {state}


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, UNUSED),
        ({"web/components/main.js": "import './old_film';\n"}, USED),
        ({"index.html": "<script src='/web/components/old_film.js'></script>"}, USED),
        ({"webpack.config.js": "module.exports = { entry: glob.sync('./web/components/*.js'), also: './web/components/main.js' };"}, USED),
        ({"webpack.config.js": "module.exports = { entry: './web/main.js' };"}, USED),
    ],
)  # fmt: skip
def test_a_script_among_the_entrances_of_a_bundler_is_one_of_them_or_imported(
    more: Mapping[str, str], state: tuple[str, str]
) -> None:
    files = {
        "package.json": '{"private": true, "devDependencies": {"webpack": "5"}}',
        "webpack.config.js": "module.exports = { entry: { main: './web/components/main.js' } };",
        "web/components/main.js": "console.log('clinic');\n",
        "web/components/old_film.js": f"document.body.innerHTML = {FRAME!r};\n",
    }
    assert states(files | more) == {state}


JEKYLL = {
    "_config.yml": "title: Clinic\nsource: source\nplugins:\n  - plugins\ncounter:\nsite_env: dev\nfilm_id: ''\n# chat: x1\nmap: true\n",
    "source/_layouts/default.html": "<html>{% include head.html %}{{ content }}</html>",
    "source/_includes/head.html": "<title>{{ page.title }}</title>",
    "source/index.html": "---\nlayout: default\n---\n<h1>Clinic</h1>",
}
THEME = {".themes/classic/source/_layouts/default.html": "<html>{% include film.html %}{{ content }}</html>"}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        # Hidden folders and those beside the source are no part of the site, nor is what they mention.
        (THEME | {".themes/classic/source/_includes/film.html": FRAME}, set()),
        (THEME | {"source/_includes/film.html": FRAME}, {("unknown", "unused")}),
        ({"theme/_layouts/default.html": "<html>{{ content }}" + FRAME + "</html>"}, set()),
        (
            {"theme/_layouts/default.html": "<html>{{ content }}" + FRAME, "eleventy.config.js": ""},
            {("ungated", "none")},
        ),
        ({"source/_includes/film.html": FRAME, "source/a.html": "---\n---\n{% include film.html %}"}, {("ungated", "none")}),
        # An include has its whole path below the folder of includes.
        ({"source/_includes/custom/head.html": FRAME}, {("unknown", "unused")}),
        (
            {"source/_includes/custom/head.html": FRAME, "source/a.md": "{% include custom/head.html %}"},
            {("ungated", "none")},
        ),
        ({"source/_includes/film.html": FRAME, "source/a.html": "---\n---\n{% include_array parts %}"}, {("ungated", "none")}),
        # Layouts are named by pages, settings or plugins.
        ({"source/_layouts/film.html": "<html>" + FRAME}, {("unknown", "unused")}),
        ({"source/_layouts/film.html": "<html>" + FRAME, "source/a.md": "---\nlayout: film\n---\n"}, {("ungated", "none")}),
        ({"source/_layouts/film.html": "<html>" + FRAME, "_data/x.yml": "kind: film\n"}, {("ungated", "none")}),
        # What the settings leave empty, or out by a comment, prints nothing; an empty text is true to Liquid.
        ({"source/a.html": "---\n---\n{% if site.counter %}" + FRAME + "{% endif %}"}, {("ungated", "off")}),
        ({"source/a.html": "---\n---\n{% if page.film and site.counter %}" + FRAME + "{% endif %}"}, {("ungated", "off")}),
        ({"source/a.html": "---\n---\n{% if site.chat %}" + FRAME + "{% endif %}"}, {("ungated", "off")}),
        ({"source/a.html": "---\n---\n{% unless site.map %}" + FRAME + "{% endunless %}"}, {("ungated", "off")}),
        ({"source/a.html": "---\n---\n{% if site.film_id %}" + FRAME + "{% endif %}"}, {("ungated", "none")}),
        ({"source/a.html": "---\n---\n{% if site.film_id != '' %}" + FRAME + "{% endif %}"}, {("ungated", "off")}),
        ({"source/a.html": "---\n---\n{% if site.site_env == 'live' %}" + FRAME + "{% endif %}"}, {("ungated", "none")}),
        ({"source/a.html": "---\n---\n{% if site.other %}" + FRAME + "{% endif %}"}, {("ungated", "none")}),
        (
            {"source/a.html": "---\n---\n{% if site.counter %}" + FRAME + "{% endif %}", "_config.live.yml": "counter: 7\n"},
            {("ungated", "none")},
        ),
        (
            {"source/a.html": "---\n---\n{% if site.counter %}" + FRAME + "{% endif %}", "plugins/a.rb": "site.config['counter'] = 7"},
            {("ungated", "none")},
        ),
        (
            {"source/a.html": "---\n---\n{% if site.counter %}" + FRAME + "{% endif %}", "Makefile": "jekyll build --config _config.yml,live.yml"},
            {("ungated", "none")},
        ),
    ],
)  # fmt: skip
def test_what_jekyll_prints(more: Mapping[str, str], expected: set[tuple[str, str | None]]) -> None:
    assert states(JEKYLL | more) == expected


TAG = """class Film < Liquid::Tag
  def render(context)
    "<iframe src='https://www.youtube.com/embed/a1B2c3D4e5F'></iframe>"
  end
end
Liquid::Template.register_tag('film', Film)
"""


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({"README.md": "Write {% film %}"}, ("unknown", "unused")),
        ({"source/a.md": "---\ntitle: Film\n---\n{% film a1B2c3D4e5F %}"}, ("ungated", "none")),
        ({"plugins/film.rb": TAG + "Liquid::Template.register_filter(Films)\n"}, ("ungated", "none")),
        ({"film.gemspec": ""}, ("ungated", "none")),
    ],
)
def test_a_tag_that_a_plugin_adds_to_liquid_loads_where_a_page_has_it(
    more: Mapping[str, str], state: tuple[str, str]
) -> None:
    assert states(JEKYLL | {"plugins/film.rb": TAG} | more) == {state}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"assets/plugins/Frames/tests.html": FRAME, "assets/plugins/Frames/jquery.frames.js": ""}, set()),
        ({"vendor/assets/frames/cross-domain/example.html": FRAME, "vendor/assets/frames/bower.json": "{}"}, set()),
        (
            {"vendor/assets/frames/cross-domain/film.html": FRAME, "vendor/assets/frames/bower.json": "{}"},
            {("ungated", "none")},
        ),
        ({"static/libs/frames/demo.html": FRAME, "static/libs/frames/bower.json": "{}"}, set()),
        ({"assets/plugins/Frames/tests.html": FRAME}, {("ungated", "none")}),
        ({"assets/plugins/Frames/index.html": FRAME, "assets/plugins/Frames/bower.json": ""}, {("ungated", "none")}),
        ({"assets/Frames/demo.html": FRAME, "assets/Frames/jquery.frames.js": ""}, {("ungated", "none")}),
        (
            {
                "plugins/Frames/demo.html": FRAME,
                "plugins/Frames/jquery.frames.js": "",
                "index.html": "<a href='/plugins/Frames/demo.html'>See it</a>",
            },
            {("ungated", "none")},
        ),
    ],
)
def test_a_page_that_tries_a_plugin_beside_it_is_not_served(
    files: Mapping[str, str], expected: set[tuple[str, str | None]]
) -> None:
    assert states(files) == expected


@pytest.mark.parametrize(
    ("settings", "served"),
    [
        ("RewriteEngine On\nRewriteRule ^(?:old|crawl)(?:/|$) - [F,L,NC]\n", False),
        ("RedirectMatch 404 ^/crawl/\n", False),
        ("RewriteCond %{HTTP_HOST} ^dev\nRewriteRule ^crawl/ - [F]\n", True),
        ("RewriteRule ^crawl/(.*) /$1 [R=301]\n", True),
        ("RewriteRule ^(c+r+)+awl/ - [F]\n", True),
        ("RewriteRule ^(crawl/ - [F]\n", True),
        ('<Files "crawl.html">\nDeny from all\n</Files>\n', True),
        ("Require all denied\n", False),
    ],
)
def test_what_the_server_refuses_is_not_served(settings: str, served: bool) -> None:
    files = {"web/.htaccess": settings, "web/crawl/home.html": f"<!doctype html>{FRAME}"}
    assert bool(scanned(files).detections) == served


LARAVEL = {
    "artisan": "#!/usr/bin/env php",
    "composer.json": '{"require": {"laravel/framework": "^11.0"}}',
    "routes/web.php": "<?php Route::view('/', 'news.home');\n// Route::view('/film', 'news.film');",
    "resources/views/news/home.blade.php": "@extends('layouts.site')\n{{-- @include('news.film') --}}",
    "resources/views/layouts/site.blade.php": "<!doctype html><html><body>@yield('page')</body></html>",
}
FILM_PAGE = f"@extends('layouts.site')\n@section('page'){FRAME}@endsection"


@pytest.mark.parametrize(
    "path",
    [
        "resources/views/news/film.blade.php",
        "resources/views/film.blade.php",
        "resources/views/news/home.blade copy.php",
        "resources/views/components/home.blade - Copy.php",
        "resources/views/news/home.blade_old.php",
    ],
)
def test_a_view_of_laravel_that_nothing_names_is_shown_by_nothing(path: str) -> None:
    assert states(LARAVEL | {path: FILM_PAGE}) == {("unknown", "unused")}
    whole = f"<!doctype html><html><body>{FRAME}</body></html>"
    assert states(LARAVEL | {path: whole}) == {("unknown", "unused")}


@pytest.mark.parametrize(
    ("more", "used"),
    [
        ({"app/Film.php": "<?php return view('news.film');"}, True),
        ({"app/Film.php": "<?php return view('news/film', ['a' => 1]);"}, True),
        ({"app/Film.php": "<?php return new Content(view: 'news.film');"}, True),
        ({"app/Film.php": "<?php $file = resource_path('views/news/film.blade.php');"}, True),
        ({"resources/views/news/home.blade.php": "@include('news.film')"}, True),
        ({"resources/views/news/home.blade.php": "@includeWhen($on, 'news.film')"}, True),
        ({"resources/views/news/home.blade.php": "@include('news.' . $kind)"}, True),
        ({"resources/views/news/home.blade.php": "@include($part)"}, True),
        ({"resources/views/news/home.blade.php": "@includeFirst([$part, 'news.none'])"}, True),
        ({"app/Film.php": '<?php $view = "news.$kind"; return show($view);'}, True),
        ({"app/Film.php": "<?php return view($page->template);"}, True),
        ({"app/Film.php": "<?php return View::make(self::VIEW);"}, True),
        ({"app/Film.php": '<?php return view("{$folder}.film");'}, True),
        ({"app/Film.php": "<?php Folio::path(resource_path('views/news'));"}, True),
        ({"app/Film.php": "<?php foreach (File::allFiles(resource_path('views')) as $one) { show($one); }"}, True),
        ({"config/view.php": "<?php return ['paths' => [resource_path('views')]];"}, False),
        ({"config/site.json": '{"page": "news.film"}'}, True),
        ({"composer.json": '{"require": {"statamic/cms": "^5.0"}}'}, True),
        ({"app/Film.php": "<?php return view('shop.film');"}, False),
        ({"app/Film.php": "<?php return redirect()->route('film');"}, False),
        ({"app/Film.php": "<?php return redirect()->to('news/' . $id);"}, False),
        ({"app/Film.php": "<?php return view('shop.' . $kind);"}, False),
        ({"app/Policies/FilmPolicy.php": "<?php class P { public function view(User $user) { return true; } }"}, False),
        ({"app/Film.php": "<?php /* return view($name); */"}, False),
        ({"_ide_helper.php": "<?php class View { static function make($v) { return $i->view($v); } }"}, False),
    ],
)
def test_a_view_of_laravel_is_shown_by_what_names_it_or_may_do_so(more: Mapping[str, str], used: bool) -> None:
    state = ("ungated", "none") if used else ("unknown", "unused")
    assert states(LARAVEL | {"resources/views/news/film.blade.php": FILM_PAGE} | more) == {state}


@pytest.mark.parametrize(
    "path",
    [
        "resources/views/errors/404.blade.php",
        "resources/views/vendor/shop/film.blade.php",
        "resources/views/components/film.blade.php",
        "resources/views/auth/login.blade.php",
        "resources/views/layouts/app.blade.php",
        "packages/shop/resources/views/film.blade.php",
    ],
)
def test_a_view_that_laravel_or_a_package_finds_is_shown(path: str) -> None:
    assert states(LARAVEL | {path: FILM_PAGE}) == {("ungated", "none")}


@pytest.mark.parametrize(
    ("view", "state"),
    [("'mail.news'", ("unknown", "unused")), ("$kind->view", ("ungated", "none"))],
)
def test_a_mail_takes_its_view_from_what_it_is_given(view: str, state: tuple[str, str]) -> None:
    mail = "<?php class News extends Mailable { function build() { return $this->view($this->mail['view']); } }"
    files = {"app/Mail/News.php": mail, "app/Send.php": f"<?php $mail['view'] = {view}; Mail::send(new News($mail));"}
    assert states(LARAVEL | {"resources/views/news/film.blade.php": FILM_PAGE} | files) == {state}


IMPORTS = "@import url('https://fonts.googleapis.com/css?family=Lato');\nbody { color: black }\n"
STYLED = {
    "views/page.php": "<html><head><link rel='stylesheet' href='<?= asset('css/site.css') ?>'></head><?= $body ?></html>",
    "public/css/site.css": "body { margin: 0 }\n/*# sourceMappingURL=site.css.map */\n",
    "public/css/old/summer.css": f"/* summer.css */\n{IMPORTS}",
    "public/css/old/2019/summer.css": "/* summer.css */\n",
    "README.md": "The colours are in summer.css.",
    "package.json": '{"scripts": {"lint": "prettier \'**/*.css\'"}, "extensions": [".js", ".css"]}',
    "views/news.php": "<p class='summer'>The summer is here</p><script>$('.summer').css('color', 'red')</script>",
}


def test_a_style_sheet_beside_others_that_pages_name_and_that_nothing_names_is_on_no_page() -> None:
    assert states(STYLED) == {("unknown", "unused")}


@pytest.mark.parametrize(
    "more",
    [
        {"views/news.php": "<link rel='stylesheet' href='/css/old/summer.css?v=2'>"},
        {"public/css/site.css": "@import 'old/summer.css';"},
        {"public/js/site.js": "link.href = '/css/old/summer.css'"},
        {"public/js/site.js": "link.href = '/css/old/' + season + '.css'"},
        {"public/js/site.js": "link.href = `/css/old/${season}.css`"},
        {"public/js/site.js": "link.href = base + 'mer.css'"},
        {"views/news.php": '<?php echo style("old/$season.css"); ?>'},
        {"views/news.php": "<?php echo style(sprintf('old/%s.css', $season)); ?>"},
        {"views/news.php": "<?= $this->Html->css(['site', 'summer']) ?>"},
        {"views/news.php": "<link rel='stylesheet' href='<?= $sheet ?>'>"},
        {"views/news.njk": "<link rel='stylesheet' href='{{ page.sheet }}'>"},
        {"views/news.pug": "link(rel='stylesheet' href=sheet)"},
        {"views/news.erb": "<%= stylesheet_link_tag theme %>"},
        {"views/news.php": "<?php $page->addStyleSheet($sheet); ?>"},
        {"views/news.html": "<link rel='stylesheet' href='/CSS/old/Summer.css'>"},
        {"gulpfile.js": "gulp.src('public/css/**/*.css').pipe(concat('all.css'))"},
        {"package.json": '{"scripts": {"build": "cleancss public/css/old/*.css -o public/css/site.css"}}'},
        {"webpack.mix.js": "mix.sass('styles/summer.scss', 'public/css/old')"},
        {"site.yml": "season: summer"},
        {"manifest.json": '{"content_scripts": [{"css": ["css/old/summer.css"]}]}'},
        {"mkdocs.yml": "site_name: Clinic"},
        {"views/page.php": "<html><?= $head ?><?= $body ?></html>"},
    ],
)
def test_a_style_sheet_that_something_names_or_may_name_is_fetched(more: Mapping[str, str]) -> None:
    assert states(STYLED | more) == {("ungated", "none")}


@pytest.mark.parametrize("path", ["public/vendor/shop/summer.css", "public/themes/summer.css", "css/summer.css"])
def test_a_style_sheet_that_a_package_or_a_theme_brings_is_fetched(path: str) -> None:
    assert states({one: text for one, text in STYLED.items() if "old" not in one} | {path: IMPORTS}) == {
        ("ungated", "none")
    }


def test_files_that_all_name_each_other_are_no_end_of_ways() -> None:
    names = [f"ward{number}" for number in range(40)]
    includes = "".join(f"<?php include '{name}.php'; ?>\n" for name in names)
    files = {f"parts/{name}.php": includes for name in names} | {"parts/film.php": FRAME + includes}
    files |= {f"parts/{name}.php": includes + "<?php include 'film.php'; ?>\n" for name in names}
    result = scanned(files)
    assert [one.path for one in result.detections] == ["parts/film.php"]
    assert result.skipped == ()


def test_what_stands_in_for_the_browser_on_a_server_defines_nothing_on_pages() -> None:
    files = {
        "index.html": "<!DOCTYPE html><html><body><div id='root'></div><script type='module' src='/src/main.js'></script></body></html>",
        "src/main.js": (
            f"const box = document.getElementById('root');\nif (!box) {{ console.error('none'); }} else {{ {CALL} }}\n"
        ),
    }
    drawn = {"scripts/draw.mjs": "globalThis.document = { getElementById: () => null };\n"}
    assert states(files) == states(files | drawn) == {USED}
