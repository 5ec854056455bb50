"""How long a message takes over one TCP connection, computed a round trip at a time."""
