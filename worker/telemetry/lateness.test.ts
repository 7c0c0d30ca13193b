import { setTimeout as wait } from 'node:timers/promises';
import fastify from 'fastify';
import { lateness } from './lateness';

/** Keeps the event loop for itself. */
function block(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}

test('an event loop that is blocked again and again is late, and is not when that is over', async () => {
  const app = fastify();
  const isLate = lateness(app, 50, 100);
  await app.ready();
  expect(isLate()).toBe(false);
  const deadline = Date.now() + 20_000;
  while (!isLate() && Date.now() < deadline) {
    block(150);
    await wait(0);
  }
  expect(isLate()).toBe(true);
  while (isLate() && Date.now() < deadline) await wait(20);
  expect(isLate()).toBe(false);
  await app.close();
});
