"""The embeddings of several runs side by side: what is asked, what came, and how it looks."""
