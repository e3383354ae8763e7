"""Uploading a file over GraphQL."""

from typing import Annotated

import strawberry

from schema.access import Permission, require
from schema.engine import Document
from schema.files import service
from schema.files.model import IncomingFile
from schema.files.types import FileType
from schema.nodes import GraphQLInfo
from schema.payloads import Idempotent, KeyedInput, Payload
from schema.permissions import PUBLIC, permitted


@strawberry.input(description="A file.")
class FileUploadInput(KeyedInput):
    """What `fileUpload` takes."""

    file: IncomingFile = strawberry.field(
        description="A PNG, JPEG, GIF or WebP image, or a PDF; how large it may be is up to the server."
    )


@strawberry.type(description="The answer to `fileUpload`.")
class FilePayload(Payload):
    """What `fileUpload` answers."""

    file: Document | None = strawberry.field(
        default=None, metadata=PUBLIC, graphql_type=FileType | None, description="As kept; null when refused."
    )


INPUT = strawberry.argument(description="What to keep.")


@strawberry.type
class FileMutations:
    """Root fields of Mutation."""

    @permitted(
        Permission.SIGNED_IN,
        more=[Idempotent(FilePayload)],
        description="Keep a file, sent by a GraphQL multipart request.",
    )
    async def file_upload(self, info: GraphQLInfo, input: Annotated[FileUploadInput, INPUT]) -> FilePayload:  # noqa: A002
        """Take, call, wrap."""
        viewer = require(info.context.viewer, Permission.SIGNED_IN)
        return FilePayload(file=await service.upload(info.context, viewer, input.file))
