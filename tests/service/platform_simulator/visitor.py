"""A browser without scripts: it keeps cookies, follows redirects, and sends forms that pages send by themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx


@dataclass
class Form:
    action: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    sends_itself: bool = False

    def with_field(self, name: str, value: str) -> Form:
        return Form(self.action, [*self.fields, (name, value)], self.sends_itself)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.choices: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            own = values.get("id") == "ltiAuthForm" or values.get("data-lti") == "send"
            self.found.append(Form(values.get("action", ""), [], own))
        elif tag == "input" and self.found:
            pair = (values.get("name", ""), values.get("value", ""))
            if values.get("type") == "hidden":
                self.found[-1].fields.append(pair)
            else:
                self.choices.append(pair)


def forms(text: str) -> list[Form]:
    parser = _Forms()
    parser.feed(text)
    return parser.found


class Visitor:
    """`client` is an `httpx` client, or one of Starlette's for an application that is not served."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def open(self, url: str) -> httpx.Response:
        """Open an address, and go on until a page waits for somebody."""
        return self._on(self._client.get(url, follow_redirects=True))

    def send(self, page: httpx.Response, form: Form) -> httpx.Response:
        """Send a form of a page, as a browser does: with the page's origin."""
        url = urljoin(str(page.url), form.action)
        from_ = f"{page.url.scheme}://{page.url.netloc.decode()}"
        data: dict[str, list[str]] = {}
        for name, value in form.fields:
            data.setdefault(name, []).append(value)
        return self._on(self._client.post(url, data=data, headers={"origin": from_}, follow_redirects=True))

    def _on(self, page: httpx.Response) -> httpx.Response:
        for _ in range(10):
            own = next((one for one in forms(page.text) if one.sends_itself), None)
            if own is None:
                return page
            page = self.send_once(page, own)
        raise AssertionError("forms without end")

    def send_once(self, page: httpx.Response, form: Form) -> httpx.Response:
        url = urljoin(str(page.url), form.action)
        from_ = f"{page.url.scheme}://{page.url.netloc.decode()}"
        return self._client.post(url, data=dict(form.fields), headers={"origin": from_}, follow_redirects=True)
