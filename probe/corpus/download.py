"""Downloading one file over a line that breaks: it goes on where it was cut, if the file is still the same."""

import contextlib
import re
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import requests
import urllib3
from tqdm import tqdm

from probe.errors import UserError
from probe.files import append_bytes, read_manifest, remove_files, replace_bytes, write_manifest

KIND, VERSION = "download in parts", 1
BLOCK = 1 << 16
CONNECT_SECONDS, READ_SECONDS = 10, 30
RETRIED = (408, 425, 429)


class Broken(Exception):
    """The line broke or the server stumbled: another attempt may succeed."""


class Refused(Exception):
    """This address does not give the file: another attempt would not either."""


@dataclass(frozen=True)
class State:
    """What is known of a file that is being downloaded.

    Attributes:
        address: where it comes from.
        validator: the server's mark of this version of the file (strong ETag or date), None if it gives none.
        total: its bytes, None if the server does not say.
    """

    address: str
    validator: str | None
    total: int | None


@dataclass(frozen=True)
class Download:
    """One file to download into ``path``, where a cut download stays until it is complete.

    Attributes:
        path: the file; its state is kept beside it.
        addresses: tried in this order.
        name: for messages and the progress bar.
        bytes: its size, None if unknown.
        largest: bytes after which it is given up.
        attempts: attempts at an address in a row that bring nothing new.
        pause: seconds before the second attempt, doubled for each further one.
    """

    path: Path
    addresses: Sequence[str]
    name: str
    bytes: int | None = None
    largest: int = 1 << 32
    attempts: int = 4
    pause: float = 1.0

    def run(self, progress: bool) -> str:
        """Download, and return the address that gave the file.

        Raises:
            UserError: no address gives it; the message tells why for each.
        """
        reasons = []
        with (
            requests.Session() as session,
            tqdm(desc=self.name, unit="B", unit_scale=True, disable=None if progress else True) as bar,
        ):
            session.headers.update({"Accept-Encoding": "identity", "User-Agent": "probe"})
            for address in self.addresses:
                try:
                    self._persist(session, address, bar)
                    return address
                except Refused as refusal:
                    reasons.append(f"{address}: {refusal}")
        raise UserError(f"{self.name}: cannot be downloaded: {'; '.join(reasons)}; "
                        "check the network, or give a text file of your own")

    def _persist(self, session: requests.Session, address: str, bar: Any) -> None:
        """Try ``address`` until it gave the whole file, or brought nothing new for too many attempts."""
        failures, most = 0, 0
        while True:
            try:
                return self._attempt(session, address, bar)
            except Broken as error:
                failures = 0 if self._size() > most else failures + 1
                most = max(most, self._size())
                if failures >= self.attempts:
                    raise Refused(str(error)) from error
                time.sleep(self.pause * 2 ** failures)

    def _attempt(self, session: requests.Session, address: str, bar: Any) -> None:
        state = self._state(address)
        have = self._size() if state.validator else 0
        if have and have == state.total:
            return
        asked = {"Range": f"bytes={have}-", "If-Range": state.validator} if have else {}
        try:
            with session.get(address, headers=asked, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS)) as response:
                self._receive(response, address, state, have, bar)
        except requests.RequestException as error:
            raise _meaning(error) from error

    def _receive(self, response: requests.Response, address: str, state: State, have: int,
                 bar: Any) -> None:
        """Append the body to the file, or begin it anew if it is not the part that was asked for."""
        status, headers = response.status_code, response.headers
        if status == 416 or (status == 206 and not _continues(response, state, have)):
            self.forget()
            raise Broken("the file changed on the server during the download")
        if status >= 500 or status in RETRIED:
            raise Broken(f"the server answers {status} {response.reason}")
        if status not in (200, 206):
            raise Refused(f"the server answers {status} {response.reason}")
        if headers.get("Content-Type", "").startswith("text/html"):
            raise Refused("the server sends a web page instead of the file (a network that asks to log in?)")
        if status == 200:
            have = 0
            encoded = "Content-Encoding" in headers
            total = int(headers["Content-Length"]) if "Content-Length" in headers and not encoded else None
            state = State(address, None if encoded else _validator(response), total)
            replace_bytes(self.path, b"")
            write_manifest(self._note, KIND, VERSION, asdict(state))
        self._check_size(state.total, complete=True)
        bar.total, bar.n = state.total, have
        bar.refresh()
        for block in response.iter_content(BLOCK):
            append_bytes(self.path, block)
            bar.update(len(block))
            self._check_size(self._size(), complete=False)
        if state.total is not None and self._size() < state.total:
            raise Broken(f"the connection was cut after {self._size():,} of {state.total:,} bytes")
        self._check_size(self._size(), complete=True)

    def _check_size(self, size: int | None, *, complete: bool) -> None:
        if size is None:
            return
        if self.bytes is not None and (size > self.bytes or (complete and size != self.bytes)):
            self.forget()
            raise Refused(f"the file has {size:,} bytes there, and {self.bytes:,} are expected")
        if size > self.largest:
            self.forget()
            raise Refused(f"the file is larger than {self.largest:,} bytes")

    @property
    def _note(self) -> Path:
        return self.path.with_name(self.path.name + ".json")

    def _state(self, address: str) -> State:
        """Return what was noted of a cut download from ``address``."""
        with contextlib.suppress(UserError, TypeError):
            state = State(**read_manifest(self._note, KIND, VERSION))
            if state.address == address:
                return state
        return State(address, None, None)

    def _size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def forget(self) -> None:
        """Remove what arrived and what was noted of it."""
        remove_files(self._note, self.path)


def _validator(response: requests.Response) -> str | None:
    """Return what names this version of the file: a weak ETag does not promise the same bytes."""
    etag = response.headers.get("ETag")
    if etag and not etag.startswith("W/"):
        return etag
    return response.headers.get("Last-Modified")


def _continues(response: requests.Response, state: State, have: int) -> bool:
    """Return whether a partial answer is the rest of the file that was begun."""
    match = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+|\*)", response.headers.get("Content-Range", ""))
    if match is None or int(match[1]) != have or _validator(response) not in (None, state.validator):
        return False
    return match[3] == "*" or state.total in (None, int(match[3]))


def _meaning(error: requests.RequestException) -> Broken | Refused:
    """Return what a failed request means, in words of one line."""
    cause = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(cause, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError):
        return Refused("the server cannot be reached (no network?)")
    if isinstance(error, requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return Refused(f"no secure connection or proxy ({type(error).__name__})")
    if isinstance(error, requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError):
        return Broken("the connection was cut or stood still")
    return Refused(f"not a working address ({type(error).__name__})")
