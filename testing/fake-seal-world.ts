import { createPrivateKey } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parseFlags } from '../cli/command';
import type { SealWorld } from '../gitops/seal/seal-world';
import { commandFor } from '../gitops/seal/subcommands';
import keys from '../gitops/seal/vectors/keys.throwaway.json';
import type { Platform } from '../model/platform';
import { pickPlatforms } from '../model/platforms';
import { Problem, Problems } from '../model/problem';
import { labelOf } from '../model/scope';
import { readSealed, type SealedOwner, sealedPath } from '../model/sealed';
import { serverList } from '../model/servers';
import { testPlatform as platform, type SealedPlatform } from './fixtures';
import { open } from './open-sealed';

/** A fake repository in its own folder: two servers, and a cluster whose private keys are in the vectors. */
export class FakeSealWorld {
  readonly certificates: string;
  /** Standard output of the last command. */
  readonly printed: string[] = [];
  /** Standard error of the last command. */
  readonly said: string[] = [];
  /** Secrets that commands have shown on the terminal. */
  readonly shown: string[] = [];
  /** Additional platforms. */
  others: readonly Platform[] = [];
  #changes: Partial<SealWorld> = {};

  /** @param root the repository's folder. @default - a new temporary one */
  constructor(readonly root = mkdtempSync(join(tmpdir(), 'sealing-'))) {
    this.certificates = join(root, 'platforms/certificates');
    mkdirSync(this.certificates, { recursive: true });
    for (const name of ['test-server', 'other']) mkdirSync(join(root, 'servers', name), { recursive: true });
    for (const id of ['current', 'retired', 'other-cluster']) {
      writeFileSync(join(this.certificates, `${id}.pem`), keyOf(id).certPem);
    }
  }

  /** Overrides the clock, environment, platforms and so on for the following commands. */
  with(changes: Partial<SealWorld>): this {
    this.#changes = { ...this.#changes, ...changes };
    return this;
  }

  /**
   * Runs one command line of `npm run seal --`, such as `set test-server TOKEN`. Resolves with its exit code.
   * @param stdin standard input, complete or as a stream
   * @throws whatever the command throws
   */
  async run(line: string, stdin: Buffer | string | AsyncIterable<Buffer> = ''): Promise<number> {
    this.printed.length = 0;
    this.said.length = 0;
    const args = line.split(' ').filter((arg) => arg !== '');
    const world = (isJson: boolean, name: string | undefined) => this.#world(isJson, name, stdin);
    const command = commandFor(args, world, (name) => existsSync(join(this.root, 'servers', name)));
    const { values, positionals } = parseFlags(command, args);
    return command.run(values, positionals);
  }

  /** The problems that a command line reports; empty if it succeeds. */
  async problems(line: string, stdin?: Buffer | string | AsyncIterable<Buffer>): Promise<readonly Problem[]> {
    try {
      await this.run(line, stdin);
    } catch (error) {
      if (error instanceof Problems) return error.list;
      if (error instanceof Problem) return [error];
      throw error;
    }
    return [];
  }

  #world(isJson: boolean, named: string | undefined, stdin: Buffer | string | AsyncIterable<Buffer>): SealWorld {
    const image = 'example.com/test-server:1.0.0';
    const flag = this.others.length === 0 ? '' : ' --platform fake-cluster';
    const platforms = [{ ...platform, ...this.pins(), flag }, ...this.others];
    const declared = [
      { name: 'test-server', entry: { team: 'infra', image, secrets: ['TOKEN'] } },
      { name: 'other', entry: { team: 'infra', image } },
    ];
    return {
      root: this.root,
      platforms: pickPlatforms(platforms, named),
      servers: serverList(declared, platforms),
      now: new Date('2024-02-01T12:00:00Z'),
      environment: {},
      stdin: Readable.from(typeof stdin === 'string' || Buffer.isBuffer(stdin) ? [Buffer.from(stdin)] : stdin),
      isJson,
      isTerminal: false,
      print: (text) => this.printed.push(text),
      say: (line) => this.said.push(line),
      show: (secret) => this.shown.push(secret.reveal().toString()),
      ...this.#changes,
    };
  }

  pins(): Pick<SealedPlatform, 'name' | 'certificate' | 'retiredCertificates'> & Partial<Pick<Platform, 'secrets'>> {
    return {
      name: 'fake-cluster',
      certificate: {
        file: 'platforms/certificates/current.pem',
        sha256: keyOf('current').certSha256Hex,
        isSample: false,
      },
      retiredCertificates: [
        { file: 'platforms/certificates/retired.pem', sha256: keyOf('retired').certSha256Hex, isSample: false },
      ],
    };
  }

  /** A server, for the functions that read its sealed file. */
  owner(name = 'test-server'): SealedOwner {
    const owner = { name, platform: { name: 'fake-cluster', flag: '' } };
    return { ...owner, sealedFile: sealedPath(name, owner.platform) };
  }

  /** The text of a server's sealed file. */
  text(server = 'test-server'): string {
    return readFileSync(this.sealedFile(server), 'utf8');
  }

  /** Copies a server's sealed file to `dist/`, where sealing looks for delivered values. */
  render(server = 'test-server'): void {
    const { repository, appsPath } = platform.gitops;
    const folder = join(this.root, 'dist', repository, appsPath, server);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'sealedsecret.yaml'), this.text(server));
  }

  sealedFile(server = 'test-server'): string {
    return join(this.root, this.owner(server).sealedFile);
  }

  /** Decrypts a sealed value with the keys of the vectors, as latin1; or returns why it cannot. */
  opened(key: string, server = 'test-server'): string {
    const value = readSealed(this.text(server), this.sealedFile(server), this.owner(server)).sealed.get(key);
    if (value === undefined) return 'missing';
    const privateKeys = keys.keys.map(({ privateKeyPkcs8Pem }) => createPrivateKey(privateKeyPkcs8Pem));
    const opened = open(value.ciphertext, privateKeys, labelOf(value));
    return opened.ok ? opened.plaintext.toString('latin1') : opened.why;
  }
}

/** A key pair of the vectors by its id. */
export function keyOf(id: string) {
  const key = keys.keys.find((each) => each.id === id);
  if (key === undefined) throw new Error(`the vectors have no key ${id}`);
  return key;
}
