"""Which files are looked at, what is in them, and what language they are.

A `Tree` is a set of paths with bytes, from the working tree, git's index or a revision; nothing is ever checked out.
What is left out stands in `Tree.skipped` with its reason, so that nothing disappears silently. The rules:

1. what git ignores, and what the policy excludes;
2. folders that a package manager, a version control system or a tool's cache owns (`_OWNED_FOLDERS`,
   `_MARKED_FOLDERS`). A folder counts as such by a name that is used for nothing else, or by a marker inside: measured
   on real sites, `vendor`, `third-party`, `lib`, `build` and `dist` by their names alone hold served code and trackers;
3. lock files, source maps and binaries;
4. unchanged copies of well-known libraries: by name, by banner, and if no string in them names a foreign host.

`Policy.include` wins over 2 to 4.
"""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import posixpath
import re
import stat
import subprocess
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, cast

from tracklint import lazy_re
from tracklint.model import Language, Skipped, SkipReason, SourceFile
from tracklint.policy import DISK, Files, Policy, is_simple_glob

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_DEFAULTS = Policy()
_LARGE = 600_000  # bytes; larger files are bundles and rendered data, which set nothing
_HEAD = 65_536  # characters that decide a file's dialect
_REMEMBERED = 15_000_000  # characters of files that are held decoded, or parsed, which is some ten times as large
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _table(text: str) -> dict[str, str]:
    """Lines of `value: key key …` as a dictionary from key to value."""
    lines = [line.partition(":") for line in text.strip().splitlines()]
    return {key: value.strip() for value, _, keys in lines for key in keys.split()}


def _kinds(text: str) -> dict[str, tuple[Language, str]]:
    """Lines of `language dialect: key key …` as a dictionary from key to (language, dialect)."""
    pairs = ((key, *value.split()) for key, value in _table(text).items())
    return {key: (cast(Language, language), dialect) for key, language, dialect in pairs}


class SourceError(Exception):
    """The tree cannot be had; the message is one line that says what to do."""


class GitError(SourceError):
    """Git is missing, refuses, or does not know what was asked for."""


# ------------------------------------------------------------------------------------------------------------ the tree


class Recent(Generic[_Key, _Value]):
    """What was used last of what is dear to compute, up to a total length of the files that it came from; the last always."""

    def __init__(self) -> None:
        self._kept: OrderedDict[_Key, tuple[_Value, int]] = OrderedDict()
        self._length = 0

    def __contains__(self, key: _Key) -> bool:
        return key in self._kept

    def __getitem__(self, key: _Key) -> _Value:
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def keep(self, key: _Key, value: _Value, length: int) -> None:
        self.drop(key)
        self._kept[key] = value, length
        self._length += length
        while self._length > _REMEMBERED and len(self._kept) > 1:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._length -= dropped

    def drop(self, key: _Key) -> None:
        if key in self._kept:
            self._length -= self._kept.pop(key)[1]

    def without(self, key: _Key) -> Recent[_Key, _Value]:
        others: Recent[_Key, _Value] = Recent()
        for other, (value, length) in self._kept.items():
            if other != key:
                others.keep(other, value, length)
        return others


@dataclass(frozen=True)
class Tree:
    """A set of files. Paths are POSIX, relative to `root`, and sorted; odd bytes in names are surrogate-escaped.

    `requested` are those to be checked, all others serve as context. `read` and `size` take one of `paths` and raise
    OSError if the file has gone or git's objects are not there. Trees can be pickled for worker processes.
    """

    root: Path
    paths: tuple[str, ...]
    requested: tuple[str, ...]
    skipped: tuple[Skipped, ...]
    read: Callable[[str], bytes] = field(repr=False, compare=False)
    size: Callable[[str], int] = field(repr=False, compare=False)
    policy: Policy = field(default=_DEFAULTS, repr=False, compare=False)
    told_by: Tree | None = field(default=None, repr=False, compare=False)  # what tells the own hosts, if not itself
    _files: Recent[str, SourceFile | Skipped] = field(default_factory=Recent, init=False, repr=False, compare=False)
    _notes: dict[str, Skipped] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __reduce__(self) -> tuple[Any, ...]:
        parts = (self.root, self.paths, self.requested, self.skipped, self.read, self.size, self.policy, self.told_by)
        return (Tree, parts)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.paths)

    @cached_property
    def _included(self) -> _Globs:
        return _Globs(self.policy.include)

    def exists(self, path: str) -> bool:
        return path in self._known

    def text_file(self, path: str) -> SourceFile | Skipped:
        """The decoded, classified file; or why there is none: too large, binary, a well-known library, unreadable.

        A file with bytes that are not in its encoding is given with U+FFFD in their place; see `note`.
        """
        if path not in self._files:
            result = self._load(path)
            self._files.keep(path, result, len(result.text) if isinstance(result, SourceFile) else 0)
        return self._files[path]

    def text(self, path: str) -> str:
        """The text of a file that `text_file` gives; "" where it gives none."""
        file = self.text_file(path) if self.exists(path) else None
        return file.text if isinstance(file, SourceFile) else ""

    def raw_text(self, path: str) -> str:
        """The text of a file of any kind; "" for a large one, or one that cannot be read, which its own scan reports."""
        with contextlib.suppress(OSError):
            if self.size(path) <= _LARGE:
                return decode(self.read(path))[0]
        return ""

    def forget(self, path: str) -> None:
        """To be called when the content of a file has changed under the tree's feet."""
        self._files.drop(path)
        self._notes.pop(path, None)

    def note(self, path: str) -> Skipped | None:
        """What a reader should know of a file that `text_file` gave all the same: it was decoded with replacements."""
        return self._notes.get(path)

    @property
    def notes(self) -> tuple[Skipped, ...]:
        """The notes on all files that this tree, in this process, has given so far."""
        return tuple(self._notes[path] for path in sorted(self._notes))

    def _load(self, path: str) -> SourceFile | Skipped:
        if path not in self._known:
            return Skipped(path, "unreadable", "not among the files of this tree")
        try:
            size = self.size(path)
            if size > self.policy.max_file_bytes:
                limit = self.policy.max_file_bytes
                return Skipped(path, "too-large", f"{size:,} bytes; max_file_bytes is {limit:,}")
            data = self.read(path)
        except OSError as error:
            return Skipped(path, "unreadable", error.strerror or str(error))
        if data.startswith(_COMPRESSED):
            return Skipped(path, "binary", "is compressed")
        if is_binary(data) and (mark := _mark_of_wide(data)) and classify(path, "")[0] != "other":
            # A server can say what it is, or a browser be told by the page around it.
            self._notes[path] = Skipped(path, "encoding", "is UTF-16 without a byte order mark; analysed as that")
            data = mark + data
        elif is_binary(data):
            if data.count(b"\0") * 100 > len(data) or classify(path, "")[0] == "other":
                return Skipped(path, "binary", "holds NUL bytes")
            # A browser runs a page or a script with a stray NUL in it.
            data = data.replace(b"\0", b" ")
            self._notes[path] = Skipped(path, "encoding", "holds NUL bytes; analysed with spaces in their place")
        library = known_library(path, data)
        if library and not self._included.match(path):
            return Skipped(path, "well-known-library", library)
        text, problem = decode(data)
        language, dialect = classify(path, text[:_HEAD])
        if problem and language != "other":
            self._notes[path] = Skipped(path, "encoding", problem.text, problem.line)
        return SourceFile(path, text, language, dialect)


