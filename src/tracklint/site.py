"""Whose site a repository holds: the hosts that are its own, as its settings, pages and texts tell them.

What is loaded from these hosts comes from no third party.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import tomli

from tracklint import lazy_re
from tracklint.ruleset import builtin_folder
from tracklint.source import TRANSLATIONS, Tree, classify

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_HEAD = 60_000  # characters at a page's begin, and at its end, in which it names itself
_SHORTEST_TITLE = 6
_MAX_LAYOUTS = 300
_MAX_PACKAGES = 30
_LAYOUT_SIZE = 200_000  # bytes; a rendered page of more says nothing that smaller ones do not
_URL_HOST = lazy_re.compile(
    r"https?://(?:[^/@\s\"'<>]{0,99}@)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?=[:/?#\s\"'`<>{$]|$)", re.IGNORECASE
)
_PLACEHOLDER = lazy_re.compile(
    r"(?:^|[.-])example(?:[.-]|$)|localhost|yourdomain|your-domain|yoursite|your-site|yourwebsite|mysite|domain\.(?:com|tld)|username\.|\.local$"
    r"|\.test$|\.invalid$|your-docusaurus|changeme|^\d{1,3}(?:\.\d{1,3}){3}$"
)
_PAGE_FOLDERS = (
    "",
    "docs/",
    "public/",
    "site/",
    "_site/",
    "dist/",
    "static/",
    "src/",
    "www/",
    "htdocs/",
    "source/",
    "web/",
    "app/",
)
_CANONICAL = (
    lazy_re.compile(
        r"<link\b(?=[^<>]{0,400}\brel\s*=\s*[\"']?canonical\b)[^<>]{0,400}?\bhref\s*=\s*[\"']?([^\s\"'<>]{1,300})",
        re.IGNORECASE,
    ),
    lazy_re.compile(
        r"<meta\b(?=[^<>]{0,400}\bproperty\s*=\s*[\"']?og:url\b)[^<>]{0,400}?\bcontent\s*=\s*[\"']?([^\s\"'<>]{1,300})",
        re.IGNORECASE,
    ),
    lazy_re.compile(
        r"\"@type\"\s{0,9}:\s{0,9}\"WebSite\"[^{}]{0,400}?\"url\"\s{0,9}:\s{0,9}\"(https?://[^\s\"]{1,300})",
        re.IGNORECASE,
    ),
)
# How a page's own structured data names the site as a whole, on whatever host: `https://…/#organization`.
_IDENTITY = lazy_re.compile(
    r"\"@id\"\s{0,9}:\s{0,9}\"(https?://[^\s\"/#]{1,200}/?)#(?:organization|website|identity)\"", re.IGNORECASE
)
# Whose a page is, by its structured data: an organisation or a place of business with an address of its own.
_OF_AN_OWNER = lazy_re.compile(
    r"[\"']@type[\"']\s{0,9}:\s{0,9}\[?\s{0,9}[\"'](?:\w{0,40}(?:Organization|Business|Clinic|School|Service|Practice|Agency|Store|Office|Museum|Library)|NGO|Corporation"
    r"|Hospital|Physician|Dentist|Pharmacy|Optician|Psychologist|Charity|CollegeOrUniversity|Preschool|ChildCare|LegalService|Hotel|Restaurant|Church"
    r"|PlaceOfWorship|CivicStructure|CityHall|Attorney|VeterinaryCare)[\"']"
)
_URL_OF_IT = lazy_re.compile(r"(?<![\w@])[\"']?url[\"']?\s{0,9}:\s{0,9}[\"'`](https?://[^\s\"'`]{1,300})")
_HELD_BY = lazy_re.compile(r"[\"']?([\w@]{1,60})[\"']?\s{0,9}:\s{0,9}\[?\s{0,9}$")
_ITS_OWN = frozenset({"publisher", "mainentity", "about", "@graph"})
_OBJECT = 3_000  # characters of such data that are looked at
_TELLS_OWNER = lazy_re.compile(
    r"(?:^|/)[^/]*(?:footer|layout|header|head|master|seo|meta|schema|json-?_?ld|structured-?_?data|organi[sz]ation)[^/]*$",
    re.IGNORECASE,
)
# In whose name the site's own code asks others: "Clinic/1.0 (+https://clinic.org)"
_AGENT = lazy_re.compile(
    r"user[-_]?agent[\"'\]]{0,3}\s{0,9}(?:=>|[:=,])\s{0,9}[fb]?[\"'`](?!Mozilla)[\w .-]{2,60}/[\w.{}$-]{1,30}\s?\(\+?(https?://[\w.-]{4,200})",
    re.IGNORECASE,
)
# How the first lines of a README tell where the site is.
_SITE_LINE = lazy_re.compile(
    r"^(?:[-*>]\s+)?\**(?:(?:live|production|public|our|project)\s+)?(?:web ?site|site|live|production|url|home ?page|version)(?:\s+url)?\**\s*:\s*\**\s*[<\[]?(?P<label>https?://[\w.-]+)"
    r"|^<?(?P<alone>https?://[\w.-]+)/?>?\s*$"
    r"|\b(?:web ?site|site|web ?page|code|codebase|repository|repo|source|front-?end)\s+(?:is\s+)?(?:for|of|at|behind|powering|running)\s+(?:the\s+)?(?:"
    r"<?(?P<named>https?://[\w.-]+|www\.[\w.-]+)|\[[^\]\n]{0,80}\b(?:web ?site|site)\]\((?P<linked>https?://[\w.-]+)/?\))",
    re.IGNORECASE | re.MULTILINE,
)
_FIRST_LINES = 12
# The site under which a counter is told to count, as Plausible is.
_COUNTED = lazy_re.compile(r"<script\b[^<>]{0,400}?\bdata-domain\s*=\s*[\"']([\w.-]{4,200})[\"']", re.IGNORECASE)
# File names, and the key in each that holds the address of the site.
_SETTINGS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (lazy_re.compile(names), lazy_re.compile(key, re.MULTILINE))
    for names, key in (
        (r"_config(?:[._]\w+)?\.ya?ml", r"^url[ \t]*:[ \t]*([^\n]{1,300})"),
        (r"mkdocs\.ya?ml", r"^site_url[ \t]*:[ \t]*([^\n]{1,300})"),
        (r"antora-playbook\.ya?ml", r"^[ \t]{0,8}url[ \t]*:[ \t]*(https?://[^\n]{1,300})"),
        (r"(?:config|hugo)\.(?:toml|ya?ml|json)", r"^[ \t]{0,8}\"?base[uU][rR][lL]\"?[ \t]*[:=][ \t]*([^\n]{1,300})"),
        (r"docusaurus\.config\.[cm]?[jt]s", r"^[ \t]{0,8}url[ \t]*:[ \t]*([^\n]{1,300})"),
        (r"gatsby-config\.[cm]?[jt]s", r"\bsiteUrl[ \t]*:[ \t]*([^\n]{1,300})"),
        (r"astro\.config\.[cm]?[jt]s", r"^[ \t]{0,8}site[ \t]*:[ \t]*([^\n]{1,300})"),
        (r"next-sitemap\.config\.[cm]?[jt]s", r"\bsiteUrl[ \t]*:[ \t]*([^\n]{1,300})"),
        (r"package\.json", r"^[ \t]{0,4}\"homepage\"[ \t]*:[ \t]*([^\n]{1,300})"),
    )
)
# The address of a repository that is named after its site, such as https://github.com/trust/trust.org.git
_NAMED_AFTER_SITE = lazy_re.compile(
    r"[:/][\w.-]{1,100}/((?:[a-z0-9-]{1,63}\.){1,3}(?:org|com|info|uk|eu|gov|edu|de|fr|nl|ie))(?:\.git)?/?\"\s*[,}\n]",
    re.IGNORECASE,
)
_OWNER = lazy_re.compile(
    r"\"name\"\s{0,9}:\s{0,9}\"@?(?P<scope>[\w.-]{1,99})/[\w.-]{1,99}\""
    r"|\"repository\"\s{0,9}:\s{0,9}(?:\{[^{}]{0,300}?\"url\"\s{0,9}:\s{0,9})?"
    r"\"(?:[^\"\n]{0,99}github\.com[/:]|github:)?(?P<account>[\w.-]{1,99})/[\w.-]{1,99}\""
)
# The teams to whom the files of a repository belong, and the badges of its own builds.
_CODEOWNERS = ("CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
_TEAM = lazy_re.compile(r"(?<![\w.])@([\w-]{1,99})/[\w-]")
_BUILD = lazy_re.compile(
    r"(?:github\.com/(?=[\w.-]{1,99}/[\w.-]{1,99}/(?:actions/)?workflows/)|travis-ci\.(?:org|com)/|codecov\.io/gh/|circleci\.com/gh/"
    r"|coveralls\.io/(?:r|repos/github|github)/|codeclimate\.com/github/)([\w-]{1,99})/",
    re.IGNORECASE,
)
_README = lazy_re.compile(r"readme(?:\.(?:md|markdown|rst|adoc|txt))?", re.IGNORECASE)
_TITLE = lazy_re.compile(
    r"^[ \t]*(?:#|=)[ \t]+([^\n]{1,120})|<h1[^>]{0,200}>([^<]{1,120})</h1>|^([^\n]{1,120})\n={3,}[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_LINKED = lazy_re.compile(r"!\[[^\[\]]*\]\([^()]*\)|\[([^\[\]]*)\]\([^()]*\)")  # an image, or a link with its words
# A link that leads to the front page of whoever it names.
_NAMED_LINK = lazy_re.compile(r"(?<!!)\[([^\[\]\n]{6,80})\]\((https?://[\w.-]{4,200}/?)(?:[ \t][^()\n]{0,80})?\)")
# An address, or a name such as Trust.org in the text; other endings are those of files, too.
_NAMED_HOST = lazy_re.compile(
    r"https?://(?P<url>[\w.-]{4,200})|(?<![\w@./-])(?P<bare>(?:[\w-]{1,63}\.){1,3}(?:com|org|net|info|gov|edu|uk))(?![\w-]|\.\w)",
    re.IGNORECASE,
)
# Settings of Django, and models that are copied to make such.
_DJANGO = (
    r"(?:^|/)(?:(?:\w{1,40}_)?settings[^/]*|(?:settings|config)/[^/]+)\.py(?:\.(?:example|sample|template|dist|tmpl))?"
)
# Files that tell a server, a balancer or a framework which hosts it answers for, and where in each these stand.
_SERVED: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = tuple(
    (lazy_re.compile(paths, re.IGNORECASE), lazy_re.compile(place, re.MULTILINE))
    for paths, place in (
        (
            r"nginx[^/]*$|\.(?:conf|vhost)(?:\.\w{1,20})?$|(?:^|/)sites-(?:available|enabled)/[^/]+$",
            r"^[ \t]*(?:server_name|Server(?:Name|Alias))[ \t]([^;\n#{}]{1,2000})",
        ),
        (
            r"\.tf$",
            r"^resource[ \t]+\"(?:aws_acm_certificate|google_compute_managed_ssl_certificate|azurerm_app_service_custom_hostname_binding)\""
            r"[^{\n]{0,200}\{([^}]{1,4000})|^[ \t]*aliases[ \t]*=[ \t]*\[([^\]]{1,2000})\]",
        ),
        (
            r"ingress[^/]*(?:/[^/]+)*\.ya?ml$",
            r"^[ \t]*(?:-[ \t]+)?(?:\"?host\"?[ \t]*:|-)[ \t]*([^\s:#]{1,300})[ \t]*$",
        ),
        (
            rf"{_DJANGO}$",
            r"^(?:ALLOWED_HOSTS|CSRF_TRUSTED_ORIGINS)[ \t]*\+?=[ \t]*[\[({]([^\])}]{1,4000})"
            r"|^(?:WAGTAILADMIN_BASE_URL|SITE_(?:URL|DOMAIN|HOST|INFO)|(?:PARENT|PRIMARY|CANONICAL)_HOST|EMAIL_HOST_SENDER"
            r"|(?:SESSION|CSRF)_COOKIE_DOMAIN)[ \t]*=([^\n#]{1,300})",
        ),
        (r"(?:^|/)robots\.txt(?:\.\w{1,10})?$", r"^[ \t]*[Ss]itemap[ \t]*:[ \t]*https?://([^/\s]{4,200})"),
        (
            r"(?:^|/)(?:simple_sitemap|xmlsitemap)\.settings\.yml$",
            r"^base_url[ \t]*:[ \t]*['\"]?https?://([^/\s'\"]{4,200})",
        ),
        (r"(?:^|/)domain\.record\.[\w.]{1,99}\.yml$", r"^hostname[ \t]*:[ \t]*['\"]?([\w.-]{4,200})"),
        (
            r"(?:^|/)drush/sites/[\w.-]{1,99}\.site\.ya?ml$",
            r"^[ \t]*uri[ \t]*:[ \t]*['\"]?(?:https?://)?([\w.-]{4,200})",
        ),
        (
            r"(?:^|/)metatag\.metatag_defaults\.\w{1,99}\.yml$",
            r"^[ \t]*(?:canonical_url|og_url)[ \t]*:[ \t]*['\"]?https?://([^/\s'\"]{4,200})",
        ),
        (
            r"(?:^|/)settings(?:\.\w{1,40})?\.php$",
            r"^[ \t]*\$base_url[ \t]*=[ \t]*['\"]https?://([^/\s'\"]{4,200})"
            r"|^[ \t]*\$settings\[['\"]trusted_host_patterns['\"]\][^=\n]{0,20}=([^;]{1,4000})",
        ),
        (
            r"(?:^|/)(?:wp-config[\w.-]{0,40}\.php|config/(?:application|environments/[\w-]{1,40})\.php)$",
            r"\b(?:WP_HOME|WP_SITEURL|DOMAIN_CURRENT_SITE)['\"][ \t]*,[ \t]*['\"](?:https?://)?([\w.-]{4,200})",
        ),
        (
            r"(?:^|/)\.env[\w.-]{0,40}$",
            r"^(?:(?:NEXT|NUXT|EXPO)_PUBLIC_|VITE_|GATSBY_|REACT_APP_|PUBLIC_)?(?:SITE_URL|SITE_DOMAIN|APP_URL|WP_HOME|WP_SITEURL|NEXTAUTH_URL|VIRTUAL_HOST"
            r"|(?:CMS|DIRECTUS|STRAPI|WORDPRESS|WP|DRUPAL|PAYLOAD|KEYSTONE|UMBRACO|WAGTAIL|GHOST)_(?:BASE_|API_|PUBLIC_)?URL)[ \t]*="
            r"[ \t]*['\"]?(?:https?://)?([\w.-]{4,200})",
        ),
        (
            r"(?:^|/)(?:[\w-]{0,40}(?:site|seo|url|config|constant|env|meta)[\w-]{0,40}|layout|sitemap|robots|__root|root)(?:\.[\w-]{1,20})?\.[cm]?[jt]sx?$",
            r"(?<![\w$])(?:(?:NEXT|NUXT|EXPO)_PUBLIC_|VITE_|GATSBY_|REACT_APP_|PUBLIC_)?(?:SITE|APP|BASE|PUBLIC)_URL\b"
            r"(?:[ \t]{1,4}as[ \t][\w \t|]{1,40})?[)\s]{0,40}(?:\?\?|\|\|)\s{0,40}['\"`]https?://(?!(?:api|cdn|static|assets|img|images|media)\b)([^/\s'\"`$]{4,200})",
        ),
        (r"(?:^|/)config/app\.php$", r"\benv\([ \t]*['\"]APP_URL['\"][ \t]*,[ \t]*['\"]https?://([^/\s'\"]{4,200})"),
        (
            r"(?:^|/)config/packages/(?:\w+/)?routing\.ya?ml$",
            r"^[ \t]*default_uri[ \t]*:[ \t]*['\"]?https?://([^/\s'\"]{4,200})",
        ),
        (
            r"(?:^|/)app/(?:[^/]+/){0,4}layout\.[jt]sx?$",
            r"\bmetadataBase[ \t]*:[ \t]*new[ \t]+URL\([^\n)]{0,120}?['\"`]https?://([^/\s'\"`]{4,200})",
        ),
        (
            r"(?:^|/)nuxt\.config\.[cm]?[jt]s$|(?:^|/)\.vitepress/config\.[cm]?[jt]s$",
            r"\b(?:site[ \t]*:[ \t]*\{[^{}]{0,200}?\burl|siteUrl|sitemap[ \t]*:[ \t]*\{[^{}]{0,200}?\bhostname)[ \t]*:[^\n]{0,80}?"
            r"['\"`]https?://([^/\s'\"`]{4,200})",
        ),
        (
            r"(?:^|/)_data/(?:site|meta(?:data)?)\.(?:json|ya?ml|[cm]?js)$",
            r"^[ \t]{0,4}\"?(?:url|baseUrl|siteUrl)\"?[ \t]*:[ \t]*['\"]?https?://([^/\s'\"]{4,200})",
        ),
        (
            r"(?:^|/)(?:docker-)?compose[\w.-]{0,40}\.ya?ml$",
            r"\bHost\(([^)\n]{4,300})\)|\b(?:VIRTUAL_HOST|LETSENCRYPT_HOST)[ \t]*[:=][ \t]*['\"]?([\w.,-]{4,300})",
        ),
        (r"(?:^|/)wrangler\.(?:toml|jsonc?)$", r"\bzone_name\"?[ \t]*[:=][ \t]*['\"]([\w.-]{4,200})['\"]"),
        (
            r"(?:^|/)Caddyfile[\w.-]{0,40}$",
            r"^((?:https?://)?[\w.-]{4,200}(?:[ \t]*,[ \t]*[\w.:/-]{4,200}){0,20})[ \t]*\{",
        ),
        (r"(?:^|/)appsettings[\w.-]{0,40}\.json$", r"\"AllowedHosts\"[ \t]*:[ \t]*\"([\w.;-]{4,300})\""),
        (
            r"(?:^|/)config/(?:environments/(?!test\.)[^/]+|application)\.rb$",
            r"^[ \t]*config\.(?:hosts\b|[\w.]*default_url_options\b[^\n]{0,80}?\bhost:)([^\n#]{1,300})",
        ),
    )
)
# Where an application says in whose name it sends mail, and the place of that address.
_SENDS = lazy_re.compile(
    rf"(?:(?:^|/)(?:config/initializers/devise\.rb|config/mail\.php|app/mailers/[^/]+\.rb|system\.site\.yml|\.env[^/]*)|{_DJANGO})$"
)
_SENDER = lazy_re.compile(
    r"^[ \t]*(?:config\.mailer_sender\b|default\b[^\n#]{0,60}?\bfrom:|(?:DEFAULT_FROM|SERVER)_EMAIL\b|MAIL_FROM_ADDRESS\b|mail[ \t]*:"
    r"|['\"]address['\"][ \t]*=>)[^\n#]{0,120}?[\w.+-]@((?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24})(?![\w-])",
    re.IGNORECASE | re.MULTILINE,
)
# Who is told of errors and answers visitors: the site's own staff, or those of the agency that made it.
_STAFF = lazy_re.compile(
    r"^(?:(?:ADMINS|MANAGERS)[ \t]*=[ \t]*([\[({][^\]}]{1,2000}?^[\])]|[^\n]{1,200})|[A-Z_]{0,40}_EMAIL[ \t]*=([^\n]{1,200}))",
    re.MULTILINE,
)
_MAIL_HOST = lazy_re.compile(r"[\w.+-]@((?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24})(?![\w.-])", re.IGNORECASE)
_CODE = lazy_re.compile(r"\.(?:tf|rb|py(?:\.\w+)?)$")  # in which a host is a string, and `var.domain` is none
_STRING = lazy_re.compile(r"[\"']([^\"'\n]{1,300})[\"']")
_SERVED_HOST = lazy_re.compile(r"(?<![\w.*@$}%-])(?:[a-z0-9-]{1,63}\.){1,6}[a-z]{2,24}(?![\w.-]|\()", re.IGNORECASE)
_BEHIND_HOST = lazy_re.compile(r"(://[^/\s\"']{1,200})/[^\s\"',]{0,300}")
_FOR_TESTS = lazy_re.compile(r"(?:^|/)(?:tests?|specs?|examples?|samples?|vendor|node_modules)/", re.IGNORECASE)
_MAX_SERVERS = 400  # files
_SETTINGS_FOLDERS = ("", "docs/", "site/", "website/", "config/_default/", "src/", "exampleSite/")
_STATEMENT = lazy_re.compile(
    r"(?:accessibility statement|privacy (?:policy|notice)|cookie policy|statement) (?:applies to|covers|is for)\b[^.<]{0,60}?"
    r"(?:<a\b[^>]{0,300}?href=[\"'])?(?P<first>https?://[\w.-]+|(?:[\w-]+\.)+[a-z]{2,})"
    r"|\bcookies on (?:<[^>]{0,80}>)?(?P<second>https?://[\w.-]+|(?:[\w-]+\.)+[a-z]{2,})\b",
    re.IGNORECASE,
)
# With what the European Union's model of such a statement begins, in languages of its states.
_APPLIES = (
    "déclaration d'accessibilité s'applique",
    "erklärung zur barrierefreiheit gilt für",
    "erklärung zur digitalen barrierefreiheit gilt für",
    "declaración de accesibilidad se aplica",
    "declaração de acessibilidade aplica-se",
    "dichiarazione di accessibilità si applica",
    "toegankelijkheidsverklaring is van toepassing op",
    "tilgængelighedserklæring gælder for",
)
_MODEL_STATEMENT = lazy_re.compile(
    rf"(?:{'|'.join(_APPLIES)})".replace(" ", r"\s{1,40}").replace("'", r"(?:['\u2019]|&[#\w]{1,6};)")
    + r"[^.]{0,120}?(?P<first>https?://[\w.-]+|(?:[\w-]{1,63}\.){1,6}[a-z]{2,24}\b)",
    re.IGNORECASE,
)
_STATEMENT_PAGE = lazy_re.compile(
    r"(?:^|[/_.-])(?:accessibilit|accesibilidad|acessibilidade|barrierefreiheit|toegankelijkheid|tilgaengelighed)[^/.]*"
    r"(?:/(?:index|\+?page))?\.(?:[jt]sx|mdx?|markdown|html?|vue|svelte|astro)$",
    re.IGNORECASE,
)
_TELLING_PAGE = lazy_re.compile(
    r"(?:^|[/_.-])(?:base|layouts?|default|master|main|head(?:er)?|template|app|index|home|seo|meta|"
    r"cookies?|accessibility[\w-]*|privacy[\w-]*|terms[\w-]*|locales?|core|common|messages)(?=[/_.-])",
    re.IGNORECASE,
)
# A domain that serves a site's files and is called after it: acornclinic-cdn.net beside acornclinic.org.
_FILES_OF = lazy_re.compile(r"(?:^|\.)([a-z0-9-]{5,60}?)-?(?:cdn|static|assets)\.[a-z]{2,24}$")
_DOMAIN = lazy_re.compile(r"([a-z0-9-]+)(?:\.(?:co|com|org|net|gov|ac|nhs))?\.[a-z]{2,24}")


@dataclass(frozen=True)
class OwnHosts:
    """Hosts that belong to the site."""

    with_subdomains: tuple[str, ...]
    alone: tuple[str, ...] = ()
    told: tuple[str, ...] = ()  # those of them that the repository tells of
    owners: frozenset[str] = frozenset()  # names of whoever its files say that they belong to, letters only

    def __contains__(self, host: str) -> bool:
        if host in self.alone or any(host == own or host.endswith("." + own) for own in self.with_subdomains):
            return True
        files = _FILES_OF.search(host)
        if (files is not None and files[1] in self._domains) or _is_page_of_one_of(host, self._domains | self.owners):
            return True
        front = host.removeprefix("www.")  # a tracker is given a name below the owner's, not the owner's own
        return self.has_sibling(front) and _registered(front) == front

    @cached_property
    def _domains(self) -> frozenset[str]:
        return frozenset(domain[1] for own in self.with_subdomains if (domain := _DOMAIN.fullmatch(own)))

    def has_sibling(self, host: str) -> bool:
        """Whether a host is of the same site as an own one, as browsers define a site, or of one with the owner's name.

        The owner has given it its name, but may have given the name to somebody else's server.
        """
        return any(_is_same_site(host, own) for own in self.told) or self._has_owners_name(host)

    def _has_owners_name(self, host: str) -> bool:
        if not any(_letters(label) in self.owners for label in host.split(".")[:-1]):
            return False
        registered = _registered(host)
        return registered is not None and _letters(registered.partition(".")[0]) in self.owners


def _is_page_of_one_of(host: str, names: Collection[str]) -> bool:
    """Whether a provider serves a host under the name of its owner: acornclinic.github.io beside acornclinic.org."""
    name, _, suffix = host.partition(".")
    if len(name) < _SHORTEST_TITLE or "." not in suffix or (name not in names and _letters(name) not in names):
        return False
    return _registered(host) == host and _public_suffixes(icann=True).privatesuffix(host) == suffix


def _is_same_site(host: str, other: str) -> bool:
    """Whether one owner has registered the names of both, by the public suffix list (publicsuffix.org)."""
    if host.rsplit(".", 2)[-2:] != other.rsplit(".", 2)[-2:]:
        return False  # reading the list takes a tenth of a second
    site = _registered(host)
    return site is not None and site == _registered(other)


@lru_cache(maxsize=1000)
def _registered(host: str) -> str | None:
    return _public_suffixes().privatesuffix(host)


@lru_cache(maxsize=2)
def _public_suffixes(*, icann: bool = False) -> PublicSuffixList:
    """The list with what providers have added to it; `icann`: without."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(only_icann=icann)


