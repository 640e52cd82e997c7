"""Running things: jobs that can be watched, stopped and found again."""
