"""Music: four voices from noise, and rules that can be counted."""
