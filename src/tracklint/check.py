"""One check from end to end: locate, configure, scan, compare with manifest and history, and make the report.

The command line and other front ends call `run`; it prints nothing and writes nothing.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tracklint import disclosure, rules, ruleset, source
from tracklint import manifest as manifests
from tracklint import policy as policies
from tracklint import scan as scans
from tracklint.changes import Change, Load, compare, in_order, loads_of, read_report
from tracklint.manifest import Approver, Manifest, Verdict
from tracklint.model import UNANALYSED, Detection, Pages, Report, Skipped, SourceFile
from tracklint.policy import Policy
from tracklint.ruleset import Ruleset
from tracklint.scan import Scan
from tracklint.source import Tree
from tracklint.suppressions import Suppression
from tracklint.suppressions import find as find_suppressions

if TYPE_CHECKING:
    from tracklint import project
    from tracklint.model import Finding
    from tracklint.pages import Ways

Progress = Callable[[int, int], None]  # files done, files in all


class UsageError(Exception):
    """What was asked for cannot be done; the message is one line that says what to do instead."""


class IncompleteError(Exception):
    """The check could not be made, so it must not pass; the message is one line."""


class Request(NamedTuple):
    """What to check, as a command line says it. The empty request checks the repository around the current folder."""

    paths: tuple[Path, ...] = ()
    staged: bool = False
    diff_base: str | None = None
    compare: Path | None = None
    manifest: Path | None = None
    config: Path | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    require_approval: bool = False
    jobs: int | None = None
    today: datetime.date | None = None
    whole_tree: bool = False  # check everything, whatever paths say


class Base(NamedTuple):
    """What a change is for, and where it left it. The policy, rules and approvers of the tip hold until it is merged."""

    tip: str
    fork: str
    adopted: bool  # whether the tip has a configuration or a manifest; else the change brings the first
    loosened: tuple[tuple[str, str], ...] = ()  # keys in which the change's configuration is laxer, which do not count
    rulesets: tuple[Path, ...] = ()  # folders of rules that the change names


class Project(NamedTuple):
    """A site with its configuration: what is needed before anything is scanned."""

    root: Path
    paths: tuple[Path, ...]  # those to be checked; none: all
    policy: Policy
    manifest_file: Path
    manifest_name: str  # as messages show it: relative to the root where it lies below it
    today: datetime.date
    base: Base | None = None

    @property
    def full(self) -> bool:
        return not self.paths


class Result(NamedTuple):
    project: Project
    tree: Tree
    ruleset: Ruleset
    scan: Scan
    manifest: Manifest | None
    verdicts: tuple[Verdict, ...]
    report: Report
    changes: tuple[Change, ...] | None  # None: nothing to compare with
    incomplete: tuple[Skipped, ...]  # what was not looked at, although nobody allowed that


def open_project(request: Request) -> Project:
    """Where the site is and what it is held to. Raises SourceError, PolicyError and UsageError."""
    root, paths = _locate(request)
    if request.whole_tree:
        paths = ()
    policy = policies.load(root, request.config)
    base = None
    if request.diff_base is not None:
        policy, base = _held(root, policy, request, request.diff_base)
    policy = replace(
        policy,
        select=_codes(request.select) or policy.select,
        ignore=(*policy.ignore, *_codes(request.ignore)),
        require_approval=policy.require_approval or request.require_approval,
        jobs=policy.jobs if request.jobs is None else request.jobs,
    )
    file = Path(os.path.abspath(request.manifest)) if request.manifest is not None else root / policy.manifest
    try:
        name = Path(os.path.realpath(file)).relative_to(os.path.realpath(root)).as_posix()
    except ValueError:
        name = str(request.manifest)
    return Project(root, paths, policy, file, name, request.today or datetime.date.today(), base)


def _held(root: Path, policy: Policy, request: Request, rev: str) -> tuple[Policy, Base]:
    """The policy that a change of `rev` is held to: it may make it stricter, and looser only once it is merged."""
    tip, fork = source.resolve(root, rev), source.merge_base(root, rev)
    files = source.files_at(root, tip)
    config = request.config if request.config is not None and files.is_file(request.config) else None
    try:
        before = policies.load(root, config, files)
    except policies.PolicyError:
        before = Policy()  # nobody can mend it any more
    else:
        manifest = request.manifest if request.manifest is not None else root / before.manifest
        if before.source is None and not files.is_file(manifest):
            return policy, Base(tip, fork, False)
    held, loosened = policies.at_least(before, policy)
    return held, Base(tip, fork, True, tuple(loosened), policy.rulesets)


def _locate(request: Request) -> tuple[Path, tuple[Path, ...]]:
    """The root and the paths to check. Inside a repository the nearest folder with settings is the site."""
    root, paths = source.locate(request.paths)
    named = [Path(os.path.realpath(path)) for path in request.paths]
    folders = [path if path.is_dir() else path.parent for path in named] or [Path.cwd().resolve()]
    try:
        start = Path(os.path.commonpath(folders))
    except ValueError:  # different drives
        return root, paths
    around = []
    for folder in (start, *start.parents):
        around.append(folder)
        if (folder / ".git").exists():
            break
    else:
        around = []
    site = None
    if request.diff_base is not None:
        # A change cannot make a site of its own out of a folder.
        files = source.files_at(root, request.diff_base)
        site = next((folder for folder in around if _has_settings(folder, files)), None)
    site = site or next((folder for folder in around if _has_settings(folder, policies.DISK)), None)
    if site is None or site == root:
        return root, paths
    return site, () if not named or named == [site] else tuple(Path.cwd() / path for path in request.paths)


def _has_settings(folder: Path, files: policies.Files) -> bool:
    if files.is_file(folder / policies.CONFIG_NAME) or files.is_file(folder / manifests.FILE_NAME):
        return True
    project = folder / "pyproject.toml"
    return files.is_file(project) and b"[tool.tracklint" in files.read(project)


def _codes(given: Iterable[str]) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(code.strip().upper() for text in given for code in text.split(",") if code.strip()))
    for code in codes:
        if not any(known.startswith(code) for known in rules.RULES):
            raise UsageError(f"{code} is no rule or beginning of one; rules are {', '.join(rules.RULES)}")
    return codes


def open_tree(project: Project, staged: bool = False, paths: Sequence[Path] | None = None) -> Tree:
    """The files on the disk, or of the next commit. Raises SourceError."""
    wanted = project.paths if paths is None else tuple(paths)
    if staged:
        return source.index_tree(project.root, wanted, policy=project.policy)
    return source.working_tree(project.root, wanted, policy=project.policy)


def _exported(tree: Tree) -> set[str]:
    """Ids of the tag-manager containers whose export is in the repository."""
    from tracklint.detect.tags import container_ids

    files = (tree.text_file(path) for path in tree.paths if path.lower().endswith(".json"))
    return {found for file in files if isinstance(file, SourceFile) for found in container_ids(file)}


def scan_tree(tree: Tree, known: Ruleset, progress: Progress | None = None) -> Scan:
    """Raises ScanError."""
    total = len(tree.requested)
    tell = (lambda done: progress(done, total)) if progress is not None else None
    return scans.scan(tree, known, jobs=tree.policy.jobs, progress=tell)


def run(request: Request, progress: Progress | None = None) -> Result:
    """Check.

    Raises UsageError, SourceError, PolicyError, RulesetError, ManifestError and ChangesError for what the caller can
    mend, IncompleteError and ScanError when there is no result that could be trusted.
    """
    project = open_project(request)
    policy = project.policy
    earlier = _earlier(request)
    known = _rules(project)
    tree = open_tree(project, request.staged)
    if project.base is not None and project.base.adopted:
        # Else a change could call a host its own in the site's settings.
        tree = replace(tree, told_by=source.revision_tree(project.root, project.base.tip, policy=policy))
    text = manifest_text(project, tree, request.staged)
    manifest = None
    if text is not None:
        slugs = {*known.slugs, *_slugs(project)}
        manifest = manifests.load(text, project.manifest_name, services=slugs)
    found = scan_tree(tree, known, progress)
    past = _past(project, project.base, known) if project.base is not None else None
    whole = _Whole(tree, known)
    alone, calls = _calls(found, tree)
    verdicts = manifests.judge(
        manifest,
        (*found.detections, *alone),
        today=project.today,
        full_scan=project.full,
        approvers=past.approvers if past is not None else None,
        base=past.manifest if past is not None else None,
        before=past.scan.detections if past is not None and project.full else None,
        max_review_days=policy.max_review_days,
        review_soon_days=policy.due_days,
        pages_of=whole.pages_of,
    )
    if not project.full and past is None and project.manifest_name not in tree.requested:
        # An approval that ended elsewhere on the site does not hold up a change that has nothing to do with it.
        verdicts = [one for one in verdicts if one.detection is not None or _touches(one, (*found.detections, *alone))]
    skipped = found.skipped if project.full else tuple(_concerning(found.skipped, project))
    detections = rules.with_manifest((*found.detections, *alone), verdicts, policy)
    outcome = rules.findings(
        detections,
        verdicts,
        manifest,
        policy,
        skipped,
        suppressions=found.suppressions,
        lent=lent_suppressions(alone, tree),
        calls=calls,
        extra=[
            *found.findings,
            *_unproven(project, manifest, project.base),
            *disclosure.findings(
                tree,
                detections,
                manifest,
                known,
                policy,
                full=project.full,
                module=whole.module,
                is_comment=whole.is_in_a_comment,
            ),
        ],
        containers=_exported(tree) if rules.is_active("TL109", policy) else (),
        pages_of=whole.pages_of,
        line_text=lambda path, line: _line_text(tree, project, text, path, line),
    )
    report = Report(
        root=project.root.as_posix(),
        files=found.files,
        bytes=found.bytes,
        seconds=found.seconds,
        ruleset=known.version,
        detections=detections,
        findings=outcome.findings,
        suppressed=outcome.suppressed,
        skipped=skipped,
        blocking=rules.blocking(outcome.findings),
        statuses=outcome.statuses,
        calls=calls,
    )
    changes: list[Change] | None = None
    if past is not None:
        changes = list(compare(loads_of(past.scan.detections), loads_of(found.detections)))
        changes += _decisions(project, past, manifest)
        changes += _unseen(project, past.base, found.skipped, request.staged)
        changes += _suppressed(past.scan, found)
    elif earlier is not None:
        changes = list(compare(earlier, loads_of(detections)))
        changes += _due(verdicts, project)
    return Result(
        project,
        tree,
        known,
        found,
        manifest,
        tuple(verdicts),
        report,
        in_order(changes) if changes is not None else None,
        tuple(_incomplete(skipped, policy)),
    )


def _calls(found: Scan, tree: Tree) -> tuple[tuple[Detection, ...], tuple[Detection, ...]]:
    """The calls of loaders in files that are not checked, which speak for them; and those of loaders that are found."""
    checked = set(tree.requested)
    loads = {(one.path, one.service) for one in found.detections}
    pairs = [(one, one.loader) for one in found.calls if one.loader is not None]
    alone = tuple(one for one, loader in pairs if loader.path not in checked)
    return alone, tuple(one for one, loader in pairs if (loader.path, loader.service) in loads)


def lent_suppressions(calls: Iterable[Detection], tree: Tree) -> list[Suppression]:
    """The suppressions in the files of what calls set off: a comment there speaks for each of them."""
    paths = {one.loader.path for one in calls if one.loader is not None}
    files = [tree.text_file(path) for path in sorted(paths)]
    return [one for file in files if isinstance(file, SourceFile) for one in find_suppressions(file)]


class _Past(NamedTuple):
    """What a change is held against."""

    base: Base
    scan: Scan  # of where it left the base
    manifest: Manifest | None  # there
    approvers: Mapping[str, Approver]  # of the tip


def _past(project: Project, base: Base, known: Ruleset) -> _Past:
    tree = source.revision_tree(project.root, base.fork, project.paths, policy=project.policy)
    tip = _base_manifest(project, base.tip)
    approvers = tip.approvers if tip is not None else {}
    return _Past(base, scan_tree(tree, known), _base_manifest(project, base.fork), approvers)


class _Whole:
    """What is asked of the whole project after the scan; nothing is read before it is asked."""

    def __init__(self, tree: Tree, known: Ruleset) -> None:
        self._tree = tree
        self._known = known

    @cached_property
    def _project(self) -> project.Project:
        from tracklint import project

        return project.Project(self._tree, self._known)

    @cached_property
    def _ways(self) -> Ways:
        from tracklint.pages import Ways

        return Ways(self._project)

    def pages_of(self, path: str) -> Pages:
        return self._ways.pages_of(path)

    def module(self, path: str, name: str) -> str | None:
        """The file of the project that a file imports by this name."""
        return self._project.modules.resolve(path, name)

    def is_in_a_comment(self, path: str, offset: int) -> bool:
        return self._project.is_in_a_comment(path, offset)


def _touches(verdict: Verdict, detections: Iterable[Detection]) -> bool:
    return verdict.approval is not None and any(manifests.concerns(verdict.approval, one) for one in detections)


def _earlier(request: Request) -> list[Load] | None:
    if request.compare is None:
        return None
    if request.diff_base is not None:
        raise UsageError("--compare and --diff-base are two ways to compare; choose one of them")
    try:
        data = request.compare.read_bytes()
    except OSError as error:
        raise UsageError(f"{request.compare}: cannot be read: {error.strerror or error}") from None
    return read_report(data, str(request.compare))


def _rules(project: Project) -> Ruleset:
    """The rules. Those of the organisation that lie in the repository are the base's, as its policy is."""
    base, folders = project.base, project.policy.rulesets
    if base is None or not base.adopted or not folders:
        return ruleset.load(folders)
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        at_base = []
        for number, folder in enumerate(folders):
            copy = Path(place, str(number))
            at_base.append(copy if source.folder_at(project.root, base.tip, folder, copy) else folder)
        try:
            return ruleset.load(at_base)
        except ruleset.RulesetError as error:
            problems = error.problems
            for folder, copy in zip(folders, at_base, strict=True):
                problems = tuple(line.replace(str(copy), f"on the base, {folder}") for line in problems)
            raise ruleset.RulesetError(problems) from None


