"""`make fuzz`: documents made at random, executed by plans and by graphql-core, and the answers compared."""
