"""What is typed to ask for a report."""

from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import Field, ValidationInfo, field_validator

from schema.inputs import Input, Moment

LONGEST = timedelta(days=5 * 365 + 2)
"""The longest period of a report: five years, with their leap days."""


class ReportKind(StrEnum):
    """What a report is about."""

    SALES = "SALES"


class NewReport(Input):
    """A report, from a time until before another. A time without a zone is one of UTC."""

    kind: ReportKind
    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")

    @field_validator("end")
    @classmethod
    def _is_a_period(cls, end: datetime, info: ValidationInfo) -> datetime:
        start = info.data.get("start", end - timedelta.resolution)
        if end <= start:
            raise ValueError("It must be later than `from`.")
        if end - start > LONGEST:
            raise ValueError("It must be at most five years after `from`.")
        return end
