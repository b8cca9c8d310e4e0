"""TL501 and TL502: the site's own cookie page held against what the site loads. All through `check.run`."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from tracklint import check, ruleset
from tracklint.model import Finding

KNOWN = ruleset.load(())
HOTJAR = '<script src="https://static.hotjar.com/c/hotjar-1847362.js?sv=6"></script>\n'
META = '<script src="https://connect.facebook.net/en_GB/fbevents.js"></script>\n'
MANAGER = '<script async src="https://www.googletagmanager.com/gtm.js?id=GTM-ABC1234"></script>\n'
TABLE = "<h1>Cookies</h1><table><tr><td>Hotjar</td><td>by Contentsquare</td><td>_hjSession_*</td></tr></table>\n"


@pytest.fixture(autouse=True)
def in_the_site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tracklint.ruleset.load", lambda paths=(): KNOWN)


def findings(folder: Path, files: dict[str, str], paths: tuple[str, ...] = ()) -> list[Finding]:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    wanted = tuple(Path(path) for path in paths)
    request = check.Request(paths=wanted, select=("TL5",), today=datetime.date(2026, 6, 1))
    return list(check.run(request).report.findings)


def told(found: list[Finding]) -> list[tuple[str, str, int, str, str | None]]:
    return [(one.code, one.path, one.line, one.severity, one.service) for one in found]


def test_a_service_that_the_page_does_not_mention(tmp_path: Path) -> None:
    found = findings(tmp_path, {"index.html": HOTJAR + META, "cookies.html": TABLE})
    assert told(found) == [("TL501", "index.html", 2, "warning", "facebook-pixel")]
    assert found[0].message == "Meta Pixel is loaded here, but the site's cookie page cookies.html does not mention it"
    assert [one.path for one in found[0].related] == ["cookies.html"]


def test_a_form_of_a_service_is_told_with_the_service(tmp_path: Path) -> None:
    form = '<iframe src="https://stats.clinic.uk/index.php?module=CoreAdminHome&action=optOut"></iframe>'
    files = {"index.html": f"<body>{form}</body>", "cookies.html": "<p>We count visits with Matomo.</p>"}
    assert told(findings(tmp_path, files)) == []
    files["cookies.html"] = "<p>We count visits with a cookie of our own, and ask you first.</p>"
    assert [one[4] for one in told(findings(tmp_path, files))] == ["matomo-opt-out"]


def test_of_many_applications_each_has_its_own_page(tmp_path: Path) -> None:
    pages = {
        f"{app}/templates/privacy.html": "<h1>Privacy</h1><p>Which cookies our site keeps.</p>"
        for app in ("book", "shop")
    }
    found = findings(tmp_path, {"book/static/app.html": HOTJAR, "shared/head.html": META, **pages})
    assert [(one.service, one.related[0].path) for one in found] == [
        ("hotjar", "book/templates/privacy.html"),
        ("facebook-pixel", "book/templates/privacy.html"),
    ]


def test_menus_around_the_main_part_of_a_page_tell_nothing(tmp_path: Path) -> None:
    menu = "<footer><a href='https://www.hotjar.com/clinic'>Hotjar</a></footer>"
    inner = "<h1>Cookies</h1><p>We ask before we count visits.</p>"
    files = {"index.html": HOTJAR, "cookies.html": f"<body><main>{inner}</main>{menu}</body>"}
    (one,) = findings(tmp_path, files)
    assert one.message.endswith("cookies.html does not mention it")
    for whole in (f"<body>{inner}{menu}</body>", f"<body><main>{inner}{TABLE}</main></body>"):
        found = findings(tmp_path, files | {"cookies.html": whole})
        assert not any("does not mention it" in one.message for one in found)


def test_a_page_that_tells_all_is_fine(tmp_path: Path) -> None:
    assert findings(tmp_path, {"index.html": HOTJAR, "cookies.html": TABLE}) == []


@pytest.mark.parametrize(
    "text",
    ["<p>We use HOTJAR of Contentsquare: _hjSession_1</p>", "<td>_hjSessionUser_*</td><td>Contentsquare</td>"],
)
def test_a_service_is_mentioned_by_its_name_or_its_cookies(tmp_path: Path, text: str) -> None:
    assert findings(tmp_path, {"index.html": HOTJAR, "cookies.html": f"<h1>Cookies</h1>{text}"}) == []


@pytest.mark.parametrize(
    "text",
    [
        "<p>No trackers here.</p>",
        '<p><a href="https://hotjar.com/optout">More</a></p>',
        "<!-- Hotjar -->",
        "<p>Hotjars</p>",
    ],
)
def test_what_visitors_do_not_read_mentions_nothing(tmp_path: Path, text: str) -> None:
    found = findings(tmp_path, {"index.html": HOTJAR, "cookies.html": f"<h1>Cookies</h1>{text}"})
    assert [one.service for one in found] == ["hotjar"]


def test_a_name_without_company_and_cookies_is_half_the_truth(tmp_path: Path) -> None:
    page = "<h1>Cookies</h1>\n<p>We use Hotjar.</p>\n"
    found = findings(tmp_path, {"index.html": HOTJAR, "cookies.html": page})
    assert told(found) == [("TL501", "cookies.html", 2, "note", "hotjar")]
    assert "but not that Contentsquare receives the data nor its cookies _hjSessionUser_*" in found[0].message


def test_a_company_is_named_without_its_legal_form_too(tmp_path: Path) -> None:
    tiles = '<script>L.tileLayer("https://tile.openstreetmap.org/{z}/{x}/{y}.png")</script>'
    page = "<h1>Cookies</h1><p>Maps come from openstreetmap.org</p>"
    assert findings(tmp_path, {"index.html": tiles, "cookies.html": page}) == []


def test_the_cookies_that_the_manifest_lists_must_all_be_there(tmp_path: Path) -> None:
    manifest = """\