def _slugs(project: Project) -> Iterable[str]:
    """The services that the organisation's rules speak of, also those that count only once the change is merged."""
    for folder in {*project.policy.rulesets, *(project.base.rulesets if project.base is not None else ())}:
        for path in folder.rglob("*.toml"):
            yield path.stem
            yield f"cmp:{path.stem}"


# ------------------------------------------------------------------------------------------------------------- manifest


def manifest_text(project: Project, tree: Tree, staged: bool) -> str | None:
    """The text of the manifest that is to be judged: that of the next commit if `staged`.

    Raises ManifestError and UsageError.
    """
    name = project.manifest_name
    if not staged or Path(name).is_absolute() or name.startswith(".."):
        return read_manifest(project)
    try:
        if not tree.exists(name):
            # It may be excluded from the check; that is no reason not to heed it.
            tree = source.index_tree(project.root)
        return tree.read(name).decode("utf-8") if tree.exists(name) else None
    except OSError as error:
        raise UsageError(f"{name}: cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{name}: is not UTF-8; save it as UTF-8") from None


def read_manifest(project: Project) -> str | None:
    """The manifest's text on the disk; None without one. Raises ManifestError and UsageError."""
    try:
        return manifests.read(project.manifest_file, project.manifest_name)
    except OSError as error:
        raise UsageError(f"{project.manifest_name}: cannot be read: {error.strerror or error}") from None


