import type { BarSeries } from './charts/bars';
import { shortDay } from './say';

/** A table of what bars show, the newest first. */
export function tableOf(per: 'day' | 'week', buckets: string[], series: BarSeries[]) {
  return {
    head: [per === 'day' ? 'Day' : 'Week of', ...series.map((one) => one.name)],
    rows: buckets
      .map((bucket, index) => ({
        key: bucket,
        cells: [shortDay(bucket), ...series.map((one) => one.values[index] ?? 0)],
      }))
      .toReversed(),
  };
}
