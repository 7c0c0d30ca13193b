import { Recent } from './recent';

test('it holds the last entries and forgets the first', () => {
  const recent = new Recent<number>(10);
  for (let n = 0; n < 1000; n += 1) recent.set(`key ${n}`, n);

  const kept = Array.from({ length: 1000 }, (_, n) => recent.get(`key ${n}`)).filter((value) => value !== undefined);

  expect(kept.length).toBeLessThanOrEqual(10);
  expect(kept.slice(-5)).toEqual([995, 996, 997, 998, 999]);
});

test('an entry that is set again has its new value', () => {
  const recent = new Recent<number>(4);
  for (const value of [1, 2, 3]) {
    recent.set('the same', value);
    recent.set(`another ${value}`, 0);
    expect(recent.get('the same')).toBe(value);
  }
});
