"""What a panel leaves in a saved notebook: its last picture and numbers, as plain output."""
