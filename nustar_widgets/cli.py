"""The command line: the main job without a browser.

Nothing heavy is imported before a command is chosen, so that ``--help`` answers at once.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from nustar_widgets.errors import NustarWidgetsError
from nustar_widgets.version import __version__

_FILE = click.Path(path_type=Path)

_out = click.option(
    "--out", type=_FILE, required=True, help="Folder to make; must not exist yet, or be empty."
)
_overwrite = click.option("--overwrite", is_flag=True, help="Replace the folder if it exists.")


def main() -> None:
    """Run the command line; errors the user can act on become one clear message."""
    try:
        group(standalone_mode=False)
    except NustarWidgetsError as error:
        click.secho(f"Error: {error}", err=True, fg="red")
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped; nothing was left behind.", err=True)
        sys.exit(130)


class _ListCommand(click.Command):
    """A command whose repeatable options also take a list: ``SRC.pha... --bkg A.pha B.pha``.

    Only where the files come first, so that it is plain which words belong to the option.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and not args[0].startswith("-"):
            args = self._repeated(args)
        return super().parse_args(ctx, args)

    def _repeated(self, args: list[str]) -> list[str]:
        """Write the option before each word of its list."""
        lists = {
            name
            for option in self.params
            if isinstance(option, click.Option) and option.multiple
            for name in option.opts
        }
        words, option, filled = [], "", False
        for word in args:
            if word.startswith("--"):
                option, filled = (word if word in lists else ""), False
            elif option and filled:
                words.append(option)
            elif option:
                filled = True
            words.append(word)
        return words


@click.group(name="nustar-widgets", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="nustar-widgets")
def group() -> None:
    """From NuSTAR event lists to a fitted spectrum, with the counts HEASoft would give."""


@group.command()
@_out
@_overwrite
def demo(out: Path, *, overwrite: bool) -> None:
    """Simulate an observation of SWIFT J2127.4+5654 and analyse it, both modules."""
    from nustar_widgets import analysis

    with _progress() as tell:
        outcome = analysis.demo(out, overwrite=overwrite, progress=tell)
    _tell_outcome(outcome)


@group.command(cls=_ListCommand)
@click.argument("events", nargs=-1, required=True, type=_FILE)
@_out
@_overwrite
@click.option("--src", type=_FILE, help="DS9 region file of the source. [default: suggested]")
@click.option("--bkg", type=_FILE, help="DS9 region file of the background. [default: suggested]")
@click.option("--radius", type=float, help="Radius of the suggested source circle [arcsec].")
@click.option(
    "--hk", multiple=True, type=_FILE, help="Housekeeping files nu*_fpm.hk; repeat, or list."
)
@click.option("--gti", type=_FILE, help="FITS file of good time intervals to keep.")
@click.option("--binsize", type=float, default=100.0, show_default=True, help="Light curve [s].")
@click.option(
    "--band", nargs=2, type=float, default=(3.0, 78.0), show_default=True,
    help="Light curve and image band [keV].",
)  # fmt: skip
@click.option("--rmf", multiple=True, type=_FILE, help="Response; one for both modules or two.")
@click.option("--arf", multiple=True, type=_FILE, help="Effective area of each module.")
@click.option("--model", help="XSPEC expression to fit. [default: constant*tbabs*powerlaw]")
@click.option("--no-fit", is_flag=True, help="Stop at the grouped spectrum.")
@click.option(
    "--as-heasoft", is_flag=True,
    help="Apply a region file as HEASoft does even where that is a trap.",
)  # fmt: skip
def run(
    events: tuple[Path, ...],
    *,
    out: Path,
    overwrite: bool,
    src: Path | None,
    bkg: Path | None,
    radius: float | None,
    hk: tuple[Path, ...],
    gti: Path | None,
    binsize: float,
    band: tuple[float, float],
    rmf: tuple[Path, ...],
    arf: tuple[Path, ...],
    model: str | None,
    no_fit: bool,
    as_heasoft: bool,
) -> None:
    """Extract spectra, light curves and images from cleaned event lists, and fit.

    EVENTS are cleaned event lists of one observation (nu*_cl.evt, plain or .gz), one a module.
    Regions are suggested where none are given. Responses are looked for beside the event lists,
    housekeeping in ../hk, as in the archive.
    """
    from nustar_widgets import analysis

    request = analysis.Request(
        events=events, out=out, overwrite=overwrite, source=src, background=bkg,
        radius_arcsec=radius, housekeeping=hk,
        gti=gti, bin_s=binsize, band_kev=band, rmf=rmf, arf=arf, expression=model,
        fit=not no_fit, as_heasoft=as_heasoft,
    )  # fmt: skip
    with _progress() as tell:
        outcome = analysis.run(request, progress=tell)
    _tell_outcome(outcome)


