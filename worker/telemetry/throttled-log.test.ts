import { throttledLog } from './throttled-log';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('what strangers can cause is said at most once in ten seconds, and all of it in the end', () => {
  const said: unknown[] = [];
  const say = throttledLog((fields) => said.push(fields));
  for (const key of ['a', 'a', 'a', 'b', 'a']) say(key);
  const first = [
    { key: 'a', times: 1 },
    { key: 'b', times: 1 },
  ];
  expect(said).toEqual(first);
  jest.advanceTimersByTime(9_999);
  expect(said).toEqual(first);
  jest.advanceTimersByTime(1);
  expect(said).toEqual([...first, { key: 'a', times: 3 }]);
  // Its ten seconds have begun anew, those of the other are over.
  for (const key of ['a', 'b']) say(key);
  expect(said.slice(3)).toEqual([{ key: 'b', times: 1 }]);
  jest.advanceTimersByTime(10_000);
  expect(said.slice(4)).toEqual([{ key: 'a', times: 1 }]);
  jest.advanceTimersByTime(60_000);
  expect(jest.getTimerCount()).toBe(0);
});
