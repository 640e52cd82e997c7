"""Code that stands for what was clicked, to be read and copied."""
