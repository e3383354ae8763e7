from odmantic import ObjectId

from benchmarks.graphql.cases import NAMES, cases
from benchmarks.graphql.data import Data
from schema.tokens import AccessTokens


def test_every_case_can_be_named() -> None:
    data = Data((ObjectId(),) * 2, (), {}, AccessTokens("a secret of the tests, 32 characters or more"))
    assert tuple(cases(data)) == NAMES
