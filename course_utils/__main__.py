"""``python -m course_utils``: the same as the ``course`` command. Works before anything is installed."""

import sys

if __name__ == "__main__":
    if sys.version_info < (3, 11):  # noqa: UP036 - the Python that reads this may be any
        sys.exit("Python 3.11 to 3.14 is needed, this is %d.%d" % sys.version_info[:2])  # noqa: UP031 - old ones read this
    from course_utils.cli import main

    sys.exit(main())
