"""A kernel and the cells that it is given, by jupyter_client and nbclient from the tools folder."""

from __future__ import annotations

import ast
import asyncio
import os
import signal
import sys
import tempfile
import time
from contextlib import suppress
from queue import Empty

from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from .entry import KERNEL
from .messages import Cell
from .notebook_file import (
    NotebookError,
    clear_outputs,
    is_skipped,
    language_of,
    read_notebook,
    save_notebook,
    scratch_notebook,
)
from .notebook_log import NotebookLog

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .child import Supervisor
    from .messages import Run

PYTHON = "python"
START_SECONDS = 120
"""How long a kernel may take until it answers."""

LAST_WORDS_BYTES = 20_000
"""How much of what a dead kernel wrote to its standard error goes into the log."""


WARM_UP_SOURCE = "print(end='')\n'' or None"


class KernelSpecs(KernelSpecManager):
    """Kernels by language: our own for Python, else whatever the environment has for it.

    Attributes:
        python_argv: How the Python kernel is started.
    """

    python_argv: Sequence[str] = ()

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        """Return the kernel for the language ``kernel_name``.

        Raises:
            NoSuchKernel: There is none.
        """
        if kernel_name in (PYTHON, NATIVE_KERNEL_NAME):
            return KernelSpec(argv=list(self.python_argv), display_name="Python", language=PYTHON)
        for name, found in sorted(self.get_all_specs().items()):
            if str(found["spec"].get("language", "")).lower() == kernel_name:
                return super().get_kernel_spec(name)
        raise NoSuchKernel(kernel_name)