def locate(paths: Sequence[Path] = (), start: Path | None = None) -> tuple[Path, tuple[Path, ...]]:
    """The root for what was named on a command line, and the paths to check below it (none: all).

    One folder is its own root. Else the root is git's top-level folder around the paths (or around `start`, by default
    the current folder), or without git the folder that holds them all. Raises SourceError for a path that is not there.
    """
    here = Path.cwd() if start is None else start
    named = [here / path for path in paths]
    for path in named:
        if not os.path.lexists(path):
            raise SourceError(f"{path}: no such file or folder")
    if len(named) == 1 and named[0].is_dir():
        return named[0].resolve(), ()
    if not named:
        return _top_level(here.resolve()) or here.resolve(), ()
    folders = [os.path.realpath(path if path.is_dir() else path.parent) for path in named]
    try:
        common = Path(os.path.commonpath([os.path.realpath(here), *folders]))
        shared = here.resolve() if common == here.resolve() else Path(os.path.commonpath(folders))
    except ValueError:
        raise SourceError("the paths are on different drives; check them one by one") from None
    return _top_level(shared) or shared, tuple(named)


def working_tree(root: Path, paths: Sequence[Path] = (), *, policy: Policy = _DEFAULTS) -> Tree:
    """The files of `root` as they lie on the disk; `paths` (files or folders) are those to be checked, if given.

    With git: what is tracked or new and not ignored. Without: .gitignore files are read. Raises SourceError for a root
    that is no folder and for a path that is missing or outside.
    """
    root = Path(os.path.realpath(root))
    if not root.is_dir():
        raise SourceError(f"{root}: {'is not a folder' if root.exists() else 'no such folder'}")
    if root == root.parent:
        raise SourceError(f"{root}: is the whole file system; name the site's folder")
    if (root / "HEAD").is_file() and (root / "objects").is_dir() and (root / "refs").is_dir():
        raise SourceError(f"{root}: is git's own data or a bare repository, which holds no files; check a clone of it")
    listing = _git_listing(root) or _walk(root, policy)
    files, skipped = _select(listing.files, policy)
    skipped += listing.skipped
    kept = []
    for path in files:
        if path not in listing.links:
            kept.append(path)
        elif (target := _link_out(root, path)) is not None:
            skipped.append(Skipped(path, "symlink-out-of-root", f"points to {target}"))
    kept.sort()
    requested, more = _requested(root, paths, kept, skipped)
    place = str(root)
    return Tree(
        root,
        tuple(kept),
        requested,
        _ordered([*skipped, *more]),
        partial(_read_disk, place),
        partial(_size_disk, place),
        policy,
    )


def index_tree(root: Path, paths: Sequence[Path] = (), *, policy: Policy = _DEFAULTS) -> Tree:
    """What the next commit would hold. Raises GitError, and SourceError for a path that is missing or outside."""
    root = Path(os.path.realpath(root))
    stages: dict[str, tuple[int, _Entry]] = {}
    for record in _records(_git(root, "ls-files", "--stage", "-z")):
        meta, path = record.split("\t", 1)
        mode, oid, stage = meta.split()
        # While a merge is unresolved there are up to three versions; 2 is "ours".
        rank = {0: 0, 2: 1, 3: 2}.get(int(stage), 3)
        if path not in stages or rank < stages[path][0]:
            stages[path] = (rank, _Entry(mode, oid, None))
    return _object_tree(root, {path: entry for path, (_, entry) in stages.items()}, paths, policy)


def revision_tree(root: Path, rev: str, paths: Sequence[Path] = (), *, policy: Policy = _DEFAULTS) -> Tree:
    """The files of a commit. Raises GitError, and SourceError for a path that is outside."""
    root = Path(os.path.realpath(root))
    commit = resolve(root, rev)
    return _object_tree(root, _tree_entries(root, commit), paths, policy)


def resolve(root: Path, rev: str) -> str:
    """The full id of a commit. Raises GitError with the way out."""
    if not rev or rev.startswith("-") or "\0" in rev:
        raise GitError(f'"{rev}" is not a revision; name a branch, a tag or a commit')
    try:
        return _git(root, "rev-parse", "--verify", "--quiet", rev + "^{commit}").decode("ascii", "replace").strip()
    except GitError as error:
        if error.args[0] != _UNEXPLAINED:
            raise
    if not _has_commit(root):
        raise GitError(f'unknown revision "{rev}": {root} has no commit yet, so there is nothing to compare with')
    if _is_shallow(root) and re.search(r"[~^]", rev):
        raise GitError(f'unknown revision "{rev}": this clone is shallow; run `git fetch --unshallow`') from None
    if _is_shallow(root):
        remote, name = _remote_and_name(root, rev)
        into = f"+{name}:refs/remotes/{remote}/{name}" if rev != name else name
        fetch = f"git fetch --depth=1 {remote} {into}"
        raise GitError(f'unknown revision "{rev}": this clone is shallow; run `{fetch}`') from None
    raise GitError(f'unknown revision "{rev}"; run `git fetch`, or check its spelling with `git branch --all`')


def merge_base(root: Path, rev: str, head: str = "HEAD") -> str:
    """The id of the commit at which `head` left `rev`. Raises GitError, also if the clone is too shallow to tell."""
    base, tip = resolve(root, rev), resolve(root, head)
    try:
        return _git(root, "merge-base", base, tip).decode("ascii", "replace").strip()
    except GitError as error:
        if error.args[0] != _UNEXPLAINED:
            raise
    if _is_shallow(root):
        advice = "run `git fetch --unshallow` (in GitHub Actions: `fetch-depth: 0` for actions/checkout)"
        raise GitError(f'no common commit of "{rev}" and {head} in this shallow clone; {advice}') from None
    raise GitError(f'"{rev}" and {head} have no commit in common; name another base')


# ----------------------------------------------------------------------------------------------------------------- git


_UNEXPLAINED = "git failed"
_GIT_LOCAL = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_PREFIX", "GIT_NAMESPACE", "GIT_CEILING_DIRECTORIES")


class _Entry(NamedTuple):
    mode: str
    oid: str
    size: int | None
    folder: str = ""  # of the submodule that holds the object, relative to the root


class _Listing(NamedTuple):
    files: list[str]
    links: set[str]  # those of the files that are symbolic links
    skipped: list[Skipped]


def _git_command(root: Path, *arguments: str) -> list[str]:
    # A repository's own configuration may name a program to run; this listing does not need it.
    return ["git", "-c", "core.fsmonitor=false", "-C", str(root), *arguments]


