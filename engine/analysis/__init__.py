"""Questions that the window asks of networks, and the warm process that answers them."""
