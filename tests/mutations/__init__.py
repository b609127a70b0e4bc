"""Mistakes planted in the library on purpose, one at a time, and what turns red because of each."""
