import { Countdown } from './countdown';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

test('does not run while paused, also when paused twice', () => {
  let ended = 0;
  const countdown = new Countdown();
  countdown.start(1000, () => {
    ended += 1;
  });
  jest.advanceTimersByTime(600);
  countdown.pause();
  countdown.pause();
  jest.advanceTimersByTime(60_000);
  countdown.resume();
  jest.advanceTimersByTime(60_000);
  countdown.resume();
  jest.advanceTimersByTime(399);
  expect(ended).toBe(0);
  jest.advanceTimersByTime(1);
  expect(ended).toBe(1);
});

test('starts on resume if paused before the start, and never fires after stop', () => {
  let ended = 0;
  const countdown = new Countdown();
  countdown.pause();
  countdown.start(1000, () => {
    ended += 1;
  });
  jest.advanceTimersByTime(5000);
  expect(ended).toBe(0);
  countdown.resume();
  jest.advanceTimersByTime(1000);
  expect(ended).toBe(1);
  countdown.start(1000, () => {
    ended += 1;
  });
  countdown.pause();
  countdown.stop();
  countdown.resume();
  jest.advanceTimersByTime(5000);
  expect(ended).toBe(1);
});
