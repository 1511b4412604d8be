import { Plot } from './plot';
import { stack } from './scale';

export type Band = { key: string; name: string; values: number[]; className: string };
type Props = { says: string; names: string[]; bands: Band[] };

/** Bands that stand on each other, the first at the bottom. */
export function Areas({ says, names, bands }: Props) {
  const edges = stack(bands.map((band) => band.values));
  const max = Math.max(0, ...(edges.at(-1) ?? []));
  return (
    <Plot says={says} max={max} names={names}>
      {({ x, y }) => {
        const at = (index: number) => x(names.length > 1 ? index / (names.length - 1) : index);
        const along = (values: number[]) => values.map((value, index) => `${at(index)},${y(value)}`);
        const zero = names.map(() => 0);
        return bands.map((band, nth) => {
          const upper = along(edges[nth] ?? zero);
          const lower = along(edges[nth - 1] ?? zero).toReversed();
          return (
            <g key={band.key} className={band.className}>
              <polygon points={[...upper, ...lower].join(' ')} fill="currentColor" fillOpacity={0.78} />
              <polyline points={upper.join(' ')} fill="none" stroke="currentColor" strokeWidth={1} />
            </g>
          );
        });
      }}
    </Plot>
  );
}
