"""The console of those who run Postberry: its sources are in `console/`, what serves them here."""
