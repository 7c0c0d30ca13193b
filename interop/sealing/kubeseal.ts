import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Destination } from '../../model/sealed';

/** The real kubeseal, with a certificate and the private key to it. */
export class Kubeseal {
  readonly #program: string;
  readonly #folder: string;

  /** @param folder a new folder for what kubeseal wants as files */
  constructor(program: string, folder: string, pair: { certPem: string; privateKeyPem: string }) {
    this.#program = program;
    this.#folder = folder;
    writeFileSync(join(folder, 'cert.pem'), pair.certPem);
    writeFileSync(join(folder, 'key.pem'), pair.privateKeyPem, { mode: 0o600 });
  }

  version(): string {
    return this.#run(['--version'], '').trim();
  }

  /** `--recovery-unseal`: the Secret inside of a SealedSecret. @throws Error with kubeseal's words when it refuses */
  unseal(sealedSecret: string): { metadata: { name: string; namespace: string }; data: Record<string, string> } {
    const args = ['--recovery-unseal', '--recovery-private-key', join(this.#folder, 'key.pem'), '-o', 'json'];
    const { metadata, data = {} } = JSON.parse(this.#run(args, sealedSecret));
    return { metadata, data };
  }

  /** `--raw`: one sealed value. */
  sealRaw(value: Buffer, { scope, namespace, name }: Destination): string {
    const file = join(this.#folder, 'value');
    writeFileSync(file, value);
    const names = ['--scope', scope, '--namespace', namespace, '--name', name];
    return this.#run(['--raw', '--cert', join(this.#folder, 'cert.pem'), ...names, '--from-file', file], '').trim();
  }

  /** A whole Secret → the SealedSecret. */
  sealObject(values: ReadonlyMap<string, Buffer>, { scope, namespace, name }: Destination) {
    const data = Object.fromEntries([...values].map(([key, value]) => [key, value.toString('base64')]));
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, data };
    const args = ['--cert', join(this.#folder, 'cert.pem'), '--scope', scope, '-o', 'json'];
    const sealed: {
      metadata: { annotations?: Record<string, string> };
      spec: { encryptedData: Record<string, string> };
    } = JSON.parse(this.#run(args, JSON.stringify(secret)));
    return sealed;
  }

  #run(args: readonly string[], input: string): string {
    const { status, stdout, stderr, error } = spawnSync(this.#program, args, {
      input,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(stderr.trim() || `kubeseal ended with ${status}`);
    return stdout;
  }
}
