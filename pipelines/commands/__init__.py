"""What the `countylink` command does, one file a task; `pipelines/cli.py` holds the options."""
