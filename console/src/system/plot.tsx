import { SPAN, type Sample } from "./samples";

const WIDTH = 560;
const HEIGHT = 150;
const LEFT = 56;
const RIGHT = 10;
const TOP = 10;
const BOTTOM = 24;
/** Samples further apart than this are not joined: nobody looked in between. */
export const GAP = 15_000;

interface PlotProps {
  title: string;
  samples: readonly Sample[];
  value: (sample: Sample) => number;
  format: (value: number) => string;
  /** Where the axis ends that has to reach so far. */
  round: (most: number) => number;
}

/** One figure over the last five minutes. */
export function Plot({ title, samples, value, format, round }: PlotProps) {
  const last = samples.at(-1);
  if (!last) return null;
  const top = round(Math.max(...samples.map(value)));
  const x = (at: number) => WIDTH - RIGHT - ((last.at - at) / SPAN) * (WIDTH - LEFT - RIGHT);
  const y = (figure: number) => HEIGHT - BOTTOM - (figure / top) * (HEIGHT - TOP - BOTTOM);
  const said = `${title}: ${format(value(last))} now, at most ${format(Math.max(...samples.map(value)))} in five minutes`;
  return (
    <figure className="plot">
      <figcaption>
        {title} <strong>{format(value(last))}</strong>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said}>
        <Axes top={top} y={y} format={format} />
        <path className="line" d={path(samples, (sample) => [x(sample.at), y(value(sample))])} />
        <circle className="dot" cx={x(last.at)} cy={y(value(last))} r="3" />
      </svg>
    </figure>
  );
}

function Axes({ top, y, format }: { top: number; y: (figure: number) => number; format: PlotProps["format"] }) {
  const base = HEIGHT - BOTTOM;
  return (
    <g className="axes">
      {[0, top / 2, top].map((figure) => (
        <g key={figure}>
          <line x1={LEFT} x2={WIDTH - RIGHT} y1={y(figure)} y2={y(figure)} />
          <text x={LEFT - 6} y={y(figure) + 4} textAnchor="end">
            {format(figure)}
          </text>
        </g>
      ))}
      {[5, 4, 3, 2, 1, 0].map((minutes) => (
        <text key={minutes} x={WIDTH - RIGHT - (minutes / 5) * (WIDTH - LEFT - RIGHT)} y={base + 17} textAnchor={anchor(minutes)}>
          {minutes ? `−${minutes} min` : "now"}
        </text>
      ))}
    </g>
  );
}

function anchor(minutes: number): "start" | "middle" | "end" {
  if (minutes === 5) return "start";
  return minutes === 0 ? "end" : "middle";
}

function path(samples: readonly Sample[], point: (sample: Sample) => [number, number]): string {
  const to = (sample: Sample) => point(sample).map((each) => each.toFixed(1)).join(" ");
  return samples.map((sample, index) => verb(samples[index - 1], sample) + to(sample)).join("");
}

function verb(before: Sample | undefined, sample: Sample): "M" | "L" {
  return before && sample.at - before.at <= GAP ? "L" : "M";
}
