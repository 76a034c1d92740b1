"""The page of findings: one offline HTML file, built from findings and nothing else."""

from probe.gallery.build import build_gallery
from probe.gallery.claims import overview
from probe.gallery.options import GalleryOptions

__all__ = ["GalleryOptions", "build_gallery", "overview"]
