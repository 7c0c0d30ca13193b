import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Manifest } from '../../charts/render';
import { fetchCertificate } from '../../gitops/seal/fetch-certificate';
import { freePort } from '../../testing/free-port';
import { flip, withBytes } from './kubeseal-proofs';
import type { Proof } from './proof';
import { renderedSecret, sealedByUs, values } from './sample';

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
    for (let triesLeft = 50; ; triesLeft -= 1) {
      try {
        return await fetchCertificate(address, { isHttpAllowed: true });
      } catch (error) {
        if (triesLeft === 0) throw error;
        await sleep(100);
      }
    }
  }

  async verify(object: Manifest): Promise<number> {
    return (await this.#post(`${this.#endpoint}/v1/verify`, object)).status;
  }

  /** `/v1/rotate`: the object sealed with its newest key. */
  async rotate(object: Manifest): Promise<Manifest> {
    const response = await this.#post(`${this.#endpoint}/v1/rotate`, object);
    assert.equal(response.status, 200);
    // The controller's answer is the object it was given, sealed anew; it leaves out what kind of object that is (0.36.6).
    const rotated = (await response.json()) as Omit<Manifest, 'apiVersion' | 'kind'>;
    return { ...rotated, apiVersion: object.apiVersion, kind: object.kind } as Manifest;
  }

  /** Gives the object to the cluster and waits for the Secret that the controller makes of it. */
  async apply(object: Manifest): Promise<Record<string, string>> {
    const cluster = await this.#cluster;
    assert.equal((await this.#post(`${cluster}/apply`, object)).status, 200);
    const { namespace, name } = object.metadata;
    for (let triesLeft = 100; triesLeft > 0; triesLeft -= 1) {
      const response = await fetch(`${cluster}/secrets/${namespace}/${name}`);
      // A Secret, as the API server writes it.
      if (response.status === 200) return ((await response.json()) as { data: Record<string, string> }).data;
      await sleep(100);
    }
    throw new Error('the controller made no Secret within ten seconds');
  }

  #post(address: string, object: Manifest): Promise<Response> {
    return fetch(address, { method: 'POST', body: JSON.stringify(object) });
  }
}

/** What a controller does with our objects, from its own certificate to the Secret in its cluster. */
export function controllerProofs(controller: Controller): Proof[] {
  const sealedUnderItsKey = async () => renderedSecret(sealedByUs('strict', await controller.certificate())).object;
  return [
    {
      name: 'the controller verifies what is sealed under the certificate fetched from it',
      run: async () => assert.equal(await controller.verify(await sealedUnderItsKey()), 200),
    },
    {
      name: 'the controller refuses the same object damaged, with 409',
      run: async () => {
        const damaged = withBytes(await sealedUnderItsKey(), (bytes) => flip(bytes, bytes.length - 1));
        assert.equal(await controller.verify(damaged), 409);
      },
    },
    {
      name: 'the controller seals the object anew with its newest key, and its form stays',
      run: async () => {
        const object = await sealedUnderItsKey();
        const rotated = await controller.rotate(object);
        assert.equal(await controller.verify(rotated), 200);
        // Both have the spec of a SealedSecret: the controller has just read the one and written the other.
        const [before, after] = [object.spec, rotated.spec] as { encryptedData: object; template: object }[];
        assert.deepEqual(
          Object.keys(after?.encryptedData ?? {}).sort(),
          Object.keys(before?.encryptedData ?? {}).sort(),
        );
        assert.deepEqual(after?.template, before?.template);
        assert.notDeepEqual(after?.encryptedData, before?.encryptedData);
      },
    },
    {
      name: 'the controller makes the Secret with the same bytes',
      run: async () => {
        const data = await controller.apply(await sealedUnderItsKey());
        assert.deepEqual(Object.keys(data).sort(), [...values.keys()].sort());
        for (const [key, value] of values)
          assert.equal(data[key] ?? '', value.toString('base64'), `${key} has other bytes`);
      },
    },
  ];
}
