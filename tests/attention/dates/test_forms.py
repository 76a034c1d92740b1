"""Written dates against Babel's own formatting."""

import datetime

import pytest
from babel import Locale
from babel.dates import format_date

from probe.attention.dates import PRESETS, STYLES, DateOptions, forms_of
from probe.attention.dates.casing import cased
from probe.attention.dates.pattern import pattern_of, tokens_of, with_two_digits, without_commas
from probe.attention.dates.piece import tokens_in

# Around New Year the year of the week is another.
DAYS = [datetime.date(2016, 11, 5), datetime.date(2021, 1, 1), datetime.date(1999, 12, 31), datetime.date(2008, 12, 29),
        datetime.date(1970, 7, 22)]
OTHERS = "fa_IR,th_TH,hi_IN,az_AZ,eu_ES,gez_ET,ka_GE,lt_LT,vi_VN,ko_KR,en_AU,sr_Latn_RS,ar_MA,mn_MN,ksh_DE,gd_GB,co"
LOCALES = f"{PRESETS['languages'].options.locales},{OTHERS}"


def numbers(date, first_year=1970):
    return date.year - first_year, date.month, date.day, date.weekday()


def forms(**options):
    return forms_of(DateOptions(**{"styles": "all", "locales": LOCALES, **options}))


@pytest.mark.parametrize("style", STYLES)
def test_babel_writes_every_date_alike(style):
    held = 0
    for form in forms(cases="written"):
        locale = Locale.parse(form.locale)
        if form.style == style:
            pattern = STYLES[style].pattern(locale)
            for date in DAYS:
                expected = format_date(date, pattern, locale)
                if STYLES[style].ordinal:
                    got, fields = form.text_and_fields(numbers(date))
                    [(start, stop)] = [(start, stop) for name, start, stop in fields if name == "day"]
                    assert got[:start] + str(date.day) + got[stop:] == expected
                else:
                    assert form.text(numbers(date)) == expected
                held += 1
    assert held


@pytest.mark.parametrize("style", ["short", "medium", "long", "full"])
def test_lengths_are_babels(style):
    for form in forms(cases="written", styles=style):
        for date in DAYS:
            assert form.text(numbers(date)) == format_date(date, style, form.locale)


def test_casing_a_text_is_casing_its_parts():
    written = {(form.locale, form.style): form for form in forms() if form.case == "written"}
    changed = 0
    for form in forms():
        for date in DAYS:
            whole = written[form.locale, form.style].text(numbers(date))
            assert form.text(numbers(date)) == cased(whole, form.case, Locale.parse(form.locale).language)
            changed += form.text(numbers(date)) != whole
    assert changed > 1000


@pytest.mark.parametrize(("text", "case", "language", "expected"), [
    ("Kasım", "upper", "tr", "KASIM"), ("İyun", "lower", "az", "iyun"), ("IYUL", "lower", "tr", "ıyul"),
    ("nisan", "upper", "tr", "NİSAN"), ("nisan", "upper", "en", "NISAN"),
    ("Ιουλίου", "upper", "el", "ΙΟΥΛΙΟΥ"), ("Μαΐου", "upper", "el", "ΜΑΪΟΥ"), ("ΜΑΪΟΣ", "lower", "el", "μαϊος"),
    ("dreißig", "upper", "de", "DREISSIG"), ("Nov", "written", "en", "Nov"), ("年", "upper", "ja", "年"),
])
def test_letter_cases_of_languages(text, case, language, expected):
    assert cased(text, case, language) == expected


@pytest.mark.parametrize(("locale", "style", "expected"), [
    ("en_GB", "ordinal", "1st 2nd 3rd 4th 11th 12th 13th 21st 22nd 23rd 30th 31st"),
    ("fr_FR", "ordinal", "1er 2 3 4 11 12 13 21 22 23 30 31"),
    ("it_IT", "ordinal", "1º 2 3 4 11 12 13 21 22 23 30 31"),
    ("pt_BR", "ordinal", "1º 2 3 4 11 12 13 21 22 23 30 31"),
    ("es_ES", "ordinal", "1.º 2 3 4 11 12 13 21 22 23 30 31"),
    ("nl_NL", "ordinal", "1e 2e 3e 4e 11e 12e 13e 21e 22e 23e 30e 31e"),
    ("sv_SE", "ordinal", "1:a 2:a 3:e 4:e 11:e 12:e 13:e 21:a 22:a 23:e 30:e 31:a"),
])
def test_ordinals(locale, style, expected):
    [form] = forms_of(DateOptions(locales=locale, styles=style, cases="written"))
    days = [1, 2, 3, 4, 11, 12, 13, 21, 22, 23, 30, 31]
    texts = [form.text(numbers(datetime.date(2016, 12, day))) for day in days]
    assert [text.split()[0] for text in texts] == expected.split()


