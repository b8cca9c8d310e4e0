"""Who approved: what the history of the manifest proves about its decisions. All by git; signatures are git's to judge.

An approval is proven by the commit that gave the entry its present decision: the one whose manifest has an entry with
this `Approval.decision` while no parent's has. Not the commit that `git blame` names: blame works on lines, and
`approved_by = "ig-lead"` can be copied from another entry, or stay the same while ids are added above it. So any change
to what an approver decides (scope, dates, status) asks for a new proof, and moving or reformatting an entry for none.

With a base revision, what the base already has is settled: its approvers decide, and only decisions that are new since
need a proof.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from tracklint.manifest import Approval, Approver, Manifest, load_leniently

Mode = Literal["none", "author", "signature"]

ProblemKind = Literal[
    "not-an-approver",  # approved_by is nobody who may approve
    "wrong-author",  # another person's commit
    "unsigned",
    "bad-signature",  # git verify-commit refuses it, or knows no such signer
    "wrong-signer",  # a good signature, of somebody else
    "uncommitted",  # the decision is not in a commit yet, and this is not the approver's git
    "shallow",  # the commit is beyond what was fetched
]


class ProofProblem(NamedTuple):
    """Why a decision is not proven. `approval` is None when it is about the table of approvers itself."""

    kind: ProblemKind
    approval: Approval | None
    message: str
    help: str
    commit: str | None = None


class GitError(RuntimeError):
    """git is not there, the folder is not in a repository, or a revision is unknown; the message says what mends it."""


def base_manifest(root: Path, rev: str, manifest_path: str) -> Manifest | None:
    """The manifest of a revision; None when it has none. `manifest_path` is POSIX and relative to `root`.

    Entries that are wrong are left out: nobody can mend an old revision. Raises GitError.
    """
    text = _show(root, _commit(root, rev), manifest_path)
    return None if text is None else load_leniently(text, manifest_path)


def proofs(
    root: Path,
    manifest_path: str,
    manifest: Manifest,
    *,
    mode: Mode,
    base: str | None = None,
    fork: str | None = None,
    loosened: Sequence[str] = (),
    watched: Sequence[Path] = (),
    allowed_signers: Path | None = None,
    rev: str = "HEAD",
) -> list[ProofProblem]:
    """What is not proven of a manifest: approvals, removals, and (with a `base`) changes of `[approvers]`.

    `fork` is where the change left the base, if that has moved on since. `loosened` are keys of the configuration that
    the change makes laxer in one of the files or folders `watched`: that takes an approver too.

    `manifest` is the one to be judged, of the working tree, of the index or of `rev`; `rev` is where its history ends.
    With mode "author" the commit of a decision must be authored by an address of the person that it names, with
    "signature" `git verify-commit` must accept it for that address. `allowed_signers` is an allowed-signers file for
    SSH, relative to `root` (else git's own configuration decides); one inside the repository is read at `base`, where a
    pull request cannot change it. A decision that is not committed yet passes if git would commit it in that person's
    name.
    Raises GitError.
    """
    if mode == "none":
        return []
    at_base = base_manifest(root, base, manifest_path) if base is not None else None
    if base is None:
        approvers: Mapping[str, Approver] = manifest.approvers
    else:
        approvers = {} if at_base is None else at_base.approvers
    settled = {entry.decision for entry in at_base.approvals} if at_base is not None else set()
    with _signers(root, allowed_signers, base) as signers:
        witness = _Witness(root, mode, signers, _History(root, rev, manifest_path))
        problems = [
            problem
            for entry in manifest.approvals
            if entry.decision not in settled and (problem := _entry_problem(witness, entry, approvers)) is not None
        ]
        before = at_base if fork is None else base_manifest(root, fork, manifest_path)
        if at_base is not None and before is not None and dict(before.approvers) != dict(manifest.approvers):
            problem = _approvers_problem(witness, manifest, approvers)
            problems += [problem] if problem is not None else []
        if base is not None and loosened and approvers:
            problems += witness.loosening(f"{fork or base}..{rev}", loosened, watched, list(approvers.values()))
    return problems


def _entry_problem(witness: _Witness, entry: Approval, approvers: Mapping[str, Approver]) -> ProofProblem | None:
    if entry.status == "approved":
        who, deed = entry.approved_by, "approval"
    elif entry.status == "removed":
        who, deed = entry.removed_by, "removal"
    else:
        return None
    if who is None:
        return None  # incomplete: the comparison with the manifest says so
    approver = approvers.get(who)
    if approver is None:
        return ProofProblem(
            "not-an-approver",
            entry,
            f"{entry.label}: {who} may not approve; approvers are {', '.join(sorted(approvers)) or 'nobody yet'}",
            "Ask one of the approvers, or have them add this person on the base branch first.",
        )
    key = f"{entry.label}: the {deed} by {who}"
    return witness.problem(entry, key, entry.decision, [approver])


def _approvers_problem(witness: _Witness, manifest: Manifest, approvers: Mapping[str, Approver]) -> ProofProblem | None:
    if not approvers:
        return None  # the first approvers: there is nobody yet who could agree to them
    return witness.problem(None, "the change of [approvers]", _table(manifest), list(approvers.values()))


def _table(manifest: Manifest) -> str:
    """The approvers as one text to look for in history; cannot equal a decision, which is JSON."""
    parts = sorted(f"{a.id}\0{a.name}\0{sorted(a.emails)}\0{a.until}" for a in manifest.approvers.values())
    return "approvers:" + "\n".join(parts)


# --- commits ----------------------------------------------------------------------------------------------------------


class _History:
    """The commits that changed the manifest, with what each one's manifest held."""

    def __init__(self, root: Path, rev: str, path: str) -> None:
        self.root = root
        self.path = path
        self.rev = rev

    @cached_property
    def parents(self) -> Mapping[str, Sequence[str]]:
        """Each commit with its nearest ancestors that touched the file too, newest first.

        Full history: the default would not show the side of a merge whose change was thrown away.
        """
        if _run(self.root, "rev-parse", "--verify", "--quiet", f"{self.rev}^{{commit}}").returncode != 0:
            return {}  # no commit yet
        out = _text(
            self.root,
            *("rev-list", "--topo-order", "--full-history", "--simplify-merges", "--parents"),
            *("--end-of-options", self.rev, "--", self.path),
        )
        rows = [line.split() for line in out.splitlines()]
        return {row[0]: row[1:] for row in rows}

    @cached_property
    def holds(self) -> Mapping[str, frozenset[str]]:
        """The decisions, and the table of approvers, of each commit's manifest."""
        prefix = _text(self.root, "rev-parse", "--show-prefix").rstrip("\n")
        commits = list(self.parents)
        request = "".join(f"{commit}:{prefix}{self.path}\n" for commit in commits)
        out = _run(self.root, "cat-file", "--batch", input=request.encode("utf-8", "surrogateescape")).stdout
        held: dict[str, frozenset[str]] = {}
        position = 0
        for commit in commits:
            end = out.find(b"\n", position)
            header = out[position:end].split(b" ")
            position = end + 1
            if header[-1] == b"missing" or not header[-1].isdigit():
                held[commit] = frozenset()
                continue
            size = int(header[-1])
            text = out[position : position + size].decode("utf-8", "replace")
            position += size + 1
            manifest = load_leniently(text)
            held[commit] = frozenset({*(entry.decision for entry in manifest.approvals), _table(manifest)})
        return held

    @cached_property
    def boundary(self) -> frozenset[str]:
        """The commits whose parents were not fetched."""
        file = Path(_text(self.root, "rev-parse", "--git-path", "shallow").rstrip("\n"))
        file = file if file.is_absolute() else self.root / file
        return frozenset(file.read_text("ascii").split()) if file.is_file() else frozenset()

    def origins(self, wanted: str) -> list[str]:
        """The commits that brought `wanted` to the newest state; none when that does not hold it.

        A merge that keeps what one of its sides had taken out is an origin: its author decided so.
        """
        if not self.parents:
            return []
        newest = next(iter(self.parents))
        if wanted not in self.holds[newest]:
            return []
        origins: list[str] = []
        queue, seen = [newest], {newest}
        while queue:
            commit = queue.pop()
            parents = [parent for parent in self.parents[commit] if parent in self.holds]
            having = [parent for parent in parents if wanted in self.holds[parent]]
            lacking = [parent for parent in parents if wanted not in self.holds[parent]]
            if not having or any(self._ever(parent, wanted) for parent in lacking):
                origins.append(commit)
                continue
            for parent in having:
                if parent not in seen:
                    seen.add(parent)
                    queue.append(parent)
        return origins

    def _ever(self, start: str, wanted: str) -> bool:
        queue, seen = [start], {start}
        while queue:
            commit = queue.pop()
            if wanted in self.holds.get(commit, ()):
                return True
            new = [parent for parent in self.parents.get(commit, ()) if parent not in seen]
            seen.update(new)
            queue += new
        return False


class _Witness(NamedTuple):
    root: Path
    mode: Mode
    signers: Path | None
    history: _History

    def problem(
        self, entry: Approval | None, what: str, wanted: str, people: Sequence[Approver]
    ) -> ProofProblem | None:
        """Why none of `people` stands for `wanted`, else None."""
        emails = frozenset(email for person in people for email in person.emails)
        addresses = " or ".join(sorted(emails))
        origins = self.history.origins(wanted)
        if not origins:
            author = _next_author(self.root)
            if author in emails:
                return None
            return ProofProblem(
                "uncommitted",
                entry,
                f"{what} is not committed, and git would commit it as {author or 'nobody'}, not {addresses}",
                "Have the approver commit this change of the manifest.",
            )
        found = [self._commit_problem(entry, what, commit, emails, addresses) for commit in origins]
        return None if None in found else found[0]

    def loosening(
        self, revs: str, keys: Sequence[str], files: Sequence[Path], people: Sequence[Approver]
    ) -> list[ProofProblem]:
        """Why none of `people` stands for the commits, or the uncommitted edit, that changed these files."""
        emails = frozenset(email for person in people for email in person.emails)
        addresses = " or ".join(sorted(emails))
        what = f"the loosening of {', '.join(keys)} in the configuration"
        # A file that the change no longer reads was taken out by it.
        names = [*map(os.path.abspath, files), ":(top,glob)**/tracklint.toml", ":(top,glob)**/pyproject.toml"]
        inside = [name for name in names if name.startswith(":") or self._holds(name)]
        commits = _text(self.root, "rev-list", "--end-of-options", revs, "--", *inside).split()
        found = [self._commit_problem(None, what, commit, emails, addresses) for commit in commits]
        problems = [problem for problem in found if problem is not None]
        if commits or (_next_author(self.root) in emails):
            return problems[:1]
        message = f"{what} is not committed, and git would commit it as {_next_author(self.root) or 'nobody'}"
        return [ProofProblem("uncommitted", None, message, "Have an approver change the configuration.")]

    def _holds(self, path: str) -> bool:
        top = os.path.realpath(_text(self.root, "rev-parse", "--show-toplevel").rstrip("\n"))
        return os.path.commonpath([top, os.path.realpath(os.path.dirname(path))]) == top

    def _commit_problem(
        self, entry: Approval | None, what: str, commit: str, emails: frozenset[str], addresses: str
    ) -> ProofProblem | None:
        short = commit[:12]
        if commit in self.history.boundary:
            return ProofProblem(
                "shallow",
                entry,
                f"{what} is older than the fetched history, which begins at {short}",
                "Fetch all of it: fetch-depth: 0 in the workflow, or git fetch --unshallow.",
                commit,
            )
        if self.mode == "author":
            # Not %aE: a .mailmap in the pull request must not rename its author.
            author = _text(self.root, "show", "--no-patch", "--format=%ae", commit).strip().casefold()
            if author in emails:
                return None
            return ProofProblem(
                "wrong-author",
                entry,
                f"{what} came with commit {short}, whose author is {author}, not {addresses}",
                "Have the approver make this change of the manifest in a commit of their own.",
                commit,
            )
        return self._signature_problem(entry, what, commit, emails, addresses)

    def _signature_problem(
        self, entry: Approval | None, what: str, commit: str, emails: frozenset[str], addresses: str
    ) -> ProofProblem | None:
        short = commit[:12]
        help_ = "Have the approver make this change of the manifest in a signed commit (git commit -S)."
        options = ["-c", f"gpg.ssh.allowedSignersFile={self.signers}"] if self.signers is not None else []
        header = _text(self.root, "cat-file", "commit", commit).split("\n\n", 1)[0]
        if not any(line.startswith(("gpgsig ", "gpgsig-sha256 ")) for line in header.split("\n")):
            return ProofProblem(
                "unsigned", entry, f"{what} came with commit {short}, which is not signed", help_, commit
            )
        verified = _run(self.root, *options, "verify-commit", commit)
        if verified.returncode != 0:
            reason = " ".join(verified.stderr.decode("utf-8", "replace").split())
            return ProofProblem(
                "bad-signature",
                entry,
                f"{what} came with commit {short}, whose signature git verify-commit refuses: {reason}",
                "Add the approver's key to the allowed signers (SSH) or to the keyring (GPG), or have the commit "
                "made again with a known key.",
                commit,
            )
        signer = _text(self.root, *options, "show", "--no-patch", "--format=%GS", commit).strip()
        if emails & _addresses(signer):
            return None
        return ProofProblem(
            "wrong-signer",
            entry,
            f"{what} came with commit {short}, which {signer or 'somebody unknown'} signed, not {addresses}",
            help_,
            commit,
        )


def _addresses(signer: str) -> frozenset[str]:
    """The e-mail addresses of a signer: SSH principals `a@x,b@x`, or a GPG user id `Name <a@x>`."""
    if signer.endswith(">") and "<" in signer:
        return frozenset({signer[signer.rindex("<") + 1 : -1].casefold()})
    return frozenset(part.strip().casefold() for part in signer.split(","))


@contextmanager
def _signers(root: Path, allowed_signers: Path | None, base: str | None) -> Iterator[Path | None]:
    """The allowed-signers file to use: as it was at the base, when it lies in the repository."""
    if allowed_signers is None or base is None:
        yield (root / allowed_signers).resolve() if allowed_signers is not None else None
        return
    # As written, not resolved: a symbolic link in the repository is the pull request's to change too.
    path = os.path.relpath(os.path.abspath(root / allowed_signers), os.path.abspath(root))
    top = os.path.realpath(_text(root, "rev-parse", "--show-toplevel").rstrip("\n"))
    inside = os.path.realpath(os.path.dirname(root / allowed_signers))
    if os.path.commonpath([top, inside]) != top:
        yield (root / allowed_signers).resolve()
        return
    text = _show(root, _commit(root, base), Path(path).as_posix()) or ""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "allowed_signers")
        file.write_bytes(text.encode("utf-8"))
        yield file


