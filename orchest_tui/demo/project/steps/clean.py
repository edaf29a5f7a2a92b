"""Clean: drop what was sent twice or can't be true, and fill the gaps of the thermometer."""

import orchest

from features import plausible

rentals = orchest.get_inputs()["rentals"]

once = rentals.drop_duplicates("time")
clean = once[plausible(once)].reset_index(drop=True)
clean["temperature"] = clean["temperature"].interpolate(limit_direction="both")

print(f"{len(rentals) - len(once)} rows were there twice, {len(once) - len(clean)} can't be true; {len(clean):,} stay")
orchest.output(clean, name="clean")
