"""The real programs under faults, and a count of what arrived: `make chaos`."""
