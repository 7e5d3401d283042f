"""Views of a training while it learns: processes of their own, which read what the training writes."""
