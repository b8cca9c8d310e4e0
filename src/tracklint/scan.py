"""The pipeline over a tree: each file is read, masked, parsed, searched and judged within a boundary of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import FrameType
from typing import NamedTuple

from tree_sitter import Node

from tracklint import lazy_re
from tracklint.consent import page
from tracklint.consent.consent_mode import consent_mode
from tracklint.consent.element import NO_SCRIPT
from tracklint.consent.flow import Flow
from tracklint.consent.pairs import pair_up
from tracklint.consent.reach import Reach, any_of
from tracklint.detect import code as code_loads
from tracklint.detect import email as email_loads
from tracklint.detect import exposure, storage, unread
from tracklint.detect import markup as markup_loads
from tracklint.detect import script as script_loads
from tracklint.detect import style as style_loads
from tracklint.detect.email import is_email
from tracklint.detect.load import (
    CallPlace,
    CodePlace,
    ElementPlace,
    FixedPlace,
    LibraryPlace,
    Load,
    RelayPlace,
    ScriptPlace,
    TextPlace,
    find_ids,
    ids_of_variables,
)
from tracklint.markup import COMPONENT_DIALECTS
from tracklint.model import Consent, ConsentState, Detection, Finding, Hop, Skipped, SourceFile
from tracklint.project import UNUSED, Project
from tracklint.ruleset import Ruleset
from tracklint.script import FUNCTIONS, JSX_TAGS, Script, imported_names
from tracklint.source import Tree, is_bundle, is_repository_text
from tracklint.starts import started_in
from tracklint.suppressions import Suppression
from tracklint.suppressions import find as find_suppressions

# Kinds of service that stand in the page as something to look at: a click on their place agrees to them alone. A captcha is
# none: the click is on the button of a form.
EMBEDS = frozenset({"video", "map", "social", "widget", "comments", "chat", "survey"})


_STEPS = 1200  # of reasoning for one load; beyond it the verdict is unknown
_PLAIN_SIZE = 60_000  # characters of a script; in a larger one each step costs more, and fewer are taken


class Scan(NamedTuple):
    """What one run over a tree found. `files` and `bytes` count what was analysed."""

    detections: tuple[Detection, ...]
    skipped: tuple[Skipped, ...]
    files: int
    bytes: int
    seconds: float
    suppressions: tuple[Suppression, ...] = ()
    findings: tuple[Finding, ...] = ()  # about what is no load: storage, what visitors typed
    calls: tuple[Detection, ...] = ()  # of the site's own loaders, from other files than theirs


class Examined(NamedTuple):
    """What there is in one file; `length` is None if it was not analysed."""

    detections: list[Detection]
    skipped: list[Skipped]
    length: int | None = None
    suppressions: tuple[Suppression, ...] = ()
    findings: tuple[Finding, ...] = ()
    calls: tuple[Detection, ...] = ()


class ScanError(Exception):
    """The scan could not be finished; the message is one line."""


class _TimeUp(BaseException):
    """Passes through every `except Exception` of the analysis."""


def scan(tree: Tree, ruleset: Ruleset, *, jobs: int = 0, progress: Callable[[int], None] | None = None) -> Scan:
    """Examine the requested files of a tree. `jobs` processes share them; 0 takes a second one for many files only.

    `progress` is told how many files are done. Raises ScanError if a process dies.
    """
    started = time.perf_counter()
    detections: list[Detection] = []
    calls: list[Detection] = []
    skipped: list[Skipped] = list(tree.skipped)
    suppressions: list[Suppression] = []
    findings: list[Finding] = []
    files = size = 0
    for number, one in enumerate(_examined(tree, ruleset, jobs), 1):
        detections += one.detections
        calls += one.calls
        skipped += one.skipped
        suppressions += one.suppressions
        findings += one.findings
        files += one.length is not None
        size += one.length or 0
        if progress is not None:
            progress(number)
    suppressions.sort(key=lambda one: (one.path, one.line, one.column))
    seconds = time.perf_counter() - started
    return Scan(
        _ordered(pair_up(detections)),
        _sorted(skipped),
        files,
        size,
        seconds,
        tuple(suppressions),
        tuple(findings),
        _ordered(calls),
    )


# ------------------------------------------------------------------------------------------------------------ processes

_MANY_FILES = 200
_SHARE = 16  # files that a process is given at a time: neighbours, which share layouts and partials


def _examined(tree: Tree, ruleset: Ruleset, jobs: int) -> Iterator[Examined]:
    if jobs <= 0:
        jobs = min(2, os.cpu_count() or 1) if len(tree.requested) > _MANY_FILES else 1
    jobs = min(jobs, -(-len(tree.requested) // _SHARE))
    if jobs > 1:
        # Both cost more to import than a small scan takes.
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor
        from concurrent.futures.process import BrokenProcessPool

        if "fork" in multiprocessing.get_all_start_methods():
            shares = [tree.requested[at : at + _SHARE] for at in range(0, len(tree.requested), _SHARE)]
            pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), _begin, (tree, ruleset))
            finished = False
            try:
                for share in pool.map(_work, shares):
                    yield from share
                finished = True
            except BrokenProcessPool:
                raise ScanError("a worker process died; try again with --jobs 1") from None
            finally:
                # A pool that is left to end by itself gets in the way of the interpreter's own end, and that is shown.
                pool.shutdown(wait=finished, cancel_futures=True)
            return
    yield from _one_by_one(tree, ruleset, tree.requested)


_of_this_process: list[tuple[Tree, Ruleset, Project]] = []


def _begin(tree: Tree, ruleset: Ruleset) -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # the parent speaks for all
    _of_this_process[:] = [(tree, ruleset, Project(tree, ruleset))]


def _work(paths: Sequence[str]) -> list[Examined]:
    tree, ruleset, project = _of_this_process[0]
    return list(_one_by_one(tree, ruleset, paths, project))


def _one_by_one(
    tree: Tree, ruleset: Ruleset, paths: Sequence[str], project: Project | None = None
) -> Iterator[Examined]:
    project = project or Project(tree, ruleset)
    limit = tree.policy.time_limit
    for path in paths:
        try:
            with _time_limit(limit):
                one = examine(project, path)
        except _TimeUp:
            # It was interrupted anywhere, so what it remembers is not to be trusted.
            project = Project(tree, ruleset)
            one = Examined([], [Skipped(path, "time-limit", f"more than {limit} seconds")])
        yield one


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise _TimeUp inside the block when so much of the processor's time is spent, where the system can tell.

    What else the machine does must not decide what is found.
    """
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        raise _TimeUp

    before = signal.signal(signal.SIGPROF, ring)
    # Once may not be enough: what is raised inside a destructor is lost.
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _not_served(path: str, why: str) -> Examined:
    return Examined([], [Skipped(path, "not-served", why)])


