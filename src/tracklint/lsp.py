"""The language server: findings while a page is being written, what a load is and why, and edits that mend it.

`Workspace` is the analysis of one site with the texts of the open editors laid over its files; it knows nothing of the
protocol. `serve` speaks the protocol over stdin and stdout (package `pygls`, extra `lsp`).
"""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import gc
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer
from pygls.uris import from_fs_path, to_fs_path

from tracklint import __version__, explain, fix, rules, ruleset, source
from tracklint import manifest as manifests
from tracklint.changes import ChangesError
from tracklint.check import Project as Site
from tracklint.check import Request, Result, UsageError, lent_suppressions, open_project, open_tree
from tracklint.consent.pairs import pair_up
from tracklint.manifest import Manifest, ManifestError
from tracklint.markup import Document
from tracklint.model import Detection, Finding, Report, Skipped, SourceFile, Span
from tracklint.policy import PolicyError
from tracklint.project import Project
from tracklint.report.wording import clean
from tracklint.ruleset import Ruleset, RulesetError
from tracklint.scan import Scan, examine
from tracklint.source import SourceError, Tree

WAIT = 0.02  # seconds without a keystroke before a page is analysed
SLOW, LONGEST_WAIT = 0.1, 0.5  # a page whose analysis takes longer is left alone for as long as that takes
REASON = "TODO: say why this is right here"  # no reason yet, so TL108 asks for one until somebody writes it
_SETTINGS = frozenset({"tracklint.toml", "pyproject.toml", ".gitignore"})
_PROBLEMS = (SourceError, PolicyError, ManifestError, RulesetError, UsageError, ChangesError)
_SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}
_MISSING = frozenset({"TL101", "TL105", "TL301", "TL302"})  # what an entry in the manifest answers
_LINE_COMMENTS = {
    "pug": "//- {}",
    "haml": "-# {}",
    "slim": "/ {}",
    "php": "// {}",
    "ruby": "# {}",
    "python": "# {}",
    "elixir": "# {}",
    "mdx": "{{/* {} */}}",
}


@dataclass(frozen=True)
class Page:
    """What is known of one open file."""

    file: SourceFile
    detections: tuple[Detection, ...]
    findings: tuple[Finding, ...]
    result: Result


@dataclass(frozen=True)
class Action:
    """One edit that an editor can offer: for each file its edits in the order of the text; None: the file is new."""

    title: str
    edits: Mapping[str, tuple[str | None, tuple[fix.Edit, ...]]]  # path -> (text before, edits)
    findings: tuple[Finding, ...]
    preferred: bool = False


