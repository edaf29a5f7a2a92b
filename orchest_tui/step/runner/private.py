"""The folder that the supervisor shares with its step's processes: report socket, inputs file, a kernel's sockets."""

from __future__ import annotations

import os

from .messages import encode_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from .messages import Run

PLACES = ("/tmp", "/dev/shm", "/var/tmp")  # noqa: S108  (a folder of mode 0700 with a random name is made in it)
LONGEST_PATH = 60
"""Longest folder in which socket paths still fit the 107 bytes that the kernel allows."""


class PrivateFolder:
    """A folder of mode 0700, made in the first place that allows it.

    Attributes:
        path: The folder, None until it could be made.
    """

    def __init__(self) -> None:
        self.path: str | None = None

    @property
    def socket(self) -> str:
        """Path of the report socket."""
        return os.path.join(self.path or "", "reports")

    @property
    def inputs(self) -> str:
        """Path of the file that ``ORCHEST_TUI_INPUTS`` names."""
        return os.path.join(self.path or "", "inputs.json")

    def make(self, further_places: Sequence[str | None]) -> None:
        """Make the folder unless it is there, in the system's usual places or else in one of ``further_places``."""
        name = "orchest-tui-" + os.urandom(6).hex()
        for place in (*PLACES, *further_places) if self.path is None else ():
            if place and len(os.fsencode(place)) <= LONGEST_PATH:
                try:
                    os.mkdir(os.path.join(place, name), 0o700)
                except OSError:
                    continue
                self.path = os.path.join(place, name)
                return

    def write_inputs(self, run: Run) -> None:
        """Write what ``run`` says about the step's inputs and where its outputs go, for the SDK."""
        if self.path is None:
            return
        told = {name: getattr(run, name) for name in ("inputs", "output_dir", "spill_dir", "recycle")}
        with open(self.inputs, "wb") as file:
            file.write(encode_object(told))

    def remove(self) -> None:
        """Remove the folder with the files in it; what can't be removed goes with the machine's temporary files."""
        if self.path is None:
            return
        try:
            for entry in os.listdir(self.path):
                os.unlink(os.path.join(self.path, entry))
            os.rmdir(self.path)
        except OSError:
            return
