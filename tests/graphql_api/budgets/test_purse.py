"""Whose budget a request is paid from."""

from typing import cast

import pytest
from odmantic import ObjectId

from graphql_api.budgets.purse import purse_of
from graphql_api.budgets.shared import Budgets
from schema.access import Role, Viewer
from schema.context import Client

NOT_ASKED = cast("Budgets", None)


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("203.0.113.7", "address 203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "address 2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "address 2001:db8:1:2::/64"),
        ("", "address "),
        ("testclient", "address testclient"),
    ],
)
def test_of_somebody_who_is_not_signed_in_it_is_their_networks(address: str, who: str) -> None:
    assert purse_of(NOT_ASKED, None, Client(address=address)).who == who


def test_a_user_has_their_own_wherever_they_are() -> None:
    viewer = Viewer(ObjectId("6b029146e2d29efd1090a1b9"), Role.USER, ObjectId())
    assert purse_of(NOT_ASKED, viewer, Client(address="203.0.113.7")).who == "user 6b029146e2d29efd1090a1b9"
