"""What sensors measure: quantities, datastreams, observations (words of OGC SensorThings)."""