def _git_environment(root: Path) -> dict[str, str]:
    """Hooks run with variables that bind git to one repository; the root alone says which one is meant.

    The index of a partial commit stands in GIT_INDEX_FILE and must be used, but only for the repository that it is of.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _GIT_LOCAL}
    environment.update(LC_ALL="C", GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0", GIT_NO_LAZY_FETCH="1")
    index = environment.pop("GIT_INDEX_FILE", None)
    top = _top_level(root)
    if index and top:
        folder = top / ".git"
        try:
            if folder.is_file():  # a linked work tree or a submodule
                folder = top / folder.read_text("utf-8", "replace").removeprefix("gitdir:").strip()
        except OSError as error:
            raise GitError(f"{folder}: cannot be read: {error.strerror or error}") from None
        if _is_within(os.path.realpath(index), os.path.realpath(folder)):
            environment["GIT_INDEX_FILE"] = os.path.abspath(index)
    return environment


def _start_git(root: Path, *arguments: str, reads: bool = False) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            _git_command(root, *arguments),
            stdin=subprocess.PIPE if reads else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL if reads else subprocess.PIPE,
            env=_git_environment(root),
        )
    except FileNotFoundError:
        raise GitError("git is not installed or not on the PATH; install it, or check a folder of files") from None
    except (OSError, ValueError) as error:
        raise GitError(f"git cannot be run: {error}") from None


def _finish_git(process: subprocess.Popen[bytes], root: Path) -> bytes:
    output, errors = process.communicate()
    if process.returncode == 0:
        return output
    text = errors.decode("utf-8", "replace")
    if "dubious ownership" in text:
        advice = f"git config --global --add safe.directory {root}"
        raise GitError(f"{root}: git refuses a repository that another user owns; run `{advice}`")
    if "not a git repository" in text:
        raise GitError(f"{root}: is not a git repository; name a folder to check, or run `git init` first")
    if "cannot change to" in text:
        raise GitError(f"{root}: no such folder")
    if "bad object" in text or "unable to read" in text or "missing" in text or "could not fetch" in text:
        raise GitError(f"{root}: objects are missing from this repository; run `git fetch --refetch` or clone it again")
    lines = [line for line in text.splitlines() if line.startswith(("fatal:", "error:"))]
    raise GitError(f"{root}: git: {lines[-1].split(':', 1)[1].strip()}" if lines else _UNEXPLAINED)


def _git(root: Path, *arguments: str) -> bytes:
    return _finish_git(_start_git(root, *arguments), root)


def _records(output: bytes) -> Iterator[str]:
    return (record for record in os.fsdecode(output).split("\0") if record)


def _top_level(folder: Path) -> Path | None:
    return next((place for place in (folder, *folder.parents) if os.path.lexists(place / ".git")), None)


def _has_commit(root: Path) -> bool:
    return bool(_git(root, "rev-list", "--max-count=1", "--all").strip())


def _is_shallow(root: Path) -> bool:
    return _git(root, "rev-parse", "--is-shallow-repository").strip() == b"true"


def _remote_and_name(root: Path, rev: str) -> tuple[str, str]:
    """("origin", "main") for "origin/main", and for "main" unless there is another remote."""
    remotes = _git(root, "remote").decode("utf-8", "replace").split()
    name = re.sub(r"[~^@].*", "", rev.removeprefix("refs/remotes/")) or rev
    first, _, rest = name.partition("/")
    if rest and first in remotes:
        return first, rest
    return ("origin" if "origin" in remotes or not remotes else remotes[0]), name.removeprefix("refs/heads/")


def _git_listing(root: Path) -> _Listing | None:
    """What git sees below root, its submodules and nested repositories too; None where git has nothing to say."""
    if _top_level(root) is None:
        return None
    files: list[str] = []
    links: set[str] = set()
    skipped: list[Skipped] = []
    folders = [""]
    seen: set[str] = set()
    while folders:
        folder = folders.pop()
        seen.add(folder)
        place = root / folder
        try:
            wanted = _start_git(place, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
            ignored = _start_git(place, "ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory")
            found = [folder + path for path in _records(_finish_git(wanted, place))]
            left_out = [folder + path for path in _records(_finish_git(ignored, place))]
        except GitError as error:
            if not folder:
                return None  # an unusable repository is still a folder of files
            skipped.append(Skipped(folder, "unreadable", str(error)))
            continue
        if not folder and not found:
            # The root may be ignored as a whole by a repository around it, and was named all the same.
            return None if _top_level(root) != root else _Listing([], set(), [])
        skipped += [Skipped(path, "ignored-by-git") for path in left_out if path.rstrip("/") != folder.rstrip("/")]
        for path in dict.fromkeys(found):  # an unresolved merge lists a path up to three times
            try:
                mode = os.lstat(os.path.join(root, path)).st_mode
            except OSError:
                continue  # deleted, but not yet in git
            if stat.S_ISDIR(mode):  # a submodule, or another repository inside this one
                nested = path.rstrip("/") + "/"
                if nested in seen:
                    continue
                if os.path.lexists(root / nested / ".git"):
                    folders.append(nested)
                else:
                    skipped.append(Skipped(nested, "unreadable", _ABSENT_SUBMODULE))
            elif stat.S_ISREG(mode):
                files.append(path)
            elif stat.S_ISLNK(mode):
                files.append(path)
                links.add(path)
    return _Listing(files, links, skipped)


_ABSENT_SUBMODULE = "a submodule that is not checked out; run `git submodule update --init`"


def _tree_entries(root: Path, commit: str) -> dict[str, _Entry]:
    entries = {}
    for record in _records(_git(root, "ls-tree", "-r", "-z", "-l", commit)):
        meta, path = record.split("\t", 1)
        mode, _, oid, size = meta.split()
        entries[path] = _Entry(mode, oid, int(size) if size.isdigit() else None)
    return entries


def _with_submodules(root: Path, entries: dict[str, _Entry]) -> tuple[dict[str, _Entry], list[Skipped]]:
    entries = dict(entries)
    skipped: list[Skipped] = []
    links = [path for path, entry in entries.items() if entry.mode == "160000"]
    while links:
        path = links.pop()
        commit = entries.pop(path).oid
        try:
            if not os.path.lexists(root / path / ".git"):
                raise GitError(_ABSENT_SUBMODULE)
            for inner, entry in _tree_entries(root / path, commit).items():
                entries[f"{path}/{inner}"] = entry._replace(folder=path)
                if entry.mode == "160000":
                    links.append(f"{path}/{inner}")
        except GitError as error:
            skipped.append(Skipped(path + "/", "unreadable", str(error)))
    return entries, skipped


def _object_tree(root: Path, entries: dict[str, _Entry], paths: Sequence[Path], policy: Policy) -> Tree:
    entries, skipped = _with_submodules(root, entries)
    files, left_out = _select(entries, policy)
    skipped += left_out
    blobs = _Blobs(root, entries)
    kept = []
    for path in files:
        if entries[path].mode != "120000":
            kept.append(path)
            continue
        try:
            target = os.fsdecode(blobs.read(path))
        except OSError:
            continue
        parts = os.path.normpath(os.path.join("/root", os.path.dirname(path), target.replace("\\", "/")))
        if not _is_within(parts, "/root"):
            skipped.append(Skipped(path, "symlink-out-of-root", f"points to {target}"))
    kept.sort()
    requested, more = _requested(root, paths, kept, skipped)
    return Tree(root, tuple(kept), requested, _ordered([*skipped, *more]), blobs.read, blobs.size, policy)


def files_at(root: Path, rev: str) -> Files:
    """What stands at a revision in the place of each file of the repository around `root`; other files are the disk's.

    Symbolic links are followed within the revision. Raises GitError.
    """
    top = _top_level(root) or root
    entries, _ = _with_submodules(top, _tree_entries(top, resolve(root, rev)))
    folders = {path[:at] for path in entries for at, char in enumerate(path) if char == "/"} | {"."}
    blobs = _Blobs(top, entries)

    def name(path: Path) -> str | None:
        """The path in the repository; None outside of it."""
        # As written, not resolved on the disk: there, a link may be the change's own.
        inner = os.path.relpath(os.path.abspath(path), top)
        for _ in range(20):
            if inner.startswith(".."):
                return None
            parts = inner.split("/")
            heads = ["/".join(parts[: at + 1]) for at in range(len(parts))]
            link = next((head for head in heads if head in entries and entries[head].mode == "120000"), None)
            if link is None:
                return inner
            target = os.path.join(os.path.dirname(link), os.fsdecode(blobs.read(link)))
            inner = os.path.normpath(os.path.join(target, inner[len(link) :].lstrip("/")))
        return inner

    def read(path: Path) -> bytes:
        inner = name(path)
        return DISK.read(path) if inner is None else blobs.read(inner)

    def is_file(path: Path) -> bool:
        inner = name(path)
        return DISK.is_file(path) if inner is None else inner in entries

    def is_folder(path: Path) -> bool:
        inner = name(path)
        return DISK.is_folder(path) if inner is None else inner in folders

    return Files(read, is_file, is_folder)


def changed_files(root: Path, rev: str, *, staged: bool) -> list[str]:
    """The files below root that differ from a revision: in the index if `staged`, else on the disk. Raises GitError."""
    options = ["--cached"] if staged else []
    return list(
        _records(_git(root, "diff", *options, "--relative", "--name-only", "--no-renames", "-z", rev, "--", "."))
    )


def folder_at(root: Path, rev: str, folder: Path, into: Path) -> bool:
    """Write what a folder of the repository held at a revision to `into`; False for one outside of it. Raises GitError."""
    top = _top_level(root) or root
    name = os.path.relpath(os.path.abspath(folder), top).replace(os.sep, "/")
    if name.startswith(".."):
        return False
    into.mkdir()
    entries, _ = _with_submodules(top, _tree_entries(top, resolve(root, rev)))
    blobs = _Blobs(top, entries)
    for path, entry in entries.items():
        if entry.mode != "120000" and _is_within(path, name):
            target = into / os.path.relpath(path, name)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(blobs.read(path))
    return True


class _Blobs:
    """Reads git's objects through one `git cat-file` process for each repository and question."""

    def __init__(self, root: Path, entries: dict[str, _Entry]) -> None:
        self.root = root
        self.entries = entries
        self._start_over()

    def __getstate__(self) -> dict[str, Any]:
        return {"root": self.root, "entries": self.entries}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.root, self.entries = state["root"], state["entries"]
        self._start_over()

    def _start_over(self) -> None:
        self.pid = os.getpid()
        self.lock = threading.Lock()
        self.processes: dict[tuple[str, str], subprocess.Popen[bytes]] = {}
        weakref.finalize(self, _stop, self.pid, self.processes)

    def read(self, path: str) -> bytes:
        return self._ask(path, "--batch")[1]

    def size(self, path: str) -> int:
        known = self._entry(path).size
        return self._ask(path, "--batch-check")[0] if known is None else known

    def _entry(self, path: str) -> _Entry:
        try:
            return self.entries[path]
        except KeyError:
            raise FileNotFoundError(2, "not in this tree", path) from None

    def _ask(self, path: str, mode: str) -> tuple[int, bytes]:
        entry = self._entry(path)
        if self.pid != os.getpid():
            self._start_over()  # after a fork the pipes belong to the parent
        with self.lock:
            try:
                process = self.processes.get((entry.folder, mode))
                if process is None:
                    process = _start_git(self.root / entry.folder, "cat-file", mode, reads=True)
                    self.processes[(entry.folder, mode)] = process
                if process.stdin is None or process.stdout is None:
                    raise OSError(5, "git cannot be read from", path)
                process.stdin.write(entry.oid.encode("ascii") + b"\n")
                process.stdin.flush()
                header = process.stdout.readline().split()
                if len(header) != 3 or not header[2].isdigit():
                    raise OSError(2, "git's object is missing; run `git fetch`", path)
                size = int(header[2])
                if mode != "--batch":
                    return size, b""
                data = process.stdout.read(size + 1)
            except GitError as error:
                raise OSError(5, str(error), path) from None
        if len(data) != size + 1:
            raise OSError(5, "git stopped while reading", path)
        return size, data[:-1]


