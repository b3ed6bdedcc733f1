"""From one source per lesson to the notebook a learner opens, its executed solution, and slides.

Nothing here is imported by a lesson. The source of a lesson is a jupytext ``py:percent`` file,
``notebooks/sources/<folder>/<lesson>.py``. ``course.toml`` lists the lessons; their order in it is their order.
``python -m course_utils build`` turns a source into ``notebooks/<folder>/<lesson>.ipynb`` (no outputs) and
``notebooks/solutions/<folder>/<lesson>.ipynb``::

    # %% [markdown] minutes=45 slide="slide"
    # # Your first GAN
    #
    # The first cell holds the title and says how many minutes the lesson takes.

    # %%
    from torch import nn

    from course_utils.checks import check

    # %% exercise="c1w1.generator_block" difficulty=2 minutes=5

    # %% [markdown] hints="c1w1.generator_block"
    # Which three layers does the docstring name?
    #
    # ---
    # Put them in an `nn.Sequential`.

    # %% figure="samples" caption="Sixty-four digits, most of them legible." slide="subslide"
    show(samples)

What a cell may carry after ``# %%``:

- every cell: ``slide="slide|subslide|fragment|skip|notes"`` (nbconvert's slide types), ``tags=["..."]``,
  ``jupyter={"source_hidden": true}``. Words without ``=`` are a title for the author's own orientation.
- the first cell, a markdown cell that starts with ``# The title``: ``minutes`` (required).
- an exercise: ``exercise`` (its id, which starts with the lesson's), ``difficulty`` (1 to 5) and ``minutes``, all
  required. Its check says which function or class of the library it is. The cell itself stays empty: the learner's copy
  gets the object's signature and docstring with ``raise NotImplementedError`` for a body. Where the object holds
  ``# BEGIN SOLUTION`` / ``# END SOLUTION`` only these regions go; in a class without them every method's body goes.
  A region that is one dictionary keeps its keys, ``{"run A": ..., ...}``.
  An exercise begins a ``subslide`` unless its cell says otherwise.
- hints: a markdown cell with ``hints="<exercise id>"``, somewhere after its exercise; a line ``---`` parts two hints.
- ``figure="name"`` on a code cell, with an optional ``caption``: the learner's copy is followed by the pictures that this
  cell made in the executed solution, folded under *What you should see*.
- ``picture="name"`` on a markdown cell, with an optional ``caption``: the learner's copy shows the pictures of that figure
  right after it, to begin a lesson with its result.
- ``alt="what the picture shows"`` beside a figure or a picture: for those who cannot see it. Without it the caption stands
  in, or the title of the figure. On a code cell it may stand without ``figure``.
- ``diagram="name"`` on a markdown cell, with an optional ``caption``: both copies show this drawing of
  ``course_utils.diagrams`` right after it, with its alt text, on a slide of its own.
- ``{lessons}`` in a text cell: the table of all lessons stands there.
- a line ``# NBVAL_CHECK_OUTPUT`` in a code cell: its output must be the same in every run. It becomes a tag.

The build adds the cell that installs the course where it is missing, the links to the other lessons, each
exercise's badge and check cell, and refuses a source that cannot work, with file and line (``SourceError``).

Modules: ``source`` reads, ``cut`` cuts exercises out of the library, ``names`` looks for unbound names and unregistered
exercises, ``cells`` and ``compose`` make notebooks, ``pictures`` makes what they show small, ``build`` writes, compares
and resets them, ``run`` executes solutions, ``reach`` and ``history`` tell when they are old, ``readme``, ``slides`` and
``listing`` do what they say, ``repository`` knows where the course is published.
"""
