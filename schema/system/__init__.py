"""How the program is: which workers live, and what waits for them."""
