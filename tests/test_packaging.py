"""The wheel is complete: installed in a fresh environment, it finds trackers with the rules that it holds."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.slow


def run(*command: str | Path, cwd: Path, codes: tuple[int, ...] = (0,)) -> str:
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    environment = {key: value for key, value in os.environ.items() if key not in hidden}
    environment.update(TRACKLINT_TODAY="2026-06-01", PIP_DISABLE_PIP_VERSION_CHECK="1")
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode in codes, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that nothing is left in the checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("src", "rulesets"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source)
    run(
        sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder / "dist", source, cwd=folder
    )
    (built,) = (folder / "dist").glob("*.whl")
    return built


def test_the_wheel_holds_code_rules_and_licences(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    rules = {
        f"tracklint/rulesets/{path.relative_to(ROOT / 'rulesets').as_posix()}"
        for path in (ROOT / "rulesets").rglob("*.*")
    }
    assert rules <= names
    modules = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*.py")}
    assert modules <= names
    assert "tracklint/py.typed" in names
    assert {"LICENSE", "NOTICE"} <= {name.rpartition("/")[2] for name in names if ".dist-info/licenses/" in name}
    assert {name.partition("/")[0] for name in names} == {"tracklint", wheel.name.split("-py3")[0] + ".dist-info"}


def test_the_installed_wheel_checks_a_site(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "env"
    venv.create(environment, with_pip=True)
    bin = environment / ("Scripts" if os.name == "nt" else "bin")
    run(bin / "python", "-m", "pip", "install", "--quiet", wheel, cwd=tmp_path)

    version = run(bin / "tracklint", "--version", cwd=tmp_path)
    declared = re.search(r'__version__ = "(.+?)"', (ROOT / "src/tracklint/__init__.py").read_text(encoding="utf-8"))
    assert declared is not None
    assert version == f"tracklint {declared[1]}\n"

    site = tmp_path / "clinic-site"
    shutil.copytree(ROOT / "tests" / "fixtures" / "clinic-site", site)
    installed = run(bin / "tracklint", cwd=site, codes=(1,))
    assert "error TL201 tracker-runs-before-consent" in installed
    assert "Google Tag Manager (GTM-RVC7K2M)" in installed
    assert run(bin / "python", "-m", "tracklint", "explain", "hotjar", cwd=site).startswith("Hotjar")
