"""The commands with their options and help; what they do is imported when they run, so that help is quick."""

from __future__ import annotations

import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import Annotated

import typer

from her2scope.base.errors import Her2ScopeError
from her2scope.cli.evaluating import evaluate_app
from her2scope.cli.say import complain, tell
from her2scope.cli.training import register as register_training
from her2scope.cli.warn import show_warning
from her2scope.cli.window import register as register_window

BUG = 70
"""Exit code of an error that is ours (EX_SOFTWARE of sysexits.h)."""

INTRODUCTION = """HER2Scope scores HER2 immunohistochemistry field by field. For research use only.

Examples, from nothing to a score:

\b
  her2scope demo --out demo
  her2scope score fields/ --pixel-size 0.212 --out results
  her2scope score a.png b.tif --control positive.png --out results

Images are PNG, JPEG or TIFF in colour, 256 to 4096 px a side. A problem with one of them is said on stderr, the others
are still done, and the exit code is 2. A field that the quality gate blocks is a result, with its reason (exit code 0).
"""

SCORE_EXAMPLES = """\b
Examples:
  her2scope score fields/ --pixel-size 0.212 --out results
  her2scope score '*.tif' --control positive.tif --roi tumour.geojson --out results
  her2scope score a.png --weak 0.1 --intense 0.6 --pixel-size 0.424 --out results
"""
NUCLEI_EXAMPLES = """\b
Example:
  her2scope nuclei fields/ --pixel-size 0.212 --out nuclei.csv
"""
ESTIMATE_EXAMPLES = """\b
Examples:
  her2scope stain estimate fields/ --glass empty.png --save 4b5-lab1
  her2scope stain estimate a.png --regions pure.geojson --save 4b5-lab1
"""
RENDER_EXAMPLES = """\b
Example:
  her2scope render --out synthetic --score 2+ --fields 5 --seed 7 --pixel-size 0.424 --size 1504
"""
DEMO_EXAMPLES = """\b
Example:
  her2scope demo --out demo
"""
BENCHMARK_EXAMPLES = """\b
Examples:
  her2scope benchmark --json speed.json
  her2scope benchmark --app --json app.json
"""

app = typer.Typer(
    help=INTRODUCTION,
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
stain_app = typer.Typer(help="Stain profiles of antibody and camera.", no_args_is_help=True)
app.add_typer(stain_app, name="stain")
app.add_typer(evaluate_app, name="evaluate")
register_window(app)
register_training(app)

Images = Annotated[
    list[str],
    typer.Argument(
        metavar="IMAGE",
        show_default=False,
        help="Files, folders or patterns such as 'fields/*.tif'; put -- before a name that begins with a dash.",
    ),
]
PixelSize = Annotated[
    float | None,
    typer.Option(
        metavar="UM",
        help="Side of a pixel in um; needed where a file states none; wins over one that does.",
    ),
]
OutFolder = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results; made when missing.")]
Stain = Annotated[str | None, typer.Option(metavar="NAME|FILE", help="Stain profile: a saved name or a TOML file.")]
Detector = Annotated[str, typer.Option(metavar="NAME", help="Nucleus detector: linknet, rough, or a file of weights.")]
Device = Annotated[
    str, typer.Option(metavar="NAME", help="Where to compute: auto (CUDA where it works, else the CPU), cpu or cuda.")
]
Json = Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Also write the numbers as JSON.")]
CASES = "0, 0+, 1+, 2+, 3+, control, '3+ heterogeneous' or '2+ unusual pattern'."
Seed = Annotated[int, typer.Option(metavar="S", help="Seed; the same seed gives the same tissue.")]


@app.command(epilog=SCORE_EXAMPLES)
def score(
    images: Images,
    out: OutFolder,
    pixel_size: PixelSize = None,
    guideline: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="Scoring guideline; breast ASCO/CAP by default.")
    ] = None,
    stain: Stain = None,
    control: Annotated[
        list[str] | None,
        typer.Option(metavar="IMAGE", help="Field of the positive control; may be given several times."),
    ] = None,
    roi: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="GeoJSON polygons in pixels, of kind include or exclude: which cells count."),
    ] = None,
    detector: Detector = "linknet",
    weak: Annotated[float | None, typer.Option(metavar="OD", help="Threshold of weak staining (DAB, base 10).")] = None,
    intense: Annotated[float | None, typer.Option(metavar="OD", help="Threshold of intense staining.")] = None,
    device: Device = "auto",
) -> None:
    """Classify tumour cells and score the case.

    Writes DIR/case.json, DIR/cells.csv and DIR/overlays/STEM.png.
    """
    from her2scope.cli.score import ScoreRequest, run
    from her2scope.cli.settings import Analysis

    analysis = Analysis(pixel_size, stain, detector, weak, intense, device)
    raise typer.Exit(run(ScoreRequest(tuple(images), out, analysis, guideline, tuple(control or ()), roi)))