def _stop(pid: int, processes: dict[tuple[str, str], subprocess.Popen[bytes]]) -> None:
    if pid != os.getpid():
        return
    for process in processes.values():
        process.terminate()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        process.wait()


# ------------------------------------------------------------------------------------------------------ files on a disk


def _read_disk(root: str, path: str) -> bytes:
    place = os.path.join(root, path)
    if not stat.S_ISREG(os.stat(place).st_mode):
        raise OSError(errno.EINVAL, "it is no regular file", path)  # to open a named pipe waits for its other end
    with open(place, "rb") as file:
        return file.read()


def _size_disk(root: str, path: str) -> int:
    return os.stat(os.path.join(root, path)).st_size


def _link_out(root: Path, path: str) -> str | None:
    """Where a symbolic link points to, if that is outside of root. Links inside it are second names of listed files."""
    place = os.path.join(root, path)
    try:
        return None if _is_within(os.path.realpath(place), str(root)) else os.readlink(place)
    except (OSError, ValueError):
        return None


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


class _IgnoreFile:
    """One .gitignore: the folder that it stands in (with a slash, or ""), and what it says of the paths below."""

    def __init__(self, folder: str, lines: list[str]) -> None:
        self.folder = folder
        self.globs = _Globs(tuple(lines))

    def says(self, path: str) -> bool | None:
        return self.globs.check(path[len(self.folder) :])


def _walk(root: Path, policy: Policy) -> _Listing:
    """The files below root that no .gitignore there ignores. Folders that are left out as a whole are not entered."""
    files: list[str] = []
    links: set[str] = set()
    skipped: list[Skipped] = []
    include = bool(policy.include)
    stack: list[tuple[str, tuple[_IgnoreFile, ...]]] = [("", ())]
    while stack:
        folder, ignores = stack.pop()
        try:
            with os.scandir(os.path.join(root, folder)) as listing:
                entries = list(listing)
        except OSError as error:
            skipped.append(Skipped(folder, "unreadable", error.strerror or str(error)))
            continue
        names = {entry.name for entry in entries}
        if not include and (why := _marked(folder, names)):
            skipped.append(Skipped(folder, "vendored", why))
            continue
        if ".gitignore" in names:
            try:
                lines = _read_disk(str(root), folder + ".gitignore").decode("utf-8-sig", "replace").splitlines()
            except OSError:
                lines = []
            ignores = (_IgnoreFile(folder, lines), *ignores)
        for entry in entries:
            try:
                is_folder = entry.is_dir(follow_symlinks=False)
            except OSError:
                is_folder = False
            path = folder + entry.name + ("/" if is_folder else "")
            owned = _owned(folder, entry.name) if is_folder else None
            if owned and (not include or entry.name in _NEVER_ENTERED):
                skipped.append(Skipped(path, "vendored", owned))
                continue
            verdict = next((said for ignore in ignores if (said := ignore.says(path)) is not None), None)
            if verdict:
                skipped.append(Skipped(path, "ignored-by-git"))
            elif is_folder:
                stack.append((path, ignores))
            elif entry.is_symlink():
                files.append(path)
                links.add(path)
            elif entry.is_file(follow_symlinks=False):
                files.append(path)
    return _Listing(files, links, skipped)


# --------------------------------------------------------------------------------------------------- what is left out


