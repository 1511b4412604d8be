import { cx } from '@/shared/ui/cx';
import { Plot } from './plot';

export type BarSeries = { name: string; values: number[]; className: string };
type Props = { says: string; names: string[]; series: BarSeries[] };

/** A group of bars for each name, one of each series. */
export function Bars({ says, names, series }: Props) {
  const max = Math.max(0, ...series.flatMap((one) => one.values));
  return (
    <Plot says={says} max={max} names={names} bars>
      {({ width, x, y }) => {
        const room = width / Math.max(1, names.length);
        const bar = Math.max(1, Math.min(22, (room * 0.72) / series.length));
        return names.map((name, index) => (
          <g key={name}>
            <title>
              {`${name}: ${series.map((one) => `${one.name.toLowerCase()} ${one.values[index] ?? 0}`).join(', ')}`}
            </title>
            <rect
              x={x(index / names.length)}
              y={y(max || 1)}
              width={room}
              height={y(0) - y(max || 1)}
              className="fill-transparent hover:fill-hover"
            />
            {series.map((one, nth) => {
              const value = one.values[index] ?? 0;
              if (value === 0) return null;
              const left = x((index + 0.5) / names.length) + (nth - series.length / 2) * bar;
              return (
                <rect
                  key={one.name}
                  x={left + 0.5}
                  y={y(value)}
                  width={Math.max(1, bar - 1)}
                  height={y(0) - y(value)}
                  rx={Math.min(2, bar / 4)}
                  className={cx('pointer-events-none', one.className)}
                />
              );
            })}
          </g>
        ));
      }}
    </Plot>
  );
}
