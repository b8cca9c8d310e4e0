"""Which files are looked at, from where, how they are decoded, and what language they are taken for."""

from __future__ import annotations

import gzip
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracklint import source
from tracklint.model import Skipped, SourceFile
from tracklint.policy import Policy
from tracklint.source import (
    GitError,
    SourceError,
    Tree,
    classify,
    decode,
    encode_like,
    index_tree,
    is_bundle,
    is_repository_text,
    known_library,
    locate,
    merge_base,
    resolve,
    revision_tree,
    working_tree,
)


def lay(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=T", "-c", "user.email=t@t.example", "-c", "commit.gpgsign=false")
    options = ("-c", "protocol.file.allow=always", "-c", "init.defaultBranch=main")
    done = subprocess.run(
        ["git", *identity, *options, "-C", str(root), *arguments], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def repository(root: Path, files: dict[str, str | bytes]) -> Path:
    lay(root, files)
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "one")
    return root


def reasons(tree: Tree) -> dict[str, str]:
    return {item.path: item.reason for item in tree.skipped}


def text_of(tree: Tree, path: str) -> SourceFile:
    file = tree.text_file(path)
    assert isinstance(file, SourceFile), file
    return file


SITE: dict[str, str | bytes] = {
    ".gitignore": "/dist/\n*.log\n!keep.log\n",
    "index.html": "<p>x</p>",
    "debug.log": "x",
    "keep.log": "x",
    "dist/site.js": "x",
    "src/.gitignore": "local.*\n",
    "src/app.js": "x",
    "src/local.js": "x",
    "logo.PNG": "not looked into",
    "site.js.map": "{}",
    "package-lock.json": "{}",
    "node_modules/a/index.js": "x",
}
KEPT = (".gitignore", "index.html", "keep.log", "src/.gitignore", "src/app.js")
LEFT_OUT = {
    "debug.log": "ignored-by-git",
    "dist/": "ignored-by-git",
    "src/local.js": "ignored-by-git",
    "logo.PNG": "binary",
    "site.js.map": "source-map",
    "package-lock.json": "lock-file",
    "node_modules/": "vendored",
}


# ------------------------------------------------------------------------------------------------- the working tree


def test_git_and_plain_folders_give_the_same_tree(tmp_path: Path) -> None:
    plain = working_tree(lay(tmp_path / "plain", SITE))
    assert plain.paths == plain.requested == KEPT
    assert reasons(plain) == LEFT_OUT
    tracked = working_tree(repository(tmp_path / "tracked", SITE))
    assert tracked.paths == KEPT
    assert reasons(tracked) == LEFT_OUT


def test_new_files_count_deleted_and_committed_but_ignored_ones_as_they_lie(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.html": "a", "b.html": "b", "c.log": "c"})
    lay(root, {"new.html": "n", ".gitignore": "*.log\n"})
    (root / "a.html").unlink()
    assert working_tree(root).paths == (".gitignore", "b.html", "c.log", "new.html")


def test_a_folder_that_a_repository_around_it_ignores_is_checked_when_it_is_the_root(tmp_path: Path) -> None:
    repository(tmp_path, {".gitignore": "built/\n", "a.html": "a"})
    lay(tmp_path, {"built/index.html": "x", "built/.gitignore": "*.tmp.html\n", "built/a.tmp.html": "x"})
    tree = working_tree(tmp_path / "built")
    assert tree.paths == (".gitignore", "index.html")
    assert reasons(tree) == {"a.tmp.html": "ignored-by-git"}


def test_a_folder_inside_a_repository_is_its_own_root(tmp_path: Path) -> None:
    repository(tmp_path, {".gitignore": "*.log\n", "site/a.html": "a", "site/x.log": "x", "other.html": "o"})
    lay(tmp_path, {"site/x.log": "x"})
    tree = working_tree(tmp_path / "site")
    assert tree.paths == ("a.html",)
    assert reasons(tree) == {"x.log": "ignored-by-git"}


def test_odd_names(tmp_path: Path) -> None:
    names = ["a b.html", "-rf.html", "umlaut-ü.html", 'quote".html', "line\nend.html", "index.html?ver=1"]
    root = repository(tmp_path, dict.fromkeys(names, "x"))
    odd = os.fsencode(root) + b"/latin-\xe9.html"
    try:
        Path(os.fsdecode(odd)).write_bytes(b"x")
        names.append("latin-\udce9.html")
    except OSError:
        pass  # a file system that knows only Unicode names
    assert working_tree(root).paths == tuple(sorted(names))
    git(root, "add", "-A")
    tree = index_tree(root)
    assert tree.paths == tuple(sorted(names))
    assert [tree.read(path) for path in tree.paths] == [b"x"] * len(names)


def test_named_paths_are_requested_and_the_rest_is_context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = repository(tmp_path, SITE)
    monkeypatch.chdir(root)
    tree = working_tree(root, [Path("index.html"), Path("src")])
    assert tree.requested == ("index.html", "src/.gitignore", "src/app.js")
    assert tree.paths == KEPT


def test_named_files_that_a_rule_leaves_out_stay_out_with_their_reason(tmp_path: Path) -> None:
    root = repository(tmp_path, SITE)
    named = [root / "dist/site.js", root / "node_modules/a/index.js", root / "logo.PNG", root / "index.html"]
    tree = working_tree(root, named)
    assert tree.requested == ("index.html",)
    assert reasons(tree) == {
        **LEFT_OUT,
        "dist/site.js": "ignored-by-git",
        "node_modules/a/index.js": "vendored",
    }


def test_missing_and_outer_paths_are_errors(tmp_path: Path) -> None:
    root = lay(tmp_path / "root", {"a.html": "a"})
    lay(tmp_path, {"outside.html": "x"})
    with pytest.raises(SourceError, match=r"absent\.html: no such file"):
        working_tree(root, [root / "absent.html"])
    with pytest.raises(SourceError, match=r"outside\.html: is outside of"):
        working_tree(root, [tmp_path / "outside.html"])
    with pytest.raises(SourceError, match="no such folder"):
        working_tree(tmp_path / "absent")
    with pytest.raises(SourceError, match="is not a folder"):
        working_tree(root / "a.html")


@pytest.mark.parametrize("with_git", [False, True])
def test_symbolic_links(tmp_path: Path, with_git: bool) -> None:
    lay(tmp_path, {"secret/key.html": "x"})
    root = lay(tmp_path / "root", {"a.html": "a", "sub/b.html": "b"})
    (root / "inside.html").symlink_to("sub/b.html")
    (root / "folder").symlink_to("sub")
    (root / "out.html").symlink_to("../secret/key.html")
    (root / "out").symlink_to(tmp_path / "secret")
    (root / "circle").symlink_to(".")
    (root / "broken.html").symlink_to("absent.html")
    if with_git:
        repository(root, {})
    tree = working_tree(root)
    assert tree.paths == ("a.html", "sub/b.html")
    assert reasons(tree) == {"out.html": "symlink-out-of-root", "out": "symlink-out-of-root"}
    assert working_tree(root, [root / "inside.html"]).requested == ("sub/b.html",)
    if with_git:
        assert index_tree(root).paths == tree.paths
        assert reasons(index_tree(root)) == reasons(tree)


def test_submodules_and_nested_repositories_are_part_of_the_tree(tmp_path: Path) -> None:
    theme = repository(tmp_path / "theme.x", {"layouts/head.html": "h", "node_modules/a.js": "x"})
    root = repository(tmp_path / "root", {"index.html": "i"})
    git(root, "submodule", "add", "-q", str(theme), "themes/theme.x")
    git(root, "commit", "-qm", "theme")
    repository(root / "nested", {"n.html": "n"})
    expected = (".gitmodules", "index.html", "nested/n.html", "themes/theme.x/layouts/head.html")
    assert working_tree(root).paths == expected
    committed = revision_tree(root, "HEAD")
    assert committed.paths == (".gitmodules", "index.html", "themes/theme.x/layouts/head.html")
    assert committed.read("themes/theme.x/layouts/head.html") == b"h"
    assert index_tree(root).read("themes/theme.x/layouts/head.html") == b"h"
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", str(root), str(clone))
    for tree in (working_tree(clone), index_tree(clone), revision_tree(clone, "HEAD")):
        assert tree.paths == (".gitmodules", "index.html")
        assert [(item.path, item.reason) for item in tree.skipped] == [("themes/theme.x/", "unreadable")]
        assert "git submodule update --init" in tree.skipped[0].detail


def test_a_file_that_goes_away_is_unreadable(tmp_path: Path) -> None:
    tree = working_tree(lay(tmp_path, {"a.html": "a"}))
    (tmp_path / "a.html").unlink()
    assert tree.text_file("a.html") == Skipped("a.html", "unreadable", "No such file or directory")


def test_root_without_paths_is_the_repository(tmp_path: Path) -> None:
    root = repository(tmp_path / "r", {"a/b.html": "x", "c/d.html": "x"})
    assert locate(start=root / "a") == (root, ())
    assert locate([root / "a"]) == (root / "a", ())
    assert locate([Path("b.html")], start=root / "a") == (root, (root / "a/b.html",))
    assert locate([root / "a", root / "c"]) == (root, (root / "a", root / "c"))
    lay(tmp_path, {"plain/x.html": "x", "plain/y/z.html": "z"})
    plain = tmp_path / "plain"
    assert locate([plain / "x.html", plain / "y/z.html"]) == (plain, (plain / "x.html", plain / "y/z.html"))
    with pytest.raises(SourceError, match="no such file or folder"):
        locate([tmp_path / "absent"])


# ------------------------------------------------------------------------------------------------ what is left out


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        (".claude/skills/site/viewer.html", False),
        (".cursor/rules/embeds.md", False),
        (".storybook/preview-head.html", True),
        ("agents/index.html", True),
        ("js/vendor/tag.js", True),  # a name that sites use for what they serve
        ("layout/third-party/chat.pug", True),
        ("lib/loader.js", True),
        ("build/app.js", True),
        ("coverage/index.html", True),
        ("bower_components/a/a.js", False),
        ("app/.venv/x.py", False),
        (".next/cache/x.js", False),
        (".next/static/x.js", True),
        ("cache/x.js", True),
    ],
)
@pytest.mark.parametrize("with_git", [False, True])
def test_folders(tmp_path: Path, path: str, kept: bool, with_git: bool) -> None:
    (repository if with_git else lay)(tmp_path, {path: "x", "index.html": "i"})
    assert working_tree(tmp_path).exists(path) is kept