class _Globs:
    """.gitignore patterns. `check` is True for a match, False for a negated one and None where nothing applies."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self.patterns = patterns

    @cached_property
    def _spec(self) -> GitIgnoreSpec | None:
        # Most trees need none, and the import costs as much as listing a thousand files.
        lines = [line for line in self.patterns if line.strip() and not line.startswith("#")]
        if not lines:
            return None
        from pathspec import GitIgnoreSpec

        good = []
        for line in lines:
            if not is_simple_glob(line):
                continue  # it could take for ever; files that it names are looked at
            try:
                GitIgnoreSpec.from_lines([line])
            except (ValueError, re.error):
                continue  # git passes over what it cannot read, too
            good.append(line)
        return GitIgnoreSpec.from_lines(good)

    @cached_property
    def _any(self) -> re.Pattern[str] | None:
        """All patterns in one expression: most paths match none, and this says so at a fraction of the cost."""
        sources = []
        for pattern in self._spec.patterns if self._spec else ():
            regex = getattr(pattern, "regex", None)
            if regex is not None:
                sources.append(re.sub(r"\(\?P<\w+>", "(?:", regex.pattern))
        return re.compile("|".join(f"(?:{source})" for source in sources)) if sources else None

    def check(self, path: str) -> bool | None:
        if not self.patterns or self._spec is None or self._any is None or not self._any.match(path):
            return None
        return self._spec.check_file(path).include

    def match(self, path: str) -> bool:
        return bool(self.check(path))


# Folders that something else than the site's developers fills, or that only their tools read, by names that are used for
# nothing else.
_OWNED_FOLDERS = _table(
    """
    installed packages: node_modules bower_components jspm_packages site-packages
    a package manager's folder: .yarn .pnpm-store .npm .bundle .gradle .eggs .m2
    version control: .git .hg .svn .bzr CVS
    a Python environment: .venv venv .tox .nox virtualenv
    a tool's cache: __pycache__ .mypy_cache .pytest_cache .ruff_cache .hypothesis .sass-cache .parcel-cache
    a tool's cache: .cache .turbo .nx .nyc_output .jekyll-cache .docusaurus .phpunit.cache
    a deployment tool's folder: .terraform .serverless .vagrant
    an editor's folder: .idea .vs .vscode .fleet .zed .devcontainer
    instructions for a coding agent: .agent .agents .claude .codex .cursor .gemini .windsurf .continue .roo .kiro .trae .opencode
    instructions for a coding agent: .factory .augment .junie .qoder .clinerules .amazonq .specify .bmad-core .claude-plugin
    a tool's hooks and notes: .husky .changeset .changesets
    """
)
# A parent and its folder, where the folder's name alone would say too little.
_OWNED_PAIRS = {
    (".next", "cache"): "a tool's cache",
    (".angular", "cache"): "a tool's cache",
    (".nuxt", "cache"): "a tool's cache",
    ("vendor", "bundle"): "installed packages",
    ("vendor", "cache"): "installed packages",
}
# Names that sites use as well, and what must lie in the folder for it to be a tool's.
_MARKED_FOLDERS = {
    "vendor": (frozenset({"autoload.php", "composer", "modules.txt"}), "installed packages"),
    "core": (frozenset({"core.services.yml"}), "Drupal itself"),
    "coverage": (
        frozenset({"lcov.info", "lcov-report", "coverage-final.json", "clover.xml", ".resultset.json"}),
        "a test report",
    ),
    "htmlcov": (frozenset({"status.json", "coverage_html.js", ".gitignore"}), "a test report"),
}
_NEVER_ENTERED = frozenset({".git", ".hg", ".svn", ".bzr", "CVS"})

_LOCK_FILES = _words(
    """
    package-lock.json npm-shrinkwrap.json yarn.lock pnpm-lock.yaml bun.lock bun.lockb deno.lock gemfile.lock
    gems.locked composer.lock symfony.lock poetry.lock pdm.lock uv.lock pipfile.lock cargo.lock go.sum
    flake.lock mix.lock packages.lock.json paket.lock podfile.lock pubspec.lock gradle.lockfile
    .terraform.lock.hcl conda-lock.yml cabal.project.freeze stack.yaml.lock package.resolved pixi.lock
    chart.lock
    """
)
_BINARY = _words(
    """
    png apng jpg jpeg jfif gif webp avif heic heif ico icns cur bmp tif tiff psd ai eps xcf sketch fig raw jxl
    jp2 woff woff2 ttf otf eot ttc pfb fon mp3 mp4 m4a m4v mov avi mkv webm ogg ogv oga opus wav flac aac wma
    wmv flv swf mid pdf doc docx docm dotx xls xlsx xlsm ppt pptx pps ppsx odt ods odp odg epub mobi rtf zip gz
    tgz bz2 xz zst 7z rar tar lz4 br jar war ear whl egg gem phar apk ipa dmg iso deb rpm msi cab nupkg crx xpi
    exe dll so dylib bin o a lib pdb class pyc pyo pyd wasm node db sqlite sqlite3 mdb accdb dbf mo pack idx rdb
    parquet feather npy npz pkl pickle h5 hdf5 onnx pt pth tflite pb p12 pfx jks keystore der gpg sig shp shx
    mbtiles glb fbx pf_fragment pf_index pf_meta nc blend stl 3ds suo ds_store lottie
    """
)


def _owned(folder: str, name: str) -> str | None:
    """Why a folder belongs to a tool, by its name; `folder` is its parent, with a slash at its end."""
    return _OWNED_FOLDERS.get(name) or _OWNED_PAIRS.get((folder.rstrip("/").rpartition("/")[2], name))


def _marked(folder: str, names: Iterable[str]) -> str | None:
    """Why a folder belongs to a tool, by what lies in it."""
    markers, why = _MARKED_FOLDERS.get(folder.rstrip("/").rpartition("/")[2], (frozenset(), ""))
    return why if not markers.isdisjoint(names) else None


def _select(files: Iterable[str], policy: Policy) -> tuple[list[str], list[Skipped]]:
    """Those of the files that no rule leaves out by its name or folder, and what is left out."""
    files = list(files)
    children: dict[str, set[str]] = {}
    for path in files:
        for name in _MARKED_FOLDERS:
            if name + "/" not in path:
                continue
            parts = path.split("/")
            for at, part in enumerate(parts[:-1]):
                if part == name:
                    children.setdefault("/".join(parts[: at + 1]) + "/", set()).add(parts[at + 1])
    exclude, include = _Globs(policy.exclude), _Globs(policy.include)
    # For each folder: the outermost folder that a rule leaves out, as it will be listed; None: it is looked at.
    verdicts: dict[str, Skipped | None] = {"": None}

    def verdict_on(folder: str) -> Skipped | None:
        missing = []
        while folder not in verdicts:
            missing.append(folder)
            folder = folder[: folder.rstrip("/").rfind("/") + 1]
        verdict = verdicts[folder]
        for inner in reversed(missing):
            if verdict is None:
                parent, _, name = inner.rstrip("/").rpartition("/")
                why = _owned(parent, name) or _marked(inner, children.get(inner, ()))
                if exclude.match(inner):
                    verdict = Skipped(inner, "excluded")
                elif why:
                    verdict = Skipped(inner, "vendored", why)
            verdicts[inner] = verdict
        return verdict

    kept: list[str] = []
    skipped: dict[str, Skipped] = {}
    for path in files:
        left_out = verdict_on(path[: path.rfind("/") + 1])
        if left_out is None:
            if exclude.match(path):
                left_out = Skipped(path, "excluded")
            elif reason := _file_rule(path):
                left_out = Skipped(path, reason)
        if left_out is None or (left_out.reason != "excluded" and include.match(path) and not exclude.match(path)):
            kept.append(path)
        else:
            skipped.setdefault(left_out.path, left_out)
    return kept, list(skipped.values())


def _file_rule(path: str) -> SkipReason | None:
    name = _base_name(path)
    if name in _LOCK_FILES:
        return "lock-file"
    extension = name.rpartition(".")[2]
    if extension == "map" and name.count(".") >= 2:
        return "source-map"
    return "binary" if extension in _BINARY and "." in name else None


def _base_name(path: str) -> str:
    """The last part in lower case, without the query that site mirrors keep in names (`site.js?ver=1.2`)."""
    return path.rpartition("/")[2].partition("?")[0].lower()


def _requested(
    root: Path, paths: Sequence[Path], kept: Sequence[str], skipped: Sequence[Skipped]
) -> tuple[tuple[str, ...], list[Skipped]]:
    """Those of `kept` that `paths` name, and an entry for each named file that a rule leaves out."""
    if not paths:
        return tuple(kept), []
    known = frozenset(kept)
    chosen: set[str] = set()
    more: list[Skipped] = []
    reasons = {item.path: item for item in skipped}
    for path in paths:
        spellings = []
        for place in (os.path.abspath(path), os.path.realpath(path)):
            # The root is resolved; the way to it in `path` may not be, and only its last part may be a link we keep.
            place = os.path.join(os.path.realpath(os.path.dirname(place)), os.path.basename(place))
            if _is_within(place, str(root)):
                spellings.append(Path(place).relative_to(root).as_posix())
        if not spellings:
            raise SourceError(f"{path}: is outside of {root}; check it on its own, or name a folder that holds both")
        for name in spellings:
            if name in known:
                chosen.add(name)
                break
            folder = "" if name == "." else name + "/"
            below = [item for item in kept if item.startswith(folder)]
            if below:
                chosen.update(below)
                break
        else:
            name = spellings[0]
            if name in reasons or name + "/" in reasons:
                continue
            parents = [name[: match.end()] for match in re.finditer("/", name)]
            covering = next((reasons[parent] for parent in parents if parent in reasons), None)
            if covering:
                more.append(Skipped(name, covering.reason, covering.detail))
            elif not os.path.lexists(path):
                raise SourceError(f"{path}: no such file or folder")
            elif os.path.isfile(path):
                more.append(Skipped(name, "ignored-by-git", "not among the files of this tree"))
            elif not os.path.isdir(path):
                more.append(Skipped(name, "unreadable", "it is no file, or a link to nothing"))
    return tuple(sorted(chosen)), more


def _ordered(skipped: Iterable[Skipped]) -> tuple[Skipped, ...]:
    return tuple(sorted(set(skipped), key=lambda item: (item.path, item.reason, item.detail)))


# ----------------------------------------------------------------------------------------------- well-known libraries


class _Library(NamedTuple):
    name: str
    stem: re.Pattern[str]  # of the file's name without version, `.min` and the like
    banner: re.Pattern[bytes]  # that the beginning of every genuine copy matches
    hosts: frozenset[str]  # that its strings name


_STEM_SUFFIX = lazy_re.compile(
    r"[.-](?:min|slim|bundle|esm|umd|cjs|iife|global|prod|production|development|debug|full|pack|packed|custom|all|core|legacy)$"
    r"|[._-]?v?\d+(?:\.\d+){0,3}(?:[.-]?(?:rc|beta|alpha|pre)[.-]?\d*)?$"
)
# A host that follows a quote or a backtick; comments name many, strings are what can be loaded.
_STRING_HOST = lazy_re.compile(rb"""["'`]\s*(?:https?:)?(?:\\?/){2}([\w.-]+)(?:\\?(/[\w.-]+))?""", re.IGNORECASE)
_NAMESPACE_HOSTS = frozenset(
    {"www.w3.org", "w3.org", "jquery.org", "jquery.com", "github.com", "developer.mozilla.org"}
)


