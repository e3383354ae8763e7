"""What happens after the answer has gone out: the second program."""
