import { cpuMs, residentMiB } from '../../testing/processes/process-usage';
import { type Recipe, type RunningServer, startServer } from '../../testing/processes/server';
import type { Contender } from '../measure/measure';
import { firstHeaders, type LoadGenerator, type LoadRequest } from './wrk';

/** Measures the time from start to first response. */
export function startOf(name: string, recipe: Recipe): Contender {
  return {
    name,
    run: async () => {
      const server = await startServer(recipe);
      const cost = { wallMs: server.startMs, cpuMs: cpuMs(server.pid) };
      await server.kill();
      return cost;
    },
  };
}

/** The resident memory of a new server after 1 000 and after 100 000 calls, in MiB. */
export async function memoryAfterCalls(recipe: Recipe, request: LoadRequest, load: LoadGenerator) {
  const server = await startServer(recipe);
  try {
    for (let sent = 0; sent < 1000; sent += 20)
      await Promise.all(Array.from({ length: 20 }, () => call(server, request)));
    const after1000 = residentMiB(server.pid);
    for (let sent = 1000; sent < 100_000; ) sent += (await load.run(server.url, request, 2)).requests;
    return { after1000, after100000: residentMiB(server.pid) };
  } finally {
    await server.kill();
  }
}

async function call({ url, name }: RunningServer, request: LoadRequest): Promise<void> {
  const { method, path, body } = request;
  const headers = firstHeaders(request);
  const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${name} responded to ${path} with ${response.status}`);
}
