"""Graphs for property tests."""

from hypothesis import strategies as st

STEPS = [f"s{number}" for number in range(9)]


@st.composite
def dags(draw):
    """A graph without cycles whose keys stand in any order; parents may repeat and may be missing from the keys."""
    names = draw(st.permutations(STEPS))
    count = draw(st.integers(0, len(names)))
    parents = {
        step: draw(st.lists(st.sampled_from([*names[:index], "elsewhere"]), max_size=4))
        for index, step in enumerate(names[:count])
    }
    return {step: parents[step] for step in draw(st.permutations(sorted(parents)))}


@st.composite
def graphs(draw):
    """Any graph, cycles and self-connections among them."""
    names = draw(st.permutations(STEPS))[: draw(st.integers(0, len(STEPS)))]
    return {step: draw(st.lists(st.sampled_from(STEPS), max_size=3)) for step in names}
