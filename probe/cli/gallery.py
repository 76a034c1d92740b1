"""Make one self-contained HTML file of a findings folder; it opens offline in any browser.

  probe gallery runs/alice/findings --out alice.html
"""

import argparse

from probe.cli.findings import findings_named
from probe.cli.flags import add_options, options_from
from probe.cli.telling import put
from probe.cli.texts import PAGE, check_files, path_named
from probe.gallery import GalleryOptions, build_gallery


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("findings", metavar="FINDINGS",
                        help="a findings folder, made by 'probe scan', or a run that holds one")
    parser.add_argument("--out", default="gallery.html", metavar="FILE", help="the page [gallery.html]")
    add_options(parser, GalleryOptions, "page", defaults=GalleryOptions())


def run(arguments: argparse.Namespace) -> None:
    check_files(arguments, out=PAGE)
    options = options_from(arguments, GalleryOptions())
    page = build_gallery(findings_named(arguments.findings), path_named(arguments.out), options)
    put(f"gallery: {page.resolve()}")
