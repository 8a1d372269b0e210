"""Running: plan, cache, scheduler, executors, events and the run record."""
