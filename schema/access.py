"""Who may do what: roles, the permissions they hold, and the viewer who has a role."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import structlog
from odmantic import ObjectId

from schema.errors import Forbidden, Unauthenticated

log = structlog.get_logger(__name__)


class Role(StrEnum):
    """What a person is allowed in general."""

    USER = "USER"
    ADMIN = "ADMIN"


class Permission(StrEnum):
    """What a field may ask for. SIGNED_IN is held by everybody with an account."""

    SIGNED_IN = "signed in"
    USERS_READ = "users:read"
    USERS_MANAGE = "users:manage"
    FILES_READ = "files:read"
    JOBS_READ = "jobs:read"
    JOBS_MANAGE = "jobs:manage"
    CATALOG_MANAGE = "catalog:manage"
    ORDERS_READ = "orders:read"
    ORDERS_MANAGE = "orders:manage"
    REPORTS_MANAGE = "reports:manage"
    ANNOUNCEMENTS_MANAGE = "announcements:manage"
    SYSTEM_READ = "system:read"
    SCHEMA_READ = "schema:read"


GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.USER: frozenset({Permission.SIGNED_IN}),
    Role.ADMIN: frozenset(Permission),
}
"""What each role holds."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """The person a request comes from, as the database knows them now: never what a token says."""

    id: ObjectId
    role: Role
    session_id: ObjectId

    def may(self, permission: Permission) -> bool:
        """Whether their role holds the permission."""
        return permission in GRANTS[self.role]


def require(viewer: Viewer | None, permission: Permission, path: object = None) -> Viewer:
    """The viewer, who holds the permission. Unauthenticated: nobody is signed in. Forbidden: they do not hold it."""
    if viewer is None:
        raise Unauthenticated("Sign in first.")
    if not viewer.may(permission):
        deny(viewer, path)
        raise Forbidden("You may not do this.")
    return viewer


def whose(viewer: Viewer, owner_id: ObjectId | None, permission: Permission, what: str) -> ObjectId | None:
    """Whose things a list shows: this owner's or, for None, anybody's; without the permission the viewer's own.

    Raises:
        Forbidden: another's, without the permission; `what` is logged.
    """
    if viewer.may(permission):
        return owner_id
    if owner_id not in {None, viewer.id}:
        deny(viewer, what)
        raise Forbidden("You may not do this.")
    return viewer.id


def deny(viewer: Viewer | None, path: object) -> None:
    """Log that somebody reached for what is not theirs."""
    log.warning("access denied", user=str(viewer.id) if viewer else None, path=path)
