"""Pages that the site shows to staff alone: what loads there is told as such; a guard or a name alone is not enough."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tracklint.ruleset import load
from tracklint.scan import scan
from tracklint.source import Tree

RULES = load()
FRAME = '<iframe src="https://www.youtube.com/embed/abc"></iframe>'
NEXT = '{"dependencies": {"next": "15"}}'
PAGE = f"export default function Page() {{ return {FRAME.replace('></iframe>', ' />')}; }}"
GUARD = "const session = await requireSession(); if (!session.user.isAdmin) notFound();"
LAYOUT = f"export default async function Layout({{ children }}) {{ {GUARD} return children; }}"
MIDDLEWARE = (
    "export async function middleware(request) {\n"
    "  const user = await verifyToken(request.cookies.get('token'));\n"
    "  if (request.nextUrl.pathname.startsWith('/admin') && !user) return NextResponse.redirect('/login');\n}"
)
PLAYER = f"export function Player() {{ return {FRAME.replace('></iframe>', ' />')}; }}"
USES = "import { Player } from '{}components/Player';\nexport default function Page() {{ return <Player />; }}"
ROLE = "var policy = new AuthorizationPolicyBuilder().RequireRole(group).Build(); options.Filters.Add(new AuthorizeFilter(policy));"
RAZOR = {"Web/Pages/Shared/_Layout.cshtml": f"<!DOCTYPE html><html><body>@RenderBody(){FRAME}</body></html>"}
VIEW = {"app/views/admin/videos/show.html.erb": f"<div>{FRAME}</div>"}
GUARDED = (
    "import { Shell } from './Shell';\nimport { Films } from './Films';\nexport default () => <Switch>%s</Switch>;"
)
SHELL = {
    "src/Shell.jsx": "import { PrivateRoute } from './PrivateRoute';\nexport const Shell = (props) => <PrivateRoute {...props} />;",
    "src/PrivateRoute.jsx": "export const PrivateRoute = ({ component: Shown }) => (token() ? <Shown /> : <Redirect to='/login' />);",
    "src/Films.jsx": PLAYER.replace("Player", "Films"),
}
DESK = {
    "studio/package.json": '{"scripts": {"dev": "sanity start"}}',
    "studio/sanity.config.ts": "import { Player } from './src/Player';\nexport default defineConfig({ plugins: [Player] });",
    "studio/src/Player.tsx": PLAYER,
}


def mechanisms(files: Mapping[str, str]) -> set[str]:
    contents = {path: text.encode() for path, text in files.items()}
    paths = tuple(sorted(contents))
    tree = Tree(Path("/site"), paths, paths, (), contents.__getitem__, lambda path: len(contents[path]))
    return {one.consent.mechanism for one in scan(tree, RULES, jobs=1).detections if one.service == "youtube"}


STAFF = {
    "a guarded area": {"package.json": NEXT, "app/admin/layout.tsx": LAYOUT, "app/admin/videos/page.tsx": PAGE},
    "an area that the middleware guards": {
        "package.json": NEXT,
        "middleware.ts": MIDDLEWARE,
        "app/[locale]/admin/page.tsx": PAGE,
    },
    "what only such an area uses": {
        "package.json": NEXT,
        "app/admin/layout.tsx": LAYOUT,
        "app/admin/page.tsx": USES.replace("{}", "../../"),
        "components/Player.tsx": PLAYER,
    },
    "the pages of react-admin": {
        "src/App.jsx": "import { Admin } from 'react-admin';\nimport { Player } from './Player';\n"
        "export default () => <Admin authProvider={auth}><Player /></Admin>;",
        "src/Player.jsx": PLAYER,
    },
    "what a route with a guard shows": {
        **SHELL,
        "src/App.jsx": GUARDED % '<Shell path="/admin/films" component={Films} />',
    },
    "what a guard around it shows": {
        **SHELL,
        "src/App.jsx": GUARDED % '<Route path="/admin/*" element={<Shell><Films /></Shell>} />',
    },
    "the desk of a content management system": DESK,
    "an application that asks all for a role": {**RAZOR, "Web/Startup.cs": ROLE},
    "one on which anybody may sign in": {
        **RAZOR,
        "Web/Startup.cs": ROLE + ' options.Conventions.AllowAnonymousToPage("/Account/Login");',
    },
    "controllers of admin": {
        **VIEW,
        "app/controllers/admin/base_controller.rb": "class Admin::BaseController\n  before_action :authenticate_admin!\nend",
    },
}


@pytest.mark.parametrize("files", STAFF.values(), ids=STAFF)
def test_what_a_guard_shows_to_staff_alone_is_told_as_such(files: Mapping[str, str]) -> None:
    assert mechanisms(files) == {"staff"}


VISITORS = {
    "an area without a guard": {"package.json": NEXT, "app/admin/page.tsx": PAGE},
    "a guard of another area": {"package.json": NEXT, "middleware.ts": MIDDLEWARE, "app/videos/page.tsx": PAGE},
    "what other pages use too": {
        "package.json": NEXT,
        "app/admin/layout.tsx": LAYOUT,
        "app/admin/page.tsx": USES.replace("{}", "../../"),
        "app/page.tsx": USES.replace("{}", "../"),
        "components/Player.tsx": PLAYER,
    },
    "a route without a guard": {
        **SHELL,
        "src/App.jsx": GUARDED % '<Route path="/admin/films" component={Films} />',
    },
    "a component around it that lets anybody in": {
        **SHELL,
        "src/Shell.jsx": "export const Shell = ({ children }) => <main>{children}</main>;",
        "src/App.jsx": GUARDED % '<Route path="/admin/*" element={<Shell><Films /></Shell>} />',
    },
    "a site with such a desk in it": {
        **DESK,
        "studio/package.json": '{"scripts": {"dev": "sanity start", "build": "next build"}}',
    },
    "an application for all who have signed in": {
        **RAZOR,
        "Web/Startup.cs": ROLE.replace("RequireRole(group)", "RequireAuthenticatedUser()"),
    },
    "one with pages for anybody": {
        **RAZOR,
        "Web/Startup.cs": ROLE + ' options.Conventions.AllowAnonymousToFolder("/Public");',
    },
    "controllers that let anybody in": {
        **VIEW,
        "app/controllers/admin/base_controller.rb": "class Admin::BaseController\nend",
    },
}


@pytest.mark.parametrize("files", VISITORS.values(), ids=VISITORS)
def test_what_visitors_may_see_is_not_for_staff(files: Mapping[str, str]) -> None:
    assert mechanisms(files) == {"none"}
