"""Where data come from: the catalogue, the download, what lies on disk."""
