"""Train: a linear model by gradient descent, slow enough to watch."""

import numpy as np
import orchest

HOPELESS = 1e6  # a loss that does not come down from there any more


def show(epoch, epochs, loss):
    """Tell how far it is: a bar that redraws itself in the log, and a percentage beside the step."""
    done = epoch / epochs
    bar = "█" * int(30 * done)
    print(f"\rtraining {done:4.0%} |{bar:30}| {epoch}/{epochs}, loss {loss:.4f}", end="", flush=True)
    if hasattr(orchest, "progress"):  # Orchest's own SDK has no such thing; there the bar has to do
        orchest.progress(done, f"loss {loss:.4f}")


epochs = orchest.get_step_param("epochs", 4000)
rate = orchest.get_step_param("learning_rate", 0.02)
inputs, target = orchest.get_inputs()["training"]

weights = np.zeros(inputs.shape[1])
losses = np.empty(epochs)
for epoch in range(epochs):
    error = inputs @ weights - target
    losses[epoch] = np.mean(error**2)
    weights -= rate * (inputs.T @ error) / len(target)
    if not losses[epoch] < HOPELESS:
        raise SystemExit(f"\nThe loss went through the roof: learning_rate = {rate} is too high.")
    if epoch % 50 == 0:
        show(epoch, epochs, losses[epoch])
show(epochs, epochs, losses[-1])
print()

orchest.output({"weights": weights, "losses": losses}, name="model")
