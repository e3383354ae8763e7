"""`/`, for who opens the address that a program in development has printed."""

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from graphql_api.headers import takes


def routes() -> list[Route]:
    """The route, for development only."""
    return [Route("/", to_graphiql, methods=["GET"])]


async def to_graphiql(request: Request) -> Response:
    """Browsers are shown the way; nobody else is told that there is anything."""
    if not takes(request.scope, "text/html"):
        raise HTTPException(404)
    return RedirectResponse("/graphql", headers={"Vary": "Accept", "Cache-Control": "no-store"})