@lru_cache(maxsize=1)
def _libraries() -> tuple[_Library, ...]:
    """Those of `rulesets/libraries/quiet.tsv`, which says what each column is."""
    from tracklint.ruleset import builtin_folder  # only a script of such a name needs it

    lines = (builtin_folder() / "libraries" / "quiet.tsv").read_text("utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return tuple(
        _Library(name, re.compile(stem), re.compile(banner.encode("ascii")), frozenset(" ".join(hosts).split()))
        for name, stem, banner, *hosts in rows
    )


def known_library(path: str, data: bytes) -> str | None:
    """The name of the well-known library of which this is a copy to which no other host has been added."""
    name = _base_name(path)
    if not name.endswith((".js", ".mjs", ".cjs")):
        return None
    stem = name.rpartition(".")[0]
    while True:
        shorter = _STEM_SUFFIX.sub("", stem)
        if shorter == stem or not shorter:
            break
        stem = shorter
    for library in _libraries():
        if not library.stem.fullmatch(stem) or not library.banner.search(data, 0, 2048):
            continue
        known = _NAMESPACE_HOSTS | library.hosts
        for match in _STRING_HOST.finditer(data):
            host, path = match[1].decode("ascii", "replace").lower(), (match[2] or b"").decode("ascii", "replace")
            if host not in known and host + path not in known:
                return None
        return library.name
    return None


# ------------------------------------------------------------------------------------------------------------ decoding


class Problem(NamedTuple):
    """The first place at which bytes are not what their encoding says."""

    line: int
    text: str


# Longest first: the mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = lazy_re.compile(
    rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{2,40})"""
    rb"""|^\s{0,99}<\?xml[^>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w.:-]{2,40})"""
    rb"""|^@charset "([\w.:-]{2,40})";"""
    rb"""|coding[:=]\s{0,9}([\w.-]{2,40})""",
    re.IGNORECASE,
)
# Browsers read these labels as supersets of what they name.
_BROWSER_LABELS = _table(
    """
    cp1252: iso-8859-1 iso8859-1 latin1 latin-1 l1 ascii us-ascii windows-1252 x-cp1252 ansi
    gb18030: gb2312 gbk gb_2312-80 x-gbk chinese
    cp932: shift_jis shift-jis sjis x-sjis ms_kanji windows-31j
    cp949: euc-kr ks_c_5601-1987 korean
    big5hkscs: big5 big5-hkscs x-x-big5
    euc_jp: x-euc-jp euc-jp
    cp1254: iso-8859-9 latin5
    mac_roman: macintosh x-mac-roman
    """
)


_COMPRESSED = (b"\x1f\x8b\x08", b"PK\x03\x04", b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd")


def is_binary(data: bytes) -> bool:
    return b"\0" in data[:8192] and not data.startswith(tuple(mark for mark, _ in _MARKS))


def _mark_of_wide(data: bytes) -> bytes:
    """The byte order mark that a text in UTF-16 lacks; b"" for other data. Latin letters have a NUL at each other place."""
    first, second = data[0:8192:2], data[1:8192:2]
    for mark, empty, full in ((codecs.BOM_UTF16_LE, second, first), (codecs.BOM_UTF16_BE, first, second)):
        if empty.count(0) * 2 > len(empty) and full.count(0) * 20 < len(full):
            return mark
    return b""


def decode(data: bytes) -> tuple[str, Problem | None]:
    """The text without its byte order mark, line ends as they are; and what had to be replaced, if anything."""
    encoding, mark, text = _decoded(data)
    if text is not None:
        return text, None
    body = data[len(mark) :]
    try:
        return body.decode(encoding), None
    except UnicodeDecodeError as error:
        line = len(re.findall(r"\r\n|\r|\n", body[: error.start].decode(encoding, "replace"))) + 1
        what = f"byte 0x{body[error.start]:02x} at line {line} is not {encoding.upper()}; analysed with replacement"
        return body.decode(encoding, "replace"), Problem(line, what)


def encode_like(data: bytes, text: str) -> bytes:
    """An edited text in the encoding of its original, `data`. Raises UnicodeEncodeError if that cannot hold it."""
    encoding, mark, _ = _decoded(data)
    return mark + text.encode(encoding)


def _decoded(data: bytes) -> tuple[str, bytes, str | None]:
    """Encoding, byte order mark, and the text where finding out has given it."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding, mark, None
    try:
        return "utf-8", b"", data.decode("utf-8")
    except UnicodeDecodeError:
        declared = _declared(data)
        return (declared[0], b"", declared[1]) if declared else ("utf-8", b"", None)


def _declared(data: bytes) -> tuple[str, str] | None:
    """The encoding that the first kilobyte declares, as browsers read it, and the text, if that is what it is in."""
    found = _DECLARED.search(data[:1024])
    if found is None:
        return None
    label = next(group for group in found.groups() if group).decode("ascii").lower()
    for encoding in (_BROWSER_LABELS.get(label, label), "latin-1" if _BROWSER_LABELS.get(label) == "cp1252" else ""):
        try:
            if encoding and codecs.lookup(encoding).name not in ("utf-8", "utf-16", "utf-32", "utf-7"):
                return encoding, data.decode(encoding)
        except (LookupError, UnicodeError, ValueError):
            continue
    return None


# ------------------------------------------------------------------------------------------------------ classification

# Template engines by extension. The extension before it tells what is made: `site.js.erb` is script in ERB.
_ENGINES = _table(
    """
    erb: erb rhtml eex heex leex
    jinja: njk nunjucks nunj twig jinja jinja2 j2 swig tera volt djhtml dtl jhtml
    liquid: liquid
    ejs: ejs eta
    handlebars: hbs handlebars mustache hjs
    freemarker: ftl ftlh ftlx
    velocity: vm vtl
    jsp: jsp jspf jspx tag tagx gsp
    razor: cshtml vbhtml razor
    asp: aspx ascx master asp asa ashx
    php: php phtml php3 php4 php5 php7 phps ctp
    go: gohtml gotmpl
    coldfusion: cfm cfml
    mako: mako
    smarty: latte smarty
    """
)
# Extensions of which only the content tells the engine.
_UNSURE_ENGINES = frozenset({"tpl", "tmpl", "tmp", "template", "tt", "tt2"})

