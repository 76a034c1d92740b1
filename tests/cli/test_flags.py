"""What flags make of what is written."""

from dataclasses import dataclass

import pytest

from probe.cli.checkpoints import checkpoint_named
from probe.cli.flags import Parser, add_options, one_of, options_from, whole
from probe.cli.main import main
from probe.errors import UserError
from probe.options import Options, option
from tests.gallery.single import small_findings


@dataclass(frozen=True)
class Sample(Options):
    count: int = option(3, "a count", minimum=1)
    share: float | None = option(None, "a share", below=1)
    name: str = option("", "a name")
    switch: bool = option(False, "a switch")


def parser() -> Parser:
    made = Parser(prog="probe sample")
    made.add_argument("word", metavar="WORD", nargs="?")
    made.add_argument("--place", type=whole, metavar="INT")
    made.add_argument("--colour", type=one_of("--colour", ("red", "blue")))
    made.add_argument("--out", metavar="FILE", action="append", default=[])
    made.add_argument("--names", default="")
    add_options(made, Sample, "options", defaults=Sample())
    return made


def test_what_is_meant_is_taken():
    given = parser().parse_args(["w", "--place", "-3", "--colour", "red", "--out", "a", "--out", "b", "--count=7",
                                 "--share", "1e-3", "--no-switch", "--names="])
    assert (given.word, given.place, given.colour, given.out, given.names) == ("w", -3, "red", ["a", "b"], "")
    assert options_from(given, Sample()) == Sample(7, 0.001, "", False)


def test_a_word_that_may_be_left_out_may_come_late():
    assert parser().parse_args(["--place", "3", "w"]).word == parser().parse_args(["w", "--place", "3"]).word == "w"
    made = Parser(prog="probe sample")
    made.add_argument("run")
    made.add_argument("text", nargs="?")
    made.add_argument("--unit")
    given = made.parse_args(["r", "--unit", "1:2", "t"])
    assert (given.run, given.unit, given.text) == ("r", "1:2", "t")
    for line, told in ((["r", "t", "--unit", "1:2", "u"], "unrecognized arguments: u;"),
                       (["r", "--units", "u"], r"unrecognized arguments: --units u; did you mean '--unit'\?"),
                       (["r", "--unit", "1:2", ""], "must have at least one character")):
        with pytest.raises(UserError, match=told):
            made.parse_args(line)


@pytest.mark.parametrize(("line", "told"), [
    (["--count", "0"], "--count must be at least 1; received 0"),
    (["--count", "9" * 25], "--count must be within ±9223372036854775807; received " + "9" * 25),
    (["--count", "٣"], "argument --count: invalid int value: '٣'; see 'probe sample --help'"),
    (["--count", "1_0"], "argument --count: invalid int value: '1_0'; see 'probe sample --help'"),
    (["--share", "1_0"], "argument --share: invalid float value: '1_0'; see 'probe sample --help'"),
    (["--share", "nan"], "--share must be a finite number; received nan"),
    (["--place", "٣"], "argument --place: invalid int value: '٣'; see 'probe sample --help'"),
    (["--place", "9" * 25], f"argument --place: invalid int value: '{'9' * 25}'; see 'probe sample --help'"),
    (["--colour", "pink"], "--colour must be one of red, blue; received 'pink'"),
    (["--name", ""], "--name must have at least one character; received none; see 'probe sample --help'"),
    ([""], "WORD must have at least one character; received none; see 'probe sample --help'"),
    (["--place=--"], "--place must have at least one character; received none; see 'probe sample --help'"),
    (["--out=--"], "--out must have at least one character; received none; see 'probe sample --help'"),
])
def test_what_is_not_is_told_before_the_command_begins(line, told):
    with pytest.raises(UserError) as caught:
        parser().parse_args(line)
    assert str(caught.value) == told


def test_a_checkpoint_is_a_step_or_a_name_however_many_digits():
    assert [checkpoint_named(name) for name in ("best", "0", "250", "٣", "-1")] == ["best", 0, 250, "٣", "-1"]
    assert checkpoint_named("9" * 5000) == "9" * 5000


@pytest.mark.parametrize("flags", [["--sort", "nothing"], ["--status", "lerned"], ["--pattern", "x"], ["--layer", "9"]])
def test_findings_write_no_table_where_another_flag_is_wrong(flags, tmp_path, capsys):
    small_findings().save(tmp_path / "findings")
    assert main(["findings", str(tmp_path / "findings"), "--csv", str(tmp_path / "all.csv"), *flags]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "all.csv").exists()