@app.command(epilog=NUCLEI_EXAMPLES)
def nuclei(
    images: Images,
    out: Annotated[Path, typer.Option("--out", metavar="FILE.csv", help="Table to write.")],
    pixel_size: PixelSize = None,
    stain: Stain = None,
    detector: Detector = "linknet",
    device: Device = "auto",
) -> None:
    """Find tumour nuclei and write a table of them.

    Columns: image,x_px,y_px,score; x right and y down from the top-left corner, in the image's own pixels.
    """
    from her2scope.cli.nuclei import run
    from her2scope.cli.settings import Analysis

    raise typer.Exit(run(tuple(images), out, Analysis(pixel_size, stain, detector, device=device)))


@stain_app.command(epilog=ESTIMATE_EXAMPLES)
def estimate(
    images: Images,
    save: Annotated[str | None, typer.Option(metavar="NAME", help="Save the profile under this name.")] = None,
    regions: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help='GeoJSON polygons of kind "hematoxylin" and "dab", drawn on the only IMAGE.'),
    ] = None,
    glass: Annotated[
        Path | None, typer.Option(metavar="IMAGE", help="Picture of empty glass: the white reference.")
    ] = None,
    stain: Annotated[
        str | None, typer.Option(metavar="NAME|FILE", help="Profile to take thresholds and limits from.")
    ] = None,
) -> None:
    """Estimate a profile's stain vectors from images.

    Look at the numbers of hematoxylin and DAB before you save them.
    """
    from her2scope.cli.stain import EstimateRequest, run

    raise typer.Exit(run(EstimateRequest(tuple(images), save, regions, glass, stain)))


@app.command(epilog=RENDER_EXAMPLES)
def render(
    out: OutFolder,
    score: Annotated[str, typer.Option(metavar="SCORE", help=CASES)] = "3+",
    fields: Annotated[int, typer.Option(metavar="N", help="Number of fields.")] = 1,
    seed: Seed = 1,
    pixel_size: Annotated[float, typer.Option(metavar="UM", help="Side of a pixel in um.")] = 0.212,
    size: Annotated[int, typer.Option(metavar="PX", help="Side of the square fields in pixels.")] = 1504,
) -> None:
    """Render synthetic HER2 fields with their truth.

    Writes FIELD.png and FIELD_truth.csv (x_px,y_px,class,completeness) into DIR.
    """
    from her2scope.cli.render import RenderRequest, run

    raise typer.Exit(run(RenderRequest(out, score, fields, seed, pixel_size, size)))


@app.command(epilog=DEMO_EXAMPLES)
def demo(
    out: OutFolder,
    score: Annotated[str, typer.Option(metavar="SCORE", help=CASES)] = "3+",
    seed: Seed = 1,
) -> None:
    """Render a synthetic case and score it.

    Writes fields and a positive control under DIR, and beside them all that `score` writes.
    """
    from her2scope.cli.demo import run

    raise typer.Exit(run(out, score, seed))


@app.command(epilog=BENCHMARK_EXAMPLES)
def benchmark(
    json: Json = None,
    size: Annotated[int, typer.Option(metavar="PX", help="Side of the square field in pixels.")] = 3008,
    device: Device = "cpu",
    runs: Annotated[int, typer.Option(metavar="N", help="How often each field is analysed.")] = 20,
    in_a_row: Annotated[int, typer.Option(metavar="N", help="Fields in a row to watch the memory over.")] = 100,
    in_app: Annotated[
        bool, typer.Option("--app", help="Measure the application in its window: how quickly it answers.")
    ] = False,
    detector: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="linknet, rough, or a file of weights; both, and with --app linknet, if none."
        ),
    ] = None,
) -> None:
    """Measure speed and memory on this machine.

    Each stage at 40x and at 20x; takes minutes. With --app: live picture, presses and thresholds in the window, on the
    simulated microscope.
    """
    if in_app:
        from her2scope.cli.app_benchmark import AppRequest
        from her2scope.cli.app_benchmark import run as run_in_app

        raise typer.Exit(run_in_app(AppRequest(size, runs, detector or "linknet"), json))
    from her2scope.cli.benchmark import run
    from her2scope.evaluation.benchmark import DETECTORS, Plan

    detectors = DETECTORS if detector is None else (detector,)
    plan = Plan(size_px=size, device=device, runs=runs, fields_in_a_row=in_a_row, detectors=detectors)
    raise typer.Exit(run(plan, json))


@app.command()
def version() -> None:
    """Say the version."""
    from her2scope.cli.settings import software

    tell(software())


def main() -> None:
    """Run the command line: 0 done, 2 bad input, 130 interrupted, 70 a bug of ours."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a name may not fit the terminal
    warnings.showwarning = show_warning
    try:
        app()
    except Her2ScopeError as error:
        complain(error)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001  # the outermost: nobody else can tell the user
        complain(f"{type(error).__name__} is a bug of ours, not of your input; please report it with {_log(error)}.")
        sys.exit(BUG)


def _log(error: Exception) -> Path:
    """Write the traceback to a file of its own."""
    with tempfile.NamedTemporaryFile(
        "w", prefix="her2scope-bug-", suffix=".log", delete=False, encoding="utf-8", errors="backslashreplace"
    ) as file:
        traceback.print_exception(error, file=file)
    return Path(file.name)
