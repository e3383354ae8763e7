"""Which pages of its own the API serves."""

from pydantic import BaseModel, Field


class PageSettings(BaseModel):
    """Pages for those who run it; what they show still asks for the rights to see it."""

    console_enabled: bool = Field(default=True, description="Serve the console for administrators, at /console.")
