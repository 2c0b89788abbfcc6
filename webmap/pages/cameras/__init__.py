"""The cameras of a site: where they stand and what they see, and their live picture on demand."""