def examine(project: Project, path: str) -> Examined:
    """What there is in one file. Never raises an Exception."""
    try:
        file = project.tree.text_file(path)
        if isinstance(file, Skipped):
            return Examined([], [file])
        if file.language == "other":
            return Examined([], [])
        why = project.backstage.why_by_place(file)
        if why is not None:
            return _not_served(path, why)
        note = project.tree.note(path)
        notes = [note] if note is not None else []
        if not is_email(file) and not markup_loads.can_load(file, project.ruleset):
            return Examined([], notes, len(file.text), find_suppressions(file), tuple(unread.findings(project, file)))
        why = project.backstage.why_by_kind(file)
        if why is not None:
            return _not_served(path, why)
        if _is_for_tests(project, file):
            return _not_served(path, "for the project's tests")
        detections = list(_detections(project, file))
        why = project.backstage.why_by_use(file) if detections else None
        if why is not None:
            return _not_served(path, why)
        if any(not one.email for one in detections) and project.is_mailed(file):
            detections = [dataclasses.replace(one, email=True) for one in detections]
        findings = (*storage.findings(project, file), *exposure.findings(project, file, detections))
        if findings and project.unused.is_lost(file.path):
            findings = ()  # what no page is seen to use stores and sends nothing
        findings += tuple(unread.findings(project, file))
        if (detections or findings) and project.unused.is_of_spare_library(file):
            return _not_served(path, "a build or a part of a library of which pages load others")
        notes += _syntax_errors(project, file)
        calls = tuple(_loader_calls(project, file, detections))
        return Examined(detections, notes, len(file.text), find_suppressions(file), findings, calls)
    except RecursionError:
        return Examined([], [Skipped(path, "nesting", "it is nested too deeply to be followed")])
    except MemoryError:
        return Examined([], [Skipped(path, "too-large", "it needs more memory than there is")])
    except Exception as error:
        return Examined([], [Skipped(path, "internal-error", f"{type(error).__name__}: {error}; please report it")])


def _syntax_errors(project: Project, file: SourceFile) -> Iterator[Skipped]:
    """A note on a script that was looked into and is mostly unreadable. What a template writes is no error."""
    script = project.script(file.path) if file.language == "script" else None
    at = script.error_at if script is not None and not _TEMPLATE_TAG.search(file.text) else None
    if at is not None:
        yield Skipped(file.path, "syntax-error", "analysed as far as it can be read", file.position(at).line)


_TEMPLATE_TAG = lazy_re.compile(r"\{[{%]|<[%?]")


# What runs nothing on the page: a name below the site's own is enough to trust it. Of a script or a frame it is not, since
# trackers are given such names to look like the site's own.
_PASSIVE = frozenset({"image", "css", "link", "markdown", "api-call"})


def _is_own(project: Project, load: Load, host: str) -> bool:
    """Whether what is loaded from a host that no rule knows comes from no third party."""
    if project.is_first_party(host) or project.holds(load.url or ""):
        return True
    return load.technique in _PASSIVE and project.is_sibling(host)


