"""Mutations sent again: by an idempotency key each is done once, and answered alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from structlog.testing import capture_logs

from graphql_api.schema import create_schema
from schema.access import Role
from schema.failures import FREE_FAILURES
from schema.payloads import Idempotent, KeyedInput
from settings.config import Settings
from tests.support.application import SIGN_UP, Client, Collections, ada, serving
from tests.support.catalog import add_product
from tests.support.keyed import PREPARE, Sending, Shop, everything
from tests.support.orders import PLACE, counts, item, stock_of
from tests.support.profiler import watched

pytestmark = pytest.mark.anyio

KEY = "0b7a8a5e-3c1b-4d7e-9a43-6d1c2f9f0e11"
SIGNED_IN = ("categoryCreate", "productCreate", "orderPlace", "orderCancel", "orderStatusSet")
REUSED = "IDEMPOTENCY_KEY_REUSED"
TWICE = """mutation($a: CategoryCreateInput!, $b: CategoryCreateInput!) {
  a: categoryCreate(input: $a) { category { id name } userErrors { field code } }
  b: categoryCreate(input: $b) { category { id name } userErrors { field code } }
}"""
CHANGE = """mutation($input: PasswordChangeInput!) {
  passwordChange(input: $input) { job { id kind } userErrors { field code } }
}"""


@pytest.fixture
def shop(client: Client, collections: Collections, settings: Settings) -> Shop:
    """The API, and what it keeps."""
    return Shop(client, collections, settings)


@pytest.fixture(params=PREPARE)
async def sending(request: pytest.FixtureRequest, shop: Shop) -> Sending:
    """Each mutation, ready to be sent."""
    return await PREPARE[request.param](shop)


@pytest.fixture
async def admin(shop: Shop) -> Client:
    """An administrator."""
    return await shop.person("Grace", Role.ADMIN)


@pytest.fixture
async def processes(settings: Settings) -> AsyncIterator[list[Client]]:
    """A client of each of three APIs, which share nothing but MongoDB."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(serving(settings)) for _ in range(3)]


async def test_a_mutation_sent_again_answers_the_same_and_does_nothing(
    sending: Sending, collections: Collections
) -> None:
    first = await sending.payload(KEY)
    assert first.pop("userErrors") == []
    assert all(first[name] for name in first)
    before = await everything(collections)
    assert await sending.payload(KEY) == first | {"userErrors": []}
    assert await everything(collections) == before


async def test_a_key_in_the_input_does_as_well(sending: Sending, collections: Collections) -> None:
    first = await sending.payload_by_field(KEY)
    assert first["userErrors"] == []
    before = await everything(collections)
    assert await sending.payload_by_field(KEY) == first
    assert await everything(collections) == before


async def test_ten_at_once_are_done_once_and_answered_alike(
    sending: Sending, processes: list[Client], collections: Collections
) -> None:
    before = await everything(collections)
    clients = [Client(processes[number % 3].http, sending.client.token) for number in range(10)]
    first, *others = await asyncio.gather(*(sending.payload(KEY, client) for client in clients))
    assert first["userErrors"] == []
    assert others == [first] * 9
    after = await everything(collections)
    assert len(after["idempotency_keys"]) == 1
    assert all(len(after[name]) <= len(before[name]) + 1 for name in after)


@pytest.mark.parametrize("mutation", SIGNED_IN)
async def test_another_input_with_the_same_key_is_refused_and_nothing_is_written(
    shop: Shop, collections: Collections, mutation: str
) -> None:
    sending = await PREPARE[mutation](shop)
    await sending.payload(KEY)
    before = await everything(collections)
    refused = await sending.payload(KEY, **sending.other)
    assert refused["userErrors"] == [{"field": None, "code": REUSED}]
    assert await everything(collections) == before


