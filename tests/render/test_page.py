"""Data for scripts and the policy of a page."""

import base64
import hashlib
import json
import re

from hypothesis import given
from hypothesis import strategies as st

from probe.render.page import render_page, script_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
HOSTILE = st.text(st.sampled_from("<!->/script&'\"\u2028\u2029\x00\u202e\ud800\ufeff\\u003c"), max_size=40)


@given(JSON | HOSTILE)
def test_script_json_is_the_same_value_without_anything_that_ends_a_script(value):
    text = script_json(value)
    assert json.loads(text) == value
    assert not set("<>&\u2028\u2029\x00\u202e\ufeff") & set(text)
    text.encode("utf-8")


def test_policy_allows_exactly_the_page_s_own_script_and_style():
    style, script = ".a{color:red}", "let a = 1 < 2;"
    page = render_page("page.html", style=style, script=script, data={"a": "</script>"}, title="<b>")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1].replace("&#39;", "'")
    for kind, content in (("style", style), ("script", script)):
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"<{kind}>{content}</{kind}>" in page
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "<title>&lt;b&gt;</title>" in page
    assert page.count("</script>") == 2
