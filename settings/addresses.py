"""Lists in the configuration, and e-mail addresses: those of settings and those that people type."""

import re
from email.utils import parseaddr
from ipaddress import ip_network
from typing import Annotated
from urllib.parse import urlsplit

import email_validator
from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode


def deliverable(text: str) -> str:
    """The address as ASCII; ValueError says why it is none."""
    try:
        # test_environment: addresses under .test are for development, and harmless elsewhere
        address = email_validator.validate_email(
            text, check_deliverability=False, allow_smtputf8=False, test_environment=True
        )
    except email_validator.EmailNotValidError as error:
        raise ValueError(f"It is not an e-mail address: {error}") from None
    if "=?" in text:  # mail programs, and Python's, decode it: the letter would go to another address
        raise ValueError("It is not an e-mail address: It contains =?.")
    if "." not in address.ascii_domain:
        raise ValueError("It is not an e-mail address: The part after the @-sign has no dot.")
    return str(address.ascii_email)


def _split_at_commas(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


CommaSeparated = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_at_commas)]
"""Texts with commas between them."""


def _is_an_origin(value: str) -> str:
    parts = urlsplit(value)
    named = bool(_HOST.fullmatch(parts.netloc)) and parts.scheme in {"http", "https"}
    if not named or value.rstrip("/") != f"{parts.scheme}://{parts.netloc}":
        raise ValueError("must be origins like https://www.example.com, without a path, and no *")
    return value.rstrip("/")


def _is_a_network(value: str) -> str:
    try:
        network = ip_network(value, strict=False)
    except ValueError:
        raise ValueError("must be addresses or networks like 10.0.0.0/8, no names and no *") from None
    if network.prefixlen == 0:
        raise ValueError("must not be everybody: whoever is trusted can forge addresses")
    return value


_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?")

Origins = Annotated[
    tuple[Annotated[str, AfterValidator(_is_an_origin)], ...], NoDecode, BeforeValidator(_split_at_commas)
]
"""The same of pages, as browsers name them."""

Networks = Annotated[
    tuple[Annotated[str, AfterValidator(_is_a_network)], ...], NoDecode, BeforeValidator(_split_at_commas)
]
"""The same of addresses of machines."""

EmailAddresses = Annotated[
    tuple[Annotated[str, AfterValidator(deliverable)], ...], NoDecode, BeforeValidator(_split_at_commas)
]
"""The same of addresses."""


def _is_one_address(value: str) -> str:
    if "@" not in parseaddr(value)[1] or "\n" in value:
        raise ValueError("must be an address, like Name <name@example.com>")
    return value


Sender = Annotated[str, AfterValidator(_is_one_address)]
"""Whom letters come from, perhaps with a name."""
