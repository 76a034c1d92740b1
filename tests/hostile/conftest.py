"""The browser of the gallery's tests."""

from tests.gallery.conftest import browser as browser
