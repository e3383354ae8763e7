"""What a GraphQL document may ask for at most: settings, so that an operator can mend a limit that is too low."""

from typing import Literal

from pydantic import BaseModel, Field


class QueryLimits(BaseModel):
    """Limits of one document. Whatever is spread counts where it is spread, as often as it is."""

    query_max_length: int = Field(20_000, ge=1, le=120_000, description="Most characters of a GraphQL document.")
    query_max_tokens: int = Field(2_000, ge=1, description="Most tokens of a document: words, numbers, brackets.")
    query_max_comments: int = Field(100, ge=0, description="Most comments of a document.")
    query_max_depth: int = Field(10, ge=1, description="Most levels of fields within fields.")
    query_max_fragments: int = Field(10, ge=0, description="Most levels of fragments within fragments.")
    query_max_fields: int = Field(200, ge=1, description="Most fields of an operation.")
    query_max_aliases: int = Field(30, ge=0, description="Most fields of an operation that are given another name.")
    query_max_directives: int = Field(20, ge=0, description="Most directives of a document.")
    query_max_directives_in_place: int = Field(4, ge=0, description="Most directives in one place.")
    query_max_values: int = Field(350, ge=1, description="Most values in a request's variables, lists and objects too.")
    query_max_mutations: int = Field(5, ge=1, description="Most mutations of a request.")
    query_max_sign_ins: int = Field(
        1, ge=1, description="Most mutations of a request that cost a password or guess one, like userSignIn."
    )
    query_max_operations: int = Field(10, ge=1, description="Most operations of a document, of which one is run.")
    query_max_comparisons: int = Field(
        5_000, ge=1, description="Most steps of comparing fields of the same name; they grow by the square."
    )
    query_max_errors: int = Field(5, ge=1, description="Most errors of a document that are answered.")
    query_timeout: float = Field(10, gt=0, le=300, description="Seconds a request may be worked on; then TIMEOUT.")
    rate_limit_enabled: bool = Field(
        default=True, description="Limit what each user and address may ask for: QUERY_BUDGET, RATE_LIMITS."
    )
    query_budget: int = Field(20_000, ge=1, description="Most a client may spend at once, in costs of requests.")
    query_budget_restore: int = Field(1_000, ge=1, description="How much of its budget a client gets back each second.")
    query_max_cost: int = Field(1_000, ge=1, description="Most a request may cost; a cost is about an object answered.")
    executor: Literal["compiled", "graphql-core"] = Field(
        "compiled", description="What executes queries and mutations: compiled plans, or graphql-core, which is slower."
    )