@pytest.mark.parametrize("mutation", SIGNED_IN)
async def test_that_other_input_is_taken_with_a_key_of_its_own(shop: Shop, mutation: str) -> None:
    sending = await PREPARE[mutation](shop)
    await sending.payload(KEY)
    if mutation == "orderStatusSet":  # the same order goes on from where it is
        assert (await sending.payload("another", **sending.other))["order"]["status"] == "CANCELLED"
    else:
        changes = {"slug": "another"} if mutation == "productCreate" else {}
        assert (await sending.payload("another", **sending.other | changes))["userErrors"] == []


async def test_of_different_inputs_at_once_with_one_key_one_is_done(
    shop: Shop, processes: list[Client], collections: Collections
) -> None:
    sending = await PREPARE["productCreate"](shop)
    clients = [Client(processes[number % 3].http, sending.client.token) for number in range(9)]
    payloads = await asyncio.gather(*(sending.payload(KEY, each, stock=place) for place, each in enumerate(clients)))
    codes = sorted(error["code"] for payload in payloads for error in payload["userErrors"])
    assert codes == [REUSED] * 8
    assert await collections.products.count_documents({}) == 1


async def test_the_same_key_in_two_inputs_of_a_request_is_one_call(admin: Client, collections: Collections) -> None:
    form = {"name": "Lamps", "idempotencyKey": "k"}
    answer = await admin.data(TWICE, {"a": form, "b": form})
    assert answer["a"] == answer["b"]
    answer = await admin.data(TWICE, {"a": form, "b": form | {"name": "Chairs"}})
    assert answer["b"] == {"category": None, "userErrors": [{"field": ["idempotencyKey"], "code": REUSED}]}
    assert await collections.categories.count_documents({}) == 1


async def test_a_key_in_one_input_is_not_the_next_ones(admin: Client, collections: Collections) -> None:
    answer = await admin.data(TWICE, {"a": {"name": "Lamps", "idempotencyKey": "k"}, "b": {"name": "Chairs"}})
    assert [answer[alias]["category"]["name"] for alias in "ab"] == ["Lamps", "Chairs"]
    assert await collections.idempotency_keys.count_documents({}) == 1


async def test_a_header_names_each_mutation_of_its_request(admin: Client, collections: Collections) -> None:
    forms = {"a": {"name": "Lamps"}, "b": {"name": "Chairs"}}
    first, again = [(await admin.post(TWICE, forms, idempotency_key="k")).json()["data"] for _ in range(2)]
    assert first == again
    assert [first[alias]["category"]["name"] for alias in "ab"] == ["Lamps", "Chairs"]
    assert await collections.categories.count_documents({}) == 2


async def test_a_key_is_each_users_own(admin: Client, shop: Shop, collections: Collections) -> None:
    other = await shop.person("Hedy", Role.ADMIN)
    forms = {"a": {"name": "Lamps"}, "b": {"name": "Chairs"}}
    await admin.post(TWICE, forms, idempotency_key="k")
    answer = (await other.post(TWICE, {"a": {"name": "Rugs"}, "b": {"name": "Beds"}}, idempotency_key="k")).json()
    assert [answer["data"][alias]["category"]["name"] for alias in "ab"] == ["Rugs", "Beds"]
    assert await collections.categories.count_documents({}) == 4


async def test_nobody_without_an_account_learns_of_anothers_key_or_uses_it_up(
    shop: Shop, collections: Collections
) -> None:
    sending = await PREPARE["userSignUp"](shop)
    first, other = await sending.payload(KEY), await sending.payload(KEY, **sending.other)
    assert (first["userErrors"], other["userErrors"]) == ([], [])
    assert first["job"]["id"] != other["job"]["id"]
    assert await collections.users.count_documents({}) == 2
    assert await sending.payload(KEY) == first


