"""Namings of tensors in weight files from elsewhere; each module adds one."""
