/** Round numbers from 0 to at least `max`, about `wanted` steps of 1, 2 or 5 times a power of ten. Whole numbers only. */
export function ticks(max: number, wanted = 4): number[] {
  const rough = Math.max(max, 1) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5, 10].find((n) => n * power >= rough) ?? 10) * power);
  const count = Math.max(1, Math.ceil(max / step));
  return Array.from({ length: count + 1 }, (_, index) => Math.round(index * step));
}

/** Which of `count` places along an axis get a label where `room` labels fit: evenly, the first and the last. */
export function labelled(count: number, room: number): number[] {
  if (count <= Math.max(2, room)) return Array.from({ length: count }, (_, index) => index);
  const labels = Math.max(2, room);
  return Array.from({ length: labels }, (_, index) => Math.round((index * (count - 1)) / (labels - 1)));
}

/** The same for bars, which are few enough for an uneven gap to show: every second, every third, from the first on. */
export function everyNth(count: number, room: number): number[] {
  const step = Math.max(1, Math.ceil(count / Math.max(1, room)));
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step);
}

/** The upper edge of each series when they are stacked in the order given: edges[series][place]. */
export function stack(series: number[][]): number[][] {
  const sums: number[] = [];
  return series.map((values) =>
    values.map((value, place) => {
      const sum = (sums[place] ?? 0) + value;
      sums[place] = sum;
      return sum;
    }),
  );
}
