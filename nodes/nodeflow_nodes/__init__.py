"""The nodes that come with nodeflow, one folder a group."""
