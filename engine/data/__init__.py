"""From a folder of faces to a study: layouts, label words, subjects, duplicates, packing."""
