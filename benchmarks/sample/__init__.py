"""Instruments that judge whether the sample study is hard, fair and true to its labels."""
