"""The desktop application: shows what the engine says, computes nothing."""
