"""Who approved, by real git repositories and real signatures."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracklint import manifest as m
from tracklint.approval_proof import GitError, Mode, ProofProblem, base_manifest, proofs

LEAD = "ig@trust.example"
DEV = "dev@agency.example"
HEAD = f"""\
version = 1

[approvers.ig-lead]
name = "Head of Information Governance"
email = "{LEAD}"
"""


def entry(service: str, status: str = "pending", more: str = "") -> str:
    decided = 'approved_by = "ig-lead"\napproved_on = 2026-05-07\nreview_by = 2027-05-07\n'
    return (
        f'\n[[tracker]]\nservice = "{service}"\nstatus = "{status}"\ncategory = "analytics"\n'
        f'purpose = "Which pages are read"\nids = ["G-1"]\npaths = ["templates/**"]\n{more}'
        + (decided if status == "approved" else "")
    )


@pytest.fixture(autouse=True)
def plain_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration and no identity of the person who runs the tests."""
    for name in ("GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


class Repository:
    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir()
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str) -> str:
        command = ["git", *arguments]
        return subprocess.run(command, cwd=self.root, check=True, capture_output=True, text=True).stdout.strip()

    def become(self, email: str) -> None:
        self.git("config", "user.name", email.split("@")[0])
        self.git("config", "user.email", email)

    def write(self, text: str, name: str = m.FILE_NAME) -> None:
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def commit(self, email: str, text: str, *options: str) -> str:
        self.become(email)
        self.write(text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "change", *options)
        return self.git("rev-parse", "HEAD")

    def proofs(
        self, mode: Mode = "author", base: str | None = None, signers: Path | None = None, path: str = m.FILE_NAME
    ) -> list[ProofProblem]:
        manifest = m.load((self.root / path).read_text())
        return proofs(self.root, path, manifest, mode=mode, base=base, allowed_signers=signers)

    def kinds(self, mode: Mode = "author", base: str | None = None, signers: Path | None = None) -> list[str]:
        return [problem.kind for problem in self.proofs(mode, base, signers)]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "site")
    repository.commit(LEAD, HEAD)
    return repository


# --- base -------------------------------------------------------------------------------------------------------------


def test_the_approvers_are_those_of_the_base(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "feature")
    appointed = HEAD + f'\n[approvers.me]\nname = "Me"\nemail = "{DEV}"\n'
    repository.commit(DEV, appointed + entry("hotjar", "approved").replace('by = "ig-lead"', 'by = "me"'))
    at_base = base_manifest(repository.root, "main", m.FILE_NAME)
    assert at_base is not None
    approvers = at_base.approvers
    assert set(approvers) == {"ig-lead"}
    approval, appointment = repository.proofs(base="main")
    assert (approval.kind, appointment.kind) == ("not-an-approver", "wrong-author")
    assert "me may not approve; approvers are ig-lead" in approval.message
    assert appointment.approval is None
    assert "the change of [approvers]" in appointment.message
    # Without the base his own branch would decide.
    assert repository.kinds() == []


