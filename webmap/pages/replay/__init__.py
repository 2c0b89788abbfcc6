"""Replay: any period at any speed, with trails, colours and alarms as they were; names only with a purpose."""
