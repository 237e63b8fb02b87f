"""What a table looks like: data contracts read and compiled to pandera; the tables we own, written by hand."""