def _detections(project: Project, file: SourceFile) -> Iterator[Detection]:
    seen: set[tuple[object, ...]] = set()
    judged: list[tuple[Load, Consent]] = []
    bundled: bool | None = None  # known when it is asked for
    for load in _loads(project, file):
        host = load.host
        if load.hint and host is not None and load.service is not None and load.service.kind != "cdn":
            meant = project.comes_from(host, load.service) if _BARE.fullmatch(load.url or "") else load.service
            load = dataclasses.replace(load, service=meant)
        if load.service is None and host is not None and _is_own(project, load, host):
            continue
        if load.service is not None and load.service.kind == "consent" and host is None:
            continue  # a consent manager that the site serves itself: nobody else is asked
        if load.service is None and host is None and project.frames_own_pages(load.place):
            continue
        if load.technique == "import" and _is_own_part(project, load):
            continue
        key = (load.service.slug if load.service else host, load.technique, load.span, load.url)
        if key in seen:
            continue
        seen.add(key)
        if (
            file.language == "script"
            and load.technique in ("api-call", "import")
            and project.modules.is_for_servers(file.path)
        ):
            continue
        if (
            load.technique == "config"
            and load.service
            and project.unused.is_unread_setting(file, load.span.start, load.service)
        ):
            continue  # the rest of something that was taken out
        if load.technique == "dependency" and project.unused.is_installed_by_none(file):
            continue
        consent = judge(project, load)
        if consent is None:
            continue
        if load.mere and consent.mechanism == "config":
            consent = _as_read(project, file, load) or consent
        if load.technique == "dependency" and load.url and project.unused.is_unnamed_package(file, load.url):
            consent = _UNNAMED
        if (consent.state == "ungated" or consent.mechanism == "uncalled") and project.unused.is_lost(file.path):
            consent = Consent("unknown", UNUSED.mechanism, why=UNUSED.why)
        if consent.state == "unknown" and bundled is None:
            bundled = is_bundle(file)
        if consent.state != "unknown" or not bundled:
            judged.append((load, consent))
        elif not _is_option(load):
            judged.append((_in_bundle(load), consent))
    loading = {load.service for load, _ in judged if not load.mere}
    judged = [(load, consent) for load, consent in judged if not load.mere or load.service not in loading]
    loaders = {_snippet(load, consent) for load, consent in judged if load.technique not in _CALLS}
    accounts: dict[tuple[object, ...], set[str]] = {}
    for load, consent in judged:
        if load.technique == "api-call":
            accounts.setdefault(_snippet(load, consent), set()).update(load.ids)
    for load, consent in judged:
        snippet = _snippet(load, consent)
        if load.technique != "api-call":
            ids = load.ids or tuple(sorted(accounts.get(snippet, ()))) or ids_of_variables(file, load)
            ids = ids or _ids_of_constants(file, load, project)
            yield _detection(file, dataclasses.replace(load, ids=ids), consent)
        elif snippet not in loaders or _makes_frame(load):
            ids = load.ids or _ids_of_constants(file, load, project)
            yield _detection(file, dataclasses.replace(load, ids=ids), consent)


def _as_read(project: Project, file: SourceFile, load: Load) -> Consent | None:
    """The verdict on the loads that alone take a value out of the settings of a script; None where anything else may take it."""
    script = project.script(file.path) if file.language == "script" else None
    node = script.node_at(load.span.start - script.base, load.span.end - script.base) if script is not None else None
    pair = script.enclosing(node, {"pair"}) if script is not None and node is not None else None
    readers = project.readers(script, pair) if script is not None and pair is not None else None
    found: list[Consent] = []
    for other, node in readers or ():
        taking = [one for one in _loads(project, other.file) if not one.mere and _takes(one, other, node)]
        verdicts = [verdict for verdict in (judge(project, one) for one in taking) if verdict is not None]
        if not verdicts or any(one.state == "unknown" for one in verdicts):
            return None
        line = other.line(node)
        found += (dataclasses.replace(one, at=one.at or (other.file.path, line)) for one in verdicts)
    return next((one for one in found if one.state == "ungated"), next(iter(found), None))


def _takes(load: Load, script: Script, node: Node) -> bool:
    """Whether what an expression of a script gives is part of a load."""
    place = load.place
    span = script.span(node)
    if not isinstance(place, ScriptPlace) or place.script.file is not script.file or place.script.base != script.base:
        return False
    within = (*place.nodes, *([place.written] if place.written is not None else []))
    return load.span.contains(span) or any(script.span(one).contains(span) for one in within)


_MAY_LOAD = lazy_re.compile(
    r"<[^>]{0,300}\b(?:src|data-\w+)\s*=|<(?:script|link|[a-z]+-[\w-]+)\b|include|partial|render|embed"
)
_WRITTEN = lazy_re.compile(r"[\w@~./-]+")


def _is_own_part(project: Project, load: Load) -> bool:
    """Whether a part of a page that is included by the name of a service's own lies in the repository, and loads nothing."""
    names = [name for name in load.service.match.template_calls if "." in name] if load.service is not None else []
    if not names or not isinstance(load.place, TextPlace):
        return False
    text = load.place.document.file.text[load.span.start : load.span.end]
    written = [one.lstrip("./~@") for one in _WRITTEN.findall(text) if one.endswith(tuple(names))]
    parts = {
        path for one in written for path in project.named(one.rpartition("/")[2]) if f"/{path}".endswith(f"/{one}")
    }
    return bool(parts) and not any(_MAY_LOAD.search(project.text_of(path)) for path in parts)


_BARE = lazy_re.compile(r"(?:https?:)?//[^/?#]+/?")  # an address without a path

_PRINTED_NAME = lazy_re.compile(
    r"\$\{\s{0,9}([A-Za-z_$][\w$]{0,60}(?:\.[\w$]{1,60}){0,4})\s{0,9}\}|"
    r"(?<![\w$.'\"])([A-Z][A-Z0-9_]{1,60}(?:\.[\w$]{1,60}){0,4})(?![\w$.'\":(])"
)


