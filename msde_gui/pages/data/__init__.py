"""The page *Data*: what the study holds."""
