"""The exceptions of the SDK; all of them are ``Error``s."""

from __future__ import annotations


class Error(Exception):
    """Base of all exceptions of the SDK."""


class PipelineDefinitionNotFoundError(Error):
    """The pipeline's definition can't be read where it should be."""


class SerializationError(Error):
    """A value can't be turned into bytes."""


class DeserializationError(Error):
    """The bytes of an output can't be turned into a value again."""


class ObjectNotFoundError(Error):
    """An object is not in the store."""


class OutputNotFoundError(Error):
    """A step that should have handed something over has not, or it is gone."""


class DiskOutputNotFoundError(OutputNotFoundError):
    """There is no output on disk."""


class MemoryOutputNotFoundError(OutputNotFoundError):
    """There is no output in memory."""


class OrchestNetworkError(Error):
    """Nobody answers who should take or give an output."""


class StepUUIDResolveError(Error):
    """It is not clear which step of the pipeline the code runs as."""


class InputNameCollisionError(Error):
    """Several incoming steps hand over outputs of the same name."""


class DataInvalidNameError(Error):
    """An output can't have this name."""


class ServiceNotFound(Error):  # noqa: N818 - the name is part of Orchest's interface
    """The pipeline has no service of this name."""


class InvalidMetaDataError(Error):
    """What describes an output on disk can't be understood."""

    def __init__(self, *messages: object) -> None:
        help_text = "Run the step again that made this output: its description will be written anew."
        super().__init__(*messages, help_text)

    def __str__(self) -> str:
        """Return the message and what to do."""
        return " ".join(str(message) for message in self.args)


class UnrecognizedSessionType(Error):  # noqa: N818 - the name is part of Orchest's interface
    """The session is neither interactive nor noninteractive."""


class SessionNotFound(Error):  # noqa: N818 - the name is part of Orchest's interface
    """There is no session for this pipeline."""