def update_manifest(project: Project, edit: Callable[[str | None], str]) -> str:
    """Edit the manifest in its place; gives the new text. Raises UsageError, TimeoutError and what `edit` raises."""
    try:
        return manifests.update(project.manifest_file, edit)
    except TimeoutError:
        raise
    except OSError as error:
        raise UsageError(f"{project.manifest_name}: cannot be written: {error.strerror or error}") from None


def _base_manifest(project: Project, rev: str) -> Manifest | None:
    from tracklint.approval_proof import GitError, base_manifest

    try:
        return base_manifest(project.root, rev, project.manifest_name)
    except GitError as error:
        raise UsageError(str(error)) from None


def _unproven(project: Project, manifest: Manifest | None, base: Base | None) -> list[Finding]:
    """Findings for decisions that git's history does not prove, where the policy asks for proof."""
    mode = project.policy.approval_proof
    if mode == "none" or manifest is None:
        return []
    from tracklint.approval_proof import GitError, proofs

    try:
        problems = proofs(
            project.root,
            project.manifest_name,
            manifest,
            mode=mode,
            base=base.tip if base is not None else None,
            fork=base.fork if base is not None else None,
            loosened=[key for key, _ in base.loosened] if base is not None else (),
            watched=[*project.policy.files, *project.policy.rulesets],
            allowed_signers=project.policy.allowed_signers,
        )
    except GitError as error:
        raise IncompleteError(f'approval_proof = "{mode}" cannot be checked: {error}') from None
    # Who may approve at all is judged with the manifest, proof or not.
    return rules.unproven((one for one in problems if one.kind != "not-an-approver"), manifest)


