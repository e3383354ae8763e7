"""Pages that are bundled with Node.js, and served without any other host."""
