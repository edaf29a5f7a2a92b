"""Reading YAML files with the line of every key; PyYAML is imported only when there is a file to read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orchest_tui.project.problems import Problems

if TYPE_CHECKING:
    import yaml


def read_mapping(path: Path, problems: Problems) -> list[tuple[int, str, Any]]:
    """Return line number, key and value of each entry of a YAML file that holds a mapping.

    Only what stands at the top is typed by YAML's rules. Below, keys and values are texts as written: there a ``no``
    is a name and a ``3.10`` a version, and YAML 1.1 would make them ``False`` and ``3.1``.

    Args:
        path: The file; one that is not there has no entries.
        problems: Receives what is wrong; texts of the file are not repeated, they may be secrets.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return []
    except OSError as error:
        problems.error("", f"can't be read: {error.strerror or error}", "Look at its permissions", code="unreadable")
        return []
    except UnicodeDecodeError as error:
        problems.error(f"byte {error.start}", "is not UTF-8", "Save it as UTF-8", code="bad-yaml")
        return []
    return list(_entries(text, problems))


def _entries(text: str, problems: Problems) -> Iterator[tuple[int, str, Any]]:
    import yaml

    loader: yaml.SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return
        if not isinstance(root, yaml.MappingNode):
            problems.error("line 1", "is not a YAML mapping", "Write lines as `key: value`", code="bad-yaml")
            return
        names: set[str] = set()
        nodes: set[int] = set()
        for key, value in root.value:
            line, name = key.start_mark.line + 1, _text(key)
            if name in names:
                what = f"the key {name} stands more than once, the last one counts"
                problems.warning(f"line {line}", what, "Take out all but one", code="duplicate-key")
            names.add(name)
            scalar = isinstance(value, yaml.ScalarNode)
            yield line, name, loader.construct_object(value) if scalar else _plain(value, nodes)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        what = f"is not YAML: {getattr(error, 'problem', None) or 'a character or tag is not allowed'}"
        problems.error(place, what, "Mend the text at this place", code="bad-yaml")
    except (RecursionError, ValueError):
        problems.error("", "holds a value that can't be read", "Write plain texts and numbers", code="bad-yaml")
    finally:
        loader.dispose()


def _text(node: yaml.Node) -> str:
    """Return the text of a scalar; what else may stand as a key has none."""
    return node.value if isinstance(node.value, str) else "?"


def _plain(node: yaml.Node, seen: set[int]) -> Any:
    """Return a node as mappings, lists and texts.

    Raises:
        ValueError: A collection is used twice by an alias; a few lines of those can stand for gigabytes.
    """
    import yaml

    if isinstance(node, yaml.ScalarNode):
        return node.value
    if id(node) in seen:
        raise ValueError("an alias of a collection")
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        return {_text(key): _plain(value, seen) for key, value in node.value}
    return [_plain(item, seen) for item in node.value]