def _ids_of_constants(file: SourceFile, load: Load, project: Project) -> tuple[str, ...]:
    """The account ids that a script, or the markup of a component, takes from constants, of other modules too."""
    place = load.place
    if load.service is None or not load.service.id_patterns:
        return ()
    if isinstance(place, ElementPlace) and place.document.file is file and file.dialect in COMPONENT_DIALECTS:
        names = {match[0]: match[match.lastindex or 0] for match in _PRINTED_NAME.finditer(_written_at(file, load))}
        known = ((written, project.constants.text_in(file, name)) for written, name in names.items())
        return _ids_with(load, _written_at(file, load), {written: value for written, value in known if value})
    if not isinstance(place, ScriptPlace):
        return ()
    while isinstance(place.script.origin, ScriptPlace):
        place = place.script.origin
    script = place.script
    written = (load.span.start - script.base, load.span.end - script.base)
    spans = [written, *((one.start_byte, one.end_byte) for one in map(script.statement, place.nodes[:2]))]
    for start, end in spans:
        text = script.text[start:end] if end - start < 4000 else ""
        given: dict[str, str] = {}
        for match in _PRINTED_NAME.finditer(text):
            group = match.lastindex or 0
            value = project.constants.text(script, script.node_at(start + match.start(group), start + match.end(group)))
            if value:
                given[match[0]] = value
        if ids := _ids_with(load, text, given):
            return ids
    return ()


def _ids_with(load: Load, text: str, given: Mapping[str, str]) -> tuple[str, ...]:
    """The ids in the text of a load with constants in the place of their names."""
    for name, value in given.items():
        text = text.replace(name, value if name[:1] == "$" else f"'{value}'")
    return find_ids(load.service, text) if given else ()


def _written_at(file: SourceFile, load: Load) -> str:
    return file.text[load.span.start : load.span.end] if load.span.end - load.span.start < 4000 else ""


def _is_option(load: Load) -> bool:
    """Whether all that is known of a load is that minified code could do it, for a reason that nobody can tell.

    Libraries carry the addresses of data, pictures and polyfills that few of their users ask for. A script or a frame of
    a host that no rule knows is told of all the same.
    """
    if load.service is None:
        return load.technique not in ("dynamic", "iframe")
    return load.service.kind == "cdn"


def _in_bundle(load: Load) -> Load:
    """What is known of a service in minified code whose start cannot be told: that its code is there."""
    if load.service is None or load.technique not in ("dynamic", "image", "iframe"):
        return load
    return dataclasses.replace(load, technique="bundle", host=None, url=None)


def _loader_calls(project: Project, file: SourceFile, detections: Sequence[Detection]) -> Iterator[Detection]:
    """The calls of the site's own functions that load a service in another file."""
    for load, other, loaded in project.loaders.calls(file):
        there = _detection(other, loaded, Consent("unknown"))
        if any(one.service == there.service and one.start < load.span.end and load.span.start < one.end for one in detections):  # fmt: skip
            continue  # the address itself is handed over
        consent = judge(project, load)
        if consent is not None:
            yield dataclasses.replace(_detection(file, load, consent), loader=there)


_CALLS = frozenset({"api-call", "import", "bundle", "config", "embed"})  # an SDK's component is handed what was started


def _makes_frame(load: Load) -> bool:
    """Whether a call is more than the start of what was loaded before: `new YT.Player(…)` puts a frame into the page."""
    kind = load.service.kind if load.service is not None else ""
    return (
        kind in ("video", "map")
        and isinstance(load.place, ScriptPlace)
        and load.place.nodes[0].type == "new_expression"
    )


def _steps(load: Load) -> int:
    size = len(load.place.script.text) if isinstance(load.place, ScriptPlace | CallPlace) else 0
    return max(100, int(_STEPS / (1 + size / _PLAIN_SIZE)))


def _snippet(load: Load, consent: Consent) -> tuple[object, ...]:
    """Equal for a vendor's loader and the calls that belong to it: one script, one service, one verdict."""
    script = id(load.place.script) if isinstance(load.place, ScriptPlace) else None
    return (script or id(load), load.service.slug if load.service else load.host, consent.state)


def _is_for_tests(project: Project, file: SourceFile) -> bool:
    """Whether there is something in a file, and tests alone read or run it."""
    return (
        project.backstage.lies_among_tests(file)
        and next(_loads_of_file(project, file), None) is not None
        and not project.backstage.is_shipped(file.path)
    )


def _loads(project: Project, file: SourceFile) -> Iterator[Load]:
    found = _loads_of_file(project, file)
    if file.dialect == "svg":
        first = next(found, None)
        if first is None or project.is_only_a_picture(file.path):
            return
        yield first
    yield from found


def _loads_of_file(project: Project, file: SourceFile) -> Iterator[Load]:
    ruleset = project.ruleset
    if file.language in ("html", "indent", "markdown"):
        if file.language == "markdown" and is_repository_text(file.path):
            return
        document = project.document(file.path)
        if document is None:
            return
        embeds_links = project.embeds_links if file.language == "markdown" else frozenset()
        held = project.held_for(file)
        yield from markup_loads.loads(
            document, ruleset, project.inline, held, embeds_links, lambda: project.opened_below
        )
        if is_email(file):
            yield from email_loads.loads(document, ruleset)
        if file.dialect == "php":
            yield from code_loads.loads(file, ruleset)
    elif file.language == "script":
        from tracklint.detect import tags

        script = project.script(file.path)
        if script is not None and tags.is_built(file):
            yield from script_loads.bundle_loads(script, ruleset)
        elif script is not None:
            yield from script_loads.loads(script, ruleset, elsewhere=project.called_elsewhere)
    elif file.language == "style":
        place = FixedPlace(Consent("ungated", why="a style sheet is fetched with the page that names it"))
        known = functools.partial(project.style_variable, path=file.path)
        for load in style_loads.loads(file.text, 0, place, ruleset, file.dialect, known):
            absent = _absent(project, file.path, load)
            yield dataclasses.replace(load, place=FixedPlace(absent)) if absent is not None else load
    elif file.language == "code":
        yield from code_loads.loads(file, ruleset)
    if file.language in ("data", "script", "code"):
        from tracklint.detect import settings  # its readers are not needed for a page

        yield from settings.loads(file, ruleset)


