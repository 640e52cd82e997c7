"""From counts to a spectrum that is ready to fit, and the models to fit it with."""
