"""Mends in the source what can be mended there: puts tags behind the site's consent manager, takes out what evades it.

How a manager wants its markup is data (`[[fix]]` in its rules). Only elements of HTML and of templates around HTML are
edited, and only where what is written there is plain text; every other load is left with a reason. What is edited is
examined again before it is offered, and an edit after which the load would still be open is dropped.
"""

from __future__ import annotations

import html
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tracklint import lazy_re, source
from tracklint.consent.page import managers_of
from tracklint.markup import Document, Element
from tracklint.model import Attribute, Detection, Report, SourceFile, Span
from tracklint.project import Project
from tracklint.ruleset import Manager, Rewrite, glob_matches
from tracklint.scan import EMBEDS, examine
from tracklint.script import Script
from tracklint.source import Tree

if TYPE_CHECKING:
    from tree_sitter import Node

    from tracklint.check import Progress, Request

FIXABLE = frozenset({"TL201", "TL202", "TL205", "TL206"})
# Their <script> and :src are the component's own language.
_COMPONENTS = frozenset({"vue", "svelte", "astro", "riot", "mdx"})
_HINTS = frozenset({"preconnect", "dns-prefetch", "preload", "modulepreload", "prefetch", "prerender"})
_CLASSIC = lazy_re.compile(r"^(?:|(?:text|application)/(?:x-)?(?:java|ecma)script)$", re.IGNORECASE)
_SERVICE_NAME = lazy_re.compile(r"""\bname['"]?\s*:\s*(['"])([\w .:/@-]{1,80})\1""")
# Names that do not tie one statement to another: the language's own and the browser's.
_UNTIED = frozenset(
    "window document self globalThis navigator location console undefined true false null this arguments Date "
    "Math JSON Object Array String Number Boolean Error Promise setTimeout encodeURIComponent parseInt async "
    "await break case catch class const continue default delete do else for function if in instanceof let new "
    "of return static switch throw try typeof var void while yield script src type href".split()
)
_STRING = lazy_re.compile(r"""'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*\"""")
_GLOBAL = lazy_re.compile(r"(?:window|self|globalThis)\s*\.\s*$")
_DEFERRED_ADDRESS = "data-embed-url"
_ROUNDS = 8

Kind = Literal["gate", "facade", "noscript", "hint"]


@dataclass(frozen=True)
class Edit:
    """Characters of one file and what they become."""

    span: Span
    text: str


@dataclass(frozen=True)
class Fix:
    """One way to mend the loads of one element. `safe`: the page does what it did before, once the visitor agrees."""

    kind: Kind
    path: str
    line: int
    title: str
    safe: bool
    edits: tuple[Edit, ...]
    loads: tuple[tuple[str, int], ...]  # (service, offset) of what it mends


@dataclass(frozen=True)
class Left:
    """A load that stays as it is, and why."""

    path: str
    line: int
    service: str
    reason: str


@dataclass(frozen=True)
class Plan:
    """What is to be edited. `texts` holds each edited file: (before, after)."""

    fixes: tuple[Fix, ...]
    left: tuple[Left, ...]
    texts: Mapping[str, tuple[str, str]]


