"""Where the parts of a face are, exact or from landmarks, and how much of a map lies on each."""
