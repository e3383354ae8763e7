"""The torture schema, to be fuzzed: see `tests.support.torture`."""

from graphql import GraphQLSchema
from hypothesis import strategies as st
from hypothesis_graphql import mutations, queries

from tests.fuzz.documents import Family, families, mixed
from tests.fuzz.errors import relax
from tests.support.torture import schema as torture


class TortureSubject:
    """It is the same for everybody."""

    def __init__(self) -> None:
        self.schema: GraphQLSchema = torture.create()._schema  # noqa: SLF001  (Strawberry shows it nowhere else)
        self.relaxed = relax(torture.create()._schema)  # noqa: SLF001  (the same)

    def families(self) -> st.SearchStrategy[Family]:
        """Queries, and some mutations."""
        asked, changing = queries(self.schema, allow_x00=False), mutations(self.schema, allow_x00=False)
        return mixed((5, self._families(asked)), (1, self._families(changing)))

    def _families(self, texts: st.SearchStrategy[str]) -> st.SearchStrategy[Family]:
        return families(self.schema, texts, ["anybody"])

    def context(self, _: str) -> list[str]:
        """What mutations write into."""
        return []
