"""What makes people rent a bike. Two steps import this module: edit it, and both of them are stale.

It is no step itself, only a file beside them.
"""

import numpy as np

MOST_BIKES = 1500  # in the whole town; more rentals in one hour are a fault
HARMONICS = 6  # how finely the hours of a day are told apart


def plausible(frame):
    """Return for each row whether it can be true."""
    return frame["rentals"].between(0, MOST_BIKES)


def design_matrix(frame):
    """Return one row of numbers for each hour, and the names of the columns."""
    angle = 2 * np.pi * frame["time"].dt.hour.to_numpy() / 24
    workday = (frame["time"].dt.day_of_week < 5).to_numpy(dtype=float)
    temperature = frame["temperature"].to_numpy() / 10

    columns = {
        "constant": np.ones(len(frame)),
        "workday": workday,
        "temperature": temperature,
        "temperature²": temperature**2,
        "rain": (frame["weather"] == "rain").to_numpy(dtype=float),
    }
    for k in range(1, HARMONICS + 1):
        for name, wave in (("sin", np.sin(k * angle)), ("cos", np.cos(k * angle))):
            columns[f"{name} {k}"] = wave
            columns[f"{name} {k}, workday"] = wave * workday
    return np.column_stack(list(columns.values())), list(columns)
