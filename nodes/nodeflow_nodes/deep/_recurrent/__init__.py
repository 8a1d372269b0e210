"""Recurrent networks in NumPy, float64, every gate and every error of every step kept: the reference for students and tests.

Samples are rows and come first, then steps, then units, as in Keras: `x` has the shape (samples, steps, features). The
weights are those of Keras, cut into the groups that the textbooks name.
"""
