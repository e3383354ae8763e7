"""Documents that clients name instead of sending them: trusted ones from a file, and ones that were sent before."""
