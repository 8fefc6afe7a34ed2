"""All that knows the paper: its tables, its Figure 6, and the plan that makes them again."""