@pytest.mark.parametrize(("text", "locale", "style", "case"), [
    ("5th November 2016", "en_GB", "ordinal", "written"),
    ("Nov 5, 16", "en_US", "medium_yy", "written"),
    ("Nov 5, 16", "en_GB", "mon_day_yy", "written"),
    ("5 de noviembre de 2016", "es_ES", "long", "written"),
    ("samedi 5 novembre 2016", "fr_FR", "full", "written"),
    ("Saturday 5 November 2016", "en_GB", "plain_full", "written"),
    ("SATURDAY 5TH NOVEMBER 2016", "en_GB", "plain_weekday_ordinal", "upper"),
    ("5 DE NOVIEMBRE DE 2016", "es_ES", "long", "upper"),
    ("2016年11月5日土曜日", "ja_JP", "full", "lower"),
])
def test_what_languages_can_write(text, locale, style, case):
    [form] = [form for form in forms_of(PRESETS["languages"].options)
              if (form.locale, form.style, form.case) == (locale, style, case)]
    assert form.text(numbers(datetime.date(2016, 11, 5))) == text


def test_the_year_is_never_that_of_the_week():
    for form in forms(cases="written"):
        tokens = tokens_in(STYLES[form.style], Locale.parse(form.locale))
        assert {token[0] for token in tokens if not isinstance(token, str)} <= set("yMLdEc")
        years = {piece.written[29] for piece in form.pieces if piece.field == "year"}
        assert years <= {"1999", "99"}


def test_an_era_is_written_as_babel_does():
    [form] = forms_of(DateOptions(locales="th_TH", styles="full", cases="written"))
    era = format_date(DAYS[0], "G", "th_TH")
    assert era in form.text(numbers(DAYS[0]))


def test_what_is_no_date_of_a_calendar_is_left_out():
    class Odd(type(STYLES["iso"])):
        def pattern(self, locale):
            return self.meaning

    for pattern in ("MM/Y", "d MMMM Y", "d MMMM", "c d MMMM y", "Q d M y", "w d M y", "d MMMM y (M)"):
        assert tokens_in(Odd("odd", pattern), Locale.parse("en_US")) is None
    assert tokens_in(Odd("odd", "d MMMM y"), Locale.parse("en_US")) is not None


def test_all_locales_can_be_written_and_their_weights_are_one():
    found = forms_of(DateOptions(locales="all", styles="medium,iso", cases="written"))
    assert len({form.locale for form in found}) > 1000
    assert sum(form.weight for form in found) == pytest.approx(1, abs=1e-9)
    for form in found:
        if form.style == "medium":
            assert form.text(numbers(DAYS[0])) == format_date(DAYS[0], "medium", form.locale)


def test_each_locale_weighs_the_same_and_in_it_each_style():
    found = forms()
    locales = {form.locale for form in found}
    for locale in locales:
        of_locale = [form for form in found if form.locale == locale]
        assert sum(form.weight for form in of_locale) == pytest.approx(1 / len(locales))
        assert len({round(form.weight, 12) for form in of_locale}) == 1


@pytest.mark.parametrize("pattern", ["d 'de' MMMM 'de' y", "y年M月d日", "d MMMM y 'г'.", "E, d 'o''clock' M y",
                                     "d''M''y", "EEEE, MMMM d, y"])
def test_patterns_are_put_together_as_they_were(pattern):
    again = pattern_of(tokens_of(pattern))
    for date in DAYS:
        assert format_date(date, again, "en_US") == format_date(date, pattern, "en_US")


def test_changes_of_patterns():
    assert with_two_digits("MMM d, y") == "MMM d, yy"
    assert with_two_digits("d 'y' M y") == "d 'y 'M yy"
    assert without_commas("EEEE, d MMMM y") == "EEEE d MMMM y"
    assert without_commas("EEEE، d MMMM y") == "EEEE d MMMM y"
    assert without_commas("EEEE d MMMM y") is None
    assert without_commas("d 'de' MMMM 'de' y") is None
