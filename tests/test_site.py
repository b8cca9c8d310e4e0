"""Whose site a repository holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracklint import ruleset
from tracklint.policy import Policy
from tracklint.scan import scan
from tracklint.site import own_hosts
from tracklint.source import working_tree


def lay(root: Path, files: dict[str, str | bytes]) -> Path:
    for path, content in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


@pytest.mark.parametrize(
    ("files", "hosts"),
    [
        ({"CNAME": "www.trust.example.org\n"}, ()),
        ({"CNAME": "www.trust.nhs.uk\n"}, ("trust.nhs.uk",)),
        (
            {"_config.yml": 'title: x\nurl: "https://Trust.nhs.uk" # note\nfeed:\n  url: https://other.uk'},
            ("trust.nhs.uk",),
        ),
        ({"config/_default/hugo.toml": "baseURL = 'https://trust.nhs.uk/'"}, ("trust.nhs.uk",)),
        ({"config.yaml": "baseURL: https://trust.nhs.uk"}, ("trust.nhs.uk",)),
        ({"website/docusaurus.config.js": "const c = {\n  url: 'https://docs.trust.uk',\n}"}, ("docs.trust.uk",)),
        ({"gatsby-config.js": "module.exports={siteMetadata:{siteUrl: `https://trust.uk`}}"}, ("trust.uk",)),
        ({"package.json": '{\n  "homepage": "https://github.com/a/b"\n}'}, ()),
        ({"package.json": '{\n  "homepage": "https://a.github.io/b"\n}'}, ("a.github.io",)),
        (
            {
                "package.json": '{"repository": {"type": "git", "url": "git+https://github.com/trust/trust-care.org.git"}}'
            },
            ("trust-care.org",),
        ),
        ({"package.json": '{"repository": "github:trust/trust.uk"}'}, ("trust.uk",)),
        ({"package.json": '{"repository": {"url": "https://github.com/a/next.js"}}'}, ()),
        ({"_config.yml": "url: https://yourdomain.com"}, ()),
        ({"_config.yml": "url: http://localhost:4000"}, ()),
        ({"_config.yml": "url: https://127.0.0.1/"}, ()),
        ({"index.html": '<link href="https://www.trust.uk/" rel="canonical">'}, ("trust.uk",)),
        ({"public/index.html": '<meta property="og:url" content="https://trust.uk/x">'}, ("trust.uk",)),
        ({"index.html": '<a href="https://other.uk">x</a><link rel=stylesheet href=https://cdn.uk/x>'}, ()),
        ({"deep/down/page.html": '<link href="https://www.trust.uk/" rel="canonical">'}, ()),
        ({"_config.yml": b"\xff\xfe\x00"}, ()),
    ],
)
def test_settings_and_front_pages_name_the_site(
    tmp_path: Path, files: dict[str, str | bytes], hosts: tuple[str, ...]
) -> None:
    assert own_hosts(working_tree(lay(tmp_path, files))).with_subdomains == hosts


@pytest.mark.parametrize(
    ("path", "text", "hosts"),
    [
        (
            "templates/base.html",
            '<link rel="canonical" href="https://www.ashdown.nhs.uk{{ path }}">',
            ("ashdown.nhs.uk",),
        ),
        ("templates/base.html", '<link rel="canonical" href="{{ site }}{{ path }}">', ()),
        (
            "pages/accessibility-statement.html",
            '<p>This accessibility statement applies to <a href="https://book.ashdown.nhs.uk/">our booking service</a>.</p>',
            ("book.ashdown.nhs.uk",),
        ),
        (
            "src/pages/accessibilite/index.tsx",
            '<p>Cette déclaration d&apos;accessibilité\n s&apos;applique au site web :{" "}\n'
            '<Link href="https://soins.collines.fr/">le site</Link></p>',
            ("soins.collines.fr",),
        ),
        (
            "content/barrierefreiheit.md",
            "Diese Erklärung zur Barrierefreiheit gilt für die Website www.klinik-ahorn.de.",
            ("klinik-ahorn.de",),
        ),
        (
            "content/accessibilite.md",
            "Cette déclaration d\u2019accessibilité s\u2019applique à ce site. Voir https://autre.fr",
            (),
        ),
        ("src/Audit.tsx", "<p>Cette déclaration d'accessibilité s'applique à https://autre.fr</p>", ()),
        ("locales/en.json", '{"banner": {"title": "Cookies on book.ashdown.nhs.uk"}}', ("book.ashdown.nhs.uk",)),
        ("locales/en.json", '{"banner": {"title": "Cookies on this device"}}', ()),
        (
            "templates/base.html",
            '<script type="application/ld+json">{"@type": "WebSite", "name": "Ashdown", "url": "https://www.ashdown.nhs.uk/"}</script>',
            ("ashdown.nhs.uk",),
        ),
        (
            "templates/base.html",
            '<script type="application/ld+json">{"@type": "Organization", "url": "https://www.nhs.uk/"}</script>',
            (),
        ),
        (
            "inc/page-meta.php",
            '<?php ?><script type="application/ld+json">{"@graph": [{"@type": "Organization", '
            '"@id": "https://wordpress.org/#organization"}]}</script>',
            ("wordpress.org",),
        ),
        (
            "templates/base.html",
            '<script type="application/ld+json">{"@type": "Event", "organizer": {"@id": "https://trust.uk/about#organization"}}</script>',
            (),
        ),
        (
            "templates/base.html",
            '<script defer data-domain="ashdown.nhs.uk" src="https://plausible.io/js/script.js"></script>',
            ("ashdown.nhs.uk",),
        ),
    ],
)
def test_layouts_and_legal_texts_name_the_site(tmp_path: Path, path: str, text: str, hosts: tuple[str, ...]) -> None:
    assert own_hosts(working_tree(lay(tmp_path, {path: text}))).with_subdomains == hosts


@pytest.mark.parametrize(
    ("path", "text", "hosts"),
    [
        ("README.md", "# Acorn Clinic\n\nSee <https://www.acorn-clinic.org/staff>.", ("acorn-clinic.org",)),
        ("readme.rst", "AcornClinic\n===========\n\nThe code of AcornClinic.com, and more.", ("acornclinic.com",)),
        ("README.md", "# book.ashdown.nhs.uk\n\nHow patients book.", ("book.ashdown.nhs.uk",)),
        ("README.md", "# [Acorn.Clinic.org](https://acorn.clinic.org/) ![build](x.svg)\n", ("acorn.clinic.org",)),
        ("README.md", "# Map for [Acorn Clinic](https://acornclinic.org)\n", ()),
        ("README.md", "# Acorn Clinic\n\nUses https://acorn.org, acornclinic.js and a@acornclinic.com.", ()),
        ("README.md", "# Acorn Clinic\n\n`git clone https://github.com/acorn/acornclinic.git`", ()),
        ("README.md", "Acorn Clinic\n\nSee https://acornclinic.org", ()),
        ("docs/README.md", "# Acorn Clinic\n\nhttps://acornclinic.org", ()),
        ("README.md", "# Maps\n\nSee https://maps.com", ()),
    ],
)
def test_a_readme_with_the_name_of_the_site_for_a_title_names_the_site(
    tmp_path: Path, path: str, text: str, hosts: tuple[str, ...]
) -> None:
    assert own_hosts(working_tree(lay(tmp_path, {path: text}))).with_subdomains == hosts


@pytest.mark.parametrize(
    ("path", "text", "hosts"),
    [
        ("conf/nginx.conf", "server {\n  server_name www.trust.uk book.trust.uk;\n", ("book.trust.uk", "trust.uk")),
        ("deploy/nginx/site.tpl", "proxy_pass https://api.other.uk;\nserver_name _;\n", ()),
        (
            "etc/sites-available/main",
            "<VirtualHost *:80>\nServerName trust.uk\nServerAlias *.trust.io old.uk\n",
            ("old.uk", "trust.uk"),
        ),
        ("tests/nginx.conf", "server_name trust.uk;", ()),
        (
            "infra/certs.tf",
            'resource "aws_acm_certificate" "site" {\n  domain_name = "trust.uk"\n  subject_alternative_names = ["stage.trust.io", "*.trust.cloud"]\n}',
            ("stage.trust.io", "trust.uk"),
        ),
        (
            "infra/cdn.tf",
            'resource "aws_cloudfront_distribution" "x" {\n  aliases = ["trust.uk", var.domain]\n  origin {\n    domain_name = "files.other.uk"',
            ("trust.uk",),
        ),
        (
            "k8s/ingress.yaml",
            "spec:\n  tls:\n  - hosts:\n    - trust.uk\n  rules:\n  - host: book.trust.uk\n    backend: api.svc\n",
            ("book.trust.uk", "trust.uk"),
        ),
        (
            "site/settings/base.py",
            "ALLOWED_HOSTS = [\n  'trust.uk', '.trust.io', env.host]\nAPI = 'https://other.uk'",
            ("trust.uk",),
        ),
        ("site/settings.py", "CSRF_TRUSTED_ORIGINS = ['https://book.trust.uk']", ("book.trust.uk",)),
        (
            "config/environments/production.rb",
            '  config.hosts << "trust.uk"\n  config.action_mailer.default_url_options = { protocol: "https", host: "www.trust.io" }',
            ("trust.io", "trust.uk"),
        ),
        ("config/environments/test.rb", '  config.hosts << "trust.uk"', ()),
        ("site/settings/base.py", "WAGTAILADMIN_BASE_URL = 'https://www.trust.uk/x.html'\n", ("trust.uk",)),
        ("site/settings/base.py", "SESSION_COOKIE_DOMAIN = env('DOMAIN', '.trust.uk')\n", ()),
        ("web/robots.txt", "User-agent: *\nSitemap: https://www.trust.uk/sitemap.xml\n", ("trust.uk",)),
        ("web/robots.txt", "Sitemap: /sitemap.xml\n# see https://other.uk\n", ()),
        (
            "config/sync/simple_sitemap.settings.yml",
            "max_links: 2000\nbase_url: 'https://www.trust.uk'\n",
            ("trust.uk",),
        ),
        ("config/sync/simple_sitemap.settings.yml", "base_url: ''\n", ()),
        ("config/sync/domain.record.book.yml", "id: book\nhostname: book.trust.uk\n", ("book.trust.uk",)),
        ("drush/sites/self.site.yml", "prod:\n  host: ssh.other.uk\n  uri: https://www.trust.uk\n", ("trust.uk",)),
        (
            "config/sync/metatag.metatag_defaults.front.yml",
            "tags:\n  canonical_url: 'https://www.trust.uk/'\n  image_src: 'https://files.other.uk/x.png'\n",
            ("trust.uk",),
        ),
        (
            "web/sites/default/settings.php",
            "$settings['trusted_host_patterns'] = [\n  '^www\\.trust\\.uk$',\n  '^localhost$',\n];\n$api = 'https://api.other.uk';\n",
            ("trust.uk",),
        ),
        ("wp-config-sample.php", "define( 'WP_HOME', 'https://www.trust.uk' );\n", ("trust.uk",)),
        (
            ".env.example",
            "DIRECTUS_URL=https://content.trust.uk/site/\nCMS_URL=https://trust.directus.app\nMAIL_URL=https://api.other.uk\n",
            ("content.trust.uk",),
        ),
        (".env.production", "APP_URL=https://www.trust.uk\nAPI_URL=https://api.other.uk\n", ("trust.uk",)),
        (".env", 'NEXT_PUBLIC_SITE_URL="https://www.trust.uk"\nAPP_URL=http://localhost:3000\n', ("trust.uk",)),
        (
            "src/lib/site-url.ts",
            "export const SITE_URL = (\n  (import.meta.env.VITE_SITE_URL as string | undefined) ??\n  'https://www.trust.uk'\n).replace(/\\/$/, '')\n",
            ("trust.uk",),
        ),
        ("app/sitemap.ts", "const base = process.env.NEXT_PUBLIC_SITE_URL || 'https://trust.uk';", ("trust.uk",)),
        (
            "src/config.js",
            "const a = process.env.API_BASE_URL || 'https://other.uk', b = process.env.BASE_URL || 'https://api.other.uk';",
            (),
        ),
        ("config/app.php", "    'url' => env('APP_URL', 'https://trust.uk'),\n", ("trust.uk",)),
        (
            "app/layout.tsx",
            "export const metadata = {\n  metadataBase: new URL(process.env.URL ?? 'https://www.trust.uk'),\n};\n",
            ("trust.uk",),
        ),
        ("nuxt.config.ts", "export default { site: { name: 'Trust', url: 'https://trust.uk' } }", ("trust.uk",)),
        (
            "docs/_data/site.json",
            '{\n  "url": "https://www.trust.uk",\n  "logo": "https://other.uk/x.png"\n}',
            ("trust.uk",),
        ),
        (
            "docker-compose.prod.yml",
            "    labels:\n      - traefik.http.routers.web.rule=Host(`www.trust.uk`) || Host(`trust.io`)\n    image: ghcr.io/x/y\n",
            ("trust.io", "trust.uk"),
        ),
        ("wrangler.toml", 'routes = [{ pattern = "trust.uk/*", zone_name = "trust.uk" }]\n', ("trust.uk",)),
        ("Caddyfile", "www.trust.uk, trust.io {\n  reverse_proxy api.other.uk\n}\n", ("trust.io", "trust.uk")),
        ("web/appsettings.Production.json", '{ "AllowedHosts": "www.trust.uk;trust.io" }', ("trust.io", "trust.uk")),
    ],
)
def test_what_a_server_is_set_to_answer_for_is_the_sites(
    tmp_path: Path, path: str, text: str, hosts: tuple[str, ...]
) -> None:
    assert own_hosts(working_tree(lay(tmp_path, {path: text}))).with_subdomains == hosts


@pytest.mark.parametrize(
    ("path", "text", "hosts"),
    [
        (
            "config/initializers/devise.rb",
            '  config.mailer_sender = ENV.fetch("HELP_EMAIL", "help@trust.org")\n',
            ("trust.org",),
        ),
        (
            "app/mailers/application_mailer.rb",
            '  default from: "Trust <no-reply@mail.trust.org>"\n',
            ("mail.trust.org",),
        ),
        ("web/settings/base.py", "DEFAULT_FROM_EMAIL = env('FROM', default='x@trust.org')\n", ("trust.org",)),
        ("config/mail.php", "    'address' => env('MAIL_FROM_ADDRESS', 'hello@trust.org'),\n", ("trust.org",)),
        ("config/sync/system.site.yml", "name: Trust\nmail: info@trust.org\n", ("trust.org",)),
        (".env.production", "MAIL_FROM_ADDRESS=hello@trust.org\n", ("trust.org",)),
        ("config/mail.php", "    'address' => env('MAIL_FROM_ADDRESS', 'hello@example.com'),\n", ()),
        ("web/settings.py", "SERVER_EMAIL = 'trust@gmail.com'\n", ()),
        ("web/settings.py", "SUPPLIER = 'help@other.org'\n", ()),
        ("app/mailers/application_mailer.rb", '  # default from: "x@other.org"\n', ()),
        ("spec/app/mailers/test_mailer.rb", '  default from: "x@other.org"\n', ()),
    ],
)
def test_the_sender_of_its_mail_names_the_site(tmp_path: Path, path: str, text: str, hosts: tuple[str, ...]) -> None:
    assert own_hosts(working_tree(lay(tmp_path, {path: text}))).with_subdomains == hosts


def test_pages_under_the_name_of_the_site_at_a_provider_are_its_own(tmp_path: Path) -> None:
    hosts = own_hosts(working_tree(lay(tmp_path, {"CNAME": "www.acornclinic.org\n"})))
    for own in ("acornclinic.github.io", "acornclinic.netlify.app"):
        assert own in hosts
    for other in ("oakclinic.github.io", "github.io", "acornclinic.io", "x.acornclinic.github.io.evil.com"):
        assert other not in hosts


def test_what_a_family_of_public_bodies_shares_is_no_third_party(tmp_path: Path) -> None:
    hosts = own_hosts(working_tree(lay(tmp_path, {"CNAME": "www.ashdown.nhs.uk\n"})))
    assert "assets.nhs.uk" in hosts
    assert "cdn.ashdown.nhs.uk" in hosts
    assert "www.otherclinic.nhs.uk" not in hosts
    assert "www.gov.uk" not in hosts


def test_the_registry_of_a_family_is_not_one_site(tmp_path: Path) -> None:
    hosts = own_hosts(working_tree(lay(tmp_path, {"CNAME": "www.nhs.uk\n"})))
    assert "www.nhs.uk" in hosts
    assert "www.otherclinic.nhs.uk" not in hosts


def test_a_package_of_the_family_tells_the_family(tmp_path: Path) -> None:
    hosts = own_hosts(
        working_tree(lay(tmp_path, {"web/package.json": '{"dependencies": {"nhsuk-frontend": "9.0.0"}}'}))
    )
    assert "assets.nhs.uk" in hosts
    assert hosts.with_subdomains == ()


def test_the_domain_of_a_sites_files_is_called_after_it(tmp_path: Path) -> None:
    hosts = own_hosts(
        working_tree(lay(tmp_path, {"CNAME": "www.acornclinic.org.uk\nacorn.github.io\nbook.tree.org\n"}))
    )
    for own in ("assets.acornclinic-cdn.net", "acornclinicstatic.com", "img.acornclinic-assets.org"):
        assert own in hosts
    for other in (
        "acorn-cdn.net",
        "githubassets.com",
        "clinic-cdn.net",
        "acornclinic.net",
        "acornclinic-cdn.net.evil.com",
    ):
        assert other not in hosts


@pytest.mark.parametrize(
    ("told", "own", "foreign"),
    [
        ("get.acornclinic.org", "static.acornclinic.org", "static.oakclinic.org"),
        ("acornclinic.org", "static.acornclinic.org", "acornclinic.com"),
        ("book.acorn.co.uk", "img.acorn.co.uk", "img.oak.co.uk"),
        ("book.acorn.nhs.uk", "img.acorn.nhs.uk", "img.oak.nhs.uk"),
        ("acorn.github.io", "www.acorn.github.io", "oak.github.io"),
        ("find-a-clinic.service.gov.uk", "www.find-a-clinic.service.gov.uk", "stats.service.gov.uk"),
    ],
)
def test_hosts_below_one_registered_name_are_siblings(tmp_path: Path, told: str, own: str, foreign: str) -> None:
    hosts = own_hosts(working_tree(lay(tmp_path, {"CNAME": told})))
    assert hosts.has_sibling(own)
    assert not hosts.has_sibling(foreign)


def test_a_host_that_the_policy_names_has_no_siblings(tmp_path: Path) -> None:
    tree = working_tree(lay(tmp_path, {"index.html": ""}), policy=Policy(first_party=("book.acornclinic.org",)))
    assert "img.book.acornclinic.org" in own_hosts(tree)
    assert not own_hosts(tree).has_sibling("img.acornclinic.org")


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("packages/site/package.json", '{"name": "@acorn-clinic/site", "private": true}'),
        ("packages/site/package.json", '{"repository": "acornclinic/site"}'),
        ("packages/site/package.json", '{"repository": "git@github.com:AcornClinic/site.git"}'),
        (
            "packages/site/package.json",
            '{"name": "site", "repository": {"type": "git", "url": "git+https://github.com/acornclinic/site.git"}}',
        ),
        (".github/CODEOWNERS", "* @Acorn-Clinic/web-team\n"),
        ("README.md", "![tests](https://github.com/acornclinic/site/actions/workflows/test.yml/badge.svg)\n"),
        ("README.md", "[![Coverage](https://codecov.io/gh/acornclinic/site/graph/badge.svg)](x)\n"),
    ],
)
def test_hosts_with_the_name_of_whom_the_files_belong_to_are_known(tmp_path: Path, path: str, text: str) -> None:
    hosts = own_hosts(working_tree(lay(tmp_path, {path: text})))
    assert hosts.has_sibling("static.acornclinic.org")
    assert "acornclinic.github.io" in hosts
    assert not hosts.has_sibling("acornclinic.tracker.com")
    assert "acornclinic.tracker.com" not in hosts
    assert not hosts.has_sibling("static.oakclinic.org")
    assert "static.acornclinic.org" not in hosts
    assert "www.acornclinic.org" in hosts


def test_a_dependency_says_nothing_about_the_owner(tmp_path: Path) -> None:
    files = {
        "README.md": "Built with https://github.com/oakclinic/map, ask @oakclinic or mail to help@oakclinic/x.\n",
        "package.json": '{"name": "site", "dependencies": {"@oakclinic/map": "1"}}',
        "composer.json": '{"repositories": [{"type": "vcs", "url": "https://github.com/oakclinic/map"}]}',
    }
    assert not own_hosts(working_tree(lay(tmp_path, files))).has_sibling("static.oakclinic.org")


def test_a_sibling_is_trusted_with_pictures_and_not_with_scripts(tmp_path: Path) -> None:
    page = """<link rel="stylesheet" href="https://static.acornclinic.org/a.css"><img src="https://static.acornclinic.org/a.png">
    <script src="https://act.acornclinic.org/a.js"></script><iframe src="https://forms.acornclinic.org/a"></iframe>"""
    card = "export const Page = () => <Card src='https://static.acornclinic.org/oak.jpg?w=2' />;"
    files = {
        "CNAME": "book.acornclinic.org",
        "index.html": page,
        "a.js": "fetch('https://api.acornclinic.org/v1');",
        "card.jsx": card,
    }
    assert foreign(tmp_path, dict(files)) == ["act.acornclinic.org", "forms.acornclinic.org"]


def test_the_policy_can_claim_a_registry(tmp_path: Path) -> None:
    tree = working_tree(lay(tmp_path, {"CNAME": "www.nhs.uk\n"}), policy=Policy(first_party=("nhs.uk",)))
    assert "www.otherclinic.nhs.uk" in own_hosts(tree)


RULES = ruleset.load(())


def foreign(root: Path, files: dict[str, str | bytes]) -> list[str | None]:
    return [one.host for one in scan(working_tree(lay(root, files)), RULES, jobs=1).detections]


FEED = "https://news.trust.uk/themes/news/feed.js"


@pytest.mark.parametrize(
    ("address", "path", "text", "own"),
    [
        (f"{FEED}?v=2", "web/themes/news/feed.js", "var home = 'https://news.trust.uk';", True),
        (FEED, "web/themes/news/feed.js", "var home = 1;", False),  # somebody's copy, for all that is known
        (FEED, "themes/other/feed.js", "var home = 'https://news.trust.uk';", False),
        (FEED, "copies/news.trust.uk/themes/news/feed.js", "var home = 'https://news.trust.uk';", False),
        ("https://news.trust.uk/js/feed.js", "js/feed.js", "var home = 'https://news.trust.uk';", False),
    ],
)
def test_a_host_that_serves_a_file_of_the_repository_which_names_it_is_a_sister_site(
    tmp_path: Path, address: str, path: str, text: str, own: bool
) -> None:
    found = foreign(tmp_path, {"index.html": f'<script src="{address}"></script>', path: text})
    assert found == ([] if own else ["news.trust.uk"])


def test_a_page_of_the_application_is_framed_by_its_route(tmp_path: Path) -> None:
    assert foreign(tmp_path, {"a.html.erb": "<iframe src='<%= booking_url(@one) %>'></iframe>"}) == []
    for other in ("booking_embed_url(@one)", "@one.widget_url", "video_url(@one)"):
        assert foreign(tmp_path, {"a.html.erb": f"<iframe src='<%= {other} %>'></iframe>"}) == [None], other


def test_a_worker_that_no_page_registers_fetches_nothing(tmp_path: Path) -> None:
    site: dict[str, str | bytes] = {
        "build/service-worker.js": 'importScripts("https://storage.cdn-one.com/workbox-sw.js");\n',
        "build/main.js": "'serviceWorker' in navigator && navigator.serviceWorker.ready.then(w => w.unregister());",
    }
    assert foreign(tmp_path / "idle", site) == []
    for number, more in enumerate(
        (
            {"build/a.js": "navigator.serviceWorker.register(name)"},
            {"build/a.js": "start('/service-worker.js')"},
            {"build/main.js": "start()"},
        )
    ):
        assert foreign(tmp_path / str(number), {**site, **more}) == ["storage.cdn-one.com"], more


@pytest.mark.parametrize(
    ("files", "own"),
    [
        ({"local_settings.py": "SITE_INFO = (1, 'site.acornclinic.org', 'Acorn')\n"}, ("site.acornclinic.org",)),
        ({"deploy/settings.py.example": "SITE_HOST = 'acornclinic.org'\n"}, ("acornclinic.org",)),
        ({"settings.py": "EMAIL_HOST_SENDER = EMAIL_HOST\nSENTRY_HOST = 'sentry.io'\n"}, ()),
        (
            {
                "local_settings.py": "SITE_INFO = (1, 'site.acornclinic.org', 'Acorn')\n",
                "site_settings.py": "ADMINS = (\n    ('Web', 'web@acornclinic.org'),\n    ('Agency', 'a@oak.dev'),\n)\n",
            },
            ("acornclinic.org", "site.acornclinic.org"),
        ),
    ],
)
def test_settings_of_django_and_models_of_them_name_the_site(
    tmp_path: Path, files: dict[str, str | bytes], own: tuple[str, ...]
) -> None:
    assert own_hosts(working_tree(lay(tmp_path, files))).with_subdomains == own


@pytest.mark.parametrize(
    ("link", "own"),
    [
        ("[Acorn Clinic](https://acrn.org)", True),
        ("[Acorn Clinic](https://acrn.org/ 'home')", True),
        ("[Oak Clinic](https://acrn.org)", False),
        ("[Acorn Clinic](https://acrn.org/staff/page)", False),
        ("![Acorn Clinic](https://acrn.org)", False),
    ],
)
def test_a_readme_that_links_the_owners_name_tells_where_its_site_is(tmp_path: Path, link: str, own: bool) -> None:
    build = "![b](https://github.com/acorn-clinic/site/actions/workflows/test.yml/badge.svg)\n"
    root = lay(tmp_path, {"README.md": f"{build}# Booking\n\nKept by {link}.\n"})
    assert ("cdn.acrn.org" in own_hosts(working_tree(root))) is own


OWNER = '<script type="application/ld+json">{"@context":"https://schema.org","@type":"%s","name":"Ash","address":{"@type":"PostalAddress"},%s}</script>'
URL = '"url":"https://www.ashdown.nhs.uk/"'


@pytest.mark.parametrize(
    ("files", "hosts"),
    [
        ({"views/SiteFooter.ascx": OWNER % ("GovernmentOrganization", URL)}, ("ashdown.nhs.uk",)),
        ({"views/SiteFooter.ascx": OWNER % ("MedicalClinic", URL)}, ("ashdown.nhs.uk",)),
        ({"index.html": OWNER % ("Hospital", URL)}, ("ashdown.nhs.uk",)),
        (
            {"src/components/JsonLd.tsx": "const data = {\n '@type': ['Dentist', 'LocalBusiness'],\n url: 'https://ash.org',\n}"},
            ("ash.org",),
        ),
        ({"_includes/footer.html": '{"url": "https://ash.org", "@type": "NGO"}'}, ("ash.org",)),
        ({"_includes/footer.html": '{"@type": "Article", "publisher": {"@type": "NGO", "url": "https://ash.org"}}'}, ("ash.org",)),
        # What stands there of others.
        ({"_includes/footer.html": '{"@type": "Person", "worksFor": {"@type": "NGO", "url": "https://ash.org"}}'}, ()),
        ({"index.html": OWNER % ("Hospital", '"parentOrganization": {"name": "x", "url": "https://x.org"}')}, ()),
        ({"index.html": OWNER % ("Product", URL)}, ()),
        ({"blog/post.html": OWNER % ("Hospital", URL)}, ()),
        # The first lines of a README.
        ({"README.md": "# Site\n\nPublic website repository for <https://ash.org/>, maintained by us."}, ("ash.org",)),
        ({"README.md": "# Site\n\nhttps://ash.org/\n"}, ("ash.org",)),
        ({"README.md": "# Site\n\n**Website:** https://ash.org (or another)"}, ("ash.org",)),
        ({"README.md": "# x\n\nThis is the code for the [Ash Clinic website](https://ash.org)."}, ("ash.org",)),
        ({"README.md": "# x\n\nThe code of the website at www.ash.org."}, ("ash.org",)),
        ({"README.md": "# x\n\nA site template for [Framework](https://framework.dev)."}, ()),
        ({"README.md": "# x\n\nBuilt with https://framework.dev and others.\n" + "x\n" * 20 + "https://ash.org"}, ()),
    ],
)  # fmt: skip
def test_whose_a_site_is_by_its_data_and_its_readme(
    tmp_path: Path, files: dict[str, str | bytes], hosts: tuple[str, ...]
) -> None:
    assert own_hosts(working_tree(lay(tmp_path, files))).told == hosts


@pytest.mark.parametrize(
    ("line", "hosts"),
    [
        ("const headers = { 'User-Agent': 'Ash/1.0 (+https://ash.org/contact)' }", ("ash.org",)),
        ("headers = {'user-agent': f'AshBot/2.1 (https://ash.org; web@ash.org)'}", ("ash.org",)),
        ("const USER_AGENT = `Ash/${version} (+https://ash.org)`;", ("ash.org",)),
        ("bots = ['Mozilla/5.0 (compatible; Seek/2.1; +https://seek.org/bot.html)']", ()),
        ("const userAgent = 'Mozilla/5.0 (+https://seek.org/bot.html)'", ()),
        ("if (agent === 'Seek/1.0 (+https://seek.org)') return", ()),
    ],
)
def test_in_whose_name_code_asks_others(tmp_path: Path, line: str, hosts: tuple[str, ...]) -> None:
    assert own_hosts(working_tree(tmp_path), [line]).told == hosts
