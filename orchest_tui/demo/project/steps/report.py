"""Report: write report.md with both figures, and hand over the forecast's figure."""

from pathlib import Path

import orchest
from matplotlib.figure import Figure

inputs = orchest.get_inputs()
title = orchest.get_step_param("title", "Bike rentals")
actual, predicted = inputs["predictions"][-7 * 24 :].T

forecast = Figure(figsize=(9, 3), layout="constrained")
axes = forecast.subplots()
axes.plot(actual, color="0.6", label="rented")
axes.plot(predicted, color="tab:blue", label="foretold")
axes.set(title="The last week", xlabel="hour", ylabel="rentals an hour")
axes.legend(frameon=False)

rows = "\n".join(f"| {name} | {value} |" for name, value in inputs["metrics"].items())
text = f"""# {title}

![When people ride](explore.png)

![The last week](forecast.png)

| measure | value |
| --- | --- |
{rows}
"""

folder = Path("../report")
folder.mkdir(exist_ok=True)
inputs["figure"].savefig(folder / "explore.png")
forecast.savefig(folder / "forecast.png")
(folder / "report.md").write_text(text)

print(f"report/report.md: {len(text)} characters and two figures")
orchest.output(forecast, name="forecast")
orchest.output(text, name="text")
