import assert from "node:assert/strict";
import { test } from "node:test";

import { ready, start, tick } from "../src/timer.js";

test("a timer waits until it is started", () => {
  assert.deepEqual(tick(ready(3)), { phase: "ready", left: 3 });
});

test("a started timer counts down", () => {
  assert.deepEqual(tick(start(ready(3))), { phase: "running", left: 2 });
});

test("the last second ends it", () => {
  assert.deepEqual(tick(start(ready(1))), { phase: "done", left: 0 });
});

test("starting twice changes nothing", () => {
  const running = tick(start(ready(3)));

  assert.equal(start(running), running);
});