def _absent(project: Project, path: str, load: Load) -> Consent | None:
    """The verdict on what a style sheet fetches for elements that no page has; None for anything else."""
    if not load.matched or not project.lacks(path, load.matched):
        return None
    return Consent("gated", "absent", why=f"no page of the site has an element that `{load.matched[:80]}` matches")


def _idle(project: Project, load: Load) -> Consent | None:
    """The verdict on a library that nothing starts: no page has a video for its player, no call follows its import."""
    place = load.place
    if isinstance(place, ScriptPlace) and _is_unused_import(load, place):
        why = "nothing in this file uses what it imports, and the library starts only when it is called"
        return Consent("gated", "absent", why=why)
    if load.service is None or load.service.kind != "video" or not isinstance(place, ScriptPlace):
        return None
    script = place.script
    nodes = place.nodes if load.technique != "bundle" else (script.node_at(load.span.start - script.base),)
    filled = _FILLED in (load.url or "")
    if script.origin is not None or (not filled and any(_runs_at_once(script, node) for node in nodes)):
        return None
    if not project.plays_none(script.file.path, load.service, any_script=filled):
        return None
    why = f"it plays videos of {load.service.name} that a page names, and no page that loads it names one"
    return Consent("gated", "absent", why=why)


_NEVER_STARTED = Consent(
    "gated", "absent", why="nothing in the repository starts it, and until then it contacts nobody"
)


def _as_started(project: Project, load: Load) -> Consent | None:
    """The verdict on an import, or on what is told to a package, that does nothing by itself: that of its start.

    None where a start is open, or cannot be told. What an embed shows is shown where it is started, and nowhere else.
    """
    place, service = load.place, load.service
    if service is None or not service.match.starts or not isinstance(place, ScriptPlace):
        return None
    package = _told_package(project, load, place)
    names = project.ruleset.starts(package) if package else frozenset()
    places = project.starts.places(service) if names else None
    if places is None:
        return None
    file = place.script.file.path
    if service.kind in EMBEDS:
        if any(script.file.path == file for script, _ in places) or not places:
            return None
        script, node = places[0]
        at = (script.file.path, script.line(node))
        return Consent("gated", "absent", None, at, why=f"nothing starts it here; that happens at {at[0]}:{at[1]}")
    if not places:
        return _NEVER_STARTED
    found = any_of([project.flow(script).reach(node) for script, node in places])
    if found is None or found.state == "open":
        return None
    if found.state == "dead":
        return _NEVER_STARTED if found.mechanism in ("constant", "absent") else None
    state: ConsentState = "gated" if found.state == "gated" else "unknown"
    why = f"it does nothing until it is started, and {found.why or 'that waits'}"
    return Consent(state, found.mechanism, found.category, found.at, why, found.hops)


def _told_package(project: Project, load: Load, place: ScriptPlace) -> str:
    """The package that a load imports, or that an export belongs to which it calls and which starts nothing; "" for none."""
    script, node = place.script, place.nodes[0]
    name: Node | None = None
    if load.technique == "api-call" and node.type in ("call_expression", "new_expression"):
        name = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        while name is not None and name.type in ("member_expression", "call_expression"):
            name = name.child_by_field_name("object") or name.child_by_field_name("function")
        binding = script.binding(name) if name is not None and name.type == "identifier" else None
        statement = binding.value if binding is not None and binding.kind == "import" else None
    else:
        statement = node if load.technique == "import" else None
    if statement is None:
        return ""
    source = statement.child_by_field_name("source") or next(iter(script.arguments(statement)), None)
    package = (script.fold_text(source) or "") if source is not None else ""
    if name is None:
        return package
    starts = project.ruleset.starts(package)
    started = started_in(script, package, starts) if starts else None
    return (
        package
        if started is not None and not any(node.start_byte <= one.start_byte < node.end_byte for one in started)
        else ""
    )


_CALLED = frozenset({"analytics", "tag-manager", "session-replay", "ab-testing", "advertising"})


def _is_unused_import(load: Load, place: ScriptPlace) -> bool:
    """Whether a load is an import of which no name is used, of a library that is started by a call."""
    service, script, node = load.service, place.script, place.nodes[0]
    if load.technique != "import" or service is None or service.kind not in _CALLED or not service.match.calls:
        return False
    if node.type != "import_statement" or script.origin is not None or script.file.language != "script":
        return False  # the markup around it may be what uses it
    names = [script.binding(name) for name in imported_names(node)]
    return bool(names) and all(name is not None and not script.uses(name) for name in names)


