"""Live pages: one pump per process, server-sent events with a durable cursor."""
