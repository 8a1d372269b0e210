"""What runs in the Keras process, the only one that imports Keras and its backends."""