def own_hosts(tree: Tree, code: Iterable[str] = ()) -> OwnHosts:
    """The policy's `first_party`, the site under whose hosts the pages are served, and what its family of public bodies shares.

    The site's are told by its settings, by what its pages call canonical, by statements that name the site, by a README
    with its name for a title, by what its servers are set to answer for, by the sender of its mail, and by the name in which
    its `code` asks others. Never a placeholder or a host that many sites share.
    """
    owners = frozenset(_owners(tree))
    told = {*_set_hosts(tree), *_told_hosts(tree), *_titled_hosts(tree, owners), *_served_hosts(tree)}
    told.update(_sending_hosts(tree, told))
    told.update(host for text in code for match in _AGENT.finditer(text) for host in _own_hosts(match[1]))
    own = {*tree.policy.first_party, *told}
    alone: set[str] = set()
    for path in sorted((builtin_folder() / "families").glob("*.toml")):
        family = tomli.loads(path.read_text("utf-8"))["family"]
        suffix: str = family["suffix"]
        member = any(host == suffix or host.endswith("." + suffix) for host in own)
        if suffix in told and suffix not in tree.policy.first_party:
            own.discard(suffix)
        if member or _is_built_with(tree, family["packages"]):
            alone.update(family["hosts"])
    return OwnHosts(tuple(sorted(own)), tuple(sorted(alone)), tuple(sorted(told & own)), owners)