def test_an_approver_may_appoint_another(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit(LEAD, HEAD + '\n[approvers.dpo]\nname = "DPO"\nemail = "dpo@trust.example"\n')
    assert repository.kinds(base="main") == []


def test_a_base_without_manifest_has_no_approvers(repository: Repository) -> None:
    repository.git("checkout", "-q", "--orphan", "empty")
    repository.git("rm", "-rfq", ".")
    repository.git("commit", "-q", "--allow-empty", "-m", "empty")
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit(DEV, HEAD + entry("hotjar", "approved"))
    assert base_manifest(repository.root, "empty", m.FILE_NAME) is None
    assert repository.kinds(base="empty") == ["not-an-approver"]


@pytest.mark.parametrize("rev", ["nowhere", "--upload-pack=x", ""])
def test_an_unknown_revision_is_an_error_that_says_so(repository: Repository, rev: str) -> None:
    with pytest.raises(GitError, match="is not a revision of this repository"):
        base_manifest(repository.root, rev, m.FILE_NAME)


def test_outside_a_repository_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(GitError, match="run tracklint inside the repository"):
        base_manifest(tmp_path, "main", m.FILE_NAME)


# --- author -----------------------------------------------------------------------------------------------------------


def test_the_approvers_own_commit_passes_and_any_other_is_refused(repository: Repository) -> None:
    repository.commit(DEV, HEAD + entry("hotjar"))
    assert repository.kinds() == []  # pending needs no proof
    commit = repository.commit(DEV, HEAD + entry("hotjar", "approved"))
    (problem,) = repository.proofs()
    assert (problem.kind, problem.commit) == ("wrong-author", commit)
    assert DEV in problem.message
    assert LEAD in problem.message
    assert repository.kinds("none") == []
    repository.commit(DEV, HEAD + entry("hotjar"))
    repository.commit(LEAD, HEAD + entry("hotjar", "approved"))
    assert repository.kinds() == []


def test_case_and_further_addresses_of_a_person_count(repository: Repository) -> None:
    head = HEAD + 'other_emails = ["Old@Trust.example"]\n'
    repository.commit("old@trust.example", head + entry("hotjar", "approved"))
    assert repository.kinds() == []


def test_widening_an_approval_later_needs_the_approver_again(repository: Repository) -> None:
    repository.commit(LEAD, HEAD + entry("hotjar", "approved"))
    repository.git("tag", "agreed")
    for old, new in (('"G-1"', '"G-1", "G-2"'), ("templates/**", "**"), ("2027-05-07", "2028-05-07")):
        text = HEAD + entry("hotjar", "approved").replace(old, new)
        repository.commit(DEV, text)
        assert repository.kinds() == ["wrong-author"]
        assert repository.kinds(base="agreed") == ["wrong-author"]


def test_what_the_base_has_already_is_not_questioned_again(repository: Repository) -> None:
    repository.commit(DEV, HEAD + entry("hotjar", "approved"))  # a squash merge, say
    assert repository.kinds() == ["wrong-author"]
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit(DEV, HEAD + entry("hotjar", "approved") + entry("clarity"))
    assert repository.kinds(base="main") == []


def test_copying_an_approved_entry_does_not_copy_its_proof(repository: Repository) -> None:
    repository.commit(LEAD, HEAD + entry("hotjar", "approved"))
    # The copy stands first, so that by lines the original would be the new one.
    repository.commit(DEV, HEAD + entry("clarity", "approved") + entry("hotjar", "approved"))
    (problem,) = repository.proofs()
    assert problem.approval is not None
    assert (problem.kind, problem.approval.service) == ("wrong-author", "clarity")


def test_moving_reformatting_and_notes_need_no_new_proof(repository: Repository) -> None:
    repository.commit(LEAD, HEAD + entry("hotjar", "approved"))
    text = HEAD + entry("clarity") + "\n# moved\n" + entry("hotjar", "approved", 'notes = "n"\n')
    repository.commit(DEV, text.replace('paths = ["templates/**"]', "paths = [\n  'templates/**',\n]"))
    assert repository.kinds() == []


def test_a_removal_needs_proof_like_an_approval(repository: Repository) -> None:
    repository.commit(LEAD, HEAD + entry("hotjar", "approved"))
    removed = entry("hotjar", "removed", 'removed_by = "ig-lead"\nremoved_on = 2026-06-01\nremoved_reason = "Over"\n')
    repository.commit(DEV, HEAD + removed)
    (problem,) = repository.proofs()
    assert problem.kind == "wrong-author"
    assert "the removal by ig-lead" in problem.message
    repository.commit(DEV, HEAD + entry("hotjar", "approved"))
    repository.commit(LEAD, HEAD + removed)
    assert repository.kinds() == []


def test_bringing_back_a_withdrawn_approval_is_a_decision(repository: Repository) -> None:
    repository.commit(LEAD, HEAD + entry("hotjar", "approved"))
    repository.git("branch", "old")
    withdrawn = repository.commit(LEAD, HEAD)
    repository.commit(DEV, HEAD + entry("hotjar", "approved"))
    assert repository.kinds() == ["wrong-author"]
    # The same by a merge that keeps the old side of the file.
    repository.git("checkout", "-q", "old")
    repository.become(DEV)
    repository.git("merge", "-q", "-s", "ours", withdrawn, "-m", "keep")
    assert repository.kinds() == ["wrong-author"]


def test_an_approval_survives_merges_of_either_direction(repository: Repository) -> None:
    repository.git("checkout", "-q", "-b", "feature")
    repository.commit(DEV, HEAD + entry("clarity"))
    repository.git("checkout", "-q", "main")
    repository.commit(LEAD, HEAD + entry("hotjar", "approved"))
    repository.git("checkout", "-q", "feature")
    repository.become(DEV)
    subprocess.run(["git", "merge", "-q", "main"], cwd=repository.root, capture_output=True, check=False)
    repository.commit(DEV, HEAD + entry("clarity") + entry("hotjar", "approved"))
    assert repository.git("rev-list", "--merges", "--count", "HEAD") == "1"
    assert repository.kinds() == []
    assert repository.kinds(base="main") == []


def test_a_mailmap_cannot_rename_an_author(repository: Repository) -> None:
    repository.write(f"Lead <{LEAD}> <{DEV}>\n", ".mailmap")
    repository.commit(DEV, HEAD + entry("hotjar", "approved"))
    assert repository.git("log", "-1", "--format=%aE") == LEAD
    assert repository.kinds() == ["wrong-author"]


def test_before_the_commit_the_next_author_counts(repository: Repository) -> None:
    repository.write(HEAD + entry("hotjar", "approved"))
    for mode in ("author", "signature"):
        repository.become(DEV)
        (problem,) = repository.proofs(mode)
        assert problem.kind == "uncommitted"
        assert DEV in problem.message
        repository.become(LEAD)
        assert repository.kinds(mode) == []


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "new")
    repository.become(DEV)
    repository.write(HEAD + entry("hotjar", "approved"))
    assert repository.kinds() == ["uncommitted"]


