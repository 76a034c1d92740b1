"""A browser to open the site in."""

from tests.gallery.conftest import browser as browser
