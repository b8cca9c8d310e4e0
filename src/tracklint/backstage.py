"""What no visitor's browser is served or runs: notes and style guides for developers, pages of a test runner, templates of papers,
commands; and the pages on which only staff work.
"""

from __future__ import annotations

import contextlib
import itertools
import posixpath
import re
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from tracklint import lazy_re
from tracklint.detect.script import is_test_code, is_test_data
from tracklint.model import SourceFile
from tracklint.source import Tree, classify, stem_of

if TYPE_CHECKING:
    from tracklint.project import Project

_NOTE = lazy_re.compile(
    r"(?:^|/)(?:docs?|documentation|wiki|adrs?|decisions|rfcs?|runbooks?)/(?:.+/)?[^/]+\.(?:md|markdown)$",
    re.IGNORECASE,
)
# What makes pages of Markdown, or may, wherever that lies: the settings of a generator, which may take a folder beside its own.
_GENERATES = lazy_re.compile(
    r"(?:^|/)(?:mkdocs\.ya?ml|antora[\w-]*\.ya?ml|conf\.py|_quarto\.ya?ml|\.readthedocs\.ya?ml|docfx\.json|tech-docs\.ya?ml|"
    r"(?:hugo|zensical|zola)\.toml|config/_default/.+|\.eleventy\.[cm]?js|\.vuepress/.+|\.vitepress/.+|mint\.json|docs\.json|"
    r"(?:docusaurus|gatsby|astro|eleventy|rspress)[.-]?config\.\w+)$",
    re.IGNORECASE,
)
# The same of one folder: a framework for pages, a table of contents, the front page of a folder that the code host publishes.
_PUBLISHES = lazy_re.compile(
    r"(?:^|/)(?:(?P<itself>contents?/(?=.+\.mdx?$)|docs/(?=(?:index\.\w+|readme\.md)$))"
    r"|(?:_config(?:[._]\w+)?\.ya?ml|book\.toml|_toc\.ya?ml|SUMMARY\.md|_sidebar\.md|CNAME|\.nojekyll|\.gitbook\.ya?ml|"
    r"(?:next|nuxt|svelte|remix|velite|contentlayer|react-router)[.-]?config\.\w+)$)",
    re.IGNORECASE,
)
# An application that renders templates of its own, by which its repository is no plain folder of pages.
_APPLICATION = lazy_re.compile(
    r"(?:^|/)(?:config/application\.rb|manage\.py|artisan|bin/console|[^/]+\.(?:cs|vb)proj|src/main/(?:java|kotlin|scala)/.+)$"
)
# The same, and applications of Node: frameworks for pages, and views that a server renders.
_RENDERS = lazy_re.compile(
    r"(?:^|/)(?:(?:next|nuxt|svelte|remix|react-router|vite|angular|vue)[.-]?config\.\w+|angular\.json"
    r"|views/(?:[^/]+/)*[^/]+\.(?:ejs|pug|hbs|handlebars|njk|twig))$"
)
# What makes pages of the Markdown at the top of a repository, too.
_PUBLISHES_THE_TOP = lazy_re.compile(
    r"(?:^|/)(?:_config(?:[._]\w+)?\.(?:ya?ml|toml)|CNAME|\.nojekyll|_sidebar\.md|SUMMARY\.md|mkdocs\.ya?ml|book\.toml|conf\.py|_quarto\.ya?ml|docfx\.json"
    r"|\.gitbook\.ya?ml|mint\.json|docs\.json|\.eleventy\.\w+|(?:eleventy|metalsmith|lume|_lume)\.?config\.\w+|\.(?:vuepress|vitepress)/.+)$"
    r"|^index\.(?:md|markdown)$",
    re.IGNORECASE,
)
# How code takes all Markdown of a folder.
_TAKES_ALL = lazy_re.compile(r"\*\.(?:mdx?\b|\{[^}\n]{0,40}\bmdx?\b)|\.endsWith\(\s*['\"]\.mdx?['\"]")
# What a text names that is meant for developers: a file of code or settings, a command, a package.
_CODE_IN_TEXT = lazy_re.compile(
    r"`[^`\n]{0,200}?[\w*-]\.(?:[cm]?[jt]sx?|cs|vb|cshtml|as[cp]x|config|php|twig|rb|erb|py|java|ya?ml|toml|json|css|s[ac]ss|vue|svelte)`"
    r"|`[~.]?[\\/][^`\n]{3,200}`|\bNuGet\b|`?\b(?:npm|yarn|pnpm|composer|gem|pip|dotnet) (?:install|i|add|run|require)\b"
)
_FEWEST_FOR_DEVELOPERS = 3
_FRONT_MATTER = ("---\n", "---\r\n", "+++\n", "\ufeff---")
_TEST_PAGE = lazy_re.compile(
    r"(?:^|/)(?:tests?|specs?|__tests__|jasmine|qunit|mocha)/(?:.+/)?[^/]+\.html?$|(?:^|/)(?:spec[_-]?runner|tests?|test[_-]?runner)\.html?$",
    re.IGNORECASE,
)
_RUNNER = lazy_re.compile(
    r"[\"'/]testem\.js[\"']|\bid=[\"']?(?:qunit|mocha)\b|\{\{content-for\s+[\"']test-body[\"']|__karma__"
    r"|<script\b[^<>]{0,300}?\bsrc=[\"']?[^\"'<>\s]{0,200}?(?:mocha|qunit|jasmine)(?:-core|-html|[-.]\d[\w.]{0,20})?(?:\.min)?\.js"
)
# The frame that a style guide for developers puts around the parts that it shows: Pattern Lab, Fractal, Hologram.
_SHELL = lazy_re.compile(r"(?:^|/)_(?:(?P<preview>preview\.)|(?P<ends>(?:header|footer)\.html$)|[\w.-]{1,60}$)")
_SHOWS_PARTS = lazy_re.compile(r"\{\{\{?-?\s*patternLab(?:Head|Foot)\b")
_YIELDS = lazy_re.compile(r"\{\{\{?\s*yield\s*(?:\||\}\})")
# What django-pattern-library shows to developers alone, and the templates of KSS.
_SHOWN_ALONE = lazy_re.compile(
    r"(?:^|/)_pattern_library_only/|--pattern-library-only\.html$|(?:^|/)kss-(?:templates?|builder)/"
)
_PATTERNS = lazy_re.compile(r"(?P<folder>(?:[^/]+/)*?(?:patternlab|pattern-lab)/(?:[^/]+/)*?_?patterns/)(?=.)")
_OTHER_ENGINE = lazy_re.compile(
    r"(?:^|/)(?:manage\.py|config/application\.rb|[^/]+\.(?:cs|vb)proj|src/main/webapp/.+)$"
)
_BROWSER_OF_COMMANDS = lazy_re.compile(r"['\"/](?:playwright|puppeteer)(?:-core|-chromium)?['\"]")
_DRAWS_A_FILE = lazy_re.compile(r"\.launch\(.*\.(?:pdf|screenshot)\(", re.DOTALL)
_SHARED = lazy_re.compile(
    r"^\s*export\b|\bmodule\.exports\b|\bexports\.\w|\b(?:app|router|server)\.(?:get|post|use|listen)\(", re.MULTILINE
)
_NODE = r"\b(?:node|nodemon|tsx|ts-node|vite-node|babel-node|esno|zx|bun|deno run)\s"
_COMMANDS = lazy_re.compile(
    r"(?:^|/)(?:scripts?|bin|tools?|tasks?|jobs|cron|seeds?|migrations)/(?:[^/]+/)*[^/]+\.[cm]?[jt]s$"
)

