"""What no client sends in good faith."""