_EXTENSIONS = _kinds(
    """
    script js: js mjs cjs jsx es6 es jsm gs
    script ts: ts mts cts
    script tsx: tsx
    style css: css pcss postcss
    style scss: scss
    style sass: sass
    style less: less
    style stylus: styl
    indent pug: pug jade
    indent slim: slim
    indent haml: haml
    markdown markdown: md markdown mdown mkd mkdn mdwn qmd rmd mdc
    markdown mdx: mdx
    markdown rst: rst rest
    markdown adoc: adoc asciidoc
    markdown textile: textile
    html svg: svg
    html vue: vue
    html svelte: svelte
    html astro: astro
    html riot: riot
    html marko: marko
    data json: json jsonc json5 webmanifest geojson ipynb har
    data yaml: yml yaml
    data toml: toml
    data ini: ini cfg conf config
    data properties: properties
    data env: env
    data typoscript: typoscript
    data xml: xml csproj vbproj fsproj props targets resx nuspec xsl xslt rss atom plist
    code ruby: rb rake gemspec ru builder jbuilder cr
    code python: py pyi pyw
    code csharp: cs
    code vb: vb
    code fsharp: fs
    code java: java
    code kotlin: kt kts
    code groovy: groovy gvy gradle
    code scala: scala
    code go: go templ
    code rust: rs
    code swift: swift
    code dart: dart
    code elixir: ex exs
    code erlang: erl
    code clojure: clj cljs cljc
    code haskell: hs elm purs
    code perl: pl pm cgi
    code lua: lua
    code coffee: coffee litcoffee cjsx
    code r: r
    """
)
_HTML = frozenset(
    {"html", "htm", "xhtml", "xht", "shtml", "shtm", "stm", "dhtml", "mjml", "hta", "wxml", "thtml", "htmlx"}
)
PHP_PERHAPS = frozenset({"inc", "module", "theme", "install", "profile", "engine"})
_FILE_NAMES = _kinds(
    """
    data text: _headers _redirects cname .htaccess caddyfile robots.txt ads.txt security.txt go.mod
    code ruby: gemfile rakefile guardfile capfile
    data toml: pipfile
    data json: .babelrc .eslintrc .bowerrc .prettierrc .swcrc
    data ini: .editorconfig .npmrc .gitmodules
    """
)
_REQUIREMENTS = lazy_re.compile(r"(?:[\w-]*requirements[\w-]*|constraints)\.(?:txt|in)")

# The begin of a page, maybe after comments and tags of a template.
_HTML_START = lazy_re.compile(
    r"\s{0,999}(?:(?:<!--(?:[^-]|-(?!->)){0,999}-->|<\?xml\b[^<>]{0,200}\?>|<%[^%]{0,300}%>|\{%[^{}]{0,300}%\}|\{#[^{}]{0,300}#\}"
    r"|\{\{[^{}]{0,300}\}\})\s{0,999}){0,20}<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE,
)
# What servers do not give browsers as pages, whatever it holds: records of other sites, old copies.
_SHOWN_AS_TEXT = (".txt", ".log", ".bak", ".old", ".orig", ".rej", ".snap")
_HTML_TAG = lazy_re.compile(
    r"<(?:!doctype|html|head|body|div|p|a|span|script|link|meta|img|iframe|section|ul|table)\b", re.IGNORECASE
)
# XSL that makes pages of XML: it says so, or begins one.
_STYLESHEETS = frozenset({"xsl", "xslt"})
_WRITES_HTML = lazy_re.compile(
    r"<\w{1,20}:output\b[^<>]{0,300}\bmethod=[\"']x?html|<(?:html|head|body|iframe|script)\b", re.IGNORECASE
)
_INTERPRETERS: tuple[tuple[re.Pattern[str], tuple[Language, str]], ...] = (
    (lazy_re.compile(r"#![^\n]{0,99}\b(?:node|deno|bun)\b"), ("script", "js")),
    (lazy_re.compile(r"#![^\n]{0,99}\bphp"), ("html", "php")),
    (lazy_re.compile(r"#![^\n]{0,99}\bpython"), ("code", "python")),
    (lazy_re.compile(r"#![^\n]{0,99}\bruby\b"), ("code", "ruby")),
    (lazy_re.compile(r"#![^\n]{0,99}\bperl\b"), ("code", "perl")),
)

_PHP = lazy_re.compile(r"<\?(?:php\b|=)", re.IGNORECASE)
_TAG_BLOCK = lazy_re.compile(r"\{%[-+]?\s*\w")
_LIQUID = lazy_re.compile(
    r"\{%-?\s*(?:assign|capture|unless|render|section|schema|paginate|style|javascript|stylesheet|liquid|seo|highlight"
    r"|comment|layout|tablerow|increment|include(?:_relative|_cached)?\s+[\w/{.-]+\.\w+)\b"
    r"|\{\{-?\s*(?:site|content_for_header|content_for_layout|shop|settings)\b"
    r"|\|\s*(?:relative_url|absolute_url|asset_url|stylesheet_tag|script_tag|jsonify|markdownify|date_to_\w+)\b"
)
_JINJA = lazy_re.compile(
    r"\{%[-+]?\s*(?:extends|block|load|url|static|set|macro|trans|blocktrans|translate|csrf_token|import|from|call|with"
    r"|autoescape|spaceless|filter|embed|get_\w+|cache|include\s*\(?\s*[\"'\[])"
)
_GO = lazy_re.compile(
    r"\{\{-?\s*(?:define\b|template\s+\"|block\s+\"|partial(?:Cached)?\s|with\s|range\s|if\s+(?:\.|\$|and\b|or\b|not\b|eq\b|ne\b"
    r"|gt\b|lt\b|isset\b|\(|in\b|hasPrefix\b|site\.|hugo\.)|end\b|\$\w*\s*(?::=|=|\.|\}|\|)|\.(?:[A-Z]|\s*\}|\s*\|)|/\*|printf?\s"
    r"|i18n\s|(?:abs|rel)(?:Lang)?URL\b|safe(?:HTML|JS|URL|CSS)\b|dict\s|index\s|hugo\.|return\b|site\.\w)"
    r"|\{\{[<%]\s*/?\s*[\w.]"
)
_HANDLEBARS = lazy_re.compile(r"\{\{\{|\{\{~?\s*[#^/>&](?!\*)|\{\{!")
_OUTPUT = lazy_re.compile(r"\{\{-?\s*[\w$\"'][^{}\n]{0,200}\}\}")
_FILTER_OUTPUT = lazy_re.compile(r"\{\{-?\s*[\w.$]+\s*(?:\||\()[^{}\n]{0,200}\}\}")
_SMARTY = lazy_re.compile(
    r"\{(?:\$\w|\*|/?(?:if|foreach|foreachelse|literal|block|section|strip|capture|while|for)\b[^{}\n:;]{0,200}\}"
    r"|(?:include|extends|assign|include_php|hook|l|url)\s+\w+=|ldelim\})"
)
_FREEMARKER = lazy_re.compile(
    r"</?#(?:if|else|elseif|list|assign|import|include|macro|global|local|switch|ftl)\b|</?@[\w.]+[\s>/]"
)
_VELOCITY = lazy_re.compile(r"^[ \t]{0,99}#(?:if|set|foreach|parse|macro)\s?\(", re.MULTILINE)
_JSP = lazy_re.compile(r"<%@\s*(?:page|taglib|include|tag|attribute)\b|<%--|</?(?:c|fmt|jsp|form|spring):\w")
_ASP = lazy_re.compile(
    r"<%@\s*(?:Page|Control|Master|Register|Import|Language|Application|WebHandler)\b|</?asp:\w|runat=\"server\""
    r"|<%=?\s*(?:Dim|Response\.|Request\.|Server\.|Session\(|Set\s|End\s+(?:If|Sub)|If\s[^%\n]{0,200}\bThen)|<%[#$:]",
)
_ERB = lazy_re.compile(
    r"<%[-=]?\s*(?:end\b|yield\b|content_for\b|render\b|link_to\b|csrf_meta|stylesheet_link_tag|javascript_\w+_tag|@\w|else\s*-?%>"
    r"|(?:if|unless|elsif)\s[^%{\n]{0,300}-?%>|[^%{\n]{0,200}\bdo\b(?:\s*\|[^|\n]{0,99}\|)?\s*-?%>)"
)
_MAKO = lazy_re.compile(r"<%(?:page|inherit|def|block|namespace|include)\s[^%>\n]{0,200}\w=|</%(?:def|block|doc)>")
_SCRIPTLET = lazy_re.compile(r"<%[-=_#]?\s*[\w\s({}\[!\"'.$/@;]")
_FRONT_MATTER = lazy_re.compile(r"---[ \t]*\r?\n(?:[^\n]{0,999}\n){0,200}?---[ \t]*(?:\r?\n|$)")


