"""The page *Errors*: which faces which runs get wrong."""