class Workspace:
    """One site. Paths are relative to its root and POSIX. Opening and asking raise what `check.run` raises."""

    def __init__(self, folder: Path, today: Callable[[], datetime.date] = datetime.date.today) -> None:
        self.folder = folder
        self.today = today
        self._open: dict[str, str] = {}
        self._pages: dict[str, Page | None] = {}
        self._site: Site | None = None
        self._rules: Ruleset | None = None
        self._tree: Tree | None = None
        self._project: Project | None = None

    # ---- the site

    @property
    def site(self) -> Site:
        if self._site is None:
            self._site = open_project(Request(paths=(self.folder,), today=self.today()))
        return self._site

    @property
    def rules(self) -> Ruleset:
        if self._rules is None:
            self._rules = ruleset.load(self.site.policy.rulesets)
        return self._rules

    def path_of(self, file: Path) -> str | None:
        """The name of a file below the root."""
        try:
            return Path(os.path.realpath(file)).relative_to(os.path.realpath(self.site.root)).as_posix()
        except ValueError:
            return None

    def refresh(self, path: str | None = None) -> None:
        """Read the files anew, and the settings too if it was they that were saved."""
        if path is None or path.rpartition("/")[2] in _SETTINGS or path.endswith(".toml"):
            self._site = self._rules = None
        self._tree = self._project = None
        self._pages.clear()

    def edit(self, path: str, text: str | None) -> None:
        """An editor holds another text of a file than the disk; None: it was closed."""
        if text is None:
            self._open.pop(path, None)
            self._tree = self._project = None
            self._pages.clear()
            return
        if self._open.get(path) == text:
            return
        self._open[path] = text
        self._pages.clear()  # a page may hold what another one includes
        if self._tree is not None and not self._tree.exists(path):
            self._tree = self._project = None
        if self._project is not None:
            self.tree.forget(path)
            self._project = self._project.changed(self.tree, path)

    @property
    def tree(self) -> Tree:
        if self._tree is None:
            tree = open_tree(self.site, paths=())
            new = [path for path in self._open if not tree.exists(path) and not (tree.root / path).exists()]
            if new:
                tree = dataclasses.replace(tree, paths=tuple(sorted((*tree.paths, *new))))
            read, texts = tree.read, self._open

            def read_open(path: str) -> bytes:
                if path not in texts:
                    return read(path)
                try:
                    return source.encode_like(read(path), texts[path])
                except (OSError, UnicodeError):
                    return texts[path].encode("utf-8", "replace")

            size = tree.size
            self._tree = dataclasses.replace(
                tree, read=read_open, size=lambda path: len(texts[path]) if path in texts else size(path)
            )
        return self._tree

    @property
    def project(self) -> Project:
        if self._project is None:
            self._project = Project(self.tree, self.rules)
        return self._project

    def manifest_text(self) -> str | None:
        """The manifest as it stands in the editor or on the disk."""
        name = self.site.manifest_name
        return self._open[name] if name in self._open else manifests.read(self.site.manifest_file, name)

    # ---- one page

    def page(self, path: str) -> Page | None:
        """What is known of a file; None for one that is not checked."""
        if path not in self._pages:
            self._pages[path] = self._examine(path)
        return self._pages[path]

    def _examine(self, path: str) -> Page | None:
        if not self.tree.exists(path):
            return None
        file = self.tree.text_file(path)
        if not isinstance(file, SourceFile):
            return None
        site = self.site
        text = self.manifest_text()
        manifest: Manifest | None = None
        if text is not None:
            try:
                manifest = manifests.load(text, site.manifest_name)
            except ManifestError:
                manifest = manifests.load_leniently(text, site.manifest_name)
        found = examine(self.project, path)
        detections = tuple(pair_up(sorted(found.detections, key=lambda one: (one.start, one.end, one.service))))
        detections += found.calls
        verdicts = manifests.judge(
            manifest,
            detections,
            today=site.today,
            full_scan=False,
            max_review_days=site.policy.max_review_days,
            review_soon_days=site.policy.due_days,
        )
        verdicts = [one for one in verdicts if one.detection is not None]
        judged = rules.with_manifest(detections, verdicts, site.policy)
        outcome = rules.findings(
            judged,
            verdicts,
            manifest,
            site.policy,
            found.skipped,
            suppressions=found.suppressions,
            lent=lent_suppressions(found.calls, self.tree),
            line_text=lambda _, line: file.line_text(line) if 0 < line <= len(file.line_starts) else "",
        )
        own = tuple(one for one in outcome.findings if one.path == path)
        skipped = tuple(found.skipped)
        report = Report(
            site.root.as_posix(), 1, len(file.text), 0.0, self.rules.version, judged, own, outcome.suppressed, skipped,
            rules.blocking(own), outcome.statuses,
        )  # fmt: skip
        scan = Scan(judged, skipped, 1, len(file.text), 0.0, found.suppressions)
        result = Result(site, self.tree, self.rules, scan, manifest, tuple(verdicts), report, None, ())
        return Page(file, judged, own, result)

    def manifest_problems(self) -> tuple[manifests.Problem, ...]:
        """What is wrong with the manifest as such."""
        text = self.manifest_text()
        if text is None:
            return ()
        try:
            manifests.load(text, self.site.manifest_name, services=self.rules.slugs)
        except ManifestError as error:
            return error.problems
        return ()

    def loads_at(self, path: str, offset: int) -> list[Detection]:
        """The loads whose code holds a place, innermost first; else those that begin on its line."""
        page = self.page(path)
        if page is None:
            return []
        inside = [one for one in page.detections if one.start <= offset <= one.end]
        if inside:
            return sorted(inside, key=lambda one: one.end - one.start)
        line = page.file.position(offset).line
        return [one for one in page.detections if one.line == line]

    def explained(self, path: str, offset: int) -> str:
        """Markdown about the loads at a place: who receives what, and whether that waits for consent."""
        page = self.page(path)
        parts: list[str] = []
        for one in self.loads_at(path, offset) if page is not None else ():
            assert page is not None
            service = explain.find_service(one.service, self.rules)
            heading = f"**{one.name}** (`{one.service}`)"
            facts = [text for text in (one.company, one.category or "unknown category", one.kind) if text]
            about = [f"{heading}: {', '.join(facts)}"]
            if service is not None and service.summary:
                about.append(service.summary)
            if service is not None and service.privacy_url:
                about.append(f"[Privacy notice]({service.privacy_url})")
            text = clean(explain.loads_text(page.result, [one])).rstrip("\n").replace("```", "'''")
            parts.append("\n\n".join([*about, f"```text\n{text}\n```"]))
        return "\n\n---\n\n".join(parts)

    def deciding(self, path: str, offset: int) -> list[tuple[str, int]]:
        """(path, line) of the conditions that decide about the loads at a place."""
        found: dict[tuple[str, int], None] = {}
        for one in self.loads_at(path, offset):
            at = one.consent.at or next(((hop.path, hop.line) for hop in reversed(one.consent.chain)), None)
            if at is not None:
                found[at] = None
        return list(found)

    # ---- edits

    def actions(self, path: str, start: int, end: int) -> list[Action]:
        """What can be done about the findings in a range of characters."""
        page = self.page(path)
        if page is None:
            return []
        first, last = page.file.position(start).line, page.file.position(end).line
        near = [one for one in page.findings if one.line <= last and max(one.line, one.end_line) >= first]
        loads = {one.id: one for one in page.detections}
        found: list[Action] = []
        done: set[tuple[object, ...]] = set()
        for finding in near:
            load = loads.get(finding.detection or "")
            if load is None:
                continue
            for action in self._answers(page, finding, load, [one for one in near if one.detection == load.id]):
                key = (action.title, *((name, edits) for name, (_, edits) in action.edits.items()))
                if key not in done:
                    done.add(key)
                    found.append(action)
        return found

    def _answers(self, page: Page, finding: Finding, load: Detection, about: Sequence[Finding]) -> Iterator[Action]:
        if finding.code in fix.FIXABLE:
            offered, _ = fix.offers(self.project, load, page.detections)
            for one in offered:
                edits = {one.path: (page.file.text, one.edits)}
                yield Action(one.title, edits, tuple(item for item in about if item.code in fix.FIXABLE), one.safe)
        if finding.code in _MISSING:
            entry = self._entry(page, load)
            if entry is not None:
                name = self.site.manifest_name
                listed = tuple(item for item in about if item.code in _MISSING)
                yield Action(f"Add a pending entry for {load.name} to {name}", {name: entry}, listed)
        if finding.code not in rules.APPROVAL_CODES or self.site.policy.allow_inline_approval:
            comment = _suppression(page, finding, self.project.document(page.file.path))
            if comment is not None:
                title = f"Suppress {finding.code} here, with a reason"
                yield Action(title, {page.file.path: (page.file.text, (comment,))}, (finding,))

    def _entry(self, page: Page, load: Detection) -> tuple[str | None, tuple[fix.Edit, ...]] | None:
        """The edit of the manifest that gives the service of a load an entry."""
        site = self.site
        before = self.manifest_text()
        own = [one for one in page.detections if one.service == load.service]
        try:
            after = manifests.fix(
                before,
                own,
                self.rules.services,
                today=site.today,
                full_scan=False,
                legacy=False,
                path=site.manifest_name,
            )
        except ManifestError:
            return None
        return None if after == before else (before, (_difference(before or "", after),))


