"""What may be done with products, over GraphQL."""

from typing import Annotated, Any

import strawberry

from schema.access import Permission
from schema.engine import Document
from schema.inputs import validate
from schema.money.types import MoneyInput
from schema.nodes import GraphQLInfo, id_of
from schema.payloads import INPUT, Idempotent, KeyedInput, Payload, UserErrors
from schema.permissions import PUBLIC, permitted
from schema.products import service
from schema.products.model import NewProduct, ProductChanges
from schema.products.types import ProductType

_NAME = "What people call it: one line, 1 to 100 characters."
_SLUG = "Its name in URLs, like oak-chair: lower-case letters, digits and hyphens."
_DESCRIPTION = "What people read about it, up to 10,000 characters."
_PRICE = "What one piece costs, in the shop's currency."
_STOCK = "Pieces that can be ordered, 0 to 1,000,000,000."


@strawberry.input(description="A new product.")
class ProductCreateInput(KeyedInput):
    """What `productCreate` takes."""

    name: str = strawberry.field(description=_NAME)
    slug: str | None = strawberry.field(default=None, description=f"{_SLUG} Left out, it is made of the name.")
    description: str = strawberry.field(default="", description=_DESCRIPTION)
    price: MoneyInput = strawberry.field(description=_PRICE)
    stock: int = strawberry.field(default=0, description=_STOCK)
    category_id: strawberry.ID = strawberry.field(description="The category it stands in.")


@strawberry.input(description="What changes of a product; what is left out stays.")
class ProductUpdateInput:
    """What `productUpdate` takes."""

    id: strawberry.ID = strawberry.field(description="The product.")
    name: str | None = strawberry.field(default=None, description=_NAME)
    slug: str | None = strawberry.field(default=None, description=_SLUG)
    description: str | None = strawberry.field(default=None, description=_DESCRIPTION)
    price: MoneyInput | None = strawberry.field(default=None, description=_PRICE)
    stock: int | None = strawberry.field(default=None, description=_STOCK)
    category_id: strawberry.ID | None = strawberry.field(default=None, description="The category it stands in.")


@strawberry.input(description="A product, by the id.")
class ProductIdInput:
    """What `productArchive` and `productRestore` take."""

    id: strawberry.ID = strawberry.field(description="The product.")


@strawberry.input(description="A picture for a product.")
class ProductImageAttachInput:
    """What `productImageAttach` takes."""

    product_id: strawberry.ID = strawberry.field(description="The product.")
    file_id: strawberry.ID = strawberry.field(description="The picture, as `fileUpload` answered it.")
    is_first: bool = strawberry.field(default=False, description="Whether it stands before the others.")


@strawberry.type(description="The answer to a change of a product.")
class ProductPayload(Payload):
    """What the mutations here answer."""

    product: Document | None = strawberry.field(
        default=None,
        metadata=PUBLIC,
        graphql_type=ProductType | None,
        description="The product as changed; null when refused.",
    )


@strawberry.type
class ProductMutations:
    """Root fields of Mutation."""

    @permitted(
        Permission.CATALOG_MANAGE, more=[Idempotent(ProductPayload)], description="Put a new product on sale, at once."
    )
    async def product_create(self, info: GraphQLInfo, input: Annotated[ProductCreateInput, INPUT]) -> ProductPayload:  # noqa: A002
        """Take, call, wrap."""
        return ProductPayload(product=await service.create(info.context, validate(NewProduct, _values(input))))

    @permitted(
        Permission.CATALOG_MANAGE,
        more=[UserErrors(ProductPayload)],
        description="Change a product; orders that were placed keep its name and price as they were.",
    )
    async def product_update(self, info: GraphQLInfo, input: Annotated[ProductUpdateInput, INPUT]) -> ProductPayload:  # noqa: A002
        """Take, call, wrap."""
        changes = validate(ProductChanges, _values(input))
        return ProductPayload(product=await service.update(info.context, id_of("Product", input.id), changes))

    @permitted(
        Permission.CATALOG_MANAGE,
        more=[UserErrors(ProductPayload)],
        description="Take a product off sale. It is not deleted: orders go on naming it.",
    )
    async def product_archive(self, info: GraphQLInfo, input: Annotated[ProductIdInput, INPUT]) -> ProductPayload:  # noqa: A002
        """Take, call, wrap."""
        return ProductPayload(product=await service.archive(info.context, id_of("Product", input.id)))

    @permitted(
        Permission.CATALOG_MANAGE,
        more=[UserErrors(ProductPayload)],
        description="Put an archived product on sale again.",
    )
    async def product_restore(self, info: GraphQLInfo, input: Annotated[ProductIdInput, INPUT]) -> ProductPayload:  # noqa: A002
        """Take, call, wrap."""
        return ProductPayload(product=await service.restore(info.context, id_of("Product", input.id)))

    @permitted(
        Permission.CATALOG_MANAGE,
        more=[UserErrors(ProductPayload)],
        description="Show a picture with a product, at most 20; one that is there already is moved.",
    )
    async def product_image_attach(
        self,
        info: GraphQLInfo,
        input: Annotated[ProductImageAttachInput, INPUT],  # noqa: A002
    ) -> ProductPayload:
        """Take, call, wrap."""
        product_id, file_id = id_of("Product", input.product_id), id_of("File", input.file_id)
        product = await service.attach_image(info.context, product_id, file_id, is_first=input.is_first)
        return ProductPayload(product=product)


def _values(form: ProductCreateInput | ProductUpdateInput) -> dict[str, Any]:
    """The form as its model takes it; what is null counts as left out."""
    given = {name: value for name, value in vars(form).items() if value is not None}
    if form.price is not None:
        given["price"] = vars(form.price)
    if form.category_id is not None:
        given["category_id"] = id_of("Category", form.category_id)
    return given
