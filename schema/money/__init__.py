"""Amounts of money: exact, in one currency, kept in its smallest unit."""
