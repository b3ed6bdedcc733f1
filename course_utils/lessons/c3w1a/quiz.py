"""The quiz of the lesson on augmentation."""
