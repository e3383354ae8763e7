"""Announcements: one text, sent to every user by e-mail."""
