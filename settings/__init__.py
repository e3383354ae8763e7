"""What the environment decides: configuration and logging, the same for both programs."""
