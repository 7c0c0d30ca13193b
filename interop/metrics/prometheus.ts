import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../testing/free-port';
import { type RunningServer, startServer } from '../../testing/processes/server';

/** A Prometheus that scrapes one worker. */
export interface Prometheus extends RunningServer {
  /** Runs a query. @returns its series with their current values @throws Error with the message of Prometheus for a bad query */
  query(query: string): Promise<readonly { readonly metric: object; readonly value: readonly [number, string] }[]>;
  /** Repeats the cause of an alert until it fires. @returns the alert as receivers get it @throws Error after five minutes */
  firing(alert: string, cause: () => Promise<unknown>): Promise<FiringAlert>;
}

/** An alert as receivers get it. */
export interface FiringAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: string;
}

/** A scrape target as the Prometheus operator configures it for a PodMonitor, except for the scrape interval. */
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
    // JSON is YAML. The long timeout keeps a worker with a blocked event loop from being reported as down.
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
    throw new Error(`Prometheus rejects ${path}: ${answer.error}`);
  };
  return {
    ...server,
    query: async (query) => (await read(`query?query=${encodeURIComponent(query)}`)).result,
    async firing(alert, cause) {
      const deadline = performance.now() + 300_000;
      for (;;) {
        await cause();
        const { alerts } = await read('alerts');
        const states = alerts.filter(({ labels: { alertname } }: FiringAlert) => alertname === alert);
        const found = states.find(({ state }: FiringAlert) => state === 'firing');
        if (found !== undefined) return found;
        if (performance.now() > deadline) throw new Error(`${alert} does not fire: ${JSON.stringify(states)}`);
        await sleep(200);
      }
    },
  };
}
