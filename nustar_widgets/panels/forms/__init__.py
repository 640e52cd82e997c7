"""Parts of the parameter panel: the form of a task in the page, and what stands in for it."""
