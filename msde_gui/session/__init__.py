"""What the user has open: study, runs, jobs, selection, preferences. No widget is known here."""
