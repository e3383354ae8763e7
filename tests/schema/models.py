"""Models that use what ODMantic offers: embedded and referenced models, indexes, renamed keys, dates, UUIDs."""

from datetime import UTC, datetime
from typing import ClassVar
from uuid import UUID, uuid4

from odmantic import EmbeddedModel, Field, Index, Model, ObjectId, Reference
from odmantic.config import ODMConfigDict
from odmantic.query import asc, desc


class Address(EmbeddedModel):
    """Embedded in `Author`, once and in a list."""

    city: str
    street: str = "Main Street"


class Author(Model):
    """Referenced by `Book`."""

    id: ObjectId = Field(primary_field=True, default_factory=ObjectId)
    email: str = Field(unique=True)
    name: str = Field(default="Anonymous", key_name="full_name")
    addresses: list[Address] = Field(default_factory=list)
    home: Address = Field(default_factory=lambda: Address(city="Jena"))
    born: datetime = Field(default_factory=lambda: datetime.now(UTC))
    key: UUID = Field(default_factory=uuid4)


class Book(Model):
    """Refers to its author."""

    id: ObjectId = Field(primary_field=True, default_factory=ObjectId)
    title: str
    year: int = 2000
    author: Author = Reference()

    model_config: ClassVar[ODMConfigDict] = {
        "indexes": lambda: [Index(asc(Book.title), desc(Book.year), name="title_year")]
    }


class Counter(Model):
    """What transactions contend for."""

    id: ObjectId = Field(primary_field=True, default_factory=ObjectId)
    name: str
    value: int = 0


class UniqueCounter(Model):
    """`Counter` in a later release: its collection, with an index."""

    id: ObjectId = Field(primary_field=True, default_factory=ObjectId)
    name: str = Field(unique=True)

    model_config: ClassVar[ODMConfigDict] = {"collection": "counter"}
