"""Mutations that are done once, however often they are sent: by a key of the client's choice."""
