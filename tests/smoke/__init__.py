"""Whether a deployment works, as its users see it: `make smoke`."""
