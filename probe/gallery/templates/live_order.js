// What embeds, overrides or isolates would set letters in another order than the caret walks through them. In the field,
// and so under it, a character of a private plane stands for each: it has a box to show and reorders nothing.
const ORDERING = /[\u202a-\u202e\u2066-\u2069]/g, STANDING = /[\u{f202a}-\u{f202e}\u{f2066}-\u{f2069}]/gu, PRIVATE = 0xf0000;
const tamed = text => text.replace(ORDERING, order => String.fromCodePoint(PRIVATE + order.codePointAt(0)));
const meant = text => text.replace(STANDING, stand => String.fromCodePoint(stand.codePointAt(0) - PRIVATE));

// Put the stand-ins into a field; its history of changes is lost only where there are some to put.
function tame(field) {
  const { value, selectionStart, selectionEnd } = field, wanted = tamed(value);
  if (wanted === value) return;
  field.value = wanted;
  field.setSelectionRange(...[selectionStart, selectionEnd].map(place => tamed(value.slice(0, place)).length));
}

// What is copied from the field is the text that is meant; what is cut is told.
function copyMeant(field, event, cut) {
  const chosen = field.value.slice(field.selectionStart, field.selectionEnd);
  if (meant(chosen) === chosen) return;
  event.preventDefault();
  event.clipboardData.setData("text/plain", meant(chosen));
  if (event.type !== "cut") return;
  field.setRangeText("");
  cut();
}
