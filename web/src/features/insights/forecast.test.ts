import { describe, expect, it } from 'vitest';
import { forecast } from './forecast';

describe('forecast', () => {
  it('is certain where each day was like the other', () => {
    const { half, likely, safe, bins } = forecast([2, 2, 2], 10);
    expect([half, likely, safe]).toEqual([5, 5, 5]);
    expect(bins).toHaveLength(1);
    expect(bins[0]).toMatchObject({ from: 5, to: 5 });
    expect(bins[0]?.share).toBeCloseTo(1);
  });
  it('lies around the mean, and later the surer it is to be', () => {
    // A day finishes one task or none: 20 tasks take 40 days in the mean, with a deviation of 6.3.
    const { half, likely, safe, bins } = forecast([0, 1], 20);
    expect(half).toBeGreaterThanOrEqual(38);
    expect(half).toBeLessThanOrEqual(41);
    expect(likely).toBeGreaterThanOrEqual(45);
    expect(likely).toBeLessThanOrEqual(48);
    expect(safe).toBeGreaterThanOrEqual(49);
    expect(safe).toBeLessThanOrEqual(53);
    expect(bins.length).toBeLessThanOrEqual(28);
    const told = bins.reduce((sum, bin) => sum + bin.share, 0);
    expect(told).toBeGreaterThan(0.985);
    expect(told).toBeLessThanOrEqual(1.0001);
  });
  it('says the same each time', () => {
    expect(forecast([0, 3, 1], 30)).toEqual(forecast([0, 3, 1], 30));
  });
  it('does not look further than two years', () => {
    expect(forecast([0], 1)).toEqual({ half: null, likely: null, safe: null, bins: [] });
  });
});
