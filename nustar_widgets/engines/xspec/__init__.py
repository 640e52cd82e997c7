"""XSPEC in a process of its own: what is said to it, how it is kept, what it answers."""
