"""tracklint finds trackers in website repositories and holds them against an approvals manifest."""

__version__ = "0.1.0"