def _is_built_with(tree: Tree, packages: Sequence[str]) -> bool:
    named = re.compile("|".join(rf'"{re.escape(package)}"\s*:' for package in packages))
    return any(
        named.search(tree.text(path)) for path in tree.paths if path == "package.json" or path.endswith("/package.json")
    )


def _set_hosts(tree: Tree) -> Iterator[str]:
    """Hosts in settings whose key says that they are the site's."""
    for folder in _PAGE_FOLDERS:
        for line in tree.text(folder + "CNAME").split():
            yield from _own_hosts("https://" + line)
    for path in tree.paths:
        folder, slash, name = path.rpartition("/")
        if folder + slash not in _SETTINGS_FOLDERS:
            continue
        for names, key in _SETTINGS:
            if names.fullmatch(name):
                for match in key.finditer(tree.text(path)):
                    yield from _own_hosts(match[1])
    named = re.search(r"\"repository\"\s*:[^}]{0,400}", tree.text("package.json"))
    for match in _NAMED_AFTER_SITE.finditer(named[0] + "\n" if named else ""):
        yield from _own_hosts("https://" + match[1])


def _told_hosts(tree: Tree) -> Iterator[str]:
    """Hosts that pages, layouts and texts call the site's."""
    fronts = [folder + "index.html" for folder in _PAGE_FOLDERS]
    for path in dict.fromkeys((*fronts, *_telling(tree))):
        text = tree.text(path)
        if len(text) > 2 * _HEAD:
            text = text[:_HEAD] + text[-_HEAD:]
        for pattern in _CANONICAL:
            hosts = [host for match in pattern.finditer(text) for host in _own_hosts(match[1])]
            yield from hosts
            if hosts:
                break
        for match in _IDENTITY.finditer(text):
            yield from _own_hosts(match[1], shared=True)
        said_hosts = [match["first"] or match["second"] for match in _STATEMENT.finditer(text)]
        for said in (*said_hosts, *(match["first"] for match in _MODEL_STATEMENT.finditer(text))):
            yield from _own_hosts(said if said.startswith("http") else "https://" + said)
        for match in _COUNTED.finditer(text):
            yield from _own_hosts("https://" + match[1])
    owning = (path for path in tree.paths if _TELLS_OWNER.search(path) and not _FOR_TESTS.search(path))
    owning = (path for path in owning if classify(path, "")[0] in ("html", "indent", "script"))
    for path in dict.fromkeys((*fronts, *_telling(tree), *_outermost(tree, owning))):
        yield from _owning_hosts(tree.text(path))


