"""What code does to the process that it runs in: noticed around it, for every suite."""
