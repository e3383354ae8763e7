"""What starts from the person who asks."""

import pytest

from settings.config import Settings
from tests.support.application import Client, Collections
from tests.support.catalog import add_product
from tests.support.orders import item, place, signed_in
from tests.support.profiler import watched

pytestmark = pytest.mark.anyio

MINE = "{me{orders{nodes{number} totalCount} jobs(first:10){nodes{kind} totalCount}}}"


async def test_orders_and_letters_are_each_persons_own(
    client: Client, collections: Collections, settings: Settings
) -> None:
    ada, bob, carl = await signed_in(client, collections, settings, ["Ada", "Bob", "Carl"])
    lamp = await add_product(collections)
    adas = [(await place(ada, item(lamp)))["order"]["number"] for _ in range(2)]
    bobs = [(await place(bob, item(lamp)))["order"]["number"]]
    for viewer, numbers in ((ada, adas), (bob, bobs), (carl, [])):
        me = (await viewer.data(MINE))["me"]
        assert me["orders"] == {"nodes": [{"number": number} for number in numbers[::-1]], "totalCount": len(numbers)}
        assert me["jobs"]["nodes"] == [{"kind": "ORDER_CONFIRMATION_EMAIL"}] * len(numbers)
        assert me["jobs"]["totalCount"] == len(numbers)


async def test_ones_letters_are_read_from_their_index_and_without_what_they_say(
    client: Client, collections: Collections, settings: Settings
) -> None:
    (ada,) = await signed_in(client, collections, settings, ["Ada"])
    await place(ada, item(await add_product(collections)))
    async with watched(collections) as calls:
        await ada.data("{me{jobs{nodes{id kind status}}}}")
    (find,) = [call for call in calls if call.collection == "jobs"]
    assert find.plan == "IXSCAN { owner_id: 1, created_at: -1, _id: -1 }"
    assert not {"payload", "recipient", "token"} & find.fields
