import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Destination } from '../../model/scope';
import { run } from '../../testing/processes/program';

/** The real kubeseal, with a certificate and its private key. */
export class Kubeseal {
  readonly #program: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'kubeseal-'));
  readonly #certificate = join(this.#folder, 'cert.pem');
  readonly #privateKey = join(this.#folder, 'key.pem');

  constructor(program: string, pair: { readonly certPem: string; readonly privateKeyPem: string }) {
    this.#program = program;
    writeFileSync(this.#certificate, pair.certPem);
    writeFileSync(this.#privateKey, pair.privateKeyPem, { mode: 0o600 });
  }

  async version(): Promise<string> {
    return (await run(this.#program, ['--version'])).trim();
  }

  /** `--recovery-unseal`: decrypts a SealedSecret into its Secret. @throws Error with kubeseal's message when it cannot */
  async unseal(
    input: string,
  ): Promise<{ metadata: { name: string; namespace: string }; data: Record<string, string | null> }> {
    const args = ['--recovery-unseal', '--recovery-private-key', this.#privateKey, '-o', 'json'];
    const { metadata, data = {} } = JSON.parse(await run(this.#program, args, { input }));
    return { metadata, data };
  }

  /** `--raw`: seals one value. */
  async sealRaw(value: Buffer, { scope, namespace, name }: Required<Destination>): Promise<string> {
    const file = join(this.#folder, 'value');
    writeFileSync(file, value);
    const names = ['--scope', scope, '--namespace', namespace, '--name', name];
    const args = ['--raw', '--cert', this.#certificate, ...names, '--from-file', file];
    return (await run(this.#program, args)).trim();
  }

  /** Seals a whole Secret into a SealedSecret. */
  async sealObject(values: ReadonlyMap<string, Buffer>, { scope, namespace, name }: Required<Destination>) {
    const data = Object.fromEntries([...values].map(([key, value]) => [key, value.toString('base64')]));
    const input = JSON.stringify({ apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data });
    const args = ['--cert', this.#certificate, '--scope', scope, '-o', 'json'];
    const sealed: {
      metadata: { annotations?: Record<string, string> };
      spec: { encryptedData: Record<string, string> };
    } = JSON.parse(await run(this.#program, args, { input }));
    return sealed;
  }
}
