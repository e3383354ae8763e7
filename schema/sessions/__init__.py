"""Being signed in: a session for each device, and the refresh tokens that carry it on."""