def _owning_hosts(text: str) -> Iterator[str]:
    """The hosts of those who own a page, by its structured data; what stands there of others is held by a name."""
    for match in _OF_AN_OWNER.finditer(text):
        start, end = _object_around(text, match.start())
        holder = _HELD_BY.search(text, max(0, start - 80), start)
        if holder is not None and holder[1].lower() not in _ITS_OWN:
            continue
        depth, at = 0, start + 1
        for url in _URL_OF_IT.finditer(text, start, end):
            inside = text[at : url.start()]
            depth, at = depth + inside.count("{") - inside.count("}"), url.start()
            if depth == 0:
                yield from _own_hosts(url[1])
                break


def _object_around(text: str, at: int) -> tuple[int, int]:
    """Where the braces around a place stand, or the end of what is looked at."""
    depth, start = 0, at
    for start in range(at - 1, max(0, at - _OBJECT) - 1, -1):
        depth += (text[start] == "}") - (text[start] == "{")
        if depth < 0:
            break
    depth, end = 0, at
    for end in range(at, min(len(text), at + _OBJECT)):
        depth += (text[end] == "{") - (text[end] == "}")
        if depth < 0:
            break
    return start, end


def _titled_hosts(tree: Tree, owners: Collection[str]) -> Iterator[str]:
    """Hosts in the README that are called what the project or its owner is called: Acorn Clinic, www.acornclinic.org."""
    for path in tree.paths:
        if not _README.fullmatch(path):
            continue
        text = tree.text(path)[:_HEAD]
        first = "\n".join([line.strip() for line in text.splitlines() if line.strip()][:_FIRST_LINES])
        for line in _SITE_LINE.finditer(first):
            said = next(filter(None, line.groups())).rstrip(".")
            yield from _own_hosts(said if said.startswith("http") else "https://" + said)
        for link in _NAMED_LINK.finditer(text):
            if _letters(link[1]) in owners:
                yield from _own_hosts(link[2])
        heading = _TITLE.search(text)
        title = _letters(_LINKED.sub(r"\1", heading[1] or heading[2] or heading[3])) if heading is not None else ""
        if len(title) < _SHORTEST_TITLE:
            continue
        for match in _NAMED_HOST.finditer(text):
            host = (match["url"] or match["bare"]).lower().strip(".").removeprefix("www.")
            if title in (_letters(host), _letters(host.partition(".")[0])):
                yield from _own_hosts("https://" + host)


