"""The control room: who is where, which alarms sound, how full each place is; for a desk and a wall display."""
