"""Turn outcomes into what an outcomes contract pays, line by line."""
