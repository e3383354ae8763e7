import pytest
from anyio.to_thread import run_sync as to_thread
from pydantic import TypeAdapter

from schema.inputs import EmailAddress, Line
from schema.passwords import PasswordHasher
from settings.config import Settings
from tests.support.application import serving
from tests.support.progress import lines
from tests.support.seed import people, shop
from tests.support.seed.plan import Plan

pytestmark = pytest.mark.anyio


def test_names_and_addresses_could_have_been_typed_in() -> None:
    documents = people.documents(Plan())
    for document in documents:
        assert TypeAdapter(Line).validate_python(document["name"]) == document["name"]
        assert TypeAdapter(EmailAddress).validate_python(document["email"]) == document["email_key"]
    assert len({document["email_key"] for document in documents}) == 200


def test_the_password_is_hashed_as_the_product_does() -> None:
    hasher = PasswordHasher()
    assert not hasher.is_outdated(people.documents(Plan(users=2))[0]["password_hash"])
    hasher.close()


@pytest.mark.parametrize(("address", "role"), [(people.ADMIN, "ADMIN"), (people.CUSTOMER, "USER")])
async def test_the_accounts_that_are_told_can_sign_in(settings: Settings, address: str, role: str) -> None:
    async with serving(settings) as client:
        await to_thread(shop.add, settings, Plan.of(1, 1, "EUR"), lines)
        payload = await client.sign_in(email=address, password=people.PASSWORD)
    assert payload["user"]["role"] == role