# ------------------------------------------------------------------------------------------------------------- applying


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits. Raises ValueError if two overlap or one lies outside."""
    parts: list[str] = []
    position = 0
    for edit in sorted(edits, key=lambda one: one.span):
        if not position <= edit.span.start <= edit.span.end <= len(text):
            raise ValueError("edits overlap or lie outside the text")
        parts += (text[position : edit.span.start], edit.text)
        position = edit.span.end
    return "".join((*parts, text[position:]))


def _moved(offset: int, edits: Iterable[Edit]) -> int:
    """Where a place is after the edits."""
    before = (edit for edit in edits if edit.span.start < offset)
    return offset + sum(len(edit.text) - (edit.span.end - edit.span.start) for edit in before)


def unified_diff(plan: Plan) -> str:
    """The edits as a patch."""
    import difflib

    parts: list[str] = []
    for path, (before, after) in sorted(plan.texts.items()):
        # Not splitlines: a patch knows no other line end than this one.
        old, new = ([line for line in re.split(r"(?<=\n)", text) if line] for text in (before, after))
        for line in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}"):
            parts.append(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return "".join(parts)


def write(tree: Tree, plan: Plan) -> None:
    """Write the edited files to their places, each whole or not at all. Raises OSError."""
    for path, (before, after) in sorted(plan.texts.items()):
        data = tree.read(path)
        if source.decode(data)[0] != before:
            raise OSError(f"{path} was changed meanwhile; run it again")
        target = Path(os.path.realpath(tree.root / path))
        handle, name = tempfile.mkstemp(prefix=".tracklint-", dir=target.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(source.encode_like(data, after))
            os.chmod(name, target.stat().st_mode & 0o7777)
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise


# ------------------------------------------------------------------------------------------------------------- planning


def plan(project: Project, wanted: Sequence[Detection], every: Sequence[Detection], *, unsafe: bool = False) -> Plan:
    """The fixes for `wanted`, which are among all detections, `every`. Never raises; what cannot be mended is left."""
    left: list[Left] = []
    chosen: dict[tuple[str, tuple[Edit, ...]], Fix] = {}
    for one in wanted:
        offered, reason = offers(project, one, every)
        allowed = [fix for fix in offered if fix.safe or unsafe]
        if not allowed:
            if offered:
                reason = f"{offered[0].title} would need --unsafe-fixes"
            left.append(Left(one.path, one.line, one.service, reason))
            continue
        fix = allowed[0]
        same = chosen.get((fix.path, fix.edits))
        chosen[fix.path, fix.edits] = replace(fix, loads=same.loads + fix.loads) if same else fix
    fixes: list[Fix] = []
    for fix in sorted(chosen.values(), key=lambda fix: (fix.path, fix.edits[0].span)):
        if fixes and fixes[-1].path == fix.path and fixes[-1].edits[-1].span.end > fix.edits[0].span.start:
            # A tag inside what goes anyway, or one element that two services would have to share.
            inside = fix.edits[-1].span.end <= fixes[-1].edits[-1].span.end and len(fixes[-1].edits) == 1
            if not inside:
                left += _dropped(fix, "another edit concerns the same element; run it again")
            continue
        fixes.append(fix)
    return _verified(project, fixes, left)


def _dropped(fix: Fix, reason: str) -> Iterator[Left]:
    for service, _ in fix.loads:
        yield Left(fix.path, fix.line, service, reason)


def _verified(project: Project, fixes: list[Fix], left: list[Left]) -> Plan:
    """The plan without the fixes after which a load would still be open."""
    for _ in range(_ROUNDS):
        texts: dict[str, tuple[str, str]] = {}
        edits: dict[str, list[Edit]] = {}
        for fix in fixes:
            edits.setdefault(fix.path, []).extend(fix.edits)
        for path, own in edits.items():
            file = project.tree.text_file(path)
            assert isinstance(file, SourceFile)
            texts[path] = (file.text, apply(file.text, own))
        after = Project(overlaid(project.tree, {path: new for path, (_, new) in texts.items()}), project.ruleset)
        open_now: dict[str, set[tuple[str, int]]] = {
            path: {
                (one.service, one.start)
                for one in examine(after, path).detections
                if one.consent.state in ("ungated", "unknown")
            }
            for path in texts
        }
        failed = [
            fix
            for fix in fixes
            if fix.kind in ("gate", "facade")
            and any((service, _moved(offset, edits[fix.path])) in open_now[fix.path] for service, offset in fix.loads)
        ]
        if not failed:
            return Plan(tuple(fixes), tuple(sorted(left, key=lambda one: (one.path, one.line, one.service))), texts)
        fixes = [fix for fix in fixes if fix not in failed]
        for fix in failed:
            left += _dropped(fix, "it would still run before consent; the site's settings or other code see to that")
    for fix in fixes:
        left += _dropped(fix, "the edits could not be proved to gate it")
    return Plan((), tuple(left), {})


def overlaid(tree: Tree, texts: Mapping[str, str]) -> Tree:
    """The tree with other texts for some of its files, as if they had been saved."""
    if not texts:
        return tree
    data = {path: _encoded(tree, path, text) for path, text in texts.items()}
    read, size = tree.read, tree.size
    return replace(
        tree,
        read=lambda path: data[path] if path in data else read(path),
        size=lambda path: len(data[path]) if path in data else size(path),
    )


def _encoded(tree: Tree, path: str, text: str) -> bytes:
    try:
        return source.encode_like(tree.read(path), text)
    except (OSError, UnicodeError):
        return text.encode("utf-8", "replace")


# ---------------------------------------------------------------------------------------------------------- one load


def offers(project: Project, detection: Detection, every: Sequence[Detection]) -> tuple[list[Fix], str]:
    """(ways to mend a load, best first; the reason when there are none)."""
    found = _editable(project, detection)
    if isinstance(found, str):
        return [], found
    document, element = found
    if detection.consent.mechanism == "noscript":
        return _without_noscript(document, element, detection, every)
    if detection.consent.mechanism == "hint":
        return _without_hint(document, element, detection)
    gated, reason = _gated(project, document, element, detection, every)
    facade = _facade(document, element, detection)
    return [fix for fix in (gated, facade) if fix is not None], reason


def _editable(project: Project, detection: Detection) -> tuple[Document, Element] | str:
    file = project.tree.text_file(detection.path)
    if not isinstance(file, SourceFile) or file.language not in ("html", "markdown") or file.dialect in _COMPONENTS:
        return "it is no tag in HTML: make the code that loads it ask for consent first"
    if project.tree.note(file.path) is not None:
        return "the file holds bytes that are not in its encoding, so it cannot be written back unchanged"
    try:
        data = project.tree.read(file.path)
        if source.encode_like(data, file.text) != data:
            return "the file's encoding does not let it be written back unchanged"
    except (OSError, UnicodeError):
        return "the file cannot be written back unchanged"
    document = project.document(file.path)
    element = document.at(detection.start) if document is not None else None
    if document is None or element is None:
        return "a template prints it: put the call inside a condition on the visitor's choice"
    text = file.text
    if text[element.span.start : element.span.start + 1 + len(element.tag)].lower() != f"<{element.tag}":
        return "it is not written as a plain tag"
    if text[element.span.end - 1] != ">" or element.conditional_comment:
        return "its tag is not closed, or stands in a conditional comment"
    values = [one.value_span for one in element.attributes.values()]
    for region in document.masked.overlapping(element.span):
        if not any(value.contains(region.span) for value in values):
            return "a template decides which attributes its tag has"
    return document, element


def _make(
    document: Document,
    element: Element,
    detection: Detection,
    kind: Kind,
    title: str,
    safe: bool,
    edits: Iterable[Edit],
) -> Fix:
    line = document.file.position(element.span.start).line
    ordered = tuple(sorted(edits, key=lambda edit: edit.span))
    return Fix(kind, detection.path, line, title, safe, ordered, ((detection.service, detection.start),))


def _whole_lines(text: str, span: Span) -> Span:
    """The span with its line end, if nothing else stands on its lines."""
    start, end = span
    while start > 0 and text[start - 1] in " \t":
        start -= 1
    while end < len(text) and text[end] in " \t":
        end += 1
    if (start == 0 or text[start - 1] in "\r\n") and end < len(text) and text[end] in "\r\n":
        return Span(start, end + (2 if text.startswith("\r\n", end) else 1))
    return span


def _removal(
    document: Document, detection: Detection, element: Element, span: Span, kind: Kind, title: str, safe: bool
) -> tuple[list[Fix], str]:
    if any(region.kind in ("block", "code", "raw") for region in document.masked.overlapping(span)):
        return [], "template code stands in what would have to go"
    edit = Edit(_whole_lines(document.file.text, span), "")
    return [_make(document, element, detection, kind, title, safe, [edit])], ""


def _without_hint(document: Document, element: Element, detection: Detection) -> tuple[list[Fix], str]:
    relations = (element.value("rel") or "").lower().split()
    if element.tag != "link" or not relations or not set(relations) <= _HINTS or "onload" in element.attributes:
        return [], "it is more than a hint to the browser"
    title = f"Remove the connection hint for {detection.host or detection.name}"
    return _removal(document, detection, element, element.span, "hint", title, True)


def _without_noscript(
    document: Document, element: Element, detection: Detection, every: Sequence[Detection]
) -> tuple[list[Fix], str]:
    around = element
    while around.tag != "noscript":
        if around.parent is None:
            return [], "its <noscript> is not in this file"
        around = around.parent
    closing = re.compile(r"</noscript\s*>", re.IGNORECASE).search(document.masked.text, element.span.end)
    if closing is None:
        return [], "its <noscript> has no end"
    content = Span(around.span.end, closing.start())
    services = {one.start: one.service for one in every if one.path == detection.path}
    inside = [one for one in document.elements if content.contains(one.span) and one.tag not in ("div", "p")]
    raw = [one.content for one in inside if one.content is not None]
    if any(one.end > closing.start() or "<script" in document.file.text[one.start : one.end] for one in raw):
        return [], "a script in its <noscript> is not closed"
    others = [one for one in inside if services.get(one.span.start) != detection.service]
    twin = any(one.service == detection.service and one.consent.mechanism not in ("noscript", "hint") for one in every)
    printed = any(
        content.start <= gap.start < content.end and document.masked.text[gap.start : gap.end].strip("\ue000 \t\r\n")
        for gap in document.text_regions()
    )
    if others or printed:
        span = element.span
        if element.tag != "img":
            end = re.compile(rf"</{re.escape(element.tag)}\s*>", re.IGNORECASE).search(
                document.masked.text, element.span.end, content.end
            )
            if end is None:
                return [], "where it ends cannot be told"
            span = Span(span.start, end.end())
        title = f"Remove the <{element.tag}> of {detection.name} from its <noscript>"
    else:
        span = Span(around.span.start, closing.end())
        title = f"Remove the <noscript> of {detection.name}, which no consent can hold back"
    return _removal(document, detection, around, span, "noscript", title, twin)


# ---------------------------------------------------------------------------------------------------------- gating


def _gated(
    project: Project, document: Document, element: Element, detection: Detection, every: Sequence[Detection]
) -> tuple[Fix | None, str]:
    manager = manager_for(project, document)
    if isinstance(manager, str):
        return None, manager
    if not manager.fixes:
        return None, f"{manager.name} has no markup that holds a tag back: load it in one of its callbacks"
    rewrite = next((one for one in manager.fixes if element.tag in one.elements), None)
    if rewrite is None:
        return None, f"{manager.name} cannot hold back <{element.tag}> by its markup"
    if detection.category in (None, "essential"):
        return None, f"nothing is known about what {detection.name} is for, so no category of {manager.name} fits it"
    here = [one for one in every if one.path == detection.path and document.at(one.start) is element]
    if len({one.category for one in here}) > 1:
        return None, "services of several categories are in one script: part it first"
    word, sure = _word(project, manager, rewrite, detection, document)
    if word is None:
        return None, f"{manager.name} has no category for {detection.category}"
    edits = _rewritten(document, element, manager, rewrite, word)
    if isinstance(edits, str):
        return None, edits
    safe, what = sure, ""
    if not sure:
        what = f', which its configuration must know as "{word}"'
    if element.tag == "script" and "src" not in element.attributes:
        other = _other_code(project, document, element, here)
        safe, what = safe and not other, what or other
    title = f"Gate {detection.name} with {manager.name} ({word}){what}"
    return _make(document, element, detection, "gate", title, safe, edits), ""


def manager_for(project: Project, document: Document | None = None) -> Manager | str:
    """The consent manager that gates the site's tags, or the reason why there is none.

    It is the one that the configuration names, else the one that the project evidently uses.
    """
    managers = project.ruleset.managers
    named = project.tree.policy.cmp
    if named is not None:
        if named in managers:
            return managers[named]
        import difflib

        near = difflib.get_close_matches(named, list(managers), 1)
        return f'no consent manager is called "{named}"' + (f"; did you mean {near[0]}?" if near else "")
    slugs = _present(project, (document.file.path,) if document is not None else ()) or _present(
        project, project.paths_with(())
    )
    if not slugs:
        return "no consent manager is known here: name the site's own with cmp in the configuration"
    able = [slug for slug in slugs if managers[slug].fixes]
    if not able:
        name = managers[min(slugs)].name
        return f"{name} has no markup that holds a tag back: load it in one of its callbacks"
    if len(able) > 1 and document is not None:
        able = [slug for slug in able if document.file.path in slugs[slug]] or able
    if len(able) > 1:
        every = ", ".join(sorted(able))
        return f"several consent managers are here ({every}): name the right one with cmp in the configuration"
    return managers[able[0]]


def _present(project: Project, places: Sequence[str]) -> dict[str, set[str]]:
    """Consent managers that the project uses, with the files; whole pages count only where they are `places`."""
    slugs: dict[str, set[str]] = {}
    for path, signs in managers_of(project, places).items():
        for slug, offset in signs:
            if not _is_commented(project, path, offset):
                slugs.setdefault(slug, set()).add(path)
    return slugs


def _is_commented(project: Project, path: str, offset: int) -> bool:
    document = project.document(path)
    if document is None:
        script = project.script(path)
        return script is not None and offset < len(script.text) and script.in_comment(offset)
    region = document.masked.region_at(offset)
    return (region is not None and region.kind == "comment") or any(
        comment.start <= offset < comment.end for comment in document.comments
    )


def _word(
    project: Project, manager: Manager, rewrite: Rewrite, detection: Detection, document: Document
) -> tuple[str | None, bool]:
    """(the manager's word for the load; whether it is sure that the site's configuration knows it)."""
    settings = [
        project.text_of(path)
        for path, signs in managers_of(project, (document.file.path,)).items()
        if any(slug == manager.slug for slug, _ in signs)
    ]
    if not rewrite.values:
        wanted = {_plain(detection.service), _plain(detection.name)}
        names = [match[2] for text in settings for match in _SERVICE_NAME.finditer(text)]
        exact = next((name for name in names if _plain(name) in wanted), None)
        if exact is not None:
            return exact, True
        near = [name for name in names if len(_plain(name)) > 3 and any(_plain(name) in one for one in wanted)]
        return (near[0], True) if len(set(near)) == 1 else (detection.service, False)
    words = rewrite.values.get(detection.category or "", ())
    if not words:
        return None, False
    if not rewrite.free:
        return words[0], True
    for word in words:
        key = re.compile(rf"(?<![\w-]){re.escape(word)}['\"]?\s*:")
        if any(key.search(text) for text in settings):
            return word, True
    return words[0], False


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _rewritten(document: Document, element: Element, manager: Manager, rewrite: Rewrite, word: str) -> list[Edit] | str:
    text = document.file.text
    edits: list[Edit] = []
    added: list[str] = []

    def put(name: str, value: str) -> bool:
        old = element.attributes.get(name)
        if old is None:
            added.append(f' {name}="{html.escape(value)}"')
        elif not _is_plain(text, old) or old.dynamic:
            return False
        elif old.value != value:
            edits.append(Edit(old.span, f'{name}="{html.escape(value)}"'))
        return True

    wanted = {name: value.replace("{value}", word) for name, value in rewrite.set.items()}
    kind = element.attributes.get("type")
    if element.tag == "script":
        own = (kind.value.strip() if kind is not None else "").lower()
        if kind is not None and kind.dynamic:
            return "a template decides what type of script it is"
        if rewrite.own_type is not None:
            if rewrite.own_type not in element.attributes:
                wanted[rewrite.own_type] = "application/javascript" if _CLASSIC.match(own) else own
        elif not _CLASSIC.match(own) and own != "text/plain":
            return f'{manager.name} would run it as a classic script, and it is of type "{own}"'
    elif "srcdoc" in element.attributes:
        return "its srcdoc loads as well"
    for name, value in wanted.items():
        old = element.attributes.get(name)
        if name == "class" and old is not None:
            if not _is_plain(text, old) or old.dynamic:
                return "a template writes its class"
            if value.lower() in old.value.lower().split():
                continue
            value = f"{old.value.strip()} {value}".strip()
        elif old is not None and "{value}" in rewrite.set.get(name, "") and _names_category(manager, old):
            continue
        if not put(name, value):
            return f"a template writes its {name}"
    for name, new in rewrite.rename.items():
        old = element.attributes.get(name)
        if old is None:
            continue
        if new in element.attributes:
            return f"it has {new} already"
        if not _is_plain(text, old):
            return f"its {name} is bound by the page's own code"
        edits.append(Edit(Span(old.span.start, old.span.start + len(name)), new))
    if added:
        place = element.span.start + 1 + len(element.tag)
        edits.append(Edit(Span(place, place), "".join(added)))
    return edits or "it is written as its consent manager wants it already"


def _is_plain(text: str, attribute: Attribute) -> bool:
    """Whether the attribute stands there under its own name, not as `:src` or `[src]`."""
    name = text[attribute.span.start : attribute.span.start + len(attribute.name)]
    value = text[attribute.value_span.start : attribute.value_span.start + 2]
    return name.lower() == attribute.name and (not value.startswith("{") or value in ("{{", "{%"))


def _names_category(manager: Manager, attribute: Attribute) -> bool:
    """Whether the value that stands there is one with which the manager holds the element back."""
    words = attribute.value.lower().replace(",", " ").split()
    rules = [rule for rule in manager.markup if rule.category_attribute == attribute.name]
    known = [key for rule in rules for key in rule.categories]
    opened = [key for rule in rules for key in rule.open]
    if not words or any(glob_matches(key.lower(), word) for key in opened for word in words):
        return False
    return not known or all(any(glob_matches(key.lower(), word) for key in known) for word in words)


# ----------------------------------------------------------------------------------------------------- inline scripts


def _other_code(project: Project, document: Document, element: Element, here: Sequence[Detection]) -> str:
    """What of an inline script the page may need whatever the visitor chooses; "" if it is the service's alone."""
    script = project.inline(document, element)
    if script is None or script.broken or element.content is None:
        return ", although its code cannot be read to the end"
    statements = [node for node in script.root.named_children if node.type not in ("comment", "empty_statement")]
    own = [
        node for node in statements if any(script.span(node).start <= one.start < script.span(node).end for one in here)
    ]
    rest = [node for node in statements if node not in own]
    tied = {name for node in own for name in _names(script, node) | _given(script, node)}
    while joined := [node for node in rest if tied & _names(script, node)]:
        rest = [node for node in rest if node not in joined]
        tied |= {name for node in joined for name in _names(script, node) | _given(script, node)}
    if rest or not own:
        return ", although other code is in the same script"
    for name in sorted({name for node in statements for name in _given(script, node)}):
        place = _used_elsewhere(project, name, document.file.path, element.content)
        if place:
            return f", although {place} uses {name}, which its script sets up"
    return ""


