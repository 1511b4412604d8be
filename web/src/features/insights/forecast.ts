/** So many futures are drawn, and none is looked at further than two years. */
const futures = 10_000;
const farthest = 730;
/** Fewer finished tasks than these say nothing of the future. */
export const fewest = 5;

export type Forecast = {
  /** In how many days from today half, 85 and 95 of 100 futures are done; null where that is too far off. */
  half: number | null;
  likely: number | null;
  safe: number | null;
  /** How many futures are done by which days from today, those too far off left out. */
  bins: { from: number; to: number; share: number }[];
};

/**
 * When `open` tasks will be done, by days drawn from those past: `done` is how
 * many were finished on each. The same numbers give the same answer.
 */
export function forecast(done: number[], open: number): Forecast {
  const random = numbers();
  const took = new Int32Array(futures);
  for (let run = 0; run < futures; run++) {
    let left = open;
    let days = 0;
    while (left > 0 && days <= farthest) {
      left -= done[Math.floor(random() * done.length)] ?? 0;
      days++;
    }
    took[run] = days;
  }
  took.sort();
  const within = (part: number) => {
    const days = took[Math.ceil(part * futures) - 1] ?? 0;
    return days > farthest ? null : days;
  };
  return { half: within(0.5), likely: within(0.85), safe: within(0.95), bins: binned(took) };
}

/** At most so many bars. */
const mostBins = 28;

function binned(took: Int32Array): Forecast['bins'] {
  // The last hundredth would press all others together.
  const first = took[0] ?? 0;
  const last = Math.min(farthest, took[Math.ceil(0.99 * took.length) - 1] ?? 0);
  if (last < first) return [];
  const width = Math.ceil((last - first + 1) / mostBins);
  const bins = Array.from({ length: Math.ceil((last - first + 1) / width) }, (_, index) => ({
    from: first + index * width,
    to: first + (index + 1) * width - 1,
    share: 0,
  }));
  for (const days of took) {
    const bin = bins[Math.floor((days - first) / width)];
    if (bin) bin.share += 1 / took.length;
  }
  return bins;
}

/** Numbers from 0 to 1, the same ones each time (mulberry32). */
function numbers(): () => number {
  let state = 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
