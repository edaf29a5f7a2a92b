"""Which Python packages stand in for the reference's base images; Docker recipes and local executor share the list.

The names and the packages are those of the reference's ``base-kernel-py`` image in the releases whose projects import
pandas or scikit-learn with an empty setup script; numpy, pyarrow, requests and openpyxl came with them as dependencies.
"""

from __future__ import annotations

STACK = (
    "beautifulsoup4",
    "cython",
    "dask",
    "ipympl",
    "matplotlib<3.9; python_version < '3.13'",
    "matplotlib; python_version >= '3.13'",
    "numba",
    "numpy<2; python_version < '3.13'",
    "numpy; python_version >= '3.13'",
    "openpyxl",
    "pandas<3",
    "pyarrow<26; python_version < '3.13'",
    "pyarrow; python_version >= '3.13'",
    "requests",
    "scikit-learn",
    "scipy",
    "seaborn",
    "sqlalchemy",
    "statsmodels",
    "widgetsnbextension",
    "xlrd",
)
"""Requirements that a project on ``orchest/base-kernel-py`` may count on.

Its code was written for the releases of its time. So where today's Pythons have them, the last major releases stay in
which that code still means the same: numpy 2 and pandas 3 changed types, pyarrow 26 can't be imported beside numpy 1,
and matplotlib 3.9 pairs every point with every other where a three-dimensional scatter plot mixes shapes, so that a
plot of seconds takes hours.
"""

TOOLS = ("nbclient", "nbformat", "ipykernel", "matplotlib-inline")
"""Requirements of notebook steps; installed apart from the user's packages, so that those can't break them."""

STACK_IMAGES = frozenset({"orchest/base-kernel-py", "orchest/base-kernel-py-gpu", "elyra/kernel-py"})
"""Image names, without tag, that ``STACK`` stands in for."""

PLAIN_IMAGE = "orchest-tui/base-py"
"""Image name of a Python without any package."""


def repository(image: str) -> str:
    """Return the name of ``image`` without registry prefix ``registry:`` or ``docker.io/``, tag and digest."""
    name = image.strip().removeprefix("registry:").removeprefix("docker.io/").partition("@")[0]
    folder, slash, last = name.rpartition("/")
    return folder + slash + last.partition(":")[0]
