import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Manifest } from '../../charts/render';
import { fetchCertificate } from '../../gitops/seal/fetch-certificate';
import { freePort } from '../../testing/free-port';

/** The controller of sealed-secrets on loopback, with a key that it made for itself. */
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
      this.#process.once('exit', (code) => reject(new Error(`the controller ended with ${code}`)));
    });
    // Whoever asks for the cluster hears of it; until then it is nobody's unhandled rejection.
    this.#cluster.catch(() => undefined);
  }

  static async start(program: string): Promise<Controller> {
    return new Controller(program, await freePort());
  }

  stop(): void {
    this.#process.kill();
  }

  /** Its certificate, fetched as `npm run seal -- fetch-cert` does. Waits while the key is being made. */
  async certificate(): Promise<string> {
    await this.#cluster;
    const address = `${this.#endpoint}/v1/cert.pem`;
    return retried(50, () => fetchCertificate(address, { isHttpAllowed: true }));
  }

  /** `/v1/verify`. Resolves with the status of the answer. */
  async verify(object: Manifest): Promise<number> {
    return (await post(`${this.#endpoint}/v1/verify`, object)).status;
  }

  /** `/v1/rotate`: the object sealed with its newest key. */
  async rotate(object: Manifest): Promise<Manifest> {
    const response = await post(`${this.#endpoint}/v1/rotate`, object);
    if (response.status !== 200) throw new Error(`the controller answered ${response.status} to a rotation`);
    // The controller's answer is the object it was given, sealed anew; it leaves out what kind of object that is (0.36.6).
    const rotated = (await response.json()) as Omit<Manifest, 'apiVersion' | 'kind'>;
    return { ...rotated, apiVersion: object.apiVersion, kind: object.kind } as Manifest;
  }

  /** Gives the object to the cluster and waits for the data of the Secret that the controller makes of it. */
  async apply(object: Manifest): Promise<Readonly<Record<string, string | null>>> {
    const cluster = await this.#cluster;
    const { status } = await post(`${cluster}/apply`, object);
    if (status !== 200) throw new Error(`the cluster answered ${status} to an object`);
    const { namespace, name } = object.metadata;
    return retried(100, async () => {
      const response = await fetch(`${cluster}/secrets/${namespace}/${name}`);
      if (response.status !== 200) throw new Error(`the controller made no Secret: ${response.status}`);
      // A Secret, as the API server writes it.
      return ((await response.json()) as { data: Record<string, string | null> }).data;
    });
  }
}

function post(address: string, object: Manifest): Promise<Response> {
  return fetch(address, { method: 'POST', body: JSON.stringify(object) });
}

/** Asks every tenth of a second until it is answered. @throws the last failure */
async function retried<T>(times: number, ask: () => Promise<T>): Promise<T> {
  for (let triesLeft = times; ; triesLeft -= 1) {
    try {
      return await ask();
    } catch (error) {
      if (triesLeft === 0) throw error;
      await sleep(100);
    }
  }
}
