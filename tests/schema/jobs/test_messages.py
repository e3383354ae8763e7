import pytest

from schema.jobs.messages import MESSAGES, JobKind
from tests.support.jobs import WELCOME


@pytest.mark.parametrize("kind", JobKind)
def test_every_kind_has_a_message(kind: JobKind) -> None:
    assert MESSAGES[kind].kind is kind


def test_the_kind_does_not_tell_whether_the_address_was_known() -> None:
    new, known = (WELCOME.model_copy(update={"already_registered": known}) for known in (False, True))
    assert new.kind is known.kind
    assert new.template != known.template
