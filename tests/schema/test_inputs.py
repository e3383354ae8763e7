import unicodedata
from email.headerregistry import Address
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schema.errors import InvalidInput, UserErrorCode
from schema.inputs import EmailAddress, Input, InputT, Line, Password, validate

INVALID, REQUIRED = UserErrorCode.INVALID, UserErrorCode.REQUIRED
SHORT, LONG = UserErrorCode.TOO_SHORT, UserErrorCode.TOO_LONG
MEGABYTE = "a" * 1_000_000


class _Form(Input):
    email_address: EmailAddress = "ada@example.com"
    password: Password
    name: Line = "Ada"


class _Email(Input):
    email: EmailAddress


class _Secret(Input):
    password: Password


class _Name(Input):
    name: Line


def _faults(model: type[InputT], **values: Any) -> list[tuple[tuple[str, ...], UserErrorCode]]:  # noqa: ANN401  # as typed
    try:
        validate(model, values)
    except InvalidInput as error:
        return [(fault.field, fault.code) for fault in error.faults]
    return []


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("ada@example.com", "ada@example.com"),
        ("  ada@example.com\n", "ada@example.com"),
        ("Ada.Lovelace+news@Example.COM", "Ada.Lovelace+news@example.com"),
        ("ada@bücher.example.com", "ada@xn--bcher-kva.example.com"),
        ("ada@shop.test", "ada@shop.test"),
    ],
)
def test_an_address_is_taken_in_the_form_mail_servers_know(typed: str, taken: str) -> None:
    assert validate(_Email, {"email": typed}).email == taken


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", SHORT),
        (" ", SHORT),
        ("ada", INVALID),
        ("@example.com", INVALID),
        ("ada@", INVALID),
        ("ada@localhost", INVALID),
        ("ada@test", INVALID),
        ("ada@[127.0.0.1]", INVALID),
        ("ada@example..com", INVALID),
        ("ada@@example.com", INVALID),
        ("Ada <ada@example.com>", INVALID),
        ("ada@example.com, eve@example.com", INVALID),
        ("ada@example.com\r\nBcc: eve@example.com", INVALID),
        ("ada\n@example.com", INVALID),
        ("ada\0@example.com", INVALID),
        ("ada@example.com\0", INVALID),
        ("ada@exam\ud800ple.com", INVALID),
        ("=?utf-8?q?eve?=@example.com", INVALID),
        ("=?utf-8?q?=0d=0aBcc=3aeve=40x=2ecom?=@example.com", INVALID),
        ("ädä@example.com", INVALID),
        ('"ada lovelace"@example.com', INVALID),
        ("a@" + "b" * 260 + ".com", LONG),
        (MEGABYTE, LONG),
        (f"{MEGABYTE}@example.com", LONG),
        (None, INVALID),
        (1, INVALID),
        (["ada@example.com"], INVALID),
    ],
)
def test_what_is_no_address_is_refused(typed: object, code: UserErrorCode) -> None:
    assert _faults(_Email, email=typed) == [(("email",), code)]


@given(st.text() | st.emails() | st.emails().map(lambda text: text.replace("@", "\r\n@")))
def test_an_address_that_is_taken_can_stand_in_a_header(text: str) -> None:
    if not _faults(_Email, email=text):
        email = validate(_Email, {"email": text}).email
        assert Address(addr_spec=email).addr_spec == email
        assert email.isascii()
        assert len(email) <= 254


