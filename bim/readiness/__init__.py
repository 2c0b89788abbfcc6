"""What a model can be used for: a grade per safety function, from IDS specifications and checks of geometry."""
