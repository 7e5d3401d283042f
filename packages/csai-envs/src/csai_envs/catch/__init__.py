"""Catch: be under the ball when it comes down."""
