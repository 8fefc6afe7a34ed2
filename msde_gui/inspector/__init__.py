"""The pair lens: both faces of a pair, and what every run says of each."""
