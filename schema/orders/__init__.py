"""What people buy."""
