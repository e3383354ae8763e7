"""How much each client may ask for: a budget that is spent by requests and fills up again over time."""
