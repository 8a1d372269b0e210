"""The edited workflow: its undo stack, one command a user action, clipboard and recovery. No widgets."""
