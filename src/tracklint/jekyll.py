"""Sites that Jekyll makes: the folder that each is made of, templates beside it that are of none, and what settings say.

Where the repository has the settings of Eleventy, whose folders have the same names, nothing is told.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import NamedTuple

from tracklint import lazy_re
from tracklint.model import SourceFile
from tracklint.source import Tree

_SETTINGS = lazy_re.compile(r"(?P<root>(?:[^/]+/)*)_config[\w.-]{0,60}\.(?:ya?ml|toml)")
_MAIN = ("_config.yml", "_config.yaml", "_config.toml")
_SOURCE = lazy_re.compile(r"^source[ \t]*[:=][ \t]*[\"']?\.?/?([\w./-]{1,200})", re.MULTILINE)
_THEMED = lazy_re.compile(r"^(?:remote_)?theme\s*[:=]\s*[\"']?\w", re.MULTILINE)
_ELEVENTY = lazy_re.compile(r"(?:^|/)(?:\.eleventy\.\w+|eleventy\.config\.\w+)$")
# A folder with layouts, below one whose name begins with a dot or not.
_LAYOUT = lazy_re.compile(
    r"(?P<theme>(?P<hidden>(?:[^/.][^/]*/)*\.[^/]+/)?(?:[^/]+/)*?)_layouts/(?:[^/]+/)*[^/]+\.html?"
)
_CONTENT = lazy_re.compile(r"\{\{-?\s*content\b")
# How a build names settings besides, and the places where it may write some.
_WITH_SETTINGS = lazy_re.compile(r"--config[ =]+[\"']?([\w.,/$-]{1,300})")
_BUILDS = lazy_re.compile(r"(?:^|/)(?:[^/.]+|[^/]+\.(?:sh|rb|mk|rake|toml|ya?ml|json|[cm]?js|ts|py|bat|ps1))$")
# What tells where the site runs, which those who publish it set otherwise.
_OF_THE_PLACE = lazy_re.compile(
    r"(?:^|[._-])(?:env\w*|stage|staging|mode|target|prod\w*|dev\w*|live|deploy\w*|branch|local|preview|debug|context)(?:$|[._-])",
    re.IGNORECASE,
)


class Site(NamedTuple):
    """The folders of a site's settings and of its pages, which end with `/` or are "", and the texts of the settings."""

    root: str
    source: str
    files: tuple[SourceFile, ...]

    @property
    def is_themed(self) -> bool:
        return any(_THEMED.search(file.text) is not None for file in self.files)


def sites(tree: Tree) -> tuple[Site, ...]:
    """The sites of a tree, the innermost first."""
    found: dict[str, list[SourceFile]] = {}
    for path in tree.paths:
        match = _SETTINGS.fullmatch(path)
        file = tree.text_file(path) if match is not None else None
        if match is not None and isinstance(file, SourceFile):
            found.setdefault(match["root"], []).append(file)
    if not found or any(_ELEVENTY.search(path) for path in tree.paths):
        return ()
    made: list[Site] = []
    for root, files in found.items():
        main = next((file for name in _MAIN for file in files if file.path == root + name), None)
        if main is None:
            continue
        chosen = _SOURCE.search(main.text)
        folder = posixpath.normpath(root + chosen[1]) if chosen is not None else root.rstrip("/")
        source = "" if folder in ("", ".") else f"{folder}/"
        inside = source.startswith(root) and any(path.startswith(source) for path in tree.paths)
        made.append(Site(root, source if inside else root, tuple(files)))
    return tuple(sorted(made, key=lambda site: (-len(site.root), site.root)))


def unbuilt_themes(tree: Tree, made: tuple[Site, ...]) -> Iterator[str]:
    """Folders of layouts that lie beside a site's pages, or in a hidden folder, where the site has layouts of its own.

    Such is the model of a theme, out of which a command copies what the site is made of.
    """
    for site in made:
        if not any(path.startswith(f"{site.source}_layouts/") for path in tree.paths):
            continue
        for path in tree.paths:
            match = _LAYOUT.fullmatch(path, len(site.root)) if path.startswith(site.root) else None
            if match is None or (path.startswith(site.source) and match["hidden"] is None):
                continue
            folder = site.root + (match["hidden"] or match["theme"])
            if folder == site.root or site.source.startswith(folder):
                continue
            name = posixpath.basename(folder.rstrip("/"))
            named = any(name in file.text for file in site.files)
            whole = any(other.root.startswith(folder) and match["hidden"] is None for other in made)
            if not named and not whole and _CONTENT.search(tree.raw_text(path)) is not None:
                yield folder


class Settings:
    """What `site.NAME` stands for in the templates of one site, as far as that is certain."""

    def __init__(self, tree: Tree, site: Site) -> None:
        self._tree = tree
        self._site = site
        self._found: dict[str, tuple[bool, str | bool | None]] = {}
        self._builds: str | None = None

    def value(self, name: str) -> tuple[bool, str | bool | None]:
        """Whether it is known, and what it is: a text, true, false or nothing."""
        if name not in self._found:
            self._found[name] = self._value(name)
        return self._found[name]

    def _value(self, name: str) -> tuple[bool, str | bool | None]:
        from tracklint import data  # its readers are only needed here

        if _OF_THE_PLACE.search(name) is not None:
            return False, None
        keys = name.split(".")
        values: set[tuple[bool, str | bool | None]] = set()
        for file in self._site.files:
            roots = data.read(file)
            value = roots[0].value if len(roots) == 1 else None
            for key in keys:
                value = value.get(key) if value is not None else None
            if value is None:
                continue
            if (
                value.kind != "scalar"
                or value.text is None
                or sum(one.key == keys[0] for one in roots[0].value.members) > 1
            ):
                return False, None
            quoted = value.written or file.text[max(0, value.span.start - 1) : value.span.start] in ("'", '"')
            plain: dict[str, bool | None] = {"": None, "false": False, "true": True}
            values.add((True, plain[value.text] if not quoted and value.text in plain else value.text))
        if not values and len(keys) == 1 and not self._site.is_themed:
            commented = re.compile(rf"^[ \t]*#[ \t]*{re.escape(name)}[ \t]*[:=]", re.MULTILINE)
            if any(commented.search(file.text) for file in self._site.files):
                values.add((True, None))
        if len(values) != 1 or self._is_set_elsewhere(keys[-1]):
            return False, None
        return values.pop()

    def _is_set_elsewhere(self, key: str) -> bool:
        """Whether a plugin, a build or a pipeline may set what the settings have under a key."""
        if self._builds is None:
            own = {file.path for file in self._site.files}
            self._builds = "\n".join(
                self._tree.raw_text(path) for path in self._tree.paths if _BUILDS.search(path) and path not in own
            )
        names = {posixpath.basename(file.path) for file in self._site.files}
        chosen = (one for match in _WITH_SETTINGS.findall(self._builds) for one in match.split(","))
        if any(one.endswith((".yml", ".yaml", ".toml")) and posixpath.basename(one) not in names for one in chosen):
            return True
        return re.search(rf"(?<![\w-]){re.escape(key)}[\"']?\]?[ \t]*(?:=>|:|=(?!=))", self._builds) is not None
