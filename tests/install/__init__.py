"""The package as it leaves the house: built, installed elsewhere, used without a network."""
