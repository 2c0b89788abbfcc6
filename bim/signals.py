"""What other capabilities may hear of an import."""

from django.dispatch import Signal

revision_committed = Signal()
"""Sent inside the transaction that writes an import, after its rows, before the commit; a receiver that raises undoes
the import. Arguments: `sender` (Revision), `revision`, `result` (result.json of the pipeline), `folder` (the pipeline's
work folder, gone afterwards), `actor`, `now`. Work that may take long belongs into `transaction.on_commit`.
"""