def _line_text(tree: Tree, project: Project, manifest: str | None, path: str, line: int) -> str:
    if path == project.manifest_name and manifest is not None:
        lines = manifest.splitlines()
        return lines[line - 1] if 0 < line <= len(lines) else ""
    file = tree.text_file(path) if tree.exists(path) else None
    if not isinstance(file, SourceFile) or not 0 < line <= len(file.line_starts):
        return ""
    return file.line_text(line)


# -------------------------------------------------------------------------------------------------------------- skipped


def _concerning(skipped: Iterable[Skipped], project: Project) -> Iterable[Skipped]:
    """What of the files that were left out somebody asked for."""
    wanted = set()
    for path in project.paths:
        for place in (os.path.abspath(path), os.path.realpath(path)):
            wanted.add(Path(os.path.relpath(place, os.path.realpath(project.root))).as_posix())
    for item in skipped:
        own = item.path.rstrip("/")
        if any(own == name or own.startswith(name + "/") or name in ("", ".") for name in wanted):
            yield item


def _incomplete(skipped: Iterable[Skipped], policy: Policy) -> list[Skipped]:
    """Files that were not looked at at all, unless the configuration calls that no more than a note.

    Else a page that takes too long would be a way around the check. Data may be too large: no browser runs it.
    """
    level = policy.severity_of("TL901", rules.RULES["TL901"].severity)
    if level in ("off", "note") or not rules.is_active("TL901", policy):
        return []
    found = [
        item
        for item in skipped
        if item.reason in _UNSEEN
        or (item.reason == "too-large" and source.classify(item.path, "")[0] in _RUN)
        or (level == "error" and item.reason in UNANALYSED)
    ]
    globs = [glob for glob in policy.exclude if policies.is_simple_glob(glob)]
    if found and globs:
        from pathspec import GitIgnoreSpec  # seldom needed, and slow to import

        # A submodule that is not checked out cannot be looked into; whoever excludes it knows that.
        excluded = GitIgnoreSpec.from_lines(globs).match_file
        found = [item for item in found if not excluded(item.path)]
    return found


