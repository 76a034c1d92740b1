"""Execute the tutorials at full size and keep what they put out, each in a kernel and a folder of its own.

    python tutorials/run.py [NAME …]       all, or those whose names begin so: 1, 5-explaining
"""

import base64
import hashlib
import io
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image

HERE = Path(__file__).parent
COLOURS = 96
KERNEL = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
          "language_info": {"name": "python"}}


def digest(notebook: nbformat.NotebookNode) -> str:
    """Return the sha256 of a notebook's code, which is kept with the outputs that the code put out."""
    code = "\0".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return hashlib.sha256(code.encode("utf-8")).hexdigest()


def smaller(picture: str) -> str:
    """Return a picture (PNG in base64) in those of its colours that most of it has, a third of its bytes."""
    image, packed = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB"), io.BytesIO()
    most = sorted(image.getcolors(image.width * image.height), reverse=True)[:COLOURS]
    palette = Image.new("P", (1, 1))
    palette.putpalette([channel for _, colour in most for channel in colour])
    image.quantize(palette=palette, dither=Image.Dither.NONE).save(packed, "PNG", optimize=True)
    return base64.b64encode(packed.getvalue()).decode("ascii")


def execute(path: Path) -> None:
    """Execute a notebook from its first cell to its last and write it with its outputs; at an error it stays."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(notebook, timeout=None, record_timing=False, coalesce_streams=True,
                       resources={"metadata": {"path": folder}}).execute()
    for data in (output.data for cell in notebook.cells for output in cell.get("outputs", ()) if "data" in output):
        if "image/png" in data:
            data["image/png"] = smaller(data["image/png"])
    notebook.metadata = nbformat.from_dict({**KERNEL, "executed": digest(notebook)})
    nbformat.write(notebook, path)


if __name__ == "__main__":
    chosen = [path for path in sorted(HERE.glob("*.ipynb")) if path.name.startswith(tuple(sys.argv[1:]) or "")]
    if not chosen:
        sys.exit(f"no tutorial begins with {' or '.join(sys.argv[1:])}; there are "
                 f"{', '.join(path.stem for path in sorted(HERE.glob('*.ipynb')))}")
    for path in chosen:
        print(path.name, flush=True)
        execute(path)
