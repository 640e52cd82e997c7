"""The whole as one application: the panels around one session, and what comes next."""
