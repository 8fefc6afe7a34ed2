"""The tab *Attention* of the page *Explain*: on which parts of faces runs look."""