# Code with which a server draws a page itself, to send it as a paper or a picture, and how that takes a template.
_DRAWS = lazy_re.compile(
    r"\b(?:IMGKit|PDFKit|WickedPdf|Grover|wkhtmlto\w+|pdfkit|weasyprint|xhtml2pdf|pisa|imgkit|Dompdf|DomPDF|Mpdf|Snappy|Browsershot|Rotativa|ViewAsPdf)\b"
)
_DRAWN = lazy_re.compile(
    r"\b(?:render_to_string|render_as_(?:png|jpe?g|pdf|image)|render_pdf|get_template|loadView|ViewAsPdf|ViewAsImage)\b[^\n]{0,200}$"
)

# What Apache is told to give nobody: a rule without a condition before it, and the word for all that lies in a folder.
_REFUSED = lazy_re.compile(
    r"^[ \t]*RewriteRule[ \t]+\"?(?P<rule>\S{1,300}?)\"?[ \t]+-[ \t]+\[(?:[^\]]*,)?(?:F|G|R=40[34]|forbidden|gone)(?:,[^\]]*)?\]"
    r"|^[ \t]*RedirectMatch[ \t]+(?:40[34]|410|gone)[ \t]+\"?(?P<match>\S{1,300}?)\"?[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_CONDITION = lazy_re.compile(r"^[ \t]*RewriteCond\b[^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*\Z", re.MULTILINE | re.IGNORECASE)
_BLOCK = lazy_re.compile(
    r"<(?P<kind>Files(?:Match)?|Limit(?:Except)?|If\w*)\b.*?</(?P=kind)>", re.DOTALL | re.IGNORECASE
)
_COSTLY = lazy_re.compile(r"[+*}]\)?[+*{]|\\\d")  # repeats within repeats, which may take for ever
_DENIED = lazy_re.compile(r"^[ \t]*(?:Deny\s+from\s+all|Require\s+all\s+denied)[ \t]*$", re.MULTILINE | re.IGNORECASE)

# A project of .NET that holds nothing but tests.
_TESTS_ALONE = lazy_re.compile(
    r"<IsTestProject>\s*true\b|<PackageReference\s[^<>]*\bInclude=[\"']Microsoft\.NET\.Test\.Sdk[\"']", re.IGNORECASE
)
# The demonstrations in a library's folder.
_DEMO = lazy_re.compile(
    r"(?P<library>(?:[^/]+/)*(?:libs?|plugins?|vendors?|third[_-]party|jquery)/(?:[^/]+/)?[^/]+)/(?P<demo>demos?|examples?)/(?:[^/]+/)*[^/]+\.(?:html?|php)"
)
# The page in a library's own folder that shows it, and what tells that such a folder is a library's.
_SHOWCASE = lazy_re.compile(
    r"(?P<library>(?:[^/]+/)*(?:vendors?(?:/assets)?|third[_-]party|bower_components|(?P<plugin>libs?|plugins?|jquery))/[^/]+)/"
    r"(?:(?:[^/]*\d[^/]*/)?(?(plugin)(?!))index|(?:[^/]+/){0,2}(?:demo|example|test)s?)\.html?"
)
_LIBRARY_FILE = lazy_re.compile(
    r"(?:[\w-]*licen[cs]e[\w.-]*|bower\.json|package\.json|composer\.json|jquery[.-][a-z][\w-]*(?:\.min)?\.js)",
    re.IGNORECASE,
)
# The folder of a test suite, a page in it, and a test by its name.
_IN_TESTS = lazy_re.compile(r"(?P<suite>(?:[^/]+/)*?(?:tests?|specs?|__tests__)/)(?:[^/]+/)*[^/]+\.(?:html?|xhtml)")
_A_TEST = lazy_re.compile(r"(?:^|/)(?:test_[^/]+|[^/]+(?:Tests?|Spec|Cest|IT|[._-](?:test|spec)))\.\w{1,5}$")
_MOST_TESTS = 300  # of a suite whose texts are searched
# A page that may have come with a library, which is not there with all that it needs.
_AMONG_TESTS = lazy_re.compile(
    r"(?:^|/)(?:tests?|specs?|unit|examples?|demos?)/(?:[^/]+/)*[^/]+\.html?$", re.IGNORECASE
)
# The address of a script or style that is relative to its page.
_OWN_FILE = lazy_re.compile(
    r"<(?:script|link)\b[^<>]{0,300}?\s(?:src|href)=[\"']?(?![\w+.-]{1,20}:|[/#{<$])([^\"'\s<>{}]{1,300})"
)
_FEWEST_LACKING = 2
_WHOLE = lazy_re.compile(r"<!doctype html|<html\b", re.IGNORECASE)

# The hooks by which code prints something into the pages where staff edit a site, and nowhere else.
STAFF_HOOKS = frozenset(
    "insert_global_admin_js insert_global_admin_css insert_editor_js insert_editor_css "
    "admin_enqueue_scripts admin_head admin_footer admin_print_scripts admin_print_styles admin_print_footer_scripts "
    "login_enqueue_scripts login_head login_footer enqueue_block_editor_assets customize_controls_enqueue_scripts "
    "customize_controls_print_scripts customize_controls_print_footer_scripts".split()
)
_DECORATED = r"(?P<decorators>(?:^[ \t]*@[^\n]{0,300}\n){1,9})[ \t]*(?:async )?def "
_STAFF_TEMPLATE = lazy_re.compile(r"(?:^|/)templates/(?:admin|wagtailadmin)/")
_OF_STAFF_TEMPLATE = lazy_re.compile(r"\{%-?\s*extends\s+[\"'](?:admin|wagtailadmin)/")


class Backstage:
    """The files of one project that visitors are not given."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._suites: dict[str, list[str]] = {}  # the texts of the tests in a folder

    def why_by_place(self, file: SourceFile) -> str | None:
        """Why visitors are not given a file, as where it lies tells; None if they may be."""
        unused = self._project.unused
        if unused.is_of_idle_theme(file.path):
            return "of a theme that the site does not choose"
        if unused.is_of_idle_editor(file.path):
            return "of a plugin for an editor that the site does not have"
        return None

    def why_by_kind(self, file: SourceFile) -> str | None:
        """Why visitors are not given a file, as what kind of file it is tells; to be asked where it may load something."""
        is_page = file.language == "html"
        if is_page and file.dialect != "php" and self._is_refused(file.path):
            return "a page that the server's settings keep from everybody"
        if is_test_page(file):
            return "the page of a test runner"
        if is_of_style_guide(file) or file.path.startswith(self._pattern_folders):
            return "the frame of a style guide for developers"
        if self._project.unused.is_built_workbench(file.path):
            return "of a Storybook for developers"
        if is_page and (self._is_test_of_a_library(file) or self._is_demo_of_a_library(file.path)):
            return "a demonstration or a test that came with a library"
        if is_note(file) and self._publishes_no(file.path):
            return "a note of the site's developers"
        return None

    def why_by_use(self, file: SourceFile) -> str | None:
        """Why visitors are not given a file, as its uses tell; dear, to be asked where something is found."""
        if is_drawing_command(file):
            return "a command that draws papers or pictures"
        if self._project.unused.is_for_developers(file):
            return "a view that its action renders for developers at most"
        if self._is_drawn(file):
            return "drawn by the server as a paper or a picture"
        return None

    def lies_among_tests(self, file: SourceFile) -> bool:
        """Whether a file is code or data of tests, in a project of .NET that only holds tests, or a page that tests read."""
        tested = (file.language == "script" and is_test_code(file.path)) or is_test_data(file.path)
        return tested or self._is_in_test_project(file.path) or self._is_read_by_tests(file.path)

    def _is_demo_of_a_library(self, path: str) -> bool:
        """Whether a page is among the demonstrations of a library, and nothing outside has its address."""
        match = _DEMO.fullmatch(path) or _SHOWCASE.fullmatch(path)
        if match is None or ("demo" not in match.groupdict() and not self._is_library(match["library"])):
            return False
        users = self._project.mentions(posixpath.basename(match["library"]))
        address = f"{posixpath.basename(match['library'])}/{path[len(match['library']) + 1 :].partition('/')[0]}"
        return not any(
            self._project.text_of(one.path).startswith(address, one.offset)
            for one in users
            if not one.path.startswith(match["library"] + "/")
        )

    def _is_library(self, folder: str) -> bool:
        """Whether a folder has what a library brings with it: its licence, or the list of what it needs."""
        return any(
            one.startswith(folder + "/") and _LIBRARY_FILE.fullmatch(one, len(folder) + 1)
            for one in self._project.tree.paths
        )

    def _is_refused(self, path: str) -> bool:
        """Whether the settings of the server in a folder above a page, or around it, keep that page from everybody."""
        return self._project.is_whole_page(path) and any(
            path.startswith(folder) and any(pattern.match("/" + path[len(folder) :]) for pattern in patterns)
            for folder, patterns in self._refusals
        )

    @cached_property
    def _refusals(self) -> list[tuple[str, list[re.Pattern[str]]]]:
        files = [path for path in self._project.tree.paths if posixpath.basename(path) == ".htaccess"]
        return [(path.removesuffix(".htaccess"), refusals(self._project.tree.raw_text(path))) for path in files]

    @cached_property
    def _pattern_folders(self) -> tuple[str, ...]:
        """Folders of the patterns of a style guide from which the pages of the site are not made."""
        return pattern_folders(self._project.tree.paths)

    def _publishes_no(self, note: str) -> bool:
        """Whether Markdown in a folder of documentation is for developers alone: an application stands there, and nothing
        makes pages of that folder or of one around it."""
        if not self._keeps_notes or any(map(note.startswith, self._published)):
            return False
        top = re.compile(rf"['\"`](?:\.{{0,2}}/)*{re.escape(note.partition('/')[0])}['\"`/]")
        return not any(
            top.search(self._project.text_of(user)) is not None
            for user in self._project.paths_with([note.partition("/")[0], ".md"])
            if not user.startswith(".") and not user.endswith((".md", ".markdown"))
        )

    @cached_property
    def _keeps_notes(self) -> bool:
        """Whether the files of a repository are those of an application, and no generator makes pages of Markdown."""
        paths = self._project.tree.paths
        application = any(_APPLICATION.search(path) or _RENDERS.search(path) for path in paths)
        return application and not any(map(_GENERATES.search, paths))

    @cached_property
    def _published(self) -> tuple[str, ...]:
        """The folders, each with its last slash, of what makes pages of the Markdown in them."""
        folders = set()
        for path in self._project.tree.paths:
            mark = _PUBLISHES.search(path)
            if mark is not None:
                around = path[: mark.start()]
                folders.add(path[: mark.end("itself")] if mark["itself"] else around and f"{around}/")
        return tuple(sorted(folders))

    def is_shipped(self, path: str) -> bool:
        """Whether a file that lies among tests is used by something that does not; dear, to be asked where something is found."""
        folder, _, base = path.rpartition("/")
        near = folder.rpartition("/")[2]
        name = re.escape(base.rpartition(".")[0])
        pattern = re.compile(
            rf"(?:(?<![\w-]){re.escape(near)}/|(?<![\w./-])\./){name}(?![\w-])" if near else rf"\b{name}\b"
        )
        return any(
            (near or "/" not in user) and pattern.search(self._project.text_of(user))
            for user in self._project.paths_with([base.partition(".")[0]])
            if not user.endswith((".md", ".markdown"))  # which speaks of tests
        )

    def _is_in_test_project(self, path: str) -> bool:
        folder = path
        while self._test_projects and folder:
            folder = posixpath.dirname(folder)
            if folder in self._test_projects:
                return self._test_projects[folder] and "wwwroot/" not in path
        return False

    def _is_read_by_tests(self, path: str) -> bool:
        match = _IN_TESTS.fullmatch(path)
        if match is None:
            return False
        suite = match["suite"]
        if suite not in self._suites:
            tests = (one for one in self._project.tree.paths if one.startswith(suite) and _A_TEST.search(one))
            self._suites[suite] = [self._project.tree.raw_text(one) for one in itertools.islice(tests, _MOST_TESTS)]
        return any(posixpath.basename(path) in text for text in self._suites[suite])

    @cached_property
    def _test_projects(self) -> dict[str, bool]:
        """For each folder with a project of .NET, whether that is one of tests."""
        found: dict[str, bool] = {}
        for path in self._project.tree.paths:
            if path.endswith((".csproj", ".fsproj", ".vbproj")):
                text = self._project.tree.raw_text(path)
                tests = _TESTS_ALONE.search(text) is not None and "Microsoft.NET.Sdk.Web" not in text
                found[posixpath.dirname(path)] = tests and found.get(posixpath.dirname(path), True)
        return found if any(found.values()) else {}

    def _is_drawn(self, file: SourceFile) -> bool:
        """Whether servers alone take a template, to draw it: whatever names it says so, and no controller shows it by its name."""
        folder = posixpath.basename(posixpath.dirname(file.path))
        if (
            not file.dialect
            or file.language not in ("html", "indent")
            or self._project.named(f"{folder}_controller.rb")
        ):
            return False
        stem = stem_of(file.path)
        users = [
            one for one in self._project.mentions_of_stem(stem) if one.path != file.path and not is_test_code(one.path)
        ]
        return bool(users) and all(is_drawn(self._project.text_of(user), offset) for user, offset in users)

    def _is_test_of_a_library(self, file: SourceFile) -> bool:
        """Whether a page among tests is named nowhere and lacks most of its own scripts and styles, which came without it."""
        path = file.path
        if _AMONG_TESTS.search(path) is None or file.dialect or _WHOLE.search(file.text[:2000]) is None:
            return False
        own = [match[1].split("?")[0] for match in _OWN_FILE.finditer(file.text)]
        found = [posixpath.normpath(posixpath.join(posixpath.dirname(path), one)) for one in own]
        lacking = [one for one in found if one not in self._project.named(posixpath.basename(one))]
        if len(lacking) < _FEWEST_LACKING or len(lacking) * 2 <= len(found):
            return False
        return not self._project.unused.is_named_outside(posixpath.basename(path), (path,))


def is_note_at_the_top(tree: Tree, file: SourceFile) -> bool:
    """Whether Markdown at the top of a repository is no page: an application stands there that does not take it, or it is for developers.

    What a generator makes pages of, what has front matter, and what code or a page names, is one.
    """
    if "/" in file.path or file.language != "markdown" or file.text.startswith(_FRONT_MATTER):
        return False
    if any(map(_PUBLISHES_THE_TOP.search, tree.paths)):
        return False
    renders = any(_APPLICATION.search(path) or _RENDERS.search(path) for path in tree.paths)
    if not renders and len(_CODE_IN_TEXT.findall(file.text)) < _FEWEST_FOR_DEVELOPERS:
        return False
    for path in tree.paths:
        if classify(path, "")[0] in ("script", "html", "indent", "code"):
            user = tree.text_file(path)
            if isinstance(user, SourceFile) and (file.path in user.text or _TAKES_ALL.search(user.text) is not None):
                return False
    return True


def pattern_folders(paths: Sequence[str]) -> tuple[str, ...]:
    """The folders with the patterns of Pattern Lab, in Twig, in a repository whose site is made with no Twig at all."""
    twigs = [path for path in paths if path.endswith(".twig")]
    folders = {match["folder"] for path in twigs if (match := _PATTERNS.match(path)) is not None}
    if not folders or not any(map(_OTHER_ENGINE.search, paths)):
        return ()
    guides = tuple({re.match(r".*?(?:patternlab|pattern-lab)/", folder)[0] for folder in folders})  # type: ignore[index]
    return tuple(sorted(folders)) if all(path.startswith(guides) for path in twigs) else ()


def is_drawing_command(file: SourceFile) -> bool:
    """Whether a script that nothing can import has a browser without a window draw what it writes to files."""
    return (
        file.language == "script"
        and _BROWSER_OF_COMMANDS.search(file.text) is not None
        and _DRAWS_A_FILE.search(file.text) is not None
        and _SHARED.search(file.text) is None
    )


def refusals(settings: str) -> list[re.Pattern[str]]:
    """The paths below its folder, each matched as "/path", that an .htaccess file keeps from everybody."""
    found = ["/"] if _DENIED.search(_BLOCK.sub("", settings)) else []
    for match in _REFUSED.finditer(settings):
        if match["match"]:
            found.append(match["match"])
        elif not _CONDITION.search(settings, 0, match.start()):
            found.append("/" + match["rule"][1:] if match["rule"].startswith("^") else f"/.*{match['rule']}")
    patterns = []
    for pattern in found:
        if _COSTLY.search(pattern):
            continue
        with contextlib.suppress(re.error):  # Apache knows more kinds of patterns, and those refuse nothing here
            patterns.append(re.compile(pattern, re.IGNORECASE))
    return patterns


def is_note(file: SourceFile) -> bool:
    """Whether a Markdown file lies where developers keep what they tell each other; front matter is meant for a page."""
    return (
        file.language == "markdown" and _NOTE.search(file.path) is not None and not file.text.startswith(_FRONT_MATTER)
    )


def is_run_by_node(path: str, package: str) -> bool:
    """Whether the commands of a package.json, given as text, run a script of its folder with Node or what stands in for it."""
    spelled = rf"{_NODE}[^\"\n&|;]{{0,200}}?(?<![\w./-])(?:\./)?{re.escape(path)}(?![\w./-])"
    return re.search(spelled, package) is not None


def may_be_command(path: str) -> bool:
    """Whether a script lies in a folder for commands, which nobody need import."""
    return _COMMANDS.search(path) is not None


def is_drawn(code: str, offset: int) -> bool:
    """Whether code takes the template that it names at an offset to draw a paper or a picture of it on the server."""
    line = code.rfind("\n", 0, offset) + 1
    return _DRAWS.search(code) is not None and _DRAWN.search(code[line:offset]) is not None


def is_staff_template(file: SourceFile) -> bool:
    """Whether a template is one of the pages for editors that Django and Wagtail bring, with which a site replaces theirs."""
    return (
        file.language == "html"
        and _STAFF_TEMPLATE.search(file.path) is not None
        and _OF_STAFF_TEMPLATE.search(file.text) is not None
    )


def hooks_of(code: str, name: str, at: int) -> list[str | None]:
    """The hooks that a mention of a function, by its name, puts it on; None for a use of another kind.

    The definition itself tells the hooks of its decorators.
    """
    before = code[max(0, at - 600) : at]
    if re.search(r"\b(?:function|def)\s+&?$", before):
        decorated = re.search(rf"{_DECORATED}$", before, re.MULTILINE)
        found = re.findall(r"\bregister\(\s*[\"'](\w+)[\"']", decorated["decorators"]) if decorated is not None else []
        return list(found)
    given = re.search(r"\b(?:add_action|add_filter|register)\(\s*[\"'](\w+)[\"']\s*,[^;{}]{0,200}$", before)
    return [given[1] if given is not None else None]


def is_of_style_guide(file: SourceFile) -> bool:
    """Whether a template is the frame in which a style guide shows parts of pages to developers."""
    if file.language == "html" and _SHOWN_ALONE.search(file.path) is not None:
        return True
    shell = _SHELL.search(file.path) if file.language == "html" else None
    if shell is None:
        return False
    return (
        _SHOWS_PARTS.search(file.text) is not None
        or (shell["preview"] is not None and _YIELDS.search(file.text) is not None)
        or (shell["ends"] is not None and "<%= @config[" in file.text)
    )


def is_test_page(file: SourceFile) -> bool:
    """Whether a page holds a test runner for browsers, such as QUnit's, Mocha's or Jasmine's."""
    return file.language == "html" and _TEST_PAGE.search(file.path) is not None and bool(_RUNNER.search(file.text))
