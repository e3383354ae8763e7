import { useStore } from "@nanostores/react";
import { atom, onMount } from "nanostores";

const SECOND = 1_000;
const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "narrow" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** Goes while somebody looks at it. */
const now = atom(Date.now());
onMount(now, () => {
  const tick = () => now.set(Date.now());
  const timer = setInterval(tick, SECOND);
  tick();
  return () => clearInterval(timer);
});

function distance(from: number, to: number): string {
  const seconds = Math.round((from - to) / SECOND);
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return relative.format(Math.trunc(seconds / size), unit);
}

/** How long ago, or in how long; the exact time on hovering. */
export function Ago({ time }: { time: string }) {
  const at = new Date(time);
  const present = useStore(now);
  return (
    <time dateTime={time} title={exact.format(at)}>
      {distance(at.getTime(), present)}
    </time>
  );
}

export function Exact({ time }: { time: string }) {
  return <time dateTime={time}>{exact.format(new Date(time))}</time>;
}

const SIZES: [string, number][] = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
];

/** In two units at most: 75 as "1 min 15 s", and 60 as "1 min". */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const largest = SIZES.findIndex(([, size]) => whole >= size);
  const parts = largest < 0 ? [] : SIZES.slice(largest, largest + 2);
  const counted = parts.map(([unit, size], index) => [Math.floor((index ? whole % (parts[0]?.[1] ?? 1) : whole) / size), unit] as const);
  return counted.filter(([count]) => count > 0).map((part) => part.join(" ")).join(" ") || "0 s";
}
