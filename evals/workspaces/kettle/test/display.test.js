import assert from "node:assert/strict";
import { test } from "node:test";

import { clock, label, temperature } from "../src/display.js";
import { ready, start } from "../src/timer.js";

test("seconds are shown as minutes and seconds", () => {
  assert.equal(clock(90), "1:30");
});

test("the temperature has its unit", () => {
  assert.equal(temperature(75), "75 °C");
});

test("the button says what happens next", () => {
  assert.equal(label(ready(90)), "Start");
  assert.equal(label(start(ready(90))), "Brewing");
});
