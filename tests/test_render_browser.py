"""Does the page look as it should in a real browser? Debian's Chromium, driven by Playwright."""

import os
import re
import shutil

import pytest

from policyeval.explain.as_html import as_html
from tests.golden import explanations

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no browser is installed: apt-get install chromium"),
    # Chromium's pipes are closed when the interpreter collects them.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    options = [
        "--disable-background-networking",
        "--disable-gpu",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
    ]
    with playwright.sync_playwright() as running:
        opened = running.chromium.launch(executable_path=CHROMIUM, args=options)
        yield opened
        opened.close()


class Opened:
    """A page with everything that it did."""

    def __init__(self, page):
        self.page = page
        self.requests, self.console, self.dialogs = [], [], []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.console.append(message.text))
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))


@pytest.fixture
def show(browser, tmp_path):
    """Open the page of some denials."""
    contexts = []

    def shown(*names, scheme="light", width=1000):
        chosen = [one for one in explanations() if one.request.name in names]
        file = tmp_path / "page.html"
        file.write_text(as_html(chosen), encoding="utf-8")
        context = browser.new_context(
            color_scheme=scheme, viewport={"width": width, "height": 900}, offline=True
        )
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.goto(file.as_uri())
        opened.address = file.as_uri()
        return opened

    yield shown
    for context in contexts:
        context.close()


def style(locator, name):
    return locator.evaluate(f"found => getComputedStyle(found).{name}")


def is_red(color):
    red, green, blue = map(int, re.findall(r"\d+", color)[:3])
    return red > 150 and red > 1.3 * green and red > 1.3 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_stopping_station_is_red_and_the_rest_is_dashed(show, scheme):
    page = show("boundary names another bucket", scheme=scheme).page
    stopped = page.locator(".station.stopped")

    assert stopped.count() == 1
    assert stopped.is_visible()
    assert stopped.locator("text").first.text_content() == "Permissions boundary"
    assert is_red(style(stopped.locator("rect").first, "stroke"))
    assert style(page.locator(".station.unreached rect").first, "strokeDasharray") != "none"
    assert style(page.locator(".station.passed rect").first, "strokeDasharray") == "none"


def test_the_marked_line_and_the_diff_are_visible(show):
    page = show("boundary names another bucket").page

    assert page.locator("mark.bad").first.is_visible()
    assert page.locator("mark.bad").first.inner_text() == '"arn:aws:s3:::acme-data/*"'
    assert page.locator(".code .marked .number").first.inner_text() == "8"
    assert page.locator(".diff .removed").first.is_visible()
    assert "arn:aws:s3:::acme-logs/2026/11/a.json" in page.locator(".diff .added").first.inner_text()


def test_the_page_follows_the_colour_scheme(show):
    light = style(show("boundary denies").page.locator("body"), "backgroundColor")
    dark = style(show("boundary denies", scheme="dark").page.locator("body"), "backgroundColor")

    assert (light, dark) == ("rgb(255, 255, 255)", "rgb(15, 20, 25)")


def test_nothing_is_fetched_and_the_console_is_quiet(show):
    opened = show(*(one.request.name for one in explanations()))

    assert opened.requests == [opened.address]
    assert opened.console == []


def test_a_hostile_policy_stays_text(show):
    opened = show("hostile policy")
    text = opened.page.locator("body").inner_text()

    assert "</script><img src=x onerror=alert(1)>" in text
    assert '"><svg onload=alert(2)>' in text
    assert opened.page.locator("img, script, b").count() == 0
    assert opened.page.locator("svg").count() == 1
    assert opened.dialogs == []
    assert opened.console == []


def test_screen_readers_get_the_way_as_a_table(show):
    page = show("boundary names another bucket").page
    table = page.get_by_role("table", name="The way through AWS's evaluation")

    assert table.count() == 1
    assert "Permissions boundary stopped here not allowed" in " ".join(table.inner_text().split())
    assert page.get_by_role("img", name=re.compile("AWS's evaluation")).count() == 1


def test_the_table_of_contents_leads_to_the_request(show):
    page = show("boundary denies", "session policy denies").page

    page.get_by_role("link", name="session policy denies").click()

    assert page.evaluate("location.hash") == "#request-2"
    assert page.locator("#request-2").get_by_role("heading", level=2).is_visible()


@pytest.mark.parametrize("width", [320, 600, 1400])
def test_no_width_needs_sideways_scrolling(show, width):
    page = show(
        "boundary names another bucket", "hostile policy", "one of two queues is denied", width=width
    ).page

    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_prints_dark_on_white(show):
    page = show("boundary names another bucket", scheme="dark").page
    page.emulate_media(media="print")

    assert style(page.locator("body"), "backgroundColor") == "rgb(255, 255, 255)"
    assert page.pdf().startswith(b"%PDF")