@group.command(cls=_ListCommand)
@click.argument("spectra", nargs=-1, required=True, type=_FILE)
@click.option(
    "--bkg",
    multiple=True,
    type=_FILE,
    help="Background of each spectrum, in order; repeat, or list.",
)
@click.option("--rmf", multiple=True, type=_FILE, help="Response: one for all, or one each.")
@click.option("--arf", multiple=True, type=_FILE, help="Effective area: one for all, or one each.")
@click.option("--model", required=True, help="XSPEC expression, as constant*tbabs*powerlaw.")
@click.option("--stat", type=click.Choice(["chi", "cstat", "pgstat"]), default="chi",
              show_default=True, help="Statistic; cstat with a background is W.")  # fmt: skip
@click.option("--notice", multiple=True, default=("3-79",), show_default=True,
              help="Energy range LO-HI [keV]; repeatable.")  # fmt: skip
@click.option("--freeze", multiple=True, metavar="NAME=VALUE",
              help="Fix a parameter, as TBabs.nH=0.04; repeatable.")  # fmt: skip
@click.option("--set", "start", multiple=True, metavar="NAME=VALUE",
              help="Start value of a free parameter; repeatable.")  # fmt: skip
@click.option("--error", is_flag=True, help="90 % ranges of the free parameters.")
@click.option("--json", "json_file", type=_FILE, required=True, help="File for the result.")
@_overwrite
def fit(
    spectra: tuple[Path, ...],
    *,
    bkg: tuple[Path, ...],
    rmf: tuple[Path, ...],
    arf: tuple[Path, ...],
    model: str,
    stat: str,
    notice: tuple[str, ...],
    freeze: tuple[str, ...],
    start: tuple[str, ...],
    error: bool,
    json_file: Path,
    overwrite: bool,
) -> None:
    """Fit spectra (SRC.pha...) with an XSPEC model expression, jointly."""
    from nustar_widgets import fitjob

    request = fitjob.Request(
        spectra=spectra, backgrounds=bkg, rmf=rmf, arf=arf, expression=model, statistic=stat,
        notice_kev=tuple(fitjob.energy_range(text) for text in notice),
        parameters=fitjob.parameter_choices(freeze=freeze, start=start),
        errors=error,
    )  # fmt: skip
    with _progress() as tell:
        result = fitjob.run(request, json_file, overwrite=overwrite, progress=tell)
    click.echo(fitjob.summary(result))
    click.echo(f"Result: {json_file}")


_port = click.option("--port", type=click.IntRange(1, 65535), help="Where the server listens.")
_no_browser = click.option("--no-browser", is_flag=True, help="Only tell the address.")


@group.command()
@click.argument("folder", required=False, type=_FILE)
@_port
@_no_browser
def lab(folder: Path | None, *, port: int | None, no_browser: bool) -> None:
    """Open JupyterLab in FOLDER, by default the present one, with a notebook to start from.

    A notebook nustar.ipynb that is there already stays as it is.
    """
    from nustar_widgets.app import serving

    serving.lab(folder, port=port, browser=not no_browser).become()


@group.command()
@click.argument("folder", required=False, type=_FILE)
@_port
@_no_browser
@click.option("--theme", type=click.Choice(["light", "dark"]), default="light", show_default=True)
def app(folder: Path | None, *, port: int | None, no_browser: bool, theme: str) -> None:
    """Open the application as a page of its own, by Voila; FOLDER is its work folder.

    By default that is "work" in the present folder. The session in it is continued.
    """
    from nustar_widgets.app import serving

    serving.page(folder, port=port, browser=not no_browser, theme=theme).become()


@group.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--strict", is_flag=True, help="End with status 1 if something HEASoft needs is missing."
)
@click.option("--offline", is_flag=True, help="Do not ask the servers of the archive.")
def doctor(*, as_json: bool, strict: bool, offline: bool) -> None:
    """Say what is here, what is missing, and which line mends it."""
    from nustar_widgets.diagnosis import doctor

    diagnosis = doctor(network=not offline)
    if as_json:
        click.echo(json.dumps(diagnosis.to_dict(), indent=2))
    else:
        click.echo("\n".join(diagnosis.summary()))
    if strict and not diagnosis.can_run_heasoft:
        sys.exit(1)


@contextmanager
def _progress() -> Iterator[Callable[[str], None]]:
    """Show which step is at work and for how long, on standard error."""
    with tqdm(bar_format="{desc} [{elapsed}]", leave=False) as bar:
        yield bar.set_description_str


def _tell_outcome(outcome: Any) -> None:
    for line in outcome.summary():
        click.echo(line)
    click.echo(f"Report: {outcome.report}")
