"""What the names of modules stand for by the settings of TypeScript: `"@core/*": ["src/app/core/*"]` in `paths`.

Bundlers and frameworks follow these settings, or are told the same. A folder's settings hold for what lies below it. Those that
they extend are no question by themselves: as a rule they lie in the same folder or in one around it, where they are found as well.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

from tracklint import lazy_re
from tracklint.model import SourceFile
from tracklint.source import Tree

_SETTINGS = lazy_re.compile(r"(?:^|/)(?P<kind>[tj]sconfig)(?P<variant>[\w.-]{0,60})\.json$")
_OF_TESTS = lazy_re.compile(r"spec|test|cypress|e2e|jest|storybook", re.IGNORECASE)
_MOST = 1000  # names in one file


class _Alias(NamedTuple):
    """A name, or what it begins and ends with around that which `*` stands for, and the paths that it means."""

    begins: str
    ends: str
    whole: bool  # without a `*`
    targets: tuple[str, ...]  # from the root of the project, the `*` in its place


class Aliases:
    """The names that the settings of one project's folders give to modules."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._around: dict[str, tuple[_Alias, ...]] = {}

    def meant(self, path: str, specifier: str) -> Iterator[str]:
        """The paths, as yet without an ending, that a name may mean in a file, the likeliest first."""
        if not self._folders:
            return
        for alias in self._of(posixpath.dirname(path)):
            if alias.whole:
                if specifier == alias.begins:
                    yield from alias.targets
            elif (
                specifier.startswith(alias.begins)
                and specifier.endswith(alias.ends)
                and len(specifier) >= len(alias.begins) + len(alias.ends)
            ):
                between = specifier[len(alias.begins) : len(specifier) - len(alias.ends)]
                for target in alias.targets:
                    yield posixpath.normpath(target.replace("*", between, 1))

    def names_of(self, path: str) -> frozenset[str]:
        """The names, all that stand without a `*`, by which settings mean a file."""
        return self._names.get(path, frozenset())

    def _of(self, folder: str) -> tuple[_Alias, ...]:
        """The aliases of a folder and of those around it: the nearest first, of these the most exact."""
        if folder not in self._around:
            outer = self._of(posixpath.dirname(folder)) if folder else ()
            self._around[folder] = (*self._folders.get(folder, ()), *outer)
        return self._around[folder]

    @cached_property
    def _names(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for aliases in self._folders.values():
            for alias in aliases:
                for target in alias.targets if alias.whole else ():
                    found.setdefault(target, set()).add(alias.begins)
        return {path: frozenset(names) for path, names in found.items()}

    @cached_property
    def _folders(self) -> dict[str, tuple[_Alias, ...]]:
        """The aliases that stand in the settings of each folder."""
        found: dict[str, list[tuple[bool, _Alias]]] = {}
        for path in self._tree.paths:
            match = _SETTINGS.search(path)
            if match is None or _OF_TESTS.search(match["variant"]) is not None:
                continue
            file = self._tree.text_file(path)
            if isinstance(file, SourceFile) and '"paths"' in file.text:
                own = [(bool(match["variant"]), alias) for alias in _read(file)]
                found.setdefault(posixpath.dirname(path), []).extend(own)
        return {
            folder: tuple(
                alias for _, alias in sorted(listed, key=lambda one: (one[0], not one[1].whole, -len(one[1].begins)))
            )
            for folder, listed in found.items()
        }


def _read(file: SourceFile) -> Iterator[_Alias]:
    """The aliases of a file of settings, which may hold remarks."""
    from tracklint import data  # its readers are not needed for a page

    options = data.read_notation(file.text, "json")[0].get("compilerOptions")
    paths = options.get("paths") if options is not None else None
    if options is None or paths is None:
        return
    base = posixpath.join(posixpath.dirname(file.path), options.string("baseUrl") or ".")
    for member in paths.members[:_MOST]:
        written = [item.text for item in paths.entries(member.key) if item.text]
        targets = tuple(posixpath.normpath(posixpath.join(base, one)) for one in written if not one.endswith(".d.ts"))
        begins, star, ends = member.key.partition("*")
        if member.key not in ("", "*") and targets:
            yield _Alias(begins, ends, not star, targets)