def _names(script: Script, node: Node) -> set[str]:
    """Names of variables in a piece of code, and what follows `window.`."""
    text = _STRING.sub("''", script.text_of(node))
    text = re.sub(r"\b(?:window|self|globalThis)\s*\.\s*", "", text)
    return set(re.findall(r"(?<![\w$.])[A-Za-z_$][\w$]+", text)) - _UNTIED


def _given(script: Script, node: Node) -> set[str]:
    """Global names to which a statement of the outermost level may give a meaning: `f.fbq = …`, `(window, 'ga')`."""
    found: set[str] = set()
    if node.type in ("function_declaration", "class_declaration"):
        name = node.child_by_field_name("name")
        if name is not None:
            found.add(script.text_of(name))
    elif node.type in ("variable_declaration", "lexical_declaration"):
        for declarator in node.named_children:
            name = declarator.child_by_field_name("name")
            if name is not None and name.type == "identifier":
                found.add(script.text_of(name))
    text = script.text_of(node)
    found.update(re.findall(r"(?:^|\.\s*)([A-Za-z_$][\w$]+)\s*=(?!=)", text))
    found.update(re.findall(r"""['"]([A-Za-z_$][\w$]+)['"]""", text))
    return found - _UNTIED


def _used_elsewhere(project: Project, name: str, path: str, content: Span) -> str:
    """The first place outside a script at which other code calls or reads what it sets up; "" without any."""
    use = re.compile(re.escape(name) + r"\s*(?:\(|\.\s*\w|\[)")
    for mention in project.mentions(name):
        if mention.path == path and content.start <= mention.offset < content.end:
            continue
        text = project.text_of(mention.path)
        before = text[max(0, mention.offset - 20) : mention.offset]
        if text.rfind("<noscript", 0, mention.offset) > text.rfind("</noscript", 0, mention.offset):
            continue  # where it is read, no script runs
        if use.match(text, mention.offset) and (not before.rstrip().endswith(".") or _GLOBAL.search(before)):
            line = text.count("\n", 0, mention.offset) + 1
            return f"{mention.path}:{line}"
    return ""


