"""The page *Experiments*: runs planned, queued and followed."""