def test_a_shallow_clone_is_told_what_to_fetch(repository: Repository, tmp_path: Path) -> None:
    repository.commit(LEAD, HEAD + entry("hotjar", "approved"))
    repository.commit(DEV, HEAD + entry("clarity") + entry("hotjar", "approved"))
    url = repository.root.as_uri()
    subprocess.run(["git", "clone", "-q", "--depth=1", url, str(tmp_path / "clone")], check=True, capture_output=True)
    manifest = m.load((tmp_path / "clone" / m.FILE_NAME).read_text())
    (problem,) = proofs(tmp_path / "clone", m.FILE_NAME, manifest, mode="author")
    assert problem.kind == "shallow"
    assert "fetch-depth: 0" in problem.help
    with pytest.raises(GitError, match="fetch-depth: 0"):
        base_manifest(tmp_path / "clone", "HEAD~1", m.FILE_NAME)


def test_a_site_in_a_folder_of_the_repository(repository: Repository) -> None:
    repository.write(HEAD + entry("hotjar", "approved"), "web/approvals.toml")
    repository.commit(DEV, HEAD)
    root = repository.root / "web"
    manifest = m.load((root / "approvals.toml").read_text())
    (problem,) = proofs(root, "approvals.toml", manifest, mode="author")
    assert problem.kind == "wrong-author"
    at_head = base_manifest(root, "HEAD", "approvals.toml")
    assert at_head is not None
    assert set(at_head.approvers) == {"ig-lead"}


def test_earlier_manifests_that_are_broken_do_not_stop_the_proof(repository: Repository) -> None:
    repository.commit(DEV, "this is not TOML <<<<")
    repository.commit(LEAD, HEAD + entry("hotjar", "approved"))
    assert repository.kinds() == []


# --- signature --------------------------------------------------------------------------------------------------------


@pytest.fixture
def keys(tmp_path: Path, repository: Repository) -> dict[str, Path]:
    made = {}
    for email in (LEAD, DEV):
        made[email] = tmp_path / email
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", email, "-f", str(made[email])]
        subprocess.run(command, check=True, capture_output=True)
    repository.git("config", "gpg.format", "ssh")
    return made


def signer_line(keys: dict[str, Path], email: str, principal: str | None = None) -> str:
    return f"{principal or email} {keys[email].with_suffix(keys[email].suffix + '.pub').read_text().strip()}\n"


def sign(keys: dict[str, Path], email: str) -> str:
    return f"-S{keys[email]}"


def test_a_signature_of_the_approver_passes_and_no_other(
    repository: Repository, keys: dict[str, Path], tmp_path: Path
) -> None:
    signers = tmp_path / "allowed"
    signers.write_text(signer_line(keys, LEAD) + signer_line(keys, DEV))
    approved, pending = HEAD + entry("hotjar", "approved"), HEAD + entry("hotjar")

    repository.commit(LEAD, approved, sign(keys, LEAD))
    assert repository.kinds("signature", signers=signers) == []
    # A commit that only says that it is the approver's.
    repository.commit(LEAD, pending)
    repository.commit(LEAD, approved)
    assert repository.kinds("signature", signers=signers) == ["unsigned"]
    assert repository.kinds("author") == []
    # Signed, by somebody else who is known, in the approver's name.
    repository.commit(LEAD, pending)
    repository.commit(LEAD, approved, sign(keys, DEV))
    (problem,) = repository.proofs("signature", signers=signers)
    assert problem.kind == "wrong-signer"
    assert DEV in problem.message
    # Signed with a key that nobody knows.
    signers.write_text(signer_line(keys, LEAD))
    assert repository.kinds("signature", signers=signers) == ["bad-signature"]
    # A pattern names no person.
    signers.write_text(signer_line(keys, DEV, "*@trust.example"))
    assert repository.kinds("signature", signers=signers) == ["wrong-signer"]


