"""Demo data: a shop with a catalogue, customers and orders, the same each time."""