async def test_a_changed_password_is_answered_again_to_who_signed_in_with_it(
    client: Client, collections: Collections
) -> None:
    form = {"currentPassword": "correct horse", "password": "another horse", "idempotencyKey": "k"}
    before = await client.signed_up()
    first = (await before.data(CHANGE, {"input": form}))["passwordChange"]
    assert (first["job"]["kind"], first["userErrors"]) == ("PASSWORD_CHANGED_EMAIL", [])
    after = await client.signed_in(password="another horse")
    assert (await after.data(CHANGE, {"input": form}))["passwordChange"] == first
    assert await collections.jobs.count_documents({"kind": "PASSWORD_CHANGED_EMAIL"}) == 1
    for _ in range(FREE_FAILURES + 1):  # a repeated call is no guess at a password
        assert (await after.data(CHANGE, {"input": form}))["passwordChange"] == first
    assert (await client.sign_in(password="another horse"))["accessToken"]
    other = (await after.data(CHANGE, {"input": form | {"password": "a third horse"}}))["passwordChange"]
    assert other == {"job": None, "userErrors": [{"field": ["idempotencyKey"], "code": REUSED}]}


async def test_a_refused_input_is_not_kept(shop: Shop, collections: Collections) -> None:
    sending = await PREPARE["orderPlace"](shop)
    await collections.products.update_many({}, {"$set": {"stock": 0, "in_stock": False}})
    refused = await sending.payload(KEY)
    assert [error["code"] for error in refused["userErrors"]] == ["OUT_OF_STOCK"]
    assert await collections.idempotency_keys.count_documents({}) == 0
    await collections.products.update_many({}, {"$set": {"stock": 9, "in_stock": True}})
    assert (await sending.payload(KEY, items=[sending.form["items"][0] | {"quantity": 2}]))["order"]


async def test_what_was_forgotten_is_done_anew(shop: Shop, collections: Collections) -> None:
    sending = await PREPARE["userSignUp"](shop)
    first = await sending.payload(KEY)
    await collections.idempotency_keys.delete_many({})
    again = await sending.payload(KEY)
    assert first["job"]["id"] != again["job"]["id"]
    assert await collections.jobs.count_documents({}) == 2


async def test_keys_are_forgotten_after_a_day(client: Client, collections: Collections) -> None:
    await client.sign_up()
    indexes = await collections.idempotency_keys.index_information()
    assert (indexes["expiry"]["key"], indexes["expiry"]["expireAfterSeconds"]) == ([("created_at", 1)], 86_400)


@pytest.mark.parametrize("collection", ["users", "jobs", "idempotency_keys"])
async def test_when_any_of_it_cannot_be_written_nothing_is_and_the_key_is_free(
    shop: Shop, collections: Collections, collection: str
) -> None:
    sending = await PREPARE["userSignUp"](shop)
    before = await everything(collections)
    await collections.command("collMod", collection, validator={"never": {"$exists": True}})
    with capture_logs():
        answer = (await shop.client.post(SIGN_UP, {"input": ada()}, idempotency_key=KEY)).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INTERNAL_SERVER_ERROR"]
    assert await everything(collections) == before
    await collections.command("collMod", collection, validator={})
    assert (await sending.payload(KEY))["userErrors"] == []


ODD: dict[str, bytes] = {
    "an empty key": b"",
    "a long key": b"k" * 201,
    "a key with a control character": b"0123456789\x85abcdef",
}


@pytest.mark.parametrize("key", ODD.values(), ids=ODD.keys())
async def test_a_header_that_is_no_key_is_a_bad_request_and_nothing_is_written(
    shop: Shop, collections: Collections, key: bytes
) -> None:
    sending = await PREPARE["orderPlace"](shop)
    before = await everything(collections)
    body = {"query": PLACE, "variables": {"input": sending.form}}
    headers = {b"idempotency-key": key, b"authorization": f"Bearer {sending.client.token}".encode()}
    answer = (await shop.client.http.post("/graphql", json=body, headers=headers)).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert "Idempotency-Key" in answer["errors"][0]["message"]
    assert await everything(collections) == before


async def test_a_short_key_of_nobody_is_refused(client: Client, collections: Collections) -> None:
    answer = (await client.post(SIGN_UP, {"input": ada()}, idempotency_key="k" * 15)).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    refused = await client.sign_up(idempotencyKey="k" * 15)
    assert [(error["field"], error["code"]) for error in refused["userErrors"]] == [(["idempotencyKey"], "TOO_SHORT")]
    assert await collections.users.count_documents({}) == 0
    assert (await client.sign_up(idempotencyKey="k" * 16))["userErrors"] == []


