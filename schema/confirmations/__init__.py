"""Proof that a letter was read: single-use tokens that travel by e-mail."""
