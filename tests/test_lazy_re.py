import os
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import tracklint
from tracklint import lazy_re

SOURCE = str(Path(tracklint.__file__).parents[1])


def modules() -> list[str]:
    names = [one.name for one in pkgutil.walk_packages(tracklint.__path__, "tracklint.")]
    return [name for name in names if name != "tracklint.__main__"]


def patterns(value: object) -> Iterator[lazy_re._Lazy]:
    """Those in a value, also in the tables and tuples that a module makes of them."""
    if isinstance(value, lazy_re._Lazy):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from patterns(inner)
    elif isinstance(value, tuple | list):
        for inner in value:
            yield from patterns(inner)
    elif type(value).__module__.startswith("tracklint."):
        for inner in getattr(value, "__dict__", {}).values():
            yield from patterns(inner)


@pytest.mark.parametrize("name", modules())
def test_every_pattern_of_a_module_can_be_compiled(name: str) -> None:
    for value in vars(import_module(name)).values():
        for found in patterns(value):
            assert isinstance(found.groups, int)  # raises re.error for one that is malformed


def test_importing_the_modules_compiles_nothing() -> None:
    program = (
        "import re, sys, importlib; real, own = re.compile, []\n"
        "def compile(source, flags=0):\n"
        "    caller = sys._getframe(1).f_globals['__name__']\n"
        "    own.extend([caller] if caller.startswith('tracklint') else [])\n"
        "    return real(source, flags)\n"
        "re.compile = compile\n"
        f"for name in {modules()}: importlib.import_module(name)\n"
        "sys.exit(', '.join(own) or 0)"
    )
    environment = {**os.environ, "PYTHONPATH": SOURCE}
    result = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


def test_it_is_the_pattern_that_re_would_give() -> None:
    lazy, plain = (
        lazy_re.compile(r"(?P<word>[a-z]+)\d", re.IGNORECASE),
        re.compile(r"(?P<word>[a-z]+)\d", re.IGNORECASE),
    )
    found = lazy.search("--Ab1")
    assert found is not None
    assert (found["word"], found.re) == ("Ab", plain)
    assert (lazy.pattern, lazy.flags, lazy.groupindex) == (plain.pattern, plain.flags, plain.groupindex)
    assert lazy_re.compile(rb"\d+").findall(b"1 22") == [b"1", b"22"]


def test_a_malformed_one_is_told_on_its_first_use() -> None:
    broken = lazy_re.compile("(")
    with pytest.raises(re.error):
        broken.match("")