def _difference(before: str, after: str) -> fix.Edit:
    """The one edit of whole lines between two texts."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    start = sum(map(len, old[:head]))
    end = start + sum(map(len, old[head : len(old) - tail]))
    return fix.Edit(Span(start, end), "".join(new[head : len(new) - tail]))


def _suppression(page: Page, finding: Finding, document: Document | None) -> fix.Edit | None:
    """The comment line above a finding; None where no comment can stand."""
    file = page.file
    start = file.line_starts[finding.line - 1]
    line = file.line_text(finding.line)
    indent = line[: len(line) - len(line.lstrip())]
    form = _comment_form(file, document, start + len(indent))
    if form is None:
        return None
    match = re.search(r"\r\n|\r|\n", file.text)
    text = form.format(f"tracklint: ignore[{finding.code}] {REASON}")
    return fix.Edit(Span(start, start), f"{indent}{text}{match[0] if match else chr(10)}")


def _comment_form(file: SourceFile, document: Document | None, offset: int) -> str | None:
    if file.dialect in _LINE_COMMENTS:
        return _LINE_COMMENTS[file.dialect] if file.dialect != "php" or file.language == "code" else "<!-- {} -->"
    if file.language in ("html", "markdown"):
        element = document.at(offset) if document is not None else None
        if element is None or element.span.start == offset:
            return "<!-- {} -->"
        if element.content is None or offset < element.content.start:
            return None  # in the middle of a tag
        return {"script": "// {}", "style": "/* {} */"}.get(element.tag)
    if file.language == "data":
        return None if file.path.endswith(".json") else "# {}"
    return {"script": "// {}", "style": "/* {} */", "code": "// {}", "indent": "//- {}"}.get(file.language)


# ---------------------------------------------------------------------------------------------------------- protocol


class _Server(LanguageServer):
    def __init__(self, today: Callable[[], datetime.date]) -> None:
        super().__init__("tracklint", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self.today = today
        self.sites: dict[Path, Workspace] = {}
        self.waiting: dict[str, asyncio.TimerHandle] = {}
        self.took: dict[str, float] = {}  # seconds of the last analysis
        self.told: set[str] = set()

    def place(self, uri: str) -> tuple[Workspace, str] | None:
        """The site and the path in it that a document belongs to."""
        name = to_fs_path(uri)
        if name is None or not uri.startswith("file:"):
            return None
        file = Path(name)
        folders = [Path(found) for folder in self.workspace.folders.values() if (found := to_fs_path(folder.uri))]
        if not folders and self.workspace.root_path:
            folders = [Path(self.workspace.root_path)]
        around = [folder for folder in folders if file.is_relative_to(folder)]
        root = max(around, key=lambda folder: len(folder.parts), default=file.parent)
        if root not in self.sites:
            self.sites[root] = Workspace(root, self.today)
        site = self.sites[root]
        path = site.path_of(file)
        return (site, path) if path is not None else None

    def tell(self, error: Exception) -> None:
        """Say once what is wrong with the configuration."""
        text = str(error)
        if text not in self.told:
            self.told.add(text)
            shown = types.ShowMessageParams(types.MessageType.Error, f"tracklint: {text}")
            self.window_show_message(shown)

    # ---- positions: characters here, the client's units there

    def position(self, file: SourceFile, offset: int) -> types.Position:
        at = file.position(offset)
        before = file.text[offset - at.column + 1 : offset]
        return types.Position(at.line - 1, self.workspace.position_codec.client_num_units(before))

    def range(self, file: SourceFile, span: Span) -> types.Range:
        return types.Range(self.position(file, span.start), self.position(file, span.end))

    def offset(self, file: SourceFile, position: types.Position) -> int:
        if position.line >= len(file.line_starts):
            return len(file.text)
        start = file.line_starts[position.line]
        line = file.line_text(position.line + 1)
        units = self.workspace.position_codec.client_num_units
        if line.isascii():
            return start + min(position.character, len(line))
        count = 0
        for index, char in enumerate(line):
            if count >= position.character:
                return start + index
            count += units(char)
        return start + len(line)

    def uri(self, site: Workspace, path: str) -> str:
        return from_fs_path(str(site.site.root / path)) or ""


def serve(today: Callable[[], datetime.date] | None = None) -> None:
    """Answer one editor until it says goodbye."""
    # The server closes what it writes to, and the command line still flushes its own.
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as out:
        server(today or _today).start_io(stdout=out)


def settle() -> None:
    """Keep the collector off what stays for good, the rules: it took longer than an analysis to look through them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _today() -> datetime.date:
    given = os.environ.get("TRACKLINT_TODAY")
    return datetime.date.fromisoformat(given) if given else datetime.date.today()


