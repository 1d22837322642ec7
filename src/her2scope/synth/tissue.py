"""Synthetic HER2 fields: tissue grown from a seed, photographed, with its truth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from her2scope.base.errors import InputError
from her2scope.base.frame import check_pixel_um
from her2scope.base.geometry import MAX_SIDE_PX, MIN_SIDE_PX
from her2scope.synth.bodies import Bodies, fill_bodies
from her2scope.synth.cases import CASES, Recipe, find_recipe
from her2scope.synth.grid import Extent, Floats, PointsUm, Raster, Window, texture
from her2scope.synth.ground import Ground, cut_clefts, lay_ground
from her2scope.synth.mesh import Indices, Mesh, pack_cells
from her2scope.synth.nuclei import place_nuclei, tumour_nuclei
from her2scope.synth.optics import REALISTIC, SHARP, Optics, White, draw_vectors, photograph, transmit
from her2scope.synth.paint import Scene, paint
from her2scope.synth.staining import INTENSE, WEAK, Stain, draw_wishes, kinds, paint_stain, stain_levels
from her2scope.synth.stroma import free_of, grow_stroma
from her2scope.synth.truth import NearestStain, Rings, Truth, mean_od, read_classes, read_rings

__all__ = ["CASES", "REALISTIC", "SHARP", "Optics", "SyntheticField", "Truth", "render_case", "render_field"]

_FINEST_UM = 0.5  # coarser pixels are painted at half their size and averaged, as light is
_STRIP_PX = 2_000_000
_TRIES = 8
_NUCLEI_MISSED = 0.03  # share of cells whose nucleus the section misses


@dataclass(frozen=True)
class SyntheticField:
    """A rendered field of view.

    Parameters
    ----------
    rgb
        (H, W, 3) uint8.
    pixel_um
        Side of a pixel in um.
    truth
        Its tumour cells and other nuclei.
    glass_rgb
        Grey values of empty glass: the white reference of this camera, red, green, blue.
    """

    rgb: NDArray[np.uint8]
    pixel_um: float
    truth: Truth
    glass_rgb: White


def render_case(
    case: str,
    fields: int,
    seed: int,
    *,
    pixel_um: float,
    size_px: int | tuple[int, int],
    optics: Optics = REALISTIC,
) -> Iterator[SyntheticField]:
    """Render the fields of one case, each from a seed of its own.

    Parameters
    ----------
    case
        One of CASES or cases.RECIPES.
    fields
        How many.
    seed
        Not negative; the same seed and arguments give the same bytes.
    pixel_um, size_px, optics
        See `render_field`.

    Raises
    ------
    InputError
        When an argument is out of range; before the first field is rendered.
    """
    _check(seed, pixel_um, _shape(size_px))
    find_recipe(case)
    if fields < 1:
        raise InputError(f"{fields} fields cannot be rendered; ask for at least 1.")
    seeds = np.random.SeedSequence([seed, *case.encode()]).generate_state(fields, np.uint64)
    return (render_field(case, int(s), pixel_um=pixel_um, size_px=size_px, optics=optics) for s in seeds)


def render_field(
    case: str, seed: int, *, pixel_um: float, size_px: int | tuple[int, int], optics: Optics = REALISTIC
) -> SyntheticField:
    """Render one field of a case.

    Parameters
    ----------
    case
        One of CASES or cases.RECIPES.
    seed
        Not negative; the same seed and arguments give the same bytes. Fields of the same size in um show the same
        tissue at every pixel size.
    pixel_um
        Side of a pixel in um, 0.1 to 1.0.
    size_px
        Side of the image, or its height and width, 256 to 4096.
    optics
        What photographs it.

    Raises
    ------
    InputError
        When an argument is out of range.
    """
    height, width = _shape(size_px)
    _check(seed, pixel_um, (height, width))
    recipe = find_recipe(case)
    streams = iter(np.random.SeedSequence([seed, *case.encode()]).spawn(8))
    extent = Extent(width * pixel_um, height * pixel_um)
    scene, truth = _grow(recipe, extent, lambda: np.random.default_rng(next(streams)))
    camera = np.random.default_rng(next(streams))
    light = _illuminate(scene, Window(pixel_um, width, height), draw_vectors(camera, optics))
    rgb, glass = photograph(camera, light, pixel_um, optics)
    to_px = Window(pixel_um, width, height).to_px
    truth = replace(truth, xy_px=to_px(truth.xy_px), other_xy_px=to_px(truth.other_xy_px))
    return SyntheticField(rgb, pixel_um, truth, glass)


def _shape(size_px: int | tuple[int, int]) -> tuple[int, int]:
    return size_px if isinstance(size_px, tuple) else (size_px, size_px)


def _check(seed: int, pixel_um: float, shape: tuple[int, int]) -> None:
    check_pixel_um("synthetic field", pixel_um)
    if not all(MIN_SIDE_PX <= side <= MAX_SIDE_PX for side in shape):
        raise InputError(
            f"A synthetic field of {shape[1]} x {shape[0]} px cannot be rendered; "
            f"ask for {MIN_SIDE_PX} to {MAX_SIDE_PX} px a side."
        )
    if seed < 0:
        raise InputError(f"The seed {seed} is negative; give a whole number of 0 or more.")


def _grow(recipe: Recipe, extent: Extent, stream: Callable[[], np.random.Generator]) -> tuple[Scene, Truth]:
    """Grow a field from the ground up; the truth's points are still in um."""
    ground = lay_ground(stream(), extent)
    mesh = pack_cells(stream(), extent, ground)
    stain, nuclei_um = _stain(stream(), recipe, extent, mesh)
    rings = read_rings(mesh, stain.level)
    bodies = fill_bodies(stream(), recipe, extent, mesh, (stain, rings))
    rng = stream()
    air = _air(rng, extent, ground, bodies)
    free = replace(air, values=free_of(bodies.cover.values, air.values, air.spacing_um))
    stroma = grow_stroma(rng, extent, ground, free)
    rng = stream()
    cells = np.flatnonzero(mesh.tumour & (rng.random(len(mesh.tumour)) > _NUCLEI_MISSED))
    scene = Scene(
        mesh=mesh,
        stain=stain,
        bodies=bodies,
        stroma=stroma,
        air=air,
        nuclei=tumour_nuclei(rng, mesh, cells, nuclei_um[cells]),
        grain=texture(rng, 1.6),
        counterstain=float(rng.lognormal(0, 0.15)),
        nucleus_clears=float(rng.uniform(0.3, 0.7)),
    )
    seen = cells[extent.holds(nuclei_um[cells])]
    return scene, _truth(extent, scene, rings, seen, nuclei_um)


