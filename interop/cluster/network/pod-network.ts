import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { root } from '../../../cli/root';
import { freePort } from '../../../testing/free-port';
import { type Recipe, type RunningServer, startServer } from '../../../testing/processes/server';
import { loopback, relay } from './relay';

/**
 * A network in which the addresses of pods lead somewhere: kwok gives its pods some, and there is nothing behind them. In here
 * each leads to whoever listens on every address, so that proxies go the way that the API server's objects show them. It is a
 * network namespace, joined with the loopback address outside port by port.
 */
export class PodNetwork {
  private constructor(
    readonly pid: number,
    /** The ports in here that can be called from outside → where. */
    private readonly ports: ReadonlyMap<number, number>,
    /** Ends it, and with it whatever connects it; who runs in it has to be ended before. */
    readonly end: () => Promise<void>,
  ) {}

  /**
   * @param reached ports in here that are called from outside
   * @param reaches ports outside that are called from here, at the same number
   * @throws Error with what unshare or ip say, when they refuse
   */
  static async start(reached: readonly number[], reaches: readonly number[]): Promise<PodNetwork> {
    const folder = mkdtempSync(join(tmpdir(), 'pods-'));
    const socket = (port: number) => join(folder, String(port));
    const pairs = [
      ...reached.map((port) => `${socket(port)}=${port}`),
      ...reaches.map((port) => `${port}=${socket(port)}`),
    ];
    const command = [join(root, 'cli/run.mjs'), 'interop/cluster/network/inside.command.ts', ...pairs];
    const inside = spawn('unshare', ['--user', '--map-root-user', '--net', process.execPath, ...command], {
      cwd: root,
    });
    const [ended, words] = [once(inside, 'exit'), text(inside.stderr)];
    const ready = once(createInterface({ input: inside.stdout }), 'line');
    if ((await Promise.race([ready, ended.then(() => undefined)])) === undefined) {
      throw new Error(`there is no network for pods: ${await words}`);
    }
    const relays: Server[] = [];
    const ports = new Map<number, number>();
    for (const port of reached) {
      ports.set(port, await freePort());
      relays.push(await relay(loopback(ports.get(port) ?? 0), { path: socket(port) }));
    }
    for (const port of reaches) relays.push(await relay({ path: socket(port) }, loopback(port)));
    return new PodNetwork(inside.pid ?? 0, ports, async () => {
      for (const server of relays) server.close();
      inside.stdin.end();
      await ended;
    });
  }

  /** Where a port in here is called from outside. */
  portOf(inside: number): number {
    const port = this.ports.get(inside);
    if (port === undefined) throw new Error(`${inside} is not called from outside`);
    return port;
  }

  /** A command → the same in here. */
  within(command: readonly string[]): readonly string[] {
    return ['nsenter', '--target', String(this.pid), '--user', '--net', '--preserve-credentials', ...command];
  }

  /** Starts a server in here, and waits for its first answer at one of the ports that are called from outside. */
  startServer(recipe: Recipe, port: number): Promise<RunningServer> {
    const there = { ...recipe, command: this.within(recipe.command), environment: () => recipe.environment(port) };
    return startServer(there, this.portOf(port));
  }
}
