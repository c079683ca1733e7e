"""What every test gets: an offscreen Qt, no colour, and a home folder of its own."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["NO_COLOR"] = "1"
