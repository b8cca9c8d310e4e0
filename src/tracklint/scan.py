"""The pipeline over a tree: each file is read, masked, parsed, searched and judged within a boundary of its own."""

from __future__ import annotations

import dataclasses
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tracklint.consent.consent_mode import consent_mode
from tracklint.consent.flow import Reach, any_of
from tracklint.detect import code as code_loads
from tracklint.detect import markup as markup_loads
from tracklint.detect import script as script_loads
from tracklint.detect import style as style_loads
from tracklint.detect.load import CodePlace, ElementPlace, FixedPlace, Load, ScriptPlace, TextPlace
from tracklint.model import Consent, Detection, Skipped, SourceFile
from tracklint.project import Project, plain_script
from tracklint.ruleset import Ruleset
from tracklint.script import Script
from tracklint.source import Tree

# Kinds of service that stand in the page as something to look at: a click on their place agrees to them alone.
EMBEDS = frozenset({"video", "map", "social", "widget", "comments", "chat", "survey", "captcha"})


@dataclass(frozen=True)
class Scan:
    """What one run over a tree found. `files` and `bytes` count what was analysed."""

    detections: tuple[Detection, ...]
    skipped: tuple[Skipped, ...]
    files: int
    bytes: int
    seconds: float


def scan(tree: Tree, ruleset: Ruleset) -> Scan:
    started = time.perf_counter()
    project = Project(tree, ruleset)
    detections: list[Detection] = []
    skipped: list[Skipped] = list(tree.skipped)
    files = size = 0
    for path in tree.requested:
        found, left_out, length = examine(project, path)
        detections += found
        skipped += left_out
        files += length is not None
        size += length or 0
    return Scan(_ordered(detections), _sorted(skipped), files, size, time.perf_counter() - started)


def examine(project: Project, path: str) -> tuple[list[Detection], list[Skipped], int | None]:
    """(detections, what was left out and why, characters analysed or None) of one file. Never raises."""
    try:
        file = project.tree.text_file(path)
        if isinstance(file, Skipped):
            return [], [file], None
        if file.language == "other":
            return [], [], None
        note = project.tree.note(path)
        notes = [note] if note is not None else []
        return list(_detections(project, file)), notes, len(file.text)
    except RecursionError:
        return [], [Skipped(path, "nesting", "it is nested too deeply to be followed")], None
    except MemoryError:
        return [], [Skipped(path, "too-large", "it needs more memory than there is")], None
    except Exception as error:
        return [], [Skipped(path, "internal-error", f"{type(error).__name__}: {error}; please report it")], None


def _detections(project: Project, file: SourceFile) -> Iterator[Detection]:
    seen: set[tuple[object, ...]] = set()
    for load in _loads(project, file):
        host = load.host
        key = (load.service.slug if load.service else host, load.technique, load.span, load.url)
        if key in seen:
            continue
        seen.add(key)
        consent = judge(project, load)
        if consent is None:
            continue
        yield _detection(file, load, consent)


def _loads(project: Project, file: SourceFile) -> Iterator[Load]:
    ruleset = project.ruleset
    if file.language in ("html", "indent", "markdown"):
        if file.language == "markdown" and _is_repository_text(file.path):
            return
        document = project.document(file.path)
        if document is None:
            return
        yield from markup_loads.loads(document, ruleset, project.inline)
        if file.dialect == "php":
            yield from code_loads.loads(file, ruleset)
    elif file.language == "script":
        script = project.script(file.path)
        if script is not None:
            yield from script_loads.loads(script, ruleset)
    elif file.language == "style":
        place = FixedPlace(Consent("ungated", why="a style sheet is fetched with the page that names it"))
        yield from style_loads.loads(file.text, 0, place, ruleset, file.dialect)
    elif file.language == "code":
        yield from code_loads.loads(file, ruleset)


_REPOSITORY_TEXT = re.compile(
    r"(?:^|/)(?:readme|changelog|changes|history|contributing|code_of_conduct|security|license|licence|notice|authors|todo|"
    r"upgrading|releasing|maintainers|governance|support|pull_request_template|issue_template)[\w.-]*$|(?:^|/)\.github/",
    re.IGNORECASE,
)


def _is_repository_text(path: str) -> bool:
    """Markdown that speaks to developers on the code host and is no page of the site."""
    return _REPOSITORY_TEXT.search(path) is not None


def judge(project: Project, load: Load) -> Consent | None:
    """The verdict on one load; None when it can never happen."""
    place = load.place
    if isinstance(place, FixedPlace):
        return place.consent
    kind = load.service.kind if load.service is not None else ""
    facade = kind in EMBEDS or load.technique in ("iframe", "embed")
    reach: Reach | None
    if isinstance(place, ElementPlace):
        reach = project.element_reach(place.document, place.element, facade)
    elif isinstance(place, ScriptPlace):
        flow = project.flow(place.script)
        reach = any_of([flow.reach(node, facade) for node in place.nodes])
    elif isinstance(place, TextPlace):
        reach = project.text_reach(place.document, place.offset, facade)
    else:
        reach = project.code_reach(place.file, place.offset)
    if reach is None:
        reach = Reach("unknown", why="it is only included by itself")
    if reach.state == "dead":
        return None
    state = {"open": "ungated", "gated": "gated", "unknown": "unknown"}[reach.state]
    consent = Consent(
        state=state,  # type: ignore[arg-type]
        mechanism=reach.mechanism,
        category=reach.category,
        at=reach.at,
        why=reach.why,
        chain=reach.hops,
    )
    if load.hint and state != "gated":
        return dataclasses.replace(consent, mechanism="hint")
    if state != "ungated":
        return consent
    if reach.mechanism == "broken-gate":
        return dataclasses.replace(consent, mechanism="none", broken=reach.why)
    if reach.implied:
        why = f"{reach.implied} stands in for consent, and is none"
        return dataclasses.replace(consent, mechanism="implied", why=why, broken=why)
    mode = consent_mode(project, load)
    return dataclasses.replace(consent, **mode) if mode else consent


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
        email=_is_email(file),
    )


def _normal(content: str) -> str:
    """A load's text such that white space and the order of attributes make no difference."""
    tag = re.match(r"<\s*([\w-]+)((?:\s+[^<>]*)?)/?>$", content, re.DOTALL)
    if tag:
        parts = sorted(re.findall(r"[^\s=\"'>/]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?", tag[2]))
        content = tag[1] + " ".join(parts)
    return re.sub(r"\s+", "", content)


def _is_email(file: SourceFile) -> bool:
    return bool(
        re.search(r"(?:^|/)(?:e?mails?|mailers?|newsletters?|mail[_-]templates?|notifications?/email)(?:/|[_.-])|\.mjml$", file.path, re.I)
        and file.language in ("html", "indent")
    )


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


__all__ = ["EMBEDS", "CodePlace", "Scan", "Script", "examine", "judge", "plain_script", "scan"]
