"""`her2scope train` and `her2scope annotate`: options and help; the work is imported when a command runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

TRAIN_EXAMPLES = """\b
Examples:
  her2scope train configs/training/finetune.toml --out my-weights
  her2scope score fields/ --detector my-weights/best.safetensors --out results
"""
ANNOTATE_EXAMPLES = """\b
Examples:
  her2scope annotate rough fields/ --pixel-size 0.212 --out marks.csv
  her2scope annotate rough fields/ --detector rough --out marks
"""

annotate_app = typer.Typer(help="Marks of nuclei, to be corrected and trained on.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Give an application the commands of this module."""
    app.command(epilog=TRAIN_EXAMPLES)(train)
    app.add_typer(annotate_app, name="annotate")


def train(
    settings: Annotated[
        Path, typer.Argument(metavar="FILE.toml", show_default=False, help="The training's settings and data.")
    ],
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for best.safetensors, curves.png and the checkpoint.")
    ],
) -> None:
    """Train the nucleus detector, or go on with the training that DIR holds.

    Writes DIR/best.safetensors after each better epoch, DIR/curves.png, and a checkpoint: a killed training goes on
    from its last whole epoch when the same command is given again.
    """
    from her2scope.cli.train import run

    raise typer.Exit(run(settings, out))


@annotate_app.command("rough", epilog=ANNOTATE_EXAMPLES)
def rough(
    images: Annotated[
        list[str], typer.Argument(metavar="IMAGE", show_default=False, help="Files, folders or patterns.")
    ],
    out: Annotated[
        Path,
        typer.Option("--out", metavar="FILE.csv|DIR", help="One table, or a folder of GeoJSON files (STEM.geojson)."),
    ],
    pixel_size: Annotated[
        float | None, typer.Option(metavar="UM", help="Side of a pixel in um; needed where a file does not state it.")
    ] = None,
    detector: Annotated[str, typer.Option(metavar="NAME", help="rough, or a trained one to start from.")] = "rough",
) -> None:
    """Mark nuclei roughly, to be corrected by hand: column or property "kind" is tumour, other, any or ignore."""
    from her2scope.cli.annotate import run

    raise typer.Exit(run(tuple(images), out, pixel_size, detector))
