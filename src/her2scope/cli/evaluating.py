"""`her2scope evaluate`: its commands with options and help; the work is imported when one runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

CELLS_EXAMPLES = """\b
Examples:
  her2scope evaluate results --truth synthetic
  her2scope evaluate cells nuclei.csv --truth synthetic --pixel-size 0.212
"""
NUCLEI_EXAMPLES = """\b
Examples:
  her2scope evaluate nuclei
  her2scope evaluate nuclei my-fields --pixel-size 0.212 --detector linknet --detector my-weights/best.safetensors
  her2scope evaluate nuclei configs/training/shipped.toml --out card --json nuclei.json
  her2scope evaluate nuclei nuclei.csv --truth my-fields/points.csv --pixel-size 0.212
"""


class _CellsByDefault(TyperGroup):
    """Takes what is not a command's name for what `cells` evaluates."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        """Put `cells` in front unless a command or the help is asked for."""
        if args and args[0] not in self.commands and args[0] not in self.get_help_option_names(ctx):
            args = ["cells", *args]
        return super().parse_args(ctx, args)


evaluate_app = typer.Typer(
    cls=_CellsByDefault,
    help="Compare what was found with the truth. `evaluate TABLE ...` is short for `evaluate cells TABLE ...`.",
    epilog=CELLS_EXAMPLES,
    no_args_is_help=True,
)

Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Also write the numbers as JSON.")]


@evaluate_app.command(epilog=CELLS_EXAMPLES)
def cells(
    table: Annotated[
        Path,
        typer.Argument(
            metavar="TABLE", show_default=False, help="Results of score (folder or cells.csv) or of nuclei."
        ),
    ],
    truth: Annotated[
        list[Path],
        typer.Option(metavar="PATH", help="FIELD_truth.csv or a folder of them; may be given several times."),
    ],
    pixel_size: Annotated[
        float | None, typer.Option(metavar="UM", help="Side of a pixel in um; taken from case.json beside cells.csv.")
    ] = None,
    radius: Annotated[float, typer.Option(metavar="UM", help="Farthest that a nucleus may be from its truth.")] = 5.0,
    json: Json = None,
) -> None:
    """Compare a table of cells or nuclei with truth tables.

    Says precision, recall and F1 of the detection, and the confusion matrix and kappa of the cell classes.
    """
    from her2scope.cli.evaluate import EvaluateRequest, run

    raise typer.Exit(run(EvaluateRequest(table, tuple(truth), pixel_size, radius, json)))


@evaluate_app.command(epilog=NUCLEI_EXAMPLES)
def nuclei(
    sources: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="SOURCE",
            show_default=False,
            help="Folders of annotated pictures, a training's FILE.toml (its held-out images), or with --truth one "
            "table of nuclei or score. None: synthetic fields.",
        ),
    ] = None,
    truth: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="PATH", help="Marks of a table's images: FIELD_truth.csv, points.csv, STEM.geojson, or folders."
        ),
    ] = None,
    detector: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="linknet, rough, or a file of weights; several are compared side by side. Both, by default.",
        ),
    ] = None,
    weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Weights of linknet in place of the shipped ones.")
    ] = None,
    pixel_size: Annotated[
        float | None, typer.Option(metavar="UM", help="Side of a pixel in um, of folders and tables.")
    ] = None,
    stain: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="Stain profile: its thresholds bound measured classes.")
    ] = None,
    synthetic: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=0,
            show_default=False,
            help="Synthetic fields at each of 0.212 and 0.424 um/px; 20, or none where SOURCE is a folder or a table.",
        ),
    ] = None,
    json: Json = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder for nuclei.md (the tables) and pictures of failures; made if missing."
        ),
    ] = None,
) -> None:
    """Measure nucleus detectors: precision, recall and F1 at 5 um, and F1 against the match radius.

    Each for every source and stain class, with bootstrap intervals over images. The stain class is the case and the
    cell class in synthetic tissue, the drawn score in re-stained tissue, else the DAB measured at each nucleus.
    """
    from her2scope.cli.evaluate_nuclei import NucleiRequest, run

    request = NucleiRequest(
        tuple(sources or ()),
        tuple(truth or ()),
        tuple(detector or ()),
        weights,
        pixel_size,
        stain,
        synthetic,
        json,
        out,
    )
    raise typer.Exit(run(request))
