import pytest
from pydantic import ValidationError

from settings.http import HttpLimits, host_name, host_of


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("api.example.com", "api.example.com"),
        ("API.Example.COM:443", "api.example.com"),
        ("api.example.com.:443", "api.example.com"),
        ("127.0.0.1:8000", "127.0.0.1"),
        ("[::1]", "[::1]"),
        ("[0:0:0:0:0:0:0:1]:8000", "[::1]"),
    ],
)
def test_a_host_has_one_spelling(header: str, name: str) -> None:
    assert host_name(header) == name


@pytest.mark.parametrize(
    "header",
    ["", ".", ":80", "a..b", "a:", "a:b", "a:123456", "a b", "a,b", "a/b", "a@b", "::1", "[::1", "[:::1]", "*", "ü"],
)
def test_what_is_no_host_has_no_name(header: str) -> None:
    assert host_name(header) is None


def test_what_is_too_long_has_none_either() -> None:
    assert [host_name("a" * 64), host_name("a." * 130)] == [None, None]


def test_a_url_names_its_host_as_browsers_do() -> None:
    assert host_of("https://API.example.com:8443/shop") == "api.example.com"
    assert host_of("https://b\u00fccher.example") == "xn--bcher-kva.example"
    assert host_of("http://[::1]:8000") == "[::1]"


def test_allowed_hosts_are_names_below_names_and_any() -> None:
    settings = HttpLimits.model_validate({"allowed_hosts": "API.example.com, *.Example.org., [0::1], *"})
    assert settings.allowed_hosts == ("api.example.com", "*.example.org", "[::1]", "*")


@pytest.mark.parametrize(
    "host", ["https://example.com", "example.com:80", "[::1]:80", "*.", "**", "a*.b", "a..b", "::1"]
)
def test_anything_else_is_refused(host: str) -> None:
    with pytest.raises(ValidationError, match="must be names without ports"):
        HttpLimits.model_validate({"allowed_hosts": host})
