import { expect, it } from 'vitest';
import { newId } from './ids';

it('makes UUIDv7 that sort by when they were made', () => {
  const made = Array.from({ length: 5000 }, () => newId(1_700_000_000_000));
  for (const id of made)
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(made.toSorted()).toEqual(made);
  expect(new Set(made).size).toBe(made.length);
});
