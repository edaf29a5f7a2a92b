"""Running one command of an environment's build: its output goes into the log as it comes, its end is checked."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchest_tui.errors import BuildError
from orchest_tui.execution.build_log import BuildLog
from orchest_tui.execution.local.process import ProcessId, kill_tree

_CHUNK_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Build:
    """One build of an environment.

    Attributes:
        name: The environment's display name.
        log: Receives everything that the build says.
    """

    name: str
    log: BuildLog

    async def run(self, argv: Sequence[str], environ: Mapping[str, str], what: str, mend: str) -> None:
        """Run a command to its end.

        Args:
            argv: The command.
            environ: Its whole environment.
            what: What it is, as the start of a sentence.
            mend: What the user can do when it fails.

        Raises:
            BuildError: It could not be started or its exit code is not 0.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                env=dict(environ),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,
            )
        except OSError as error:
            raise self.failure(f"{what} can't be started: {error.strerror}", mend) from error
        try:
            await self._copy(process)
            code = await process.wait()
        except BaseException:  # cancelled, or the log's disk is full: nothing may go on behind
            if (identity := ProcessId.of(process.pid)) is not None:
                kill_tree(identity)
            await process.wait()
            raise
        if code != 0:
            end = f"exit code {code}" if code > 0 else f"signal {-code}"
            raise self.failure(f"{what} ended with {end}", mend)

    def failure(self, what: str, mend: str) -> BuildError:
        """Return the error that says ``what`` went wrong with this build, with the build's last words."""
        words = "".join(f"\n  {line}" for line in self.log.tail)
        return BuildError(f"Environment {self.name!r}: {what}. The log is {self.log.path}.{words}\n", mend)

    async def _copy(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        while chunk := await process.stdout.read(_CHUNK_BYTES):
            self.log.write(chunk)
