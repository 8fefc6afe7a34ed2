"""Where the chosen runs go wrong: what the Errors tab shows and how."""