@pytest.mark.parametrize("typed", ["correct horse", "        ", "ü" * 8, "🔑" * 128, "\t\r\n'\"\\<>&"])
def test_a_password_may_have_any_characters(typed: str) -> None:
    assert validate(_Secret, {"password": typed}).password.get_secret_value() == typed


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", SHORT),
        ("1234567", SHORT),
        ("1" * 129, LONG),
        (MEGABYTE, LONG),
        ("12345678\0", INVALID),
        ("12345678\ud800", INVALID),
        (None, INVALID),
        (12345678, INVALID),
    ],
)
def test_a_password_that_cannot_be_one_is_refused(typed: object, code: UserErrorCode) -> None:
    assert _faults(_Secret, password=typed) == [(("password",), code)]


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        (" Ada ", "Ada"),
        ("Ada\n", "Ada"),
        ("<b>Ada</b> & Søn", "<b>Ada</b> & Søn"),
        ("👩🏽‍💻", "👩🏽‍💻"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("\u05e2\u200f (Ada)", "\u05e2\u200f (Ada)"),
        ("x" * 100, "x" * 100),
    ],
)
def test_a_line_is_taken_without_the_space_around_it(typed: str, taken: str) -> None:
    assert validate(_Name, {"name": typed}).name == taken


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", SHORT),
        (" \n ", SHORT),
        ("x" * 101, LONG),
        (MEGABYTE, LONG),
        ("Ada\r\nBcc: eve@example.com", INVALID),
        ("Ada\nLovelace", INVALID),
        ("Ada\0", INVALID),
        ("Ada\x1b[31m", INVALID),
        ("Ada\x85Lovelace", INVALID),
        ("Ada\u2028Lovelace", INVALID),
        ("Ada\u2029Lovelace", INVALID),
        ("Ada\ud800", INVALID),
        ("Ada\u202eexe", INVALID),
        ("\u2066Ada\u2069", INVALID),
        ("Ada\u202a", INVALID),
        ("\u200b", INVALID),
        ("\u200b \u200d\ufeff\u00ad\u2060", INVALID),
        ("\u3164", INVALID),
        ("\u115f\u2800\ufe0f", INVALID),
        (None, INVALID),
        (1, INVALID),
        ({"a": 1}, INVALID),
    ],
)
def test_what_is_no_line_is_refused(typed: object, code: UserErrorCode) -> None:
    assert _faults(_Name, name=typed) == [(("name",), code)]


@given(st.text(st.characters()))
@example("\0")
def test_a_line_that_is_taken_is_one_line_of_printable_text(text: str) -> None:
    if not _faults(_Name, name=text):
        name = validate(_Name, {"name": text}).name
        assert len(name.splitlines()) == 1
        assert 1 <= len(name) <= 100
        assert not {unicodedata.category(character) for character in name} & {"Cc", "Cs"}


def test_every_fault_is_named_at_once_as_the_client_names_the_field() -> None:
    faults = _faults(_Form, emailAddress="ada", password="short", name="")
    assert faults == [(("emailAddress",), INVALID), (("password",), SHORT), (("name",), SHORT)]


def test_a_missing_value_is_required() -> None:
    assert _faults(_Form) == [(("password",), REQUIRED)]


@pytest.mark.parametrize(
    ("model", "values", "message"),
    [
        (_Secret, {"password": "x"}, "It must have at least 8 characters."),
        (_Secret, {"password": "x" * 129}, "It must have at most 128 characters."),
        (_Secret, {"password": "12345678\0"}, "It must not contain NUL."),
        (_Secret, {}, "It is required."),
        (_Name, {"name": ""}, "It must have at least 1 characters."),
        (_Name, {"name": "x" * 101}, "It must have at most 100 characters."),
        (_Name, {"name": "a\tb"}, "It must not contain control characters or line breaks."),
        (_Email, {"email": "ada@localhost"}, "It is not an e-mail address: The part after the @-sign"),
    ],
)
def test_a_fault_is_said_in_a_sentence(model: type[Input], values: dict[str, str], message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        validate(model, values)
    (fault,) = refused.value.faults
    assert fault.message.startswith(message)


@given(st.text(min_size=1, max_size=7).filter(lambda text: not text.isascii()))
def test_a_refused_password_is_in_no_text_of_the_error(password: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        validate(_Secret, {"password": password})
    assert password not in f"{refused.value!r} {refused.value.faults} {refused.value.__context__}"


def test_an_input_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        validate(_Name, {"name": "Ada"}).name = "Eve"  # type: ignore[misc]  # that is what is refused
