# %% [markdown] minutes=10 slide="slide"
# # Start here
#
# This is a course on **generative adversarial networks**, in notebooks that run on the computer in front of you. You
# write every part yourself, and checks tell you what a mistake is and why. Most claims are numbers that your own run
# measures; the others say where they come from. Nothing has to be downloaded, and a GPU makes things bigger but is
# never needed.

# %% [markdown] picture="portraits" alt="Twenty small generated portraits, in two rows of ten."
# A generator that comes with this course made these faces from random numbers:

# %% [markdown] slide="slide"
# ## The map
#
# {lessons}
#
# The [GAN laboratory](gan_lab.ipynb) belongs to no lesson, and you can play with it at any time. It has points in the
# plane in place of images, and eight experiments.

# %% [markdown] slide="slide"
# ## How to use a notebook
#
# - A notebook is made of text and of **cells** with code. Click on a cell and press **Shift+Enter** to run it and go on to the
#   next one. Run the cells from top to bottom: later ones need what earlier ones have made.
# - The **table of contents** is the third symbol in the bar at the left edge of the window. It shows the sections of the
#   notebook that is open, and a click leads there.
# - A `*` in the brackets beside a cell says that it is still running. A number says that it has finished.
#
# Begin with this cell. It loads the course:

# %%
import torch

from course_utils import checkpoints, plotting
from course_utils.checks import check
from course_utils.doctor import doctor
from course_utils.widgets import lesson_map

# %% [markdown]
# The next cell loads a generator that comes with the course, and gives it 20 vectors of random numbers. It shows the
# pictures that the generator makes from them. You will train networks like this one, and learn to steer them.

# %% figure="portraits" alt="Twenty small generated portraits, in two rows of ten."
generator = checkpoints.load("portraits_generator")
torch.manual_seed(0)
with torch.no_grad():
    faces = generator(torch.randn(20, generator.latent_dim))
plotting.image_grid(faces, "Portraits made from random numbers, not selected", columns=10)

# %% [markdown]
# This cell shows the map once more, now with how many exercises of each lesson you have solved. Run it again at any time to
# bring it up to date.

# %%
lesson_map()

# %% [markdown] slide="slide"
# ## Does everything work?
#
# The doctor checks Python, PyTorch, the device, the shipped data and the widgets, and whether your work can be saved.
# Every line should begin with *ok*; if one does not, it says what to do.

# %%
doctor()

# %% [markdown] slide="slide"
# ## How the exercises work
#
# An exercise is a function with its docstring and no body. Write the body in place of `raise NotImplementedError`, run the
# cell, then run the check below it.
#
# - The check looks at **what your code does**, never at how it is written.
# - When something is wrong it says what it saw, and explains the mistake if it recognises it.
# - You are **never blocked**. Without a correct answer the check hands the reference to the rest of the notebook. So
#   every later cell works, and you can come back at any time. A syntax error in an exercise does not stop *Run All*
#   either: its check names the line.
# - Hints are folded away, from a nudge to nearly the answer.
#
# Here is a small one to begin with. Images are stored as bytes, 0 for black and 255 for white. Networks of this
# course see them as floats from -1 to 1.
#
# **Try it wrong first:** return `images / 255` and read what the check says.

# %% exercise="00.to_float" difficulty=1 minutes=3

# %% [markdown] hints="00.to_float"
# Half of 255 is 127.5. What does `images / 127.5` range over?
#
# ---
#
# `images.float() / 127.5 - 1`. In bytes, without `.float()`, there are no negative numbers.

# %% [markdown]
# The function is now in use, whether it is yours or the reference:

# %%
# NBVAL_CHECK_OUTPUT
to_float(torch.tensor([0, 51, 255], dtype=torch.uint8))

# %% [markdown] slide="slide"
# ## What else is here
#
# - **Predict, then run.** Before a result is shown you are asked what it will be. A guess, even a wrong one, makes
#   the result easier to remember.
# - **What you should see** is folded below cells that draw: a picture from a run of the solution, to compare with yours.
# - **Solutions** are a click away at the top of every lesson, executed and with outputs.
# - **The next day**, or after the kernel was restarted, the notebook's variables are gone. Go to where you were and
#   choose *Run > Run All Above Selected Cell*. A training run that was stopped half-way goes on; a finished one runs
#   again, which takes one to nine minutes a lesson.
# - **To stop** a training run, press the stop button above, or *Stop early* beside its curves: the result so far is
#   kept. Press twice to end the whole cell.
# - Your own work is safe: nothing overwrites a notebook that you have changed. In a terminal, `course update` brings the course up
#   to date, and `course reset c1w1` brings an original back. Both keep what you wrote beside the new notebook, dated.
# - **Elsewhere** than on your own computer, in VS Code, Codespaces, Colab, Kaggle or Binder, a few things are different:
#   `docs/places.md` says which.
# - `course run c1w1` executes a lesson without a browser, and `course list` shows the map in a terminal.
#
# Rusty in PyTorch? The *Refresher* begins with ten small exercises that say which part of it you need, if any. The first
# lesson is *Your first GAN*. It takes about 80 minutes, with less than two minutes of training in it.
