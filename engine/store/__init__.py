"""The study on disk: the only place that knows its paths and SQL."""
