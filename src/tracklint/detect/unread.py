"""Scripts of the site that a page runs and nobody looked at: by name, place or bytes they are none (TL901)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tracklint import lazy_re
from tracklint.model import Finding, Skipped, SourceFile
from tracklint.rules import finding

if TYPE_CHECKING:
    from tracklint.project import Project

_SCRIPT = lazy_re.compile(
    r"(?:<script\b|\bscript\()[^<>]{0,500}?\bsrc\s*=\s*[\"']?([^\"'\s<>{}$`\\()]{1,300})[\"'\s>)]", re.IGNORECASE
)
_ELSEWHERE = lazy_re.compile(r"[a-z][a-z0-9+.-]*:|//|#", re.IGNORECASE)
_LEFT_OUT = frozenset({"vendored", "source-map", "lock-file", "binary", "symlink-out-of-root"})


def findings(project: Project, file: SourceFile) -> Iterator[Finding]:
    """TL901 for the script elements of one page. It is not parsed for them: most pages have nothing else to look at."""
    if file.language not in ("html", "indent"):
        return
    for match in _SCRIPT.finditer(file.text):
        name = re.split(r"[?#]", match[1])[0]
        if not name or _ELSEWHERE.match(name):
            continue
        why = _why_unread(project, file.path, name)
        if why:
            at = file.position(match.start())
            yield finding(
                "TL901",
                file.path,
                f"this page runs {name}, which was not analysed: {why}",
                "give the script a name and a place of its own, or name it in `include` in the configuration",
                line=at.line,
                column=at.column,
                excerpt=file.line_text(at.line)[:400],
            )


def _why_unread(project: Project, page: str, name: str) -> str:
    """Why the file that a page names was left out; "" if it was not, or is not in the repository."""
    tree = project.tree
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(page), name)).lstrip("/")
    for path in dict.fromkeys((beside, posixpath.normpath(name).lstrip("/"), *project.named(posixpath.basename(name)))):
        if not path.endswith(posixpath.normpath(name).lstrip("./")):
            continue
        if tree.exists(path):
            text = tree.text_file(path)
            if isinstance(text, SourceFile):
                return "its name is not that of a script" if text.language == "other" else ""
            return text.detail or text.reason if text.reason in _LEFT_OUT else ""
        skipped = _skipped(tree.skipped, path)
        if skipped is not None:
            return skipped.detail or skipped.reason
    return ""


def _skipped(skipped: tuple[Skipped, ...], path: str) -> Skipped | None:
    for item in skipped:
        inside = item.path == path or (item.path.endswith("/") and path.startswith(item.path))
        if inside and item.reason in _LEFT_OUT:
            return item
    return None
