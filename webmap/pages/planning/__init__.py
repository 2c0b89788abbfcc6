"""Planning of dual prevention on a site: documents, leading group, trainings, and what is missing."""
