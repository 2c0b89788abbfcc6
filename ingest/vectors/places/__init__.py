"""Places from files: read, guess the columns, compare with what is there, preview, and write all or nothing."""
