"""Administrators for the tests."""

from tests.support.application import Client, Collections


async def administrator(client: Client, collections: Collections, email: str = "admin@example.com") -> Client:
    """A client signed in as a new administrator."""
    await client.sign_up(email=email, name="Grace")
    await collections["users"].update_one({"email": email}, {"$set": {"role": "ADMIN"}})
    return await client.signed_in(email=email)
