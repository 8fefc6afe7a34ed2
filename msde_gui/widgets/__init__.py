"""Widgets: small reusable parts that know no engine."""