def test_a_tampered_commit_is_refused(repository: Repository, keys: dict[str, Path], tmp_path: Path) -> None:
    signers = tmp_path / "allowed"
    signers.write_text(signer_line(keys, LEAD))
    signed = repository.commit(LEAD, HEAD + entry("hotjar", "approved"), sign(keys, LEAD))
    raw = repository.git("cat-file", "commit", signed) + "\nmore words\n"
    forged = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin"],
        cwd=repository.root,
        input=raw,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    repository.git("reset", "-q", "--hard", forged)
    assert repository.kinds("signature", signers=signers) == ["bad-signature"]


def test_a_branch_cannot_add_itself_to_the_allowed_signers(repository: Repository, keys: dict[str, Path]) -> None:
    signers = Path(".tracklint/allowed_signers")
    repository.write(signer_line(keys, LEAD), str(signers))
    repository.commit(LEAD, HEAD)
    repository.git("checkout", "-q", "-b", "feature")
    repository.write(signer_line(keys, DEV, LEAD), str(signers))
    repository.commit(DEV, HEAD + entry("hotjar", "approved"), sign(keys, DEV))
    assert repository.kinds("signature", base="main", signers=signers) == ["bad-signature"]
    repository.git("checkout", "-q", "-b", "right", "main")
    repository.commit(LEAD, HEAD + entry("hotjar", "approved"), sign(keys, LEAD))
    assert repository.kinds("signature", base="main", signers=signers) == []
    assert repository.kinds("signature", base="main", signers=repository.root / signers) == []


def test_gits_own_configuration_of_signers_is_used_when_none_is_named(
    repository: Repository, keys: dict[str, Path], tmp_path: Path
) -> None:
    repository.commit(LEAD, HEAD + entry("hotjar", "approved"), sign(keys, LEAD))
    assert repository.kinds("signature") == ["bad-signature"]
    (tmp_path / "allowed").write_text(signer_line(keys, LEAD))
    repository.git("config", "gpg.ssh.allowedSignersFile", str(tmp_path / "allowed"))
    assert repository.kinds("signature") == []


# --- GPG --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A keyring of our own. Its path is short: the agent's socket lies in it."""
    assert shutil.which("gpg"), "the tests need GnuPG; `make test` installs it"
    folder = Path(tempfile.mkdtemp(prefix="gpg-"))
    monkeypatch.setenv("GNUPGHOME", str(folder))
    yield folder
    subprocess.run(["gpgconf", "--kill", "all"], check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)


def gpg(*arguments: str) -> str:
    command = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def made_key(person: str) -> str:
    """The fingerprint of a new key."""
    gpg("--quick-generate-key", person, "ed25519", "sign", "never")
    rows = gpg("--with-colons", "--list-secret-keys", f"={person}").splitlines()
    return next(row.split(":")[9] for row in rows if row.startswith("fpr:"))


def test_a_gpg_signature_of_the_approver_passes_and_no_other(repository: Repository, keyring: Path) -> None:
    repository.git("config", "gpg.format", "openpgp")
    lead, dev = made_key(f"Head of IG <{LEAD}>"), made_key(f"Dev <{DEV}>")
    approved, pending = HEAD + entry("hotjar", "approved"), HEAD + entry("hotjar")

    repository.commit(LEAD, approved, f"-S{lead}")
    assert repository.kinds("signature") == []
    repository.commit(LEAD, pending)
    repository.commit(LEAD, approved)
    assert repository.kinds("signature") == ["unsigned"]
    repository.commit(LEAD, pending)
    repository.commit(LEAD, approved, f"-S{dev}")
    assert repository.kinds("signature") == ["wrong-signer"]
    # The same, where nobody has the developer's key.
    gpg("--yes", "--delete-secret-and-public-key", dev)
    assert repository.kinds("signature") == ["bad-signature"]
    repository.commit(LEAD, pending)
    repository.commit(DEV, approved, f"-S{lead}")  # who signs counts, not who is said to be the author
    assert repository.kinds("signature") == []
