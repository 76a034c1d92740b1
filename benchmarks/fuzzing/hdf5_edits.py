"""Changes to HDF5 files by the library itself: what its format can do to a reader that follows it."""

import zlib
from pathlib import Path
from random import Random

import h5py
import numpy as np

# What stands in the file beside the sample that nobody may read; a number that nothing else has.
SECRET = 4242.25


def edit_hdf5(path: Path, chance: Random, secret: Path) -> str:
    """Change a group, dataset or attribute of a file.

    Args:
        path: an HDF5 file.
        chance: draws what is changed.
        secret: an HDF5 file outside, with arrays of :data:`SECRET`.
    """
    with h5py.File(path, "r+") as file:
        groups, datasets = ["/"], []
        file.visititems(lambda name, each: (groups if isinstance(each, h5py.Group) else datasets).append(name))
        if not datasets or chance.random() < 0.25:
            holder = file[chance.choice(groups + datasets)]
            return _attribute(holder, chance)
        place = chance.choice(datasets)
        old = file[place]
        shape, dtype = old.shape, old.dtype
        values = old[()]
        if chance.random() < 0.15 and len(groups) > 1:
            return _group(file, chance.choice(groups[1:]), chance, secret)
        del file[place]
        change = chance.choice(CHANGES)
        told = change(file, place, shape, dtype, values, chance, secret)
    return f"{place}: {told or change.__name__.strip('_').replace('_', ' ')}"


def _soft_link(file, place, shape, dtype, values, chance, secret):
    file[place] = h5py.SoftLink(chance.choice(["/", place, "/nowhere", "..", "/" + place]))


def _external_link(file, place, shape, dtype, values, chance, secret):
    other = chance.choice([str(secret), "/etc/passwd", "../secret.h5", file.filename])
    file[place] = h5py.ExternalLink(other, "/secret")


def _external_numbers(file, place, shape, dtype, values, chance, secret):
    file.create_dataset(place, shape, dtype, external=[(str(secret), 0, max(1, values.nbytes))])


def _virtual(file, place, shape, dtype, values, chance, secret):
    layout = h5py.VirtualLayout(shape or (1,), dtype)
    layout[...] = h5py.VirtualSource(chance.choice([str(secret), "."]), "secret", shape or (1,))
    file.create_virtual_dataset(place, layout)


def _huge(file, place, shape, dtype, values, chance, secret):
    size = chance.choice([1 << 20, 1 << 40, 1 << 62])
    rank = max(1, len(shape))
    made = (size, *(shape[1:] if chance.random() < 0.7 else [1] * (rank - 1)))
    chunks = tuple(min(each, 64) or 1 for each in made)
    file.create_dataset(place, made, dtype, chunks=chunks, compression=chance.choice([None, "gzip"]))
    return f"declares {made}"


def _wide_chunks(file, place, shape, dtype, values, chance, secret):
    made = shape or (1,)
    file.create_dataset(place, made, dtype, chunks=(1 << 24, *[1] * (len(made) - 1)), maxshape=(None, *made[1:]))


def _bomb(file, place, shape, dtype, values, chance, secret):
    made = shape or (1,)
    dataset = file.create_dataset(place, made, dtype, chunks=made, compression="gzip")
    dataset.id.write_direct_chunk((0,) * len(made), zlib.compress(bytes(chance.choice([1, 1 << 10, 1 << 26]))))


def _references(file, place, shape, dtype, values, chance, secret):
    kind = chance.choice([h5py.ref_dtype, h5py.regionref_dtype])
    made = file.create_dataset(place, shape, kind)
    if shape and kind == h5py.ref_dtype:
        made[(0,) * len(shape)] = file.ref


def _other_dtype(file, place, shape, dtype, values, chance, secret):
    kind = chance.choice(["f2", "f8", ">f4", "i4", "u8", "c8", "?", "S8", [("a", "f4"), ("b", "i2")], "f16"])
    try:
        file.create_dataset(place, shape, np.dtype(kind))
    except TypeError:
        file[place] = "x"
    return f"is of {kind}"


def _strings(file, place, shape, dtype, values, chance, secret):
    file.create_dataset(place, data=np.full(shape or (1,), "x\0\x1b[2J" if chance.random() < 0.1 else "x", object),
                        dtype=h5py.string_dtype())


def _lists(file, place, shape, dtype, values, chance, secret):
    file.create_dataset(place, shape or (1,), h5py.vlen_dtype(np.float32))


