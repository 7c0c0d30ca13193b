import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../testing/free-port';
import { type RunningServer, startServer } from '../../testing/processes/server';

/** A Prometheus that reads one worker. */
export interface Prometheus extends RunningServer {
  /** The result of a query: its series with their values now. @throws Error with what Prometheus says of a query it refuses */
  ask(query: string): Promise<readonly { readonly metric: object; readonly value: readonly [number, string] }[]>;
  /** Waits until an alert fires, while something goes on that makes it. @returns the alert as receivers get it */
  firing(alert: string, meanwhile: () => Promise<unknown>): Promise<FiringAlert>;
}

/** What receivers of an alert see. */
export interface FiringAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: string;
}

/** As the Prometheus operator sets it up for a pod that a PodMonitor finds, but for how often it looks. */
export interface Scraped {
  /** `<namespace>/<name>` of the PodMonitor. */
  readonly job: string;
  /** Host and port. */
  readonly target: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The file of rules. */
  readonly rules: string;
}

/** @throws Problem TOOL-MISSING without Prometheus */
export async function startPrometheus({ job, target, labels, rules }: Scraped): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  const file = join(folder, 'prometheus.yml');
  const config = {
    // JSON is YAML. A worker whose event loop is kept answers late, and shall not count as away.
    global: { scrape_interval: '3s', scrape_timeout: '3s', evaluation_interval: '1s' },
    rule_files: [rules],
    scrape_configs: [{ job_name: job, static_configs: [{ targets: [target], labels }] }],
  };
  writeFileSync(file, JSON.stringify(config));
  const port = await freePort();
  const command = [
    'prometheus',
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ];
  const server = await startServer({ name: 'Prometheus', command, environment: () => ({}), readyPath: '/' }, port);
  const read = async (path: string) => {
    const answer = JSON.parse(await (await fetch(`${server.url}/api/v1/${path}`)).text());
    if (answer.status === 'success') return answer.data;
    throw new Error(`Prometheus refuses ${path}: ${answer.error}`);
  };
  return {
    ...server,
    ask: async (query) => (await read(`query?query=${encodeURIComponent(query)}`)).result,
    async firing(alert, meanwhile) {
      const deadline = performance.now() + 300_000;
      for (;;) {
        await meanwhile();
        const { alerts } = await read('alerts');
        const mine = alerts.filter(({ labels: { alertname } }: FiringAlert) => alertname === alert);
        const found = mine.find(({ state }: FiringAlert) => state === 'firing');
        if (found !== undefined) return found;
        if (performance.now() > deadline) throw new Error(`${alert} does not fire: ${JSON.stringify(mine)}`);
        await pause(200);
      }
    },
  };
}
