"""Evaluate: how well does the model foretell weeks that it has never seen?"""

import numpy as np
import orchest

inputs = orchest.get_inputs()
features, target = inputs["test"]
weights = inputs["model"]["weights"]

actual = np.expm1(target)
predicted = np.expm1(features @ weights)
error = predicted - actual
metrics = {
    "hours": len(actual),
    "mean absolute error": round(float(np.abs(error).mean()), 2),
    "root mean square error": round(float(np.sqrt((error**2).mean())), 2),
    "explained variance": round(float(1 - error.var() / actual.var()), 4),
}

for name, value in metrics.items():
    print(f"{name:24} {value:>10}")
orchest.output(metrics, name="metrics")
orchest.output(np.column_stack([actual, predicted]), name="predictions")
