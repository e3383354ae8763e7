"""Opening an account, proving its address, and changing its password."""
