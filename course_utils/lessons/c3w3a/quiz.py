"""The quiz at the end of c3w3a."""

QUIZ = ()