class CellRunner(NotebookClient):
    """nbclient with its outputs shown in the log as they come.

    Attributes:
        step_log: Where they are shown.
    """

    step_log: NotebookLog | None = None

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Take a message of the kernel as nbclient does, and write its text to the log."""
        if self.step_log is not None:
            self.step_log.message(msg["msg_type"], msg["content"], cell.get("execution_count"))
        return super().process_message(msg, cell, cell_index)


class NotebookSession:
    """One kernel and one notebook.

    Attributes:
        imported: Modules that the kernel has imported early.

    Args:
        tools: Folder with ipykernel, empty where it is among the environment's packages.
        imports: Modules that a Python kernel imports early.
    """

    def __init__(self, tools: str, imports: Sequence[str]) -> None:
        socket_path = os.environ.get("ORCHEST_TUI_SOCKET")
        self._folder = os.path.dirname(socket_path) if socket_path else tempfile.mkdtemp(prefix="orchest-tui-")
        self._tools = tools
        self._imports = imports
        self._loop = asyncio.new_event_loop()
        self.imported: list[str] = []
        self._language = PYTHON
        self._manager: Any = None
        self._client: Any = None
        self._notebook: Any = None

    def start(self, language: str) -> str | None:
        """Start a kernel for ``language`` and wait until it answers; return what goes wrong, None if nothing."""
        return self._loop.run_until_complete(self._start(language))

    def open(self, path: str) -> str | None:
        """Read the notebook at ``path``, and start another kernel if it needs one; return what goes wrong."""
        try:
            self._notebook = read_notebook(path)
        except NotebookError as error:
            return str(error)
        language = language_of(self._notebook) or self._language
        if language != self._language or not self._loop.run_until_complete(self._manager.is_alive()):
            self.kill()
            return self.start(language)
        return None

    def execute(self, run: Run, supervisor: Supervisor) -> str | None:
        """Run all cells, telling ``supervisor`` of each; return why the notebook failed, None if it did not."""
        try:
            return self._loop.run_until_complete(self._execute(run, supervisor))
        except OSError as error:
            return f"file {run.file} can't be written: {error.strerror}"
        except (asyncio.TimeoutError, Empty):
            return "the kernel does not answer"

    def kill(self) -> None:
        """End the kernel at once."""
        if self._manager is not None and self._manager.provisioner is not None:
            pid = self._manager.provisioner.pid
            if pid:
                try:
                    os.killpg(pid, signal.SIGKILL)
                except ProcessLookupError:
                    return

    async def _start(self, language: str) -> str | None:
        self._language = language
        manager = AsyncKernelManager(kernel_name=language, kernel_spec_manager=KernelSpecs())
        manager.connection_file = self._path("kernel.json")
        if language == PYTHON:
            manager.transport, manager.ip = "ipc", self._path("kernel")
            manager.kernel_spec_manager.python_argv = self._python_argv()
        self._manager = manager
        try:
            output = os.open(self._path("kernel.log"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            await manager.start_kernel(env=dict(os.environ), stdout=output, stderr=output)
            os.close(output)
        except NoSuchKernel:
            return f"there is no kernel for {language} in this environment"
        except (OSError, RuntimeError) as error:
            return f"the kernel can't be started: {error}"
        self._client = manager.client()
        self._client.start_channels(stdin=False, hb=False)
        try:
            await self._client.wait_for_ready(timeout=START_SECONDS)
        except RuntimeError as error:
            return f"the kernel does not answer: {error} {self._last_words()}".rstrip()
        await self._warm_up()
        if language == PYTHON and self._imports:
            reply = await self._call_kernel("imported()", user_expression=True)
            self.imported = ast.literal_eval(reply["user_expressions"]["result"]["data"]["text/plain"])
        return None

    async def _warm_up(self) -> None:
        """Let a cell that leaves no trace go all the way: it loads what the notebook's first one would wait for."""
        notebook = scratch_notebook(WARM_UP_SOURCE if self._language == PYTHON else "1")
        runner = self._runner(notebook)
        with suppress(CellExecutionError, DeadKernelError):
            await runner.async_execute_cell(notebook.cells[0], 0, store_history=False)

    def _runner(self, notebook: Any) -> CellRunner:
        settings: dict[str, Any] = {
            "timeout": None,
            "store_widget_state": False,
            "record_timing": False,
            "resources": {},
        }
        runner = CellRunner(notebook, km=self._manager, **settings)
        runner.kc = self._client
        return runner

    def _python_argv(self) -> list[str]:
        runner = os.path.dirname(os.path.abspath(__file__))
        return [sys.executable, runner, KERNEL, "{connection_file}", self._tools, ",".join(self._imports)]

    async def _execute(self, run: Run, supervisor: Supervisor) -> str | None:
        notebook, log = self._notebook, NotebookLog(1)
        runner = self._runner(notebook)
        runner.step_log = log
        clear_outputs(notebook)
        save_notebook(notebook, run.file)
        await self._begin(run)
        count = len(notebook.cells)
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type != "code" or not cell.source.strip():
                continue
            if is_skipped(cell):
                supervisor.send(Cell(index=index, count=count, status="skipped"))
                continue
            supervisor.send(Cell(index=index, count=count, status="running"))
            begin = time.monotonic()
            problem = await self._execute_cell(runner, cell, index)
            save_notebook(notebook, run.file)
            log.end_cell()
            seconds = round(time.monotonic() - begin, 6)
            status = "ok" if problem is None else "error"
            supervisor.send(Cell(index=index, count=count, status=status, seconds=seconds))
            if problem is not None:
                return problem
        return None

    async def _execute_cell(self, runner: CellRunner, cell: Any, index: int) -> str | None:
        """Run one cell; return why it failed, None if it did not."""
        try:
            await runner.async_execute_cell(cell, index)
        except CellExecutionError as error:
            summary = f"{error.ename}: {error.evalue}".strip().splitlines()[0]
            return f"cell {index + 1} failed: {summary[:300]}"
        except DeadKernelError:
            os.write(2, self._last_words().encode("utf-8", "replace"))
            return f"the kernel died in cell {index + 1}"
        return None

    async def _begin(self, run: Run) -> None:
        """Tell a Python kernel what was not known when it started."""
        if self._language != PYTHON:
            return
        names = ("ORCHEST_TUI_SOCKET", "ORCHEST_TUI_INPUTS")
        environ = {name: os.environ[name] for name in names if name in os.environ}
        await self._call_kernel(f"begin({environ!r}, {list(run.roots)!r}, {run.touch!r})")

    async def _call_kernel(self, call: str, user_expression: bool = False) -> dict[str, Any]:
        """Call a function of ``kernel.py`` in the kernel and return the reply's content; the notebook sees nothing."""
        module = __name__.rpartition(".")[0] + ".kernel"
        code = f"__import__('sys').modules[{module!r}].{call}"
        request = {"code": "", "user_expressions": {"result": code}} if user_expression else {"code": code}
        reply = await self._client.execute(
            **request, silent=True, store_history=False, reply=True, timeout=START_SECONDS
        )
        content: dict[str, Any] = reply["content"]
        return content

    def _last_words(self) -> str:
        try:
            with open(self._path("kernel.log"), "rb") as file:
                return file.read()[-LAST_WORDS_BYTES:].decode("utf-8", "replace").strip()
        except OSError:
            return ""

    def _path(self, name: str) -> str:
        return os.path.join(self._folder, name)
