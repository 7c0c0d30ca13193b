import { once } from 'node:events';
import { createServer } from 'node:net';
import { Problem } from '../../model/problem';
import { systemCode } from '../../model/system-error';

/** A port that a worker is going to listen on. */
export interface WantedPort {
  /** The variable that sets it. */
  readonly variable: string;
  /** 0 means any free port. */
  readonly port: number | string;
}

/**
 * Checks that ports are free. Leaves everything else that can be wrong with an address to the worker.
 * @param wanted the ports of every worker
 * @param others the URLs of the workers of the last `npm run dev`
 * @param hasMore whether `--all` would run more than these workers
 * @throws Problem USAGE that names all ports in use, who probably uses them, and their variables
 */
export async function checkPortsFree(
  host: string,
  wanted: readonly WantedPort[],
  others: readonly string[],
  hasMore: boolean,
): Promise<void> {
  const taken: WantedPort[] = [];
  // One after the other, so that no check is in the way of another.
  for (const each of wanted) if (await isTaken(host, Number(each.port))) taken.push(each);
  if (taken.length === 0) return;
  const ports = taken.map(({ port }) => port);
  const other = others.find((url) => ports.includes(Number(new URL(url).port)));
  const variables = [...new Set(taken.map(({ variable }) => variable))].join(' and ');
  const are = ports.length === 1 ? `port ${ports[0]} is` : `ports ${ports.join(' and ')} are`;
  const by = other === undefined ? '' : `, probably by another \`npm run dev\`: the last one listened on ${other}`;
  const stop = other === undefined ? 'stop the program that listens there' : 'stop that one';
  const all = hasMore && other !== undefined ? ', or run all servers in one with `npm run dev -- --all`' : '';
  throw new Problem('USAGE', `Cannot listen on ${host}: ${are} in use${by}`, {
    fix: `${stop}${all}, or set ${variables} to ${ports.length === 1 ? 'a free port' : 'free ports'}`,
  });
}

async function isTaken(host: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen({ host, port }), 'listening');
    return false;
  } catch (error) {
    return systemCode(error) === 'EADDRINUSE';
  } finally {
    await new Promise((closed) => server.close(closed));
  }
}
