"""What the page second-order-drag computes."""
