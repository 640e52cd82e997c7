"""Parts of the fit panel."""
