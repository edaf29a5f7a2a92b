"""Load: read the rentals of a year from /data; a first run makes them up and puts them there."""

import os
from pathlib import Path

import numpy as np
import orchest
import pandas as pd

SEASON = 2 * np.pi / (365 * 24)
DAY = 2 * np.pi / 24


def data_dir():
    """/data is shared by all projects; where steps run without a container it may be missing."""
    shared = Path(os.environ.get("DATA_DIR", "/data"))
    folder = (shared if os.access(shared, os.W_OK) else Path("../data")) / "bike-rentals"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def make_rentals(rows, seed):
    """Return `rows` hours of rentals in a town by the sea, with the faults of real stations in them."""
    rng = np.random.default_rng(seed)
    hours = np.arange(rows)
    time = pd.date_range("2024-01-01", periods=rows, freq="h")
    weather = rng.choice(["clear", "cloudy", "rain"], size=rows, p=[0.55, 0.3, 0.15])
    temperature = 11 - 9 * np.cos(SEASON * hours) - 4 * np.cos(DAY * (hours - 3)) + rng.normal(0, 2, rows)

    hour, workday = time.hour.to_numpy(), time.day_of_week.to_numpy() < 5
    commute = np.exp(-((hour - 8) ** 2) / 3) + 1.2 * np.exp(-((hour - 17) ** 2) / 4)
    leisure = 0.9 * np.exp(-((hour - 14) ** 2) / 14)
    demand = 12 + 260 * np.where(workday, commute, leisure)
    demand *= np.clip(temperature + 8, 2, None) / 20 * np.where(weather == "rain", 0.45, 1.0)
    rentals = rng.poisson(demand).astype(float)

    rentals[rng.random(rows) < 0.004] = 9999  # a station that hangs
    temperature[rng.random(rows) < 0.01] = np.nan  # a thermometer that is out
    frame = pd.DataFrame({"time": time, "weather": weather, "temperature": temperature.round(1), "rentals": rentals})
    sent_twice = frame.sample(frac=0.01, random_state=seed)
    return pd.concat([frame, sent_twice]).sort_values("time", kind="stable").reset_index(drop=True)


rows = orchest.get_step_param("rows", 8760)
seed = orchest.get_pipeline_param("seed", 7)

path = data_dir() / f"rentals-{rows}-{seed}.csv"
if not path.exists():
    print(f"{path} is not there yet: making it up from seed {seed}")
    make_rentals(rows, seed).to_csv(path, index=False)

rentals = pd.read_csv(path, parse_dates=["time"])
print(f"{len(rentals):,} rows from {path}")
orchest.output(rentals, name="rentals")
