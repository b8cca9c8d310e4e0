"""How the text of one file names another: by a path, whole or in part, or by a word that stands by itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

# What is part of a name in scripts, besides letters and digits.
_SIGNS = frozenset("_$")


def standing(word: str, text: str, signs: Collection[str] = _SIGNS) -> Iterator[int]:
    """Where a word stands by itself in a text, with none of `signs` beside it; "" nowhere.

    Plain search: an expression that looks at what is around is far slower.
    """
    at = text.find(word) if word else -1
    while at >= 0:
        end = at + len(word)
        before, after = text[at - 1 : at] if at else "", text[end : end + 1]
        if not (before.isalnum() or before in signs or after.isalnum() or after in signs):
            yield at
        at = text.find(word, end)


def could_mean(written: str, path: str) -> bool:
    """Whether a path as a template or script writes it can mean this file of the project."""
    parts = [part for part in re.split(r"[/:]", written) if part not in ("", ".", "..", "~", "@")]
    actual = [re.sub(r"^_+", "", part) for part in path.split("/")]
    if (
        actual[-1].split(".")[0] in ("index", "main", "mod")
        and parts
        and parts[-1].split(".")[0] != actual[-1].split(".")[0]
    ):
        actual = actual[:-1] or actual
    expected = [re.sub(r"^_+", "", part) for part in parts]
    if not expected:
        return False
    if expected[-1].split(".")[0] != actual[-1].split(".")[0]:
        return False
    suffixes = expected[-1].split(".")[1:]
    if (
        suffixes
        and suffixes[-1] in ("js", "mjs", "css", "html", "php", "njk", "ejs", "pug")
        and not path.endswith("." + suffixes[-1])
        and not re.search(rf"\.{suffixes[-1]}\b" + (r"|\.[jt]sx?$" if suffixes[-1] in ("js", "mjs") else ""), path)
    ):
        return False
    # a directory that is written has to be there, nearest first; what is left over may be an alias or a root
    overlap = 0
    for expected_part, actual_part in zip(reversed(expected[:-1]), reversed(actual[:-1]), strict=False):
        if expected_part != actual_part:
            break
        overlap += 1
    return overlap >= min(1, len(expected) - 1)
