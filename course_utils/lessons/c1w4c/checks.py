"""The checks of the lesson."""