def _other_shape(file, place, shape, dtype, values, chance, secret):
    made = chance.choice([shape[::-1], (*shape, 1), (1, *shape), shape[:-1], (), (0,), (*shape[:-1], shape[-1] + 1)
                          if shape else (2,)])
    file.create_dataset(place, made, dtype)
    return f"has the shape {made}"


def _nothing(file, place, shape, dtype, values, chance, secret):
    file.create_dataset(place, data=h5py.Empty(dtype))


def _numbers(file, place, shape, dtype, values, chance, secret):
    made = np.array(values, dtype)
    flat = made.reshape(-1)
    if len(flat) and made.dtype.kind in "fiu":
        number = chance.choice([np.nan, np.inf, -np.inf, 65504, 1e30, -1, 0] if made.dtype.kind == "f" else [0, 1, 100])
        flat[chance.randrange(len(flat))] = np.float16(number) if made.dtype == "f2" and abs(number) > 65504 else number
    file[place] = made
    return "has a strange number"


def _packed(file, place, shape, dtype, values, chance, secret):
    how = chance.choice([{"compression": "lzf"}, {"scaleoffset": 2}, {"compression": "gzip", "shuffle": True},
                         {"shuffle": True, "fletcher32": True}, {"fletcher32": True}])
    made = np.array(values, dtype) if shape else np.zeros((1,), dtype)
    file.create_dataset(place, data=made, chunks=True, **how)
    return f"is packed by {how}"


def _plugin(file, place, shape, dtype, values, chance, secret):
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    made = shape or (1,)
    creation.set_chunk(made)
    creation.set_filter(32_000 + chance.randint(0, 20), h5py.h5z.FLAG_OPTIONAL, ())
    h5py.h5d.create(file.id, place.encode(), h5py.h5t.py_create(dtype), h5py.h5s.create_simple(made), creation)


def _group_there(file, place, shape, dtype, values, chance, secret):
    file.create_group(place)


def _circle(file, place, shape, dtype, values, chance, secret):
    file[place] = file["/"]


def _gone(file, place, shape, dtype, values, chance, secret):
    return "is missing"


def _deep(file, place, shape, dtype, values, chance, secret):
    file.create_dataset(place + "/" + "g/" * chance.choice([10, 300]) + "x", data=np.zeros(3, np.float32))


def _many(file, place, shape, dtype, values, chance, secret):
    for number in range(3000):
        file[f"{place}/{number}"] = h5py.SoftLink("/")


def _type(file, place, shape, dtype, values, chance, secret):
    file[place] = np.dtype([("a", "f4")])


CHANGES = [_soft_link, _external_link, _external_numbers, _virtual, _huge, _wide_chunks, _bomb, _references,
           _other_dtype, _strings, _lists, _other_shape, _nothing, _numbers, _numbers, _packed, _plugin, _group_there,
           _circle, _gone, _deep, _many, _type]


def _group(file, place, chance, secret):
    """Let a group be another one, or a link."""
    del file[place]
    match chance.choice(["soft", "loop", "external", "root", "gone", "dataset"]):
        case "soft":
            file[place] = h5py.SoftLink("/")
        case "loop":
            file[place] = h5py.SoftLink("/" + place)
        case "external":
            file[place] = h5py.ExternalLink(str(secret), "/")
        case "root":
            file[place] = file["/"]
        case "dataset":
            file[place] = np.zeros(3, np.float32)
    return f"the group {place} is another"


def _attribute(holder, chance):
    """Change an attribute of a group or dataset, or add one."""
    names = list(holder.attrs) or ["x"]
    name = chance.choice([*names, chance.choice(["layer_names", "weight_names", "model_config", "x" * 200])])
    value = chance.choice([
        "", "x" * 70_00, b"\xff\xfe", "\x1b[2J\x00"[:4], 3, 1.5, np.zeros(8000), [b"a", b"a"], [b"../x"], [b""],
        np.array([["a"]], object), h5py.Empty("f4"), np.array([b"x" * 60] * 1000), ["é" * 100], "{", "[" * 3000, "null",
        '{"class_name": "Lambda", "config": {}}', '{"class_name": "Sequential", "config": []}', "gone", "again"])
    if isinstance(value, str) and value in ("gone", "again"):
        if name in holder.attrs:
            if value == "gone":
                del holder.attrs[name]
            else:
                holder.attrs[chance.choice(names)] = holder.attrs[name]
        return f"attribute {name[:20]} is {value}"
    kind = h5py.string_dtype() if isinstance(value, np.ndarray) and value.dtype == object else None
    if kind is not None:
        holder.attrs.create(name, value, dtype=kind)
    else:
        holder.attrs[name] = value
    return f"attribute {name[:20]} is {str(value)[:40]!r}"