_UNSEEN = frozenset({"unreadable", "nesting", "time-limit", "internal-error"})


# -------------------------------------------------------------------------------------------------------------- changes


def _due(verdicts: Iterable[Verdict], project: Project) -> Iterable[Change]:
    for verdict in verdicts:
        entry = verdict.approval
        if verdict.kind == "review-due" and entry is not None and entry.review_by is not None:
            days = (entry.review_by - project.today).days
            when = f"review by {entry.review_by}, in {days} days" if days else f"review by {entry.review_by}, today"
            place = f"{project.manifest_name}:{entry.line}"
            yield Change("review due", entry.label, place, when, entry.subject, entry.ids)


def _decisions(project: Project, past: _Past, now: Manifest | None) -> Iterable[Change]:
    """What a change does to the record itself: configuration, approvers, decisions."""
    before = past.manifest
    name = project.policy.source.name if project.policy.source is not None else policies.CONFIG_NAME
    for key, wrong in past.base.loosened:
        yield Change("configuration loosened", key, name, f"compared with the base it {wrong}; the base's value counts")
    old, new = before.approvers if before is not None else {}, now.approvers if now is not None else {}
    for person in sorted({*old, *new}):
        if old.get(person) != new.get(person):
            deed = "added" if person not in old else "removed" if person not in new else "changed"
            line = new[person].line if person in new else 1
            detail = f"{deed}; who may approve is decided by the base"
            yield Change("approver changed", person, f"{project.manifest_name}:{line}", detail)
    decided = {entry.decision for entry in before.approvals} if before is not None else set()
    for entry in now.approvals if now is not None else ():
        who = {"approved": entry.approved_by, "removed": entry.removed_by, "rejected": entry.rejected_by}
        if entry.status in who and entry.decision not in decided:
            until = f" until {entry.review_by}" if entry.status == "approved" and entry.review_by else ""
            detail = f"{entry.status} by {who[entry.status] or 'nobody'}{until}"
            place = f"{project.manifest_name}:{entry.line}"
            yield Change("decision", entry.label, place, detail, entry.subject, entry.ids)


