"""Who does the work: engines run the task calls of a recipe and fit spectra."""
