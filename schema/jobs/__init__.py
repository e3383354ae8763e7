"""What is owed: a job is committed with the change that owes it, and lives until it is done."""
