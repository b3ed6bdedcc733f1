"""Where the course runs: installing it, opening it, testing it, bringing it up to date, and what is different elsewhere.

``installing``, ``serving``, ``testing`` and ``chores`` are what ``make`` does, in plain Python, so that Windows needs no
``make``. ``forked_kernels`` spares the tests of notebooks their imports. ``updating`` brings a clone up to date. ``hosted``
gets the course onto Colab and Kaggle. ``commands`` puts them into ``course``. Everything here begins with the standard
library only: it runs before anything is installed.
"""
