const [MINUTE, HOUR, DAY] = [60, 3_600, 86_400];
const SECONDS = [2, 4, 10, 20, 30, 60, 2 * MINUTE, 4 * MINUTE, 10 * MINUTE, 20 * MINUTE, 30 * MINUTE, HOUR];
const HOURS = [2 * HOUR, 4 * HOUR, 6 * HOUR, 12 * HOUR, DAY];

/** Where an axis of counts ends: the next even figure of one digit and zeros, so that its half is round as well. */
export function roundCount(most: number): number {
  const size = 10 ** Math.floor(Math.log10(Math.max(most, 1)));
  const step = [2, 4, 6, 8, 10].find((each) => each * size >= most) ?? 10;
  return step * size;
}

/** The same of times: whole seconds, minutes, hours or days. */
export function roundDuration(most: number): number {
  return [...SECONDS, ...HOURS].find((each) => each >= most) ?? roundCount(most / DAY) * DAY;
}