def classify(path: str, head: str) -> tuple[Language, str]:
    """The language of a file and its dialect, by its name and the beginning of its text.

    The dialect of script, style, data and markdown is the engine's if the file is a template of one (`site.js.erb` is
    ("script", "erb")), else the language's own ("js", "ts", "tsx", "scss", "yaml", "mdx" …).
    """
    name = _base_name(path)
    if name in _FILE_NAMES:
        return _FILE_NAMES[name]
    if name == ".env" or name.startswith(".env.") or name.endswith(".env"):
        return "data", "env"
    if _REQUIREMENTS.fullmatch(name):
        return "data", "text"
    parts = name.split(".")
    if len(parts) < 2 or (len(parts) == 2 and not parts[0]):
        return _by_content(path, head)
    last, inner = parts[-1], parts[-2] if len(parts) > 2 else ""
    if last == "php" and inner == "blade":
        return "html", "blade"
    if last == "html" and inner == "scala":
        return "html", "razor"  # Twirl: the same @ syntax
    if last in _ENGINES or last in _UNSURE_ENGINES:
        dialect = _ENGINES.get(last) or guess_dialect(path, head)
        made = _EXTENSIONS.get(inner)
        if made and made[0] in ("script", "style", "data", "markdown") and not (last == "php" and made[0] != "script"):
            return made[0], dialect or made[1]
        return "html", dialect
    if last in PHP_PERHAPS:
        if _PHP.search(head) or head.lstrip().startswith("<?"):
            return "html", "php"
        return ("html", guess_dialect(path, head)) if _HTML_TAG.search(head) else ("other", "")
    if last in _HTML:
        if inner == "component":
            return "html", ""
        return "html", _ENGINES.get(inner) or guess_dialect(path, head)
    if last not in _EXTENSIONS:
        return _by_content(path, head)
    language, dialect = _EXTENSIONS[last]
    if inner in _ENGINES and language != "script":
        return language, _ENGINES[inner]
    if language == "script" and dialect == "js":
        return language, _script_dialect(path, head)
    if last in _STYLESHEETS:
        return ("html", "") if _WRITES_HTML.search(head) is not None else (language, dialect)
    if dialect == "xml" and _HTML_START.match(head.partition("?>")[2] or head):
        return "html", guess_dialect(path, head)
    return language, dialect


def _by_content(path: str, head: str) -> tuple[Language, str]:
    for pattern, kind in _INTERPRETERS:
        if pattern.match(head):
            return kind
    is_page = _HTML_START.match(head) is not None and not path.lower().endswith(_SHOWN_AS_TEXT)
    return ("html", guess_dialect(path, head)) if is_page else ("other", "")


def _script_dialect(path: str, head: str) -> str:
    """Jekyll renders a script that starts with front matter; other engines need an extension to."""
    if head.startswith("---") and (front := _FRONT_MATTER.match(head)):
        rest = head[front.end() :]
        return "liquid" if "{{" in rest or "{%" in rest else "js"
    return "js"


# Files of texts of a site in its languages.
TRANSLATIONS = lazy_re.compile(
    r"(?:^|/)(?:locales?|langs?|languages|translations|i18n|messages)/.*\.(?:json|ya?ml|toml|po)$", re.IGNORECASE
)
_REPOSITORY_TEXT = lazy_re.compile(
    r"(?:^|/)(?:readme|changelog|changes|history|contributing|code_of_conduct|security|license|licence|notice|authors|todo|"
    r"upgrading|releasing|maintainers|governance|funding|support|pull_request_template|issue_template)[\w.-]*$|(?:^|/)\.github/"
    r"|(?:^|/)(?-i:[\w.-]*README)\.\w+$",
    re.IGNORECASE,
)


def is_repository_text(path: str) -> bool:
    """Markdown that speaks to developers on the code host and is no page of the site."""
    return _REPOSITORY_TEXT.search(path) is not None


def guess_dialect(path: str, head: str) -> str:
    """The template engine of an HTML file whose name does not tell it; "" if it is plain."""
    folders = path.lower().split("/")[:-1]
    if _PHP.search(head):
        return "php"
    if any(mark in head for mark in ("<#", "</#", "<@", "</@")) and _FREEMARKER.search(head):
        return "freemarker"
    if "{" in head:
        if dialect := _braces(folders, head):
            return dialect
        if path.lower().endswith((".tpl", ".smarty", ".tpl.html")) and _SMARTY.search(head):
            return "smarty"
    if "<%" in head:
        if _MAKO.search(head):
            return "mako"
        if _ASP.search(head):
            return "asp"
        if _JSP.search(head):
            return "jsp"
        if _ERB.search(head):
            return "erb"
        if _SCRIPTLET.search(head):
            return "ejs"
    elif ("asp:" in head or "runat=" in head) and _ASP.search(head):
        return "asp"
    if any(mark in head for mark in ("#set", "#if", "#foreach", "#parse", "#macro")) and _VELOCITY.search(head):
        return "velocity"
    return ""


def _braces(folders: Sequence[str], head: str) -> str:
    if "{{" not in head and "{%" not in head:
        return ""
    jekyll = "_includes" in folders or "_layouts" in folders
    if _TAG_BLOCK.search(head):
        if jekyll or (_LIQUID.search(head) and not _JINJA.search(head)):
            return "liquid"
        if not ("layouts" in folders and _GO.search(head) and not _JINJA.search(head)):
            return "liquid" if head.startswith("---") and not _JINJA.search(head) else "jinja"
    if _GO.search(head) and not _HANDLEBARS.search(head):
        return "go"
    if _HANDLEBARS.search(head):
        # Go closes blocks with {{end}} and never with {{/if}}.
        return "go" if "layouts" in folders and _GO.search(head) else "handlebars"
    if not _OUTPUT.search(head):
        return ""
    if jekyll or head.startswith("---") or _LIQUID.search(head):
        return "liquid"
    if "layouts" in folders:
        return "go"
    return "jinja" if _FILTER_OUTPUT.search(head) or "templates" in folders else "handlebars"


_ENVIRONMENT = lazy_re.compile(r"(?:^|/)(?:\.env(?:[._-][^/]*)?|[^/]*\.env)$")


def is_environment(path: str) -> bool:
    """Whether a file holds settings for the environment of a process: `.env`, `.env.production`, `site.env`."""
    return _ENVIRONMENT.search(path) is not None


def stem_of(path: str) -> str:
    """The name under which others use a file."""
    stem = posixpath.basename(path).split(".")[0].lstrip("_")
    return (posixpath.basename(posixpath.dirname(path)) or stem) if stem in ("index", "main", "mod") else stem


@lru_cache(maxsize=64)  # the same few are asked about again and again
def is_bundle(file: SourceFile) -> bool:
    """Whether a script was made by a bundler or a minifier: most of it stands in very long lines, or it says so."""
    if file.language != "script" or len(file.text) < 1024:
        return False
    lengths = (end - start for start, end in pairwise([*file.line_starts, len(file.text)]))
    long = sum(length for length in lengths if length > 500)
    return long * 2 > len(file.text) or _BUNDLER.search(file.text) is not None


_BUNDLER = lazy_re.compile(r"__webpack_require__|\bparcelRequire\w*\s*=|\[\d+,\{\"[\w./-]+\":\d+")