def server(today: Callable[[], datetime.date]) -> LanguageServer:
    ls = _Server(today)

    def guarded(uri: str, ask: Callable[[Workspace, str], Any]) -> Any:
        """An answer, or None where the site's settings are wrong; those are told to the person."""
        try:
            place = ls.place(uri)
            return ask(*place) if place is not None else None
        except _PROBLEMS as error:
            ls.tell(error)
            return None

    def publish(uri: str, version: int | None = None) -> None:
        ls.waiting.pop(uri, None)
        diagnostics = guarded(uri, partial(_diagnostics, ls))
        ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics or [], version))

    def publish_all() -> None:
        for uri, document in ls.workspace.text_documents.items():
            publish(uri, document.version)

    def later(uri: str, version: int | None) -> None:
        if uri in ls.waiting:
            ls.waiting[uri].cancel()
        took = ls.took.get(uri, 0.0)
        wait = WAIT if took < SLOW else min(took, LONGEST_WAIT)
        ls.waiting[uri] = asyncio.get_running_loop().call_later(wait, publish_timed, uri, version)

    def publish_timed(uri: str, version: int | None) -> None:
        start = time.monotonic()
        publish(uri, version)
        ls.took[uri] = time.monotonic() - start

    def take(uri: str) -> None:
        text = ls.workspace.get_text_document(uri).source
        guarded(uri, lambda site, path: site.edit(path, text))

    @ls.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def did_open(params: types.DidOpenTextDocumentParams) -> None:
        take(params.text_document.uri)
        publish(params.text_document.uri, params.text_document.version)
        if not gc.get_freeze_count():
            settle()

    @ls.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def did_change(params: types.DidChangeTextDocumentParams) -> None:
        take(params.text_document.uri)
        later(params.text_document.uri, params.text_document.version)

    @ls.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def did_save(params: types.DidSaveTextDocumentParams) -> None:
        guarded(params.text_document.uri, lambda site, path: site.refresh(path))
        publish_all()

    @ls.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def did_close(params: types.DidCloseTextDocumentParams) -> None:
        uri = params.text_document.uri
        if uri in ls.waiting:
            ls.waiting.pop(uri).cancel()
        guarded(uri, lambda site, path: site.edit(path, None))
        ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    @ls.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def files_changed(params: types.DidChangeWatchedFilesParams) -> None:
        for site in ls.sites.values():
            site.refresh()
        publish_all()

    @ls.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        def ask(site: Workspace, path: str) -> types.Hover | None:
            page = site.page(path)
            if page is None:
                return None
            text = site.explained(path, ls.offset(page.file, params.position))
            return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text)) if text else None

        found: types.Hover | None = guarded(params.text_document.uri, ask)
        return found

    @ls.feature(types.TEXT_DOCUMENT_DEFINITION)
    def definition(params: types.DefinitionParams) -> list[types.Location] | None:
        def ask(site: Workspace, path: str) -> list[types.Location]:
            page = site.page(path)
            found = site.deciding(path, ls.offset(page.file, params.position)) if page is not None else []
            return [_location(ls, site, *place) for place in found]

        places: list[types.Location] | None = guarded(params.text_document.uri, ask)
        return places

    options = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])

    @ls.feature(types.TEXT_DOCUMENT_CODE_ACTION, options)
    def code_action(params: types.CodeActionParams) -> list[types.CodeAction] | None:
        only = params.context.only
        if only and not any("quickfix".startswith(str(getattr(kind, "value", kind))) for kind in only):
            return None

        def ask(site: Workspace, path: str) -> list[types.CodeAction]:
            page = site.page(path)
            if page is None:
                return []
            start, end = ls.offset(page.file, params.range.start), ls.offset(page.file, params.range.end)
            return [_code_action(ls, site, page, one) for one in site.actions(path, start, end)]

        actions: list[types.CodeAction] | None = guarded(params.text_document.uri, ask)
        return actions

    return ls