def _runs_at_once(script: Script, node: Node, depth: int = 0) -> bool:
    """Whether a place lies in no function, or only in such as run when the script does, as far as their shape tells."""
    function = script.enclosing(node, FUNCTIONS)
    while function is not None:
        outer, parent = script.unwrapped_parent(function)
        kind = parent.type if parent is not None else ""
        called = kind == "call_expression" and parent is not None and parent.child_by_field_name("function") == outer
        # an argument is run by what takes it, a module by the bundle that lists it under a number
        listed = kind == "pair" and parent is not None and not script.key_of(parent).isidentifier()
        if parent is None or not (called or listed or kind in ("arguments", "array")):
            break
        function = script.enclosing(parent, FUNCTIONS)
    if function is None or depth > 4:
        return True
    outer, parent = script.unwrapped_parent(function)
    named = function if function.type != "method_definition" else None
    if parent is not None and parent.type == "variable_declarator":
        named = parent
    name = named.child_by_field_name("name") if named is not None else None
    binding = script.binding(name) if name is not None else None
    uses = script.uses(binding) if binding is not None else []
    return any(_calls(script, use) and _runs_at_once(script, use, depth + 1) for use in uses)


def _calls(script: Script, use: Node) -> bool:
    parent = script.parent(use)
    return parent is not None and parent.type == "call_expression" and parent.child_by_field_name("function") == use


_UNNAMED = Consent("unknown", "unused", why="no file of this repository names this dependency")


def judge(project: Project, load: Load) -> Consent | None:
    """The verdict on one load; None when it can never happen."""
    place = load.place
    project.budget.begin(_steps(load))
    cuts = project.budget.cuts
    if isinstance(place, RelayPlace):
        return _passed_on(project, load, place)
    if isinstance(place, LibraryPlace):
        return _as_used(project.library_reach(place.name)) or _ATTACHED
    if isinstance(place, FixedPlace):
        used = load.technique == "dependency" and load.url and _as_used(project.package_reach(load.url))
        return used or place.consent
    kind = load.service.kind if load.service is not None else ""
    facade = kind in EMBEDS or load.technique in ("iframe", "embed")
    reach: Reach | None
    if isinstance(place, ElementPlace):
        reach = project.element_reach(place.document, place.element, facade)
        if load.click and reach is not None and reach.state == "open":
            at = (place.document.file.path, place.document.file.position(place.element.span.start).line)
            reach = Reach("gated", "facade", None, at, "it waits for the visitor's click on the link to it")
        if place.kept_in:
            taken = any_of([way for taker in project.takers(place.kept_in) if (way := _reach(project, taker, facade))])
            if taken is None:
                return None  # an address that nothing fetches
            reach = taken if reach is not None and reach.state == "open" else reach
    elif isinstance(place, ScriptPlace):
        if project.is_left(place.script, place.written or place.nodes[0]):
            return None
        reach = _reach(project, place, facade)
        if reach is not None and reach.state in ("unknown", "open"):
            entry = project.entry(place.script, facade)
            reach = entry if entry.state == "gated" else reach  # whoever calls it, the script itself has to run first
        if reach is not None and reach.state == "open" and place.written is not None:
            wrote = project.flow(place.script).reach(place.written, facade)  # `src={playing ? address : ""}`
            reach = wrote if wrote.state == "gated" else reach
        holder = _data_around(place) if reach is not None and reach.state == "open" else None
        if holder is not None:
            carried = project.carried(place.script, holder, facade)
            if carried is None or carried.state != "gated":
                carried = project.taken_by_name(place.script, holder, facade)
            reach = carried if carried is not None and carried.state == "gated" else reach
    elif isinstance(place, CallPlace):
        reach = _reach_of_call(project, place, facade)
    elif isinstance(place, TextPlace):
        reach = project.text_reach(place.document, place.offset, facade)
    else:
        reach = project.code_reach(place.file, place.offset)
    if reach is None:
        reach = Reach("unknown", why="it is only included by itself")
    if reach.state == "dead" and reach.mechanism == "server":
        if load.technique == "api-call" and cuts == project.budget.cuts:
            return None  # it leaves no browser
        reach = Reach(
            "unknown", "uncalled", None, reach.at, f"{reach.why}: what the page does with it decides", reach.hops
        )
    if reach.state == "dead":
        if reach.mechanism == "constant" and cuts == project.budget.cuts:  # every way was followed to its end
            return None
        if reach.mechanism == "off" and not load.hint:
            return Consent("ungated", "off", at=reach.at, why=reach.why, chain=reach.hops)
        if reach.mechanism == "absent":
            reach = reach._replace(state="gated")
        else:
            reach = reach._replace(state="unknown", why=f"it seems never to run: {reach.why}")
    states: dict[str, ConsentState] = {"open": "ungated", "gated": "gated", "unknown": "unknown"}
    state = states[reach.state]
    consent = Consent(
        state=state,
        mechanism=reach.mechanism,
        category=reach.category,
        at=reach.at,
        why=reach.why,
        chain=reach.hops,
    )
    if load.hint and state != "gated":
        return dataclasses.replace(consent, mechanism="hint")
    if state == "ungated" and (load.noscript or _in_noscript(load)):
        staff = _is_for_staff(project, load)
        return _FOR_STAFF if staff else dataclasses.replace(consent, mechanism="noscript", why=NO_SCRIPT)
    if state in ("ungated", "unknown") and _waits_in_srcdoc(load):
        return _BEHIND_ITS_DOCUMENT
    idle = (_idle(project, load) or _as_started(project, load)) if state in ("ungated", "unknown") else None
    if idle is not None:
        return idle
    if state == "ungated" and _is_for_staff(project, load):
        return _FOR_STAFF
    if state in ("ungated", "unknown") and _FILLED in (load.url or "") and isinstance(place, ScriptPlace):
        return _ON_A_LINK
    if load.technique == "bundle" and state == "ungated":
        why = "its code is in this bundle; what starts it cannot be told from minified code"
        return dataclasses.replace(consent, state="unknown", mechanism="bundle", why=why)
    if state == "unknown" and reach.mechanism == "broken-gate":
        return dataclasses.replace(consent, mechanism="none", broken=reach.why)
    if state != "ungated":
        return consent
    if reach.mechanism == "broken-gate":
        return dataclasses.replace(consent, mechanism="none", broken=reach.why)
    if reach.implied:
        why = f"{reach.implied} stands in for consent, and is none"
        return dataclasses.replace(consent, mechanism="implied", why=why, broken=why)
    return _beside(project, load, reach, consent)


