"""The built front end: one page for every screen, and its hashed files."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

FOREVER = "public, max-age=31536000, immutable"


def add_pages(app: web.Application, static_dir: Path) -> None:
    """Serve the files under /assets and, for every other path that is not an API's, the page."""
    if (static_dir / "assets").is_dir():
        app.router.add_static("/assets", static_dir / "assets")
    app.router.add_get("/{path:.*}", _page(static_dir.resolve()))


async def cache_assets(request: web.Request, response: web.StreamResponse) -> None:
    """Files whose name holds a hash of their content never change."""
    if request.path.startswith("/assets/") and response.status == 200:
        response.headers["Cache-Control"] = FOREVER


def _page(root: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if path.startswith(("api/", "socket.io/", "health/")):
            raise web.HTTPNotFound()
        file = (root / path).resolve()
        if not (path and file.is_relative_to(root) and file.is_file()):
            file = root / "index.html"
        if not file.is_file():
            raise web.HTTPNotFound()
        return web.FileResponse(file, headers={"Cache-Control": "no-cache"})

    return serve
