"""What the `countylink` command does: files of options and printing, and beside them a file a task."""
