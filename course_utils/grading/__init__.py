"""Submitted notebooks are judged: ``course grade FOLDER``, and assignments for other graders: ``course export``.

A submission is never trusted. Three kinds of processes work together:

- ``grade`` starts the others, hands the work on, and writes what came of it (``table``, ``pages``). It reads no submission.
- a **judge** (``judge``) reads notebooks as text (``extract``), looks at the course's own solutions, and compares. No
  submitted code ever runs in it.
- a **bench** (``bench``) has PyTorch and the checks loaded, and splits off a process for every exercise of every notebook.
  That process locks itself in (``confine``), runs the submitted code (``attempt``) and tells what was seen of it, as plain
  numbers (``facts``): results, gradients, exceptions. It cannot say "passed", because it is never asked for a verdict.

So printing "passed", replacing ``check``, or patching the check engine changes nothing: the comparison happens elsewhere.
What is left is to bring the right numbers without own code, from the course's own solution. ``trap`` makes it raise when
submitted code calls it, and the files of the course cannot be read from where the code runs (on Linux).
"""