_FOR_STAFF = Consent("ungated", "staff", why="no visitor's page has it")


def _is_for_staff(project: Project, load: Load) -> bool:
    place = load.place
    if isinstance(place, ElementPlace | TextPlace):
        file = place.document.file
    elif isinstance(place, CodePlace | ScriptPlace):
        file = place.file if isinstance(place, CodePlace) else place.script.file
    else:
        return False
    return project.is_for_staff(file, load.span.start)


_BEHIND_ITS_DOCUMENT = Consent(
    "gated", "facade", why="the frame shows its `srcdoc` instead, until the visitor follows a link there"
)


def _waits_in_srcdoc(load: Load) -> bool:
    """Whether a frame has a document of its own, which browsers show and do not ask for its address."""
    if not isinstance(load.place, ElementPlace) or load.place.element.tag != "iframe":
        return False
    own = load.place.element.attributes.get("srcdoc")
    return own is not None and bool(own.value.strip()) and not own.span.contains(load.span)


_FILLED = "%id%"  # where a lightbox puts the id of the video that a link names
_ON_A_LINK = Consent("gated", "facade", why="a lightbox shows it when the visitor follows a link to it")
_PASSED_ON = Consent("unknown", "config", why="it only passes requests on; the page that makes them decides")
_ATTACHED = Consent(
    "unknown", "config", why="the library is attached to pages by its name, and nothing in the repository attaches it"
)


def _as_used(use: Reach | None) -> Consent | None:
    """The verdict on what does nothing by itself, from the places that use it; None where these tell nothing."""
    if use is None or use.state not in ("open", "gated"):
        return None
    state: ConsentState = "gated" if use.state == "gated" else "ungated"
    why = "its use decides: " + (use.why or "nothing holds that back")
    return Consent(state, use.mechanism, use.category, use.at, why, use.hops)


def _passed_on(project: Project, load: Load, place: RelayPlace) -> Consent:
    """The verdict on a path that is passed on to a tracker: that of the places which ask for it."""
    uses = project.path_uses(place.paths, place.file.path)
    consent = _as_used(any_of([way for way, _, _ in uses])) or _PASSED_ON
    if consent.state != "ungated":
        return consent
    modes = []
    for way, path, offset in uses:
        file = project.tree.text_file(path) if way.state == "open" else None
        if isinstance(file, SourceFile):
            here = page.standing(path, file.position(offset).line, offset, way.hops, project)
            modes.append(consent_mode(project, load, here) or {})
    held = [mode for mode in modes if mode.get("mechanism") == "consent-mode"]
    return dataclasses.replace(consent, **held[0]) if held and len(held) == len(modes) else consent


def _data_around(place: ScriptPlace) -> Node | None:
    """The entry of an object, or the export, whose value an address is."""
    node: Node | None = place.nodes[0] if place.nodes[0].type == "pair" else place.written or place.nodes[0]
    while node is not None and node.type not in ("pair", "export_statement"):
        if node.type in FUNCTIONS or node.type in ("call_expression", "assignment_expression"):
            return None
        node = place.script.parent(node)
    return node


def _in_noscript(load: Load) -> bool:
    """Whether a load stands in a `<noscript>`, as what a template prints or as markup in a script."""
    if isinstance(load.place, TextPlace):
        return load.place.document.holds_text("noscript", load.place.offset)
    if not isinstance(load.place, ScriptPlace) or "<noscript" not in load.place.script.text:
        return False
    script = load.place.script
    node: Node | None = load.place.nodes[0]
    while node is not None:
        tag = node.child_by_field_name("open_tag") if node.type == "jsx_element" else node
        name = tag.child_by_field_name("name") if tag is not None and tag.type in JSX_TAGS else None
        if name is not None and script.text_of(name) == "noscript":
            return True
        node = script.parent(node)
    return False


def _reach(project: Project, place: ScriptPlace, facade: bool) -> Reach | None:
    """The reach of any of the nodes of a place in a script."""
    flow = project.flow(place.script)
    through = place.through or ((),) * len(place.nodes)
    ways = [
        project.tag_gate(place.script, node) or _along(flow, node, calls, facade)
        for node, calls in zip(place.nodes, through, strict=True)
    ]
    return any_of(ways)


