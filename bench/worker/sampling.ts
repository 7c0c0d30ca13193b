import { residentMiB } from '../../testing/processes/process-memory';
import { type Recipe, type RunningServer, startServer } from '../../testing/processes/server-process';
import { median } from '../measure';
import { firstHeaders, type LoadGenerator, type LoadRequest } from './wrk';

/**
 * Starts two servers in turn and takes the time to the first answer of each.
 * @returns the medians in milliseconds
 */
export async function startTimes(ours: Recipe, python: Recipe, times: number) {
  const taken = { ours: [] as number[], python: [] as number[] };
  for (let round = 0; round < times; round += 1) {
    for (const [who, recipe] of [['ours', ours] as const, ['python', python] as const]) {
      const server = await startServer(recipe);
      taken[who].push(server.startMs);
      await server.stop();
    }
  }
  return { ours: median(taken.ours), python: median(taken.python) };
}

/** Resident memory of a fresh server after its first 1 000 and its first 100 000 calls, in MiB. */
export async function memoryAfterCalls(recipe: Recipe, request: LoadRequest, load: LoadGenerator) {
  const server = await startServer(recipe);
  try {
    for (let sent = 0; sent < 1000; sent += 20)
      await Promise.all(Array.from({ length: 20 }, () => call(server, request)));
    const after1000 = residentMiB(server.pid);
    for (let sent = 1000; sent < 100_000; ) sent += (await load.run(server.url, request, 2)).requests;
    return { after1000, after100000: residentMiB(server.pid) };
  } finally {
    await server.stop();
  }
}

async function call({ url, name }: RunningServer, request: LoadRequest): Promise<void> {
  const { method, path, body } = request;
  const headers = firstHeaders(request);
  const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${name} answered ${response.status} to ${path}`);
}
