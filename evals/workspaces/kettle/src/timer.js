/** A timer that has not begun. */
export function ready(seconds) {
  return { phase: "ready", left: seconds };
}

/** Begin; a timer that has begun stays as it is. */
export function start(timer) {
  return timer.phase === "ready" ? { ...timer, phase: "running" } : timer;
}

/** One second later. */
export function tick(timer) {
  if (timer.phase !== "running") {
    return timer;
  }
  const left = timer.left - 1;
  return { phase: left > 0 ? "running" : "done", left };
}