def _diagnostics(ls: _Server, site: Workspace, path: str) -> list[types.Diagnostic]:
    if path == site.site.manifest_name:
        return [
            types.Diagnostic(
                types.Range(types.Position(line, 0), types.Position(line, 1000)),
                problem.message,
                types.DiagnosticSeverity.Error,
                source="tracklint",
            )
            for problem in site.manifest_problems()
            for line in [max(problem.line - 1, 0)]
        ]
    page = site.page(path)
    return [_diagnostic(ls, site, page, one) for one in page.findings] if page is not None else []


def _diagnostic(ls: _Server, site: Workspace, page: Page, finding: Finding) -> types.Diagnostic:
    file = page.file
    load = next((one for one in page.detections if one.id == finding.detection), None)
    if load is not None:
        # A whole snippet underlined would hide everything else: its first line is enough.
        end = file.line_starts[load.line - 1] + len(file.line_text(load.line))
        span = Span(load.start, max(load.start, min(load.end, end)))
    else:
        start = file.line_starts[min(finding.line, len(file.line_starts)) - 1]
        span = Span(start, start + len(file.line_text(min(finding.line, len(file.line_starts)))))
    related = [
        types.DiagnosticRelatedInformation(_location(ls, site, one.path, one.line), one.text) for one in finding.related
    ]
    return types.Diagnostic(
        range=ls.range(file, span),
        message=f"{finding.message}\n{finding.help}",
        severity=_SEVERITIES[finding.severity],
        code=finding.code,
        source="tracklint",
        related_information=related or None,
    )


