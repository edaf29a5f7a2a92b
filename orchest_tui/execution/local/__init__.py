"""The local executor: steps as sandboxed processes of this machine, for where no container engine answers."""

from orchest_tui.execution.local.executor import LocalExecutor

__all__ = ["LocalExecutor"]
