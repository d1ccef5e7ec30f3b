import assert from "node:assert/strict";
import { test } from "node:test";

import { brewing } from "../src/teas.js";

test("green tea is brewed cooler than black tea", () => {
  assert.ok(brewing("green").celsius < brewing("black").celsius);
});

test("a tea we do not sell has no brewing", () => {
  assert.throws(() => brewing("coffee"), RangeError);
});
