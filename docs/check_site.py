"""Looks at the built site in a real browser: python docs/check_site.py.

Opens every page, on a phone (390 px wide) and wide, light and dark, and says what axe-core finds, what is
wider than the screen, and what would be asked of other hosts. `nox -s site` installs what it needs; the
browser is Chromium, with its driver.
"""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

WIDTHS = {"phone": (390, 844), "wide": (1440, 900)}
THEMES = ("light", "dark")
ASKED = re.compile(
    r'<(?:script|img|iframe|source|video|link)\b(?![^>]*rel="(?:canonical|next|prev|search|index)")'
    r'[^>]*?\b(?:src|href)="(?:https?:)?//[^"]+"|url\(["\']?(?:https?:)?//|@import'
)
"""What a browser fetches from somebody else when it opens a page; links to click on are none of that."""
FINDINGS = """
const [done] = [arguments[arguments.length - 1]];
const places = each => each.nodes.slice(0, 3).map(node => node.target.join(" ")).join("; ");
axe.run(document, {resultTypes: ["violations"]}).then(
  found => done(found.violations.map(each => `${each.id}: ${each.help}: ${places(each)}`)));
"""


def requests_in(folder: Path) -> Iterator[str]:
    """What pages and styles would fetch from other hosts."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".html", ".css"):
            for match in ASKED.finditer(path.read_text("utf-8")):
                yield f"{path.relative_to(folder)} asks another host: {match[0][:120]}"


def open_browser(width: int, height: int) -> Any:
    """Chromium without a window."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--hide-scrollbars", "--force-device-scale-factor=1"):
        options.add_argument(argument)
    options.add_experimental_option("mobileEmulation", {"deviceMetrics": {"width": width, "height": height}})
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    # With the driver named, selenium asks nobody where to find one.
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    browser.set_script_timeout(600)  # long pages take their time
    return browser


def findings(browser: Any, page: Path, theme: str, axe: str) -> Iterator[str]:
    """What is wrong with a page."""
    media = {"features": [{"name": "prefers-color-scheme", "value": theme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    browser.get(page.resolve().as_uri())
    too_wide = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
    if (excess := browser.execute_script(too_wide)) > 0:
        yield f"is {excess} px wider than the screen"
    browser.execute_script(axe)
    yield from browser.execute_async_script(FINDINGS)


def main() -> None:
    """Look, and end with status 1 where something was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--site", type=Path, default=Path("build/site/html"), help="the built site")
    parser.add_argument("--axe", type=Path, help="axe.min.js, as npm's axe-core has it")
    parser.add_argument("--pages", default="**/*.html", help="which pages, as a pattern")
    parser.add_argument("--pictures", type=Path, help="also save a picture of each page there")
    parser.add_argument("--smallest", action="store_true", help="look for requests alone, without a browser")
    options = parser.parse_args()
    told = list(requests_in(options.site))
    if not options.smallest:
        if options.axe is None or not (options.site / "index.html").is_file():
            parser.error("give --axe, and build the site first: nox -s docs")
        told += look(options.site, options.axe.read_text("utf-8"), options.pages, options.pictures)
    print("\n".join(told) or "Nothing was found.")
    raise SystemExit(bool(told))


def look(site: Path, axe: str, pattern: str, pictures: Path | None) -> list[str]:
    """What is found on the pages, in all widths and themes."""
    told = []
    for name, (width, height) in WIDTHS.items():
        browser = open_browser(width, height)
        for page in sorted(site.glob(pattern)):
            for theme in THEMES:
                where = f"{page.relative_to(site)} ({name}, {theme})"
                told += [f"{where}: {each}" for each in findings(browser, page, theme, axe)]
                if pictures is not None:
                    pictures.mkdir(parents=True, exist_ok=True)
                    browser.save_screenshot(str(pictures / f"{page.stem}-{name}-{theme}.png"))
        told += [f"gridworld.html ({name}): {each}" for each in broken_in_gridworld(browser, site)]
        browser.quit()
    return told


def broken_in_gridworld(browser: Any, site: Path) -> Iterator[str]:
    """What the gridworld does not do: be swept, be changed by keys and by clicks, run and stop."""
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.common.keys import Keys

    browser.get((site / "gridworld.html").resolve().as_uri())

    def told() -> str:
        return str(browser.find_element("id", "gridworld-told").text)

    canvas = browser.find_element("id", "gridworld-canvas")
    sweep, run = (browser.find_element("id", f"gridworld-{name}") for name in ("sweep", "run"))
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", sweep)
    for _ in range(12):
        sweep.click()
    if "is 0.31" not in told():  # 0.9 ** 11: twelve steps to the flag
        yield f"after twelve sweeps it says: {told()}"
    canvas.send_keys(Keys.ARROW_RIGHT, " ")
    if "column 2, row 6: pays -1" not in told():
        yield f"after two keys it says: {told()}"
    ActionChains(browser).move_to_element_with_offset(canvas, 9, 9).click().perform()
    if "column 5, row 4" not in told():
        yield f"after a click into its middle it says: {told()}"
    run.click()
    if run.text != "Stop":
        yield "it does not run"
    run.click()
    if "steps" not in told():
        yield "it does not stop"


if __name__ == "__main__":
    main()