def _unseen(project: Project, base: Base, skipped: Iterable[Skipped], staged: bool) -> Iterable[Change]:
    """Files that a change touches and that were not checked, and why; binaries and lock files by name say nothing."""
    left_out = {item.path: item for item in skipped if item.reason not in _NEVER_RUN}
    for path in source.changed_files(project.root, base.fork, staged=staged):
        parts = path.split("/")
        heads = [path, *("/".join(parts[:at]) + "/" for at in range(1, len(parts)))]
        item = next((left_out[head] for head in heads if head in left_out), None)
        if item is not None and source.classify(path, "")[0] in _RUN:
            detail = f"{item.reason}{f': {item.detail}' if item.detail else ''}"
            yield Change("not checked", path, path, detail)


_NEVER_RUN = frozenset({"lock-file", "source-map", "ignored-by-git"})
_RUN = frozenset({"html", "indent", "markdown", "script", "style", "code"})


def _suppressed(before: Scan, now: Scan) -> Iterable[Change]:
    """Comments that a change adds to silence findings."""
    there = {(one.path, one.codes, one.reason) for one in before.suppressions}
    for one in now.suppressions:
        if (one.path, one.codes, one.reason) not in there:
            detail = one.reason or "no reason given"
            yield Change("suppression added", ", ".join(one.codes) or "no rule", f"{one.path}:{one.line}", detail)


# --------------------------------------------------------------------------------------------------------- the manifest


class Fixed(NamedTuple):
    """What `--fix-manifest` makes of the manifest."""

    project: Project
    before: str | None
    after: str
    scan: Scan


def fix_manifest(request: Request, write: bool, progress: Progress | None = None) -> Fixed:
    """The manifest with an entry for all that the site loads; written to its place if `write`. Raises as `run` does."""
    project = open_project(request._replace(whole_tree=True))
    policy = project.policy
    known = ruleset.load(policy.rulesets)
    text = read_manifest(project)
    if text is not None:
        manifests.load(text, project.manifest_name)  # its mistakes, before a scan is spent on it
    tree = open_tree(project, request.staged)
    found = scan_tree(tree, known, progress)
    # What was not seen must not be taken for gone.
    full = not any(_incomplete(found.skipped, Policy()))
    already = _committed(project, known) if text is None else None
    fix = partial(
        manifests.fix,
        services=known.services,
        today=project.today,
        legacy_days=policy.legacy_days,
        path=project.manifest_name,
        pages_of=_Whole(tree, known).pages_of,
    )

    def edit(old: str | None) -> str:
        if old is not None or already is None:
            return fix(old, found.detections, full_scan=full)
        # Adoption: what the last commit has was there before; what is new since waits like anything else.
        adopted = fix(None, already, full_scan=full, legacy=True)
        return fix(adopted, found.detections, full_scan=False, legacy=False)

    after = update_manifest(project, edit) if write else edit(text)
    return Fixed(project, text, after, found)


def _committed(project: Project, known: Ruleset) -> Sequence[Detection] | None:
    """What the last commit loads: only that was there when the manifest came; None where there is no history."""
    try:
        tree = source.revision_tree(project.root, "HEAD", policy=project.policy)
    except source.SourceError:
        return None if not (project.root / ".git").exists() else ()
    return scan_tree(tree, known).detections
