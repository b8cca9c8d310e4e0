"""Google Consent Mode and its kind: tags that load at once and are told what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracklint.detect.load import Load
    from tracklint.project import Project


def consent_mode(project: Project, load: Load) -> dict[str, Any] | None:
    """Fields of the verdict when a signal that denies by default comes before the load; None otherwise."""
    return None