def _served_hosts(tree: Tree) -> Iterator[str]:
    """Hosts for which the site's servers, certificates or framework are set to answer."""
    left = _MAX_SERVERS
    for path in tree.paths:
        places = [place for paths, place in _SERVED if paths.search(path)]
        if not places or _FOR_TESTS.search(path):
            continue
        left -= 1
        if left < 0:
            return
        with contextlib.suppress(OSError):  # the scan of that file reports it
            text = tree.text(path) if tree.size(path) <= _LAYOUT_SIZE else ""
            for match in (match for place in places for match in place.finditer(text)):
                held = " ".join(filter(None, match.groups())).replace("\\.", ".")  # Drupal has patterns for them
                held = " ".join(_STRING.findall(held)) if _CODE.search(path) else held
                for host in _SERVED_HOST.findall(_BEHIND_HOST.sub(r"\1 ", held)):
                    yield from _own_hosts("https://" + host)


def _owners(tree: Tree) -> Iterator[str]:
    """Who the files of a repository say that they belong to: `@acornclinic/site`, `github.com/acornclinic/site`."""
    readme = [path for path in tree.paths if _README.fullmatch(path)]
    teams = [match[1] for path in _CODEOWNERS for match in _TEAM.finditer(tree.text(path)[:_HEAD])]
    builds = [match[1] for path in readme for match in _BUILD.finditer(tree.text(path)[:_HEAD])]
    yield from (name for name in map(_letters, (*teams, *builds)) if len(name) >= _SHORTEST_TITLE)
    packages = [path for path in tree.paths if path.rpartition("/")[2] in ("package.json", "composer.json")]
    for path in sorted(packages, key=lambda path: (path.count("/"), path))[:_MAX_PACKAGES]:
        for match in _OWNER.finditer(tree.text(path)[:_HEAD]):
            name = _letters(match["scope"] or match["account"])
            if len(name) >= _SHORTEST_TITLE:
                yield name


