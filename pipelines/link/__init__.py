"""Score pairs of identities with the pinned model, and cut them into clusters of clients."""
