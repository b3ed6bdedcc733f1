QUIZ = ()