def _air(rng: np.random.Generator, extent: Extent, ground: Ground, bodies: Bodies) -> Raster:
    """What is empty once the cells are in: glass, lumina, fat, vessels, and clefts around nests."""
    cover = bodies.cover.values
    holes = cv2.resize(ground.air.values, cover.shape[::-1])
    air = np.maximum(holes, cut_clefts(rng, extent, cover)) * (1 - cover)
    return replace(bodies.cover, values=np.asarray(air, dtype=np.float32))


def _truth(extent: Extent, scene: Scene, rings: Rings, seen: Indices, nuclei_um: PointsUm) -> Truth:
    other = scene.stroma.nuclei[:, :2]
    share = rings.stained_um / np.maximum(rings.around_um, 1e-9)
    return Truth(
        xy_px=nuclei_um[seen],
        classes=_classes(scene.mesh, scene.stain, nuclei_um, seen),
        completeness=share[seen].astype(np.float32),
        membrane_od=mean_od(scene.mesh, scene.stain)[seen].astype(np.float32),
        other_xy_px=other[extent.holds(other)],
    )


def _stain(rng: np.random.Generator, recipe: Recipe, extent: Extent, mesh: Mesh) -> tuple[Stain, PointsUm]:
    """Stain the membranes until the recipe's aim is met, and lay the nuclei."""
    wishes = draw_wishes(rng, extent, mesh)
    seed = int(rng.integers(2**31))
    inside = mesh.tumour & extent.holds(mesh.centre_um)

    def trial(amount: float) -> tuple[float, Stain]:
        level = stain_levels(mesh, kinds(recipe, amount, wishes, mesh.tumour), wishes)
        stain = paint_stain(np.random.default_rng(seed), recipe, mesh, level, wishes.rank)
        classes = _classes(mesh, stain, mesh.centre_um, np.flatnonzero(inside))
        return float(np.isin(classes, recipe.aim_classes).mean()) if len(classes) else 0.0, stain

    stain = _bisect(trial, rng.uniform(*recipe.aim))
    return stain, place_nuclei(rng, mesh, stain, read_rings(mesh, stain.level))


def _bisect(trial: Callable[[float], tuple[float, Stain]], aim: float) -> Stain:
    """The staining, by amount, whose proportion comes nearest to the aim."""
    low, high = 0.0, 1.0
    tried = []
    for _ in range(_TRIES):
        amount = (low + high) / 2
        share, stain = trial(amount)
        tried.append((abs(share - aim), stain))
        low, high = (amount, high) if share < aim else (low, amount)
    return min(tried, key=lambda pair: pair[0])[1]


def _classes(mesh: Mesh, stain: Stain, nuclei_um: PointsUm, cells: Indices) -> NDArray[np.uint8]:
    """(K,) classes of some of the cells."""
    near = (NearestStain(mesh, stain, level).um(nuclei_um[cells]) for level in (WEAK, INTENSE))
    return read_classes(read_rings(mesh, stain.level), cells, *near)


def _illuminate(scene: Scene, window: Window, vectors: Floats) -> Floats:
    """(H, W, 3) float32 share of light that passes the tissue, pixel by pixel."""
    fold = 2 if window.pixel_um > _FINEST_UM else 1
    light = np.empty((*window.shape, 3), np.float32)
    rows = max(1, _STRIP_PX // (window.width_px * fold * fold))
    for top in range(0, window.height_px, rows):
        height = min(rows, window.height_px - top)
        strip = Window(window.pixel_um / fold, window.width_px * fold, height * fold, top * fold)
        passed = transmit(*paint(scene, strip), vectors)
        light[top : top + height] = cv2.resize(passed, (window.width_px, height), interpolation=cv2.INTER_AREA)
    return light
