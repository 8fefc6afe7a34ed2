"""The page *Explain*: heatmaps of faces by run, with embeddings and attention as tabs."""
