"""All that MongoDB holds, at one moment, as files; and from these back into an empty database."""
