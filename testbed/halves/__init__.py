"""The edge half and the server half, each in a process of its own, and what passes between them."""
