"""Production-risk assessment of an enterprise: as it is now, kept versions with signatures, and the PDF."""
