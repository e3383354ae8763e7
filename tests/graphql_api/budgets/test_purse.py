"""Whose budget a request is paid from."""

from typing import cast

import pytest
from odmantic import ObjectId

from graphql_api.budgets.buckets import Rate
from graphql_api.budgets.purse import Allowance, purse_of
from graphql_api.budgets.shared import Budgets, key_of
from schema.access import Role, Viewer
from schema.context import Client

NOT_ASKED, ALLOWANCE = cast("Budgets", None), Allowance(Rate(10, 1), {})


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("testclient", "testclient"),
        (":", ":"),
    ],
)
def test_an_address_of_ipv6_is_known_by_its_network(address: str, shown: str) -> None:
    assert purse_of(NOT_ASKED, ALLOWANCE, None, Client(address)).cost.key == key_of(f"address {shown}")


def test_a_user_has_their_own_wherever_they_are() -> None:
    viewer = Viewer(ObjectId("6b029146e2d29efd1090a1b9"), Role.USER, ObjectId())
    assert purse_of(NOT_ASKED, ALLOWANCE, viewer, Client("203.0.113.7")).cost.key == key_of(
        "user 6b029146e2d29efd1090a1b9"
    )
