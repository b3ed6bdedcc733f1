"""What single lessons need and no other does: a module a lesson, named after it."""