version = 1

[[tracker]]
service = "hotjar"
status = "pending"
category = "analytics"
consent = "required"
cookies = [{ name = "_hjSession_*" }, { name = "_hjOther" }]
"""
    found = findings(tmp_path, {"index.html": HOTJAR, "cookies.html": TABLE, "tracker-approvals.toml": manifest})
    assert [one.message for one in found] == ["The cookie page mentions Hotjar, but not its cookie _hjOther"]


def test_a_service_that_the_page_names_but_the_site_does_not_load(tmp_path: Path) -> None:
    page = TABLE + "<table>\n<tr><td>Crazy Egg</td></tr>\n<tr><td>_fbp</td></tr></table>"
    found = findings(tmp_path, {"index.html": HOTJAR, "cookies.html": page})
    assert told(found) == [
        ("TL502", "cookies.html", 3, "note", "crazy-egg"),
        ("TL502", "cookies.html", 4, "note", "facebook-pixel"),
    ]


def test_the_cookie_of_a_choice_is_the_sites_own(tmp_path: Path) -> None:
    page = TABLE + "<table><tr><td>cookie_consent</td></tr><tr><td>cookieyes-consent</td></tr></table>"
    assert findings(tmp_path, {"index.html": HOTJAR, "cookies.html": page}) == []


@pytest.mark.parametrize(
    ("user", "told"), [("./Table", True), ("@/lib/cookie-list", True), ("@/lib/visits", False), ("../banner", False)]
)
def test_what_a_page_of_code_is_made_of_is_its_text(tmp_path: Path, user: str, told: bool) -> None:
    table = "export const rows = [{ name: 'Hotjar', cookies: ['_hjSession_*', '_hjSessionUser_*'] }];\n"
    page = f"import {{ rows }} from '{user}';\nexport default () => <main><p>All cookies of our site, such as those of Meta Pixel</p>{{rows}}</main>;\n"
    files = {
        "app/cookies/page.tsx": page,
        "index.html": HOTJAR,
        "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./*"]}}}',
    }
    files |= dict.fromkeys(("app/cookies/Table.ts", "lib/cookie-list.ts", "lib/visits.ts", "app/banner.ts"), table)
    assert any("does not mention it" in one.message for one in findings(tmp_path, files)) != told


def test_a_word_of_the_language_is_no_service(tmp_path: Path) -> None:
    page = TABLE + "<p>Each segment of a session, for clarity, in plain words: a heap of them. Google it.</p>"
    assert findings(tmp_path, {"index.html": HOTJAR, "cookies.html": page}) == []


def test_a_name_inside_a_longer_name_of_what_is_loaded_is_not_another_service(tmp_path: Path) -> None:
    maps = '<iframe src="https://www.google.com/maps/embed?pb=1"></iframe>'
    page = "<h1>Cookies</h1><p>Google Maps by Google sets NID and OGPC.</p>"
    assert findings(tmp_path, {"index.html": maps, "cookies.html": page}) == []


def test_a_cookie_is_told_of_the_service_that_the_page_names(tmp_path: Path) -> None:
    page = TABLE + "<p>With Google Analytics we count visits.</p>\n<table><tr><td>_ga</td></tr></table>"
    found = findings(tmp_path, {"index.html": HOTJAR, "cookies.html": page})
    assert [one.service for one in found] == ["google-analytics"]


def test_a_cookie_that_several_services_set_is_told_of_the_one_that_sets_more(tmp_path: Path) -> None:
    page = TABLE + "<table>\n<tr><td>_ga</td></tr></table>"
    found = findings(tmp_path, {"index.html": HOTJAR, "cookies.html": page})
    assert [(one.service, one.line) for one in found] == [("google-analytics", 3)]


@pytest.mark.parametrize("page", ["<p>We use Google Analytics.</p>", "<table><tr><td>_ga</td></tr></table>"])
def test_a_page_need_hardly_name_a_tag_manager_beside_what_it_brings(tmp_path: Path, page: str) -> None:
    found = findings(tmp_path, {"index.html": MANAGER, "cookies.html": "<h1>Cookies</h1>" + page})
    assert told(found) == [("TL501", "index.html", 1, "note", "google-tag-manager")]


def test_nor_where_that_is_loaded_beside_it(tmp_path: Path) -> None:
    loaded = MANAGER + '<script async src="https://www.googletagmanager.com/gtag/js?id=G-ABCDEFGH12"></script>\n'
    page = "<h1>Cookies</h1><p>We use Google Analytics by Google: _ga</p>"
    found = findings(tmp_path, {"index.html": loaded, "cookies.html": page})
    assert ("TL501", "index.html", 1, "note", "google-tag-manager") in told(found)
    assert "warning" not in [one.severity for one in found]


def test_what_no_page_uses_need_not_be_told_of(tmp_path: Path) -> None:
    part = {
        "_includes/old.html": HOTJAR,
        "_config.yml": "title: Clinic\n",
        "_layouts/page.html": "<html>{{ content }}</html>",
    }
    pages = {**part, "cookies.html": "---\nlayout: page\n---\n<h1>Cookies</h1><p>We use cookies, but few.</p>"}
    assert findings(tmp_path, pages) == []
    used = {"_layouts/page.html": "<html>{% include old.html %}{{ content }}</html>"}
    assert [one.code for one in findings(tmp_path, {**pages, **used})] == ["TL501"]


def test_a_connection_alone_need_not_be_told_of(tmp_path: Path) -> None:
    hint = '<link rel="preconnect" href="https://static.hotjar.com">\n'
    page = "<h1>Cookies</h1><p>We use cookies, but few.</p>"
    assert findings(tmp_path, {"index.html": hint, "cookies.html": page}) == []
    assert len(findings(tmp_path, {"index.html": hint + HOTJAR, "cookies.html": page})) == 1


@pytest.mark.parametrize("page", ["<p>We use Google Maps.</p>", "<p>We use Hotjar.</p>"])
def test_what_no_tag_manager_of_its_maker_brings_makes_no_difference(tmp_path: Path, page: str) -> None:
    found = findings(tmp_path, {"index.html": MANAGER, "cookies.html": "<h1>Cookies</h1>" + page})
    assert ("TL501", "index.html", 1, "warning", "google-tag-manager") in told(found)


@pytest.mark.parametrize(
    "name",
    [
        "cookies.html",
        "cookie-policy.md",
        "content/cookies/index.html",
        "pages/Cookie_Notice.html",
        "views/cookies.en.html",
        "privacy-policy.html",
    ],
)
def test_the_page_is_found_by_its_name(tmp_path: Path, name: str) -> None:
    found = findings(tmp_path, {"index.html": HOTJAR, name: "<h1>Cookies</h1>\n\nNothing.\n"})
    assert [one.service for one in found] == ["hotjar"]


@pytest.mark.parametrize(
    "name",
    [
        "cookies.js",
        "img/cookies.svg",
        "partials/cookies.html",
        "cookie-banner.html",
        "tests/cookies.html",
        "app/privacy-policy/page.test.tsx",
        "app/cookies/page.stories.tsx",
        "app/privacy/__tests__/privacy.tsx",
        "templates/account/privacy.html",
    ],
)
def test_code_and_parts_of_pages_are_no_cookie_page(tmp_path: Path, name: str) -> None:
    assert findings(tmp_path, {"index.html": HOTJAR, name: "<h1>Cookies</h1>"}) == []


NOTICE = "<h1>Privacy notice</h1><p>How our site treats what you tell us, and which services see it.</p>"


@pytest.mark.parametrize(
    "path, footer",
    [
        ("views/includes/footer.html", '<footer><a href="https://www.clinic.example/cookies/">Cookies</a></footer>'),
        (
            "views/_layouts/base.html",
            "<a class='x' href='//clinic.example/about/cookie-policy.html'> Our cookie policy</a>",
        ),
        ("components/Footer.jsx", 'export default () => <a href={"https://clinic.example/cookies"}>\n  Cookies\n</a>'),
        ("views/footer.njk", "{{ footer({ items: [{ href: '//clinic.example/cookies', text: 'Cookies' }] }) }}"),
    ],
)
def test_a_privacy_notice_is_not_the_cookie_page_where_that_lies_elsewhere(
    tmp_path: Path, path: str, footer: str
) -> None:
    files = {"views/index.html": HOTJAR, "views/privacy/privacy.html": NOTICE}
    assert findings(tmp_path, {**files, path: footer}) == []
    (tmp_path / path).unlink()
    assert [one.service for one in findings(tmp_path, files)] == ["hotjar"]


@pytest.mark.parametrize(
    "path, text",
    [
        ("views/footer.html", '<a href="/privacy#cookies">Cookies</a>'),
        ("views/footer.html", '<!-- <a href="https://clinic.example/cookies">Cookies</a> -->'),
        ("views/footer.html", '<a href="https://clinic.example/privacy-and-cookies">Cookies</a>'),
        ("views/footer.html", '<a href="https://clinic.example/cookies">Cookies</a> <a href="{{ ours }}">Cookies</a>'),
        ("views/footer.html", '<a href="https://clinic.example/cookies">What browsers keep</a>'),
        ("views/article.html", '<p>What are <a href="https://browsers.example/cookies">cookies</a>?</p>'),
        ("shop/footer.html", '<a href="https://clinic.example/cookies">Cookies</a>'),
    ],
    ids=["on this page", "a comment", "a notice itself", "another link", "another text", "an article", "another site"],
)
def test_which_links_show_no_cookie_page_elsewhere(tmp_path: Path, path: str, text: str) -> None:
    files = {"views/index.html": HOTJAR, "views/privacy/privacy.html": NOTICE}
    assert [one.service for one in findings(tmp_path, {**files, path: text})] == ["hotjar"]


def test_a_cookie_page_of_ones_own_is_held_to_it_though_another_is_linked(tmp_path: Path) -> None:
    footer = '<footer><a href="https://clinic.example/cookies">Cookies</a></footer>'
    files = {"index.html": HOTJAR, "footer.html": footer, "cookies.html": NOTICE}
    assert [one.service for one in findings(tmp_path, files)] == ["hotjar"]


def test_a_manual_is_a_page_of_the_site_only_where_the_manual_is_the_site(tmp_path: Path) -> None:
    note = {"docs/cookies.md": "# Cookies\n\nAsk before you add one.\n"}
    assert findings(tmp_path, {**note, "app/templates/base.html": HOTJAR}) == []
    assert len(findings(tmp_path, {**note, "docs/index.html": META})) == 2
    assert findings(tmp_path, {"site/docs/cookies.md": note["docs/cookies.md"], "docs/index.html": ""}) == []
    theme = {"mkdocs.yml": "site_name: A\nextra:\n  analytics:\n    provider: google\n    property: G-ABC1234567\n"}
    assert [one.service for one in findings(tmp_path, {**theme, "app/templates/base.html": ""})] == ["google-analytics"]


def test_a_page_whose_text_is_kept_elsewhere_proves_nothing_unless_it_is_named(tmp_path: Path) -> None:
    files = {"index.html": HOTJAR, "cookies.html": "<h1>Cookies</h1>{{ page.body }}"}
    assert findings(tmp_path, files) == []
    assert len(findings(tmp_path, {**files, "tracklint.toml": 'policy_page = "cookies.html"\n'})) == 1


@pytest.mark.parametrize(
    ("page", "data"),
    [
        ("{{ site.data.legal.privacy.text | markdownify }}", "_data/legal/privacy.yml"),
        ("{{site.data.legal.privacy}}", "_data/legal.yaml"),
        ("{{ .Site.Data.legal.privacy | markdownify }}", "data/legal/privacy.toml"),
    ],
)
def test_a_page_says_what_it_prints_from_a_data_file(tmp_path: Path, page: str, data: str) -> None:
    cookies = {"pages/cookies.html": f"<h1>Cookies</h1><p>A civic site.</p>{page}"}
    text = "text: |\n  We use Hotjar by Contentsquare: _hjSession_1\n"
    found = findings(tmp_path, {"index.html": HOTJAR + META, **cookies, data: text})
    assert [one.service for one in found] == ["facebook-pixel"]


def test_a_promise_beside_a_form_is_no_policy(tmp_path: Path) -> None:
    promise = "<p>Our <strong>privacy policy</strong> is simple: we never sell what you tell us, nor pass it on.</p>"
    path = "app/views/application/_privacy_policy.html.erb"
    assert findings(tmp_path, {"index.html": HOTJAR, path: promise}) == []
    found = findings(tmp_path, {"index.html": HOTJAR, path: f"{promise}<p>We use cookies for statistics.</p>"})
    assert [path in one.message for one in found] == [True]


@pytest.mark.parametrize("head", ["---\nslug: privacy\nuntranslated: 1\n---\n", "+++\nslug = 'privacy'\n+++\n\n"])
def test_a_stub_without_text_is_no_page(tmp_path: Path, head: str) -> None:
    assert findings(tmp_path, {"index.html": HOTJAR, "content/base/privacy.md": head}) == []
    found = findings(tmp_path, {"content/en/privacy.md": f"{head}We care about cookies.\n"})
    assert "content/en/privacy.md" in found[0].message and len(found) == 1


def test_a_page_whose_text_stands_in_its_front_matter_is_a_page(tmp_path: Path) -> None:
    text = "  We use cookies of Hotjar by Contentsquare (_hjSession_1) to see how visitors use our site.\n" * 3
    head = f"---\ntitle: Privacy\nmain-text-1: |-\n{text}---\n"
    found = findings(tmp_path, {"index.html": HOTJAR + META, "content/privacy-policy.md": head})
    assert [one.service for one in found] == ["facebook-pixel"]


def test_names_in_the_code_of_a_page_tell_nothing(tmp_path: Path) -> None:
    code = "import Intercom from './Intercom';\nexport const data = { twitter: meta.twitter };\n"
    page = code + "export default () => <main className='hotjar'>TEXT</main>;\n"
    path = "app/privacy-policy/page.tsx"
    assert findings(tmp_path, {"index.html": HOTJAR + META, path: page.replace("TEXT", "{text}")}) == []
    told_of = page.replace("TEXT", "We use cookies of <b>Hotjar</b> by Contentsquare: _hjSession_1")
    found = findings(tmp_path, {"index.html": HOTJAR + META, path: told_of})
    assert [one.service for one in found] == ["facebook-pixel"]


SAYS = "<h1>Privacy</h1><p>Our site keeps your name, and{' '}the services that we use may set cookies.</p>"


def _component(body: str, before: str = "", given: str = "") -> str:
    return f"{before}\nexport default function Privacy({given}) {{ return <main>{SAYS}{body}</main> }}\n"


@pytest.mark.parametrize(
    "page",
    [
        _component(""),
        _component("{/* nothing */}<b>{`No ${'more'}`}</b>{open && <p>Shut</p>}{open ? 'a' : 'b'}"),
        _component("{LIST.map((one, i) => <li key={i}>{one.says} {i}</li>)}", "const LIST = [{ says: 'We care.' }];"),
        _component(
            "{LIST.map(({ rows }) => rows.map((row) => <li>{row}</li>))}", "const LIST = [{ rows: ['We care.'] }];"
        ),
        _component(
            "<Part title='Rights'>You have rights</Part>",
            "function Part({ title, children }) { return <p>{title}{children}</p> }",
        ),
        _component(
            "<Header /><Arrow className='x' />", "import { Header } from './Header';\nimport { Arrow } from 'icons';"
        ),
        _component("<Box title='Rights' to={ROUTE}>You have rights</Box>", "import { Box, ROUTE } from '@/ui';"),
        _component("{new Date().getFullYear()}"),
    ],
    ids=["plain", "literals", "a list", "a list of lists", "a part", "what all pages have", "a box", "the year"],
)
def test_a_page_of_code_whose_text_is_written_out_is_read_like_any_other(tmp_path: Path, page: str) -> None:
    files = {"app/index.html": HOTJAR, "app/privacy/page.tsx": page}
    assert [one.service for one in findings(tmp_path, files)] == ["hotjar"]
    told = page.replace("</h1>", "</h1><p>Hotjar of Contentsquare: _hjSession_1</p>")
    assert findings(tmp_path, {**files, "app/privacy/page.tsx": told}) == []


@pytest.mark.parametrize(
    "page",
    [
        _component("{text}", given="{ text }"),
        _component("{t('services')}", "import { t } from 'i18n';"),
        _component("{LIST.map((one) => <li>{one}</li>)}", "import { LIST } from './list';"),
        _component("{LIST.map((one) => <li>{t(one)}</li>)}", "import { t } from 'i18n';\nconst LIST = ['a'];"),
        _component("{text}", "import { useState } from 'react';\nconst [text] = useState('');"),
        _component("<Services />", "import { Services } from '@/parts/services';"),
        _component("<Message id='services' />", "import { Message } from 'i18n';"),
        _component("<Box text={t('services')} />", "import { Box, t } from './box';"),
        _component("<Box {...all} />", "import { Box, all } from './box';"),
        _component("<div dangerouslySetInnerHTML={{ __html: page }} />", "import page from './page';"),
        _component("<Part />", "export function Part({ text }) { return <p>{text}</p> }"),
        _component("<script src='https://policies.example/embed.js' />"),
        "export const Privacy = () => h('main', 'Privacy', 'Our site keeps your name, and services set cookies.');",
    ],
)
def test_a_page_of_code_that_may_bring_text_from_elsewhere_proves_nothing(tmp_path: Path, page: str) -> None:
    assert findings(tmp_path, {"app/index.html": HOTJAR, "app/privacy/page.tsx": page}) == []


def test_a_name_in_a_language_without_spaces(tmp_path: Path) -> None:
    page = "<h1>Cookies</h1><p>当社はHotjarを利用します。</p>"
    found = findings(tmp_path, {"index.html": HOTJAR, "cookies.html": page})
    assert [one.message.split(", but")[0] for one in found] == ["The cookie page mentions Hotjar"]


def test_a_host_is_mentioned_by_the_words_of_its_name(tmp_path: Path) -> None:
    widget = '<script src="https://widget.ourgoodgivingshop.org/w.js"></script>\n'
    cookies = {"cookies.html": "<h1>Cookies</h1><p>Our Good Giving Shop takes gifts.</p>"}
    assert findings(tmp_path, {"index.html": widget, **cookies}) == []
    cookies = {"cookies.html": "<h1>Cookies</h1><p>Four good givings shopped.</p>"}
    assert [one.service for one in findings(tmp_path, cookies)] == ["host:widget.ourgoodgivingshop.org"]


def test_a_word_is_no_cookie_for_its_first_letters(tmp_path: Path) -> None:
    files = {"index.html": HOTJAR, "cookies.html": f"{TABLE}<p>Oplysninger om dig.</p>"}
    assert findings(tmp_path, files) == []


def test_a_short_word_is_no_cookie_of_that_beginning(tmp_path: Path) -> None:
    files = {"index.html": HOTJAR, "cookies.html": f"{TABLE}<p>AMP_TOKEN: the AMP client of the page.</p>"}
    assert "amplitude" not in {one.service for one in findings(tmp_path, files)}


def test_a_line_in_the_place_of_a_page_is_no_cookie_page(tmp_path: Path) -> None:
    line = "<p>Placeholder, the theme overrides it.</p>"
    assert findings(tmp_path, {"index.html": HOTJAR, "privacy.html": line}) == []
    (tmp_path / "tracklint.toml").write_text('policy_page = "privacy.html"\n', encoding="utf-8")
    assert [one.service for one in findings(tmp_path, {})] == ["hotjar"]


def test_an_article_on_privacy_is_no_privacy_page(tmp_path: Path) -> None:
    article = """# Privacy

