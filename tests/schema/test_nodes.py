import base64

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from odmantic import ObjectId

from schema.errors import BadUserInput
from schema.nodes import from_global_id, id_of, to_global_id

type_names = st.from_regex(r"[A-Z][A-Za-z0-9]{0,20}", fullmatch=True)
object_ids = st.binary(min_size=12, max_size=12).map(ObjectId)


def _encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@given(type_names, object_ids)
def test_an_id_leads_back_to_its_document(type_name: str, document_id: ObjectId) -> None:
    global_id = to_global_id(type_name, document_id)
    assert from_global_id(global_id) == (type_name, document_id)
    assert id_of(type_name, global_id) == document_id


@given(type_names, object_ids)
def test_an_id_is_safe_in_an_address(type_name: str, document_id: ObjectId) -> None:
    global_id = to_global_id(type_name, document_id)
    assert global_id.replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize("named", ["a User", "an Order"])
def test_an_id_of_another_type_is_refused(named: str) -> None:
    with pytest.raises(BadUserInput, match=f"not the id of {named}"):
        id_of(named.split()[1], to_global_id("Job", ObjectId()))


@given(
    st.text(st.characters())
    | st.text("abcxyzABCXYZ0189-_+/=")
    | st.binary().map(lambda raw: base64.urlsafe_b64encode(raw).decode())
    | st.text().map(_encoded)
    | st.text().map(lambda text: _encoded(f"Job:{text}"))
    | st.text("0123456789abcdefABCDEF ", min_size=24, max_size=24).map(lambda text: _encoded(f"Job:{text}"))
)
@example("\ud800")
@example("é")
@example(_encoded("Job"))
@example(_encoded("Job:"))
@example(_encoded(f"Job:{'a' * 24}:"))
@example(_encoded(f"Job:{'aa ' * 8}"))
@example("a" * 1_000_001)
def test_any_text_is_an_id_or_bad_user_input(text: str) -> None:
    try:
        type_name, document_id = from_global_id(text)
    except BadUserInput:
        return
    assert from_global_id(to_global_id(type_name, document_id)) == (type_name, document_id)
    assert len(document_id.binary) == 12
