"""The mutations that take an idempotency key, each with what it needs to be sent."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from schema.access import Role
from schema.confirmations.model import Confirmation, Purpose
from schema.nodes import to_global_id
from schema.secrets import digest
from schema.times import utc_now
from settings.config import Settings
from tests.support.application import Client, Collections, ada, credentials
from tests.support.catalog import add_product, category_document
from tests.support.orders import item, place, signed_in

ERRORS = "userErrors { field code }"
JOB = "job { id kind status requestId createdAt attempts { number } }"
ORDER = "order { id number status lines { name quantity } history { status at } updatedAt user { email } }"

FIELDS = {
    "userSignUp": JOB,
    "passwordResetRequest": "__typename",
    "passwordReset": JOB,
    "categoryCreate": "category { id name slug parent { name } }",
    "productCreate": "product { id name slug stock price { amount } createdAt updatedAt category { name } }",
    "orderPlace": f"{ORDER} {JOB}",
    "orderCancel": f"{ORDER} {JOB}",
    "orderStatusSet": f"{ORDER} {JOB}",
    "reportRequest": JOB,
    "userEmailAll": JOB,
}
"""By mutation: what is selected of its payload."""


@dataclass(frozen=True)
class Shop:
    """Where mutations are sent: an API and what it keeps."""

    client: Client
    collections: Collections
    settings: Settings

    async def person(self, name: str, role: Role = Role.USER) -> Client:
        """Somebody new who is signed in."""
        (client,) = await signed_in(self.client, self.collections, self.settings, [name], role)
        return client


@dataclass(frozen=True)
class Sending:
    """A mutation that somebody sends, and another input of the same kind that would be taken as well."""

    mutation: str
    client: Client
    form: dict[str, Any]
    other: dict[str, Any]

    @property
    def query(self) -> str:
        """The document."""
        kind = self.mutation[0].upper() + self.mutation[1:]
        chosen = f"{self.mutation}(input: $input) {{ {FIELDS[self.mutation]} {ERRORS} }}"
        return f"mutation($input: {kind}Input!) {{ {chosen} }}"

    async def payload(self, key: str, client: Client | None = None, **changes: Any) -> dict[str, Any]:  # noqa: ANN401
        """The payload, when it is sent with this key in the header."""
        variables = {"input": self.form | changes}
        answer = (await (client or self.client).post(self.query, variables, idempotency_key=key)).json()
        assert "errors" not in answer, answer
        return dict(answer["data"][self.mutation])

    async def payload_by_field(self, key: str) -> dict[str, Any]:
        """The payload, when it is sent with this key in the input."""
        return dict((await self.client.data(self.query, {"input": self.form | {"idempotencyKey": key}}))[self.mutation])


async def _sign_up(shop: Shop) -> Sending:
    return Sending("userSignUp", shop.client, ada(), {"email": "eve@example.com"})


async def _password_reset_request(shop: Shop) -> Sending:
    return Sending("passwordResetRequest", shop.client, {"email": "ada@example.com"}, {"email": "eve@example.com"})


async def _password_reset(shop: Shop) -> Sending:
    await shop.client.sign_up()
    user = await shop.collections.users.find_one() or {}
    confirmation = Confirmation(
        id=digest("a token"),
        user_id=user["_id"],
        purpose=Purpose.PASSWORD_RESET,
        expires_at=utc_now().replace(year=2999),
    )
    await shop.collections.confirmations.insert_one(confirmation.model_dump_doc())
    form = {"token": "a token", "password": credentials()["password"]}
    return Sending("passwordReset", shop.client, form, {"password": "another horse"})


async def _category_create(shop: Shop) -> Sending:
    return Sending("categoryCreate", await shop.person("Grace", Role.ADMIN), {"name": "Lamps"}, {"name": "Chairs"})


async def _product_create(shop: Shop) -> Sending:
    category = category_document()
    await shop.collections.categories.insert_one(category)
    price = {"amount": "49.50", "currencyCode": "EUR"}
    form = {"name": "Oak Lamp", "price": price, "stock": 3, "categoryId": to_global_id("Category", category["_id"])}
    other = {"price": price | {"amount": "49.51"}}
    return Sending("productCreate", await shop.person("Grace", Role.ADMIN), form, other)


async def _order_place(shop: Shop) -> Sending:
    lamp = await add_product(shop.collections, stock=1)
    other = {"items": [item(await add_product(shop.collections))]}
    return Sending("orderPlace", await shop.person("Ada"), {"items": [item(lamp)]}, other)


async def _order_cancel(shop: Shop) -> Sending:
    ada, lamp = await shop.person("Ada"), await add_product(shop.collections)
    first, second = [(await place(ada, item(lamp)))["order"]["id"] for _ in range(2)]
    return Sending("orderCancel", ada, {"id": first}, {"id": second})


async def _order_status_set(shop: Shop) -> Sending:
    order_id = (await _order_cancel(shop)).form["id"]
    form = {"id": order_id, "status": "PAID"}
    return Sending("orderStatusSet", await shop.person("Grace", Role.ADMIN), form, {"status": "CANCELLED"})


async def _report_request(shop: Shop) -> Sending:
    form = {"kind": "SALES", "from": "2026-07-01T00:00:00Z", "to": "2026-08-01T00:00:00Z"}
    return Sending("reportRequest", await shop.person("Grace", Role.ADMIN), form, {"to": "2026-08-02T00:00:00Z"})


async def _user_email_all(shop: Shop) -> Sending:
    form = {"subject": "We move", "body": "From Monday on."}
    return Sending("userEmailAll", await shop.person("Grace", Role.ADMIN), form, {"body": "From Tuesday on."})


PREPARE: dict[str, Callable[[Shop], Awaitable[Sending]]] = {
    "userSignUp": _sign_up,
    "passwordResetRequest": _password_reset_request,
    "passwordReset": _password_reset,
    "categoryCreate": _category_create,
    "productCreate": _product_create,
    "orderPlace": _order_place,
    "orderCancel": _order_cancel,
    "orderStatusSet": _order_status_set,
    "reportRequest": _report_request,
    "userEmailAll": _user_email_all,
}
"""By mutation: how to have it ready to be sent."""


async def everything(collections: Collections) -> dict[str, list[Any]]:
    """Every document there is."""
    names = sorted(await collections.list_collection_names(filter={"name": {"$not": {"$regex": "^system"}}}))
    return {name: await collections[name].find().sort("_id").to_list() for name in names}
