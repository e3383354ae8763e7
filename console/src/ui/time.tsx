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

/** 75 as "1 min 15 s". */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`;
}
