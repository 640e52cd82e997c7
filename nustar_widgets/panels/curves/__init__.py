"""Parts of the light-curve panel: form, plot, good time, flares."""
