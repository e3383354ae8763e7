"""How GraphQL shows a file. The sources are documents as MongoDB keeps them."""

from datetime import datetime

import strawberry

from schema.engine import Document
from schema.files.model import PATH, IncomingFile
from schema.nodes import GraphQLInfo, Node
from schema.permissions import PUBLIC
from schema.selection import reads


def _incoming(value: object) -> IncomingFile:
    if not isinstance(value, IncomingFile):
        raise ValueError("A file comes with a multipart request, and a variable stands for it.")  # noqa: TRY004  # GraphQL's own
    return value


def _never(_: object) -> None:
    raise ValueError("Uploads are not answered.")


UPLOAD = strawberry.scalar(
    name="Upload",
    description="A file that comes with the request, by a variable that is null in `operations`.",
    specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
    serialize=_never,
    parse_value=_incoming,
)


@strawberry.type(
    name="File",
    description="A file that somebody uploaded, or that was made for them. By its id it is shown to that person and to "
    "administrators alone.",
)
class FileType(Node):
    """A document of `files`."""

    name: str = strawberry.field(
        metadata=PUBLIC, description="What its owner calls it: one line, at most 100 characters."
    )
    content_type: str = strawberry.field(metadata=PUBLIC, description="What it is, judged by its content: `image/png`.")
    size: int = strawberry.field(metadata=PUBLIC, description="How many bytes it has.")
    created_at: datetime = strawberry.field(metadata=PUBLIC, description="When it was uploaded, or made.")

    @strawberry.field(
        metadata=PUBLIC | reads("_id"),
        description="Where its content is, for whoever has this URL; good for at least an hour, so keep the id.",
    )
    def url(self, root: strawberry.Parent[Document], info: GraphQLInfo) -> str:
        """A signed URL."""
        return info.context.signed_urls.sign(f"{PATH}{root['_id']}")