# --------------------------------------------------------------------------------------------------------------- facade


def _facade(document: Document, element: Element, detection: Detection) -> Fix | None:
    """A place-holder without script: the frame shows a link, and a click on that opens the embed in the same frame."""
    address = element.attributes.get("src")
    if element.tag != "iframe" or detection.kind not in EMBEDS or address is None or address.dynamic:
        return None
    if "srcdoc" in element.attributes or _DEFERRED_ADDRESS in element.attributes:
        return None
    if not _is_plain(document.file.text, address):
        return None
    title = element.attributes.get("title")
    shown = title.value if title is not None and not title.dynamic and title.value.strip() else detection.name
    url = address.value.strip()
    notice = f"Show {shown}. {detection.name} will then receive data about you."
    inner = f'<p><a href="{html.escape(url)}">{html.escape(notice)}</a></p>'
    edits = [
        Edit(Span(address.span.start, address.span.start + len("src")), _DEFERRED_ADDRESS),
        Edit(Span(address.span.end, address.span.end), f' srcdoc="{html.escape(inner)}"'),
    ]
    label = f"Show {detection.name} only after a click on a place-holder"
    return _make(document, element, detection, "facade", label, False, edits)


# ------------------------------------------------------------------------------------------------------------- the site


def fix_site(request: Request, *, unsafe: bool, save: bool, progress: Progress | None = None) -> Plan:
    """Mend the findings of a check; the files are written if `save`. Raises as `check.run` does, and UsageError."""
    from tracklint.check import UsageError, run

    if request.staged:
        raise UsageError("--fix edits the files on the disk, not those of the next commit; leave out --staged")
    result = run(request, progress)
    project = Project(result.tree, result.ruleset)
    named = result.project.policy.cmp
    if named is not None and named not in result.ruleset.managers:
        raise UsageError(f"cmp: {manager_for(project)}")
    made = plan(project, _concerned(result.report), result.report.detections, unsafe=unsafe)
    if save:
        try:
            write(result.tree, made)
        except (OSError, UnicodeError) as error:
            raise UsageError(f"a fix cannot be written: {error}") from None
    return made


def _concerned(report: Report) -> list[Detection]:
    """The loads that the findings are about. A finding names the first load of a snippet and stands for those after it."""
    reported = {one.detection for one in report.findings if one.code in FIXABLE}
    accepted = {one.detection for one, _ in report.suppressed if one.code in FIXABLE}
    found: list[Detection] = []
    mend: dict[tuple[str, str, str], bool] = {}
    own = [one for one in report.detections if one.loader is None]  # the edit belongs where the load is
    for one in sorted(own, key=lambda one: (one.path, one.start, one.end)):
        way = one.consent.mechanism if one.consent.mechanism in ("noscript", "hint") else ""
        if one.id in reported or one.id in accepted:
            mend[one.path, one.service, way] = one.id in reported
        if one.consent.state == "ungated" and mend.get((one.path, one.service, way)):
            found.append(one)
    return found


__all__ = [
    "FIXABLE",
    "Edit",
    "Fix",
    "Left",
    "Plan",
    "apply",
    "fix_site",
    "manager_for",
    "offers",
    "overlaid",
    "plan",
    "unified_diff",
    "write",
]
