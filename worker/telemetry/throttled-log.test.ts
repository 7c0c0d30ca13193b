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

test('what goes on for long is said at growing intervals, and at once again after it was quiet', () => {
  const said: { readonly at: number; readonly times: number }[] = [];
  let seconds = 0;
  const say = throttledLog(({ times }) => said.push({ at: seconds, times }), 35_000);
  const during = (length: number, isFailing: boolean) => {
    for (const end = seconds + length; seconds < end; ) {
      if (isFailing) say('it');
      seconds += 1;
      jest.advanceTimersByTime(1000);
    }
  };
  during(101, true);
  expect(said.map(({ at }) => at)).toEqual([0, 10, 30, 65, 100]);
  expect(said.reduce((sum, { times }) => sum + times, 0)).toBe(100);
  during(100, false);
  said.length = 0;
  const from = seconds;
  during(1, true);
  expect(said).toEqual([{ at: from, times: 1 }]);
});
