"""Music in four voices: tensors, rules, numbers, pictures, sound and files."""
