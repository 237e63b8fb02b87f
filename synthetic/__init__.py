"""The synthetic county: people, their lives, and the errors that agencies make when they write them down."""
