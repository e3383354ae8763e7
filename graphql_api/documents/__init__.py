"""GraphQL documents before they are executed: read once, measured, validated, remembered."""
