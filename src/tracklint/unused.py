"""Whether a file that others would have to use is used by none of them, so that what it loads reaches no page.

Each answer is for one kind of project whose way of finding files is known: Jekyll, Hugo, Rails, components that a bundler
follows, partials beside server code. Where a name may be put together while the site runs, nothing is concluded.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from tracklint import jekyll, lazy_re
from tracklint.detect.code import code_source
from tracklint.laravel import Views
from tracklint.model import SourceFile
from tracklint.reached import Reached
from tracklint.sheets import Sheets
from tracklint.source import classify, is_environment, stem_of

if TYPE_CHECKING:
    from tracklint.project import Project
    from tracklint.ruleset import Service

# Jekyll: includes by their name, from the folder of them all, and those whose name is put together or listed elsewhere.
_NAMED_INCLUDE = lazy_re.compile(r"\binclude\w*\s+[\"']?[\w./-]*$")
_INCLUDED = lazy_re.compile(r"\{%-?\s*include(?:_cached)?\s+(?P<folder>[\w./-]*)$")
_CHOSEN_INCLUDE = lazy_re.compile(
    r"\{%-?\s*(?:include(?:_cached)?\s+[^\s%}]*\{\{|include_(?!cached\b|relative\b|code\b)\w+\s)"
)
# Layouts that plugins give pages by themselves, and where a page, a plugin or settings name one.
_FOUND_LAYOUT = lazy_re.compile(
    r"default|home|index|redirect|feed|search|.*(?:post|page|archive|tag|categor|author|collection|locale|month|year|day).*"
)
_HAS_FRONT_MATTER = (".xml", ".txt", ".json", ".textile", ".adoc", ".asciidoc", ".org", ".ipynb", ".rmd")
# Templates of Eleventy that are no pages, and its settings: https://www.11ty.dev/docs/config/#directory-for-includes
_ELEVENTY_PART = lazy_re.compile(
    r"(?P<root>(?:[^/]+/)*?_(?:includes|layouts)/)(?P<name>.+\.(?:njk|html|liquid|hbs|webc))"
)
_ELEVENTY_SETTINGS = tuple(
    f"{base}.{ending}" for base in (".eleventy", "eleventy.config") for ending in ("js", "cjs", "mjs", "ts")
)
# A tag of Liquid that a plugin adds, and what else a plugin may add.
_LIQUID_TAG = lazy_re.compile(r"\bregister_tag\(?\s*[\"':](\w+)")
_OTHER_PLUGIN = lazy_re.compile(
    r"\bregister_filter\b|\bHooks\.register\b|<\s*(?:Jekyll::)?(?:Generator|Converter|Page|Command)\b|\bmodule\s+\w*Filters?\b"
)
# How the name of a part begins that is put together where it is used: "shared/_$kind", 'shared/_' . $kind
_CHOSEN_PART = lazy_re.compile(
    r"(?:render|include|require|embed|extends|partial)\w*\b[^;\n]{0,80}?[\"'`](?:[^\"'`\n]{0,200}/)?([\w-]{0,80})"
    r"(?:[\"'`]\s{0,5}[.~+]|(?:\{?\$|\{\{|#\{)[^.\"'`\n]{0,80}(?P<ending>\.\w{2,5})?)"
)
# A part of a page that its authors wrote; of Ruby's nothing is told, since a gem may use a file by its place.
_PART = lazy_re.compile(r"(?:^|/)(?:views|templates)/(?:[^/]+/)*_([\w-]+)\.(?:html\.)?(?:php|phtml|twig|njk|ejs|hbs)$")
# Folders for parts of pages, which others have to name.
_PARTS = r"(?:^|/)_?(?:includes?|partials?|parts|fragments|template-parts|snippets)/(?:[^/]+/)*[^/]+"
_MOST_LISTED = 30_000_000  # characters of such settings that are searched
_LISTS = (".yml", ".yaml", ".json", ".xml", ".toml", ".neon")  # settings that may name a template
# The templates of a theme of a Hugo site, and the files in which a site or its build can choose one.
_HUGO_THEME = lazy_re.compile(r"(?P<site>(?:[^/]+/)*?)themes/(?P<name>[^/]+)/layouts/")
_HUGO_SETTINGS = lazy_re.compile(r"(?:(?:hugo|config)\.|config/(?:[^/]+/)?(?:hugo|config)\.)(?:toml|ya?ml|json)")
_CHOSEN_THEME = lazy_re.compile(r"^[ \t]{0,8}[\"']?theme[\"']?[ \t]{0,8}[:=]([^\n]{1,300})", re.MULTILINE)
_CHOOSES = lazy_re.compile(r"(?:^|/)(?:[^/.]+|[^/]+\.(?:toml|ya?ml|json|sh|bash|mk|mod|[cm]?js|ts|py|bat|ps1))$")
_HUGO_SHORTCODE = lazy_re.compile(
    r"(?P<site>(?:[^/]+/)*?)(?P<theme>themes/[^/]+/)?layouts/_?shortcodes/(?P<name>[\w/-]+)\.html"
)
_HUGO_PARTIAL = lazy_re.compile(r"(?P<site>(?:[^/]+/)*?)(?P<theme>themes/[^/]+/)?layouts/_?partials/(?P<name>.+)\.html")
_QUOTED = lazy_re.compile(r"[\w.-]+")
# Settings that fetch parts of a Hugo site from elsewhere, and templates that may read any setting.
_HUGO_MODULE = lazy_re.compile(r"^[ \t]*\[*[ \t]*[\"']?module[\"']?[ \t]*[\].:=]", re.MULTILINE)
_READS_ANY = lazy_re.compile(
    r"\b(?:index|range|with|merge)\b[^{}]{0,80}\bsite\.params\b(?!\.)|\bsite\.params[ )]*\|", re.I
)
_HUGO_TEMPLATE = lazy_re.compile(r"(?:themes/[^/]+/)?(?:layouts/.+\.html|assets/.+\.[jt]s)")
_SETTING = lazy_re.compile(r"[ \t]*[\"']?([\w-]{4,60})[\"']?[ \t]*[:=]")
# A partial whose name is put together: printf "hero/%s.html", a whole name among the settings of a page, or a variable.
_CHOSEN_PARTIAL = lazy_re.compile(
    r"\bpartial(?:Cached)?\s+(?:\(\s*printf\s+[\"`](?P<start>[^%\"`]*)|(?P<set>\(?\s*\$?(?:\.|site\.)(?:Site\.|Page\.)?Params\.)|[($.])"
)
# How Ruby renders a view whose name is computed, and what takes the layout of its own name.
_RENDERED_BY_NAME = lazy_re.compile(r"\brender(?:_to_string)?\b[^\"'\n]{0,60}[\"']([\w/-]*)#\{")
_KINDS = ("_controller.rb", "_mailer.rb")
# How an action of a controller answers, and what it answers with if not with a view by name.
_ANSWERS = lazy_re.compile(
    r"(?<![\w.:'\"@-])(?P<how>render|redirect_to|redirect_back\w*|head)\b[ \t(]*(?P<what>[^\n]*)"
)
# What an action may do besides, by which an answer in it need not be the one that visitors get.
_BRANCHES = lazy_re.compile(
    r"\b(?:respond_to|respond_with|rescue|ensure|when|do|yield|format)\b|\{\s*(?:\||render|redirect|head)"
)
_NO_VIEW = lazy_re.compile(
    r"(?:json|plain|xml|body|js|html|inline|file|nothing|text):|:(?:json|plain|xml|nothing)\s*=>"
)
# Drupal: the modules that a site has switched on, and plugins of CKEditor 4 where its module of that name looks for them.
_INSTALLED = lazy_re.compile(r"(?:^|/)config/(?:install|optional)/[^/]+\.yml$")
_DRUPAL_THEME = lazy_re.compile(r"^(admin|default):[ \t]*['\"]?(\w+)", re.MULTILINE)
_EDITOR_4 = lazy_re.compile(r"^[ \t]+ckeditor[ \t]*:", re.MULTILINE)
_EDITOR_5 = lazy_re.compile(r"^[ \t]+ckeditor5[ \t]*:", re.MULTILINE)
_EDITOR_PLUGIN = lazy_re.compile(r"(?:^|.*/)libraries/[^/]+/(?=plugin\.js$)")
_THEME = lazy_re.compile(r"^type:\s*['\"]?theme\b", re.MULTILINE)
# What a part of a Drupal site is to Composer, and how the site's own composer.json takes in what such a part asks for.
_PART_OF_DRUPAL = lazy_re.compile(r"\"type\"\s*:\s*\"drupal-(?:custom-)?(?:module|theme|profile)\"")
_TAKES_IN = lazy_re.compile(r"merge-plugin|\"type\"\s*:\s*\"path\"")
# How drawings come into pages without their whole names: put together, by their kind, or as sheets made of folders.
_CHOSEN_DRAWING = lazy_re.compile(
    r"[}*)>\"'`%\]]\.svg\b|\bcontext\(|\bglob\w*\(|\bsvg-?(?:sprite|store|icons?|symbols?)\b|\binline[-_]?svg\b",
    re.IGNORECASE,
)
# A line of a file of settings for the environment of a process.
_SET = lazy_re.compile(r"^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w{3,100})[ \t]*=", re.MULTILINE)
_READ_ME = lazy_re.compile(r"(?:^|/)(?:readme|changelog)[^/]*$", re.IGNORECASE)
_TELLS = lazy_re.compile(r"\.(?:md|markdown|rst|adoc|txt)$|(?:^|/)(?:changelog|license)[^/]*$", re.IGNORECASE)
_DEPENDENCIES = ("package.json", "composer.json", "Gemfile", "pyproject.toml", "requirements.txt", "Pipfile")
# Views of Grails, and the name of one that is put together.
_GRAILS_VIEW = lazy_re.compile(
    r"(?:.+/)?grails-app/views/(?P<folder>(?!layouts/|plugins/)(?:\w+/)*\w+)/_?(?P<name>\w+)\.gsp"
)
_OF_GRAILS = lazy_re.compile(r"\.(?:groovy|gsp|java)$")
_CHOSEN_VIEW = lazy_re.compile(
    r"\b(?:view|template)\b\s*[:=]\s*[\"']/?(?P<start>[^\"'$\n]{0,100})(?:\$[^\"'\n]{0,100}/|(?<=/)[\"']\s*\+)"
)
_PACKAGE_LISTS = frozenset({"package.json", "package-lock.json", "npm-shrinkwrap.json"})
_LOADS_DEPENDENCIES = lazy_re.compile(
    r"\"(?:ember-source|ember-cli|@strapi/strapi|strapi)\"\s*:"
)  # by their names alone
# A build of a library, and its name without what tells it from the others.
_BUILD = lazy_re.compile(r"(?P<folder>(?:[^/]+/)*)(?P<base>[^/]{2,100}?)(?:[.-](?:min|pack|packed|slim|debug))?\.js")
_MOST_BUILDS = 40  # scripts in a folder; more are no builds of one library
_MANY_SCRIPTS = ("*.js", "*.min.js", "require_tree", "require.context")  # what tells of many at once
# The folder of a library by its name, and one in which such folders stand; how a library takes parts of itself by their names.
_NAME_AND_VERSION = lazy_re.compile(r"(?P<name>[a-z][a-z-]{2,60}?)(?:js)?(?P<version>[-._@v]{0,3}\d[\w.-]{0,20})?")
_VENDORED = lazy_re.compile(r"(?:^|/)(?:vendors?|libs?|plugins?|third[-_]party|bower_components|externals?)/[^/]+$")
_TAKES_PARTS = lazy_re.compile(r"[\"'`](?:\.min)?\.js[\"'`]")
_MOST_PARTS = 400
_LIBRARY = 2_000  # characters; a shorter text may stand in another by chance


# The workbench of a site's developers, and what its build leaves: https://storybook.js.org/docs/sharing/publish-storybook
_WORKBENCH = lazy_re.compile(r"(?:^|/)\.storybook/")
_OF_BUILT_WORKBENCH = lazy_re.compile(
    r"(?P<folder>(?:[^/]+/)*)(?:sb-(?:manager|addons|preview)/|(?:project|stories)\.json$)"
)
_MAKES_WORKBENCH = lazy_re.compile(
    r"\b(?:storybook[:-]build|build[:-]storybook|storybook\s+build|storybook[:-]static|storybook[:-]deploy|deploy[:-]storybook)\b"
)
_SCRIPT_OF_PACKAGE = lazy_re.compile(r"\"([\w:.-]{1,60})\"\s*:\s*\"([^\"\n]{1,2000})\"")
_INTO_SERVED = lazy_re.compile(r"(?:-o|--output-dir)[ =]\S{0,100}\b(?:public|static|dist|build|www|wwwroot|_site)\b")
_OF_A_BUILD = lazy_re.compile(
    r"(?:pre|post|vercel-|heroku-(?:pre|post))?(?:build|deploy|publish)$|(?:build|deploy|publish):(?:prod\w*|all|site|app)$"
)
_BUILT_BY = lazy_re.compile(
    r"(?:^|/)(?:package\.json|(?:netlify|vercel|wrangler|fly)\.\w+|[\w.-]*Dockerfile[\w.-]*|docker-compose[\w.-]*|Procfile|Makefile|Jenkinsfile|firebase\.json|"
    r"now\.json|amplify\.yml|staticwebapp\.config\.json|app\.ya?ml|buildspec[\w.-]*|(?:azure|bitbucket)-pipelines[\w.-]*|\.gitlab-ci\.yml|[\w.-]+\.(?:sh|csproj|mk))$"
    r"|^\.(?:github/workflows|circleci|azure[\w-]*|gitlab|buildkite)/"
)
# Folders of drawings of pages, those that are served, and what makes a site of a repository as it is.
_MOCK_UP = lazy_re.compile(
    r"(?P<folder>(?:[^/]+/)*?(?:designs?|mock-?ups?|wireframes?|prototypes?|sketches|design[-_](?:mock-?ups?|prototypes?|files|drafts?))/)(?:[^/]+/)*[^/]+\.(?:html?|css)$",
    re.IGNORECASE,
)
_SERVED_FOLDER = lazy_re.compile(
    r"(?:^|/)(?:public|static|www|wwwroot|web|webroot|htdocs|html|site|dist|build|assets|src|app|pages|views|templates|content|_site)/",
    re.IGNORECASE,
)
_PUBLISHES_ALL = lazy_re.compile(
    r"publish\s*=\s*[\"']\.?/?[\"']|^[ \t]*(?:path|publish_dir|folder|outputDirectory)[ \t]*:[ \t]*[\"']?\./?[\"']?[ \t]*$|\"public\"\s*:\s*\"\.?/?\"",
    re.MULTILINE,
)
# How the name of a page is put together, what is no use of such a page, how a bundler takes many; what makes a site of a folder.
_CHOSEN_PAGE = lazy_re.compile(r"(?:[})]|[+.][ ]?[\"'`]|%s)\.html?[\"'`]")
_WRITES = lazy_re.compile(r"\bopen\([^\n]{0,300}['\"][wax]b?\+?['\"]|write|\blog|\bprint\b")
_TAKES_PAGES = lazy_re.compile(r"\*\.(?:html?|\{[^}\n]{0,40}\bhtml?\b)")
_BUNDLES = lazy_re.compile(
    r"(?:^|/)(?:vite|webpack|rollup|rspack|gulpfile|gruntfile|parcel|esbuild|build)[\w.-]*\.(?:[cm]?[jt]s|json)$",
    re.IGNORECASE,
)
_MAKES_A_SITE = frozenset(
    "index.html index.htm index.php _config.yml CNAME .nojekyll manifest.json package.json".split()
)
_FRAMEWORK = lazy_re.compile(
    r"\"(?:next|nuxt|vite|astro|gatsby|react-scripts|@angular/cli|@vue/cli-service|@sveltejs/kit|@remix-run/\w+|@react-router/\w+|parcel|html-webpack-plugin)\"\s*:"
)


class _Templates(NamedTuple):
    """Templates of one kind: which of them nothing finds by their place, and how one is taken whose name is written nowhere."""

    parts: re.Pattern[str]
    files: re.Pattern[str]  # which may use them
    chosen: re.Pattern[str]


_RAZOR = lazy_re.compile(r"\.(?:cs|vb)(?:html)?$")
# What a framework finds by itself: a page or layout of Razor, a class of PHP.
_FOUND = lazy_re.compile(
    r"@page\b|\bRenderBody\(|^\s*(?:(?:abstract|final|readonly)\s+)*(?:class|trait|interface|enum|namespace)\s+\w[\w\\]*\s*[;{\n]|^\s*class\s+\w+\s+(?:extends|implements)\s",
    re.MULTILINE,
)
_OF_MODEL = lazy_re.compile(r"\(?Model\.(\w{1,100})\s*[\"),]")
_LITERAL = lazy_re.compile(r"\"[^\"]*\"|null|string\.Empty")
_NAMED_TEMPLATES = (
    _Templates(
        lazy_re.compile(
            r"(?:^|/)Views/(?!(?:[^/]+/)*(?:(?:Display|Editor)Templates|Components)/)(?:[^/]+/)*(?!_View(?:Start|Imports)\.)[^/]+\.(?:cs|vb)html$"
        ),
        _RAZOR,
        lazy_re.compile(
            r"\.\s*(?:Render)?(?:Partial|Page)(?:Async|View)?\s*\(\s*(?![\"@$)\s])(?![^,;\n]{0,200}\")|<partial\s[^<>]{0,200}?name=\"@"
            r"|\bView\(\s*[a-z_]\w{0,60}(?:View|Template|Name)\s*[,)]|IViewLocationExpander"
            r"|\b(?:Umbraco|Sitecore|Kentico|Orchard)\b|\bCMS\."
        ),
    ),
    _Templates(
        lazy_re.compile(
            _PARTS + r"\.(?:twig|njk|nunjucks|j2|jinja2?)$"
            r"|(?:^|/)(?:(?P<app>\w+)/templates/(?P=app)|templates)/_?(?:includes?|partials?)/(?:[^/]+/)*[^/]+\.html$"
        ),
        lazy_re.compile(r"\.(?:twig|njk|nunjucks|j2|jinja2?|html?)$"),
        lazy_re.compile(
            r"\{%-?\s*(?:include|extends|embed|import|from)\s+(?![\s'\"\[(]|_self\b|\w+\s*~\s*['\"][^'\"\n]{1,200}['\"]\s*[-\w%])|\binclude\(\s*[a-z_]"
        ),
    ),
    _Templates(
        lazy_re.compile(_PARTS + r"\.(?:hbs|handlebars|mustache)$"),
        lazy_re.compile(r"\.(?:hbs|handlebars|mustache|html)$"),
        lazy_re.compile(r"\{\{~?#?>\s*[(\[]"),
    ),
    _Templates(
        lazy_re.compile(_PARTS + r"\.(?:ejs|eta)$"),
        lazy_re.compile(r"\.(?:ejs|eta|html)$"),
        lazy_re.compile(r"\binclude\(\s*(?![\s'\"`])"),
    ),
    _Templates(
        lazy_re.compile(_PARTS + r"(?<!\.blade)\.(?:php|phtml)$"),
        lazy_re.compile(r"\.(?:php|phtml|inc)$"),
        lazy_re.compile(
            r"\b(?:include|require)(?:_once)?\b[\s(]*\$|\b(?:get_template_part|locate_template)\(\s*(?!['\"][^'\"\n]*['\"]\s*[,)])"
            r"|(?:->|::)(?:view|render|partial|insert)\(\s*\$"
        ),
    ),
    _Templates(
        lazy_re.compile(_PARTS + r"\.(?:ftlh?|jspf?)$"),
        lazy_re.compile(r"\.(?:ftlh?|jspf?|html)$"),
        lazy_re.compile(
            r"<#(?:include|import)\s+(?![\s'\"])|<(?:jsp:include|c:import)\s[^<>]{0,100}=\"(?:\$\{|<%)|~\{\s*\$\{"
        ),
    ),
)
# Templates of Python's frameworks, those that a view of Django finds by the name of a model, and views that routes name.
_OF_PYTHON = lazy_re.compile(
    r"(?:^|/)(?:(?:jinja2|templates)/(?P<app>[a-z]\w*)/)(?:[^/]+/)*(?P<stem>[a-z][\w-]*)\.(?:html|j2|jinja2?)$"
)
_BY_MODEL = lazy_re.compile(r"_(?:list|detail|form|confirm_delete|archive\w*)$|^(?:index|base)$")
_JOINED = lazy_re.compile(
    r"(?P<start>[\w./-]{0,200})(?:\{[^{}\n]{0,100}\}|%(?:\(\w+\))?s)[\w./-]{0,100}\.(?:html|j2|jinja2?)\b|\+\s*[rfu]?[\"'][\w-]*\.(?:html|j2|jinja2?)\b"
)
_PYTHON_LISTS = ("requirements*.txt", "pyproject.toml", "Pipfile", "setup.py", "setup.cfg")
_ASKED = lazy_re.compile(r"(?<![a-z0-9_/])[a-z0-9_]+(?![/a-z0-9_])")
_OWN_NAME = lazy_re.compile(r"^\s*name\s*=\s*[^\n]*$", re.MULTILINE)
_CLASS_VIEW = lazy_re.compile(r"^class[ \t]+(?P<name>\w+)[ \t]*\((?P<bases>[^()]{0,500})\)[ \t]*:", re.MULTILINE)


class Unused:
    """The files of one project that nothing uses."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._themed: dict[str, bool] = {}  # Hugo sites whose themes are here
        self._jekyll_settings: dict[str, jekyll.Settings] = {}  # by the root of their site
        self._unread: dict[str, bool] = {}  # patterns of settings that no file has
        self._users: dict[_Templates, tuple[str, ...] | None] = {}  # of templates of a kind
        self._reached = Reached(project, lambda: self.lists)
        self.laravel = Views(project)
        self._sheets = Sheets(project)

    @cached_property
    def _idle_themes(self) -> tuple[str, ...]:
        """Folders of the themes of Hugo sites that neither settings nor builds name, and of those out of which Jekyll makes nothing."""
        sites: dict[str, set[str]] = {}
        for path in self._project.tree.paths:
            if match := _HUGO_THEME.match(path):
                sites.setdefault(match["site"], set()).add(match["name"])
        idle: list[str] = []
        for site, names in sites.items():
            settings = self._hugo_settings(site)
            chosen = " ".join(
                found for path in settings for found in _CHOSEN_THEME.findall(self._project.tree.raw_text(path))
            )
            others = {name for name in names if name not in chosen}
            if len(others) < len(names):
                idle += [f"{site}themes/{name}/" for name in sorted(others) if not self._is_chosen(name)]
        return (*idle, *dict.fromkeys(jekyll.unbuilt_themes(self._project.tree, self._jekyll_sites)))

    @cached_property
    def staff_themes(self) -> tuple[str, ...]:
        """Folders of the themes that Drupal sites use for the pages of staff alone."""
        folders: list[str] = []
        for path in self._project.named("system.theme.yml"):
            chosen = dict(_DRUPAL_THEME.findall(self._project.tree.raw_text(path)))
            name = chosen.get("admin", "")
            if not name or name == chosen.get("default"):
                continue
            shared = re.compile(rf"base theme:[ \t]*['\"]?{name}\b|['\"]{name}/\w")
            users = [user for user in self._project.paths_with([name]) if shared.search(self._project.text_of(user))]
            infos = (other for other in self._project.tree.paths if other.endswith((".info.yml", ".libraries.yml")))
            users += [info for info in infos if shared.search(self._project.tree.raw_text(info))]
            for info in self._project.named(f"{name}.info.yml"):
                folder = info.rpartition("/")[0] + "/"
                if folder != "/" and all(user.startswith(folder) for user in users):
                    folders.append(folder)
        return tuple(folders)

    def _hugo_settings(self, site: str) -> list[str]:
        return [
            path
            for path in self._project.tree.paths
            if path.startswith(site) and _HUGO_SETTINGS.fullmatch(path, len(site))
        ]

    def _is_chosen(self, theme: str) -> bool:
        """Whether a file that could choose a theme has its name: in no comment, nor in a pattern of paths to leave out."""
        name = re.compile(rf"^(?![ \t]*(?:#|//))[^\n]*?(?<!\*/themes/){re.escape(theme)}", re.MULTILINE)
        return any(
            name.search(self._project.tree.raw_text(path)) is not None
            for path in self._project.tree.paths
            if _CHOOSES.search(path) and f"themes/{theme}/" not in path and "/content/" not in f"/{path}"
        )

    def is_commented_out(self, path: str) -> bool:
        """Whether a template's name stands in comments of other templates and nowhere else."""
        named = [mention for mention in self._project.mentions_of_stem(stem_of(path)) if mention.path != path]
        return bool(named) and all(self._project.is_in_a_comment(*mention) for mention in named)

    @cached_property
    def _jekyll_sites(self) -> tuple[jekyll.Site, ...]:
        return jekyll.sites(self._project.tree)

    def _jekyll_site(self, path: str) -> jekyll.Site | None:
        """The site that has a file among its own; none for a theme, by itself, of which others make sites."""
        site = next((site for site in self._jekyll_sites if path.startswith(site.root)), None)
        root = site.root if site is not None else ""
        made = any(other.startswith(root) and other.endswith(".gemspec") for other in self._project.tree.paths)
        return site if not made else None

    def jekyll_setting(self, path: str, name: str) -> tuple[bool, str | bool | None]:
        """Whether it is known what `site.NAME` is in a template of Jekyll, and its value."""
        site = self._jekyll_site(path)
        if site is None:
            return False, None
        if site.root not in self._jekyll_settings:
            self._jekyll_settings[site.root] = jekyll.Settings(self._project.tree, site)
        return self._jekyll_settings[site.root].value(name)

    def is_left_out(self, path: str) -> bool:
        """Whether a part of a Jekyll site's pages is named nowhere in it, as an include does: with its ending.

        Of a theme nothing is told, nor of a site that has one, since layouts are elsewhere.
        """
        before, includes, within = f"/{path}".partition("/_includes/")
        site = self._jekyll_site(path) if includes else None
        if site is None or f"{before}/".lstrip("/") != site.source or site.is_themed:
            return False
        folder = posixpath.dirname(within)
        for user, offset in self._project.mentions(posixpath.basename(path)):
            text = self._project.text_of(user)[max(0, offset - 200) : offset]
            if user == path or (user.endswith((".md", ".markdown")) and _NAMED_INCLUDE.search(text) is None):
                continue  # a text may only tell of it
            named = _INCLUDED.search(text)
            if named is None or posixpath.normpath(named["folder"].strip("/") or ".") == (folder or "."):
                return False
        users = (user for user in self._project.paths_with(["include"]) if not user.endswith(".rb"))
        return not any(_CHOSEN_INCLUDE.search(self._project.text_of(other)) for other in users)

    def is_spare_jekyll_layout(self, path: str) -> bool:
        """Whether a layout of a Jekyll site is named by none of its pages, plugins and settings."""
        before, layouts, _ = f"/{path}".partition("/_layouts/")
        site = self._jekyll_site(path) if layouts else None
        stem = stem_of(path)
        if site is None or f"{before}/".lstrip("/") != site.source or site.is_themed or _FOUND_LAYOUT.fullmatch(stem):
            return False
        named = re.compile(rf"\blayout\w*[\"']?\s*[:=].{{0,60}}?(?<![\w-]){re.escape(stem)}(?![\w-])")
        anywhere = re.compile(rf"(?<![\w-]){re.escape(stem)}(?![\w-])")
        others = (one for one in self._project.tree.paths if one.lower().endswith(_HAS_FRONT_MATTER))
        texts = [self._project.text_of(user) for user in self._project.paths_with([stem]) if user != path]
        texts += [self._project.tree.raw_text(one) for one in others]
        if self.lists is None or any(map(named.search, texts)) or anywhere.search(self.lists) is not None:
            return False
        plugins = (user for user in self._project.paths_with([stem]) if user.endswith(".rb"))
        return not any(anywhere.search(self._project.text_of(one)) for one in plugins)

    def is_spare_eleventy_layout(self, path: str) -> bool:
        """Whether a template of Eleventy in a folder that makes no pages is named by nothing, from that folder or beside it."""
        match = _ELEVENTY_PART.fullmatch(path)
        settings = [one for name in _ELEVENTY_SETTINGS for one in self._project.named(name)]
        if match is None or not settings or self.lists is None:
            return False
        folder, _, base = match["name"].rpartition("/")
        chosen = re.compile(rf"(?:includes|layouts)[\"']?\s*:\s*[\"'`][^\"'`\n]*{re.escape(folder)}")
        if folder and any(chosen.search(self._project.tree.raw_text(one)) for one in settings):
            return False  # templates may be named from there
        stem = re.escape(base.partition(".")[0])
        named = re.compile(
            rf"(?<![\w/.-])(?:\.?/)?{re.escape(folder + '/' if folder else '')}{stem}(?:\.\w+)*(?![\w/-])"
        )
        beside = re.compile(rf"(?<![\w.])\.{{1,2}}/(?:[\w-]+/)*{stem}(?:\.\w+)*(?![\w/-])")
        texts = ((user, self._project.text_of(user)) for user in self._project.paths_with([base.partition(".")[0]]))
        return named.search(self.lists) is None and not any(
            named.search(text) or (user.startswith(match["root"]) and beside.search(text))
            for user, text in texts
            if user != path
        )

    def is_spare_liquid_tag(self, path: str) -> bool:
        """Whether a plugin of Jekyll does nothing but add tags to Liquid, of which no page has one."""
        text = self._project.text_of(path) if path.endswith(".rb") else ""
        names = _LIQUID_TAG.findall(text) if "register_tag" in text else []
        if not names or text.count("register_tag") != len(names) or _OTHER_PLUGIN.search(text) is not None:
            return False
        if self._jekyll_site(path) is None:
            return False
        used = re.compile(rf"\{{%-?\s*(?:{'|'.join(names)})\b")
        users = {user for name in names for user in self._project.paths_with(["{%", name])}
        return not any(
            not user.endswith(".rb")
            and not _READ_ME.search(user)
            and used.search(self._project.text_of(user)) is not None
            for user in users
        )

    def is_unnamed_part(self, path: str) -> bool:
        """Whether a part of a page, such as `views/shared/_counter.php`, has its name in no other file."""
        part = _PART.search(path)
        if part is None:
            return False
        names = (part[1], "_" + part[1])
        if any(
            one.path != path and not one.path.endswith((".md", ".markdown")) and not self._is_plain_page(one.path)
            for name in names
            for one in self._project.mentions(name)
        ):
            return False
        return not any(
            name.startswith(match[1]) and path.endswith(match["ending"] or "")
            for word in ("render", "include", "require", "embed", "extends", "partial")
            for user in self._project.paths_with([word])
            if not user.endswith((".md", ".markdown")) and not self._is_plain_page(user)
            for match in _CHOSEN_PART.finditer(self._project.text_of(user))
            for name in names
        )

    def is_spare_template(self, path: str) -> bool:
        """Whether a template that no file is seen to name by its path is taken neither by its place nor by a name in parts."""
        kind = next((kind for kind in _NAMED_TEMPLATES if kind.parts.search(path)), None)
        if kind is None and path.endswith(".twig") and self._is_unseen_by_drupal(path):
            kind = next(one for one in _NAMED_TEMPLATES if one.files.search(".twig"))
        if kind is None and self._is_of_own_python(path):
            kind = next(one for one in _NAMED_TEMPLATES if one.files.search(".j2"))
        if self._project.tree.exists(f"{posixpath.dirname(path)}/{stem_of(path)}.component.yml"):
            return False
        text = self._project.text_of(path)
        if kind is None or not text or _FOUND.search(text) is not None:
            return False
        if kind.files is _RAZOR and self._is_named_in_code(path):
            return False
        folder, stem = posixpath.basename(posixpath.dirname(path)), stem_of(path)
        # 'parts/' . $kind, `parts/${kind}`, "parts/card-%s", get_template_part('parts/card', $kind)
        begun = re.compile(
            rf"(?<![\w-]){re.escape(folder)}[/.\\]_?([\w-]*)(?:[\"'`]\s{{0,5}}[.~+%&,)]|\$|\{{|#\{{|%s|<|\*)",
            re.IGNORECASE,
        )
        for user in self._project.paths_with([folder]):
            if any(stem.startswith(match[1]) for match in begun.finditer(self._project.text_of(user))):
                return False
        in_short = re.compile(rf"['\"]\w[\w-]*-{re.escape(stem)}['\"]")  # {% include 'atoms-button' %}
        users = self._users_of(kind)
        if users is None or any(
            in_short.search(self._project.text_of(user)) for user in users if stem in self._project.text_of(user)
        ):
            return False
        listed = re.compile(rf"(?<![\w-])_?{re.escape(stem)}(?![\w-]|\.(?:com|org|net|js|s?css|svg|png)\b)")
        return self.lists is not None and listed.search(self.lists) is None

    def _users_of(self, kind: _Templates) -> tuple[str, ...] | None:
        """The files that may use templates of a kind; None if one of them takes a template whose name is written nowhere."""
        if kind not in self._users:
            users = tuple(user for user in self._project.paths_with([]) if kind.files.search(user))
            named = not any(
                not self._is_of_literals(self._project.text_of(user), match)
                for user in users
                for match in kind.chosen.finditer(self._project.text_of(user))
            )
            self._users[kind] = users if named else None
        return self._users[kind]

    def _is_of_literals(self, text: str, chosen: re.Match[str]) -> bool:
        """Whether a partial of ASP.NET is named by a property of the model, to which code gives nothing but names in quotes."""
        name = _OF_MODEL.match(text, chosen.end())
        if name is None:
            return False
        given = re.compile(rf"\b{name[1]}\b\s*(?:\{{[^{{}}]{{0,100}}\}}\s*)?(=>?)(?!=)\s*([^;,}}\n]{{1,200}})")
        code = (self._project.text_of(user) for user in self._project.paths_with([name[1]]) if user.endswith(".cs"))
        values = [match for one in code for match in given.finditer(one)]
        return bool(values) and all(one[1] == "=" and _LITERAL.fullmatch(one[2].rstrip()) for one in values)

    def _is_of_own_python(self, path: str) -> bool:
        """Whether a template is of one of the repository's own Python packages, and no code is seen that may put its name together.

        Others are taken by packages that look for their names. A view of Django finds the template of a model by its
        place, and Wagtail that of a page by the name of its class.
        """
        match = _OF_PYTHON.search(path)
        if match is None or match["app"] not in self._python_packages or _BY_MODEL.search(match["stem"]):
            return False
        stem = match["stem"]
        camel = "".join(part[:1].upper() + part[1:] for part in re.split(r"[_-]", stem))
        if any(user.endswith(".py") for name in {stem, camel} for user in self._project.paths_with([name])):
            return False
        for user in self._project.paths_with([".html"] if path.endswith(".html") else []):
            for joined in _JOINED.finditer(self._project.text_of(user)) if user.endswith(".py") else ():
                folder, _, start = (joined["start"] or "").rpartition("/")
                if stem.startswith(start) and f"/{path}".rpartition("/")[0].endswith(folder):
                    return False
        return True

    def is_spare_view_of_grails(self, path: str) -> bool:
        """Whether no controller has a view of Grails in the folder of its name, and nothing has the view's own path."""
        match = _GRAILS_VIEW.fullmatch(path)
        if match is None:
            return False
        folder, name = match["folder"], match["name"]
        if any(self._project.named(f"{one[:1].upper()}{one[1:]}Controller.groovy") for one in folder.split("/")):
            return False
        written = re.compile(rf"(?<![\w-]){re.escape(folder)}/(?:_?{re.escape(name)}(?!\w)|[\"'$])")
        texts = [self._project.text_of(user) for user in self._project.paths_with([]) if _OF_GRAILS.search(user)]
        return bool(self._project.named("UrlMappings.groovy")) and not any(
            written.search(text) or any(f"{folder}/".startswith(one["start"]) for one in _CHOSEN_VIEW.finditer(text))
            for text in texts
        )

    def is_of_unrouted_view(self, path: str) -> bool:
        """Whether all that names a template are views of Django, classes which nothing names in turn."""
        if not path.endswith(".html") or not self._project.named("urls.py"):
            return False
        users = [one for one in self._project.mentions(posixpath.basename(path)) if one.path != path]
        return bool(users) and all(self._is_unrouted_view(*one) for one in users)

    def _is_unrouted_view(self, path: str, offset: int) -> bool:
        text = self._project.text_of(path)
        views = list(_CLASS_VIEW.finditer(text, 0, offset)) if path.endswith(".py") else []
        if not views or re.search(r"^[^\s#)]", text[views[-1].end() : offset], re.MULTILINE) is not None:
            return False
        view = views[-1]
        decorated = text[: view.start()].rstrip("\n").rpartition("\n")[2].startswith("@")
        return (
            re.search(r"View\b", view["bases"]) is not None
            and not decorated
            and all(one == (path, view.start("name")) for one in self._project.mentions(view["name"]))
        )

    @cached_property
    def _python_packages(self) -> frozenset[str]:
        """The names of folders with Python code that no list of dependencies has as well."""
        paths = self._project.tree.paths
        names = {posixpath.basename(posixpath.dirname(path)) for path in paths if path.endswith(".py")} - {""}
        lists = (path for path in paths if any(fnmatch.fnmatch(posixpath.basename(path), one) for one in _PYTHON_LISTS))
        asked = {
            word
            for path in lists
            for word in _ASKED.findall(_OWN_NAME.sub("", self._project.tree.raw_text(path).lower()))
        }
        return frozenset(name for name in names if name.lower() not in asked)

    @cached_property
    def lists(self) -> str | None:
        """The settings that may name templates and packages, but for what lists all of these; None if there are too many."""
        paths = [
            path
            for path in self._project.tree.paths
            if path.endswith(_LISTS) and posixpath.basename(path) not in _PACKAGE_LISTS
        ]
        texts, length = [], 0
        for path in paths:
            texts.append(self._project.tree.raw_text(path))
            length += len(texts[-1])
            if length > _MOST_LISTED:
                return None
        return "\n".join(texts)

    def _is_unseen_by_drupal(self, path: str) -> bool:
        """Whether Drupal does not find a template of a theme by itself, which it does by the ending `.html.twig`."""
        return not path.endswith(".html.twig") and any(path.startswith(theme) for theme in self._drupal_themes)

    @cached_property
    def _drupal_themes(self) -> tuple[str, ...]:
        settings = (path for path in self._project.tree.paths if path.endswith(".info.yml"))
        return tuple(
            posixpath.dirname(path) + "/" for path in settings if _THEME.search(self._project.tree.raw_text(path))
        )

    def is_installed_by_none(self, file: SourceFile) -> bool:
        """Whether a composer.json of a part of a Drupal site asks for packages that the site's own does not take in."""
        folder = posixpath.dirname(file.path)
        if not folder or posixpath.basename(file.path) != "composer.json" or _PART_OF_DRUPAL.search(file.text) is None:
            return False
        if self._project.tree.exists(f"{folder}/composer.lock"):
            return False
        name = re.search(r"\"name\"\s*:\s*(\"[^\"\n]{3,200}\")", file.text)
        while folder:
            folder = posixpath.dirname(folder)
            whole = posixpath.join(folder, "composer.json")
            own = self._project.tree.raw_text(whole) if self._project.tree.exists(whole) else ""
            if '"drupal/core' in own:
                return _TAKES_IN.search(own) is None and (name is None or name[1] not in own)
        return False

    def is_unnamed_package(self, file: SourceFile, package: str) -> bool:
        """Whether a dependency of a package.json has its name in no other file, but texts and lists of the same kind."""
        if posixpath.basename(file.path) != "package.json" or _LOADS_DEPENDENCIES.search(file.text) is not None:
            return False
        if any(_TELLS.search(user) is None for user in self._project.paths_with([package])):
            return False
        return self.lists is not None and package not in self.lists

    def _is_named_in_code(self, path: str) -> bool:
        """Whether code or a template of ASP.NET has the name of a view: as that of an action, and in any case of its letters."""
        name = re.compile(
            rf"(?<![\w.-])_?{re.escape(stem_of(path))}(?:Async)?(?![\w-]|\.(?!(?:cs|vb)html))", re.IGNORECASE
        )
        return any(
            user != path and _RAZOR.search(user) is not None and name.search(self._project.text_of(user)) is not None
            for user in self._project.paths_with([])
        )

    def _is_plain_page(self, path: str) -> bool:
        """Whether a file is a page as a browser gets it, which uses no template."""
        file = self._project.tree.text_file(path) if self._project.is_whole_page(path) else None
        return isinstance(file, SourceFile) and file.language == "html" and not file.dialect

    def is_spare_layout(self, path: str) -> bool:
        """Whether no controller or mailer of a Rails application has or names this layout."""
        view = self._project.rails_view(path)
        folder, _, name = view[1].rpartition("/") if view is not None else ("", "", "")
        if folder != "layouts" or name.startswith("_") or name in ("application", "mailer"):
            return False
        if any(not self._takes_a_named_layout(path) for kind in _KINDS for path in self._project.named(name + kind)):
            return False
        for user, offset in self._project.mentions(name):
            text = self._project.text_of(user)
            before = text[max(0, offset - 100) : offset].rpartition("\n")[2]
            after = text[offset + len(name) : offset + len(name) + 1]
            if before.endswith("layouts/") or "layout" in before:
                return False
            if before[-1:] in ("'", '"') and before[-1:] == after and user.endswith(".rb") and "layout" in text:
                return False
        return True

    def _takes_a_named_layout(self, path: str) -> bool:
        """Whether the class that a controller or mailer is made from names one layout for all its pages."""
        base = re.search(r"^\s*class [\w:]+ < (?:\w+::)*(\w+)", self._project.text_of(path), re.MULTILINE)
        name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", base[1]).lower() if base is not None else ""
        named = re.compile(r"^\s*layout\s+[\"'][\w/]+[\"']\s*$", re.MULTILINE)
        return any(named.search(self._project.text_of(one)) for one in self._project.named(name + ".rb"))

    def is_spare_partial(self, path: str) -> bool:
        """Whether a partial of a Rails application that no file is seen to name is not rendered by a name in parts, or by its object."""
        view = self._project.rails_view(path)
        folder, _, name = view[1].rpartition("/") if view is not None else ("", "", "")
        if (
            not name.startswith("_")
            or name[1:3] == folder.rpartition("/")[2][:2]
            or self._project.named(f"{name[1:]}.rb")
        ):
            return False
        whole = f"{folder}/{name[1:]}"
        return not any(
            whole.startswith(match[1]) if "/" in match[1] else name[1:].startswith(match[1])
            for user in self._project.paths_with(["render", "#{"])
            for match in _RENDERED_BY_NAME.finditer(self._project.text_of(user))
        )

    def is_for_developers(self, view_file: SourceFile) -> bool:
        """Whether the action of a Rails controller answers visitors with something else than the view of its name."""
        path = view_file.path
        view = self._project.rails_view(path) if view_file.language in ("html", "indent") else None
        folder, _, name = view[1].rpartition("/") if view is not None else ("", "", "")
        controller = f"{path.partition('app/views/')[0]}app/controllers/{folder}_controller.rb"
        file = self._project.tree.text_file(controller) if name and self._project.tree.exists(controller) else None
        source = code_source(file) if isinstance(file, SourceFile) else None
        action = source.body_of(name) if source is not None else None
        if not isinstance(file, SourceFile) or source is None or action is None:
            return False
        if _BRANCHES.search(file.text, action.start, action.end) is not None:
            return False
        kind = "".join(word.capitalize() for word in posixpath.basename(folder).split("_")) + "Controller"
        if any(
            re.search(rf"<\s*(?:\w+::)*{kind}\b", self._project.text_of(user))
            for user in self._project.paths_with([kind])
        ):
            return False
        by_name = re.compile(rf"[^\n]*?['\":](?:{re.escape(folder)}/)?{re.escape(name)}\b")
        answered = False
        for answer in _ANSWERS.finditer(file.text):
            inside = action.start <= answer.start() < action.end
            if answer["how"] == "render" and (
                by_name.match(answer["what"])
                or (inside and not answer["what"].startswith(("'", '"', ":")) and not _NO_VIEW.search(answer["what"]))
            ):
                if self._project.runs_for_visitors(file, answer.start("how")) is not False:
                    return False
            elif inside and source.conditions(answer.start("how")):
                answered = answered or self._project.runs_for_visitors(file, answer.start("how")) is True
        whole = re.compile(rf"\brender\w*\b[^\n]*['\"]{re.escape(folder)}/{re.escape(name)}['\"]")
        return answered and not any(
            user not in (path, controller) and whole.search(self._project.text_of(user)) is not None
            for user in self._project.paths_with([f"{folder}/{name}"])
        )

    def is_lost(self, path: str) -> bool:
        """Whether a file is a module or a style sheet to which no page of the site leads, or none of the site's at all.

        Or a drawing that nothing names, or a page that lies where nobody looks for it.
        """
        if _WORKBENCH.search(path) is not None:
            return not self._publishes_workbench
        if self._reached.is_lost(path) or self._is_mock_up(path):
            return True
        return self._is_stray_page(path) or self._is_unnamed_drawing(path) or self._sheets.is_spare(path)

    def _is_unnamed_drawing(self, path: str) -> bool:
        """Whether a drawing is named by no file: browsers fetch what it names only where it is in a page, or one by itself."""
        if not path.endswith(".svg") or self._chooses_drawings:
            return False
        listed = self.lists is None or posixpath.basename(path) in self.lists
        return not listed and not self._project.users_of_drawing(path)

    @cached_property
    def _chooses_drawings(self) -> bool:
        """Whether anything puts the name of a drawing together, or takes in all that there are."""
        texts = (self._project.text_of(path) for path in self._project.paths_with(["svg"]) if not path.endswith(".svg"))
        return any(_CHOSEN_DRAWING.search(text) is not None for text in texts)

    @cached_property
    def _build_texts(self) -> Mapping[str, str]:
        """The settings and commands with which the repository is built and published."""
        paths = (path for path in self._project.tree.paths if _BUILT_BY.search(path) is not None)
        return {path: self._project.tree.raw_text(path) for path in paths}

    @cached_property
    def _publishes_workbench(self) -> bool:
        """Whether a build of the site or a pipeline makes the pages of Storybook too."""
        for path, text in self._build_texts.items():
            if posixpath.basename(path) != "package.json":
                if _MAKES_WORKBENCH.search(text) is not None:
                    return True
                continue
            scripts = dict(_SCRIPT_OF_PACKAGE.findall(text))
            makes = {name for name, command in scripts.items() if _MAKES_WORKBENCH.search(command)}
            called = "|".join(map(re.escape, sorted(makes)))
            if any(_INTO_SERVED.search(scripts[name]) or _OF_A_BUILD.match(name) for name in makes) or any(
                _OF_A_BUILD.match(name) and re.search(rf"(?<![\w:-])(?:{called})(?![\w:-])", command)
                for name, command in (scripts.items() if makes else ())
            ):
                return True
        return False

    def is_built_workbench(self, path: str) -> bool:
        """Whether a file is of what Storybook builds for developers, which no pipeline is seen to publish."""
        return any(path.startswith(folder) for folder in self._built_workbenches)

    @cached_property
    def _built_workbenches(self) -> tuple[str, ...]:
        paths = self._project.tree.paths
        everything = {*paths, *(one.path for one in self._project.tree.skipped)}
        folders = {match["folder"] for path in everything if (match := _OF_BUILT_WORKBENCH.match(path)) is not None}
        found = [
            folder
            for folder in sorted(folders - {""})
            if f"{folder}iframe.html" in everything and _SERVED_FOLDER.search(folder) is None
        ]
        return tuple(found) if not self._publishes_workbench else ()

    def _is_mock_up(self, path: str) -> bool:
        """Whether a page or its style is a drawing for those who build the site, which a bundler or a server makes elsewhere."""
        match = _MOCK_UP.match(path)
        if match is None or _SERVED_FOLDER.search(path) is not None or not self._is_built:
            return False
        folder = match["folder"]
        users = [user for user in self._project.paths_with([posixpath.basename(path)]) if not user.startswith(folder)]
        return not any(_TELLS.search(user) is None for user in users) and not self._publishes(folder.rstrip("/"))

    def _publishes(self, folder: str) -> bool:
        """Whether the settings of a build name this folder, or make a site of the repository as it is."""
        named = re.compile(rf"(?<![\w.-]){re.escape(posixpath.basename(folder))}/(?!\*\*?/\*\.(?:md|png))")
        return any(named.search(text) or _PUBLISHES_ALL.search(text) for text in self._build_texts.values())

    def _is_stray_page(self, path: str) -> bool:
        """Whether a page lies where the framework that makes the site's pages does not look, and nothing names it.

        Such are pages that a program has saved, and reports. Nothing is told of a folder that is a site by itself.
        """
        folder, _, base = path.rpartition("/")
        if not folder or not base.endswith((".html", ".htm")) or _SERVED_FOLDER.search(path) is not None:
            return False
        beneath = [folder]  # the folders up to the one with the package
        while beneath[-1] and not self._makes_a_site(beneath[-1]):
            beneath.append(posixpath.dirname(beneath[-1]))
        package = f"{beneath.pop()}/package.json".lstrip("/")
        if not beneath or not self._project.tree.exists(package):
            return False
        if _FRAMEWORK.search(self._project.tree.raw_text(package)) is None:
            return False
        quoted = (f"{quote}{posixpath.basename(one)}{quote}" for one in beneath for quote in "'\"")
        if any(map(self._publishes, beneath)) or any(self._project.paths_with([one]) for one in quoted):
            return False
        users = (user for user in self._project.paths_with([base]) if user != path)
        return (
            self._project.is_whole_page(path)
            and not any(_TELLS.search(user) is None for user in users)
            and not self._takes_chosen_pages
        )

    def _makes_a_site(self, folder: str) -> bool:
        return any(self._project.tree.exists(f"{folder}/{name}") for name in _MAKES_A_SITE)

    @cached_property
    def _takes_chosen_pages(self) -> bool:
        """Whether code takes pages whose names it puts together, or a bundler all of a folder's."""
        for path in self._project.paths_with([".htm"]):
            text = self._project.text_of(path)
            if path.endswith((".html", ".htm")):
                continue
            if _BUNDLES.search(path) is not None and _TAKES_PAGES.search(text) is not None:
                return True
            for name in _CHOSEN_PAGE.finditer(text):
                line = max(text.rfind("\n", 0, name.start()), name.start() - 300)
                if _WRITES.search(text, line, name.end() + 100) is None:
                    return True
        return False

    @cached_property
    def _is_built(self) -> bool:
        """Whether the repository's pages are made by a framework or a bundler, or by a server of ASP.NET."""
        packages = (text for path, text in self._build_texts.items() if path.endswith("package.json"))
        return any(map(_FRAMEWORK.search, packages)) or any(
            path.endswith(".csproj") for path in self._project.tree.paths
        )

    def is_unread_setting(self, file: SourceFile, offset: int, service: Service) -> bool:
        """Whether a setting of an `.env` file has its name in no other file, however that is written or shortened.

        Nothing is told where a package for the service may read it, or where the repository holds no pages. Of a Hugo
        site's own settings, whether no template of the site reads it or prints Hugo's own tag for the service.
        """
        if file.language != "data":
            return False
        if _INSTALLED.search(file.path) is not None and self._project.named("core.extension.yml"):
            return True  # of Drupal, whose settings the repository holds as they are now
        if not is_environment(file.path):
            return self._is_unread_by_templates(file, offset, service)
        line = file.text.rfind("\n", 0, offset) + 1
        name = _SET.match(file.text, line)
        parts = name[1].split("_") if name is not None else []
        if len(parts) < 2:
            return False
        packages = {one for names in service.match.packages.values() for one in names}
        for base in _DEPENDENCIES:
            for path in self._project.named(base):
                if any(package in self._project.tree.raw_text(path) for package in packages):
                    return False
        # `Analytics__SiteId`, `analytics.site-id` and, without what stands before it, `siteId` as well
        spelled = r"[\W_]{0,3}".join(map(re.escape, parts[1:] if len(parts) > 2 else parts))
        if spelled not in self._unread:
            self._unread[spelled] = self._is_in_no_file(re.compile(spelled, re.IGNORECASE))
        return self._unread[spelled]

    def _is_in_no_file(self, reads: re.Pattern[str]) -> bool:
        """Whether a repository with pages has no file, but those of settings and texts about it, with a match."""
        pages = False
        for path in self._project.tree.paths:
            if is_environment(path) or _TELLS.search(path) is not None:
                continue
            pages = pages or classify(path, "")[0] in ("html", "indent", "script")
            if reads.search(self._project.tree.raw_text(path)) is not None:
                return False
        return pages

    def _is_unread_by_templates(self, file: SourceFile, offset: int, service: Service) -> bool:
        site = re.sub(r"(?:config/(?:[^/]+/)?)?[^/]+$", "", file.path)
        setting = _SETTING.match(file.text, file.text.rfind("\n", 0, offset) + 1)
        if (
            setting is None
            or not _HUGO_SETTINGS.fullmatch(file.path, len(site))
            or site not in self._with_content
            or not self._has_its_themes(site)
        ):
            return False
        templates = [
            path
            for path in self._project.tree.paths
            if _HUGO_TEMPLATE.fullmatch(path, len(site)) and path.startswith(site)
        ]
        # `.Site.DisqusShortname`, `site.Config.Services.Disqus`, `_internal/disqus.html`; capitals and `_` do not matter
        tag = re.sub(r"\W", "", service.slug)
        signs = (re.sub(r"[\W_]", "", setting[1]).lower(), f"services.{tag}", f"{tag}.html")
        for path in templates:
            text = self._project.tree.raw_text(path)
            plain = re.sub(r"[_-]", "", text).lower()
            if _READS_ANY.search(text) is not None or any(sign in plain for sign in signs):
                return False
        return bool(templates)

    def is_idle_worker(self, path: str) -> bool:
        """Whether a worker is named nowhere, and all that the site's scripts do with service workers is to take them away."""
        named = (mention for mention in self._project.mentions(posixpath.basename(path)) if mention.path != path)
        return (
            bool(self._project.paths_with(["serviceWorker", ".unregister("]))
            and not self._project.paths_with(["serviceWorker.register("])
            and next(named, None) is None
        )

    def is_of_spare_library(self, file: SourceFile) -> bool:
        """Whether a script is a build or a part of a library of which pages load others alone."""
        if file.language != "script" or not file.path.endswith(".js"):
            return False
        return self._is_spare_build(file.path) or self._is_left_of_a_library(file.path)

    def _is_spare_build(self, path: str) -> bool:
        """Whether a script is named nowhere, and what pages load is another build of it that lies beside it.

        Such are the same name with and without `.min`, and a script that holds the other whole. What tells of many
        scripts at once, or puts a name together, may mean this one.
        """
        build = _BUILD.fullmatch(path)
        if build is None:
            return False
        family = self._builds_beside(path, build["folder"])
        named = {one for one in family if self.is_named_outside(posixpath.basename(one), family)}
        if path in named or not named:
            return False
        ends = re.compile(rf"{re.escape(build['base'])}(?:[\"'`*{{<$]|[.-]?[*{{<$])")
        texts = ((other, self._project.text_of(other)) for other in self._project.paths_with([build["base"]]))
        if any(other not in family and ends.search(text) is not None for other, text in texts):
            return False
        return not any(self._project.paths_with([sign]) for sign in _MANY_SCRIPTS)

    def _is_left_of_a_library(self, path: str) -> bool:
        """Whether a script is a part of a library of which pages load others, and which takes no part by a name put together."""
        folder = self._library_around(path)
        parts = (
            [one for one in self._project.tree.paths if one.startswith(folder) and one.endswith(".js")]
            if folder
            else []
        )
        if not parts or len(parts) > _MOST_PARTS:
            return False
        family, base = frozenset(parts), posixpath.basename(path)
        whole = [one for one in parts if posixpath.dirname(one) + "/" == folder]
        loaded = [one for one in whole if self.is_named_outside(posixpath.basename(one), family)]
        if path in loaded or not loaded or self.is_named_outside(base, family):
            return False
        called = f"{posixpath.basename(posixpath.dirname(path))}/{base.partition('.')[0]}"
        texts = [self._project.text_of(one) for one in loaded]
        if not all(texts) or any(_TAKES_PARTS.search(text) or called in text for text in texts):
            return False
        return not any(self._project.paths_with([sign]) for sign in _MANY_SCRIPTS)

    def _library_around(self, path: str) -> str:
        """The folder of the library that a script is a part of, whose own script bears its name; "" if it is none's."""
        folder = posixpath.dirname(path)
        while folder:
            name = _NAME_AND_VERSION.fullmatch(posixpath.basename(folder).lower())
            if name is not None and (name["version"] or _VENDORED.search(folder)):
                own = (one[len(folder) + 1 :] for one in self._project.tree.paths if one.startswith(folder + "/"))
                if any(one.startswith(name["name"]) and one.endswith(".js") and "/" not in one for one in own):
                    return folder + "/"
            folder = posixpath.dirname(folder)
        return ""

    def _builds_beside(self, path: str, folder: str) -> set[str]:
        """A script and those in its folder that have its name but for `.min`, hold its text or have their text in it."""
        scripts = [one for one in self._project.tree.paths if one.startswith(folder) and "/" not in one[len(folder) :]]
        texts = {
            one: (match["base"], self._project.text_of(one).strip())
            for one in scripts
            if (match := _BUILD.fullmatch(one)) is not None
        }
        family, waiting = {path}, [path]
        while waiting and len(texts) <= _MOST_BUILDS:
            base, text = texts[waiting.pop()]
            for other, (its_base, its_text) in texts.items():
                shorter, longer = sorted((text, its_text), key=len)
                if other not in family and (base == its_base or (len(shorter) >= _LIBRARY and shorter in longer)):
                    family.add(other)
                    waiting.append(other)
        return family

    def is_named_outside(self, name: str, family: Collection[str]) -> bool:
        return any(one.path not in family and _TELLS.search(one.path) is None for one in self._project.mentions(name))

    def is_spare_hugo_part(self, path: str) -> bool:
        """Whether a shortcode of a Hugo site is written in none of its pages, or a partial in none of its templates."""
        if shortcode := _HUGO_SHORTCODE.fullmatch(path):
            return self._has_hugo_pages(shortcode) and self._is_spare_shortcode(shortcode["name"])
        partial = _HUGO_PARTIAL.fullmatch(path)
        return (
            partial is not None
            and self._has_hugo_pages(partial)
            and self._has_its_themes(partial["site"])
            and self._is_spare_partial(path, partial["name"])
        )

    def _has_hugo_pages(self, template: re.Match[str]) -> bool:
        """Whether a template is of a site, not of a theme by itself, which cannot tell what the sites with it use."""
        alone = not template["theme"] and self._project.tree.exists(template["site"] + "theme.toml")
        return not alone and template["site"] in self._with_content

    @cached_property
    def _with_content(self) -> frozenset[str]:
        """The folders that have pages in their `content`."""
        pages = (f"/{path}".partition("/content/") for path in self._project.tree.paths if path.endswith(".md"))
        return frozenset(f"{folder}/".lstrip("/") for folder, content, _ in pages if content)

    def _has_its_themes(self, site: str) -> bool:
        """Whether the themes of a Hugo site, whose templates may use its partials, are in the repository."""
        if site not in self._themed:
            self._themed[site] = self._finds_its_themes(site)
        return self._themed[site]

    def _finds_its_themes(self, site: str) -> bool:
        texts = [self._project.tree.raw_text(path) for path in self._hugo_settings(site)]
        named = [name for text in texts for chosen in _CHOSEN_THEME.findall(text) for name in _QUOTED.findall(chosen)]
        return not (any(map(_HUGO_MODULE.search, texts)) or self._project.tree.exists(site + "go.mod")) and all(
            any(path.startswith(f"{site}themes/{name}/layouts/") for path in self._project.tree.paths) for name in named
        )

    def _is_spare_shortcode(self, name: str) -> bool:
        written = re.compile(rf"\{{\{{[<%]-?\s*/?{re.escape(name)}[\s/>%]")
        return not any(written.search(self._project.text_of(user)) for user in self._project.paths_with([name]))

    def _is_spare_partial(self, path: str, name: str) -> bool:
        users = [mention.path for mention in self._project.mentions(stem_of(path)) if mention.path != path]
        chosen = [
            match
            for user in self._project.paths_with(["partial"])
            for match in _CHOSEN_PARTIAL.finditer(self._project.text_of(user))
        ]
        if any("layouts/" in user for user in users) or (users and any(one["set"] for one in chosen)):
            return False
        return not any(name.startswith(one["start"] or "") for one in chosen if not one["set"])

    @cached_property
    def _idle_editor_plugins(self) -> tuple[str, ...]:
        """Folders of plugins for CKEditor 4 in a Drupal site whose editor is CKEditor 5, which takes none of them."""
        modules = [self._project.tree.raw_text(path) for path in self._project.named("core.extension.yml")]
        if not any(map(_EDITOR_5.search, modules)) or any(map(_EDITOR_4.search, modules)):
            return ()
        folders = (
            match[0]
            for path in self._project.named("plugin.js")
            if (match := _EDITOR_PLUGIN.match(path)) and "CKEDITOR.plugins.add(" in self._project.tree.raw_text(path)
        )
        return tuple(folder for folder in folders if not self._is_used_from_outside(folder))

    def _is_used_from_outside(self, folder: str) -> bool:
        address = folder[folder.rindex("libraries/") :]
        lists = (path for path in self._project.tree.paths if path.endswith(".libraries.yml"))
        return any(not user.startswith(folder) for user in self._project.paths_with([address])) or any(
            address in self._project.tree.raw_text(path) for path in lists
        )

    def is_of_idle_editor(self, path: str) -> bool:
        """Whether a script is part of a plugin for an editor that the site no longer has."""
        return path.endswith(".js") and "libraries/" in path and path.startswith(self._idle_editor_plugins)

    def is_of_idle_theme(self, path: str) -> bool:
        """Whether a file is of a theme that the site does not choose, where another of its themes is chosen."""
        return path.startswith(self._idle_themes)
