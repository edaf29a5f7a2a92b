"""Features: turn each hour into numbers, and keep the last weeks aside for the test."""

import numpy as np
import orchest

from features import design_matrix

clean = orchest.get_inputs()["clean"]
share = orchest.get_step_param("test_share", 0.2)

inputs, columns = design_matrix(clean)
target = np.log1p(clean["rentals"].to_numpy())
split = int(len(clean) * (1 - share))

print(f"{inputs.shape[1]} columns: {', '.join(columns)}")
print(f"{split:,} hours to learn from, {len(clean) - split:,} for the test")
orchest.output((inputs[:split], target[:split]), name="training")
orchest.output((inputs[split:], target[split:]), name="test")
