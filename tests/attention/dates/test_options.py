"""What may be asked for, and what is refused."""

from dataclasses import replace

import pytest

from probe.attention.dates import STYLES, DateOptions, DateTexts, forms_of
from probe.attention.dates.locales import all_locales
from probe.errors import UserError


@pytest.mark.parametrize(("options", "message"), [
    ({"locales": "en_UX"}, "no locale is called 'en_UX'; did you mean en_"),
    ({"locales": "fr_FF,en_US"}, "no locale is called 'fr_FF'; did you mean "),
    ({"locales": "../../etc/passwd"}, "no locale is called"),
    ({"locales": "klingon"}, "no locale is called 'klingon'"),
    ({"locales": "x" * 100_000}, "no locale is called"),
    ({"locales": ""}, "--locales must name at least one locale"),
    ({"locales": " , "}, "--locales must name at least one locale"),
    ({"styles": "meduim"}, "no style is called 'meduim'; did you mean 'medium'"),
    ({"styles": ","}, "--styles must name at least one style"),
    ({"cases": "capitals"}, "no letter case is called 'capitals'"),
    ({"cases": ""}, "--cases must name at least one letter case"),
    ({"first_year": 2030}, "--first-year must be at most --last-year, 2029; received 2030"),
    ({"first_year": 999}, "--first-year must be at least 1000"),
    ({"last_year": 10_000}, "--last-year must be at most 9999"),
    ({"no_date": 1.0}, "--no-date must be below 1"),
    ({"no_date": -0.1}, "--no-date must be at least 0"),
])
def test_what_is_refused(options, message):
    with pytest.raises(UserError) as caught:
        DateOptions(**options)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 600


def test_a_locale_without_any_of_the_styles_is_refused_by_name_alone():
    with pytest.raises(UserError, match="the locale de_DE has none of the styles ordinal_of"):
        forms_of(DateOptions(locales="en_US,de_DE", styles="ordinal_of"))
    found = forms_of(DateOptions(locales="all", styles="ordinal_of"))
    assert len({form.locale for form in found}) > 100
    assert {form.locale[:2] for form in found} == {"en"}


def test_names_are_taken_once_and_in_their_order():
    options = DateOptions(locales="fr_FR, en_US,fr-FR", styles="long,medium,long", cases="upper,written,upper")
    assert options.locale_names() == ("fr_FR", "en_US")
    assert options.style_names() == ("long", "medium")
    assert options.case_names() == ("upper", "written")


def test_all_is_all():
    options = DateOptions(locales="all", styles="all", cases="all")
    assert options.locale_names() == all_locales() and len(all_locales()) > 1000
    assert options.style_names() == tuple(STYLES)
    assert options.case_names() == ("written", "lower", "upper")


def test_all_locales_that_are_spelt_out_are_those_that_have_a_style():
    options = DateOptions(locales="all", styles="ordinal_of,mon_day_yy", cases="written")
    spelt = options.spelt_out()
    assert 100 < len(spelt.locale_names()) < len(all_locales()) and "all" not in spelt.locales
    one, other = ([(form.locale, form.style, form.weight) for form in forms_of(each)] for each in (options, spelt))
    assert one == other
    named = DateOptions(locales="de_DE", styles="ordinal_of")
    assert named.spelt_out() == replace(named, cases="written,lower,upper")


def test_other_names_of_a_locale_are_the_same_locale():
    assert DateOptions(locales="zh_CN,zh_Hans_CN").locale_names() == ("zh_CN",)
    assert DateOptions(locales="zh_Hans_CN,all").locale_names()[0] == "zh_Hans_CN"
    assert len(DateOptions(locales="zh_CN,all").locale_names()) == len(all_locales())
    assert {written.locale for written in DateTexts(DateOptions(locales="zh_CN")).draw("test", (0,), 5)} == {"zh_CN"}


@pytest.mark.parametrize("name", STYLES)
def test_every_style_says_what_it_is(name):
    style = STYLES[name]
    assert style.name == name and ": " in style.meaning and "\n" not in style.meaning
