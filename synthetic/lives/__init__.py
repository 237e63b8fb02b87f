"""Lives, by subject: what truly happened to the people, before any agency wrote it down."""
