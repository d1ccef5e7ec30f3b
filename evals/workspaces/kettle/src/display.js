/** Seconds as minutes and seconds. */
export function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${seconds % 60}`;
}

/** The temperature next to the kettle. */
export function temperature(celsius) {
  return `${celsius} °C`;
}

const LABELS = { ready: "Start", running: "Brewing", done: "Enjoy" };

/** What the button says. */
export function label(timer) {
  return LABELS[timer.phase];
}
