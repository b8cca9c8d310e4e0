"""The formats. Each is one function from a report to text; they add nothing and decide nothing."""

from __future__ import annotations

from collections.abc import Callable

from tracklint.changes import Change
from tracklint.model import Report
from tracklint.report import audit, cookie_policy, github, gitlab, json_report, junit, markdown, sarif, text
from tracklint.report.wording import Context

FORMATS: dict[str, Callable[[Report, Context], str]] = {
    "text": text.render,
    "json": json_report.render,
    "sarif": sarif.render,
    "github": github.render,
    "gitlab": gitlab.render,
    "junit": junit.render,
    "markdown": markdown.render,
    "html": audit.render,
    "cookie-policy": cookie_policy.render,
}

__all__ = ["FORMATS", "Change", "Context"]
