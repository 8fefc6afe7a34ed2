"""The dock *Inspector*: all that is known of the selected face."""
