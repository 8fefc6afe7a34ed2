"""The user's guide and the script that makes its pictures."""
