"""URLs that are good for a while: for whoever has one, and nobody else."""

import hmac
import time
from urllib.parse import parse_qs, urlsplit

import pytest

from schema.signatures import STEP, SignedUrls, key_of

KEY, OTHER = key_of("a secret"), key_of("another")
URLS = SignedUrls("https://api.example.com/shop", (KEY,))


def _parts(url: str) -> tuple[str, str, str]:
    """Path, expiry and signature, as the server sees them."""
    parts = urlsplit(url.removeprefix("https://api.example.com/shop"))
    query = parse_qs(parts.query)
    return parts.path, query["expires"][0], query["signature"][0]


def test_a_url_is_good_for_one_to_two_hours() -> None:
    url = URLS.sign("/files/1")
    assert url.startswith("https://api.example.com/shop/files/1?expires=")
    assert STEP - 5 < URLS.seconds_left(*_parts(url)) <= 2 * STEP


def test_a_url_is_good_for_as_many_hours_as_are_asked_for() -> None:
    assert 72 * STEP - 5 < URLS.seconds_left(*_parts(URLS.sign("/files/1", 72))) <= 73 * STEP


def test_the_first_secret_signs_and_each_verifies() -> None:
    parts = _parts(SignedUrls.of(URLS.base, "another", "a secret").sign("/files/1"))
    assert SignedUrls.of(URLS.base, "another").seconds_left(*parts) > 0
    assert URLS.seconds_left(*parts) == 0
    assert SignedUrls.of(URLS.base, "new", "another").seconds_left(*parts) > 0


def test_the_same_url_is_given_for_a_while() -> None:
    before = int(time.time()) // STEP
    given = {URLS.sign("/files/1") for _ in range(10)}
    assert len(given) <= 1 + int(time.time()) // STEP - before


def test_a_url_of_another_path_time_or_key_is_not_good() -> None:
    path, expires, signature = _parts(URLS.sign("/files/1"))
    assert URLS.seconds_left("/files/2", expires, signature) == 0
    assert URLS.seconds_left(path, str(int(expires) + 1), signature) == 0
    assert URLS.seconds_left(path, expires, _parts(SignedUrls(URLS.base, (OTHER,)).sign(path))[2]) == 0
    assert URLS.seconds_left(path, expires, signature) > 0


def test_a_url_that_is_over_is_not_good() -> None:
    path, expires, _ = _parts(URLS.sign("/files/1"))
    over = str(int(expires) - 2 * STEP)
    assert URLS.seconds_left(path, over, _signed(path, over)) == 0
    assert URLS.seconds_left(path, expires, _signed(path, expires)) > 0


def _signed(path: str, expires: str) -> str:
    return hmac.digest(KEY, f"{path}\n{expires}".encode(errors="surrogatepass"), "sha256").hex()


@pytest.mark.parametrize(
    "expires", ["", "x", "1e10", "\uff19" * 10, "9" * 5000, " 9999999999", "9_999_999_999", "+9999999999", "\ud800"]
)
def test_a_time_that_is_none_is_not_good_though_signed(expires: str) -> None:
    assert URLS.seconds_left("/files/1", expires, _signed("/files/1", expires)) == 0


@pytest.mark.parametrize("signature", ["", "x", "ü", "\ud800", "0" * 64, "0" * 100_000])
def test_a_signature_that_is_none_is_not_good(signature: str) -> None:
    path, expires, _ = _parts(URLS.sign("/files/1"))
    assert URLS.seconds_left(path, expires, signature) == 0


def test_urls_outlive_a_change_of_the_secret() -> None:
    changed = SignedUrls(URLS.base, (OTHER, KEY))
    assert changed.seconds_left(*_parts(URLS.sign("/files/1"))) > 0
    assert URLS.seconds_left(*_parts(changed.sign("/files/1"))) == 0


def test_the_key_is_never_shown() -> None:
    assert "keys" not in repr(URLS)
