"""Whose address it is: what limits count by, for nobody to have many."""

import ipaddress

_HOME = 64
"""Bits of an IPv6 address that a provider gives a customer, who may choose the others at will."""


def network(address: str) -> str:
    """Of an IPv6 address what its customer has of it, else the address."""
    if ":" not in address:
        return address
    try:
        return str(ipaddress.IPv6Network((address, _HOME), strict=False))
    except ValueError:
        return address
