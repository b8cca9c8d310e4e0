"""Regular expressions that are compiled on their first use.

The modules hold some four hundred; a run needs a few dozen, and compiling the rest takes longer than checking a page.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


def compile(source: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """`re.compile` for the constants of a module. A mistake in the expression is raised on its first use."""
    return cast("re.Pattern[AnyStr]", _Lazy(source, flags))


class _Lazy:
    """Stands for the compiled pattern, each of whose methods is looked up once."""

    def __init__(self, source: str | bytes, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        value = getattr(re.compile(self._source, self._flags), name)
        setattr(self, name, value)
        return value
