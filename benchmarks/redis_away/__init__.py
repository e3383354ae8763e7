"""What it costs that Redis is away: orders a second, and how long their letters take."""
