"""What each agency extracts, one module per agency, in the shapes that its data contracts promise."""
