"""Nothing lost and nothing invented, with real processes that are killed (`./twin prove kills` is the full size)."""
