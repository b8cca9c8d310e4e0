"""What the tests share: a project that is nothing but the files of a mapping."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hypothesis import settings

from tracklint.ruleset import load
from tracklint.scan import Scan, scan
from tracklint.source import Tree

# The first example may be what compiles a pattern or loads a grammar, so none has a deadline.
settings.register_profile("tracklint", deadline=None)
settings.load_profile("tracklint")

RULES = load()


def tree_of(files: Mapping[str, str]) -> Tree:
    """Files by their paths, each with its text, that lie nowhere but in memory."""
    contents = {path: text.encode() for path, text in files.items()}
    paths = tuple(sorted(contents))
    return Tree(Path("/site"), paths, paths, (), contents.__getitem__, lambda path: len(contents[path]))


def scanned(files: Mapping[str, str]) -> Scan:
    return scan(tree_of(files), RULES, jobs=1)
