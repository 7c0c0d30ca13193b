import { TokenCache } from './token-cache';

test('keeps the latest entries and evicts the oldest', () => {
  const cache = new TokenCache<number>(10);
  for (let n = 0; n < 1000; n += 1) cache.set(`key ${n}`, n);

  const kept = Array.from({ length: 1000 }, (_, n) => cache.get(`key ${n}`)).filter((value) => value !== undefined);

  expect(kept.length).toBeLessThanOrEqual(10);
  expect(kept.slice(-5)).toEqual([995, 996, 997, 998, 999]);
});

test('overwrites an existing entry', () => {
  const cache = new TokenCache<number>(4);
  for (const value of [1, 2, 3]) {
    cache.set('the same', value);
    cache.set(`another ${value}`, 0);
    expect(cache.get('the same')).toBe(value);
  }
});