@pytest.mark.parametrize(
    ("marker", "folder"),
    [
        ("plugin/vendor/autoload.php", "plugin/vendor/"),
        ("vendor/composer/installed.json", "vendor/"),
        ("coverage/lcov-report/index.html", "coverage/"),
        ("web/core/core.services.yml", "web/core/"),
    ],
)
@pytest.mark.parametrize("with_git", [False, True])
def test_folders_with_a_marker(tmp_path: Path, marker: str, folder: str, with_git: bool) -> None:
    (repository if with_git else lay)(tmp_path, {marker: "x", folder + "deep/x.js": "x", "index.html": "i"})
    tree = working_tree(tmp_path)
    assert tree.paths == ("index.html",)
    assert reasons(tree) == {folder: "vendored"}


@pytest.mark.parametrize("with_git", [False, True])
def test_include_wins_over_the_built_in_rules_and_exclude_over_include(tmp_path: Path, with_git: bool) -> None:
    files: dict[str, str | bytes] = {
        "node_modules/a/a.js": "x",
        "node_modules/b/b.js": "x",
        "yarn.lock": "x",
        "old/page.html": "x",
        "old/more/page.html": "x",
        "draft.html": "x",
        "index.html": "x",
    }
    (repository if with_git else lay)(tmp_path, files)
    policy = Policy(exclude=("old/", "draft*"), include=("node_modules/a/**", "yarn.lock", "draft.html"))
    tree = working_tree(tmp_path, policy=policy)
    assert tree.paths == ("index.html", "node_modules/a/a.js", "yarn.lock")
    assert reasons(tree) == {"old/": "excluded", "draft.html": "excluded", "node_modules/": "vendored"}


