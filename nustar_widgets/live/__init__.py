"""What the event lists of a session hold in its regions, up to date while a region is dragged."""