@pytest.mark.parametrize(("key", "code"), [("", "TOO_SHORT"), ("k" * 201, "TOO_LONG"), ("k\nk", "INVALID")])
async def test_an_input_with_what_is_no_key_is_refused(
    admin: Client, collections: Collections, key: str, code: str
) -> None:
    form = {"name": "Lamps", "idempotencyKey": key}
    answer = await admin.data(TWICE, {"a": form, "b": form})
    assert answer["a"] == {"category": None, "userErrors": [{"field": ["idempotencyKey"], "code": code}]}
    assert await collections.categories.count_documents({}) == 0


async def test_the_key_in_the_input_counts_before_the_headers(admin: Client, collections: Collections) -> None:
    form = {"name": "Lamps", "idempotencyKey": "own"}
    await admin.post(TWICE, {"a": form, "b": form}, idempotency_key="first")
    await admin.post(TWICE, {"a": form, "b": form}, idempotency_key="second")
    assert await collections.categories.count_documents({}) == 1


async def test_who_may_no_longer_do_it_is_answered_nothing(shop: Shop, collections: Collections) -> None:
    sending = await PREPARE["categoryCreate"](shop)
    await sending.payload(KEY)
    await collections.users.update_many({}, {"$set": {"role": "USER"}})
    async with serving(shop.settings) as other:  # which remembers nobody's role
        answer = (
            await Client(other.http, sending.client.token).post(
                sending.query, {"input": sending.form}, idempotency_key=KEY
            )
        ).json()
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]


async def test_an_order_has_its_own_key_for_good_beside_the_headers(shop: Shop, collections: Collections) -> None:
    sending = await PREPARE["orderPlace"](shop)
    first = await sending.payload("first", idempotencyKey="of the order")
    await collections.idempotency_keys.delete_many({})
    again = await sending.payload("second", idempotencyKey="of the order")
    assert first["order"]["id"] == again["order"]["id"]
    assert await counts(collections) == (1, 1)


async def test_without_a_key_nothing_is_looked_up_or_recorded(shop: Shop, collections: Collections) -> None:
    customer, lamp = await shop.person("Ada"), await add_product(collections)
    async with watched(collections) as calls:
        await customer.data(PLACE, {"input": {"items": [item(lamp)]}})
    assert calls
    assert "idempotency_keys" not in {call.collection for call in calls}
    assert await stock_of(collections, lamp) == 9


async def test_neither_keys_nor_passwords_can_be_read_from_what_is_kept(shop: Shop, collections: Collections) -> None:
    for mutation in ("passwordReset", "userSignUp"):
        await (await PREPARE[mutation](shop)).payload(KEY)
    kept = str(await collections.idempotency_keys.find().to_list())
    assert kept.count("request_digest") == 2
    for secret in (KEY, "correct horse", "a token", "argon2"):
        assert secret not in kept


WITHOUT_A_KEY = {
    "emailVerify",
    "jobCancel",
    "jobRetry",
    "productArchive",
    "productImageAttach",
    "productRestore",
    "productUpdate",
    "sessionRevoke",
    "tokenRefresh",
    "userDeactivate",
    "userRestore",
    "userRoleSet",
    "userSignIn",
    "userSignOut",
    "userUpdate",
}
"""They neither create nor owe anything; or, like a sign-in, answer secrets, which must not be kept."""


def test_every_mutation_takes_a_key_or_has_a_reason_not_to() -> None:
    mutation = create_schema()._schema.mutation_type  # noqa: SLF001  (Strawberry shows it nowhere else)
    assert mutation is not None
    fields = {name: field.extensions["strawberry-definition"] for name, field in mutation.fields.items()}
    keyed = {name for name, field in fields.items() if any(isinstance(each, Idempotent) for each in field.extensions)}
    assert set(fields) - keyed == WITHOUT_A_KEY
    named = {name for name in keyed if issubclass(fields[name].arguments[0].type, KeyedInput)}
    assert named == keyed - {"orderPlace"}  # whose key is its own, for good
