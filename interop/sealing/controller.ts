import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Manifest } from '../../charts/render';
import { fetchCertificate } from '../../gitops/seal/fetch-certificate';
import { freePort } from '../../testing/free-port';

/** The sealed-secrets controller on loopback, with a key that it generated. */
export class Controller {
  readonly #process: ChildProcess;
  readonly #endpoint: string;
  readonly #cluster: Promise<string>;

  private constructor(program: string, port: number) {
    this.#endpoint = `http://127.0.0.1:${port}`;
    this.#process = spawn(program, ['--listen-addr', `127.0.0.1:${port}`], { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#cluster = new Promise((resolve, reject) => {
      this.#process.stdout?.once('data', (line) => resolve(`http://${String(line).trim()}`));
      this.#process.once('error', reject);
      this.#process.once('exit', (code) => reject(new Error(`the controller exited with ${code}`)));
    });
    // Prevents an unhandled rejection; awaiting #cluster still throws it.
    this.#cluster.catch(() => undefined);
  }

  static async start(program: string): Promise<Controller> {
    return new Controller(program, await freePort());
  }

  stop(): void {
    this.#process.kill();
  }

  /** Its certificate, fetched as `npm run seal -- fetch-cert` does. Waits until the key exists. */
  async certificate(): Promise<string> {
    await this.#cluster;
    const address = `${this.#endpoint}/v1/cert.pem`;
    return retried(50, () => fetchCertificate(address, { isHttpAllowed: true }));
  }

  /** `/v1/verify`. Resolves with the HTTP status. */
  async verify(object: Manifest): Promise<number> {
    return (await post(`${this.#endpoint}/v1/verify`, object)).status;
  }

  /** `/v1/rotate`: the object, resealed with the newest key. */
  async rotate(object: Manifest): Promise<Manifest> {
    const response = await post(`${this.#endpoint}/v1/rotate`, object);
    if (response.status !== 200) throw new Error(`the controller answered /v1/rotate with ${response.status}`);
    // The controller returns the resealed object without apiVersion and kind (0.36.6).
    const rotated = (await response.json()) as Omit<Manifest, 'apiVersion' | 'kind'>;
    return { ...rotated, apiVersion: object.apiVersion, kind: object.kind } as Manifest;
  }

  /** Applies the object to the cluster. Resolves with the data of the Secret that the controller creates. */
  async apply(object: Manifest): Promise<Readonly<Record<string, string | null>>> {
    const cluster = await this.#cluster;
    const { status } = await post(`${cluster}/apply`, object);
    if (status !== 200) throw new Error(`the cluster answered /apply with ${status}`);
    const { namespace, name } = object.metadata;
    return retried(100, async () => {
      const response = await fetch(`${cluster}/secrets/${namespace}/${name}`);
      if (response.status !== 200)
        throw new Error(`the controller created no Secret: the cluster answered ${response.status}`);
      // A Secret as the API server serializes it.
      return ((await response.json()) as { data: Record<string, string | null> }).data;
    });
  }
}

function post(address: string, object: Manifest): Promise<Response> {
  return fetch(address, { method: 'POST', body: JSON.stringify(object) });
}

/** Retries every 100 ms, `times` times. @throws the last failure */
async function retried<T>(times: number, attempt: () => Promise<T>): Promise<T> {
  for (let triesLeft = times; ; triesLeft -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (triesLeft === 0) throw error;
      await sleep(100);
    }
  }
}
