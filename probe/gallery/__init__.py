"""The page of findings: one offline HTML file, built from findings and nothing else."""

from probe.gallery.build import build_gallery
from probe.gallery.options import GalleryOptions
from probe.gallery.sentences import overview

__all__ = ["GalleryOptions", "build_gallery", "overview"]
