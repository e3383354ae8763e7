"""What documents and requests cost, and what that makes of 10, 1,000 and 100,000 requests a second."""
