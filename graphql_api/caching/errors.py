"""What is refused because it is not public."""

from schema.errors import BadUserInput


class NotPublicError(BadUserInput):
    """Anybody's page could have had this sent, and its answer is not anybody's. Nothing was executed."""

    def __init__(self) -> None:
        super().__init__("Only public data are answered to this.")
