"""The panels: ipywidgets and bqplot live here and nowhere else."""
