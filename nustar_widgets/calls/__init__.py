"""From choices to calls, as people see it: what a form shows, presets, what to mend first."""
