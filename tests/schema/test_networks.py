"""What limits know an address by."""

import pytest

from schema.networks import network


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
    assert network(address) == shown
