"""Maps to look at: dates in several scripts, with attention and effects that are made up."""

import numpy as np

from probe.render.map_panel import MapPanel

HOSTILE = ("</script>", "<img src=x onerror=alert(1)>", "\"onmouseover='x'", "{{ 7*7 }}", "\u202e", "\x1b[31m",
           "\u2028", "-->", "&amp;", "\x00")
DATES = {"English": "Saturday 5 November 2016", "Hebrew": "יום שבת, 5 בנובמבר 2016", "mixed": "Sat 5 נובמבר 2016",
         "Arabic": "السبت، ٥ نوفمبر ٢٠١٦", "Persian": "شنبه ۵ نوامبر ۲۰۱۶ (ه‍.ش.)",
         "marks": "\u0665\u200f/\u0661\u0661\u200f/\u0662\u0660\u0661\u0666",
         "Japanese": "2016年11月5日", "Hindi": "शनिवार, 5 नवंबर 2016", "Thai": "5 พฤศจิกายน 2559"}


def panel_of(source, target="2016-11-05", heads=1, effects=False, probabilities=True, **fields) -> MapPanel:
    """A map whose rows sum to one and whose last input gets exactly nothing."""
    random = np.random.default_rng(len(source) + 31 * len(target) + heads)
    source, target = tuple(source), tuple(target)
    weights = random.random((heads, len(target), len(source))) ** 8
    weights[..., -1:] = 0
    weights /= weights.sum(axis=-1, keepdims=True)
    return MapPanel(source, target, weights, random.uniform(0.91, 1, len(target)) if probabilities else None,
                    random.normal(-0.5, 2, (len(target), len(source))) if effects else None, **fields)