def _sending_hosts(tree: Tree, told: Collection[str]) -> Iterator[str]:
    """Hosts in whose name the application sends mail, and those of its staff below which a host is that is told to be own."""
    for path in tree.paths:
        if _SENDS.search(path) and not _FOR_TESTS.search(path):
            with contextlib.suppress(OSError):  # the scan of that file reports it
                text = tree.text(path) if tree.size(path) <= _LAYOUT_SIZE else ""
                for match in _SENDER.finditer(text):
                    yield from _own_hosts("https://" + match[1])
                for staff in _STAFF.finditer(text):
                    for match in _MAIL_HOST.finditer(staff[1] or staff[2]):
                        if any(host.endswith("." + match[1].lower()) for host in told):
                            yield from _own_hosts("https://" + match[1])


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()


def _telling(tree: Tree) -> Iterator[str]:
    """Layouts, their parts and legal pages, and translations of their texts; the outermost first."""
    chosen = [
        path
        for path in tree.paths
        if (_TELLING_PAGE.search(path) and classify(path, "")[0] in ("html", "indent"))
        or TRANSLATIONS.search(path)
        or _STATEMENT_PAGE.search(path)
    ]
    yield from _outermost(tree, chosen)


def _outermost(tree: Tree, paths: Iterable[str]) -> Iterator[str]:
    for path in sorted(paths, key=lambda path: (path.count("/"), path))[:_MAX_LAYOUTS]:
        with contextlib.suppress(OSError):  # the scan of that file reports it
            if tree.size(path) <= _LAYOUT_SIZE:
                yield path


def _own_hosts(value: str, *, shared: bool = False) -> Iterator[str]:
    """`shared`: also a host that many sites share, since what was found speaks for all of it."""
    match = _URL_HOST.match(value.strip().lstrip("\"'`"))
    if match is None:
        return
    host = match[1].lower().removeprefix("www.")
    others, fronts = ((), ()) if shared else _shared_hosts()
    foreign = host in fronts or any(host == other or host.endswith("." + other) for other in others)
    if "." in host and not foreign and not _PLACEHOLDER.search(host):
        yield host


@lru_cache(maxsize=1)
def _shared_hosts() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The hosts of many owners, and those whose subdomains belong to one each."""
    listed = tomli.loads((builtin_folder() / "owners" / "shared.toml").read_text("utf-8"))
    return tuple(listed["hosts"]), tuple(listed["fronts"])
