"""The field in which a price is typed, in a browser."""

from playwright.sync_api import Browser

from tests.journeys.conftest import Installation, sign_in, walking

# By how many pixels the ink of the digits goes beyond the line of the field, which cuts off what does.
CUT_OFF = """(field) => {
  const style = getComputedStyle(field), pen = document.createElement("canvas").getContext("2d");
  pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const ink = pen.measureText("၀၁၂၃၄၅၆၇၈၉");
  const font = ink.fontBoundingBoxAscent + ink.fontBoundingBoxDescent;
  const line = Math.max(parseFloat(style.lineHeight) || 0, font), above = (line - font) / 2;
  return Math.max(ink.actualBoundingBoxDescent - ink.fontBoundingBoxDescent - above,
                  ink.actualBoundingBoxAscent - ink.fontBoundingBoxAscent - above);
}"""


class TestThePriceField:
    def test_shows_the_tails_of_burmese_digits(self, demo: Installation, chromium: Browser) -> None:
        with walking(chromium, demo.address) as walk:
            sign_in(walk, role="contributor")
            page = walk.go("/prices/submit/")

            assert page.locator("[name=price]").evaluate(CUT_OFF) <= 0.5