def test_an_unreadable_pattern_is_passed_over(tmp_path: Path) -> None:
    lay(tmp_path, {".gitignore": "!\n\\\n[z-a]x\n*.log\n# note\n   \n", "a.log": "x", "a.html": "x"})
    assert working_tree(tmp_path).paths == (".gitignore", "a.html")


def test_patterns_cannot_take_for_ever(tmp_path: Path) -> None:
    name = "a" * 200
    lay(tmp_path, {".gitignore": "*a*a*a*a*a*a*a*b\n" + "**/a/" * 9 + "b\n*a*a*b\n", name: "x"})
    assert working_tree(tmp_path).paths == (".gitignore", name)


def test_content_decides_what_names_do_not_tell(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {
            "page.html": b"%PDF\0\0",
            "odd": gzip.compress(b"x", mtime=0),
            "drawing.plist": gzip.compress(bytes(range(1, 256)) * 40, mtime=1),
            "big.js": b"x" * 2000,
            "jquery.min.js": "/*! jQuery v3.7.1 | (c) */ (function(){})();",
        },
    )
    tree = working_tree(tmp_path, policy=Policy(max_file_bytes=1999))
    found = {path: tree.text_file(path) for path in tree.paths}
    assert found["page.html"] == Skipped("page.html", "binary", "holds NUL bytes")
    assert found["big.js"] == Skipped("big.js", "too-large", "2,000 bytes; max_file_bytes is 1,999")
    assert found["jquery.min.js"] == Skipped("jquery.min.js", "well-known-library", "jQuery")
    odd = found["odd"]
    assert isinstance(odd, Skipped) and odd.reason == "binary"
    assert found["drawing.plist"] == Skipped("drawing.plist", "binary", "is compressed")
    included = working_tree(tmp_path, policy=Policy(include=("jquery*",)))
    assert isinstance(included.text_file("jquery.min.js"), SourceFile)


