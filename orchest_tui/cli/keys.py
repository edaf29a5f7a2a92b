"""``keys``: the terminal app's commands with their keys, and a check of the user's keymap."""

from __future__ import annotations

from pathlib import Path

import click

from orchest_tui.cli.context import json_option, project_option


@click.command()
@project_option
@click.option("--check", "only_check", is_flag=True, help="Only tell what is wrong with the setting keymap.")
@json_option
def keys(project_dir: Path | None, only_check: bool, as_json: bool) -> int:
    """List the commands of the terminal app: keys in force, id, where they count.

    The exit code is 1 where the keymap has an unknown id, an unknown key or a clash.
    """
    from orchest_tui.cli.context import current_folder, warn
    from orchest_tui.cli.display import print_json, print_table
    from orchest_tui.commands import ALL
    from orchest_tui.commands.keymap import check_keymap, effective_keys, usable_keymap
    from orchest_tui.project.discovery import find_project
    from orchest_tui.project.settings import load_settings

    loaded = load_settings(find_project((project_dir or current_folder()).resolve()))
    keymap = loaded.settings.keymap
    problems = check_keymap(keymap, loaded.sources["keymap"])
    in_force = effective_keys(usable_keymap(keymap))
    if as_json:
        print_json(
            [
                {"id": each.id, "keys": in_force[each.id], "scopes": each.scopes, "title": each.title}
                for each in ALL
            ]
        )  # fmt: skip
    elif not only_check:
        rows = [[" ".join(in_force[each.id]), each.id, ", ".join(each.scopes), each.title] for each in ALL]
        print_table(["keys", "id", "where", "what"], rows)
    warn(problems)
    if only_check and not problems:
        click.echo("The keymap is fine.")
    return 1 if problems else 0
