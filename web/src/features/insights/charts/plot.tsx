import type { ReactNode } from 'react';
import { everyNth, labelled, ticks } from './scale';
import { useWidth } from './use-width';

const height = 190;
const edge = { top: 8, right: 2, bottom: 24, left: 30 };

/** Where things stand inside a plot, in pixels. */
export type Place = {
  width: number;
  height: number;
  /** Of a part of the width from 0 to 1. */
  x: (part: number) => number;
  y: (value: number) => number;
};

type Props = {
  /** One sentence of what the chart shows, for whoever does not see it. */
  says: string;
  /** The highest value. */
  max: number;
  /** The names along the axis, evenly from the left end to the right. */
  names: string[];
  /** Whether each name stands in the middle of a bar, or at its place on a line. */
  bars?: boolean;
  children: (place: Place) => ReactNode;
};

/** The frame of a chart: hairlines with their numbers, and what is along the axis. */
export function Plot({ says, max, names, bars = false, children }: Props) {
  const [ref, width] = useWidth();
  const lines = ticks(max);
  const top = lines.at(-1) ?? 1;
  const inner = { width: width - edge.left - edge.right, height: height - edge.top - edge.bottom };
  const place: Place = {
    ...inner,
    x: (part) => edge.left + part * inner.width,
    y: (value) => edge.top + inner.height * (1 - value / top),
  };
  const at = (index: number) =>
    bars ? (index + 0.5) / names.length : names.length > 1 ? index / (names.length - 1) : 0.5;
  const shown = (bars ? everyNth : labelled)(names.length, Math.floor(inner.width / 60));
  return (
    <div ref={ref} style={{ height }}>
      {width > 0 && (
        <svg role="img" aria-label={says} width={width} height={height} className="block text-xs select-none">
          {lines.map((value) => (
            <g key={value}>
              <line
                x1={edge.left}
                x2={width - edge.right}
                y1={place.y(value)}
                y2={place.y(value)}
                className="stroke-line"
                shapeRendering="crispEdges"
              />
              <text
                x={edge.left - 8}
                y={place.y(value) + 4}
                textAnchor="end"
                className="fill-ink-3 tabular-nums"
              >
                {value}
              </text>
            </g>
          ))}
          {shown.map((index) => (
            <text
              key={index}
              x={place.x(at(index))}
              y={height - 4}
              textAnchor={
                bars ? 'middle' : index === 0 ? 'start' : index === names.length - 1 ? 'end' : 'middle'
              }
              className="fill-ink-3"
            >
              {names[index]}
            </text>
          ))}
          {children(place)}
        </svg>
      )}
    </div>
  );
}