# --- git --------------------------------------------------------------------------------------------------------------


def _run(root: Path, *arguments: str, input: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    # Replacement objects would let a local ref stand in for a commit's author.
    environment = {**os.environ, "LC_ALL": "C", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_OPTIONAL_LOCKS": "0"}
    command = ["git", "--no-pager", "-c", "log.showSignature=false", "-c", "log.mailmap=false", *arguments]
    try:
        return subprocess.run(
            command, cwd=root, env=environment, input=input, capture_output=True, check=False, timeout=120
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitError(f"git {arguments[0]} could not be run in {root}: {error}; install git and try again") from error


def _text(root: Path, *arguments: str) -> str:
    result = _run(root, *arguments)
    if result.returncode != 0:
        reason = " ".join(result.stderr.decode("utf-8", "replace").split())
        raise GitError(f"git {' '.join(_shown(arguments))} failed: {reason}; run tracklint inside the repository")
    return result.stdout.decode("utf-8", "replace")


def _shown(arguments: Iterable[str]) -> list[str]:
    return [argument for argument in arguments if argument != "-c" and not argument.startswith("gpg.")]


def _commit(root: Path, rev: str) -> str:
    """The full name of a revision's commit."""
    result = _run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
    name = result.stdout.decode("ascii", "replace").strip().rpartition("\n")[2]
    if result.returncode == 0 and name:
        return name
    _text(root, "rev-parse", "--show-toplevel")  # no repository at all is another mistake
    shallow = _text(root, "rev-parse", "--is-shallow-repository").strip() == "true"
    mend = "fetch more history (fetch-depth: 0)" if shallow else "fetch it, or name another revision"
    raise GitError(f"{rev} is not a revision of this repository; {mend}")


def _show(root: Path, commit: str, path: str) -> str | None:
    """The text of a file at a commit; None when it is not there."""
    result = _run(root, "cat-file", "blob", f"{commit}:./{path}")
    return result.stdout.decode("utf-8", "replace") if result.returncode == 0 else None


def _next_author(root: Path) -> str | None:
    """The address that git would give the next commit; the hook of a running commit sees that commit's own."""
    result = _run(root, "var", "GIT_AUTHOR_IDENT")
    ident = result.stdout.decode("utf-8", "replace")
    if result.returncode != 0 or "<" not in ident:
        return None
    return ident[ident.index("<") + 1 : ident.rindex(">")].casefold()
