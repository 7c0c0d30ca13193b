import { throttledLog } from './throttled-log';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

test('logs each key at most once in ten seconds and counts every occurrence', () => {
  const lines: unknown[] = [];
  const record = throttledLog((fields) => lines.push(fields));
  for (const key of ['a', 'a', 'a', 'b', 'a']) record(key);
  const first = [
    { key: 'a', times: 1 },
    { key: 'b', times: 1 },
  ];
  expect(lines).toEqual(first);
  jest.advanceTimersByTime(9_999);
  expect(lines).toEqual(first);
  jest.advanceTimersByTime(1);
  expect(lines).toEqual([...first, { key: 'a', times: 3 }]);
  // The interval of `a` has restarted, that of `b` is over.
  for (const key of ['a', 'b']) record(key);
  expect(lines.slice(3)).toEqual([{ key: 'b', times: 1 }]);
  jest.advanceTimersByTime(10_000);
  expect(lines.slice(4)).toEqual([{ key: 'a', times: 1 }]);
  jest.advanceTimersByTime(60_000);
  expect(jest.getTimerCount()).toBe(0);
});

test('logs a lasting failure with exponential backoff, and a new one immediately', () => {
  const lines: { readonly at: number; readonly times: number }[] = [];
  let seconds = 0;
  const record = throttledLog(({ times }) => lines.push({ at: seconds, times }), 35_000);
  const during = (length: number, isFailing: boolean) => {
    for (const end = seconds + length; seconds < end; ) {
      if (isFailing) record('a');
      seconds += 1;
      jest.advanceTimersByTime(1000);
    }
  };
  during(101, true);
  expect(lines.map(({ at }) => at)).toEqual([0, 10, 30, 65, 100]);
  expect(lines.reduce((sum, { times }) => sum + times, 0)).toBe(100);
  during(100, false);
  lines.length = 0;
  const from = seconds;
  during(1, true);
  expect(lines).toEqual([{ at: from, times: 1 }]);
});