The Privacy Office reads the assessment of each product before the launch. Ask the office which of the forms to fill in,
and send the forms to the head of the unit. The head signs them, or sends them back with a question. A product that was
launched before the Privacy Office was founded is read as well, in the order in which the units ask for it.
"""
    assert findings(tmp_path, {"index.html": HOTJAR, "pages/launch/privacy.md": article}) == []
    for said in (
        "The hospital keeps what your browser sends.",
        "We will only store the number.",
        "Your data are safe.",
    ):
        notice = {"index.html": HOTJAR, "pages/launch/privacy.md": f"{article}\n{said}\n"}
        assert [one.service for one in findings(tmp_path, notice)] == ["hotjar"]
    german = "# Datenschutz\n\nDie Stelle prüft jedes Vorhaben, bevor es beginnt, auch auf Cookies.\n"
    assert [one.service for one in findings(tmp_path, {"pages/launch/privacy.md": german})] == ["hotjar"]


def test_a_long_page_may_speak_of_placeholders(tmp_path: Path) -> None:
    page = f"<h1>Cookies</h1><p>{'We keep what you choose. ' * 8}A placeholder stands where you refuse.</p>"
    assert [one.service for one in findings(tmp_path, {"index.html": HOTJAR, "cookies.html": page})] == ["hotjar"]


def test_a_page_of_the_configuration_that_is_not_there(tmp_path: Path) -> None:
    found = findings(tmp_path, {"index.html": HOTJAR, "tracklint.toml": 'policy_page = "none.html"\n'})
    assert "there is no such file" in found[0].message and len(found) == 1


def test_a_check_of_one_file_tells_only_what_it_knows(tmp_path: Path) -> None:
    page = "<h1>Cookies</h1><p>Hotjar</p><p>Crazy Egg</p>"
    files = {"index.html": HOTJAR, "other.html": META, "cookies.html": page}
    found = findings(tmp_path, files, ("other.html",))
    assert told(found) == [("TL501", "other.html", 1, "warning", "facebook-pixel")]


def test_a_package_or_an_e_mail_is_nothing_for_the_cookie_page(tmp_path: Path) -> None:
    files = {"package.json": '{"dependencies": {"react-hotjar": "^6.1.0"}}', "cookies.html": "<h1>Cookies</h1>"}
    assert findings(tmp_path, files) == []


@pytest.mark.parametrize(
    ("page", "text", "translations", "words"),
    [
        (
            "app/views/cookies/show.html.erb",
            "<h1>Cookies</h1><%= t('.stats') %>",
            "config/locales/en.yml",
            "en:\n  cookies:\n    show:\n      stats: {}\n",
        ),
        (
            "templates/cookies.html.twig",
            "<h1>Cookies</h1>{{ 'cookies.stats'|trans }}",
            "translations/messages.en.yaml",
            "cookies:\n  stats: {}\n",
        ),
        (
            "resources/views/pages/cookies.blade.php",
            "<h1>Cookies</h1>{{ __('cookies.stats') }}",
            "lang/en/cookies.json",
            '{{"stats": "{}"}}',
        ),
        (
            "src/views/Cookies.vue",
            "<template><h1>Cookies</h1><p>{{ $t('cookies.stats') }}</p></template>",
            "src/locales/en.json",
            '{{"cookies": {{"stats": "{}"}}}}',
        ),
        (
            "src/app/cookies/page.tsx",
            "export default function Page() { const t = useTranslations('cookies'); return <p>{t('stats')}</p>; }",
            "messages/en.json",
            '{{"cookies": {{"stats": "{}"}}}}',
        ),
    ],
)
def test_a_page_says_what_it_takes_out_of_translations(
    tmp_path: Path, page: str, text: str, translations: str, words: str
) -> None:
    full = "Our site keeps cookies of Meta Pixel (Meta), such as _fbp."
    found = findings(tmp_path, {"index.html": META, page: text, translations: words.format(full)})
    assert told(found) == []
    found = findings(tmp_path, {translations: words.format("Our site keeps cookies of Hotjar.")})
    assert "facebook-pixel" in [one.service for one in found if one.code == "TL501"]


@pytest.mark.parametrize(
    ("place", "cookies"),
    [
        ('<iframe src="https://player.vimeo.com/video/76979871"></iframe>', True),
        ('<iframe src="https://player.vimeo.com/video/76979871?dnt=1"></iframe>', False),
        ('<iframe src="https://player.vimeo.com/video/76979871?dnt=0"></iframe>', True),
        (
            '<script>const url = new URL("https://player.vimeo.com/video/76979871");\n'
            'url.searchParams.set("dnt", "1");\nframe.src = url;</script><iframe id="frame"></iframe>',
            False,
        ),
        (
            '<iframe src="https://player.vimeo.com/video/1?dnt=1"></iframe>'
            + "\n" * 20
            + '<iframe src="https://player.vimeo.com/video/2"></iframe>',
            True,
        ),
    ],
)
def test_cookies_that_the_address_asks_not_to_set_need_not_be_told(tmp_path: Path, place: str, cookies: bool) -> None:
    found = findings(tmp_path, {"index.html": place, "cookies.html": "<h1>Cookies</h1><p>Films of Vimeo.</p>"})
    assert [one.code for one in found] == (["TL501"] if cookies else [])


NOTE = "# Privacy banner\n\nOur website shows visitors a banner on cookies until they close it. `~\\\\Site\\\\Scripts.ascx` takes in `js/privacy.js` of the NuGet package."


@pytest.mark.parametrize(
    ("more", "is_page"),
    [
        ({}, False),  # for developers
        ({"PRIVACY.md": "# Privacy\nOur website keeps cookies of visitors."}, True),  # the code host may publish it
        ({"PRIVACY.md": "# Privacy\nOur website keeps cookies of visitors.", "Clinic.csproj": "<Project/>"}, False),
        ({"PRIVACY.md": "# Privacy\nOur website keeps cookies of visitors.", "views/home.ejs": "<p>x</p>"}, False),
        ({"Clinic.csproj": "<Project/>", "Page.cs": 'var page = File.ReadAllText("PRIVACY.md");'}, True),
        ({"next.config.js": "", "pages/privacy-text.js": "import policy from '../PRIVACY.md'"}, True),
        ({"vite.config.js": "", "src/pages.js": "const pages = import.meta.glob('../*.md')"}, True),
        ({"_config.yml": "title: Clinic"}, True),
        ({".vitepress/config.ts": "export default {}"}, True),
        ({"PRIVACY.md": f"---\ntitle: Privacy\n---\n{NOTE}"}, True),
    ],
)
def test_a_note_beside_an_application_is_no_cookie_page(tmp_path: Path, more: dict[str, str], is_page: bool) -> None:
    files = {"site/home.html": HOTJAR, "PRIVACY.md": NOTE} | more
    assert [one.service for one in findings(tmp_path, files)] == ["hotjar"] * is_page