@pytest.mark.parametrize(
    ("name", "content", "library"),
    [
        ("js/jquery-3.7.1.slim.min.js", "/*! jQuery v3.7.1 | (c) OpenJS */!function(){}", "jQuery"),
        ("jquery.min.js?ver=3.7.1", "/*! jQuery v3.7.1 | (c) OpenJS */!function(){}", "jQuery"),
        ("jquery-ui.min.js", "/*! jQuery UI - v1.13.2 */", "jQuery UI"),
        ("bootstrap.bundle.min.js", "/*!\n  * Bootstrap v5.3.0 (https://getbootstrap.com/)\n */", "Bootstrap"),
        ("react-dom.production.min.js", "/** @license React v17 */ e='https://reactjs.org/docs/'", "React"),
        ("vue.global.prod.js", "/** * vue v3.4.0 */", "Vue"),
        ("owl.carousel.min.js", "/** Owl Carousel v2 */ u='//www.youtube.com/embed/'", "Owl Carousel"),
        ("owl.carousel.min.js", "/** Owl Carousel v2 */ u='//stats.vendor.io/x.js'", None),
        ("jquery.fancybox.min.js", "// fancyBox v3.5.7\nu='https://www.facebook.com/sharer/sharer.php'", "fancyBox"),
        ("jquery.fancybox.min.js", "// fancyBox v3.5.7\nu='https://www.facebook.com/tr?id=1'", None),
        ("quill.min.js", "/*! Quill Editor v1.3.7 */ u='https://quilljs.com'", "Quill"),
        ("summernote-bs4.min.js", "/*! Summernote v0.8.20 */ u='//player.vimeo.com/video/'", "Summernote"),
        ("youtube.js", "/* MediaElement.js */ u='https://www.youtube.com/iframe_api'", "MediaElement renderer"),
        ("youtube.js", "u='https://www.youtube.com/iframe_api'", None),
        ("vue.min.js", "/*! * Vue.js v2.6.14 */", "Vue"),
        (
            "tinymce/plugins/media/plugin.min.js",
            "var m=tinymce.util.Tools.resolve('tinymce.PluginManager'),u='//www.youtube.com/embed/$1'",
            "TinyMCE Media",
        ),
        ("plugin.min.js", "var u='//www.youtube.com/embed/$1'", None),
        ("plugin.js", "CKEDITOR.plugins.add('youtube', {});var i='https://img.youtube.com/vi/'", "CKEditor plugin"),
        ("plugin.js", "CKEDITOR.plugins.add('youtube', {});var i='https://tags.example/t.js'", None),
        (
            "vendor/webfont-debug.js",
            "/*\n * Copyright 2012 Small Batch, Inc.\n */\nvar webfont={};api='//fonts.googleapis.com/css';",
            "Web Font Loader",
        ),
        ("webfontloader.js", "/* Web Font Loader v1.6.28 */ a='//use.typekit.net'", "Web Font Loader"),
        ("webfont.js", "/* Web Font Loader v1.6.28 */ a='//tags.example'", None),
        ("webfont.js", "load('//fonts.googleapis.com/css')", None),
        # Names alone prove nothing, and neither does a banner once something else has been added.
        ("jquery.min.js", "(function(){ load() })()", None),
        ("tag.js", "/*! jQuery v3.7.1 */", None),
        ("jquery.analytics.js", "/*! jQuery v3.7.1 */", None),
        ("jquery.js", "/*! jQuery v3.7.1 */;s.src='https://tags.example/t.js'", None),
        ("jquery.js", '/*! jQuery v3.7.1 */;s.src="//tags.example/t.js"', None),
        ("jquery.js", r'/*! jQuery v3.7.1 */;s.src="https:\/\/tags.example/t.js"', None),
        ("jquery.js", "/*! jQuery v3.7.1 */;s.src=p?'https://ssl':'http://www' + '.tags.example'", None),
        ("jquery.js", "/*! jQuery v3.7.1 */ // see https://bugs.example/1", "jQuery"),
        ("jquery.php", "/*! jQuery v3.7.1 */", None),
    ],
)
def test_known_library(name: str, content: str, library: str | None) -> None:
    assert known_library(name, content.encode()) == library


# ------------------------------------------------------------------------------------------------ index and revisions


