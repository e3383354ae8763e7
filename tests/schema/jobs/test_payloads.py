from typing import Any

import bson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.jobs.messages import MESSAGES, Message, SignUpEmail
from schema.jobs.payloads import MOST_BYTES, MessageTooLargeError, UnknownKindError, parse, storable
from tests.support.jobs import WELCOME

messages = st.sampled_from(list(MESSAGES.values())).flatmap(st.builds)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda children: st.lists(children) | st.dictionaries(st.text(), children),
    max_leaves=5,
)
payloads = values | st.fixed_dictionaries({"to": values, "name": values, "already_registered": values})


@given(messages)
def test_every_message_comes_back_from_its_row(message: Message) -> None:
    stored = bson.decode(bson.encode({"payload": storable(message)}))
    assert parse(message.kind.value, stored["payload"]) == message


def test_a_kind_of_another_version_is_unknown() -> None:
    with pytest.raises(UnknownKindError, match="SMOKE_SIGNAL"):
        parse("SMOKE_SIGNAL", {})


def test_a_message_that_no_row_should_hold_is_refused() -> None:
    with pytest.raises(MessageTooLargeError, match="A SIGN_UP_EMAIL of 30,000,099 bytes"):
        storable(WELCOME.model_copy(update={"name": "x" * 30_000_000}))
    room = MOST_BYTES - len(bson.encode(storable(WELCOME.model_copy(update={"name": ""}))))
    assert storable(WELCOME.model_copy(update={"name": "x" * room}))
    with pytest.raises(MessageTooLargeError):
        storable(WELCOME.model_copy(update={"name": "x" * (room + 1)}))


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"to": "ada@example.com", "name": "Ada"},
        {"to": "ada@example.com", "name": "Ada", "already_registered": False, "colour": "blue"},
        {"to": "ada@example.com", "name": None, "already_registered": False},
        None,
        [],
        "text",
    ],
)
def test_a_payload_of_another_version_is_a_value_error(payload: Any) -> None:  # noqa: ANN401  # as rows hold it
    with pytest.raises(ValueError, match="SignUpEmail"):
        parse("SIGN_UP_EMAIL", payload)


@given(payloads)
def test_any_payload_is_a_message_or_a_value_error(payload: Any) -> None:  # noqa: ANN401  # as rows hold it
    try:
        message = parse("SIGN_UP_EMAIL", payload)
    except ValueError:
        return
    assert isinstance(message, SignUpEmail)
