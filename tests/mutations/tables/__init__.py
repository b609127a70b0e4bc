"""The list written by hand, by room."""
