"""What the forms around an account ask for."""

from schema.inputs import EmailAddress, Input, Line, Password, Secret


class SignUp(Input):
    """What a sign-up asks for."""

    email: EmailAddress
    password: Password
    name: Line


class Verification(Input):
    """The token of a welcome letter."""

    token: Secret


class PasswordResetRequest(Input):
    """Whose password was forgotten."""

    email: EmailAddress


class PasswordReset(Input):
    """The token of a letter, and the new password."""

    token: Secret
    password: Password


class PasswordChange(Input):
    """The password that is, and the one that is to be."""

    current_password: Secret
    password: Password
