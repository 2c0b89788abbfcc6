"""Who was near a place (S1.26): a place or an alarm, a distance, a period; as a table, on the map, and to Excel."""