def _reach_of_call(project: Project, place: CallPlace, facade: bool) -> Reach | None:
    """The reach of a load in another file by way of one call."""
    flow = project.flow(place.script)
    way = project.tag_gate(place.script, place.call) or flow.reach(place.call, facade)
    if way.state == "open":
        given = [flow.evaluate(argument) for argument in place.script.arguments(place.call)]
        # One of its own: what holds within a function alone is not to be remembered of it.
        inner = Flow(place.other, project.mechanisms, project, project.budget)
        held = place.function or place.other.root
        closed = [inner.inside(node, held, facade, given) for node in place.nodes]
        way = any_of([one for one in closed if one is not None]) or way if all(closed) else way
    node = place.nodes[0]
    return way.through(Hop(place.other.file.path, place.other.line(node), "what it calls loads the service here"))


def _along(flow: Flow, node: Node, calls: tuple[tuple[Node, Node], ...], facade: bool) -> Reach:
    """The reach of a place to which an address comes by certain calls."""
    if not calls:
        return flow.reach(node, facade)
    places = [*(call for call, _ in calls[1:]), node]
    for place, (_, function) in zip(places, calls, strict=True):
        closed = flow.inside(place, function, facade)
        if closed is not None:
            return closed
    return flow.reach(calls[0][0], facade)


def _beside(project: Project, load: Load, reach: Reach, consent: Consent) -> Consent:
    """The verdict on an open load, with what the rest of its page does to it."""
    path, offset = _place_of(load)
    file = project.tree.text_file(path) if path else None
    if not isinstance(file, SourceFile) or reach.mechanism == "noscript":
        return consent
    absent = _absent(project, path, load)
    if absent is not None:
        return absent
    library = load.service is None or load.service.kind == "cdn"  # a tracker's second way is for browsers that block it
    if library and isinstance(load.place, ScriptPlace) and load.url:
        first = page.second_copy(project, load.place.script, load.place.nodes[0], load.url)
        if first is not None:
            name, where, line = first
            why = f"it is fetched only if `{name}` ({where}:{line}) could not be"
            return Consent("gated", "fallback", None, (where, line), why)
    here = page.standing(path, file.position(offset).line, offset, reach.hops, project)
    blocked = page.blocked_on_the_way(project, here, path) if load.technique in _BLOCKED else None
    if blocked is not None:
        chain = (*consent.chain, *blocked.hops)
        return Consent("gated", blocked.mechanism, None, blocked.at, blocked.why, chain)
    mode = consent_mode(project, load, here)
    if mode is not None:
        return dataclasses.replace(consent, **mode)
    if consent.broken is None and load.service is not None and load.service.kind not in ("cdn", "font"):
        manager = page.beside(project, here)
        if manager is not None and manager[0].service.slug != load.service.slug:
            found, where, line = manager
            return dataclasses.replace(
                consent, broken=f"{found.name} is on the page ({where}:{line}), but nothing ties this to it"
            )
    return consent


_BLOCKED = frozenset({"script-src", "inline-script", "iframe", "image", "embed"})


def _place_of(load: Load) -> tuple[str, int]:
    """(path, offset) of the place that was judged."""
    place = load.place
    if isinstance(place, ScriptPlace):
        return place.script.file.path, place.script.base + place.nodes[0].start_byte
    if isinstance(place, CallPlace):
        return place.script.file.path, place.script.base + place.call.start_byte
    if isinstance(place, ElementPlace):
        return place.document.file.path, place.element.span.start
    if isinstance(place, TextPlace):
        return place.document.file.path, place.offset
    if isinstance(place, CodePlace):
        return place.file.path, place.offset
    return "", 0


def _detection(file: SourceFile, load: Load, consent: Consent) -> Detection:
    start, end = load.span
    end = min(max(end, start + 1), max(len(file.text), start + 1))
    first, last = file.position(start), file.position(max(start, end - 1))
    service = load.service
    content = file.text[start:end]
    return Detection(
        service=service.slug if service else f"host:{load.host or 'dynamic'}",
        name=service.name if service else (load.host or "an address that is not in the repository"),
        company=service.company if service else None,
        category=service.category if service else None,
        kind=service.kind if service else "unknown",
        technique=load.technique,
        path=file.path,
        line=first.line,
        column=first.column,
        end_line=last.line,
        end_column=last.column + 1,
        start=start,
        end=end,
        host=load.host,
        url=load.url,
        ids=load.ids,
        consent=consent,
        excerpt=file.line_text(first.line)[:400],
        content=_normal(content),
        email=is_email(file),
    )


def _normal(content: str) -> str:
    """A load's text such that white space and the order of attributes make no difference."""
    tag = re.match(r"<\s*([\w-]+)((?:\s+[^<>]*)?)/?>$", content, re.DOTALL)
    if tag:
        parts = sorted(re.findall(r"[^\s=\"'>/]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?", tag[2]))
        content = tag[1] + " ".join(parts)
    return re.sub(r"\s+", "", content)


def _ordered(detections: Iterable[Detection]) -> tuple[Detection, ...]:
    ranked = sorted(detections, key=lambda d: (d.path, d.start, d.end, d.service, d.technique, d.url or ""))
    counted: dict[tuple[object, ...], int] = {}
    result = []
    for detection in ranked:
        key = (detection.service, detection.technique, detection.path, detection.ids, detection.content)
        number = counted.get(key, 0)
        counted[key] = number + 1
        result.append(dataclasses.replace(detection, ordinal=number) if number else detection)
    return tuple(result)


def _sorted(skipped: Iterable[Skipped]) -> tuple[Skipped, ...]:
    return tuple(sorted(set(skipped), key=lambda s: (s.path, s.reason, s.detail)))
