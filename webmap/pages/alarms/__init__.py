"""Alarms: the record of a site's alarms, the life of each, and what people do about them."""