def _location(ls: _Server, site: Workspace, path: str, line: int) -> types.Location:
    file: SourceFile | Skipped | None = site.tree.text_file(path) if site.tree.exists(path) else None
    length = 0
    if isinstance(file, SourceFile) and 0 < line <= len(file.line_starts):
        length = ls.workspace.position_codec.client_num_units(file.line_text(line))
    start = types.Position(max(line - 1, 0), 0)
    return types.Location(ls.uri(site, path), types.Range(start, types.Position(start.line, length)))


def _code_action(ls: _Server, site: Workspace, page: Page, action: Action) -> types.CodeAction:
    changes: list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile] = []
    for path, (before, edits) in action.edits.items():
        uri = ls.uri(site, path)
        if before is None:
            changes.append(types.CreateFile(uri, options=types.CreateFileOptions(ignore_if_exists=True)))
        file = page.file if path == page.file.path else SourceFile(path, before or "", "data", "")
        document = ls.workspace.text_documents.get(uri)
        identifier = types.OptionalVersionedTextDocumentIdentifier(uri, document.version if document else None)
        changes.append(
            types.TextDocumentEdit(identifier, [types.TextEdit(ls.range(file, edit.span), edit.text) for edit in edits])
        )
    return types.CodeAction(
        title=action.title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[_diagnostic(ls, site, page, one) for one in action.findings],
        is_preferred=action.preferred or None,
        edit=types.WorkspaceEdit(document_changes=changes),
    )
