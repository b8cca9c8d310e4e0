"""The formats. Each is one function from a report to text; they add nothing and decide nothing."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module

from tracklint.changes import Change
from tracklint.model import Report
from tracklint.report.wording import Context

Render = Callable[[Report, Context], str]


def _format(module: str) -> Render:
    """A format whose module is only imported when a run asks for it."""

    def render(report: Report, context: Context) -> str:
        written: str = import_module(f"tracklint.report.{module}").render(report, context)
        return written

    return render


FORMATS: dict[str, Render] = {
    "text": _format("text"),
    "json": _format("json_report"),
    "sarif": _format("sarif"),
    "github": _format("github"),
    "gitlab": _format("gitlab"),
    "junit": _format("junit"),
    "markdown": _format("markdown"),
    "html": _format("audit"),
    "cookie-policy": _format("cookie_policy"),
}

__all__ = ["FORMATS", "Change", "Context"]
