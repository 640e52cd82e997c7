"""Parts of the search panel: form, table, pointings, and the data of an observation."""