def test_the_index_is_read_and_not_the_disk(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.html": "one", "b.html": "b", "node_modules/x.js": "x"})
    lay(root, {"a.html": "staged", "new.html": "n"})
    git(root, "add", "a.html")
    lay(root, {"a.html": "later"})
    git(root, "rm", "-q", "--cached", "b.html")
    tree = index_tree(root)
    assert tree.paths == ("a.html",)
    assert text_of(tree, "a.html").text == "staged"
    assert tree.size("a.html") == 6
    assert reasons(tree) == {"node_modules/": "vendored"}
    assert (root / "a.html").read_text() == "later"
    assert index_tree(root, [root / "a.html", root / "node_modules/x.js"]).requested == ("a.html",)


def test_a_revision_is_read_without_a_checkout(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.html": "one", "site/b.html": "b"})
    lay(root, {"a.html": "two"})
    git(root, "commit", "-qam", "two")
    tree = revision_tree(root, "HEAD~1")
    assert tree.paths == ("a.html", "site/b.html")
    assert text_of(tree, "a.html").text == "one"
    assert tree.size("a.html") == 3
    assert revision_tree(root / "site", "HEAD").paths == ("b.html",)
    with pytest.raises(OSError):
        tree.read("absent.html")


def test_an_unresolved_merge_is_read_as_ours(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.html": "base"})
    git(root, "checkout", "-qb", "other")
    lay(root, {"a.html": "theirs"})
    git(root, "commit", "-qam", "theirs")
    git(root, "checkout", "-q", "-")
    lay(root, {"a.html": "ours"})
    git(root, "commit", "-qam", "ours")
    with pytest.raises(subprocess.CalledProcessError):
        git(root, "merge", "other")
    assert index_tree(root).read("a.html") == b"ours"
    assert working_tree(root).paths == ("a.html",)


def test_the_index_of_a_hook_is_used_for_its_own_repository_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = repository(tmp_path / "one", {"a.html": "a"})
    other = repository(tmp_path / "two", {"b.html": "b"})
    lay(root, {"new.html": "n"})
    monkeypatch.chdir(root)
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/partial")
    git(root, "add", "new.html")
    monkeypatch.setenv("GIT_DIR", ".git")
    assert index_tree(root).paths == ("new.html",)
    assert index_tree(other).paths == ("b.html",)
    assert revision_tree(other, "HEAD").read("b.html") == b"b"


def test_trees_survive_pickling_and_forking(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.html": "a", "b.html": "b"})
    for tree in (working_tree(root), index_tree(root), revision_tree(root, "HEAD")):
        assert tree.read("a.html") == b"a"
        copy = pickle.loads(pickle.dumps(tree))
        assert copy == tree
        assert copy.read("b.html") == b"b"
        child = os.fork()
        if child == 0:
            os._exit(0 if tree.read("b.html") == b"b" else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert tree.read("a.html") == b"a"


def test_a_missing_object_is_unreadable(tmp_path: Path) -> None:
    root = repository(tmp_path, {"a.html": "a", "b.html": "b"})
    oid = git(root, "rev-parse", "HEAD:a.html")
    (root / ".git/objects" / oid[:2] / oid[2:]).unlink()
    tree = index_tree(root)
    lost = tree.text_file("a.html")
    assert isinstance(lost, Skipped) and lost.reason == "unreadable"
    assert text_of(tree, "b.html").text == "b"


def test_git_errors_say_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = lay(tmp_path / "plain", {"a.html": "a"})
    root = repository(tmp_path / "root", {"a.html": "a"})
    actions: list[tuple[Callable[[], object], str]] = [
        (lambda: index_tree(plain), "is not a git repository"),
        (lambda: revision_tree(plain, "HEAD"), "is not a git repository"),
        (lambda: revision_tree(root, "origin/main"), 'unknown revision "origin/main"; run `git fetch`'),
        (lambda: revision_tree(root, "--all"), "is not a revision"),
        (lambda: revision_tree(root, ""), "is not a revision"),
        (lambda: resolve(root, "HEAD:a.html"), "unknown revision"),
        (lambda: index_tree(tmp_path / "absent"), "no such folder"),
    ]
    for action, expected in actions:
        with pytest.raises(GitError) as error:
            action()
        assert expected in str(error.value)
        assert "\n" not in str(error.value)
    monkeypatch.setenv("PATH", str(plain))
    with pytest.raises(GitError, match="git is not installed"):
        index_tree(root)
    assert working_tree(root).paths == ("a.html",)


def test_shallow_clones_are_told_how_to_deepen(tmp_path: Path) -> None:
    root = repository(tmp_path / "root", {"a.html": "1"})
    git(root, "branch", "base")
    git(root, "checkout", "-qb", "topic")
    lay(root, {"a.html": "2"})
    git(root, "commit", "-qam", "two")
    git(root, "checkout", "-q", "base")
    lay(root, {"b.html": "2"})
    git(root, "add", "-A")
    git(root, "commit", "-qm", "three")
    assert merge_base(root, "base", "topic") == git(root, "rev-parse", "topic~1")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth=1", "--branch=topic", root.as_uri(), str(clone))
    advice = r"run `git fetch --depth=1 origin \+base:refs/remotes/origin/base`"
    with pytest.raises(GitError, match=advice):
        revision_tree(clone, "origin/base")
    git(clone, "fetch", "-q", "--depth=1", "origin", "+base:refs/remotes/origin/base")
    assert revision_tree(clone, "origin/base").paths == ("a.html", "b.html")
    with pytest.raises(GitError, match="git fetch --unshallow"):
        merge_base(clone, "origin/base")
    git(root, "checkout", "-q", "--orphan", "island")
    git(root, "commit", "-qm", "alone")
    with pytest.raises(GitError, match="no commit in common"):
        merge_base(root, "base", "island")


# ----------------------------------------------------------------------------------------------------------- decoding


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("caf\u00e9".encode(), "caf\u00e9"),
        (b"\xef\xbb\xbfx", "x"),
        ("\ufeffx\u00e9".encode("utf-16-le"), "x\u00e9"),
        ("\ufeffx\u00e9".encode("utf-16-be"), "x\u00e9"),
        ("\ufeffx".encode("utf-32-le"), "x"),
        (b"<meta charset=iso-8859-1>\x93x\x94", "<meta charset=iso-8859-1>\u201cx\u201d"),
        (b"<meta charset=latin1>\x81", "<meta charset=latin1>\x81"),
        (
            '<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">\u540c\u610f'.encode("cp932"),
            '<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">\u540c\u610f',
        ),
        (
            '<?xml version="1.0" encoding="gb2312"?>\u540c\u610f'.encode("gbk"),
            '<?xml version="1.0" encoding="gb2312"?>\u540c\u610f',
        ),
        (b'@charset "windows-1251";\xcf', '@charset "windows-1251";\u041f'),
        (b"a\r\nb\rc\n", "a\r\nb\rc\n"),
    ],
)
def test_encodings(data: bytes, text: str) -> None:
    assert decode(data) == (text, None)
    assert encode_like(data, text) == data


@pytest.mark.parametrize("label", [b"utf-8", b"no-such", b"utf-16", b"base64", b"rot13", b"idna"])
def test_broken_bytes_are_replaced_and_noted(tmp_path: Path, label: bytes) -> None:
    data = b"<meta charset=" + label + b">\r\n\n\x92 x"
    lay(tmp_path, {"a.html": data, "list.csv": b"\x92"})
    tree = working_tree(tmp_path)
    assert text_of(tree, "a.html").text.endswith("\n\ufffd x")
    assert isinstance(tree.text_file("list.csv"), SourceFile)
    detail = "byte 0x92 at line 3 is not UTF-8; analysed with replacement"
    assert tree.notes == (Skipped("a.html", "encoding", detail, 3),)
    assert tree.note("a.html") == tree.notes[0]
    assert tree.note("list.csv") is None  # of no language that is analysed


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_its_mark_is_read_and_noted(tmp_path: Path, encoding: str) -> None:
    text = "<p>caf\u00e9 \u540c</p>"
    lay(tmp_path, {"a.html": text.encode(encoding), "a.dat": text.encode(encoding)})
    tree = working_tree(tmp_path)
    assert text_of(tree, "a.html").text == text
    assert [(note.path, note.reason) for note in tree.notes] == [("a.html", "encoding")]
    assert tree.text_file("a.dat") == Skipped("a.dat", "binary", "holds NUL bytes")


def test_what_is_named_and_is_no_file_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.html").symlink_to("absent.html")
    tree = working_tree(tmp_path, paths=(tmp_path / "a.html",))
    assert [(one.path, one.reason) for one in tree.skipped] == [("a.html", "unreadable")]


@given(st.binary(max_size=300))
def test_any_bytes_decode(data: bytes) -> None:
    text, problem = decode(data)
    if problem is None:
        assert encode_like(data, text) == data
    else:
        assert "\ufffd" in text


def test_files_are_decoded_once_as_long_as_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_REMEMBERED", 1000)
    tree = working_tree(lay(tmp_path, {f"{n}.html": "x" * 100 for n in range(20)} | {"long.html": "x" * 5000}))
    first = tree.text_file("0.html")
    assert tree.text_file("0.html") is first
    for path in tree.paths:
        assert tree.text_file(path) is tree.text_file(path)
    assert tree.text_file("0.html") is not first
    long = tree.text_file("long.html")
    assert tree.text_file("long.html") is long  # a file that asks for itself over and over must not pay each time


# ------------------------------------------------------------------------------------------------------ classification


@pytest.mark.parametrize(
    ("path", "head", "expected"),
    [
        ("a.html.erb", "", ("html", "erb")),
        ("a.html.heex", "", ("html", "erb")),
        ("a.blade.php", "", ("html", "blade")),
        ("a.js.erb", "", ("script", "erb")),
        ("a.js.liquid", "", ("script", "liquid")),
        ("a.css.liquid", "", ("style", "liquid")),
        ("a.yml.j2", "", ("data", "jinja")),
        ("a.html.md.erb", "", ("markdown", "erb")),
        ("a.html.slim", "", ("indent", "slim")),
        ("a.html.haml", "", ("indent", "haml")),
        ("a.jade", "", ("indent", "pug")),
        ("a.html.njk", "", ("html", "jinja")),
        ("a.djhtml", "", ("html", "jinja")),
        ("a.html.twig", "", ("html", "jinja")),
        ("a.njk.html", "{{ x }}", ("html", "jinja")),
        ("a.component.html", "<a *ngIf='{{ x }}'>", ("html", "")),
        ("a.vue", "", ("html", "vue")),
        ("a.svelte", "", ("html", "svelte")),
        ("a.astro", "", ("html", "astro")),
        ("a.mdx", "", ("markdown", "mdx")),
        ("A.MD", "", ("markdown", "markdown")),
        ("a.Rmd", "", ("markdown", "markdown")),
        ("a.rst", "", ("markdown", "rst")),
        ("a.adoc", "", ("markdown", "adoc")),
        ("a.ftl", "", ("html", "freemarker")),
        ("a.jspf", "", ("html", "jsp")),
        ("a.cshtml", "", ("html", "razor")),
        ("a.scala.html", "", ("html", "razor")),
        ("a.ascx", "", ("html", "asp")),
        ("a.gohtml", "", ("html", "go")),
        ("a.hbs", "", ("html", "handlebars")),
        ("a.liquid", "", ("html", "liquid")),
        ("a.ejs", "", ("html", "ejs")),
        ("a.php", "<?php class A {}", ("html", "php")),
        ("a.module", "<?php\nfunction x() {}", ("html", "php")),
        ("head.inc", "<script src=x></script>", ("html", "")),
        ("a.inc", "mov ax, bx", ("other", "")),
        ("a.svg", "", ("html", "svg")),
        ("a.mjml", "<mjml>{{#if x}}{{/if}}", ("html", "handlebars")),
        ("a.rb", "", ("code", "ruby")),
        ("a.cs", "", ("code", "csharp")),
        ("a.exs", "", ("code", "elixir")),
        ("a.jsx", "", ("script", "js")),
        ("a.d.ts", "", ("script", "ts")),
        ("a.tsx", "", ("script", "tsx")),
        ("a.min.js?ver=1.2", "", ("script", "js")),
        ("a.js", "---\nlayout: x\n---\nvar a = '{{ site.x }}'", ("script", "liquid")),
        ("a.js", "---\n---\nvar a", ("script", "js")),
        ("a.scss", "", ("style", "scss")),
        ("a.json", "", ("data", "json")),
        ("a.csproj", "", ("data", "xml")),
        (".env", "", ("data", "env")),
        (".env.production", "", ("data", "env")),
        ("_headers", "", ("data", "text")),
        ("CNAME", "", ("data", "text")),
        ("requirements-dev.txt", "", ("data", "text")),
        ("pages/home.body.txt", "<!doctype html><html>", ("other", "")),
        ("Gemfile", "", ("code", "ruby")),
        ("netlify.toml", "", ("data", "toml")),
        ("layout.xml", '<?xml version="1.0"?>\n<!DOCTYPE html>\n<html>', ("html", "")),
        ("feed.xml", '<?xml version="1.0"?>\n<rss>', ("data", "xml")),
        ("feed.xslt", '<xsl:stylesheet><xsl:template match="/"><html lang="en"><head>', ("html", "")),
        ("parts.xsl", '<xsl:stylesheet><xsl:output method="html"/>', ("html", "")),
        ("names.xsl", '<xsl:stylesheet><xsl:output method="xml"/><xsl:template match="/"><rss>', ("data", "xml")),
        ("serve", "#!/usr/bin/env node\n", ("script", "js")),
        ("manage", "#!/usr/bin/python3\n", ("code", "python")),
        ("kontakt", "<!DOCTYPE html><html>", ("html", "")),
        (
            "base",
            '<?xml version="1.0"?>\n{% load static %}\n{% block doctype %}<!DOCTYPE html>{% endblock %}',
            ("html", "jinja"),
        ),
        ("notes", "<!-- a -->\n" * 500, ("other", "")),
        ("LICENSE", "Apache", ("other", "")),
        ("a.sh", "curl x", ("other", "")),
        ("", "", ("other", "")),
        (".", "", ("other", "")),
    ],
)
def test_classify(path: str, head: str, expected: tuple[str, str]) -> None:
    assert classify(path, head) == expected


@pytest.mark.parametrize(
    ("path", "head", "dialect"),
    [
        ("index.html", "<p>plain { } text</p><style>a{b:c}</style>", ""),
        ("index.html", "<script>var a = {b: {c: 1}}; x = 100%;</script>", ""),
        ("index.html", "<p><?php echo 1 ?></p>", "php"),
        ("layouts/partials/head.html", '{{ partial "a.html" . }}', "go"),
        ("layouts/x.html", "{{ .Title }}", "go"),
        ("layouts/x.html", "{{- if site.Params.x -}}{{ else }}{{- end -}}", "go"),
        ("layouts/shortcodes/youtube.html", "{{ $id := .Get 0 }}", "go"),
        ("templates/main.tmpl", '{{ define "x" }}{{ if .A }}{{ else }}{{ end }}', "go"),
        ("content/post.html", "---\ntitle: x\n---\n{{< youtube abc >}}", "go"),
        ("_includes/head.html", "{% if site.x %}{{ page.title }}{% endif %}", "liquid"),
        ("_layouts/default.html", "{{ content }}", "liquid"),
        ("about.html", "---\ntitle: x\n---\n{% for a in b %}{% endfor %}", "liquid"),
        ("x.html", "{% assign a = 1 %}", "liquid"),
        ("x.html", "{% include head.html %}", "liquid"),
        ("x.html", "{{ 'a.js' | relative_url }}", "liquid"),
        ("templates/base.html", "{% load static %}{% block x %}{% endblock %}", "jinja"),
        ("templates/layouts/base.html", '{% include "head.html" %}', "jinja"),
        ("templates/a.html", "{{ form.as_p }}", "jinja"),
        ("x.html", "{{ user|safe }}", "jinja"),
        ("x.html", "{{#if user}}{{name}}{{else}}{{/if}}", "handlebars"),
        ("x.html", "{{{ body }}}", "handlebars"),
        ("x.html", "{{ name }}", "handlebars"),
        ("x.html", "<% if (x) { %><b><%= y %></b><% } %>", "ejs"),
        ("x.html", "<% if @user %><%= link_to 'x' %><% end %>", "erb"),
        ("x.html", '<%@ page language="java" %>', "jsp"),
        ("x.html", '<%@ Page Language="C#" %>', "asp"),
        ("x.htm", '<!--#include file="a"--><% If x Then %>', "asp"),
        ("x.html", "<#if user??>${user}</#if>", "freemarker"),
        ("x.html", "<@macro x=1 />", "freemarker"),
        ("x.tpl", "{if $a}{$b}{/if}{include file='x.tpl'}", "smarty"),
        ("x.tpl", "{* note *}<p>", "smarty"),
        ("x.tpl", '{{ template "x" . }}', "go"),
        ("x.tpl", "<?php echo $a; ?>", "php"),
        ("x.tpl", "{% block x %}{% endblock %}", "jinja"),
        ("x.html", "#set($a = 1)\n#if($a)x#end", "velocity"),
    ],
)
def test_dialect_of_templates_whose_name_does_not_tell(path: str, head: str, dialect: str) -> None:
    assert classify(path, head) == ("html", dialect)


@given(st.text(max_size=40), st.text(alphabet="<%{}#@?- \n\"'abif=.$/", max_size=200))
def test_any_name_and_text_are_classified(path: str, head: str) -> None:
    language, dialect = classify(path, head)
    assert language
    assert dialect == dialect.lower()


@pytest.mark.parametrize(
    "unit",
    [
        "{{",
        "{%",
        "<%",
        "{{ if ",
        "<!--",
        "<?",
        "{$a",
        "{if ",
        "<#",
        "\n",
        " ",
        "---\n",
        "<%= a ",
        "#if",
        "{{- a",
        "'//",
    ],
)
def test_long_and_monotonous_files_are_classified(unit: str) -> None:
    text = unit * (300_000 // len(unit))
    for path in ("a.html", "a.tpl", "a.xml", "layouts/a.html", "_includes/a.html"):
        assert classify(path, text)[0] in ("html", "data", "other")
    assert classify("a.js", text)[0] == "script"
    assert decode(text.encode() + b"\xff")[0].startswith(unit)
    assert known_library("jquery.js", b"/*! jQuery v3 */" + text.encode()) is not None


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a.js", "x;" * 5000, True),
        ("a.js", "/*! banner */\n" * 20 + "x;" * 5000, True),
        ("a.js", "var x = 1;\n" * 500, False),
        ("a.js", "var x = 1;\n" * 500 + "__webpack_require__(1);", True),
        ("a.js", "x;", False),
        ("a.html", "x;" * 5000, False),
    ],
)
def test_is_bundle(path: str, text: str, expected: bool) -> None:
    assert is_bundle(SourceFile(path, text, *classify(path, text))) is expected


def test_importing_this_does_not_import_the_parsers() -> None:
    heavy = ["lxml", "tree_sitter", "ahocorasick_rs", "yaml", "pathspec", "tomli"]
    script = f"import sys, tracklint.source; sys.exit(any(name in sys.modules for name in {heavy}))"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1] / "src")}
    assert subprocess.run([sys.executable, "-c", script], env=environment).returncode == 0


@pytest.mark.parametrize(
    ("path", "developers"),
    [
        ("README.md", True),
        ("tools/importer/FrameworkREADME.md", True),
        ("docs/Contributing.md", True),
        ("docs/how-to-write-a-readme.md", False),
        ("docs/index.md", False),
    ],
)
def test_which_texts_speak_to_developers(path: str, developers: bool) -> None:
    assert is_repository_text(path) is developers
