"""What a translator of dates makes of texts that people type and that no style writes, and whether it says so.

    python -m benchmarks.date_doubt                            # the translator that comes with probe
    python -m benchmarks.date_doubt --run runs/dates --all     # each wrong answer

Texts of held-out days are changed, each in one way; the last two kinds are written by hand. An answer is right if it is
the day that was meant, or, where two are, one of them, or none; where a text means no day, none is right. Sure is a
probability of at least 0.9. A remark is one that `probe dates translate` prints behind the answer.
"""

import argparse
import random
import re
from collections.abc import Callable, Iterator

from probe.attention import DateOptions, DateTexts, Translator
from probe.attention.translator.translation import Translation
from probe.render import table

HEADERS = ("texts", "of them", "right", "no date", "wrong", "wrong and sure", "without a remark")
Meant = list[tuple[str, frozenset[str]]]

NO_DATE = """tomorrow|yesterday|next Friday|in two weeks|last year|the day after tomorrow|Easter 2016|Labor Day 2016
New Year's Eve 2016|2 days ago|Q3 2016|week 45 2016|2016-W45|autumn 2016|H2 2016|mid November 2016|end of 2016|FY2016
November 2016|11/2016|2016-11|2016|5 November|Nov 5|05/11|11/5|5. november|5 novembre|11月5日|555-1234|+1 555 123 4567
020 7946 0958|+44 20 7946 0958|0049 30 123456|555.123.4567|06 12 34 56 78|1-800-555-0199|192.168.1.1|10.0.0.1|3.14159
$12.99|1,234,567|12/34/5678|99/99/9999|0/0/0|00/00/0000|ISBN 978-3-16-148410-0|10:30|10:30:15|1234567890|Boeing 747
31/02/2016|30 February 2016|29 February 2015|31 April 2016|31 November 2016|2015-02-29|32 January 2016|0 May 2016
13/13/2016|2016-13-05|2016-00-10|Feb 30, 2016|31 sept 2016|Sunday 31 April 2016|2016-06-31|29.02.2015|5 apples
May|I may go|April Smith|See you on Monday|Windows 95|Area 51|Catch-22|Blade Runner 2049|2001: A Space Odyssey|9/11|24/7
Page 5 of 2016|chapter 5 verse 16|Louis XIV|Euro 2016|Tokyo 2020|5 Mayo Street 2016|10 Downing Street|12 monkeys 1995
Volume 3, 2016|decimal 5 2016|Mars 2016|Augustus 14|1 de|sun 5|lorem ipsum dolor|???|N/A|SELECT 5 FROM dates|😀"""
# Of the fifth of November 2016.
OTHERWISE = """2016/11/05|2016.11.05|2016 11 05|20161105|5-Nov-2016|05-Nov-16|5/Nov/2016|Nov-5-2016|5november2016
5. XI 2016|5.XI.2016|5 XI 16|5 Nov '16|the 5th of November, 2016|Nov 5 th 2016|5 November, 2016|London, 5 November 2016
Date: 5 November 2016|(5 November 2016)|"5 November 2016"|5  November  2016|Paris, le 5 novembre 2016
２０１６年１１月５日|٥ نوفمبر ٢٠١٦|平成28年11月5日|5 листопада 2016|5. studenoga 2016
5 Noiembrie 2016|2016년 11월 5일|5 nóvember 2016
ngày 5 tháng 11 năm 2016|5 Novmber 2016|5 Nobember 2016|Satruday 5 November 2016|5 Novembr 2016|Nvoember 5, 2016"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", help="a run, or the folder of a translator [the one that comes with probe]")
    parser.add_argument("--texts", type=int, default=500, help="of each kind that is made")
    parser.add_argument("--all", action="store_true", help="print each wrong answer")
    arguments = parser.parse_args()
    translator = Translator.open(arguments.run)
    rows, wrong = [], []
    for name, meant in kinds(translator.dates, arguments.texts):
        said = translator.translate([text for text, _ in meant])
        rows.append(row(name, said, [days for _, days in meant]))
        wrong += [(name, each.text, str(each)) for each, (_, days) in zip(said, meant, strict=True)
                  if each.date and each.output not in days]
    print(table(HEADERS, rows))
    if arguments.all:
        print(table(("texts", "text", "answer"), wrong))


def row(name: str, said: list[Translation], days: list[frozenset[str]]) -> tuple[object, ...]:
    """Shares of the texts of a kind: right, refused, wrong as another day, and that surely and in silence."""
    wrong = [each for each, right in zip(said, days, strict=True) if each.date and each.output not in right]
    sure = [each for each in wrong if each.probability >= 0.9]
    right = sum((each.output if each.date else "") in right for each, right in zip(said, days, strict=True))
    silent = sum(not each.remarks for each in sure)
    counts = right, sum(each.date is None for each in said), len(wrong), len(sure), silent
    return (name, len(said), *(f"{count / len(said):.1%}" for count in counts))


def kinds(dates: DateOptions, count: int) -> Iterator[tuple[str, Meant]]:
    """Yield each kind of texts by its name; each text with the days that may be answered, ``""`` where none may."""
    drawn = [text for text in DateTexts(dates).draw("test", (0,), 4 * count)
             if str(text.date.year) in re.findall(r"\d+", text.text)][:2 * count]  # a year of two digits is anybody's
    texts, others = drawn[:count], drawn[count:]
    rng = random.Random(0)
    yield "as they are learnt", [(text.text, frozenset({text.iso})) for text in texts]
    for name, change in CHANGES.items():
        changed = [(change(text.text, rng), frozenset({text.iso})) for text in texts]
        yield name, changed
    for sign, name in ((" - ", "two dates as a range"), (", ", "two dates with a comma")):
        yield name, [(f"{one.text}{sign}{other.text}", frozenset({one.iso, other.iso, ""}))
                     for one, other in zip(texts, others, strict=False)]
    for name, first, last in (("years before those learnt", dates.first_year - 170, dates.first_year - 1),
                              ("years after those learnt", dates.last_year + 1, dates.last_year + 70)):
        yield name, [(text.text.replace(str(text.date.year), str(year)), frozenset({f"{year}{text.iso[4:]}", ""}))
                     for text in texts for year in (rng.randint(first, last),)]
    yield "no date, by hand", [(text, frozenset({""})) for text in re.split(r"[|\n]", NO_DATE)]
    yield "a date otherwise, by hand", [(text, frozenset({"2016-11-05"})) for text in re.split(r"[|\n]", OTHERWISE)]


def mistyped(text: str, rng: random.Random) -> str:
    """Return a text with a letter left out, doubled, or before its neighbour; numbers stay, since they mean days."""
    places = [place for place, sign in enumerate(text) if sign.isalpha() and text[place + 1:place + 2].isalpha()]
    if not places:
        return text
    place, manner = rng.choice(places), rng.randrange(3)
    pair = text[place:place + 2]
    return text[:place] + (pair[1], pair[0] + pair, pair[::-1])[manner] + text[place + 2:]


CHANGES: dict[str, Callable[[str, random.Random], str]] = {
    "a letter mistyped": mistyped,
    "a time of day behind": lambda text, rng: f"{text} {rng.randrange(24):02d}:{rng.randrange(60):02d}",
    "words in front": lambda text, rng: rng.choice(("on ", "due ", "London, ", "published: ")) + text,
    "a full stop behind": lambda text, rng: f"{text}.",
}


if __name__ == "__main__":
    main()
