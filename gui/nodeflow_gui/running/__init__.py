"""Running workflows for the editor: other processes check, plan, run and draw; this room talks to them."""
