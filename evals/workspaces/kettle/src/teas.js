/** How each kind of tea is brewed: degrees Celsius and seconds. */
const TEAS = {
  green: { celsius: 75, seconds: 90 },
  black: { celsius: 96, seconds: 210 },
  oolong: { celsius: 88, seconds: 150 },
};

/** The brewing of a kind of tea; throws a RangeError where we do not sell it. */
export function brewing(kind) {
  if (!Object.hasOwn(TEAS, kind)) {
    throw new RangeError(`no such tea: ${kind}`);
  }
  return TEAS[kind];
}
