"""What clerks write instead of the truth: names, numbers, dates, addresses; at rates that stand in YAML."""
