"""Strawberry with FastAPI and ODMantic as their documents show it, and nothing around it."""
