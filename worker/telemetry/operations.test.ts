import { setTimeout as wait } from 'node:timers/promises';
import fastify from 'fastify';
import { createMetrics } from './metrics';
import { buildOperations, eventLoopDelay, Lifecycle } from './operations';

test('is ready after start, until stop and while the event loop is not late; is always alive', async () => {
  let isLate = false;
  const lifecycle = new Lifecycle();
  const { app } = buildOperations(createMetrics({ processMetrics: false }), lifecycle, () => () => isLate);
  const statuses = async () => [
    (await app.inject('/ready')).statusCode,
    (await app.inject('/live')).statusCode,
    (await app.inject('/metrics')).statusCode,
  ];
  expect(await statuses()).toEqual([503, 200, 200]);
  lifecycle.ready();
  expect(await statuses()).toEqual([200, 200, 200]);
  isLate = true;
  expect(await statuses()).toEqual([503, 200, 200]);
  isLate = false;
  expect(await statuses()).toEqual([200, 200, 200]);
  lifecycle.drain();
  expect(await statuses()).toEqual([503, 200, 200]);
  await app.close();
});

test('the event loop is late while it is blocked repeatedly, and recovers', async () => {
  const app = fastify();
  const isLate = eventLoopDelay(app, 50, 100);
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

/** Blocks the event loop. */
function block(milliseconds: number): void {
  const until = performance.now() + milliseconds;
  while (performance.now() < until);
}
