"""One table of clients, one of identities, and the events of their lives, in one vocabulary."""
