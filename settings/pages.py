"""Which pages of its own the API serves."""

from pydantic import BaseModel, Field


class PageSettings(BaseModel):
    """Pages for those who run it; what they show still asks for the rights to see it."""

    allow_debug: bool = Field(default=False, description="GraphiQL and introspection outside development.")
    console_enabled: bool = Field(default=True, description="Serve the console for administrators, at /console.")
