"""What was clicked, as code that does it again: Python, shell, notebook, and the files of a fit."""
