"""Who operates the program: they may see what is nobody else's business."""

import hmac

from starlette.requests import HTTPConnection

from settings.config import Settings


def is_operator(connection: HTTPConnection, settings: Settings) -> bool:
    """Outside production anybody; there, whoever has METRICS_TOKEN as bearer token, and nobody while that is unset."""
    if not settings.is_production:
        return True
    token = settings.metrics_token.get_secret_value()
    scheme, _, given = connection.headers.get("authorization", "").partition(" ")
    is_right = hmac.compare_digest(given.strip().encode(), token.encode())
    return bool(token) and scheme.lower() == "bearer" and is_right
