"""What the user chose, and the recipe it stands for."""
