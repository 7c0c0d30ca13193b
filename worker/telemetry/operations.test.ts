import { Lifecycle } from '../lifecycle';
import { createMetrics } from './metrics';
import { buildOperations } from './operations';

test('ready is who has started, is not late and does not stop; alive is the process all the time', async () => {
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
