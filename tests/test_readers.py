"""Accounts in the settings of scripts, and the loads that read them there."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from conftest import scanned


def states(files: Mapping[str, str], path: str) -> set[tuple[str, str]]:
    return {
        (one.consent.state, one.consent.mechanism)
        for one in scanned(files).detections
        if one.path == path and one.service == "google-analytics"
    }


SETTINGS = "export const environment: { [key: string]: string } = {\n  SITE: 'clinic',\n  MEASUREMENT_ID: 'G-ABCDEF1234',\n};\n"
SHOWN = "<GoogleAnalytics gaId={environment.MEASUREMENT_ID} />"
READER = (
    "import { GoogleAnalytics } from '@next/third-parties/google';\nimport { environment } from '../lib/settings';\n"
    "import { useCookieConsent } from './consent';\n"
    "export default function Layout({ children }) {\n  const { analyticsAccepted } = useCookieConsent();\n"
    "  return <html><head>%s</head><body>{children}</body></html>;\n}\n"
)
NEXT_SITE = {
    "package.json": '{"name": "x", "private": true, "dependencies": {"next": "15"}}',
    "lib/settings.ts": SETTINGS,
}


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({"app/layout.tsx": READER % SHOWN}, ("ungated", "none")),
        ({"app/layout.tsx": READER % f"{{localStorage.getItem('cookie_consent') === 'yes' && {SHOWN}}}"}, ("gated", "condition")),
        (
            {"app/layout.tsx": READER % SHOWN, "app/start.ts": "import { environment } from '../lib/settings';\nsend(environment.MEASUREMENT_ID);\n"},
            ("unknown", "config"),
        ),
        ({"app/layout.tsx": READER % SHOWN, "app/start.ts": "const id = settings[which === 'a' ? 'SITE' : 'MEASUREMENT_ID'];\n"}, ("unknown", "config")),
        ({"app/layout.tsx": READER % SHOWN, "app/start.ts": "const { MEASUREMENT_ID } = settings;\n"}, ("unknown", "config")),
        ({"app/layout.tsx": READER % SHOWN, "app/box.vue": "<template><b>{{ settings.MEASUREMENT_ID }}</b></template>"}, ("unknown", "config")),
        ({"app/layout.tsx": READER % "<title>Clinic</title>"}, ("unknown", "config")),
    ],
    ids=["a component", "a component that waits", "another use", "by its name", "taken apart", "a template", "nobody"],
)  # fmt: skip
def test_an_account_in_settings_waits_as_what_reads_it_does(more: Mapping[str, str], state: tuple[str, str]) -> None:
    assert states({**NEXT_SITE, **more}, "lib/settings.ts") == {state}


def test_a_variable_of_the_environment_of_that_name_is_no_reader() -> None:
    own = SETTINGS.replace("'G-ABCDEF1234'", "process.env.MEASUREMENT_ID || 'G-ABCDEF1234'")
    files = {**NEXT_SITE, "lib/settings.ts": own, "app/layout.tsx": READER % SHOWN}
    files["next.config.js"] = "console.log(process.env.MEASUREMENT_ID);\n"
    assert states(files, "lib/settings.ts") == {("ungated", "none")}
