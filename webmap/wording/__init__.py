"""The words and signs that pages, documents and answers share: grades, ticket states, reasons."""
