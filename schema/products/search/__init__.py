"""How products are found: what a filter may say, and which ranges of an index serve it. See QUERY-ENGINE.md."""
