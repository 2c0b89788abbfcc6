"""The reference gateway: takes messages of local devices, keeps them on its own disk, and brings each to the platform.

It needs Python, paho and one configuration file; nothing of Django or of the platform's database.
"""
