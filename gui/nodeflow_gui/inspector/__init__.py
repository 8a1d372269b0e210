"""Looking at values: tables of any size, statistics, charts, models in words, and the log."""
