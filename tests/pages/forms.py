"""The forms of a page as a browser would send them, for tests that send something else."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import urljoin

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class PageForm:
    """One form: where it goes, what it would send untouched, and the buttons that send it."""

    action: str
    method: str
    fields: Pairs = field(default_factory=list)
    unsent: Pairs = field(default_factory=list)
    """Boxes and choices that are not ticked."""
    buttons: list[tuple[str, str, str]] = field(default_factory=list)
    """Where a button leads, its name and its value."""

    def ways(self) -> Iterator["PageForm"]:
        """The form once for each button, with what the button sends."""
        for action, name, value in self.buttons or [(self.action, "", "")]:
            sent = [*self.fields, (name, value)] if name else self.fields
            yield replace(self, action=action or self.action, fields=sent)

    def sent(self) -> dict[str, list[str]]:
        """What a browser would send."""
        together: dict[str, list[str]] = {}
        for name, value in self.fields:
            together.setdefault(name, []).append(value)
        return together


class _Reader(HTMLParser):
    def __init__(self, address: str):
        super().__init__(convert_charrefs=True)
        self.address, self.forms, self.stack = address, {}, []
        self.select: tuple[PageForm, str, bool] | None = None
        self.options: list[tuple[str, bool]] = []
        self.text: tuple[PageForm, str] | None = None
        self.written = ""

    def _of(self, known: dict[str, str | None]) -> PageForm | None:
        if named := known.get("form"):
            return self.forms.setdefault(named, PageForm("", "post"))
        return self.forms[self.stack[-1]] if self.stack else None

    def handle_starttag(self, tag, attrs):
        known = dict(attrs)
        if tag == "form":
            key = known.get("id") or f"form {len(self.forms)}"
            action = urljoin(self.address, known.get("action") or self.address)
            before = self.forms.get(key)
            self.forms[key] = replace(
                before or PageForm("", ""), action=action, method=(known.get("method") or "get").lower()
            )
            self.stack.append(key)
        form = self._of(known) if tag in ("input", "select", "textarea", "button") else None
        name = known.get("name") or ""
        if tag == "option" and self.select:
            self.options.append((known.get("value") or "", "selected" in known))
        if form is None or "disabled" in known:
            return
        if tag == "input":
            self._input(form, name, known)
        elif tag == "button" and known.get("type", "submit") == "submit":
            action = urljoin(self.address, known["formaction"]) if known.get("formaction") else ""
            form.buttons.append((action, name, known.get("value") or ""))
        elif tag == "select":
            self.select, self.options = (form, name, "multiple" in known), []
        elif tag == "textarea":
            self.text, self.written = (form, name), ""

    def _input(self, form, name, known):
        kind = (known.get("type") or "text").lower()
        if kind in ("submit", "image"):
            form.buttons.append((known.get("formaction") or "", name, known.get("value") or ""))
        elif name and kind in ("checkbox", "radio"):
            (form.fields if "checked" in known else form.unsent).append((name, known.get("value") or "on"))
        elif name:
            form.fields.append((name, known.get("value") or ""))

    def handle_data(self, data):
        if self.text:
            self.written += data

    def handle_endtag(self, tag):
        if tag == "form" and self.stack:
            self.stack.pop()
        elif tag == "select" and self.select:
            form, name, is_multiple = self.select
            chosen = [value for value, is_chosen in self.options if is_chosen]
            if not chosen and self.options and not is_multiple:
                chosen = [self.options[0][0]]
            form.fields.extend((name, value) for value in chosen)
            form.unsent.extend((name, value) for value, _chosen in self.options if value not in chosen)
            self.select = None
        elif tag == "textarea" and self.text:
            self.text[0].fields.append((self.text[1], self.written))
            self.text = None


def forms_of(page: str, address: str) -> list[PageForm]:
    """Every form of a page."""
    reader = _Reader(address)
    reader.feed(page)
    return [form for form in reader.forms.values() if form.action]
