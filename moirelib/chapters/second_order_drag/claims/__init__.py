"""Claims of the chapter "second-order-drag"."""
