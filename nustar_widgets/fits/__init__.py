"""The fit of a session: its spectra, its engine, what was found; shared by panels."""
