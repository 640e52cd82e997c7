"""What stands around the images: numbers, spectrum, profile, suggestions."""
